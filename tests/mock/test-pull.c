/* SPDX-License-Identifier: Apache-2.0 */

/* The reading half of a broker: pulls, those that are held, offsets, queries. */

#include "broker-fixture.h"
#include "rmq-codes-private.h"
#include "rmq-pull-headers.h"

#define PUT_LAG_US (10 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  Fixture base;
  Client *other;
} PullFixture;

static void
set_up_pull (PullFixture *f, gconstpointer version)
{
  g_autoptr (GError) error = NULL;
  Fixture *base = &f->base;
  base->lab = lab_new (1);
  base->broker = rmq_mock_broker_new (
      &(RmqMockBrokerOptions){ .name = "broker-a", .profile = rmq_mock_profile_find (version) });
  base->server = rmq_mock_broker_get_server (base->broker);
  base->outages = rmq_mock_server_get_outages (base->server);
  rmq_mock_broker_add_topic (base->broker, "Orders", 4, 4, 6);
  g_autoptr (RmqEnv) env = lab_add_host (base->lab, "broker-a", NULL);
  g_assert_true (rmq_mock_broker_start (base->broker, env, "0.0.0.0:10911", &error));
  g_assert_no_error (error);
  base->client = lab_connect (base->lab, "client", rmq_mock_broker_get_address (base->broker));
  f->other = lab_connect (base->lab, "other", rmq_mock_broker_get_address (base->broker));
}

static void
tear_down_pull (PullFixture *f, gconstpointer version)
{
  client_free (f->other);
  client_free (f->base.client);
  rmq_mock_broker_free (f->base.broker);
  lab_free (f->base.lab);
}

/* remark (nullable): none */
static void
assert_says (RmqRemotingCommand *response, gint code, const char *remark)
{
  g_assert_nonnull (response);
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==, remark);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, code);
}

static void
put (PullFixture *f, const char *properties)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->base.lab, f->other, new_send ("Orders", 0, properties, "body"));
  assert_says (response, RMQ_RESPONSE_SUCCESS, NULL);
  lab_run_for (f->base.lab, PUT_LAG_US);
}

static RmqRemotingCommand *
new_queue_request (gint code)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (code);
  rmq_remoting_command_add_ext (request, "consumerGroup", "CG");
  rmq_remoting_command_add_ext (request, "topic", "Orders");
  rmq_remoting_command_add_ext (request, "queueId", "0");
  return request;
}

static RmqRemotingCommand *
new_pull (gint64 offset, gint sys_flag, const char *subscription)
{
  RmqRemotingCommand *request = new_queue_request (RMQ_REQUEST_PULL_MESSAGE);
  rmq_remoting_command_add_ext_int (request, "queueOffset", offset);
  rmq_remoting_command_add_ext_int (request, "sysFlag", sys_flag | RMQ_PULL_SYS_FLAG_SUBSCRIPTION);
  rmq_remoting_command_add_ext (request, "maxMsgNums", "32");
  rmq_remoting_command_add_ext (request, "commitOffset", "3");
  rmq_remoting_command_add_ext (request, "suspendTimeoutMillis", "15000");
  rmq_remoting_command_add_ext (request, "subscription", subscription);
  rmq_remoting_command_add_ext (request, "subVersion", "0");
  return request;
}

static void
assert_place (RmqRemotingCommand *response, gint code, const char *remark, const char *next)
{
  assert_says (response, code, remark);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "nextBeginOffset"), ==, next);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "minOffset"), ==, "0");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "suggestWhichBrokerId"), ==, "0");
}

static void
assert_pull (PullFixture *f, gint64 offset, const char *subscription, gint code, const char *remark,
             const char *next)
{
  g_autoptr (RmqRemotingCommand) response = call (&f->base, new_pull (offset, 0, subscription));
  assert_place (response, code, remark, next);
}

static gint64
ask_number (PullFixture *f, RmqRemotingCommand *request, const char *name)
{
  g_autoptr (RmqRemotingCommand) response = call (&f->base, request);
  assert_says (response, RMQ_RESPONSE_SUCCESS, NULL);
  return g_ascii_strtoll (rmq_remoting_command_get_ext (response, name), NULL, 10);
}

static gint64
get_committed (PullFixture *f)
{
  return ask_number (f, new_queue_request (RMQ_REQUEST_QUERY_CONSUMER_OFFSET), "offset");
}

static guint
count_held (PullFixture *f)
{
  RmqEnv *env = rmq_mock_server_get_env (f->base.server);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, rmq_env_now (env));
  rmq_mock_broker_fill_snapshot (f->base.broker, snapshot);
  return rmq_table_get_n_rows (rmq_snapshot_find_table (snapshot, "pullRequestTable", "broker-a"));
}

/* ---- pulls --------------------------------------------------------------- */

static void
test_places (PullFixture *f, gconstpointer version)
{
  assert_pull (f, 0, "*", RMQ_RESPONSE_PULL_NOT_FOUND, "NO_MESSAGE_IN_QUEUE", "0");
  assert_pull (f, 5, "*", RMQ_RESPONSE_PULL_OFFSET_MOVED, "NO_MESSAGE_IN_QUEUE", "0");
  put (f, NULL);
  put (f, NULL);
  assert_pull (f, 0, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "2");
  assert_pull (f, 1, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "2");
  assert_pull (f, 2, "*", RMQ_RESPONSE_PULL_NOT_FOUND, "OFFSET_OVERFLOW_ONE", "2");
  assert_pull (f, -1, "*", RMQ_RESPONSE_PULL_OFFSET_MOVED, "OFFSET_TOO_SMALL", "0");
}

static void
test_beyond_end (PullFixture *f, gconstpointer version)
{
  put (f, NULL);
  assert_pull (f, 7, "*", RMQ_RESPONSE_PULL_OFFSET_MOVED, "OFFSET_OVERFLOW_BADLY",
               g_str_equal (version, "4.5.1") ? "0" : "1");
}

static void
test_tags (PullFixture *f, gconstpointer version)
{
  put (f, "TAGS\001Aa");
  put (f, NULL);
  assert_pull (f, 0, "Aa", RMQ_RESPONSE_SUCCESS, "FOUND", "2");
  assert_pull (f, 0, "BB", RMQ_RESPONSE_SUCCESS, "FOUND", "2"); /* the same hash */
  assert_pull (f, 0, "x || Aa", RMQ_RESPONSE_SUCCESS, "FOUND", "2");
  assert_pull (f, 0, "x", RMQ_RESPONSE_PULL_RETRY_IMMEDIATELY, "NO_MATCHED_MESSAGE", "2");
}

static void
test_limit (PullFixture *f, gconstpointer version)
{
  for (guint i = 0; i < 40; i++)
    put (f, NULL);
  assert_pull (f, 0, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "32");
  assert_pull (f, 32, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "40");
}

static void
assert_commit (PullFixture *f, gint64 offset, const char *remark)
{
  RmqRemotingCommand *request = new_queue_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET);
  rmq_remoting_command_add_ext_int (request, "commitOffset", offset);
  g_autoptr (RmqRemotingCommand) response = call (&f->base, request);
  assert_says (response, RMQ_RESPONSE_SUCCESS, remark);
}

static void
test_carried_offset (PullFixture *f, gconstpointer version)
{
  put (f, NULL);
  g_autoptr (RmqRemotingCommand) response =
      call (&f->base, new_pull (0, RMQ_PULL_SYS_FLAG_COMMIT_OFFSET, "*"));
  assert_place (response, RMQ_RESPONSE_SUCCESS, "FOUND", "1");
  g_assert_cmpint (get_committed (f), ==, 3);
}

/* ---- held ---------------------------------------------------------------- */

static void
hold_one (PullFixture *f, const char *subscription)
{
  guint n_before = f->base.client->received->len;
  g_autoptr (RmqRemotingCommand) request = new_pull (0, RMQ_PULL_SYS_FLAG_SUSPEND, subscription);
  client_send (f->base.client, request);
  lab_run_for (f->base.lab, PUT_LAG_US);
  g_assert_cmpuint (f->base.client->received->len, ==, n_before);
  g_assert_cmpuint (count_held (f), ==, 1);
}

static void
assert_last (PullFixture *f, gint code, const char *remark, const char *next)
{
  GPtrArray *received = f->base.client->received;
  g_assert_cmpuint (received->len, ==, 1);
  assert_place (g_ptr_array_index (received, 0), code, remark, next);
  g_assert_cmpuint (count_held (f), ==, 0);
}

static void
test_woken (PullFixture *f, gconstpointer version)
{
  hold_one (f, "T");
  put (f, "TAGS\001U");
  g_assert_cmpuint (count_held (f), ==, 1);
  put (f, "TAGS\001T");
  assert_last (f, RMQ_RESPONSE_SUCCESS, "FOUND", "2");
}

static void
test_held_to_the_end (PullFixture *f, gconstpointer version)
{
  hold_one (f, "*");
  lab_run_for (f->base.lab, 14 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_held (f), ==, 1);
  lab_run_for (f->base.lab, 6 * G_TIME_SPAN_SECOND);
  assert_last (f, RMQ_RESPONSE_PULL_NOT_FOUND, "NO_MESSAGE_IN_QUEUE", "0");
}

static void
test_other_tags_end_the_wait (PullFixture *f, gconstpointer version)
{
  hold_one (f, "T");
  put (f, "TAGS\001U");
  lab_run_for (f->base.lab, 5 * G_TIME_SPAN_SECOND);
  assert_last (f, RMQ_RESPONSE_PULL_RETRY_IMMEDIATELY, "NO_MATCHED_MESSAGE", "1");
}

static void
test_connection_ends (PullFixture *f, gconstpointer version)
{
  hold_one (f, "*");
  rmq_connection_close (f->base.client->connection, RMQ_CLOSE_FIN);
  lab_run_for (f->base.lab, PUT_LAG_US);
  g_assert_cmpuint (count_held (f), ==, 0);
}

static void
test_kill (PullFixture *f, gconstpointer version)
{
  hold_one (f, "*");
  rmq_mock_broker_kill (f->base.broker, RMQ_CLOSE_FIN);
  lab_run_for (f->base.lab, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_held (f), ==, 0);
  g_assert_cmpuint (f->base.client->received->len, ==, 0);
}

static gint
last_recorded_answer (PullFixture *f)
{
  const RmqRequestLog *log = rmq_mock_server_get_requests (f->base.server);
  for (guint64 i = log->last; i >= log->first; i--)
    if (rmq_request_log_get (log, i)->code == RMQ_REQUEST_PULL_MESSAGE)
      return rmq_request_log_get (log, i)->answer_code;
  g_assert_not_reached ();
}

static void
test_recorded (PullFixture *f, gconstpointer version)
{
  hold_one (f, "*");
  g_assert_cmpint (last_recorded_answer (f), ==, -1);
  put (f, NULL);
  g_assert_cmpint (last_recorded_answer (f), ==, RMQ_RESPONSE_SUCCESS);
}

static void
add_outage (PullFixture *f, RmqOutageKind kind, gint code)
{
  rmq_outage_table_add (f->base.outages, &(RmqOutageRule){
                                             .kind = kind,
                                             .point = RMQ_OUTAGE_AFTER_STORE,
                                             .amount = RMQ_AMOUNT_NEXT,
                                             .n = 1,
                                             .answer_code = code,
                                             .delay_us = G_TIME_SPAN_SECOND,
                                             .request_kind = (char *)"pull",
                                             .queue_id = -1,
                                             .until_us = G_MAXINT64,
                                         });
}

static void
test_answer_dropped (PullFixture *f, gconstpointer version)
{
  add_outage (f, RMQ_OUTAGE_DROP, 0);
  hold_one (f, "*");
  put (f, NULL);
  g_assert_cmpuint (count_held (f), ==, 0);
  g_assert_cmpuint (f->base.client->received->len, ==, 0);
}

static void
test_answer_delayed (PullFixture *f, gconstpointer version)
{
  add_outage (f, RMQ_OUTAGE_DELAY, 0);
  hold_one (f, "*");
  put (f, NULL);
  g_assert_cmpuint (f->base.client->received->len, ==, 0);
  lab_run_for (f->base.lab, G_TIME_SPAN_SECOND);
  assert_last (f, RMQ_RESPONSE_SUCCESS, "FOUND", "1");
}

static void
test_answer_replaced (PullFixture *f, gconstpointer version)
{
  add_outage (f, RMQ_OUTAGE_ANSWER, RMQ_RESPONSE_SYSTEM_BUSY);
  hold_one (f, "*");
  put (f, NULL);
  g_assert_cmpuint (f->base.client->received->len, ==, 1);
  assert_says (g_ptr_array_index (f->base.client->received, 0), RMQ_RESPONSE_SYSTEM_BUSY, NULL);
}

/* ---- offsets ------------------------------------------------------------- */

static void
test_commits (PullFixture *f, gconstpointer version)
{
  assert_commit (f, 7, NULL);
  assert_commit (f, 5, NULL);
  g_assert_cmpint (get_committed (f), ==, 5);
}

static void
test_offsets_survive (PullFixture *f, gconstpointer version)
{
  assert_commit (f, 7, NULL);
  rmq_mock_broker_kill (f->base.broker, RMQ_CLOSE_FIN);
  restart (&f->base);
  g_assert_cmpint (get_committed (f), ==, 7);
  rmq_mock_broker_kill (f->base.broker, RMQ_CLOSE_FIN);
  rmq_mock_broker_forget_store (f->base.broker);
  restart (&f->base);
  g_assert_cmpint (get_committed (f), ==, 0);
}

/* An operator sends the group back to 0. */
static void
reset_group (PullFixture *f)
{
  RmqRemotingCommand *request =
      rmq_remoting_command_new_request (RMQ_REQUEST_INVOKE_BROKER_TO_RESET_OFFSET);
  rmq_remoting_command_add_ext (request, "topic", "Orders");
  rmq_remoting_command_add_ext (request, "group", "CG");
  rmq_remoting_command_add_ext (request, "timestamp", "0");
  rmq_remoting_command_add_ext (request, "isForce", "true");
  g_autoptr (RmqRemotingCommand) response = call (&f->base, request);
  assert_says (response, RMQ_RESPONSE_SUCCESS, NULL);
}

static void
test_reset (PullFixture *f, gconstpointer version)
{
  put (f, NULL);
  assert_pull (f, 0, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "1");
  reset_group (f);
  assert_commit (f, 1, "Offset has been previously reset");
  assert_pull (f, 1, "*", RMQ_RESPONSE_PULL_OFFSET_MOVED, "OFFSET_RESET", "0");
  assert_pull (f, 0, "*", RMQ_RESPONSE_SUCCESS, "FOUND", "1");
  assert_commit (f, 1, NULL);
}

static void
test_unknown_group (PullFixture *f, gconstpointer version)
{
  g_autoptr (RmqRemotingCommand) empty =
      call (&f->base, new_queue_request (RMQ_REQUEST_QUERY_CONSUMER_OFFSET));
  gboolean needs_message = g_str_equal (version, "5.3");
  assert_says (empty, needs_message ? RMQ_RESPONSE_QUERY_NOT_FOUND : RMQ_RESPONSE_SUCCESS,
               needs_message ? "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first"
                             : NULL);
  put (f, NULL);
  g_assert_cmpint (get_committed (f), ==, 0);
}

static gint64
search (PullFixture *f, gint64 timestamp_ms, const char *boundary)
{
  RmqRemotingCommand *request = new_queue_request (RMQ_REQUEST_SEARCH_OFFSET_BY_TIMESTAMP);
  rmq_remoting_command_add_ext_int (request, "timestamp", timestamp_ms);
  rmq_remoting_command_add_ext (request, "boundaryType", boundary);
  return ask_number (f, request, "offset");
}

static void
test_search (PullFixture *f, gconstpointer version)
{
  gboolean has_bounds = g_str_equal (version, "5.3");
  g_assert_cmpint (search (f, 0, "lower"), ==, 0);
  put (f, NULL);
  lab_run_for (f->base.lab, G_TIME_SPAN_SECOND);
  put (f, NULL);
  gint64 first =
      ask_number (f, new_queue_request (RMQ_REQUEST_GET_EARLIEST_MSG_STORETIME), "timestamp");
  g_assert_cmpint (search (f, first - 1, "lower"), ==, 0);
  g_assert_cmpint (search (f, first, "lower"), ==, 0);
  g_assert_cmpint (search (f, first + 1, "lower"), ==, has_bounds ? 1 : 0);
  g_assert_cmpint (search (f, first + 900, "upper"), ==, has_bounds ? 0 : 1);
  g_assert_cmpint (search (f, first + 100000, "lower"), ==, has_bounds ? 2 : 1);
}

/* ---- queries ------------------------------------------------------------- */

static RmqRemotingCommand *
query (PullFixture *f, const char *key, gint max_num)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_QUERY_MESSAGE);
  rmq_remoting_command_add_ext (request, "topic", "Orders");
  rmq_remoting_command_add_ext (request, "key", key);
  rmq_remoting_command_add_ext_int (request, "maxNum", max_num);
  rmq_remoting_command_add_ext (request, "beginTimestamp", "0");
  rmq_remoting_command_add_ext_int (request, "endTimestamp", G_MAXINT64);
  return call (&f->base, request);
}

static void
test_query (PullFixture *f, gconstpointer version)
{
  put (f, "KEYS\001k1 k2");
  put (f, "KEYS\001k2\002UNIQ_KEY\001U1");
  g_autoptr (RmqRemotingCommand) both = query (f, "k2", 32);
  g_autoptr (RmqRemotingCommand) newest = query (f, "k2", 1);
  g_autoptr (RmqRemotingCommand) unique = query (f, "U1", 32);
  g_autoptr (RmqRemotingCommand) none = query (f, "k", 32);
  assert_says (both, RMQ_RESPONSE_SUCCESS, NULL);
  assert_says (none, RMQ_RESPONSE_QUERY_NOT_FOUND,
               "can not find message, maybe time range not correct");
  GBytes *one = rmq_remoting_command_get_body (newest);
  g_assert_true (g_bytes_equal (one, rmq_remoting_command_get_body (unique)));
  g_assert_cmpuint (g_bytes_get_size (rmq_remoting_command_get_body (both)), >,
                    g_bytes_get_size (one));
}

static void
test_view (PullFixture *f, gconstpointer version)
{
  put (f, NULL);
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_VIEW_MESSAGE_BY_ID);
  rmq_remoting_command_add_ext (request, "offset", "0");
  g_autoptr (RmqRemotingCommand) found = call (&f->base, request);
  assert_says (found, RMQ_RESPONSE_SUCCESS, NULL);
  g_autoptr (RmqRemotingCommand) pulled = call (&f->base, new_pull (0, 0, "*"));
  g_assert_true (g_bytes_equal (rmq_remoting_command_get_body (found),
                                rmq_remoting_command_get_body (pulled)));
  request = rmq_remoting_command_new_request (RMQ_REQUEST_VIEW_MESSAGE_BY_ID);
  rmq_remoting_command_add_ext (request, "offset", "1");
  g_autoptr (RmqRemotingCommand) none = call (&f->base, request);
  assert_says (none, RMQ_RESPONSE_SYSTEM_ERROR, "can not find message by the offset, 1");
}

/* ---- main ---------------------------------------------------------------- */

static void
add (const char *path, const char *version, void (*test) (PullFixture *f, gconstpointer version))
{
  g_test_add (path, PullFixture, version, set_up_pull, test, tear_down_pull);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/mock/pull/4.9/an-answer-says-where-to-go-on", "4.9", test_places);
  add ("/mock/pull/4.5.1/beyond-the-end-it-starts-anew", "4.5.1", test_beyond_end);
  add ("/mock/pull/4.9/beyond-the-end-it-goes-to-the-end", "4.9", test_beyond_end);
  add ("/mock/pull/5.3/beyond-the-end-it-goes-to-the-end", "5.3", test_beyond_end);
  add ("/mock/pull/4.9/tags-are-compared-by-hash", "4.9", test_tags);
  add ("/mock/pull/4.9/32-messages-at-most", "4.9", test_limit);
  add ("/mock/pull/4.9/an-offset-travels-along", "4.9", test_carried_offset);
  add ("/mock/hold/4.9/a-message-wakes-who-wants-it", "4.9", test_woken);
  add ("/mock/hold/4.9/time-ends-it-on-the-5-s-grid", "4.9", test_held_to_the_end);
  add ("/mock/hold/4.9/other-tags-end-it-on-the-5-s-grid", "4.9", test_other_tags_end_the_wait);
  add ("/mock/hold/4.9/it-ends-with-its-connection", "4.9", test_connection_ends);
  add ("/mock/hold/4.9/it-ends-with-its-broker", "4.9", test_kill);
  add ("/mock/hold/4.9/the-request-log-has-the-late-answer", "4.9", test_recorded);
  add ("/mock/hold/4.9/an-outage-drops-the-late-answer", "4.9", test_answer_dropped);
  add ("/mock/hold/4.9/an-outage-delays-the-late-answer", "4.9", test_answer_delayed);
  add ("/mock/hold/4.9/an-outage-replaces-the-late-answer", "4.9", test_answer_replaced);
  add ("/mock/offset/4.9/a-lower-commit-is-as-good", "4.9", test_commits);
  add ("/mock/offset/4.9/commits-outlive-a-kill-but-no-empty-start", "4.9", test_offsets_survive);
  add ("/mock/offset/5.3/a-reset-group-hears-of-it-at-its-next-pull", "5.3", test_reset);
  add ("/mock/offset/4.9/an-unknown-group-begins-at-0", "4.9", test_unknown_group);
  add ("/mock/offset/5.3/an-unknown-group-begins-at-0-where-messages-are", "5.3",
       test_unknown_group);
  add ("/mock/offset/4.9/a-time-finds-the-nearest", "4.9", test_search);
  add ("/mock/offset/5.3/a-time-finds-a-bound", "5.3", test_search);
  add ("/mock/query/4.9/the-newest-are-found-by-each-key", "4.9", test_query);
  add ("/mock/query/4.9/a-message-is-found-by-its-place", "4.9", test_view);
  return g_test_run ();
}

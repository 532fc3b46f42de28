/* SPDX-License-Identifier: Apache-2.0 */

/* Request outages at the edge of a mock: kinds, points, amounts, scopes, and that each rule's
 * chance is its own. */

#include "outage-fixture.h"
#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND
#define MS G_TIME_SPAN_MILLISECOND

/* '+' for each send that was answered, '-' for each that wasn't. (transfer full) */
static char *
send_many (Fixture *f, guint n)
{
  GString *fates = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *properties = g_strdup_printf ("UNIQ_KEY\001%028X%04X", i * 77, i);
      g_string_append_c (fates, send_one (f, 0, properties) ? '+' : '-');
    }
  return g_string_free (fates, FALSE);
}

/* ---- kinds and points ---------------------------------------------------- */

static void
test_drop_after_store (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  guint64 id = rmq_outage_table_add (f->outages, &rule);
  g_assert_false (send_one (f, 0, NULL));
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
  const RmqRequestLog *requests = rmq_mock_server_get_requests (f->server);
  const RmqRequestRecord *record = rmq_request_log_get (requests, requests->last);
  g_assert_cmpstr (record->outage, ==, rule.line);
  g_assert_cmpint (record->answer_code, ==, -1);
  const RmqEvent *hit = lab_last_event (f->lab, &rmq_event_outage_hit);
  g_assert_cmpstr (hit->text, ==, rule.line);
  g_assert_cmpint (hit->fields[0], ==, (gint64)id);
  g_assert_cmpint (hit->fields[4], ==, (gint64)record->sequence);
}

static void
test_drop_before_store (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_BEFORE_STORE);
  rmq_outage_table_add (f->outages, &rule);
  g_assert_false (send_one (f, 0, NULL));
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_answer_before_store (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE);
  rule.answer_code = RMQ_RESPONSE_SYSTEM_BUSY;
  rule.remark = (char *)"[TIMEOUT_CLEAN_QUEUE]broker busy";
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_send ("Orders", 0, NULL, "x"));
  assert_answer (response, RMQ_RESPONSE_SYSTEM_BUSY, "[TIMEOUT_CLEAN_QUEUE]broker busy");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "MSG_REGION"), ==, "DefaultRegion");
  g_assert_null (rmq_remoting_command_get_ext (response, "msgId"));
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

/* An acknowledgement of nothing must look like one: a client reads its fields. */
static void
test_false_success (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE);
  rule.answer_code = RMQ_RESPONSE_SUCCESS;
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_send ("Orders", 2, NULL, "x"));
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueId"), ==, "2");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueOffset"), ==, "0");
  g_assert_cmpuint (strlen (rmq_remoting_command_get_ext (response, "msgId")), ==, 32);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_answer_after_store (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_AFTER_STORE);
  rule.answer_code = RMQ_RESPONSE_FLUSH_DISK_TIMEOUT;
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_send ("Orders", 2, NULL, "x"));
  assert_answer (response, RMQ_RESPONSE_FLUSH_DISK_TIMEOUT, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueOffset"), ==, "0");
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
}

static void
test_connection_ends (Fixture *f, gconstpointer data)
{
  RmqOutageKind kind = GPOINTER_TO_INT (data);
  RmqOutageRule rule = new_rule (kind, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_NEXT;
  rule.n = 1;
  rmq_outage_table_add (f->outages, &rule);
  g_assert_false (send_one (f, 0, NULL));
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
  g_assert_nonnull (strstr (f->client->end, kind == RMQ_OUTAGE_RESET ? "reset" : "closed"));
  g_assert_cmpuint (rmq_mock_server_get_n_connections (f->server), ==, 0);
}

static void
test_delay_is_overtaken (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DELAY, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_NEXT;
  rule.n = 1;
  rule.delay_us = 500 * MS;
  rmq_outage_table_add (f->outages, &rule);
  gint64 begin_us = rmq_sim_world_now (f->lab->world);
  for (gint i = 1; i <= 2; i++)
    {
      g_autoptr (RmqRemotingCommand) request = new_send ("Orders", i, NULL, "x");
      client_send (f->client, request);
    }
  lab_run_until (f->lab, begin_us + 400 * MS);
  g_assert_cmpuint (f->client->received->len, ==, 1);
  g_assert_cmpstr (
      rmq_remoting_command_get_ext (g_ptr_array_index (f->client->received, 0), "queueId"), ==,
      "2");
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 2);
  lab_run_until (f->lab, begin_us + 600 * MS);
  g_assert_cmpuint (f->client->received->len, ==, 2);
}

static void
test_delayed_request_is_stored_late (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DELAY, RMQ_OUTAGE_BEFORE_STORE);
  rule.delay_us = 500 * MS;
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 0, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 400 * MS);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
  lab_run_for (f->lab, 200 * MS);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
  g_assert_cmpuint (f->client->received->len, ==, 1);
}

static void
test_late_answer_of_the_dead (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DELAY, RMQ_OUTAGE_AFTER_STORE);
  rule.delay_us = 500 * MS;
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 0, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 100 * MS);
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (f->client->received->len, ==, 0);
}

/* ---- amounts ------------------------------------------------------------- */

static void
test_next (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_NEXT;
  rule.n = 2;
  rmq_outage_table_add (f->outages, &rule);
  g_autofree char *fates = send_many (f, 5);
  g_assert_cmpstr (fates, ==, "--+++");
  g_assert_cmpuint (rmq_outage_table_get_n (f->outages), ==, 0);
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_outage_on), ==, 1);
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_outage_off), ==, 1);
}

static void
test_every (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_EVERY;
  rule.n = 3;
  rmq_outage_table_add (f->outages, &rule);
  g_autofree char *fates = send_many (f, 7);
  g_assert_cmpstr (fates, ==, "++-++-+");
}

static void
test_percent (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_BEFORE_STORE);
  rule.amount = RMQ_AMOUNT_PERCENT;
  rule.n = 30;
  rmq_outage_table_add (f->outages, &rule);
  g_autofree char *fates = send_many (f, 400);
  guint n_dropped = 0;
  for (const char *fate = fates; *fate != '\0'; fate++)
    n_dropped += *fate == '-';
  g_assert_cmpuint (n_dropped, >, 85);
  g_assert_cmpuint (n_dropped, <, 155);
}

/* What a percentage of sends looks like, alone and with other rules in front of it. */
static char *
percent_fates (guint64 seed, gboolean with_others)
{
  Fixture f;
  set_up_seed (&f, seed);
  RmqOutageRule other = new_rule (RMQ_OUTAGE_DELAY, RMQ_OUTAGE_AFTER_STORE);
  other.amount = RMQ_AMOUNT_PERCENT;
  other.n = 50;
  other.request_kind = (char *)"heartbeat";
  other.line = (char *)"broker-a delay 1s 50% of heartbeat responses";
  if (with_others)
    rmq_outage_table_add (f.outages, &other);
  if (with_others)
    for (guint i = 0; i < 3; i++) /* shifts numbers and times of all that follows */
      rmq_remoting_command_unref (client_call (
          f.lab, f.client, rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_CLIENT)));
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_PERCENT;
  rule.n = 30;
  rule.line = (char *)"broker-a drop 30% of send responses";
  rmq_outage_table_add (f.outages, &rule);
  char *fates = send_many (&f, 60);
  tear_down (&f, NULL);
  return fates;
}

static void
test_streams (void)
{
  g_autofree char *alone = percent_fates (1, FALSE);
  g_autofree char *among_others = percent_fates (1, TRUE);
  g_autofree char *other_seed = percent_fates (2, FALSE);
  g_assert_cmpstr (alone, ==, among_others);
  g_assert_cmpstr (alone, !=, other_seed);
}

/* A resend of the same message is another request and draws anew. */
static void
test_resends_draw_anew (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.amount = RMQ_AMOUNT_PERCENT;
  rule.n = 50;
  rmq_outage_table_add (f->outages, &rule);
  guint n_answered = 0;
  for (guint i = 0; i < 40; i++)
    n_answered += send_one (f, 0, "UNIQ_KEY\001AAAA0001");
  g_assert_cmpuint (n_answered, >, 5);
  g_assert_cmpuint (n_answered, <, 35);
}

/* ---- scope, kind, order -------------------------------------------------- */

typedef struct
{
  const char *path;
  const char *topic, *key, *from;
  gint queue_id;
  gboolean hit;
} Scope;

/* The send: topic Orders, queue 1, KEYS "k1 k2", group PG. */
static const Scope scopes[] = {
  { "topic-matches", "Orders", NULL, NULL, -1, TRUE },
  { "other-topic-passes", "Payments", NULL, NULL, -1, FALSE },
  { "queue-matches", "Orders", NULL, NULL, 1, TRUE },
  { "other-queue-passes", "Orders", NULL, NULL, 2, FALSE },
  { "one-of-the-keys-matches", NULL, "k2", NULL, -1, TRUE },
  { "part-of-a-key-passes", NULL, "k", NULL, -1, FALSE },
  { "group-matches", NULL, NULL, "PG", -1, TRUE },
  { "other-group-passes", NULL, NULL, "PG2", -1, FALSE },
};

static void
test_scope (Fixture *f, gconstpointer data)
{
  const Scope *scope = data;
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.topic = (char *)scope->topic;
  rule.key = (char *)scope->key;
  rule.from = (char *)scope->from;
  rule.queue_id = scope->queue_id;
  rmq_outage_table_add (f->outages, &rule);
  g_assert_cmpint (send_one (f, 1, "KEYS\001k1 k2"), ==, !scope->hit);
}

static void
test_other_kinds_pass (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.request_kind = (char *)"heartbeat";
  rmq_outage_table_add (f->outages, &rule);
  g_assert_true (send_one (f, 0, NULL));
  rule.request_kind = (char *)"any";
  rmq_outage_table_add (f->outages, &rule);
  g_assert_false (send_one (f, 0, NULL));
}

static void
test_first_rule_wins (Fixture *f, gconstpointer unused)
{
  RmqOutageRule first = new_rule (RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE);
  first.answer_code = 14;
  first.amount = RMQ_AMOUNT_NEXT;
  first.n = 1;
  RmqOutageRule second = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rmq_outage_table_add (f->outages, &first);
  rmq_outage_table_add (f->outages, &second);
  g_autofree char *fates = send_many (f, 3);
  g_assert_cmpstr (fates, ==, "+--");
  g_assert_cmpuint (rmq_outage_table_get (f->outages, 0)->n_seen, ==, 2);
}

static void
test_oneway_has_no_answer_to_lose (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rmq_outage_table_add (f->outages, &rule);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 0, NULL, "x");
  rmq_remoting_command_set_oneway (request);
  client_send (f->client, request);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_outage_hit), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/outage/" path, Fixture, data, set_up, func, tear_down)
  ADD ("drop/response-is-lost-after-the-store", NULL, test_drop_after_store);
  ADD ("drop/request-is-lost-before-the-store", NULL, test_drop_before_store);
  ADD ("answer/before-the-store-nothing-is-stored", NULL, test_answer_before_store);
  ADD ("answer/false-success-looks-like-one", NULL, test_false_success);
  ADD ("answer/after-the-store-the-fields-are-real", NULL, test_answer_after_store);
  ADD ("close/fin-comes-instead-of-the-answer", GINT_TO_POINTER (RMQ_OUTAGE_CLOSE),
       test_connection_ends);
  ADD ("reset/rst-comes-instead-of-the-answer", GINT_TO_POINTER (RMQ_OUTAGE_RESET),
       test_connection_ends);
  ADD ("delay/others-overtake", NULL, test_delay_is_overtaken);
  ADD ("delay/a-late-request-is-stored-late", NULL, test_delayed_request_is_stored_late);
  ADD ("delay/the-dead-answer-nobody", NULL, test_late_answer_of_the_dead);
  ADD ("amount/next-ends-after-n", NULL, test_next);
  ADD ("amount/every-nth-is-hit", NULL, test_every);
  ADD ("amount/percent-is-about-right", NULL, test_percent);
  g_test_add_func ("/mock/outage/amount/other-lines-leave-the-draws", test_streams);
  ADD ("amount/resends-draw-anew", NULL, test_resends_draw_anew);
  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/mock/outage/scope/%s", scopes[i].path);
      g_test_add (path, Fixture, &scopes[i], set_up, test_scope, tear_down);
    }
  ADD ("kind/other-requests-pass", NULL, test_other_kinds_pass);
  ADD ("order/the-first-rule-that-wants-it-has-it", NULL, test_first_rule_wins);
  ADD ("oneway/has-no-answer-to-lose", NULL, test_oneway_has_no_answer_to_lose);
  return g_test_run ();
}

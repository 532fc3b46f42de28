/* SPDX-License-Identifier: Apache-2.0 */

/* What a broker does with a message later: delays, transactions, replies; and what its settings
 * change. A broker of a version and with settings of the test's own, one raw client. */

#include "mock-lab.h"
#include "rmq-codes-private.h"
#include "rmq-transaction-headers.h"

#define S G_TIME_SPAN_SECOND

typedef struct
{
  const char *profile;
  const char *const *settings;
} Kind;

typedef struct
{
  Lab *lab;
  RmqMockBroker *broker;
  Client *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (GError) error = NULL;
  f->lab = lab_new (1);
  RmqMockBrokerOptions options = {
    .name = "broker-a",
    .profile = rmq_mock_profile_find (kind->profile),
    .settings = kind->settings,
  };
  f->broker = rmq_mock_broker_new (&options);
  RmqEnv *env = lab_add_host (f->lab, "broker-a", "10.0.0.9");
  gboolean started = rmq_mock_broker_start (f->broker, env, "10.0.0.9:10911", &error);
  g_assert_no_error (error);
  g_assert_true (started);
  rmq_env_unref (env);
  rmq_mock_broker_add_topic (f->broker, "Orders", 4, 4, 6);
  f->client = lab_connect (f->lab, "client", rmq_mock_broker_get_address (f->broker));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  client_free (f->client);
  rmq_mock_broker_free (f->broker);
  lab_free (f->lab);
}

static RmqRemotingCommand *
call (Fixture *f, RmqRemotingCommand *request)
{
  return client_call (f->lab, f->client, request);
}

static gint
send_code (Fixture *f, const char *properties)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 1, properties, "x"));
  return rmq_remoting_command_get_code (response);
}

static gint64
count (Fixture *f, const char *topic, gint queue_id)
{
  return rmq_mock_broker_get_max_offset (f->broker, topic, queue_id);
}

static const RmqStoredMessage *
last_message (Fixture *f)
{
  return rmq_mock_broker_get_message (f->broker, rmq_mock_broker_get_n_messages (f->broker) - 1);
}

static gboolean
has_topic (Fixture *f, const char *topic)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  g_autofree char *json = rmq_snapshot_to_json (snapshot, "topicConfigTable");
  return strstr (json, topic) != NULL;
}

/* ---- delays -------------------------------------------------------------- */

static void
test_level (Fixture *f, gconstpointer data)
{
  gint64 start_us = rmq_env_now (f->client->env);
  g_assert_cmpint (send_code (f, "DELAY\0012\002TAGS\001t"), ==, 0);
  g_assert_cmpint (count (f, "SCHEDULE_TOPIC_XXXX", 1), ==, 1);
  lab_run_until (f->lab, start_us + 5 * S - 1000);
  g_assert_cmpint (count (f, "Orders", 1), ==, 0);
  lab_run_until (f->lab, start_us + 5 * S + S / 5);
  g_assert_cmpint (count (f, "Orders", 1), ==, 1);
  RmqProperties *properties = last_message (f)->properties;
  g_assert_cmpstr (rmq_properties_get (properties, "REAL_TOPIC"), ==, "Orders");
  g_assert_cmpstr (rmq_properties_get (properties, "DELAY"), ==, "2");
  g_assert_cmpstr (rmq_properties_get (properties, "TAGS"), ==, "t");
}

/* A slave learns which message of each level comes next. */
static void
test_level_offsets (Fixture *f, gconstpointer data)
{
  const char *pieces[] = { "{\"offsetTable\":{}}", "{\"offsetTable\":{1:2,2:1}}" };
  send_code (f, "DELAY\0012");
  send_code (f, "DELAY\0011");
  send_code (f, "DELAY\0011");
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (RmqRemotingCommand) response =
          call (f, rmq_remoting_command_new_request (RMQ_REQUEST_GET_ALL_DELAY_OFFSET));
      gsize size;
      const char *text = g_bytes_get_data (rmq_remoting_command_get_body (response), &size);
      g_autofree char *body = g_strndup (text, size);
      g_assert_cmpstr (body, ==, pieces[i]);
      lab_run_for (f->lab, 6 * S);
    }
}

static void
test_level_beyond (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (send_code (f, "DELAY\00199"), ==, 0);
  g_assert_cmpint (count (f, "SCHEDULE_TOPIC_XXXX", 17), ==, 1);
  g_assert_cmpstr (rmq_properties_get (last_message (f)->properties, "DELAY"), ==, "18");
}

static void
test_timer (Fixture *f, gconstpointer data)
{
  gint64 start_us = rmq_env_now (f->client->env);
  g_assert_cmpint (send_code (f, "TIMER_DELAY_SEC\0013"), ==, 0);
  g_assert_cmpint (count (f, "rmq_sys_wheel_timer", 0), ==, 1);
  lab_run_until (f->lab, start_us + S);
  g_assert_cmpint (count (f, "Orders", 1), ==, 0);
  lab_run_until (f->lab, start_us + 3 * S + S / 5);
  g_assert_cmpint (count (f, "Orders", 1), ==, 1);
  g_assert_cmpint (send_code (f, "TIMER_DELAY_SEC\001259201"), ==, 13);
  g_assert_cmpint (send_code (f, "TIMER_DELIVER_MS\0011"), ==, 0);
  g_assert_cmpint (count (f, "Orders", 1), ==, 2);
}

/* ---- transactions -------------------------------------------------------- */

static void
send_half (Fixture *f)
{
  g_assert_cmpint (send_code (f, "TRAN_MSG\001true\002PGROUP\001PG\002UNIQ_KEY\001K1"), ==, 0);
  g_assert_cmpint (count (f, "Orders", 1), ==, 0);
  g_assert_cmpint (count (f, "RMQ_SYS_TRANS_HALF_TOPIC", 0), ==, 1);
}

static RmqRemotingCommand *
end_half (Fixture *f, const char *group, gint how)
{
  const RmqStoredMessage *half = rmq_mock_broker_get_message (f->broker, 0);
  RmqEndTransactionRequestHeader header = {
    .producer_group = group,
    .tran_state_table_offset = half->queue_offset,
    .commit_log_offset = half->physical_offset,
    .commit_or_rollback = how,
  };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_END_TRANSACTION);
  rmq_header_encode (&rmq_end_transaction_request_header, RMQ_HEADER_LONG_NAMES, &header, request);
  return call (f, request);
}

static void
test_commit_twice (Fixture *f, gconstpointer data)
{
  send_half (f);
  for (gint i = 1; i <= 2; i++)
    {
      g_autoptr (RmqRemotingCommand) response = end_half (f, "PG", RMQ_TRANSACTION_COMMIT);
      assert_answer (response, 0, NULL);
      g_assert_cmpint (count (f, "Orders", 1), ==, i);
      g_assert_cmpint (count (f, "RMQ_SYS_TRANS_OP_HALF_TOPIC", 0), ==, i);
    }
}

static void
test_wrong_group (Fixture *f, gconstpointer data)
{
  send_half (f);
  g_autoptr (RmqRemotingCommand) response = end_half (f, "Other", RMQ_TRANSACTION_COMMIT);
  assert_answer (response, 1, "The producer group wrong");
  g_assert_cmpint (count (f, "Orders", 1), ==, 0);
}

static void
heartbeat (Fixture *f, Client *client)
{
  static const char text[] = "{\"clientID\":\"10.0.0.1@lab\",\"consumerDataSet\":[],"
                             "\"producerDataSet\":[{\"groupName\":\"PG\"}]}";
  g_autoptr (GBytes) body = g_bytes_new_static (text, sizeof text - 1);
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_HEART_BEAT);
  rmq_remoting_command_set_body (request, body);
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, client, request);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, 0);
}

/* The n-th request the client was sent, from 0. (nullable) */
static RmqRemotingCommand *
get_push (Client *client, guint n)
{
  for (guint i = 0; i < client->received->len; i++)
    {
      RmqRemotingCommand *command = g_ptr_array_index (client->received, i);
      if (!rmq_remoting_command_is_response (command) && n-- == 0)
        return command;
    }
  return NULL;
}

static void
test_checked_and_given_up (Fixture *f, gconstpointer data)
{
  heartbeat (f, f->client);
  g_autofree char *born = g_strdup_printf ("%" G_GINT64_FORMAT, rmq_env_wall (f->client->env));
  RmqRemotingCommand *request =
      new_send ("Orders", 1, "TRAN_MSG\001true\002PGROUP\001PG\002UNIQ_KEY\001K1", "x");
  rmq_remoting_command_add_ext (request, "g", born);
  g_autoptr (RmqRemotingCommand) sent = call (f, request);
  assert_answer (sent, 0, NULL);
  lab_run_for (f->lab, 7 * S);
  RmqRemotingCommand *first = get_push (f->client, 0);
  g_assert_nonnull (first);
  g_assert_cmpint (rmq_remoting_command_get_code (first), ==, 39);
  g_assert_cmpint (rmq_remoting_command_get_flag (first), ==, RMQ_FLAG_ONEWAY);
  g_assert_cmpstr (rmq_remoting_command_get_ext (first, "tranStateTableOffset"), ==, "1");
  g_assert_cmpstr (rmq_remoting_command_get_ext (first, "transactionId"), ==, "K1");
  lab_run_for (f->lab, 20 * S);
  g_assert_nonnull (get_push (f->client, 1));
  g_assert_null (get_push (f->client, 2)); /* transactionCheckMax */
  g_assert_cmpint (count (f, "TRANS_CHECK_MAX_TIME_TOPIC", 0), ==, 1);
}

/* Half messages or not. */
static void
test_first_round_makes_topics (Fixture *f, gconstpointer data)
{
  gint64 start_us = rmq_env_now (f->client->env);
  g_assert_false (has_topic (f, "RMQ_SYS_TRANS_OP_HALF_TOPIC"));
  lab_run_until (f->lab, start_us + 59 * S);
  g_assert_false (has_topic (f, "RMQ_SYS_TRANS_OP_HALF_TOPIC"));
  lab_run_until (f->lab, start_us + 61 * S);
  g_assert_true (has_topic (f, "RMQ_SYS_TRANS_OP_HALF_TOPIC"));
}

static void
test_ended_is_not_checked (Fixture *f, gconstpointer data)
{
  heartbeat (f, f->client);
  send_half (f);
  g_autoptr (RmqRemotingCommand) response = end_half (f, "PG", RMQ_TRANSACTION_ROLLBACK);
  assert_answer (response, 0, "not set any response code");
  lab_run_for (f->lab, 20 * S);
  g_assert_null (get_push (f->client, 0));
  g_assert_cmpint (count (f, "Orders", 1), ==, 0);
}

/* ---- replies ------------------------------------------------------------- */

static RmqRemotingCommand *
new_reply (const char *properties)
{
  g_autoptr (RmqRemotingCommand) like = new_send ("DefaultCluster_REPLY_TOPIC", 0, properties, "x");
  RmqRemotingCommand *reply = rmq_remoting_command_new_request (RMQ_REQUEST_SEND_REPLY_MESSAGE_V2);
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (like); i++)
    {
      const char *name, *value;
      rmq_remoting_command_get_ext_at (like, i, &name, &value);
      rmq_remoting_command_add_ext (reply, name, value);
    }
  rmq_remoting_command_set_body (reply, rmq_remoting_command_get_body (like));
  return reply;
}

static void
test_reply_is_pushed (Fixture *f, gconstpointer data)
{
  heartbeat (f, f->client);
  Client *replier = lab_connect (f->lab, "replier", rmq_mock_broker_get_address (f->broker));
  g_autoptr (RmqRemotingCommand) reply = new_reply ("REPLY_TO_CLIENT\00110.0.0.1@lab");
  client_send (replier, reply);
  lab_run_for (f->lab, S);
  RmqRemotingCommand *push = get_push (f->client, 0);
  g_assert_nonnull (push);
  g_assert_cmpint (rmq_remoting_command_get_code (push), ==, 326);
  g_assert_cmpuint (replier->received->len, ==, 0);
  g_autoptr (RmqRemotingCommand) taken = rmq_remoting_command_new_response (push, 0, NULL);
  rmq_connection_send (f->client->connection, taken);
  lab_run_for (f->lab, S);
  g_assert_cmpuint (replier->received->len, ==, 1);
  assert_answer (g_ptr_array_index (replier->received, 0), 0, NULL);
  g_assert_cmpint (count (f, "DefaultCluster_REPLY_TOPIC", 0), ==, 1);
  client_free (replier);
}

static void
test_reply_to_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_reply ("REPLY_TO_CLIENT\001nobody"));
  assert_answer (response, 1, "push reply message fail, channel of <nobody> not found.");
  g_autoptr (RmqRemotingCommand) nameless = call (f, new_reply ("A\001b"));
  assert_answer (nameless, 1, "reply message properties[REPLY_TO_CLIENT] is null");
}

/* ---- settings ------------------------------------------------------------ */

static void
test_no_transactions (Fixture *f, gconstpointer data)
{
  g_autoptr (RmqRemotingCommand) response =
      call (f, new_send ("Orders", 1, "TRAN_MSG\001true", "x"));
  assert_answer (response, 16, "the broker[10.0.0.9] sending transaction message is forbidden");
}

static void
test_not_yet (Fixture *f, gconstpointer data)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 1, NULL, "x"));
  assert_answer (response, 1, "broker unable to service, until 2100-01-01 00:00:00,000");
}

static void
test_slave_missing (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (send_code (f, NULL), ==, 11);
  g_assert_cmpint (send_code (f, "WAIT\001false"), ==, 0);
  g_assert_cmpint (count (f, "Orders", 1), ==, 2);
}

static void
test_slave_14 (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (send_code (f, NULL), ==, 14);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_slave_rejects (Fixture *f, gconstpointer data)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 1, NULL, "x"));
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, 2);
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==,
                   "[REJECTREQUEST]system busy, start flow control for a while");
  g_assert_null (rmq_remoting_command_get_ext (response, "MSG_REGION"));
}

static const char *const check_soon[] = { "transactionCheckInterval=3000",
                                          "transactionTimeOut=2000", "transactionCheckMax=2",
                                          NULL };
static const char *const no_transactions[] = { "rejectTransactionMessage=true", NULL };
static const char *const not_yet[] = { "startAcceptSendRequestTimeStamp=4102444800000", NULL };
static const char *const sync_master[] = { "brokerRole=SYNC_MASTER", NULL };
static const char *const slave[] = { "brokerRole=SLAVE", NULL };

static const Kind plain_4_5_1 = { "4.5.1", NULL };
static const Kind plain_4_9 = { "4.9", NULL };
static const Kind plain_5_3 = { "5.3", NULL };
static const Kind check_soon_4_9 = { "4.9", check_soon };
static const Kind no_transactions_4_9 = { "4.9", no_transactions };
static const Kind not_yet_4_9 = { "4.9", not_yet };
static const Kind sync_master_4_9 = { "4.9", sync_master };
static const Kind slave_4_5_1 = { "4.5.1", slave };
static const Kind slave_4_9 = { "4.9", slave };
static const Kind slave_5_3 = { "5.3", slave };

#define ADD(path, kind, test)                                                                      \
  g_test_add ("/mock/later/" path, Fixture, &(kind), set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("delay/4.5.1/level-2-takes-five-seconds", plain_4_5_1, test_level);
  ADD ("delay/4.9/level-2-takes-five-seconds", plain_4_9, test_level);
  ADD ("delay/5.3/level-2-takes-five-seconds", plain_5_3, test_level);
  ADD ("delay/4.9/a-slave-learns-how-far", plain_4_9, test_level_offsets);
  ADD ("delay/4.9/a-level-beyond-the-last-is-the-last", plain_4_9, test_level_beyond);
  ADD ("delay/5.3/any-time-to-the-second", plain_5_3, test_timer);
  ADD ("transaction/4.9/commit-twice-stores-twice", plain_4_9, test_commit_twice);
  ADD ("transaction/4.9/only-its-group-ends-it", plain_4_9, test_wrong_group);
  ADD ("transaction/4.9/asked-about-then-given-up", check_soon_4_9, test_checked_and_given_up);
  ADD ("transaction/4.9/the-first-round-makes-their-topics", plain_4_9,
       test_first_round_makes_topics);
  ADD ("transaction/4.9/what-has-ended-is-not-asked-about", check_soon_4_9,
       test_ended_is_not_checked);
  ADD ("reply/4.9/pushed-then-answered", plain_4_9, test_reply_is_pushed);
  ADD ("reply/4.9/a-client-that-is-not-there", plain_4_9, test_reply_to_nobody);
  ADD ("settings/4.9/no-transactions", no_transactions_4_9, test_no_transactions);
  ADD ("settings/4.9/not-before-its-time", not_yet_4_9, test_not_yet);
  ADD ("settings/4.9/sync-master-without-slave-says-11", sync_master_4_9, test_slave_missing);
  ADD ("settings/4.5.1/a-slave-says-14", slave_4_5_1, test_slave_14);
  ADD ("settings/4.9/a-slave-says-14", slave_4_9, test_slave_14);
  ADD ("settings/5.3/a-slave-rejects", slave_5_3, test_slave_rejects);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Groups at a broker: members and what they are told, locks, messages sent back; and operators, who
 * look at all that and change it. A broker of a version, two raw clients. */

#include "mock-lab.h"
#include "rmq-codes-private.h"

#define S G_TIME_SPAN_SECOND
#define MOMENT_US (5 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  Lab *lab;
  RmqMockBroker *broker;
  Client *one, *two;
} Fixture;

static void
set_up (Fixture *f, gconstpointer version)
{
  g_autoptr (GError) error = NULL;
  f->lab = lab_new (1);
  f->broker = rmq_mock_broker_new (
      &(RmqMockBrokerOptions){ .name = "broker-a", .profile = rmq_mock_profile_find (version) });
  rmq_mock_broker_add_topic (f->broker, "Orders", 1, 1, 6);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", "10.0.0.9");
  g_assert_true (rmq_mock_broker_start (f->broker, env, "10.0.0.9:10911", &error));
  g_assert_no_error (error);
  f->one = lab_connect (f->lab, "one", rmq_mock_broker_get_address (f->broker));
  f->two = lab_connect (f->lab, "two", rmq_mock_broker_get_address (f->broker));
}

static void
tear_down (Fixture *f, gconstpointer version)
{
  client_free (f->one);
  client_free (f->two);
  rmq_mock_broker_free (f->broker);
  lab_free (f->lab);
}

/* ---- talking ------------------------------------------------------------- */

static RmqRemotingCommand *
last_received (const Client *client)
{
  g_assert_cmpuint (client->received->len, >, 0);
  return g_ptr_array_index (client->received, client->received->len - 1);
}

/* remark (nullable): none */
static void
assert_says (RmqRemotingCommand *response, gint code, const char *remark)
{
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==, remark);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, code);
}

/* The last that comes within a moment; borrowed. */
static RmqRemotingCommand *
talk (Fixture *f, Client *client, RmqRemotingCommand *request)
{
  g_autoptr (RmqRemotingCommand) owned = request;
  guint n = client->received->len;
  client_send (client, owned);
  lab_run_for (f->lab, MOMENT_US);
  g_assert_cmpuint (client->received->len, >, n);
  return last_received (client);
}

static RmqRemotingCommand *new_request (gint code, const char *body, ...) G_GNUC_NULL_TERMINATED;

/* body (nullable); then names and values, NULL. */
static RmqRemotingCommand *
new_request (gint code, const char *body, ...)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (code);
  rmq_remoting_command_set_version (request, RMQ_VERSION_4_9_7);
  va_list fields;
  va_start (fields, body);
  for (const char *name; (name = va_arg (fields, const char *)) != NULL;)
    rmq_remoting_command_add_ext (request, name, va_arg (fields, const char *));
  va_end (fields);
  g_autoptr (GBytes) bytes = body != NULL ? g_bytes_new (body, strlen (body)) : NULL;
  rmq_remoting_command_set_body (request, bytes);
  return request;
}

static RmqRemotingCommand *
new_heartbeat (const char *client_id, const char *model, const char *topic)
{
  g_autofree char *body = g_strdup_printf (
      "{\"clientID\":\"%s\",\"consumerDataSet\":[{\"consumeFromWhere\":\"CONSUME_FROM_LAST_"
      "OFFSET\","
      "\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"G\",\"messageModel\":\"%s\","
      "\"subscriptionDataSet\":[{\"subString\":\"*\",\"subVersion\":1,\"topic\":\"%s\"}]}],"
      "\"producerDataSet\":[]}",
      client_id, model, topic);
  return new_request (RMQ_REQUEST_HEART_BEAT, body, NULL);
}

static void
join (Fixture *f, Client *client, const char *client_id)
{
  assert_says (talk (f, client, new_heartbeat (client_id, "CLUSTERING", "Orders")),
               RMQ_RESPONSE_SUCCESS, NULL);
}

static guint
count_received (const Client *client, gint code)
{
  guint n = 0;
  for (guint i = 0; i < client->received->len; i++)
    {
      RmqRemotingCommand *command = g_ptr_array_index (client->received, i);
      n += !rmq_remoting_command_is_response (command)
           && rmq_remoting_command_get_code (command) == code;
    }
  return n;
}

static guint
count_notices (const Client *client)
{
  return count_received (client, RMQ_REQUEST_NOTIFY_CONSUMER_IDS_CHANGED);
}

static void
assert_body (RmqRemotingCommand *response, const char *text)
{
  GBytes *body = rmq_remoting_command_get_body (response);
  g_assert_nonnull (body);
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  g_autofree char *got = g_strndup (data, size);
  g_assert_cmpstr (got, ==, text);
}

static RmqRemotingCommand *
new_member_query (void)
{
  return new_request (RMQ_REQUEST_GET_CONSUMER_LIST_BY_GROUP, NULL, "consumerGroup", "G", NULL);
}

/* ---- members ------------------------------------------------------------- */

static void
test_told_before_answer (Fixture *f, gconstpointer version)
{
  join (f, f->one, "c1");
  g_assert_cmpuint (f->one->received->len, ==, 2);
  RmqRemotingCommand *notice = g_ptr_array_index (f->one->received, 0);
  g_assert_cmpint (rmq_remoting_command_get_code (notice), ==,
                   RMQ_REQUEST_NOTIFY_CONSUMER_IDS_CHANGED);
  g_assert_cmpstr (rmq_remoting_command_get_ext (notice, "consumerGroup"), ==, "G");
  join (f, f->one, "c1");
  g_assert_cmpuint (count_notices (f->one), ==, 1);
}

static void
test_coming_and_going (Fixture *f, gconstpointer version)
{
  assert_says (talk (f, f->one, new_member_query ()), RMQ_RESPONSE_SYSTEM_ERROR,
               "no consumer for this group, G");
  join (f, f->one, "c1");
  join (f, f->two, "c2");
  g_assert_cmpuint (count_notices (f->one), ==, 2);
  assert_body (talk (f, f->one, new_member_query ()), "{\"consumerIdList\":[\"c1\",\"c2\"]}");
  rmq_connection_close (f->two->connection, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, MOMENT_US);
  g_assert_cmpuint (count_notices (f->one), ==, 3);
  assert_body (talk (f, f->one, new_member_query ()), "{\"consumerIdList\":[\"c1\"]}");
  talk (f, f->one,
        new_request (RMQ_REQUEST_UNREGISTER_CLIENT, NULL, "clientID", "c1", "consumerGroup", "G",
                     NULL));
  assert_says (talk (f, f->one, new_member_query ()), RMQ_RESPONSE_SYSTEM_ERROR,
               "no consumer for this group, G");
}

static void
add_notice_rule (Fixture *f, RmqOutageKind kind, const char *request_kind)
{
  RmqOutageRule rule = {
    .kind = kind,
    .request_kind = (char *)request_kind,
    .amount = RMQ_AMOUNT_NEXT,
    .n = 1,
    .queue_id = -1,
    .until_us = G_MAXINT64,
    .line = (char *)"broker-a drop next 1 notify requests",
  };
  rmq_outage_table_add (rmq_mock_server_get_outages (rmq_mock_broker_get_server (f->broker)),
                        &rule);
}

/* A rule for what clients ask leaves alone what the broker asks. */
static void
test_notices_by_outage (Fixture *f, gconstpointer version)
{
  add_notice_rule (f, RMQ_OUTAGE_DROP, "notify");
  join (f, f->one, "c1");
  g_assert_cmpuint (count_notices (f->one), ==, 0);
  add_notice_rule (f, RMQ_OUTAGE_DUPLICATE, "notify");
  join (f, f->two, "c2");
  g_assert_cmpuint (count_notices (f->one) + count_notices (f->two), ==, 3);
}

static void
test_silent_member (Fixture *f, gconstpointer version)
{
  join (f, f->one, "c1");
  join (f, f->two, "c2");
  for (guint i = 0; i < 4; i++)
    {
      lab_run_for (f->lab, 30 * S);
      join (f, f->one, "c1");
      talk (f, f->two, new_member_query ()); /* alive, but no heartbeat */
    }
  lab_run_for (f->lab, 10 * S);
  g_assert_cmpint (rmq_connection_get_state (f->two->connection), ==, RMQ_CONNECTION_CLOSED);
  g_assert_cmpuint (count_notices (f->one), ==, 2);
  assert_body (talk (f, f->one, new_member_query ()), "{\"consumerIdList\":[\"c1\"]}");
}

static void
test_subscriptions (Fixture *f, gconstpointer version)
{
  join (f, f->one, "c1");
  talk (f, f->one, new_heartbeat ("c1", "CLUSTERING", "Bills"));
  g_assert_cmpuint (count_notices (f->one), ==, 2);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  g_assert_cmpuint (snapshot_rows (snapshot, "consumerTable", "topic", "Bills"), ==, 1);
  g_assert_cmpuint (snapshot_rows (snapshot, "consumerTable", "topic", "Orders"), ==, 0);
  g_assert_cmpuint (snapshot_rows (snapshot, "topicConfigTable", "topic", "%RETRY%G"), ==, 1);
  g_assert_cmpint (
      snapshot_number (snapshot, "subscriptionGroupTable", "groupName", "G", "retryMaxTimes"), ==,
      16);
}

static void
test_broadcasters (Fixture *f, gconstpointer version)
{
  gboolean told = !g_str_equal (version, "5.3");
  talk (f, f->one, new_heartbeat ("c1", "BROADCASTING", "Orders"));
  g_assert_cmpuint (count_notices (f->one), ==, told ? 1 : 0);
}

/* ---- locks --------------------------------------------------------------- */

#define QUEUE "{\"brokerName\":\"broker-a\",\"queueId\":0,\"topic\":\"Orders\"}"
#define LOCKED "{\"lockOKMQSet\":[" QUEUE "]}"
#define NOT_LOCKED "{\"lockOKMQSet\":[]}"

static RmqRemotingCommand *
new_lock (gint code, const char *client_id)
{
  g_autofree char *body = g_strdup_printf (
      "{\"clientId\":\"%s\",\"consumerGroup\":\"G\",\"mqSet\":[" QUEUE "]}", client_id);
  return new_request (code, body, NULL);
}

static void
test_locks (Fixture *f, gconstpointer version)
{
  assert_body (talk (f, f->one, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c1")), LOCKED);
  lab_run_for (f->lab, 59 * S);
  assert_body (talk (f, f->two, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c2")), NOT_LOCKED);
  talk (f, f->two, new_lock (RMQ_REQUEST_UNLOCK_BATCH_MQ, "c2"));
  assert_body (talk (f, f->two, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c2")), NOT_LOCKED);
  lab_run_for (f->lab, 1 * S);
  assert_body (talk (f, f->two, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c2")), LOCKED);
  assert_body (talk (f, f->one, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c1")), NOT_LOCKED);
  talk (f, f->two, new_lock (RMQ_REQUEST_UNLOCK_BATCH_MQ, "c2"));
  assert_body (talk (f, f->one, new_lock (RMQ_REQUEST_LOCK_BATCH_MQ, "c1")), LOCKED);
}

/* ---- messages sent back -------------------------------------------------- */

static const RmqStoredMessage *
last_stored (Fixture *f)
{
  guint n = rmq_mock_broker_get_n_messages (f->broker);
  return rmq_mock_broker_get_message (f->broker, n - 1);
}

static void
send_back (Fixture *f, const char *level)
{
  g_autofree char *offset = g_strdup_printf ("%" G_GINT64_FORMAT, last_stored (f)->physical_offset);
  assert_says (talk (f, f->one,
                     new_request (RMQ_REQUEST_CONSUMER_SEND_MSG_BACK, NULL, "offset", offset,
                                  "group", "G", "delayLevel", level, "maxReconsumeTimes", "2",
                                  "originMsgId", "", "originTopic", "Orders", NULL)),
               RMQ_RESPONSE_SUCCESS, NULL);
}

static void
test_send_back (Fixture *f, gconstpointer version)
{
  talk (f, f->one, new_send ("Orders", 0, "TAGS\001t\002", "body"));
  g_autofree char *id =
      rmq_offset_msg_id_encode ("10.0.0.9:10911", last_stored (f)->physical_offset);
  send_back (f, "0"); /* level 3 */
  g_assert_cmpstr (last_stored (f)->topic, ==, "SCHEDULE_TOPIC_XXXX");
  lab_run_for (f->lab, 11 * S);
  g_assert_cmpstr (last_stored (f)->topic, ==, "%RETRY%G");
  g_assert_cmpint (last_stored (f)->reconsume_times, ==, 1);
  const RmqProperties *properties = last_stored (f)->properties;
  g_assert_cmpstr (rmq_properties_get (properties, "RETRY_TOPIC"), ==, "Orders");
  g_assert_cmpstr (rmq_properties_get (properties, "ORIGIN_MESSAGE_ID"), ==, id);
  send_back (f, "0"); /* level 4 */
  lab_run_for (f->lab, 29 * S);
  g_assert_cmpstr (last_stored (f)->topic, ==, "SCHEDULE_TOPIC_XXXX");
  lab_run_for (f->lab, 2 * S);
  g_assert_cmpstr (last_stored (f)->topic, ==, "%RETRY%G");
  g_assert_cmpint (last_stored (f)->reconsume_times, ==, 2);
}

static void
test_dead_letter (Fixture *f, gconstpointer version)
{
  talk (f, f->one, new_send ("Orders", 0, "TAGS\001t\002", "body"));
  send_back (f, "1");
  lab_run_for (f->lab, 2 * S);
  send_back (f, "1");
  lab_run_for (f->lab, 2 * S);
  send_back (f, "1");
  lab_run_for (f->lab, 2 * S);
  g_assert_cmpstr (last_stored (f)->topic, ==, "%DLQ%G");
  g_assert_cmpint (last_stored (f)->reconsume_times, ==, 3);
}

/* ---- operators ----------------------------------------------------------- */

static RmqRemotingCommand *
new_topic (const char *name)
{
  return new_request (RMQ_REQUEST_UPDATE_AND_CREATE_TOPIC, NULL, "topic", name, "defaultTopic",
                      "TBW102", "readQueueNums", "2", "writeQueueNums", "2", "perm", "6",
                      "topicFilterType", "SINGLE_TAG", "topicSysFlag", "0", "order", "false", NULL);
}

static void
test_topics (Fixture *f, gconstpointer version)
{
  const char *remark = g_str_equal (version, "4.5.1") ? NULL : "not set any response code";
  assert_says (talk (f, f->one, new_topic ("Bills")), RMQ_RESPONSE_SUCCESS, remark);
  talk (f, f->one, new_send ("Bills", 1, NULL, "body"));
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Bills", 1), ==, 1);
  assert_says (
      talk (f, f->one,
            new_request (RMQ_REQUEST_DELETE_TOPIC_IN_BROKER, NULL, "topic", "Bills", NULL)),
      RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Bills", 1), ==, 0);
  assert_says (talk (f, f->one,
                     new_request (RMQ_REQUEST_GET_TOPIC_STATS_INFO, NULL, "topic", "Bills", NULL)),
               RMQ_RESPONSE_TOPIC_NOT_EXIST, "topic[Bills] not exist");
}

static void
test_permission (Fixture *f, gconstpointer version)
{
  talk (f, f->one, new_request (RMQ_REQUEST_UPDATE_BROKER_CONFIG, "brokerPermission=4\nx=y", NULL));
  RmqRemotingCommand *config =
      talk (f, f->one, new_request (RMQ_REQUEST_GET_BROKER_CONFIG, NULL, NULL));
  g_autofree char *text =
      g_strndup (g_bytes_get_data (rmq_remoting_command_get_body (config), NULL),
                 g_bytes_get_size (rmq_remoting_command_get_body (config)));
  g_assert_nonnull (strstr (text, "brokerPermission=4\n"));
  assert_says (talk (f, f->one,
                     new_request (RMQ_REQUEST_CONSUMER_SEND_MSG_BACK, NULL, "offset", "0", "group",
                                  "G", "delayLevel", "0", NULL)),
               RMQ_RESPONSE_NO_PERMISSION, "the broker[10.0.0.9] sending message is forbidden");
}

static void
ask_for_figures (Fixture *f)
{
  g_autoptr (RmqRemotingCommand) request =
      new_request (RMQ_REQUEST_GET_CONSUMER_RUNNING_INFO, NULL, "consumerGroup", "G", "clientId",
                   "c1", "jstackEnable", "false", NULL);
  client_send (f->two, request);
  lab_run_for (f->lab, MOMENT_US);
}

static void
test_proxied_question (Fixture *f, gconstpointer version)
{
  join (f, f->one, "c1");
  ask_for_figures (f);
  RmqRemotingCommand *question = last_received (f->one);
  g_assert_cmpint (rmq_remoting_command_get_code (question), ==,
                   RMQ_REQUEST_GET_CONSUMER_RUNNING_INFO);
  g_assert_cmpuint (f->two->received->len, ==, 0);
  g_autoptr (RmqRemotingCommand) answer =
      rmq_remoting_command_new_response (question, RMQ_RESPONSE_SUCCESS, "fine");
  g_assert_true (rmq_connection_send (f->one->connection, answer));
  lab_run_for (f->lab, MOMENT_US);
  assert_says (last_received (f->two), RMQ_RESPONSE_SUCCESS, "fine");
}

static void
test_unanswered_question (Fixture *f, gconstpointer version)
{
  join (f, f->one, "c1");
  ask_for_figures (f);
  lab_run_for (f->lab, 9 * S);
  g_assert_cmpuint (f->two->received->len, ==, 0);
  lab_run_for (f->lab, 1 * S);
  RmqRemotingCommand *response = last_received (f->two);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, RMQ_RESPONSE_CONSUME_MSG_TIMEOUT);
  g_assert_true (g_str_has_prefix (rmq_remoting_command_get_remark (response),
                                   "consumer <G> <c1> Timeout: wait response on the channel"));
}

static void
test_reset (Fixture *f, gconstpointer version)
{
  gboolean by_broker = g_str_equal (version, "5.3");
  join (f, f->one, "c1");
  talk (f, f->two, new_send ("Orders", 0, NULL, "body"));
  talk (f, f->two,
        new_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, NULL, "consumerGroup", "G", "topic",
                     "Orders", "queueId", "0", "commitOffset", "1", NULL));
  RmqRemotingCommand *response =
      talk (f, f->two,
            new_request (RMQ_REQUEST_INVOKE_BROKER_TO_RESET_OFFSET, NULL, "topic", "Orders",
                         "group", "G", "timestamp", "0", "isForce", "true", NULL));
  assert_body (response, "{\"offsetTable\":{" QUEUE ":0}}");
  g_assert_cmpuint (count_received (f->one, RMQ_REQUEST_RESET_CONSUMER_CLIENT_OFFSET), ==,
                    by_broker ? 0 : 1);
  response = talk (f, f->two,
                   new_request (RMQ_REQUEST_QUERY_CONSUMER_OFFSET, NULL, "consumerGroup", "G",
                                "topic", "Orders", "queueId", "0", NULL));
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "offset"), ==, by_broker ? "0" : "1");
}

static const struct
{
  const char *claim;
  void (*test) (Fixture *f, gconstpointer version);
} cases[] = {
  { "a-member-is-told-before-its-heartbeat-is-answered", test_told_before_answer },
  { "members-are-told-who-comes-and-goes", test_coming_and_going },
  { "a-silent-member-goes-and-nobody-is-told", test_silent_member },
  { "a-notice-may-be-lost-or-come-twice", test_notices_by_outage },
  { "the-latest-heartbeat-counts-for-the-group", test_subscriptions },
  { "broadcasters-are-told-before-5.3", test_broadcasters },
  { "a-lock-is-free-after-60-s", test_locks },
  { "a-message-sent-back-comes-again-later-each-time", test_send_back },
  { "a-message-sent-back-too-often-is-dead", test_dead_letter },
  { "a-deleted-topic-begins-anew", test_topics },
  { "settings-are-obeyed-at-once", test_permission },
  { "a-question-to-a-consumer-is-passed-on", test_proxied_question },
  { "a-question-to-a-consumer-ends-after-10-s", test_unanswered_question },
  { "a-group-is-sent-back-in-time", test_reset },
};

int
main (int argc, char **argv)
{
  static const char *const versions[] = { "4.5.1", "4.9", "5.3" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (versions); j++)
      {
        g_autofree char *path = g_strdup_printf ("/mock/groups/%s/%s", versions[j], cases[i].claim);
        g_test_add (path, Fixture, versions[j], set_up, cases[i].test, tear_down);
      }
  return g_test_run ();
}

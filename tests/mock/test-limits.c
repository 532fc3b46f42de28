/* SPDX-License-Identifier: Apache-2.0 */

/* What peers may ask of a broker without ending it or growing it beyond measure: numbers nobody
 * needs, names that are missing, words about messages that only brokers write. A broker of a
 * version, one raw client. */

#include "mock-lab.h"
#include "rmq-broker-config.h"
#include "rmq-codes-private.h"
#include "rmq-consumer-offset-manager.h"
#include "rmq-message-record.h"
#include "rmq-pull-request-hold.h"

#define S G_TIME_SPAN_SECOND
#define MANY "2147483647"
#define LAST_QUEUE 2000000000

typedef struct
{
  Lab *lab;
  RmqMockBroker *broker;
  Client *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer version)
{
  g_autoptr (GError) error = NULL;
  f->lab = lab_new (1);
  f->broker = rmq_mock_broker_new (
      &(RmqMockBrokerOptions){ .name = "broker-a", .profile = rmq_mock_profile_find (version) });
  rmq_mock_broker_add_topic (f->broker, "Orders", 4, 4, 6);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", "10.0.0.9");
  g_assert_true (rmq_mock_broker_start (f->broker, env, "10.0.0.9:10911", &error));
  g_assert_no_error (error);
  f->client = lab_connect (f->lab, "client", rmq_mock_broker_get_address (f->broker));
}

static void
tear_down (Fixture *f, gconstpointer version)
{
  client_free (f->client);
  rmq_mock_broker_free (f->broker);
  lab_free (f->lab);
}

static RmqRemotingCommand *new_request (gint code, ...) G_GNUC_NULL_TERMINATED;

/* names and values, NULL */
static RmqRemotingCommand *
new_request (gint code, ...)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (code);
  rmq_remoting_command_set_version (request, RMQ_VERSION_4_9_7);
  va_list fields;
  va_start (fields, code);
  for (const char *name; (name = va_arg (fields, const char *)) != NULL;)
    rmq_remoting_command_add_ext (request, name, va_arg (fields, const char *));
  va_end (fields);
  return request;
}

static gint
call (Fixture *f, RmqRemotingCommand *request)
{
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, f->client, request);
  g_assert_nonnull (response);
  return rmq_remoting_command_get_code (response);
}

static gint
send_code (Fixture *f, const char *topic, gint queue_id, const char *properties)
{
  return call (f, new_send (topic, queue_id, properties, "x"));
}

static RmqRemotingCommand *
new_pull (const char *offset, const char *sys_flag)
{
  return new_request (RMQ_REQUEST_PULL_MESSAGE, "consumerGroup", "G", "topic", "Orders", "queueId",
                      "0", "queueOffset", offset, "maxMsgNums", "32", "sysFlag", sys_flag,
                      "commitOffset", "0", "suspendTimeoutMillis", "60000", "subscription", "*",
                      "subVersion", "0", NULL);
}

/* ---- queues without number ----------------------------------------------- */

static void
create_vast_topic (Fixture *f)
{
  gint code = call (f, new_request (RMQ_REQUEST_UPDATE_AND_CREATE_TOPIC, "topic", "Vast",
                                    "defaultTopic", "TBW102", "readQueueNums", MANY,
                                    "writeQueueNums", MANY, "perm", "6", "topicFilterType",
                                    "SINGLE_TAG", "topicSysFlag", "0", "order", "false", NULL));
  g_assert_cmpint (code, ==, RMQ_RESPONSE_SUCCESS);
}

static void
test_vast_queue_number (Fixture *f, gconstpointer version)
{
  create_vast_topic (f);
  g_assert_cmpint (send_code (f, "Vast", LAST_QUEUE, NULL), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_cmpint (send_code (f, "Vast", LAST_QUEUE, NULL), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_cmpint (send_code (f, "Vast", 7, NULL), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Vast", LAST_QUEUE), ==, 2);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Vast", 7), ==, 1);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Vast", 0), ==, 0);
}

/* The written ones and the first of the others. */
static void
test_vast_snapshot (Fixture *f, gconstpointer version)
{
  create_vast_topic (f);
  g_assert_cmpint (send_code (f, "Vast", LAST_QUEUE, NULL), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  g_assert_cmpuint (snapshot_rows (snapshot, "consumeQueueTable", "topic", "Vast"), ==, 1025);
}

static void
test_vast_figures (Fixture *f, gconstpointer version)
{
  static const gint codes[] = { RMQ_REQUEST_GET_TOPIC_STATS_INFO, RMQ_REQUEST_GET_CONSUME_STATS,
                                RMQ_REQUEST_INVOKE_BROKER_TO_RESET_OFFSET };
  create_vast_topic (f);
  call (f, new_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, "consumerGroup", "G", "topic", "Vast",
                        "queueId", "0", "commitOffset", "1", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      gint code = call (f, new_request (codes[i], "topic", "Vast", "consumerGroup", "G", "group",
                                        "G", "timestamp", "-1", "isForce", "true", NULL));
      g_assert_cmpint (code, !=, RMQ_RESPONSE_SUCCESS);
    }
}

/* ---- tables that grow ---------------------------------------------------- */

static void
test_offsets (Fixture *f, gconstpointer version)
{
  RmqConsumerOffsetManager manager = { 0 };
  rmq_consumer_offset_manager_init (&manager);
  for (gint i = RMQ_OFFSETS_MAX; i > 0; i--)
    g_assert_true (rmq_consumer_offset_manager_commit (&manager, "G", "Orders", i, 1));
  g_assert_false (rmq_consumer_offset_manager_commit (&manager, "G", "Orders", 0, 1));
  g_assert_false (rmq_consumer_offset_manager_commit (&manager, "Other", "Orders", 0, 1));
  g_assert_true (rmq_consumer_offset_manager_commit (&manager, "G", "Orders", 1, 2));
  g_assert_cmpint (rmq_consumer_offset_manager_get (&manager, "G", "Orders", 1), ==, 2);
  rmq_consumer_offset_manager_remove_group (&manager, "G");
  g_assert_true (rmq_consumer_offset_manager_commit (&manager, "Other", "Orders", 0, 1));
  rmq_consumer_offset_manager_clear (&manager);
}

static void
test_held_pulls (Fixture *f, gconstpointer version)
{
  g_assert_cmpint (send_code (f, "Orders", 0, NULL), ==, RMQ_RESPONSE_SUCCESS);
  guint n = f->client->received->len;
  for (guint i = 0; i < RMQ_HELD_PULLS_MAX; i++)
    {
      g_autoptr (RmqRemotingCommand) pull = new_pull ("1", "6");
      client_send (f->client, pull);
    }
  lab_run_for (f->lab, S);
  g_assert_cmpuint (f->client->received->len, ==, n);
  g_assert_cmpint (call (f, new_pull ("1", "6")), ==, RMQ_RESPONSE_PULL_NOT_FOUND);
  g_assert_cmpint (send_code (f, "Orders", 0, NULL), ==, RMQ_RESPONSE_SUCCESS);
}

/* ---- names that are missing ---------------------------------------------- */

static void
test_nameless_commit (Fixture *f, gconstpointer version)
{
  call (f, new_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, "queueId", "0", "commitOffset", "1",
                        NULL));
  call (f, new_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, "consumerGroup", "G", "queueId", "0",
                        "commitOffset", "1", NULL));
  call (f, new_request (RMQ_REQUEST_GET_CONSUME_STATS, "consumerGroup", "G", NULL));
  call (f, new_request (RMQ_REQUEST_QUERY_TOPIC_CONSUME_BY_WHO, "topic", "Orders", NULL));
  g_assert_cmpint (send_code (f, "Orders", 0, NULL), ==, RMQ_RESPONSE_SUCCESS);
}

/* ---- what only brokers write --------------------------------------------- */

static void
test_wheel_written_by_hand (Fixture *f, gconstpointer version)
{
  send_code (
      f, "rmq_sys_wheel_timer", 0,
      "REAL_TOPIC\001Orders\002REAL_QID\0012000000000\002TIMER_OUT_MS\0019223372036854775807");
  send_code (f, "SCHEDULE_TOPIC_XXXX", 17,
             "REAL_TOPIC\001SCHEDULE_TOPIC_XXXX\002REAL_QID\0012000000000");
  send_code (f, "Orders", 0, "DELAY\0011\002REAL_QID\001-7");
  lab_run_for (f->lab, 10 * S);
  g_assert_cmpint (send_code (f, "Orders", 0, NULL), ==, RMQ_RESPONSE_SUCCESS);
}

/* ---- settings ------------------------------------------------------------ */

static void
test_settings_that_overflow (Fixture *f, gconstpointer version)
{
  static const char *const pairs[] = { "transactionCheckInterval=9223372036854775807",
                                       "transactionTimeOut=9223372036854775807",
                                       "transactionCheckMax=9223372036854775807",
                                       "startAcceptSendRequestTimeStamp=9223372036854775807",
                                       "syncFlushTimeout=9223372036854775807",
                                       "slaveTimeout=9223372036854775807",
                                       "timerMaxDelaySec=9223372036854775807",
                                       "messageDelayLevel=1s 2147483647d" };
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (rmq_broker_setting_check_pair (pairs[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

/* ---- ends with a question pending ---------------------------------------- */

static RmqRemotingCommand *
new_reply (void)
{
  g_autoptr (RmqRemotingCommand) like =
      new_send ("DefaultCluster_REPLY_TOPIC", 0, "REPLY_TO_CLIENT\001client@lab", "x");
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

/* The client that asked was told, and says nothing. */
static void
leave_reply_pending (Fixture *f)
{
  RmqRemotingCommand *heartbeat = new_request (RMQ_REQUEST_HEART_BEAT, NULL);
  const char *text = "{\"clientID\":\"client@lab\",\"consumerDataSet\":[],"
                     "\"producerDataSet\":[{\"groupName\":\"G\"}]}";
  g_autoptr (GBytes) body = g_bytes_new_static (text, strlen (text));
  rmq_remoting_command_set_body (heartbeat, body);
  g_assert_cmpint (call (f, heartbeat), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqRemotingCommand) reply = new_reply ();
  guint n = f->client->received->len;
  client_send (f->client, reply);
  lab_run_for (f->lab, S);
  g_assert_cmpuint (f->client->received->len, ==, n + 1); /* the push alone */
}

static void
test_freed_with_reply_pending (Fixture *f, gconstpointer version)
{
  leave_reply_pending (f);
  g_clear_pointer (&f->broker, rmq_mock_broker_free);
}

static void
test_stopped_with_reply_pending (Fixture *f, gconstpointer version)
{
  leave_reply_pending (f);
  rmq_mock_broker_stop (f->broker);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_killed_with_reply_pending (Fixture *f, gconstpointer version)
{
  leave_reply_pending (f);
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

/* ---- addresses ----------------------------------------------------------- */

static void
test_zone_of_an_address (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);
  RmqProperties *properties = rmq_properties_new ();
  RmqStoredMessage message = { .topic = "Orders",
                               .body = body,
                               .properties = properties,
                               .born_host = g_ref_string_new ("[fe80::1%eth0]:5") };
  g_autoptr (GByteArray) zoned = g_byte_array_new ();
  rmq_stored_message_encode (&message, "10.0.0.9:10911", zoned);
  g_ref_string_release (message.born_host);
  message.born_host = g_ref_string_new ("[fe80::1]:5");
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  rmq_stored_message_encode (&message, "10.0.0.9:10911", plain);
  g_ref_string_release (message.born_host);
  rmq_properties_free (properties);
  g_assert_cmpmem (zoned->data, zoned->len, plain->data, plain->len);
}

/* What only looks like an address is a name: ids of messages hold the one that is listened on. */
static void
test_advertised_name (void)
{
  g_autoptr (GError) error = NULL;
  Lab *lab = lab_new (1);
  RmqMockBroker *broker =
      rmq_mock_broker_new (&(RmqMockBrokerOptions){ .name = "broker-a", .advertise = "999.1.1.1" });
  rmq_mock_broker_add_topic (broker, "Orders", 4, 4, 6);
  g_autoptr (RmqEnv) env = lab_add_host (lab, "broker-a", "10.0.0.9");
  g_assert_true (rmq_mock_broker_start (broker, env, "10.0.0.9:10911", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rmq_mock_broker_get_advertised (broker), ==, "999.1.1.1:10911");
  Client *client = lab_connect (lab, "client", "10.0.0.9:10911");
  g_autoptr (RmqRemotingCommand) response =
      client_call (lab, client, new_send ("Orders", 0, NULL, "x"));
  g_assert_true (g_str_has_prefix (rmq_remoting_command_get_ext (response, "msgId"), "0A000009"));
  g_autoptr (RmqRemotingCommand) pulled = client_call (lab, client, new_pull ("0", "4"));
  assert_answer (pulled, RMQ_RESPONSE_SUCCESS, "FOUND");
  client_free (client);
  rmq_mock_broker_free (broker);
  lab_free (lab);
}

static void
add_all_versions (void)
{
  static const char *const versions[] = { "4.5.1", "4.9", "5.3" };
  static const struct
  {
    const char *name;
    void (*test) (Fixture *f, gconstpointer version);
    guint since; /* index of the first version that has it */
  } cases[] = {
    { "a-send-to-queue-2000000000", test_vast_queue_number, 0 },
    { "a-snapshot-of-a-vast-topic", test_vast_snapshot, 0 },
    { "figures-of-a-vast-topic-are-refused", test_vast_figures, 0 },
    { "one-offset-too-many", test_offsets, 2 },
    { "one-held-pull-too-many", test_held_pulls, 0 },
    { "a-commit-without-names", test_nameless_commit, 0 },
    { "a-waiting-message-written-by-hand", test_wheel_written_by_hand, 0 },
    { "freed-while-a-reply-is-pending", test_freed_with_reply_pending, 1 },
    { "stopped-while-a-reply-is-pending", test_stopped_with_reply_pending, 1 },
    { "killed-while-a-reply-is-pending", test_killed_with_reply_pending, 1 },
    { "settings-that-overflow-are-refused", test_settings_that_overflow, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = cases[i].since; j < G_N_ELEMENTS (versions); j++)
      {
        g_autofree char *path = g_strdup_printf ("/mock/limits/%s/%s", versions[j], cases[i].name);
        g_test_add (path, Fixture, versions[j], set_up, cases[i].test, tear_down);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_all_versions ();
  g_test_add_func ("/mock/limits/a-zone-is-no-part-of-a-record", test_zone_of_an_address);
  g_test_add_func ("/mock/limits/an-advertised-name-is-no-address", test_advertised_name);
  return g_test_run ();
}

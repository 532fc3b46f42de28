/* SPDX-License-Identifier: Apache-2.0 */

/* The mock broker against spec/broker.md, in virtual time, with a name server beside it. */

#include "mock-lab.h"
#include "rmq-codes-private.h"
#include "rmq-headers.h"
#include "rmq-wire-events.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  Client *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->lab = lab_new (1);
  f->nameserver = lab_start_nameserver (f->lab, "ns1");
  f->broker = lab_start_broker (f->lab, "broker-a", f->nameserver);
  rmq_mock_broker_add_topic (f->broker, "Orders", 4, 4, 6);
  f->client = lab_connect (f->lab, "client", rmq_mock_broker_get_address (f->broker));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  client_free (f->client);
  rmq_mock_broker_free (f->broker);
  rmq_mock_nameserver_free (f->nameserver);
  lab_free (f->lab);
}

static RmqRemotingCommand *
call (Fixture *f, RmqRemotingCommand *request)
{
  return client_call (f->lab, f->client, request);
}

static gint
route_code (Fixture *f, const char *topic)
{
  Client *client = lab_connect (f->lab, "asker", rmq_mock_nameserver_get_address (f->nameserver));
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, client, new_route_query (topic));
  client_free (client);
  return rmq_remoting_command_get_code (response);
}

static void
assert_sent (RmqRemotingCommand *response, const char *queue_id, const char *queue_offset)
{
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueId"), ==, queue_id);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueOffset"), ==, queue_offset);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "MSG_REGION"), ==, "DefaultRegion");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "TRACE_ON"), ==, "true");
  g_assert_cmpuint (strlen (rmq_remoting_command_get_ext (response, "msgId")), ==, 32);
}

static void
restart (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (rmq_mock_broker_get_address (f->broker));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", ip);
  g_assert_true (rmq_mock_broker_start (f->broker, env, address, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rmq_mock_broker_get_address (f->broker), ==, address);
  client_free (f->client);
  f->client = lab_connect (f->lab, "client", address);
}

/* ---- registration --------------------------------------------------------------------- */

static void
test_registers_on_time (Fixture *f, gconstpointer unused)
{
  static const gint64 expected_s[] = { 0, 0, 10, 40, 70 }; /* the second 0: Orders was added */
  guint n = 0;
  lab_run_until (f->lab, 75 * SECOND);
  for (guint i = 0; i < f->lab->events->len; i++)
    {
      const RmqEvent *event = &g_array_index (f->lab->events, RmqEvent, i);
      if (event->kind != &rmq_event_broker_register)
        continue;
      g_assert_cmpuint (n, <, G_N_ELEMENTS (expected_s));
      g_assert_cmpint (event->at_us - expected_s[n] * SECOND, <, 50 * 1000);
      g_assert_cmpint (event->at_us, >=, expected_s[n] * SECOND);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected_s));
}

static void
test_system_topics (Fixture *f, gconstpointer unused)
{
  static const char *const topics[] = { "SELF_TEST_TOPIC",
                                        "TBW102",
                                        "BenchmarkTest",
                                        "DefaultCluster",
                                        "broker-a",
                                        "OFFSET_MOVED_EVENT",
                                        "SCHEDULE_TOPIC_XXXX",
                                        "DefaultCluster_REPLY_TOPIC" };
  for (guint i = 0; i < G_N_ELEMENTS (topics); i++)
    g_assert_cmpint (route_code (f, topics[i]), ==, RMQ_RESPONSE_SUCCESS);
}

static void
test_auto_creation (Fixture *f, gconstpointer unused)
{
  g_assert_cmpint (route_code (f, "New"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("New", 3, NULL, "x"));
  assert_sent (response, "3", "0");
  lab_run_for (f->lab, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (route_code (f, "New"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_nameserver_fill_snapshot (f->nameserver, snapshot);
  g_assert_cmpint (snapshot_number (snapshot, "topicQueueTable", "topic", "New", "writeQueueNums"),
                   ==, 4);
  g_assert_cmpint (snapshot_number (snapshot, "topicQueueTable", "topic", "New", "perm"), ==, 6);
  const RmqRequestLog *requests =
      rmq_mock_server_get_requests (rmq_mock_nameserver_get_server (f->nameserver));
  guint n_oneway = 0;
  for (guint64 i = requests->first; i <= requests->last; i++)
    n_oneway += rmq_remoting_command_is_oneway (rmq_request_log_get (requests, i)->command);
  g_assert_cmpuint (n_oneway, ==, 1); /* the whole table, as a 4.x broker announces it */
}

static void
test_template_limits_queues (Fixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *topic, *template, *asked;
    gint got;
  } rows[] = { { "T4", "TBW102", "4", 4 },
               { "T16", "TBW102", "16", 8 },
               { "T1", "TBW102", "1", 1 },
               { "T20", "DefaultCluster", "20", 16 } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      RmqRemotingCommand *request = new_send (rows[i].topic, 0, NULL, "x");
      rmq_remoting_command_add_ext (request, "c", rows[i].template);
      rmq_remoting_command_add_ext (request, "d", rows[i].asked);
      g_autoptr (RmqRemotingCommand) response = call (f, request);
      assert_sent (response, "0", "0");
    }
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (
        snapshot_number (snapshot, "topicConfigTable", "topic", rows[i].topic, "writeQueueNums"),
        ==, rows[i].got);
}

/* ---- checks --------------------------------------------------------------------------- */

typedef struct
{
  const char *path;
  const char *topic;
  gint queue_id;
  const char *default_topic; /* (nullable): TBW102 */
  gint code;
  const char *remark; /* %s: the client's address, if there is one */
} Check;

#define LONG_TOPIC                                                                                 \
  "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" \
  "t"                                                                                              \
  "tttttttttttttttttttttttttttttttttt"

static const Check send_checks[] = {
  { "blank-topic", " ", 0, NULL, 1, "The specified topic is blank." },
  { "illegal-characters", "bad topic!", 0, NULL, 1,
    "The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$" },
  { "long-topic", LONG_TOPIC, 0, NULL, 1, "The specified topic is longer than topic max length." },
  { "schedule-topic", "SCHEDULE_TOPIC_XXXX", 0, NULL, 16,
    "Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden." },
  { "self-test-topic", "SELF_TEST_TOPIC", 0, NULL, 16,
    "Sending message to topic[SELF_TEST_TOPIC] is forbidden." },
  { "no-template", "New", 0, "NoSuchDefault", 17,
    "topic[New] not exist, apply first please!\nSee http://rocketmq.apache.org/docs/faq/ for "
    "further details." },
  { "queue-out-of-range", "Orders", 99, NULL, 1,
    "request queueId[99] is illegal, TopicConfig [topicName=Orders, readQueueNums=4, "
    "writeQueueNums=4, perm=RW-, topicFilterType=SINGLE_TAG, topicSysFlag=0, order=false] "
    "Producer: %s" },
};

static void
test_check (Fixture *f, gconstpointer data)
{
  const Check *check = data;
  RmqRemotingCommand *request = new_send (check->topic, check->queue_id, NULL, "x");
  if (check->default_topic != NULL)
    rmq_remoting_command_add_ext (request, "c", check->default_topic);
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  g_autoptr (GString) remark = g_string_new (check->remark);
  g_string_replace (remark, "%s", rmq_connection_get_local_address (f->client->connection), 0);
  assert_answer (response, check->code, remark->str);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "MSG_REGION"), ==, "DefaultRegion");
  g_assert_null (rmq_remoting_command_get_ext (response, "msgId"));
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_missing_field (Fixture *f, gconstpointer unused)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_SEND_MESSAGE_V2);
  rmq_remoting_command_add_ext (request, "a", "PG");
  rmq_remoting_command_add_ext (request, "b", "Orders");
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  assert_answer (
      response, 1,
      "java.lang.NullPointerException: Cannot invoke \"java.lang.Integer.intValue()\" because the "
      "return value of \"org.apache.rocketmq.common.protocol.header.SendMessageRequestHeader."
      "getQueueId()\" is null, org.apache.rocketmq.broker.processor."
      "AbstractSendMessageProcessor.msgCheck(AbstractSendMessageProcessor.java:218)");
  g_assert_false (rmq_remoting_command_has_ext (response));
}

static void
test_malformed_number (Fixture *f, gconstpointer unused)
{
  RmqRemotingCommand *request = new_send ("Orders", 0, NULL, "x");
  rmq_remoting_command_add_ext (request, "e", "abc");
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, 1);
  g_assert_true (g_str_has_prefix (rmq_remoting_command_get_remark (response),
                                   "java.lang.NumberFormatException: For input string: \"abc\", "));
}

static void
test_sizes (Fixture *f, gconstpointer unused)
{
  static const char illegal[] =
      "the message is illegal, maybe msg body or properties length not matched. msg body length "
      "limit 4194304B, msg properties length limit 32KB.";
  g_autofree char *body = g_strnfill (4194305, 'b');
  g_autoptr (RmqRemotingCommand) too_big = call (f, new_send ("Orders", 0, NULL, body));
  assert_answer (too_big, RMQ_RESPONSE_MESSAGE_ILLEGAL, illegal);
  body[4194304] = '\0';
  g_autoptr (RmqRemotingCommand) fits = call (f, new_send ("Orders", 0, NULL, body));
  assert_sent (fits, "0", "0");
  g_autofree char *value = g_strnfill (32764, 'p');
  g_autofree char *properties = g_strconcat ("k\001", value, NULL);
  g_autoptr (RmqRemotingCommand) long_properties =
      call (f, new_send ("Orders", 0, properties, "x"));
  assert_answer (long_properties, RMQ_RESPONSE_MESSAGE_ILLEGAL, illegal);
  properties[32702] = '\0';
  g_autoptr (RmqRemotingCommand) shorter = call (f, new_send ("Orders", 0, properties, "x"));
  assert_sent (shorter, "0", "1");
}

static void
test_half_message_is_refused (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response =
      call (f, new_send ("Orders", 0, "TRAN_MSG\001true", "x"));
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, RMQ_RESPONSE_NO_PERMISSION);
  g_assert_nonnull (strstr (rmq_remoting_command_get_remark (response),
                            "] sending transaction message is forbidden"));
}

static void
test_unknown_code (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response = call (f, rmq_remoting_command_new_request (9999));
  assert_answer (response, RMQ_RESPONSE_REQUEST_CODE_NOT_SUPPORTED,
                 " request type 9999 not supported");
}

/* ---- storing -------------------------------------------------------------------------- */

static void
test_offsets (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) first = call (f, new_send ("Orders", 1, "UNIQ_KEY\001K1", "one"));
  g_autoptr (RmqRemotingCommand) second = call (f, new_send ("Orders", 1, NULL, "two"));
  g_autoptr (RmqRemotingCommand) other = call (f, new_send ("Orders", 2, NULL, "three"));
  assert_sent (first, "1", "0");
  assert_sent (second, "1", "1");
  assert_sent (other, "2", "0");
  g_autofree char *address = NULL;
  gint64 position;
  g_assert_true (rmq_offset_msg_id_decode (rmq_remoting_command_get_ext (second, "msgId"), &address,
                                           &position, NULL));
  g_assert_cmpstr (address, ==, rmq_mock_broker_get_address (f->broker));
  /* 91 + "one" + "Orders" + "UNIQ_KEY=K1 CLUSTER=DefaultCluster" */
  g_assert_cmpint (position, ==, 91 + 3 + 6 + 11 + 1 + 22);
  const RmqStoredMessage *message = rmq_mock_broker_get_message (f->broker, 0);
  g_assert_cmpstr (message->topic, ==, "Orders");
  g_assert_cmpstr (message->born_host, ==,
                   rmq_connection_get_local_address (f->client->connection));
  g_assert_cmpstr (rmq_properties_get (message->properties, "CLUSTER"), ==, "DefaultCluster");
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_stored);
  g_assert_cmpstr (event->text, ==, "broker-a Orders");
  g_assert_cmpint (event->fields[0], ==, 2);
  g_assert_cmpint (event->fields[2], ==, 2);
  g_assert_cmpint (event->fields[3], ==, 0);
}

static void
test_negative_queue (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", -7, NULL, "x"));
      assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
    }
  for (gint queue = 0; queue < 4; queue++)
    g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Orders", queue), >, 0);
}

static void
test_permissions_are_not_asked (Fixture *f, gconstpointer unused)
{
  rmq_mock_broker_add_topic (f->broker, "Wide", 2, 4, RMQ_PERM_READ);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Wide", 3, NULL, "x"));
  assert_sent (response, "3", "0"); /* between write and read count, on a read-only topic */
}

static void
test_oneway (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 0, NULL, "x");
  rmq_remoting_command_set_oneway (request);
  client_send (f->client, request);
  g_autoptr (RmqRemotingCommand) bad = new_send ("Orders", 99, NULL, "x");
  rmq_remoting_command_set_oneway (bad);
  client_send (f->client, bad);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (f->client->received->len, ==, 0);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
}

static RmqRemotingCommand *
new_batch (guint n, const char *properties)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) one = g_bytes_new_static ("inner", 5);
  for (guint i = 0; i < n; i++)
    rmq_batch_encode (bytes, 0, one, properties);
  RmqRemotingCommand *request = new_send ("Orders", 1, "WAIT\001true", "");
  rmq_remoting_command_add_ext (request, "m", "true");
  g_autoptr (GBytes) body = g_bytes_new (bytes->data, bytes->len);
  rmq_remoting_command_set_body (request, body);
  return request;
}

static void
test_batch (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_batch (3, "TAGS\001a"));
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_auto (GStrv) ids = g_strsplit (rmq_remoting_command_get_ext (response, "msgId"), ",", -1);
  g_assert_cmpuint (g_strv_length (ids), ==, 3);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueOffset"), ==, "0");
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Orders", 1), ==, 3);
  const RmqStoredMessage *message = rmq_mock_broker_get_message (f->broker, 2);
  g_assert_cmpstr (rmq_properties_get (message->properties, "CLUSTER"), ==, "DefaultCluster");
  g_assert_cmpstr (rmq_properties_get (message->properties, "TAGS"), ==, "a");
}

static void
test_broken_batch (Fixture *f, gconstpointer unused)
{
  RmqRemotingCommand *request = new_batch (2, NULL);
  GBytes *whole = rmq_remoting_command_get_body (request);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, g_bytes_get_size (whole) - 3);
  rmq_remoting_command_set_body (request, cut);
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, RMQ_RESPONSE_SYSTEM_ERROR);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
}

static void
test_delayed_message_waits (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 1, "DELAY\00199", "x"));
  assert_sent (response, "1", "0"); /* the queue that was asked for */
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "SCHEDULE_TOPIC_XXXX", 17), ==, 1);
  const RmqStoredMessage *message = rmq_mock_broker_get_message (f->broker, 0);
  g_assert_cmpstr (rmq_properties_get (message->properties, "REAL_TOPIC"), ==, "Orders");
  g_assert_cmpstr (rmq_properties_get (message->properties, "REAL_QID"), ==, "1");
}

/* ---- clients -------------------------------------------------------------------------- */

static guint
count_group (Fixture *f, const char *group)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  return snapshot_rows (snapshot, "groupChannelTable", "group", group);
}

static void
heartbeat (Fixture *f, Client *client)
{
  g_autoptr (RmqHeartbeatData) data = rmq_heartbeat_data_new ("127.0.0.1@prod");
  g_ptr_array_add (data->producer_groups, g_strdup ("PG"));
  g_ptr_array_add (data->producer_groups, g_strdup (RMQ_CLIENT_INNER_PRODUCER));
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_HEART_BEAT);
  g_autoptr (GBytes) body = rmq_heartbeat_data_encode (data);
  rmq_remoting_command_set_body (request, body);
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, client, request);
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_false (rmq_remoting_command_has_ext (response));
}

static void
test_heartbeat_and_goodbye (Fixture *f, gconstpointer unused)
{
  heartbeat (f, f->client);
  heartbeat (f, f->client);
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  RmqUnregisterClientRequestHeader header = { .client_id = "127.0.0.1@prod",
                                              .producer_group = "PG" };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_CLIENT);
  rmq_header_encode (&rmq_unregister_client_request_header, RMQ_HEADER_LONG_NAMES, &header,
                     request);
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
  g_assert_cmpuint (count_group (f, RMQ_CLIENT_INNER_PRODUCER), ==, 1);
}

static void
test_client_goes_with_its_connection (Fixture *f, gconstpointer unused)
{
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  heartbeat (f, other);
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  client_free (other);
  lab_run_for (f->lab, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
}

static void
test_silent_client_is_dropped (Fixture *f, gconstpointer unused)
{
  heartbeat (f, f->client);
  for (guint i = 1; i <= 12; i++) /* traffic, but no heartbeat */
    {
      lab_run_until (f->lab, i * 10 * SECOND);
      rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
    }
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  lab_run_until (f->lab, 131 * SECOND);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
  g_assert_nonnull (f->client->end);
}

/* ---- life ----------------------------------------------------------------------------- */

static void
test_kill_keeps_the_store (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_remoting_command_unref (call (f, new_send ("Made", 0, NULL, "x")));
  rmq_mock_broker_kill (f->broker);
  lab_run_for (f->lab, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_nonnull (f->client->end);
  restart (f);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_cmpint (route_code (f, "Made"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "1");
  lab_run_for (f->lab, 100 * SECOND); /* the dead host's timers stay silent */
}

static void
test_start_empty_forgets (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_remoting_command_unref (call (f, new_send ("Made", 0, NULL, "x")));
  rmq_mock_broker_kill (f->broker);
  rmq_mock_broker_forget_store (f->broker);
  lab_run_for (f->lab, SECOND);
  restart (f);
  g_assert_cmpint (route_code (f, "Made"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "0");
}

/* 4.9: refuses at once, the name server hears of it 3.7 s later. */
static void
test_stop (Fixture *f, gconstpointer unused)
{
  gint64 stopped_us = rmq_sim_world_now (f->lab->world);
  rmq_mock_broker_stop (f->broker);
  lab_run_for (f->lab, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_nonnull (f->client->end);
  Client *late = lab_connect (f->lab, "late", rmq_mock_broker_get_address (f->broker));
  g_assert_nonnull (late->end);
  client_free (late);
  lab_run_until (f->lab, stopped_us + 3600 * 1000);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  lab_run_until (f->lab, stopped_us + 3800 * 1000);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_broker_unregister), ==, 1);
  restart (f);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

static void
test_survives_its_name_server (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (rmq_mock_nameserver_get_address (f->nameserver));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  lab_run_until (f->lab, 15 * SECOND);
  rmq_mock_nameserver_kill (f->nameserver);
  lab_run_until (f->lab, 45 * SECOND); /* one registration is refused */
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "ns1", ip);
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, env, address, &error));
  lab_run_until (f->lab, 69 * SECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  lab_run_until (f->lab, 71 * SECOND);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

static void
test_reset (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_mock_nameserver_reset (f->nameserver);
  rmq_mock_broker_reset (f->broker);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_assert_cmpint (route_code (f, "TBW102"), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_null (f->client->end); /* connections stay */
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "0");
}

static void
test_garbage_closes (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) preface = g_bytes_new_static ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  rmq_connection_send_raw (other->connection, preface);
  lab_run_for (f->lab, SECOND);
  g_assert_nonnull (other->end);
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_bad_frame);
  g_assert_nonnull (strstr (event->text, "HTTP/2"));
  client_free (other);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "x"));
  assert_sent (response, "0", "0"); /* the others never notice */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/broker/" path, Fixture, data, set_up, func, tear_down)
  ADD ("register/4.9/at-0-10-40-70", NULL, test_registers_on_time);
  ADD ("register/4.9/system-topics-are-routed", NULL, test_system_topics);
  ADD ("topic/4.9/a-send-creates-it-and-it-is-routed", NULL, test_auto_creation);
  ADD ("topic/4.9/the-template-limits-its-queues", NULL, test_template_limits_queues);
  for (guint i = 0; i < G_N_ELEMENTS (send_checks); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/mock/broker/check/4.9/%s-is-refused", send_checks[i].path);
      g_test_add (path, Fixture, &send_checks[i], set_up, test_check, tear_down);
    }
  ADD ("check/4.9/missing-field-is-a-null-pointer", NULL, test_missing_field);
  ADD ("check/4.9/malformed-number-is-an-exception", NULL, test_malformed_number);
  ADD ("check/4.9/body-and-properties-have-limits", NULL, test_sizes);
  ADD ("check/4.9/half-message-is-refused", NULL, test_half_message_is_refused);
  ADD ("unknown-code/4.9/is-answered-with-3", NULL, test_unknown_code);
  ADD ("store/offsets-and-log-positions-are-those-of-records", NULL, test_offsets);
  ADD ("store/4.9/negative-queue-is-spread", NULL, test_negative_queue);
  ADD ("store/4.9/permissions-are-not-asked", NULL, test_permissions_are_not_asked);
  ADD ("store/oneway-is-stored-and-never-answered", NULL, test_oneway);
  ADD ("store/batch-is-stored-in-one-queue", NULL, test_batch);
  ADD ("store/broken-batch-stores-nothing", NULL, test_broken_batch);
  ADD ("store/4.9/delayed-message-waits-in-the-schedule-topic", NULL, test_delayed_message_waits);
  ADD ("client/heartbeat-adds-goodbye-removes", NULL, test_heartbeat_and_goodbye);
  ADD ("client/goes-with-its-connection", NULL, test_client_goes_with_its_connection);
  ADD ("client/4.9/silent-for-120-s-is-dropped", NULL, test_silent_client_is_dropped);
  ADD ("life/kill-keeps-the-store", NULL, test_kill_keeps_the_store);
  ADD ("life/start-empty-forgets", NULL, test_start_empty_forgets);
  ADD ("life/4.9/stop-refuses-at-once-and-unregisters-later", NULL, test_stop);
  ADD ("life/4.9/a-restarted-name-server-waits-for-the-tick", NULL, test_survives_its_name_server);
  ADD ("life/reset-forgets-and-keeps-connections", NULL, test_reset);
  ADD ("life/garbage-ends-one-connection-only", NULL, test_garbage_closes);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Sends to the mock broker against spec/broker.md: checks, codes, remarks, offsets. */

#include "broker-fixture.h"
#include "rmq-codes-private.h"
#include "rmq-headers.h"
#include "rmq-unsupported.h"

/* ---- checks -------------------------------------------------------------- */

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
test_half_message (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response =
      call (f, new_send ("Orders", 2, "TRAN_MSG\001true", "x"));
  assert_sent (response, "2", "0");
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "Orders", 2), ==, 0);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->broker, "RMQ_SYS_TRANS_HALF_TOPIC", 0), ==,
                   1);
}

static void
test_unknown_code (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response = call (f, rmq_remoting_command_new_request (9999));
  assert_answer (response, RMQ_RESPONSE_REQUEST_CODE_NOT_SUPPORTED,
                 " request type 9999 not supported");
}

/* Every code has a processor or a row on the list, and none has both. */
static void
test_unsupported_is_a_list (Fixture *f, gconstpointer unused)
{
  guint n_processors;
  const RmqProcessor *processors = rmq_mock_broker_get_processors (&n_processors);
  g_autoptr (GPtrArray) none = rmq_unsupported_list (RMQ_ROLE_BROKER, NULL, 0);
  g_autoptr (GPtrArray) list = rmq_unsupported_list (RMQ_ROLE_BROKER, processors, n_processors);
  g_assert_cmpuint (list->len, ==, none->len - n_processors);
  const RmqKnownFeature *first = g_ptr_array_index (list, 0);
  g_autoptr (RmqRemotingCommand) response =
      call (f, rmq_remoting_command_new_request (first->code));
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==,
                   RMQ_RESPONSE_REQUEST_CODE_NOT_SUPPORTED);
}

/* ---- storing ------------------------------------------------------------- */

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
  lab_run_for (f->lab, G_TIME_SPAN_SECOND);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/broker/" path, Fixture, data, set_up, func, tear_down)
  for (guint i = 0; i < G_N_ELEMENTS (send_checks); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/mock/broker/check/4.9/%s-is-refused", send_checks[i].path);
      g_test_add (path, Fixture, &send_checks[i], set_up, test_check, tear_down);
    }
  ADD ("check/4.9/missing-field-is-a-null-pointer", NULL, test_missing_field);
  ADD ("check/4.9/malformed-number-is-an-exception", NULL, test_malformed_number);
  ADD ("check/4.9/body-and-properties-have-limits", NULL, test_sizes);
  ADD ("send/half-message-goes-to-the-half-topic", NULL, test_half_message);
  ADD ("unknown-code/4.9/is-answered-with-3", NULL, test_unknown_code);
  ADD ("unknown-code/what-is-unsupported-is-a-list", NULL, test_unsupported_is_a_list);
  ADD ("store/offsets-and-log-positions-are-those-of-records", NULL, test_offsets);
  ADD ("store/4.9/negative-queue-is-spread", NULL, test_negative_queue);
  ADD ("store/4.9/permissions-are-not-asked", NULL, test_permissions_are_not_asked);
  ADD ("store/oneway-is-stored-and-never-answered", NULL, test_oneway);
  ADD ("store/batch-is-stored-in-one-queue", NULL, test_batch);
  ADD ("store/broken-batch-stores-nothing", NULL, test_broken_batch);
  ADD ("store/4.9/delayed-message-waits-in-the-schedule-topic", NULL, test_delayed_message_waits);
  return g_test_run ();
}

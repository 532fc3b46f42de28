/* SPDX-License-Identifier: Apache-2.0 */

/* What a broker checks before it takes a message, in the order of SendMessageProcessor: each a row
 * of one table, versions differ by their profile. On the broker's loop, owner only. It never looks
 * at outages and never asks a topic whether it may be written: a real broker doesn't either, only
 * routes make producers stop. */

#include "rmq-send-private.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-mock-events.h"
#include "rmq-topic-route-data.h"
#include "rmq-wire-text.h"

#define RANDOM_QUEUE_RANGE 99999999 /* Java: abs (nextInt () % 99999999) */
#define DEAD_LETTER_PREFIX "%DLQ%"
#define RETRY_TIMES_MAX 16      /* of a group nobody configured */
#define RETRY_LIMIT_VERSION 121 /* from this client version on, the header knows the limit */

/* ---- header -------------------------------------------------------------- */

static const char *
get_text (const RmqSend *send, const RmqHeaderField *field)
{
  return rmq_remoting_command_get_ext (
      send->request, send->spelling == RMQ_HEADER_LETTERS ? field->letter : field->name);
}

static gboolean
is_number (const RmqHeaderField *field)
{
  return field->kind == RMQ_FIELD_INT || field->kind == RMQ_FIELD_LONG;
}

static gboolean
parses (const RmqHeaderField *field, const char *text)
{
  gint64 number;
  gboolean is_int = field->kind == RMQ_FIELD_INT;
  return rmq_decimal_parse (text, is_int ? G_MININT32 : G_MININT64,
                            is_int ? G_MAXINT32 : G_MAXINT64, &number);
}

static gboolean
throw_number_format (RmqSend *send, const char *text)
{
  return rmq_send_throw_java (send,
                              "java.lang.NumberFormatException: For input string: \"%s\", "
                              "java.lang.NumberFormatException.forInputString"
                              "(NumberFormatException.java:67)",
                              text);
}

/* The fast decoder of letters throws; the one for long names logs and leaves the field null. */
static gboolean
check_numbers_parse (RmqSend *send)
{
  if (send->header_is_whole || !send->profile->letters_throw
      || send->spelling == RMQ_HEADER_LONG_NAMES)
    return TRUE;
  const RmqHeaderTable *table = &rmq_send_message_request_header;
  for (guint i = 0; i < table->n_fields; i++)
    {
      const char *text = is_number (&table->fields[i]) ? get_text (send, &table->fields[i]) : NULL;
      if (text != NULL && !parses (&table->fields[i], text))
        return throw_number_format (send, text);
    }
  return TRUE;
}

static const RmqHeaderField *
find_field (const char *name)
{
  const RmqHeaderTable *table = &rmq_send_message_request_header;
  for (guint i = 0; i < table->n_fields; i++)
    if (g_str_equal (table->fields[i].name, name))
      return &table->fields[i];
  g_assert_not_reached ();
}

/* A number that is missing or doesn't parse is null, and an exception where it is needed. */
static gboolean
needs_number (RmqSend *send, const char *name)
{
  if (send->header_is_whole)
    return TRUE;
  const RmqHeaderField *field = find_field (name);
  const char *text = get_text (send, field);
  if (text != NULL && parses (field, text))
    return TRUE;
  g_autofree char *getter = g_strdup_printf ("get%c%s", g_ascii_toupper (name[0]), name + 1);
  return rmq_send_throw_null (
      send, field->kind == RMQ_FIELD_INT ? "Integer.intValue" : "Long.longValue", getter);
}

/* ---- checks on the broker ------------------------------------------------ */

static gboolean
check_not_rejected (RmqSend *send)
{
  if (!send->profile->slave_rejects || !rmq_broker_config_is_slave (&send->broker->config))
    return TRUE;
  send->refusal = rmq_mock_broker_reject (send->request);
  return FALSE;
}

/* Java's hash map is hot code: an exception of its own has neither message nor place. */
static gboolean
throw_null_key (RmqSend *send)
{
  return rmq_send_throw_java (send, "java.lang.NullPointerException");
}

/* A broker that traces reads body and birth time before it checks anything. */
static gboolean
check_traceable (RmqSend *send)
{
  if (!send->profile->traces_first)
    return TRUE;
  if (send->header.topic == NULL && !send->is_reply)
    return throw_null_key (send);
  if (rmq_remoting_command_get_body (send->request) == NULL)
    return rmq_send_throw_java (send,
                                "java.lang.NullPointerException: Cannot read the array length "
                                "because the return value of \"org.apache.rocketmq.remoting."
                                "protocol.RemotingCommand.getBody()\" is null, "
                                "org.apache.rocketmq.broker.processor.AbstractSendMessageProcessor."
                                "buildMsgContext(AbstractSendMessageProcessor.java:356)");
  return needs_number (send, "bornTimestamp");
}

static char *
format_java_time (RmqEnv *env, gint64 ms)
{
  g_autoptr (GDateTime) at =
      g_date_time_new_from_unix_utc (ms / 1000 + rmq_env_get_utc_offset_s (env));
  g_autofree char *seconds = at != NULL ? g_date_time_format (at, "%Y-%m-%d %H:%M:%S") : NULL;
  return g_strdup_printf ("%s,%03d", seconds != NULL ? seconds : "", (gint)(ms % 1000));
}

static gboolean
check_open (RmqSend *send)
{
  RmqEnv *env = rmq_mock_server_get_env (send->broker->server);
  gint64 from_ms = send->broker->config.accept_sends_from_ms;
  if (rmq_env_wall (env) >= from_ms)
    return TRUE;
  g_autofree char *text = format_java_time (env, from_ms);
  return rmq_send_refuse (send, RMQ_RESPONSE_SYSTEM_ERROR, "broker unable to service, until %s",
                          text);
}

static gboolean
refuse_forbidden (RmqSend *send, const char *what)
{
  const char *address = send->broker->address;
  return rmq_send_refuse (send, RMQ_RESPONSE_NO_PERMISSION,
                          "the broker[%.*s] sending %s is forbidden", (gint)strcspn (address, ":"),
                          address, what);
}

/* A broker without the right to be written refuses order topics only. */
static gboolean
check_broker_writable (RmqSend *send)
{
  if (send->broker->config.broker_permission & RMQ_PERM_WRITE || send->header.topic == NULL)
    return TRUE;
  const RmqTopicConfig *topic =
      rmq_topic_config_manager_get (send->broker->topics, send->header.topic);
  return topic == NULL || !topic->order || refuse_forbidden (send, "message");
}

/* ---- checks on topic and queue ------------------------------------------- */

static gboolean
check_topic_name (RmqSend *send)
{
  if (send->profile->checks_name)
    {
      const char *complaint = rmq_topic_name_complain (send->header.topic);
      return complaint == NULL
             || rmq_send_refuse (send, send->profile->bad_argument_code, "%s", complaint);
    }
  return send->header.topic != NULL
         || rmq_send_throw_java (send, "java.lang.NullPointerException: Cannot invoke "
                                       "\"String.equals(Object)\" because \"topic\" is null, "
                                       "org.apache.rocketmq.broker.topic.TopicConfigManager."
                                       "isTopicCanSendMessage(TopicConfigManager.java:159)");
}

static gboolean
check_topic_allowed (RmqSend *send)
{
  const char *topic = send->header.topic;
  if (send->profile->refuses_tbw102)
    return !g_str_equal (topic, RMQ_TBW102)
           || rmq_send_refuse (send, RMQ_RESPONSE_SYSTEM_ERROR,
                               "the topic[%s] is conflict with system reserved words.", topic);
  return !rmq_topic_is_forbidden (topic)
         || rmq_send_refuse (send, RMQ_RESPONSE_NO_PERMISSION,
                             "Sending message to topic[%s] is forbidden.", topic);
}

static gboolean
create_topic (RmqSend *send)
{
  RmqMockBroker *broker = send->broker;
  RmqEnv *env = rmq_mock_server_get_env (broker->server);
  if (!needs_number (send, "defaultTopicQueueNums"))
    return FALSE;
  if (send->header.default_topic == NULL)
    return throw_null_key (send);
  gboolean is_retry = g_str_has_prefix (send->header.topic, RMQ_RETRY_PREFIX);
  RmqTopicTemplate template = {
    .topic = send->header.default_topic,
    .queue_nums = send->header.default_topic_queue_nums,
    .auto_create = broker->config.auto_create_topic,
    .sys_flag = !send->header.unit_mode ? 0
                : is_retry              ? RMQ_TOPIC_SYS_FLAG_UNIT_SUB
                                        : RMQ_TOPIC_SYS_FLAG_UNIT,
  };
  send->topic = rmq_topic_config_manager_create_by_send (broker->topics, send->header.topic,
                                                         &template, rmq_env_wall (env));
  if (send->topic != NULL)
    rmq_mock_broker_announce_topic (broker, send->topic);
  return TRUE;
}

static gboolean
find_topic (RmqSend *send)
{
  send->topic = rmq_topic_config_manager_get (send->broker->topics, send->header.topic);
  if (send->topic == NULL && !create_topic (send))
    return FALSE;
  return send->topic != NULL
         || rmq_send_refuse (
             send, RMQ_RESPONSE_TOPIC_NOT_EXIST,
             "topic[%s] not exist, apply first please!\nSee %s for further details.",
             send->header.topic, send->broker->profile->faq_url);
}

static gboolean
check_queue_id (RmqSend *send)
{
  if (!needs_number (send, "queueId"))
    return FALSE;
  gint limit = MAX (send->topic->write_queue_nums, send->topic->read_queue_nums);
  if (send->header.queue_id < limit)
    return TRUE;
  g_autofree char *topic = rmq_topic_config_describe (send->topic, send->profile->shows_attributes);
  return rmq_send_refuse (send, send->profile->bad_argument_code,
                          "request queueId[%d] is illegal, %s Producer: %s", send->header.queue_id,
                          topic, rmq_connection_get_peer_address (send->connection));
}

/* A queue below 0 leaves the choice to the broker. */
static gboolean
choose_queue (RmqSend *send)
{
  send->queue_id = send->header.queue_id;
  if (send->queue_id >= 0)
    return TRUE;
  if (send->topic->write_queue_nums == 0)
    return rmq_send_throw_java (send,
                                "java.lang.ArithmeticException: / by zero, "
                                "org.apache.rocketmq.broker.processor.AbstractSendMessageProcessor."
                                "randomQueueId(AbstractSendMessageProcessor.java:138)");
  guint64 draw = rmq_random_below (&send->broker->queue_stream, RANDOM_QUEUE_RANGE);
  send->queue_id = (gint)(draw % (guint64)send->topic->write_queue_nums);
  return TRUE;
}

/* ---- checks on batches and retries --------------------------------------- */

static gboolean
check_batch_topic (RmqSend *send)
{
  const char *topic = send->header.topic;
  if (!send->header.batch)
    return TRUE;
  if (rmq_remoting_command_get_body (send->request) == NULL)
    return rmq_send_throw_java (send,
                                "java.lang.NullPointerException: Cannot read the array length "
                                "because \"array\" is null, "
                                "java.nio.ByteBuffer.wrap(ByteBuffer.java:430)");
  if (strlen (topic) > RMQ_TOPIC_LENGTH_MAX)
    return rmq_send_refuse (send, RMQ_RESPONSE_MESSAGE_ILLEGAL,
                            "message topic length too long %" G_GSIZE_FORMAT, strlen (topic));
  return !(send->profile->refuses_retry_batch && g_str_has_prefix (topic, RMQ_RETRY_PREFIX))
         || rmq_send_refuse (send, RMQ_RESPONSE_MESSAGE_ILLEGAL,
                             "batch request does not support retry group %s", topic);
}

/* How often the group may have a message again. */
static gboolean
find_retry_limit (RmqSend *send, gint *limit)
{
  *limit = RETRY_TIMES_MAX;
  if (rmq_remoting_command_get_version (send->request) < RETRY_LIMIT_VERSION)
    return TRUE;
  if (send->header.has_max_reconsume_times)
    *limit = send->header.max_reconsume_times;
  else if (send->profile->needs_retry_limit)
    return rmq_send_throw_null (send, "Integer.intValue", "getMaxReconsumeTimes");
  return TRUE;
}

/* A message that its group had too often goes to the group's dead letters. */
static gboolean
check_retry (RmqSend *send)
{
  gint limit;
  if (send->header.batch || !g_str_has_prefix (send->header.topic, RMQ_RETRY_PREFIX))
    return TRUE;
  if (!find_retry_limit (send, &limit))
    return FALSE;
  if (send->header.reconsume_times < limit + send->profile->retries_over)
    return TRUE;
  g_autofree char *topic =
      g_strconcat (DEAD_LETTER_PREFIX, send->header.topic + strlen (RMQ_RETRY_PREFIX), NULL);
  const RmqTopicConfig *config =
      rmq_mock_broker_ensure_topic (send->broker, topic, 1, send->profile->dead_letter_perm);
  send->dead_letter = config->topic_name;
  return TRUE;
}

/* ---- checks on the message ----------------------------------------------- */

static gboolean
check_numbers_there (RmqSend *send)
{
  return needs_number (send, "flag") && needs_number (send, "bornTimestamp")
         && needs_number (send, "sysFlag");
}

static gboolean
read_properties (RmqSend *send)
{
  send->properties = rmq_properties_decode (send->header.properties);
  const char *wait = rmq_properties_get (send->properties, RMQ_PROPERTY_WAIT);
  send->waits = wait == NULL || g_ascii_strcasecmp (wait, "true") == 0;
  return TRUE;
}

/* The level of delay is read as a number, and may be none. */
static gboolean
check_delay (RmqSend *send)
{
  const char *delay = rmq_properties_get (send->properties, RMQ_PROPERTY_DELAY);
  gint64 level;
  return delay == NULL || g_ascii_string_to_signed (delay, 10, G_MININT32, G_MAXINT32, &level, NULL)
         || throw_number_format (send, delay);
}

static gboolean
check_transaction (RmqSend *send)
{
  return !send->broker->config.reject_transaction_message || send->header.batch
         || !rmq_transactions_is_half (send->properties)
         || refuse_forbidden (send, "transaction message");
}

typedef gboolean (*SendCheck) (RmqSend *send);

static const SendCheck checks[] = {
  check_not_rejected,    check_numbers_parse, check_traceable,     check_open,
  check_broker_writable, check_topic_name,    check_topic_allowed, find_topic,
  check_queue_id,        choose_queue,        check_batch_topic,   check_retry,
  check_numbers_there,   read_properties,     check_transaction,   check_delay,
};

gboolean
rmq_send_check (RmqSend *send)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!checks[i](send))
      return FALSE;
  return TRUE;
}

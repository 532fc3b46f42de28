/* SPDX-License-Identifier: Apache-2.0 */

/* SendMessageProcessor of a 4.9 broker: codes 10, 310 and 320. Checks in the order of the real one,
 * each a row, then the store. Runs on the broker's loop, owner only. It never looks at outages and
 * never asks a topic whether it may be written: a real broker doesn't either, only routes make
 * producers stop. */

#include "rmq-send-private.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-headers.h"
#include "rmq-mock-events.h"

#define REGION "DefaultRegion"
#define SCHEDULE_TOPIC "SCHEDULE_TOPIC_XXXX"
#define DELAY_LEVEL_MAX 18
#define RANDOM_QUEUE_RANGE 99999999 /* Java: abs (nextInt () % 99999999) */

#define PROPERTY_CLUSTER "CLUSTER"
#define PROPERTY_REAL_TOPIC "REAL_TOPIC"
#define PROPERTY_REAL_QUEUE_ID "REAL_QID"
#define PROPERTY_TRANSACTION "TRAN_MSG"

/* ---- answers ------------------------------------------------------------- */

static RmqRemotingCommand *
new_answer (const RmqRemotingCommand *request, gint code, const char *remark)
{
  RmqRemotingCommand *response = rmq_remoting_command_new_response (request, code, remark);
  rmq_remoting_command_add_ext (response, "TRACE_ON", "true");
  rmq_remoting_command_add_ext (response, "MSG_REGION", REGION);
  return response;
}

static gboolean G_GNUC_PRINTF (3, 4) refuse (RmqSend *send, gint code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_clear_pointer (&send->refusal, rmq_remoting_command_unref);
  send->refusal = new_answer (send->request, code, remark);
  return FALSE;
}

gboolean
rmq_send_throw_java (RmqSend *send, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  send->refusal =
      rmq_remoting_command_new_response (send->request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
  rmq_remoting_command_set_serialize_type (send->refusal, RMQ_SERIALIZE_JSON);
  return FALSE;
}

gboolean
rmq_send_refuse_put (RmqSend *send, RmqPutStatus status)
{
  switch (status)
    {
    case RMQ_PUT_OK:
      return TRUE;
    case RMQ_PUT_MESSAGE_ILLEGAL:
      return refuse (send, RMQ_RESPONSE_MESSAGE_ILLEGAL,
                     "the message is illegal, maybe msg body or properties length not matched. "
                     "msg body length limit %dB, msg properties length limit 32KB.",
                     RMQ_STORE_BODY_MAX_BYTES);
    case RMQ_PUT_SERVICE_NOT_AVAILABLE:
      return refuse (send, RMQ_RESPONSE_SERVICE_NOT_AVAILABLE,
                     "service not available now. It may be caused by one of the following reasons: "
                     "the broker's disk is full [CL:  0.91 CQ:  0.91 INDEX:  0.91], messages are "
                     "put to the slave, message store has been shut down, etc.");
    }
  return FALSE;
}

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
  return g_ascii_string_to_signed (text, 10, field->kind == RMQ_FIELD_INT ? G_MININT32 : G_MININT64,
                                   field->kind == RMQ_FIELD_INT ? G_MAXINT32 : G_MAXINT64, &number,
                                   NULL);
}

/* The fast decoder of V2 throws; the one for long names logs and leaves the field null. */
static gboolean
check_numbers_parse (RmqSend *send)
{
  if (send->header_is_whole || send->spelling == RMQ_HEADER_LONG_NAMES)
    return TRUE;
  const RmqHeaderTable *table = &rmq_send_message_request_header;
  for (guint i = 0; i < table->n_fields; i++)
    {
      const char *text = is_number (&table->fields[i]) ? get_text (send, &table->fields[i]) : NULL;
      if (text != NULL && !parses (&table->fields[i], text))
        return rmq_send_throw_java (send,
                                    "java.lang.NumberFormatException: For input string: \"%s\", "
                                    "java.lang.NumberFormatException.forInputString"
                                    "(NumberFormatException.java:67)",
                                    text);
    }
  return TRUE;
}

static gboolean
throw_null (RmqSend *send, const RmqHeaderField *field)
{
  gboolean is_int = field->kind == RMQ_FIELD_INT;
  return rmq_send_throw_java (
      send,
      "java.lang.NullPointerException: Cannot invoke \"java.lang.%s()\" because the return value "
      "of \"org.apache.rocketmq.common.protocol.header.SendMessageRequestHeader.get%c%s()\" is "
      "null, org.apache.rocketmq.broker.processor.AbstractSendMessageProcessor.msgCheck"
      "(AbstractSendMessageProcessor.java:218)",
      is_int ? "Integer.intValue" : "Long.longValue", g_ascii_toupper (field->name[0]),
      field->name + 1);
}

static gboolean
check_numbers_there (RmqSend *send)
{
  if (send->header_is_whole)
    return TRUE;
  const RmqHeaderTable *table = &rmq_send_message_request_header;
  for (guint i = 0; i < table->n_fields; i++)
    {
      const RmqHeaderField *field = &table->fields[i];
      if (!field->required || !is_number (field))
        continue;
      const char *text = get_text (send, field);
      if (text == NULL || !parses (field, text))
        return throw_null (send, field);
    }
  return TRUE;
}

/* ---- checks on topic and queue ------------------------------------------- */

static gboolean
check_topic_name (RmqSend *send)
{
  const char *complaint = rmq_topic_name_complain (send->header.topic);
  return complaint == NULL || refuse (send, RMQ_RESPONSE_SYSTEM_ERROR, "%s", complaint);
}

static gboolean
check_topic_allowed (RmqSend *send)
{
  return !rmq_topic_is_forbidden (send->header.topic)
         || refuse (send, RMQ_RESPONSE_NO_PERMISSION, "Sending message to topic[%s] is forbidden.",
                    send->header.topic);
}

static void
create_topic (RmqSend *send)
{
  RmqMockBroker *broker = send->broker;
  RmqEnv *env = rmq_mock_server_get_env (broker->server);
  send->topic = rmq_topic_config_manager_create_by_send (
      broker->topics, send->header.topic, send->header.default_topic,
      send->header.default_topic_queue_nums, rmq_env_wall (env));
  if (send->topic == NULL)
    return;
  g_autofree char *text = g_strdup_printf ("%s %s", broker->name, send->header.topic);
  RMQ_EMIT (env, &rmq_event_topic_created, text, send->topic->write_queue_nums);
  rmq_mock_broker_register_all (broker, TRUE);
}

static gboolean
find_topic (RmqSend *send)
{
  send->topic = rmq_topic_config_manager_get (send->broker->topics, send->header.topic);
  if (send->topic == NULL)
    create_topic (send);
  return send->topic != NULL
         || refuse (send, RMQ_RESPONSE_TOPIC_NOT_EXIST,
                    "topic[%s] not exist, apply first please!\nSee %s for further details.",
                    send->header.topic, send->broker->profile->faq_url);
}

static gboolean
check_queue_id (RmqSend *send)
{
  gint limit = MAX (send->topic->write_queue_nums, send->topic->read_queue_nums);
  if (send->header.queue_id < limit)
    return TRUE;
  g_autofree char *topic = rmq_topic_config_describe (send->topic);
  return refuse (send, RMQ_RESPONSE_SYSTEM_ERROR, "request queueId[%d] is illegal, %s Producer: %s",
                 send->header.queue_id, topic, rmq_connection_get_peer_address (send->connection));
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

/* ---- checks on the message ----------------------------------------------- */

static gboolean
read_properties (RmqSend *send)
{
  send->properties = rmq_properties_decode (send->header.properties);
  rmq_properties_set (send->properties, PROPERTY_CLUSTER, send->broker->cluster);
  return TRUE;
}

/* Half messages are not supported: as a broker with rejectTransactionMessage=true. */
static gboolean
check_not_transactional (RmqSend *send)
{
  const char *transaction = rmq_properties_get (send->properties, PROPERTY_TRANSACTION);
  if (transaction == NULL || g_ascii_strcasecmp (transaction, "true") != 0)
    return TRUE;
  g_autofree char *ip = g_strndup (send->broker->address, strcspn (send->broker->address, ":"));
  return refuse (send, RMQ_RESPONSE_NO_PERMISSION,
                 "the broker[%s] sending transaction message is forbidden", ip);
}

typedef gboolean (*SendCheck) (RmqSend *send);

static const SendCheck checks[] = {
  check_numbers_parse, check_topic_name,    check_topic_allowed,
  find_topic,          check_numbers_there, check_queue_id,
  choose_queue,        read_properties,     check_not_transactional,
};

/* ---- storing ------------------------------------------------------------- */

static void
emit_stored (RmqMockBroker *broker, RmqStoredMessage *stored)
{
  const char *uniq_key = rmq_properties_get (stored->properties, RMQ_PROPERTY_UNIQ_KEY);
  g_autofree char *text = g_strconcat (broker->name, " ", stored->topic, NULL);
  stored->stored_ev = RMQ_EMIT (rmq_mock_server_get_env (broker->server), &rmq_event_stored, text,
                                stored->queue_id, stored->queue_offset, broker->store.log->len - 1,
                                uniq_key != NULL ? (gint64)rmq_hash_text (uniq_key) : 0);
}

/* draft: queue, flag, body, properties and their size. Takes its properties. (nullable): refused,
 * and the refusal is written. */
RmqStoredMessage *
rmq_send_put (RmqSend *send, const char *topic, const RmqStoredMessage *draft)
{
  RmqMockBroker *broker = send->broker;
  RmqEnv *env = rmq_mock_server_get_env (broker->server);
  RmqStoredMessage message = *draft;
  message.body = g_bytes_ref (draft->body);
  message.sys_flag = send->header.sys_flag;
  message.born_ms = send->header.born_timestamp_ms;
  message.store_ms = rmq_env_wall (env);
  message.store_us = rmq_env_now (env);
  message.born_host = g_ref_string_acquire (rmq_connection_get_user_data (send->connection));
  RmqStoredMessage *stored = NULL;
  RmqPutStatus status =
      rmq_message_store_put (&broker->store, &message, topic, broker->address, &stored);
  if (rmq_send_refuse_put (send, status))
    {
      emit_stored (broker, stored);
      return stored;
    }
  g_bytes_unref (message.body);
  rmq_properties_free (message.properties);
  g_ref_string_release (message.born_host);
  return NULL;
}

RmqRemotingCommand *
rmq_send_new_success (const RmqSend *send, const char *msg_id, gint64 queue_offset)
{
  RmqSendMessageResponseHeader header = {
    .msg_id = msg_id,
    .queue_id = send->queue_id,
    .queue_offset = queue_offset,
  };
  RmqRemotingCommand *response = new_answer (send->request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_header_encode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  return response;
}

gint
rmq_send_get_delay_level (const RmqProperties *properties)
{
  const char *delay = rmq_properties_get (properties, RMQ_PROPERTY_DELAY);
  gint64 level = delay != NULL ? g_ascii_strtoll (delay, NULL, 10) : 0;
  return (gint)CLAMP (level, 0, DELAY_LEVEL_MAX);
}

static RmqRemotingCommand *
store_single (RmqSend *send, GBytes *body)
{
  const char *topic = send->topic->topic_name;
  RmqStoredMessage draft = {
    .queue_id = send->queue_id,
    .flag = send->header.flag,
    .body = body,
    .properties = g_steal_pointer (&send->properties),
  };
  gint level = rmq_send_get_delay_level (draft.properties);
  if (level > 0)
    {
      g_autofree char *queue_id = g_strdup_printf ("%d", send->queue_id);
      rmq_properties_set (draft.properties, PROPERTY_REAL_TOPIC, topic);
      rmq_properties_set (draft.properties, PROPERTY_REAL_QUEUE_ID, queue_id);
      topic = SCHEDULE_TOPIC;
      draft.queue_id = level - 1;
    }
  else /* 4.9 takes it away here; a delayed message and a batch keep it */
    rmq_properties_remove (draft.properties, RMQ_PROPERTY_WAIT);
  draft.properties_size = rmq_message_store_measure (draft.properties);
  RmqStoredMessage *stored = rmq_send_put (send, topic, &draft);
  if (stored == NULL)
    return NULL;
  g_autofree char *id = rmq_offset_msg_id_encode (send->broker->address, stored->physical_offset);
  return rmq_send_new_success (send, id, stored->queue_offset);
}

/* ---- the processor ------------------------------------------------------- */

static void
send_init (RmqSend *send, RmqMockBroker *broker, RmqConnection *connection,
           RmqRemotingCommand *request)
{
  gboolean is_long = rmq_remoting_command_get_code (request) == RMQ_REQUEST_SEND_MESSAGE;
  *send = (RmqSend){
    .broker = broker,
    .connection = connection,
    .request = request,
    .spelling = is_long ? RMQ_HEADER_LONG_NAMES : RMQ_HEADER_LETTERS,
  };
  /* what is missing or odd, the checks find */
  send->header_is_whole = rmq_header_decode (&rmq_send_message_request_header, send->spelling,
                                             request, &send->header, NULL);
}

static gboolean
passes (RmqSend *send)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!checks[i](send))
      return FALSE;
  return TRUE;
}

RmqRemotingCommand *
rmq_mock_broker_send_message (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqSend send;
  send_init (&send, mock, connection, request);
  RmqRemotingCommand *response = NULL;
  if (passes (&send))
    {
      GBytes *given = rmq_remoting_command_get_body (request);
      g_autoptr (GBytes) body = given != NULL ? g_bytes_ref (given) : g_bytes_new_static (NULL, 0);
      response =
          send.header.batch ? rmq_send_store_batch (&send, body) : store_single (&send, body);
    }
  g_clear_pointer (&send.properties, rmq_properties_free);
  g_assert ((response != NULL) != (send.refusal != NULL));
  return response != NULL ? response : send.refusal;
}

static gboolean
is_send (gint code)
{
  return code == RMQ_REQUEST_SEND_MESSAGE || code == RMQ_REQUEST_SEND_MESSAGE_V2
         || code == RMQ_REQUEST_SEND_BATCH_MESSAGE;
}

/* An acknowledgement of what was never stored names the place it would have had. */
RmqRemotingCommand *
rmq_mock_broker_invent_answer (gpointer mock, RmqRemotingCommand *request, gint code,
                               const char *remark)
{
  RmqMockBroker *broker = mock;
  if (!is_send (rmq_remoting_command_get_code (request)))
    return rmq_remoting_command_new_response (request, code, remark);
  RmqRemotingCommand *response = new_answer (request, code, remark);
  if (!rmq_answer_is_stored (code))
    return response;
  RmqSend send;
  send_init (&send, broker, NULL, request);
  gint queue_id = MAX (send.header.queue_id, 0);
  g_autofree char *id =
      rmq_offset_msg_id_encode (broker->address, broker->store.next_physical_offset);
  RmqSendMessageResponseHeader header = {
    .msg_id = id,
    .queue_id = queue_id,
    .queue_offset = send.header.topic != NULL ? rmq_message_store_get_max_offset (
                        &broker->store, send.header.topic, queue_id)
                                              : 0,
  };
  rmq_header_encode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  return response;
}

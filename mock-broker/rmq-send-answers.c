/* SPDX-License-Identifier: Apache-2.0 */

/* What a broker answers to a send, word for word: refusals, exceptions that Java lets through, and
 * the success with its four statuses. On the broker's loop, owner only. */

#include "rmq-send-private.h"

#include "rmq-codes-private.h"
#include "rmq-java-exception.h"

RmqRemotingCommand *
rmq_send_new_answer (const RmqMockBroker *broker, const RmqRemotingCommand *request, gint code,
                     const char *remark)
{
  RmqRemotingCommand *response = rmq_remoting_command_new_response (request, code, remark);
  rmq_remoting_command_add_ext (response, "TRACE_ON", broker->config.trace_on ? "true" : "false");
  rmq_remoting_command_add_ext (response, "MSG_REGION", broker->config.region_id);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_reject (const RmqRemotingCommand *request)
{
  return rmq_remoting_command_new_response (
      request, RMQ_RESPONSE_SYSTEM_BUSY,
      "[REJECTREQUEST]system busy, start flow control for a while");
}

static void
set_refusal (RmqSend *send, RmqRemotingCommand *refusal)
{
  g_clear_pointer (&send->refusal, rmq_remoting_command_unref);
  send->refusal = refusal;
}

gboolean
rmq_send_refuse (RmqSend *send, gint code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  set_refusal (send, rmq_send_new_answer (send->broker, send->request, code, remark));
  return FALSE;
}

gboolean
rmq_send_throw_java (RmqSend *send, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  set_refusal (send, rmq_java_throw_text (send->request, remark));
  return FALSE;
}

gboolean
rmq_send_throw_null (RmqSend *send, const char *java_type, const char *getter)
{
  return rmq_send_throw_java (
      send,
      "java.lang.NullPointerException: Cannot invoke \"java.lang.%s()\" because the return value "
      "of \"org.apache.rocketmq.common.protocol.header.SendMessageRequestHeader.%s()\" is "
      "null, org.apache.rocketmq.broker.processor.AbstractSendMessageProcessor.msgCheck"
      "(AbstractSendMessageProcessor.java:218)",
      java_type, getter);
}

/* The text stands in the profile and may name the limit once. */
static gboolean
refuse_illegal (RmqSend *send)
{
  g_autofree char *limit =
      g_strdup_printf ("%" G_GINT64_FORMAT, send->broker->config.max_message_size);
  g_autoptr (GString) text = g_string_new (send->profile->illegal_text);
  g_string_replace (text, "%d", limit, 1);
  return rmq_send_refuse (send, RMQ_RESPONSE_MESSAGE_ILLEGAL, "%s", text->str);
}

gboolean
rmq_send_refuse_put (RmqSend *send, RmqPutStatus status)
{
  switch (status)
    {
    case RMQ_PUT_OK:
      return TRUE;
    case RMQ_PUT_MESSAGE_ILLEGAL:
      return refuse_illegal (send);
    case RMQ_PUT_SERVICE_NOT_AVAILABLE:
      return rmq_send_refuse (send, RMQ_RESPONSE_SERVICE_NOT_AVAILABLE, "%s",
                              send->profile->unavailable_text);
    case RMQ_PUT_TIMER_ILLEGAL:
      return rmq_send_refuse (
          send, RMQ_RESPONSE_MESSAGE_ILLEGAL,
          "timer message illegal, the delay time should not be bigger than the max delay "
          "%" G_GINT64_FORMAT "ms; or if set del msg, the delay time should be bigger than the "
          "current time",
          send->broker->config.timer_max_delay_s * 1000);
    }
  return FALSE;
}

RmqRemotingCommand *
rmq_send_new_success (const RmqSend *send, const char *msg_id, gint64 queue_offset,
                      const RmqStoredMessage *stored)
{
  gboolean names_key = send->profile->answers_uniq_key && !send->header.batch;
  RmqSendMessageResponseHeader header = {
    .msg_id = msg_id,
    .queue_id = send->queue_id,
    .queue_offset = queue_offset,
    .transaction_id =
        names_key ? rmq_properties_get (stored->properties, RMQ_PROPERTY_UNIQ_KEY) : NULL,
  };
  gint code = rmq_mock_broker_get_put_code (send->broker, send->waits);
  RmqRemotingCommand *response = rmq_send_new_answer (send->broker, send->request, code, NULL);
  rmq_header_encode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  return response;
}

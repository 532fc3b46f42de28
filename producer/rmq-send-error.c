/* SPDX-License-Identifier: Apache-2.0 */

/* What a caller is told when a send fails: Java's code, the brokers tried, the time, the last error
 * with the broker's own words, and what can be done about it. Pure functions of an operation; must
 * never decide whether to retry. Mirrors the end of DefaultMQProducerImpl#sendDefaultImpl. */

#include <stdarg.h>

#include "rmq-codes-private.h"
#include "rmq-error-private.h"
#include "rmq-send-operation-private.h"

typedef struct
{
  GQuark (*domain) (void);
  gint code;
  const char *text;
} Advice;

static const Advice advices[] = {
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_CONNECT_BROKER,
    "check that the brokers run and that their addresses can be reached from this host" },
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT,
    "the message may be stored: look for its msgId before sending it again" },
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_BROKER_NOT_EXIST,
    "no route names a master of this broker: check the queue, or wait for the next route poll" },
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_NO_NAME_SERVER,
    "set one with rmq_producer_set_namesrv_addr() or in NAMESRV_ADDR" },
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC,
    "create the topic, or let the brokers create it (autoCreateTopicEnable)" },
  { rmq_client_error_quark, RMQ_CLIENT_ERROR_NAME_SERVER,
    "check that the name servers run and that their addresses are right" },
  { rmq_remoting_error_quark, RMQ_REMOTING_ERROR_CONNECT,
    "check that the broker runs and that its address can be reached from this host" },
  { rmq_remoting_error_quark, RMQ_REMOTING_ERROR_TIMEOUT,
    "the message may be stored: look for its msgId before sending it again" },
  { rmq_broker_error_quark, RMQ_RESPONSE_SYSTEM_BUSY, "the broker is overloaded: send slower" },
  { rmq_broker_error_quark, RMQ_RESPONSE_FLOW_CONTROL,
    "the broker limits this client: send slower" },
  { rmq_broker_error_quark, RMQ_RESPONSE_TOPIC_NOT_EXIST,
    "create the topic, or let the brokers create it (autoCreateTopicEnable)" },
  { rmq_broker_error_quark, RMQ_RESPONSE_NO_PERMISSION,
    "check the permissions of topic and broker" },
};

static const char *
advice_for (GQuark domain, gint code)
{
  for (guint i = 0; i < G_N_ELEMENTS (advices); i++)
    if (advices[i].domain () == domain && advices[i].code == code)
      return advices[i].text;
  return NULL;
}

GError *
rmq_send_operation_broker_error (RmqSendOperation *op, RmqRemotingCommand *response)
{
  gint code = rmq_remoting_command_get_code (response);
  const char *remark = rmq_remoting_command_get_remark (response);
  g_autofree char *code_text = rmq_response_code_describe (code);
  RmqErrorDetails details = { .remark = remark, .broker_addr = op->address };
  return rmq_error_new (RMQ_BROKER_ERROR, code, &details, "%s (%s) answered %s%s%s",
                        rmq_message_queue_get_broker_name (op->chosen),
                        op->address != NULL ? op->address : "name server", code_text,
                        remark != NULL ? ": " : "", remark != NULL ? remark : "");
}

void
rmq_send_operation_set_error (RmqSendOperation *op, GQuark domain, gint code, const char *format,
                              ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  RmqErrorDetails details = { .broker_addr = op->address };
  g_clear_error (&op->error);
  op->error = rmq_error_new (domain, code, &details, "%s", text);
}

/* Only the default form wraps what its attempts threw; a broker's code stays the broker's. */
static void
map_code (RmqSendOperation *op, GQuark *domain, gint *code)
{
  gboolean is_default_form = op->queue == NULL && op->selector == NULL;
  *domain = op->error->domain;
  *code = op->error->code;
  if (op->out_of_time)
    {
      *domain = RMQ_REMOTING_ERROR;
      *code = RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST;
    }
  else if (is_default_form && op->error->domain == RMQ_REMOTING_ERROR
           && (op->error->code == RMQ_REMOTING_ERROR_CONNECT
               || op->error->code == RMQ_REMOTING_ERROR_TIMEOUT))
    {
      *domain = RMQ_CLIENT_ERROR;
      *code = op->error->code == RMQ_REMOTING_ERROR_CONNECT
                  ? RMQ_CLIENT_ERROR_CONNECT_BROKER
                  : RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT;
    }
}

static void
append_story (RmqSendOperation *op, GString *text)
{
  gint64 took_ms = (rmq_env_now (op->producer->env) - op->begin_us) / 1000;
  g_string_append_printf (text, "send to %s failed", op->topic);
  if (op->attempts > 0)
    g_string_append_printf (text, " after %u attempt%s in %" G_GINT64_FORMAT " ms (brokers: %s)",
                            op->attempts, op->attempts == 1 ? "" : "s", took_ms,
                            op->brokers_sent != NULL ? op->brokers_sent->str : "none failed");
  if (op->out_of_time)
    g_string_append_printf (text, ": the timeout of %" G_GINT64_FORMAT " ms is spent; last error",
                            op->timeout_us / 1000);
  g_string_append_printf (text, ": %s", op->error->message);
}

void
rmq_send_operation_conclude (RmqSendOperation *op)
{
  GQuark domain;
  gint code;
  g_assert (op->error != NULL);
  map_code (op, &domain, &code);
  g_autoptr (GString) text = g_string_new (NULL);
  append_story (op, text);
  gboolean nobody_answered = op->route_error != NULL && op->route_error->domain != RMQ_CLIENT_ERROR;
  const char *advice = nobody_answered ? advice_for (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NAME_SERVER)
                                       : advice_for (domain, code);
  if (advice != NULL)
    g_string_append_printf (text, "; %s", advice);
  RmqErrorDetails details;
  rmq_error_get_details (op->error, &details);
  details.attempts = op->attempts;
  details.outcome_unknown = op->outcome_unknown;
  if (details.broker_addr == NULL)
    details.broker_addr = op->address;
  if (op->chosen != NULL)
    details.broker_name = rmq_message_queue_get_broker_name (op->chosen);
  GError *told = rmq_error_new (domain, code, &details, "%s", text->str);
  g_clear_error (&op->error);
  op->error = told;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* EndTransactionProcessor: code 37, by which a producer commits or rolls back a half message; and
 * 323, by which an operator has one asked about anew. Like the real one it doesn't ask whether that
 * has happened before: who commits twice, stores twice. On the broker's loop, owner only. */

#include <stdlib.h>

#include "rmq-codes-private.h"
#include "rmq-java-exception.h"
#include "rmq-mock-broker-private.h"
#include "rmq-transaction-headers.h"

#define NULL_POINTER "java.lang.NullPointerException"

typedef struct
{
  RmqMockBroker *broker;
  RmqRemotingCommand *request;
  RmqEndTransactionRequestHeader header;
  const RmqStoredMessage *half;
} End;

static RmqRemotingCommand *
answer (const End *end, gint code, const char *remark)
{
  return rmq_remoting_command_new_response (end->request, code, remark);
}

/* (nullable): the outcome is one. */
static RmqRemotingCommand *
check_outcome (const End *end)
{
  if (rmq_remoting_command_get_ext (end->request, "commitOrRollback") == NULL)
    return rmq_java_throw_text (end->request, NULL_POINTER);
  switch (end->header.commit_or_rollback)
    {
    case RMQ_TRANSACTION_UNKNOWN:
    case RMQ_TRANSACTION_COMMIT:
    case RMQ_TRANSACTION_ROLLBACK:
      return NULL;
    default:
      return rmq_java_throw_text (
          end->request, "org.apache.rocketmq.remoting.exception.RemotingCommandException: "
                        "commitOrRollback field wrong");
    }
}

/* (nullable): it is the message that the producer means. */
static RmqRemotingCommand *
complain (const End *end)
{
  if (end->half == NULL)
    return answer (end, RMQ_RESPONSE_SYSTEM_ERROR, "Find prepared transaction message failed");
  const char *group = rmq_properties_get (end->half->properties, "PGROUP");
  if (group == NULL)
    return rmq_java_throw_text (
        end->request,
        "java.lang.NullPointerException: Cannot invoke \"String.equals(Object)\" because "
        "\"pgroupRead\" is null, org.apache.rocketmq.broker.processor.EndTransactionProcessor."
        "checkPrepareMessage(EndTransactionProcessor.java:168)");
  if (g_strcmp0 (group, end->header.producer_group) != 0)
    return answer (end, RMQ_RESPONSE_SYSTEM_ERROR, "The producer group wrong");
  if (rmq_remoting_command_get_ext (end->request, "tranStateTableOffset") == NULL)
    return rmq_java_throw_text (end->request, NULL_POINTER);
  if (end->half->queue_offset != end->header.tran_state_table_offset)
    return answer (end, RMQ_RESPONSE_SYSTEM_ERROR, "The transaction state table offset wrong");
  return NULL;
}

/* (nullable): stored. */
static RmqRemotingCommand *
refuse_put (const End *end, RmqPutStatus status)
{
  switch (status)
    {
    case RMQ_PUT_OK:
      return NULL;
    case RMQ_PUT_SERVICE_NOT_AVAILABLE:
      return answer (end, RMQ_RESPONSE_SERVICE_NOT_AVAILABLE, "Service not available now.");
    case RMQ_PUT_MESSAGE_ILLEGAL:
    case RMQ_PUT_TIMER_ILLEGAL:
      break;
    }
  return answer (
      end, RMQ_RESPONSE_MESSAGE_ILLEGAL,
      "The message is illegal, maybe msg body or properties length not matched. msg body "
      "length limit 128k, msg properties length limit 32k.");
}

/* The message as its consumers see it, in the place it was meant for. (nullable): stored. */
static RmqRemotingCommand *
commit (const End *end)
{
  RmqMockBroker *broker = end->broker;
  const RmqStoredMessage *half = end->half;
  const char *topic = rmq_properties_get (half->properties, RMQ_PROPERTY_REAL_TOPIC);
  const char *queue_id = rmq_properties_get (half->properties, RMQ_PROPERTY_REAL_QUEUE_ID);
  if (topic == NULL || queue_id == NULL)
    return answer (end, RMQ_RESPONSE_SYSTEM_ERROR, "Find prepared transaction message failed");
  RmqStoredMessage draft = {
    .queue_id = MAX (atoi (queue_id), 0),
    .body = half->body,
    .flag = half->flag,
    .sys_flag = half->sys_flag | RMQ_SYS_FLAG_TRANSACTION_COMMIT,
    .properties = rmq_properties_copy (half->properties),
    .last_separator = broker->profile->send->last_separator,
    .reconsume_times = half->reconsume_times,
    .prepared_offset = half->physical_offset,
    .born_ms = half->born_ms,
    .born_host = g_ref_string_acquire (half->born_host),
  };
  g_autofree char *wanted = g_strdup (topic);
  const char *target = wanted;
  RmqPutStatus status = rmq_schedule_redirect (&broker->schedule, &draft, &target);
  if (status != RMQ_PUT_OK)
    {
      rmq_properties_free (draft.properties);
      g_ref_string_release (draft.born_host);
      return refuse_put (end, status);
    }
  rmq_mock_broker_put (broker, target, &draft, &status);
  return refuse_put (end, status);
}

RmqRemotingCommand *
rmq_mock_broker_end_transaction (gpointer mock, RmqConnection *connection,
                                 RmqRemotingCommand *request)
{
  End end = { .broker = mock, .request = request };
  rmq_header_decode (&rmq_end_transaction_request_header, RMQ_HEADER_LONG_NAMES, request,
                     &end.header, NULL); /* what is missing ends nothing */
  if (rmq_broker_config_is_slave (&end.broker->config))
    return answer (&end, RMQ_RESPONSE_SLAVE_NOT_AVAILABLE, "not set any response code");
  RmqRemotingCommand *refusal = check_outcome (&end);
  if (refusal != NULL || end.header.commit_or_rollback == RMQ_TRANSACTION_UNKNOWN)
    return refusal;
  gboolean commits = end.header.commit_or_rollback == RMQ_TRANSACTION_COMMIT;
  end.half = rmq_mock_broker_find_at (end.broker, end.header.commit_log_offset);
  refusal = complain (&end);
  if (refusal == NULL && commits)
    refusal = commit (&end);
  if (refusal != NULL)
    return refusal;
  rmq_transactions_end (&end.broker->transactions, end.half->queue_offset);
  return answer (&end, RMQ_RESPONSE_SUCCESS, commits ? NULL : "not set any response code");
}

/* ---- 323 ----------------------------------------------------------------- */

/* (nullable): there is none, or the id is none. */
static const RmqStoredMessage *
find_by_id (const RmqMockBroker *self, const char *msg_id)
{
  g_autofree char *address = NULL;
  gint64 offset;
  return msg_id != NULL && rmq_offset_msg_id_decode (msg_id, &address, &offset, NULL)
             ? rmq_mock_broker_find_at (self, offset)
             : NULL;
}

RmqRemotingCommand *
rmq_mock_broker_resume_check (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const RmqStoredMessage *message =
      find_by_id (self, rmq_remoting_command_get_ext (request, "msgId"));
  if (message != NULL && rmq_transactions_resume (&self->transactions, message))
    return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  return rmq_remoting_command_new_response (
      request, RMQ_RESPONSE_SYSTEM_ERROR,
      message != NULL ? "Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed."
                      : "Exception was thrown when putting message back to "
                        "RMQ_SYS_TRANS_HALF_TOPIC.");
}

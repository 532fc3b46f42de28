/* SPDX-License-Identifier: Apache-2.0 */

/* What members of a consumer group need to share its queues: who else is a member (38), and queues
 * of their own (41, 42). Mirrors ConsumerManageProcessor and a part of AdminBrokerProcessor. On the
 * broker's loop, owner only. */

#include "rmq-codes-private.h"
#include "rmq-consumer-processors.h"
#include "rmq-java-exception.h"
#include "rmq-json-body-private.h"

/* ---- 38 ------------------------------------------------------------------ */

static GBytes *
encode_members (const GPtrArray *members)
{
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"consumerIdList\":[");
  for (guint i = 0; i < members->len; i++)
    {
      const RmqClientChannel *member = g_ptr_array_index (members, i);
      if (member->client_id == NULL)
        continue;
      rmq_json_put_member (out, comma, member->client_id);
      comma = ",";
    }
  rmq_json_put (out, "]}");
  return rmq_json_body_end (out);
}

RmqRemotingCommand *
rmq_mock_broker_get_consumer_list (gpointer mock, RmqConnection *connection,
                                   RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "consumerGroup");
  if (group == NULL)
    return rmq_java_throw_null (request, "ConsumerManageProcessor.getConsumerListByGroup"
                                         "(ConsumerManageProcessor.java:78)");
  g_autoptr (GPtrArray) members = rmq_broker_clients_list (&self->clients, group, TRUE);
  g_autofree char *remark = g_strconcat ("no consumer for this group, ", group, NULL);
  gboolean found = members->len > 0;
  RmqRemotingCommand *response = rmq_remoting_command_new_response (
      request, found ? RMQ_RESPONSE_SUCCESS : RMQ_RESPONSE_SYSTEM_ERROR, found ? NULL : remark);
  rmq_remoting_command_add_ext_map (response);
  if (found)
    {
      g_autoptr (GBytes) body = encode_members (members);
      rmq_remoting_command_set_body (response, body);
    }
  return response;
}

/* ---- 41, 42 -------------------------------------------------------------- */

/* (nullable): the body is read. */
static RmqRemotingCommand *
read_body (RmqMockBroker *self, RmqRemotingCommand *request, RmqLockBatchBody *body)
{
  static const char place[] = "AdminBrokerProcessor.lockBatchMQ(AdminBrokerProcessor.java:707)";
  GBytes *json = rmq_remoting_command_get_body (request);
  if (json == NULL)
    return rmq_java_throw_null (request, place);
  if (!rmq_lock_batch_body_decode (json, body, NULL))
    return rmq_java_throw_json (request, self->profile);
  if (body->queues->len > 0 && (body->client_id == NULL || body->consumer_group == NULL))
    return rmq_java_throw_null (request, place);
  return NULL;
}

RmqRemotingCommand *
rmq_mock_broker_lock_batch (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_auto (RmqLockBatchBody) body = { 0 };
  RmqRemotingCommand *response = read_body (self, request, &body);
  if (response != NULL)
    return response;
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  gint64 now_us = rmq_env_now (rmq_mock_server_get_env (self->server));
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"lockOKMQSet\":[");
  for (guint i = 0; i < body.queues->len; i++)
    {
      const RmqQueueName *queue = &g_array_index (body.queues, RmqQueueName, i);
      if (!rmq_rebalance_lock_manager_lock (&self->locks, &body, queue, now_us))
        continue;
      rmq_json_put (out, comma);
      rmq_queue_name_write (queue, out);
      comma = ",";
    }
  rmq_json_put (out, "]}");
  g_autoptr (GBytes) locked = rmq_json_body_end (out);
  response = rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, locked);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_unlock_batch (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_auto (RmqLockBatchBody) body = { 0 };
  RmqRemotingCommand *response = read_body (self, request, &body);
  if (response != NULL)
    return response;
  for (guint i = 0; i < body.queues->len; i++)
    rmq_rebalance_lock_manager_unlock (&self->locks, &body,
                                       &g_array_index (body.queues, RmqQueueName, i));
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
}

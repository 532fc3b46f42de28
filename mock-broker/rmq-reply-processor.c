/* SPDX-License-Identifier: Apache-2.0 */

/* ReplyMessageProcessor: codes 324 and 325, the second half of request-reply. A reply is checked
 * like any message, pushed to the client that asked (326), and stored when that client has taken it
 * or hasn't; the answer says which. On the broker's loop, owner only. */

#include "rmq-codes-private.h"
#include "rmq-java-map.h"
#include "rmq-send-private.h"
#include "rmq-transaction-headers.h"

#define PUSH_TIMEOUT_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  RmqSend send;
  RmqHeldRequest *held;
  char *client_id; /* who asked */
} Reply;

static void
reply_free (Reply *reply)
{
  rmq_send_clear (&reply->send);
  g_free (reply->client_id);
  g_free (reply);
}

static RmqRemotingCommand *
new_push (const RmqSend *send)
{
  RmqMockBroker *broker = send->broker;
  gint64 now_ms = rmq_env_wall (rmq_mock_server_get_env (broker->server));
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, now_ms);
  RmqProperties *properties = rmq_properties_copy (send->properties);
  rmq_properties_set (properties, "PUSH_REPLY_TIME", now);
  RmqProperties *ordered = rmq_java_map_order (properties, (guint)send->profile->buckets);
  g_autofree char *text = rmq_properties_encode (ordered, send->profile->last_separator);
  rmq_properties_free (ordered);
  rmq_properties_free (properties);
  RmqReplyMessageRequestHeader header = {
    .producer_group = send->header.producer_group,
    .topic = send->header.topic,
    .default_topic = send->header.default_topic,
    .default_topic_queue_nums = send->header.default_topic_queue_nums,
    .queue_id = send->header.queue_id,
    .sys_flag = send->header.sys_flag,
    .born_timestamp_ms = send->header.born_timestamp_ms,
    .flag = send->header.flag,
    .properties = text,
    .reconsume_times = send->header.reconsume_times,
    .unit_mode = send->header.unit_mode,
    .born_host = rmq_connection_get_peer_address (send->connection),
    .store_host = broker->address,
    .store_timestamp_ms = now_ms,
  };
  RmqRemotingCommand *push =
      rmq_remoting_command_new_request (RMQ_REQUEST_PUSH_REPLY_MESSAGE_TO_CLIENT);
  rmq_header_encode (&rmq_reply_message_request_header, RMQ_HEADER_LONG_NAMES, &header, push);
  rmq_remoting_command_set_body (push, rmq_remoting_command_get_body (send->request));
  return push;
}

/* (nullable): it isn't stored, which nobody is told. */
static const RmqStoredMessage *
store (RmqSend *send)
{
  if (!send->broker->config.store_reply_message)
    return NULL;
  GBytes *given = rmq_remoting_command_get_body (send->request);
  g_autoptr (GBytes) body = given != NULL ? g_bytes_ref (given) : g_bytes_new_static (NULL, 0);
  RmqStoredMessage draft = {
    .queue_id = send->queue_id,
    .flag = send->header.flag,
    .sys_flag = send->header.sys_flag,
    .body = body,
    .properties = g_steal_pointer (&send->properties),
    .last_separator = send->profile->last_separator,
  };
  const RmqStoredMessage *stored = rmq_send_put (send, send->header.topic, &draft);
  g_clear_pointer (&send->refusal, rmq_remoting_command_unref);
  return stored;
}

/* Whether it was pushed or not, it is stored. */
static RmqRemotingCommand *
finish (Reply *reply, gint code, const char *remark)
{
  RmqSend *send = &reply->send;
  const RmqStoredMessage *stored = store (send);
  g_autofree char *id =
      stored != NULL ? rmq_offset_msg_id_encode (send->broker->address, stored->physical_offset)
                     : g_strdup ("0");
  RmqSendMessageResponseHeader header = {
    .msg_id = id,
    .queue_id = send->queue_id,
    .queue_offset = stored != NULL ? stored->queue_offset : 0,
  };
  RmqRemotingCommand *response = rmq_send_new_answer (send->broker, send->request, code, remark);
  rmq_header_encode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  return response;
}

static void
pushed (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  Reply *reply = data;
  if (!rmq_mock_server_is_running (reply->send.broker->server))
    { /* a broker that went down meanwhile stores nothing any more */
      rmq_held_request_free (reply->held);
      reply_free (reply);
      return;
    }
  gboolean is_taken =
      response != NULL && rmq_remoting_command_get_code (response) == RMQ_RESPONSE_SUCCESS;
  g_autofree char *remark =
      is_taken ? NULL : g_strdup_printf ("push reply message to %sfail.", reply->client_id);
  g_autoptr (RmqRemotingCommand) answer =
      finish (reply, is_taken ? RMQ_RESPONSE_SUCCESS : RMQ_RESPONSE_SYSTEM_ERROR, remark);
  rmq_held_request_answer (reply->held, answer);
  reply_free (reply);
}

/* NULL: the answer comes when the client has answered. */
static RmqRemotingCommand *
push (Reply *reply)
{
  RmqSend *send = &reply->send;
  RmqMockBroker *broker = send->broker;
  RmqConnection *connection = reply->client_id != NULL
                                  ? rmq_broker_clients_find (&broker->clients, reply->client_id)
                                  : NULL;
  g_autoptr (RmqRemotingCommand) request = new_push (send);
  if (connection != NULL
      && rmq_mock_server_invoke (broker->server, connection, request, PUSH_TIMEOUT_US, pushed,
                                 reply))
    {
      reply->held = rmq_mock_server_hold (broker->server, send->connection, send->request);
      return NULL;
    }
  g_autofree char *remark =
      reply->client_id != NULL ? g_strdup_printf (
          "push reply message fail, channel of <%s> not found.", reply->client_id)
                               : g_strdup ("reply message properties[REPLY_TO_CLIENT] is null");
  RmqRemotingCommand *answer = finish (reply, RMQ_RESPONSE_SYSTEM_ERROR, remark);
  reply_free (reply);
  return answer;
}

RmqRemotingCommand *
rmq_mock_broker_send_reply (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *broker = mock;
  if (!broker->profile->send->has_replies)
    return NULL; /* as any code that it doesn't know */
  Reply *reply = g_new0 (Reply, 1);
  RmqSend *send = &reply->send;
  rmq_send_init (send, broker, connection, request);
  send->is_reply = TRUE;
  if (!rmq_send_check (send))
    {
      RmqRemotingCommand *refusal = g_steal_pointer (&send->refusal);
      reply_free (reply);
      return refusal;
    }
  reply->client_id = g_strdup (rmq_properties_get (send->properties, "REPLY_TO_CLIENT"));
  rmq_send_add_properties (send);
  return push (reply);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* How far behind a group is (208), and sending it elsewhere (222): until 4.9 by a word to its
 * members (220), in 5.3 by the broker itself. A part of AdminBrokerProcessor and Broker2Client. On
 * the broker's loop, owner only. */

#include "rmq-admin-processors.h"
#include "rmq-client-version.h"
#include "rmq-codes-private.h"
#include "rmq-pull-processor.h"
#include "rmq-java-exception.h"
#include "rmq-json-body-private.h"
#include "rmq-wire-text.h"

#define PLACE "AdminBrokerProcessor.processRequest(AdminBrokerProcessor.java:201)"
#define LATEST (-1)

/* ---- 208 ----------------------------------------------------------------- */

static void
put_progress (RmqMockBroker *self, const char *group, const char *topic, gint queue_id,
              RmqJsonWriter *out)
{
  const GPtrArray *queue = rmq_message_store_get_queue (&self->store, topic, queue_id);
  gint64 n = queue != NULL ? queue->len : 0;
  gint64 offset = MAX (rmq_consumer_offset_manager_get (&self->offsets, group, topic, queue_id), 0);
  const RmqStoredMessage *last =
      offset >= 1 && offset <= n ? g_ptr_array_index (queue, offset - 1) : NULL;
  rmq_admin_put_queue (self, topic, queue_id, out);
  rmq_json_put_int_member (out, ":{\"brokerOffset\":", n);
  rmq_json_put_int_member (out, ",\"consumerOffset\":", offset);
  rmq_json_put_int_member (out, ",\"lastTimestamp\":", last != NULL ? last->store_ms : 0);
  if (self->profile->consumer->modern_groups)
    rmq_json_put_int_member (out, ",\"pullOffset\":", offset);
  rmq_json_put (out, "}");
}

/* A group that says it reads other topics isn't asked for this one. */
static gboolean
counts (RmqMockBroker *self, const char *group, const char *topic)
{
  const RmqConsumerGroupInfo *info = rmq_consumer_manager_get (&self->consumers, group);
  return rmq_topic_config_manager_get (self->topics, topic) != NULL
         && (info == NULL || info->subscriptions->len == 0
             || rmq_consumer_manager_find (&self->consumers, group, topic) != NULL);
}

/* Topics that a group is asked for, and how many queues they have: the one that is named, or all
 * that it ever read. */
static GPtrArray *
list_topics (RmqMockBroker *self, const char *group, const char *topic, gint64 *n_queues)
{
  GPtrArray *named = g_ptr_array_new ();
  if (topic != NULL && topic[0] != '\0')
    g_ptr_array_add (named, (gpointer)topic);
  else
    for (guint i = 0; i < self->offsets.entries->len; i++)
      {
        const RmqConsumerOffsets *offsets = g_ptr_array_index (self->offsets.entries, i);
        if (g_str_equal (offsets->group, group))
          g_ptr_array_add (named, offsets->topic);
      }
  GPtrArray *topics = g_ptr_array_new ();
  *n_queues = 0;
  for (guint i = 0; i < named->len; i++)
    {
      const char *name = g_ptr_array_index (named, i);
      if (!counts (self, group, name))
        continue;
      *n_queues += MAX (rmq_topic_config_manager_get (self->topics, name)->read_queue_nums, 0);
      g_ptr_array_add (topics, (gpointer)name);
    }
  g_ptr_array_unref (named);
  return topics;
}

static void
put_topic_progress (RmqMockBroker *self, const char *group, const char *topic, RmqJsonWriter *out,
                    const char **comma)
{
  const RmqTopicConfig *config = rmq_topic_config_manager_get (self->topics, topic);
  for (gint i = 0; i < config->read_queue_nums; i++)
    {
      rmq_json_put (out, *comma);
      put_progress (self, group, topic, i, out);
      *comma = ",";
    }
}

RmqRemotingCommand *
rmq_mock_broker_get_consume_stats (gpointer mock, RmqConnection *connection,
                                   RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "consumerGroup");
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  if (group == NULL)
    return rmq_java_throw_null (request, PLACE);
  gint64 n_queues;
  g_autoptr (GPtrArray) topics = list_topics (self, group, topic, &n_queues);
  RmqRemotingCommand *refusal = rmq_admin_refuse_queues (self, request, n_queues);
  if (refusal != NULL)
    return refusal;
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"consumeTps\":0.0,\"offsetTable\":{");
  for (guint i = 0; i < topics->len; i++)
    put_topic_progress (self, group, g_ptr_array_index (topics, i), out, &comma);
  rmq_json_put (out, "}}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

/* ---- 222 ----------------------------------------------------------------- */

typedef struct
{
  RmqMockBroker *broker;
  RmqRemotingCommand *request;
  const char *topic;
  const char *group;
  gint64 timestamp_ms;
  gboolean is_force;
  const RmqTopicConfig *config;
  GArray *offsets; /* of gint64, by queue */
} Reset;

static gint64
find_offset (const Reset *reset, gint queue_id, gint64 committed)
{
  RmqMockBroker *self = reset->broker;
  gint64 at =
      reset->timestamp_ms == LATEST
          ? rmq_message_store_get_max_offset (&self->store, reset->topic, queue_id)
          : rmq_mock_broker_find_offset (self, reset->topic, queue_id, reset->timestamp_ms, FALSE);
  return reset->is_force || at < committed ? at : committed;
}

/* (nullable): each queue has its offset. */
static RmqRemotingCommand *
find_offsets (Reset *reset)
{
  RmqMockBroker *self = reset->broker;
  for (gint i = 0; i < reset->config->write_queue_nums; i++)
    {
      gint64 committed =
          rmq_consumer_offset_manager_get (&self->offsets, reset->group, reset->topic, i);
      if (committed < 0 && !self->profile->consumer->reset_by_broker)
        return rmq_admin_answer (reset->request, RMQ_RESPONSE_SYSTEM_ERROR,
                                 "THe consumer group <%s> not exist", reset->group);
      gint64 offset = find_offset (reset, i, committed);
      g_array_append_val (reset->offsets, offset);
    }
  return NULL;
}

static GBytes *
encode_map (const Reset *reset)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"offsetTable\":{");
  for (guint i = 0; i < reset->offsets->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      rmq_admin_put_queue (reset->broker, reset->topic, (gint)i, out);
      rmq_json_put_int_member (out, ":", g_array_index (reset->offsets, gint64, i));
    }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

/* What a C++ client can read. */
static GBytes *
encode_list (const Reset *reset)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"offsetTable\":[");
  for (guint i = 0; i < reset->offsets->len; i++)
    {
      rmq_json_put_member (out,
                           i > 0 ? ",{\"brokerName\":" : "{\"brokerName\":", reset->broker->name);
      rmq_json_put_int_member (out, ",\"offset\":", g_array_index (reset->offsets, gint64, i));
      rmq_json_put_int_member (out, ",\"queueId\":", i);
      rmq_json_put_member (out, ",\"topic\":", reset->topic);
      rmq_json_put (out, "}");
    }
  rmq_json_put (out, "]}");
  return rmq_json_body_end (out);
}

static void
push_reset (const Reset *reset, const RmqClientChannel *member)
{
  g_autoptr (GBytes) body =
      member->language == RMQ_LANGUAGE_CPP ? encode_list (reset) : encode_map (reset);
  g_autoptr (RmqRemotingCommand) push =
      rmq_remoting_command_new_request (RMQ_REQUEST_RESET_CONSUMER_CLIENT_OFFSET);
  rmq_remoting_command_add_ext (push, "topic", reset->topic);
  rmq_remoting_command_add_ext (push, "isForce", "false"); /* whatever was asked for */
  rmq_remoting_command_add_ext (push, "group", reset->group);
  rmq_remoting_command_add_ext_int (push, "timestamp", reset->timestamp_ms);
  rmq_remoting_command_set_body (push, body);
  rmq_mock_server_notify (reset->broker->server, member->connection, push);
}

/* (nullable): they are told. */
static RmqRemotingCommand *
tell_members (const Reset *reset)
{
  g_autoptr (GPtrArray) members =
      rmq_broker_clients_list (&reset->broker->clients, reset->group, TRUE);
  if (members->len == 0)
    return rmq_admin_answer (reset->request, RMQ_RESPONSE_CONSUMER_NOT_ONLINE,
                             "Consumer not online, so can not reset offset, Group: %s Topic: %s "
                             "Timestamp: %" G_GINT64_FORMAT,
                             reset->group, reset->topic, reset->timestamp_ms);
  for (guint i = 0; i < members->len; i++)
    {
      const RmqClientChannel *member = g_ptr_array_index (members, i);
      g_autofree char *version = rmq_client_version_describe (member->version);
      if (member->version < RMQ_CLIENT_VERSION_RESETS)
        return rmq_admin_answer (reset->request, RMQ_RESPONSE_SYSTEM_ERROR,
                                 "the client does not support this feature. version=%s", version);
      push_reset (reset, member);
    }
  return NULL;
}

static void
commit (const Reset *reset)
{
  for (guint i = 0; i < reset->offsets->len; i++)
    rmq_consumer_offset_manager_assign_reset (&reset->broker->offsets, reset->group, reset->topic,
                                              (gint)i, g_array_index (reset->offsets, gint64, i));
}

static RmqRemotingCommand *
find_names (Reset *reset)
{
  RmqMockBroker *self = reset->broker;
  gboolean by_broker = self->profile->consumer->reset_by_broker;
  reset->config = rmq_topic_config_manager_get (self->topics, reset->topic);
  if (reset->config == NULL)
    return by_broker ? rmq_admin_answer (reset->request, RMQ_RESPONSE_TOPIC_NOT_EXIST,
                                         "Topic %s does not exist", reset->topic)
                     : rmq_admin_answer (
                         reset->request, RMQ_RESPONSE_SYSTEM_ERROR,
                         "[reset-offset] reset offset failed, no topic in this broker. topic=%s",
                         reset->topic);
  if (by_broker && rmq_subscription_group_manager_get (&self->groups, reset->group) == NULL)
    return rmq_admin_answer (reset->request, RMQ_RESPONSE_SUBSCRIPTION_GROUP_NOT_EXIST,
                             "Group %s does not exist", reset->group);
  return rmq_admin_refuse_queues (self, reset->request, reset->config->write_queue_nums);
}

static RmqRemotingCommand *
do_reset (Reset *reset)
{
  gboolean by_broker = reset->broker->profile->consumer->reset_by_broker;
  RmqRemotingCommand *refusal = find_names (reset);
  if (refusal == NULL)
    refusal = find_offsets (reset);
  if (refusal == NULL && !by_broker)
    refusal = tell_members (reset);
  if (refusal != NULL)
    return refusal;
  if (by_broker)
    commit (reset);
  g_autoptr (GBytes) body = encode_map (reset);
  RmqRemotingCommand *response = rmq_admin_answer (reset->request, RMQ_RESPONSE_SUCCESS,
                                                   by_broker ? NULL : "not set any response code");
  rmq_remoting_command_set_body (response, body);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_reset_offset (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  const char *timestamp = rmq_remoting_command_get_ext (request, "timestamp");
  const char *is_force = rmq_remoting_command_get_ext (request, "isForce");
  RmqMockBroker *self = mock;
  Reset reset = {
    .broker = self,
    .request = request,
    .topic = rmq_remoting_command_get_ext (request, "topic"),
    .group = rmq_remoting_command_get_ext (request, "group"),
    .is_force = is_force != NULL && g_ascii_strcasecmp (is_force, "true") == 0,
  };
  if (reset.topic == NULL || reset.group == NULL
      || (timestamp != NULL
          && !rmq_decimal_parse (timestamp, G_MININT64, G_MAXINT64, &reset.timestamp_ms)))
    return rmq_java_throw_null (request, PLACE);
  if (self->profile->consumer->reset_by_broker && rmq_broker_config_is_slave (&self->config))
    return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR,
                             "Can not reset offset in slave broker");
  reset.offsets = g_array_new (FALSE, FALSE, sizeof (gint64));
  RmqRemotingCommand *response = do_reset (&reset);
  g_array_unref (reset.offsets);
  return response;
}

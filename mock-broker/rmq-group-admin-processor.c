/* SPDX-License-Identifier: Apache-2.0 */

/* Groups, as operators configure and look at them: configuration, members, topics. A part of
 * AdminBrokerProcessor. On the broker's loop, owner only. */

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-java-exception.h"
#include "rmq-json-body-private.h"
#include "rmq-remoting-command-private.h"

#define PLACE "AdminBrokerProcessor.processRequest(AdminBrokerProcessor.java:180)"

/* ---- 200, 201, 207 ------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_create_group (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  GBytes *body = rmq_remoting_command_get_body (request);
  RmqSubscriptionGroupConfig config;
  RmqRemotingCommand *response = rmq_admin_refuse_slave (self, request);
  if (response != NULL)
    return response;
  if (body == NULL)
    return rmq_java_throw_null (request, PLACE);
  if (!rmq_subscription_group_config_decode (body, &config, NULL))
    response = rmq_java_throw_json (request, self->profile);
  else if (config.group_name == NULL)
    response = rmq_java_throw_null (request, PLACE);
  else
    {
      rmq_subscription_group_manager_put (&self->groups, &config, rmq_mock_broker_now_ms (self));
      response = rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
    }
  rmq_subscription_group_config_clear (&config);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_get_all_groups (gpointer mock, RmqConnection *connection,
                                RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_autoptr (GBytes) body = rmq_subscription_group_manager_encode (&self->groups);
  return rmq_admin_answer_body (request, body);
}

RmqRemotingCommand *
rmq_mock_broker_delete_group (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "groupName");
  const char *field = self->profile->consumer->removes_offsets;
  const char *removes = field != NULL ? rmq_remoting_command_get_ext (request, field) : NULL;
  RmqRemotingCommand *refusal = rmq_admin_refuse_slave (self, request);
  if (refusal != NULL)
    return refusal;
  if (group == NULL)
    return rmq_java_throw_null (request, PLACE);
  rmq_subscription_group_manager_remove (&self->groups, group, rmq_mock_broker_now_ms (self));
  if (removes != NULL && g_ascii_strcasecmp (removes, "true") == 0)
    rmq_consumer_offset_manager_remove_group (&self->offsets, group);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
}

/* ---- 203, 204 ------------------------------------------------------------ */

static void
put_connections (RmqJsonWriter *out, const GPtrArray *channels)
{
  rmq_json_put (out, "{\"connectionSet\":[");
  for (guint i = 0; i < channels->len; i++)
    {
      const RmqClientChannel *channel = g_ptr_array_index (channels, i);
      rmq_json_put_member (out, i > 0 ? ",{\"clientAddr\":" : "{\"clientAddr\":",
                           rmq_connection_get_peer_address (channel->connection));
      if (channel->client_id != NULL)
        rmq_json_put_member (out, ",\"clientId\":", channel->client_id);
      rmq_json_put_member (out, ",\"language\":", rmq_language_get_name (channel->language));
      rmq_json_put_int_member (out, ",\"version\":", channel->version);
      rmq_json_put (out, "}");
    }
  rmq_json_put (out, "]");
}

static void
put_enum (RmqJsonWriter *out, const char *literal, const char *name)
{
  if (name != NULL)
    rmq_json_put_member (out, literal, name);
}

static void
put_group_info (RmqJsonWriter *out, const RmqConsumerGroupInfo *info)
{
  put_enum (out, ",\"consumeFromWhere\":", info->consume_from_where);
  put_enum (out, ",\"consumeType\":", info->consume_type);
  put_enum (out, ",\"messageModel\":", info->message_model);
  rmq_json_put (out, ",\"subscriptionTable\":{");
  for (guint i = 0; i < info->subscriptions->len; i++)
    {
      const RmqSubscriptionData *data = g_ptr_array_index (info->subscriptions, i);
      rmq_json_put_member (out, i > 0 ? "," : "", data->topic != NULL ? data->topic : "null");
      rmq_json_put (out, ":");
      rmq_subscription_data_write (data, out);
    }
  rmq_json_put (out, "}");
}

RmqRemotingCommand *
rmq_mock_broker_get_consumer_connections (gpointer mock, RmqConnection *connection,
                                          RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "consumerGroup");
  if (group == NULL)
    return rmq_java_throw_null (request, PLACE);
  const RmqConsumerGroupInfo *info = rmq_consumer_manager_get (&self->consumers, group);
  if (info == NULL)
    return rmq_admin_answer (request, RMQ_RESPONSE_CONSUMER_NOT_ONLINE,
                             "the consumer group[%s] not online", group);
  g_autoptr (GPtrArray) members = rmq_broker_clients_list (&self->clients, group, TRUE);
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  put_connections (out, members);
  put_group_info (out, info);
  rmq_json_put (out, "}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

RmqRemotingCommand *
rmq_mock_broker_get_producer_connections (gpointer mock, RmqConnection *connection,
                                          RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *group = rmq_remoting_command_get_ext (request, "producerGroup");
  if (group == NULL && self->profile->consumer->null_group_throws)
    return rmq_java_throw_null (request, PLACE);
  const char *name = group != NULL ? group : "null";
  g_autoptr (GPtrArray) producers = rmq_broker_clients_list (&self->clients, name, FALSE);
  if (producers->len == 0)
    return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR, "the producer group[%s] not exist",
                             name);
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  put_connections (out, producers);
  rmq_json_put (out, "}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

/* ---- 300 ----------------------------------------------------------------- */

static void
add_once (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, (gpointer)name);
}

/* Those that subscribe, and those that have an offset. */
static GPtrArray *
list_groups (RmqMockBroker *self, const char *topic)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < self->consumers.groups->len; i++)
    {
      const RmqConsumerGroupInfo *info = g_ptr_array_index (self->consumers.groups, i);
      if (rmq_consumer_manager_find (&self->consumers, info->group, topic) != NULL)
        add_once (names, self->profile->consumer->lists_topic_as_group ? topic : info->group);
    }
  for (guint i = 0; i < self->offsets.entries->len; i++)
    {
      const RmqConsumerOffsets *offsets = g_ptr_array_index (self->offsets.entries, i);
      if (g_str_equal (offsets->topic, topic))
        add_once (names, offsets->group);
    }
  g_ptr_array_add (names, NULL);
  return names;
}

RmqRemotingCommand *
rmq_mock_broker_get_groups_of_topic (gpointer mock, RmqConnection *connection,
                                     RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  if (topic == NULL)
    return rmq_java_throw_null (request, PLACE);
  g_autoptr (GPtrArray) names = list_groups (self, topic);
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"groupList\":");
  rmq_json_put_strv (out, (char *const *)names->pdata);
  rmq_json_put (out, "}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

/* ---- 328 ----------------------------------------------------------------- */

static gboolean
is_first_of_group (const GPtrArray *channels, guint index)
{
  const RmqClientChannel *channel = g_ptr_array_index (channels, index);
  for (guint i = 0; i < index; i++)
    {
      const RmqClientChannel *other = g_ptr_array_index (channels, i);
      if (!other->is_consumer && g_str_equal (other->group, channel->group))
        return FALSE;
    }
  return !channel->is_consumer;
}

static void
put_producers (RmqMockBroker *self, const char *group, RmqJsonWriter *out)
{
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  g_autoptr (GPtrArray) members = rmq_broker_clients_list (&self->clients, group, FALSE);
  rmq_json_put_string (out, group);
  rmq_json_put (out, ":[");
  for (guint i = 0; i < members->len; i++)
    {
      const RmqClientChannel *member = g_ptr_array_index (members, i);
      g_autofree char *ip =
          g_strdup_printf ("/%s", rmq_connection_get_peer_address (member->connection));
      gint64 ago_ms = (rmq_env_now (env) - member->last_update_us) / G_TIME_SPAN_MILLISECOND;
      rmq_json_put (out, i > 0 ? ",{" : "{");
      if (member->client_id != NULL)
        {
          rmq_json_put_member (out, "\"clientId\":", member->client_id);
          rmq_json_put (out, ",");
        }
      rmq_json_put_member (out, "\"language\":", rmq_language_get_name (member->language));
      rmq_json_put_int_member (out, ",\"lastUpdateTimestamp\":", rmq_env_wall (env) - ago_ms);
      rmq_json_put_member (out, ",\"remoteIP\":", ip);
      rmq_json_put_int_member (out, ",\"version\":", member->version);
      rmq_json_put (out, "}");
    }
  rmq_json_put (out, "]");
}

RmqRemotingCommand *
rmq_mock_broker_get_all_producers (gpointer mock, RmqConnection *connection,
                                   RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const GPtrArray *channels = self->clients.channels;
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"data\":{");
  for (guint i = 0; i < channels->len; i++)
    if (is_first_of_group (channels, i))
      {
        rmq_json_put (out, comma);
        put_producers (self, ((RmqClientChannel *)g_ptr_array_index (channels, i))->group, out);
        comma = ",";
      }
  rmq_json_put (out, "}}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

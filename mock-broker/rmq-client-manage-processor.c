/* SPDX-License-Identifier: Apache-2.0 */

/* ClientManageProcessor: heartbeats and goodbyes of clients, and the word to the members of a group
 * when one comes or goes (40). It leaves before the answer to whoever caused it, as at Apache's
 * brokers. On the broker's loop, owner only. */

#include "rmq-codes-private.h"
#include "rmq-consumer-processors.h"
#include "rmq-headers.h"
#include "rmq-java-exception.h"

/* ---- groups -------------------------------------------------------------- */

const RmqSubscriptionGroupConfig *
rmq_mock_broker_find_group (RmqMockBroker *self, const char *group)
{
  const RmqSubscriptionGroupConfig *there =
      rmq_subscription_group_manager_get (&self->groups, group);
  if (there != NULL)
    return there;
  gboolean may =
      self->config.auto_create_subscription_group || g_str_has_prefix (group, "CID_RMQ_SYS_");
  if (!may || (self->profile->consumer->checks_group_name && !rmq_group_name_is_valid (group)))
    return NULL;
  RmqSubscriptionGroupConfig config;
  rmq_subscription_group_config_init (&config, group);
  rmq_subscription_group_manager_put (&self->groups, &config, rmq_mock_broker_now_ms (self));
  rmq_subscription_group_config_clear (&config);
  return rmq_subscription_group_manager_get (&self->groups, group);
}

const RmqTopicConfig *
rmq_mock_broker_ensure_retry_topic (RmqMockBroker *self, const RmqSubscriptionGroupConfig *group,
                                    gboolean unit_mode)
{
  g_autofree char *name = g_strconcat (RMQ_RETRY_PREFIX, group->group_name, NULL);
  gint n = (gint)CLAMP (group->retry_queue_nums, 0, G_MAXINT16);
  RmqTopicConfig config = {
    .topic_name = name,
    .read_queue_nums = n,
    .write_queue_nums = n,
    .perm = RMQ_PERM_READ | RMQ_PERM_WRITE,
    .topic_sys_flag = unit_mode ? RMQ_TOPIC_SYS_FLAG_UNIT_SUB : 0,
  };
  return rmq_mock_broker_ensure_topic_config (self, &config);
}

/* ---- membership ---------------------------------------------------------- */

static void
notify_members (RmqMockBroker *self, const char *group)
{
  const RmqConsumerGroupInfo *info = rmq_consumer_manager_get (&self->consumers, group);
  if (info == NULL
      || (rmq_consumer_group_info_is_broadcast (info)
          && !self->profile->consumer->notifies_broadcasters))
    return;
  g_autoptr (GPtrArray) members = rmq_broker_clients_list (&self->clients, group, TRUE);
  for (guint i = 0; i < members->len; i++)
    {
      const RmqClientChannel *member = g_ptr_array_index (members, i);
      g_autoptr (RmqRemotingCommand) push =
          rmq_remoting_command_new_request (RMQ_REQUEST_NOTIFY_CONSUMER_IDS_CHANGED);
      rmq_remoting_command_add_ext (push, "consumerGroup", group);
      rmq_mock_server_notify (self->server, member->connection, push);
    }
}

static void
member_gone (RmqMockBroker *self, const char *group, gboolean tell)
{
  g_autoptr (GPtrArray) left = rmq_broker_clients_list (&self->clients, group, TRUE);
  if (left->len == 0)
    rmq_consumer_manager_remove (&self->consumers, group);
  else if (tell)
    notify_members (self, group);
}

static void
forget_connection (RmqMockBroker *self, RmqConnection *connection, gboolean tell)
{
  g_autoptr (GPtrArray) groups = rmq_broker_clients_list_groups (&self->clients, connection);
  rmq_broker_clients_connection_ended (&self->clients, connection);
  for (guint i = 0; i < groups->len; i++)
    member_gone (self, g_ptr_array_index (groups, i), tell);
}

void
rmq_mock_broker_client_gone (gpointer mock, RmqConnection *connection)
{
  forget_connection (mock, connection, TRUE);
}

void
rmq_mock_broker_drop_silent_clients (RmqMockBroker *self)
{
  gint64 now_us = rmq_env_now (rmq_mock_server_get_env (self->server));
  RmqConnection *silent;
  while ((silent = rmq_broker_clients_find_inactive (&self->clients, now_us)) != NULL)
    {
      g_autoptr (RmqConnection) connection = rmq_connection_ref (silent);
      forget_connection (self, connection, FALSE);
      rmq_mock_server_end_connection (self->server, connection, RMQ_CLOSE_FIN);
    }
}

/* ---- 34 ------------------------------------------------------------------ */

static void
take_consumer (RmqMockBroker *self, const RmqConsumerData *data, RmqClientChannel *seen)
{
  if (data->group_name == NULL)
    return;
  const RmqSubscriptionGroupConfig *group = rmq_mock_broker_find_group (self, data->group_name);
  if (group == NULL && self->profile->consumer->skips_unknown_groups)
    return;
  gboolean tell = group == NULL || group->notify_consumer_ids_changed_enable;
  if (group != NULL)
    rmq_mock_broker_ensure_retry_topic (self, group, data->unit_mode);
  seen->group = data->group_name;
  seen->is_consumer = TRUE;
  gboolean is_new = rmq_broker_clients_register (&self->clients, seen);
  gboolean is_changed = rmq_consumer_manager_update (&self->consumers, data);
  if (tell && (is_new || is_changed))
    notify_members (self, data->group_name);
}

static void
take_groups (RmqMockBroker *self, const RmqHeartbeatData *data, GPtrArray *consumers,
             RmqClientChannel *seen)
{
  for (guint i = 0; i < consumers->len; i++)
    take_consumer (self, g_ptr_array_index (consumers, i), seen);
  for (guint i = 0; i < data->producer_groups->len; i++)
    {
      seen->group = g_ptr_array_index (data->producer_groups, i);
      seen->is_consumer = FALSE;
      rmq_broker_clients_register (&self->clients, seen);
    }
}

RmqRemotingCommand *
rmq_mock_broker_heart_beat (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const RmqConsumerProfile *profile = self->profile->consumer;
  GBytes *body = rmq_remoting_command_get_body (request);
  if (body == NULL)
    return rmq_java_throw_null (request,
                                "ClientManageProcessor.heartBeat(ClientManageProcessor.java:83)");
  g_autoptr (RmqHeartbeatData) data = rmq_heartbeat_data_decode (body, NULL);
  g_autoptr (GPtrArray) consumers =
      data != NULL ? rmq_consumer_data_set_decode (data->consumer_data_json, NULL) : NULL;
  if (consumers == NULL)
    return rmq_java_throw_json (request, self->profile);
  if (profile->heartbeat_needs_names
      && (data->has_nameless_producer
          || (data->client_id == NULL && consumers->len + data->producer_groups->len > 0)))
    return rmq_java_throw_null (request, "ClientManageProcessor.heartBeat"
                                         "(ClientManageProcessor.java:153)");
  RmqClientChannel seen = {
    .client_id = data->client_id,
    .connection = connection,
    .language = rmq_remoting_command_get_language (request),
    .version = rmq_remoting_command_get_version (request),
    .last_update_us = rmq_env_now (rmq_mock_server_get_env (self->server)),
  };
  take_groups (self, data, consumers, &seen);
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  if (profile->heartbeat_tells)
    {
      rmq_remoting_command_add_ext (response, "IS_SUPPORT_HEART_BEAT_V2", "true");
      rmq_remoting_command_add_ext (response, "IS_SUB_CHANGE", "true");
    }
  return response;
}

/* ---- 35, 46 -------------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_unregister_client (gpointer mock, RmqConnection *connection,
                                   RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  RmqUnregisterClientRequestHeader header;
  rmq_header_decode (&rmq_unregister_client_request_header, RMQ_HEADER_LONG_NAMES, request, &header,
                     NULL); /* what is missing unregisters nothing */
  if (header.producer_group != NULL)
    rmq_broker_clients_unregister (&self->clients, connection, header.producer_group, FALSE);
  if (header.consumer_group != NULL)
    {
      const RmqSubscriptionGroupConfig *group =
          rmq_mock_broker_find_group (self, header.consumer_group);
      rmq_broker_clients_unregister (&self->clients, connection, header.consumer_group, TRUE);
      member_gone (self, header.consumer_group,
                   group == NULL || group->notify_consumer_ids_changed_enable);
    }
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_add_ext_map (response);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_check_client_config (gpointer mock, RmqConnection *connection,
                                     RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  GBytes *body = rmq_remoting_command_get_body (request);
  g_autoptr (RmqSubscriptionData) data = NULL;
  if (body == NULL && self->profile->consumer->check_needs_body)
    return rmq_java_throw_null (
        request, "ClientManageProcessor.checkClientConfig(ClientManageProcessor.java:166)");
  if (body != NULL && !rmq_check_client_body_decode (body, &data, NULL))
    return rmq_java_throw_json (request, self->profile);
  const char *type = data != NULL ? data->expression_type : NULL;
  if (type == NULL || type[0] == '\0' || g_str_equal (type, "TAG"))
    return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  g_autofree char *remark =
      g_strconcat ("The broker does not support consumer to filter message by ", type, NULL);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
}

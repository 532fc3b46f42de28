/* SPDX-License-Identifier: Apache-2.0 */

/* A name server in memory: its life, its table of processors over a route info manager, and the
 * scan for silent brokers. Mirrors NamesrvController. Runs on its host's loop, owner only. It
 * connects to nobody. Over a stop or kill it keeps what a real one keeps in files, and nothing
 * else: its brokers come back by themselves. */

#include "rmq-mock-nameserver-private.h"

static const RmqProcessor processors[] = {
  { RMQ_REQUEST_PUT_KV_CONFIG, rmq_nameserver_put_kv_config,
    "sets a value of the key-value store" },
  { RMQ_REQUEST_GET_KV_CONFIG, rmq_nameserver_get_kv_config,
    "asks for a value of the key-value store" },
  { RMQ_REQUEST_DELETE_KV_CONFIG, rmq_nameserver_delete_kv_config,
    "deletes a value of the key-value store" },
  { RMQ_REQUEST_REGISTER_BROKER, rmq_nameserver_register_broker,
    "a broker announces itself and its topics" },
  { RMQ_REQUEST_UNREGISTER_BROKER, rmq_nameserver_unregister_broker, "a broker says goodbye" },
  { RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, rmq_nameserver_get_route_info,
    "which brokers serve a topic" },
  { RMQ_REQUEST_GET_BROKER_CLUSTER_INFO, rmq_nameserver_get_cluster_info,
    "all brokers by cluster" },
  { RMQ_REQUEST_WIPE_WRITE_PERM_OF_BROKER, rmq_nameserver_wipe_write_perm,
    "takes a broker's write permission in routes" },
  { RMQ_REQUEST_GET_ALL_TOPIC_LIST_FROM_NAMESERVER, rmq_nameserver_get_all_topics, "all topics" },
  { RMQ_REQUEST_DELETE_TOPIC_IN_NAMESRV, rmq_nameserver_delete_topic, "forgets a topic" },
  { RMQ_REQUEST_REGISTER_TOPIC_IN_NAMESRV, rmq_nameserver_register_topic,
    "a broker brings one topic", RMQ_VERSION_5_3_3 },
  { RMQ_REQUEST_GET_KVLIST_BY_NAMESPACE, rmq_nameserver_get_kvlist_by_namespace,
    "lists a namespace of the key-value store" },
  { RMQ_REQUEST_GET_TOPICS_BY_CLUSTER, rmq_nameserver_get_topics_by_cluster,
    "the topics of a cluster" },
  { RMQ_REQUEST_GET_SYSTEM_TOPIC_LIST_FROM_NS, rmq_nameserver_get_system_topics,
    "the system's topics" },
  { RMQ_REQUEST_GET_UNIT_TOPIC_LIST, rmq_nameserver_get_unit_topics, "topics of units" },
  { RMQ_REQUEST_GET_HAS_UNIT_SUB_TOPIC_LIST, rmq_nameserver_get_unit_topics,
    "topics units subscribe to" },
  { RMQ_REQUEST_GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST, rmq_nameserver_get_unit_topics,
    "topics only units subscribe to" },
  { RMQ_REQUEST_UPDATE_NAMESRV_CONFIG, rmq_nameserver_update_config, "changes the configuration" },
  { RMQ_REQUEST_GET_NAMESRV_CONFIG, rmq_nameserver_get_config, "asks for the configuration" },
  { RMQ_REQUEST_QUERY_DATA_VERSION, rmq_nameserver_query_data_version,
    "whether a broker's topics changed" },
  { RMQ_REQUEST_ADD_WRITE_PERM_OF_BROKER, rmq_nameserver_add_write_perm,
    "gives write permission back", RMQ_VERSION_4_9_7 },
  { RMQ_REQUEST_GET_BROKER_MEMBER_GROUP, rmq_nameserver_get_broker_member_group,
    "the addresses of a broker name", RMQ_VERSION_5_3_3 },
  { RMQ_REQUEST_BROKER_HEARTBEAT, rmq_nameserver_broker_heartbeat, "a broker is alive",
    RMQ_VERSION_5_3_3 },
};

const RmqProcessor *
rmq_mock_nameserver_get_processors (guint *n_processors)
{
  *n_processors = G_N_ELEMENTS (processors);
  return processors;
}

/* ---- life ---------------------------------------------------------------- */

static void
disconnected (gpointer mock, RmqConnection *connection)
{
  RmqMockNameserver *self = mock;
  rmq_route_info_manager_connection_ended (self->manager, connection);
}

static void
scan_not_active_broker (gpointer data)
{
  RmqMockNameserver *self = data;
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  self->next_scan_us += self->profile->scan_period_us;
  rmq_env_timer_start (env, &self->scan_timer, self->next_scan_us, scan_not_active_broker, self);
  RmqConnection *silent;
  while ((silent = rmq_route_info_manager_drop_inactive (self->manager)) != NULL)
    {
      rmq_mock_server_end_connection (self->server, silent, RMQ_CLOSE_FIN);
      rmq_connection_unref (silent);
    }
}

RmqMockNameserver *
rmq_mock_nameserver_new (const char *name, const RmqMockProfile *profile)
{
  RmqMockNameserver *self = g_new0 (RmqMockNameserver, 1);
  self->name = g_strdup (name);
  self->profile = profile != NULL ? profile : rmq_mock_profile_find (NULL);
  RmqMockServerClass klass = {
    .profile = self->profile,
    .processors = processors,
    .n_processors = G_N_ELEMENTS (processors),
    .answers_unknown_codes = self->profile->nameserver_answers_unknown_codes,
    .disconnected = disconnected,
  };
  self->server = rmq_mock_server_new (name, &klass, self);
  self->kv = rmq_kv_config_manager_new ();
  self->config = rmq_nameserver_config_new (self->profile->nameserver);
  return self;
}

void
rmq_mock_nameserver_free (RmqMockNameserver *self)
{
  if (self == NULL)
    return;
  rmq_mock_nameserver_stop (self);
  rmq_mock_server_free (self->server);
  rmq_kv_config_manager_free (self->kv);
  rmq_properties_free (self->config);
  g_free (self->name);
  g_free (self);
}

static void
note_port (RmqMockNameserver *self)
{
  const char *colon = strrchr (rmq_mock_server_get_address (self->server), ':');
  if (colon != NULL)
    rmq_properties_set (self->config, "listenPort", colon + 1);
}

gboolean
rmq_mock_nameserver_start (RmqMockNameserver *self, RmqEnv *env, const char *listen, GError **error)
{
  g_assert (self->manager == NULL);
  if (!rmq_mock_server_start (self->server, env, listen, error))
    return FALSE;
  self->manager = rmq_route_info_manager_new (self->name, env, self->profile->nameserver);
  self->started_us = rmq_env_now (env);
  note_port (self);
  self->next_scan_us = rmq_env_now (env) + self->profile->first_scan_us;
  rmq_env_timer_start (env, &self->scan_timer, self->next_scan_us, scan_not_active_broker, self);
  return TRUE;
}

static void
forget_all (RmqMockNameserver *self)
{
  rmq_env_timer_stop (rmq_mock_server_get_env (self->server), &self->scan_timer);
  g_clear_pointer (&self->manager, rmq_route_info_manager_free);
}

void
rmq_mock_nameserver_stop (RmqMockNameserver *self)
{
  if (self->manager == NULL)
    return;
  rmq_mock_server_stop (self->server);
  forget_all (self);
}

void
rmq_mock_nameserver_kill (RmqMockNameserver *self, RmqCloseHow how)
{
  if (self->manager == NULL)
    return;
  rmq_mock_server_kill (self->server, how);
  forget_all (self);
}

void
rmq_mock_nameserver_reset (RmqMockNameserver *self)
{
  rmq_mock_server_heal (self->server);
  rmq_mock_server_forget_requests (self->server);
  rmq_kv_config_manager_clear (self->kv);
  if (self->manager != NULL)
    rmq_route_info_manager_forget_topics (self->manager);
}

/* ---- looking ------------------------------------------------------------- */

const char *
rmq_mock_nameserver_get_address (RmqMockNameserver *self)
{
  return rmq_mock_server_get_address (self->server);
}

RmqMockServer *
rmq_mock_nameserver_get_server (RmqMockNameserver *self)
{
  return self->server;
}

gboolean
rmq_mock_nameserver_has_broker (RmqMockNameserver *self, const char *broker_name)
{
  return self->manager != NULL && rmq_route_info_manager_has_broker (self->manager, broker_name);
}

gboolean
rmq_mock_nameserver_has_member (RmqMockNameserver *self, const char *broker_name, gint64 broker_id)
{
  return self->manager != NULL
         && rmq_route_info_manager_has_member (self->manager, broker_name, broker_id);
}

void
rmq_mock_nameserver_fill_snapshot (RmqMockNameserver *self, RmqSnapshot *snapshot)
{
  if (self->manager == NULL)
    return;
  rmq_route_info_manager_fill_snapshot (self->manager, snapshot);
  rmq_kv_config_manager_fill_snapshot (self->kv, self->name, snapshot);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* RouteInfoManager of a name server: how registrations, goodbyes, silence and broken connections
 * change its tables, one request at a time, on the host's loop, owner only. It answers nobody and
 * closes no connection: its callers do.
 *
 * The rules worth knowing: a registration adds and replaces, it never takes a topic away; an equal
 * data version means that the topics are not looked at (5.3: that none is replaced); a broker is
 * bound to the connection it registered on last; its topics go with the last address of its name.
 */

#include "rmq-route-info-manager.h"

#include "rmq-mock-events.h"
#include "rmq-route-tables-private.h"

#define MASTER_ID 0

RmqRouteInfoManager *
rmq_route_info_manager_new (const char *name, RmqEnv *env, const RmqNameserverProfile *profile)
{
  RmqRouteInfoManager *self = g_new0 (RmqRouteInfoManager, 1);
  self->name = g_strdup (name);
  self->env = rmq_env_ref (env);
  self->profile = profile;
  self->topic_queue_table = rmq_topic_queue_table_new ();
  self->broker_addr_table = rmq_broker_addr_table_new ();
  self->cluster_addr_table = rmq_cluster_addr_table_new ();
  self->broker_live_table = rmq_broker_live_table_new ();
  return self;
}

void
rmq_route_info_manager_free (RmqRouteInfoManager *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->topic_queue_table);
  g_ptr_array_unref (self->broker_addr_table);
  g_ptr_array_unref (self->cluster_addr_table);
  g_ptr_array_unref (self->broker_live_table);
  rmq_env_unref (self->env);
  g_free (self->name);
  g_free (self);
}

/* ---- registration -------------------------------------------------------- */

/* stored, version (nullable). */
static gboolean
version_differs (RmqRouteInfoManager *self, const RmqDataVersion *stored,
                 const RmqDataVersion *version)
{
  return stored == NULL || version == NULL || stored->timestamp_ms != version->timestamp_ms
         || stored->counter != version->counter
         || (self->profile->compares_state_version
             && stored->state_version != version->state_version);
}

/* The id is held by another one that lives and is further on: 5.3 does without the newcomer. */
static gboolean
is_outdated (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header,
             const RmqBrokerRow *broker, const RmqDataVersion *version)
{
  const char *holder = rmq_broker_row_get_addr (broker, header->broker_id);
  if (!self->profile->compares_state_version || holder == NULL
      || g_str_equal (holder, header->broker_addr))
    return FALSE;
  const RmqLiveRow *live = rmq_route_brokers_find_live (self, header->cluster_name, holder);
  return live != NULL && live->data_version.state_version > version->state_version;
}

static gint64
get_timeout_us (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header)
{
  return self->profile->obeys_heartbeat_timeout && header->has_heartbeat_timeout
             ? header->heartbeat_timeout_ms * G_TIME_SPAN_MILLISECOND
             : RMQ_BROKER_CHANNEL_EXPIRED_US;
}

static void
update_live (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header,
             const RmqRegisterBrokerBody *body, RmqConnection *connection)
{
  RmqLiveRow *row = rmq_route_brokers_ensure_live (self, header->cluster_name, header->broker_addr);
  rmq_connection_ref (connection);
  rmq_connection_unref (row->connection);
  row->connection = connection;
  row->last_update_us = rmq_env_now (self->env);
  row->timeout_us = get_timeout_us (self, header);
  row->data_version = body->data_version;
  g_free (row->ha_server_addr);
  row->ha_server_addr = g_strdup (header->ha_server_addr);
  if (body->filter_servers == NULL) /* it says nothing of them */
    return;
  g_strfreev (row->filter_servers);
  row->filter_servers = g_strdupv (body->filter_servers);
}

static void
tell_slave (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header,
            const RmqBrokerRow *broker, RmqRegisterBrokerResponseHeader *result)
{
  const char *master = rmq_broker_row_get_addr (broker, MASTER_ID);
  const RmqLiveRow *live =
      master != NULL ? rmq_route_brokers_find_live (self, header->cluster_name, master) : NULL;
  if (live == NULL)
    return;
  result->master_addr = live->broker_addr;
  result->ha_server_addr = live->ha_server_addr;
}

/* changed: all that the body brings; else, at 5.3, what is missing. */
static void
take_topics (RmqRouteInfoManager *self, const char *broker_name, const RmqRegisterBrokerBody *body,
             gboolean changed)
{
  for (guint i = 0; i < body->topics->len; i++)
    {
      const RmqTopicConfig *config = g_ptr_array_index (body->topics, i);
      RmqQueueData queue = { (char *)broker_name, config->read_queue_nums, config->write_queue_nums,
                             config->perm, config->topic_sys_flag };
      if (changed
          || (self->profile->heals_topics
              && !rmq_route_topics_has (self, config->topic_name, broker_name)))
        rmq_route_topics_update (self, config->topic_name, &queue);
    }
}

static void
emit_register (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header,
               const RmqRegisterBrokerBody *body, gboolean first)
{
  g_autofree char *text =
      g_strdup_printf ("%s %s %s", self->name, header->broker_name, header->broker_addr);
  RMQ_EMIT (self->env, &rmq_event_broker_register, text, header->broker_id,
            body->data_version.counter, body->topics->len, first);
}

gboolean
rmq_route_info_manager_register_broker (RmqRouteInfoManager *self,
                                        const RmqRegisterBrokerRequestHeader *header,
                                        const RmqRegisterBrokerBody *body,
                                        RmqConnection *connection,
                                        RmqRegisterBrokerResponseHeader *result)
{
  *result = (RmqRegisterBrokerResponseHeader){ 0 };
  rmq_route_brokers_add_to_cluster (self, header->cluster_name, header->broker_name);
  RmqBrokerRow *broker = rmq_route_brokers_ensure (self, header->cluster_name, header->broker_name);
  broker->enable_acting_master = header->enable_acting_master;
  rmq_broker_row_remove_addr (broker, header->broker_addr, header->broker_id);
  if (is_outdated (self, header, broker, &body->data_version))
    {
      rmq_route_brokers_remove_live (self, header->cluster_name, header->broker_addr);
      return TRUE;
    }
  if (self->profile->refuses_one_topic && body->topics->len == 1
      && rmq_broker_row_get_addr (broker, header->broker_id) == NULL)
    return FALSE; /* what was put into the tables stays there */
  gboolean first = rmq_broker_row_put_addr (broker, header->broker_id, header->broker_addr);
  emit_register (self, header, body, first);
  const RmqLiveRow *live =
      rmq_route_brokers_find_live (self, header->cluster_name, header->broker_addr);
  if (header->broker_id == MASTER_ID)
    take_topics (self, header->broker_name, body,
                 first
                     || version_differs (self, live != NULL ? &live->data_version : NULL,
                                         &body->data_version));
  update_live (self, header, body, connection);
  if (header->broker_id != MASTER_ID)
    tell_slave (self, header, broker, result);
  return TRUE;
}

/* ---- signs of life ------------------------------------------------------- */

gboolean
rmq_route_info_manager_query_data_version (RmqRouteInfoManager *self,
                                           const RmqUnregisterBrokerRequestHeader *header,
                                           const RmqDataVersion *version,
                                           const RmqDataVersion **stored)
{
  RmqLiveRow *live =
      header->broker_addr != NULL
          ? rmq_route_brokers_find_live (self, header->cluster_name, header->broker_addr)
          : NULL;
  *stored = live != NULL ? &live->data_version : NULL;
  gboolean changed = version_differs (self, *stored, version);
  if (live != NULL && (!changed || self->profile->query_refreshes))
    live->last_update_us = rmq_env_now (self->env);
  return changed;
}

void
rmq_route_info_manager_broker_heartbeat (RmqRouteInfoManager *self, const char *cluster,
                                         const char *address)
{
  RmqLiveRow *live = rmq_route_brokers_find_live (self, cluster, address);
  if (live != NULL)
    live->last_update_us = rmq_env_now (self->env);
}

/* ---- goodbye, silence, broken connection --------------------------------- */

/* The last address of a name takes the name, and with it every route to it. cluster (nullable): the
 * first that has the name. */
static void
drop_if_empty (RmqRouteInfoManager *self, RmqBrokerRow *row, const char *cluster)
{
  if (row->broker_addrs->len > 0)
    return;
  rmq_route_brokers_remove_from_cluster (self, cluster, row->broker_name);
  rmq_route_topics_remove_broker (self, row->broker_name);
  rmq_sorted_table_remove (self->broker_addr_table, row->broker_name);
}

void
rmq_route_info_manager_unregister_broker (RmqRouteInfoManager *self,
                                          const RmqUnregisterBrokerRequestHeader *header)
{
  g_autofree char *text =
      g_strdup_printf ("%s %s %s", self->name, header->broker_name, header->broker_addr);
  RMQ_EMIT (self->env, &rmq_event_broker_unregister, text, header->broker_id);
  rmq_route_brokers_remove_live (self, header->cluster_name, header->broker_addr);
  RmqBrokerRow *broker = rmq_sorted_table_find (self->broker_addr_table, header->broker_name);
  if (broker == NULL)
    return;
  if (self->profile->unregisters_by_address)
    rmq_broker_row_remove_addr (broker, header->broker_addr, G_MININT64);
  else
    rmq_broker_row_remove_id (broker, header->broker_id); /* whatever address it holds */
  drop_if_empty (self, broker, header->cluster_name);
}

static void
drop_live (RmqRouteInfoManager *self, guint index, const RmqEventKind *kind, gint64 field)
{
  RmqLiveRow *live = g_ptr_array_index (self->broker_live_table, index);
  guint place;
  RmqBrokerRow *broker = rmq_route_brokers_find_address (self, live->broker_addr, &place);
  g_autofree char *text = g_strdup_printf (
      "%s %s %s", self->name, broker != NULL ? broker->broker_name : "-", live->broker_addr);
  RMQ_EMIT (self->env, kind, text, field);
  g_ptr_array_remove_index (self->broker_live_table, index);
  if (broker == NULL)
    return;
  g_array_remove_index (broker->broker_addrs, place);
  drop_if_empty (self, broker, NULL);
}

void
rmq_route_info_manager_connection_ended (RmqRouteInfoManager *self, RmqConnection *connection)
{
  for (guint i = 0; i < self->broker_live_table->len; i++)
    if (((RmqLiveRow *)g_ptr_array_index (self->broker_live_table, i))->connection == connection)
      {
        drop_live (self, i, &rmq_event_broker_disconnected,
                   (gint64)rmq_connection_get_id (connection));
        return; /* only the first, as the real one */
      }
}

RmqConnection *
rmq_route_info_manager_drop_inactive (RmqRouteInfoManager *self)
{
  gint64 now_us = rmq_env_now (self->env);
  for (guint i = 0; i < self->broker_live_table->len; i++)
    {
      RmqLiveRow *live = g_ptr_array_index (self->broker_live_table, i);
      gint64 silent_us = now_us - live->last_update_us;
      if (silent_us <= live->timeout_us)
        continue;
      RmqConnection *connection = rmq_connection_ref (live->connection);
      drop_live (self, i, &rmq_event_broker_expired, silent_us);
      return connection;
    }
  return NULL;
}

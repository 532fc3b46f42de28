/* SPDX-License-Identifier: Apache-2.0 */

/* RouteInfoManager of a 4.x name server. Owns topicQueueTable, brokerAddrTable, clusterAddrTable
 * and brokerLiveTable; changes them by one request at a time, on the host's loop, owner only. It
 * answers nobody and closes no connection: its callers do.
 *
 * The rules worth knowing: a registration adds and replaces, it never takes a topic away; an equal
 * data version means the topics are not looked at; a broker is bound to the connection it
 * registered on last; its topics go with the last address of its name. */

#include "rmq-route-info-manager.h"

#include "rmq-mock-events.h"
#include "rmq-route-tables-private.h"

#define MASTER_ID 0

/* ---- rows ---------------------------------------------------------------- */

static void
queue_data_free (gpointer data)
{
  RmqQueueData *row = data;
  g_free (row->broker_name);
  g_free (row);
}

static void
topic_row_free (gpointer data)
{
  RmqTopicRow *row = data;
  g_ptr_array_unref (row->queue_datas);
  g_free (row->topic);
  g_free (row);
}

static void
broker_addr_clear (gpointer data)
{
  g_free (((RmqBrokerAddr *)data)->address);
}

static void
broker_row_free (gpointer data)
{
  RmqBrokerRow *row = data;
  g_array_unref (row->broker_addrs);
  g_free (row->cluster);
  g_free (row->broker_name);
  g_free (row);
}

static void
name_row_free (gpointer data)
{
  g_free (((RmqNameRow *)data)->broker_name);
  g_free (data);
}

static void
cluster_row_free (gpointer data)
{
  RmqClusterRow *row = data;
  g_ptr_array_unref (row->broker_names);
  g_free (row->cluster);
  g_free (row);
}

static void
live_row_free (gpointer data)
{
  RmqLiveRow *row = data;
  rmq_connection_unref (row->connection);
  g_free (row->ha_server_addr);
  g_free (row->broker_addr);
  g_free (row);
}

RmqRouteInfoManager *
rmq_route_info_manager_new (const char *name, RmqEnv *env)
{
  RmqRouteInfoManager *self = g_new0 (RmqRouteInfoManager, 1);
  self->name = g_strdup (name);
  self->env = rmq_env_ref (env);
  self->topic_queue_table = g_ptr_array_new_with_free_func (topic_row_free);
  self->broker_addr_table = g_ptr_array_new_with_free_func (broker_row_free);
  self->cluster_addr_table = g_ptr_array_new_with_free_func (cluster_row_free);
  self->broker_live_table = g_ptr_array_new_with_free_func (live_row_free);
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

/* ---- topicQueueTable ----------------------------------------------------- */

static void
emit_route (RmqRouteInfoManager *self, const char *topic, const RmqQueueData *now)
{
  g_autofree char *text = g_strdup_printf ("%s %s %s", self->name, topic, now->broker_name);
  RMQ_EMIT (self->env, &rmq_event_topic_route, text, now->write_queue_nums, now->read_queue_nums,
            now->perm);
}

static RmqTopicRow *
ensure_topic (RmqRouteInfoManager *self, const char *topic)
{
  RmqTopicRow *row = rmq_sorted_table_find (self->topic_queue_table, topic);
  if (row != NULL)
    return row;
  row = g_new0 (RmqTopicRow, 1);
  row->topic = g_strdup (topic);
  row->queue_datas = g_ptr_array_new_with_free_func (queue_data_free);
  rmq_sorted_table_insert (self->topic_queue_table, row);
  return row;
}

static gboolean
queue_data_differs (const RmqQueueData *row, const RmqTopicConfig *config)
{
  return row->read_queue_nums != config->read_queue_nums
         || row->write_queue_nums != config->write_queue_nums || row->perm != config->perm
         || row->topic_sys_flag != config->topic_sys_flag;
}

/* createAndUpdateQueueData. */
static void
update_queue_data (RmqRouteInfoManager *self, const char *broker_name, const RmqTopicConfig *config)
{
  RmqTopicRow *topic = ensure_topic (self, config->topic_name);
  RmqQueueData *row = rmq_sorted_table_find (topic->queue_datas, broker_name);
  if (row != NULL && !queue_data_differs (row, config))
    return;
  if (row == NULL)
    {
      row = g_new0 (RmqQueueData, 1);
      row->broker_name = g_strdup (broker_name);
      rmq_sorted_table_insert (topic->queue_datas, row);
    }
  row->read_queue_nums = config->read_queue_nums;
  row->write_queue_nums = config->write_queue_nums;
  row->perm = config->perm;
  row->topic_sys_flag = config->topic_sys_flag;
  emit_route (self, config->topic_name, row);
}

/* removeTopicByBrokerName: its queues everywhere, and the topics nobody serves then. */
static void
remove_topics_of (RmqRouteInfoManager *self, const char *broker_name)
{
  for (guint i = self->topic_queue_table->len; i > 0; i--)
    {
      RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i - 1);
      if (!rmq_sorted_table_remove (topic->queue_datas, broker_name))
        continue;
      emit_route (self, topic->topic, &(RmqQueueData){ .broker_name = (char *)broker_name });
      if (topic->queue_datas->len == 0)
        g_ptr_array_remove_index (self->topic_queue_table, i - 1);
    }
}

void
rmq_route_info_manager_forget_topics (RmqRouteInfoManager *self)
{
  g_ptr_array_set_size (self->topic_queue_table, 0);
}

/* ---- brokerAddrTable, clusterAddrTable ----------------------------------- */

static void
add_to_cluster (RmqRouteInfoManager *self, const char *cluster, const char *broker_name)
{
  RmqClusterRow *row = rmq_sorted_table_find (self->cluster_addr_table, cluster);
  if (row == NULL)
    {
      row = g_new0 (RmqClusterRow, 1);
      row->cluster = g_strdup (cluster);
      row->broker_names = g_ptr_array_new_with_free_func (name_row_free);
      rmq_sorted_table_insert (self->cluster_addr_table, row);
    }
  if (rmq_sorted_table_find (row->broker_names, broker_name) != NULL)
    return;
  RmqNameRow *name = g_new0 (RmqNameRow, 1);
  name->broker_name = g_strdup (broker_name);
  rmq_sorted_table_insert (row->broker_names, name);
}

static void
remove_from_cluster (RmqRouteInfoManager *self, const char *cluster, const char *broker_name)
{
  RmqClusterRow *row = rmq_sorted_table_find (self->cluster_addr_table, cluster);
  if (row == NULL)
    return;
  rmq_sorted_table_remove (row->broker_names, broker_name);
  if (row->broker_names->len == 0)
    rmq_sorted_table_remove (self->cluster_addr_table, cluster);
}

/* Found by name alone: the cluster of a name that is there is never changed. */
static RmqBrokerRow *
ensure_broker (RmqRouteInfoManager *self, const char *cluster, const char *broker_name)
{
  RmqBrokerRow *row = rmq_sorted_table_find (self->broker_addr_table, broker_name);
  if (row != NULL)
    return row;
  row = g_new0 (RmqBrokerRow, 1);
  row->broker_name = g_strdup (broker_name);
  row->cluster = g_strdup (cluster);
  row->broker_addrs = g_array_new (FALSE, FALSE, sizeof (RmqBrokerAddr));
  g_array_set_clear_func (row->broker_addrs, broker_addr_clear);
  rmq_sorted_table_insert (self->broker_addr_table, row);
  return row;
}

static RmqBrokerAddr *
addr_at (const RmqBrokerRow *row, guint index)
{
  return &g_array_index (row->broker_addrs, RmqBrokerAddr, index);
}

static const char *
get_addr (const RmqBrokerRow *row, gint64 broker_id)
{
  for (guint i = 0; i < row->broker_addrs->len; i++)
    if (addr_at (row, i)->broker_id == broker_id)
      return addr_at (row, i)->address;
  return NULL;
}

static void
remove_id (RmqBrokerRow *row, gint64 broker_id)
{
  for (guint i = row->broker_addrs->len; i > 0; i--)
    if (addr_at (row, i - 1)->broker_id == broker_id)
      g_array_remove_index (row->broker_addrs, i - 1);
}

/* A slave that became master must not be there twice. */
static void
remove_other_ids_of (RmqBrokerRow *row, const char *address, gint64 broker_id)
{
  for (guint i = row->broker_addrs->len; i > 0; i--)
    if (addr_at (row, i - 1)->broker_id != broker_id
        && g_str_equal (addr_at (row, i - 1)->address, address))
      g_array_remove_index (row->broker_addrs, i - 1);
}

/* TRUE: the id had no address before. */
static gboolean
put_addr (RmqBrokerRow *row, gint64 broker_id, const char *address)
{
  guint i = 0;
  while (i < row->broker_addrs->len && addr_at (row, i)->broker_id < broker_id)
    i++;
  if (i < row->broker_addrs->len && addr_at (row, i)->broker_id == broker_id)
    {
      g_free (addr_at (row, i)->address);
      addr_at (row, i)->address = g_strdup (address);
      return FALSE;
    }
  RmqBrokerAddr added = { .broker_id = broker_id, .address = g_strdup (address) };
  g_array_insert_val (row->broker_addrs, i, added);
  return TRUE;
}

/* The last address of a name takes the name, and with it every route to it. */
static void
drop_if_empty (RmqRouteInfoManager *self, RmqBrokerRow *row)
{
  if (row->broker_addrs->len > 0)
    return;
  remove_from_cluster (self, row->cluster, row->broker_name);
  remove_topics_of (self, row->broker_name);
  rmq_sorted_table_remove (self->broker_addr_table, row->broker_name);
}

/* ---- registration -------------------------------------------------------- */

static gboolean
version_changed (const RmqLiveRow *live, const RmqDataVersion *version)
{
  return live == NULL || live->data_version.timestamp_ms != version->timestamp_ms
         || live->data_version.counter != version->counter;
}

static void
update_live (RmqRouteInfoManager *self, const RmqRegisterBrokerRequestHeader *header,
             const RmqDataVersion *version, RmqConnection *connection)
{
  RmqLiveRow *row = rmq_sorted_table_find (self->broker_live_table, header->broker_addr);
  if (row == NULL)
    {
      row = g_new0 (RmqLiveRow, 1);
      row->broker_addr = g_strdup (header->broker_addr);
      rmq_sorted_table_insert (self->broker_live_table, row);
    }
  rmq_connection_ref (connection);
  rmq_connection_unref (row->connection);
  row->connection = connection;
  row->last_update_us = rmq_env_now (self->env);
  row->data_version = *version;
  g_free (row->ha_server_addr);
  row->ha_server_addr = g_strdup (header->ha_server_addr);
}

static void
tell_slave (RmqRouteInfoManager *self, const RmqBrokerRow *broker,
            RmqRegisterBrokerResponseHeader *result)
{
  const char *master = get_addr (broker, MASTER_ID);
  RmqLiveRow *live =
      master != NULL ? rmq_sorted_table_find (self->broker_live_table, master) : NULL;
  if (live == NULL)
    return;
  result->master_addr = live->broker_addr;
  result->ha_server_addr = live->ha_server_addr;
}

void
rmq_route_info_manager_register_broker (RmqRouteInfoManager *self,
                                        const RmqRegisterBrokerRequestHeader *header,
                                        const RmqRegisterBrokerBody *body,
                                        RmqConnection *connection,
                                        RmqRegisterBrokerResponseHeader *result)
{
  static const RmqDataVersion no_version = { 0 };
  const RmqDataVersion *version = body != NULL ? &body->data_version : &no_version;
  guint n_topics = body != NULL ? body->topics->len : 0;
  *result = (RmqRegisterBrokerResponseHeader){ 0 };
  add_to_cluster (self, header->cluster_name, header->broker_name);
  RmqBrokerRow *broker = ensure_broker (self, header->cluster_name, header->broker_name);
  remove_other_ids_of (broker, header->broker_addr, header->broker_id);
  gboolean first = put_addr (broker, header->broker_id, header->broker_addr);
  g_autofree char *text =
      g_strdup_printf ("%s %s %s", self->name, header->broker_name, header->broker_addr);
  RMQ_EMIT (self->env, &rmq_event_broker_register, text, header->broker_id, version->counter,
            n_topics, first);
  RmqLiveRow *live = rmq_sorted_table_find (self->broker_live_table, header->broker_addr);
  if (header->broker_id == MASTER_ID && (first || version_changed (live, version)))
    for (guint i = 0; i < n_topics; i++)
      update_queue_data (self, header->broker_name, g_ptr_array_index (body->topics, i));
  update_live (self, header, version, connection);
  if (header->broker_id != MASTER_ID)
    tell_slave (self, broker, result);
}

/* ---- goodbye, silence, broken connection --------------------------------- */

void
rmq_route_info_manager_unregister_broker (RmqRouteInfoManager *self,
                                          const RmqUnregisterBrokerRequestHeader *header)
{
  g_autofree char *text =
      g_strdup_printf ("%s %s %s", self->name, header->broker_name, header->broker_addr);
  RMQ_EMIT (self->env, &rmq_event_broker_unregister, text, header->broker_id);
  rmq_sorted_table_remove (self->broker_live_table, header->broker_addr);
  RmqBrokerRow *broker = rmq_sorted_table_find (self->broker_addr_table, header->broker_name);
  if (broker == NULL)
    return;
  remove_id (broker, header->broker_id); /* whatever address it holds */
  drop_if_empty (self, broker);
}

/* The first broker found with this address loses it. */
static void
remove_address (RmqRouteInfoManager *self, const char *address)
{
  for (guint i = 0; i < self->broker_addr_table->len; i++)
    {
      RmqBrokerRow *broker = g_ptr_array_index (self->broker_addr_table, i);
      for (guint k = 0; k < broker->broker_addrs->len; k++)
        if (g_str_equal (addr_at (broker, k)->address, address))
          {
            g_array_remove_index (broker->broker_addrs, k);
            drop_if_empty (self, broker);
            return;
          }
    }
}

static const char *
name_of_address (RmqRouteInfoManager *self, const char *address)
{
  for (guint i = 0; i < self->broker_addr_table->len; i++)
    {
      const RmqBrokerRow *broker = g_ptr_array_index (self->broker_addr_table, i);
      for (guint k = 0; k < broker->broker_addrs->len; k++)
        if (g_str_equal (addr_at (broker, k)->address, address))
          return broker->broker_name;
    }
  return "-";
}

static void
drop_live (RmqRouteInfoManager *self, guint index, const RmqEventKind *kind, gint64 field)
{
  RmqLiveRow *live = g_ptr_array_index (self->broker_live_table, index);
  g_autofree char *address = g_strdup (live->broker_addr);
  g_autofree char *text =
      g_strdup_printf ("%s %s %s", self->name, name_of_address (self, address), address);
  RMQ_EMIT (self->env, kind, text, field);
  g_ptr_array_remove_index (self->broker_live_table, index);
  remove_address (self, address);
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
      if (silent_us <= RMQ_BROKER_CHANNEL_EXPIRED_US)
        continue;
      RmqConnection *connection = rmq_connection_ref (live->connection);
      drop_live (self, i, &rmq_event_broker_expired, silent_us);
      return connection;
    }
  return NULL;
}

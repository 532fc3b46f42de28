/* SPDX-License-Identifier: Apache-2.0 */

/* What a name server tells of its tables: routes, cluster info, lists. Reads only; on the host's
 * loop, owner only. */

#include "rmq-route-tables-private.h"

/* ---- routes -------------------------------------------------------------- */

static void
add_broker (RmqTopicRouteData *route, const RmqBrokerRow *broker)
{
  RmqBrokerData *data =
      rmq_topic_route_data_add_broker_data (route, broker->cluster, broker->broker_name);
  data->enable_acting_master = broker->enable_acting_master;
  for (guint i = 0; i < broker->broker_addrs->len; i++)
    {
      const RmqBrokerAddr *addr = rmq_broker_row_get_at (broker, i);
      rmq_broker_data_set_addr (data, addr->broker_id, addr->address);
    }
}

static void
add_filter_servers (RmqRouteInfoManager *self, RmqTopicRouteData *route, const RmqBrokerRow *broker)
{
  for (guint i = 0; i < broker->broker_addrs->len; i++)
    {
      const char *address = rmq_broker_row_get_at (broker, i)->address;
      const RmqLiveRow *live = rmq_route_brokers_find_live (self, broker->cluster, address);
      if (live != NULL && live->filter_servers != NULL && live->filter_servers[0] != NULL)
        rmq_topic_route_data_add_filter_servers (route, address, live->filter_servers);
    }
}

RmqTopicRouteData *
rmq_route_info_manager_pickup_topic_route_data (RmqRouteInfoManager *self, const char *topic)
{
  const RmqTopicRow *row = rmq_sorted_table_find (self->topic_queue_table, topic);
  if (row == NULL)
    return NULL;
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_new ();
  for (guint i = 0; i < row->queue_datas->len; i++)
    {
      const RmqQueueData *queue = g_ptr_array_index (row->queue_datas, i);
      RmqQueueData *added = rmq_topic_route_data_add_queue_data (
          route, queue->broker_name, queue->read_queue_nums, queue->write_queue_nums, queue->perm);
      added->topic_sys_flag = queue->topic_sys_flag;
      const RmqBrokerRow *broker =
          rmq_sorted_table_find (self->broker_addr_table, queue->broker_name);
      if (broker == NULL)
        continue;
      add_broker (route, broker);
      add_filter_servers (self, route, broker);
    }
  return route->broker_datas->len > 0 ? g_steal_pointer (&route) : NULL;
}

gboolean
rmq_route_info_manager_has_broker (RmqRouteInfoManager *self, const char *broker_name)
{
  return rmq_sorted_table_find (self->broker_addr_table, broker_name) != NULL;
}

gboolean
rmq_route_info_manager_has_member (RmqRouteInfoManager *self, const char *broker_name,
                                   gint64 broker_id)
{
  const RmqBrokerRow *row = rmq_sorted_table_find (self->broker_addr_table, broker_name);
  return row != NULL && rmq_broker_row_get_addr (row, broker_id) != NULL;
}

/* ---- clusters ------------------------------------------------------------ */

GBytes *
rmq_route_info_manager_get_cluster_info (RmqRouteInfoManager *self, const RmqRouteForm *form)
{
  g_autoptr (RmqTopicRouteData) brokers = rmq_topic_route_data_new ();
  g_autoptr (RmqTopicRouteData) members = rmq_topic_route_data_new ();
  for (guint i = 0; i < self->broker_addr_table->len; i++)
    add_broker (brokers, g_ptr_array_index (self->broker_addr_table, i));
  for (guint i = 0; i < self->cluster_addr_table->len; i++)
    {
      const RmqClusterRow *cluster = g_ptr_array_index (self->cluster_addr_table, i);
      for (guint k = 0; k < cluster->broker_names->len; k++)
        {
          const RmqNameRow *row = g_ptr_array_index (cluster->broker_names, k);
          rmq_topic_route_data_add_broker_data (members, cluster->cluster, row->broker_name);
        }
    }
  return rmq_cluster_info_encode (brokers->broker_datas, members->broker_datas, form);
}

GBytes *
rmq_route_info_manager_get_member_group (RmqRouteInfoManager *self, const char *cluster,
                                         const char *broker_name)
{
  g_autoptr (RmqTopicRouteData) group = rmq_topic_route_data_new ();
  RmqBrokerData *data = rmq_topic_route_data_add_broker_data (group, cluster, broker_name);
  const RmqBrokerRow *broker =
      broker_name != NULL ? rmq_sorted_table_find (self->broker_addr_table, broker_name) : NULL;
  for (guint i = 0; broker != NULL && i < broker->broker_addrs->len; i++)
    {
      const RmqBrokerAddr *addr = rmq_broker_row_get_at (broker, i);
      rmq_broker_data_set_addr (data, addr->broker_id, addr->address);
    }
  return rmq_broker_member_group_encode (data);
}

/* ---- lists --------------------------------------------------------------- */

GPtrArray *
rmq_route_info_manager_list_topics (RmqRouteInfoManager *self, gint set, gint clear)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < self->topic_queue_table->len; i++)
    {
      const RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i);
      const RmqQueueData *first = g_ptr_array_index (topic->queue_datas, 0);
      if ((first->topic_sys_flag & (set | clear)) == set)
        g_ptr_array_add (list, topic->topic);
    }
  return list;
}

static gboolean
is_served_by (const RmqTopicRow *topic, const RmqClusterRow *cluster)
{
  for (guint i = 0; i < topic->queue_datas->len; i++)
    {
      const RmqQueueData *queue = g_ptr_array_index (topic->queue_datas, i);
      if (rmq_sorted_table_find (cluster->broker_names, queue->broker_name) != NULL)
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
rmq_route_info_manager_list_topics_of_cluster (RmqRouteInfoManager *self, const char *cluster)
{
  GPtrArray *list = g_ptr_array_new ();
  const RmqClusterRow *row =
      cluster != NULL ? rmq_sorted_table_find (self->cluster_addr_table, cluster) : NULL;
  for (guint i = 0; row != NULL && i < self->topic_queue_table->len; i++)
    {
      const RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i);
      if (is_served_by (topic, row))
        g_ptr_array_add (list, topic->topic);
    }
  return list;
}

GPtrArray *
rmq_route_info_manager_list_system_topics (RmqRouteInfoManager *self, const char **broker_addr)
{
  GPtrArray *list = g_ptr_array_new ();
  *broker_addr = NULL;
  for (guint i = 0; i < self->cluster_addr_table->len; i++)
    {
      const RmqClusterRow *cluster = g_ptr_array_index (self->cluster_addr_table, i);
      g_ptr_array_add (list, cluster->cluster);
      for (guint k = 0; k < cluster->broker_names->len; k++)
        g_ptr_array_add (list,
                         ((RmqNameRow *)g_ptr_array_index (cluster->broker_names, k))->broker_name);
    }
  for (guint i = 0; i < self->broker_addr_table->len && *broker_addr == NULL; i++)
    {
      const RmqBrokerRow *broker = g_ptr_array_index (self->broker_addr_table, i);
      if (broker->broker_addrs->len > 0)
        *broker_addr = rmq_broker_row_get_at (broker, 0)->address;
    }
  return list;
}

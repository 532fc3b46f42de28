/* SPDX-License-Identifier: Apache-2.0 */

/* brokerAddrTable, clusterAddrTable and brokerLiveTable of a name server: rows come, change and go
 * here; when they do is the manager's business. On the host's loop, owner only. */

#include "rmq-route-tables-private.h"

/* ---- clusters ------------------------------------------------------------ */

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

GPtrArray *
rmq_cluster_addr_table_new (void)
{
  return g_ptr_array_new_with_free_func (cluster_row_free);
}

void
rmq_route_brokers_add_to_cluster (RmqRouteInfoManager *self, const char *cluster,
                                  const char *broker_name)
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

void
rmq_route_brokers_remove_from_cluster (RmqRouteInfoManager *self, const char *cluster,
                                       const char *broker_name)
{
  for (guint i = 0; i < self->cluster_addr_table->len; i++)
    {
      RmqClusterRow *row = g_ptr_array_index (self->cluster_addr_table, i);
      if ((cluster != NULL && !g_str_equal (row->cluster, cluster))
          || !rmq_sorted_table_remove (row->broker_names, broker_name))
        continue;
      if (row->broker_names->len == 0)
        g_ptr_array_remove_index (self->cluster_addr_table, i);
      return;
    }
}

/* ---- brokers ------------------------------------------------------------- */

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

GPtrArray *
rmq_broker_addr_table_new (void)
{
  return g_ptr_array_new_with_free_func (broker_row_free);
}

/* Found by name alone: the cluster of a name that is there is never changed. */
RmqBrokerRow *
rmq_route_brokers_ensure (RmqRouteInfoManager *self, const char *cluster, const char *broker_name)
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

RmqBrokerRow *
rmq_route_brokers_find_address (RmqRouteInfoManager *self, const char *address, guint *index)
{
  for (guint i = 0; i < self->broker_addr_table->len; i++)
    {
      RmqBrokerRow *broker = g_ptr_array_index (self->broker_addr_table, i);
      for (guint k = 0; k < broker->broker_addrs->len; k++)
        if (g_str_equal (rmq_broker_row_get_at (broker, k)->address, address))
          {
            if (index != NULL)
              *index = k;
            return broker;
          }
    }
  return NULL;
}

RmqBrokerAddr *
rmq_broker_row_get_at (const RmqBrokerRow *row, guint index)
{
  return &g_array_index (row->broker_addrs, RmqBrokerAddr, index);
}

const char *
rmq_broker_row_get_addr (const RmqBrokerRow *row, gint64 broker_id)
{
  for (guint i = 0; i < row->broker_addrs->len; i++)
    if (rmq_broker_row_get_at (row, i)->broker_id == broker_id)
      return rmq_broker_row_get_at (row, i)->address;
  return NULL;
}

void
rmq_broker_row_remove_id (RmqBrokerRow *row, gint64 broker_id)
{
  for (guint i = row->broker_addrs->len; i > 0; i--)
    if (rmq_broker_row_get_at (row, i - 1)->broker_id == broker_id)
      g_array_remove_index (row->broker_addrs, i - 1);
}

void
rmq_broker_row_remove_addr (RmqBrokerRow *row, const char *address, gint64 but_id)
{
  for (guint i = row->broker_addrs->len; i > 0; i--)
    if (rmq_broker_row_get_at (row, i - 1)->broker_id != but_id
        && g_str_equal (rmq_broker_row_get_at (row, i - 1)->address, address))
      g_array_remove_index (row->broker_addrs, i - 1);
}

gboolean
rmq_broker_row_put_addr (RmqBrokerRow *row, gint64 broker_id, const char *address)
{
  guint i = 0;
  while (i < row->broker_addrs->len && rmq_broker_row_get_at (row, i)->broker_id < broker_id)
    i++;
  if (i < row->broker_addrs->len && rmq_broker_row_get_at (row, i)->broker_id == broker_id)
    {
      g_free (rmq_broker_row_get_at (row, i)->address);
      rmq_broker_row_get_at (row, i)->address = g_strdup (address);
      return FALSE;
    }
  RmqBrokerAddr added = { .broker_id = broker_id, .address = g_strdup (address) };
  g_array_insert_val (row->broker_addrs, i, added);
  return TRUE;
}

/* ---- the living ---------------------------------------------------------- */

static void
live_row_free (gpointer data)
{
  RmqLiveRow *row = data;
  rmq_connection_unref (row->connection);
  g_strfreev (row->filter_servers);
  g_free (row->ha_server_addr);
  g_free (row->broker_addr);
  g_free (row->key);
  g_free (row);
}

GPtrArray *
rmq_broker_live_table_new (void)
{
  return g_ptr_array_new_with_free_func (live_row_free);
}

static char *
make_live_key (RmqRouteInfoManager *self, const char *cluster, const char *address)
{
  return self->profile->lives_by_cluster ? g_strdup_printf ("%s %s", cluster, address)
                                         : g_strdup (address);
}

RmqLiveRow *
rmq_route_brokers_find_live (RmqRouteInfoManager *self, const char *cluster, const char *address)
{
  g_autofree char *key = make_live_key (self, cluster, address);
  return rmq_sorted_table_find (self->broker_live_table, key);
}

RmqLiveRow *
rmq_route_brokers_ensure_live (RmqRouteInfoManager *self, const char *cluster, const char *address)
{
  RmqLiveRow *row = rmq_route_brokers_find_live (self, cluster, address);
  if (row != NULL)
    return row;
  row = g_new0 (RmqLiveRow, 1);
  row->key = make_live_key (self, cluster, address);
  row->broker_addr = g_strdup (address);
  rmq_sorted_table_insert (self->broker_live_table, row);
  return row;
}

void
rmq_route_brokers_remove_live (RmqRouteInfoManager *self, const char *cluster, const char *address)
{
  g_autofree char *key = make_live_key (self, cluster, address);
  rmq_sorted_table_remove (self->broker_live_table, key);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* TopicRouteData and its parts: what a topic's route is made of. Any thread may hold one once
 * nobody changes it any more. Knows nothing of JSON (that is rmq-route-json.c); order of brokers
 * and queues is kept as it came, but means nothing.
 */

#include "rmq-topic-route-data.h"

static void
queue_data_free (gpointer data)
{
  RmqQueueData *queue = data;
  g_free (queue->broker_name);
  g_free (queue);
}

static void
broker_data_free (gpointer data)
{
  RmqBrokerData *broker = data;
  for (guint i = 0; i < broker->broker_addrs->len; i++)
    g_free (g_array_index (broker->broker_addrs, RmqBrokerAddr, i).address);
  g_array_unref (broker->broker_addrs);
  g_free (broker->cluster);
  g_free (broker->broker_name);
  g_free (broker);
}

static void
filter_servers_free (gpointer data)
{
  RmqFilterServers *servers = data;
  g_free (servers->broker_addr);
  g_strfreev (servers->filter_servers);
  g_free (servers);
}

RmqTopicRouteData *
rmq_topic_route_data_new (void)
{
  RmqTopicRouteData *self = g_new0 (RmqTopicRouteData, 1);
  g_atomic_ref_count_init (&self->refs);
  self->queue_datas = g_ptr_array_new_with_free_func (queue_data_free);
  self->broker_datas = g_ptr_array_new_with_free_func (broker_data_free);
  self->filter_server_table = g_ptr_array_new_with_free_func (filter_servers_free);
  return self;
}

RmqTopicRouteData *
rmq_topic_route_data_ref (RmqTopicRouteData *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rmq_topic_route_data_unref (RmqTopicRouteData *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->queue_datas);
  g_ptr_array_unref (self->broker_datas);
  g_ptr_array_unref (self->filter_server_table);
  g_free (self->order_topic_conf);
  g_free (self);
}

/* ---- filling ------------------------------------------------------------- */

RmqQueueData *
rmq_topic_route_data_add_queue_data (RmqTopicRouteData *self, const char *broker_name,
                                     gint read_queue_nums, gint write_queue_nums, gint perm)
{
  RmqQueueData *queue = g_new0 (RmqQueueData, 1);
  queue->broker_name = g_strdup (broker_name);
  queue->read_queue_nums = read_queue_nums;
  queue->write_queue_nums = write_queue_nums;
  queue->perm = perm;
  g_ptr_array_add (self->queue_datas, queue);
  return queue;
}

RmqBrokerData *
rmq_topic_route_data_add_broker_data (RmqTopicRouteData *self, const char *cluster,
                                      const char *broker_name)
{
  RmqBrokerData *broker = g_new0 (RmqBrokerData, 1);
  broker->cluster = g_strdup (cluster);
  broker->broker_name = g_strdup (broker_name);
  broker->broker_addrs = g_array_new (FALSE, FALSE, sizeof (RmqBrokerAddr));
  g_ptr_array_add (self->broker_datas, broker);
  return broker;
}

void
rmq_topic_route_data_add_filter_servers (RmqTopicRouteData *self, const char *broker_addr,
                                         char *const *filter_servers)
{
  RmqFilterServers *servers = g_new0 (RmqFilterServers, 1);
  servers->broker_addr = g_strdup (broker_addr);
  servers->filter_servers = g_strdupv ((char **)filter_servers);
  g_ptr_array_add (self->filter_server_table, servers);
}

static RmqBrokerAddr *
addr_at (const RmqBrokerData *broker, guint index)
{
  return &g_array_index (broker->broker_addrs, RmqBrokerAddr, index);
}

void
rmq_broker_data_set_addr (RmqBrokerData *broker, gint64 broker_id, const char *address)
{
  guint place = 0;
  while (place < broker->broker_addrs->len && addr_at (broker, place)->broker_id < broker_id)
    place++;
  gboolean is_known =
      place < broker->broker_addrs->len && addr_at (broker, place)->broker_id == broker_id;
  RmqBrokerAddr addr = { broker_id, g_strdup (address) };
  if (!is_known)
    {
      g_array_insert_val (broker->broker_addrs, place, addr);
      return;
    }
  g_free (addr_at (broker, place)->address);
  *addr_at (broker, place) = addr;
}

const char *
rmq_broker_data_get_addr (const RmqBrokerData *broker, gint64 broker_id)
{
  for (guint i = 0; i < broker->broker_addrs->len; i++)
    if (addr_at (broker, i)->broker_id == broker_id)
      return addr_at (broker, i)->address;
  return NULL;
}

RmqBrokerData *
rmq_topic_route_data_find_broker (const RmqTopicRouteData *self, const char *broker_name)
{
  for (guint i = 0; i < self->broker_datas->len; i++)
    {
      RmqBrokerData *broker = g_ptr_array_index (self->broker_datas, i);
      if (g_strcmp0 (broker->broker_name, broker_name) == 0)
        return broker;
    }
  return NULL;
}

RmqTopicRouteData *
rmq_topic_route_data_copy (const RmqTopicRouteData *self)
{
  RmqTopicRouteData *copy = rmq_topic_route_data_new ();
  copy->order_topic_conf = g_strdup (self->order_topic_conf);
  for (guint i = 0; i < self->queue_datas->len; i++)
    {
      const RmqQueueData *queue = g_ptr_array_index (self->queue_datas, i);
      RmqQueueData *to = rmq_topic_route_data_add_queue_data (
          copy, queue->broker_name, queue->read_queue_nums, queue->write_queue_nums, queue->perm);
      to->topic_sys_flag = queue->topic_sys_flag;
    }
  for (guint i = 0; i < self->broker_datas->len; i++)
    {
      const RmqBrokerData *broker = g_ptr_array_index (self->broker_datas, i);
      RmqBrokerData *to =
          rmq_topic_route_data_add_broker_data (copy, broker->cluster, broker->broker_name);
      for (guint j = 0; j < broker->broker_addrs->len; j++)
        rmq_broker_data_set_addr (to, addr_at (broker, j)->broker_id, addr_at (broker, j)->address);
    }
  for (guint i = 0; i < self->filter_server_table->len; i++)
    {
      const RmqFilterServers *servers = g_ptr_array_index (self->filter_server_table, i);
      rmq_topic_route_data_add_filter_servers (copy, servers->broker_addr, servers->filter_servers);
    }
  return copy;
}

/* ---- comparing ----------------------------------------------------------- */

static gboolean
queue_data_equal (gconstpointer a, gconstpointer b)
{
  const RmqQueueData *x = a, *y = b;
  return x->read_queue_nums == y->read_queue_nums && x->write_queue_nums == y->write_queue_nums
         && x->perm == y->perm && x->topic_sys_flag == y->topic_sys_flag
         && g_strcmp0 (x->broker_name, y->broker_name) == 0;
}

static gboolean
broker_data_equal (gconstpointer a, gconstpointer b)
{
  const RmqBrokerData *x = a, *y = b;
  gboolean is_equal = x->broker_addrs->len == y->broker_addrs->len
                      && g_strcmp0 (x->broker_name, y->broker_name) == 0
                      && g_strcmp0 (x->cluster, y->cluster) == 0;
  for (guint i = 0; is_equal && i < x->broker_addrs->len; i++)
    is_equal = addr_at (x, i)->broker_id == addr_at (y, i)->broker_id
               && g_strcmp0 (addr_at (x, i)->address, addr_at (y, i)->address) == 0;
  return is_equal;
}

static gboolean
filter_servers_equal (gconstpointer a, gconstpointer b)
{
  const RmqFilterServers *x = a, *y = b;
  return g_strcmp0 (x->broker_addr, y->broker_addr) == 0
         && g_strv_equal ((const char *const *)x->filter_servers,
                          (const char *const *)y->filter_servers);
}

static guint
count_equal (const GPtrArray *list, gconstpointer item, GEqualFunc equal)
{
  guint n = 0;
  for (guint i = 0; i < list->len; i++)
    n += equal (g_ptr_array_index (list, i), item) ? 1 : 0;
  return n;
}

/* The same items, each as often, in any order. */
static gboolean
lists_equal (const GPtrArray *a, const GPtrArray *b, GEqualFunc equal)
{
  gboolean is_equal = a->len == b->len;
  for (guint i = 0; is_equal && i < a->len; i++)
    is_equal = equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i));
  if (is_equal || a->len != b->len)
    return is_equal;
  for (guint i = 0; i < a->len; i++)
    {
      gconstpointer item = g_ptr_array_index (a, i);
      if (count_equal (a, item, equal) != count_equal (b, item, equal))
        return FALSE;
    }
  return TRUE;
}

gboolean
rmq_topic_route_data_equal (const RmqTopicRouteData *a, const RmqTopicRouteData *b)
{
  if (a == b)
    return TRUE;
  return g_strcmp0 (a->order_topic_conf, b->order_topic_conf) == 0
         && lists_equal (a->queue_datas, b->queue_datas, queue_data_equal)
         && lists_equal (a->broker_datas, b->broker_datas, broker_data_equal)
         && lists_equal (a->filter_server_table, b->filter_server_table, filter_servers_equal);
}

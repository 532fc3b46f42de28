/* SPDX-License-Identifier: Apache-2.0 */

/* topicQueueTable of a name server: topic → queues per broker name, and what operators change of
 * it. Knows the other tables only by name; on the host's loop, owner only. */

#include "rmq-mock-events.h"
#include "rmq-route-tables-private.h"

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

GPtrArray *
rmq_topic_queue_table_new (void)
{
  return g_ptr_array_new_with_free_func (topic_row_free);
}

static void
emit_route (RmqRouteInfoManager *self, const char *topic, const RmqQueueData *now)
{
  g_autofree char *text = g_strdup_printf ("%s %s %s", self->name, topic, now->broker_name);
  RMQ_EMIT (self->env, &rmq_event_topic_route, text, now->write_queue_nums, now->read_queue_nums,
            now->perm);
}

static void
emit_no_route (RmqRouteInfoManager *self, const char *topic, const char *broker_name)
{
  emit_route (self, topic, &(RmqQueueData){ .broker_name = (char *)broker_name });
}

/* ---- brokers bring and take topics --------------------------------------- */

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
queue_data_equal (const RmqQueueData *a, const RmqQueueData *b)
{
  return a->read_queue_nums == b->read_queue_nums && a->write_queue_nums == b->write_queue_nums
         && a->perm == b->perm && a->topic_sys_flag == b->topic_sys_flag;
}

void
rmq_route_topics_update (RmqRouteInfoManager *self, const char *topic, const RmqQueueData *queue)
{
  RmqTopicRow *row = ensure_topic (self, topic);
  RmqQueueData *old = rmq_sorted_table_find (row->queue_datas, queue->broker_name);
  if (old != NULL && queue_data_equal (old, queue))
    return;
  if (old != NULL)
    rmq_sorted_table_remove (row->queue_datas, queue->broker_name);
  RmqQueueData *added = g_new (RmqQueueData, 1);
  *added = *queue;
  added->broker_name = g_strdup (queue->broker_name);
  rmq_sorted_table_insert (row->queue_datas, added);
  emit_route (self, topic, added);
}

gboolean
rmq_route_topics_has (RmqRouteInfoManager *self, const char *topic, const char *broker_name)
{
  const RmqTopicRow *row = rmq_sorted_table_find (self->topic_queue_table, topic);
  return row != NULL && rmq_sorted_table_find (row->queue_datas, broker_name) != NULL;
}

/* removeTopicByBrokerName: its queues everywhere, and the topics nobody serves then. */
void
rmq_route_topics_remove_broker (RmqRouteInfoManager *self, const char *broker_name)
{
  for (guint i = self->topic_queue_table->len; i > 0; i--)
    {
      RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i - 1);
      if (!rmq_sorted_table_remove (topic->queue_datas, broker_name))
        continue;
      emit_no_route (self, topic->topic, broker_name);
      if (topic->queue_datas->len == 0)
        g_ptr_array_remove_index (self->topic_queue_table, i - 1);
    }
}

void
rmq_route_info_manager_register_topic (RmqRouteInfoManager *self, const char *topic,
                                       const RmqTopicRouteData *route)
{
  gboolean is_known = rmq_sorted_table_find (self->topic_queue_table, topic) != NULL;
  guint n = 0;
  while (n < route->queue_datas->len
         && rmq_route_info_manager_has_broker (
             self, ((RmqQueueData *)g_ptr_array_index (route->queue_datas, n))->broker_name))
    n++;
  if (n < route->queue_datas->len && !is_known)
    return; /* a new topic comes whole or not at all */
  for (guint i = 0; i < n; i++)
    rmq_route_topics_update (self, topic, g_ptr_array_index (route->queue_datas, i));
}

/* ---- operators ----------------------------------------------------------- */

void
rmq_route_info_manager_forget_topics (RmqRouteInfoManager *self)
{
  g_ptr_array_set_size (self->topic_queue_table, 0);
}

guint
rmq_route_info_manager_change_write_perm (RmqRouteInfoManager *self, const char *broker_name,
                                          gboolean may_write)
{
  guint n_topics = 0;
  for (guint i = 0; i < self->topic_queue_table->len; i++)
    {
      const RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i);
      RmqQueueData *queue = rmq_sorted_table_find (topic->queue_datas, broker_name);
      if (queue == NULL)
        continue;
      gint old = queue->perm;
      queue->perm = may_write ? RMQ_PERM_READ | RMQ_PERM_WRITE : old & ~RMQ_PERM_WRITE;
      n_topics++;
      if (queue->perm != old)
        emit_route (self, topic->topic, queue);
    }
  return n_topics;
}

static gboolean
is_of_cluster (RmqRouteInfoManager *self, const char *cluster, const char *broker_name)
{
  const RmqClusterRow *row = rmq_sorted_table_find (self->cluster_addr_table, cluster);
  return row != NULL && rmq_sorted_table_find (row->broker_names, broker_name) != NULL;
}

void
rmq_route_info_manager_delete_topic (RmqRouteInfoManager *self, const char *topic,
                                     const char *cluster)
{
  const RmqTopicRow *row = rmq_sorted_table_find (self->topic_queue_table, topic);
  if (row == NULL)
    return;
  for (guint i = row->queue_datas->len; i > 0; i--)
    {
      const RmqQueueData *queue = g_ptr_array_index (row->queue_datas, i - 1);
      if (cluster != NULL && !is_of_cluster (self, cluster, queue->broker_name))
        continue;
      emit_no_route (self, topic, queue->broker_name);
      g_ptr_array_remove_index (row->queue_datas, i - 1);
    }
  if (row->queue_datas->len == 0)
    rmq_sorted_table_remove (self->topic_queue_table, topic);
}

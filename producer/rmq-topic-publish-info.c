/* SPDX-License-Identifier: Apache-2.0 */

/* The queue list of a topic and the walk over it. Owns the list and each task's counter; runs on
 * the loop. Must never change the list: senders and selectors hold it. Mirrors
 * org.apache.rocketmq.client.impl.producer.TopicPublishInfo, and
 * MQClientInstance#topicRouteData2TopicPublishInfo. */

#include "rmq-topic-publish-info.h"

#include <string.h>

/* Tasks remembered per topic; a program that sends from more threads than this starts some of them
 * at a random queue again. */
#define COUNTERS_MAX 256
#define QUEUES_MAX 65536

static void
queue_clear (gpointer data)
{
  RmqPublishQueue *queue = data;
  rmq_message_queue_unref (queue->queue);
  g_free (queue->label);
}

RmqTopicPublishInfo *
rmq_topic_publish_info_new (const char *topic)
{
  RmqTopicPublishInfo *info = g_new0 (RmqTopicPublishInfo, 1);
  info->refs = 1;
  info->topic = g_strdup (topic);
  info->queues = g_array_new (FALSE, FALSE, sizeof (RmqPublishQueue));
  g_array_set_clear_func (info->queues, queue_clear);
  info->list = g_ptr_array_new ();
  info->counters = g_array_new (FALSE, FALSE, sizeof (RmqPickCounter));
  info->last_counter = -1;
  info->since_us = -1;
  return info;
}

RmqTopicPublishInfo *
rmq_topic_publish_info_ref (RmqTopicPublishInfo *info)
{
  info->refs++;
  return info;
}

void
rmq_topic_publish_info_unref (RmqTopicPublishInfo *info)
{
  if (info == NULL || --info->refs > 0)
    return;
  g_array_unref (info->queues);
  g_ptr_array_unref (info->list);
  g_array_unref (info->counters);
  g_free (info->topic);
  g_free (info);
}

guint
rmq_topic_publish_info_get_n_queues (const RmqTopicPublishInfo *info)
{
  return info != NULL ? info->queues->len : 0;
}

/* ---- route to queue list ------------------------------------------------- */

static void
append_queues (RmqTopicPublishInfo *info, const char *broker_name, gint64 n)
{
  for (gint id = 0; id < n && info->queues->len < QUEUES_MAX; id++)
    {
      RmqPublishQueue queue = { .queue = rmq_message_queue_new (info->topic, broker_name, id),
                                .label = g_strdup_printf ("%s:%d", broker_name, id),
                                .last_pick_us = -1 };
      g_array_append_val (info->queues, queue);
      g_ptr_array_add (info->list, queue.queue);
    }
}

/* "b:1;a:2": in the given order, whatever lives. Java throws on a malformed item; here it counts
 * for nothing. */
static void
append_ordered (RmqTopicPublishInfo *info, const char *order_topic_conf)
{
  g_auto (GStrv) items = g_strsplit (order_topic_conf, ";", -1);
  for (guint i = 0; items[i] != NULL; i++)
    {
      char *colon = strchr (items[i], ':');
      gint64 n = 0;
      if (colon == NULL || !g_ascii_string_to_signed (colon + 1, 10, 0, QUEUES_MAX, &n, NULL))
        continue;
      *colon = '\0';
      append_queues (info, items[i], n);
    }
}

static gint
compare_broker_names (gconstpointer a, gconstpointer b)
{
  const RmqQueueData *const *left = a;
  const RmqQueueData *const *right = b;
  return strcmp ((*left)->broker_name, (*right)->broker_name);
}

static gboolean
has_master (const RmqTopicRouteData *route, const char *broker_name)
{
  const RmqBrokerData *broker = rmq_topic_route_data_find_broker (route, broker_name);
  return broker != NULL && rmq_broker_data_get_addr (broker, 0) != NULL;
}

static void
append_writable (RmqTopicPublishInfo *info, const RmqTopicRouteData *route)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (route->queue_datas->len);
  for (guint i = 0; i < route->queue_datas->len; i++)
    g_ptr_array_add (sorted, route->queue_datas->pdata[i]);
  g_ptr_array_sort (sorted, compare_broker_names);
  for (guint i = 0; i < sorted->len; i++)
    {
      const RmqQueueData *data = sorted->pdata[i];
      if ((data->perm & RMQ_PERM_WRITE) != 0 && has_master (route, data->broker_name))
        append_queues (info, data->broker_name, data->write_queue_nums);
    }
}

RmqTopicPublishInfo *
rmq_topic_publish_info_new_from_route (const char *topic, const RmqTopicRouteData *route)
{
  RmqTopicPublishInfo *info = rmq_topic_publish_info_new (topic);
  info->have_topic_router_info = TRUE;
  info->order_topic = route->order_topic_conf != NULL && route->order_topic_conf[0] != '\0';
  if (info->order_topic)
    append_ordered (info, route->order_topic_conf);
  else
    append_writable (info, route);
  return info;
}

/* ---- the walk ------------------------------------------------------------ */

static RmqPickCounter *
find_counter (RmqTopicPublishInfo *info, guint64 task)
{
  for (guint i = 0; i < info->counters->len; i++)
    {
      RmqPickCounter *counter = &g_array_index (info->counters, RmqPickCounter, i);
      if (counter->task == task)
        return counter;
    }
  if (info->counters->len == COUNTERS_MAX)
    g_array_remove_index (info->counters, 0);
  RmqPickCounter fresh = { .task = task, .counter = (guint32)rmq_random_next (&info->random) };
  g_array_append_val (info->counters, fresh);
  return &g_array_index (info->counters, RmqPickCounter, info->counters->len - 1);
}

static RmqPublishQueue *
queue_at (RmqTopicPublishInfo *info, guint position)
{
  return &g_array_index (info->queues, RmqPublishQueue, position);
}

static guint
position_of (const RmqTopicPublishInfo *info, guint32 counter)
{
  return (counter & 0x7FFFFFFF) % info->queues->len;
}

static gboolean
is_on (RmqTopicPublishInfo *info, guint position, const char *broker_name)
{
  return strcmp (rmq_message_queue_get_broker_name (queue_at (info, position)->queue), broker_name)
         == 0;
}

/* 4.5.1: the counter moves by one, the probes use a local copy, so the next send starts at the
 * queue just skipped. */
static void
walk_4_5_1 (RmqTopicPublishInfo *info, RmqPickCounter *counter, const char *avoid, RmqPick *pick)
{
  guint32 probe = ++counter->counter;
  pick->position = position_of (info, probe);
  for (guint i = 0; avoid != NULL && i < info->queues->len; i++, probe++)
    if (!is_on (info, position_of (info, probe), avoid))
      {
        pick->position = position_of (info, probe);
        pick->skipped = i;
        return;
      }
  if (avoid != NULL) /* only one broker: plain selection takes another step */
    pick->position = position_of (info, ++counter->counter);
}

/* 4.9 and 5.3 without the latency fault: each probe is a step. */
static void
walk_4_9 (RmqTopicPublishInfo *info, RmqPickCounter *counter, const char *avoid, RmqPick *pick)
{
  for (guint i = 0; avoid != NULL && i < info->queues->len; i++)
    {
      pick->position = position_of (info, ++counter->counter);
      pick->skipped = i;
      if (!is_on (info, pick->position, avoid))
        return;
    }
  pick->skipped = 0;
  pick->position = position_of (info, ++counter->counter);
}

typedef void (*WalkFunc) (RmqTopicPublishInfo *info, RmqPickCounter *counter, const char *avoid,
                          RmqPick *pick);

static const WalkFunc walks[] = {
  [RMQ_QUEUE_CHOICE_4_5_1] = walk_4_5_1,
  [RMQ_QUEUE_CHOICE_4_9] = walk_4_9,
  [RMQ_QUEUE_CHOICE_5_3] = walk_4_9,
};

void
rmq_topic_publish_info_pick_at (RmqTopicPublishInfo *info, guint position, gint64 now_us,
                                RmqPick *pick)
{
  g_assert (position < info->queues->len);
  RmqPublishQueue *queue = queue_at (info, position);
  queue->picks++;
  queue->last_pick_us = now_us;
  pick->position = position;
  pick->queue = queue->queue;
  pick->label = queue->label;
}

gboolean
rmq_topic_publish_info_pick (RmqTopicPublishInfo *info, RmqQueueChoice choice, guint64 task,
                             const char *avoid_broker, gint64 now_us, RmqPick *pick)
{
  g_assert (choice < G_N_ELEMENTS (walks));
  if (info->queues->len == 0)
    return FALSE;
  RmqPickCounter *counter = find_counter (info, task);
  *pick = (RmqPick){ .task = task };
  walks[choice](info, counter, avoid_broker, pick);
  pick->counter = counter->counter;
  info->last_counter = counter->counter;
  rmq_topic_publish_info_pick_at (info, pick->position, now_us, pick);
  return TRUE;
}

gint
rmq_topic_publish_info_find (RmqTopicPublishInfo *info, RmqMessageQueue *queue)
{
  const char *broker_name = rmq_message_queue_get_broker_name (queue);
  gint id = rmq_message_queue_get_queue_id (queue);
  for (guint i = 0; i < info->queues->len; i++)
    if (rmq_message_queue_get_queue_id (queue_at (info, i)->queue) == id
        && is_on (info, i, broker_name))
      return (gint)i;
  return -1;
}

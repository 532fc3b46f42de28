/* SPDX-License-Identifier: Apache-2.0 */

/* RmqMessageQueue: names one queue of one broker. Immutable, any thread. Mirrors
 * org.apache.rocketmq.common.message.MessageQueue. */

#include "rmq-message-queue.h"

struct _RmqMessageQueue
{
  char *topic;
  char *broker_name;
  gint queue_id;
};

G_DEFINE_BOXED_TYPE (RmqMessageQueue, rmq_message_queue, rmq_message_queue_ref,
                     rmq_message_queue_unref)

RmqMessageQueue *
rmq_message_queue_new (const char *topic, const char *broker_name, gint queue_id)
{
  g_return_val_if_fail (topic != NULL, NULL);
  g_return_val_if_fail (broker_name != NULL, NULL);
  RmqMessageQueue *queue = g_atomic_rc_box_new0 (RmqMessageQueue);
  queue->topic = g_strdup (topic);
  queue->broker_name = g_strdup (broker_name);
  queue->queue_id = queue_id;
  return queue;
}

RmqMessageQueue *
rmq_message_queue_ref (RmqMessageQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);
  return g_atomic_rc_box_acquire (queue);
}

static void
queue_clear (gpointer data)
{
  RmqMessageQueue *queue = data;
  g_free (queue->topic);
  g_free (queue->broker_name);
}

void
rmq_message_queue_unref (RmqMessageQueue *queue)
{
  if (queue != NULL)
    g_atomic_rc_box_release_full (queue, queue_clear);
}

const char *
rmq_message_queue_get_topic (RmqMessageQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);
  return queue->topic;
}

const char *
rmq_message_queue_get_broker_name (RmqMessageQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);
  return queue->broker_name;
}

gint
rmq_message_queue_get_queue_id (RmqMessageQueue *queue)
{
  g_return_val_if_fail (queue != NULL, -1);
  return queue->queue_id;
}

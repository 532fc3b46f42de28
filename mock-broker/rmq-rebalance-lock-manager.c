/* SPDX-License-Identifier: Apache-2.0 */

/* Queue locks of orderly consumers. On the broker's loop, owner only. It asks nobody whether a
 * group, topic or queue exists, as in Java. */

#include "rmq-rebalance-lock-manager.h"

typedef struct
{
  char *group;
  RmqQueueName queue;
  char *client_id;
  gint64 last_update_us;
} Lock;

static void
lock_free (gpointer data)
{
  Lock *lock = data;
  rmq_queue_name_clear (&lock->queue);
  g_free (lock->group);
  g_free (lock->client_id);
  g_free (lock);
}

void
rmq_rebalance_lock_manager_init (RmqRebalanceLockManager *self)
{
  self->locks = g_ptr_array_new_with_free_func (lock_free);
}

void
rmq_rebalance_lock_manager_clear (RmqRebalanceLockManager *self)
{
  g_clear_pointer (&self->locks, g_ptr_array_unref);
}

static Lock *
find (RmqRebalanceLockManager *self, const char *group, const RmqQueueName *queue)
{
  for (guint i = 0; i < self->locks->len; i++)
    {
      Lock *lock = g_ptr_array_index (self->locks, i);
      if (g_str_equal (lock->group, group) && rmq_queue_name_equal (&lock->queue, queue))
        return lock;
    }
  return NULL;
}

gboolean
rmq_rebalance_lock_manager_lock (RmqRebalanceLockManager *self, const RmqLockBatchBody *body,
                                 const RmqQueueName *queue, gint64 now_us)
{
  Lock *lock = find (self, body->consumer_group, queue);
  if (lock == NULL)
    {
      lock = g_new0 (Lock, 1);
      lock->group = g_strdup (body->consumer_group);
      rmq_queue_name_copy (&lock->queue, queue);
      lock->client_id = g_strdup (body->client_id);
      g_ptr_array_add (self->locks, lock);
    }
  else if (!g_str_equal (lock->client_id, body->client_id))
    {
      if (now_us - lock->last_update_us <= RMQ_QUEUE_LOCK_LIVE_US)
        return FALSE;
      g_free (lock->client_id);
      lock->client_id = g_strdup (body->client_id);
    }
  lock->last_update_us = now_us;
  return TRUE;
}

void
rmq_rebalance_lock_manager_unlock (RmqRebalanceLockManager *self, const RmqLockBatchBody *body,
                                   const RmqQueueName *queue)
{
  Lock *lock = find (self, body->consumer_group, queue);
  if (lock != NULL && g_strcmp0 (lock->client_id, body->client_id) == 0)
    g_ptr_array_remove (self->locks, lock);
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "consumerGroup", RMQ_CELL_TEXT, NULL, "group that reads in order", "mqLockTable key" },
  { "topic", RMQ_CELL_TEXT, NULL, "name of the topic", "MessageQueue#topic" },
  { "queueId", RMQ_CELL_INT, NULL, "number of the queue, from 0", "MessageQueue#queueId" },
  { "clientId", RMQ_CELL_TEXT, NULL, "the member that alone may read it", "LockEntry#clientId" },
  { "lastUpdateTimestamp", RMQ_CELL_MOMENT_US, NULL,
    "when it was locked last; after 60 s any member may take it", "LockEntry#lastUpdateTimestamp" },
};
static const RmqTableSchema schema = {
  "mqLockTable",
  "Locked queues of a broker",
  "Which member of an orderly group has which queue. Members renew their locks every 20 s.",
  "RebalanceLockManager#mqLockTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_rebalance_lock_manager_fill_snapshot (const RmqRebalanceLockManager *self, const char *owner,
                                          RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->locks->len; i++)
    {
      const Lock *lock = g_ptr_array_index (self->locks, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, lock->group);
      rmq_table_add_text (table, lock->queue.topic);
      rmq_table_add_number (table, lock->queue.queue_id);
      rmq_table_add_text (table, lock->client_id);
      rmq_table_add_number (table, lock->last_update_us);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Delivers the ends of asynchronous sends to user code, each exactly once, outside the loop. Owns
 * the callback lanes. The owner puts an ended send on a lane's stack and, if none is there yet, an
 * item on the lane; the item, on the lane's own task, takes the whole stack: one change of task for
 * many callbacks. A callback may block, send, or shut the producer down. */

#include "rmq-callback-pool.h"

#include "rmq-producer-events.h"

typedef struct
{
  RmqCallbackPool *pool;
  RmqCallbackLane *lane;
  gpointer ended;     /* atomic: stack of RmqSendOperation, newest first */
  gint scheduled;     /* atomic: an item for the stack is on the lane */
  gint backlog;       /* atomic: operations waiting and running */
  gsize running_task; /* atomic: id of the lane's task while it runs callbacks; 0: none */
} Slot;

struct _RmqCallbackPool
{
  RmqEnv *env;
  Slot *slots;
  guint n_slots;
  guint n_open; /* lanes not yet drained */
  RmqEnvFunc drained;
  gpointer drained_data;
};

RmqCallbackPool *
rmq_callback_pool_new (RmqEnv *env, guint n_lanes)
{
  RmqCallbackPool *pool = g_new0 (RmqCallbackPool, 1);
  pool->env = env;
  pool->n_slots = n_lanes;
  pool->slots = g_new0 (Slot, n_lanes);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *name = g_strdup_printf ("callback %u", i + 1);
      pool->slots[i].pool = pool;
      pool->slots[i].lane = rmq_callback_lane_new (env, name);
    }
  return pool;
}

static void
run_batch (Slot *slot)
{
  RmqSendOperation *operation, *batch = rmq_send_operation_stack_take (&slot->ended);
  while ((operation = batch) != NULL)
    {
      batch = rmq_send_operation_get_next (operation);
      rmq_send_operation_run_callback (operation);
      rmq_send_operation_unref (operation);
      g_atomic_int_add (&slot->backlog, -1);
    }
}

/* On the lane's task, which goes on as long as there is more: what ends meanwhile wakes nobody. */
static void
run_callbacks (gpointer data)
{
  Slot *slot = data;
  g_atomic_pointer_set (&slot->running_task, (gsize)rmq_env_task_id (slot->pool->env));
  do
    {
      run_batch (slot);
      g_atomic_int_set (&slot->scheduled, 0);
    }
  while (g_atomic_pointer_get (&slot->ended) != NULL
         && g_atomic_int_compare_and_exchange (&slot->scheduled, 0, 1));
  g_atomic_pointer_set (&slot->running_task, 0);
}

/* After the run, and for an item that never runs because its host is gone. */
static void
drop_callbacks (gpointer data)
{
  Slot *slot = data;
  if (!rmq_env_is_gone (slot->pool->env))
    return;
  g_atomic_int_set (&slot->scheduled, 0);
  RmqSendOperation *operation, *batch = rmq_send_operation_stack_take (&slot->ended);
  while ((operation = batch) != NULL)
    {
      batch = rmq_send_operation_get_next (operation);
      rmq_send_operation_unref (operation);
      g_atomic_int_add (&slot->backlog, -1);
    }
}

static Slot *
least_loaded (RmqCallbackPool *pool)
{
  Slot *best = &pool->slots[0];
  for (guint i = 1; i < pool->n_slots; i++)
    if (g_atomic_int_get (&pool->slots[i].backlog) < g_atomic_int_get (&best->backlog))
      best = &pool->slots[i];
  return best;
}

void
rmq_callback_pool_push (RmqCallbackPool *pool, RmqSendOperation *operation)
{
  g_assert (rmq_env_is_owner (pool->env));
  Slot *slot = least_loaded (pool);
  gint backlog = g_atomic_int_add (&slot->backlog, 1) + 1;
  RMQ_EMIT (pool->env, &rmq_event_callback, rmq_callback_lane_get_name (slot->lane),
            (gint64)rmq_send_operation_get_tag (operation),
            rmq_send_operation_has_result (operation), backlog);
  rmq_send_operation_stack_push (&slot->ended, rmq_send_operation_ref (operation));
  if (g_atomic_int_compare_and_exchange (&slot->scheduled, 0, 1))
    rmq_callback_lane_push_full (slot->lane, run_callbacks, slot, drop_callbacks);
}

static void
lane_drained (gpointer data)
{
  RmqCallbackPool *pool = data;
  if (--pool->n_open == 0)
    pool->drained (pool->drained_data);
}

void
rmq_callback_pool_close (RmqCallbackPool *pool, RmqEnvFunc drained, gpointer data)
{
  pool->drained = drained;
  pool->drained_data = data;
  pool->n_open = pool->n_slots;
  /* The last lane may end the pool's owner inside its close. */
  for (guint i = 0, n = pool->n_slots; i < n; i++)
    rmq_callback_lane_close (g_steal_pointer (&pool->slots[i].lane), lane_drained, pool);
}

void
rmq_callback_pool_free (RmqCallbackPool *pool)
{
  if (pool == NULL)
    return;
  g_assert (pool->n_open == 0);
  g_free (pool->slots);
  g_free (pool);
}

gboolean
rmq_callback_pool_is_inside (RmqCallbackPool *pool)
{
  gsize task = (gsize)rmq_env_task_id (pool->env);
  for (guint i = 0; i < pool->n_slots; i++)
    if ((gsize)g_atomic_pointer_get (&pool->slots[i].running_task) == task)
      return TRUE;
  return FALSE;
}

guint
rmq_callback_pool_get_n_lanes (RmqCallbackPool *pool)
{
  return pool->n_slots;
}

const char *
rmq_callback_pool_get_lane_name (RmqCallbackPool *pool, guint index)
{
  RmqCallbackLane *lane = pool->slots[index].lane;
  return lane != NULL ? rmq_callback_lane_get_name (lane) : "callback (closed)";
}

guint
rmq_callback_pool_get_backlog (RmqCallbackPool *pool, guint index)
{
  return (guint)g_atomic_int_get (&pool->slots[index].backlog);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The lane of user code: a task of its own, started by the first push, that runs one item after the
 * other outside the loop, so that an item may block and call the library. Written against the seam
 * only, the same in both worlds: the backlog belongs to the loop's owner, and the task fetches from
 * it as owner. */

#include "rmq-lane.h"

/* What the task fetches at once in the real world, where each round costs two thread hops. The
 * simulated world has no hops, and there each item is a moment of its own. */
#define REAL_FETCH_MAX 64

typedef struct
{
  GList link; /* in one of the lane's two queues */
  RmqEnvFunc func;
  gpointer data;
  GDestroyNotify destroy; /* (nullable) */
} Item;

struct _RmqCallbackLane
{
  RmqEnv *env;
  char *name;
  GQueue backlog; /* of Item */
  GQueue fetched; /* of Item: by the task, which runs them; the owner frees them after that */
  guint fetch_max;
  RmqParker *idle; /* (nullable): the task waits for work on this */
  gboolean has_task;
  gboolean closed;
  RmqEnvFunc drained; /* (nullable) */
  gpointer drained_data;
};

/* One round of the task: what it fetches with. */
typedef struct
{
  RmqCallbackLane *lane;
  RmqParker parker;
  gboolean ended; /* closed, and nothing is left */
} Fetch;

static void
item_free (Item *item)
{
  if (item->destroy != NULL)
    item->destroy (item->data);
  g_free (item);
}

static void
clear_items (GQueue *items)
{
  while (items->head != NULL)
    item_free (g_queue_pop_head_link (items)->data);
}

RmqCallbackLane *
rmq_callback_lane_new (RmqEnv *env, const char *name)
{
  RmqCallbackLane *lane = g_new0 (RmqCallbackLane, 1);
  lane->env = env;
  lane->name = g_strdup (name);
  lane->fetch_max = rmq_world_is_simulated (rmq_env_get_world (env)) ? 1 : REAL_FETCH_MAX;
  g_queue_init (&lane->backlog);
  g_queue_init (&lane->fetched);
  return lane;
}

static void
end_lane (RmqCallbackLane *lane)
{
  RmqEnvFunc drained = lane->drained;
  gpointer data = lane->drained_data;
  g_assert (lane->fetched.length == 0);
  clear_items (&lane->backlog);
  g_free (lane->name);
  g_free (lane);
  if (drained != NULL)
    drained (data);
}

/* As owner: what was fetched before is done; takes the next, or waits until there is one or the
 * lane is closed. */
static void
fetch (gpointer data)
{
  Fetch *round = data;
  RmqCallbackLane *lane = round->lane;
  clear_items (&lane->fetched);
  while (lane->fetched.length < lane->fetch_max && lane->backlog.length > 0)
    g_queue_push_tail_link (&lane->fetched, g_queue_pop_head_link (&lane->backlog));
  round->ended = lane->fetched.length == 0 && lane->closed;
  if (lane->fetched.length > 0 || round->ended)
    rmq_parker_wake (&round->parker);
  else
    lane->idle = &round->parker;
}

/* Woken without an item means that a push or the close asks for another round. */
static void
run_items (gpointer data)
{
  RmqCallbackLane *lane = data;
  for (;;)
    {
      Fetch round = { .lane = lane };
      rmq_parker_init (&round.parker, lane->env);
      RmqWake wake = rmq_env_park_idle (lane->env, fetch, &round, &round.parker, G_MAXINT64);
      if (wake != RMQ_WAKE_WOKEN || round.ended)
        return;
      for (GList *l = lane->fetched.head; l != NULL; l = l->next)
        {
          Item *item = l->data;
          item->func (item->data);
        }
    }
}

/* As owner. A host that is gone runs nothing more. */
static void
task_is_done (gpointer data)
{
  RmqCallbackLane *lane = data;
  lane->has_task = FALSE;
  lane->idle = NULL;
  clear_items (&lane->fetched);
  clear_items (&lane->backlog);
  if (lane->closed)
    end_lane (lane);
}

static void
wake_task (RmqCallbackLane *lane)
{
  RmqParker *idle = g_steal_pointer (&lane->idle);
  if (idle != NULL && !rmq_env_is_gone (lane->env))
    rmq_parker_wake (idle);
}

void
rmq_callback_lane_push_full (RmqCallbackLane *lane, RmqEnvFunc func, gpointer data,
                             GDestroyNotify destroy)
{
  g_assert (!lane->closed);
  Item *item = g_new (Item, 1);
  *item = (Item){ .link.data = item, .func = func, .data = data, .destroy = destroy };
  if (rmq_env_is_gone (lane->env))
    {
      item_free (item);
      return;
    }
  g_queue_push_tail_link (&lane->backlog, &item->link);
  if (!lane->has_task)
    {
      lane->has_task = TRUE;
      rmq_env_task (lane->env, lane->name, run_items, task_is_done, lane);
    }
  wake_task (lane);
}

void
rmq_callback_lane_push (RmqCallbackLane *lane, RmqEnvFunc func, gpointer data)
{
  rmq_callback_lane_push_full (lane, func, data, NULL);
}

guint
rmq_callback_lane_get_backlog (RmqCallbackLane *lane)
{
  return lane->backlog.length + lane->fetched.length;
}

const char *
rmq_callback_lane_get_name (RmqCallbackLane *lane)
{
  return lane->name;
}

void
rmq_callback_lane_close (RmqCallbackLane *lane, RmqEnvFunc drained, gpointer data)
{
  g_assert (!lane->closed);
  lane->closed = TRUE;
  lane->drained = drained;
  lane->drained_data = data;
  if (lane->has_task)
    wake_task (lane);
  else
    end_lane (lane);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Lanes: the serial executors that stand where Java has a thread. One item at a time; an item that
 * waits keeps the lane and nothing else. Runs on the host's loop, owner only. Must never start an
 * item from within the previous item's call stack: a lane of a thousand items would nest a thousand
 * deep. */

#include "rmq-lane.h"

typedef struct
{
  GList link; /* in the backlog */
  const char *label;
  RmqLaneFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Item;

struct _RmqLane
{
  RmqEnv *env;
  char *name;
  GQueue backlog;        /* of Item */
  Item *current;         /* (nullable) */
  const char *waits_for; /* (nullable) */
  gboolean running;      /* inside run_items */
};

static void
item_free (gpointer data)
{
  Item *item = data;
  if (item->destroy != NULL)
    item->destroy (item->data);
  g_free (item);
}

RmqLane *
rmq_lane_new (RmqEnv *env, const char *name)
{
  RmqLane *lane = g_new0 (RmqLane, 1);
  lane->env = env;
  lane->name = g_strdup (name);
  g_queue_init (&lane->backlog);
  return lane;
}

void
rmq_lane_free (RmqLane *lane)
{
  if (lane == NULL)
    return;
  g_assert (!lane->running);
  while (lane->backlog.head != NULL)
    item_free (g_queue_pop_head_link (&lane->backlog)->data);
  g_clear_pointer (&lane->current, item_free);
  g_free (lane->name);
  g_free (lane);
}

/* A loop, so that items which finish at once don't nest. */
static void
run_items (RmqLane *lane)
{
  if (lane->running)
    return;
  lane->running = TRUE;
  while (lane->current == NULL && !g_queue_is_empty (&lane->backlog))
    {
      lane->current = g_queue_pop_head_link (&lane->backlog)->data;
      lane->current->func (lane, lane->current->data);
    }
  lane->running = FALSE;
}

void
rmq_lane_push (RmqLane *lane, const char *label, RmqLaneFunc func, gpointer data,
               GDestroyNotify destroy)
{
  g_assert (func != NULL);
  Item *item = g_new (Item, 1);
  *item =
      (Item){ .link.data = item, .label = label, .func = func, .data = data, .destroy = destroy };
  g_queue_push_tail_link (&lane->backlog, &item->link);
  run_items (lane);
}

void
rmq_lane_done (RmqLane *lane)
{
  g_assert (lane->current != NULL);
  g_clear_pointer (&lane->current, item_free);
  lane->waits_for = NULL;
  run_items (lane);
}

void
rmq_lane_set_waits_for (RmqLane *lane, const char *what)
{
  lane->waits_for = what;
}

const char *
rmq_lane_get_name (RmqLane *lane)
{
  return lane->name;
}

const char *
rmq_lane_get_current (RmqLane *lane)
{
  return lane->current != NULL ? lane->current->label : NULL;
}

const char *
rmq_lane_get_waits_for (RmqLane *lane)
{
  return lane->waits_for;
}

guint
rmq_lane_get_backlog (RmqLane *lane)
{
  return lane->backlog.length;
}

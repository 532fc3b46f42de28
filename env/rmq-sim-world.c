/* SPDX-License-Identifier: Apache-2.0 */

/* The simulated world: the clock, the one heap of the future, and the step that takes its first
 * item. Each pop is one event. Runs on one thread, from outside any event. Must never look at the
 * machine it runs on. */

#include "rmq-sim-private.h"

/* 2026-01-01T00:00:00Z */
#define DEFAULT_WALL_START_MS G_GINT64_CONSTANT (1767225600000)

typedef struct
{
  RmqTimer timer;
  RmqEnvFunc func;
  gpointer data;
} Post;

/* ---- the heap ------------------------------------------------------------ */

void
rmq_sim_timer_init (RmqTimer *timer, RmqEnv *owner, RmqEnvFunc func, gpointer data)
{
  *timer = (RmqTimer){ .func = func, .data = data, .owner = owner };
}

/* A timer that was due while its host was paused lies in that host's heap. */
static RmqTimerHeap *
heap_of (RmqSimWorld *world, const RmqTimer *timer)
{
  RmqSimHost *host = timer->owner;
  if (host != NULL && timer->position <= host->held.n_items
      && host->held.items[timer->position] == timer)
    return &host->held;
  return &world->heap;
}

void
rmq_sim_disarm (RmqSimWorld *world, RmqTimer *timer)
{
  if (rmq_timer_is_armed (timer))
    rmq_timer_heap_remove (heap_of (world, timer), timer);
}

void
rmq_sim_arm (RmqSimWorld *world, RmqTimer *timer, gint64 at_us)
{
  rmq_sim_disarm (world, timer);
  timer->cause = rmq_event_log_get_cause (world->base.log);
  rmq_timer_heap_insert (&world->heap, timer, MAX (at_us, world->now_us));
}

static void
run_event (RmqSimWorld *world, RmqTimer *timer)
{
  g_assert (timer->at_us >= world->now_us);
  world->now_us = timer->at_us;
  world->n_events++;
  rmq_event_log_begin_moment (world->base.log, timer->cause);
  world->in_dispatch = TRUE;
  timer->func (timer->data);
  world->in_dispatch = FALSE;
  if (world->after_event != NULL)
    world->after_event (world->after_event_data);
}

gboolean
rmq_sim_run_next (RmqSimWorld *world, gint64 limit_us)
{
  g_assert (world->running == NULL);
  g_assert (!world->in_dispatch);
  for (;;)
    {
      RmqTimer *timer = rmq_timer_heap_peek (&world->heap);
      if (timer == NULL || timer->at_us > limit_us)
        return FALSE;
      rmq_timer_heap_remove (&world->heap, timer);
      RmqSimHost *host = timer->owner;
      if (host == NULL || !host->base.paused)
        {
          run_event (world, timer);
          return TRUE;
        }
      rmq_timer_heap_insert (&host->held, timer, timer->at_us);
    }
}

/* ---- what the host's code asks for --------------------------------------- */

static gint64
now (RmqEnv *env)
{
  return rmq_sim_world_of (env)->now_us;
}

static gint64
wall (RmqEnv *env)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  return world->wall_start_ms + world->now_us / 1000 + ((RmqSimHost *)env)->wall_jump_ms;
}

static void
timer_start (RmqEnv *env, RmqTimer *timer, gint64 at_us)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  rmq_sim_arm (world, timer, rmq_sim_late (env, at_us));
}

static void
timer_stop (RmqEnv *env, RmqTimer *timer)
{
  rmq_sim_disarm (rmq_sim_world_of (env), timer);
}

static void
run_post (gpointer data)
{
  Post post = *(Post *)data;
  g_free (data);
  post.func (post.data);
}

static void
post (RmqEnv *env, RmqEnvFunc func, gpointer data)
{
  if (env->gone)
    return;
  RmqSimWorld *world = rmq_sim_world_of (env);
  Post *item = g_new (Post, 1);
  item->func = func;
  item->data = data;
  rmq_sim_timer_init (&item->timer, env, run_post, item);
  rmq_sim_arm (world, &item->timer, world->now_us);
}

static gboolean
in_dispatch (RmqEnv *env)
{
  return rmq_sim_world_of (env)->in_dispatch;
}

void
rmq_sim_drop_timers (RmqTimerHeap *heap, RmqEnv *env)
{
  g_autoptr (GPtrArray) dropped = g_ptr_array_new ();
  for (guint i = 1; i <= heap->n_items; i++)
    if (heap->items[i]->owner == env)
      g_ptr_array_add (dropped, heap->items[i]);
  for (guint i = 0; i < dropped->len; i++)
    {
      RmqTimer *timer = g_ptr_array_index (dropped, i);
      rmq_timer_heap_remove (heap, timer);
      if (timer->func == run_post)
        g_free (timer->data);
    }
}

/* ---- the world ----------------------------------------------------------- */

static void
free_world (RmqWorld *base)
{
  RmqSimWorld *world = (RmqSimWorld *)base;
  /* Hosts, tasks, links and listeners each keep the world alive. */
  g_assert (world->heap.n_items == 0);
  g_assert (world->tasks.length == 0);
  rmq_timer_heap_clear (&world->heap);
  g_hash_table_unref (world->listeners);
  rmq_stack_pool_clear (&world->stacks);
  rmq_world_clear (base);
  g_free (world);
}

static const RmqEnvOps sim_ops = {
  .simulated = TRUE,
  .add_host = rmq_sim_add_host,
  .free_world = free_world,
  .free_host = rmq_sim_free_host,
  .now = now,
  .wall = wall,
  .timer_start = timer_start,
  .timer_stop = timer_stop,
  .random_seed = rmq_sim_random_seed,
  .listen = rmq_sim_listen,
  .listener_address = rmq_sim_listener_address,
  .listener_set_accepting = rmq_sim_listener_set_accepting,
  .listener_set_ignoring = rmq_sim_listener_set_ignoring,
  .listener_close = rmq_sim_listener_close,
  .connect = rmq_sim_connect,
  .link_set_func = rmq_sim_link_set_func,
  .link_read = rmq_sim_link_read,
  .link_write = rmq_sim_link_write,
  .link_outbox_size = rmq_sim_link_outbox_size,
  .link_shutdown_write = rmq_sim_link_shutdown_write,
  .link_set_reading = rmq_sim_link_set_reading,
  .link_close = rmq_sim_link_close,
  .link_local_address = rmq_sim_link_local_address,
  .link_peer_address = rmq_sim_link_peer_address,
  .call = rmq_sim_call,
  .wake = rmq_sim_wake,
  .task = rmq_sim_task,
  .task_id = rmq_sim_task_id,
  .post = post,
  .is_owner = rmq_sim_is_owner,
  .in_dispatch = in_dispatch,
  .kill = rmq_sim_kill,
  .pause = rmq_sim_pause,
  .resume = rmq_sim_resume,
};

static const struct
{
  const char *name;
  const RmqFiberKind *fibers;
} task_kinds[] = {
  [RMQ_SIM_FIBERS] = { "fibers", &rmq_fiber_on_stack },
  [RMQ_SIM_THREADS] = { "threads", &rmq_fiber_on_thread },
};
G_STATIC_ASSERT (G_N_ELEMENTS (task_kinds) == RMQ_N_SIM_TASKS);

const char *
rmq_sim_tasks_get_name (RmqSimTasks tasks)
{
  return task_kinds[tasks].name;
}

gboolean
rmq_sim_tasks_find (const char *name, RmqSimTasks *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (task_kinds); i++)
    if (g_str_equal (task_kinds[i].name, name))
      {
        *out = i;
        return TRUE;
      }
  return FALSE;
}

RmqWorld *
rmq_sim_world_new (const RmqSimOptions *options)
{
  RmqSimWorld *world = g_new0 (RmqSimWorld, 1);
  rmq_world_init (&world->base, &sim_ops);
  world->seed = options->seed;
  world->fibers = task_kinds[options->tasks].fibers;
  world->exact = options->exact;
  world->wall_start_ms =
      options->wall_start_ms != 0 ? options->wall_start_ms : DEFAULT_WALL_START_MS;
  world->listeners = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&world->tasks);
  world->last_task_id = 1; /* whoever calls from outside */
  return &world->base;
}

static RmqSimWorld *
as_sim (RmqWorld *world)
{
  g_assert (world->ops == &sim_ops);
  return (RmqSimWorld *)world;
}

gint64
rmq_sim_world_now (RmqWorld *world)
{
  return as_sim (world)->now_us;
}

gboolean
rmq_sim_world_step_until (RmqWorld *world, gint64 at_us)
{
  rmq_world_ref (world);
  gboolean has_run = rmq_sim_run_next (as_sim (world), at_us);
  rmq_world_unref (world);
  return has_run;
}

gboolean
rmq_sim_world_step (RmqWorld *world)
{
  return rmq_sim_world_step_until (world, G_MAXINT64);
}

void
rmq_sim_world_run_until (RmqWorld *base, gint64 at_us)
{
  RmqSimWorld *world = as_sim (base);
  rmq_world_ref (base);
  while (rmq_sim_run_next (world, at_us))
    ;
  world->now_us = MAX (world->now_us, at_us);
  rmq_world_unref (base);
}

void
rmq_sim_world_set_after_event (RmqWorld *base, RmqEnvFunc func, gpointer data)
{
  RmqSimWorld *world = as_sim (base);
  world->after_event = func;
  world->after_event_data = data;
}

gint64
rmq_sim_world_peek (RmqWorld *world)
{
  const RmqTimer *timer = rmq_timer_heap_peek (&as_sim (world)->heap);
  return timer != NULL ? timer->at_us : G_MAXINT64;
}

guint64
rmq_sim_world_get_n_events (RmqWorld *world)
{
  return as_sim (world)->n_events;
}

guint
rmq_sim_world_get_n_parked (RmqWorld *world)
{
  return as_sim (world)->n_parked;
}

void
rmq_sim_world_foreach_parked (RmqWorld *world, RmqSimParkedFunc func, gpointer data)
{
  rmq_sim_tasks_foreach_parked (as_sim (world), func, data);
}

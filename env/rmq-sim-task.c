/* SPDX-License-Identifier: Apache-2.0 */

/* Tasks of the simulated world: fibers that wait on parkers. A task runs in one event from its
 * resume to its next wait; each resume costs it some microseconds. Code that calls from outside any
 * event turns the world itself while it waits. A task's stack is never thrown away: when its host
 * is killed it is woken with "host gone" and runs to its end. */

#include "rmq-sim-private.h"

#define OUTSIDE_TASK_ID 1

/* What a resume costs. */
#define STEP_MIN_US 20
#define STEP_MAX_US 60

struct _RmqSimTask
{
  GList link; /* in the world's list */
  RmqSimWorld *world;
  RmqEnv *home;      /* where it was started */
  RmqEnv *waits_in;  /* (nullable): the host whose loop it waits for; another's if it calls there */
  RmqFiber *fiber;   /* (nullable): not yet started */
  RmqTimer timer;    /* its next resume */
  RmqParker *parker; /* (nullable) */
  char *name;
  gboolean idle;      /* it waits for work */
  gint64 since_us;    /* of its wait */
  gint64 deadline_us; /* of its wait */
  RmqWake wake;
  RmqEnvFunc func;
  RmqEnvFunc done; /* (nullable) */
  gpointer data;
  guint64 id;
  guint64 cost_state; /* its stream of step costs */
};

static gint64
step_cost (RmqSimTask *task)
{
  if (task->world->exact)
    return 0;
  return STEP_MIN_US
         + (gint64)(rmq_splitmix64 (&task->cost_state) % (STEP_MAX_US - STEP_MIN_US + 1));
}

/* ---- running ------------------------------------------------------------- */

static void
run_func (gpointer data)
{
  RmqSimTask *task = data;
  task->func (task->data);
}

static void
finish (RmqSimTask *task)
{
  RmqSimWorld *world = task->world;
  g_queue_unlink (&world->tasks, &task->link);
  rmq_fiber_free (task->fiber);
  g_free (task->name);
  if (task->done != NULL)
    {
      gboolean was_in_dispatch = world->in_dispatch;
      world->in_dispatch = TRUE;
      task->done (task->data);
      world->in_dispatch = was_in_dispatch;
    }
  g_slice_free (RmqSimTask, task);
}

static void
run (gpointer data)
{
  RmqSimTask *task = data;
  RmqSimWorld *world = task->world;
  RmqEnv *home = rmq_env_ref (task->home);
  RmqSimTask *resumer = world->running;
  gboolean was_in_dispatch = world->in_dispatch;
  if (task->fiber == NULL)
    task->fiber = rmq_fiber_new (world->fibers, &world->stacks, run_func, task);
  world->running = task;
  world->in_dispatch = FALSE;
  rmq_fiber_resume (task->fiber);
  world->running = resumer;
  world->in_dispatch = was_in_dispatch;
  if (rmq_fiber_has_ended (task->fiber))
    finish (task);
  rmq_env_unref (home);
}

void
rmq_sim_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  RmqSimHost *host = (RmqSimHost *)env;
  RmqSimTask *task = g_slice_new0 (RmqSimTask);
  task->link.data = task;
  task->world = world;
  task->home = env;
  task->name = g_strdup (name);
  task->func = func;
  task->done = done;
  task->data = data;
  task->id = ++world->last_task_id;
  task->cost_state = host->seed ^ (rmq_hash_text ("step cost") + host->n_tasks++);
  rmq_splitmix64 (&task->cost_state);
  rmq_sim_timer_init (&task->timer, env, run, task);
  g_queue_push_tail_link (&world->tasks, &task->link);
  rmq_sim_arm (world, &task->timer, world->now_us + step_cost (task));
}

/* ---- waiting ------------------------------------------------------------- */

static void
wait_in (RmqSimTask *task, RmqEnv *env, RmqParker *parker, gint64 deadline_us)
{
  RmqSimWorld *world = task->world;
  task->since_us = world->now_us;
  task->deadline_us = deadline_us;
  task->waits_in = env;
  task->parker = parker;
  task->wake = RMQ_WAKE_TIMEOUT;
  parker->waiter = task;
  task->timer.owner = env;
  if (deadline_us != G_MAXINT64)
    rmq_sim_arm (world, &task->timer, rmq_sim_late (env, deadline_us) + step_cost (task));
  world->n_parked++;
  rmq_fiber_yield (task->fiber);
  world->n_parked--;
  parker->waiter = NULL;
  task->parker = NULL;
  task->waits_in = NULL;
  task->timer.owner = task->home;
}

static void
resume_with (RmqSimTask *task, RmqWake wake, gint64 at_us)
{
  if (task->parker != NULL)
    task->parker->waiter = NULL;
  task->parker = NULL;
  task->wake = wake;
  rmq_sim_arm (task->world, &task->timer, at_us);
}

/* As in the real world it counts as dispatch: what it calls (hooks, selectors) must not block. */
static void
run_start (RmqSimWorld *world, RmqEnvFunc start, gpointer data)
{
  if (start == NULL)
    return;
  world->in_dispatch = TRUE;
  start (data);
  world->in_dispatch = FALSE;
}

static RmqWake
call_from_task (RmqSimTask *task, RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                gint64 deadline_us)
{
  if (task->home->gone)
    return RMQ_WAKE_HOST_GONE;
  run_start (task->world, start, data);
  if (env->gone || task->home->gone)
    return RMQ_WAKE_HOST_GONE;
  if (parker->woken)
    return RMQ_WAKE_WOKEN;
  wait_in (task, env, parker, deadline_us);
  return task->wake;
}

static void
note_timeout (gpointer data)
{
  *(gboolean *)data = TRUE;
}

static RmqWake
call_from_outside (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                   gint64 deadline_us)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  gboolean timed_out = FALSE;
  RmqTimer timer = { 0 };
  run_start (world, start, data);
  if (deadline_us != G_MAXINT64)
    rmq_env_timer_start (env, &timer, deadline_us, note_timeout, &timed_out);
  while (!env->gone && !parker->woken && !timed_out && rmq_sim_run_next (world, G_MAXINT64))
    ;
  rmq_env_timer_stop (env, &timer);
  if (env->gone)
    return RMQ_WAKE_HOST_GONE;
  return parker->woken ? RMQ_WAKE_WOKEN : RMQ_WAKE_TIMEOUT;
}

RmqWake
rmq_sim_call (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker, gint64 deadline_us,
              gboolean idle)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  g_assert (!world->in_dispatch);
  if (env->gone)
    return RMQ_WAKE_HOST_GONE;
  if (world->running != NULL)
    world->running->idle = idle;
  if (world->running != NULL)
    return call_from_task (world->running, env, start, data, parker, deadline_us);
  return call_from_outside (env, start, data, parker, deadline_us);
}

void
rmq_sim_wake (RmqParker *parker)
{
  RmqSimTask *task = parker->waiter;
  parker->woken = TRUE;
  if (task != NULL)
    resume_with (task, RMQ_WAKE_WOKEN, task->world->now_us + step_cost (task));
}

guint64
rmq_sim_task_id (RmqEnv *env)
{
  const RmqSimTask *task = rmq_sim_world_of (env)->running;
  return task != NULL ? task->id : OUTSIDE_TASK_ID;
}

gboolean
rmq_sim_is_owner (RmqEnv *env)
{
  const RmqSimWorld *world = rmq_sim_world_of (env);
  return world->in_dispatch || world->running == NULL;
}

guint
rmq_sim_count_tasks (RmqEnv *env)
{
  guint n = 0;
  for (const GList *l = rmq_sim_world_of (env)->tasks.head; l != NULL; l = l->next)
    n += ((const RmqSimTask *)l->data)->home == env;
  return n;
}

/* ---- looking ------------------------------------------------------------- */

void
rmq_sim_tasks_foreach_parked (RmqSimWorld *world, RmqSimParkedFunc func, gpointer data)
{
  for (GList *l = world->tasks.head; l != NULL; l = l->next)
    {
      const RmqSimTask *task = l->data;
      if (task->parker == NULL)
        continue;
      const RmqSimParked parked = {
        .task = task->name,
        .host = rmq_env_get_host_name (task->home),
        .idle = task->idle,
        .is_paused = task->home->paused,
        .since_us = task->since_us,
        .deadline_us = task->deadline_us,
      };
      func (&parked, data);
    }
}

/* ---- host gone ----------------------------------------------------------- */

static gboolean
concerns (const RmqSimTask *task, const RmqEnv *env)
{
  return task->waits_in == env || task->home == env;
}

/* Is it between two resumes, not on the stack of whoever calls now? */
static gboolean
is_suspended (const RmqSimTask *task)
{
  return task->fiber == NULL || task->waits_in != NULL;
}

void
rmq_sim_tasks_kill (RmqEnv *env)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  for (GList *l = world->tasks.head; l != NULL; l = l->next)
    {
      RmqSimTask *task = l->data;
      if (!concerns (task, env) || !is_suspended (task))
        continue;
      rmq_sim_disarm (world, &task->timer);
      task->timer.owner = task->home;
      resume_with (task, RMQ_WAKE_HOST_GONE, world->now_us);
    }
}

static RmqSimTask *
find_suspended (RmqSimWorld *world, const RmqEnv *env)
{
  for (GList *l = world->tasks.head; l != NULL; l = l->next)
    if (concerns (l->data, env) && is_suspended (l->data))
      return l->data;
  return NULL;
}

void
rmq_sim_tasks_unwind (RmqEnv *env)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  RmqSimTask *task;
  while ((task = find_suspended (world, env)) != NULL)
    {
      rmq_sim_disarm (world, &task->timer);
      run (task);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The real world of this process and its hosts: their clock, their random seed, what becomes of
 * them when they are killed or paused, and the table of functions by which rmq-env.c finds all
 * that. Who turns the loop is rmq-real-loop.c's business. Owner of the loop unless said otherwise.
 */

#include "rmq-real-private.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* ---- clock and chance ---------------------------------------------------- */

/* A clock costs more than most of what happens between two looks at it. */
static gint64
env_now (RmqEnv *env)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  return rmq_real_loop_is_owner (world) ? world->now_us : rmq_real_now ();
}

static void
env_tick (RmqEnv *env)
{
  RMQ_REAL_WORLD (env)->now_us = rmq_real_now ();
}

static gint64
env_wall (RmqEnv *env)
{
  return g_get_real_time () / 1000;
}

static void
env_timer_start (RmqEnv *env, RmqTimer *timer, gint64 at_us)
{
  g_assert (rmq_real_loop_is_owner (RMQ_REAL_WORLD (env)));
  rmq_timer_heap_insert (&((RmqRealEnv *)env)->timers, timer, at_us);
}

static void
env_timer_stop (RmqEnv *env, RmqTimer *timer)
{
  g_assert (rmq_real_loop_is_owner (RMQ_REAL_WORLD (env)));
  rmq_timer_heap_remove (&((RmqRealEnv *)env)->timers, timer);
}

static guint64
env_random_seed (RmqEnv *env)
{
  return ((RmqRealEnv *)env)->seed;
}

/* ---- tasks --------------------------------------------------------------- */

static RmqWake
env_call (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker, gint64 deadline_us,
          gboolean idle)
{
  RmqRealWaiter waiter = { .post = { .func = start, .data = data },
                           .env = (RmqRealEnv *)env,
                           .parker = parker,
                           .deadline_us = deadline_us,
                           .idle = idle };
  return rmq_real_loop_wait (RMQ_REAL_WORLD (env), &waiter);
}

static guint64
env_task_id (RmqEnv *env)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  if (rmq_real_loop_is_owner (world) && world->borrowed_id != 0)
    return world->borrowed_id;
  return rmq_real_thread_id ();
}

static void
env_post (RmqEnv *env, RmqEnvFunc func, gpointer data)
{
  rmq_real_loop_post (RMQ_REAL_WORLD (env), (RmqRealEnv *)env, func, data);
}

/* User code runs as owner from the loop's dispatch only, so both questions have one answer. */
static gboolean
env_is_owner (RmqEnv *env)
{
  return rmq_real_loop_is_owner (RMQ_REAL_WORLD (env));
}

/* ---- hosts --------------------------------------------------------------- */

static void
env_kill (RmqEnv *base, RmqCloseHow how)
{
  RmqRealEnv *env = (RmqRealEnv *)base;
  rmq_real_loop_drop_host (env);
  while (env->watches.head != NULL)
    {
      RmqRealWatch *watch = env->watches.head->data;
      watch->ops->host_gone (watch, how);
    }
  rmq_timer_heap_clear (&env->timers);
}

static void
sync_watches (RmqRealEnv *env)
{
  for (GList *l = env->watches.head; l != NULL; l = l->next)
    rmq_real_watch_sync (l->data);
}

static void
env_pause (RmqEnv *base)
{
  RmqRealEnv *env = (RmqRealEnv *)base;
  rmq_real_loop_set_paused (env, TRUE);
  sync_watches (env);
}

static void
env_resume (RmqEnv *base)
{
  RmqRealEnv *env = (RmqRealEnv *)base;
  rmq_real_loop_set_paused (env, FALSE);
  sync_watches (env);
  for (GList *l = env->watches.head; l != NULL; l = l->next)
    {
      RmqRealWatch *watch = l->data;
      if (watch->ops->resumed != NULL)
        watch->ops->resumed (watch);
    }
}

typedef struct
{
  RmqRealEnv *env;
  const RmqHostSpec *spec; /* (nullable): being removed */
  RmqParker drained;
} HostChange;

static void
add_host_cb (gpointer data)
{
  HostChange *change = data;
  RmqRealWorld *world = (RmqRealWorld *)change->env->parent.world;
  rmq_env_init (&change->env->parent, &world->parent, change->spec);
  g_ptr_array_add (world->envs, change->env);
}

static RmqEnv *
add_host (RmqWorld *base, const RmqHostSpec *spec)
{
  HostChange change = { .env = g_new0 (RmqRealEnv, 1), .spec = spec };
  change.env->parent.world = base;
  g_queue_init (&change.env->watches);
  if (getrandom (&change.env->seed, sizeof change.env->seed, 0) != sizeof change.env->seed)
    change.env->seed = (guint64)rmq_real_now () ^ (guint64)getpid ();
  rmq_real_loop_run ((RmqRealWorld *)base, add_host_cb, &change);
  return &change.env->parent;
}

RmqEnv *
rmq_real_world_add_local_host (RmqWorld *world)
{
  g_autofree char *address = rmq_real_host_find_address ();
  g_auto (GStrv) variables = g_get_environ ();
  char name[256] = "localhost";
  const time_t now = time (NULL);
  struct tm local = { 0 };
  gethostname (name, sizeof name - 1);
  localtime_r (&now, &local);
  return add_host (world, &(RmqHostSpec){ .name = name,
                                          .address = address,
                                          .pid = getpid (),
                                          .cpus = g_get_num_processors (),
                                          .utc_offset_s = (gint)local.tm_gmtoff,
                                          .variables = (const char *const *)variables });
}

/* Killed first, so that its tasks come home; it leaves when the last one has. */
static void
begin_removal_cb (gpointer data)
{
  HostChange *change = data;
  RmqRealEnv *env = change->env;
  if (!env->parent.gone)
    env_kill (&env->parent, RMQ_CLOSE_FIN);
  env->drained = &change->drained;
  if (rmq_real_task_count (env) == 0)
    rmq_real_loop_wake (&change->drained);
}

static void
end_removal_cb (gpointer data)
{
  HostChange *change = data;
  g_ptr_array_remove (RMQ_REAL_WORLD (change->env)->envs, change->env);
}

static void
free_host (RmqEnv *base)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (base);
  HostChange change = { .env = (RmqRealEnv *)base };
  RmqRealWaiter waiter = { .post = { .func = begin_removal_cb, .data = &change },
                           .parker = &change.drained,
                           .deadline_us = G_MAXINT64 };
  rmq_parker_init (&change.drained, base);
  if (!rmq_real_loop_is_owner (world))
    rmq_real_loop_wait (world, &waiter);
  else
    begin_removal_cb (&change);
  g_assert (rmq_real_task_count (change.env) == 0); /* tasks can't end inside dispatch */
  rmq_real_loop_run (world, end_removal_cb, &change);
  rmq_env_clear (base);
  g_free (base);
}

/* ---- the world ----------------------------------------------------------- */

static void
free_world (RmqWorld *base)
{
  RmqRealWorld *world = (RmqRealWorld *)base;
  g_assert (world->envs->len == 0);
  rmq_real_loop_clear (world);
  g_ptr_array_unref (world->envs);
  g_ptr_array_unref (world->reserved);
  g_free (world->spare_block);
  rmq_world_clear (base);
  g_free (world);
}

void
rmq_real_world_run (RmqWorld *world, RmqEnvFunc func, gpointer data)
{
  RmqRealWaiter waiter = { .post = { .func = func, .data = data }, .deadline_us = G_MAXINT64 };
  rmq_real_loop_wait ((RmqRealWorld *)world, &waiter);
}

static const RmqEnvOps real_ops = {
  .add_host = add_host,
  .free_world = free_world,
  .free_host = free_host,
  .now = env_now,
  .tick = env_tick,
  .wall = env_wall,
  .timer_start = env_timer_start,
  .timer_stop = env_timer_stop,
  .random_seed = env_random_seed,
  .listen = rmq_real_listen,
  .listener_address = rmq_real_listener_address,
  .listener_set_accepting = rmq_real_listener_set_accepting,
  .listener_set_ignoring = rmq_real_listener_set_ignoring,
  .listener_close = rmq_real_listener_close,
  .connect = rmq_real_connect,
  .link_set_func = rmq_real_link_set_func,
  .link_read = rmq_real_link_read,
  .link_write = rmq_real_link_write,
  .link_outbox_size = rmq_real_link_outbox_size,
  .link_shutdown_write = rmq_real_link_shutdown_write,
  .link_set_reading = rmq_real_link_set_reading,
  .link_close = rmq_real_link_close,
  .link_local_address = rmq_real_link_local_address,
  .link_peer_address = rmq_real_link_peer_address,
  .call = env_call,
  .wake = rmq_real_loop_wake,
  .task = rmq_real_task,
  .task_id = env_task_id,
  .post = env_post,
  .is_owner = env_is_owner,
  .in_dispatch = env_is_owner,
  .kill = env_kill,
  .pause = env_pause,
  .resume = env_resume,
};

RmqWorld *
rmq_real_world_new (void)
{
  RmqRealWorld *world = g_new0 (RmqRealWorld, 1);
  rmq_world_init (&world->parent, &real_ops);
  world->envs = g_ptr_array_new ();
  world->reserved = g_ptr_array_new_with_free_func (rmq_real_reserved_free);
  rmq_real_loop_init (world);
  return &world->parent;
}

/* ---- the process's shared world ------------------------------------------ */

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static RmqWorld *shared;
static guint n_shares;

RmqWorld *
rmq_real_world_share (void)
{
  pthread_mutex_lock (&shared_lock);
  if (n_shares++ == 0)
    shared = rmq_real_world_new ();
  RmqWorld *world = shared;
  pthread_mutex_unlock (&shared_lock);
  return world;
}

void
rmq_real_world_unshare (RmqWorld *world)
{
  pthread_mutex_lock (&shared_lock);
  g_assert (world == shared && n_shares > 0);
  RmqWorld *last = --n_shares == 0 ? g_steal_pointer (&shared) : NULL;
  pthread_mutex_unlock (&shared_lock);
  if (last != NULL)
    rmq_world_unref (last);
}

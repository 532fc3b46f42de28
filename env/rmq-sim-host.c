/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts of the simulated world: who they are, where their chance comes from, and what can be done
 * to them from outside: kill, pause, resume. Everything of a host derives from (world's seed,
 * host's name), so that adding a host re-rolls nobody else. */

#include "rmq-sim-private.h"

#define DEFAULT_CPUS 4
#define FIRST_PORT 40000
#define HOSTS_PER_NET 250
#define FIRST_PID 1000
#define N_PIDS 30000

/* How late a timer fires. */
#define LATE_MIN_US 50
#define LATE_MAX_US 1000

static guint64
derive (guint64 seed, const char *name)
{
  guint64 state = rmq_splitmix64 (&seed) ^ rmq_hash_text (name);
  return rmq_splitmix64 (&state);
}

RmqEnv *
rmq_sim_add_host (RmqWorld *base, const RmqHostSpec *spec)
{
  RmqSimWorld *world = (RmqSimWorld *)base;
  RmqSimHost *host = g_new0 (RmqSimHost, 1);
  guint number = world->n_hosts++;
  g_autofree char *address =
      g_strdup_printf ("10.0.%u.%u", number / HOSTS_PER_NET, number % HOSTS_PER_NET + 1);
  host->seed = derive (world->seed, spec->name);
  host->lateness_seed = derive (host->seed, "timer lateness");
  host->last_port = FIRST_PORT - 1;
  RmqHostSpec full = *spec;
  if (full.address == NULL)
    full.address = address;
  if (full.cpus == 0)
    full.cpus = DEFAULT_CPUS;
  if (full.pid == 0)
    full.pid = FIRST_PID + (gint)(derive (host->seed, "pid") % N_PIDS);
  rmq_env_init (&host->base, base, &full);
  return &host->base;
}

guint64
rmq_sim_random_seed (RmqEnv *env)
{
  return ((RmqSimHost *)env)->seed;
}

/* Lateness is a function of the moment, not of the timer: each millisecond has its own delay at its
 * start, falling to the least one at its end. So a host's timers keep their order, as those of a
 * loop that woke up late do, and one timer more or less leaves the others' lateness alone. */
gint64
rmq_sim_late (RmqEnv *env, gint64 at_us)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  gint64 due_us = MAX (at_us, world->now_us);
  if (world->exact || due_us > G_MAXINT64 - LATE_MAX_US)
    return due_us;
  guint64 bucket = (guint64)due_us / LATE_MAX_US;
  guint64 state = ((RmqSimHost *)env)->lateness_seed ^ bucket;
  gint64 at_start = (gint64)(rmq_splitmix64 (&state) % (LATE_MAX_US - LATE_MIN_US + 1));
  return due_us + LATE_MIN_US + at_start * (LATE_MAX_US - due_us % LATE_MAX_US) / LATE_MAX_US;
}

void
rmq_sim_kill (RmqEnv *env, RmqCloseHow how)
{
  RmqSimHost *host = (RmqSimHost *)env;
  env->gone = TRUE;
  env->paused = FALSE;
  rmq_sim_drop_timers (&rmq_sim_world_of (env)->heap, env);
  rmq_sim_drop_timers (&host->held, env);
  rmq_sim_network_kill (host, how);
  rmq_sim_tasks_kill (env);
}

void
rmq_sim_pause (RmqEnv *env)
{
  env->paused = TRUE;
}

/* What was held runs now, in the order it was due. */
void
rmq_sim_resume (RmqEnv *env)
{
  RmqSimHost *host = (RmqSimHost *)env;
  RmqSimWorld *world = rmq_sim_world_of (env);
  env->paused = FALSE;
  RmqTimer *timer;
  while ((timer = rmq_timer_heap_pop (&host->held)) != NULL)
    rmq_timer_heap_insert (&world->heap, timer, world->now_us);
}

static guint
count_timers (const RmqTimerHeap *heap, const RmqEnv *env)
{
  guint n = 0;
  for (guint i = 1; i <= heap->n_items; i++)
    n += heap->items[i]->owner == env;
  return n;
}

static void
append_count (GString *out, guint n, const char *what)
{
  if (n > 0)
    g_string_append_printf (out, "%s%u %s%s", out->len > 0 ? ", " : "", n, what, n > 1 ? "s" : "");
}

char *
rmq_sim_host_describe_rest (RmqEnv *env)
{
  const RmqSimHost *host = (RmqSimHost *)env;
  g_autoptr (GString) out = g_string_new (NULL);
  append_count (out, host->links.length, "link");
  append_count (out, host->listeners.length, "listener");
  append_count (out,
                count_timers (&rmq_sim_world_of (env)->heap, env) + count_timers (&host->held, env),
                "timer");
  append_count (out, rmq_sim_count_tasks (env), "task");
  return out->len > 0 ? g_strdup (out->str) : NULL;
}

/* Tasks unwind before the host's memory goes; they may take references while they do. */
void
rmq_sim_free_host (RmqEnv *env)
{
  g_atomic_ref_count_init (&env->refs);
  rmq_env_kill (env, RMQ_CLOSE_FIN);
  rmq_sim_tasks_unwind (env);
  rmq_timer_heap_clear (&((RmqSimHost *)env)->held);
  rmq_env_clear (env);
  g_free (env);
}

void
rmq_sim_env_jump_wall (RmqEnv *env, gint64 by_ms)
{
  g_assert (env->ops->simulated);
  ((RmqSimHost *)env)->wall_jump_ms += by_ms;
}

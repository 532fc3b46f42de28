/* SPDX-License-Identifier: Apache-2.0 */

/* The face of the seam: each call goes to the side, real or simulated, that made the host. Holds
 * what both sides share: a host's identity, its lookup, its reference count, its way into the event
 * log. */

#include <string.h>

#include "rmq-env-private.h"

/* A program in production remembers little of its events; who wants more says so. */
#define REAL_LOG_CAPACITY 4096

/* ---- worlds and hosts ---------------------------------------------------- */

void
rmq_world_init (RmqWorld *world, const RmqEnvOps *ops)
{
  world->ops = ops;
  g_atomic_ref_count_init (&world->refs);
  world->log = rmq_event_log_new ();
  if (ops->simulated)
    return;
  rmq_event_log_set_capacity (world->log, REAL_LOG_CAPACITY);
  rmq_event_log_forgo_hash (world->log);
}

void
rmq_world_clear (RmqWorld *world)
{
  g_clear_pointer (&world->log, rmq_event_log_free);
}

RmqWorld *
rmq_world_ref (RmqWorld *world)
{
  g_atomic_ref_count_inc (&world->refs);
  return world;
}

void
rmq_world_unref (RmqWorld *world)
{
  if (world != NULL && g_atomic_ref_count_dec (&world->refs))
    world->ops->free_world (world);
}

RmqEventLog *
rmq_world_get_log (RmqWorld *world)
{
  return world->log;
}

gboolean
rmq_world_is_simulated (RmqWorld *world)
{
  return world->ops->simulated;
}

RmqEnv *
rmq_world_add_host (RmqWorld *world, const RmqHostSpec *spec)
{
  g_assert (spec->name != NULL);
  return world->ops->add_host (world, spec);
}

void
rmq_env_init (RmqEnv *env, RmqWorld *world, const RmqHostSpec *spec)
{
  env->ops = world->ops;
  g_atomic_ref_count_init (&env->refs);
  env->world = rmq_world_ref (world);
  env->index = rmq_event_log_add_host (world->log, spec->name);
  env->name = g_strdup (spec->name);
  env->address = g_strdup (spec->address);
  env->pid = spec->pid;
  env->cpus = MAX (1, spec->cpus);
  env->utc_offset_s = spec->utc_offset_s;
  env->variables = g_strdupv ((char **)spec->variables);
}

void
rmq_env_clear (RmqEnv *env)
{
  g_clear_pointer (&env->name, g_free);
  g_clear_pointer (&env->address, g_free);
  g_clear_pointer (&env->variables, g_strfreev);
  g_clear_pointer (&env->world, rmq_world_unref);
}

RmqEnv *
rmq_env_ref (RmqEnv *env)
{
  g_atomic_ref_count_inc (&env->refs);
  return env;
}

void
rmq_env_unref (RmqEnv *env)
{
  if (env != NULL && g_atomic_ref_count_dec (&env->refs))
    env->ops->free_host (env);
}

RmqWorld *
rmq_env_get_world (RmqEnv *env)
{
  return env->world;
}

/* ---- clock and chance ---------------------------------------------------- */

gint64
rmq_env_now (RmqEnv *env)
{
  return env->ops->now (env);
}

void
rmq_env_tick (RmqEnv *env)
{
  g_assert (rmq_env_is_owner (env));
  if (env->ops->tick != NULL)
    env->ops->tick (env);
}

gint64
rmq_env_wall (RmqEnv *env)
{
  return env->ops->wall (env);
}

void
rmq_env_timer_start (RmqEnv *env, RmqTimer *timer, gint64 at_us, RmqEnvFunc func, gpointer data)
{
  timer->func = func;
  timer->data = data;
  timer->owner = env;
  timer->cause = rmq_event_log_get_cause (env->world->log);
  if (!env->gone)
    env->ops->timer_start (env, timer, at_us);
}

void
rmq_env_timer_stop (RmqEnv *env, RmqTimer *timer)
{
  if (rmq_timer_is_armed (timer))
    env->ops->timer_stop (env, timer);
}

void
rmq_env_random_stream (RmqEnv *env, const char *name, RmqRandom *out)
{
  rmq_random_init (out, env->ops->random_seed (env), name);
}

/* ---- network ------------------------------------------------------------- */

RmqListener *
rmq_env_listen (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data, GError **error)
{
  g_assert (func != NULL);
  return env->ops->listen (env, address, func, data, error);
}

const char *
rmq_listener_get_address (RmqListener *listener)
{
  return listener->ops->listener_address (listener);
}

void
rmq_listener_set_accepting (RmqListener *listener, gboolean accepting)
{
  listener->ops->listener_set_accepting (listener, accepting);
}

void
rmq_listener_set_ignoring (RmqListener *listener, gboolean ignoring)
{
  listener->ops->listener_set_ignoring (listener, ignoring);
}

void
rmq_listener_close (RmqListener *listener)
{
  if (listener != NULL)
    listener->ops->listener_close (listener);
}

RmqLink *
rmq_env_connect (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                 gpointer data)
{
  g_assert (func != NULL);
  return env->ops->connect (env, address, timeout_us, func, data);
}

void
rmq_link_set_func (RmqLink *link, RmqLinkFunc func, gpointer data)
{
  link->ops->link_set_func (link, func, data);
}

gsize
rmq_link_read (RmqLink *link, guint8 *buffer, gsize size)
{
  return link->ops->link_read (link, buffer, size);
}

gboolean
rmq_link_write (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body)
{
  return link->ops->link_write (link, head, head_size, body);
}

gsize
rmq_link_get_outbox_size (RmqLink *link)
{
  return link->ops->link_outbox_size (link);
}

void
rmq_link_shutdown_write (RmqLink *link)
{
  link->ops->link_shutdown_write (link);
}

void
rmq_link_set_reading (RmqLink *link, gboolean on)
{
  link->ops->link_set_reading (link, on);
}

void
rmq_link_close (RmqLink *link, RmqCloseHow how)
{
  if (link != NULL)
    link->ops->link_close (link, how);
}

const char *
rmq_link_get_local_address (RmqLink *link)
{
  return link->ops->link_local_address (link);
}

const char *
rmq_link_get_peer_address (RmqLink *link)
{
  return link->ops->link_peer_address (link);
}

/* ---- tasks --------------------------------------------------------------- */

void
rmq_parker_init (RmqParker *parker, RmqEnv *env)
{
  *parker = (RmqParker){ .env = env };
}

void
rmq_parker_wake (RmqParker *parker)
{
  if (!parker->woken)
    parker->env->ops->wake (parker);
}

RmqWake
rmq_env_call (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker, gint64 deadline_us)
{
  g_assert (parker != NULL);
  return env->ops->call (env, start, data, parker, deadline_us, FALSE);
}

RmqWake
rmq_env_park_idle (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                   gint64 deadline_us)
{
  g_assert (parker != NULL);
  return env->ops->call (env, start, data, parker, deadline_us, TRUE);
}

gboolean
rmq_env_sleep_until (RmqEnv *env, gint64 at_us)
{
  RmqParker parker;
  rmq_parker_init (&parker, env);
  return rmq_env_call (env, NULL, NULL, &parker, at_us) != RMQ_WAKE_HOST_GONE;
}

void
rmq_env_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data)
{
  env->ops->task (env, name, func, done, data);
}

guint64
rmq_env_task_id (RmqEnv *env)
{
  return env->ops->task_id (env);
}

void
rmq_env_post (RmqEnv *env, RmqEnvFunc func, gpointer data)
{
  env->ops->post (env, func, data);
}

gboolean
rmq_env_is_owner (RmqEnv *env)
{
  return env->ops->is_owner (env);
}

gboolean
rmq_env_in_dispatch (RmqEnv *env)
{
  return env->ops->in_dispatch (env);
}

/* ---- host ---------------------------------------------------------------- */

const char *
rmq_env_get_host_name (RmqEnv *env)
{
  return env->name;
}

const char *
rmq_env_get_host_address (RmqEnv *env)
{
  return env->address;
}

gint
rmq_env_get_pid (RmqEnv *env)
{
  return env->pid;
}

guint
rmq_env_get_cpus (RmqEnv *env)
{
  return env->cpus;
}

gint
rmq_env_get_utc_offset_s (RmqEnv *env)
{
  return env->utc_offset_s;
}

const char *
rmq_env_get_variable (RmqEnv *env, const char *name)
{
  return env->variables != NULL ? g_environ_getenv (env->variables, name) : NULL;
}

gboolean
rmq_env_is_gone (RmqEnv *env)
{
  return env->gone;
}

gboolean
rmq_env_is_paused (RmqEnv *env)
{
  return env->paused;
}

void
rmq_env_kill (RmqEnv *env, RmqCloseHow how)
{
  if (!env->gone)
    env->ops->kill (env, how);
}

void
rmq_env_pause (RmqEnv *env)
{
  if (!env->gone && !env->paused)
    env->ops->pause (env);
}

void
rmq_env_resume (RmqEnv *env)
{
  if (!env->gone && env->paused)
    env->ops->resume (env);
}

/* ---- lookup and observing ------------------------------------------------ */

void
rmq_env_set_lookup (RmqEnv *env, RmqLookupFunc func, gpointer data)
{
  env->lookup = func;
  env->lookup_data = data;
}

gboolean
rmq_env_lookup (RmqEnv *env, const char *url, gint64 timeout_us, RmqLookupDone done,
                gpointer done_data)
{
  if (env->lookup == NULL)
    return FALSE;
  env->lookup (env, url, timeout_us, done, done_data, env->lookup_data);
  return TRUE;
}

RmqEventLog *
rmq_env_get_log (RmqEnv *env)
{
  return env->world->log;
}

guint64
rmq_env_emit (RmqEnv *env, const RmqEventKind *kind, const char *text, const gint64 *fields,
              guint n_fields)
{
  return rmq_event_log_emit (env->world->log, env->ops->now (env), env->index, kind, text, fields,
                             n_fields);
}

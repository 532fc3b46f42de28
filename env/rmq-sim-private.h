/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env-private.h"
#include "rmq-fiber.h"
#include "rmq-sim-world.h"

/* What the files of the simulated world share. A timer whose owner is a host is held while that
 * host is paused; one without owner is the kernel's or the network's, and goes on. */

typedef struct _RmqSimTask RmqSimTask;

typedef struct
{
  RmqWorld base;
  guint64 seed;
  gboolean exact;
  gint64 wall_start_ms;
  gint64 now_us;
  RmqTimerHeap heap;
  guint64 n_events;
  guint n_hosts; /* ever added */
  gboolean in_dispatch;
  RmqEnvFunc after_event; /* (nullable) */
  gpointer after_event_data;
  GHashTable *listeners; /* address → RmqSimListener; looked up, never iterated */
  GQueue tasks;          /* of RmqSimTask, in order of start */
  RmqSimTask *running;   /* (nullable) */
  guint n_parked;
  guint64 last_task_id;
  const RmqFiberKind *fibers; /* what tasks run on */
  RmqStackPool stacks;
} RmqSimWorld;

typedef struct
{
  RmqEnv base;
  guint64 seed;          /* of everything of this host */
  guint64 lateness_seed; /* of its timers */
  gint64 wall_jump_ms;   /* its wall clock is off by so much */
  RmqTimerHeap held;     /* what was due while it was paused, in order */
  guint last_port;
  guint64 n_links; /* ever made by connect */
  guint64 n_tasks; /* ever started */
  GQueue links;    /* of RmqSimEnd */
  GQueue listeners;
} RmqSimHost;

static inline RmqSimWorld *
rmq_sim_world_of (RmqEnv *env)
{
  return (RmqSimWorld *)env->world;
}

/* rmq-sim-world.c */
void rmq_sim_timer_init (RmqTimer *timer, RmqEnv *owner, RmqEnvFunc func, gpointer data);
/* Arms or moves it; its cause is the log's current one. */
void rmq_sim_arm (RmqSimWorld *world, RmqTimer *timer, gint64 at_us);
void rmq_sim_disarm (RmqSimWorld *world, RmqTimer *timer);
/* Runs the next event that is due by limit_us. FALSE: there is none. */
gboolean rmq_sim_run_next (RmqSimWorld *world, gint64 limit_us);
/* Drops timers and posts of a host from a heap. */
void rmq_sim_drop_timers (RmqTimerHeap *heap, RmqEnv *env);

/* rmq-sim-host.c */
RmqEnv *rmq_sim_add_host (RmqWorld *world, const RmqHostSpec *spec);
void rmq_sim_free_host (RmqEnv *env);
guint64 rmq_sim_random_seed (RmqEnv *env);
void rmq_sim_kill (RmqEnv *env, RmqCloseHow how);
void rmq_sim_pause (RmqEnv *env);
void rmq_sim_resume (RmqEnv *env);
/* When a timer of this host that is set to at_us fires. Never reorders a host's timers. */
gint64 rmq_sim_late (RmqEnv *env, gint64 at_us);

/* rmq-sim-task.c */
RmqWake rmq_sim_call (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                      gint64 deadline_us, gboolean idle);
void rmq_sim_wake (RmqParker *parker);
void rmq_sim_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data);
guint64 rmq_sim_task_id (RmqEnv *env);
gboolean rmq_sim_is_owner (RmqEnv *env);
guint rmq_sim_count_tasks (RmqEnv *env); /* that were started there */
/* Every task of the host, or waiting in it, is woken with "host gone". */
void rmq_sim_tasks_kill (RmqEnv *env);
/* Runs them to their end (those of other hosts: out of this one) before it returns. */
void rmq_sim_tasks_unwind (RmqEnv *env);

void rmq_sim_tasks_foreach_parked (RmqSimWorld *world, RmqSimParkedFunc func, gpointer data);

/* rmq-sim-network.c */
RmqListener *rmq_sim_listen (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data,
                             GError **error);
const char *rmq_sim_listener_address (RmqListener *listener);
void rmq_sim_listener_set_accepting (RmqListener *listener, gboolean accepting);
void rmq_sim_listener_set_ignoring (RmqListener *listener, gboolean ignoring);
void rmq_sim_listener_close (RmqListener *listener);
RmqLink *rmq_sim_connect (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                          gpointer data);
void rmq_sim_link_set_func (RmqLink *link, RmqLinkFunc func, gpointer data);
gsize rmq_sim_link_read (RmqLink *link, guint8 *buffer, gsize size);
gboolean rmq_sim_link_write (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body);
gsize rmq_sim_link_outbox_size (RmqLink *link);
void rmq_sim_link_shutdown_write (RmqLink *link);
void rmq_sim_link_set_reading (RmqLink *link, gboolean on);
void rmq_sim_link_close (RmqLink *link, RmqCloseHow how);
const char *rmq_sim_link_local_address (RmqLink *link);
const char *rmq_sim_link_peer_address (RmqLink *link);
/* What a kernel does with the sockets of a dead process. */
void rmq_sim_network_kill (RmqSimHost *host, RmqCloseHow how);

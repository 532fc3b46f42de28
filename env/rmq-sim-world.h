/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* The simulated world: one heap of (time, sequence), tasks that take turns, links with latency that
 * split and merge. Nothing in it depends on the machine: same seed and same calls, same events. One
 * thread only. */

/* What tasks run on; never part of what happens. */
typedef enum
{
  RMQ_SIM_FIBERS,  /* stacks of the calling thread: fast */
  RMQ_SIM_THREADS, /* threads, one at a time, for debuggers and checkers */
  RMQ_N_SIM_TASKS,
} RmqSimTasks;

const char *rmq_sim_tasks_get_name (RmqSimTasks tasks);           /* "fibers" */
gboolean rmq_sim_tasks_find (const char *name, RmqSimTasks *out); /* FALSE: no such name */

typedef struct
{
  guint64 seed;
  RmqSimTasks tasks;
  gboolean exact;       /* no step cost, no timer lateness */
  gint64 wall_start_ms; /* wall clock at time 0; 0: a fixed date */
} RmqSimOptions;

RmqWorld *rmq_sim_world_new (const RmqSimOptions *options);
gint64 rmq_sim_world_now (RmqWorld *world);
/* Runs the next event. FALSE: nothing is left to happen. */
gboolean rmq_sim_world_step (RmqWorld *world);
/* The same, if it is due by then. */
gboolean rmq_sim_world_step_until (RmqWorld *world, gint64 at_us);
/* Runs events up to and including at_us, then sets the clock there. */
void rmq_sim_world_run_until (RmqWorld *world, gint64 at_us);
/* Time of the next event; G_MAXINT64: none. */
gint64 rmq_sim_world_peek (RmqWorld *world);
guint64 rmq_sim_world_get_n_events (RmqWorld *world); /* pops so far */
guint rmq_sim_world_get_n_parked (RmqWorld *world);   /* tasks that wait */
/* func (nullable) looks at the world after each event, as owner, and must leave it as it is. */
void rmq_sim_world_set_after_event (RmqWorld *world, RmqEnvFunc func, gpointer data);
/* What is left of a host, to be told: "2 links, 1 timer". NULL: nothing. (transfer full) */
char *rmq_sim_host_describe_rest (RmqEnv *env);
/* The wall clock of a host of this world jumps; nothing else does. */
void rmq_sim_env_jump_wall (RmqEnv *env, gint64 by_ms);

/* A task that waits. */
typedef struct
{
  const char *task;   /* its name */
  const char *host;   /* where it was started */
  gboolean idle;      /* for work */
  gboolean is_paused; /* its host is */
  gint64 since_us;
  gint64 deadline_us; /* G_MAXINT64: none, somebody has to wake it */
} RmqSimParked;
typedef void (*RmqSimParkedFunc) (const RmqSimParked *parked, gpointer data);
/* In order of start. */
void rmq_sim_world_foreach_parked (RmqWorld *world, RmqSimParkedFunc func, gpointer data);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-lane.h"

G_BEGIN_DECLS

/* Scheduled tasks as rows: the table is the schedule. One RmqSchedule is one of Java's
 * single-threaded executors: a lane, its tasks, and the rule that of all due tasks the one due
 * first runs next. Fixed rate: a run that could not happen in time follows at once, as often as it
 * was missed. Owner only. */

typedef struct _RmqSchedule RmqSchedule;
typedef struct _RmqScheduledTask RmqScheduledTask;

/* Must call rmq_scheduled_task_done() once, now or later. */
typedef void (*RmqScheduledTaskFunc) (RmqScheduledTask *task, gpointer data);

typedef struct
{
  const char *name;
  gint64 first_delay_us;     /* -1: never runs by itself (waits for work) */
  gint64 period_us;          /* 0: once */
  RmqScheduledTaskFunc func; /* (nullable): nothing to do here, see help */
  const char *help;          /* what it does; for idle rows: what it would do, and for whom */
  const char *java;          /* class and method it mirrors */
} RmqScheduledTaskSpec;

struct _RmqScheduledTask
{
  RmqScheduledTaskSpec spec;
  RmqSchedule *schedule;
  gpointer data;
  gint64 next_run_us; /* -1: none planned */
  gint64 last_run_us; /* start; -1: never */
  gint64 last_took_us;
  gint64 last_late_us;
  guint64 runs;
  guint64 missed; /* runs that started a whole period late or more */
  guint64 failed;
  char *last_error; /* (nullable) */
  gboolean running;
};

RmqSchedule *rmq_schedule_new (RmqEnv *env, const char *lane_name);
void rmq_schedule_free (RmqSchedule *schedule); /* nullable; nothing may be running any more */
/* spec is copied; its texts must be static. The first run is counted from now. */
RmqScheduledTask *rmq_schedule_add (RmqSchedule *schedule, const RmqScheduledTaskSpec *spec,
                                    gpointer data);
/* error (nullable): why the run failed; kept as the row's last error. */
void rmq_scheduled_task_done (RmqScheduledTask *task, const char *error);
/* No further runs; a running one may still end. */
void rmq_schedule_stop (RmqSchedule *schedule);
RmqLane *rmq_schedule_get_lane (RmqSchedule *schedule);
guint rmq_schedule_get_n_tasks (RmqSchedule *schedule);
const RmqScheduledTask *rmq_schedule_get_task (RmqSchedule *schedule, guint index);

G_END_DECLS

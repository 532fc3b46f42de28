/* SPDX-License-Identifier: Apache-2.0 */

/* Schedules: Java's ScheduledExecutorService with one thread, as a lane with one timer. The timer
 * stands at the earliest due task; a task is put on the lane only when the lane is free, so that of
 * several due ones the earliest runs first, as in DelayedWorkQueue. Runs on the loop; must never
 * run two tasks of a lane at once. */

#include "rmq-scheduled-task.h"

#include "rmq-producer-events.h"

struct _RmqSchedule
{
  RmqEnv *env;
  RmqLane *lane;
  GPtrArray *tasks; /* of RmqScheduledTask, in order of adding */
  RmqTimer timer;
  gboolean stopped;
};

static void arm (RmqSchedule *schedule);

static void
task_free (gpointer data)
{
  RmqScheduledTask *task = data;
  g_free (task->last_error);
  g_free (task);
}

RmqSchedule *
rmq_schedule_new (RmqEnv *env, const char *lane_name)
{
  RmqSchedule *schedule = g_new0 (RmqSchedule, 1);
  schedule->env = env;
  schedule->lane = rmq_lane_new (env, lane_name);
  schedule->tasks = g_ptr_array_new_with_free_func (task_free);
  return schedule;
}

void
rmq_schedule_free (RmqSchedule *schedule)
{
  if (schedule == NULL)
    return;
  rmq_env_timer_stop (schedule->env, &schedule->timer);
  rmq_lane_free (schedule->lane);
  g_ptr_array_unref (schedule->tasks);
  g_free (schedule);
}

RmqScheduledTask *
rmq_schedule_add (RmqSchedule *schedule, const RmqScheduledTaskSpec *spec, gpointer data)
{
  RmqScheduledTask *task = g_new0 (RmqScheduledTask, 1);
  task->spec = *spec;
  task->schedule = schedule;
  task->data = data;
  task->last_run_us = -1;
  task->next_run_us =
      spec->first_delay_us >= 0 ? rmq_env_now (schedule->env) + spec->first_delay_us : -1;
  g_ptr_array_add (schedule->tasks, task);
  arm (schedule);
  return task;
}

static RmqScheduledTask *
find_earliest (RmqSchedule *schedule)
{
  RmqScheduledTask *earliest = NULL;
  for (guint i = 0; i < schedule->tasks->len; i++)
    {
      RmqScheduledTask *task = schedule->tasks->pdata[i];
      if (task->next_run_us >= 0 && (earliest == NULL || task->next_run_us < earliest->next_run_us))
        earliest = task;
    }
  return earliest;
}

static void
run_task (RmqLane *lane, gpointer data)
{
  RmqScheduledTask *task = data;
  gint64 now_us = rmq_env_now (task->schedule->env);
  g_assert (!task->running);
  task->running = TRUE;
  task->runs++;
  task->last_run_us = now_us;
  task->last_late_us = now_us - task->next_run_us;
  gint64 missed = task->spec.period_us > 0 ? task->last_late_us / task->spec.period_us : 0;
  task->missed += missed > 0;
  guint64 event = RMQ_EMIT (task->schedule->env, &rmq_event_task, task->spec.name,
                            (gint64)task->runs, task->last_late_us, missed);
  rmq_event_log_set_cause (rmq_env_get_log (task->schedule->env), event);
  if (task->spec.func != NULL)
    task->spec.func (task, task->data);
  else
    rmq_scheduled_task_done (task, NULL);
}

void
rmq_scheduled_task_done (RmqScheduledTask *task, const char *error)
{
  RmqSchedule *schedule = task->schedule;
  g_assert (task->running);
  task->running = FALSE;
  task->last_took_us = rmq_env_now (schedule->env) - task->last_run_us;
  task->next_run_us = task->spec.period_us > 0 ? task->next_run_us + task->spec.period_us : -1;
  task->failed += error != NULL;
  if (error != NULL)
    {
      g_free (task->last_error);
      task->last_error = g_strdup (error);
    }
  RMQ_EMIT (schedule->env, &rmq_event_task_done, task->spec.name, (gint64)task->runs,
            task->last_took_us, error != NULL);
  rmq_lane_done (schedule->lane);
  arm (schedule);
}

static void
timer_fires (gpointer data)
{
  RmqSchedule *schedule = data;
  RmqScheduledTask *task = find_earliest (schedule);
  g_assert (task != NULL && rmq_lane_get_current (schedule->lane) == NULL);
  rmq_lane_push (schedule->lane, task->spec.name, run_task, task, NULL);
}

static void
arm (RmqSchedule *schedule)
{
  RmqScheduledTask *earliest = find_earliest (schedule);
  if (schedule->stopped || earliest == NULL || rmq_lane_get_current (schedule->lane) != NULL)
    return;
  rmq_env_timer_start (schedule->env, &schedule->timer, earliest->next_run_us, timer_fires,
                       schedule);
}

void
rmq_schedule_stop (RmqSchedule *schedule)
{
  schedule->stopped = TRUE;
  rmq_env_timer_stop (schedule->env, &schedule->timer);
}

RmqLane *
rmq_schedule_get_lane (RmqSchedule *schedule)
{
  return schedule->lane;
}

guint
rmq_schedule_get_n_tasks (RmqSchedule *schedule)
{
  return schedule->tasks->len;
}

const RmqScheduledTask *
rmq_schedule_get_task (RmqSchedule *schedule, guint index)
{
  g_assert (index < schedule->tasks->len);
  return schedule->tasks->pdata[index];
}

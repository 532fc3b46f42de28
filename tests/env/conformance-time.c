/* SPDX-License-Identifier: Apache-2.0 */

/* The half of the conformance suite that needs no network: timers, posts, parkers, tasks, and what
 * becomes of them when their host is killed or paused. */

#include "conformance-lab.h"
#include "rmq-lane.h"

#define N_TIMERS 4

typedef struct
{
  Lab *lab;
  const char *word;
  RmqTimer timer;
  gint64 at_us;
} Note;

static Note notes[N_TIMERS];

static void
note (gpointer data)
{
  Note *self = data;
  g_assert_cmpint (rmq_env_now (self->lab->a), >=, self->at_us);
  g_assert_false (rmq_timer_is_armed (&self->timer));
  g_string_append (self->lab->story, self->word);
  lab_check (self->lab);
}

static void
start_note (RmqEnv *env, Lab *lab, guint index, const char *word, gint64 in_ms)
{
  Note *self = &notes[index];
  self->lab = lab;
  self->word = word;
  self->at_us = rmq_env_now (lab->a) + in_ms * 1000;
  rmq_env_timer_start (env, &self->timer, self->at_us, note, self);
}

static gboolean
story_is_told (Lab *lab)
{
  return g_str_has_suffix (lab->story->str, ".");
}

static void
expect_story (Lab *lab, const char *story)
{
  g_assert_cmpstr (lab->story->str, ==, story);
}

/* ---- timers and posts ---------------------------------------------------- */

static void
start_out_of_order (Lab *lab)
{
  start_note (lab->a, lab, 0, ".", 30);
  start_note (lab->a, lab, 1, "a", 10);
  start_note (lab->a, lab, 2, "c", 20);
  start_note (lab->a, lab, 3, "b", 10);
  notes[3].at_us = notes[1].at_us;
  rmq_env_timer_start (lab->a, &notes[3].timer, notes[3].at_us, note, &notes[3]);
  g_assert_true (rmq_timer_is_armed (&notes[3].timer));
}

static void
timers_fire_in_order (Lab *lab)
{
  lab_wait (lab, start_out_of_order, story_is_told);
  expect_story (lab, "abc.");
}

static void
start_move_and_stop (Lab *lab)
{
  start_note (lab->a, lab, 0, ".", 30);
  start_note (lab->a, lab, 1, "moved", 5);
  start_note (lab->a, lab, 2, "stopped", 10);
  start_note (lab->a, lab, 3, "first ", 10);
  start_note (lab->a, lab, 1, "moved", 20);
  rmq_env_timer_stop (lab->a, &notes[2].timer);
  rmq_env_timer_stop (lab->a, &notes[2].timer);
}

static void
timers_move_and_stop (Lab *lab)
{
  lab_wait (lab, start_move_and_stop, story_is_told);
  expect_story (lab, "first moved.");
}

static void
post_three (Lab *lab)
{
  static const char *const words[] = { "one ", "two ", "three." };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      notes[i] = (Note){ .lab = lab, .word = words[i] };
      rmq_env_post (lab->a, note, &notes[i]);
    }
  expect_story (lab, "");
}

static void
posts_keep_their_order (Lab *lab)
{
  lab_wait (lab, post_three, story_is_told);
  expect_story (lab, "one two three.");
}

/* ---- parkers ------------------------------------------------------------- */

static void
a_parker_times_out (Lab *lab)
{
  RmqParker parker;
  rmq_parker_init (&parker, lab->a);
  gint64 deadline_us = rmq_env_now (lab->a) + 10000;
  g_assert_cmpint (rmq_env_call (lab->a, NULL, NULL, &parker, deadline_us), ==, RMQ_WAKE_TIMEOUT);
  g_assert_cmpint (rmq_env_now (lab->a), >=, deadline_us);
}

static void
wake_twice (gpointer data)
{
  rmq_parker_wake (data);
  rmq_parker_wake (data);
}

static void
a_parker_may_be_woken_at_once (Lab *lab)
{
  RmqParker parker;
  rmq_parker_init (&parker, lab->a);
  g_assert_cmpint (rmq_env_call (lab->a, wake_twice, &parker, &parker, G_MAXINT64), ==,
                   RMQ_WAKE_WOKEN);
}

typedef struct
{
  RmqEnv *env;
  RmqTimer timer;
  RmqParker parker;
} Alarm;

static void
ring (gpointer data)
{
  rmq_parker_wake (&((Alarm *)data)->parker);
}

static void
set_alarm (gpointer data)
{
  Alarm *alarm = data;
  rmq_env_timer_start (alarm->env, &alarm->timer, rmq_env_now (alarm->env) + 5000, ring, alarm);
}

static void
a_parker_is_woken_before_its_deadline (Lab *lab)
{
  Alarm alarm = { .env = lab->a };
  rmq_parker_init (&alarm.parker, lab->a);
  gint64 deadline_us = rmq_env_now (lab->a) + 5 * G_USEC_PER_SEC;
  g_assert_cmpint (rmq_env_call (lab->a, set_alarm, &alarm, &alarm.parker, deadline_us), ==,
                   RMQ_WAKE_WOKEN);
  g_assert_cmpint (rmq_env_now (lab->a), <, deadline_us);
}

/* ---- tasks --------------------------------------------------------------- */

typedef struct
{
  Lab *lab;
  RmqEnv *env;
  guint64 id;
  RmqWake wake;
  RmqWake later;
  gboolean done;
} Job;

static Job jobs[2];

static gboolean
jobs_are_done (Lab *lab)
{
  return jobs[0].done && jobs[1].done;
}

static void
job_is_done (gpointer data)
{
  Job *job = data;
  g_assert_true (rmq_env_is_owner (job->lab->a));
  job->done = TRUE;
  lab_check (job->lab);
}

static void
job_start (gpointer data)
{
  Job *job = data;
  g_assert_true (rmq_env_is_owner (job->env));
  g_assert_true (rmq_env_in_dispatch (job->env));
  g_assert_cmpuint (rmq_env_task_id (job->env), ==, job->id);
}

static void
work (gpointer data)
{
  Job *job = data;
  RmqParker parker;
  rmq_parker_init (&parker, job->env);
  g_assert_false (rmq_env_in_dispatch (job->env));
  g_assert_false (rmq_env_is_owner (job->env));
  job->id = rmq_env_task_id (job->env);
  job->wake = rmq_env_call (job->env, job_start, job, &parker, rmq_env_now (job->env) + 5000);
}

static void
start_jobs (Lab *lab, RmqEnv *env, RmqEnvFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      jobs[i] = (Job){ .lab = lab, .env = env };
      rmq_env_task (env, "job", func, job_is_done, &jobs[i]);
    }
}

static void
start_work (Lab *lab)
{
  start_jobs (lab, lab->a, work);
}

static void
tasks_are_their_own_callers (Lab *lab)
{
  lab_wait (lab, start_work, jobs_are_done);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    g_assert_cmpint (jobs[i].wake, ==, RMQ_WAKE_TIMEOUT);
  g_assert_cmpuint (jobs[0].id, !=, 0);
  g_assert_cmpuint (jobs[1].id, !=, 0);
  g_assert_cmpuint (jobs[0].id, !=, jobs[1].id);
  g_assert_cmpuint (jobs[0].id, !=, rmq_env_task_id (lab->a));
}

/* One waits as a caller, one as a worker; both call again when they are told that their host is
 * gone. */
static void
wait_for_ever (gpointer data)
{
  Job *job = data;
  RmqParker parker;
  rmq_parker_init (&parker, job->env);
  if (job == &jobs[0])
    job->wake = rmq_env_call (job->env, NULL, NULL, &parker, G_MAXINT64);
  else
    job->wake = rmq_env_park_idle (job->env, NULL, NULL, &parker, G_MAXINT64);
  rmq_parker_init (&parker, job->env);
  job->later = rmq_env_call (job->env, NULL, NULL, &parker, G_MAXINT64);
}

static void
start_waits_in_b (Lab *lab)
{
  start_jobs (lab, lab->b, wait_for_ever);
  start_note (lab->b, lab, 0, "a dead host's timer", 50);
}

static void
kill_b (Lab *lab)
{
  rmq_env_kill (lab->b, RMQ_CLOSE_FIN);
  rmq_env_post (lab->b, note, &notes[0]);
  rmq_env_timer_start (lab->b, &notes[0].timer, 0, note, &notes[0]);
}

static void
a_killed_host_unwinds_its_tasks (Lab *lab)
{
  lab_do (lab, start_waits_in_b);
  lab_pass_ms (lab, 5);
  lab_wait (lab, kill_b, jobs_are_done);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_assert_cmpint (jobs[i].wake, ==, RMQ_WAKE_HOST_GONE);
      g_assert_cmpint (jobs[i].later, ==, RMQ_WAKE_HOST_GONE);
    }
  lab_pass_ms (lab, 60);
  expect_story (lab, "");
  g_assert_false (rmq_env_sleep_until (lab->b, G_MAXINT64));
}

static void
pause_b_with_timers (Lab *lab)
{
  start_note (lab->b, lab, 0, "b", 10);
  start_note (lab->b, lab, 1, "a", 5);
  start_note (lab->b, lab, 2, ".", 50);
  rmq_env_pause (lab->b);
}

static void
resume_b (Lab *lab)
{
  rmq_env_resume (lab->b);
}

static void
a_paused_host_keeps_its_timers (Lab *lab)
{
  lab_do (lab, pause_b_with_timers);
  lab_pass_ms (lab, 25);
  expect_story (lab, "");
  lab_wait (lab, resume_b, story_is_told);
  expect_story (lab, "ab.");
}

/* ---- the lane of user code ----------------------------------------------- */

static void
tell_end (gpointer data)
{
  Lab *lab = data;
  g_assert_true (rmq_env_is_owner (lab->a));
  g_string_append (lab->story, ".");
  lab_check (lab);
}

static void
nap (gpointer data)
{
  Lab *lab = data;
  g_assert_false (rmq_env_in_dispatch (lab->a));
  g_assert_true (rmq_env_sleep_until (lab->a, rmq_env_now (lab->a) + 2000));
  g_string_append (lab->story, "nap ");
}

static void
hurry (gpointer data)
{
  g_string_append (((Lab *)data)->story, "hurry ");
}

static void
use_lane (Lab *lab)
{
  RmqCallbackLane *lane = rmq_callback_lane_new (lab->a, "callback");
  rmq_callback_lane_push (lane, nap, lab);
  rmq_callback_lane_push (lane, hurry, lab);
  rmq_callback_lane_push (lane, nap, lab);
  g_assert_cmpuint (rmq_callback_lane_get_backlog (lane), ==, 3);
  rmq_callback_lane_close (lane, tell_end, lab);
}

static void
callbacks_may_block_and_keep_their_order (Lab *lab)
{
  lab_wait (lab, use_lane, story_is_told);
  expect_story (lab, "nap hurry nap .");
}

void lab_add_time_tests (void);

void
lab_add_time_tests (void)
{
  lab_add_test ("timer/fires-in-order", timers_fire_in_order);
  lab_add_test ("timer/moves-and-stops", timers_move_and_stop);
  lab_add_test ("post/keeps-its-order", posts_keep_their_order);
  lab_add_test ("parker/times-out", a_parker_times_out);
  lab_add_test ("parker/may-be-woken-at-once", a_parker_may_be_woken_at_once);
  lab_add_test ("parker/is-woken-before-its-deadline", a_parker_is_woken_before_its_deadline);
  lab_add_test ("task/is-its-own-caller", tasks_are_their_own_callers);
  lab_add_test ("callback-lane/may-block-and-keeps-its-order",
                callbacks_may_block_and_keep_their_order);
  lab_add_test ("host/killed-unwinds-its-tasks", a_killed_host_unwinds_its_tasks);
  lab_add_test ("host/paused-keeps-its-timers", a_paused_host_keeps_its_timers);
}

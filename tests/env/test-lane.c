/* SPDX-License-Identifier: Apache-2.0 */

/* Lanes and logical locks, in the simulated world. */

#include "rmq-lane.h"
#include "rmq-sim-world.h"

typedef struct
{
  RmqWorld *world;
  RmqEnv *env;
  RmqLane *lane;
  GString *story;
  RmqTimer timer;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 1, .exact = TRUE });
  f->env = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "h" });
  f->lane = rmq_lane_new (f->env, "sched");
  f->story = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  rmq_lane_free (f->lane);
  rmq_env_unref (f->env);
  rmq_world_unref (f->world);
  g_string_free (f->story, TRUE);
}

static void
finish_item (gpointer data)
{
  Fixture *f = data;
  g_string_append (f->story, "end ");
  rmq_lane_done (f->lane);
}

static void
slow_item (RmqLane *lane, gpointer data)
{
  Fixture *f = data;
  g_string_append (f->story, "slow ");
  rmq_lane_set_waits_for (lane, "an answer");
  rmq_env_timer_start (f->env, &f->timer, rmq_env_now (f->env) + 3000, finish_item, f);
}

static void
quick_item (RmqLane *lane, gpointer data)
{
  Fixture *f = data;
  g_string_append (f->story, "quick ");
  rmq_lane_done (lane);
}

static void
a_slow_item_delays_what_is_behind_it (Fixture *f, gconstpointer unused)
{
  rmq_lane_push (f->lane, "slow", slow_item, f, NULL);
  rmq_lane_push (f->lane, "quick", quick_item, f, NULL);
  g_assert_cmpstr (rmq_lane_get_current (f->lane), ==, "slow");
  g_assert_cmpstr (rmq_lane_get_waits_for (f->lane), ==, "an answer");
  g_assert_cmpuint (rmq_lane_get_backlog (f->lane), ==, 1);
  g_assert_cmpstr (f->story->str, ==, "slow ");
  rmq_sim_world_run_until (f->world, 10000);
  g_assert_cmpstr (f->story->str, ==, "slow end quick ");
  g_assert_null (rmq_lane_get_current (f->lane));
  g_assert_null (rmq_lane_get_waits_for (f->lane));
}

static void
push_ten_thousand (RmqLane *lane, gpointer data)
{
  Fixture *f = data;
  for (guint i = 0; i < 10000; i++)
    rmq_lane_push (lane, "quick", quick_item, f, NULL);
  rmq_lane_done (lane);
}

static void
many_quick_items_do_not_nest (Fixture *f, gconstpointer unused)
{
  rmq_lane_push (f->lane, "many", push_ten_thousand, f, NULL);
  g_assert_cmpuint (f->story->len, ==, 10000 * strlen ("quick "));
}

static void
count_destroyed (gpointer data)
{
  ++*(guint *)data;
}

static void
never_runs (RmqLane *lane, gpointer data)
{
  g_assert_not_reached ();
}

static void
a_freed_lane_destroys_its_backlog (Fixture *f, gconstpointer unused)
{
  guint destroyed = 0;
  rmq_lane_push (f->lane, "slow", slow_item, f, NULL);
  rmq_lane_push (f->lane, "behind", never_runs, &destroyed, count_destroyed);
  rmq_lane_push (f->lane, "behind", never_runs, &destroyed, count_destroyed);
  rmq_env_timer_stop (f->env, &f->timer);
  g_clear_pointer (&f->lane, rmq_lane_free);
  g_assert_cmpuint (destroyed, ==, 2);
}

/* ---- locks --------------------------------------------------------------- */

typedef struct
{
  guint acquired;
  guint refused;
} Outcome;

static void
note_outcome (gboolean acquired, gpointer data)
{
  Outcome *outcome = data;
  if (acquired)
    outcome->acquired++;
  else
    outcome->refused++;
}

static void
a_lock_goes_to_the_first_who_waited (Fixture *f, gconstpointer unused)
{
  Outcome holder = { 0 }, trier = { 0 }, impatient = { 0 }, patient = { 0 };
  RmqLock *lock = rmq_lock_new (f->env, "lockNamesrv");
  rmq_lock_acquire (lock, "holder", 0, note_outcome, &holder);
  rmq_lock_acquire (lock, "trier", 0, note_outcome, &trier);
  rmq_lock_acquire (lock, "impatient", 3000, note_outcome, &impatient);
  rmq_lock_acquire (lock, "patient", 9000, note_outcome, &patient);
  g_assert_cmpuint (holder.acquired, ==, 1);
  g_assert_cmpuint (trier.refused, ==, 1);
  g_assert_cmpuint (rmq_lock_get_n_waiters (lock), ==, 2);
  rmq_sim_world_run_until (f->world, 5000);
  g_assert_cmpuint (impatient.refused, ==, 1);
  g_assert_cmpstr (rmq_lock_get_holder (lock), ==, "holder");
  rmq_lock_release (lock);
  g_assert_cmpuint (patient.acquired, ==, 1);
  g_assert_cmpstr (rmq_lock_get_holder (lock), ==, "patient");
  rmq_sim_world_run_until (f->world, 20000);
  g_assert_cmpuint (patient.refused, ==, 0);
  rmq_lock_release (lock);
  g_assert_null (rmq_lock_get_holder (lock));
  rmq_lock_free (lock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  CASE ("/env/lane/a-slow-item-delays-what-is-behind-it", a_slow_item_delays_what_is_behind_it);
  CASE ("/env/lane/many-quick-items-do-not-nest", many_quick_items_do_not_nest);
  CASE ("/env/lane/a-freed-lane-destroys-its-backlog", a_freed_lane_destroys_its_backlog);
  CASE ("/env/lock/goes-to-the-first-who-waited", a_lock_goes_to_the_first_who_waited);
#undef CASE
  return g_test_run ();
}

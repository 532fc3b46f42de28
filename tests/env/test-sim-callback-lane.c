/* SPDX-License-Identifier: Apache-2.0 */

/* The callback lane in the simulated world: order, blocking items, draining, and a host that dies
 * under it. */

#include "rmq-lane.h"
#include "rmq-sim-world.h"

typedef struct
{
  RmqWorld *world;
  RmqEnv *env;
  RmqCallbackLane *lane;
  GString *story;
  guint n_destroyed;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 1 });
  f->env = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "h" });
  f->lane = rmq_callback_lane_new (f->env, "callback");
  f->story = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_assert_null (f->lane);
  g_string_free (f->story, TRUE);
  rmq_env_unref (f->env);
  rmq_world_unref (f->world);
}

static void
drained (gpointer data)
{
  Fixture *f = data;
  g_assert_true (rmq_env_is_owner (f->env));
  g_string_append (f->story, "drained");
}

static void
close_lane (Fixture *f)
{
  rmq_callback_lane_close (g_steal_pointer (&f->lane), drained, f);
}

static void
quick (gpointer data)
{
  Fixture *f = data;
  g_assert_false (rmq_env_in_dispatch (f->env));
  g_string_append (f->story, "quick ");
}

static void
slow (gpointer data)
{
  Fixture *f = data;
  g_string_append (f->story, "slow(");
  gboolean alive = rmq_env_sleep_until (f->env, rmq_env_now (f->env) + 5000);
  g_string_append (f->story, alive ? ") " : "gone) ");
}

static void
count_destroy (gpointer data)
{
  ((Fixture *)data)->n_destroyed++;
}

static void
run_dry (Fixture *f)
{
  while (rmq_sim_world_step (f->world))
    g_assert_cmpuint (rmq_sim_world_get_n_events (f->world), <, 1000);
}

static void
items_run_one_after_the_other (Fixture *f, gconstpointer unused)
{
  rmq_callback_lane_push (f->lane, slow, f);
  rmq_callback_lane_push (f->lane, quick, f);
  g_assert_cmpuint (rmq_callback_lane_get_backlog (f->lane), ==, 2);
  rmq_sim_world_run_until (f->world, 1000);
  g_assert_cmpstr (f->story->str, ==, "slow(");
  g_assert_cmpuint (rmq_callback_lane_get_backlog (f->lane), ==, 2);
  run_dry (f);
  g_assert_cmpstr (f->story->str, ==, "slow() quick ");
  g_assert_cmpuint (rmq_callback_lane_get_backlog (f->lane), ==, 0);
  close_lane (f);
  run_dry (f);
}

static void
an_idle_lane_wakes_up (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 3; i++)
    {
      rmq_callback_lane_push_full (f->lane, quick, f, count_destroy);
      run_dry (f);
      g_assert_cmpuint (f->n_destroyed, ==, i + 1);
    }
  g_assert_cmpstr (f->story->str, ==, "quick quick quick ");
  g_assert_cmpuint (rmq_sim_world_get_n_parked (f->world), ==, 1);
  close_lane (f);
  run_dry (f);
  g_assert_cmpuint (rmq_sim_world_get_n_parked (f->world), ==, 0);
}

static void
closing_waits_for_the_last_item (Fixture *f, gconstpointer unused)
{
  rmq_callback_lane_push (f->lane, slow, f);
  rmq_callback_lane_push (f->lane, quick, f);
  close_lane (f);
  g_assert_cmpstr (f->story->str, ==, "");
  run_dry (f);
  g_assert_cmpstr (f->story->str, ==, "slow() quick drained");
}

static void
a_lane_nobody_used_drains_at_once (Fixture *f, gconstpointer unused)
{
  close_lane (f);
  g_assert_cmpstr (f->story->str, ==, "drained");
  g_assert_cmpuint (rmq_sim_world_get_n_events (f->world), ==, 0);
}

static void
a_dead_host_drops_what_waits (Fixture *f, gconstpointer unused)
{
  rmq_callback_lane_push_full (f->lane, slow, f, count_destroy);
  rmq_callback_lane_push_full (f->lane, quick, f, count_destroy);
  rmq_sim_world_run_until (f->world, 1000);
  rmq_env_kill (f->env, RMQ_CLOSE_FIN);
  rmq_callback_lane_push_full (f->lane, quick, f, count_destroy);
  g_assert_cmpuint (f->n_destroyed, ==, 1);
  run_dry (f);
  g_assert_cmpstr (f->story->str, ==, "slow(gone) ");
  g_assert_cmpuint (f->n_destroyed, ==, 3);
  close_lane (f);
  g_assert_cmpstr (f->story->str, ==, "slow(gone) drained");
}

static void
an_idle_lane_may_be_closed_on_a_dead_host (Fixture *f, gconstpointer unused)
{
  rmq_callback_lane_push (f->lane, quick, f);
  run_dry (f);
  rmq_env_kill (f->env, RMQ_CLOSE_FIN);
  close_lane (f);
  run_dry (f);
  g_assert_cmpstr (f->story->str, ==, "quick drained");
}

#define ADD(name, func)                                                                            \
  g_test_add ("/env/callback-lane/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("items-run-one-after-the-other", items_run_one_after_the_other);
  ADD ("an-idle-one-wakes-up", an_idle_lane_wakes_up);
  ADD ("closing-waits-for-the-last-item", closing_waits_for_the_last_item);
  ADD ("one-nobody-used-drains-at-once", a_lane_nobody_used_drains_at_once);
  ADD ("a-dead-host-drops-what-waits", a_dead_host_drops_what_waits);
  ADD ("an-idle-one-may-be-closed-on-a-dead-host", an_idle_lane_may_be_closed_on_a_dead_host);
  return g_test_run ();
}

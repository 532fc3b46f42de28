/* SPDX-License-Identifier: Apache-2.0 */

/* What only the simulated world promises: a run is its seed's, a host's chance is its own, events
 * know their causes, time costs what it should. */

#include "rmq-sim-world.h"

static const RmqEventKind tick_kind = {
  .name = "TICK", .part = RMQ_HASH_CLIENT, .field_names = { "n" }, .help = "a timer fired"
};

static RmqWorld *
new_world (guint64 seed, gboolean exact)
{
  return rmq_sim_world_new (&(RmqSimOptions){ .seed = seed, .exact = exact });
}

static RmqEnv *
add_host (RmqWorld *world, const char *name)
{
  return rmq_world_add_host (world, &(RmqHostSpec){ .name = name });
}

static void
run_dry (RmqWorld *world)
{
  while (rmq_sim_world_step (world))
    g_assert_cmpuint (rmq_sim_world_get_n_events (world), <, 100000);
}

/* ---- a busy host --------------------------------------------------------- */

#define N_TICKS 50

/* A task that sleeps and a link to itself that echoes; each step leaves an event with the time it
 * fell on. */
typedef struct
{
  RmqEnv *env;
  RmqListener *listener;
  RmqLink *near, *far;
  GArray *times; /* of gint64 */
} Busy;

static void
tick (Busy *busy)
{
  gint64 now_us = rmq_env_now (busy->env);
  g_array_append_val (busy->times, now_us);
  RMQ_EMIT (busy->env, &tick_kind, NULL, busy->times->len);
}

static void
echo (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  guint8 buffer[64];
  gsize n_read;
  tick (data);
  if (event == RMQ_LINK_CONNECTED)
    g_assert_true (rmq_link_write (link, (const guint8 *)"0123456789", 10, NULL));
  while ((n_read = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    if (((Busy *)data)->times->len < N_TICKS)
      g_assert_true (rmq_link_write (link, buffer, n_read, NULL));
}

static void
accepted (RmqListener *listener, RmqLink *link, gpointer data)
{
  ((Busy *)data)->far = link;
  rmq_link_set_func (link, echo, data);
}

static void
tick_in_call (gpointer data)
{
  tick (data);
}

static void
sleep_and_tick (gpointer data)
{
  Busy *busy = data;
  RmqParker parker;
  for (guint i = 0; i < N_TICKS; i++)
    {
      rmq_parker_init (&parker, busy->env);
      rmq_env_call (busy->env, tick_in_call, busy, &parker, rmq_env_now (busy->env) + 1000);
    }
}

static Busy *
busy_new (RmqWorld *world, const char *name)
{
  Busy *busy = g_new0 (Busy, 1);
  busy->env = add_host (world, name);
  busy->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  busy->listener = rmq_env_listen (busy->env, "localhost:0", accepted, busy, NULL);
  busy->near =
      rmq_env_connect (busy->env, rmq_listener_get_address (busy->listener), 1000000, echo, busy);
  rmq_env_task (busy->env, "sleeper", sleep_and_tick, NULL, busy);
  return busy;
}

static void
busy_free (Busy *busy)
{
  rmq_link_close (busy->near, RMQ_CLOSE_FIN);
  rmq_link_close (busy->far, RMQ_CLOSE_FIN);
  rmq_listener_close (busy->listener);
  g_array_unref (busy->times);
  rmq_env_unref (busy->env);
  g_free (busy);
}

static char *
hash_of_run (guint64 seed)
{
  g_autoptr (RmqWorld) world = new_world (seed, FALSE);
  Busy *busy = busy_new (world, "one");
  run_dry (world);
  g_assert_cmpuint (busy->times->len, >, N_TICKS);
  char *hash = rmq_event_log_get_hash (rmq_world_get_log (world), RMQ_HASH_NONE);
  busy_free (busy);
  return hash;
}

static void
equal_seeds_make_equal_runs (void)
{
  g_autofree char *first = hash_of_run (7);
  g_autofree char *again = hash_of_run (7);
  g_autofree char *other = hash_of_run (8);
  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (first, !=, other);
}

/* Two runs, one with a second host that is as busy: the first host's every moment stays where it
 * was. */
static void
a_new_host_rerolls_nobody (void)
{
  g_autoptr (RmqWorld) alone = new_world (3, FALSE);
  g_autoptr (RmqWorld) crowd = new_world (3, FALSE);
  Busy *a = busy_new (alone, "a");
  Busy *before = busy_new (crowd, "before");
  Busy *same = busy_new (crowd, "a");
  run_dry (alone);
  run_dry (crowd);
  g_assert_cmpint (rmq_env_get_pid (a->env), ==, rmq_env_get_pid (same->env));
  g_assert_cmpint (rmq_env_get_pid (a->env), !=, rmq_env_get_pid (before->env));
  g_assert_cmpmem (a->times->data, a->times->len * sizeof (gint64), same->times->data,
                   same->times->len * sizeof (gint64));
  g_assert_cmpint (g_array_index (same->times, gint64, N_TICKS), !=,
                   g_array_index (before->times, gint64, N_TICKS));
  busy_free (a);
  busy_free (before);
  busy_free (same);
}

static void
streams_are_the_hosts_own (void)
{
  g_autoptr (RmqWorld) world = new_world (1, FALSE);
  g_autoptr (RmqWorld) twin = new_world (1, FALSE);
  g_autoptr (RmqEnv) a = add_host (world, "a");
  g_autoptr (RmqEnv) b = add_host (world, "b");
  g_autoptr (RmqEnv) a_again = add_host (twin, "a");
  RmqRandom mine, again, theirs, other;
  rmq_env_random_stream (a, "queue", &mine);
  rmq_env_random_stream (a_again, "queue", &again);
  rmq_env_random_stream (b, "queue", &theirs);
  rmq_env_random_stream (a, "opaque", &other);
  guint64 first = rmq_random_next (&mine);
  g_assert_cmpuint (first, ==, rmq_random_next (&again));
  g_assert_cmpuint (first, !=, rmq_random_next (&theirs));
  g_assert_cmpuint (first, !=, rmq_random_next (&other));
}

/* ---- what time costs ----------------------------------------------------- */

typedef struct
{
  RmqEnv *env;
  RmqTimer timer;
  gint64 at_us;
  gint64 fired_at_us;
} Shot;

static void
fire (gpointer data)
{
  Shot *shot = data;
  shot->fired_at_us = rmq_env_now (shot->env);
}

static void
timers_are_late_but_in_order (void)
{
  g_autoptr (RmqWorld) world = new_world (5, FALSE);
  g_autoptr (RmqEnv) env = add_host (world, "a");
  g_autofree Shot *shots = g_new0 (Shot, 1000);
  gboolean differ = FALSE;
  for (guint i = 0; i < 1000; i++)
    {
      shots[i].env = env;
      shots[i].at_us = i * 37;
      rmq_env_timer_start (env, &shots[i].timer, shots[i].at_us, fire, &shots[i]);
    }
  run_dry (world);
  for (guint i = 0; i < 1000; i++)
    {
      gint64 late_us = shots[i].fired_at_us - shots[i].at_us;
      g_assert_cmpint (late_us, >=, 50);
      g_assert_cmpint (late_us, <=, 1000);
      g_assert_cmpint (shots[i].fired_at_us, >=, i > 0 ? shots[i - 1].fired_at_us : 0);
      differ |= late_us != shots[0].fired_at_us;
    }
  g_assert_true (differ);
}

static void
an_exact_world_is_never_late (void)
{
  g_autoptr (RmqWorld) world = new_world (5, TRUE);
  g_autoptr (RmqEnv) env = add_host (world, "a");
  Shot shot = { .env = env };
  rmq_env_timer_start (env, &shot.timer, 1234, fire, &shot);
  g_assert_cmpint (rmq_sim_world_peek (world), ==, 1234);
  g_assert_true (rmq_env_sleep_until (env, 5000));
  g_assert_cmpint (shot.fired_at_us, ==, 1234);
  g_assert_cmpint (rmq_sim_world_now (world), ==, 5000);
}

static void
sleep_once (gpointer data)
{
  Shot *shot = data;
  rmq_env_sleep_until (shot->env, 1000);
  shot->fired_at_us = rmq_env_now (shot->env);
}

static void
resumes_cost_time (void)
{
  g_autoptr (RmqWorld) world = new_world (5, FALSE);
  g_autoptr (RmqEnv) env = add_host (world, "a");
  Shot shot = { .env = env };
  rmq_env_task (env, "sleeper", sleep_once, fire, &shot);
  g_assert_cmpint (rmq_sim_world_peek (world), >=, 20);
  g_assert_cmpint (rmq_sim_world_peek (world), <=, 60);
  g_assert_true (rmq_sim_world_step (world));
  g_assert_cmpuint (rmq_sim_world_get_n_parked (world), ==, 1);
  run_dry (world);
  g_assert_cmpuint (rmq_sim_world_get_n_parked (world), ==, 0);
  g_assert_cmpuint (rmq_sim_world_get_n_events (world), ==, 2);
  g_assert_cmpint (shot.fired_at_us, >=, 1000 + 50 + 20);
  g_assert_cmpint (shot.fired_at_us, <=, 1000 + 1000 + 60);
}

static void
the_clock_runs_where_it_is_told (void)
{
  g_autoptr (RmqWorld) world =
      rmq_sim_world_new (&(RmqSimOptions){ .seed = 1, .exact = TRUE, .wall_start_ms = 5000 });
  g_autoptr (RmqEnv) env = add_host (world, "a");
  Shot due = { .env = env }, later = { .env = env };
  g_assert_cmpint (rmq_env_wall (env), ==, 5000);
  rmq_env_timer_start (env, &due.timer, 3000, fire, &due);
  rmq_env_timer_start (env, &later.timer, 3001, fire, &later);
  rmq_sim_world_run_until (world, 3000);
  g_assert_cmpint (due.fired_at_us, ==, 3000);
  g_assert_true (rmq_timer_is_armed (&later.timer));
  rmq_env_timer_stop (env, &later.timer);
  rmq_sim_world_run_until (world, 7000);
  g_assert_cmpint (rmq_env_now (env), ==, 7000);
  g_assert_cmpint (rmq_env_wall (env), ==, 5007);
  g_assert_false (rmq_sim_world_step (world));
  g_assert_cmpint (rmq_sim_world_peek (world), ==, G_MAXINT64);
}

static void
waiting_for_nothing_ends (void)
{
  g_autoptr (RmqWorld) world = new_world (1, FALSE);
  g_autoptr (RmqEnv) env = add_host (world, "a");
  RmqParker parker;
  rmq_parker_init (&parker, env);
  g_assert_cmpint (rmq_env_call (env, NULL, NULL, &parker, G_MAXINT64), ==, RMQ_WAKE_TIMEOUT);
}

/* ---- causes -------------------------------------------------------------- */

typedef struct
{
  RmqEnv *env;
  RmqTimer timer;
  RmqParker parker;
  guint64 armed;
  guint64 fired_cause;
  guint64 woken_cause;
} Chain;

static void
wait_and_see (gpointer data)
{
  Chain *chain = data;
  rmq_parker_init (&chain->parker, chain->env);
  rmq_env_call (chain->env, NULL, NULL, &chain->parker, G_MAXINT64);
  chain->woken_cause = rmq_event_log_get_cause (rmq_env_get_log (chain->env));
}

static void
fire_and_wake (gpointer data)
{
  Chain *chain = data;
  RmqEventLog *log = rmq_env_get_log (chain->env);
  chain->fired_cause = rmq_event_log_get_cause (log);
  rmq_event_log_set_cause (log, RMQ_EMIT (chain->env, &tick_kind, NULL, 2));
  rmq_parker_wake (&chain->parker);
}

static void
causes_travel_with_what_they_caused (void)
{
  g_autoptr (RmqWorld) world = new_world (1, FALSE);
  g_autoptr (RmqEnv) env = add_host (world, "a");
  RmqEventLog *log = rmq_world_get_log (world);
  Chain chain = { .env = env };
  rmq_env_task (env, "waiter", wait_and_see, NULL, &chain);
  rmq_sim_world_run_until (world, 1000);
  chain.armed = RMQ_EMIT (env, &tick_kind, NULL, 1);
  rmq_event_log_set_cause (log, chain.armed);
  rmq_env_timer_start (env, &chain.timer, 2000, fire_and_wake, &chain);
  rmq_event_log_set_cause (log, 0);
  run_dry (world);
  g_assert_cmpuint (chain.fired_cause, ==, chain.armed);
  g_assert_cmpuint (chain.woken_cause, ==, chain.armed + 1);
  g_assert_cmpuint (rmq_event_log_get (log, chain.armed + 1)->ev, ==, 2);
  g_assert_cmpuint (rmq_event_log_get_ev (log), ==, rmq_sim_world_get_n_events (world));
}

/* ---- seen from outside ----------------------------------------------------- */

static void
count_look (gpointer data)
{
  ++*(guint *)data;
}

static void
each_event_is_followed_by_a_look (void)
{
  g_autoptr (RmqWorld) world = new_world (1, FALSE);
  guint n_looks = 0;
  Busy *busy = busy_new (world, "one");
  rmq_sim_world_set_after_event (world, count_look, &n_looks);
  run_dry (world);
  g_assert_cmpuint (n_looks, ==, rmq_sim_world_get_n_events (world));
  rmq_sim_world_set_after_event (world, NULL, NULL);
  busy_free (busy);
}

static void
what_is_left_of_a_host_is_told (void)
{
  g_autoptr (RmqWorld) world = new_world (1, FALSE);
  Busy *busy = busy_new (world, "one");
  g_autofree char *full = rmq_sim_host_describe_rest (busy->env);
  g_assert_cmpstr (full, ==, "1 link, 1 listener, 2 timers, 1 task");
  run_dry (world);
  rmq_link_close (g_steal_pointer (&busy->near), RMQ_CLOSE_FIN);
  rmq_link_close (g_steal_pointer (&busy->far), RMQ_CLOSE_FIN);
  rmq_listener_close (g_steal_pointer (&busy->listener));
  run_dry (world);
  g_autofree char *rest = rmq_sim_host_describe_rest (busy->env);
  g_assert_null (rest);
  busy_free (busy);
}

/* ---- rules --------------------------------------------------------------- */

static void
call_from_dispatch (gpointer data)
{
  RmqParker parker;
  rmq_parker_init (&parker, data);
  rmq_env_call (data, NULL, NULL, &parker, G_MAXINT64);
}

static void
a_call_from_dispatch_aborts (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (RmqWorld) world = new_world (1, FALSE);
      g_autoptr (RmqEnv) env = add_host (world, "a");
      rmq_env_post (env, call_from_dispatch, env);
      run_dry (world);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*in_dispatch*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/sim/seed/equal-seeds-make-equal-runs", equal_seeds_make_equal_runs);
  g_test_add_func ("/env/sim/seed/a-new-host-rerolls-nobody", a_new_host_rerolls_nobody);
  g_test_add_func ("/env/sim/seed/streams-are-the-hosts-own", streams_are_the_hosts_own);
  g_test_add_func ("/env/sim/time/timers-are-late-but-in-order", timers_are_late_but_in_order);
  g_test_add_func ("/env/sim/time/an-exact-world-is-never-late", an_exact_world_is_never_late);
  g_test_add_func ("/env/sim/time/resumes-cost-time", resumes_cost_time);
  g_test_add_func ("/env/sim/time/the-clock-runs-where-it-is-told",
                   the_clock_runs_where_it_is_told);
  g_test_add_func ("/env/sim/time/waiting-for-nothing-ends", waiting_for_nothing_ends);
  g_test_add_func ("/env/sim/cause/travels-with-what-it-caused",
                   causes_travel_with_what_they_caused);
  g_test_add_func ("/env/sim/watch/each-event-is-followed-by-a-look",
                   each_event_is_followed_by_a_look);
  g_test_add_func ("/env/sim/watch/what-is-left-of-a-host-is-told", what_is_left_of_a_host_is_told);
  g_test_add_func ("/env/sim/rule/a-call-from-dispatch-aborts", a_call_from_dispatch_aborts);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* How a turn of the real loop waits: it looks for news before it sleeps, but not for ever, and ever
 * more rarely while that is in vain. */

#include <time.h>

#include "rmq-real-private.h"

static gint64
cpu_of_thread_us (void)
{
  struct timespec used;
  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used), ==, 0);
  return (gint64)used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

static void
sleep_for (RmqEnv *env, gint64 us)
{
  g_assert_true (rmq_env_sleep_until (env, rmq_env_now (env) + us));
}

static void
test_a_waiting_caller_sleeps (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  const gint64 before_us = cpu_of_thread_us ();
  sleep_for (env, 200 * 1000);
  g_assert_cmpint (cpu_of_thread_us () - before_us, <, 100 * 1000);
}

static void
test_looks_in_vain_get_rare (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  const RmqRealWorld *real = (RmqRealWorld *)world;
  for (guint i = 0; i < 40; i++)
    sleep_for (env, 200);
  g_assert_cmpuint (real->looks_to_skip, >=, 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/real-turn/a-waiting-caller-sleeps", test_a_waiting_caller_sleeps);
  g_test_add_func ("/env/real-turn/looks-in-vain-get-rare", test_looks_in_vain_get_rare);
  return g_test_run ();
}

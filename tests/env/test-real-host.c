/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts and tasks of the real world: what this machine says about itself, threads that come home,
 * and who may let go of what, when. */

#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

#include "rmq-real-world.h"

static void
test_knows_itself (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_real_world_add_local_host (world);
  guint8 ip[16];
  const char *address = rmq_env_get_host_address (env);
  g_assert_false (rmq_world_is_simulated (world));
  g_assert_cmpint (rmq_env_get_pid (env), ==, getpid ());
  g_assert_cmpuint (rmq_env_get_cpus (env), ==, g_get_num_processors ());
  g_assert_cmpstr (rmq_env_get_host_name (env), ==, g_get_host_name ());
  g_assert_cmpstr (rmq_env_get_variable (env, "PATH"), ==, g_getenv ("PATH"));
  g_assert_true (inet_pton (AF_INET, address, ip) == 1 || inet_pton (AF_INET6, address, ip) == 1);
  g_assert_cmpint (ABS (rmq_env_wall (env) - g_get_real_time () / 1000), <, 60 * 1000);
}

static void
test_chance_differs (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) a = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  g_autoptr (RmqEnv) b = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  RmqRandom of_a, again, of_b;
  rmq_env_random_stream (a, "stream", &of_a);
  rmq_env_random_stream (a, "stream", &again);
  rmq_env_random_stream (b, "stream", &of_b);
  const guint64 first = rmq_random_next (&of_a);
  g_assert_cmpuint (first, ==, rmq_random_next (&again));
  g_assert_cmpuint (first, !=, rmq_random_next (&of_b));
}

/* ---- tasks --------------------------------------------------------------- */

typedef struct
{
  RmqEnv *env;
  guint n_ran;    /* atomic */
  guint n_done;   /* owner */
  guint n_gone;   /* atomic */
  guint expected; /* of n_done, then the parker is woken */
  RmqParker *parker;
  RmqEnv *other;
} Tasks;

static void
task_runs (gpointer data)
{
  Tasks *tasks = data;
  RmqParker parker;
  g_assert_false (rmq_env_is_owner (tasks->env));
  __atomic_add_fetch (&tasks->n_ran, 1, __ATOMIC_RELAXED);
  rmq_parker_init (&parker, tasks->env);
  if (rmq_env_call (tasks->env, NULL, NULL, &parker, rmq_env_now (tasks->env) + 1000)
      == RMQ_WAKE_HOST_GONE)
    __atomic_add_fetch (&tasks->n_gone, 1, __ATOMIC_RELAXED);
}

static void
task_parks_for_ever (gpointer data)
{
  Tasks *tasks = data;
  RmqParker parker;
  __atomic_add_fetch (&tasks->n_ran, 1, __ATOMIC_RELAXED);
  rmq_parker_init (&parker, tasks->env);
  if (rmq_env_park_idle (tasks->env, NULL, NULL, &parker, G_MAXINT64) == RMQ_WAKE_HOST_GONE)
    __atomic_add_fetch (&tasks->n_gone, 1, __ATOMIC_RELAXED);
}

static void
task_done (gpointer data)
{
  Tasks *tasks = data;
  g_assert_true (rmq_env_is_owner (tasks->env));
  if (++tasks->n_done == tasks->expected && tasks->parker != NULL)
    rmq_parker_wake (tasks->parker);
}

static void
start_tasks (gpointer data)
{
  Tasks *tasks = data;
  for (guint i = 0; i < tasks->expected; i++)
    rmq_env_task (tasks->env, "a-task-with-a-long-name", task_runs, task_done, tasks);
}

static void
test_done_follows_end (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  RmqParker parker;
  Tasks tasks = { .env = env, .expected = 20, .parker = &parker };
  rmq_parker_init (&parker, env);
  g_assert_cmpint (rmq_env_call (env, start_tasks, &tasks, &parker, G_MAXINT64), ==,
                   RMQ_WAKE_WOKEN);
  g_assert_cmpuint (tasks.n_ran, ==, 20);
  g_assert_cmpuint (tasks.n_gone, ==, 0);
}

static void
test_unref_brings_tasks_home (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  RmqEnv *env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  Tasks tasks = { .env = env };
  for (guint i = 0; i < 5; i++)
    rmq_env_task (env, "task", task_parks_for_ever, task_done, &tasks);
  rmq_env_unref (env);
  g_assert_cmpuint (tasks.n_done, ==, 5);
  g_assert_cmpuint (tasks.n_gone, ==, tasks.n_ran);
}

static void
kill_host (gpointer data)
{
  rmq_env_kill (data, RMQ_CLOSE_FIN);
}

static void
test_dead_host_runs_no_task (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  RmqEnv *env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  Tasks tasks = { .env = env };
  rmq_real_world_run (world, kill_host, env);
  rmq_env_task (env, "task", task_runs, task_done, &tasks);
  rmq_env_unref (env);
  g_assert_cmpuint (tasks.n_ran, ==, 0);
  g_assert_cmpuint (tasks.n_done, ==, 1); /* so that it may free what it was given */
}

/* ---- letting go ---------------------------------------------------------- */

static void *
drop_main (void *data)
{
  rmq_env_unref (data);
  return NULL;
}

static void
test_any_thread_may_drop_the_last (void)
{
  RmqWorld *world = rmq_real_world_new ();
  RmqEnv *env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  pthread_t thread;
  rmq_real_world_run (world, kill_host, env);
  rmq_world_unref (world); /* the host still holds it */
  pthread_create (&thread, NULL, drop_main, env);
  pthread_join (thread, NULL);
}

static void
drop_other (gpointer data)
{
  Tasks *tasks = data;
  g_clear_pointer (&tasks->other, rmq_env_unref);
}

static void
test_dispatch_may_drop_a_host (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  Tasks tasks = { .other = rmq_world_add_host (world, &(RmqHostSpec){ .name = "other" }) };
  rmq_real_world_run (world, drop_other, &tasks);
  g_assert_null (tasks.other);
}

static void
test_dispatch_may_not_drop_the_world (void)
{
  if (g_test_subprocess ())
    {
      RmqWorld *world = rmq_real_world_new ();
      Tasks tasks = { .other = rmq_world_add_host (world, &(RmqHostSpec){ .name = "other" }) };
      rmq_world_unref (world);
      rmq_real_world_run (world, drop_other, &tasks);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*from inside its own dispatch*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/real-host/knows-itself", test_knows_itself);
  g_test_add_func ("/env/real-host/chance-differs-between-hosts", test_chance_differs);
  g_test_add_func ("/env/real-task/done-follows-the-end", test_done_follows_end);
  g_test_add_func ("/env/real-task/unref-brings-tasks-home", test_unref_brings_tasks_home);
  g_test_add_func ("/env/real-task/a-dead-host-runs-none", test_dead_host_runs_no_task);
  g_test_add_func ("/env/real-host/any-thread-may-drop-the-last-reference",
                   test_any_thread_may_drop_the_last);
  g_test_add_func ("/env/real-host/dispatch-may-drop-a-host", test_dispatch_may_drop_a_host);
  g_test_add_func ("/env/real-host/dispatch-may-not-drop-the-world",
                   test_dispatch_may_not_drop_the_world);
  return g_test_run ();
}

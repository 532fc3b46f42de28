/* SPDX-License-Identifier: Apache-2.0 */
/* Longer than 500 lines because all claims about the loop share its echo server and callers. */

/* Who turns the loop of the real world: callers beside each other, beside asynchronous work, beside
 * the background thread, and while hosts die under them. Meant to run under the thread sanitizer
 * too, hence plain pthread calls. */

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "rmq-real-world.h"

#define MESSAGE_BYTES 64

/* ---- an echo server and clients that wait for their echo ----------------- */

typedef struct
{
  RmqWorld *world;
  RmqEnv *client;
  RmqEnv *server;
  RmqListener *listener;
  GPtrArray *accepted; /* of RmqLink */
  guint n_echoed;      /* messages */
  guint kill_at;       /* so many: 0 = never */
  RmqEnv *victim;
} Echo;

typedef struct
{
  Echo *echo;
  RmqLink *link;
  gsize n_read;
  gboolean connected;
  gboolean broken;
  RmqParker *next_parker; /* (nullable): of who called, taken over by the start function */
  RmqParker *parker;      /* (nullable): nobody waits */
  gsize awaited;
  guint n_calls;
  guint n_foreign; /* events that another thread's turn told */
  guint64 thread;
  pthread_t handle;
} Client;

static void
server_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Echo *echo = data;
  guint8 buffer[16 * MESSAGE_BYTES];
  gsize n = 0;
  if (event != RMQ_LINK_READABLE)
    return;
  while ((n = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    {
      echo->n_echoed += n / MESSAGE_BYTES;
      rmq_link_write (link, buffer, n, NULL);
    }
  if (echo->kill_at != 0 && echo->n_echoed >= echo->kill_at)
    rmq_env_kill (echo->victim, RMQ_CLOSE_FIN);
}

static void
server_accepts (RmqListener *listener, RmqLink *link, gpointer data)
{
  Echo *echo = data;
  g_ptr_array_add (echo->accepted, link);
  rmq_link_set_func (link, server_event, echo);
}

static void
server_listens (gpointer data)
{
  Echo *echo = data;
  g_autoptr (GError) error = NULL;
  echo->listener = rmq_env_listen (echo->server, "127.0.0.1:0", server_accepts, echo, &error);
  g_assert_no_error (error);
}

static void
server_closes (gpointer data)
{
  Echo *echo = data;
  for (guint i = 0; i < echo->accepted->len; i++)
    rmq_link_close (g_ptr_array_index (echo->accepted, i), RMQ_CLOSE_FIN);
  rmq_listener_close (echo->listener);
}

static void
echo_start (Echo *echo)
{
  echo->world = rmq_real_world_new ();
  echo->client = rmq_world_add_host (echo->world, &(RmqHostSpec){ .name = "client" });
  echo->server = rmq_world_add_host (echo->world, &(RmqHostSpec){ .name = "server" });
  echo->accepted = g_ptr_array_new ();
  rmq_real_world_run (echo->world, server_listens, echo);
}

static void
echo_shutdown (Echo *echo)
{
  rmq_real_world_run (echo->world, server_closes, echo);
  g_ptr_array_unref (echo->accepted);
  rmq_env_unref (echo->client);
  rmq_env_unref (echo->server);
  rmq_world_unref (echo->world);
}

/* The woken one may be running before this returns: nothing of its is touched after. */
static void
client_wake (Client *client)
{
  RmqParker *parker = g_steal_pointer (&client->parker);
  if (parker != NULL)
    rmq_parker_wake (parker);
}

static void
client_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Client *client = data;
  guint8 buffer[16 * MESSAGE_BYTES];
  gsize n = 0;
  if (rmq_env_task_id (client->echo->client) != client->thread)
    client->n_foreign++;
  if (event == RMQ_LINK_CONNECTED)
    client->connected = TRUE;
  else if (event != RMQ_LINK_READABLE)
    client->broken = TRUE;
  else
    while ((n = rmq_link_read (link, buffer, sizeof buffer)) > 0)
      client->n_read += n;
  if (client->broken || (client->connected && client->n_read >= client->awaited))
    client_wake (client);
}

static void
client_connects (gpointer data)
{
  Client *client = data;
  client->parker = client->next_parker;
  client->link =
      rmq_env_connect (client->echo->client, rmq_listener_get_address (client->echo->listener),
                       G_USEC_PER_SEC, client_event, client);
}

static void
client_writes (gpointer data)
{
  static const guint8 message[MESSAGE_BYTES];
  Client *client = data;
  g_assert_true (rmq_env_is_owner (client->echo->client));
  client->parker = client->next_parker;
  client->thread = rmq_env_task_id (client->echo->client);
  client->awaited += MESSAGE_BYTES;
  if (client->broken || !rmq_link_write (client->link, message, sizeof message, NULL))
    {
      client->broken = TRUE;
      client_wake (client);
    }
}

static void
client_closes (gpointer data)
{
  Client *client = data;
  rmq_link_close (client->link, RMQ_CLOSE_FIN);
}

static RmqWake
client_call (Client *client, RmqEnvFunc start)
{
  RmqParker parker;
  rmq_parker_init (&parker, client->echo->client);
  client->next_parker = &parker;
  const gint64 deadline_us = rmq_env_now (client->echo->client) + 20 * G_USEC_PER_SEC;
  const RmqWake wake = rmq_env_call (client->echo->client, start, client, &parker, deadline_us);
  client->next_parker = NULL;
  return wake;
}

static void
client_start (Client *client, Echo *echo)
{
  *client = (Client){ .echo = echo };
  g_assert_cmpint (client_call (client, client_connects), ==, RMQ_WAKE_WOKEN);
  g_assert_true (client->connected);
}

/* Calls until it has called often enough or its host is gone; over a broken link each call ends at
 * once. */
static void *
client_main (void *data)
{
  Client *client = data;
  RmqWake wake = RMQ_WAKE_WOKEN;
  for (guint i = client->n_calls; i > 0 && wake == RMQ_WAKE_WOKEN; i--)
    wake = client_call (client, client_writes);
  g_assert_cmpint (wake, !=, RMQ_WAKE_TIMEOUT);
  return NULL;
}

static void *
poster_main (void *data)
{
  Client *client = data;
  for (guint i = 0; i < client->n_calls; i++)
    rmq_env_post (client->echo->client, client_writes, client);
  return NULL;
}

#define N_CALLERS 4
#define N_CALLS 1000

/* victim_of: (nullable): no host is killed. */
static void
callers_and_posts (RmqEnv *(*victim_of) (Echo *))
{
  Echo echo = { 0 };
  Client clients[N_CALLERS + 1];
  echo_start (&echo);
  if (victim_of != NULL)
    {
      echo.victim = victim_of (&echo);
      echo.kill_at = N_CALLS;
    }
  for (guint i = 0; i <= N_CALLERS; i++)
    {
      client_start (&clients[i], &echo);
      clients[i].n_calls = N_CALLS;
    }
  for (guint i = 0; i <= N_CALLERS; i++)
    pthread_create (&clients[i].handle, NULL, i < N_CALLERS ? client_main : poster_main,
                    &clients[i]);
  for (guint i = 0; i <= N_CALLERS; i++)
    pthread_join (clients[i].handle, NULL);
  if (victim_of == NULL)
    g_assert_cmpint (client_call (&clients[N_CALLERS], client_writes), ==, RMQ_WAKE_WOKEN);
  for (guint i = 0; i <= N_CALLERS; i++)
    rmq_real_world_run (echo.world, client_closes, &clients[i]);
  if (victim_of == NULL)
    g_assert_cmpuint (echo.n_echoed, ==, (N_CALLERS + 1) * N_CALLS + 1);
  else
    g_assert_cmpuint (echo.n_echoed, >=, N_CALLS);
  echo_shutdown (&echo);
}

static void
test_four_callers (void)
{
  callers_and_posts (NULL);
}

static RmqEnv *
the_server (Echo *echo)
{
  return echo->server;
}

static void
test_server_killed (void)
{
  callers_and_posts (the_server);
}

static RmqEnv *
the_client (Echo *echo)
{
  return echo->client;
}

static void
test_client_killed (void)
{
  callers_and_posts (the_client);
}

/* ---- who runs what ------------------------------------------------------- */

static void
test_lone_caller_turns (void)
{
  Echo echo = { 0 };
  Client client;
  echo_start (&echo);
  client_start (&client, &echo);
  client.n_calls = N_CALLS;
  client.n_foreign = 0;
  client_main (&client);
  g_assert_cmpuint (client.n_foreign, ==, 0);
  rmq_real_world_run (echo.world, client_closes, &client);
  echo_shutdown (&echo);
}

typedef struct
{
  RmqEnv *env;
  RmqTimer timer;
  RmqParker *parker; /* woken when it fires */
  gint64 delay_us;
  guint64 starter; /* who ran start, and the timer */
  guint64 turner;
  guint64 waiter;
  int pipe_fd; /* -1: none; written to when it fires */
  gboolean idle;
  RmqParker *wakes; /* (nullable): another waiter, by start */
  pthread_t handle;
} Alarm;

static void
alarm_fires (gpointer data)
{
  Alarm *alarm = data;
  alarm->turner = rmq_env_task_id (alarm->env);
  if (alarm->parker != NULL)
    rmq_parker_wake (alarm->parker);
  if (alarm->pipe_fd >= 0)
    g_assert_cmpint (write (alarm->pipe_fd, "x", 1), ==, 1);
}

static void
alarm_starts (gpointer data)
{
  Alarm *alarm = data;
  alarm->starter = rmq_env_task_id (alarm->env);
  rmq_env_timer_start (alarm->env, &alarm->timer, rmq_env_now (alarm->env) + alarm->delay_us,
                       alarm_fires, alarm);
  if (alarm->wakes != NULL)
    rmq_parker_wake (alarm->wakes);
}

static void *
alarm_main (void *data)
{
  Alarm *alarm = data;
  RmqParker parker;
  rmq_parker_init (&parker, alarm->env);
  alarm->parker = &parker;
  alarm->waiter = rmq_env_task_id (alarm->env);
  const RmqWake wake =
      alarm->idle ? rmq_env_park_idle (alarm->env, alarm_starts, alarm, &parker, G_MAXINT64)
                  : rmq_env_call (alarm->env, alarm_starts, alarm, &parker, G_MAXINT64);
  g_assert_cmpint (wake, ==, RMQ_WAKE_WOKEN);
  return NULL;
}

static void
start_thread (gpointer data)
{
  Alarm *alarm = data;
  pthread_create (&alarm->handle, NULL, alarm_main, alarm);
}

/* The first waits until the second has posted its start; then the second owns the loop. */
static void
test_loop_is_handed_over (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  RmqParker parker;
  rmq_parker_init (&parker, env);
  Alarm alarm = { .env = env, .delay_us = 20000, .pipe_fd = -1, .wakes = &parker };
  g_assert_cmpint (rmq_env_call (env, start_thread, &alarm, &parker, G_MAXINT64), ==,
                   RMQ_WAKE_WOKEN);
  pthread_join (alarm.handle, NULL);
  g_assert_cmpuint (alarm.starter, ==, alarm.waiter);
  g_assert_cmpuint (alarm.turner, ==, alarm.waiter);
  g_assert_cmpuint (alarm.waiter, !=, rmq_env_task_id (env));
}

static void
test_idle_waiter_never_turns (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  Alarm alarm = { .env = env, .delay_us = 20000, .pipe_fd = -1, .idle = TRUE };
  alarm_main (&alarm);
  g_assert_cmpuint (alarm.starter, ==, alarm.waiter);
  g_assert_cmpuint (alarm.turner, !=, alarm.waiter);
}

static void
test_timers_run_without_waiters (void)
{
  int fds[2];
  char byte = 0;
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  g_assert_cmpint (pipe (fds), ==, 0);
  Alarm alarm = { .env = env, .delay_us = 5000, .pipe_fd = fds[1] };
  rmq_env_post (env, alarm_starts, &alarm);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  rmq_real_world_run (world, alarm_starts, &alarm); /* now from a caller that leaves */
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  close (fds[0]);
  close (fds[1]);
}

static void
wake_it (gpointer data)
{
  rmq_parker_wake (data);
}

static void
test_quick_parks (void)
{
  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
  for (guint i = 0; i < 1000; i++)
    {
      RmqParker parker;
      rmq_parker_init (&parker, env);
      if (i % 2 == 0)
        g_assert_cmpint (rmq_env_call (env, wake_it, &parker, &parker, G_MAXINT64), ==,
                         RMQ_WAKE_WOKEN);
      else
        g_assert_cmpint (rmq_env_park_idle (env, wake_it, &parker, &parker, G_MAXINT64), ==,
                         RMQ_WAKE_WOKEN);
      rmq_parker_init (&parker, env);
      g_assert_cmpint (rmq_env_call (env, NULL, NULL, &parker, 0), ==, RMQ_WAKE_TIMEOUT);
    }
}

/* ---- misuse and leaks ---------------------------------------------------- */

static void
call_inside (gpointer data)
{
  RmqParker parker;
  rmq_parker_init (&parker, data);
  rmq_env_call (data, NULL, NULL, &parker, 0);
}

static void
test_call_in_dispatch_aborts (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (RmqWorld) world = rmq_real_world_new ();
      g_autoptr (RmqEnv) env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "host" });
      rmq_real_world_run (world, call_inside, env);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*inside the dispatch of its own loop*");
}

static guint
count_entries (const char *path)
{
  guint n = 0;
  DIR *dir = opendir (path);
  g_assert_nonnull (dir);
  while (readdir (dir) != NULL)
    n++;
  closedir (dir);
  return n;
}

/* A joined thread is seen there a little longer than whoever joined it waits. */
static gboolean
is_threads_at_most (guint n_entries)
{
  const gint64 deadline_us = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  while (count_entries ("/proc/self/task") > n_entries && g_get_monotonic_time () < deadline_us)
    g_thread_yield ();
  return count_entries ("/proc/self/task") <= n_entries;
}

static void
test_nothing_is_left (void)
{
  const guint fds = count_entries ("/proc/self/fd");
  const guint threads = count_entries ("/proc/self/task");
  for (guint i = 0; i < 20; i++)
    {
      Echo echo = { 0 };
      Client client;
      echo_start (&echo);
      client_start (&client, &echo);
      client.n_calls = 10;
      client_main (&client);
      g_assert_true (is_threads_at_most (threads + 1));
      rmq_real_world_run (echo.world, client_closes, &client);
      echo_shutdown (&echo);
    }
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, fds);
  g_assert_true (is_threads_at_most (threads));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/real-loop/four-callers-and-posts-are-all-served", test_four_callers);
  g_test_add_func ("/env/real-loop/callers-survive-their-peers-death", test_server_killed);
  g_test_add_func ("/env/real-loop/callers-survive-their-own-hosts-death", test_client_killed);
  g_test_add_func ("/env/real-loop/a-lone-caller-turns-it-itself", test_lone_caller_turns);
  g_test_add_func ("/env/real-loop/is-handed-to-the-next-caller", test_loop_is_handed_over);
  g_test_add_func ("/env/real-loop/idle-waiters-never-turn-it", test_idle_waiter_never_turns);
  g_test_add_func ("/env/real-loop/timers-run-without-waiters", test_timers_run_without_waiters);
  g_test_add_func ("/env/real-loop/a-thousand-quick-parks-end", test_quick_parks);
  g_test_add_func ("/env/real-loop/a-call-in-dispatch-aborts", test_call_in_dispatch_aborts);
  g_test_add_func ("/env/real-loop/leaves-no-descriptor-and-no-thread", test_nothing_is_left);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Killing simulated hosts in the middle of everything: each task comes back with "host gone", every
 * stack is left by its ordinary way out, nothing leaks (the sanitizer build watches), nobody speaks
 * for the dead. */

#include <string.h>

#include "rmq-sim-world.h"

#define N_KILLS 100
#define N_CLIENTS 3
#define REQUEST "a request that may well be split"

typedef struct _Lab Lab;

/* A host whose tasks send requests over one link each and wait for the answers. */
typedef struct
{
  Lab *lab;
  RmqEnv *env;
  RmqLink *link;
  RmqParker *waiting; /* (nullable) */
  RmqTimer beat;
  gsize n_received;
  guint n_answers;
  gboolean broken;
  gboolean ended;
} Client;

struct _Lab
{
  RmqWorld *world;
  RmqEnv *server;
  RmqListener *listener;
  GPtrArray *accepted; /* of RmqLink, closed by the test */
  Client clients[N_CLIENTS];
};

/* ---- the server: echoes -------------------------------------------------- */

static void
echo (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Lab *lab = data;
  guint8 buffer[16];
  gsize n_read;
  g_assert_false (rmq_env_is_gone (lab->server));
  while ((n_read = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    rmq_link_write (link, buffer, n_read, NULL);
}

static void
accepted (RmqListener *listener, RmqLink *link, gpointer data)
{
  Lab *lab = data;
  g_ptr_array_add (lab->accepted, link);
  rmq_link_set_func (link, echo, lab);
}

/* ---- the clients --------------------------------------------------------- */

static void
wake_waiter (Client *client)
{
  RmqParker *waiting = g_steal_pointer (&client->waiting);
  if (waiting != NULL)
    rmq_parker_wake (waiting);
}

static void
client_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Client *client = data;
  guint8 buffer[64];
  g_assert_false (rmq_env_is_gone (client->env));
  client->n_received += rmq_link_read (link, buffer, sizeof buffer);
  client->broken |= event != RMQ_LINK_READABLE && event != RMQ_LINK_CONNECTED;
  if (event == RMQ_LINK_CONNECTED || client->broken || client->n_received >= strlen (REQUEST))
    wake_waiter (client);
}

static void
beat (gpointer data)
{
  Client *client = data;
  g_assert_false (rmq_env_is_gone (client->env));
  rmq_env_timer_start (client->env, &client->beat, rmq_env_now (client->env) + 777, beat, client);
}

static void
start_connect (gpointer data)
{
  Client *client = data;
  const char *address = rmq_listener_get_address (client->lab->listener);
  client->link = rmq_env_connect (client->env, address, G_USEC_PER_SEC, client_event, client);
  beat (client);
}

static void
start_request (gpointer data)
{
  Client *client = data;
  client->n_received = 0;
  client->broken |= !rmq_link_write (client->link, (const guint8 *)REQUEST, strlen (REQUEST), NULL);
}

static RmqWake
client_call (Client *client, RmqEnvFunc start)
{
  RmqParker parker;
  rmq_parker_init (&parker, client->env);
  client->waiting = &parker;
  RmqWake wake = rmq_env_call (client->env, start, client, &parker,
                               rmq_env_now (client->env) + 10 * G_USEC_PER_SEC);
  client->waiting = NULL;
  return wake;
}

static void
converse (gpointer data)
{
  Client *client = data;
  /* Something on the stack that only an orderly return frees. */
  g_autofree char *owned = g_strdup (REQUEST);
  RmqWake wake = client_call (client, start_connect);
  while (wake == RMQ_WAKE_WOKEN && !client->broken)
    {
      wake = client_call (client, start_request);
      client->n_answers += client->n_received >= strlen (owned);
    }
  g_assert_true (client->broken || rmq_env_is_gone (client->env));
}

static void
conversation_ended (gpointer data)
{
  Client *client = data;
  g_assert_true (rmq_env_in_dispatch (client->env));
  client->ended = TRUE;
}

/* ---- the kills ----------------------------------------------------------- */

static void
lab_init (Lab *lab, guint64 seed, RmqSimTasks tasks)
{
  static const char *const names[N_CLIENTS] = { "c0", "c1", "c2" };
  *lab = (Lab){ .world = rmq_sim_world_new (&(RmqSimOptions){ .seed = seed, .tasks = tasks }) };
  lab->server = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "server" });
  lab->accepted = g_ptr_array_new ();
  lab->listener = rmq_env_listen (lab->server, ":0", accepted, lab, NULL);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      Client *client = &lab->clients[i];
      client->lab = lab;
      client->env = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = names[i] });
      rmq_env_task (client->env, "conversation", converse, conversation_ended, client);
    }
}

static void
close_accepted (Lab *lab)
{
  for (guint i = 0; i < lab->accepted->len; i++)
    rmq_link_close (g_ptr_array_index (lab->accepted, i), RMQ_CLOSE_FIN);
  g_ptr_array_unref (lab->accepted);
  rmq_listener_close (lab->listener);
}

static void
lab_clear (Lab *lab)
{
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      rmq_env_timer_stop (lab->clients[i].env, &lab->clients[i].beat);
      rmq_link_close (lab->clients[i].link, RMQ_CLOSE_FIN);
      rmq_env_unref (lab->clients[i].env);
    }
  close_accepted (lab);
  rmq_env_unref (lab->server);
  rmq_world_unref (lab->world);
}

static void
a_hundred_kills_leave_nothing (gconstpointer data)
{
  const RmqSimTasks tasks = *(const RmqSimTasks *)data;
  guint n_answers = 0;
  for (guint64 seed = 1; seed <= N_KILLS; seed++)
    {
      Lab lab;
      RmqRandom random;
      lab_init (&lab, seed, tasks);
      rmq_random_init (&random, seed, "when to kill");
      RmqCloseHow how = rmq_random_below (&random, 2) == 0 ? RMQ_CLOSE_FIN : RMQ_CLOSE_RST;
      rmq_sim_world_run_until (lab.world, rmq_random_between (&random, 0, 20000));
      if (rmq_random_below (&random, 3) == 0)
        rmq_env_pause (lab.clients[0].env);
      rmq_sim_world_run_until (lab.world, rmq_sim_world_now (lab.world) + 300);
      rmq_env_kill (lab.clients[0].env, how);
      rmq_sim_world_run_until (lab.world, rmq_sim_world_now (lab.world) + 1000);
      g_assert_true (lab.clients[0].ended);
      g_assert_false (rmq_timer_is_armed (&lab.clients[0].beat));
      g_assert_false (lab.clients[1].ended);
      rmq_env_kill (lab.server, how);
      rmq_sim_world_run_until (lab.world, rmq_sim_world_now (lab.world) + 2000);
      g_assert_true (lab.clients[1].ended);
      g_assert_true (lab.clients[2].ended);
      g_assert_cmpuint (rmq_sim_world_get_n_parked (lab.world), ==, 0);
      n_answers += lab.clients[0].n_answers;
      lab_clear (&lab);
    }
  g_assert_cmpuint (n_answers, >, N_KILLS);
}

/* The world is simply dropped while everybody waits: whoever waited is told. */
static void
freeing_a_host_unwinds_its_tasks (gconstpointer data)
{
  const RmqSimTasks tasks = *(const RmqSimTasks *)data;
  for (guint64 seed = 1; seed <= 20; seed++)
    {
      Lab lab;
      lab_init (&lab, seed, tasks);
      rmq_sim_world_run_until (lab.world, (gint64)seed * 500);
      g_assert_false (lab.clients[0].ended);
      for (guint i = 0; i < N_CLIENTS; i++)
        {
          rmq_env_unref (lab.clients[i].env);
          g_assert_true (lab.clients[i].ended);
          g_assert_false (rmq_timer_is_armed (&lab.clients[i].beat));
          lab.clients[i].env = NULL;
        }
      lab_clear (&lab);
    }
}

/* ---- calls across hosts -------------------------------------------------- */

typedef struct
{
  RmqEnv *home, *away;
  RmqWake wake_away, wake_home;
  gboolean ended;
} Visit;

static void
visit (gpointer data)
{
  Visit *self = data;
  RmqParker parker;
  rmq_parker_init (&parker, self->away);
  self->wake_away = rmq_env_call (self->away, NULL, NULL, &parker, G_MAXINT64);
  rmq_parker_init (&parker, self->home);
  self->wake_home = rmq_env_call (self->home, NULL, NULL, &parker, rmq_env_now (self->home) + 1000);
  self->ended = TRUE;
}

static void
a_visitor_survives_the_host_it_waits_in (gconstpointer data)
{
  const RmqSimTasks tasks = *(const RmqSimTasks *)data;
  g_autoptr (RmqWorld) world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 1, .tasks = tasks });
  g_autoptr (RmqEnv) home = rmq_world_add_host (world, &(RmqHostSpec){ .name = "home" });
  RmqEnv *away = rmq_world_add_host (world, &(RmqHostSpec){ .name = "away" });
  Visit self = { .home = home, .away = away };
  rmq_env_task (home, "visitor", visit, NULL, &self);
  rmq_sim_world_run_until (world, 1000);
  rmq_env_unref (away);
  g_assert_cmpint (self.wake_away, ==, RMQ_WAKE_HOST_GONE);
  rmq_sim_world_run_until (world, 10000);
  g_assert_true (self.ended);
  g_assert_cmpint (self.wake_home, ==, RMQ_WAKE_TIMEOUT);
}

static void
a_visitor_goes_with_its_home (gconstpointer data)
{
  const RmqSimTasks tasks = *(const RmqSimTasks *)data;
  g_autoptr (RmqWorld) world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 1, .tasks = tasks });
  g_autoptr (RmqEnv) home = rmq_world_add_host (world, &(RmqHostSpec){ .name = "home" });
  g_autoptr (RmqEnv) away = rmq_world_add_host (world, &(RmqHostSpec){ .name = "away" });
  Visit self = { .home = home, .away = away };
  rmq_env_task (home, "visitor", visit, NULL, &self);
  rmq_sim_world_run_until (world, 1000);
  rmq_env_pause (away);
  rmq_env_kill (home, RMQ_CLOSE_FIN);
  rmq_sim_world_run_until (world, 2000);
  g_assert_true (self.ended);
  g_assert_cmpint (self.wake_home, ==, RMQ_WAKE_HOST_GONE);
}

static void
add (const RmqSimTasks *tasks, const char *claim, GTestDataFunc func)
{
  const char *name = rmq_sim_tasks_get_name (*tasks);
  g_autofree char *path = g_strdup_printf ("/env/sim/kill/%s/%s", name, claim);
  g_test_add_data_func (path, tasks, func);
}

int
main (int argc, char **argv)
{
  static const RmqSimTasks kinds[] = { RMQ_SIM_FIBERS, RMQ_SIM_THREADS };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      add (&kinds[i], "a-hundred-leave-nothing", a_hundred_kills_leave_nothing);
      add (&kinds[i], "freeing-a-host-unwinds-its-tasks", freeing_a_host_unwinds_its_tasks);
      add (&kinds[i], "a-visitor-survives-the-host-it-waits-in",
           a_visitor_survives_the_host_it_waits_in);
      add (&kinds[i], "a-visitor-goes-with-its-home", a_visitor_goes_with_its_home);
    }
  return g_test_run ();
}

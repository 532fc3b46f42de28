/* SPDX-License-Identifier: Apache-2.0 */

/* The mocks over TCP in one process: a broker that dies keeps its port and its store. */

#include "rmq-mock-broker.h"
#include "rmq-mock-nameserver.h"
#include "rmq-real-world.h"

#define WAIT_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  RmqWorld *world;
  RmqEnv *env;        /* of the name server */
  RmqEnv *broker_env; /* of the broker's present life */
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  RmqParker parker;
  RmqConnection *connection;
  GError *end;
} Fixture;

static void
wake (gpointer data)
{
  Fixture *f = data;
  rmq_parker_wake (&f->parker);
}

/* Runs func as owner, then waits for wake(). */
static void
call (Fixture *f, RmqEnvFunc func)
{
  rmq_parker_init (&f->parker, f->env);
  g_assert_cmpint (rmq_env_call (f->env, func, f, &f->parker, rmq_env_now (f->env) + WAIT_US), ==,
                   RMQ_WAKE_WOKEN);
}

static void
start_all (gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  f->nameserver = rmq_mock_nameserver_new ("ns1", NULL);
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, f->env, "127.0.0.1:0", &error));
  f->broker = rmq_mock_broker_new (&(RmqMockBrokerOptions){
      .name = "broker-a", .namesrv = rmq_mock_nameserver_get_address (f->nameserver) });
  rmq_mock_broker_set_settled_func (f->broker, wake, f);
  g_assert_true (rmq_mock_broker_start (f->broker, f->broker_env, "127.0.0.1:0", &error));
}

static void
end_all (gpointer data)
{
  Fixture *f = data;
  rmq_mock_broker_free (f->broker);
  rmq_mock_nameserver_free (f->nameserver);
}

static RmqEnv *
add_host (Fixture *f)
{
  return rmq_world_add_host (f->world,
                             &(RmqHostSpec){ .name = "broker-a", .address = "127.0.0.1" });
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->world = rmq_real_world_new ();
  f->env = rmq_real_world_add_local_host (f->world);
  f->broker_env = add_host (f);
  call (f, start_all);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  rmq_real_world_run (f->world, end_all, f);
  g_clear_error (&f->end);
  rmq_env_unref (f->broker_env);
  rmq_env_unref (f->env);
  rmq_world_unref (f->world);
}

static void
closed_cb (RmqConnection *connection, const GError *reason, gpointer data)
{
  Fixture *f = data;
  f->end = g_error_copy (reason);
  rmq_parker_wake (&f->parker);
}

static void
command_cb (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  g_assert_not_reached ();
}

static void
connect_to_broker (gpointer data)
{
  static const RmqConnectionFuncs funcs = { .command = command_cb, .closed = closed_cb };
  Fixture *f = data;
  g_clear_error (&f->end);
  f->connection = rmq_connection_connect (f->env, rmq_mock_broker_get_address (f->broker),
                                          3 * G_TIME_SPAN_SECOND, &funcs, f);
}

static void
drop_connection (gpointer data)
{
  Fixture *f = data;
  g_clear_pointer (&f->connection, rmq_connection_unref);
}

static void
kill_broker (gpointer data)
{
  Fixture *f = data;
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
}

static void
stop_broker (gpointer data)
{
  Fixture *f = data;
  rmq_mock_broker_stop (f->broker);
}

static void
start_again (gpointer data)
{
  Fixture *f = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (rmq_mock_broker_get_address (f->broker));
  g_assert_true (rmq_mock_broker_start (f->broker, f->broker_env, address, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rmq_mock_broker_get_address (f->broker), ==, address);
}

static void
assert_refused_then_back (Fixture *f)
{
  call (f, connect_to_broker); /* woken by its end */
  g_assert_nonnull (strstr (f->end->message, "refused"));
  rmq_real_world_run (f->world, drop_connection, f);
  call (f, start_again); /* woken when it has registered */
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

static void
test_kill (Fixture *f, gconstpointer unused)
{
  rmq_real_world_run (f->world, kill_broker, f);
  rmq_env_unref (f->broker_env);
  f->broker_env = add_host (f);
  assert_refused_then_back (f);
}

static void
test_stop (Fixture *f, gconstpointer unused)
{
  rmq_real_world_run (f->world, stop_broker, f);
  assert_refused_then_back (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/mock/real-world/a-killed-broker-refuses-and-comes-back", Fixture, NULL, set_up,
              test_kill, tear_down);
  g_test_add ("/mock/real-world/a-stopped-broker-refuses-and-comes-back", Fixture, NULL, set_up,
              test_stop, tear_down);
  return g_test_run ();
}

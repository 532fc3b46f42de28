/* SPDX-License-Identifier: Apache-2.0 */

/* A master and its slave in one simulated world, one raw client at each; what is done to them, and
 * what is asked of both. */

#include "slave-fixture.h"

RmqEnv *
slave_fixture_start (SlaveFixture *f, RmqMockBroker *broker, const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *listen = g_strdup_printf ("%s:10911", address);
  RmqEnv *env = lab_add_host (f->lab, rmq_mock_broker_get_name (broker), address);
  gboolean started = rmq_mock_broker_start (broker, env, listen, &error);
  g_assert_no_error (error);
  g_assert_true (started);
  return env;
}

void
slave_fixture_set_up (SlaveFixture *f, gconstpointer data)
{
  const SlaveKind *kind = data;
  f->lab = lab_new (1);
  RmqMockBrokerOptions options = {
    .name = "broker-a",
    .profile = rmq_mock_profile_find (kind->profile),
    .settings = kind->settings,
  };
  f->master = rmq_mock_broker_new (&options);
  options.id = 1;
  options.master = f->master;
  f->slave = rmq_mock_broker_new (&options);
  f->master_env = slave_fixture_start (f, f->master, "10.0.0.9");
  f->slave_env = slave_fixture_start (f, f->slave, "10.0.0.10");
  rmq_mock_broker_add_topic (f->master, "Orders", 4, 4, 6);
  rmq_mock_broker_add_topic (f->slave, "Orders", 4, 4, 6);
  f->client = lab_connect (f->lab, "client", rmq_mock_broker_get_address (f->master));
  f->reader = lab_connect (f->lab, "reader", rmq_mock_broker_get_address (f->slave));
}

void
slave_fixture_tear_down (SlaveFixture *f, gconstpointer data)
{
  client_free (f->client);
  client_free (f->reader);
  rmq_mock_broker_free (f->slave);
  rmq_mock_broker_free (f->master);
  rmq_env_unref (f->master_env);
  rmq_env_unref (f->slave_env);
  lab_free (f->lab);
}

/* The code of a send's answer, and how long that took. */
gint
slave_fixture_send (SlaveFixture *f, const char *topic, const char *properties, gint64 *took_us)
{
  gint64 start_us = rmq_env_now (f->client->env);
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_send (topic, 1, properties, "x"));
  g_assert_nonnull (response);
  *took_us = rmq_env_now (f->client->env) - start_us;
  return rmq_remoting_command_get_code (response);
}

gint
slave_fixture_send_code (SlaveFixture *f, const char *properties)
{
  gint64 took_us;
  return slave_fixture_send (f, "Orders", properties, &took_us);
}

void
assert_took_ms (gint64 took_us, gint64 at_least, gint64 below)
{
  g_assert_cmpint (took_us, >=, at_least * MS);
  g_assert_cmpint (took_us, <, below * MS);
}

/* The slave's log is the master's, place by place. */
void
assert_same_log (SlaveFixture *f)
{
  guint n = rmq_mock_broker_get_n_messages (f->master);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->slave), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const RmqStoredMessage *one = rmq_mock_broker_get_message (f->master, i);
      const RmqStoredMessage *other = rmq_mock_broker_get_message (f->slave, i);
      g_assert_cmpint (one->physical_offset, ==, other->physical_offset);
      g_assert_cmpint (one->queue_offset, ==, other->queue_offset);
      g_assert_cmpint (one->queue_id, ==, other->queue_id);
      g_assert_cmpint (one->store_ms, ==, other->store_ms);
      g_assert_cmpstr (one->topic, ==, other->topic);
      g_assert_cmpstr (one->born_host, ==, other->born_host);
      g_assert_true (g_bytes_equal (one->body, other->body));
    }
}

guint
slave_fixture_count (SlaveFixture *f)
{
  return rmq_mock_broker_get_n_messages (f->slave);
}

void
slave_fixture_pause (SlaveFixture *f, gboolean on)
{
  rmq_mock_server_set_state (rmq_mock_broker_get_server (f->slave), RMQ_SERVER_PAUSE, on, NULL);
}

void
slave_fixture_kill (SlaveFixture *f)
{
  rmq_mock_broker_kill (f->slave, RMQ_CLOSE_FIN);
}

void
slave_fixture_restart (SlaveFixture *f)
{
  rmq_env_unref (f->slave_env);
  f->slave_env = slave_fixture_start (f, f->slave, "10.0.0.10");
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What a slave holds, when, and what clients see of it. */

#include "rmq-codes-private.h"
#include "rmq-pull-headers.h"
#include "slave-fixture.h"

static RmqRemotingCommand *
new_pull (gint64 offset, gint sys_flag)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_PULL_MESSAGE);
  rmq_remoting_command_add_ext (request, "consumerGroup", "CG");
  rmq_remoting_command_add_ext (request, "topic", "Orders");
  rmq_remoting_command_add_ext (request, "queueId", "1");
  rmq_remoting_command_add_ext_int (request, "queueOffset", offset);
  rmq_remoting_command_add_ext_int (request, "sysFlag", sys_flag | RMQ_PULL_SYS_FLAG_SUBSCRIPTION);
  rmq_remoting_command_add_ext (request, "maxMsgNums", "32");
  rmq_remoting_command_add_ext (request, "commitOffset", "0");
  rmq_remoting_command_add_ext (request, "suspendTimeoutMillis", "15000");
  rmq_remoting_command_add_ext (request, "subscription", "*");
  rmq_remoting_command_add_ext (request, "subVersion", "0");
  return request;
}

/* ---- the log ------------------------------------------------------------- */

static void
test_copies (SlaveFixture *f, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (slave_fixture_send_code (f, "TAGS\001t"), ==, 0);
  lab_run_for (f->lab, S / 5);
  g_assert_cmpuint (slave_fixture_count (f), ==, 5);
  assert_same_log (f);
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_stored), ==, 5);
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_replicated), ==, 5);
}

static void
test_lags (SlaveFixture *f, gconstpointer data)
{
  lab_run_for (f->lab, S);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
  g_assert_cmpuint (slave_fixture_count (f), ==, 0); /* it looks all 100 ms */
  lab_run_for (f->lab, 101 * MS);
  g_assert_cmpuint (slave_fixture_count (f), ==, 1);
}

static void
test_catches_up (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  for (guint i = 0; i < 3; i++)
    slave_fixture_send_code (f, NULL);
  lab_run_for (f->lab, S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 0);
  slave_fixture_pause (f, FALSE);
  lab_run_for (f->lab, S / 5);
  assert_same_log (f);
  slave_fixture_kill (f);
  slave_fixture_send_code (f, NULL);
  slave_fixture_restart (f);
  lab_run_for (f->lab, 4 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 3); /* it connects after 5 s */
  lab_run_for (f->lab, 2 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 4);
  assert_same_log (f);
}

static void
test_starts_empty (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, NULL);
  slave_fixture_send_code (f, "K\001a longer one");
  lab_run_for (f->lab, S / 5);
  slave_fixture_kill (f);
  rmq_mock_broker_forget_store (f->slave);
  g_assert_cmpuint (slave_fixture_count (f), ==, 0);
  slave_fixture_restart (f);
  lab_run_for (f->lab, 6 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 2);
  assert_same_log (f);
}

/* The slave knows more than its master: nothing comes before that has grown as far. */
static void
test_master_starts_empty (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, NULL);
  slave_fixture_send_code (f, NULL);
  lab_run_for (f->lab, S / 5);
  client_free (f->client);
  rmq_mock_broker_kill (f->master, RMQ_CLOSE_FIN);
  rmq_mock_broker_forget_store (f->master);
  rmq_env_unref (f->master_env);
  f->master_env = slave_fixture_start (f, f->master, "10.0.0.9");
  f->client = lab_connect (f->lab, "client-2", rmq_mock_broker_get_address (f->master));
  lab_run_for (f->lab, 10 * S);
  slave_fixture_send_code (f, NULL);
  lab_run_for (f->lab, S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 2);
  slave_fixture_send_code (f, NULL);
  slave_fixture_send_code (f, NULL);
  lab_run_for (f->lab, S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 3); /* the first two are another story's */
}

static void
test_master_paused (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, NULL);
  RmqMockServer *server = rmq_mock_broker_get_server (f->master);
  rmq_mock_server_set_state (server, RMQ_SERVER_PAUSE, TRUE, NULL);
  lab_run_for (f->lab, 3 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 0);
  rmq_mock_server_set_state (server, RMQ_SERVER_PAUSE, FALSE, NULL);
  lab_run_for (f->lab, S / 5);
  g_assert_cmpuint (slave_fixture_count (f), ==, 1);
}

static void
test_master_dead (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, NULL);
  rmq_mock_broker_kill (f->master, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, 30 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 0); /* acknowledged, and not there twice */
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_ha_connection);
  g_assert_cmpstr (event->text, ==, "broker-a:1");
  g_assert_cmpint (event->fields[0], ==, 0);
  rmq_env_unref (f->master_env);
  f->master_env = slave_fixture_start (f, f->master, "10.0.0.9");
  lab_run_for (f->lab, 6 * S);
  g_assert_cmpuint (slave_fixture_count (f), ==, 1);
}

/* ---- the slave as clients see it ----------------------------------------- */

static void
test_pull (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, "TAGS\001t");
  lab_run_for (f->lab, S / 5);
  g_autoptr (RmqRemotingCommand) copied = client_call (f->lab, f->reader, new_pull (0, 0));
  g_autoptr (RmqRemotingCommand) original = client_call (f->lab, f->client, new_pull (0, 0));
  g_assert_cmpint (rmq_remoting_command_get_code (copied), ==, 0);
  /* the very record, the master's address in it */
  g_assert_true (g_bytes_equal (rmq_remoting_command_get_body (copied),
                                rmq_remoting_command_get_body (original)));
}

static void
test_pull_rejected (SlaveFixture *f, gconstpointer data)
{
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, f->reader, new_pull (0, 0));
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, 2);
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==,
                   "[REJECTREQUEST]system busy, start flow control for a while");
}

static gint64
time_held_pull (SlaveFixture *f)
{
  g_autoptr (RmqRemotingCommand) pull = new_pull (0, RMQ_PULL_SYS_FLAG_SUSPEND);
  lab_run_for (f->lab, 100 * MS);
  client_send (f->reader, pull);
  lab_run_for (f->lab, 100 * MS);
  gint64 start_us = rmq_env_now (f->reader->env);
  slave_fixture_send_code (f, NULL);
  while (f->reader->received->len == 0)
    lab_run_for (f->lab, 10 * MS);
  g_assert_cmpint (rmq_remoting_command_get_code (g_ptr_array_index (f->reader->received, 0)), ==,
                   0);
  return rmq_env_now (f->reader->env) - start_us;
}

static void
test_held_by_time (SlaveFixture *f, gconstpointer data)
{
  assert_took_ms (time_held_pull (f), 4500, 5100);
}

static void
test_held_until_copied (SlaveFixture *f, gconstpointer data)
{
  assert_took_ms (time_held_pull (f), 0, 150);
}

static gint
ask_slave_for_topic (SlaveFixture *f, const char *topic)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_GET_TOPIC_STATS_INFO);
  rmq_remoting_command_add_ext (request, "topic", topic);
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, f->reader, request);
  return rmq_remoting_command_get_code (response);
}

static void
test_tables (SlaveFixture *f, gconstpointer data)
{
  gint64 took_us;
  g_assert_cmpint (slave_fixture_send (f, "Made", NULL, &took_us), ==, 0);
  RmqRemotingCommand *commit =
      rmq_remoting_command_new_request (RMQ_REQUEST_UPDATE_CONSUMER_OFFSET);
  rmq_remoting_command_add_ext (commit, "consumerGroup", "CG");
  rmq_remoting_command_add_ext (commit, "topic", "Orders");
  rmq_remoting_command_add_ext (commit, "queueId", "1");
  rmq_remoting_command_add_ext (commit, "commitOffset", "7");
  g_autoptr (RmqRemotingCommand) committed = client_call (f->lab, f->client, commit);
  g_assert_cmpint (rmq_remoting_command_get_code (committed), ==, 0);
  lab_run_until (f->lab, 3 * S - 100 * MS);
  g_assert_cmpint (ask_slave_for_topic (f, "Made"), ==, 17);
  lab_run_until (f->lab, 3 * S + 100 * MS);
  g_assert_cmpint (ask_slave_for_topic (f, "Made"), ==, 0);
  RmqRemotingCommand *ask = rmq_remoting_command_new_request (RMQ_REQUEST_QUERY_CONSUMER_OFFSET);
  rmq_remoting_command_add_ext (ask, "consumerGroup", "CG");
  rmq_remoting_command_add_ext (ask, "topic", "Orders");
  rmq_remoting_command_add_ext (ask, "queueId", "1");
  g_autoptr (RmqRemotingCommand) offset = client_call (f->lab, f->reader, ask);
  g_assert_cmpstr (rmq_remoting_command_get_ext (offset, "offset"), ==, "7");
}

static void
delete_topic (SlaveFixture *f)
{
  RmqRemotingCommand *request =
      rmq_remoting_command_new_request (RMQ_REQUEST_DELETE_TOPIC_IN_BROKER);
  rmq_remoting_command_add_ext (request, "topic", "Orders");
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, f->client, request);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, 0);
}

static void
test_topic_deleted (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_send_code (f, NULL);
  slave_fixture_send_code (f, NULL);
  lab_run_for (f->lab, S / 5);
  delete_topic (f);
  slave_fixture_send_code (f, NULL); /* made anew, its queues begin at 0 */
  lab_run_for (f->lab, S / 5);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->slave, "Orders", 1), ==, 1);
  assert_same_log (f);
  delete_topic (f);
  lab_run_for (f->lab, 11 * S);
  g_assert_cmpint (ask_slave_for_topic (f, "Orders"), ==, 17);
  g_assert_cmpint (rmq_mock_broker_get_max_offset (f->slave, "Orders", 1), ==, 0);
}

static void
test_snapshot (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 1, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 10 * MS);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_mock_broker_fill_snapshot (f->master, snapshot);
  const char *table = "connectionList";
  g_assert_cmpint (snapshot_number (snapshot, table, "slave", "broker-a:1", "connected"), ==, 1);
  g_assert_cmpint (snapshot_number (snapshot, table, "slave", "broker-a:1", "ackOffset"), ==, 0);
  g_assert_cmpint (snapshot_number (snapshot, table, "slave", "broker-a:1", "behind"), >, 91);
  g_assert_cmpint (snapshot_number (snapshot, table, "slave", "broker-a:1", "waiting"), ==, 1);
}

/* ---- main ---------------------------------------------------------------- */

static const char *const readable[] = { "slaveReadEnable=true", NULL };

static const SlaveKind async_4_5_1 = { "4.5.1", NULL };
static const SlaveKind async_4_9 = { "4.9", NULL };
static const SlaveKind async_5_3 = { "5.3", NULL };
static const SlaveKind read_5_3 = { "5.3", readable };
static const char *const sync_master[] = { "brokerRole=SYNC_MASTER", NULL };
static const SlaveKind sync_4_9 = { "4.9", sync_master };

#define ADD(path, kind, test)                                                                      \
  g_test_add ("/mock/slaves/" path, SlaveFixture, &(kind), slave_fixture_set_up, test,             \
              slave_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("log/4.5.1/is-the-masters", async_4_5_1, test_copies);
  ADD ("log/4.9/is-the-masters", async_4_9, test_copies);
  ADD ("log/5.3/is-the-masters", async_5_3, test_copies);
  ADD ("log/4.9/comes-all-100-ms", async_4_9, test_lags);
  ADD ("log/4.9/catches-up-after-pause-and-death", async_4_9, test_catches_up);
  ADD ("log/4.9/comes-whole-to-an-empty-slave", async_4_9, test_starts_empty);
  ADD ("log/4.9/waits-for-a-master-that-started-empty", async_4_9, test_master_starts_empty);
  ADD ("log/4.9/does-not-come-from-a-paused-master", async_4_9, test_master_paused);
  ADD ("log/4.9/what-a-dead-master-kept-comes-later", async_4_9, test_master_dead);
  ADD ("slave/4.9/serves-the-masters-records", async_4_9, test_pull);
  ADD ("slave/4.9/wakes-pulls-by-time", async_4_9, test_held_by_time);
  ADD ("slave/5.3/serves-only-if-it-may", async_5_3, test_pull_rejected);
  ADD ("slave/5.3/wakes-pulls-by-copies", read_5_3, test_held_until_copied);
  ADD ("slave/4.9/takes-tables-after-3-s", async_4_9, test_tables);
  ADD ("slave/4.9/a-deleted-topic-goes", async_4_9, test_topic_deleted);
  ADD ("slave/4.9/shows-in-the-masters-snapshot", sync_4_9, test_snapshot);
  return g_test_run ();
}

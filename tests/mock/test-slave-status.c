/* SPDX-License-Identifier: Apache-2.0 */

/* What a master's answers say of its slave's copies: 0, 11, 12, and 10 of the disk. */

#include "rmq-codes-private.h"
#include "slave-fixture.h"

/* ---- answers ------------------------------------------------------------- */

static void
test_sync_ok (SlaveFixture *f, gconstpointer data)
{
  gint64 took_us;
  g_assert_cmpint (slave_fixture_send (f, "Orders", NULL, &took_us), ==, 0);
  assert_took_ms (took_us, 1, 10);
  g_assert_cmpuint (slave_fixture_count (f), ==, 1);
}

static void
test_sync_timeout (SlaveFixture *f, gconstpointer timeout_ms)
{
  gint64 took_us;
  slave_fixture_pause (f, TRUE);
  g_assert_cmpint (slave_fixture_send (f, "Orders", NULL, &took_us), ==, 12);
  assert_took_ms (took_us, 700, 710);
  g_assert_cmpint (slave_fixture_send (f, "Orders", "WAIT\001false", &took_us), ==, 0);
  assert_took_ms (took_us, 0, 10);
  slave_fixture_pause (f, FALSE);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->master), ==, 3);
  assert_same_log (f);
}

/* Who is answered late is answered as soon as the copy is there. */
static void
test_sync_late (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 1, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 300 * MS);
  g_assert_cmpuint (f->client->received->len, ==, 0);
  slave_fixture_pause (f, FALSE);
  lab_run_for (f->lab, 10 * MS);
  g_assert_cmpuint (f->client->received->len, ==, 1);
  assert_answer (g_ptr_array_index (f->client->received, 0), 0, NULL);
}

static void
test_sync_gone (SlaveFixture *f, gconstpointer data)
{
  gint64 took_us;
  slave_fixture_kill (f);
  g_assert_cmpint (slave_fixture_send (f, "Orders", NULL, &took_us), ==, 11);
  assert_took_ms (took_us, 0, 10);
  slave_fixture_restart (f);
  lab_run_for (f->lab, 6 * S);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
}

/* Its connection is closed when it was silent for 20 s. */
static void
test_sync_silent (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  lab_run_for (f->lab, 10 * S);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 12);
  lab_run_for (f->lab, 11 * S);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 11);
  slave_fixture_pause (f, FALSE);
  lab_run_for (f->lab, S);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
}

static void
test_sync_client_leaves (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 1, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 100 * MS);
  client_free (f->client);
  f->client = lab_connect (f->lab, "client-2", rmq_mock_broker_get_address (f->master));
  lab_run_for (f->lab, S);
  slave_fixture_pause (f, FALSE);
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->master), ==, 2);
}

static void
test_sync_master_dies (SlaveFixture *f, gconstpointer data)
{
  slave_fixture_pause (f, TRUE);
  g_autoptr (RmqRemotingCommand) request = new_send ("Orders", 1, NULL, "x");
  client_send (f->client, request);
  lab_run_for (f->lab, 100 * MS);
  rmq_mock_broker_kill (f->master, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, 2 * S);
  g_assert_cmpuint (f->client->received->len, ==, 0);
}

/* By its settings of old, 5.3 waits for nobody. */
static void
test_sync_not_waited (SlaveFixture *f, gconstpointer data)
{
  gint64 took_us;
  slave_fixture_kill (f);
  g_assert_cmpint (slave_fixture_send (f, "Orders", NULL, &took_us), ==, 0);
  assert_took_ms (took_us, 0, 10);
}

static void
test_sync_counted (SlaveFixture *f, gconstpointer data)
{
  gint64 took_us;
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 0);
  g_assert_cmpuint (slave_fixture_count (f), ==, 1);
  slave_fixture_kill (f);
  g_assert_cmpint (slave_fixture_send (f, "Orders", NULL, &took_us), ==, 12);
  assert_took_ms (took_us, 700, 710);
}

static void
test_flush_late (SlaveFixture *f, gconstpointer data)
{
  g_assert_cmpint (slave_fixture_send_code (f, NULL), ==, 10);
  g_assert_cmpint (slave_fixture_send_code (f, "WAIT\001false"), ==, 0);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->master), ==, 2);
}

/* ---- main ---------------------------------------------------------------- */

#define SYNC "brokerRole=SYNC_MASTER", "slaveTimeout=700"
static const char *const sync_master[] = { SYNC, NULL };
static const char *const sync_old[] = { "brokerRole=SYNC_MASTER", "syncFlushTimeout=700", NULL };
static const char *const sync_counting[] = { SYNC, "inSyncReplicas=2", NULL };
static const char *const late[] = { "flushDiskType=SYNC_FLUSH", "syncFlushTimeout=0", NULL };

static const SlaveKind sync_4_5_1 = { "4.5.1", sync_old };
static const SlaveKind sync_4_9 = { "4.9", sync_master };
static const SlaveKind sync_5_3 = { "5.3", sync_master };
static const SlaveKind counting_5_3 = { "5.3", sync_counting };
static const SlaveKind late_4_9 = { "4.9", late };

#define ADD(path, kind, test)                                                                      \
  g_test_add ("/mock/slave-status/" path, SlaveFixture, &(kind), slave_fixture_set_up, test,       \
              slave_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("4.5.1/waits-for-the-copy", sync_4_5_1, test_sync_ok);
  ADD ("4.9/waits-for-the-copy", sync_4_9, test_sync_ok);
  ADD ("4.5.1/12-after-syncFlushTimeout", sync_4_5_1, test_sync_timeout);
  ADD ("4.9/12-after-slaveTimeout", sync_4_9, test_sync_timeout);
  ADD ("4.9/late-but-in-time", sync_4_9, test_sync_late);
  ADD ("4.9/11-without-a-slave", sync_4_9, test_sync_gone);
  ADD ("4.9/11-when-silent-for-20-s", sync_4_9, test_sync_silent);
  ADD ("4.9/nobody-left-to-answer", sync_4_9, test_sync_client_leaves);
  ADD ("4.9/the-master-dies-waiting", sync_4_9, test_sync_master_dies);
  ADD ("5.3/waits-for-nobody-by-itself", sync_5_3, test_sync_not_waited);
  ADD ("5.3/12-when-copies-are-counted", counting_5_3, test_sync_counted);
  ADD ("4.9/10-when-no-time-is-given", late_4_9, test_flush_late);
  return g_test_run ();
}

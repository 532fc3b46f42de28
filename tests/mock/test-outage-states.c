/* SPDX-License-Identifier: Apache-2.0 */

/* How outages end, and the outages of a whole mock. */

#include "outage-fixture.h"
#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND
#define MS G_TIME_SPAN_MILLISECOND

/* ---- ends ---------------------------------------------------------------- */

static void
test_until (Fixture *f, gconstpointer unused)
{
  gint64 until_us = rmq_sim_world_now (f->lab->world) + 20 * SECOND;
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rule.until_us = until_us;
  rmq_outage_table_add (f->outages, &rule);
  g_assert_false (send_one (f, 0, NULL));
  lab_run_until (f->lab, until_us);
  g_assert_cmpuint (rmq_outage_table_get_n (f->outages), ==, 0);
  g_assert_cmpint (lab_last_event (f->lab, &rmq_event_outage_off)->at_us, ==, until_us);
  g_assert_true (send_one (f, 0, NULL));
}

static void
test_heal (Fixture *f, gconstpointer unused)
{
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rmq_outage_table_add (f->outages, &rule);
  rmq_mock_server_set_state (f->server, RMQ_SERVER_HANG, TRUE, "broker-a hang");
  rmq_mock_server_set_state (f->server, RMQ_SERVER_REFUSE, TRUE, NULL);
  g_assert_cmpuint (rmq_mock_server_heal (f->server), ==, 3);
  g_assert_true (send_one (f, 0, NULL));
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_outage_off), ==, 3);
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  g_assert_null (other->end);
  client_free (other);
}

/* ---- states -------------------------------------------------------------- */

static void
test_hang (Fixture *f, gconstpointer unused)
{
  rmq_mock_server_set_state (f->server, RMQ_SERVER_HANG, TRUE, "at 5s broker-a hang");
  g_assert_false (send_one (f, 0, NULL));
  g_assert_null (f->client->end);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
  g_assert_cmpstr (rmq_mock_server_describe_state (f->server), ==, "hangs");
  g_assert_cmpstr (lab_last_event (f->lab, &rmq_event_outage_hit)->text, ==, "at 5s broker-a hang");
  rmq_mock_server_set_state (f->server, RMQ_SERVER_HANG, FALSE, NULL);
  g_assert_true (send_one (f, 0, NULL));
}

static void
test_hung_broker_stops_registering (void)
{
  Lab *lab = lab_new (1);
  RmqMockNameserver *nameserver = lab_start_nameserver (lab, "ns1");
  RmqMockBroker *broker = lab_start_broker (lab, "broker-a", nameserver);
  lab_run_until (lab, 15 * SECOND);
  guint n_before = lab_count_events (lab, &rmq_event_broker_register);
  rmq_mock_server_set_state (rmq_mock_broker_get_server (broker), RMQ_SERVER_HANG, TRUE, NULL);
  lab_run_until (lab, 100 * SECOND);
  g_assert_cmpuint (lab_count_events (lab, &rmq_event_broker_register), ==, n_before);
  g_assert_true (rmq_mock_nameserver_has_broker (nameserver, "broker-a"));
  lab_run_until (lab, 131 * SECOND); /* its idle connection ends 120 s after the last one */
  g_assert_false (rmq_mock_nameserver_has_broker (nameserver, "broker-a"));
  rmq_mock_broker_free (broker);
  rmq_mock_nameserver_free (nameserver);
  lab_free (lab);
}

static void
test_refuse (Fixture *f, gconstpointer unused)
{
  rmq_mock_server_set_state (f->server, RMQ_SERVER_REFUSE, TRUE, NULL);
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  g_assert_nonnull (other->end);
  client_free (other);
  g_assert_true (send_one (f, 0, NULL)); /* connections stay */
}

static void
test_pause_runs_the_backlog (Fixture *f, gconstpointer unused)
{
  rmq_mock_server_set_state (f->server, RMQ_SERVER_PAUSE, TRUE, NULL);
  g_assert_false (send_one (f, 0, NULL));
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  g_assert_null (other->end); /* the kernel accepts */
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
  rmq_mock_server_set_state (f->server, RMQ_SERVER_PAUSE, FALSE, NULL);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 1);
  client_free (other);
}

static void
test_close_all (Fixture *f, gconstpointer data)
{
  RmqCloseHow how = GPOINTER_TO_INT (data);
  rmq_mock_server_close_all (f->server, how, "broker-a close");
  lab_run_for (f->lab, SECOND);
  g_assert_nonnull (strstr (f->client->end, how == RMQ_CLOSE_RST ? "reset" : "closed"));
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  g_assert_null (other->end); /* the listener stays */
  client_free (other);
}

static void
test_rules_survive_a_kill (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  RmqOutageRule rule = new_rule (RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE);
  rmq_outage_table_add (f->outages, &rule);
  g_autofree char *address = g_strdup (rmq_mock_broker_get_address (f->broker));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  rmq_mock_server_note_down (f->server, "at 5s broker-a kill");
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
  g_assert_cmpstr (rmq_mock_server_describe_state (f->server), ==, "down");
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", ip);
  g_assert_true (rmq_mock_broker_start (f->broker, env, address, &error));
  g_assert_cmpstr (lab_last_event (f->lab, &rmq_event_outage_off)->text, ==, "at 5s broker-a kill");
  client_free (f->client);
  f->client = lab_connect (f->lab, "client", address);
  g_assert_false (send_one (f, 0, NULL));
}

static void
test_request_log_is_bounded (Fixture *f, gconstpointer unused)
{
  g_autofree char *body = g_strnfill (1 << 20, 'b');
  for (guint i = 0; i < 12; i++)
    rmq_remoting_command_unref (
        client_call (f->lab, f->client, new_send ("Orders", 0, NULL, body)));
  const RmqRequestLog *requests = rmq_mock_server_get_requests (f->server);
  g_assert_cmpuint (requests->last, ==, 12);
  g_assert_cmpuint (requests->size_bytes, <=, RMQ_REQUESTS_MAX_BYTES);
  g_assert_cmpuint (requests->first, ==, 6);
  g_assert_null (rmq_request_log_get (requests, 5));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/outage/" path, Fixture, data, set_up, func, tear_down)
  ADD ("end/until-its-time", NULL, test_until);
  ADD ("end/heal-ends-rules-and-states", NULL, test_heal);
  ADD ("state/hung-reads-and-never-answers", NULL, test_hang);
  g_test_add_func ("/mock/outage/state/hung-broker-stops-registering",
                   test_hung_broker_stops_registering);
  ADD ("state/refusing-keeps-its-connections", NULL, test_refuse);
  ADD ("state/pause-runs-the-backlog-on-resume", NULL, test_pause_runs_the_backlog);
  ADD ("state/close-ends-connections-with-fin", GINT_TO_POINTER (RMQ_CLOSE_FIN), test_close_all);
  ADD ("state/reset-ends-connections-with-rst", GINT_TO_POINTER (RMQ_CLOSE_RST), test_close_all);
  ADD ("state/rules-survive-a-kill", NULL, test_rules_survive_a_kill);
  ADD ("requests/the-log-is-bounded-by-bytes", NULL, test_request_log_is_bounded);
  return g_test_run ();
}

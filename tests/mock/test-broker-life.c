/* SPDX-License-Identifier: Apache-2.0 */

/* The mock broker in time: registrations, topics it creates, clients, kill, stop, reset. */

#include "broker-fixture.h"
#include "rmq-codes-private.h"
#include "rmq-headers.h"
#include "rmq-wire-events.h"

#define SECOND G_TIME_SPAN_SECOND

/* ---- registration -------------------------------------------------------- */

static void
test_registers_on_time (Fixture *f, gconstpointer unused)
{
  /* the second 0: Orders was added; 60: the transactions' topics */
  static const gint64 expected_s[] = { 0, 0, 10, 40, 60, 60, 70 };
  guint n = 0;
  lab_run_until (f->lab, 75 * SECOND);
  for (guint i = 0; i < f->lab->events->len; i++)
    {
      const RmqEvent *event = &g_array_index (f->lab->events, RmqEvent, i);
      if (event->kind != &rmq_event_broker_register)
        continue;
      g_assert_cmpuint (n, <, G_N_ELEMENTS (expected_s));
      g_assert_cmpint (event->at_us - expected_s[n] * SECOND, <, 50 * 1000);
      g_assert_cmpint (event->at_us, >=, expected_s[n] * SECOND);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected_s));
}

static void
test_system_topics (Fixture *f, gconstpointer unused)
{
  static const char *const topics[] = { "SELF_TEST_TOPIC",
                                        "TBW102",
                                        "BenchmarkTest",
                                        "DefaultCluster",
                                        "broker-a",
                                        "OFFSET_MOVED_EVENT",
                                        "SCHEDULE_TOPIC_XXXX",
                                        "DefaultCluster_REPLY_TOPIC" };
  for (guint i = 0; i < G_N_ELEMENTS (topics); i++)
    g_assert_cmpint (route_code (f, topics[i]), ==, RMQ_RESPONSE_SUCCESS);
}

static void
test_auto_creation (Fixture *f, gconstpointer unused)
{
  g_assert_cmpint (route_code (f, "New"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("New", 3, NULL, "x"));
  assert_sent (response, "3", "0");
  lab_run_for (f->lab, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (route_code (f, "New"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_nameserver_fill_snapshot (f->nameserver, snapshot);
  g_assert_cmpint (snapshot_number (snapshot, "topicQueueTable", "topic", "New", "writeQueueNums"),
                   ==, 4);
  g_assert_cmpint (snapshot_number (snapshot, "topicQueueTable", "topic", "New", "perm"), ==, 6);
  const RmqRequestLog *requests =
      rmq_mock_server_get_requests (rmq_mock_nameserver_get_server (f->nameserver));
  guint n_oneway = 0;
  for (guint64 i = requests->first; i <= requests->last; i++)
    n_oneway += rmq_remoting_command_is_oneway (rmq_request_log_get (requests, i)->command);
  g_assert_cmpuint (n_oneway, ==, 1); /* the whole table, as a 4.x broker announces it */
}

static void
test_template_limits_queues (Fixture *f, gconstpointer unused)
{
  static const struct
  {
    const char *topic, *template, *asked;
    gint got;
  } rows[] = { { "T4", "TBW102", "4", 4 },
               { "T16", "TBW102", "16", 8 },
               { "T1", "TBW102", "1", 1 },
               { "T20", "DefaultCluster", "20", 16 } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      RmqRemotingCommand *request = new_send (rows[i].topic, 0, NULL, "x");
      rmq_remoting_command_add_ext (request, "c", rows[i].template);
      rmq_remoting_command_add_ext (request, "d", rows[i].asked);
      g_autoptr (RmqRemotingCommand) response = call (f, request);
      assert_sent (response, "0", "0");
    }
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (
        snapshot_number (snapshot, "topicConfigTable", "topic", rows[i].topic, "writeQueueNums"),
        ==, rows[i].got);
}

/* ---- clients ------------------------------------------------------------- */

static guint
count_group (Fixture *f, const char *group)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 0);
  rmq_mock_broker_fill_snapshot (f->broker, snapshot);
  return snapshot_rows (snapshot, "groupChannelTable", "group", group);
}

static void
heartbeat (Fixture *f, Client *client)
{
  g_autoptr (RmqHeartbeatData) data = rmq_heartbeat_data_new ("127.0.0.1@prod");
  g_ptr_array_add (data->producer_groups, g_strdup ("PG"));
  g_ptr_array_add (data->producer_groups, g_strdup (RMQ_CLIENT_INNER_PRODUCER));
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_HEART_BEAT);
  g_autoptr (GBytes) body = rmq_heartbeat_data_encode (data);
  rmq_remoting_command_set_body (request, body);
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, client, request);
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_false (rmq_remoting_command_has_ext (response));
}

static void
test_heartbeat_and_goodbye (Fixture *f, gconstpointer unused)
{
  heartbeat (f, f->client);
  heartbeat (f, f->client);
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  RmqUnregisterClientRequestHeader header = { .client_id = "127.0.0.1@prod",
                                              .producer_group = "PG" };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_CLIENT);
  rmq_header_encode (&rmq_unregister_client_request_header, RMQ_HEADER_LONG_NAMES, &header,
                     request);
  g_autoptr (RmqRemotingCommand) response = call (f, request);
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
  g_assert_cmpuint (count_group (f, RMQ_CLIENT_INNER_PRODUCER), ==, 1);
}

static void
test_client_goes_with_its_connection (Fixture *f, gconstpointer unused)
{
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  heartbeat (f, other);
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  client_free (other);
  lab_run_for (f->lab, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
}

static void
test_silent_client_is_dropped (Fixture *f, gconstpointer unused)
{
  heartbeat (f, f->client);
  for (guint i = 1; i <= 12; i++) /* traffic, but no heartbeat */
    {
      lab_run_until (f->lab, i * 10 * SECOND);
      rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
    }
  g_assert_cmpuint (count_group (f, "PG"), ==, 1);
  lab_run_until (f->lab, 131 * SECOND);
  g_assert_cmpuint (count_group (f, "PG"), ==, 0);
  g_assert_nonnull (f->client->end);
}

/* ---- life ---------------------------------------------------------------- */

static void
test_kill_keeps_the_store (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_remoting_command_unref (call (f, new_send ("Made", 0, NULL, "x")));
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_nonnull (f->client->end);
  restart (f);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_cmpint (route_code (f, "Made"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "1");
  lab_run_for (f->lab, 100 * SECOND); /* the dead host's timers stay silent */
}

static void
test_start_empty_forgets (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_remoting_command_unref (call (f, new_send ("Made", 0, NULL, "x")));
  rmq_mock_broker_kill (f->broker, RMQ_CLOSE_FIN);
  rmq_mock_broker_forget_store (f->broker);
  lab_run_for (f->lab, SECOND);
  restart (f);
  g_assert_cmpint (route_code (f, "Made"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_SUCCESS);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "0");
}

/* 4.9: refuses at once, the name server hears of it 3.7 s later. */
static void
test_stop (Fixture *f, gconstpointer unused)
{
  gint64 stopped_us = rmq_sim_world_now (f->lab->world);
  rmq_mock_broker_stop (f->broker);
  lab_run_for (f->lab, 50 * G_TIME_SPAN_MILLISECOND);
  g_assert_nonnull (f->client->end);
  Client *late = lab_connect (f->lab, "late", rmq_mock_broker_get_address (f->broker));
  g_assert_nonnull (late->end);
  client_free (late);
  lab_run_until (f->lab, stopped_us + 3600 * 1000);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  lab_run_until (f->lab, stopped_us + 3800 * 1000);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_broker_unregister), ==, 1);
  restart (f);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

static void
test_survives_its_name_server (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (rmq_mock_nameserver_get_address (f->nameserver));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  lab_run_until (f->lab, 65 * SECOND);
  rmq_mock_nameserver_kill (f->nameserver, RMQ_CLOSE_FIN);
  lab_run_until (f->lab, 75 * SECOND); /* one registration is refused */
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "ns1", ip);
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, env, address, &error));
  lab_run_until (f->lab, 99 * SECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  lab_run_until (f->lab, 101 * SECOND);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

static void
test_reset (Fixture *f, gconstpointer unused)
{
  rmq_remoting_command_unref (call (f, new_send ("Orders", 0, NULL, "x")));
  rmq_mock_nameserver_reset (f->nameserver);
  rmq_mock_broker_reset (f->broker);
  lab_run_for (f->lab, SECOND);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (f->broker), ==, 0);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_assert_cmpint (route_code (f, "TBW102"), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_null (f->client->end); /* connections stay */
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "y"));
  assert_sent (response, "0", "0");
}

static void
test_garbage_closes (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) preface = g_bytes_new_static ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  Client *other = lab_connect (f->lab, "other", rmq_mock_broker_get_address (f->broker));
  rmq_connection_send_raw (other->connection, preface);
  lab_run_for (f->lab, SECOND);
  g_assert_nonnull (other->end);
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_bad_frame);
  g_assert_nonnull (strstr (event->text, "HTTP/2"));
  client_free (other);
  g_autoptr (RmqRemotingCommand) response = call (f, new_send ("Orders", 0, NULL, "x"));
  assert_sent (response, "0", "0"); /* the others never notice */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/broker/" path, Fixture, data, set_up, func, tear_down)
  ADD ("register/4.9/at-0-10-40-60-70", NULL, test_registers_on_time);
  ADD ("register/4.9/system-topics-are-routed", NULL, test_system_topics);
  ADD ("topic/4.9/a-send-creates-it-and-it-is-routed", NULL, test_auto_creation);
  ADD ("topic/4.9/the-template-limits-its-queues", NULL, test_template_limits_queues);
  ADD ("client/heartbeat-adds-goodbye-removes", NULL, test_heartbeat_and_goodbye);
  ADD ("client/goes-with-its-connection", NULL, test_client_goes_with_its_connection);
  ADD ("client/4.9/silent-for-120-s-is-dropped", NULL, test_silent_client_is_dropped);
  ADD ("life/kill-keeps-the-store", NULL, test_kill_keeps_the_store);
  ADD ("life/start-empty-forgets", NULL, test_start_empty_forgets);
  ADD ("life/4.9/stop-refuses-at-once-and-unregisters-later", NULL, test_stop);
  ADD ("life/4.9/a-restarted-name-server-waits-for-the-tick", NULL, test_survives_its_name_server);
  ADD ("life/reset-forgets-and-keeps-connections", NULL, test_reset);
  ADD ("life/garbage-ends-one-connection-only", NULL, test_garbage_closes);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The same scenarios over TCP, and RmqMockCluster as somebody else's test uses it. */

#include <string.h>

#include "rmq-mock-cluster.h"
#include "rmq/rmq.h"
#include "run-lab.h"

static void
test_scenario (gconstpointer name)
{
  g_autoptr (RmqScenario) scenario = run_lab_load (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRun) run = rmq_run_new (scenario, &(RmqRunOptions){ .real = TRUE }, &error);
  g_assert_no_error (error);
  rmq_run_run_until (run, G_MAXINT64);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *text = rmq_report_format (report);
  g_test_message ("%s", text);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  g_assert_null (report->hashes[0]);
  g_assert_null (strstr (text, "replay"));
}

/* Sends of every mode are under way when the run is let go. */
static void
test_quit (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (
      "nameserver ns1\nbroker broker-a broker-b\ntopic Orders queues 4 on broker-a broker-b\n"
      "producer P group PG\nproducer Q group QG\n"
      "P sends 9000 x to Orders async every 1ms as a\nP sends 9000 x to Orders every 1ms as s\n"
      "Q sends 9000 x to Orders oneway every 1ms as w\n"
      "broker-b delay 50ms 20% of send responses\n");
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqRun) run = rmq_run_new (scenario, &(RmqRunOptions){ .real = TRUE }, &error);
      g_assert_no_error (error);
      rmq_run_run_until (run, 60 * 1000);
      g_assert_false (rmq_run_is_over (run));
      g_autoptr (RmqReport) report = rmq_run_judge (run);
      g_assert_cmpint (rmq_report_get_status (report), ==, 4);
    }
}

static RmqProducer *
start_producer (RmqMockCluster *cluster)
{
  g_autoptr (GError) error = NULL;
  RmqProducer *producer = rmq_producer_new ("PG_TEST");
  rmq_producer_set_namesrv_addr (producer, rmq_mock_cluster_get_namesrv_addr (cluster));
  rmq_producer_start (producer, &error);
  g_assert_no_error (error);
  return producer;
}

static RmqSendResult *
send_one (RmqProducer *producer, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  g_autoptr (RmqMessage) message = rmq_message_new ("Orders", body);
  return rmq_producer_send (producer, message, 0, error);
}

static void
test_cluster (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMockCluster) cluster = rmq_mock_cluster_new (2, 2);
  rmq_mock_cluster_add_topic (cluster, "Orders", 4);
  gint64 before_us = g_get_monotonic_time ();
  g_assert_true (rmq_mock_cluster_start (cluster, &error));
  g_assert_cmpint (g_get_monotonic_time () - before_us, <, G_USEC_PER_SEC);
  g_assert_nonnull (strchr (rmq_mock_cluster_get_namesrv_addr (cluster), ';'));
  RmqProducer *producer = start_producer (cluster);
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (RmqSendResult) result = send_one (producer, &error);
      g_assert_no_error (error);
      g_assert_nonnull (result);
    }
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), ==, 8);
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Other"), ==, 0);
  rmq_producer_shutdown (producer);
  g_assert_finalize_object (producer);
  rmq_mock_cluster_stop (cluster);
}

static void
test_outages (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMockCluster) cluster = rmq_mock_cluster_new (1, 2);
  rmq_mock_cluster_add_topic (cluster, "Orders", 4);
  g_assert_true (rmq_mock_cluster_start (cluster, &error));
  RmqProducer *producer = start_producer (cluster);
  g_assert_true (rmq_mock_cluster_kill_broker (cluster, "broker-a", &error));
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (RmqSendResult) result = send_one (producer, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (
          rmq_message_queue_get_broker_name (rmq_send_result_get_message_queue (result)), ==,
          "broker-b");
    }
  g_assert_false (rmq_mock_cluster_kill_broker (cluster, "broker-a", &error));
  g_assert_nonnull (strstr (error->message, "down already"));
  g_clear_error (&error);
  g_assert_true (rmq_mock_cluster_start_broker (cluster, "broker-a", &error));
  g_assert_false (rmq_mock_cluster_stop_broker (cluster, "broker-c", &error));
  g_assert_nonnull (strstr (error->message, "did you mean"));
  g_clear_error (&error);
  g_assert_true (rmq_mock_cluster_execute (
      cluster, "broker-b answer MESSAGE_ILLEGAL next 1 send requests", &error));
  g_assert_true (rmq_mock_cluster_stop_broker (cluster, "broker-a", &error));
  g_assert_null (send_one (producer, &error));
  g_assert_cmpint (error->code, ==, 13);
  rmq_producer_shutdown (producer);
  g_object_unref (producer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/scenarios/real/first-send", "first-send", test_scenario);
  g_test_add_func ("/scenarios/real/quit-in-the-middle", test_quit);
  g_test_add_func ("/scenarios/cluster/takes-sends-of-a-producer", test_cluster);
  g_test_add_func ("/scenarios/cluster/brokers-die-and-come-back", test_outages);
  return g_test_run ();
}

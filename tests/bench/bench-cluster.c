/* SPDX-License-Identifier: Apache-2.0 */

/* A cluster and a producer in one program on the static libraries, which links no libsoup: its
 * memory and threads, or the time from making the cluster to the first SEND_OK. Prints NAME VALUE
 * lines for bench.py.
 *
 * usage: bench-cluster                    the time to the first SEND_OK, again and again
 *        bench-cluster footprint          memory and threads after sends
 *        bench-cluster NAMESRV N_TOPICS   of a producer alone, after sends to that many topics */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rmq-mock-cluster.h"
#include "rmq-producer.h"

#define N_BROKERS 3
#define N_STARTS 21
#define N_SENDS 100

static RmqMessage *
new_message (guint topic)
{
  g_autofree char *name = g_strdup_printf ("BenchTopic%u", topic);
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  return rmq_message_new (name, body);
}

static void
send_one (RmqProducer *producer, guint topic)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMessage) message = new_message (topic);
  g_autoptr (RmqSendResult) result = rmq_producer_send (producer, message, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (rmq_send_result_get_status (result), ==, RMQ_SEND_OK);
}

static RmqProducer *
start_producer (const char *namesrv)
{
  g_autoptr (GError) error = NULL;
  RmqProducer *producer = rmq_producer_new ("BENCH_GROUP");
  rmq_producer_set_namesrv_addr (producer, namesrv);
  rmq_producer_start (producer, &error);
  g_assert_no_error (error);
  return producer;
}

static RmqMockCluster *
start_cluster (void)
{
  g_autoptr (GError) error = NULL;
  RmqMockCluster *cluster = rmq_mock_cluster_new (1, N_BROKERS);
  rmq_mock_cluster_start (cluster, &error);
  g_assert_no_error (error);
  return cluster;
}

static void
count_down_cb (RmqSendResult *result, const GError *error, gpointer data)
{
  g_assert_no_error (error);
  g_atomic_int_add ((gint *)data, -1);
}

/* One with a callback, so that the thread of the callback lane exists too. */
static void
send_with_callback (RmqProducer *producer)
{
  gint left = 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMessage) message = new_message (0);
  rmq_producer_send_with_callback (producer, message, 0, count_down_cb, &left, &error);
  g_assert_no_error (error);
  while (g_atomic_int_get (&left) > 0)
    send_one (producer, 0);
}

static void
print_status (const char *field, const char *name)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  const char *line = strstr (text, field);
  g_assert_nonnull (line);
  printf ("%s %" G_GINT64_FORMAT "\n", name, g_ascii_strtoll (line + strlen (field), NULL, 10));
}

static void
print_footprint (const char *namesrv, guint n_topics)
{
  g_autofree char *maps = NULL;
  g_autoptr (RmqProducer) producer = start_producer (namesrv);
  for (guint i = 0; i < MAX (N_SENDS, n_topics); i++)
    send_one (producer, i % n_topics);
  send_with_callback (producer);
  print_status ("VmRSS:", "rss_kib");
  print_status ("Threads:", "threads");
  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  printf ("links_libsoup %d\n", strstr (maps, "libsoup") != NULL);
  rmq_producer_shutdown (producer);
}

static void
print_footprint_of_all (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  print_footprint (rmq_mock_cluster_get_namesrv_addr (cluster), 1);
}

static gint64
time_first_send_us (void)
{
  const gint64 start_us = g_get_monotonic_time ();
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  g_autoptr (RmqProducer) producer = start_producer (rmq_mock_cluster_get_namesrv_addr (cluster));
  send_one (producer, 0);
  const gint64 took_us = g_get_monotonic_time () - start_us;
  rmq_producer_shutdown (producer);
  return took_us;
}

int
main (int argc, char **argv)
{
  if (argc == 3)
    print_footprint (argv[1], (guint)atoi (argv[2]));
  else if (argc == 2)
    print_footprint_of_all ();
  else
    for (guint i = 0; i < N_STARTS; i++)
      printf ("first_send_us %" G_GINT64_FORMAT "\n", time_first_send_us ());
  return 0;
}

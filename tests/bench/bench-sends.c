/* SPDX-License-Identifier: Apache-2.0 */

/* Sends a second, beside a bare blocking ping-pong of the same bytes: sync on one thread and async
 * with bounded flight, to mocks in another process and in this one. Kinds take turns, so that a
 * noisy moment hits each; medians count, of times and of a round's share of its floor. Prints NAME
 * VALUE lines for bench.py.
 *
 * usage: bench-sends NAMESRV-ADDR-OF-THE-OTHER-PROCESS [ONE-KIND] */

#include <stdio.h>
#include <stdlib.h>

#include "bench-floor.h"
#include "rmq-mock-cluster-private.h"
#include "rmq-producer.h"
#include "rmq-wire-events.h"

#define BODY_BYTES 256
#define N_ROUNDS 15
#define N_SYNC 2000
#define N_ASYNC 20000
#define N_WARM_UP 500
#define IN_FLIGHT_MAX 512
#define CODE_SEND_V2 310

/* Full at IN_FLIGHT_MAX, it is filled up again from its half on: one wake-up for many sends. */
typedef struct
{
  guint in_flight;
  guint answered;
  guint failed;
  guint limit; /* what the sender waits for, or did */
  GMutex lock;
  GCond room;
} Flight;

typedef struct
{
  const char *name;
  RmqProducer *producer; /* NULL: the floor */
  gboolean async;
  guint n;
  double rounds_us[N_ROUNDS]; /* µs a send */
} Kind;

static RmqMessage *
new_message (void)
{
  static guint8 body[BODY_BYTES];
  g_autoptr (GBytes) bytes = g_bytes_new_static (body, sizeof body);
  return rmq_message_new ("BenchTopic", bytes);
}

static void
send_sync (RmqProducer *producer, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqMessage) message = new_message ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (producer, message, 0, &error);
      g_assert_no_error (error);
      g_assert_nonnull (result);
    }
}

static void
send_async_cb (RmqSendResult *result, const GError *error, gpointer data)
{
  Flight *flight = data;
  g_mutex_lock (&flight->lock);
  flight->in_flight--;
  flight->answered++;
  flight->failed += error != NULL;
  if (flight->in_flight == flight->limit)
    g_cond_signal (&flight->room);
  g_mutex_unlock (&flight->lock);
}

/* Lock held. */
static void
flight_wait (Flight *flight, guint limit)
{
  flight->limit = limit;
  while (flight->in_flight > limit)
    g_cond_wait (&flight->room, &flight->lock);
}

static void
send_async (RmqProducer *producer, guint n)
{
  Flight flight = { 0 };
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqMessage) message = new_message ();
      g_mutex_lock (&flight.lock);
      if (flight.in_flight == IN_FLIGHT_MAX)
        flight_wait (&flight, IN_FLIGHT_MAX / 2);
      flight.in_flight++;
      g_mutex_unlock (&flight.lock);
      rmq_producer_send_with_callback (producer, message, 0, send_async_cb, &flight, &error);
      g_assert_no_error (error);
    }
  g_mutex_lock (&flight.lock);
  flight_wait (&flight, 0);
  g_mutex_unlock (&flight.lock);
  g_assert_cmpuint (flight.answered, ==, n);
  g_assert_cmpuint (flight.failed, ==, 0);
}

static double
run_round (const Kind *kind, BenchFloor *floor)
{
  const gint64 start_us = g_get_monotonic_time ();
  if (kind->producer == NULL)
    bench_floor_round_trips (floor, kind->n);
  else if (kind->async)
    send_async (kind->producer, kind->n);
  else
    send_sync (kind->producer, kind->n);
  return (double)(g_get_monotonic_time () - start_us) / kind->n;
}

static int
compare_doubles (const void *a, const void *b)
{
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static double
median (double *values, guint n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

typedef struct
{
  guint32 request_bytes;
  guint32 answer_bytes;
} FrameSizes;

/* The client's side of a send: what left is a request, what came in is its answer. */
static void
note_frame_cb (const RmqEvent *event, gpointer data)
{
  FrameSizes *sizes = data;
  if (event->fields[1] == CODE_SEND_V2 && event->kind == &rmq_event_frame_out)
    sizes->request_bytes = (guint32)event->fields[4];
  if (event->fields[1] == 0 && event->kind == &rmq_event_frame_in)
    sizes->answer_bytes = (guint32)event->fields[4];
}

static FrameSizes
measure_frames (RmqMockCluster *cluster, RmqProducer *producer)
{
  FrameSizes sizes = { 0 };
  RmqEventLog *log = rmq_world_get_log (rmq_mock_cluster_get_world (cluster));
  const guint id = rmq_event_log_add_listener (log, note_frame_cb, &sizes);
  send_sync (producer, 1);
  rmq_event_log_remove_listener (log, id);
  g_assert_cmpuint (sizes.request_bytes, >, BODY_BYTES);
  g_assert_cmpuint (sizes.answer_bytes, >, 0);
  return sizes;
}

static RmqProducer *
start_producer (const char *group, const char *namesrv)
{
  g_autoptr (GError) error = NULL;
  RmqProducer *producer = rmq_producer_new (group);
  rmq_producer_set_namesrv_addr (producer, namesrv);
  rmq_producer_start (producer, &error);
  g_assert_no_error (error);
  send_sync (producer, N_WARM_UP);
  return producer;
}

/* The first kind is the floor. */
static void
print_kinds (Kind *kinds, guint n_kinds)
{
  for (guint i = n_kinds; i-- > 0;)
    {
      double shares[N_ROUNDS];
      for (guint round = 0; round < N_ROUNDS; round++)
        shares[round] = kinds[0].rounds_us[round] / kinds[i].rounds_us[round];
      printf ("%s_share %.4f\n", kinds[i].name, median (shares, N_ROUNDS));
      printf ("%s_us %.3f\n", kinds[i].name, median (kinds[i].rounds_us, N_ROUNDS));
    }
}

static RmqMockCluster *
start_cluster (void)
{
  g_autoptr (GError) error = NULL;
  RmqMockCluster *cluster = rmq_mock_cluster_new (1, 1);
  rmq_mock_cluster_start (cluster, &error);
  g_assert_no_error (error);
  return cluster;
}

int
main (int argc, char **argv)
{
  BenchFloor floor;
  g_assert_cmpint (argc, >=, 2);
  bench_floor_start (&floor);
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  const char *own_namesrv = rmq_mock_cluster_get_namesrv_addr (cluster);
  g_autoptr (RmqProducer) same = start_producer ("BENCH_SAME", own_namesrv);
  g_autoptr (RmqProducer) other = start_producer ("BENCH_OTHER", argv[1]);
  const FrameSizes sizes = measure_frames (cluster, same);
  bench_floor_set_sizes (&floor, sizes.request_bytes, sizes.answer_bytes);
  Kind kinds[] = {
    { .name = "floor", .n = N_SYNC },
    { .name = "sync_other", .producer = other, .n = N_SYNC },
    { .name = "sync_same", .producer = same, .n = N_SYNC },
    { .name = "async_other", .producer = other, .async = TRUE, .n = N_ASYNC },
    { .name = "async_same", .producer = same, .async = TRUE, .n = N_ASYNC },
  };
  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
      if (argc < 3 || g_str_equal (kinds[i].name, argv[2]))
        kinds[i].rounds_us[round] = run_round (&kinds[i], &floor);
  printf ("request_bytes %u\nanswer_bytes %u\n", sizes.request_bytes, sizes.answer_bytes);
  print_kinds (kinds, G_N_ELEMENTS (kinds));
  rmq_producer_shutdown (same);
  rmq_producer_shutdown (other);
  bench_floor_stop (&floor);
  return 0;
}

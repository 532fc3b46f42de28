/* SPDX-License-Identifier: Apache-2.0 */

/* Sends beside a bare blocking ping-pong of the same bytes: sync on one and four threads, async
 * with bounded flight, to mocks in another process and in this one. Kinds take turns in each round,
 * each at the places it is asked for, so that a noisy moment hits all. Prints NAME VALUE lines, one
 * of each name a round: µs and CPU time a send; bench.py makes medians and shares of them.
 *
 * usage: bench-sends NAMESRV PID [KIND]      to a mock cluster in another process; one kind alone
 * is for a profiler bench-sends                        to mocks in this process: what they store
 * would slow the others' memory down, so they have one of their own bench-sends NAMESRV PID NAMESRV
 * PID   only sync sends, to that and to a crowded one */

#include <stdio.h>
#include <stdlib.h>

#include "bench-floor.h"
#include "bench-place.h"
#include "rmq-mock-cluster.h"
#include "rmq-producer.h"
#include "rmq-real-world.h"
#include "rmq-wire-events.h"

#define BODY_BYTES 256
#define N_ROUNDS 15
#define N_SYNC 2000
#define N_ASYNC 20000
#define N_WARM_UP 500
#define N_THREADS 4
#define N_BATCHES 200
#define BATCH_MESSAGES 100
#define BATCH_BODY_BYTES 16
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

typedef struct _Kind Kind;
struct _Kind
{
  const char *name;
  void (*run) (const Kind *kind);
  guint n;
  guint places;          /* 1 << BenchPlace */
  BenchFloor *floor;     /* (nullable) */
  RmqProducer *producer; /* (nullable) */
};
#define EVERYWHERE ((1u << BENCH_N_PLACES) - 1)

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

/* ---- kinds --------------------------------------------------------------- */

static void
run_floor (const Kind *kind)
{
  bench_floor_round_trips (kind->floor, kind->n);
}

static void
run_sync (const Kind *kind)
{
  send_sync (kind->producer, kind->n);
}

static gpointer
run_sync_share (gpointer data)
{
  const Kind *kind = data;
  send_sync (kind->producer, kind->n / N_THREADS);
  return NULL;
}

static void
run_sync_threads (const Kind *kind)
{
  GThread *threads[N_THREADS];
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("sender", run_sync_share, (gpointer)kind);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static void
run_async (const Kind *kind)
{
  send_async (kind->producer, kind->n);
}

/* Made anew each time, as who has something to say does. */
static RmqMessage *
new_batch (void)
{
  g_autoptr (GError) error = NULL;
  RmqMessage *members[BATCH_MESSAGES];
  g_autoptr (GBytes) body = g_bytes_new_static ("a small message", BATCH_BODY_BYTES);
  for (guint i = 0; i < BATCH_MESSAGES; i++)
    members[i] = rmq_message_new ("BenchTopic", body);
  RmqMessage *batch = rmq_message_new_batch (members, BATCH_MESSAGES, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < BATCH_MESSAGES; i++)
    rmq_message_unref (members[i]);
  return batch;
}

static void
run_batches (const Kind *kind)
{
  for (guint i = 0; i < kind->n / BATCH_MESSAGES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqMessage) batch = new_batch ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (kind->producer, batch, 0, &error);
      g_assert_no_error (error);
      g_assert_nonnull (result);
    }
}

static void
run_round (const Kind *kind, BenchPlace place)
{
  const gint64 start_us = g_get_monotonic_time ();
  const double cpu_us = bench_cpu_us (0);
  kind->run (kind);
  printf ("%s.%s.cpu_us %.3f\n", kind->name, bench_place_names[place],
          (bench_cpu_us (0) - cpu_us) / kind->n);
  printf ("%s.%s.us %.3f\n", kind->name, bench_place_names[place],
          (double)(g_get_monotonic_time () - start_us) / kind->n);
}

static void
run_rounds (const Kind *kinds, guint n_kinds, const pid_t *peers, guint n_peers)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint place = 0; place < BENCH_N_PLACES; place++)
      {
        if (place == BENCH_PLACE_TWO && bench_place_get_n_cores () < 2)
          continue;
        bench_place (place, peers, n_peers);
        for (guint i = 0; i < n_kinds; i++)
          if (kinds[i].places & (1u << place))
            run_round (&kinds[i], place);
      }
}

/* ---- frames -------------------------------------------------------------- */

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
measure_frames (RmqProducer *producer)
{
  FrameSizes sizes = { 0 };
  RmqWorld *world = rmq_real_world_share ();
  RmqEventLog *log = rmq_world_get_log (world);
  const guint id = rmq_event_log_add_listener (log, note_frame_cb, &sizes);
  send_sync (producer, 1);
  rmq_event_log_remove_listener (log, id);
  rmq_real_world_unshare (world);
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
  rmq_producer_set_instance_name (producer, group); /* brokers of one name, not of one cluster */
  rmq_producer_start (producer, &error);
  g_assert_no_error (error);
  send_sync (producer, N_WARM_UP);
  return producer;
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

static void
fit_floor (BenchFloor *floor, RmqProducer *producer)
{
  const FrameSizes sizes = measure_frames (producer);
  bench_floor_set_sizes (floor, sizes.request_bytes, sizes.answer_bytes);
}

/* The floor comes first: its peer is forked before any thread exists. */
static void
measure_other (const char *namesrv, pid_t pid, const char *only)
{
  BenchFloor floor;
  bench_floor_start (&floor);
  g_autoptr (RmqProducer) other = start_producer ("BENCH_OTHER", namesrv);
  fit_floor (&floor, other);
  const guint free_only = 1u << BENCH_PLACE_FREE;
  Kind kinds[] = {
    { "floor", run_floor, N_SYNC, EVERYWHERE, &floor, NULL },
    { "sync_other", run_sync, N_SYNC, EVERYWHERE, NULL, other },
    { "threads_other", run_sync_threads, N_SYNC, free_only, NULL, other },
    { "batch_other", run_batches, N_BATCHES * BATCH_MESSAGES, free_only, NULL, other },
    { "async_other", run_async, N_ASYNC, free_only | 1u << BENCH_PLACE_TWO, NULL, other },
  };
  for (guint i = 0; only != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (!g_str_equal (kinds[i].name, only))
      kinds[i].places = 0;
  run_rounds (kinds, G_N_ELEMENTS (kinds), (const pid_t[]){ floor.pid, pid }, 2);
  rmq_producer_shutdown (other);
  bench_floor_stop (&floor);
}

static void
measure_same (void)
{
  BenchFloor floor;
  bench_floor_start (&floor);
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  g_autoptr (RmqProducer) same =
      start_producer ("BENCH_SAME", rmq_mock_cluster_get_namesrv_addr (cluster));
  fit_floor (&floor, same);
  const Kind kinds[] = {
    { "floor_same", run_floor, N_SYNC, EVERYWHERE, &floor, NULL },
    { "sync_same", run_sync, N_SYNC, EVERYWHERE, NULL, same },
    { "async_same", run_async, N_ASYNC, 1u << BENCH_PLACE_FREE, NULL, same },
  };
  run_rounds (kinds, G_N_ELEMENTS (kinds), &floor.pid, 1);
  rmq_producer_shutdown (same);
  bench_floor_stop (&floor);
}

static void
measure_crowd (char **argv)
{
  const pid_t peers[] = { (pid_t)atoi (argv[2]), (pid_t)atoi (argv[4]) };
  const guint places = bench_place_get_n_cores () > 1 ? 1u << BENCH_PLACE_TWO : 1;
  g_autoptr (RmqProducer) alone = start_producer ("BENCH_ALONE", argv[1]);
  g_autoptr (RmqProducer) crowded = start_producer ("BENCH_CROWDED", argv[3]);
  const Kind kinds[] = {
    { "sync_alone", run_sync, N_SYNC, places, NULL, alone },
    { "sync_crowded", run_sync, N_SYNC, places, NULL, crowded },
  };
  run_rounds (kinds, G_N_ELEMENTS (kinds), peers, G_N_ELEMENTS (peers));
  rmq_producer_shutdown (alone);
  rmq_producer_shutdown (crowded);
}

int
main (int argc, char **argv)
{
  bench_place_init ();
  if (argc == 1)
    measure_same ();
  else if (argc == 3 || argc == 4)
    measure_other (argv[1], (pid_t)atoi (argv[2]), argc == 4 ? argv[3] : NULL);
  else if (argc == 5)
    measure_crowd (argv);
  else
    return 2;
  return 0;
}

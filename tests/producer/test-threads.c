/* SPDX-License-Identifier: Apache-2.0 */

/* The real world: four blocking senders, asynchronous ones beside them, and a shutdown in the
 * middle of it all. Meant to be run under the thread sanitizer as well, which doesn't see through
 * GLib's own locks: hence pthread's here. */

#include <pthread.h>
#include <semaphore.h>

#include "rmq-mock-cluster.h"
#include "rmq-producer.h"

#define N_THREADS 4
#define N_ASYNC 400

typedef struct
{
  RmqProducer *producer;
  gint stop;        /* atomic */
  gint sent;        /* atomic */
  gint refused;     /* atomic: after the shutdown */
  gint failed;      /* atomic */
  gint accepted;    /* atomic: asynchronous */
  gint called_back; /* atomic */
} Shared;

static RmqMockCluster *
start_cluster (void)
{
  g_autoptr (GError) error = NULL;
  RmqMockCluster *cluster = rmq_mock_cluster_new (1, 2);
  rmq_mock_cluster_add_topic (cluster, "Orders", 4);
  g_assert_true (rmq_mock_cluster_start (cluster, &error));
  g_assert_no_error (error);
  return cluster;
}

static RmqProducer *
start_producer (RmqMockCluster *cluster)
{
  g_autoptr (GError) error = NULL;
  RmqProducer *producer = rmq_producer_new ("PG");
  rmq_producer_set_namesrv_addr (producer, rmq_mock_cluster_get_namesrv_addr (cluster));
  g_assert_true (rmq_producer_start (producer, &error));
  g_assert_no_error (error);
  return producer;
}

static RmqMessage *
new_message (void)
{
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  return rmq_message_new ("Orders", body);
}

static void
count_callback (RmqSendResult *result, const GError *error, gpointer data)
{
  Shared *shared = data;
  g_assert_true ((result == NULL) != (error == NULL));
  g_atomic_int_inc (&shared->called_back);
}

static gpointer
send_blocking (gpointer data)
{
  Shared *shared = data;
  while (!g_atomic_int_get (&shared->stop))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqMessage) message = new_message ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (shared->producer, message, 0, &error);
      if (result != NULL)
        g_atomic_int_inc (&shared->sent);
      else if (g_error_matches (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE))
        g_atomic_int_inc (&shared->refused);
      else
        g_atomic_int_inc (&shared->failed);
      if (error != NULL)
        break;
    }
  return NULL;
}

static gpointer
send_async (gpointer data)
{
  Shared *shared = data;
  for (guint i = 0; i < N_ASYNC; i++)
    {
      g_autoptr (RmqMessage) message = new_message ();
      if (rmq_producer_send_with_callback (shared->producer, message, 0, count_callback, shared,
                                           NULL))
        g_atomic_int_inc (&shared->accepted);
    }
  return NULL;
}

/* Sends of one's own, until everything is in full swing. */
static void
let_it_run (Shared *shared)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (RmqMessage) message = new_message ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (shared->producer, message, 0, NULL);
      g_assert_nonnull (result);
    }
}

static void
test_shutdown_in_the_middle (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  Shared shared = { .producer = start_producer (cluster) };
  GThread *threads[N_THREADS + 1];
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("sender", send_blocking, &shared);
  threads[N_THREADS] = g_thread_new ("async sender", send_async, &shared);
  let_it_run (&shared);
  rmq_producer_shutdown (shared.producer);
  g_assert_cmpint (g_atomic_int_get (&shared.called_back), <=, g_atomic_int_get (&shared.accepted));
  g_atomic_int_set (&shared.stop, TRUE);
  for (guint i = 0; i <= N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (shared.called_back, ==, shared.accepted);
  g_assert_cmpint (shared.failed, ==, 0);
  g_assert_cmpint (shared.refused, <=, N_THREADS);
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), >=, (guint)shared.sent);
  g_assert_finalize_object (shared.producer);
}

/* ---- a blocked callback -------------------------------------------------- */

typedef struct
{
  pthread_mutex_t mutex;
  pthread_cond_t cond;
  gboolean open;
  guint called;
} Gate;

static void
wait_at_gate (RmqSendResult *result, const GError *error, gpointer data)
{
  Gate *gate = data;
  pthread_mutex_lock (&gate->mutex);
  gate->called++;
  pthread_cond_broadcast (&gate->cond);
  while (!gate->open)
    pthread_cond_wait (&gate->cond, &gate->mutex);
  pthread_mutex_unlock (&gate->mutex);
}

static void
test_blocked_callback (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  RmqProducer *producer = start_producer (cluster);
  Gate gate = { .mutex = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER };
  g_autoptr (RmqMessage) message = new_message ();
  g_assert_true (rmq_producer_send_with_callback (producer, message, 0, wait_at_gate, &gate, NULL));
  pthread_mutex_lock (&gate.mutex);
  while (gate.called == 0)
    pthread_cond_wait (&gate.cond, &gate.mutex);
  pthread_mutex_unlock (&gate.mutex);
  for (guint i = 0; i < 20; i++) /* blocking sends go on meanwhile */
    {
      g_autoptr (RmqMessage) next = new_message ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (producer, next, 0, NULL);
      g_assert_nonnull (result);
    }
  pthread_mutex_lock (&gate.mutex);
  gate.open = TRUE;
  pthread_cond_broadcast (&gate.cond);
  pthread_mutex_unlock (&gate.mutex);
  rmq_producer_shutdown (producer);
  g_assert_finalize_object (producer);
}

/* ---- a shutdown inside a callback ---------------------------------------- */

typedef struct
{
  RmqProducer *producer;
  sem_t gone;
} Last;

static void
producer_gone (gpointer data, GObject *where_the_object_was)
{
  sem_post (&((Last *)data)->gone);
}

/* Drops the last reference as well: the rest happens on the loop. */
static void
shut_down_and_drop (RmqSendResult *result, const GError *error, gpointer data)
{
  Last *last = data;
  rmq_producer_shutdown (last->producer);
  g_object_unref (last->producer);
}

static void
test_shutdown_inside_callback (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (RmqMessage) message = new_message ();
      Last last = { .producer = start_producer (cluster) };
      sem_init (&last.gone, 0, 0);
      g_object_weak_ref (G_OBJECT (last.producer), producer_gone, &last);
      g_assert_true (rmq_producer_send_with_callback (last.producer, message, 0, shut_down_and_drop,
                                                      &last, NULL));
      while (sem_wait (&last.gone) != 0)
        ;
      sem_destroy (&last.gone);
    }
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), ==, 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/threads/shutdown-in-the-middle-of-traffic",
                   test_shutdown_in_the_middle);
  g_test_add_func ("/producer/threads/a-blocked-callback-blocks-no-send", test_blocked_callback);
  g_test_add_func ("/producer/threads/shutdown-and-last-unref-inside-a-callback",
                   test_shutdown_inside_callback);
  return g_test_run ();
}

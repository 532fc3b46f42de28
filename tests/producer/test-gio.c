/* SPDX-License-Identifier: Apache-2.0 */

/* The GIO forms over TCP: they complete on the caller's main context, and nowhere else. Not for the
 * thread sanitizer: it can't see that a main context orders its threads. */

#include "rmq-mock-cluster.h"
#include "rmq-producer.h"

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

typedef struct
{
  GMainLoop *loop;
  GThread *thread;
  guint left;
  gboolean shut_down;
} Context;

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Context *context = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSendResult) sent G_GNUC_UNUSED =
      rmq_producer_send_finish (RMQ_PRODUCER (source), result, &error);
  g_assert_no_error (error);
  g_assert_true (g_thread_self () == context->thread);
  if (--context->left == 0)
    g_main_loop_quit (context->loop);
}

static void
shut_down_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Context *context = data;
  g_assert_true (rmq_producer_shutdown_finish (RMQ_PRODUCER (source), result, NULL));
  g_assert_true (g_thread_self () == context->thread);
  context->shut_down = TRUE;
  g_main_loop_quit (context->loop);
}

static void
test_main_context (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  RmqProducer *producer = start_producer (cluster);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Context context = { .loop = loop, .thread = g_thread_self (), .left = 100 };
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (RmqMessage) message = new_message ();
      rmq_producer_send_async (producer, message, 0, NULL, sent_cb, &context);
      g_autoptr (RmqMessage) blocking = new_message ();
      g_autoptr (RmqSendResult) result = rmq_producer_send (producer, blocking, 0, NULL);
      g_assert_nonnull (result);
    }
  g_assert_cmpuint (context.left, ==, 100); /* never inside a blocking call */
  g_main_loop_run (loop);
  rmq_producer_shutdown_async (producer, NULL, shut_down_cb, &context);
  g_main_loop_run (loop);
  g_assert_true (context.shut_down);
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), ==, 200);
  g_object_unref (producer);
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Context *context = data;
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_producer_send_finish (RMQ_PRODUCER (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_main_loop_quit (context->loop);
}

static void
test_cancelled_before (void)
{
  g_autoptr (RmqMockCluster) cluster = start_cluster ();
  RmqProducer *producer = start_producer (cluster);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RmqMessage) message = new_message ();
  Context context = { .loop = loop };
  g_cancellable_cancel (cancellable);
  rmq_producer_send_async (producer, message, 0, cancellable, cancelled_cb, &context);
  g_main_loop_run (loop);
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), ==, 0);
  rmq_producer_shutdown (producer);
  g_object_unref (producer);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/gio/forms-complete-on-their-context", test_main_context);
  g_test_add_func ("/producer/gio/cancelled-before-it-began", test_cancelled_before);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Name server addresses over real HTTP, from a hand-made address server. */

#include <gio/gio.h>
#include <string.h>

#include "rmq-mock-cluster.h"
#include "rmq-producer.h"

typedef struct
{
  GSocketService *service;
  guint16 port;
  const char *status;
  char *body;
  char *request; /* (nullable): its head */
} Server;

static gboolean
serve (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
       gpointer data)
{
  Server *server = data;
  char head[4096];
  gsize length = 0;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  do
    {
      gssize n = g_input_stream_read (input, head + length, sizeof head - 1 - length, NULL, NULL);
      if (n <= 0)
        return TRUE;
      length += (gsize)n;
      head[length] = '\0';
    }
  while (strstr (head, "\r\n\r\n") == NULL);
  server->request = g_strdup (head);
  g_output_stream_printf (output, NULL, NULL, NULL,
                          "HTTP/1.1 %s\r\nContent-Length: %u\r\nConnection: close\r\n\r\n%s",
                          server->status, (guint)strlen (server->body), server->body);
  return TRUE;
}

static void
server_start (Server *server)
{
  server->service = g_threaded_socket_service_new (4);
  server->port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (server->service), NULL, NULL);
  g_assert_cmpuint (server->port, !=, 0);
  g_signal_connect (server->service, "run", G_CALLBACK (serve), server);
  g_socket_service_start (server->service);
}

/* The service accepts on the main context, so it must turn while the producer starts. */
static gpointer
turn_context (gpointer data)
{
  GMainLoop *loop = data;
  g_main_loop_run (loop);
  return NULL;
}

static RmqSendResult *
send_through (Server *server, GError **error)
{
  g_autoptr (RmqProducer) producer = rmq_producer_new ("PG");
  g_autofree char *domain = g_strdup_printf ("127.0.0.1:%u", server->port);
  rmq_producer_set_namesrv_domain (producer, domain);
  g_assert_true (rmq_producer_start (producer, NULL));
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  g_autoptr (RmqMessage) message = rmq_message_new ("Orders", body);
  RmqSendResult *result = rmq_producer_send (producer, message, 0, error);
  rmq_producer_shutdown (producer);
  return result;
}

static void
check (const char *status, const char *body, gint code)
{
  g_autoptr (GError) error = NULL;
  Server server = { .status = status, .body = (char *)body };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  server_start (&server);
  GThread *thread = g_thread_new ("address server", turn_context, loop);
  g_autoptr (RmqSendResult) result = send_through (&server, &error);
  g_main_loop_quit (loop);
  g_thread_join (thread);
  g_assert_true ((result != NULL) == (code == 0));
  if (code == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, RMQ_CLIENT_ERROR, code);
  g_assert_true (g_str_has_prefix (server.request, "GET /rocketmq/nsaddr HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (server.request, "Client-Version: V"));
  g_socket_service_stop (server.service);
  g_object_unref (server.service);
  g_free (server.request);
}

static void
test_list (void)
{
  g_autoptr (RmqMockCluster) cluster = rmq_mock_cluster_new (1, 1);
  rmq_mock_cluster_add_topic (cluster, "Orders", 4);
  g_assert_true (rmq_mock_cluster_start (cluster, NULL));
  g_autofree char *body = g_strdup_printf ("%s\n", rmq_mock_cluster_get_namesrv_addr (cluster));
  check ("200 OK", body, 0);
  g_assert_cmpuint (rmq_mock_cluster_count_messages (cluster, "Orders"), ==, 1);
}

static void
test_errors (void)
{
  check ("404 Not Found", "127.0.0.1:9876", RMQ_CLIENT_ERROR_NO_NAME_SERVER);
  check ("200 OK", " \r\n", RMQ_CLIENT_ERROR_NO_NAME_SERVER);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/address-lookup/the-first-line-is-the-list", test_list);
  g_test_add_func ("/producer/address-lookup/404-and-blank-are-no-list", test_errors);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What a blocking call through the seam costs beside a bare blocking ping-pong of the same bytes
 * over loopback: 500 out, 180 back. Rounds of all kinds take turns, so that a noisy moment hits
 * each; the best round of each kind counts. Peers in another process are forked before any thread
 * exists. */

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "rmq-real-world.h"

#define REQUEST_BYTES 500
#define ANSWER_BYTES 180
#define N_CALLS 20000
#define N_ROUNDS 5

/* ---- bare sockets -------------------------------------------------------- */

static int
bare_listen (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  const int fd = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 8), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &size), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

static gboolean
read_all (int fd, gsize size)
{
  guint8 buffer[REQUEST_BYTES];
  for (gsize n = 0; n < size;)
    {
      const gssize got = read (fd, buffer, size - n);
      if (got <= 0)
        return FALSE;
      n += (gsize)got;
    }
  return TRUE;
}

static void
bare_server (int listener)
{
  static const guint8 answer[ANSWER_BYTES];
  const int one = 1;
  const int fd = accept (listener, NULL, NULL);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  while (read_all (fd, REQUEST_BYTES))
    if (write (fd, answer, sizeof answer) < 0)
      break;
  close (fd);
}

static gint64
bare_round (int fd)
{
  static const guint8 request[REQUEST_BYTES];
  const gint64 start_us = g_get_monotonic_time ();
  for (guint i = 0; i < N_CALLS; i++)
    {
      g_assert_cmpint (write (fd, request, sizeof request), ==, sizeof request);
      g_assert_true (read_all (fd, ANSWER_BYTES));
    }
  return g_get_monotonic_time () - start_us;
}

static int
bare_connect (guint16 port)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons (port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const int one = 1;
  const int fd = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (connect (fd, (const struct sockaddr *)&address, sizeof address), ==, 0);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

/* ---- the same through the seam ------------------------------------------- */

typedef struct
{
  RmqEnv *env;
  RmqLink *link;
  RmqListener *listener;
  char *address;
  gsize n_read;
  RmqParker *parker;
} End;

static void
server_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  static const guint8 answer[ANSWER_BYTES];
  End *end = data;
  guint8 buffer[4096];
  gsize n = 0;
  if (event != RMQ_LINK_READABLE)
    return;
  while ((n = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    for (end->n_read += n; end->n_read >= REQUEST_BYTES; end->n_read -= REQUEST_BYTES)
      rmq_link_write (link, answer, sizeof answer, NULL);
}

static void
server_accepts (RmqListener *listener, RmqLink *link, gpointer data)
{
  End *end = data;
  end->link = link;
  rmq_link_set_func (link, server_event, end);
}

static void
server_listens (gpointer data)
{
  End *end = data;
  end->listener = rmq_env_listen (end->env, "127.0.0.1:0", server_accepts, end, NULL);
  end->address = g_strdup (rmq_listener_get_address (end->listener));
}

static void
client_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  End *end = data;
  guint8 buffer[4096];
  gsize n = 0;
  while (event == RMQ_LINK_READABLE && (n = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    end->n_read += n;
  if (event == RMQ_LINK_CONNECTED || end->n_read >= ANSWER_BYTES)
    rmq_parker_wake (end->parker);
}

static void
client_connects (gpointer data)
{
  End *end = data;
  end->link = rmq_env_connect (end->env, end->address, G_USEC_PER_SEC, client_event, end);
}

static void
client_asks (gpointer data)
{
  static const guint8 request[REQUEST_BYTES];
  End *end = data;
  end->n_read = 0;
  rmq_link_write (end->link, request, sizeof request, NULL);
}

static void
client_call (End *end, RmqEnvFunc start)
{
  RmqParker parker;
  rmq_parker_init (&parker, end->env);
  end->parker = &parker;
  const gint64 deadline_us = rmq_env_now (end->env) + 3 * G_USEC_PER_SEC;
  g_assert_cmpint (rmq_env_call (end->env, start, end, &parker, deadline_us), ==, RMQ_WAKE_WOKEN);
}

static gint64
seam_round (End *end)
{
  const gint64 start_us = g_get_monotonic_time ();
  for (guint i = 0; i < N_CALLS; i++)
    client_call (end, client_asks);
  return g_get_monotonic_time () - start_us;
}

static void
end_closes (gpointer data)
{
  End *end = data;
  rmq_link_close (end->link, RMQ_CLOSE_FIN);
  rmq_listener_close (end->listener);
}

/* ---- peers in another process -------------------------------------------- */

static pid_t
fork_bare_server (guint16 *port)
{
  const int listener = bare_listen (port);
  const pid_t pid = fork ();
  if (pid == 0)
    {
      for (;;)
        bare_server (listener);
    }
  close (listener);
  return pid;
}

static pid_t
fork_seam_server (char address[64])
{
  int pipe_fds[2];
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  const pid_t pid = fork ();
  if (pid == 0)
    {
      RmqWorld *world = rmq_real_world_new ();
      End server = { .env = rmq_world_add_host (world, &(RmqHostSpec){ .name = "server" }) };
      rmq_real_world_run (world, server_listens, &server);
      if (write (pipe_fds[1], server.address, strlen (server.address)) > 0)
        pause ();
      _exit (0);
    }
  const gssize n = read (pipe_fds[0], address, 63);
  g_assert_cmpint (n, >, 0);
  address[n] = '\0';
  close (pipe_fds[0]);
  close (pipe_fds[1]);
  return pid;
}

/* ---- report -------------------------------------------------------------- */

static void
report (const char *what, gint64 best_us, gint64 floor_us)
{
  printf ("%-44s %6.1f us  %4.0f %% of the floor\n", what, (double)best_us / N_CALLS,
          100.0 * (double)floor_us / (double)best_us);
}

static void
stop (pid_t pid)
{
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
}

int
main (void)
{
  guint16 bare_port = 0;
  char seam_address[64];
  const pid_t bare_pid = fork_bare_server (&bare_port);
  const pid_t seam_pid = fork_seam_server (seam_address);
  gint64 best[4] = { G_MAXINT64, G_MAXINT64, G_MAXINT64, G_MAXINT64 };

  g_autoptr (RmqWorld) world = rmq_real_world_new ();
  g_autoptr (RmqEnv) client = rmq_world_add_host (world, &(RmqHostSpec){ .name = "client" });
  g_autoptr (RmqEnv) host = rmq_world_add_host (world, &(RmqHostSpec){ .name = "server" });
  g_autofree char *bare_address = g_strdup_printf ("127.0.0.1:%u", bare_port);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      End server = { .env = host };
      rmq_real_world_run (world, server_listens, &server);
      const char *addresses[] = { bare_address, seam_address, server.address };
      const int fd = bare_connect (bare_port);
      best[0] = MIN (best[0], bare_round (fd));
      close (fd);
      for (guint kind = 0; kind < G_N_ELEMENTS (addresses); kind++)
        {
          End end = { .env = client, .address = (char *)addresses[kind] };
          client_call (&end, client_connects);
          best[kind + 1] = MIN (best[kind + 1], seam_round (&end));
          rmq_real_world_run (world, end_closes, &end);
        }
      rmq_real_world_run (world, end_closes, &server);
      g_free (server.address);
    }
  printf ("%-44s %6.1f us\n", "bare blocking ping-pong (the floor)", (double)best[0] / N_CALLS);
  report ("call, bare server in another process", best[1], best[0]);
  report ("call, server on the seam in another process", best[2], best[0]);
  report ("call, server in the same world", best[3], best[0]);
  stop (bare_pid);
  stop (seam_pid);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What only the real world's sockets can do wrong: names and addresses, unanswered connects, ports
 * that must stay ours, running out of descriptors, links that end inside their own callback. The
 * suite for both worlds has the rest. */

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rmq-real-world.h"

/* ---- a world with two hosts, a listener and a link ----------------------- */

typedef struct
{
  RmqWorld *world;
  RmqEnv *client;
  RmqEnv *server;
  RmqListener *listener; /* (nullable) */
  RmqLink *link;         /* (nullable) */
  RmqLink *peer;         /* (nullable): what the listener accepted */
  const char *address;   /* where act_connect goes */
  gint64 timeout_us;
  GString *events; /* of link, a letter each; R once for all bytes */
  gsize n_peer_read;
  gboolean peer_fin;
  gboolean connected;
  gboolean closes_at_event; /* the link closes itself */
  RmqParker *parker;
} Lab;

static void
set_up (Lab *lab, gconstpointer data)
{
  lab->world = rmq_real_world_new ();
  lab->client = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "client" });
  lab->server = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "server" });
  lab->events = g_string_new (NULL);
  lab->timeout_us = 5 * G_USEC_PER_SEC;
}

static void
act_close_all (gpointer data)
{
  Lab *lab = data;
  rmq_link_close (g_steal_pointer (&lab->link), RMQ_CLOSE_FIN);
  rmq_link_close (g_steal_pointer (&lab->peer), RMQ_CLOSE_FIN);
  rmq_listener_close (g_steal_pointer (&lab->listener));
}

static void
tear_down (Lab *lab, gconstpointer data)
{
  rmq_real_world_run (lab->world, act_close_all, lab);
  g_string_free (lab->events, TRUE);
  rmq_env_unref (lab->client);
  rmq_env_unref (lab->server);
  rmq_world_unref (lab->world);
}

static void
wake (Lab *lab)
{
  RmqParker *parker = g_steal_pointer (&lab->parker);
  if (parker != NULL)
    rmq_parker_wake (parker);
}

static void
peer_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Lab *lab = data;
  guint8 buffer[65536];
  gsize n = 0;
  while (event == RMQ_LINK_READABLE && (n = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    lab->n_peer_read += n;
  lab->peer_fin |= event == RMQ_LINK_FIN;
  if (lab->peer_fin)
    wake (lab);
}

static void
accepts (RmqListener *listener, RmqLink *link, gpointer data)
{
  Lab *lab = data;
  rmq_link_close (lab->peer, RMQ_CLOSE_FIN);
  lab->peer = link;
  rmq_link_set_func (link, peer_event, lab);
  if (lab->connected)
    wake (lab);
}

static void
link_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  static const char letters[] = "CXTRWF!";
  Lab *lab = data;
  g_string_append_c (lab->events, letters[event]);
  if (lab->closes_at_event)
    rmq_link_close (g_steal_pointer (&lab->link), RMQ_CLOSE_FIN);
  lab->connected = event == RMQ_LINK_CONNECTED;
  if (!lab->connected || lab->peer != NULL)
    wake (lab);
}

static void
act_listen (gpointer data)
{
  Lab *lab = data;
  g_autoptr (GError) error = NULL;
  lab->listener = rmq_env_listen (lab->server, lab->address, accepts, lab, &error);
  g_assert_no_error (error);
}

static void
listen_on (Lab *lab, const char *address)
{
  lab->address = address;
  rmq_real_world_run (lab->world, act_listen, lab);
  lab->address = rmq_listener_get_address (lab->listener);
}

static void
act_connect (gpointer data)
{
  Lab *lab = data;
  rmq_link_close (lab->link, RMQ_CLOSE_FIN);
  lab->link = rmq_env_connect (lab->client, lab->address, lab->timeout_us, link_event, lab);
  g_assert_cmpstr (lab->events->str, ==, "");
}

typedef struct
{
  Lab *lab;
  RmqEnvFunc func;
  RmqParker parker;
} Call;

static void
act_and_wait (gpointer data)
{
  Call *call = data;
  call->lab->parker = &call->parker;
  call->func (call->lab);
}

/* Until something calls wake(). */
static void
wait_for (Lab *lab, RmqEnvFunc func)
{
  Call call = { .lab = lab, .func = func };
  const gint64 deadline_us = rmq_env_now (lab->client) + 20 * G_USEC_PER_SEC;
  rmq_parker_init (&call.parker, lab->client);
  g_assert_cmpint (rmq_env_call (lab->client, act_and_wait, &call, &call.parker, deadline_us), ==,
                   RMQ_WAKE_WOKEN);
}

static void
connect_to (Lab *lab, const char *address)
{
  lab->address = address;
  wait_for (lab, act_connect);
}

/* ---- addresses ----------------------------------------------------------- */

static void
test_bad_addresses (Lab *lab, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (300, 'a');
  g_autofree char *no_such_name = g_strconcat (long_name, ":9876", NULL);
  const char *addresses[] = { "",          "9876",       ":9876",
                              "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000",
                              no_such_name };
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_string_truncate (lab->events, 0);
      connect_to (lab, addresses[i]);
      g_assert_cmpstr (lab->events->str, ==, "X");
    }
}

static void
act_listen_badly (gpointer data)
{
  Lab *lab = data;
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_env_listen (lab->server, "nowhere", accepts, lab, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (rmq_env_listen (lab->client, lab->address, accepts, lab, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static void
test_listen_errors (Lab *lab, gconstpointer data)
{
  listen_on (lab, "127.0.0.1:0");
  rmq_real_world_run (lab->world, act_listen_badly, lab);
}

static void
test_localhost (Lab *lab, gconstpointer data)
{
  listen_on (lab, "localhost:0");
  g_assert_true (g_str_has_prefix (lab->address, "127.0.0.1:"));
  g_autofree char *address = g_strconcat ("localhost", strchr (lab->address, ':'), NULL);
  connect_to (lab, address);
  g_assert_nonnull (lab->peer);
}

static gboolean
has_ipv6 (void)
{
  const struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                        .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  const int fd = socket (AF_INET6, SOCK_STREAM, 0);
  const gboolean works =
      fd >= 0 && bind (fd, (const struct sockaddr *)&address, sizeof address) == 0;
  if (fd >= 0)
    close (fd);
  return works;
}

static void
test_ipv6 (Lab *lab, gconstpointer data)
{
  if (!has_ipv6 ())
    {
      g_test_skip ("no IPv6 loopback here");
      return;
    }
  listen_on (lab, "[::1]:0");
  g_assert_true (g_str_has_prefix (lab->address, "[::1]:"));
  connect_to (lab, lab->address);
  g_assert_nonnull (lab->peer);
  g_assert_cmpstr (rmq_link_get_peer_address (lab->link), ==, lab->address);
}

/* ---- connects nobody answers --------------------------------------------- */

static void
bare_connect (int fd, guint16 port)
{
  const struct sockaddr_in address = { .sin_family = AF_INET,
                                       .sin_port = htons (port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  (void)!connect (fd, (const struct sockaddr *)&address, sizeof address);
}

static int
bare_socket (void)
{
  return socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

/* A queue of one that nobody empties: the kernel drops what comes after. */
static void
test_connect_timeout (Lab *lab, gconstpointer data)
{
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof in;
  int fds[4] = { bare_socket (), bare_socket (), bare_socket (), bare_socket () };
  g_assert_cmpint (bind (fds[0], (struct sockaddr *)&in, sizeof in), ==, 0);
  g_assert_cmpint (listen (fds[0], 0), ==, 0);
  g_assert_cmpint (getsockname (fds[0], (struct sockaddr *)&in, &size), ==, 0);
  for (guint i = 1; i < G_N_ELEMENTS (fds); i++)
    bare_connect (fds[i], ntohs (in.sin_port));
  g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", ntohs (in.sin_port));
  lab->timeout_us = 50 * 1000;
  const gint64 before_us = rmq_env_now (lab->client);
  connect_to (lab, address);
  g_assert_cmpstr (lab->events->str, ==, "T");
  g_assert_cmpint (rmq_env_now (lab->client) - before_us, >=, lab->timeout_us);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* ---- ports --------------------------------------------------------------- */

static gboolean
port_is_free (const char *address)
{
  const guint16 port = (guint16)g_ascii_strtoull (strchr (address, ':') + 1, NULL, 10);
  const struct sockaddr_in in = { .sin_family = AF_INET,
                                  .sin_port = htons (port),
                                  .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  const int fd = socket (AF_INET, SOCK_STREAM, 0);
  const gboolean is_free = bind (fd, (const struct sockaddr *)&in, sizeof in) == 0;
  close (fd);
  return is_free;
}

static void
act_refuse (gpointer data)
{
  rmq_listener_set_accepting (((Lab *)data)->listener, FALSE);
}

static void
test_refusing_keeps_port (Lab *lab, gconstpointer data)
{
  listen_on (lab, "127.0.0.1:0");
  rmq_real_world_run (lab->world, act_refuse, lab);
  g_assert_false (port_is_free (lab->address));
  connect_to (lab, lab->address);
  g_assert_cmpstr (lab->events->str, ==, "X");
}

static void
act_kill_server (gpointer data)
{
  rmq_env_kill (((Lab *)data)->server, RMQ_CLOSE_FIN);
}

static void
test_kill_keeps_port (Lab *lab, gconstpointer data)
{
  listen_on (lab, "127.0.0.1:0");
  g_autofree char *address = g_strdup (lab->address);
  rmq_real_world_run (lab->world, act_kill_server, lab);
  g_assert_false (port_is_free (address));
  rmq_real_world_run (lab->world, act_close_all, lab);
  rmq_env_unref (lab->server);
  g_assert_false (port_is_free (address));

  lab->server = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "server" });
  listen_on (lab, address);
  g_assert_cmpstr (lab->address, ==, address);
  connect_to (lab, address);
  g_assert_nonnull (lab->peer);
}

/* ---- endings ------------------------------------------------------------- */

static void
test_close_inside_callback (Lab *lab, gconstpointer data)
{
  listen_on (lab, "127.0.0.1:0");
  lab->closes_at_event = TRUE;
  connect_to (lab, lab->address); /* accepted, and closed by its own CONNECTED */
  g_assert_null (lab->link);
  rmq_real_world_run (lab->world, act_refuse, lab);
  g_string_truncate (lab->events, 0);
  connect_to (lab, lab->address); /* by its own REFUSED */
  g_assert_cmpstr (lab->events->str, ==, "X");
  g_assert_null (lab->link);
}

#define FLOOD_BYTES (16u << 20)

static void
act_peer_stops (gpointer data)
{
  rmq_link_set_reading (((Lab *)data)->peer, FALSE);
}

static void
act_flood_and_close (gpointer data)
{
  Lab *lab = data;
  g_autoptr (GBytes) body = g_bytes_new_take (g_malloc0 (FLOOD_BYTES), FLOOD_BYTES);
  g_assert_true (rmq_link_write (lab->link, NULL, 0, body));
  rmq_link_close (g_steal_pointer (&lab->link), RMQ_CLOSE_FIN);
}

static void
act_peer_reads (gpointer data)
{
  rmq_link_set_reading (((Lab *)data)->peer, TRUE);
}

static void
test_closed_link_lingers (Lab *lab, gconstpointer data)
{
  listen_on (lab, "127.0.0.1:0");
  connect_to (lab, lab->address);
  rmq_real_world_run (lab->world, act_peer_stops, lab);
  rmq_real_world_run (lab->world, act_flood_and_close, lab);
  g_assert_cmpuint (lab->n_peer_read, ==, 0);
  wait_for (lab, act_peer_reads);
  g_assert_cmpuint (lab->n_peer_read, ==, FLOOD_BYTES);
  g_assert_true (lab->peer_fin);
}

/* ---- no descriptors left ------------------------------------------------- */

static void
limit_descriptors (rlim_t n)
{
  struct rlimit limit;
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = n;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
act_await_peer (gpointer data)
{
  Lab *lab = data;
  lab->connected = TRUE; /* by other means: what is missing is the listener's side */
  if (lab->peer != NULL)
    wake (lab);
}

static void
run_out_of_descriptors (Lab *lab)
{
  struct rlimit before;
  getrlimit (RLIMIT_NOFILE, &before);
  listen_on (lab, "127.0.0.1:0");
  const guint16 port = (guint16)g_ascii_strtoull (strchr (lab->address, ':') + 1, NULL, 10);
  const int fd = bare_socket ();
  limit_descriptors ((rlim_t)fd); /* nothing above is to be had, and all below are taken */
  bare_connect (fd, port);
  g_assert_true (rmq_env_sleep_until (lab->client, rmq_env_now (lab->client) + 20 * 1000));
  g_assert_null (lab->peer);
  limit_descriptors (before.rlim_cur);
  wait_for (lab, act_await_peer);
  g_assert_nonnull (lab->peer);
  close (fd);
}

static void
test_no_descriptors (Lab *lab, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      run_out_of_descriptors (lab);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*accepts nobody for a while*");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *claim;
    void (*test) (Lab *, gconstpointer);
  } tests[] = {
    { "bad-addresses-are-refused", test_bad_addresses },
    { "bad-listeners-are-errors", test_listen_errors },
    { "localhost-is-ipv4", test_localhost },
    { "ipv6-addresses-wear-brackets", test_ipv6 },
    { "an-unanswered-connect-times-out", test_connect_timeout },
    { "a-refusing-listener-keeps-its-port", test_refusing_keeps_port },
    { "a-killed-hosts-port-waits-for-its-successor", test_kill_keeps_port },
    { "a-link-may-close-inside-its-callback", test_close_inside_callback },
    { "a-closed-link-delivers-what-it-holds", test_closed_link_lingers },
    { "no-descriptors-left-is-waited-out", test_no_descriptors },
  };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/env/real-network/", tests[i].claim, NULL);
      g_test_add (path, Lab, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}

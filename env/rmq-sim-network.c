/* SPDX-License-Identifier: Apache-2.0 */

/* The simulated network: addresses, listeners and who connects to them. A listener is found by its
 * exact "ip:port"; a SYN is answered by the kernel of whoever listens there, paused or not. What
 * happens to a host's sockets when it dies is here too. */

#include "rmq-sim-connection.h"

#include <gio/gio.h>
#include <string.h>

#define LAST_PORT 65535
#define FIRST_EPHEMERAL_PORT 40000
/* A SYN nobody answers is sent again after this, then after twice that, and so on. */
#define SYN_RETRY_US G_USEC_PER_SEC

/* ---- addresses ----------------------------------------------------------- */

static gboolean
is_here (const char *host)
{
  static const char *const names[] = { "", "0.0.0.0", "127.0.0.1", "localhost" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (host, names[i]))
      return TRUE;
  return FALSE;
}

/* "host:port" with the host's own address in place of any name of the machine itself. NULL:
 * malformed. */
static char *
resolve (RmqSimHost *host, const char *address, guint *port)
{
  const char *colon = strrchr (address, ':');
  guint64 number;
  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, LAST_PORT, &number, NULL))
    return NULL;
  g_autofree char *name = g_strndup (address, (gsize)(colon - address));
  *port = (guint)number;
  return g_strdup_printf ("%s:%u", is_here (name) ? host->base.address : name, *port);
}

/* The next free port, as its whole address. (transfer full) */
static char *
take_port (RmqSimWorld *world, RmqSimHost *host)
{
  for (;;)
    {
      host->last_port = host->last_port < LAST_PORT ? host->last_port + 1 : FIRST_EPHEMERAL_PORT;
      g_autofree char *address = g_strdup_printf ("%s:%u", host->base.address, host->last_port);
      if (!g_hash_table_contains (world->listeners, address))
        return g_steal_pointer (&address);
    }
}

/* ---- connecting ---------------------------------------------------------- */

static void
accept_syn (RmqSimConn *conn, RmqSimListener *listener)
{
  RmqSimEnd *server = &conn->ends[1];
  server->listener = listener;
  server->dead = FALSE;
  server->out->open = TRUE;
  rmq_sim_end_join_host (server, listener->host);
  rmq_sim_pipe_send (server->out, RMQ_SEGMENT_SYN_ACK);
}

static void
syn_arrives (gpointer data)
{
  RmqSimConn *conn = data;
  RmqSimListener *listener = g_hash_table_lookup (conn->world->listeners, conn->ends[1].address);
  if (listener == NULL || !listener->accepting)
    rmq_sim_pipe_send (conn->ends[1].out, RMQ_SEGMENT_RST);
  else if (!listener->ignoring)
    accept_syn (conn, listener);
  else
    {
      rmq_sim_arm (conn->world, &conn->syn, conn->world->now_us + conn->syn_retry_us);
      conn->syn_retry_us *= 2;
    }
}

static void
connect_times_out (gpointer data)
{
  RmqSimEnd *end = data;
  rmq_sim_disarm (end->conn->world, &end->conn->syn);
  rmq_sim_end_reset (end);
  end->pending = 1u << RMQ_LINK_CONNECT_TIMEOUT;
  rmq_sim_end_notify (end);
}

RmqLink *
rmq_sim_connect (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                 gpointer data)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  RmqSimHost *host = (RmqSimHost *)env;
  RmqSimConn *conn = rmq_sim_conn_new (host);
  RmqSimEnd *client = &conn->ends[0];
  RmqSimEnd *server = &conn->ends[1];
  guint port;
  rmq_sim_timer_init (&conn->syn, NULL, syn_arrives, conn);
  rmq_sim_timer_init (&conn->timeout, env, connect_times_out, client);
  conn->syn_retry_us = SYN_RETRY_US;
  client->address = take_port (world, host);
  server->address = resolve (host, address, &port);
  if (server->address == NULL)
    server->address = g_strdup (address);
  server->closed = server->dead = TRUE;
  client->func = func;
  client->data = data;
  client->claimed = TRUE;
  client->closed = client->dead = env->gone;
  if (env->gone)
    return &client->base;
  rmq_sim_end_join_host (client, host);
  rmq_sim_arm (world, &conn->syn, world->now_us + client->out->latency_us);
  if (timeout_us < G_MAXINT64 - world->now_us)
    rmq_sim_arm (world, &conn->timeout, rmq_sim_late (env, world->now_us + timeout_us));
  return &client->base;
}

/* ---- listening ----------------------------------------------------------- */

RmqListener *
rmq_sim_listen (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data, GError **error)
{
  RmqSimWorld *world = rmq_sim_world_of (env);
  RmqSimHost *host = (RmqSimHost *)env;
  guint port;
  g_autofree char *whole = resolve (host, address, &port);
  if (env->gone || whole == NULL)
    {
      g_set_error (error, G_IO_ERROR, env->gone ? G_IO_ERROR_CLOSED : G_IO_ERROR_INVALID_ARGUMENT,
                   "can't listen on \"%s\": %s", address,
                   env->gone ? "host is gone" : "not host:port");
      return NULL;
    }
  if (port == 0)
    {
      g_free (whole);
      whole = take_port (world, host);
    }
  if (g_hash_table_contains (world->listeners, whole))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, "address %s is in use", whole);
      return NULL;
    }
  RmqSimListener *listener = g_new0 (RmqSimListener, 1);
  listener->base.ops = env->ops;
  listener->node.data = listener;
  listener->world = world;
  rmq_world_ref (&world->base);
  listener->host = host;
  listener->address = g_steal_pointer (&whole);
  listener->func = func;
  listener->data = data;
  listener->accepting = TRUE;
  g_queue_push_tail_link (&host->listeners, &listener->node);
  g_hash_table_insert (world->listeners, listener->address, listener);
  return &listener->base;
}

const char *
rmq_sim_listener_address (RmqListener *listener)
{
  return ((RmqSimListener *)listener)->address;
}

void
rmq_sim_listener_set_accepting (RmqListener *listener, gboolean accepting)
{
  ((RmqSimListener *)listener)->accepting = accepting;
}

void
rmq_sim_listener_set_ignoring (RmqListener *listener, gboolean ignoring)
{
  ((RmqSimListener *)listener)->ignoring = ignoring;
}

/* Takes the listener off the network; whom it had not yet accepted is reset. */
static void
withdraw (RmqSimListener *listener)
{
  RmqSimHost *host = listener->host;
  if (host == NULL)
    return;
  g_hash_table_remove (listener->world->listeners, listener->address);
  g_queue_unlink (&host->listeners, &listener->node);
  listener->host = NULL;
  for (GList *l = host->links.head, *next; l != NULL; l = next)
    {
      RmqSimEnd *end = l->data;
      next = l->next;
      if (end->listener != listener)
        continue;
      rmq_sim_end_close (end, RMQ_CLOSE_RST);
      rmq_sim_end_leave_host (end);
      end->claimed = FALSE;
      rmq_sim_conn_release (end->conn);
    }
}

void
rmq_sim_listener_close (RmqListener *base)
{
  RmqSimListener *listener = (RmqSimListener *)base;
  RmqSimWorld *world = listener->world;
  withdraw (listener);
  g_free (listener->address);
  g_free (listener);
  rmq_world_unref (&world->base);
}

void
rmq_sim_network_kill (RmqSimHost *host, RmqCloseHow how)
{
  while (host->listeners.head != NULL)
    withdraw (host->listeners.head->data);
  while (host->links.head != NULL)
    {
      RmqSimEnd *end = host->links.head->data;
      rmq_sim_end_close (end, how);
      rmq_sim_end_leave_host (end);
    }
}

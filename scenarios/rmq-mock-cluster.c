/* SPDX-License-Identifier: Apache-2.0 */

/* A cluster of mocks in one world: which servers there are, where they listen, their hosts. Every
 * server has a host of its own, so that it can die alone; after a death it comes back in a new one
 * at the old address. Works in either world; owner only but for what its header says. Judges
 * nothing, scripts nothing. */

#include "rmq-mock-cluster-private.h"

#include <string.h>
#include <unistd.h>

#include "rmq-mock-cluster-object.h"
#include "rmq-real-world.h"

#define LOOPBACK "127.0.0.1"
#define NAMESRV_PORT 9876
#define BROKER_PORT 10911
#define ROUTED_WAIT_US (5 * G_USEC_PER_SEC)

/* ---- which there are ----------------------------------------------------- */

RmqWorld *
rmq_mock_cluster_get_world (RmqMockCluster *self)
{
  return self->world;
}

guint
rmq_mock_cluster_get_n_servers (RmqMockCluster *self)
{
  return self->servers->len;
}

RmqClusterServer *
rmq_mock_cluster_get_server (RmqMockCluster *self, guint index)
{
  return g_ptr_array_index (self->servers, index);
}

RmqClusterServer *
rmq_mock_cluster_find (RmqMockCluster *self, const char *name)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (g_str_equal (server->name, name))
        return server;
    }
  return NULL;
}

static RmqClusterServer *
add_server (RmqMockCluster *self, const char *name)
{
  RmqClusterServer *server = g_new0 (RmqClusterServer, 1);
  server->name = g_strdup (name);
  g_ptr_array_add (self->servers, server);
  return server;
}

RmqClusterServer *
rmq_mock_cluster_add_nameserver (RmqMockCluster *self, const char *name,
                                 const RmqMockProfile *profile)
{
  RmqClusterServer *server = add_server (self, name);
  server->profile = profile;
  return server;
}

RmqClusterServer *
rmq_mock_cluster_add_broker (RmqMockCluster *self, const RmqClusterBrokerSpec *spec)
{
  g_autofree char *name = rmq_broker_member_name (spec->name, spec->id);
  RmqClusterServer *server = add_server (self, name);
  server->is_broker = TRUE;
  server->id = spec->id;
  server->broker_name = g_strdup (spec->name);
  server->cluster = g_strdup (spec->cluster);
  server->nameservers = g_strdupv ((char **)spec->nameservers);
  server->no_auto_create = spec->no_auto_create;
  server->settings = g_strdupv ((char **)spec->settings);
  server->profile = spec->profile;
  return server;
}

void
rmq_mock_cluster_set_place (RmqMockCluster *self, const char *address, const char *host)
{
  g_free (self->bind);
  g_free (self->advertise);
  self->bind = g_strdup (address);
  self->advertise = g_strdup (host);
}

static gboolean
is_named (char *const *names, const char *name)
{
  return names == NULL || g_strv_contains ((const char *const *)names, name);
}

char *
rmq_mock_cluster_join_namesrv (RmqMockCluster *self, char *const *names)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < self->servers->len; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->nameserver == NULL || !is_named (names, server->name))
        continue;
      g_string_append_printf (out, "%s%s", out->len > 0 ? ";" : "",
                              rmq_mock_nameserver_get_address (server->nameserver));
    }
  return g_string_free (out, FALSE);
}

char *
rmq_mock_cluster_advertise_namesrv (RmqMockCluster *self)
{
  g_autofree char *listening = rmq_mock_cluster_join_namesrv (self, NULL);
  if (self->advertise == NULL)
    return g_steal_pointer (&listening);
  g_auto (GStrv) addresses = g_strsplit (listening, ";", -1);
  GString *out = g_string_new (NULL);
  for (guint i = 0; addresses[i] != NULL; i++)
    g_string_append_printf (out, "%s%s%s", i > 0 ? ";" : "", self->advertise,
                            strrchr (addresses[i], ':'));
  return g_string_free (out, FALSE);
}

/* ---- start --------------------------------------------------------------- */

/* Makes the mock at the first start: a broker must know its name servers' addresses. */
static void
make_mock (RmqMockCluster *self, RmqClusterServer *server)
{
  if (server->server != NULL)
    return;
  if (!server->is_broker)
    {
      server->nameserver = rmq_mock_nameserver_new (server->name, server->profile);
      server->server = rmq_mock_nameserver_get_server (server->nameserver);
      return;
    }
  g_autofree char *namesrv = rmq_mock_cluster_join_namesrv (self, server->nameservers);
  const RmqClusterServer *master =
      server->id > 0 ? rmq_mock_cluster_find (self, server->broker_name) : NULL;
  server->broker = rmq_mock_broker_new (
      &(RmqMockBrokerOptions){ .name = server->broker_name,
                               .id = server->id,
                               .master = master != NULL ? master->broker : NULL,
                               .cluster = server->cluster,
                               .namesrv = namesrv,
                               .advertise = self->advertise,
                               .no_auto_create = server->no_auto_create,
                               .settings = (const char *const *)server->settings,
                               .profile = server->profile });
  server->server = rmq_mock_broker_get_server (server->broker);
}

static void
make_host (RmqMockCluster *self, RmqClusterServer *server, gboolean new_address)
{
  const gboolean simulated = rmq_world_is_simulated (self->world);
  if (server->env != NULL && !rmq_env_is_gone (server->env) && !new_address)
    return;
  g_autofree char *address = server->env != NULL && simulated && !new_address
                                 ? g_strdup (rmq_env_get_host_address (server->env))
                                 : NULL;
  const RmqHostSpec spec = { .name = server->name,
                             .address = simulated ? address : LOOPBACK,
                             .pid = simulated ? 0 : getpid (),
                             .cpus = simulated ? 0 : g_get_num_processors () };
  RmqEnv *env = rmq_world_add_host (self->world, &spec);
  g_clear_pointer (&server->env, rmq_env_unref);
  server->env = env;
}

static void
make_address (RmqMockCluster *self, RmqClusterServer *server, gboolean new_address)
{
  if (server->listen != NULL && !new_address)
    return;
  g_free (server->listen);
  if (rmq_world_is_simulated (self->world))
    server->listen = g_strdup_printf ("%s:%d", rmq_env_get_host_address (server->env),
                                      server->is_broker ? BROKER_PORT : NAMESRV_PORT);
  else
    server->listen = g_strdup_printf ("%s:%u", self->bind != NULL ? self->bind : LOOPBACK,
                                      new_address ? 0 : server->port);
}

gboolean
rmq_mock_cluster_start_server (RmqMockCluster *self, RmqClusterServer *server, gboolean new_address,
                               GError **error)
{
  make_mock (self, server);
  if (rmq_mock_server_is_running (server->server))
    return FALSE;
  make_host (self, server, new_address);
  make_address (self, server, new_address);
  gboolean ok =
      server->is_broker
          ? rmq_mock_broker_start (server->broker, server->env, server->listen, error)
          : rmq_mock_nameserver_start (server->nameserver, server->env, server->listen, error);
  if (!ok)
    return FALSE;
  g_free (server->listen);
  server->listen = g_strdup (rmq_mock_server_get_address (server->server));
  return TRUE;
}

gboolean
rmq_mock_cluster_start_all (RmqMockCluster *self, GError **error)
{
  for (gint brokers = 0; brokers <= 1; brokers++)
    for (guint i = 0; i < self->servers->len; i++)
      {
        RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
        if (server->is_broker == brokers
            && (server->server == NULL || !rmq_mock_server_is_running (server->server))
            && !rmq_mock_cluster_start_server (self, server, FALSE, error))
          return FALSE;
      }
  return TRUE;
}

/* ---- end ----------------------------------------------------------------- */

gboolean
rmq_mock_cluster_stop_server (RmqMockCluster *self, RmqClusterServer *server, const char *line)
{
  if (server->server == NULL || !rmq_mock_server_is_running (server->server))
    return FALSE;
  rmq_mock_server_note_down (server->server, line);
  if (server->is_broker)
    rmq_mock_broker_stop (server->broker);
  else
    rmq_mock_nameserver_stop (server->nameserver);
  return TRUE;
}

gboolean
rmq_mock_cluster_kill_server (RmqMockCluster *self, RmqClusterServer *server, RmqCloseHow how,
                              const char *line)
{
  if (server->server == NULL || !rmq_mock_server_is_running (server->server))
    return FALSE;
  rmq_mock_server_note_down (server->server, line);
  if (server->is_broker)
    rmq_mock_broker_kill (server->broker, how);
  else
    rmq_mock_nameserver_kill (server->nameserver, how);
  return TRUE;
}

void
rmq_mock_cluster_reset (RmqMockCluster *self)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->broker != NULL)
        rmq_mock_broker_reset (server->broker);
      if (server->nameserver != NULL)
        rmq_mock_nameserver_reset (server->nameserver);
    }
}

/* ---- topics, routes ------------------------------------------------------ */

void
rmq_mock_cluster_add_topic_on (RmqMockCluster *self, const RmqClusterTopicSpec *spec)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->broker != NULL && is_named (spec->brokers, server->broker_name))
        rmq_mock_broker_add_topic (server->broker, spec->name, spec->write_queues,
                                   spec->read_queues, spec->perm);
    }
}

static gboolean
is_broker_routed (RmqMockCluster *self, const RmqClusterServer *broker)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->nameserver != NULL && rmq_mock_server_is_running (server->server)
          && is_named (broker->nameservers, server->name)
          && !rmq_mock_nameserver_has_member (server->nameserver, broker->broker_name, broker->id))
        return FALSE;
    }
  return TRUE;
}

gboolean
rmq_mock_cluster_is_routed (RmqMockCluster *self)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->broker != NULL && rmq_mock_server_is_running (server->server)
          && !is_broker_routed (self, server))
        return FALSE;
    }
  return TRUE;
}

/* Somebody who waits until all is routed. */
typedef struct
{
  RmqMockCluster *cluster;
  RmqParker parker;
  guint listener;
} RouteWait;

static void
check_routes (const RmqEvent *event, gpointer data)
{
  RouteWait *wait = data;
  if (rmq_mock_cluster_is_routed (wait->cluster))
    rmq_parker_wake (&wait->parker);
}

static void
begin_wait (gpointer data)
{
  RouteWait *wait = data;
  wait->listener =
      rmq_event_log_add_listener (rmq_world_get_log (wait->cluster->world), check_routes, wait);
  check_routes (NULL, wait);
}

static void
end_wait (gpointer data)
{
  RouteWait *wait = data;
  rmq_event_log_remove_listener (rmq_world_get_log (wait->cluster->world), wait->listener);
}

gboolean
rmq_mock_cluster_wait_routed (RmqMockCluster *self)
{
  if (self->servers->len == 0)
    return TRUE;
  RmqEnv *env = rmq_mock_cluster_get_server (self, 0)->env;
  RouteWait wait = { .cluster = self };
  rmq_parker_init (&wait.parker, env);
  RmqWake wake =
      rmq_env_call (env, begin_wait, &wait, &wait.parker, rmq_env_now (env) + ROUTED_WAIT_US);
  rmq_mock_cluster_call (self, end_wait, &wait);
  return wake == RMQ_WAKE_WOKEN;
}

void
rmq_mock_cluster_call (RmqMockCluster *self, RmqEnvFunc func, gpointer data)
{
  if (rmq_world_is_simulated (self->world))
    func (data);
  else
    rmq_real_world_run (self->world, func, data);
}

/* ---- looking ------------------------------------------------------------- */

void
rmq_mock_cluster_fill_snapshot (RmqMockCluster *self, RmqSnapshot *snapshot)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      if (server->broker != NULL)
        rmq_mock_broker_fill_snapshot (server->broker, snapshot);
      if (server->nameserver != NULL)
        rmq_mock_nameserver_fill_snapshot (server->nameserver, snapshot);
    }
}

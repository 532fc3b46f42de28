/* SPDX-License-Identifier: Apache-2.0 */

/* mock-nameserver: one mock name server as a program, so that it can be killed for real. Parses
 * options, starts, waits for the end. */

#include "rmq-daemon.h"
#include "rmq-mock-nameserver.h"
#include "rmq-real-world.h"
#include "rmq-requests-answer.h"
#include "rmq-snapshot-answer.h"

static gint port;
static gint http_port = -1;
static char *profile;
static RmqDaemonPlace place;

static const GOptionEntry entries[] = {
  { "port", 0, 0, G_OPTION_ARG_INT, &port, "Port to listen on (default: a free one)", "P" },
  { "http-port", 0, 0, G_OPTION_ARG_INT, &http_port,
    "Offer the control API on this port of the loopback (0: a free one)", "P" },
  { "profile", 0, 0, G_OPTION_ARG_STRING, &profile,
    "Version to behave as: 4.5.1, 4.9 or 5.3 (default: 4.9)", "P" },
  RMQ_DAEMON_PLACE_ENTRIES (place),
  G_OPTION_ENTRY_NULL,
};

static const RmqProgramOptions options = {
  .program = "mock-nameserver",
  .summary = "A RocketMQ name server in memory.",
  .entries = entries,
};

typedef struct
{
  RmqWorld *world;
  RmqEnv *env;
  RmqMockNameserver *nameserver;
  char *listen;
  gboolean started;
  RmqControlHandlers handlers;
  GError *error;
} Daemon;

/* ---- on the loop --------------------------------------------------------- */

static void
start (gpointer data)
{
  Daemon *self = data;
  self->nameserver = rmq_mock_nameserver_new ("mock-nameserver", rmq_mock_profile_find (profile));
  self->started =
      rmq_mock_nameserver_start (self->nameserver, self->env, self->listen, &self->error);
}

static void
end (gpointer data)
{
  Daemon *self = data;
  g_clear_pointer (&self->nameserver, rmq_mock_nameserver_free);
}

static void
answer_snapshot (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  RmqEventLog *log = rmq_world_get_log (self->world);
  g_autoptr (RmqSnapshot) snapshot =
      rmq_snapshot_new (rmq_event_log_get_ev (log), rmq_env_now (self->env));
  rmq_mock_nameserver_fill_snapshot (self->nameserver, snapshot);
  rmq_snapshot_answer (snapshot, request, answer);
}

static void
answer_requests (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  RmqMockServer *server = rmq_mock_nameserver_get_server (self->nameserver);
  rmq_mock_servers_answer_requests (&server, 1, request, answer);
}

static void
answer_reset (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  rmq_mock_nameserver_reset (self->nameserver);
  answer->body = g_strdup ("{}");
}

static void
answer_nsaddr (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  g_autofree char *address =
      rmq_daemon_place_advertise (&place, rmq_mock_nameserver_get_address (self->nameserver));
  answer->body = g_strdup_printf ("%s\n", address);
}

/* ---- main thread --------------------------------------------------------- */

static void
open_http (Daemon *self, RmqControlApi *http)
{
  rmq_control_api_set_name (http, place.advertise);
  self->handlers = (RmqControlHandlers){
    .snapshot = answer_snapshot,
    .requests = answer_requests,
    .reset = answer_reset,
    .nsaddr = answer_nsaddr,
    .data = self,
  };
  rmq_control_api_open (http,
                        &(RmqControlScope){ .world = self->world, .handlers = &self->handlers });
}

static RmqDaemonStatus
serve (Daemon *self, RmqControlApi *http)
{
  g_autoptr (GError) error = NULL;
  rmq_real_world_run (self->world, start, self);
  if (!self->started)
    return rmq_daemon_fail (&options, rmq_daemon_status_of (self->error), "%s",
                            self->error->message);
  if (http != NULL)
    open_http (self, http);
  g_autofree char *address =
      rmq_daemon_place_advertise (&place, rmq_mock_nameserver_get_address (self->nameserver));
  if (!rmq_daemon_announce (&place, address, http, &error))
    return rmq_daemon_fail (&options, RMQ_DAEMON_FAILED, "%s", error->message);
  rmq_daemon_wait_for_end ();
  return RMQ_DAEMON_OK;
}

/* The places to listen at are had before anything starts. */
static RmqDaemonStatus
run (Daemon *self)
{
  g_autoptr (GError) error = NULL;
  RmqControlApi *http =
      http_port >= 0 ? rmq_control_api_new (place.bind, (guint)http_port, &error) : NULL;
  if (error != NULL)
    return rmq_daemon_fail (&options, rmq_daemon_status_of (error), "%s", error->message);
  RmqDaemonStatus status = serve (self, http);
  rmq_control_api_free (http);
  return status;
}

int
main (int argc, char **argv)
{
  RmqDaemonStatus status = rmq_daemon_parse (&options, argc, argv);
  if (status == RMQ_DAEMON_GO_ON)
    status = rmq_daemon_check_port (&options, "port", port);
  if (status == RMQ_DAEMON_GO_ON)
    status = rmq_daemon_check_port (&options, "http-port", http_port);
  if (status == RMQ_DAEMON_GO_ON)
    status = rmq_daemon_check_profile (&options, profile);
  if (status == RMQ_DAEMON_GO_ON)
    status = rmq_daemon_check_place (&options, &place);
  if (status != RMQ_DAEMON_GO_ON)
    return status;
  Daemon self = { .world = rmq_real_world_new () };
  self.env = rmq_real_world_add_local_host (self.world);
  self.listen = rmq_daemon_place_get_listen (&place, (guint)MAX (port, 0));
  status = run (&self);
  rmq_real_world_run (self.world, end, &self);
  rmq_env_unref (self.env);
  rmq_world_unref (self.world);
  g_clear_error (&self.error);
  g_free (self.listen);
  rmq_daemon_place_clear (&place);
  return status;
}

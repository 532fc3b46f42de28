/* SPDX-License-Identifier: Apache-2.0 */

/* mock-broker: one mock broker as a program, so that it can be killed for real; what it stored dies
 * with it. Parses options, starts, waits for the end. */

#include "rmq-broker-config.h"
#include "rmq-daemon.h"
#include "rmq-messages-answer.h"
#include "rmq-mock-broker.h"
#include "rmq-real-world.h"
#include "rmq-requests-answer.h"
#include "rmq-snapshot-answer.h"
#include "rmq-topic-config-manager.h"
#include "rmq-topic-route-data.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_QUEUES 4
#define QUEUES_MAX 1024
#define REGISTRATION_WAIT_US (10 * G_TIME_SPAN_SECOND)

static gint port;
static gint http_port = -1;
static gint64 broker_id;
static gboolean no_auto_create;
static char *namesrv;
static char *name;
static char *cluster;
static char **topics;
static char **settings;
static char *profile;
static RmqDaemonPlace place;

static const GOptionEntry entries[] = {
  { "namesrv", 0, 0, G_OPTION_ARG_STRING, &namesrv, "Name servers to register at", "A[;A]" },
  { "name", 0, 0, G_OPTION_ARG_STRING, &name, "Broker name (default: broker-a)", "N" },
  { "cluster", 0, 0, G_OPTION_ARG_STRING, &cluster, "Cluster (default: DefaultCluster)", "C" },
  { "id", 0, 0, G_OPTION_ARG_INT64, &broker_id,
    "Broker id; 0 is the master (default: 0). A slave refuses sends; alone in its process it "
    "copies "
    "nothing, slaves that do are 'broker B slaves N' of rmqlab",
    "I" },
  { "port", 0, 0, G_OPTION_ARG_INT, &port, "Port to listen on (default: a free one)", "P" },
  { "topic", 0, 0, G_OPTION_ARG_STRING_ARRAY, &topics,
    "Topic to have from the start, with 4 queues unless said; may be repeated", "NAME[:QUEUES]" },
  { "no-auto-create", 0, 0, G_OPTION_ARG_NONE, &no_auto_create, "Sends don't create topics", NULL },
  { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &settings,
    "A line of broker.conf, such as transactionCheckInterval=3000; may be repeated", "NAME=VALUE" },
  { "http-port", 0, 0, G_OPTION_ARG_INT, &http_port,
    "Offer the control API on this port of the loopback (0: a free one)", "P" },
  { "profile", 0, 0, G_OPTION_ARG_STRING, &profile,
    "Version to behave as: 4.5.1, 4.9 or 5.3 (default: 4.9)", "P" },
  RMQ_DAEMON_PLACE_ENTRIES (place),
  G_OPTION_ENTRY_NULL,
};

static const RmqProgramOptions options = {
  .program = "mock-broker",
  .summary = "A RocketMQ broker in memory.",
  .entries = entries,
};

typedef struct
{
  RmqWorld *world;
  RmqEnv *env;
  RmqMockBroker *broker;
  char *listen;
  RmqParker settled;
  gboolean waiting;
  gboolean started;
  gboolean routed;
  RmqControlHandlers handlers;
  GError *error;
} Daemon;

/* ---- on the loop --------------------------------------------------------- */

static void
settled (gpointer data)
{
  Daemon *self = data;
  if (self->waiting)
    rmq_parker_wake (&self->settled);
}

static void
add_topics (Daemon *self)
{
  for (char **topic = topics; topic != NULL && *topic != NULL; topic++)
    {
      g_auto (GStrv) parts = g_strsplit (*topic, ":", 2);
      gint queues = parts[1] != NULL ? atoi (parts[1]) : DEFAULT_QUEUES;
      rmq_mock_broker_add_topic (self->broker, parts[0], queues, queues,
                                 RMQ_PERM_READ | RMQ_PERM_WRITE);
    }
}

static void
start (gpointer data)
{
  Daemon *self = data;
  RmqMockBrokerOptions broker_options = {
    .cluster = cluster,
    .name = name != NULL ? name : "broker-a",
    .id = broker_id,
    .namesrv = namesrv,
    .advertise = place.advertise,
    .no_auto_create = no_auto_create,
    .settings = (const char *const *)settings,
    .profile = rmq_mock_profile_find (profile),
  };
  self->broker = rmq_mock_broker_new (&broker_options);
  add_topics (self);
  rmq_mock_broker_set_settled_func (self->broker, settled, self);
  self->started = rmq_mock_broker_start (self->broker, self->env, self->listen, &self->error);
  if (!self->started)
    rmq_parker_wake (&self->settled);
}

static void
end (gpointer data)
{
  Daemon *self = data;
  g_clear_pointer (&self->broker, rmq_mock_broker_free);
}

static gboolean
answer_ready (gpointer data)
{
  return ((Daemon *)data)->routed;
}

static void
answer_snapshot (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  RmqEventLog *log = rmq_world_get_log (self->world);
  g_autoptr (RmqSnapshot) snapshot =
      rmq_snapshot_new (rmq_event_log_get_ev (log), rmq_env_now (self->env));
  rmq_mock_broker_fill_truth (self->broker, -1,
                              rmq_snapshot_add_table (snapshot, &rmq_mock_broker_truth_schema,
                                                      rmq_mock_broker_get_name (self->broker)));
  rmq_mock_broker_fill_snapshot (self->broker, snapshot);
  rmq_snapshot_answer (snapshot, request, answer);
}

static void
answer_messages (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  rmq_mock_brokers_answer_messages (&self->broker, 1, request, answer);
}

static void
answer_requests (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  RmqMockServer *server = rmq_mock_broker_get_server (self->broker);
  rmq_mock_servers_answer_requests (&server, 1, request, answer);
}

static void
answer_reset (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  Daemon *self = data;
  rmq_mock_broker_reset (self->broker);
  add_topics (self);
  answer->body = g_strdup ("{}");
}

static void
answer_nsaddr (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  answer->body = g_strdup_printf ("%s\n", namesrv);
}

/* ---- main thread --------------------------------------------------------- */

static const char *
complain_topic (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 2);
  gint64 queues;
  const char *complaint = rmq_topic_name_complain (parts[0]);
  if (complaint != NULL || parts[1] == NULL
      || g_ascii_string_to_signed (parts[1], 10, 1, QUEUES_MAX, &queues, NULL))
    return complaint;
  return "QUEUES is a number from 1 to 1024";
}

/* Names of brokers and clusters stand in routes and in lines of the language. */
static gboolean
is_name (const char *text)
{
  return text == NULL
         || (text[0] != '\0'
             && text[strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-%")] == '\0');
}

static RmqDaemonStatus
check_names (void)
{
  if (!is_name (name) || !is_name (cluster))
    return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE,
                            "--%s: a name has letters, digits, '.', '_', '-' and '%%' only",
                            is_name (name) ? "cluster" : "name");
  if (broker_id < 0)
    return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE, "--id wants a number from 0 on");
  return RMQ_DAEMON_GO_ON;
}

static RmqDaemonStatus
check_settings (void)
{
  for (char **setting = settings; setting != NULL && *setting != NULL; setting++)
    {
      g_autoptr (GError) error = NULL;
      if (!rmq_broker_setting_check_pair (*setting, &error))
        return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE, "--set: %s", error->message);
    }
  return RMQ_DAEMON_GO_ON;
}

static RmqDaemonStatus
check_options (void)
{
  g_autofree char *wrong = rmq_program_options_find_no_address (namesrv);
  if (namesrv == NULL)
    return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE,
                            "--namesrv is needed: where to register, host:port[;host:port]");
  if (wrong != NULL)
    return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE, "--namesrv: \"%s\" is not host:port",
                            wrong);
  for (char **topic = topics; topic != NULL && *topic != NULL; topic++)
    {
      const char *complaint = complain_topic (*topic);
      if (complaint != NULL)
        return rmq_daemon_fail (&options, RMQ_DAEMON_UNUSABLE, "--topic \"%s\": %s", *topic,
                                complaint);
    }
  return check_settings ();
}

static void
open_http (Daemon *self, RmqControlApi *http)
{
  rmq_control_api_set_name (http, place.advertise);
  self->handlers = (RmqControlHandlers){
    .is_ready = answer_ready,
    .snapshot = answer_snapshot,
    .messages = answer_messages,
    .requests = answer_requests,
    .reset = answer_reset,
    .nsaddr = answer_nsaddr,
    .data = self,
  };
  rmq_control_api_open (http,
                        &(RmqControlScope){ .world = self->world, .handlers = &self->handlers });
}

/* Listens, and has heard from every name server, or learned that it can't. */
static void
start_and_settle (Daemon *self)
{
  rmq_parker_init (&self->settled, self->env);
  self->waiting = TRUE;
  rmq_env_call (self->env, start, self, &self->settled,
                rmq_env_now (self->env) + REGISTRATION_WAIT_US);
  self->waiting = FALSE;
}

static void
read_routed (gpointer data)
{
  Daemon *self = data;
  self->routed = rmq_mock_broker_get_n_registered (self->broker) > 0;
}

static gboolean
is_routed (gpointer data)
{
  Daemon *self = data;
  rmq_real_world_run (self->world, read_routed, self);
  return self->routed;
}

/* Ready is who clients can find. Returns at the end. */
static gboolean
announce_when_routed (Daemon *self, RmqControlApi *http, GError **error)
{
  if (!is_routed (self))
    {
      g_printerr ("%s: no name server of %s has taken the registration; it is tried again, ready "
                  "comes then\n",
                  options.program, namesrv);
      if (!rmq_daemon_wait_until (is_routed, self))
        return TRUE;
    }
  if (!rmq_daemon_announce (&place, rmq_mock_broker_get_advertised (self->broker), http, error))
    return FALSE;
  rmq_daemon_wait_for_end ();
  return TRUE;
}

static RmqDaemonStatus
serve (Daemon *self, RmqControlApi *http)
{
  g_autoptr (GError) error = NULL;
  start_and_settle (self);
  if (!self->started)
    return rmq_daemon_fail (&options, rmq_daemon_status_of (self->error), "%s",
                            self->error->message);
  if (http != NULL)
    open_http (self, http);
  if (announce_when_routed (self, http, &error))
    return RMQ_DAEMON_OK;
  return rmq_daemon_fail (&options, RMQ_DAEMON_FAILED, "%s", error->message);
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
    status = check_names ();
  if (status == RMQ_DAEMON_GO_ON)
    status = check_options ();
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

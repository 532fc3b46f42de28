/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab serve: a mock cluster over TCP for other people's clients. Reads options, prints the ready
 * line, waits for the end. */

#include "rmq-command.h"
#include "rmq-daemon.h"
#include "rmq-options.h"
#include "rmq-serve.h"

#define SERVERS_MAX 26

typedef struct
{
  int nameservers, brokers, http_port;
  char *namesrv_ports;
  char **topics;
  gboolean no_auto_create;
  char *profile;
  char *scenario;
  RmqDaemonPlace place;
} Options;

/* "9876,9877" → numbers; FALSE: one is no port. */
static gboolean
read_ports (const char *text, GArray *ports)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", ",", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 number = 0;
      if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXUINT16, &number, NULL))
        return FALSE;
      const guint16 port = (guint16)number;
      g_array_append_val (ports, port);
    }
  return TRUE;
}

/* What is wrong with the options, or NULL. */
static const char *
check (const Options *options, GArray *ports)
{
  if (options->nameservers < 1 || options->nameservers > SERVERS_MAX)
    return "--nameservers wants a number from 1 to 26";
  if (options->brokers < 0 || options->brokers > SERVERS_MAX)
    return "--brokers wants a number from 0 to 26";
  if (options->http_port < 0 || options->http_port > G_MAXUINT16)
    return "--http-port wants a port, 0 for any free one";
  if (!read_ports (options->namesrv_ports, ports))
    return "--namesrv-port wants ports, such as 9876 or 9876,9877";
  if (ports->len > (guint)options->nameservers)
    return "--namesrv-port names more ports than there are name servers";
  return NULL;
}

static RmqServe *
start (const Options *options, const GArray *ports, GError **error)
{
  const RmqServeOptions serve_options = { .n_nameservers = (guint)options->nameservers,
                                          .n_brokers = (guint)options->brokers,
                                          .namesrv_ports = (const guint16 *)ports->data,
                                          .n_namesrv_ports = ports->len,
                                          .http_port = (guint16)options->http_port,
                                          .topics = options->topics,
                                          .no_auto_create = options->no_auto_create,
                                          .profile = options->profile,
                                          .scenario = options->scenario,
                                          .bind = options->place.bind,
                                          .advertise = options->place.advertise };
  rmq_daemon_prepare ();
  return rmq_serve_new (&serve_options, error);
}

static gboolean
announce (const Options *options, RmqServe *cluster, GError **error)
{
  g_autofree char *http =
      rmq_daemon_place_advertise (&options->place, rmq_serve_get_http_addr (cluster));
  g_autofree char *line =
      g_strdup_printf ("ready namesrv=%s http=%s\n", rmq_serve_get_namesrv_addr (cluster), http);
  return rmq_daemon_announce_line (line, options->place.ready_file, error);
}

/* Of the scenario's expectations, as a run does. */
static int
report (RmqServe *cluster)
{
  g_autoptr (RmqReport) verdicts = rmq_serve_judge (cluster);
  g_autofree char *text = rmq_report_format (verdicts);
  g_print ("%s", text);
  return rmq_report_get_status (verdicts);
}

static int
serve (const Options *options, const GArray *ports)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqServe) cluster = start (options, ports, &error);
  if (cluster == NULL || !announce (options, cluster, &error))
    {
      rmq_options_refuse (&rmq_command_serve, "%s", error->message);
      return (int)rmq_daemon_status_of (error);
    }
  rmq_daemon_wait_for_end ();
  return options->scenario != NULL ? report (cluster) : RMQ_EXIT_OK;
}

static int
check_and_serve (Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ports = g_array_new (FALSE, FALSE, sizeof (guint16));
  const char *wrong = check (options, ports);
  if (wrong != NULL)
    return rmq_options_refuse (&rmq_command_serve, "%s", wrong);
  if (!rmq_daemon_place_check (&options->place, &error))
    return rmq_options_refuse (&rmq_command_serve, "%s", error->message);
  return serve (options, ports);
}

static int
run_serve (int argc, char **argv)
{
  Options options = { .nameservers = 1, .brokers = 1 };
  const GOptionEntry entries[] = {
    { "nameservers", 0, 0, G_OPTION_ARG_INT, &options.nameservers, "how many name servers (1)",
      "N" },
    { "brokers", 0, 0, G_OPTION_ARG_INT, &options.brokers, "how many brokers (1)", "N" },
    { "namesrv-port", 0, 0, G_OPTION_ARG_STRING, &options.namesrv_ports,
      "where the name servers listen (any free ports)", "P[,P…]" },
    { "http-port", 0, 0, G_OPTION_ARG_INT, &options.http_port,
      "where the control API listens (any free port)", "P" },
    { "topic", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.topics,
      "topic on every broker, with 4 queues unless said; may be repeated", "NAME[:QUEUES]" },
    { "no-auto-create", 0, 0, G_OPTION_ARG_NONE, &options.no_auto_create,
      "sends don't create topics", NULL },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
      "version to behave as: 4.5.1, 4.9, 5.3 (4.9)", "P" },
    { "run", 0, 0, G_OPTION_ARG_STRING, &options.scenario,
      "take topics, outages and expectations from a scenario; at the end, its verdicts",
      "SCENARIO" },
    RMQ_DAEMON_PLACE_ENTRIES (options.place),
    { NULL },
  };
  int status = RMQ_EXIT_UNUSABLE;
  if (rmq_options_parse (&rmq_command_serve, entries, argc, argv, NULL))
    status = check_and_serve (&options);
  g_free (options.namesrv_ports);
  g_strfreev (options.topics);
  g_free (options.profile);
  g_free (options.scenario);
  rmq_daemon_place_clear (&options.place);
  return status;
}

const RmqCommand rmq_command_serve = {
  .name = "serve",
  .arguments = "",
  .help = "Serves a mock cluster over TCP for other people's clients.",
  .run = run_serve,
};

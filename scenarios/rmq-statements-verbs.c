/* SPDX-License-Identifier: Apache-2.0 */

/* Verbs of a server's process and states, the list of all verbs, and what their checks share.
 * Nothing here reaches into a store but "start empty". Acts run as owner. */

#include "rmq-verbs-private.h"

#include <stddef.h>

/* ---- processes ----------------------------------------------------------- */

static void
act_kill (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
          GString *answer)
{
  const RmqProcessStatement *kill = (const RmqProcessStatement *)statement;
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  if (!rmq_mock_cluster_kill_server (cluster, server, kill->reset ? RMQ_CLOSE_RST : RMQ_CLOSE_FIN,
                                     statement->base.text))
    g_string_append_printf (answer, "%s is down already", target);
}

static void
act_stop (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
          GString *answer)
{
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  if (!rmq_mock_cluster_stop_server (cluster, server, statement->base.text))
    g_string_append_printf (answer, "%s is down already", target);
}

static void
start_server (RmqMockCluster *cluster, const char *target, gboolean new_address, GString *answer)
{
  g_autoptr (GError) error = NULL;
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  if (rmq_mock_cluster_start_server (cluster, server, new_address, &error))
    return;
  if (error != NULL)
    g_string_append_printf (answer, "%s could not start: %s", target, error->message);
  else
    g_string_append_printf (answer, "%s runs already", target);
}

static void
act_start (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
           GString *answer)
{
  const RmqProcessStatement *start = (const RmqProcessStatement *)statement;
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  if (start->empty && server->broker != NULL && !rmq_mock_server_is_running (server->server))
    rmq_mock_broker_forget_store (server->broker);
  start_server (cluster, target, start->new_address, answer);
}

static void
act_restart (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
             GString *answer)
{
  rmq_mock_cluster_stop_server (cluster, rmq_mock_cluster_find (cluster, target),
                                statement->base.text);
  act_start (cluster, target, statement, answer);
}

static void
end_down (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
          GString *answer)
{
  start_server (cluster, target, FALSE, answer);
}

/* ---- states of a mock ---------------------------------------------------- */

static void
set_state (RmqMockCluster *cluster, const char *target, RmqServerState state,
           const RmqTimedStatement *statement, GString *answer)
{
  RmqMockServer *server = rmq_mock_cluster_find (cluster, target)->server;
  if (!rmq_mock_server_set_state (server, state, TRUE, statement->base.text))
    g_string_append_printf (answer, "%s %s already", target,
                            rmq_mock_server_describe_state (server));
}

static void
clear_state (RmqMockCluster *cluster, const char *target, RmqServerState state)
{
  rmq_mock_server_set_state (rmq_mock_cluster_find (cluster, target)->server, state, FALSE, NULL);
}

#define STATE_VERB(name, state)                                                                    \
  static void act_##name (RmqMockCluster *cluster, const char *target,                             \
                          const RmqTimedStatement *statement, GString *answer)                     \
  {                                                                                                \
    set_state (cluster, target, state, statement, answer);                                         \
  }                                                                                                \
  static void end_##name (RmqMockCluster *cluster, const char *target,                             \
                          const RmqTimedStatement *statement, GString *answer)                     \
  {                                                                                                \
    clear_state (cluster, target, state);                                                          \
  }

STATE_VERB (refuse, RMQ_SERVER_REFUSE)
STATE_VERB (ignore_connects, RMQ_SERVER_IGNORES_CONNECTS)
STATE_VERB (reads_nothing, RMQ_SERVER_READS_NOTHING)
STATE_VERB (ignores_registration, RMQ_SERVER_IGNORES_REGISTRATION)
STATE_VERB (hang, RMQ_SERVER_HANG)
STATE_VERB (pause, RMQ_SERVER_PAUSE)

static void
act_heal (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
          GString *answer)
{
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  rmq_mock_server_heal (server->server);
  if (!rmq_mock_server_is_running (server->server))
    start_server (cluster, target, FALSE, answer);
}

/* ---- checks -------------------------------------------------------------- */

gboolean
rmq_verb_check_no_end (RmqReader *reader, gpointer statement)
{
  if (((RmqTimedStatement *)statement)->for_us < 0)
    return TRUE;
  return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "for"),
                             g_strdup ("this happens in a moment, it has no \"for\""), NULL);
}

/* ---- descriptors --------------------------------------------------------- */

const RmqArgument rmq_verb_no_arguments[] = { { NULL } };
static const RmqArgument kill_arguments[] = {
  { "reset", NULL, RMQ_ARGUMENT_FLAG, FALSE, offsetof (RmqProcessStatement, reset) },
  { NULL },
};
static const RmqArgument start_arguments[] = {
  { "empty", NULL, RMQ_ARGUMENT_FLAG, FALSE, offsetof (RmqProcessStatement, empty) },
  { "at new address", NULL, RMQ_ARGUMENT_FLAG, FALSE, offsetof (RmqProcessStatement, new_address) },
  { NULL },
};

/* of a server, without arguments of its own */
#define PLAIN_VERB(name, verb, kinds, check_func, end_func, example_line, help_text)               \
  static const RmqStatementForm form_##name = { .group = RMQ_FORM_VERB,                            \
                                                .word = verb,                                      \
                                                .arguments = rmq_verb_no_arguments,                \
                                                .size = sizeof (RmqTimedStatement),                \
                                                .targets = kinds,                                  \
                                                .check = check_func,                               \
                                                .act = act_##name,                                 \
                                                .end = end_func,                                   \
                                                .example = example_line,                           \
                                                .help = help_text }

#define PROCESS_VERB(name, verb_arguments, check_func, end_func, example_line, help_text)          \
  static const RmqStatementForm form_##name = { .group = RMQ_FORM_VERB,                            \
                                                .word = #name,                                     \
                                                .arguments = verb_arguments,                       \
                                                .size = sizeof (RmqProcessStatement),              \
                                                .targets = RMQ_NAME_SERVER,                        \
                                                .check = check_func,                               \
                                                .act = act_##name,                                 \
                                                .end = end_func,                                   \
                                                .example = example_line,                           \
                                                .help = help_text }

PROCESS_VERB (kill, kill_arguments, NULL, end_down, "at 5.05s broker-a kill",
              "what a kernel does for a dead process: listener gone, a FIN on each connection, RST "
              "where unread bytes wait; what was stored stays; reset: RST on each connection");
PROCESS_VERB (start, start_arguments, rmq_verb_check_no_end, NULL, "at 45.05s broker-a start",
              "listens and registers again, with what was stored, or empty");
PROCESS_VERB (restart, start_arguments, rmq_verb_check_no_end, NULL, "at 45.05s broker-a restart",
              "stops politely and starts at once");

PLAIN_VERB (stop, "stop", RMQ_NAME_SERVER, NULL, end_down, "at 5s broker-a stop",
            "polite: unregisters, then FIN");
PLAIN_VERB (refuse, "refuse", RMQ_NAME_SERVER, NULL, end_refuse, "at 5s for 10s broker-a refuse",
            "new connects are refused, connections stay");
PLAIN_VERB (ignore_connects, "ignore connects", RMQ_NAME_SERVER, NULL, end_ignore_connects,
            "at 5s for 10s broker-a ignore connects",
            "new connects never complete, connections stay");
PLAIN_VERB (reads_nothing, "reads nothing", RMQ_NAME_SERVER, NULL, end_reads_nothing,
            "at 5s for 10s broker-a reads nothing",
            "accepts, leaves every byte in the kernel's buffer; reads it when that ends");
PLAIN_VERB (hang, "hang", RMQ_NAME_SERVER, NULL, end_hang, "at 5s for 10s broker-a hang",
            "reads, never answers; a broker stops registering");
PLAIN_VERB (pause, "pause", RMQ_NAME_SERVER, NULL, end_pause, "at 5s for 20s broker-a pause",
            "a stopped process: the kernel accepts and buffers, the backlog is executed on resume");
PLAIN_VERB (ignores_registration, "ignores registration", RMQ_NAME_BROKER | RMQ_NAME_SLAVE, NULL,
            end_ignores_registration, "at 5s for 150s broker-a ignores registration",
            "works, but tells no name server any more; they drop it 120 s after the last time");
PLAIN_VERB (heal, "heal", RMQ_NAME_SERVER, rmq_verb_check_no_end, NULL, "at 30s broker-a heal",
            "ends every outage");

static void
act_resume (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
            GString *answer)
{
  clear_state (cluster, target, RMQ_SERVER_PAUSE);
}
PLAIN_VERB (resume, "resume", RMQ_NAME_SERVER, rmq_verb_check_no_end, NULL,
            "at 25s broker-a resume", "ends a pause");

const RmqStatementForm *const rmq_verb_forms[] = {
  &form_kill,
  &form_stop,
  &form_start,
  &form_restart,
  &form_pause,
  &form_resume,
  &form_refuse,
  &form_ignore_connects,
  &form_reads_nothing,
  &form_hang,
  &form_ignores_registration,
  &rmq_form_drop,
  &rmq_form_delay,
  &rmq_form_answer,
  &rmq_form_close,
  &rmq_form_reset,
  &rmq_form_duplicate,
  &rmq_form_swap,
  &rmq_form_shift_opaque,
  &rmq_form_corrupt,
  &rmq_form_hold,
  &rmq_form_release,
  &form_heal,
  &rmq_form_host_kill,
  &rmq_form_host_pause,
  &rmq_form_host_resume,
  &rmq_form_clock_jump,
  &rmq_form_starts,
  &rmq_form_shuts_down,
  NULL,
};

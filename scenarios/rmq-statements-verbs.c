/* SPDX-License-Identifier: Apache-2.0 */

/* Verbs: what may happen to a server, and the server's functions that do it. An outage is a row of
 * a mock's outage table or a state of the mock; nothing here reaches into a store but "start
 * empty". Acts run as owner. */

#include "rmq-mock-cluster-private.h"
#include "rmq-reader.h"

#include <stddef.h>

/* ---- processes ----------------------------------------------------------- */

static void
act_kill (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
          GString *answer)
{
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  if (!rmq_mock_cluster_kill_server (cluster, server, statement->base.text))
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

/* ---- requests ------------------------------------------------------------ */

static void
add_rule (RmqMockCluster *cluster, const char *target, RmqOutageKind kind,
          const RmqTimedStatement *statement)
{
  const RmqRequestStatement *request = (const RmqRequestStatement *)statement;
  RmqClusterServer *server = rmq_mock_cluster_find (cluster, target);
  const RmqOutageRule rule = {
    .kind = kind,
    .point = request->before_store || (request->what.requests && !request->after_store)
                 ? RMQ_OUTAGE_BEFORE_STORE
                 : RMQ_OUTAGE_AFTER_STORE,
    .amount = request->amount.kind,
    .n = request->amount.n,
    .delay_us = request->delay_us,
    .jitter_us = request->jitter_us,
    .answer_code = request->code,
    .remark = request->remark,
    .request_kind =
        (char *)(request->what.request_kind != NULL ? request->what.request_kind : "send"),
    .topic = request->topic,
    .queue_id = request->queue_id,
    .key = request->key,
    .from = request->from,
    .until_us = statement->for_us >= 0 ? rmq_env_now (server->env) + statement->for_us : G_MAXINT64,
    .line = statement->base.text,
    .owner = statement->base.serial,
  };
  rmq_outage_table_add (rmq_mock_server_get_outages (server->server), &rule);
}

#define REQUEST_VERB(name, kind)                                                                   \
  static void act_##name (RmqMockCluster *cluster, const char *target,                             \
                          const RmqTimedStatement *statement, GString *answer)                     \
  {                                                                                                \
    add_rule (cluster, target, kind, statement);                                                   \
  }

REQUEST_VERB (drop, RMQ_OUTAGE_DROP)
REQUEST_VERB (delay, RMQ_OUTAGE_DELAY)
REQUEST_VERB (answer, RMQ_OUTAGE_ANSWER)

/* "B close" is every connection, once; "B close next 1 send requests" is a rule. */
static gboolean
is_rule (const RmqTimedStatement *statement)
{
  const RmqRequestStatement *request = (const RmqRequestStatement *)statement;
  return request->amount.n >= 0 || request->what.request_kind != NULL || request->before_store
         || request->after_store || request->topic != NULL;
}

static void
cut_connections (RmqMockCluster *cluster, const char *target, gboolean reset,
                 const RmqTimedStatement *statement)
{
  if (is_rule (statement))
    add_rule (cluster, target, reset ? RMQ_OUTAGE_RESET : RMQ_OUTAGE_CLOSE, statement);
  else
    rmq_mock_server_close_all (rmq_mock_cluster_find (cluster, target)->server,
                               reset ? RMQ_CLOSE_RST : RMQ_CLOSE_FIN, statement->base.text);
}

static void
act_close (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
           GString *answer)
{
  cut_connections (cluster, target, FALSE, statement);
}

static void
act_reset (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
           GString *answer)
{
  cut_connections (cluster, target, TRUE, statement);
}

/* ---- checks -------------------------------------------------------------- */

static gboolean
check_no_end (RmqReader *reader, gpointer statement)
{
  if (((RmqTimedStatement *)statement)->for_us < 0)
    return TRUE;
  return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "for"),
                             g_strdup ("this happens in a moment, it has no \"for\""), NULL);
}

static gboolean
check_request (RmqReader *reader, gpointer statement)
{
  const RmqRequestStatement *request = statement;
  const gboolean responses = request->what.request_kind == NULL || !request->what.requests;
  if (request->before_store && responses)
    return rmq_reader_fail_at (
        reader, rmq_reader_find_column (reader, "before"),
        g_strdup ("\"before store\" goes with requests: there is no response "
                  "to what wasn't executed"),
        "after store");
  if (request->before_store && request->after_store)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "after"),
                               g_strdup ("either before or after the store, not both"), NULL);
  return TRUE;
}

static gboolean
check_cut (RmqReader *reader, gpointer statement)
{
  return (is_rule (statement) || check_no_end (reader, statement))
         && check_request (reader, statement);
}

/* ---- descriptors --------------------------------------------------------- */

#define AT(member) offsetof (RmqRequestStatement, member)
#define HOW_MANY                                                                                   \
  {                                                                                                \
    NULL, "AMOUNT", RMQ_ARGUMENT_AMOUNT, FALSE, AT (amount)                                        \
  }
#define WHAT_AND_SCOPE                                                                             \
  { NULL, "WHAT", RMQ_ARGUMENT_WHAT, FALSE, AT (what) },                                           \
      { "of", "T", RMQ_ARGUMENT_NAME, FALSE, AT (topic) },                                         \
      { "queue", "Q", RMQ_ARGUMENT_NUMBER, FALSE, AT (queue_id) },                                 \
      { "key", "K", RMQ_ARGUMENT_NAME, FALSE, AT (key) },                                          \
      { "from", "P", RMQ_ARGUMENT_NAME, FALSE, AT (from) },                                        \
      { "before store", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (before_store) },                       \
      { "after store", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (after_store) },                         \
  {                                                                                                \
    NULL                                                                                           \
  }

static const RmqArgument no_arguments[] = { { NULL } };
static const RmqArgument start_arguments[] = {
  { "empty", NULL, RMQ_ARGUMENT_FLAG, FALSE, offsetof (RmqProcessStatement, empty) },
  { "at new address", NULL, RMQ_ARGUMENT_FLAG, FALSE, offsetof (RmqProcessStatement, new_address) },
  { NULL },
};
static const RmqArgument request_arguments[] = { HOW_MANY, WHAT_AND_SCOPE };
static const RmqArgument delay_arguments[] = {
  { NULL, "D", RMQ_ARGUMENT_DURATION, TRUE, AT (delay_us), .member = "delay" },
  { "+-", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (jitter_us), .member = "jitter" },
  HOW_MANY,
  WHAT_AND_SCOPE,
};
static const RmqArgument answer_arguments[] = {
  { NULL, "CODE", RMQ_ARGUMENT_CODE, TRUE, AT (code) },
  { NULL, "\"remark\"", RMQ_ARGUMENT_QUOTED, FALSE, AT (remark) },
  HOW_MANY,
  WHAT_AND_SCOPE,
};

static const RmqRequestStatement request_defaults = {
  .queue_id = -1, .amount = { .kind = RMQ_AMOUNT_ALL, .n = -1 }
};

#define PROCESS_VERB(name, check_func, end_func, example_line, help_text)                          \
  static const RmqStatementForm form_##name = { .group = RMQ_FORM_VERB,                            \
                                                .word = #name,                                     \
                                                .arguments = no_arguments,                         \
                                                .size = sizeof (RmqTimedStatement),                \
                                                .targets = RMQ_NAME_SERVER,                        \
                                                .check = check_func,                               \
                                                .act = act_##name,                                 \
                                                .end = end_func,                                   \
                                                .example = example_line,                           \
                                                .help = help_text }

PROCESS_VERB (kill, NULL, end_down, "at 5.05s broker-a kill",
              "what a kernel does for a dead process: listener gone, a FIN on each connection, RST "
              "where unread bytes wait; what was stored stays");
PROCESS_VERB (stop, NULL, end_down, "at 5s broker-a stop", "polite: unregisters, then FIN");
PROCESS_VERB (refuse, NULL, end_refuse, "at 5s for 10s broker-a refuse",
              "new connects are refused, connections stay");
PROCESS_VERB (hang, NULL, end_hang, "at 5s for 10s broker-a hang",
              "reads, never answers; a broker stops registering");
PROCESS_VERB (
    pause, NULL, end_pause, "at 5s for 20s broker-a pause",
    "a stopped process: the kernel accepts and buffers, the backlog is executed on resume");
PROCESS_VERB (heal, check_no_end, NULL, "at 30s broker-a heal", "ends every outage");

static void
act_resume (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
            GString *answer)
{
  clear_state (cluster, target, RMQ_SERVER_PAUSE);
}
PROCESS_VERB (resume, check_no_end, NULL, "at 25s broker-a resume", "ends a pause");

static const RmqStatementForm form_start = {
  .group = RMQ_FORM_VERB,
  .word = "start",
  .arguments = start_arguments,
  .size = sizeof (RmqProcessStatement),
  .targets = RMQ_NAME_SERVER,
  .check = check_no_end,
  .act = act_start,
  .example = "at 45.05s broker-a start",
  .help = "listens and registers again, with what was stored, or empty",
};

#define REQUEST_FORM(name, argument_rows, check_func, example_line, help_text)                     \
  static const RmqStatementForm form_##name = { .group = RMQ_FORM_VERB,                            \
                                                .word = #name,                                     \
                                                .arguments = argument_rows,                        \
                                                .size = sizeof (RmqRequestStatement),              \
                                                .defaults = &request_defaults,                     \
                                                .targets = RMQ_NAME_SERVER,                        \
                                                .check = check_func,                               \
                                                .act = act_##name,                                 \
                                                .example = example_line,                           \
                                                .help = help_text }

REQUEST_FORM (drop, request_arguments, check_request,
              "at 5s broker-a drop next 1 send responses after store",
              "no answer; after store: executed, but the answer is lost");
REQUEST_FORM (delay, delay_arguments, check_request,
              "at 5s for 10s broker-a delay 200ms +- 50ms 30% of send responses of Orders",
              "late answers; others overtake them");
REQUEST_FORM (answer, answer_arguments, check_request,
              "at 5s broker-a answer SYSTEM_BUSY \"too busy\" next 3 send requests",
              "another code, by name or number; after store: executed first");
REQUEST_FORM (close, request_arguments, check_cut,
              "at 5s broker-a close next 1 send responses after store",
              "FIN instead of the answer; alone: FIN on each connection");
REQUEST_FORM (reset, request_arguments, check_cut,
              "at 5s broker-a reset every 5th of send requests before store",
              "RST instead of the answer; alone: RST on each connection");

const RmqStatementForm *const rmq_verb_forms[] = {
  &form_kill, &form_stop, &form_start, &form_pause,  &form_resume, &form_refuse, &form_hang,
  &form_heal, &form_drop, &form_delay, &form_answer, &form_close,  &form_reset,  NULL
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Verbs about requests and their answers: each line is a rule in the outage table of a mock, which
 * stays honest behind it. Acts run as owner. */

#include "rmq-verbs-private.h"

#include <stddef.h>

/* ---- rules --------------------------------------------------------------- */

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
    .part = (RmqFramePart)request->part,
    .halfway = request->halfway,
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
REQUEST_VERB (duplicate, RMQ_OUTAGE_DUPLICATE)
REQUEST_VERB (swap, RMQ_OUTAGE_SWAP)
REQUEST_VERB (shift_opaque, RMQ_OUTAGE_SHIFT_OPAQUE)
REQUEST_VERB (corrupt, RMQ_OUTAGE_CORRUPT)
REQUEST_VERB (hold, RMQ_OUTAGE_HOLD)

static void
act_release (RmqMockCluster *cluster, const char *target, const RmqTimedStatement *statement,
             GString *answer)
{
  rmq_mock_server_release (rmq_mock_cluster_find (cluster, target)->server);
}

/* "B close" is every connection, once; "B close next 1 send requests" is a rule. */
static gboolean
is_rule (const RmqTimedStatement *statement)
{
  const RmqRequestStatement *request = (const RmqRequestStatement *)statement;
  return request->amount.n >= 0 || request->what.request_kind != NULL || request->before_store
         || request->after_store || request->halfway || request->topic != NULL;
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

/* What a broker asks its clients: it is sent or not, once or twice. */
static gboolean
check_pushed (RmqReader *reader, const RmqRequestStatement *request, gboolean may_be_pushed)
{
  const char *word = request->what.request_kind;
  const RmqRequestKind *kind = word != NULL ? rmq_request_kind_find (word) : NULL;
  if (kind == NULL || !kind->is_pushed || (may_be_pushed && request->what.requests))
    return TRUE;
  return rmq_reader_fail_at (
      reader, rmq_reader_find_column (reader, word),
      g_strdup_printf ("%s requests are the broker's own: they may be dropped or duplicated", word),
      NULL);
}

static gboolean
check_rule (RmqReader *reader, gpointer statement)
{
  return check_pushed (reader, statement, FALSE) && check_request (reader, statement);
}

static gboolean
check_drop (RmqReader *reader, gpointer statement)
{
  return check_pushed (reader, statement, TRUE) && check_request (reader, statement);
}

/* What is done to an answer. */
static gboolean
check_answer (RmqReader *reader, gpointer statement)
{
  const RmqRequestStatement *request = statement;
  if (!request->what.requests || request->after_store)
    return check_rule (reader, statement);
  return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "requests"),
                             g_strdup ("only an answer can be changed so: say responses"),
                             "responses");
}

static gboolean
check_duplicate (RmqReader *reader, gpointer statement)
{
  const RmqRequestStatement *request = statement;
  const RmqRequestKind *kind = request->what.request_kind != NULL
                                   ? rmq_request_kind_find (request->what.request_kind)
                                   : NULL;
  return kind != NULL && kind->is_pushed ? check_drop (reader, statement)
                                         : check_answer (reader, statement);
}

static gboolean
check_cut (RmqReader *reader, gpointer statement)
{
  return (is_rule (statement) || rmq_verb_check_no_end (reader, statement))
         && check_rule (reader, statement);
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

static const RmqArgument request_arguments[] = { HOW_MANY, WHAT_AND_SCOPE };
static const RmqArgument cut_arguments[] = {
  { "halfway", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (halfway) },
  HOW_MANY,
  WHAT_AND_SCOPE,
};
static const RmqArgument corrupt_arguments[] = {
  { NULL, "header|body|length", RMQ_ARGUMENT_CHOICE, TRUE, AT (part), .member = "part" },
  HOW_MANY,
  WHAT_AND_SCOPE,
};
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

#define REQUEST_FORM(name, verb, argument_rows, check_func, end_func, example_line, help_text)     \
  const RmqStatementForm rmq_form_##name = { .group = RMQ_FORM_VERB,                               \
                                             .word = verb,                                         \
                                             .arguments = argument_rows,                           \
                                             .size = sizeof (RmqRequestStatement),                 \
                                             .defaults = &request_defaults,                        \
                                             .targets = RMQ_NAME_SERVER,                           \
                                             .check = check_func,                                  \
                                             .act = act_##name,                                    \
                                             .end = end_func,                                      \
                                             .example = example_line,                              \
                                             .help = help_text }

REQUEST_FORM (drop, "drop", request_arguments, check_drop, NULL,
              "at 5s broker-a drop next 1 send responses after store",
              "no answer; after store: executed, but the answer is lost");
REQUEST_FORM (delay, "delay", delay_arguments, check_rule, NULL,
              "at 5s for 10s broker-a delay 200ms +- 50ms 30% of send responses of Orders",
              "late answers; others overtake them");
REQUEST_FORM (answer, "answer", answer_arguments, check_rule, NULL,
              "at 5s broker-a answer SYSTEM_BUSY \"too busy\" next 3 send requests",
              "another code, by name or number; after store: executed first");
REQUEST_FORM (
    close, "close", cut_arguments, check_cut, NULL,
    "at 5s broker-a close next 1 send responses after store",
    "FIN instead of the answer; alone: FIN on each connection; halfway: after half of the answer");
REQUEST_FORM (
    reset, "reset", cut_arguments, check_cut, NULL,
    "at 5s broker-a reset every 5th of send requests before store",
    "RST instead of the answer; alone: RST on each connection; halfway: after half of the answer");

REQUEST_FORM (duplicate, "duplicate", request_arguments, check_duplicate, NULL,
              "at 5s broker-a duplicate next 3 send responses", "the answer comes twice");
REQUEST_FORM (swap, "swap", request_arguments, check_answer, NULL,
              "at 5s for 10s broker-a swap send responses",
              "the answer goes behind the next one of its connection, a second later at most");
REQUEST_FORM (shift_opaque, "shift opaque", request_arguments, check_answer, NULL,
              "at 5s broker-a shift opaque next 1 send responses",
              "the answer names the request after its own, which may be there or not");
REQUEST_FORM (corrupt, "corrupt", corrupt_arguments, check_answer, NULL,
              "at 5s broker-a corrupt header next 1 send responses",
              "the answer's header can't be read, its body is another, or its frame's length is "
              "beyond every limit");
REQUEST_FORM (hold, "hold", request_arguments, check_rule, act_release,
              "at 5s for 10s broker-a hold next 3 send responses",
              "the answer waits for \"release\" (or \"heal\", or the end); with requests: so does "
              "what they ask for");

const RmqStatementForm rmq_form_release = {
  .group = RMQ_FORM_VERB,
  .word = "release",
  .arguments = rmq_verb_no_arguments,
  .size = sizeof (RmqTimedStatement),
  .targets = RMQ_NAME_SERVER,
  .check = rmq_verb_check_no_end,
  .act = act_release,
  .example = "at 8s broker-a release",
  .help = "gives the answers that are held, in order",
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Expectations: what may be claimed of a run. Descriptors only; how a claim is judged stands in
 * rmq-judge-*.c. */

#include "rmq-client-tables.h"
#include "rmq-judgement.h"
#include "rmq-reader.h"
#include "rmq-suggest.h"

#include <stddef.h>

#define AT(member) offsetof (RmqExpectation, member)

const char *const rmq_expect_words[] = { "expect", "expect-fail", "note", NULL };
const char *const rmq_claim_ends[] = { "where", "from", "until", "at", NULL };

const RmqArgument rmq_where_arguments[] = {
  { "message", "M", RMQ_ARGUMENT_MESSAGE, FALSE, AT (message), .names = RMQ_NAME_LABEL },
  { "key", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (key) },
  { "first try", "B", RMQ_ARGUMENT_NAME, FALSE, AT (first_try), .names = RMQ_NAME_BROKER },
  { "by", "P", RMQ_ARGUMENT_NAME, FALSE, AT (by), .names = RMQ_NAME_PRODUCER },
  { "of", "T", RMQ_ARGUMENT_NAME, FALSE, AT (of) },
  { NULL },
};
const RmqArgument rmq_window_arguments[] = {
  { "from", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (from_us) },
  { "until", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (until_us) },
  { "at", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (at_us) },
  { NULL },
};

static const RmqExpectation defaults = {
  .key = -1, .from_us = -1, .until_us = -1, .at_us = -1, .message = { .number = -1 }
};

#define COMPARISON                                                                                 \
  {                                                                                                \
    NULL, "cmp N", RMQ_ARGUMENT_COMPARISON, TRUE, AT (comparison)                                  \
  }
#define TO_BROKER                                                                                  \
  {                                                                                                \
    "to", "B", RMQ_ARGUMENT_NAME, TRUE, AT (broker), .names = RMQ_NAME_BROKER                      \
  }

static const RmqArgument no_arguments[] = { { NULL } };
static const RmqArgument count_arguments[] = { COMPARISON, { NULL } };
static const RmqArgument traffic_arguments[] = { TO_BROKER, COMPARISON, { NULL } };
static const RmqArgument result_arguments[] = {
  { "=", "OK|STATUS|ERROR[(CODE)]", RMQ_ARGUMENT_RESULT, TRUE, AT (result) },
  { NULL },
};
static const RmqArgument order_arguments[] = {
  { "in", "T", RMQ_ARGUMENT_NAME, TRUE, AT (topic) },
  { "as stored", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (as_stored) },
  { "as consumed", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (as_consumed) },
  { NULL },
};
static const RmqArgument recovered_arguments[] = {
  { "within", "D", RMQ_ARGUMENT_DURATION, TRUE, AT (within_us) },
  { NULL },
};
static const RmqArgument rows_arguments[] = {
  { "in", "TABLE", RMQ_ARGUMENT_NAME, TRUE, AT (table) },
  { "of", "P", RMQ_ARGUMENT_NAME, TRUE, AT (producer), .names = RMQ_NAME_PRODUCER },
  COMPARISON,
  { NULL },
};
static const RmqArgument queues_arguments[] = {
  { "of", "T", RMQ_ARGUMENT_NAME, TRUE, AT (topic) },
  { "in", "P", RMQ_ARGUMENT_NAME, TRUE, AT (producer), .names = RMQ_NAME_PRODUCER },
  COMPARISON,
  { NULL },
};

/* Tables that a producer's snapshot has. */
static const RmqTableSchema *const client_tables[] = {
  &rmq_factory_table_schema,
  &rmq_producer_table_schema,
  &rmq_topic_route_table_schema,
  &rmq_broker_addr_table_schema,
  &rmq_topic_publish_info_table_schema,
  &rmq_message_queues_schema,
  &rmq_channel_tables_schema,
  &rmq_response_table_schema,
  &rmq_permits_schema,
  &rmq_scheduled_tasks_schema,
  &rmq_lanes_schema,
  &rmq_locks_schema,
};

static gboolean
check_rows (RmqReader *reader, gpointer statement)
{
  const RmqExpectation *claim = statement;
  const char *known[G_N_ELEMENTS (client_tables)];
  for (guint i = 0; i < G_N_ELEMENTS (client_tables); i++)
    {
      known[i] = client_tables[i]->id;
      if (g_str_equal (known[i], claim->table))
        return TRUE;
    }
  return rmq_reader_fail_at (
      reader, rmq_reader_find_column (reader, claim->table),
      g_strdup_printf ("no table of a producer is called \"%s\"", claim->table),
      rmq_suggest (claim->table, known, G_N_ELEMENTS (known)));
}

#define FORM(symbol, form_word, form_arguments, form_judge, form_example, form_help)               \
  const RmqStatementForm rmq_form_##symbol = { .group = RMQ_FORM_EXPECTATION,                      \
                                               .word = form_word,                                  \
                                               .arguments = form_arguments,                        \
                                               .size = sizeof (RmqExpectation),                    \
                                               .defaults = &defaults,                              \
                                               .judge = form_judge,                                \
                                               .example = form_example,                            \
                                               .help = form_help }

static FORM (no_loss, "no loss", no_arguments, rmq_judge_no_loss, "expect no loss",
             "every send that returned a stored status was stored");
static FORM (duplicates, "duplicates", count_arguments, rmq_judge_duplicates,
             "expect duplicates = 0", "a message stored k times counts k-1");
static FORM (ghosts, "ghosts", count_arguments, rmq_judge_ghosts, "expect ghosts <= 1",
             "sends that returned an error, yet a copy is stored");
static FORM (result, "result", result_arguments, rmq_judge_result,
             "expect result = OK where message e from 9s until 30s",
             "every selected send ended so; a code by name or number: ERROR(SYSTEM_BUSY)");
static FORM (failed, "failed", count_arguments, rmq_judge_failed, "expect failed = 0",
             "sends that ended in an error whose outcome is known");
static FORM (order, "order per key", order_arguments, rmq_judge_order,
             "expect order per key in Orders as stored",
             "first copies ascend, key by key, over all queues by time of store");
static FORM (sends_to, "sends", traffic_arguments, rmq_judge_sends,
             "expect sends to broker-a = 0 from 31s until 45s",
             "attempts at the broker whose connect succeeded");
static FORM (attempts_to, "attempts", traffic_arguments, rmq_judge_attempts,
             "expect attempts to broker-a > 0", "attempts at the broker, failed connects included");
FORM (retries, "retries", count_arguments, rmq_judge_retries, "expect retries in 61..64",
      "attempts beyond the first of each send");
FORM (recovered, "recovered", recovered_arguments, rmq_judge_recovered,
      "expect recovered within 35s",
      "from the end of the last outage until every broker gets its share again and no send fails "
      "for 5 s");
const RmqStatementForm rmq_form_rows = {
  .group = RMQ_FORM_EXPECTATION,
  .word = "rows",
  .arguments = rows_arguments,
  .size = sizeof (RmqExpectation),
  .defaults = &defaults,
  .check = check_rows,
  .judge = rmq_judge_rows,
  .example = "expect rows in topicPublishInfoTable of P = 2 at 10s",
  .help = "rows of a client's table, then or at the end",
};
static FORM (queues, "queues", queues_arguments, rmq_judge_queues,
             "expect queues of Orders in P = 8 at 10s",
             "queues of the topic that the producer may choose from, then or at the end");

FORM (
    no_deadlock, "no deadlock", no_arguments, rmq_judge_no_deadlock, "expect no deadlock",
    "the run never came to where nothing could happen any more; a run that did has failed whether "
    "this is claimed or not");

const RmqStatementForm *const rmq_expectation_forms[] = {
  &rmq_form_no_loss,     &rmq_form_duplicates,
  &rmq_form_ghosts,      &rmq_form_result,
  &rmq_form_failed,      &rmq_form_order,
  &rmq_form_sends_to,    &rmq_form_attempts_to,
  &rmq_form_retries,     &rmq_form_recovered,
  &rmq_form_rows,        &rmq_form_queues,
  &rmq_form_no_deadlock, NULL
};

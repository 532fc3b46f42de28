/* SPDX-License-Identifier: Apache-2.0 */

/* The workload: what producers send. Descriptors only. */

#include "rmq-producer-private.h"
#include "rmq-reader.h"

#include <stddef.h>
#include <string.h>

#define SENDS_MAX 1000000
#define KEYS_MAX 100000
#define BATCH_MAX 10000
#define SIZE_MAX_BYTES (4 << 20)
#define DEFAULT_LABEL "m"

#define AT(member) offsetof (RmqSendsStatement, member)

static const RmqArgument sends_arguments[] = {
  { NULL, "N", RMQ_ARGUMENT_NUMBER, TRUE, AT (count), .min = 1, .max = SENDS_MAX },
  { NULL, "WORD", RMQ_ARGUMENT_TEXT, TRUE, AT (noun) },
  { "to", "T", RMQ_ARGUMENT_NAME, TRUE, AT (topic) },
  { NULL, "sync|async|oneway", RMQ_ARGUMENT_CHOICE, FALSE, AT (mode) },
  { "batch", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (batch), .min = 1, .max = BATCH_MAX },
  { "select by", "FIELD", RMQ_ARGUMENT_NAME, FALSE, AT (select_by) },
  { "to queue", "B:Q", RMQ_ARGUMENT_QUEUE, FALSE, AT (queue), .names = RMQ_NAME_BROKER },
  { "keys", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (keys), .min = 1, .max = KEYS_MAX },
  { "size", "S", RMQ_ARGUMENT_SIZE, FALSE, AT (size_bytes), .min = 1, .max = SIZE_MAX_BYTES },
  { "every", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (every_us), .min = 1 },
  { "as", "M", RMQ_ARGUMENT_NAME, FALSE, AT (label), .declares = RMQ_NAME_LABEL },
  { NULL },
};
G_STATIC_ASSERT (RMQ_SEND_SYNC == 0 && RMQ_SEND_ASYNC == 1 && RMQ_SEND_ONEWAY == 2);

static gboolean
check_label (RmqReader *reader, RmqSendsStatement *sends)
{
  const guint column = rmq_reader_find_column (reader, "as");
  if (sends->label == NULL)
    sends->label = g_strdup (DEFAULT_LABEL);
  if (g_ascii_isdigit (sends->label[strlen (sends->label) - 1]))
    return rmq_reader_fail_at (
        reader, column,
        g_strdup_printf ("\"%s\" ends in a digit: its messages could not be told apart",
                         sends->label),
        NULL);
  const RmqName *known = rmq_names_find (reader->names, sends->label, RMQ_NAME_LABEL);
  if (known != NULL)
    return rmq_reader_fail_at (reader, column,
                               g_strdup_printf ("messages \"%s\" are sent in line %u already: say "
                                                "\"as\" and another name",
                                                sends->label, known->line),
                               NULL);
  rmq_names_add (reader->names, sends->label, RMQ_NAME_LABEL, reader->line);
  return TRUE;
}

/* A wrong line still declares what it was to send, lest each claim about it be an error too. */
static void
declare_anyway (RmqReader *reader, gpointer statement)
{
  const char *label = DEFAULT_LABEL;
  for (guint i = 0; i + 1 < reader->n_words; i++)
    if (g_str_equal (reader->words[i].text, "as"))
      label = reader->words[i + 1].text;
  if (rmq_names_find (reader->names, label, RMQ_NAME_LABEL) == NULL)
    rmq_names_add (reader->names, label, RMQ_NAME_LABEL, reader->line);
}

static gboolean
check_sends (RmqReader *reader, gpointer statement)
{
  RmqSendsStatement *sends = statement;
  if (sends->timed.for_us >= 0)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "for"),
                               g_strdup ("a workload ends by its count, not by \"for\""), NULL);
  if (sends->timed.targets[1] != NULL)
    return rmq_reader_fail_at (reader, reader->words[0].column,
                               g_strdup ("a workload has one producer"), NULL);
  if (sends->select_by != NULL && sends->queue.broker != NULL)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "select"),
                               g_strdup ("either \"select by\" or \"to queue\", not both"), NULL);
  if (sends->select_by != NULL && sends->keys < 0)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "select"),
                               g_strdup ("\"select by\" needs \"keys N\" to choose by"), NULL);
  if (sends->batch > 0 && sends->mode == RMQ_SEND_ONEWAY)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "batch"),
                               g_strdup ("batches have no oneway form"), NULL);
  if (sends->batch > 0 && sends->select_by != NULL)
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "batch"),
                               g_strdup ("a batch is one request to one queue: \"select by\" could "
                                         "not choose one for each of its messages"),
                               NULL);
  return check_label (reader, sends);
}

static const RmqSendsStatement sends_defaults = {
  .batch = -1, .keys = -1, .size_bytes = -1, .every_us = -1, .queue = { .id = -1 }
};
const RmqStatementForm rmq_form_sends = {
  .group = RMQ_FORM_WORKLOAD,
  .word = "sends",
  .says = "sends {N} {WORD} to {to}, {sync|async|oneway:sync}[, one every {every}][, each to the "
          "queue that {select by} chooses][, all to queue {to queue}][, with {keys} keys][, {size} "
          "each]: messages {as:m}1, {as:m}2, …",
  .arguments = sends_arguments,
  .size = sizeof (RmqSendsStatement),
  .defaults = &sends_defaults,
  .targets = RMQ_NAME_PRODUCER,
  .check = check_sends,
  .failed = declare_anyway,
  .help = "messages m1…mN, or of the name given by \"as\", in a task of its own; every: from start "
          "to start; select by orderId keys 8: message i has the key i mod 8, as property orderId, "
          "and chooses its queue by it; batch 10: ten messages in one request, by every",
  .example = "P sends 800 orders to Orders sync select by orderId keys 8 every 100ms as o",
};

const RmqStatementForm *const rmq_workload_forms[] = { &rmq_form_sends, NULL };

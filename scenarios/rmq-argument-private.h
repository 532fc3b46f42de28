/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-reader.h"

G_BEGIN_DECLS

/* The readers behind the table of argument kinds. */

gint rmq_find_word (const char *const *words, const char *text); /* -1: none of them */

#define RMQ_ARGUMENT_READER(name)                                                                  \
  gboolean rmq_argument_read_##name (RmqReader *reader, const RmqArgument *argument, gpointer value)
RMQ_ARGUMENT_READER (name);
RMQ_ARGUMENT_READER (names);
RMQ_ARGUMENT_READER (queue);
RMQ_ARGUMENT_READER (message);
RMQ_ARGUMENT_READER (comparison);
RMQ_ARGUMENT_READER (result);
RMQ_ARGUMENT_READER (code);
RMQ_ARGUMENT_READER (amount);
RMQ_ARGUMENT_READER (what);
RMQ_ARGUMENT_READER (settings);
RMQ_ARGUMENT_READER (variables);
#undef RMQ_ARGUMENT_READER

void rmq_argument_clear_queue (gpointer value);
void rmq_argument_clear_message (gpointer value);
gboolean rmq_argument_starts_comparison (const RmqWord *word, const RmqArgument *argument);
gboolean rmq_argument_starts_amount (const RmqWord *word, const RmqArgument *argument);
gboolean rmq_argument_starts_what (const RmqWord *word, const RmqArgument *argument);

G_END_DECLS

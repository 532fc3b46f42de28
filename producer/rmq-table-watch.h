/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-producer-private.h"

G_BEGIN_DECLS

/* Looks at the live tables of a producer and its client, between two events, and says which
 * invariant of every run they break (the ids are those of the bug catalog). Reads only; what it has
 * to compare with later it remembers itself. Owner only. */

typedef struct _RmqTableWatch RmqTableWatch;

/* rows: the table and the rows that break it, as a person would look for them. */
typedef void (*RmqBreachFunc) (const char *invariant, const char *rows, gpointer data);

RmqTableWatch *rmq_table_watch_new (RmqProducer *producer); /* borrowed */
void rmq_table_watch_free (RmqTableWatch *watch);
/* Before the producer's start and after its end there is nothing to see. */
void rmq_table_watch_look (RmqTableWatch *watch, RmqBreachFunc func, gpointer data);

/* A snapshot that was taken at this moment, of this producer alone, says what the tables hold. */
void rmq_table_watch_compare (RmqTableWatch *watch, const RmqSnapshot *snapshot, RmqBreachFunc func,
                              gpointer data);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Texts that many records share: equal ones are kept once, counted, and go with the last record. */

typedef struct _RmqText RmqText;

struct _RmqText
{
  RmqText *next; /* in its bucket */
  guint64 hash;
  guint refs;
  char chars[];
};

typedef struct
{
  RmqText **buckets; /* a power of two of them; NULL: none yet */
  guint n_buckets;
  guint n_texts;
} RmqTextTable;

void rmq_text_table_clear (RmqTextTable *table);
/* The one copy of chars, which is held until released. */
RmqText *rmq_text_table_take (RmqTextTable *table, const char *chars);
void rmq_text_table_release (RmqTextTable *table, RmqText *text);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* The table of shared texts. One owner. Hashes are the same on every machine: they are part of a
 * run's hash, and computed once for both. */

#include "rmq-text-table.h"

#include <string.h>

#define N_BUCKETS_MIN 256

void
rmq_text_table_clear (RmqTextTable *table)
{
  for (guint i = 0; i < table->n_buckets; i++)
    for (RmqText *text = table->buckets[i], *next; text != NULL; text = next)
      {
        next = text->next;
        g_free (text);
      }
  g_free (table->buckets);
  *table = (RmqTextTable){ 0 };
}

static guint64
mix (guint64 hash, guint64 value)
{
  hash = (hash ^ value) * 0x9fb21c651e98df25u;
  return hash ^ hash >> 32;
}

/* Eight bytes at once. */
static guint64
hash_chars (const char *chars, gsize size)
{
  guint64 hash = size, word = 0;
  for (; size >= sizeof word; chars += sizeof word, size -= sizeof word)
    {
      memcpy (&word, chars, sizeof word);
      hash = mix (hash, GUINT64_FROM_LE (word));
    }
  for (word = 0; size > 0; size--)
    word = word << 8 | (guint8)*chars++;
  return mix (hash, word);
}

/* The link that leads to it, or to where it belongs. */
static RmqText **
find (const RmqTextTable *table, const char *chars, guint64 hash)
{
  RmqText **link = &table->buckets[hash & (table->n_buckets - 1)];
  while (*link != NULL && ((*link)->hash != hash || strcmp ((*link)->chars, chars) != 0))
    link = &(*link)->next;
  return link;
}

static void
grow (RmqTextTable *table)
{
  RmqTextTable old = *table;
  table->n_buckets = MAX (N_BUCKETS_MIN, 2 * old.n_buckets);
  table->buckets = g_new0 (RmqText *, table->n_buckets);
  for (guint i = 0; i < old.n_buckets; i++)
    for (RmqText *text = old.buckets[i], *next; text != NULL; text = next)
      {
        RmqText **bucket = &table->buckets[text->hash & (table->n_buckets - 1)];
        next = text->next;
        text->next = *bucket;
        *bucket = text;
      }
  g_free (old.buckets);
}

RmqText *
rmq_text_table_take (RmqTextTable *table, const char *chars)
{
  gsize size = strlen (chars);
  guint64 hash = hash_chars (chars, size);
  if (table->n_texts == table->n_buckets)
    grow (table);
  RmqText **link = find (table, chars, hash);
  if (*link == NULL)
    {
      *link = g_malloc (sizeof **link + size + 1);
      **link = (RmqText){ .hash = hash };
      memcpy ((*link)->chars, chars, size + 1);
      table->n_texts++;
    }
  (*link)->refs++;
  return *link;
}

void
rmq_text_table_release (RmqTextTable *table, RmqText *text)
{
  if (--text->refs > 0)
    return;
  *find (table, text->chars, text->hash) = text->next;
  table->n_texts--;
  g_free (text);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Sorted rows in a GPtrArray. Order is that of bytes, the same in every locale. Knows nothing of a
 * row but that it begins with its key. */

#include "rmq-sorted-table.h"

#include <string.h>

static const char *
key_at (const GPtrArray *table, guint index)
{
  return *(const char *const *)g_ptr_array_index (table, index);
}

/* Where the key is or would have to be. */
static guint
find_position (const GPtrArray *table, const char *key)
{
  guint low = 0;
  guint high = table->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (strcmp (key_at (table, middle), key) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
is_at (const GPtrArray *table, guint position, const char *key)
{
  return position < table->len && strcmp (key_at (table, position), key) == 0;
}

gpointer
rmq_sorted_table_find (const GPtrArray *table, const char *key)
{
  guint position = find_position (table, key);
  return is_at (table, position, key) ? g_ptr_array_index (table, position) : NULL;
}

void
rmq_sorted_table_insert (GPtrArray *table, gpointer row)
{
  const char *key = *(const char *const *)row;
  guint position = find_position (table, key);
  g_assert (!is_at (table, position, key));
  g_ptr_array_insert (table, (gint)position, row);
}

gboolean
rmq_sorted_table_remove (GPtrArray *table, const char *key)
{
  guint position = find_position (table, key);
  if (!is_at (table, position, key))
    return FALSE;
  g_ptr_array_remove_index (table, position);
  return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows in the order of their key, found by bisection: Java's hash maps have no order that could be
 * relied on, ours is the alphabet. A table is a GPtrArray with a free function; the first member of
 * each row is its key, a char*. */

gpointer rmq_sorted_table_find (const GPtrArray *table, const char *key); /* (nullable) */
void rmq_sorted_table_insert (GPtrArray *table, gpointer row);            /* its key is new */
gboolean rmq_sorted_table_remove (GPtrArray *table, const char *key);     /* FALSE: not there */

G_END_DECLS

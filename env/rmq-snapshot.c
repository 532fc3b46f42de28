/* SPDX-License-Identifier: Apache-2.0 */

/* Snapshots: named tables of typed cells, filled once by the loop's owner, then immutable and
 * shared by reference with whoever wants to look, on any thread. Knows nothing of what the tables
 * mean: a column's declaration says that, and JSON is made from it. */

#include "rmq-snapshot.h"

#include <json-glib/json-glib.h>

struct _RmqTable
{
  const RmqTableSchema *schema;
  char *owner;
  GArray *cells; /* of RmqCell, row after row */
};

struct _RmqSnapshot
{
  gatomicrefcount refs;
  guint64 ev;
  gint64 at_us;
  GPtrArray *tables; /* of RmqTable */
};

static void
cell_clear (gpointer data)
{
  g_free (((RmqCell *)data)->text);
}

static void
table_free (gpointer data)
{
  RmqTable *table = data;
  g_array_unref (table->cells);
  g_free (table->owner);
  g_free (table);
}

RmqSnapshot *
rmq_snapshot_new (guint64 ev, gint64 at_us)
{
  RmqSnapshot *snapshot = g_new0 (RmqSnapshot, 1);
  g_atomic_ref_count_init (&snapshot->refs);
  snapshot->ev = ev;
  snapshot->at_us = at_us;
  snapshot->tables = g_ptr_array_new_with_free_func (table_free);
  return snapshot;
}

RmqTable *
rmq_snapshot_add_table (RmqSnapshot *snapshot, const RmqTableSchema *schema, const char *owner)
{
  g_assert (schema->n_columns > 0);
  RmqTable *table = g_new0 (RmqTable, 1);
  table->schema = schema;
  table->owner = g_strdup (owner);
  table->cells = g_array_new (FALSE, FALSE, sizeof (RmqCell));
  g_array_set_clear_func (table->cells, cell_clear);
  g_ptr_array_add (snapshot->tables, table);
  return table;
}

static void
add_cell (RmqTable *table, gint64 number, char *text)
{
  RmqCell cell = { .number = number, .text = text };
  g_array_append_val (table->cells, cell);
}

static RmqCellType
next_cell_type (const RmqTable *table)
{
  return table->schema->columns[table->cells->len % table->schema->n_columns].type;
}

void
rmq_table_begin_row (RmqTable *table)
{
  g_assert (table->cells->len % table->schema->n_columns == 0);
}

void
rmq_table_add_text (RmqTable *table, const char *text)
{
  g_assert (next_cell_type (table) == RMQ_CELL_TEXT);
  add_cell (table, 0, g_strdup (text));
}

void
rmq_table_add_number (RmqTable *table, gint64 number)
{
  g_assert (next_cell_type (table) != RMQ_CELL_TEXT);
  add_cell (table, number, NULL);
}

RmqSnapshot *
rmq_snapshot_ref (RmqSnapshot *snapshot)
{
  g_atomic_ref_count_inc (&snapshot->refs);
  return snapshot;
}

void
rmq_snapshot_unref (RmqSnapshot *snapshot)
{
  if (snapshot == NULL || !g_atomic_ref_count_dec (&snapshot->refs))
    return;
  g_ptr_array_unref (snapshot->tables);
  g_free (snapshot);
}

guint64
rmq_snapshot_get_ev (const RmqSnapshot *snapshot)
{
  return snapshot->ev;
}

gint64
rmq_snapshot_get_at_us (const RmqSnapshot *snapshot)
{
  return snapshot->at_us;
}

guint
rmq_snapshot_get_n_tables (const RmqSnapshot *snapshot)
{
  return snapshot->tables->len;
}

const RmqTable *
rmq_snapshot_get_table (const RmqSnapshot *snapshot, guint index)
{
  g_assert (index < snapshot->tables->len);
  return g_ptr_array_index (snapshot->tables, index);
}

const RmqTable *
rmq_snapshot_find_table (const RmqSnapshot *snapshot, const char *id, const char *owner)
{
  for (guint i = 0; i < snapshot->tables->len; i++)
    {
      const RmqTable *table = g_ptr_array_index (snapshot->tables, i);
      if (g_str_equal (table->schema->id, id)
          && (owner == NULL || g_strcmp0 (table->owner, owner) == 0))
        return table;
    }
  return NULL;
}

const RmqTableSchema *
rmq_table_get_schema (const RmqTable *table)
{
  return table->schema;
}

const char *
rmq_table_get_owner (const RmqTable *table)
{
  return table->owner;
}

guint
rmq_table_get_n_rows (const RmqTable *table)
{
  return table->cells->len / table->schema->n_columns;
}

const RmqCell *
rmq_table_get_cell (const RmqTable *table, guint row, guint column)
{
  g_assert (column < table->schema->n_columns);
  g_assert (row < rmq_table_get_n_rows (table));
  return &g_array_index (table->cells, RmqCell, row * table->schema->n_columns + column);
}

gint
rmq_table_schema_find_column (const RmqTableSchema *schema, const char *id)
{
  for (guint i = 0; i < schema->n_columns; i++)
    if (g_str_equal (schema->columns[i].id, id))
      return (gint)i;
  return -1;
}

static void
write_cell (JsonBuilder *json, const RmqColumn *column, const RmqCell *cell)
{
  switch (column->type)
    {
    case RMQ_CELL_TEXT:
      if (cell->text != NULL)
        json_builder_add_string_value (json, cell->text);
      else
        json_builder_add_null_value (json);
      break;
    case RMQ_CELL_BOOL:
      json_builder_add_boolean_value (json, cell->number != 0);
      break;
    case RMQ_CELL_INT:
    case RMQ_CELL_SPAN_US:
    case RMQ_CELL_MOMENT_US:
    case RMQ_CELL_BYTES:
      json_builder_add_int_value (json, cell->number);
      break;
    }
}

static void
write_rows (JsonBuilder *json, const RmqTable *table)
{
  json_builder_begin_array (json);
  for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
    {
      json_builder_begin_object (json);
      for (guint i = 0; i < table->schema->n_columns; i++)
        {
          json_builder_set_member_name (json, table->schema->columns[i].id);
          write_cell (json, &table->schema->columns[i], rmq_table_get_cell (table, row, i));
        }
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* All tables of one id, one per owner. */
static void
write_tables_of (JsonBuilder *json, const RmqSnapshot *snapshot, const char *id)
{
  json_builder_set_member_name (json, id);
  json_builder_begin_array (json);
  for (guint i = 0; i < snapshot->tables->len; i++)
    {
      const RmqTable *table = g_ptr_array_index (snapshot->tables, i);
      if (!g_str_equal (table->schema->id, id))
        continue;
      json_builder_begin_object (json);
      json_builder_set_member_name (json, "owner");
      json_builder_add_string_value (json, table->owner != NULL ? table->owner : "");
      json_builder_set_member_name (json, "rows");
      write_rows (json, table);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
write_as_of (JsonBuilder *json, const RmqSnapshot *snapshot)
{
  json_builder_set_member_name (json, "asOf");
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "ev");
  json_builder_add_int_value (json, (gint64)snapshot->ev);
  json_builder_set_member_name (json, "atUs");
  json_builder_add_int_value (json, snapshot->at_us);
  json_builder_end_object (json);
}

static gboolean
is_wanted (const char *id, char *const *wanted)
{
  return wanted == NULL || g_strv_contains ((const char *const *)wanted, id);
}

char *
rmq_snapshot_to_json (const RmqSnapshot *snapshot, const char *only)
{
  g_auto (GStrv) wanted = only != NULL ? g_strsplit (only, ",", -1) : NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  write_as_of (json, snapshot);
  json_builder_set_member_name (json, "tables");
  json_builder_begin_object (json);
  for (guint i = 0; i < snapshot->tables->len; i++)
    {
      const RmqTable *table = g_ptr_array_index (snapshot->tables, i);
      const char *id = table->schema->id;
      gboolean is_first = rmq_snapshot_find_table (snapshot, id, NULL) == table;
      if (is_first && is_wanted (id, wanted))
        write_tables_of (json, snapshot, id);
    }
  json_builder_end_object (json);
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  return json_to_string (root, FALSE);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Which rows a view shows and in which order: the tables of its ids, every owner's, sorted where
 * the user asked for it, and the key by which a selection finds its row again. Pure functions of
 * the model. */

#include "rmq-dashboard-hints.h"
#include "rmq-dashboard-table.h"

#include <string.h>

#define KEY_COLUMNS_MAX 3

/* What a row is compared by. */
typedef struct
{
  const RmqTable *table;
  guint column;
  RmqCellType type;
  gint sign;
} Sort;

static gint
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const Sort *sort = data;
  const RmqDashboardRow *row_a = a, *row_b = b;
  const RmqCell *cell_a = rmq_table_get_cell (sort->table, row_a->row, sort->column);
  const RmqCell *cell_b = rmq_table_get_cell (sort->table, row_b->row, sort->column);
  gint order;
  if (sort->type == RMQ_CELL_TEXT)
    order = g_strcmp0 (cell_a->text, cell_b->text);
  else
    order = (cell_a->number > cell_b->number) - (cell_a->number < cell_b->number);
  return order * sort->sign;
}

gboolean
rmq_dashboard_is_internal (const char *name)
{
  static const char *const names[] = { "TBW102", "CLIENT_INNER_PRODUCER", NULL };
  return name != NULL && g_strv_contains (names, name);
}

static gboolean
is_internal_row (const RmqTable *table, guint row)
{
  return rmq_dashboard_is_internal (rmq_table_get_cell (table, row, 0)->text);
}

void
rmq_dashboard_rows_add (RmqDashboardRows *rows, const RmqDashboardModel *model,
                        const RmqTable *table)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  guint n_rows = rmq_table_get_n_rows (table);
  guint first = rows->rows->len;
  g_ptr_array_add (rows->tables, (gpointer)table);
  /* Internal rows last. */
  for (guint i = 0; i < 2 * n_rows; i++)
    {
      RmqDashboardRow row = { .table = table, .row = i % n_rows };
      if (is_internal_row (table, row.row) == (i >= n_rows))
        g_array_append_val (rows->rows, row);
    }
  if (n_rows < 2 || g_strcmp0 (model->sort_table, schema->id) != 0)
    return;
  gint column = rmq_table_schema_find_column (schema, model->sort_column);
  if (column < 0)
    return;
  Sort sort = { .table = table,
                .column = (guint)column,
                .type = schema->columns[column].type,
                .sign = model->sort_descending ? -1 : 1 };
  g_qsort_with_data (&g_array_index (rows->rows, RmqDashboardRow, first), (gint)n_rows,
                     sizeof (RmqDashboardRow), compare_rows, &sort);
}

gboolean
rmq_dashboard_table_is (const RmqTableSchema *schema, const char *name)
{
  return g_str_equal (strchr (name, '#') != NULL ? schema->java : schema->id, name);
}

static void
add_tables_of (RmqDashboardRows *rows, const RmqDashboardModel *model, const RmqSnapshot *snapshot,
               const char *name)
{
  if (snapshot == NULL)
    return;
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (snapshot, i);
      if (rmq_dashboard_table_is (rmq_table_get_schema (table), name))
        rmq_dashboard_rows_add (rows, model, table);
    }
}

RmqDashboardRows *
rmq_dashboard_rows_new (const RmqDashboardModel *model, const char *const *names)
{
  RmqDashboardRows *rows = g_new0 (RmqDashboardRows, 1);
  rows->tables = g_ptr_array_new ();
  rows->rows = g_array_new (FALSE, FALSE, sizeof (RmqDashboardRow));
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      add_tables_of (rows, model, model->flows, names[i]);
      add_tables_of (rows, model, model->derived, names[i]);
      add_tables_of (rows, model, model->snapshot, names[i]);
    }
  return rows;
}

void
rmq_dashboard_rows_free (RmqDashboardRows *rows)
{
  if (rows == NULL)
    return;
  g_ptr_array_unref (rows->tables);
  g_array_unref (rows->rows);
  g_free (rows);
}

const RmqDashboardRow *
rmq_dashboard_rows_get (const RmqDashboardRows *rows, guint index)
{
  g_assert (index < rows->rows->len);
  return &g_array_index (rows->rows, RmqDashboardRow, index);
}

/* The leading columns that say what the row is about; a time or a size never does. */
char *
rmq_dashboard_row_get_key (const RmqDashboardRow *row)
{
  const RmqTableSchema *schema = rmq_table_get_schema (row->table);
  GString *key = g_string_new (schema->id);
  const char *owner = rmq_table_get_owner (row->table);
  g_string_append_printf (key, "\n%s", owner != NULL ? owner : "");
  for (guint i = 0; i < MIN (schema->n_columns, KEY_COLUMNS_MAX); i++)
    {
      const RmqCell *cell = rmq_table_get_cell (row->table, row->row, i);
      RmqCellType type = schema->columns[i].type;
      if (type == RMQ_CELL_TEXT)
        g_string_append_printf (key, "\n%s", cell->text != NULL ? cell->text : "");
      else if (type == RMQ_CELL_INT)
        g_string_append_printf (key, "\n%" G_GINT64_FORMAT, cell->number);
      else
        break;
    }
  return g_string_free (key, FALSE);
}

gint
rmq_dashboard_rows_find (const RmqDashboardRows *rows, const char *key)
{
  for (guint i = 0; i < rows->rows->len; i++)
    {
      g_autofree char *other = rmq_dashboard_row_get_key (rmq_dashboard_rows_get (rows, i));
      if (g_str_equal (other, key))
        return (gint)i;
    }
  return -1;
}

/* Hinted columns in the order of their hints, then the others in their own. */
guint
rmq_dashboard_column_at (const RmqTableSchema *schema, guint place)
{
  const RmqTableHint *hint = rmq_table_hint_find (schema->id);
  guint seen = 0;
  place = MIN (place, schema->n_columns - 1);
  for (guint i = 0; i < RMQ_HINT_COLUMNS_MAX && hint->columns[i].id != NULL; i++)
    {
      gint column = rmq_table_schema_find_column (schema, hint->columns[i].id);
      if (column >= 0 && seen++ == place)
        return (guint)column;
    }
  for (guint i = 0; i < schema->n_columns; i++)
    if (rmq_column_hint_find (hint, schema->columns[i].id)->id == NULL && seen++ == place)
      return i;
  g_assert_not_reached ();
}

char *
rmq_dashboard_column_heading (const RmqTableSchema *schema, guint column)
{
  const RmqTableHint *table = rmq_table_hint_find (schema->id);
  const RmqColumnHint *hint = rmq_column_hint_find (table, schema->columns[column].id);
  if (hint->head != NULL)
    return g_strdup (hint->head);
  return rmq_format_heading (schema->columns[column].id);
}

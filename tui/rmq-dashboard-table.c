/* SPDX-License-Identifier: Apache-2.0 */

/* Draws tables of any schema: chooses the columns that fit (the least wanted go first, the selected
 * one never), their widths, and the part of the rows around the selection. Keeps no scroll
 * position: what is in sight follows from selection and size alone. */

#include "rmq-dashboard-hints.h"
#include "rmq-dashboard-table.h"

#define TEXT_WIDTH_MAX 28
#define GUTTER 1 /* the cell of the selection mark */

typedef struct
{
  guint column;
  const RmqColumnHint *hint;
  gint natural; /* cells that the widest text takes */
  gint width;
  gboolean is_number;
  gboolean is_selected;
} Column;

typedef enum
{
  LINE_TITLE, /* which table, whose, how many rows */
  LINE_HEADS,
  LINE_ROW,
  LINE_EMPTY, /* why there is no row */
} LineKind;

typedef struct
{
  LineKind kind;
  const RmqTable *table;
  guint row;
  gint index; /* of the row among all rows; -1 */
} Line;

/* ---- columns ------------------------------------------------------------- */

static char *
heading_text (const RmqDashboardModel *model, const RmqTableSchema *schema, guint column)
{
  char *head = rmq_dashboard_column_heading (schema, column);
  gboolean sorted = g_strcmp0 (model->sort_table, schema->id) == 0
                    && g_strcmp0 (model->sort_column, schema->columns[column].id) == 0;
  if (!sorted)
    return head;
  g_autofree char *plain = head;
  return g_strconcat (plain, model->sort_descending ? "↓" : "↑", NULL);
}

static char *
cell_text (const RmqDashboardModel *model, const RmqTable *table, guint row, const Column *column,
           RmqRole *role)
{
  const RmqColumn *declared = &rmq_table_get_schema (table)->columns[column->column];
  const RmqCell *cell = rmq_table_get_cell (table, row, column->column);
  const char *name = NULL;
  if (cell->text != NULL && column->hint->show == RMQ_SHOW_ADDRESS)
    name = rmq_dashboard_model_name_address (model, cell->text);
  if (name != NULL)
    return g_strdup (name);
  if (rmq_dashboard_is_internal (cell->text))
    {
      *role = RMQ_ROLE_DIM;
      return g_strdup_printf ("%s (internal)", cell->text);
    }
  return rmq_format_cell (declared, cell, column->hint->show, model->now_us, role);
}

static Column
measure_column (const RmqDashboardModel *model, const RmqCanvas *canvas, const RmqTable *table,
                guint index)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  const RmqColumn *declared = &schema->columns[index];
  Column column = { .column = index };
  column.hint = rmq_column_hint_find (rmq_table_hint_find (schema->id), declared->id);
  column.is_number = rmq_format_is_number (declared, column.hint->show);
  g_autofree char *head = heading_text (model, schema, index);
  gint head_width = (gint)rmq_canvas_measure (canvas, head);
  column.natural = head_width;
  for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
    {
      RmqRole role;
      g_autofree char *text = cell_text (model, table, row, &column, &role);
      column.natural = MAX (column.natural, (gint)rmq_canvas_measure (canvas, text));
    }
  gint most = column.hint->width_max > 0 ? column.hint->width_max : TEXT_WIDTH_MAX;
  column.width = column.is_number ? column.natural : MIN (column.natural, MAX (most, head_width));
  return column;
}

static gint
total_width (const GArray *columns)
{
  gint total = 0;
  for (guint i = 0; i < columns->len; i++)
    total += g_array_index (columns, Column, i).width + (i > 0 ? 1 : 0);
  return total;
}

/* Index of the column that goes first; -1: the first and the selected one are left, which stay. */
static gint
find_least_wanted (const GArray *columns)
{
  gint found = -1;
  guint drop = 0;
  for (guint i = 1; i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);
      if (!column->is_selected && column->hint->drop >= drop)
        {
          drop = column->hint->drop;
          found = (gint)i;
        }
    }
  return found;
}

/* Text that had to be cut gets what is left of the line. */
static void
spend_rest (GArray *columns, gint rest)
{
  for (guint i = 0; i < columns->len && rest > 0; i++)
    {
      Column *column = &g_array_index (columns, Column, i);
      gint more = MIN (rest, column->natural - column->width);
      column->width += more;
      rest -= more;
    }
}

/* selected: place of the selected column in display order; -1: none. (transfer full) of Column */
static GArray *
choose_columns (const RmqDashboardModel *model, const RmqCanvas *canvas, const RmqTable *table,
                gint width, gint selected)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  GArray *columns = g_array_new (FALSE, FALSE, sizeof (Column));
  if (selected >= (gint)schema->n_columns)
    selected = (gint)schema->n_columns - 1;
  for (guint place = 0; place < schema->n_columns; place++)
    {
      guint index = rmq_dashboard_column_at (schema, place);
      Column column = measure_column (model, canvas, table, index);
      column.is_selected = (gint)place == selected;
      g_array_append_val (columns, column);
    }
  while (total_width (columns) > width)
    {
      gint dropped = find_least_wanted (columns);
      if (dropped < 0)
        break;
      g_array_remove_index (columns, (guint)dropped);
    }
  spend_rest (columns, width - total_width (columns));
  return columns;
}

/* ---- lines --------------------------------------------------------------- */

static void
add_line (GArray *lines, LineKind kind, const RmqTable *table, guint row, gint index)
{
  Line line = { .kind = kind, .table = table, .row = row, .index = index };
  g_array_append_val (lines, line);
}

/* (transfer full) of Line */
static GArray *
list_lines (const RmqDashboardRows *rows)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));
  guint next = 0;
  for (guint i = 0; i < rows->tables->len; i++)
    {
      const RmqTable *table = g_ptr_array_index (rows->tables, i);
      guint n_rows = rmq_table_get_n_rows (table);
      if (rows->tables->len > 1)
        add_line (lines, LINE_TITLE, table, 0, -1);
      add_line (lines, n_rows > 0 ? LINE_HEADS : LINE_EMPTY, table, 0, -1);
      for (guint n = 0; n < n_rows; n++, next++)
        add_line (lines, LINE_ROW, table, rmq_dashboard_rows_get (rows, next)->row, (gint)next);
    }
  return lines;
}

/* The first line in sight, such that the selected row is. */
static guint
find_first_line (const GArray *lines, gint selected, gint height)
{
  for (guint i = 0; i < lines->len; i++)
    if (g_array_index (lines, Line, i).index == selected && selected >= 0)
      return (gint)i < height - 1 ? 0 : i - (guint)MAX (0, height - 2);
  return 0;
}

static void
draw_title (RmqCanvas *canvas, const RmqArea *line, const RmqTable *table)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  const char *owner = rmq_table_get_owner (table);
  gboolean owned = owner != NULL && owner[0] != '\0';
  g_autofree char *text = g_strdup_printf ("─ %s%s%s (%u) ", schema->id, owned ? " of " : "",
                                           owned ? owner : "", rmq_table_get_n_rows (table));
  gint used = (gint)rmq_canvas_put (canvas, line->x, line->y, line->width, RMQ_ROLE_HEAD, text);
  for (gint x = used; x < line->width; x++)
    rmq_canvas_put (canvas, line->x + x, line->y, 1, RMQ_ROLE_HEAD, "─");
}

static void
put_aligned (RmqCanvas *canvas, const RmqArea *cell, const Column *column, RmqRole role,
             const char *text)
{
  if (column->is_number)
    rmq_canvas_put_end (canvas, cell->x, cell->y, cell->width, role, text);
  else
    rmq_canvas_put (canvas, cell->x, cell->y, cell->width, role, text);
}

static void
draw_heads (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line,
            const RmqTable *table, const GArray *columns)
{
  gint x = line->x + GUTTER;
  rmq_canvas_tint (canvas, line->x, line->y, line->width, RMQ_ROLE_HEAD);
  for (guint i = 0; i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);
      g_autofree char *head = heading_text (model, rmq_table_get_schema (table), column->column);
      RmqArea cell = { x, line->y, MIN (column->width, line->x + line->width - x), 1 };
      put_aligned (canvas, &cell, column, RMQ_ROLE_HEAD, head);
      x += column->width + 1;
    }
}

static void
draw_row (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area, const Line *line,
          const GArray *columns, gboolean selected)
{
  gint x = area->x + GUTTER;
  if (selected)
    {
      rmq_canvas_tint (canvas, area->x, area->y, area->width, RMQ_ROLE_SELECTED);
      rmq_canvas_put (canvas, area->x, area->y, 1, RMQ_ROLE_SELECTED, "▶");
    }
  for (guint i = 0; i < columns->len; i++)
    {
      const Column *column = &g_array_index (columns, Column, i);
      RmqRole role = RMQ_ROLE_NORMAL;
      g_autofree char *text = cell_text (model, line->table, line->row, column, &role);
      if (selected)
        role = RMQ_ROLE_SELECTED;
      RmqArea cell = { x, area->y, MIN (column->width, area->x + area->width - x), 1 };
      put_aligned (canvas, &cell, column, role, text);
      if (selected && column->is_selected)
        rmq_canvas_tint (canvas, cell.x, cell.y, cell.width, RMQ_ROLE_FIELD);
      x += column->width + 1;
    }
}

static void
draw_line (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area, const Line *line,
           const GArray *columns, gboolean selected)
{
  const RmqTableHint *hint = rmq_table_hint_find (rmq_table_get_schema (line->table)->id);
  switch (line->kind)
    {
    case LINE_TITLE:
      draw_title (canvas, area, line->table);
      break;
    case LINE_HEADS:
      draw_heads (model, canvas, area, line->table, columns);
      break;
    case LINE_ROW:
      draw_row (model, canvas, area, line, columns, selected);
      break;
    case LINE_EMPTY:
      rmq_canvas_put (canvas, area->x + GUTTER, area->y, area->width - GUTTER, RMQ_ROLE_DIM,
                      hint->empty != NULL ? hint->empty : "no rows");
      break;
    }
}

static const RmqTable *
selected_table (const RmqDashboardRows *rows, gint selected)
{
  gboolean exists = selected >= 0 && selected < (gint)rows->rows->len;
  return exists ? rmq_dashboard_rows_get (rows, (guint)selected)->table : NULL;
}

void
rmq_dashboard_draw_rows (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area,
                         const RmqDashboardRows *rows, gint selected)
{
  g_autoptr (GArray) lines = list_lines (rows);
  g_autoptr (GArray) columns = NULL;
  const RmqTable *of = NULL; /* whose the columns are */
  const RmqTable *chosen = selected_table (rows, selected);
  guint first = find_first_line (lines, selected, area->height);
  for (gint y = 0; y < area->height && first + (guint)y < lines->len; y++)
    {
      Line line = g_array_index (lines, Line, first + (guint)y);
      RmqArea at = { area->x, area->y + y, area->width, 1 };
      if (line.table != of)
        {
          gint column = line.table == chosen ? (gint)model->column : -1;
          g_clear_pointer (&columns, g_array_unref);
          columns = choose_columns (model, canvas, line.table, area->width - GUTTER, column);
          of = line.table;
        }
      /* Rows whose heads scrolled away get them back on the first line. */
      if (y == 0 && first > 0 && line.kind == LINE_ROW)
        line.kind = LINE_HEADS;
      draw_line (model, canvas, &at, &line, columns, line.index >= 0 && line.index == selected);
    }
}

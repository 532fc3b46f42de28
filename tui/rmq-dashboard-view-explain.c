/* SPDX-License-Identifier: Apache-2.0 */

/* Words about what is on the screen: the two explain lines, the sheet of a field, the help page,
 * the verdict. Every text comes from where it is declared (schemas, key rows, views); a page is
 * built as text, then broken into lines and scrolled. */

#include "rmq-dashboard-hints.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

#include <string.h>

#define FRAME_LINES 4 /* title, health, prompt, keys */

/* What is under the selection. */
typedef struct
{
  const RmqTable *table; /* (nullable): nothing is */
  guint row, column;
} Field;

static Field
selected_field (const RmqDashboardModel *model)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  Field field = { NULL };
  if (model->row >= rows->rows->len)
    return field;
  const RmqDashboardRow *row = rmq_dashboard_rows_get (rows, model->row);
  field.table = row->table;
  field.row = row->row;
  field.column = rmq_dashboard_column_at (rmq_table_get_schema (row->table), model->column);
  return field;
}

static const char *
java_or_none (const char *java)
{
  return java != NULL && !g_str_equal (java, "-") ? java : NULL;
}

/* What is missing for a sentence. */
static const char *
end_of (const char *help)
{
  return g_str_has_suffix (help, ".") ? "" : ".";
}

/* ---- the two lines ------------------------------------------------------- */

/* A line of the language that was wrong, and a caret under the place. */
static void
draw_caret (const RmqDashboardPrompt *prompt, RmqCanvas *canvas, const RmqArea *area)
{
  const char *text = prompt->asked;
  gsize at = MIN ((gsize)prompt->error_column - 1, strlen (text));
  g_autofree char *before = g_strndup (text, at);
  gint x = area->x + (gint)rmq_canvas_measure (canvas, before);
  rmq_canvas_put (canvas, area->x, area->y, area->width, RMQ_ROLE_NORMAL, text);
  rmq_canvas_put (canvas, MIN (x, area->x + area->width - 1), area->y + 1, 1, RMQ_ROLE_DOWN, "^");
}

void
rmq_dashboard_draw_explain (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area)
{
  const RmqDashboardPrompt *prompt = &model->prompt;
  if (!prompt->open && prompt->is_error && prompt->error_column > 0 && prompt->asked != NULL
      && prompt->answer != NULL)
    {
      draw_caret (prompt, canvas, area);
      return;
    }
  Field field = selected_field (model);
  if (field.table == NULL)
    {
      rmq_canvas_put_wrapped (canvas, area, 0, RMQ_ROLE_DIM, rmq_dashboard_view_of (model)->help);
      return;
    }
  const RmqTableSchema *schema = rmq_table_get_schema (field.table);
  const RmqColumn *column = &schema->columns[field.column];
  const char *java = java_or_none (column->java);
  g_autofree char *head = rmq_dashboard_column_heading (schema, field.column);
  g_autofree char *text = g_strdup_printf ("%s: %s%s%s%s", head[0] != '\0' ? head : column->id,
                                           column->help, end_of (column->help),
                                           java != NULL ? " Java: " : "", java != NULL ? java : "");
  rmq_canvas_put_wrapped (canvas, area, 0, RMQ_ROLE_DIM, text);
}

/* ---- pages --------------------------------------------------------------- */

static const char *
type_words (RmqCellType type)
{
  switch (type)
    {
    case RMQ_CELL_TEXT:
      return "text";
    case RMQ_CELL_INT:
      return "number";
    case RMQ_CELL_BOOL:
      return "yes or no";
    case RMQ_CELL_SPAN_US:
      return "duration";
    case RMQ_CELL_MOMENT_US:
      return "moment";
    case RMQ_CELL_BYTES:
      return "size in bytes";
    }
  g_assert_not_reached ();
}

/* The whole row, so that what had no room on the screen can be read too. */
static void
append_row (GString *text, const RmqDashboardModel *model, const Field *field)
{
  const RmqTableSchema *schema = rmq_table_get_schema (field->table);
  g_string_append (text, "\nThe whole row:\n");
  for (guint place = 0; place < schema->n_columns; place++)
    {
      guint column = rmq_dashboard_column_at (schema, place);
      RmqRole role;
      g_autofree char *value = rmq_format_cell (
          &schema->columns[column], rmq_table_get_cell (field->table, field->row, column),
          RMQ_SHOW_PLAIN, model->now_us, &role);
      g_string_append_printf (text, "  %-20s %-12s %s\n", schema->columns[column].id, value,
                              schema->columns[column].help);
    }
}

static void
append_sheet (GString *text, const RmqDashboardModel *model)
{
  Field field = selected_field (model);
  if (field.table == NULL)
    {
      g_string_append (text, rmq_dashboard_view_of (model)->help);
      return;
    }
  const RmqTableSchema *schema = rmq_table_get_schema (field.table);
  const RmqColumn *column = &schema->columns[field.column];
  const char *java = java_or_none (column->java);
  const char *table_java = java_or_none (schema->java);
  g_autofree char *head = rmq_dashboard_column_heading (schema, field.column);
  g_string_append_printf (text, "%s  (%s.%s)\n%s%s\n", head, schema->id, column->id, column->help,
                          end_of (column->help));
  g_string_append_printf (text, "It is a %s", type_words (column->type));
  if (column->unit != NULL)
    g_string_append_printf (text, ", counted in %s", column->unit);
  g_string_append_printf (text, ". In Java: %s.\n", java != NULL ? java : "no such field");
  g_string_append_printf (text, "\n%s: %s\n", schema->title, schema->help);
  if (table_java != NULL)
    g_string_append_printf (text, "In Java: %s.\n", table_java);
  append_row (text, model, &field);
}

static const char past_words[] =
    "THE PAST\n"
    "  b shows the tables, rates and events of an earlier moment; the run stays where it is. What "
    "isn't remembered is had from a silent run once more: same file, same seed, same typed lines. "
    "A line that acts, typed in the past, makes that run the run: it goes on from there, what came "
    "later is dropped, and the report's replay command holds the line with its event. \"expect …\" "
    "only asks. Over TCP nothing comes twice: b shows what was kept, at most four moments a "
    "second.\n";

static void
append_help (GString *text, const RmqDashboardModel *model)
{
  const RmqDashboardView *view = rmq_dashboard_view_of (model);
  g_string_append (text, "KEYS  (Up and Down scroll, Esc goes back)\n");
  for (guint i = 0; i < rmq_dashboard_n_keys; i++)
    g_string_append_printf (
        text, "  %-8s %s%s%s\n", rmq_dashboard_keys[i].shown, rmq_dashboard_keys[i].help,
        rmq_dashboard_keys[i].command != NULL ? "  :" : "",
        rmq_dashboard_keys[i].command != NULL ? rmq_dashboard_keys[i].command : "");
  g_string_append (text, "AT THE PROMPT\n");
  for (guint i = 0; i < rmq_dashboard_n_prompt_keys; i++)
    g_string_append_printf (text, "  %-9s %s\n", rmq_dashboard_prompt_keys[i].shown,
                            rmq_dashboard_prompt_keys[i].help);
  g_string_append (text, past_words);
  g_string_append_printf (text, "TAB %s\n  %s\n", view->title, view->help);
  g_string_append (text, "MARKS\n  ▶ selected   ! truth and belief differ, or broken   … cut\n");
}

static char *
build_page (const RmqDashboardModel *model)
{
  GString *text = g_string_new (NULL);
  switch (model->page)
    {
    case RMQ_PAGE_EXPLAIN:
      append_sheet (text, model);
      break;
    case RMQ_PAGE_HELP:
      append_help (text, model);
      break;
    case RMQ_PAGE_REPORT:
      g_string_append (text, model->report != NULL
                                 ? model->report
                                 : "The run isn't over: no verdict yet. Faster: ]\n");
      break;
    case RMQ_PAGE_TABLES:
      break;
    }
  return g_string_free (text, FALSE);
}

/* Lines that the page takes beyond what fits into height. */
guint
rmq_dashboard_page_get_scroll_max (const RmqDashboardModel *model)
{
  g_autofree char *text = build_page (model);
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (0, 0, model->ascii);
  g_auto (GStrv) lines = rmq_canvas_wrap (canvas, text, (gint)model->width - 2);
  gint more = (gint)g_strv_length (lines) - ((gint)model->height - FRAME_LINES);
  return (guint)MAX (0, more);
}

void
rmq_dashboard_draw_page (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area)
{
  g_autofree char *text = build_page (model);
  RmqArea inner = { area->x + 1, area->y, area->width - 2, area->height };
  rmq_canvas_put_wrapped (canvas, &inner, model->scroll, RMQ_ROLE_NORMAL, text);
}

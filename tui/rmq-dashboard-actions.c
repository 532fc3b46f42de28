/* SPDX-License-Identifier: Apache-2.0 */

/* What each key does to the model, but for the prompt's. An action changes plain data and says
 * which effect the loop has to see to; it never draws, waits or touches a run. */

#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

#define SPEED_X1 3

RmqDashboardEffect
rmq_dashboard_act_quit (RmqDashboardModel *model, gint unused)
{
  return RMQ_EFFECT_QUIT;
}

RmqDashboardEffect
rmq_dashboard_act_pause (RmqDashboardModel *model, gint unused)
{
  model->paused = !model->paused;
  rmq_dashboard_model_return (model);
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_speed (RmqDashboardModel *model, gint direction)
{
  if (direction < 0 && model->speed > 0)
    model->speed--;
  else if (direction > 0 && model->speed + 1 < rmq_dashboard_n_speeds)
    model->speed++;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_normal_speed (RmqDashboardModel *model, gint unused)
{
  model->speed = SPEED_X1;
  return RMQ_EFFECT_NONE;
}

static void
forget_selection (RmqDashboardModel *model)
{
  model->row = 0;
  model->column = 0;
  g_clear_pointer (&model->row_key, g_free);
}

static void
show_tab (RmqDashboardModel *model, guint tab)
{
  model->page = RMQ_PAGE_TABLES;
  if (model->tab != tab)
    forget_selection (model);
  model->tab = tab;
}

RmqDashboardEffect
rmq_dashboard_act_tab (RmqDashboardModel *model, gint key)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    if (rmq_dashboard_views[i].key == (guint32)key)
      show_tab (model, i);
  return RMQ_EFFECT_NONE;
}

gboolean
rmq_dashboard_show_view (RmqDashboardModel *model, const char *id)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    if (g_str_equal (rmq_dashboard_views[i].id, id))
      {
        show_tab (model, i);
        return TRUE;
      }
  return FALSE;
}

RmqDashboardEffect
rmq_dashboard_act_next_tab (RmqDashboardModel *model, gint direction)
{
  guint n = rmq_dashboard_n_views;
  show_tab (model, (model->tab + (direction > 0 ? 1 : n - 1)) % n);
  return RMQ_EFFECT_NONE;
}

/* The first row isn't pinned: whoever stays there sees what comes first. */
static void
pin_row (RmqDashboardModel *model, const RmqDashboardRows *rows)
{
  g_clear_pointer (&model->row_key, g_free);
  if (model->row > 0)
    model->row_key = rmq_dashboard_row_get_key (rmq_dashboard_rows_get (rows, model->row));
}

RmqDashboardEffect
rmq_dashboard_act_row (RmqDashboardModel *model, gint by)
{
  if (model->page != RMQ_PAGE_TABLES)
    {
      gint most = (gint)rmq_dashboard_page_get_scroll_max (model);
      model->scroll = (guint)CLAMP ((gint)model->scroll + by, 0, most);
      return RMQ_EFFECT_NONE;
    }
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  gint last = (gint)rows->rows->len - 1;
  if (last < 0)
    return RMQ_EFFECT_NONE;
  model->row = (guint)CLAMP ((gint)model->row + by, 0, last);
  pin_row (model, rows);
  return RMQ_EFFECT_NONE;
}

static const RmqTableSchema *
selected_schema (const RmqDashboardModel *model, const RmqDashboardRows *rows)
{
  if (model->row >= rows->rows->len)
    return NULL;
  return rmq_table_get_schema (rmq_dashboard_rows_get (rows, model->row)->table);
}

RmqDashboardEffect
rmq_dashboard_act_column (RmqDashboardModel *model, gint by)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  const RmqTableSchema *schema = selected_schema (model, rows);
  if (schema == NULL)
    return RMQ_EFFECT_NONE;
  gint last = (gint)schema->n_columns - 1;
  model->column = (guint)CLAMP (MIN ((gint)model->column, last) + by, 0, last);
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_sort (RmqDashboardModel *model, gint unused)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  const RmqTableSchema *schema = selected_schema (model, rows);
  if (schema == NULL)
    return RMQ_EFFECT_NONE;
  const char *column = schema->columns[rmq_dashboard_column_at (schema, model->column)].id;
  gboolean same =
      g_strcmp0 (model->sort_table, schema->id) == 0 && g_strcmp0 (model->sort_column, column) == 0;
  gboolean was_descending = model->sort_descending;
  model->sort_table = same && was_descending ? NULL : schema->id;
  model->sort_column = same && was_descending ? NULL : column;
  model->sort_descending = same && !was_descending;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_hot (RmqDashboardModel *model, gint unused)
{
  model->show_hot = !model->show_hot;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_page (RmqDashboardModel *model, gint page)
{
  model->page = (gint)model->page == page ? RMQ_PAGE_TABLES : (RmqDashboardPage)page;
  model->scroll = 0;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_back (RmqDashboardModel *model, gint unused)
{
  if (model->page == RMQ_PAGE_TABLES)
    rmq_dashboard_model_return (model);
  model->page = RMQ_PAGE_TABLES;
  g_clear_pointer (&model->prompt.answer, g_free);
  model->prompt.error_column = 0;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_repaint (RmqDashboardModel *model, gint unused)
{
  return RMQ_EFFECT_REPAINT;
}

RmqDashboardEffect
rmq_dashboard_act_suspend (RmqDashboardModel *model, gint unused)
{
  return RMQ_EFFECT_SUSPEND;
}

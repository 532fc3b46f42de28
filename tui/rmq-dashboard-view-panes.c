/* SPDX-License-Identifier: Apache-2.0 */

/* The two panes that stand beside every tab: the brokers' lines on top and the newest events below.
 * Both are drawn from the dashboard's own tables. Pure functions of the model. */

#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-format.h"
#include "rmq-dashboard-view.h"

#define BROKERS_MAX 6

guint
rmq_dashboard_draw_brokers (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area)
{
  static const char *const ids[] = { "flow", NULL };
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_rows_new (model, ids);
  guint n = rows->rows->len;
  guint shown = MIN (n, BROKERS_MAX);
  RmqArea inner = { area->x, area->y, area->width, (gint)shown + 1 };
  if (n == 0)
    return 0;
  rmq_dashboard_draw_rows (model, canvas, &inner, rows, -1);
  if (n == shown)
    return shown + 1;
  g_autofree char *more = g_strdup_printf ("+%u more", n - shown);
  rmq_canvas_put (canvas, area->x + 1, area->y + (gint)shown + 1, area->width, RMQ_ROLE_DIM, more);
  return shown + 2;
}

/* Fixed columns: lines must not jump while the log runs. */
static void
draw_event_line (RmqCanvas *canvas, const RmqArea *line, const RmqTable *table, guint row)
{
  gint64 ev = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_EV)->number;
  gint64 cause = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_CAUSE)->number;
  const char *time = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_TIME)->text;
  const char *kind = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_KIND)->text;
  const char *who = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_WHO)->text;
  const char *text = rmq_table_get_cell (table, row, RMQ_EVENT_LOG_TEXT)->text;
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, ev);
  g_autofree char *by = cause == RMQ_NUMBER_ABSENT
                            ? g_strdup ("")
                            : g_strdup_printf (" cause %" G_GINT64_FORMAT, cause);
  gint by_width = (gint)rmq_canvas_measure (canvas, by);
  gint x = line->x, y = line->y;
  rmq_canvas_put_end (canvas, x, y, 7, RMQ_ROLE_DIM, number);
  rmq_canvas_put_end (canvas, x + 8, y, 9, RMQ_ROLE_NORMAL, time);
  rmq_canvas_put (canvas, x + 18, y, 15, RMQ_ROLE_HEAD, kind);
  rmq_canvas_put (canvas, x + 34, y, 9, RMQ_ROLE_NORMAL, who);
  rmq_canvas_put (canvas, x + 44, y, line->width - 44 - by_width, RMQ_ROLE_NORMAL, text);
  rmq_canvas_put_end (canvas, x, y, line->width, RMQ_ROLE_DIM, by);
}

static char *
format_events_head (const RmqDashboardModel *model)
{
  if (model->show_hot)
    return g_strdup ("─ EVENTS (hot ones too, H hides) ");
  return g_strdup_printf ("─ EVENTS (%" G_GUINT64_FORMAT " hot hidden, H shows) ", model->n_hot);
}

/* Newest last, as a log is read. */
void
rmq_dashboard_draw_events (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area)
{
  const RmqTable *table = rmq_dashboard_model_find_table (model, "events");
  g_autofree char *head = format_events_head (model);
  gint used = (gint)rmq_canvas_put (canvas, area->x, area->y, area->width, RMQ_ROLE_HEAD, head);
  for (gint x = used; x < area->width; x++)
    rmq_canvas_put (canvas, area->x + x, area->y, 1, RMQ_ROLE_HEAD, "─");
  if (table == NULL)
    return;
  guint n = MIN (rmq_table_get_n_rows (table), (guint)(area->height - 1));
  for (guint i = 0; i < n; i++)
    {
      RmqArea line = { area->x, area->y + 1 + (gint)i, area->width, 1 };
      draw_event_line (canvas, &line, table, n - 1 - i);
    }
}

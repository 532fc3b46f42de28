/* SPDX-License-Identifier: Apache-2.0 */

/* The frame of the screen: which part gets which lines, and the one-line parts (title, health,
 * tabs, prompt, keys). Layout follows from the size alone. Pure functions of the model. */

#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-format.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

#include <string.h>

#define BROKERS_MAX 6
#define BROKERS_FROM_HEIGHT 20 /* below, the lines of the brokers go to the table */
#define EXPLAIN_LINES 2
#define EVENT_LINES_MIN 4 /* a head and three events */

static void
put_bar (RmqCanvas *canvas, const RmqArea *line, RmqRole role, const char *text)
{
  rmq_canvas_clear (canvas, line, role);
  rmq_canvas_put (canvas, line->x, line->y, line->width, role, text);
}

/* ---- title --------------------------------------------------------------- */

static char *
format_speed (guint hundredths)
{
  if (hundredths % 100 == 0 && hundredths >= 1000)
    return g_strdup_printf ("x%u", hundredths / 100);
  if (hundredths % 10 == 0)
    return g_strdup_printf ("x%u.%u", hundredths / 100, hundredths % 100 / 10);
  return g_strdup_printf ("x%u.%02u", hundredths / 100, hundredths % 100);
}

static char *
format_pace (const RmqDashboardModel *model)
{
  if (model->present != NULL)
    return g_strdup ("◀ PAST");
  if (model->over)
    return g_strdup ("OVER");
  if (model->badge == RMQ_BADGE_TCP)
    return g_strdup (model->paused ? "⏸ VIEW FROZEN" : "▶ real time");
  g_autofree char *speed = format_speed (rmq_dashboard_speeds[model->speed]);
  if (model->paused)
    return g_strdup_printf ("⏸ PAUSED %s", speed);
  if (model->reached == 0)
    return g_strdup_printf ("▶ %s", speed);
  g_autofree char *reached = format_speed (model->reached);
  return g_strdup_printf ("▶ %s (%s reached)", speed, reached);
}

void
rmq_dashboard_draw_title (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line)
{
  g_autofree char *pace = format_pace (model);
  g_autofree char *clock = rmq_format_clock (model->now_us - model->zero_us);
  GString *text = g_string_new (NULL);
  g_string_append_printf (text, "rmqlab %s %s   t %s   ev %" G_GUINT64_FORMAT,
                          model->badge == RMQ_BADGE_LAB ? "LAB" : "TCP", pace, clock, model->ev);
  if (model->present != NULL)
    g_string_append_printf (text, " of %" G_GUINT64_FORMAT, model->present->ev);
  if (model->badge == RMQ_BADGE_LAB)
    g_string_append_printf (text, "   seed %" G_GUINT64_FORMAT, model->seed);
  g_string_append_printf (text, "   %s", model->scenario);
  put_bar (canvas, line, model->present != NULL ? RMQ_ROLE_PAST : RMQ_ROLE_BAR, text->str);
  g_string_free (text, TRUE);
}

/* ---- health -------------------------------------------------------------- */

static void
append_rate (GString *text, const char *name, gint64 millis_per_s)
{
  g_autofree char *rate = millis_per_s >= 0 ? rmq_format_rate (millis_per_s) : g_strdup ("-");
  g_string_append_printf (text, "%s %s  ", name, rate);
}

static void
append_span (GString *text, const char *name, gint64 us)
{
  g_autofree char *span = us >= 0 ? rmq_format_span (us) : g_strdup ("-");
  g_string_append_printf (text, "%s %s  ", name, span);
}

void
rmq_dashboard_draw_health (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line)
{
  const RmqDashboardHealth health = model->health;
  GString *text = g_string_new (NULL);
  append_rate (text, "send", health.sends);
  append_rate (text, "ok", health.oks);
  append_rate (text, "fail", health.fails);
  append_rate (text, "retry", health.retries);
  append_span (text, "p50", health.p50_us);
  append_span (text, "p99", health.p99_us);
  g_string_append_printf (text, "inflt %d", MAX (0, health.in_flight));
  if (model->n_missed > 0)
    g_string_append_printf (text, "  missed %" G_GUINT64_FORMAT, model->n_missed);
  rmq_canvas_put (canvas, line->x, line->y, line->width,
                  health.fails > 0 ? RMQ_ROLE_DOWN : RMQ_ROLE_NORMAL, text->str);
  g_string_free (text, TRUE);
}

/* ---- tabs, prompt, keys -------------------------------------------------- */

static char *
format_sort (const RmqDashboardModel *model)
{
  if (model->sort_table == NULL)
    return g_strdup ("");
  return g_strdup_printf ("sort %s%s", model->sort_column, model->sort_descending ? "↓" : "↑");
}

void
rmq_dashboard_draw_tabs (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  g_autofree char *sort = format_sort (model);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    {
      const RmqDashboardView *view = &rmq_dashboard_views[i];
      gboolean chosen = i == model->tab;
      g_string_append_printf (text, chosen ? "[%c%s %u]" : " %c%s ", (char)view->key, view->title,
                              rows->rows->len);
    }
  put_bar (canvas, line, RMQ_ROLE_BAR, text->str);
  gint used = (gint)rmq_canvas_measure (canvas, text->str) + 2;
  rmq_canvas_put_end (canvas, line->x + used, line->y, line->width - used, RMQ_ROLE_BAR, sort);
  g_string_free (text, TRUE);
}

/* The part of the line around the cursor, and the cursor. */
static void
draw_open_prompt (const RmqDashboardPrompt *prompt, RmqCanvas *canvas, const RmqArea *line)
{
  const char *start = prompt->text->str;
  g_autofree char *before = g_strndup (start, prompt->cursor);
  gint room = line->width - 2;
  while ((gint)rmq_canvas_measure (canvas, before) > room && before[0] != '\0')
    {
      gsize first = (gsize)(g_utf8_next_char (before) - before);
      memmove (before, before + first, strlen (before + first) + 1);
      start += first;
    }
  gint cursor = line->x + 1 + (gint)rmq_canvas_measure (canvas, before);
  rmq_canvas_put (canvas, line->x, line->y, 1, RMQ_ROLE_NORMAL, ":");
  rmq_canvas_put (canvas, line->x + 1, line->y, line->width - 1, RMQ_ROLE_NORMAL, start);
  rmq_canvas_tint (canvas, cursor, line->y, 1, RMQ_ROLE_FIELD);
}

void
rmq_dashboard_draw_prompt (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line)
{
  const RmqDashboardPrompt *prompt = &model->prompt;
  if (prompt->open)
    draw_open_prompt (prompt, canvas, line);
  else if (prompt->answer != NULL)
    rmq_canvas_put (canvas, line->x, line->y, line->width,
                    prompt->is_error ? RMQ_ROLE_DOWN : RMQ_ROLE_GOOD, prompt->answer);
  else if (model->present != NULL)
    rmq_canvas_put (canvas, line->x, line->y, line->width, RMQ_ROLE_SLOW,
                    model->badge == RMQ_BADGE_LAB
                        ? "the past: b s S look, Esc returns; a typed line starts another future "
                          "here"
                        : "the past: b and s look, Esc returns to the present");
}

void
rmq_dashboard_draw_keys (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *line)
{
  gboolean open = model->prompt.open;
  const RmqDashboardKey *keys = open ? rmq_dashboard_prompt_keys : rmq_dashboard_keys;
  guint n = open ? rmq_dashboard_n_prompt_keys : rmq_dashboard_n_keys;
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    if (keys[i].label != NULL)
      g_string_append_printf (text, "%s  ", keys[i].label);
  put_bar (canvas, line, RMQ_ROLE_BAR, text->str);
  g_string_free (text, TRUE);
}

/* ---- the whole ----------------------------------------------------------- */

static RmqCanvas *
render_too_small (const RmqDashboardModel *model, RmqCanvas *canvas, guint width, guint height)
{
  RmqArea health = { 0, 1, (gint)width, 1 };
  g_autofree char *text = g_strdup_printf ("need %ux%u, have %ux%u", RMQ_SCREEN_WIDTH_MIN,
                                           RMQ_SCREEN_HEIGHT_MIN, width, height);
  rmq_canvas_put (canvas, 0, 0, (gint)width, RMQ_ROLE_NORMAL, text);
  rmq_dashboard_draw_health (model, canvas, &health);
  return canvas;
}

/* Tabs, table and events share what is left between the fixed lines. */
static void
draw_panes (const RmqDashboardModel *model, RmqCanvas *canvas, const RmqArea *area)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  gboolean is_log = g_str_equal (rmq_dashboard_view_of (model)->tables[0], "events");
  gint rest = area->height - 1;
  gint n_events = is_log ? 0 : MAX (EVENT_LINES_MIN, rest * 9 / 20);
  RmqArea tabs = { area->x, area->y, area->width, 1 };
  RmqArea table = { area->x, area->y + 1, area->width, rest - n_events };
  RmqArea events = { area->x, area->y + 1 + table.height, area->width, n_events };
  rmq_dashboard_draw_tabs (model, canvas, &tabs);
  rmq_dashboard_draw_rows (model, canvas, &table, rows, (gint)model->row);
  if (n_events > 0)
    rmq_dashboard_draw_events (model, canvas, &events);
}

static gboolean
shows_brokers (const RmqDashboardModel *model, guint height)
{
  gboolean in_table = g_str_equal (rmq_dashboard_view_of (model)->tables[0], "flow");
  return !in_table && height >= BROKERS_FROM_HEIGHT;
}

RmqCanvas *
rmq_dashboard_render (const RmqDashboardModel *model, guint width, guint height)
{
  RmqCanvas *canvas = rmq_canvas_new (width, height, model->ascii);
  gint w = (gint)width, h = (gint)height;
  if (width < RMQ_SCREEN_WIDTH_MIN || height < RMQ_SCREEN_HEIGHT_MIN)
    return render_too_small (model, canvas, width, height);
  RmqArea title = { 0, 0, w, 1 }, health = { 0, 1, w, 1 };
  RmqArea prompt = { 0, h - 2, w, 1 }, keys = { 0, h - 1, w, 1 };
  RmqArea middle = { 0, 2, w, h - 4 };
  rmq_dashboard_draw_title (model, canvas, &title);
  rmq_dashboard_draw_health (model, canvas, &health);
  rmq_dashboard_draw_prompt (model, canvas, &prompt);
  rmq_dashboard_draw_keys (model, canvas, &keys);
  if (model->page != RMQ_PAGE_TABLES)
    {
      rmq_dashboard_draw_page (model, canvas, &middle);
      return canvas;
    }
  if (shows_brokers (model, height))
    {
      RmqArea brokers = { 0, 2, w, BROKERS_MAX + 2 };
      gint used = (gint)rmq_dashboard_draw_brokers (model, canvas, &brokers);
      middle.y += used;
      middle.height -= used;
    }
  middle.height -= EXPLAIN_LINES;
  RmqArea explain = { 0, middle.y + middle.height, w, EXPLAIN_LINES };
  draw_panes (model, canvas, &middle);
  rmq_dashboard_draw_explain (model, canvas, &explain);
  return canvas;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-table.h"

G_BEGIN_DECLS

/* A view is a tab: one row here, drawn by the one table renderer. */
typedef struct
{
  const char *id;
  const char *title;
  guint32 key;
  const char *tables[8]; /* names, NULL after the last; "*": all others that no view names */
  const char *help;
} RmqDashboardView;

extern const RmqDashboardView rmq_dashboard_views[];
extern const guint rmq_dashboard_n_views;

const RmqDashboardView *rmq_dashboard_view_of (const RmqDashboardModel *model);
/* The rows of the model's tab. (transfer full) */
RmqDashboardRows *rmq_dashboard_view_get_rows (const RmqDashboardModel *model);

/* The whole screen. Pure: same model, same grid. (transfer full) */
RmqCanvas *rmq_dashboard_render (const RmqDashboardModel *model, guint width, guint height);

#define RMQ_SCREEN_WIDTH_MIN 60
#define RMQ_SCREEN_HEIGHT_MIN 16

/* ---- parts of the screen, each drawn into its lines ---------------------- */

void rmq_dashboard_draw_title (const RmqDashboardModel *model, RmqCanvas *canvas,
                               const RmqArea *line);
void rmq_dashboard_draw_health (const RmqDashboardModel *model, RmqCanvas *canvas,
                                const RmqArea *line);
/* Returns the lines taken: heads and at most six brokers. */
guint rmq_dashboard_draw_brokers (const RmqDashboardModel *model, RmqCanvas *canvas,
                                  const RmqArea *area);
void rmq_dashboard_draw_tabs (const RmqDashboardModel *model, RmqCanvas *canvas,
                              const RmqArea *line);
void rmq_dashboard_draw_events (const RmqDashboardModel *model, RmqCanvas *canvas,
                                const RmqArea *area);
/* Two lines about the selected field, or the line that was wrong with a caret under the spot. */
void rmq_dashboard_draw_explain (const RmqDashboardModel *model, RmqCanvas *canvas,
                                 const RmqArea *area);
void rmq_dashboard_draw_prompt (const RmqDashboardModel *model, RmqCanvas *canvas,
                                const RmqArea *line);
void rmq_dashboard_draw_keys (const RmqDashboardModel *model, RmqCanvas *canvas,
                              const RmqArea *line);
/* What stands in place of tabs, table and events: help, the sheet of a field, the report. */
void rmq_dashboard_draw_page (const RmqDashboardModel *model, RmqCanvas *canvas,
                              const RmqArea *area);
guint rmq_dashboard_page_get_scroll_max (const RmqDashboardModel *model);

G_END_DECLS

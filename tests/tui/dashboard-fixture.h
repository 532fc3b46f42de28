/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

/* A dashboard without a run: the moment after broker-a died, made by hand. Tables have the ids of
 * the real ones and fewer columns. */

typedef struct
{
  RmqEventLog *log; /* outlives the model: events keep its texts */
  RmqDashboardModel *model;
} DashboardFixture;

void dashboard_fixture_set_up (DashboardFixture *fixture, gconstpointer unused);
void dashboard_fixture_tear_down (DashboardFixture *fixture, gconstpointer unused);

/* Rows as text: cells parted by '|', rows by newlines; "~" is an absent text. */
RmqTable *dashboard_fixture_add_table (RmqSnapshot *snapshot, const RmqTableSchema *schema,
                                       const char *owner, const char *rows);
RmqSnapshot *dashboard_fixture_make_snapshot (gint64 at_us);
/* Sends keys: each character is one. */
RmqDashboardEffect dashboard_fixture_type (RmqDashboardModel *model, const char *keys);
RmqDashboardEffect dashboard_fixture_press (RmqDashboardModel *model, guint32 key);
/* Shows a snapshot taken at that time, without new events. */
void dashboard_fixture_tick (RmqDashboardModel *model, RmqSnapshot *snapshot, gint64 now_us);

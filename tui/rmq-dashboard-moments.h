/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* Moments as they were seen, kept to look back at: right after an event, all tables and what the
 * seconds before it came to. A cache of bounded size: what is left out can be had by a run once
 * more. */

/* Rates in thousandths per second, spans in µs. */
typedef struct
{
  gint64 sends, oks, fails, retries;
  gint64 p50_us, p99_us; /* -1: no send ended in the window */
  gint in_flight;        /* -1: nobody says */
} RmqDashboardHealth;

typedef struct
{
  guint64 ev;
  guint n_lines; /* given to the run until then */
  gint64 now_us; /* on the world's clock */
  guint64 n_hot; /* events until then */
  RmqSnapshot *snapshot;
  RmqSnapshot *flows; /* the dashboard's own tables, as they were */
  RmqDashboardHealth health;
} RmqDashboardMoment;

RmqDashboardMoment *rmq_dashboard_moment_copy (const RmqDashboardMoment *moment);
void rmq_dashboard_moment_free (RmqDashboardMoment *moment); /* nullable */

/* Whichever is reached first; then every other one of the older half goes. */
#define RMQ_MOMENTS_MAX 512
#define RMQ_MOMENT_CELLS_MAX (1 << 20)

typedef struct
{
  GPtrArray *list; /* of RmqDashboardMoment, by ev */
  gsize n_cells;   /* of all their tables */
} RmqDashboardMoments;

void rmq_dashboard_moments_init (RmqDashboardMoments *moments);
void rmq_dashboard_moments_clear (RmqDashboardMoments *moments);
/* In place of one of the same event. */
void rmq_dashboard_moments_add (RmqDashboardMoments *moments, const RmqDashboardMoment *moment);
void rmq_dashboard_moments_forget_after (RmqDashboardMoments *moments, guint64 ev);
/* The one right after that event; the newest before it; the oldest after it. (nullable) */
const RmqDashboardMoment *rmq_dashboard_moments_find (const RmqDashboardMoments *moments,
                                                      guint64 ev);
const RmqDashboardMoment *rmq_dashboard_moments_before (const RmqDashboardMoments *moments,
                                                        guint64 ev);
const RmqDashboardMoment *rmq_dashboard_moments_after (const RmqDashboardMoments *moments,
                                                       guint64 ev);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqDashboardMoment, rmq_dashboard_moment_free)

G_END_DECLS

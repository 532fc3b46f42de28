/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-model.h"
#include "rmq-run.h"

G_BEGIN_DECLS

/* From a run to the model: reads what is new in the run's log, takes a snapshot, and makes a tick
 * of it. Asks for the loop as briefly as it can and never draws meanwhile. */

typedef struct
{
  RmqRun *run;
  RmqDashboardModel *model;
  guint64 last_id;       /* of the log, read so far */
  guint64 n_missed;      /* in the reading under way */
  guint64 ev;            /* the moment of the last reading */
  GArray *events;        /* of RmqDashboardEvent: not yet in the model */
  GStringChunk *lines;   /* texts of log lines */
  RmqSnapshot *snapshot; /* (nullable): the newest */
} RmqDashboardFeed;

void rmq_dashboard_feed_init (RmqDashboardFeed *feed, RmqRun *run);
void rmq_dashboard_feed_clear (RmqDashboardFeed *feed); /* frees the model too */
/* Brings the model up to date. reached: hundredths of speed, 0 = as asked. */
void rmq_dashboard_feed_tick (RmqDashboardFeed *feed, guint reached);
/* The verdict, as soon as the run is over; once. */
void rmq_dashboard_feed_judge (RmqDashboardFeed *feed);
/* Executes the model's submitted line and gives it the answer. */
void rmq_dashboard_feed_execute (RmqDashboardFeed *feed);

G_END_DECLS

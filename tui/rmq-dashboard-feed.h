/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-model.h"
#include "rmq-run.h"

G_BEGIN_DECLS

/* From a run to the model: reads what is new in the run's log, takes a snapshot, and makes a tick
 * of it. Asks for the loop as briefly as it can and never draws meanwhile. */

typedef struct _RmqDashboardFeed RmqDashboardFeed;
struct _RmqDashboardFeed
{
  RmqRun *run; /* owned */
  RmqDashboardModel *model;
  guint64 last_id;         /* of the log, read so far */
  guint64 checked_id;      /* of the log, looked through for what is notable */
  guint64 n_missed;        /* in the reading under way */
  guint64 ev;              /* the moment of the last reading */
  guint n_lines;           /* given to a simulated run so far */
  guint n_remembered;      /* in this frame */
  GArray *events;          /* of RmqDashboardEvent: not yet in the model */
  GStringChunk *lines;     /* texts of log lines */
  RmqSnapshot *snapshot;   /* (nullable): the newest */
  RmqDashboardFeed *again; /* (nullable): the run once more, at a moment that is looked at */
};

/* Of a frame, at most so many are remembered on the way: each is a snapshot. */
#define RMQ_REMEMBERED_PER_FRAME_MAX 8

void rmq_dashboard_feed_init (RmqDashboardFeed *feed, RmqRun *run); /* takes run */
/* Frees the model too. Gives back the run, which may be another by now. (transfer full) */
RmqRun *rmq_dashboard_feed_clear (RmqDashboardFeed *feed);
/* Drives a simulated run up to at_us on the scenario's clock, remembering moments on the way. */
void rmq_dashboard_feed_drive (RmqDashboardFeed *feed, gint64 at_us);
/* One event, or one line that is given; beyond the end as well. FALSE: nothing is left. */
gboolean rmq_dashboard_feed_step (RmqDashboardFeed *feed);
/* The same up to the event of that number, or right after the next notable one. */
void rmq_dashboard_feed_drive_to (RmqDashboardFeed *feed, guint64 ev);
void rmq_dashboard_feed_drive_to_notable (RmqDashboardFeed *feed);
/* Brings the model up to date. reached: hundredths of speed, 0 = as asked. */
void rmq_dashboard_feed_tick (RmqDashboardFeed *feed, guint reached);
/* Shows a moment that isn't remembered, from a run once more: the one after the model's target, or
 * the one after what is seen. Simulated. */
void rmq_dashboard_feed_look (RmqDashboardFeed *feed);
void rmq_dashboard_feed_look_on (RmqDashboardFeed *feed);
/* The verdict, as soon as the run is over; once. */
void rmq_dashboard_feed_judge (RmqDashboardFeed *feed);
/* Executes the model's submitted line and gives it the answer. Looking back at a simulated run,
 * what touches the world starts another future at the moment that is seen. */
void rmq_dashboard_feed_execute (RmqDashboardFeed *feed);

G_END_DECLS

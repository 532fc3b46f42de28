/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-model.h"

G_BEGIN_DECLS

/* The dashboard's own tables, joined from what the world publishes: declared like any other, so
 * that they are drawn, sorted and explained by the same code. */

extern const RmqTableSchema rmq_flow_schema;       /* a row per broker: truth beside belief */
extern const RmqTableSchema rmq_queue_flow_schema; /* a row per message queue: who got the sends */
extern const RmqTableSchema rmq_event_log_schema;  /* a row per event, newest first */

/* Columns of the event log. */
enum
{
  RMQ_EVENT_LOG_EV,
  RMQ_EVENT_LOG_TIME,
  RMQ_EVENT_LOG_KIND,
  RMQ_EVENT_LOG_WHO,
  RMQ_EVENT_LOG_TEXT,
  RMQ_EVENT_LOG_CAUSE,
  RMQ_EVENT_LOG_MEANING,
};

/* Brokers and queues, from a snapshot and the samples of its window. Pure. (transfer full) */
RmqSnapshot *rmq_dashboard_derive_flows (const RmqDashboardModel *model);
/* The event log up to what is seen. Pure. (transfer full) */
RmqSnapshot *rmq_dashboard_derive_log (const RmqDashboardModel *model);

/* ---- samples: what a window of the event log says of the sends ----------- */

void rmq_dashboard_samples_add (GArray *samples, const RmqEvent *event);
void rmq_dashboard_samples_trim (GArray *samples, gint64 now_us);

RmqDashboardHealth rmq_dashboard_measure_health (const RmqDashboardModel *model);

/* What the window says of one broker. */
typedef struct
{
  guint picks, all_picks, oks;
  gint64 oks_per_s; /* thousandths */
  gint64 p50_us;    /* -1: no answer in the window */
} RmqDashboardTraffic;

RmqDashboardTraffic rmq_dashboard_get_traffic (const RmqDashboardModel *model, const char *broker);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* The tabs, one row each, and which rows of the snapshot the chosen one shows. */

#include "rmq-dashboard-view.h"

const RmqDashboardView rmq_dashboard_views[] = {
  { "flow",
    "Flow",
    '1',
    { "flow", "queueFlow" },
    "Each broker as it is beside what the client believes of it, and where the sends of the last 5 "
    "s "
    "went. A gap between the two carries '!'." },
  { "clients",
    "Client",
    '2',
    { "factoryTable", "producerTable", "topicRouteTable", "MQClientInstance#brokerAddrTable" },
    "The producer's process: one client per id, the groups on it, the routes it holds and the "
    "broker "
    "addresses it knows." },
  { "topics",
    "Topic",
    '3',
    { "topicPublishInfoTable", "messageQueues" },
    "What the producer believes about each topic: the queues it may write, and whose turn it is." },
  { "channels",
    "Chan",
    '4',
    { "channelTables" },
    "One connection per address, opened at first use. What TCP says of it is no proof of life." },
  { "inflight",
    "Inflight",
    '5',
    { "responseTable", "permits" },
    "Requests that wait for an answer, by opaque. An answer whose row is gone is dropped." },
  { "servers",
    "Server",
    '6',
    { "truth", "brokerLiveTable", "topicQueueTable", "*" },
    "Name servers and brokers from inside, and every table that no other tab shows." },
  { "timers",
    "Timer",
    '7',
    { "scheduledTasks", "lanes", "locks" },
    "The client's background jobs. Those of one lane run one after the other: one that waits makes "
    "the rest late." },
  { "events",
    "Event",
    '8',
    { "events" },
    "What happened, newest first, each with the event that caused it." },
};
const guint rmq_dashboard_n_views = G_N_ELEMENTS (rmq_dashboard_views);

const RmqDashboardView *
rmq_dashboard_view_of (const RmqDashboardModel *model)
{
  g_assert (model->tab < rmq_dashboard_n_views);
  return &rmq_dashboard_views[model->tab];
}

static gboolean
is_named_by_a_view (const RmqTableSchema *schema)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    for (guint k = 0; rmq_dashboard_views[i].tables[k] != NULL; k++)
      if (rmq_dashboard_table_is (schema, rmq_dashboard_views[i].tables[k]))
        return TRUE;
  return FALSE;
}

static void
add_others (RmqDashboardRows *rows, const RmqDashboardModel *model)
{
  for (guint i = 0; model->snapshot != NULL && i < rmq_snapshot_get_n_tables (model->snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (model->snapshot, i);
      if (!is_named_by_a_view (rmq_table_get_schema (table)))
        rmq_dashboard_rows_add (rows, model, table);
    }
}

RmqDashboardRows *
rmq_dashboard_view_get_rows (const RmqDashboardModel *model)
{
  const RmqDashboardView *view = rmq_dashboard_view_of (model);
  RmqDashboardRows *rows = rmq_dashboard_rows_new (model, view->tables);
  if (g_strv_contains (view->tables, "*"))
    add_others (rows, model);
  return rows;
}

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
    { "factoryTable", "producerTable", "topicRouteTable", "brokerAddrTable" },
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
    { "responseTable" },
    "Requests that wait for an answer, by opaque. An answer whose row is gone is dropped." },
  { "servers",
    "Server",
    '6',
    { "*" },
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
is_named_by_a_view (const char *table_id)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    if (g_strv_contains (rmq_dashboard_views[i].table_ids, table_id))
      return TRUE;
  return FALSE;
}

/* Ids of the tables that no view names, each once. (transfer full) of const char* */
static GPtrArray *
list_other_ids (const RmqSnapshot *snapshot)
{
  GPtrArray *ids = g_ptr_array_new ();
  for (guint i = 0; snapshot != NULL && i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const char *id = rmq_table_get_schema (rmq_snapshot_get_table (snapshot, i))->id;
      if (!is_named_by_a_view (id)
          && !g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
        g_ptr_array_add (ids, (gpointer)id);
    }
  g_ptr_array_add (ids, NULL);
  return ids;
}

RmqDashboardRows *
rmq_dashboard_view_get_rows (const RmqDashboardModel *model)
{
  const RmqDashboardView *view = rmq_dashboard_view_of (model);
  if (!g_str_equal (view->table_ids[0], "*"))
    return rmq_dashboard_rows_new (model, view->table_ids);
  g_autoptr (GPtrArray) ids = list_other_ids (model->snapshot);
  return rmq_dashboard_rows_new (model, (const char *const *)ids->pdata);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The one file between a run and the model. What it copies inside the loop of a real run is small:
 * new records and a snapshot; drawing happens later and elsewhere, since a terminal may block. */

#include "rmq-dashboard-feed.h"

#include "rmq-dashboard-log.h"

static const RmqEventKind log_kind = {
  .name = "LOG",
  .part = RMQ_HASH_NONE,
  .help = "a line of the program's own log",
};

static char **
complete (const char *text, gpointer data)
{
  return rmq_scenario_complete (data, text);
}

void
rmq_dashboard_feed_init (RmqDashboardFeed *feed, RmqRun *run)
{
  RmqScenario *scenario = rmq_run_get_scenario (run);
  *feed = (RmqDashboardFeed){ .run = run };
  feed->model = rmq_dashboard_model_new (rmq_scenario_get_name (scenario),
                                         rmq_run_is_real (run) ? RMQ_BADGE_TCP : RMQ_BADGE_LAB,
                                         rmq_run_get_seed (run));
  feed->model->zero_us = rmq_run_get_zero_us (run);
  feed->model->complete = complete;
  feed->model->complete_data = scenario;
  feed->events = g_array_new (FALSE, FALSE, sizeof (RmqDashboardEvent));
  feed->lines = g_string_chunk_new (1024);
}

void
rmq_dashboard_feed_clear (RmqDashboardFeed *feed)
{
  rmq_dashboard_model_free (feed->model);
  rmq_snapshot_unref (feed->snapshot);
  g_array_unref (feed->events);
  g_string_chunk_free (feed->lines);
}

/* Owner of the loop. */
static void
read_log (gpointer data)
{
  RmqDashboardFeed *feed = data;
  RmqEventLog *log = rmq_run_get_log (feed->run);
  guint64 last = rmq_event_log_get_last_id (log);
  guint64 first = MAX (feed->last_id + 1, rmq_event_log_get_first_id (log));
  feed->n_missed = first - (feed->last_id + 1);
  for (guint64 id = first; id <= last; id++)
    {
      RmqDashboardEvent event = { .event = *rmq_event_log_get (log, id) };
      const RmqEvent *cause = rmq_event_log_get (log, event.event.cause);
      event.cause_ev = cause != NULL ? cause->ev : 0;
      event.host = rmq_event_log_get_host_name (log, event.event.host);
      g_array_append_val (feed->events, event);
    }
  feed->last_id = last;
  feed->ev = rmq_event_log_get_ev (log);
}

static void
read_own_log (RmqDashboardFeed *feed)
{
  for (char *line = rmq_dashboard_log_take (); line != NULL; line = rmq_dashboard_log_take ())
    {
      RmqDashboardEvent event = { .host = "rmqlab" };
      event.event.kind = &log_kind;
      event.event.ev = feed->model->ev;
      event.event.at_us = feed->model->now_us;
      event.event.text = g_string_chunk_insert (feed->lines, line);
      g_array_append_val (feed->events, event);
      g_free (line);
    }
}

void
rmq_dashboard_feed_tick (RmqDashboardFeed *feed, guint reached)
{
  RmqDashboardMsg msg = { .kind = RMQ_MSG_TICK, .reached = reached };
  /* Between two events of a simulated run nothing changes. */
  gboolean moved = feed->snapshot == NULL || rmq_run_is_real (feed->run)
                   || rmq_run_get_ev (feed->run) != rmq_snapshot_get_ev (feed->snapshot);
  if (moved)
    {
      rmq_snapshot_unref (feed->snapshot);
      feed->snapshot = rmq_run_snapshot (feed->run);
    }
  rmq_run_call (feed->run, read_log, feed);
  read_own_log (feed);
  msg.snapshot = feed->snapshot;
  msg.events = (const RmqDashboardEvent *)(gconstpointer)feed->events->data;
  msg.n_events = feed->events->len;
  msg.n_missed = feed->n_missed;
  msg.ev = feed->ev;
  msg.now_us = rmq_run_get_now_us (feed->run) + feed->model->zero_us;
  rmq_dashboard_update (feed->model, &msg);
  g_array_set_size (feed->events, 0);
}

void
rmq_dashboard_feed_judge (RmqDashboardFeed *feed)
{
  if (feed->model->over || !rmq_run_is_over (feed->run))
    return;
  g_autoptr (RmqReport) report = rmq_run_judge (feed->run);
  g_autofree char *text = rmq_report_format (report);
  rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_REPORT, .text = text });
}

void
rmq_dashboard_feed_execute (RmqDashboardFeed *feed)
{
  g_autofree char *line = g_steal_pointer (&feed->model->submitted);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autofree char *answer = rmq_run_execute_line (feed->run, line, diagnostics);
  if (answer != NULL)
    g_strdelimit (g_strchomp (answer), "\n", ' ');
  RmqDashboardMsg msg = { .kind = RMQ_MSG_ANSWER, .text = answer };
  g_autofree char *wrong = NULL;
  if (answer == NULL)
    {
      g_assert (rmq_diagnostics_get_n (diagnostics) > 0);
      const RmqDiagnostic *first = rmq_diagnostics_get (diagnostics, 0);
      gboolean knows = first->suggestion != NULL;
      wrong = g_strconcat (first->message, knows ? "; did you mean " : "",
                           knows ? first->suggestion : "", knows ? "?" : NULL, NULL);
      msg.text = wrong;
      msg.is_error = TRUE;
      msg.error_column = (gint)first->column;
    }
  rmq_dashboard_update (feed->model, &msg);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Between a run and the model. What it copies inside the loop of a real run is small: new records
 * and a snapshot; drawing happens later and elsewhere, since a terminal may block. Looking back at
 * what isn't remembered, and acting there, stand in rmq-dashboard-again.c. */

#include "rmq-dashboard-feed-private.h"

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
  feed->model->zero_ev = rmq_run_get_zero_ev (run);
  feed->model->complete = complete;
  feed->model->complete_data = scenario;
  feed->events = g_array_new (FALSE, FALSE, sizeof (RmqDashboardEvent));
  feed->lines = g_string_chunk_new (1024);
}

RmqRun *
rmq_dashboard_feed_clear (RmqDashboardFeed *feed)
{
  rmq_dashboard_feed_forget_again (feed);
  rmq_dashboard_model_free (feed->model);
  rmq_snapshot_unref (feed->snapshot);
  g_array_unref (feed->events);
  g_string_chunk_free (feed->lines);
  return g_steal_pointer (&feed->run);
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

/* Between two events of a simulated run nothing changes, but by a line that is given. */
static gboolean
has_moved (RmqDashboardFeed *feed)
{
  if (rmq_run_is_real (feed->run))
    return TRUE;
  const RmqRunMoment moment = rmq_run_get_moment (feed->run);
  gboolean moved = feed->snapshot == NULL || moment.at.ev != rmq_snapshot_get_ev (feed->snapshot)
                   || moment.n_given != feed->n_lines;
  feed->n_lines = moment.n_given;
  return moved;
}

/* What is new in run and log, as a message. */
static void
send_news (RmqDashboardFeed *feed, RmqDashboardMsg msg)
{
  if (has_moved (feed))
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
  msg.n_lines = feed->n_lines;
  msg.now_us = rmq_run_get_now_us (feed->run) + feed->model->zero_us;
  rmq_dashboard_update (feed->model, &msg);
  g_array_set_size (feed->events, 0);
}

void
rmq_dashboard_feed_remember (RmqDashboardFeed *feed)
{
  send_news (feed, (RmqDashboardMsg){ .kind = RMQ_MSG_MOMENT, .remember = TRUE });
}

/* Whether a record that isn't hot came since this was asked last. */
static gboolean
find_notable (RmqDashboardFeed *feed)
{
  RmqEventLog *log = rmq_run_get_log (feed->run);
  const guint64 last = rmq_event_log_get_last_id (log);
  gboolean found = FALSE;
  for (guint64 id = MAX (feed->checked_id + 1, rmq_event_log_get_first_id (log));
       id <= last && !found; id++)
    found = !rmq_event_log_get (log, id)->kind->hot;
  feed->checked_id = last;
  return found;
}

static void
ask_notable (gpointer data)
{
  gpointer *pair = data;
  *(gboolean *)pair[1] = find_notable (pair[0]);
}

/* One event, or the start of a slot, which is seen. FALSE: neither is due by then, or the run is
 * over. */
static gboolean
drive_one (RmqDashboardFeed *feed, gint64 at_us, gboolean *notable)
{
  const gint64 slot_us = (rmq_run_get_now_us (feed->run) / RMQ_SLOT_US + 1) * RMQ_SLOT_US;
  gboolean goes_on = rmq_run_step_until (feed->run, MIN (at_us, slot_us));
  *notable = find_notable (feed);
  if (*notable && feed->n_remembered < RMQ_REMEMBERED_PER_FRAME_MAX)
    {
      feed->n_remembered++;
      rmq_dashboard_feed_remember (feed);
    }
  if (goes_on || slot_us > at_us || rmq_run_is_over (feed->run))
    return goes_on;
  rmq_run_run_until (feed->run, slot_us);
  g_clear_pointer (&feed->snapshot, rmq_snapshot_unref); /* its time counts */
  send_news (feed, (RmqDashboardMsg){ .kind = RMQ_MSG_MOMENT });
  return TRUE;
}

void
rmq_dashboard_feed_drive (RmqDashboardFeed *feed, gint64 at_us)
{
  gboolean notable = FALSE;
  while (drive_one (feed, at_us, &notable))
    continue;
  rmq_run_run_until (feed->run, at_us);
}

static gboolean
is_at (RmqRun *run, const RmqRunMoment *moment)
{
  const RmqRunMoment at = rmq_run_get_moment (run);
  return at.at.ev == moment->at.ev && at.n_given == moment->n_given;
}

gboolean
rmq_dashboard_feed_step (RmqDashboardFeed *feed)
{
  const RmqRunMoment from = rmq_run_get_moment (feed->run);
  gboolean notable = FALSE;
  while (is_at (feed->run, &from) && drive_one (feed, G_MAXINT64, &notable))
    continue;
  if (is_at (feed->run, &from))
    rmq_run_step (feed->run); /* beyond the end, where nothing drives */
  return !is_at (feed->run, &from);
}

void
rmq_dashboard_feed_drive_to (RmqDashboardFeed *feed, guint64 ev)
{
  gboolean notable = FALSE;
  while (rmq_run_get_ev (feed->run) < ev && drive_one (feed, G_MAXINT64, &notable))
    continue;
}

void
rmq_dashboard_feed_drive_to_notable (RmqDashboardFeed *feed)
{
  gboolean notable = FALSE;
  find_notable (feed);
  while (!notable && drive_one (feed, G_MAXINT64, &notable))
    continue;
}

void
rmq_dashboard_feed_tick (RmqDashboardFeed *feed, guint reached)
{
  gboolean notable = FALSE;
  gpointer pair[] = { feed, &notable };
  feed->n_remembered = 0;
  if (rmq_run_is_real (feed->run))
    rmq_run_call (feed->run, ask_notable, pair);
  if (notable)
    rmq_dashboard_feed_remember (feed);
  send_news (feed, (RmqDashboardMsg){ .kind = RMQ_MSG_TICK, .reached = reached });
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

/* ---- lines --------------------------------------------------------------- */

static void
answer (RmqDashboardFeed *feed, const char *text)
{
  rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_ANSWER, .text = text });
}

static void
answer_wrong (RmqDashboardFeed *feed, const RmqDiagnostics *diagnostics)
{
  g_assert (rmq_diagnostics_get_n (diagnostics) > 0);
  const RmqDiagnostic *first = rmq_diagnostics_get (diagnostics, 0);
  gboolean knows = first->suggestion != NULL;
  g_autofree char *wrong = g_strconcat (first->message, knows ? "; did you mean " : "",
                                        knows ? first->suggestion : "", knows ? "?" : NULL, NULL);
  rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_ANSWER,
                                                         .text = wrong,
                                                         .is_error = TRUE,
                                                         .error_column = (gint)first->column });
}

void
rmq_dashboard_feed_execute (RmqDashboardFeed *feed)
{
  g_autofree char *line = g_steal_pointer (&feed->model->submitted);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  const gboolean is_past = feed->model->present != NULL;
  if (is_past && rmq_run_is_real (feed->run))
    {
      answer (feed, "over TCP the past can only be looked at: Esc returns, then say it again");
      return;
    }
  g_autofree char *text = is_past ? rmq_dashboard_feed_execute_in_past (feed, line, diagnostics)
                                  : rmq_run_execute_line (feed->run, line, diagnostics);
  if (text == NULL)
    {
      answer_wrong (feed, diagnostics);
      return;
    }
  answer (feed, g_strdelimit (g_strchomp (text), "\n", ' '));
}

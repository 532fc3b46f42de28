/* SPDX-License-Identifier: Apache-2.0 */

/* The run once more, silent and from its journal, up to a moment: to look at what isn't remembered,
 * and to act there. It has a model of its own that nobody draws, so that rates and shares of the
 * window are what they were. Simulated runs only; the run that is shown is left alone until the
 * other takes its place. */

#include "rmq-dashboard-feed-private.h"

#include "rmq-grammar.h"

void
rmq_dashboard_feed_forget_again (RmqDashboardFeed *feed)
{
  if (feed->again == NULL)
    return;
  rmq_run_free (rmq_dashboard_feed_clear (feed->again));
  g_clear_pointer (&feed->again, g_free);
}

static gboolean
is_at_or_before (RmqRun *run, guint64 ev, guint n_lines)
{
  const RmqRunMoment at = rmq_run_get_moment (run);
  return at.at.ev < ev || (at.at.ev == ev && at.n_given <= n_lines);
}

/* Brings the run once more to that moment, making it if there is none that is still before it. */
static void
go_again (RmqDashboardFeed *feed, guint64 ev, guint n_lines)
{
  if (feed->again != NULL && !is_at_or_before (feed->again->run, ev, n_lines))
    rmq_dashboard_feed_forget_again (feed);
  if (feed->again == NULL)
    {
      feed->again = g_new (RmqDashboardFeed, 1);
      rmq_dashboard_feed_init (feed->again, rmq_run_new_again (feed->run));
    }
  const RmqRunMoment moment = { .at = { ev, 0 }, .n_given = n_lines };
  while (rmq_run_get_ev (feed->again->run) < ev && rmq_dashboard_feed_step (feed->again))
    continue;
  rmq_run_run_to (feed->again->run, &moment);
}

static void
show_again (RmqDashboardFeed *feed)
{
  rmq_dashboard_feed_remember (feed->again);
  const RmqDashboardModel *seen = feed->again->model;
  const RmqDashboardMoment *moment = rmq_dashboard_moments_find (&seen->moments, seen->ev);
  rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_LOOK, .moment = moment });
}

void
rmq_dashboard_feed_look (RmqDashboardFeed *feed)
{
  go_again (feed, feed->model->target_ev, 0);
  show_again (feed);
}

void
rmq_dashboard_feed_look_on (RmqDashboardFeed *feed)
{
  g_assert (feed->model->present != NULL);
  const RmqRunMoment present = rmq_run_get_moment (feed->run);
  go_again (feed, feed->model->ev, feed->model->n_lines);
  rmq_dashboard_feed_step (feed->again);
  const RmqRunMoment at = rmq_run_get_moment (feed->again->run);
  if (at.at.ev > present.at.ev || (at.at.ev == present.at.ev && at.n_given >= present.n_given))
    rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_LOOK });
  else
    show_again (feed);
}

/* ---- acting there -------------------------------------------------------- */

/* The run once more is the run from now on. */
static void
take_its_place (RmqDashboardFeed *feed)
{
  RmqDashboardFeed *again = feed->again;
  rmq_dashboard_update (feed->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_BRANCH });
  RmqRun *old = feed->run;
  feed->run = g_steal_pointer (&again->run);
  feed->model->complete_data = rmq_run_get_scenario (feed->run);
  rmq_run_free (old);
  rmq_dashboard_feed_forget_again (feed);
  g_clear_pointer (&feed->snapshot, rmq_snapshot_unref);
  /* what its log remembers is all there is */
  feed->last_id = rmq_event_log_get_first_id (rmq_run_get_log (feed->run)) - 1;
  feed->checked_id = feed->last_id;
}

/* A question touches no world. */
static gboolean
is_question (const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t", 2);
  return words[0] != NULL && g_strv_contains (rmq_expect_words, words[0]);
}

char *
rmq_dashboard_feed_execute_in_past (RmqDashboardFeed *feed, const char *line,
                                    RmqDiagnostics *diagnostics)
{
  const guint64 ev = feed->model->ev;
  go_again (feed, ev, feed->model->n_lines);
  const gboolean asked = is_question (line);
  const guint n_left_out = asked ? 0 : rmq_run_forget_lines_to_come (feed->again->run);
  char *answer = rmq_run_execute_line (feed->again->run, line, diagnostics);
  if (answer == NULL || asked)
    {
      rmq_dashboard_feed_forget_again (feed); /* it isn't the same run any more */
      return answer;
    }
  take_its_place (feed);
  g_autofree char *said = answer;
  g_autofree char *lines = n_left_out > 0 ? g_strdup_printf (", %u typed line%s too", n_left_out,
                                                             n_left_out > 1 ? "s" : "")
                                          : g_strdup ("");
  return g_strdup_printf ("%s; goes on from ev %" G_GUINT64_FORMAT ", what came later is dropped%s",
                          g_strchomp (said), ev, lines);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Adds up the results of a sweep. Pure: a function of the results and their order; how it is shown
 * stands in rmq-sweep-summary-text.c. Keeps numbers, not results: a few bytes a run. */

#include "rmq-sweep-summary-private.h"

#include <string.h>

const char *const rmq_spread_names[RMQ_SPREAD_N] = { "min", "median", "p99", "max" };

/* ---- life ---------------------------------------------------------------- */

static void
free_claim (gpointer data)
{
  RmqSweepClaim *claim = data;
  for (guint i = 0; i < RMQ_N_VERDICTS; i++)
    {
      g_free (claim->first_evidence[i]);
      g_free (claim->first_replay[i]);
    }
  g_array_unref (claim->numbers);
  g_free (claim->text);
  g_free (claim);
}

static void
free_story (gpointer data)
{
  RmqSweepStory *story = data;
  g_ptr_array_unref (story->claims);
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    g_array_unref (story->figures[i]);
  g_free (story);
}

static RmqSweepStory *
new_story (const RmqSweepScenario *scenario)
{
  RmqSweepStory *story = g_new0 (RmqSweepStory, 1);
  story->scenario = scenario;
  story->claims = g_ptr_array_new_with_free_func (free_claim);
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    story->figures[i] = g_array_new (FALSE, FALSE, sizeof (gint64));
  return story;
}

RmqSweepSummary *
rmq_sweep_summary_new (const RmqSweepPlan *plan)
{
  RmqSweepSummary *summary = g_new0 (RmqSweepSummary, 1);
  summary->plan = plan;
  summary->stories = g_ptr_array_new_with_free_func (free_story);
  for (guint i = 0; i < plan->scenarios->len; i++)
    g_ptr_array_add (summary->stories, new_story (g_ptr_array_index (plan->scenarios, i)));
  summary->complaints = g_ptr_array_new_with_free_func (g_free);
  summary->notes = g_ptr_array_new_with_free_func (g_free);
  summary->hash = g_checksum_new (G_CHECKSUM_MD5);
  return summary;
}

void
rmq_sweep_summary_free (RmqSweepSummary *summary)
{
  if (summary == NULL)
    return;
  g_ptr_array_unref (summary->stories);
  g_ptr_array_unref (summary->complaints);
  g_ptr_array_unref (summary->notes);
  g_checksum_free (summary->hash);
  g_free (summary);
}

/* ---- adding up ----------------------------------------------------------- */

static gint
compare_claim (const RmqSweepClaim *claim, guint line, const RmqFinding *finding)
{
  if (claim->line != line)
    return claim->line < line ? -1 : 1;
  const gint by_kind = strcmp (claim->kind, finding->kind);
  return by_kind != 0 ? by_kind : strcmp (claim->text, finding->claim);
}

/* Claims of a scenario are few, and come in order mostly: found from the end of the last one. */
static RmqSweepClaim *
find_claim (RmqSweepStory *story, const RmqFinding *finding)
{
  const guint line = finding->line != 0 ? finding->line : G_MAXUINT;
  guint at = 0;
  gint order = -1;
  for (; at < story->claims->len; at++)
    {
      order = compare_claim (g_ptr_array_index (story->claims, at), line, finding);
      if (order >= 0)
        break;
    }
  if (order == 0)
    return g_ptr_array_index (story->claims, at);
  RmqSweepClaim *claim = g_new0 (RmqSweepClaim, 1);
  claim->line = line;
  claim->kind = finding->kind;
  claim->text = g_strdup (finding->claim);
  claim->numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_ptr_array_insert (story->claims, (gint)at, claim);
  return claim;
}

static void
add_finding (RmqSweepStory *story, const RmqReport *report, const RmqFinding *finding)
{
  RmqSweepClaim *claim = find_claim (story, finding);
  const RmqVerdict verdict = finding->verdict;
  if (claim->counts[verdict]++ == 0)
    {
      claim->first_seed[verdict] = report->seed;
      claim->first_replay[verdict] = rmq_report_make_replay (report);
      claim->first_ev[verdict] = finding->ev;
      claim->first_evidence[verdict] = g_strdup (finding->evidence);
    }
  if (finding->unit == NULL)
    return;
  claim->unit = finding->unit;
  g_array_append_val (claim->numbers, finding->number);
}

static RmqVerdict
verdict_of (const RmqReport *report)
{
  const gint status = rmq_report_get_status (report);
  return status == 0 ? RMQ_VERDICT_OK : status == 1 ? RMQ_VERDICT_FAILED : RMQ_VERDICT_UNKNOWN;
}

void
rmq_sweep_summary_add (RmqSweepSummary *summary, guint64 number, const RmqSeedResult *result)
{
  const RmqSweepRun run = rmq_sweep_plan_get_run (summary->plan, number);
  RmqSweepStory *story = g_ptr_array_index (summary->stories, run.scenario_index);
  const RmqReport *report = result->report;
  const RmqVerdict verdict = verdict_of (report);
  story->counts[verdict]++;
  summary->counts[verdict]++;
  for (guint i = 0; i < report->findings->len; i++)
    add_finding (story, report, g_ptr_array_index (report->findings, i));
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    g_array_append_val (story->figures[i], result->figures[i]);
  if (report->hashes[0] != NULL)
    g_checksum_update (summary->hash, (const guchar *)report->hashes[0], -1);
  g_checksum_update (summary->hash, (const guchar *)"\n", 1);
}

void
rmq_sweep_summary_complain (RmqSweepSummary *summary, char *text)
{
  g_ptr_array_add (summary->complaints, text);
}

void
rmq_sweep_summary_note (RmqSweepSummary *summary, char *text)
{
  g_ptr_array_add (summary->notes, text);
}

/* ---- asking -------------------------------------------------------------- */

guint64
rmq_sweep_summary_get_n_failed (const RmqSweepSummary *summary)
{
  return summary->counts[RMQ_VERDICT_FAILED];
}

gint
rmq_sweep_summary_get_status (const RmqSweepSummary *summary)
{
  if (summary->counts[RMQ_VERDICT_FAILED] > 0)
    return 1;
  return summary->counts[RMQ_VERDICT_UNKNOWN] > 0 || summary->complaints->len > 0 ? 4 : 0;
}

char *
rmq_sweep_summary_get_hash (const RmqSweepSummary *summary)
{
  g_autoptr (GChecksum) copy = g_checksum_copy (summary->hash);
  return g_strdup (g_checksum_get_string (copy));
}

void
rmq_spread_take (GArray *values, gint64 spread[RMQ_SPREAD_N])
{
  static const guint percents[RMQ_SPREAD_N] = { 0, 50, 99, 100 };
  g_assert (values->len > 0);
  rmq_figures_sort (values);
  for (guint i = 0; i < RMQ_SPREAD_N; i++)
    spread[i] = rmq_figures_pick (values, percents[i]);
}

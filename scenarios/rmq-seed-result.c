/* SPDX-License-Identifier: Apache-2.0 */

/* One seed, one run, one verdict: the single place where sweeps and shrinking run a scenario.
 * Drives the simulated world from outside, on the caller's thread; keeps nothing of it but the
 * report and the figures. Never prints, never touches a file. */

#include "rmq-seed-result.h"

#include "rmq-producer-events.h"
#include "rmq-run-private.h"

const RmqFigure rmq_figures[RMQ_N_FIGURES] = {
  [RMQ_FIGURE_SENDS] = { "sends", "sends" },
  [RMQ_FIGURE_FAILED] = { "failed", "sends that failed" },
  [RMQ_FIGURE_UNKNOWN] = { "unknown", "of these, outcome unknown" },
  [RMQ_FIGURE_ATTEMPTS] = { "attempts", "attempts" },
  [RMQ_FIGURE_DUPLICATES] = { "duplicates", "duplicates" },
  [RMQ_FIGURE_GHOSTS] = { "ghosts", "failed, yet stored" },
  [RMQ_FIGURE_MEDIAN] = { "medianUs", "time of a send, median", TRUE },
  [RMQ_FIGURE_P99] = { "p99Us", "time of a send, p99", TRUE },
  [RMQ_FIGURE_LONGEST] = { "longestUs", "time of a send, longest", TRUE },
  [RMQ_FIGURE_EVENTS] = { "events", "events" },
};

/* ---- figures ------------------------------------------------------------- */

static gint
compare_values (gconstpointer a, gconstpointer b)
{
  const gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;
  return (one > other) - (one < other);
}

void
rmq_figures_sort (GArray *values)
{
  g_array_sort (values, compare_values);
}

gint64
rmq_figures_pick (const GArray *sorted, guint percent)
{
  const guint64 rank = ((guint64)sorted->len * percent + 99) / 100;
  return sorted->len == 0 ? 0 : g_array_index (sorted, gint64, MAX (rank, 1) - 1);
}

RmqSeedResult *
rmq_seed_result_new (RmqReport *report)
{
  RmqSeedResult *result = g_new0 (RmqSeedResult, 1);
  result->report = report;
  result->errors = g_ptr_array_new ();
  return result;
}

void
rmq_seed_result_add_error (RmqSeedResult *result, const char *error)
{
  gpointer interned = (gpointer)g_intern_string (error);
  if (!g_ptr_array_find (result->errors, interned, NULL))
    g_ptr_array_add (result->errors, interned);
}

static void
add_error (RmqSeedResult *result, const RmqSendRecord *send)
{
  static const char *const domains[] = {
    [RMQ_EVENT_DOMAIN_NONE] = "other",
    [RMQ_EVENT_DOMAIN_CLIENT] = "client",
    [RMQ_EVENT_DOMAIN_REMOTING] = "remoting",
    [RMQ_EVENT_DOMAIN_BROKER] = "broker",
  };
  g_autofree char *error = g_strdup_printf ("%s %d", domains[send->domain], send->code);
  rmq_seed_result_add_error (result, error);
}

static void
count_send (const RmqSendRecord *send, RmqSeedResult *result, GArray *times)
{
  gint64 *figures = result->figures;
  if (send->fate == RMQ_FATE_NOT_STARTED)
    return;
  const gboolean failed = send->fate == RMQ_FATE_ERROR;
  const gint64 took_us = send->end_us - send->start_us;
  figures[RMQ_FIGURE_SENDS]++;
  figures[RMQ_FIGURE_FAILED] += failed;
  figures[RMQ_FIGURE_UNKNOWN] += failed && send->unknown;
  figures[RMQ_FIGURE_ATTEMPTS] += send->n_attempts;
  figures[RMQ_FIGURE_DUPLICATES] += send->n_copies > 1 ? send->n_copies - 1 : 0;
  figures[RMQ_FIGURE_GHOSTS] += failed && send->n_copies > 0;
  if (failed)
    add_error (result, send);
  if (send->fate != RMQ_FATE_PENDING)
    g_array_append_val (times, took_us);
}

typedef struct
{
  RmqRun *run;
  RmqSeedResult *result;
} Taking;

static void
take_figures (gpointer data)
{
  Taking *taking = data;
  gint64 *figures = taking->result->figures;
  const RmqEvidence *evidence = taking->run->evidence;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      for (guint j = 0; j < workload->count; j++)
        count_send (&workload->sends[j], taking->result, times);
    }
  rmq_figures_sort (times);
  figures[RMQ_FIGURE_MEDIAN] = rmq_figures_pick (times, 50);
  figures[RMQ_FIGURE_P99] = rmq_figures_pick (times, 99);
  figures[RMQ_FIGURE_LONGEST] = rmq_figures_pick (times, 100);
  figures[RMQ_FIGURE_EVENTS] = (gint64)rmq_run_get_ev (taking->run);
}

/* ---- running ------------------------------------------------------------- */

RmqSeedResult *
rmq_seed_result_new_failed (RmqScenario *scenario, const RmqSeedOptions *options, const char *claim,
                            const char *evidence)
{
  RmqReport *report = rmq_report_new ();
  report->scenario = g_strdup (rmq_scenario_get_name (scenario));
  report->profile = g_strdup (options->profile);
  report->seed = options->seed;
  report->complete = FALSE;
  rmq_report_add (report, &(RmqFinding){ .verdict = RMQ_VERDICT_FAILED,
                                         .kind = "run",
                                         .claim = g_strdup (claim),
                                         .evidence = g_strdup (evidence),
                                         .off = -1 });
  return rmq_seed_result_new (report);
}

RmqSeedResult *
rmq_seed_result_run (RmqScenario *scenario, const RmqSeedOptions *options)
{
  const RmqRunOptions run_options = { .has_seed = TRUE,
                                      .seed = options->seed,
                                      .profile = options->profile };
  const guint64 max = options->max_events != 0 ? options->max_events : RMQ_SEED_EVENTS_MAX;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRun) run = rmq_run_new (scenario, &run_options, &error);
  if (run == NULL)
    return rmq_seed_result_new_failed (scenario, options, "the run starts", error->message);
  while (rmq_run_get_ev (run) < max && rmq_run_step (run))
    continue;
  RmqSeedResult *result = rmq_seed_result_new (rmq_run_judge (run));
  rmq_run_call (run, take_figures, &(Taking){ run, result });
  return result;
}

void
rmq_seed_result_free (RmqSeedResult *result)
{
  if (result == NULL)
    return;
  rmq_report_unref (result->report);
  g_ptr_array_unref (result->errors);
  g_free (result);
}

const RmqFinding *
rmq_report_find_first_failure (const RmqReport *report)
{
  const RmqFinding *first = NULL;
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (finding->verdict == RMQ_VERDICT_FAILED
          && (first == NULL || (finding->ev != 0 && (first->ev == 0 || finding->ev < first->ev))))
        first = finding;
    }
  return first;
}

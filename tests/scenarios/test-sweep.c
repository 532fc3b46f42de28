/* SPDX-License-Identifier: Apache-2.0 */

#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "rmq-seed-result.h"
#include "rmq-sweep-file.h"
#include "rmq-sweep-plan.h"
#include "rmq-sweep-summary.h"
#include "rmq-sweep-workers.h"
#include "run-lab.h"

#define SMALL                                                                                      \
  "nameserver ns1\nbroker a b\ntopic T queues 2 on a b\nproducer P group G timeout 1s\n"           \
  "P sends 20 x to T every 50ms\n"
/* Fails with some seeds, holds with others. */
#define FICKLE                                                                                     \
  SMALL "a answer SYSTEM_BUSY 20% of send requests\n"                                              \
        "expect failed = 0\nexpect retries = 0\nexpect no loss\n"

/* ---- the plan ------------------------------------------------------------ */

static RmqSweepPlan *
new_plan (const char *seeds, const char *shard, guint n_scenarios)
{
  static const char *const names[] = { "one", "two", "three" };
  g_autoptr (GError) error = NULL;
  RmqSweepPlan *plan = rmq_sweep_plan_new ();
  rmq_sweep_plan_set_seeds (plan, seeds, &error);
  g_assert_no_error (error);
  rmq_sweep_plan_set_shard (plan, shard, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < n_scenarios; i++)
    g_assert_true (rmq_sweep_plan_add_name (plan, names[i], "digest", &error));
  return plan;
}

static void
mark_shard (guint8 *seen, guint n, guint shard, guint n_shards)
{
  g_autofree char *text = g_strdup_printf ("%u/%u", shard, n_shards);
  g_autoptr (RmqSweepPlan) plan = new_plan ("5..11", text, 3);
  g_assert_cmpuint (rmq_sweep_plan_get_n_runs (plan), ==, n);
  for (guint64 i = 0; i < rmq_sweep_plan_get_n_mine (plan); i++)
    {
      const guint64 number = rmq_sweep_plan_get_mine (plan, i);
      const RmqSweepRun run = rmq_sweep_plan_get_run (plan, number);
      guint64 found = G_MAXUINT64;
      g_assert_true (rmq_sweep_plan_find_run (plan, run.scenario->name, run.seed, &found));
      g_assert_cmpuint (found, ==, number);
      g_assert_cmpuint (number, <, n);
      seen[number]++;
    }
}

static void
test_shards (void)
{
  for (guint n_shards = 1; n_shards <= 25; n_shards++)
    {
      guint8 seen[21] = { 0 };
      for (guint shard = 1; shard <= n_shards; shard++)
        mark_shard (seen, G_N_ELEMENTS (seen), shard, n_shards);
      for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
        g_assert_cmpuint (seen[i], ==, 1);
    }
}

static void
test_largest_seed (void)
{
  g_autoptr (RmqSweepPlan) plan = new_plan ("18446744073709551614..18446744073709551615", "2/2", 1);
  g_assert_cmpuint (rmq_sweep_plan_get_n_mine (plan), ==, 1);
  const RmqSweepRun run = rmq_sweep_plan_get_run (plan, rmq_sweep_plan_get_mine (plan, 0));
  g_assert_cmpuint (run.seed, ==, G_MAXUINT64);
}

static void
test_refused (void)
{
  static const char *const seeds[] = {
    "", "0", "x", "-3", "9..1", "1..", "..4", "1..2..3", "0..18446744073709551615", "1.5"
  };
  static const char *const shards[] = { "", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "1/100001" };
  g_autoptr (RmqSweepPlan) plan = rmq_sweep_plan_new ();
  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (rmq_sweep_plan_set_seeds (plan, seeds[i], &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shards); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (rmq_sweep_plan_set_shard (plan, shards[i], &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
    }
  g_assert_cmpuint (rmq_sweep_plan_get_n_seeds (plan), ==, 100);
}

/* ---- one run ------------------------------------------------------------- */

static void
test_line (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (FICKLE);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSeedResult) result =
      rmq_seed_result_run (scenario, &(RmqSeedOptions){ .seed = G_MAXUINT64 });
  g_autofree char *line = rmq_seed_result_to_line (result);
  g_autoptr (RmqSeedResult) twin = rmq_seed_result_from_line (line, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *again = rmq_seed_result_to_line (twin);
  g_assert_cmpstr (again, ==, line);
  g_assert_cmpuint (twin->report->seed, ==, G_MAXUINT64);
  g_assert_cmpint (rmq_report_get_status (twin->report), ==,
                   rmq_report_get_status (result->report));
  g_assert_cmpint (twin->figures[RMQ_FIGURE_SENDS], ==, 20);
}

static void
test_bad_lines (void)
{
  static const char *const lines[] = {
    "",
    "{",
    "[]",
    "7",
    "{}",
    "{\"scenario\":\"s\",\"seed\":\"1\",\"hash\":\"\"}",
    "{\"scenario\":\"s\",\"seed\":1,\"hash\":\"\",\"figures\":{},\"verdicts\":[]}",
    "{\"scenario\":\"s\",\"seed\":\"1\",\"hash\":\"\",\"figures\":{},\"verdicts\":[7]}",
    ("{\"scenario\":\"s\",\"seed\":\"1\",\"hash\":\"\",\"figures\":{},\"verdicts\":[{\"verdict\":"
     "\"fine\",\"kind\":\"expect\",\"claim\":\"c\"}]}"),
    "{\"scenario\":[],\"seed\":\"1\",\"hash\":{},\"figures\":[],\"complete\":[],\"verdicts\":{}}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (rmq_seed_result_from_line (lines[i], NULL, &error));
      g_assert_nonnull (error);
    }
}

static void
test_endless (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (SMALL);
  g_autoptr (RmqSeedResult) result =
      rmq_seed_result_run (scenario, &(RmqSeedOptions){ .seed = 1, .max_events = 50 });
  g_assert_false (result->report->complete);
  g_assert_cmpint (result->figures[RMQ_FIGURE_EVENTS], <=, 50);
  g_assert_cmpint (rmq_report_get_status (result->report), !=, 0);
}

static void
test_first_failure (void)
{
  static const struct
  {
    RmqVerdict verdict;
    const char *claim;
    guint64 ev;
  } rows[] = { { RMQ_VERDICT_FAILED, "without event", 0 },
               { RMQ_VERDICT_OK, "holds", 3 },
               { RMQ_VERDICT_FAILED, "late", 900 },
               { RMQ_VERDICT_FAILED, "first", 7 },
               { RMQ_VERDICT_FAILED, "same moment, written later", 7 } };
  g_autoptr (RmqReport) report = rmq_report_new ();
  g_assert_null (rmq_report_find_first_failure (report));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      rmq_report_add (report, &(RmqFinding){ .verdict = rows[i].verdict,
                                             .kind = "expect",
                                             .claim = g_strdup (rows[i].claim),
                                             .evidence = g_strdup (""),
                                             .ev = rows[i].ev });
      if (i == 0)
        g_assert_cmpstr (rmq_report_find_first_failure (report)->claim, ==, "without event");
    }
  g_assert_cmpstr (rmq_report_find_first_failure (report)->claim, ==, "first");
}

/* ---- many runs ----------------------------------------------------------- */

static gsize
bytes_in_use (void)
{
  const struct mallinfo2 info = mallinfo2 ();
  return info.uordblks + info.hblkhd;
}

static void
run_times (RmqScenario *scenario, guint n)
{
  for (guint i = 0; i < n; i++)
    rmq_seed_result_free (rmq_seed_result_run (scenario, &(RmqSeedOptions){ .seed = i % 10 }));
}

static void
test_flat (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (FICKLE);
  run_times (scenario, 100);
  const gsize after_100 = bytes_in_use ();
  if (after_100 == 0)
    {
      g_test_skip ("this allocator doesn't tell what is in use");
      return;
    }
  run_times (scenario, 900);
  g_assert_cmpuint (bytes_in_use (), <=, after_100 + 4 * 4096);
}

typedef struct
{
  RmqSweepSummary *summary;
  GString *lines;
} Kept;

static gboolean
keep (const RmqSweepOutcome *outcome, gpointer data, GError **error)
{
  Kept *kept = data;
  rmq_sweep_summary_add (kept->summary, outcome->number, outcome->result);
  g_string_append_printf (kept->lines, "%s\n", outcome->line);
  return TRUE;
}

static char *
sweep_with (RmqScenario *scenario, guint n_jobs, char **summary)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSweepPlan) plan = rmq_sweep_plan_new ();
  rmq_sweep_plan_set_seeds (plan, "40", NULL);
  g_assert_true (rmq_sweep_plan_add (plan, scenario, NULL));
  g_autoptr (RmqSweepSummary) sum = rmq_sweep_summary_new (plan);
  Kept kept = { sum, g_string_new (NULL) };
  g_assert_cmpint (rmq_sweep_run (plan, n_jobs, keep, &kept, &error), ==, RMQ_SWEEP_DONE);
  g_assert_no_error (error);
  *summary = rmq_sweep_summary_format (sum);
  return g_string_free (kept.lines, FALSE);
}

static void
test_jobs (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (FICKLE);
  g_autofree char *summary = NULL;
  g_autofree char *lines = sweep_with (scenario, 1, &summary);
  g_assert_nonnull (strstr (summary, "replay: rmqlab run test.scn --seed "));
  for (guint n_jobs = 2; n_jobs <= 64; n_jobs *= 2)
    {
      g_autofree char *summary_here = NULL;
      g_autofree char *lines_here = sweep_with (scenario, n_jobs, &summary_here);
      g_assert_cmpstr (lines_here, ==, lines);
      g_assert_cmpstr (summary_here, ==, summary);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func ("/scenarios/sweep/" path, function)
  ADD ("plan/shards-are-disjoint-and-complete", test_shards);
  ADD ("plan/the-largest-seed-is-a-seed", test_largest_seed);
  ADD ("plan/nonsense-is-refused-and-changes-nothing", test_refused);
  ADD ("result/a-line-reads-back-as-it-was", test_line);
  ADD ("result/a-line-that-is-none-is-an-error", test_bad_lines);
  ADD ("result/an-endless-run-is-cut-off-and-incomplete", test_endless);
  ADD ("result/the-first-failure-is-the-earliest-event", test_first_failure);
  ADD ("run/memory-is-flat-over-a-thousand-runs", test_flat);
  ADD ("run/the-same-whatever-the-number-of-workers", test_jobs);
#undef ADD
  return g_test_run ();
}

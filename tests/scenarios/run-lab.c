/* SPDX-License-Identifier: Apache-2.0 */

/* What the tests of runs share. */

#include "run-lab.h"

static void
assert_clean (const RmqDiagnostics *diagnostics)
{
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  g_assert_cmpstr (errors, ==, "");
}

RmqScenario *
run_lab_load (const char *name)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  RmqScenario *scenario = rmq_scenario_load (name, diagnostics);
  assert_clean (diagnostics);
  return scenario;
}

RmqScenario *
run_lab_read (const char *text)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("test.scn");
  RmqScenario *scenario = rmq_scenario_new ("test.scn");
  rmq_scenario_add_text (scenario, text, diagnostics);
  assert_clean (diagnostics);
  return scenario;
}

RmqRun *
run_lab_start (RmqScenario *scenario, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  RmqRun *run = rmq_run_new (scenario, &(RmqRunOptions){ .has_seed = TRUE, .seed = seed }, &error);
  g_assert_no_error (error);
  return run;
}

RmqRun *
run_lab_finish (RmqScenario *scenario, guint64 seed)
{
  RmqRun *run = run_lab_start (scenario, seed);
  rmq_run_run_until (run, G_MAXINT64);
  g_assert_true (rmq_run_is_over (run));
  return run;
}

RmqReport *
run_lab_judge_named (const char *name, guint64 seed)
{
  g_autoptr (RmqScenario) scenario = run_lab_load (name);
  g_autoptr (RmqRun) run = run_lab_finish (scenario, seed);
  return rmq_run_judge (run);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The shipped scenarios, simulated. */

#include "rmq-run-private.h"

static RmqReport *
run_named (const char *name, guint64 seed)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  g_assert_cmpuint (diagnostics->n_errors, ==, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRun) run =
      rmq_run_new (scenario, &(RmqRunOptions){ .has_seed = TRUE, .seed = seed }, &error);
  g_assert_no_error (error);
  rmq_run_run_until (run, G_MAXINT64);
  g_assert_true (rmq_run_is_over (run));
  return rmq_run_judge (run);
}

static void
test_shipped (gconstpointer data)
{
  g_autoptr (RmqReport) report = run_named (data, 42);
  g_autofree char *text = rmq_report_format (report);
  g_test_message ("%s", text);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/scenarios/shipped/first-send", "first-send", test_shipped);
  g_test_add_data_func ("/scenarios/shipped/broker-a-dies", "broker-a-dies", test_shipped);
  return g_test_run ();
}

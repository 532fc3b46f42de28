/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab explain: a scenario in words, in the order in which it happens; starts nothing. */

#include "rmq-command.h"
#include "rmq-explain.h"
#include "rmq-options.h"

static int
explain (const char *name)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  if (diagnostics->n_errors > 0)
    {
      g_autofree char *errors = rmq_diagnostics_format (diagnostics);
      g_printerr ("%s", errors);
      return RMQ_EXIT_UNUSABLE;
    }
  g_autofree char *text = rmq_explain (scenario);
  g_print ("%s", text);
  return RMQ_EXIT_OK;
}

static int
run_explain (int argc, char **argv)
{
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = { { NULL } };
  if (!rmq_options_parse (&rmq_command_explain, entries, argc, argv, &names))
    return RMQ_EXIT_UNUSABLE;
  if (names[0] == NULL || names[1] != NULL)
    return rmq_options_refuse (&rmq_command_explain,
                               names[0] == NULL ? "no scenario named" : "one scenario at a time");
  return explain (names[0]);
}

const RmqCommand rmq_command_explain = {
  .name = "explain",
  .arguments = "SCENARIO",
  .help = "Says in words what a scenario will do, in order.",
  .run = run_explain,
};

/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab lint: reads scenarios and says what is wrong with them; starts nothing. */

#include "rmq-command.h"
#include "rmq-lint.h"
#include "rmq-options.h"

static gboolean
lint (const char *name)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  if (diagnostics->n_errors == 0)
    rmq_lint (scenario, diagnostics);
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  if (text[0] != '\0')
    g_print ("%s", text);
  else
    g_print ("%s: ok\n", name);
  return diagnostics->n_errors == 0;
}

static int
run_lint (int argc, char **argv)
{
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = { { NULL } };
  if (!rmq_options_parse (&rmq_command_lint, entries, argc, argv, &names))
    return RMQ_EXIT_UNUSABLE;
  if (names[0] == NULL)
    return rmq_options_refuse (&rmq_command_lint, "no scenario named");
  int status = RMQ_EXIT_OK;
  for (guint i = 0; names[i] != NULL; i++)
    if (!lint (names[i]))
      status = RMQ_EXIT_UNUSABLE;
  return status;
}

const RmqCommand rmq_command_lint = {
  .name = "lint",
  .arguments = "SCENARIO…",
  .help = "Reads scenarios and says what is wrong, with position and suggestion.",
  .run = run_lint,
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Options of the subcommands, and how a command refuses what it was given. Main thread; nothing has
 * been started when this runs, and nothing is if it fails. */

#include "rmq-options.h"

#include "rmq-program-options.h"

int
rmq_options_refuse (const RmqCommand *command, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("rmqlab %s: error: %s\n", command->name, text);
  return RMQ_EXIT_UNUSABLE;
}

gboolean
rmq_options_parse (const RmqCommand *command, const GOptionEntry *entries, int argc, char **argv,
                   char ***rest)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("rmqlab %s", command->name);
  const RmqProgramOptions options = { .program = program,
                                      .arguments = command->arguments,
                                      .summary = command->help,
                                      .entries = entries };
  if (rmq_program_options_parse (&options, argc, argv, rest, &error))
    return TRUE;
  rmq_options_refuse (command, "%s", error->message);
  return FALSE;
}

/* FALSE: what is wrong was said. */
static gboolean
add_lines (RmqScenario *scenario, const char *const *lines)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("--line");
  for (guint i = 0; lines != NULL && lines[i] != NULL && diagnostics->n_errors == 0; i++)
    rmq_scenario_add_text (scenario, lines[i], diagnostics);
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  g_printerr ("%s", text);
  return diagnostics->n_errors == 0;
}

RmqScenario *
rmq_options_load_scenario (const char *name, const char *const *lines)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  if (diagnostics->n_errors == 0 && !add_lines (scenario, lines))
    return NULL;
  if (diagnostics->n_errors == 0)
    rmq_scenario_require_workload (scenario, diagnostics);
  if (diagnostics->n_errors == 0)
    return g_steal_pointer (&scenario);
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  g_printerr ("%s", text);
  return NULL;
}

gboolean
rmq_options_write_junit (RmqJunit *junit, const char *path, GError **error)
{
  g_autofree char *text = rmq_junit_format (junit);
  return g_file_set_contents (path, text, -1, error);
}

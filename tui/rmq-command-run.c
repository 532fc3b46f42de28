/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab run: one scenario, simulated or over TCP, in the dashboard or headless, and its report. */

#include "rmq-command.h"
#include "rmq-dashboard.h"
#include "rmq-options.h"
#include "rmq-profile.h"
#include "rmq-result-folder.h"
#include "rmq-run.h"

#define DEFAULT_SCENARIO "broker-a-dies"
#define ONCE_WIDTH 80
#define ONCE_HEIGHT 24

typedef struct
{
  char *seed_text;
  char *namesrv;
  char *profile;
  char *result;
  RmqRunOptions run;
  gboolean headless;
  gboolean once;
  gboolean json;
  gboolean ascii;
} Options;

static gboolean
read_seed (Options *options)
{
  options->run.has_seed = options->seed_text != NULL;
  return options->seed_text == NULL
         || g_ascii_string_to_unsigned (options->seed_text, 10, 0, G_MAXUINT64, &options->run.seed,
                                        NULL);
}

/* (nullable): what is wrong was said. */
static RmqScenario *
load (const char *name)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  if (diagnostics->n_errors == 0)
    rmq_scenario_require_workload (scenario, diagnostics);
  if (diagnostics->n_errors == 0)
    return g_steal_pointer (&scenario);
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  g_printerr ("%s", text);
  return NULL;
}

static gboolean
wants_dashboard (const Options *options)
{
  return !options->headless && !options->once && !options->json && rmq_dashboard_is_possible ();
}

static void
print_screen (RmqRun *run, const Options *options)
{
  g_autofree char *screen =
      rmq_dashboard_render_once (run, NULL, ONCE_WIDTH, ONCE_HEIGHT, options->ascii);
  g_print ("%s", screen);
}

static int
report (RmqRun *run, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqReport) verdict = rmq_run_judge (run);
  g_autofree char *text =
      options->json ? rmq_report_to_json (verdict) : rmq_report_format (verdict);
  if (options->once && !options->json)
    print_screen (run, options);
  else
    g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
  if (options->result != NULL && !rmq_result_folder_write (run, verdict, options->result, &error))
    {
      rmq_options_refuse (&rmq_command_run, "--result: %s", error->message);
      return RMQ_EXIT_FAILED;
    }
  return rmq_report_get_status (verdict);
}

static int
run_scenario (RmqScenario *scenario, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRun) run = rmq_run_new (scenario, &options->run, &error);
  if (run == NULL)
    return rmq_options_refuse (&rmq_command_run, "%s", error->message);
  if (options->run.namesrv != NULL)
    g_printerr ("rmqlab run: %s begins at %s\n", rmq_scenario_get_name (scenario),
                options->run.namesrv);
  if (!wants_dashboard (options))
    rmq_run_run_until (run, G_MAXINT64);
  else if (!rmq_dashboard_run (run, options->ascii, &error))
    return rmq_options_refuse (&rmq_command_run, "%s; try --headless", error->message);
  return report (run, options);
}

static int
check_and_run (Options *options, char **names)
{
  g_autoptr (GError) error = NULL;
  RmqProfile profile;
  if (!read_seed (options))
    return rmq_options_refuse (&rmq_command_run, "--seed wants a number from 0");
  if (g_strv_length (names) > 1)
    return rmq_options_refuse (&rmq_command_run, "one scenario at a time, not also \"%s\"",
                               names[1]);
  if (options->profile != NULL && !rmq_profile_init (&profile, options->profile, &error))
    return rmq_options_refuse (&rmq_command_run, "--profile: %s", error->message);
  options->run.profile = options->profile;
  options->run.namesrv = options->namesrv;
  options->run.real |= options->namesrv != NULL;
  g_autoptr (RmqScenario) scenario = load (names[0] != NULL ? names[0] : DEFAULT_SCENARIO);
  return scenario != NULL ? run_scenario (scenario, options) : RMQ_EXIT_UNUSABLE;
}

static int
run_run (int argc, char **argv)
{
  Options options = { 0 };
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed_text,
      "same file and seed, same run (default: the file's)", "N" },
    { "real", 0, 0, G_OPTION_ARG_NONE, &options.run.real, "over TCP, in real time", NULL },
    { "namesrv", 0, 0, G_OPTION_ARG_STRING, &options.namesrv,
      "against somebody else's cluster, over TCP; outages are left out", "A[;A]" },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
      "version the producers behave as: 4.5.1, 4.9, 5.3, recommended (4.9)", "P" },
    { "result", 0, 0, G_OPTION_ARG_FILENAME, &options.result,
      "leave report and sends in this folder", "DIR" },
    { "headless", 0, 0, G_OPTION_ARG_NONE, &options.headless, "no dashboard, only the report",
      NULL },
    { "once", 0, 0, G_OPTION_ARG_NONE, &options.once, "print one screen as text at the end", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "the report as one JSON document", NULL },
    { "ascii", 0, 0, G_OPTION_ARG_NONE, &options.ascii, "draw with ASCII only", NULL },
    { NULL },
  };
  if (!rmq_options_parse (&rmq_command_run, entries, argc, argv, &names))
    return RMQ_EXIT_UNUSABLE;
  int status = check_and_run (&options, names);
  g_free (options.seed_text);
  g_free (options.namesrv);
  g_free (options.profile);
  g_free (options.result);
  return status;
}

const RmqCommand rmq_command_run = {
  .name = "run",
  .arguments = "SCENARIO",
  .help = "Runs a scenario: a file, or the name of a shipped one.",
  .run = run_run,
};

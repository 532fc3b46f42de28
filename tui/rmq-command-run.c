/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab run: one scenario, simulated or over TCP, in the dashboard or headless, and its report. */

#include "rmq-command.h"
#include "rmq-dashboard.h"
#include "rmq-event-comparison.h"
#include "rmq-event-writer.h"
#include "rmq-options.h"
#include "rmq-profile.h"
#include "rmq-result-folder.h"
#include "rmq-reader.h"
#include "rmq-run.h"

#define DEFAULT_SCENARIO "broker-a-dies"
#define ONCE_WIDTH 80
#define ONCE_HEIGHT 24

typedef struct
{
  char *seed_text;
  char *tasks;
  char *namesrv;
  char *profile;
  char *goto_text;
  RmqMoment goto_moment;
  char *result;
  char *junit;
  char *log;
  char *compare;
  char **lines;
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

static gboolean
write_junit (const RmqReport *report, const char *path, GError **error)
{
  g_autoptr (RmqJunit) junit = rmq_junit_new ();
  rmq_junit_add_claims (junit, report);
  return rmq_options_write_junit (junit, path, error);
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
  if (options->junit != NULL && !write_junit (verdict, options->junit, &error))
    {
      rmq_options_refuse (&rmq_command_run, "--junit: %s", error->message);
      return RMQ_EXIT_FAILED;
    }
  return rmq_report_get_status (verdict);
}

/* ---- the run's events ---------------------------------------------------- */

enum
{
  LOG_OF_RESULT,
  LOG_OF_USER,
  N_LOGS,
};

static gboolean
open_logs (RmqRun *run, const Options *options, RmqEventWriter **logs, GError **error)
{
  if (options->result != NULL)
    {
      g_autofree char *path = g_build_filename (options->result, "events.log", NULL);
      if (!rmq_result_folder_open (options->result, error)
          || (logs[LOG_OF_RESULT] = rmq_event_writer_new (run, path, error)) == NULL)
        {
          g_prefix_error (error, "--result: ");
          return FALSE;
        }
    }
  if (options->log != NULL
      && (logs[LOG_OF_USER] = rmq_event_writer_new (run, options->log, error)) == NULL)
    {
      g_prefix_error (error, "--log: ");
      return FALSE;
    }
  return TRUE;
}

static gboolean
finish_logs (RmqEventWriter **logs, GError **error)
{
  gboolean written = TRUE;
  for (guint i = 0; i < N_LOGS; i++)
    if (logs[i] != NULL)
      written &= rmq_event_writer_finish (g_steal_pointer (&logs[i]), written ? error : NULL);
  return written;
}

/* ---- against another run ------------------------------------------------- */

static int
compare (RmqRun *run, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqEventComparison) comparison =
      rmq_event_comparison_new (run, options->compare, &error);
  if (comparison == NULL)
    return rmq_options_refuse (&rmq_command_run, "--compare: %s", error->message);
  while (!rmq_event_comparison_is_decided (comparison) && rmq_run_step (run))
    continue;
  if (rmq_run_is_over (run))
    rmq_report_unref (rmq_run_judge (run)); /* its verdicts are events too */
  const RmqCompared compared = rmq_event_comparison_finish (comparison);
  g_autofree char *text = compared == RMQ_COMPARED_DIFFERENT && options->json
                              ? rmq_event_comparison_to_json (comparison)
                              : rmq_event_comparison_format (comparison);
  if (compared == RMQ_COMPARED_DIFFERENT)
    {
      g_print ("%s%s", text, g_str_has_suffix (text, "\n") ? "" : "\n");
      return RMQ_EXIT_DIVERGED;
    }
  g_printerr ("rmqlab run: %s", text);
  const int status = report (run, options);
  return status == RMQ_EXIT_OK && compared == RMQ_COMPARED_CUT_OFF ? RMQ_EXIT_UNKNOWN : status;
}

/* ---- the run ------------------------------------------------------------- */

/* What the dashboard shows may have become another run: its events are written by it once more. */
static gboolean
write_logs_again (RmqRun *run, const Options *options, GError **error)
{
  RmqEventWriter *logs[N_LOGS] = { NULL };
  const RmqRunMoment moment = rmq_run_get_moment (run);
  g_autoptr (RmqRun) again = rmq_run_new_again (run);
  gboolean opened = open_logs (again, options, logs, error);
  if (opened)
    rmq_run_run_to (again, &moment);
  rmq_report_unref (rmq_run_judge (again));
  return finish_logs (logs, opened ? error : NULL) && opened;
}

static int
show (RmqRun **run, const Options *options)
{
  g_autoptr (GError) error = NULL;
  RmqEventWriter *logs[N_LOGS] = { NULL };
  const RmqDashboardOptions look = { .ascii = options->ascii, .goto_ev = options->goto_moment.ev };
  const gboolean again = !options->run.real && (options->log != NULL || options->result != NULL);
  gboolean ok = open_logs (*run, options, logs, &error);
  if (again)
    ok = finish_logs (logs, ok ? &error : NULL) && ok;
  if (!ok)
    return rmq_options_refuse (&rmq_command_run, "%s", error->message);
  if (!rmq_dashboard_run (run, &look, &error))
    return rmq_options_refuse (&rmq_command_run, "%s; try --headless", error->message);
  const int status = report (*run, options);
  ok = again ? write_logs_again (*run, options, &error) : finish_logs (logs, &error);
  if (ok || status != RMQ_EXIT_OK)
    return status;
  rmq_options_refuse (&rmq_command_run, "%s", error->message);
  return RMQ_EXIT_FAILED;
}

static int
drive (RmqRun **run, const Options *options)
{
  g_autoptr (GError) error = NULL;
  RmqEventWriter *logs[N_LOGS] = { NULL };
  int status = RMQ_EXIT_OK;
  if (options->compare == NULL && wants_dashboard (options))
    return show (run, options);
  if (!open_logs (*run, options, logs, &error))
    status = rmq_options_refuse (&rmq_command_run, "%s", error->message);
  else if (options->compare != NULL)
    status = compare (*run, options);
  else
    {
      if (options->once && options->goto_moment.ev != 0)
        rmq_run_run_to (*run, &(RmqRunMoment){ .at = options->goto_moment });
      else
        rmq_run_run_until (*run, G_MAXINT64);
      status = report (*run, options);
    }
  g_clear_error (&error);
  if (finish_logs (logs, &error) || status != RMQ_EXIT_OK)
    return status;
  rmq_options_refuse (&rmq_command_run, "%s", error->message);
  return RMQ_EXIT_FAILED;
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
  return drive (&run, options);
}

static int
check_and_run (Options *options, char **names)
{
  g_autoptr (GError) error = NULL;
  RmqProfile profile;
  if (!read_seed (options))
    return rmq_options_refuse (&rmq_command_run, "--seed wants a number from 0");
  if (options->tasks != NULL && !rmq_sim_tasks_find (options->tasks, &options->run.tasks))
    return rmq_options_refuse (&rmq_command_run, "--tasks wants fibers or threads, not \"%s\"",
                               options->tasks);
  if (g_strv_length (names) > 1)
    return rmq_options_refuse (&rmq_command_run, "one scenario at a time, not also \"%s\"",
                               names[1]);
  if (options->profile != NULL && !rmq_profile_init (&profile, options->profile, &error))
    return rmq_options_refuse (&rmq_command_run, "--profile: %s", error->message);
  if (options->compare != NULL && (options->run.real || options->namesrv != NULL))
    return rmq_options_refuse (&rmq_command_run,
                               "--compare wants a simulated run: over TCP none is like another");
  if (options->compare != NULL && g_strcmp0 (options->compare, options->log) == 0)
    return rmq_options_refuse (&rmq_command_run, "--compare and --log want two files");
  if (options->goto_text != NULL && !rmq_parse_moment (options->goto_text, &options->goto_moment))
    return rmq_options_refuse (&rmq_command_run, "--goto wants the number of an event: ev:48617");
  if (options->goto_text != NULL && (options->run.real || options->namesrv != NULL))
    return rmq_options_refuse (&rmq_command_run,
                               "--goto needs a simulated run: over TCP no event comes twice");
  options->run.profile = options->profile;
  options->run.namesrv = options->namesrv;
  options->run.lines = (const char *const *)options->lines;
  options->run.real |= options->namesrv != NULL;
  g_autoptr (RmqScenario) scenario = rmq_options_load_scenario (
      names[0] != NULL ? names[0] : DEFAULT_SCENARIO, (const char *const *)options->lines);
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
    { "tasks", 0, 0, G_OPTION_ARG_STRING, &options.tasks,
      "what simulated tasks run on: fibers (fast) or threads; same run", "KIND" },
    { "paranoid", 0, 0, G_OPTION_ARG_NONE, &options.run.watch_tables,
      "look at the clients' tables after each simulated event; slow", NULL },
    { "real", 0, 0, G_OPTION_ARG_NONE, &options.run.real, "over TCP, in real time", NULL },
    { "namesrv", 0, 0, G_OPTION_ARG_STRING, &options.namesrv,
      "against somebody else's cluster, over TCP; outages are left out", "A[;A]" },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
      "version the producers behave as: 4.5.1, 4.9, 5.3, recommended (4.9)", "P" },
    { "line", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.lines,
      "one more line of the scenario; may be given many times", "LINE" },
    { "goto", 0, 0, G_OPTION_ARG_STRING, &options.goto_text,
      "stand at this event in the dashboard, paused; with --once: the screen of that moment",
      "ev:N" },
    { "result", 0, 0, G_OPTION_ARG_FILENAME, &options.result,
      "leave report, sends and events.log in this folder", "DIR" },
    { "log", 0, 0, G_OPTION_ARG_FILENAME, &options.log, "write every event into a file", "FILE" },
    { "compare", 0, 0, G_OPTION_ARG_FILENAME, &options.compare,
      "run again and stop where it differs from such a file (status 3)", "LOG" },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit, "a test per claim, as JUnit's XML",
      "FILE" },
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
  g_free (options.tasks);
  g_free (options.namesrv);
  g_free (options.profile);
  g_free (options.result);
  g_free (options.junit);
  g_free (options.log);
  g_free (options.compare);
  g_free (options.goto_text);
  g_strfreev (options.lines);
  return status;
}

const RmqCommand rmq_command_run = {
  .name = "run",
  .arguments = "SCENARIO",
  .help = "Runs a scenario: a file, or the name of a shipped one.",
  .run = run_run,
};

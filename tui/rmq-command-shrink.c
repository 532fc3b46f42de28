/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab shrink: the smallest scenario that still fails. The scenario goes to a file, or to
 * standard output; what was removed to standard output, or to standard error. */

#include <unistd.h>

#include "rmq-command.h"
#include "rmq-options.h"
#include "rmq-profile.h"
#include "rmq-shrink.h"

#define PROGRESS_RUNS 10

typedef struct
{
  char *seed;
  char *profile;
  char *out;
  gint max_runs;
  gboolean json;
} Options;

static void
show_progress (guint n_runs, guint n_lines, gpointer data)
{
  if (n_runs % PROGRESS_RUNS == 0)
    g_printerr ("\r%u runs, %u lines ", n_runs, n_lines);
}

/* The scenario and the story, where they are wanted. */
static int
hand_out (const RmqShrinkResult *result, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *story = rmq_shrink_result_format (result);
  g_autofree char *json = rmq_shrink_result_to_json (result);
  if (options->out != NULL && !g_file_set_contents (options->out, result->text, -1, &error))
    {
      rmq_options_refuse (&rmq_command_shrink, "--out: %s", error->message);
      return RMQ_EXIT_FAILED;
    }
  if (options->json)
    g_print ("%s\n", json);
  else if (options->out != NULL)
    g_print ("%s", story);
  else
    {
      g_print ("%s", result->text);
      g_printerr ("%s", story);
    }
  return result->interrupted ? RMQ_EXIT_UNKNOWN : RMQ_EXIT_OK;
}

static int
shrink (RmqScenario *scenario, const Options *options, guint64 seed)
{
  const gboolean shows_progress = isatty (STDERR_FILENO);
  const RmqShrinkOptions how = { .seed = seed,
                                 .profile = options->profile,
                                 .max_runs = (guint)options->max_runs,
                                 .progress = shows_progress ? show_progress : NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqShrinkResult) result = rmq_shrink (scenario, &how, &error);
  if (shows_progress)
    g_printerr ("\r%*s\r", 40, "");
  return result != NULL ? hand_out (result, options)
                        : rmq_options_refuse (&rmq_command_shrink, "%s", error->message);
}

static int
check_and_shrink (const Options *options, char **names)
{
  guint64 seed = 1;
  RmqProfile profile;
  g_autoptr (GError) error = NULL;
  if (names[0] == NULL || names[1] != NULL)
    return rmq_options_refuse (&rmq_command_shrink, "one scenario is wanted");
  if (options->seed != NULL
      && !g_ascii_string_to_unsigned (options->seed, 10, 0, G_MAXUINT64, &seed, NULL))
    return rmq_options_refuse (&rmq_command_shrink, "--seed wants a number from 0");
  if (options->max_runs < 1)
    return rmq_options_refuse (&rmq_command_shrink, "--max-runs wants a number from 1");
  if (options->profile != NULL && !rmq_profile_init (&profile, options->profile, &error))
    return rmq_options_refuse (&rmq_command_shrink, "--profile: %s", error->message);
  g_autoptr (RmqScenario) scenario = rmq_options_load_scenario (names[0], NULL);
  if (scenario == NULL)
    return RMQ_EXIT_UNUSABLE;
  if (options->seed == NULL)
    rmq_scenario_get_seed (scenario, &seed);
  return shrink (scenario, options, seed);
}

static int
run_shrink (int argc, char **argv)
{
  Options options = { .max_runs = RMQ_SHRINK_RUNS_MAX };
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed,
      "the seed with which it fails (default: the file's)", "N" },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
      "version the producers behave as: 4.5.1, 4.9, 5.3, recommended (4.9)", "P" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &options.out,
      "write the scenario there (default: standard output)", "FILE" },
    { "max-runs", 0, 0, G_OPTION_ARG_INT, &options.max_runs, "stop after that many (2000)", "N" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "scenario and changes as one JSON document",
      NULL },
    { NULL },
  };
  if (!rmq_options_parse (&rmq_command_shrink, entries, argc, argv, &names))
    return RMQ_EXIT_UNUSABLE;
  int status = check_and_shrink (&options, names);
  g_free (options.seed);
  g_free (options.profile);
  g_free (options.out);
  return status;
}

const RmqCommand rmq_command_shrink = {
  .name = "shrink",
  .arguments = "SCENARIO",
  .help = "Makes the smallest scenario that still fails as first this one does.",
  .run = run_shrink,
};

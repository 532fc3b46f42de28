/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab sweep: many seeds of scenarios, or the shards of such a sweep joined. Results to standard
 * output, at the end; progress to standard error, if that is a terminal. */

#include <unistd.h>

#include "rmq-command.h"
#include "rmq-junit.h"
#include "rmq-options.h"
#include "rmq-profile.h"
#include "rmq-sweep-file.h"
#include "rmq-sweep-merge.h"
#include "rmq-sweep-summary.h"
#include "rmq-sweep-workers.h"

#define PROGRESS_US (G_USEC_PER_SEC / 10)

typedef struct
{
  char *seeds;
  char *shard;
  char *profile;
  char *out;
  char *junit;
  gint jobs;
  gboolean merge;
  gboolean json;
} Options;

/* Where results go. */
typedef struct
{
  RmqSweepSummary *summary;
  RmqSweepWriter *writer; /* (nullable) */
  RmqJunit *junit;        /* (nullable) */
  guint64 n_done, n;
  gboolean shows_progress;
  gint64 shown_us;
} Sink;

/* ---- results ------------------------------------------------------------- */

static void
show_progress (Sink *sink)
{
  const gint64 now_us = g_get_monotonic_time ();
  if (!sink->shows_progress || now_us - sink->shown_us < PROGRESS_US)
    return;
  sink->shown_us = now_us;
  g_printerr ("\r%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
              " failed ",
              sink->n_done, sink->n, rmq_sweep_summary_get_n_failed (sink->summary));
}

static void
end_progress (const Sink *sink)
{
  if (sink->shown_us != 0)
    g_printerr ("\r%*s\r", 60, "");
}

static gboolean
take_result (const RmqSweepOutcome *outcome, gpointer data, GError **error)
{
  Sink *sink = data;
  rmq_sweep_summary_add (sink->summary, outcome->number, outcome->result);
  if (sink->junit != NULL)
    rmq_junit_add_run (sink->junit, outcome->result->report);
  sink->n_done++;
  show_progress (sink);
  return sink->writer == NULL || rmq_sweep_writer_add (sink->writer, outcome->line, error);
}

static int
print_summary (const Sink *sink, const Options *options)
{
  g_autoptr (GError) error = NULL;
  if (sink->junit != NULL && !rmq_options_write_junit (sink->junit, options->junit, &error))
    {
      rmq_options_refuse (&rmq_command_sweep, "--junit: %s", error->message);
      return RMQ_EXIT_FAILED;
    }
  g_autofree char *text = options->json ? rmq_sweep_summary_to_json (sink->summary)
                                        : rmq_sweep_summary_format (sink->summary);
  g_print ("%s%s", text, options->json ? "\n" : "");
  return rmq_sweep_summary_get_status (sink->summary);
}

/* ---- running ------------------------------------------------------------- */

static int
sweep (const RmqSweepPlan *plan, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSweepSummary) summary = rmq_sweep_summary_new (plan);
  g_autoptr (RmqSweepWriter) writer = NULL;
  g_autoptr (RmqJunit) junit = options->junit != NULL ? rmq_junit_new () : NULL;
  if (options->out != NULL)
    {
      writer = rmq_sweep_writer_new (options->out, plan, &error);
      if (writer == NULL)
        return rmq_options_refuse (&rmq_command_sweep, "--out: %s", error->message);
    }
  Sink sink = { .summary = summary,
                .writer = writer,
                .junit = junit,
                .n = rmq_sweep_plan_get_n_mine (plan),
                .shows_progress = isatty (STDERR_FILENO) };
  const RmqSweepEnd end = rmq_sweep_run (plan, (guint)options->jobs, take_result, &sink, &error);
  end_progress (&sink);
  if (end == RMQ_SWEEP_BROKEN)
    {
      rmq_options_refuse (&rmq_command_sweep, "%s", error->message);
      return RMQ_EXIT_FAILED;
    }
  if (end == RMQ_SWEEP_INTERRUPTED)
    rmq_sweep_summary_complain (summary, g_strdup_printf ("interrupted after %" G_GUINT64_FORMAT
                                                          " of %" G_GUINT64_FORMAT " runs",
                                                          sink.n_done, sink.n));
  return print_summary (&sink, options);
}

static int
merge (char **folders, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSweepMerge) joined = rmq_sweep_merge_new (folders, &error);
  if (joined == NULL)
    return rmq_options_refuse (&rmq_command_sweep, "--merge: %s", error->message);
  const RmqSweepPlan *plan = rmq_sweep_merge_get_plan (joined);
  g_autoptr (RmqSweepSummary) summary = rmq_sweep_summary_new (plan);
  g_autoptr (RmqJunit) junit = options->junit != NULL ? rmq_junit_new () : NULL;
  Sink sink = { .summary = summary, .junit = junit, .n = rmq_sweep_plan_get_n_runs (plan) };
  if (!rmq_sweep_merge_run (joined, summary, take_result, &sink, &error))
    return rmq_options_refuse (&rmq_command_sweep, "--merge: %s", error->message);
  const int status = print_summary (&sink, options);
  return rmq_sweep_merge_get_counts (joined).n_different > 0 ? RMQ_EXIT_DIVERGED : status;
}

/* ---- options ------------------------------------------------------------- */

/* FALSE: what is wrong was said. */
static gboolean
fill_plan (RmqSweepPlan *plan, const Options *options, char **names)
{
  g_autoptr (GError) error = NULL;
  RmqProfile profile;
  if ((options->seeds != NULL && !rmq_sweep_plan_set_seeds (plan, options->seeds, &error))
      || (options->shard != NULL && !rmq_sweep_plan_set_shard (plan, options->shard, &error))
      || (options->profile != NULL && !rmq_profile_init (&profile, options->profile, &error)))
    {
      rmq_options_refuse (&rmq_command_sweep, "%s", error->message);
      return FALSE;
    }
  plan->profile = g_strdup (options->profile);
  gboolean ok = TRUE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (RmqScenario) scenario = rmq_options_load_scenario (names[i], NULL);
      ok &= scenario != NULL;
      if (ok && !rmq_sweep_plan_add (plan, scenario, &error))
        {
          rmq_options_refuse (&rmq_command_sweep, "%s", error->message);
          return FALSE;
        }
    }
  return ok;
}

static int
check_and_sweep (Options *options, char **names)
{
  if (names[0] == NULL)
    return rmq_options_refuse (&rmq_command_sweep,
                               options->merge ? "--merge: no folder named" : "no scenario named");
  if (options->jobs < 1 || options->jobs > RMQ_SWEEP_JOBS_MAX)
    return rmq_options_refuse (&rmq_command_sweep, "--jobs wants a number from 1 to %d",
                               RMQ_SWEEP_JOBS_MAX);
  if (options->merge)
    return options->seeds != NULL || options->shard != NULL || options->profile != NULL
                   || options->out != NULL
               ? rmq_options_refuse (&rmq_command_sweep,
                                     "--merge takes seeds, shards and profile from the files; "
                                     "leave out --seeds, --shard, --profile and --out")
               : merge (names, options);
  g_autoptr (RmqSweepPlan) plan = rmq_sweep_plan_new ();
  return fill_plan (plan, options, names) ? sweep (plan, options) : RMQ_EXIT_UNUSABLE;
}

static int
run_sweep (int argc, char **argv)
{
  Options options = { .jobs = (gint)MIN (g_get_num_processors (), RMQ_SWEEP_JOBS_MAX) };
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "seeds", 0, 0, G_OPTION_ARG_STRING, &options.seeds, "how many, or from one to one (100)",
      "N|A..B" },
    { "jobs", 0, 0, G_OPTION_ARG_INT, &options.jobs, "worker processes (one a processor)", "J" },
    { "shard", 0, 0, G_OPTION_ARG_STRING, &options.shard, "only the K-th of N parts", "K/N" },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &options.profile,
      "version the producers behave as: 4.5.1, 4.9, 5.3, recommended (4.9)", "P" },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &options.out,
      "leave a line per run in this folder, which shards may share", "DIR" },
    { "merge", 0, 0, G_OPTION_ARG_NONE, &options.merge,
      "run nothing: join the shards in the folders named", NULL },
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &options.junit, "a test per run, as JUnit's XML",
      "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "the summary as one JSON document", NULL },
    { NULL },
  };
  if (!rmq_options_parse (&rmq_command_sweep, entries, argc, argv, &names))
    return RMQ_EXIT_UNUSABLE;
  int status = check_and_sweep (&options, names);
  g_free (options.seeds);
  g_free (options.shard);
  g_free (options.profile);
  g_free (options.out);
  g_free (options.junit);
  return status;
}

const RmqCommand rmq_command_sweep = {
  .name = "sweep",
  .arguments = "SCENARIO…|DIR…",
  .help = "Runs scenarios with many seeds: which fail, and how figures are spread.",
  .run = run_sweep,
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Runs scenarios seed by seed and prints the hashes of each run: a line of NAME SEED and the five
 * hashes. For comparisons: the same lines must come out of every build, in every surrounding, and
 * whoever looks on. Fails if an invariant does not hold; judges nothing else. */

#include <stdlib.h>

#include "rmq-dashboard-feed.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"
#include "run-lab.h"

#define WIDTH 100
#define HEIGHT 30
#define STEPS_MAX 40
#define SLICE_MAX_US (5 * G_USEC_PER_SEC)
#define LOOKS_MAX 20 /* then it is driven to its end at once */

static struct
{
  char *tasks;
  gboolean watched;
  gboolean paranoid;
  gint from, to;
} options = { .from = 1, .to = 1 };

/* ---- watching ------------------------------------------------------------ */

static void
look (RmqDashboardFeed *feed, RmqRandom *random)
{
  rmq_dashboard_feed_tick (feed, 0);
  rmq_dashboard_feed_judge (feed);
  rmq_dashboard_show_view (
      feed->model, rmq_dashboard_views[rmq_random_below (random, rmq_dashboard_n_views)].id);
  g_autoptr (RmqCanvas) canvas G_GNUC_UNUSED = rmq_dashboard_render (feed->model, WIDTH, HEIGHT);
}

/* As somebody with a finger on pause, step and speed. */
static void
drive_a_little (RmqRun *run, RmqRandom *random)
{
  if (rmq_random_below (random, 3) == 0)
    for (guint n = rmq_random_below (random, STEPS_MAX); n > 0 && rmq_run_step (run); n--)
      continue;
  else
    rmq_run_run_until (run,
                       rmq_run_get_now_us (run) + rmq_random_between (random, 0, SLICE_MAX_US));
}

static void
watch (RmqRun *run)
{
  RmqDashboardFeed feed;
  RmqRandom random;
  rmq_random_init (&random, rmq_run_get_seed (run), "somebody who watches");
  rmq_dashboard_feed_init (&feed, run);
  rmq_dashboard_update (
      feed.model, &(RmqDashboardMsg){ .kind = RMQ_MSG_RESIZE, .width = WIDTH, .height = HEIGHT });
  for (guint n = 0; n < LOOKS_MAX && !rmq_run_is_over (run); n++)
    {
      look (&feed, &random);
      drive_a_little (run, &random);
    }
  rmq_run_run_until (run, G_MAXINT64);
  look (&feed, &random);
  rmq_dashboard_feed_clear (&feed);
}

/* ---- runs ---------------------------------------------------------------- */

static gboolean
invariants_hold (const RmqReport *report)
{
  gboolean hold = TRUE;
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (!g_str_equal (finding->kind, "invariant") || finding->verdict == RMQ_VERDICT_OK)
        continue;
      g_printerr ("%s seed %" G_GUINT64_FORMAT ": %s: %s\n", report->scenario, report->seed,
                  finding->claim, finding->evidence);
      hold = FALSE;
    }
  return hold;
}

static gboolean
print_hashes (RmqScenario *scenario, guint64 seed, RmqSimTasks tasks)
{
  g_autoptr (GError) error = NULL;
  const RmqRunOptions how = {
    .has_seed = TRUE, .seed = seed, .tasks = tasks, .watch_tables = options.paranoid
  };
  g_autoptr (RmqRun) run = rmq_run_new (scenario, &how, &error);
  g_assert_no_error (error);
  if (options.watched)
    watch (run);
  rmq_run_run_until (run, G_MAXINT64);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_print ("%s %" G_GUINT64_FORMAT, rmq_scenario_get_name (scenario), seed);
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    g_print (" %s", report->hashes[i]);
  g_print ("\n");
  return invariants_hold (report);
}

static gboolean
parse (int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "tasks", 0, 0, G_OPTION_ARG_STRING, &options.tasks, "fibers or threads", "KIND" },
    { "watched", 0, 0, G_OPTION_ARG_NONE, &options.watched, "with a dashboard", NULL },
    { "paranoid", 0, 0, G_OPTION_ARG_NONE, &options.paranoid, "and a look after each event", NULL },
    { "from", 0, 0, G_OPTION_ARG_INT, &options.from, "first seed", "N" },
    { "to", 0, 0, G_OPTION_ARG_INT, &options.to, "last seed", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("SCENARIO…");
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error))
    return TRUE;
  g_printerr ("%s\n", error->message);
  return FALSE;
}

int
main (int argc, char **argv)
{
  RmqSimTasks tasks = RMQ_SIM_FIBERS;
  gboolean hold = TRUE;
  if (!parse (&argc, &argv)
      || (options.tasks != NULL && !rmq_sim_tasks_find (options.tasks, &tasks)))
    return EXIT_FAILURE;
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (RmqScenario) scenario = run_lab_load (argv[i]);
      for (gint seed = options.from; seed <= options.to; seed++)
        hold &= print_hashes (scenario, (guint64)seed, tasks);
    }
  return hold ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Every story of the language, simulated under some seeds: it holds, and the same seed gives the
 * same run. With --real as the first argument: those that are live, over TCP. */

#include <string.h>

#include "run-lab.h"
#include "stories.h"

#define SEEDS 4

static RmqScenario *
read_story (const Story *story)
{
  const char *settle = strstr (story->text, "settle ") != NULL ? "" : "settle 200ms\n";
  g_autofree char *text = g_strconcat (stories_head, settle, story->text, NULL);
  return run_lab_read (text);
}

static void
assert_holds (RmqRun *run, const char *hash)
{
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *text = rmq_report_format (report);
  if (rmq_report_get_status (report) != 0)
    g_error ("%s", text);
  if (hash != NULL)
    g_assert_cmpstr (report->hashes[0], ==, hash);
}

static void
test_simulated (gconstpointer data)
{
  g_autoptr (RmqScenario) scenario = read_story (data);
  for (guint64 seed = 1; seed <= SEEDS; seed++)
    {
      g_autoptr (RmqRun) run = run_lab_finish (scenario, seed);
      g_autoptr (RmqReport) report = rmq_run_judge (run);
      g_autoptr (RmqRun) again = run_lab_finish (scenario, seed);
      assert_holds (run, NULL);
      assert_holds (again, report->hashes[0]);
    }
}

static void
test_real (gconstpointer data)
{
  g_autoptr (RmqScenario) scenario = read_story (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRun) run = rmq_run_new (scenario, &(RmqRunOptions){ .real = TRUE }, &error);
  g_assert_no_error (error);
  rmq_run_run_until (run, G_MAXINT64);
  assert_holds (run, NULL);
}

int
main (int argc, char **argv)
{
  gboolean real = argc > 1 && g_str_equal (argv[1], "--real");
  g_test_init (&argc, &argv, NULL);
  for (const Story *story = stories; story->name != NULL; story++)
    {
      g_autofree char *path =
          g_strdup_printf ("/scenarios/%s/4.9/%s", real ? "stories-real" : "stories", story->name);
      if (!real || story->live)
        g_test_add_data_func (path, story, real ? test_real : test_simulated);
    }
  return g_test_run ();
}

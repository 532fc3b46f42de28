/* SPDX-License-Identifier: Apache-2.0 */

/* The dashboard on simulated runs, without a terminal: what it shows is what the tables hold, every
 * table has its words and its tab, and the same run gives the same screens. */

#include "rmq-dashboard-feed.h"
#include "rmq-dashboard-view.h"
#include "rmq-dashboard.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000)

/* (transfer full): broker-a-dies, driven to at_us. */
static RmqRun *
run_until (gint64 at_us)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("broker-a-dies");
  g_autoptr (RmqScenario) scenario = rmq_scenario_load ("broker-a-dies", diagnostics);
  g_assert_cmpuint (diagnostics->n_errors, ==, 0);
  RmqRunOptions options = { .has_seed = TRUE, .seed = 7 };
  g_autoptr (GError) error = NULL;
  RmqRun *run = rmq_run_new (scenario, &options, &error);
  g_assert_no_error (error);
  rmq_run_run_until (run, at_us);
  return run;
}

static char *
render (RmqRun *run, const char *tab)
{
  return rmq_dashboard_render_once (run, tab, 80, 24, TRUE);
}

static void
assert_words (const RmqTableSchema *schema, const char *column, const char *words)
{
  if (words == NULL || words[0] == '\0')
    g_error ("%s.%s has no text", schema->id, column);
}

static void
every_column_of_a_run_has_its_words (void)
{
  g_autoptr (RmqRun) run = run_until (2 * SECOND);
  g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot (run);
  g_assert_cmpuint (rmq_snapshot_get_n_tables (snapshot), >, 15);
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTableSchema *schema = rmq_table_get_schema (rmq_snapshot_get_table (snapshot, i));
      assert_words (schema, "title", schema->title);
      assert_words (schema, "help", schema->help);
      assert_words (schema, "java", schema->java);
      for (guint c = 0; c < schema->n_columns; c++)
        {
          assert_words (schema, schema->columns[c].id, schema->columns[c].help);
          assert_words (schema, schema->columns[c].id, schema->columns[c].java);
        }
    }
}

static gboolean
is_on_some_tab (RmqDashboardModel *model, const RmqTable *table)
{
  for (model->tab = 0; model->tab < rmq_dashboard_n_views; model->tab++)
    {
      g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
      if (g_ptr_array_find (rows->tables, table, NULL))
        return TRUE;
    }
  return FALSE;
}

static void
every_table_of_a_run_is_on_a_tab (void)
{
  g_autoptr (RmqRun) run = run_until (2 * SECOND);
  RmqDashboardFeed feed;
  rmq_dashboard_feed_init (&feed, run);
  rmq_dashboard_feed_tick (&feed, 0);
  for (guint i = 0; i < rmq_snapshot_get_n_tables (feed.snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (feed.snapshot, i);
      if (!is_on_some_tab (feed.model, table))
        g_error ("no tab shows %s", rmq_table_get_schema (table)->id);
    }
  feed.model->tab = 0;
  g_assert_true (rmq_dashboard_feed_clear (&feed) == run);
}

static void
a_dead_broker_is_seen_before_the_client_knows (void)
{
  g_autoptr (RmqRun) run = run_until (8 * SECOND);
  g_autofree char *stale = render (run, NULL);
  g_assert_nonnull (strstr (stale, ">! broker-a DOWN  usable <-STALE"));
  rmq_run_run_until (run, 35 * SECOND);
  g_autofree char *known = render (run, NULL);
  g_assert_nonnull (strstr (known, "> broker-a DOWN  unlisted"));
  g_assert_null (strstr (known, "STALE"));
}

static void
health_tells_failures_and_retries (void)
{
  g_autoptr (RmqRun) run = run_until (4 * SECOND);
  g_autofree char *well = render (run, NULL);
  g_assert_nonnull (strstr (well, "fail 0.0/s  retry 0.0/s"));
  rmq_run_run_until (run, 12 * SECOND);
  g_autofree char *ill = render (run, NULL);
  g_assert_null (strstr (ill, "fail 0.0/s"));
  g_assert_null (strstr (ill, "retry 0.0/s"));
}

static void
a_line_typed_at_the_prompt_is_executed (void)
{
  g_autoptr (RmqRun) run = run_until (2 * SECOND);
  RmqDashboardFeed feed;
  rmq_dashboard_feed_init (&feed, run);
  feed.model->submitted = g_strdup ("broker-b kill");
  rmq_dashboard_feed_execute (&feed);
  g_assert_false (feed.model->prompt.is_error);
  feed.model->submitted = g_strdup ("broker-b kil");
  rmq_dashboard_feed_execute (&feed);
  g_assert_true (feed.model->prompt.is_error);
  g_assert_cmpint (feed.model->prompt.error_column, ==, strlen ("broker-b ") + 1);
  g_assert_true (rmq_dashboard_feed_clear (&feed) == run);
  g_autofree char *screen = render (run, NULL);
  g_assert_nonnull (strstr (screen, "broker-b DOWN"));
}

static void
watching_changes_nothing (void)
{
  g_autoptr (RmqRun) seen = run_until (SECOND);
  g_autoptr (RmqRun) unseen = run_until (20 * SECOND);
  for (gint64 at = SECOND; at <= 20 * SECOND; at += SECOND / 4)
    {
      rmq_run_run_until (seen, at);
      g_autofree char *screen = render (seen, "inflight");
      g_assert_nonnull (screen);
    }
  g_autofree char *hash = rmq_event_log_get_hash (rmq_run_get_log (seen), RMQ_HASH_NONE);
  g_autofree char *other = rmq_event_log_get_hash (rmq_run_get_log (unseen), RMQ_HASH_NONE);
  g_assert_cmpstr (hash, ==, other);
}

static void
one_seed_gives_one_screen (void)
{
  g_autoptr (RmqRun) a = run_until (12 * SECOND);
  g_autoptr (RmqRun) b = run_until (12 * SECOND);
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    {
      g_autofree char *screen = render (a, rmq_dashboard_views[i].id);
      g_autofree char *other = render (b, rmq_dashboard_views[i].id);
      g_assert_cmpstr (screen, ==, other);
    }
}

static void
an_unknown_tab_is_refused (void)
{
  g_autoptr (RmqRun) run = run_until (0);
  g_assert_null (render (run, "nonsense"));
}

/* The verdict comes once, with the end. */
static void
the_verdict_comes_with_the_end (void)
{
  g_autoptr (RmqRun) run = run_until (2 * SECOND);
  RmqDashboardFeed feed;
  rmq_dashboard_feed_init (&feed, run);
  rmq_dashboard_feed_judge (&feed);
  g_assert_false (feed.model->over);
  rmq_run_run_until (run, 200 * SECOND);
  rmq_dashboard_feed_judge (&feed);
  g_assert_true (feed.model->over);
  g_assert_nonnull (strstr (feed.model->report, "no loss"));
  g_assert_true (rmq_dashboard_feed_clear (&feed) == run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tui/run/" path, func)
  ADD ("every-column-of-a-run-has-its-words", every_column_of_a_run_has_its_words);
  ADD ("every-table-of-a-run-is-on-a-tab", every_table_of_a_run_is_on_a_tab);
  ADD ("4.9/a-dead-broker-is-seen-before-the-client-knows",
       a_dead_broker_is_seen_before_the_client_knows);
  ADD ("health-tells-failures-and-retries", health_tells_failures_and_retries);
  ADD ("a-line-typed-at-the-prompt-is-executed", a_line_typed_at_the_prompt_is_executed);
  ADD ("watching-changes-nothing", watching_changes_nothing);
  ADD ("one-seed-gives-one-screen", one_seed_gives_one_screen);
  ADD ("an-unknown-tab-is-refused", an_unknown_tab_is_refused);
  ADD ("the-verdict-comes-with-the-end", the_verdict_comes_with_the_end);
  return g_test_run ();
}

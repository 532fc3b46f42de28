/* SPDX-License-Identifier: Apache-2.0 */

/* Looking back and going on from there, on simulated runs, without a terminal: a moment looks as it
 * looked, whether it was remembered or is had from a run once more; acting in the past is the run
 * that would have been. */

#include "rmq-dashboard-feed.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"
#include "rmq-dashboard.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)
#define SECOND (1000 * MS)
#define HEIGHT 24

typedef struct
{
  RmqDashboardFeed feed;
} Fixture;

static RmqRun *
start (const char *name)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (name, diagnostics);
  g_assert_cmpuint (diagnostics->n_errors, ==, 0);
  g_autoptr (GError) error = NULL;
  RmqRun *run = rmq_run_new (scenario, &(RmqRunOptions){ .has_seed = TRUE, .seed = 7 }, &error);
  g_assert_no_error (error);
  return run;
}

static void
set_up (Fixture *fixture, gconstpointer scenario)
{
  rmq_dashboard_feed_init (&fixture->feed, start (scenario));
  fixture->feed.model->ascii = TRUE;
  rmq_dashboard_feed_tick (&fixture->feed, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  rmq_run_free (rmq_dashboard_feed_clear (&fixture->feed));
}

/* As the loop does. */
static void
press (Fixture *fixture, const char *keys)
{
  RmqDashboardFeed *feed = &fixture->feed;
  for (const char *p = keys; *p != '\0'; p++)
    {
      const RmqDashboardMsg msg = { .kind = RMQ_MSG_KEY, .key = (guint32)*p };
      switch (rmq_dashboard_update (feed->model, &msg))
        {
        case RMQ_EFFECT_STEP:
          rmq_dashboard_feed_step (feed);
          rmq_dashboard_feed_tick (feed, 0);
          break;
        case RMQ_EFFECT_NOTABLE:
          rmq_dashboard_feed_drive_to_notable (feed);
          rmq_dashboard_feed_tick (feed, 0);
          break;
        case RMQ_EFFECT_GOTO:
          rmq_dashboard_feed_drive_to (feed, feed->model->target_ev);
          rmq_dashboard_feed_tick (feed, 0);
          break;
        case RMQ_EFFECT_LOOK:
          rmq_dashboard_feed_look (feed);
          break;
        case RMQ_EFFECT_LOOK_ON:
          rmq_dashboard_feed_look_on (feed);
          break;
        case RMQ_EFFECT_EXECUTE:
          rmq_dashboard_feed_execute (feed);
          rmq_dashboard_feed_tick (feed, 0);
          break;
        case RMQ_EFFECT_NONE:
        case RMQ_EFFECT_QUIT:
        case RMQ_EFFECT_REPAINT:
        case RMQ_EFFECT_SUSPEND:
          break;
        }
    }
}

/* By frames, so that every notable moment is remembered. */
static void
drive (Fixture *fixture, gint64 at_us)
{
  for (gint64 at = rmq_run_get_now_us (fixture->feed.run); at <= at_us; at += 50 * MS)
    {
      rmq_dashboard_feed_drive (&fixture->feed, at);
      rmq_dashboard_feed_tick (&fixture->feed, 0);
    }
}

/* Without title and prompt, which say that it is the past. */
static char *
draw (Fixture *fixture)
{
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (fixture->feed.model, 80, HEIGHT);
  g_autofree char *text = rmq_canvas_to_text (canvas);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *body = g_string_new (NULL);
  for (guint i = 1; i < HEIGHT - 2; i++)
    g_string_append_printf (body, "%s\n", lines[i]);
  return g_string_free (body, FALSE);
}

static char *
draw_title (Fixture *fixture)
{
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (fixture->feed.model, 80, HEIGHT);
  g_autofree char *text = rmq_canvas_to_text (canvas);
  return g_strndup (text, strcspn (text, "\n"));
}

static void
answer_is (Fixture *fixture, const char *words)
{
  const char *answer = fixture->feed.model->prompt.answer;
  if (answer == NULL || strstr (answer, words) == NULL)
    g_error ("expected an answer with \"%s\", got %s", words, answer);
}

/* ---- looking ------------------------------------------------------------- */

/* Stops at notable moments, notes how they look, goes back through all of them. */
static void
look_back_at (Fixture *fixture, gboolean remembered)
{
  RmqDashboardModel *model = fixture->feed.model;
  g_autoptr (GPtrArray) screens = g_ptr_array_new_with_free_func (g_free);
  drive (fixture, 5 * SECOND);
  for (guint i = 0; i < 30; i++)
    {
      press (fixture, "S");
      g_ptr_array_add (screens, draw (fixture));
      fixture->feed.n_remembered = 0;
    }
  const guint64 present = model->ev;
  if (!remembered)
    rmq_dashboard_moments_forget_after (&model->moments, 0);
  for (guint i = screens->len - 1; i > 0; i--)
    {
      press (fixture, "b");
      g_assert_true (model->present != NULL);
      g_assert_true ((fixture->feed.again == NULL) == remembered);
      g_autofree char *seen = draw (fixture);
      g_assert_cmpstr (seen, ==, g_ptr_array_index (screens, i - 1));
    }
  for (guint i = 1; i < screens->len; i++)
    {
      press (fixture, "S");
      g_autofree char *seen = draw (fixture);
      g_assert_cmpstr (seen, ==, g_ptr_array_index (screens, i));
    }
  g_assert_null (model->present);
  g_assert_cmpuint (model->ev, ==, present);
  g_assert_cmpuint (rmq_run_get_ev (fixture->feed.run), ==, present);
}

static void
a_remembered_moment_looks_as_it_did (Fixture *fixture, gconstpointer unused)
{
  look_back_at (fixture, TRUE);
}

static void
one_had_again_looks_as_it_did (Fixture *fixture, gconstpointer unused)
{
  look_back_at (fixture, FALSE);
}

static void
s_goes_on_by_one_event (Fixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->feed.model;
  press (fixture, ":goto ev:300\r");
  g_autoptr (GPtrArray) screens = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < 20; i++)
    {
      g_ptr_array_add (screens, draw (fixture));
      press (fixture, "s");
    }
  g_assert_cmpuint (model->ev, ==, 320);
  press (fixture, ":goto ev:300\r");
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *seen = draw (fixture);
      g_assert_cmpuint (model->ev, ==, 300 + i);
      g_assert_cmpstr (seen, ==, g_ptr_array_index (screens, i));
      press (fixture, "s");
    }
  g_assert_null (model->present); /* 320 is the present */
}

static void
the_title_says_that_it_is_the_past (Fixture *fixture, gconstpointer unused)
{
  drive (fixture, 8 * SECOND);
  const guint64 present = fixture->feed.model->ev;
  press (fixture, "bb");
  g_autofree char *title = draw_title (fixture);
  g_autofree char *words = g_strdup_printf ("ev %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " ",
                                            fixture->feed.model->ev, present);
  g_assert_true (g_str_has_prefix (title, "rmqlab LAB < PAST "));
  g_assert_nonnull (strstr (title, words));
  press (fixture, "\033");
  g_autofree char *back = draw_title (fixture);
  g_assert_nonnull (strstr (back, "PAUSED"));
}

static void
nothing_lies_before_the_start (Fixture *fixture, gconstpointer unused)
{
  press (fixture, "b");
  answer_is (fixture, "nothing notable happened before");
  press (fixture, ":goto ev:1\r");
  answer_is (fixture, "the scenario begins after ev");
  g_assert_null (fixture->feed.model->present);
}

/* ---- acting -------------------------------------------------------------- */

static char *
finish (Fixture *fixture)
{
  rmq_run_run_until (fixture->feed.run, G_MAXINT64);
  g_autoptr (RmqReport) report = rmq_run_judge (fixture->feed.run);
  return g_strdup (report->hashes[0]);
}

/* What is typed at a moment of the past is typed at that moment. */
static void
a_line_starts_another_future (Fixture *fixture, gconstpointer scenario)
{
  press (fixture, ":goto ev:400\r");
  press (fixture, ":broker-b delay 3ms send responses\r");
  press (fixture, ":goto ev:700\r");
  press (fixture, ":broker-b kill\r");
  drive (fixture, 20 * SECOND);
  press (fixture, ":goto ev:500\r");
  g_assert_true (fixture->feed.model->present != NULL);
  press (fixture, ":broker-b hang\r");
  answer_is (fixture, "goes on from ev 500, what came later is dropped, 1 typed line too");
  g_assert_null (fixture->feed.model->present);
  g_assert_cmpuint (fixture->feed.model->ev, ==, 500);
  g_assert_cmpuint (fixture->feed.model->rare->len, >, 5); /* the log until then */
  g_autofree char *hash = finish (fixture);

  Fixture other;
  set_up (&other, scenario);
  press (&other, ":goto ev:400\r");
  press (&other, ":broker-b delay 3ms send responses\r");
  press (&other, ":goto ev:500\r");
  press (&other, ":broker-b hang\r");
  g_autofree char *wanted = finish (&other);
  tear_down (&other, NULL);
  g_assert_cmpstr (hash, ==, wanted);
}

static void
a_run_that_is_over_goes_on_from_its_past (Fixture *fixture, gconstpointer unused)
{
  rmq_dashboard_feed_drive (&fixture->feed, 600 * SECOND);
  rmq_dashboard_feed_tick (&fixture->feed, 0);
  rmq_dashboard_feed_judge (&fixture->feed);
  g_assert_true (fixture->feed.model->over);
  press (fixture, "bb:broker-b kill\r");
  g_assert_false (fixture->feed.model->over);
  g_assert_null (fixture->feed.model->report);
  g_assert_false (rmq_run_is_over (fixture->feed.run));
}

static void
a_wrong_line_drops_nothing (Fixture *fixture, gconstpointer unused)
{
  drive (fixture, 8 * SECOND);
  const guint64 present = rmq_run_get_ev (fixture->feed.run);
  press (fixture, "bb:broker-b kil\r");
  answer_is (fixture, "did you mean kill?");
  g_assert_true (fixture->feed.model->present != NULL);
  g_assert_cmpuint (rmq_run_get_ev (fixture->feed.run), ==, present);
}

static void
a_question_is_answered_there (Fixture *fixture, gconstpointer unused)
{
  drive (fixture, 8 * SECOND);
  const guint64 present = rmq_run_get_ev (fixture->feed.run);
  press (fixture, ":goto ev:300\r:expect failed = 0\r");
  answer_is (fixture, "ok: 0 failed");
  g_assert_true (fixture->feed.model->present != NULL);
  g_assert_cmpuint (rmq_run_get_ev (fixture->feed.run), ==, present);
  press (fixture, "\033:expect failed = 0\r");
  answer_is (fixture, "failed: ");
}

/* ---- bounds -------------------------------------------------------------- */

static RmqDashboardMoment
make_moment (guint64 ev, RmqSnapshot *snapshot)
{
  return (RmqDashboardMoment){ .ev = ev, .snapshot = snapshot, .flows = snapshot };
}

static void
moments_are_thinned_where_they_are_old (void)
{
  RmqDashboardMoments moments;
  rmq_dashboard_moments_init (&moments);
  for (guint64 ev = 1; ev <= 10 * RMQ_MOMENTS_MAX; ev++)
    {
      g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (ev, 0);
      const RmqDashboardMoment moment = make_moment (ev, snapshot);
      rmq_dashboard_moments_add (&moments, &moment);
      g_assert_cmpuint (moments.list->len, <=, RMQ_MOMENTS_MAX);
      g_assert_true (rmq_dashboard_moments_find (&moments, ev) != NULL);
    }
  const RmqDashboardMoment *first = g_ptr_array_index (moments.list, 0);
  g_assert_cmpuint (first->ev, <, RMQ_MOMENTS_MAX);
  for (guint i = 1; i < moments.list->len; i++)
    g_assert_cmpuint (((RmqDashboardMoment *)g_ptr_array_index (moments.list, i - 1))->ev, <,
                      ((RmqDashboardMoment *)g_ptr_array_index (moments.list, i))->ev);
  rmq_dashboard_moments_clear (&moments);
}

static void
large_tables_are_bounded_by_their_cells (void)
{
  static const RmqColumn columns[] = { { "n", RMQ_CELL_INT, NULL, "A number.", "-" } };
  static const RmqTableSchema schema = {
    .id = "t", .title = "T", .help = "T.", .java = "-", .columns = columns, .n_columns = 1
  };
  RmqDashboardMoments moments;
  rmq_dashboard_moments_init (&moments);
  for (guint64 ev = 1; ev <= 40; ev++)
    {
      g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (ev, 0);
      RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, NULL);
      for (guint i = 0; i < RMQ_MOMENT_CELLS_MAX / 10; i++)
        {
          rmq_table_begin_row (table);
          rmq_table_add_number (table, i);
        }
      const RmqDashboardMoment moment = make_moment (ev, snapshot);
      rmq_dashboard_moments_add (&moments, &moment);
      g_assert_cmpuint (moments.n_cells, <=, RMQ_MOMENT_CELLS_MAX);
    }
  g_assert_cmpuint (moments.list->len, >, 5);
  rmq_dashboard_moments_clear (&moments);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/tui/past/" path, Fixture, "broker-a-dies", set_up, func, tear_down)
  ADD ("a-remembered-moment-looks-as-it-did", a_remembered_moment_looks_as_it_did);
  ADD ("one-had-again-looks-as-it-did", one_had_again_looks_as_it_did);
  ADD ("s-goes-on-by-one-event", s_goes_on_by_one_event);
  ADD ("the-title-says-that-it-is-the-past", the_title_says_that_it_is_the_past);
  ADD ("nothing-lies-before-the-start", nothing_lies_before_the_start);
  ADD ("a-line-starts-another-future", a_line_starts_another_future);
  ADD ("a-run-that-is-over-goes-on-from-its-past", a_run_that_is_over_goes_on_from_its_past);
  ADD ("a-wrong-line-drops-nothing", a_wrong_line_drops_nothing);
  ADD ("a-question-is-answered-there", a_question_is_answered_there);
  g_test_add_func ("/tui/past/moments-are-thinned-where-they-are-old",
                   moments_are_thinned_where_they_are_old);
  g_test_add_func ("/tui/past/large-tables-are-bounded-by-their-cells",
                   large_tables_are_bounded_by_their_cells);
  return g_test_run ();
}

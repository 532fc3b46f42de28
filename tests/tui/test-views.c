/* SPDX-License-Identifier: Apache-2.0 */

/* Views as text against stored screens, two planes: characters and roles.
 * RMQ_UPDATE_SCREENS=1 rewrites them for review. */

#include "dashboard-fixture.h"
#include "rmq-dashboard-hints.h"

#include <string.h>

static char *
screen_path (const char *name, guint width, guint height)
{
  g_autofree char *file = g_strdup_printf ("%s-%ux%u.txt", name, width, height);
  return g_build_filename (SCREENS_DIR, file, NULL);
}

static char *
print_planes (const RmqCanvas *canvas)
{
  g_autofree char *text = rmq_canvas_to_text (canvas);
  g_autofree char *roles = rmq_canvas_to_roles (canvas);
  return g_strconcat (text, "---- roles ----\n", roles, NULL);
}

static void
assert_screen (const RmqDashboardModel *model, const char *name, guint width, guint height)
{
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (model, width, height);
  g_autofree char *seen = print_planes (canvas);
  g_autofree char *path = screen_path (name, width, height);
  g_autofree char *stored = NULL;
  if (g_getenv ("RMQ_UPDATE_SCREENS") != NULL)
    g_assert_true (g_file_set_contents (path, seen, -1, NULL));
  if (!g_file_get_contents (path, &stored, NULL, NULL))
    g_error ("no stored screen %s; RMQ_UPDATE_SCREENS=1 writes it", path);
  if (!g_str_equal (stored, seen))
    g_test_message ("seen, where %s is stored:\n%s", path, seen);
  g_assert_cmpstr (seen, ==, stored);
}

static void
each_view_has_its_stored_screens (DashboardFixture *fixture, gconstpointer unused)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    {
      dashboard_fixture_press (fixture->model, rmq_dashboard_views[i].key);
      assert_screen (fixture->model, rmq_dashboard_views[i].id, 80, 24);
      assert_screen (fixture->model, rmq_dashboard_views[i].id, 140, 45);
    }
}

static void
each_page_has_its_stored_screen (DashboardFixture *fixture, gconstpointer unused)
{
  dashboard_fixture_type (fixture->model, "?");
  assert_screen (fixture->model, "page-help", 80, 24);
  dashboard_fixture_type (fixture->model, "5lle");
  assert_screen (fixture->model, "page-explain", 80, 24);
  rmq_dashboard_update (fixture->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_REPORT,
                                                            .text = "ok       no loss   800 sends\n"
                                                                    "1 ok   seed 42\n" });
  assert_screen (fixture->model, "page-report", 80, 24);
}

static void
a_wrong_line_is_shown_with_a_caret (DashboardFixture *fixture, gconstpointer unused)
{
  dashboard_fixture_type (fixture->model, ":brokr-a kill\r");
  rmq_dashboard_update (fixture->model,
                        &(RmqDashboardMsg){ .kind = RMQ_MSG_ANSWER,
                                            .text = "1:1: error: no such target; did you mean "
                                                    "broker-a?",
                                            .is_error = TRUE,
                                            .error_column = 1 });
  assert_screen (fixture->model, "prompt-error", 80, 24);
  dashboard_fixture_type (fixture->model, ":broker-a st");
  assert_screen (fixture->model, "prompt-open", 80, 24);
}

static void
the_past_is_marked (DashboardFixture *fixture, gconstpointer unused)
{
  rmq_dashboard_model_remember (fixture->model);
  const RmqDashboardMoment *kept = rmq_dashboard_moments_find (&fixture->model->moments, 48325);
  g_autoptr (RmqSnapshot) later = dashboard_fixture_make_snapshot (9000000);
  dashboard_fixture_tick (fixture->model, later, 9000000);
  rmq_dashboard_update (fixture->model, &(RmqDashboardMsg){ .kind = RMQ_MSG_LOOK, .moment = kept });
  assert_screen (fixture->model, "past", 80, 24);
}

static void
utf8_and_the_smallest_size_are_stored (DashboardFixture *fixture, gconstpointer unused)
{
  assert_screen (fixture->model, "smallest", RMQ_SCREEN_WIDTH_MIN, RMQ_SCREEN_HEIGHT_MIN);
  assert_screen (fixture->model, "too-small", RMQ_SCREEN_WIDTH_MIN - 1, RMQ_SCREEN_HEIGHT_MIN);
  fixture->model->ascii = FALSE;
  dashboard_fixture_type (fixture->model, " ");
  assert_screen (fixture->model, "utf8", 80, 24);
}

static void
nothing_yet_says_why (void)
{
  g_autoptr (RmqDashboardModel) model = rmq_dashboard_model_new ("first-send", RMQ_BADGE_TCP, 1);
  model->ascii = TRUE;
  assert_screen (model, "nothing-yet", 80, 24);
}

/* The grid's asserts are the test: nothing may be written outside it at any size. */
static void
any_size_is_drawn (DashboardFixture *fixture, gconstpointer unused)
{
  for (guint n = 0; n < 400; n++)
    {
      guint width = (guint)g_test_rand_int_range (1, 221);
      guint height = (guint)g_test_rand_int_range (1, 71);
      static const char keys[] = "12345678?ejjlloHkh ";
      guint32 key = (guint32)keys[g_test_rand_int_range (0, (gint)strlen (keys))];
      dashboard_fixture_press (fixture->model, key);
      g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (fixture->model, width, height);
      g_autoptr (RmqCanvas) again = rmq_dashboard_render (fixture->model, width, height);
      g_autofree char *text = print_planes (canvas);
      g_autofree char *text_again = print_planes (again);
      g_assert_cmpstr (text, ==, text_again);
    }
}

/* What is drawn as the selected field. */
static char *
read_field (const RmqDashboardModel *model, guint width)
{
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (model, width, RMQ_SCREEN_HEIGHT_MIN);
  GString *field = g_string_new (NULL);
  for (guint y = 0; y < RMQ_SCREEN_HEIGHT_MIN; y++)
    for (guint x = 0; x < width; x++)
      if (rmq_canvas_get_cell (canvas, x, y)->role == RMQ_ROLE_FIELD)
        g_string_append_unichar (field, rmq_canvas_get_cell (canvas, x, y)->ch);
  return g_strstrip (g_string_free (field, FALSE));
}

static void
assert_field_is_whole (const RmqDashboardModel *model, const RmqDashboardRow *row, guint place)
{
  const RmqTableSchema *schema = rmq_table_get_schema (row->table);
  guint column = rmq_dashboard_column_at (schema, place);
  const RmqColumn *declared = &schema->columns[column];
  RmqCellShow show = rmq_column_hint_find (rmq_table_hint_find (schema->id), declared->id)->show;
  RmqRole unused;
  g_autofree char *whole = rmq_format_cell (
      declared, rmq_table_get_cell (row->table, row->row, column), show, model->now_us, &unused);
  g_autofree char *seen = read_field (model, RMQ_SCREEN_WIDTH_MIN);
  if (rmq_format_is_number (declared, show))
    g_assert_cmpstr (seen, ==, whole);
  else if (whole[0] != '\0')
    g_assert_cmpuint (strlen (seen), >, 0);
}

/* On the narrowest screen every field can be reached, and no number is cut. */
static void
the_selected_field_is_always_in_sight (DashboardFixture *fixture, gconstpointer unused)
{
  for (guint v = 0; v < rmq_dashboard_n_views; v++)
    {
      dashboard_fixture_press (fixture->model, rmq_dashboard_views[v].key);
      g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (fixture->model);
      for (guint row = 0; row < rows->rows->len; row++)
        {
          const RmqDashboardRow *selected = rmq_dashboard_rows_get (rows, row);
          fixture->model->row = row;
          for (guint c = 0; c < rmq_table_get_schema (selected->table)->n_columns; c++)
            {
              fixture->model->column = c;
              assert_field_is_whole (fixture->model, selected, c);
            }
        }
    }
}

/* A gap must be seen without colour. */
static void
a_gap_carries_its_mark (DashboardFixture *fixture, gconstpointer unused)
{
  dashboard_fixture_type (fixture->model, "2");
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (fixture->model, 80, 24);
  g_autofree char *text = rmq_canvas_to_text (canvas);
  g_assert_nonnull (strstr (text, " ! broker-a"));
  g_assert_nonnull (strstr (text, "   broker-b"));
}

#define ADD(path, func)                                                                            \
  g_test_add ("/tui/views/" path, DashboardFixture, NULL, dashboard_fixture_set_up, func,          \
              dashboard_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-view-has-its-stored-screens", each_view_has_its_stored_screens);
  ADD ("each-page-has-its-stored-screen", each_page_has_its_stored_screen);
  ADD ("a-wrong-line-is-shown-with-a-caret", a_wrong_line_is_shown_with_a_caret);
  ADD ("the-past-is-marked", the_past_is_marked);
  ADD ("utf8-and-the-smallest-size-are-stored", utf8_and_the_smallest_size_are_stored);
  ADD ("any-size-is-drawn", any_size_is_drawn);
  ADD ("the-selected-field-is-always-in-sight", the_selected_field_is_always_in_sight);
  ADD ("a-gap-carries-its-mark", a_gap_carries_its_mark);
  g_test_add_func ("/tui/views/nothing-yet-says-why", nothing_yet_says_why);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* update (model, message), key by key. */

#include "dashboard-fixture.h"

#include <string.h>

static const char *
selected_cell (const RmqDashboardModel *model, guint column)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  const RmqDashboardRow *row = rmq_dashboard_rows_get (rows, model->row);
  return rmq_table_get_cell (row->table, row->row, column)->text;
}

static void
space_pauses_and_goes_on (DashboardFixture *fixture, gconstpointer unused)
{
  dashboard_fixture_type (fixture->model, " ");
  g_assert_true (fixture->model->paused);
  dashboard_fixture_type (fixture->model, " ");
  g_assert_false (fixture->model->paused);
}

static void
s_steps_and_stays_paused (DashboardFixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (dashboard_fixture_type (fixture->model, "s"), ==, RMQ_EFFECT_STEP);
  g_assert_true (fixture->model->paused);
  fixture->model->badge = RMQ_BADGE_TCP;
  g_assert_cmpint (dashboard_fixture_type (fixture->model, "s"), ==, RMQ_EFFECT_NONE);
}

/* Over TCP a look back shows what was kept, and the world goes on meanwhile. */
static void
b_looks_back_over_tcp (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  model->badge = RMQ_BADGE_TCP;
  g_assert_cmpint (dashboard_fixture_type (model, "b"), ==, RMQ_EFFECT_NONE);
  g_assert_null (model->present);
  rmq_dashboard_model_remember (model);
  const guint64 kept = model->ev;
  g_autoptr (RmqSnapshot) later = dashboard_fixture_make_snapshot (7000000);
  dashboard_fixture_tick (model, later, 7000000);
  dashboard_fixture_type (model, "b");
  g_assert_cmpuint (model->ev, ==, kept);
  g_assert_false (model->paused);
  dashboard_fixture_tick (model, later, 8000000);
  g_assert_cmpuint (model->ev, ==, kept);
  g_assert_cmpint (dashboard_fixture_type (model, "s"), ==, RMQ_EFFECT_NONE);
  g_assert_null (model->present);
  g_assert_cmpuint (model->ev, >, kept);
}

static void
t_asks_for_the_number (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "t");
  g_assert_cmpstr (model->prompt.text->str, ==, "goto ev:");
  g_assert_cmpint (dashboard_fixture_type (model, "99999\r"), ==, RMQ_EFFECT_GOTO);
  g_assert_cmpuint (model->target_ev, ==, 99999);
  g_assert_true (model->paused);
  g_assert_cmpint (dashboard_fixture_type (model, "t77\r"), ==, RMQ_EFFECT_LOOK);
  g_assert_cmpuint (model->target_ev, ==, 77);
}

static void
brackets_change_speed_within_bounds (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  g_assert_cmpuint (rmq_dashboard_speeds[model->speed], ==, 100);
  dashboard_fixture_type (model, "]");
  g_assert_cmpuint (rmq_dashboard_speeds[model->speed], ==, 200);
  dashboard_fixture_type (model, "]]]]]]]]]]]]");
  g_assert_cmpuint (rmq_dashboard_speeds[model->speed], ==, 10000);
  dashboard_fixture_type (model, "[[[[[[[[[[[[[[");
  g_assert_cmpuint (rmq_dashboard_speeds[model->speed], ==, 10);
  dashboard_fixture_type (model, "=");
  g_assert_cmpuint (rmq_dashboard_speeds[model->speed], ==, 100);
}

static void
digits_and_tab_choose_a_tab (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "5");
  g_assert_cmpstr (rmq_dashboard_view_of (model)->id, ==, "inflight");
  dashboard_fixture_press (model, RMQ_KEY_TAB);
  g_assert_cmpstr (rmq_dashboard_view_of (model)->id, ==, "servers");
  dashboard_fixture_press (model, RMQ_KEY_BACK_TAB);
  dashboard_fixture_press (model, RMQ_KEY_BACK_TAB);
  g_assert_cmpstr (rmq_dashboard_view_of (model)->id, ==, "channels");
  dashboard_fixture_type (model, "1");
  dashboard_fixture_press (model, RMQ_KEY_BACK_TAB);
  g_assert_cmpstr (rmq_dashboard_view_of (model)->id, ==, "events");
}

static void
arrows_move_within_the_rows (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "4kj");
  g_assert_cmpuint (model->row, ==, 1);
  dashboard_fixture_press (model, RMQ_KEY_END);
  g_assert_cmpuint (model->row, ==, 2);
  dashboard_fixture_press (model, RMQ_KEY_DOWN);
  g_assert_cmpuint (model->row, ==, 2);
  dashboard_fixture_press (model, RMQ_KEY_PAGE_UP);
  g_assert_cmpuint (model->row, ==, 0);
  dashboard_fixture_type (model, "hlllllllll");
  g_assert_cmpuint (model->column, ==, 9);
  dashboard_fixture_type (model, "llll");
  g_assert_cmpuint (model->column, ==, 10);
  dashboard_fixture_press (model, RMQ_KEY_LEFT);
  g_assert_cmpuint (model->column, ==, 9);
}

static void
o_sorts_up_down_and_not (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "4o");
  g_assert_cmpstr (selected_cell (model, 0), ==, "10.0.0.1:10911");
  dashboard_fixture_type (model, "o");
  g_assert_cmpstr (selected_cell (model, 0), ==, "10.0.0.9:9876");
  g_assert_nonnull (model->sort_table);
  dashboard_fixture_type (model, "o");
  g_assert_null (model->sort_table);
}

static void
a_selection_stays_on_its_row (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "4jj");
  g_assert_cmpstr (selected_cell (model, 0), ==, "10.0.0.2:10911");
  dashboard_fixture_type (model, "o");
  g_assert_cmpstr (selected_cell (model, 0), ==, "10.0.0.2:10911");
  g_assert_cmpuint (model->row, ==, 1);
}

static void
a_selection_survives_its_row (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "5G");
  g_autoptr (RmqSnapshot) empty = rmq_snapshot_new (2, 7000000);
  dashboard_fixture_tick (model, empty, 7000000);
  g_assert_cmpuint (model->row, ==, 0);
  g_assert_cmpint (dashboard_fixture_type (model, "jlo"), ==, RMQ_EFFECT_NONE);
}

static void
pages_open_close_and_scroll (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, "?");
  g_assert_cmpint (model->page, ==, RMQ_PAGE_HELP);
  dashboard_fixture_type (model, "jjk");
  g_assert_cmpuint (model->scroll, ==, 1);
  dashboard_fixture_press (model, RMQ_KEY_END);
  g_assert_cmpuint (model->scroll, ==, rmq_dashboard_page_get_scroll_max (model));
  dashboard_fixture_type (model, "e");
  g_assert_cmpint (model->page, ==, RMQ_PAGE_EXPLAIN);
  g_assert_cmpuint (model->scroll, ==, 0);
  dashboard_fixture_type (model, "e");
  g_assert_cmpint (model->page, ==, RMQ_PAGE_TABLES);
  dashboard_fixture_type (model, "v");
  g_assert_cmpint (model->page, ==, RMQ_PAGE_REPORT);
  dashboard_fixture_press (model, RMQ_KEY_ESCAPE);
  g_assert_cmpint (model->page, ==, RMQ_PAGE_TABLES);
}

static void
q_and_signals_quit_even_from_the_prompt (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  g_assert_cmpint (dashboard_fixture_type (model, "q"), ==, RMQ_EFFECT_QUIT);
  g_assert_cmpint (dashboard_fixture_press (model, RMQ_KEY_CTRL_C), ==, RMQ_EFFECT_QUIT);
  g_assert_cmpint (dashboard_fixture_type (model, ":q"), ==, RMQ_EFFECT_NONE);
  g_assert_cmpint (dashboard_fixture_press (model, RMQ_KEY_SIGNAL), ==, RMQ_EFFECT_QUIT);
  g_assert_cmpint (dashboard_fixture_press (model, RMQ_KEY_CTRL_Z), ==, RMQ_EFFECT_SUSPEND);
  g_assert_cmpint (dashboard_fixture_press (model, RMQ_KEY_CTRL_L), ==, RMQ_EFFECT_REPAINT);
}

static void
a_line_is_submitted_as_it_was_typed (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  g_assert_cmpint (dashboard_fixture_type (model, ": broker-a kill \r"), ==, RMQ_EFFECT_EXECUTE);
  g_assert_cmpstr (model->submitted, ==, "broker-a kill");
  g_assert_false (model->prompt.open);
}

static void
an_empty_line_does_nothing (DashboardFixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (dashboard_fixture_type (fixture->model, ":  \r"), ==, RMQ_EFFECT_NONE);
  g_assert_null (fixture->model->submitted);
}

static void
a_line_can_be_edited (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, ":ädc");
  dashboard_fixture_press (model, RMQ_KEY_LEFT);
  dashboard_fixture_press (model, RMQ_KEY_BACKSPACE);
  dashboard_fixture_type (model, "b");
  g_assert_cmpstr (model->prompt.text->str, ==, "äbc");
  dashboard_fixture_press (model, RMQ_KEY_HOME);
  dashboard_fixture_press (model, RMQ_KEY_BACKSPACE);
  dashboard_fixture_press (model, RMQ_KEY_DELETE);
  g_assert_cmpstr (model->prompt.text->str, ==, "bc");
  dashboard_fixture_press (model, RMQ_KEY_END);
  dashboard_fixture_type (model, "d\a");
  g_assert_cmpstr (model->prompt.text->str, ==, "bcd");
  dashboard_fixture_press (model, RMQ_KEY_CTRL_U);
  g_assert_cmpstr (model->prompt.text->str, ==, "");
  dashboard_fixture_press (model, RMQ_KEY_ESCAPE);
  g_assert_false (model->prompt.open);
}

static void
a_line_has_a_longest_length (DashboardFixture *fixture, gconstpointer unused)
{
  dashboard_fixture_type (fixture->model, ":");
  for (guint i = 0; i < RMQ_PROMPT_MAX_CHARS + 10; i++)
    dashboard_fixture_type (fixture->model, "x");
  g_assert_cmpuint (fixture->model->prompt.text->len, ==, RMQ_PROMPT_MAX_CHARS);
}

static void
history_is_recalled_once_each_and_bounded (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, ":one x\r:two x\r:two x\r:");
  dashboard_fixture_press (model, RMQ_KEY_UP);
  g_assert_cmpstr (model->prompt.text->str, ==, "two x");
  dashboard_fixture_press (model, RMQ_KEY_UP);
  dashboard_fixture_press (model, RMQ_KEY_UP);
  g_assert_cmpstr (model->prompt.text->str, ==, "one x");
  dashboard_fixture_press (model, RMQ_KEY_DOWN);
  dashboard_fixture_press (model, RMQ_KEY_DOWN);
  g_assert_cmpstr (model->prompt.text->str, ==, "");
  dashboard_fixture_press (model, RMQ_KEY_ESCAPE);
  for (guint i = 0; i < RMQ_HISTORY_MAX + 5; i++)
    dashboard_fixture_type (model, i % 2 == 0 ? ":odd x\r" : ":even x\r");
  g_assert_cmpuint (model->prompt.history->len, ==, RMQ_HISTORY_MAX);
}

static char **
offer (const char *text, gpointer data)
{
  const char *const none[] = { NULL };
  const char *const brokers[] = { "broker-a", "broker-b", NULL };
  const char *const verbs[] = { "kill", NULL };
  const char *const *offers = g_str_equal (text, "bro")          ? brokers
                              : g_str_equal (text, "broker-a k") ? verbs
                                                                 : none;
  return g_strdupv ((char **)offers);
}

static void
tab_completes_names_and_words (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  model->complete = offer;
  dashboard_fixture_type (model, ":bro");
  dashboard_fixture_press (model, RMQ_KEY_TAB);
  g_assert_cmpstr (model->prompt.text->str, ==, "broker-");
  dashboard_fixture_type (model, "a k");
  dashboard_fixture_press (model, RMQ_KEY_TAB);
  g_assert_cmpstr (model->prompt.text->str, ==, "broker-a kill");
  dashboard_fixture_type (model, " zzz");
  dashboard_fixture_press (model, RMQ_KEY_TAB);
  g_assert_cmpstr (model->prompt.text->str, ==, "broker-a kill zzz");
}

static void
names_of_keys_and_tabs_are_commands (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  g_assert_cmpint (dashboard_fixture_type (model, ":quit\r"), ==, RMQ_EFFECT_QUIT);
  dashboard_fixture_type (model, ":timers\r");
  g_assert_cmpstr (rmq_dashboard_view_of (model)->id, ==, "timers");
  dashboard_fixture_type (model, ":pause\r");
  g_assert_true (model->paused);
}

static void
an_answer_stays_until_the_next_line (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  dashboard_fixture_type (model, ":broker-a kill\r");
  RmqDashboardMsg answer = { .kind = RMQ_MSG_ANSWER, .text = "killed" };
  rmq_dashboard_update (model, &answer);
  dashboard_fixture_type (model, "5j");
  g_assert_cmpstr (model->prompt.answer, ==, "killed");
  dashboard_fixture_type (model, ":");
  g_assert_null (model->prompt.answer);
}

static void
the_generation_moves_only_with_a_change (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  guint64 before = model->generation;
  rmq_dashboard_update (model, &(RmqDashboardMsg){ .kind = RMQ_MSG_TICK,
                                                   .snapshot = model->snapshot,
                                                   .now_us = model->now_us,
                                                   .ev = model->ev });
  g_assert_cmpuint (model->generation, ==, before);
  dashboard_fixture_tick (model, model->snapshot, model->now_us + 1);
  g_assert_cmpuint (model->generation, ==, before + 1);
}

static void
a_paused_tcp_view_is_frozen (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  model->badge = RMQ_BADGE_TCP;
  dashboard_fixture_type (model, " ");
  gint64 before = model->now_us;
  dashboard_fixture_tick (model, model->snapshot, before + 1000000);
  g_assert_cmpint (model->now_us, ==, before);
  dashboard_fixture_type (model, " ");
  dashboard_fixture_tick (model, model->snapshot, before + 1000000);
  g_assert_cmpint (model->now_us, ==, before + 1000000);
}

static void
rates_are_those_of_the_window (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  guint before = model->samples->len;
  g_assert_cmpuint (before, >, 100);
  dashboard_fixture_tick (model, model->snapshot, model->now_us + RMQ_WINDOW_US);
  g_assert_cmpuint (model->samples->len, ==, 0);
}

static void
hot_events_are_hidden_until_asked_for (DashboardFixture *fixture, gconstpointer unused)
{
  RmqDashboardModel *model = fixture->model;
  const RmqTable *events = rmq_dashboard_model_find_table (model, "events");
  guint rare = rmq_table_get_n_rows (events);
  dashboard_fixture_type (model, "H");
  events = rmq_dashboard_model_find_table (model, "events");
  g_assert_cmpuint (rmq_table_get_n_rows (events), >, rare);
  g_assert_cmpuint (model->n_hot, ==, 150);
}

/* One key, one meaning, in each mode; and each has its words. */
static void
keys_are_bound_once (void)
{
  const struct
  {
    const RmqDashboardKey *keys;
    guint n;
  } modes[] = { { rmq_dashboard_keys, rmq_dashboard_n_keys },
                { rmq_dashboard_prompt_keys, rmq_dashboard_n_prompt_keys } };
  for (guint m = 0; m < G_N_ELEMENTS (modes); m++)
    for (guint i = 0; i < modes[m].n; i++)
      {
        const RmqDashboardKey *row = &modes[m].keys[i];
        g_assert_cmpuint (strlen (row->help), >, 0);
        g_assert_cmpuint (strlen (row->shown), >, 0);
        g_assert_cmpuint (row->keys[0], !=, RMQ_KEY_NONE);
        for (guint k = 0; row->keys[k] != RMQ_KEY_NONE; k++)
          g_assert_true (rmq_dashboard_key_find (modes[m].keys, modes[m].n, row->keys[k]) == row);
      }
}

static void
every_tab_has_a_key (void)
{
  for (guint i = 0; i < rmq_dashboard_n_views; i++)
    {
      const RmqDashboardKey *row = rmq_dashboard_key_find (rmq_dashboard_keys, rmq_dashboard_n_keys,
                                                           rmq_dashboard_views[i].key);
      g_assert_nonnull (row);
      g_assert_true (row->act == rmq_dashboard_act_tab);
    }
}

#define ADD(path, func)                                                                            \
  g_test_add ("/tui/update/" path, DashboardFixture, NULL, dashboard_fixture_set_up, func,         \
              dashboard_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("space-pauses-and-goes-on", space_pauses_and_goes_on);
  ADD ("s-steps-and-stays-paused", s_steps_and_stays_paused);
  ADD ("b-looks-back-over-tcp", b_looks_back_over_tcp);
  ADD ("t-asks-for-the-number", t_asks_for_the_number);
  ADD ("brackets-change-speed-within-bounds", brackets_change_speed_within_bounds);
  ADD ("digits-and-tab-choose-a-tab", digits_and_tab_choose_a_tab);
  ADD ("arrows-move-within-the-rows", arrows_move_within_the_rows);
  ADD ("o-sorts-up-down-and-not", o_sorts_up_down_and_not);
  ADD ("a-selection-stays-on-its-row", a_selection_stays_on_its_row);
  ADD ("a-selection-survives-its-row", a_selection_survives_its_row);
  ADD ("pages-open-close-and-scroll", pages_open_close_and_scroll);
  ADD ("q-and-signals-quit-even-from-the-prompt", q_and_signals_quit_even_from_the_prompt);
  ADD ("a-line-is-submitted-as-it-was-typed", a_line_is_submitted_as_it_was_typed);
  ADD ("an-empty-line-does-nothing", an_empty_line_does_nothing);
  ADD ("a-line-can-be-edited", a_line_can_be_edited);
  ADD ("a-line-has-a-longest-length", a_line_has_a_longest_length);
  ADD ("history-is-recalled-once-each-and-bounded", history_is_recalled_once_each_and_bounded);
  ADD ("tab-completes-names-and-words", tab_completes_names_and_words);
  ADD ("names-of-keys-and-tabs-are-commands", names_of_keys_and_tabs_are_commands);
  ADD ("an-answer-stays-until-the-next-line", an_answer_stays_until_the_next_line);
  ADD ("the-generation-moves-only-with-a-change", the_generation_moves_only_with_a_change);
  ADD ("a-paused-tcp-view-is-frozen", a_paused_tcp_view_is_frozen);
  ADD ("rates-are-those-of-the-window", rates_are_those_of_the_window);
  ADD ("hot-events-are-hidden-until-asked-for", hot_events_are_hidden_until_asked_for);
  g_test_add_func ("/tui/keys/keys-are-bound-once", keys_are_bound_once);
  g_test_add_func ("/tui/keys/every-tab-has-a-key", every_tab_has_a_key);
  return g_test_run ();
}

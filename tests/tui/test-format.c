/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers as text: never cut, always with a unit, the same in any locale. */

#include "rmq-dashboard-format.h"

typedef struct
{
  gint64 number;
  const char *text;
} Row;

static void
assert_rows (char *(*format) (gint64), const Row *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = format (rows[i].number);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
spans_change_their_unit (void)
{
  static const Row rows[] = {
    { 0, "0s" },
    { 1, "1us" },
    { 999, "999us" },
    { 2100, "2.1ms" },
    { 9999, "9.9ms" },
    { 10000, "10ms" },
    { 602000, "602ms" },
    { 1000000, "1.00s" },
    { 2344000, "2.34s" },
    { -344000, "-344ms" },
    { 59999999, "59.9s" },
    { 60000000, "1m00" },
    { 185000000, "3m05" },
    { 7800000000, "2h10" },
    { 356400000000, "4d03" },
    { G_MAXINT64, "106751991d04" },
  };
  assert_rows (rmq_format_span, rows, G_N_ELEMENTS (rows));
}

static void
counts_and_sizes_are_short (void)
{
  static const Row counts[] = { { 0, "0" },         { 99999, "99999" },  { 100000, "100k" },
                                { 123456, "123k" }, { 4500000, "4.5M" }, { -4500000, "-4.5M" } };
  static const Row sizes[] = {
    { 0, "0B" }, { 1023, "1023B" }, { 1536, "1.5K" }, { 1 << 20, "1.0M" }
  };
  assert_rows (rmq_format_count, counts, G_N_ELEMENTS (counts));
  assert_rows (rmq_format_bytes, sizes, G_N_ELEMENTS (sizes));
}

static void
clocks_and_rates (void)
{
  static const Row clocks[] = { { 0, "0:00.000" },
                                { 102350000, "1:42.350" },
                                { 3600000000, "1:00:00.000" },
                                { -1500000, "-0:01.500" } };
  static const Row rates[] = { { 0, "0.0/s" }, { 36049, "36.0/s" }, { 12345678, "12345/s" } };
  assert_rows (rmq_format_clock, clocks, G_N_ELEMENTS (clocks));
  assert_rows (rmq_format_rate, rates, G_N_ELEMENTS (rates));
}

static void
headings_come_from_ids (void)
{
  static const struct
  {
    const char *id, *head;
  } rows[] = { { "brokerName", "BROKER NAME" }, { "opaque", "OPAQUE" }, { "addrURL", "ADDR URL" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *head = rmq_format_heading (rows[i].id);
      g_assert_cmpstr (head, ==, rows[i].head);
    }
}

static void
cells_follow_their_type (void)
{
  static const struct
  {
    RmqCellType type;
    const char *unit;
    RmqCellShow show;
    gint64 number;
    const char *text;
  } rows[] = {
    { RMQ_CELL_INT, NULL, RMQ_SHOW_PLAIN, 42, "42" },
    { RMQ_CELL_INT, "ms", RMQ_SHOW_PLAIN, 3000, "3.00s" },
    { RMQ_CELL_INT, "%", RMQ_SHOW_PLAIN, 33, "33%" },
    { RMQ_CELL_INT, NULL, RMQ_SHOW_PLAIN, RMQ_NUMBER_ABSENT, "-" },
    { RMQ_CELL_BOOL, NULL, RMQ_SHOW_PLAIN, 1, "yes" },
    { RMQ_CELL_BYTES, NULL, RMQ_SHOW_PLAIN, 10, "10B" },
    { RMQ_CELL_SPAN_US, NULL, RMQ_SHOW_PLAIN, -1, "-" },
    { RMQ_CELL_SPAN_US, NULL, RMQ_SHOW_LEFT, -1, "-1us" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_PLAIN, -1, "-" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_PLAIN, 4000000, "6.00s ago" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_PLAIN, 12000000, "in 2.00s" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_AGO, 4000000, "6.00s" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_UNTIL, 12000000, "2.00s" },
    { RMQ_CELL_MOMENT_US, NULL, RMQ_SHOW_UNTIL, 9000000, "now" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      RmqColumn column = { "id", rows[i].type, rows[i].unit, "help", "-" };
      RmqCell cell = { .number = rows[i].number };
      RmqRole role = RMQ_ROLE_NORMAL;
      g_autofree char *text = rmq_format_cell (&column, &cell, rows[i].show, 10000000, &role);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
states_have_roles (void)
{
  g_assert_cmpint (rmq_format_state_role ("UP"), ==, RMQ_ROLE_GOOD);
  g_assert_cmpint (rmq_format_state_role ("dead (until next use)"), ==, RMQ_ROLE_DOWN);
  g_assert_cmpint (rmq_format_state_role ("whatever"), ==, RMQ_ROLE_NORMAL);
}

static void
overdue_is_marked_by_its_sign_and_role (void)
{
  RmqColumn column = { "left", RMQ_CELL_SPAN_US, NULL, "help", "-" };
  RmqCell cell = { .number = -990000 };
  RmqRole role = RMQ_ROLE_NORMAL;
  g_autofree char *text = rmq_format_cell (&column, &cell, RMQ_SHOW_LEFT, 0, &role);
  g_assert_cmpstr (text, ==, "-990ms");
  g_assert_cmpint (role, ==, RMQ_ROLE_DOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tui/format/" path, func)
  ADD ("spans-change-their-unit", spans_change_their_unit);
  ADD ("counts-and-sizes-are-short", counts_and_sizes_are_short);
  ADD ("clocks-and-rates", clocks_and_rates);
  ADD ("headings-come-from-ids", headings_come_from_ids);
  ADD ("cells-follow-their-type", cells_follow_their_type);
  ADD ("states-have-roles", states_have_roles);
  ADD ("overdue-is-marked-by-its-sign-and-role", overdue_is_marked_by_its_sign_and_role);
  return g_test_run ();
}

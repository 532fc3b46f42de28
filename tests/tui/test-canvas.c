/* SPDX-License-Identifier: Apache-2.0 */

/* The grid: widths, cuts, clipping, and that nothing from a peer reaches a terminal as a command.
 */

#include "rmq-canvas.h"

#include <string.h>

static void
assert_text (const RmqCanvas *canvas, const char *expected)
{
  g_autofree char *text = rmq_canvas_to_text (canvas);
  g_assert_cmpstr (text, ==, expected);
}

static void
long_text_ends_in_the_cut_mark (void)
{
  g_autoptr (RmqCanvas) ascii = rmq_canvas_new (10, 2, TRUE);
  g_assert_cmpuint (rmq_canvas_put (ascii, 0, 0, 5, RMQ_ROLE_NORMAL, "broker-a"), ==, 5);
  g_assert_cmpuint (rmq_canvas_put (ascii, 0, 1, 8, RMQ_ROLE_NORMAL, "broker-a"), ==, 8);
  assert_text (ascii, "brok~\nbroker-a\n");
  g_autoptr (RmqCanvas) utf8 = rmq_canvas_new (10, 1, FALSE);
  rmq_canvas_put (utf8, 0, 0, 5, RMQ_ROLE_NORMAL, "broker-a");
  assert_text (utf8, "brok…\n");
}

static void
what_lies_outside_is_dropped (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (4, 2, TRUE);
  rmq_canvas_put (canvas, -2, 0, 4, RMQ_ROLE_NORMAL, "abcd");
  rmq_canvas_put (canvas, 2, 1, 4, RMQ_ROLE_NORMAL, "efgh");
  rmq_canvas_put (canvas, 0, 2, 4, RMQ_ROLE_NORMAL, "below");
  rmq_canvas_put (canvas, 0, -1, 4, RMQ_ROLE_NORMAL, "above");
  rmq_canvas_put (canvas, 0, 0, -3, RMQ_ROLE_NORMAL, "negative");
  rmq_canvas_tint (canvas, -5, 9, 20, RMQ_ROLE_DOWN);
  assert_text (canvas, "cd\n  ef\n");
}

static void
text_can_end_at_the_right (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (8, 1, TRUE);
  rmq_canvas_put_end (canvas, 1, 0, 6, RMQ_ROLE_NORMAL, "2.1ms");
  assert_text (canvas, "  2.1ms\n");
}

static void
wide_characters_keep_their_two_cells (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (6, 1, FALSE);
  g_assert_cmpuint (rmq_canvas_measure (canvas, "日本a"), ==, 5);
  rmq_canvas_put (canvas, 0, 0, 6, RMQ_ROLE_NORMAL, "日本a");
  assert_text (canvas, "日本a\n");
  rmq_canvas_put (canvas, 1, 0, 1, RMQ_ROLE_NORMAL, "x");
  assert_text (canvas, " x本a\n");
  rmq_canvas_put (canvas, 2, 0, 1, RMQ_ROLE_NORMAL, "y");
  assert_text (canvas, " xy a\n");
}

static void
half_a_wide_character_is_never_shown (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (3, 1, FALSE);
  rmq_canvas_put (canvas, 0, 0, 3, RMQ_ROLE_NORMAL, "a日本");
  assert_text (canvas, "a…\n");
  rmq_canvas_put (canvas, 2, 0, 2, RMQ_ROLE_NORMAL, "日");
  assert_text (canvas, "a…\n");
}

static void
hostile_text_is_made_harmless (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (40, 1, FALSE);
  rmq_canvas_put (canvas, 0, 0, 40, RMQ_ROLE_NORMAL,
                  "a\033[2Jb\rc\177d\302\205e\342\200\256f\314\201g\377h\tz");
  assert_text (canvas, "a·[2Jb·c·d·e·f·g\357\277\275h z\n");
  g_autoptr (RmqCanvas) ascii = rmq_canvas_new (40, 1, TRUE);
  rmq_canvas_put (ascii, 0, 0, 40, RMQ_ROLE_NORMAL, "\033日é█▶\377");
  assert_text (ascii, ".??#>?\n");
}

static void
text_is_wrapped_at_blanks (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (9, 4, TRUE);
  RmqArea area = { 1, 0, 8, 4 };
  rmq_canvas_put_wrapped (canvas, &area, 0, RMQ_ROLE_NORMAL, "one two three\nfourteencells");
  assert_text (canvas, " one two\n three\n fourteen\n cells\n");
}

static void
wrapped_lines_keep_their_indentation (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (10, 4, TRUE);
  RmqArea area = { 0, 0, 10, 4 };
  rmq_canvas_put_wrapped (canvas, &area, 0, RMQ_ROLE_NORMAL, "  one two three\nfour");
  assert_text (canvas, "  one two\n  three\nfour\n\n");
}

static void
wrapped_text_can_be_scrolled (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (8, 2, TRUE);
  RmqArea area = { 0, 0, 8, 2 };
  rmq_canvas_put_wrapped (canvas, &area, 1, RMQ_ROLE_NORMAL, "1\n2\n\n4\n");
  assert_text (canvas, "2\n\n");
}

static void
roles_are_a_plane_of_their_own (void)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (6, 1, TRUE);
  rmq_canvas_put (canvas, 0, 0, 2, RMQ_ROLE_GOOD, "UP");
  rmq_canvas_put (canvas, 3, 0, 2, RMQ_ROLE_GAP, "!!");
  g_autofree char *roles = rmq_canvas_to_roles (canvas);
  g_assert_cmpstr (roles, ==, "gg.mm\n");
}

/* Any bytes, anywhere: no write outside, never half a character, as many cells as measured. */
static void
any_bytes_keep_the_grid_whole (void)
{
  for (guint n = 0; n < 2000; n++)
    {
      gint width = g_test_rand_int_range (1, 30);
      g_autoptr (RmqCanvas) canvas =
          rmq_canvas_new ((guint)width, 2, g_test_rand_int_range (0, 2) != 0);
      for (guint i = 0; i < 5; i++)
        {
          char text[24];
          guint length = (guint)g_test_rand_int_range (0, sizeof text);
          for (guint b = 0; b < length; b++)
            text[b] = (char)g_test_rand_int_range (1, 256);
          text[length] = '\0';
          rmq_canvas_put (canvas, g_test_rand_int_range (-5, 35), g_test_rand_int_range (-1, 3),
                          g_test_rand_int_range (-2, 35), RMQ_ROLE_NORMAL,
                          g_test_rand_int_range (0, 3) == 0 ? "日本語テキスト" : text);
        }
      for (guint x = 0; x < (guint)width; x++)
        {
          gunichar ch = rmq_canvas_get_cell (canvas, x, 0)->ch;
          gboolean wide = ch != 0 && g_unichar_iswide (ch);
          gboolean half = x + 1 < (guint)width && rmq_canvas_get_cell (canvas, x + 1, 0)->ch == 0;
          g_assert_true (wide == half);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tui/canvas/" path, func)
  ADD ("long-text-ends-in-the-cut-mark", long_text_ends_in_the_cut_mark);
  ADD ("what-lies-outside-is-dropped", what_lies_outside_is_dropped);
  ADD ("text-can-end-at-the-right", text_can_end_at_the_right);
  ADD ("wide-characters-keep-their-two-cells", wide_characters_keep_their_two_cells);
  ADD ("half-a-wide-character-is-never-shown", half_a_wide_character_is_never_shown);
  ADD ("hostile-text-is-made-harmless", hostile_text_is_made_harmless);
  ADD ("text-is-wrapped-at-blanks", text_is_wrapped_at_blanks);
  ADD ("wrapped-lines-keep-their-indentation", wrapped_lines_keep_their_indentation);
  ADD ("wrapped-text-can-be-scrolled", wrapped_text_can_be_scrolled);
  ADD ("roles-are-a-plane-of-their-own", roles_are_a_plane_of_their_own);
  ADD ("any-bytes-keep-the-grid-whole", any_bytes_keep_the_grid_whole);
  return g_test_run ();
}

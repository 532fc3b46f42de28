/* SPDX-License-Identifier: Apache-2.0 */

/* The one file that knows curses. It copies a canvas to the terminal and turns key codes into ours;
 * what is shown and what a key does is decided elsewhere. One thread makes all calls. Only stdscr
 * is used: pads and windows do not survive a resize. */

#define NCURSES_WIDECHAR 1

#include "rmq-dashboard-curses.h"

#include <curses.h>
#include <gio/gio.h>
#include <langinfo.h>
#include <locale.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "rmq-dashboard-keys.h"
#include "rmq-terminal-rescue.h"

/* Last: it turns ordinary words (columns, tab) into macros. */
#include <term.h>

#define ESCAPE_DELAY_MS 25

struct _RmqScreen
{
  SCREEN *term;
  FILE *input; /* (nullable): /dev/tty, if standard input is no terminal */
  guint width, height;
  guint n_colors; /* 0: without */
};

/* Colours repeat what a word or mark already says. -1: the terminal's own. */
static const struct
{
  short fg256, bg256, fg8, bg8;
  attr_t attributes256, attributes8, mono;
} looks[] = {
  [RMQ_ROLE_NORMAL] = { -1, -1, -1, -1, 0, 0, 0 },
  [RMQ_ROLE_DIM] = { 245, -1, -1, -1, 0, 0, 0 },
  [RMQ_ROLE_GOOD] = { 37, -1, COLOR_CYAN, -1, 0, 0, 0 },
  [RMQ_ROLE_SLOW] = { 214, -1, COLOR_YELLOW, -1, 0, 0, A_BOLD },
  [RMQ_ROLE_DOWN] = { 203, -1, COLOR_RED, -1, 0, A_BOLD, A_REVERSE },
  [RMQ_ROLE_GAP] = { 208, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD, A_BOLD | A_UNDERLINE },
  [RMQ_ROLE_ALARM] = { 231, 160, COLOR_WHITE, COLOR_RED, 0, A_BOLD, A_REVERSE | A_BOLD },
  [RMQ_ROLE_BAR] = { 255, 238, COLOR_BLACK, COLOR_CYAN, 0, 0, A_REVERSE },
  [RMQ_ROLE_PAST] = { 16, 214, COLOR_BLACK, COLOR_YELLOW, A_BOLD, 0, A_REVERSE | A_BOLD },
  [RMQ_ROLE_HEAD] = { 110, -1, COLOR_CYAN, -1, 0, A_BOLD, A_BOLD },
  [RMQ_ROLE_SELECTED] = { -1, -1, -1, -1, A_REVERSE, A_REVERSE, A_REVERSE },
  [RMQ_ROLE_FIELD] = { -1, -1, -1, -1, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD,
                       A_BOLD | A_UNDERLINE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (looks) == RMQ_N_ROLES);

static const struct
{
  wint_t code;
  guint32 key;
} special_keys[] = {
  { KEY_UP, RMQ_KEY_UP },         { KEY_DOWN, RMQ_KEY_DOWN },
  { KEY_LEFT, RMQ_KEY_LEFT },     { KEY_RIGHT, RMQ_KEY_RIGHT },
  { KEY_HOME, RMQ_KEY_HOME },     { KEY_END, RMQ_KEY_END },
  { KEY_PPAGE, RMQ_KEY_PAGE_UP }, { KEY_NPAGE, RMQ_KEY_PAGE_DOWN },
  { KEY_BTAB, RMQ_KEY_BACK_TAB }, { KEY_BACKSPACE, RMQ_KEY_BACKSPACE },
  { KEY_DC, RMQ_KEY_DELETE },     { KEY_ENTER, RMQ_KEY_ENTER },
};

gboolean
rmq_screen_is_possible (void)
{
  const char *term = g_getenv ("TERM");
  return isatty (STDOUT_FILENO) && term != NULL && term[0] != '\0' && !g_str_equal (term, "dumb");
}

/* ---- taking and giving back ---------------------------------------------- */

static GString *reset_bytes; /* tputs() has no user data */

static int
collect_byte (int byte)
{
  g_string_append_c (reset_bytes, (char)byte);
  return byte;
}

/* What curses would write at the end, as bytes, for when curses can't be asked any more. */
static char *
build_reset (void)
{
  static const char *const names[] = { "rmkx", "sgr0", "cnorm", "rmcup" };
  reset_bytes = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *capability = tigetstr (names[i]);
      if (capability != NULL && capability != (char *)-1)
        tputs (capability, 1, collect_byte);
    }
  return g_string_free (g_steal_pointer (&reset_bytes), FALSE);
}

static guint
choose_n_colors (void)
{
  const char *no_color = g_getenv ("NO_COLOR");
  if ((no_color != NULL && no_color[0] != '\0') || !has_colors ())
    return 0;
  start_color ();
  use_default_colors ();
  if (COLORS < 8)
    return 0;
  return COLORS < 256 ? 8 : 256;
}

static void
init_looks (RmqScreen *screen)
{
  screen->n_colors = choose_n_colors ();
  if (screen->n_colors == 0)
    return;
  for (guint i = 0; i < RMQ_N_ROLES; i++)
    {
      gboolean many = screen->n_colors == 256;
      init_pair ((short)(i + 1), many ? looks[i].fg256 : looks[i].fg8,
                 many ? looks[i].bg256 : looks[i].bg8);
    }
}

static void
init_modes (void)
{
  /* A lone Esc must not stop the loop for a second. */
  if (g_getenv ("ESCDELAY") == NULL)
    set_escdelay (ESCAPE_DELAY_MS);
  raw ();
  noecho ();
  nonl ();
  keypad (stdscr, TRUE);
  nodelay (stdscr, TRUE);
  typeahead (-1);
  curs_set (0);
}

RmqScreen *
rmq_screen_open (GError **error)
{
  struct termios saved;
  RmqScreen *screen = g_new0 (RmqScreen, 1);
  setlocale (LC_ALL, "");
  if (!isatty (STDIN_FILENO))
    screen->input = fopen ("/dev/tty", "r");
  if (tcgetattr (STDOUT_FILENO, &saved) == 0)
    screen->term = newterm (NULL, stdout, screen->input != NULL ? screen->input : stdin);
  if (screen->term == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "the terminal \"%s\" can't be drawn on", g_getenv ("TERM"));
      g_clear_pointer (&screen->input, fclose);
      g_free (screen);
      return NULL;
    }
  set_term (screen->term);
  init_modes ();
  init_looks (screen);
  g_autofree char *reset = build_reset ();
  rmq_terminal_rescue_arm (STDOUT_FILENO, reset, &saved);
  rmq_screen_resize (screen);
  return screen;
}

void
rmq_screen_close (RmqScreen *screen)
{
  if (screen == NULL)
    return;
  endwin ();
  delscreen (screen->term);
  rmq_terminal_rescue_disarm ();
  g_clear_pointer (&screen->input, fclose);
  g_free (screen);
}

void
rmq_screen_suspend (RmqScreen *screen)
{
  struct sigaction before, normal = { .sa_handler = SIG_DFL };
  sigemptyset (&normal.sa_mask);
  def_prog_mode ();
  endwin ();
  /* The group, as the terminal would do it: a script that waits for us has to stop too. */
  sigaction (SIGTSTP, &normal, &before);
  kill (0, SIGTSTP);
  sigaction (SIGTSTP, &before, NULL);
  reset_prog_mode ();
  flushinp ();
  rmq_screen_resize (screen);
  rmq_screen_repaint (screen);
}

/* ---- size, keys, cells --------------------------------------------------- */

gboolean
rmq_screen_is_utf8 (const RmqScreen *screen)
{
  return g_str_equal (nl_langinfo (CODESET), "UTF-8");
}

int
rmq_screen_get_input (const RmqScreen *screen)
{
  return screen->input != NULL ? fileno (screen->input) : STDIN_FILENO;
}

void
rmq_screen_get_size (const RmqScreen *screen, guint *width, guint *height)
{
  *width = screen->width;
  *height = screen->height;
}

void
rmq_screen_resize (RmqScreen *screen)
{
  struct winsize size;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    resizeterm (size.ws_row, size.ws_col);
  screen->width = (guint)MAX (0, getmaxx (stdscr));
  screen->height = (guint)MAX (0, getmaxy (stdscr));
}

void
rmq_screen_repaint (RmqScreen *screen)
{
  clearok (stdscr, TRUE);
}

guint32
rmq_screen_read_key (RmqScreen *screen)
{
  wint_t code;
  for (int kind = wget_wch (stdscr, &code); kind != ERR; kind = wget_wch (stdscr, &code))
    {
      if (kind == OK && (code == 127 || code == '\b'))
        return RMQ_KEY_BACKSPACE;
      if (kind == OK)
        return code == '\n' ? RMQ_KEY_ENTER : (guint32)code;
      for (guint i = 0; i < G_N_ELEMENTS (special_keys); i++)
        if (special_keys[i].code == code)
          return special_keys[i].key;
      /* KEY_RESIZE and keys that mean nothing here. */
    }
  return RMQ_KEY_NONE;
}

static void
put_cell (const RmqScreen *screen, guint x, guint y, const RmqCanvasCell *cell, gint cells)
{
  wchar_t text[] = { (wchar_t)cell->ch, L'\0' };
  gboolean many = screen->n_colors == 256;
  attr_t attributes = looks[cell->role].mono;
  short pair = 0;
  cchar_t out;
  if (screen->n_colors > 0)
    {
      attributes = many ? looks[cell->role].attributes256 : looks[cell->role].attributes8;
      pair = (short)(cell->role + 1);
    }
  /* Where the C library counts other cells than the canvas, the row would shift. */
  if (wcwidth (text[0]) != cells)
    text[0] = L'?';
  setcchar (&out, text, attributes, pair, NULL);
  mvadd_wch ((int)y, (int)x, &out);
}

void
rmq_screen_blit (RmqScreen *screen, const RmqCanvas *canvas)
{
  guint width = MIN (screen->width, rmq_canvas_get_width (canvas));
  guint height = MIN (screen->height, rmq_canvas_get_height (canvas));
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        const RmqCanvasCell *cell = rmq_canvas_get_cell (canvas, x, y);
        gboolean wide = x + 1 < width && rmq_canvas_get_cell (canvas, x + 1, y)->ch == 0;
        if (cell->ch != 0)
          put_cell (screen, x, y, cell, wide ? 2 : 1);
      }
  refresh ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The grid that every view draws on. It owns the width of characters (a wide one is a lead cell and
 * an empty half), cuts and clips, and is the one sanitizer of all output: control characters, bidi
 * marks and bad UTF-8 from a peer never reach a terminal. Knows no terminal, no model and no
 * locale; any thread. */

#include "rmq-canvas.h"

#include <string.h>

struct _RmqCanvas
{
  guint width, height;
  gboolean ascii;
  RmqCanvasCell *cells; /* row after row */
};

#define CUT_MARK 0x2026
#define UNPRINTABLE 0xb7
#define BAD_BYTE 0xfffd

static const struct
{
  gunichar ch;
  char twin;
} ascii_twins[] = {
  { CUT_MARK, '~' }, { UNPRINTABLE, '.' }, { 0x25b6, '>' }, { 0x25c0, '<' }, { 0x23f8, '=' },
  { 0x2588, '#' },   { 0x2591, '.' },      { 0x2500, '-' }, { 0x2502, '|' }, { 0x2191, '^' },
  { 0x2193, 'v' },   { 0x25cf, 'o' },      { 0x2190, '<' }, { 0x2192, '>' }, { 0x2014, '-' },
};

static const char role_letters[] = ".igsdm!bphSF";

static gunichar
to_ascii (gunichar ch)
{
  if (ch < 0x80)
    return ch;
  for (guint i = 0; i < G_N_ELEMENTS (ascii_twins); i++)
    if (ascii_twins[i].ch == ch)
      return (gunichar)ascii_twins[i].twin;
  return '?';
}

static gboolean
is_harmless (gunichar ch)
{
  gboolean bidi = (ch >= 0x202a && ch <= 0x202e) || (ch >= 0x2066 && ch <= 0x2069);
  return !bidi && g_unichar_isprint (ch) && !g_unichar_iszerowidth (ch);
}

/* The character at *text as it is shown, moving on; never reads beyond the terminating NUL. */
static gunichar
next_char (const RmqCanvas *canvas, const char **text)
{
  gunichar ch = g_utf8_get_char_validated (*text, -1);
  if (ch == (gunichar)-1 || ch == (gunichar)-2)
    {
      *text += 1;
      ch = BAD_BYTE;
    }
  else
    {
      *text = g_utf8_next_char (*text);
      if (ch == '\t')
        ch = ' ';
      else if (!is_harmless (ch))
        ch = UNPRINTABLE;
    }
  return canvas->ascii ? to_ascii (ch) : ch;
}

static guint
cells_of (gunichar ch)
{
  return g_unichar_iswide (ch) ? 2 : 1;
}

RmqCanvas *
rmq_canvas_new (guint width, guint height, gboolean ascii)
{
  RmqCanvas *canvas = g_new0 (RmqCanvas, 1);
  canvas->width = width;
  canvas->height = height;
  canvas->ascii = ascii;
  canvas->cells = g_new (RmqCanvasCell, (gsize)width * height + 1);
  for (gsize i = 0; i < (gsize)width * height; i++)
    canvas->cells[i] = (RmqCanvasCell){ .ch = ' ' };
  return canvas;
}

void
rmq_canvas_free (RmqCanvas *canvas)
{
  if (canvas == NULL)
    return;
  g_free (canvas->cells);
  g_free (canvas);
}

guint
rmq_canvas_get_width (const RmqCanvas *canvas)
{
  return canvas->width;
}

guint
rmq_canvas_get_height (const RmqCanvas *canvas)
{
  return canvas->height;
}

static RmqCanvasCell *
cell_at (const RmqCanvas *canvas, gint x, gint y)
{
  if (x < 0 || y < 0 || x >= (gint)canvas->width || y >= (gint)canvas->height)
    return NULL;
  return &canvas->cells[(gsize)y * canvas->width + (gsize)x];
}

const RmqCanvasCell *
rmq_canvas_get_cell (const RmqCanvas *canvas, guint x, guint y)
{
  const RmqCanvasCell *cell = cell_at (canvas, (gint)x, (gint)y);
  g_assert (cell != NULL);
  return cell;
}

guint
rmq_canvas_measure (const RmqCanvas *canvas, const char *text)
{
  guint cells = 0;
  while (*text != '\0')
    cells += cells_of (next_char (canvas, &text));
  return cells;
}

/* Half a wide character must not stay behind when its other half is written over. */
static void
blank_halves (RmqCanvas *canvas, gint x, gint y)
{
  RmqCanvasCell *here = cell_at (canvas, x, y);
  RmqCanvasCell *left = cell_at (canvas, x - 1, y);
  RmqCanvasCell *right = cell_at (canvas, x + 1, y);
  if (here->ch == 0 && left != NULL)
    left->ch = ' ';
  else if (right != NULL && right->ch == 0 && here->ch != 0)
    right->ch = ' ';
}

static void
put_char (RmqCanvas *canvas, gint x, gint y, RmqRole role, gunichar ch)
{
  RmqCanvasCell *cell = cell_at (canvas, x, y);
  gboolean wide = cells_of (ch) == 2;
  RmqCanvasCell *half = wide ? cell_at (canvas, x + 1, y) : NULL;
  if (cell == NULL)
    return;
  blank_halves (canvas, x, y);
  if (half != NULL)
    {
      blank_halves (canvas, x + 1, y);
      *half = (RmqCanvasCell){ .ch = 0, .role = role };
    }
  *cell = (RmqCanvasCell){ .ch = wide && half == NULL ? ' ' : ch, .role = role };
}

guint
rmq_canvas_put (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role, const char *text)
{
  gint used = 0;
  gboolean cut = (gint)rmq_canvas_measure (canvas, text) > width;
  gint room = cut ? width - 1 : width;
  if (width <= 0)
    return 0;
  while (*text != '\0')
    {
      gunichar ch = next_char (canvas, &text);
      gint cells = (gint)cells_of (ch);
      if (used + cells > room)
        break;
      put_char (canvas, x + used, y, role, ch);
      used += cells;
    }
  if (cut)
    put_char (canvas, x + used++, y, role, canvas->ascii ? '~' : CUT_MARK);
  return (guint)used;
}

guint
rmq_canvas_put_end (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role, const char *text)
{
  gint lead = MAX (0, width - (gint)rmq_canvas_measure (canvas, text));
  return rmq_canvas_put (canvas, x + lead, y, width - lead, role, text);
}

/* Bytes of text that fit a line of width cells, ended at a blank if there is one. */
static gsize
line_length (const RmqCanvas *canvas, const char *text, gint width)
{
  const char *p = text;
  const char *blank = NULL;
  gint used = 0;
  while (*p != '\0' && *p != '\n')
    {
      const char *here = p;
      used += (gint)cells_of (next_char (canvas, &p));
      if (*here == ' ')
        blank = here;
      if (used > width)
        return (gsize)((blank != NULL ? blank : here) - text);
    }
  return (gsize)(p - text);
}

char **
rmq_canvas_wrap (const RmqCanvas *canvas, const char *text, gint width)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  gint indent = 0; /* of a line that goes on */
  width = MAX (width, 2);
  while (*text != '\0')
    {
      gsize length = line_length (canvas, text, width - indent);
      g_ptr_array_add (lines, g_strdup_printf ("%*s%.*s", indent, "", (int)length, text));
      gboolean goes_on = text[length] != '\n';
      indent = goes_on && indent == 0 ? MIN ((gint)strspn (text, " "), width / 2) : indent;
      text += length;
      if (*text == '\n')
        indent = 0;
      if (*text == ' ' || *text == '\n')
        text++;
    }
  g_ptr_array_add (lines, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&lines), FALSE);
}

void
rmq_canvas_put_wrapped (RmqCanvas *canvas, const RmqArea *area, guint skip, RmqRole role,
                        const char *text)
{
  g_auto (GStrv) lines = rmq_canvas_wrap (canvas, text, area->width);
  guint n = g_strv_length (lines);
  for (guint i = skip; i < n && (gint)(i - skip) < area->height; i++)
    rmq_canvas_put (canvas, area->x, area->y + (gint)(i - skip), area->width, role, lines[i]);
}

void
rmq_canvas_tint (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role)
{
  for (gint i = 0; i < width; i++)
    {
      RmqCanvasCell *cell = cell_at (canvas, x + i, y);
      if (cell != NULL)
        cell->role = role;
    }
}

void
rmq_canvas_clear (RmqCanvas *canvas, const RmqArea *area, RmqRole role)
{
  for (gint y = area->y; y < area->y + area->height; y++)
    for (gint x = area->x; x < area->x + area->width; x++)
      put_char (canvas, x, y, role, ' ');
}

static void
trim_line (GString *out, gsize start, char blank)
{
  while (out->len > start && out->str[out->len - 1] == blank)
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

char *
rmq_canvas_to_text (const RmqCanvas *canvas)
{
  GString *out = g_string_new (NULL);
  for (guint y = 0; y < canvas->height; y++)
    {
      gsize start = out->len;
      for (guint x = 0; x < canvas->width; x++)
        {
          gunichar ch = rmq_canvas_get_cell (canvas, x, y)->ch;
          if (ch != 0)
            g_string_append_unichar (out, ch);
        }
      trim_line (out, start, ' ');
    }
  return g_string_free (out, FALSE);
}

char *
rmq_canvas_to_roles (const RmqCanvas *canvas)
{
  GString *out = g_string_new (NULL);
  G_STATIC_ASSERT (sizeof role_letters == RMQ_N_ROLES + 1);
  for (guint y = 0; y < canvas->height; y++)
    {
      gsize start = out->len;
      for (guint x = 0; x < canvas->width; x++)
        g_string_append_c (out, role_letters[rmq_canvas_get_cell (canvas, x, y)->role]);
      trim_line (out, start, '.');
    }
  return g_string_free (out, FALSE);
}

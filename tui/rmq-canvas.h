/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A grid of cells that views draw on: what curses blits, what --once prints and what stored screens
 * hold. A role says what a cell means; colours are chosen by whoever shows the grid, and every role
 * that matters also has a word or a mark in the text. */

typedef enum
{
  RMQ_ROLE_NORMAL,
  RMQ_ROLE_DIM,      /* internal, or of no weight now */
  RMQ_ROLE_GOOD,     /* up, usable */
  RMQ_ROLE_SLOW,     /* slow, stale, near its timeout */
  RMQ_ROLE_DOWN,     /* down, failed, expired */
  RMQ_ROLE_GAP,      /* truth and belief differ */
  RMQ_ROLE_ALARM,    /* a rule is broken */
  RMQ_ROLE_BAR,      /* title, tabs, keys */
  RMQ_ROLE_PAST,     /* the title of what was, not of what is */
  RMQ_ROLE_HEAD,     /* column heads, section titles */
  RMQ_ROLE_SELECTED, /* the selected row */
  RMQ_ROLE_FIELD,    /* the selected field in it */
  RMQ_N_ROLES,
} RmqRole;

typedef struct
{
  gunichar ch; /* 0: right half of the wide character before it */
  RmqRole role;
} RmqCanvasCell;

typedef struct
{
  gint x, y, width, height;
} RmqArea;

typedef struct _RmqCanvas RmqCanvas;

/* ascii: every character outside ASCII is shown by an ASCII twin, one cell wide. */
RmqCanvas *rmq_canvas_new (guint width, guint height, gboolean ascii);
void rmq_canvas_free (RmqCanvas *canvas); /* nullable */
guint rmq_canvas_get_width (const RmqCanvas *canvas);
guint rmq_canvas_get_height (const RmqCanvas *canvas);
const RmqCanvasCell *rmq_canvas_get_cell (const RmqCanvas *canvas, guint x, guint y);

/* Cells that text takes. Text may come from a peer: what isn't printable is replaced, never obeyed.
 */
guint rmq_canvas_measure (const RmqCanvas *canvas, const char *text);
/* Writes text into width cells at x, y; longer text ends in the cut mark; what lies outside the
 * grid is dropped. Returns the cells taken. */
guint rmq_canvas_put (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role,
                      const char *text);
/* As rmq_canvas_put(), ending at the right edge of the width cells. */
guint rmq_canvas_put_end (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role,
                          const char *text);
/* Breaks text at newlines, and at blanks where a line would be wider than width; what goes on keeps
 * the indentation. (transfer full) */
char **rmq_canvas_wrap (const RmqCanvas *canvas, const char *text, gint width);
/* Wraps text into the area, leaving out its first lines; what has no room is dropped. */
void rmq_canvas_put_wrapped (RmqCanvas *canvas, const RmqArea *area, guint skip, RmqRole role,
                             const char *text);
/* Gives cells another role, keeping their characters. */
void rmq_canvas_tint (RmqCanvas *canvas, gint x, gint y, gint width, RmqRole role);
void rmq_canvas_clear (RmqCanvas *canvas, const RmqArea *area, RmqRole role);

/* Lines without trailing blanks, each ended by a newline. (transfer full) */
char *rmq_canvas_to_text (const RmqCanvas *canvas);
/* The same grid, a letter per cell for its role, '.' for a normal one. (transfer full) */
char *rmq_canvas_to_roles (const RmqCanvas *canvas);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqCanvas, rmq_canvas_free)

G_END_DECLS

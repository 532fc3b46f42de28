/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-canvas.h"

G_BEGIN_DECLS

/* The terminal: takes it, shows a canvas, decodes keys, gives it back. One at a time, one thread.
 */

typedef struct _RmqScreen RmqScreen;

/* Standard output is a terminal that can be drawn on. */
gboolean rmq_screen_is_possible (void);
/* Sources for signals must exist before, lest curses take them. */
RmqScreen *rmq_screen_open (GError **error);
void rmq_screen_close (RmqScreen *screen); /* nullable */
/* FALSE: the locale isn't UTF-8. */
gboolean rmq_screen_is_utf8 (const RmqScreen *screen);
int rmq_screen_get_input (const RmqScreen *screen); /* file descriptor of the keys */
void rmq_screen_get_size (const RmqScreen *screen, guint *width, guint *height);
/* Reads the size anew, after SIGWINCH. */
void rmq_screen_resize (RmqScreen *screen);
void rmq_screen_blit (RmqScreen *screen, const RmqCanvas *canvas);
/* The next blit draws every cell. */
void rmq_screen_repaint (RmqScreen *screen);
/* Gives the terminal to the shell, stops the process group, takes it again when continued. */
void rmq_screen_suspend (RmqScreen *screen);
/* RMQ_KEY_NONE: no key waits. */
guint32 rmq_screen_read_key (RmqScreen *screen);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <termios.h>

G_BEGIN_DECLS

/* Gives the terminal back when the process dies without asking: SEGV, BUS, FPE, ILL, ABRT, exit().
 * While armed, standard error goes to memory, since any byte of it would tear the screen; it comes
 * out when the terminal is back. */

/* reset: what to write to tty so that it looks as before. One terminal at a time. */
void rmq_terminal_rescue_arm (int tty, const char *reset, const struct termios *saved);
void rmq_terminal_rescue_disarm (void);
/* Gives the terminal back now, as a crash would; for a fatal log line. */
void rmq_terminal_rescue_now (void);

G_END_DECLS

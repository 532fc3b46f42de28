/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GLib's log while the dashboard is up: lines are kept and shown as events. A custom writer
 * silently disables fatal levels, so this one sees to them itself, after the terminal has been
 * given back. */

/* From now on lines are kept; installs the writer on first use. */
void rmq_dashboard_log_begin (void);
/* From now on lines go where they always did. */
void rmq_dashboard_log_end (void);
/* The next kept line; NULL: none. (transfer full) */
char *rmq_dashboard_log_take (void);

G_END_DECLS

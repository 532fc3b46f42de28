/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-run.h"

G_BEGIN_DECLS

/* The dashboard on a run. */

/* Standard output is a terminal that can be drawn on; else a run has to be headless. */
gboolean rmq_dashboard_is_possible (void);

typedef struct
{
  gboolean ascii;  /* as in a locale without UTF-8 */
  guint64 goto_ev; /* where a simulated run stands at first, paused; 0: at its time 0, going */
} RmqDashboardOptions;

/* Takes the terminal and shows the run until the user quits or the process is asked to end; drives
 * a simulated run by the wall clock. When it returns the terminal is as before; the run is over or
 * was quit before its end, and its report is for the caller to print: it is another run if the user
 * went on from a past moment. FALSE: the terminal can't be had, nothing was run. */
gboolean rmq_dashboard_run (RmqRun **run, const RmqDashboardOptions *options, GError **error);

/* One screen of the run as it stands, as text. tab: id of a view ("flow", "clients", …), NULL = the
 * first; unknown: NULL is returned. (transfer full) */
char *rmq_dashboard_render_once (RmqRun *run, const char *tab, guint width, guint height,
                                 gboolean ascii);

G_END_DECLS

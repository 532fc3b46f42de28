/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-feed.h"

G_BEGIN_DECLS

/* Lets the model see the run as it stands, and remember it. */
void rmq_dashboard_feed_remember (RmqDashboardFeed *feed);

/* ---- the run once more (rmq-dashboard-again.c) --------------------------- */

void rmq_dashboard_feed_forget_again (RmqDashboardFeed *feed);
/* The answer to a line that is given at the moment that is looked at; the run goes on from there
 * unless it was only asked. NULL: nothing was done, diagnostics says why. (transfer full) */
char *rmq_dashboard_feed_execute_in_past (RmqDashboardFeed *feed, const char *line,
                                          RmqDiagnostics *diagnostics);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-run.h"

G_BEGIN_DECLS

/* What a run leaves behind in a folder, for other programs to read: report.json and report.txt as
 * they are printed, junit.xml with a test per claim, sends.ndjson with a line per send, report.html
 * to look at, messages.svg as it stands in that. Files of these names are replaced. While it runs
 * somebody else may write events.log there. */

/* Before the run; makes the folder if it isn't there. */
gboolean rmq_result_folder_open (const char *folder, GError **error);
gboolean rmq_result_folder_write (RmqRun *run, const RmqReport *report, const char *folder,
                                  GError **error);

G_END_DECLS

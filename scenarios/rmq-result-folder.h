/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-run.h"

G_BEGIN_DECLS

/* What a finished run leaves behind in a folder, for other programs to read: report.json and
 * report.txt as they are printed, sends.ndjson with a line per send. The folder is made if it isn't
 * there; files of these names are replaced. */
gboolean rmq_result_folder_write (RmqRun *run, const RmqReport *report, const char *folder,
                                  GError **error);

G_END_DECLS

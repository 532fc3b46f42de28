/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-run.h"

G_BEGIN_DECLS

/* Writes the events of a run into a file while it runs, in the form of rmq-event-text.h. For
 * whoever drives the run. */

typedef struct _RmqEventWriter RmqEventWriter;

/* From the run's first event on; the run must outlive it. NULL: the file can't be written. */
RmqEventWriter *rmq_event_writer_new (RmqRun *run, const char *path, GError **error);
/* The run has come as far as it should be seen. FALSE: the file is not whole. Frees it. */
gboolean rmq_event_writer_finish (RmqEventWriter *writer, GError **error);

G_END_DECLS

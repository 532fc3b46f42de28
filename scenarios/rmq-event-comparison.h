/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-run.h"

G_BEGIN_DECLS

/* A simulated run held against the log of another, event by event, while it runs. The first event
 * that differs decides: whoever drives the run then stops. */

typedef struct _RmqEventComparison RmqEventComparison;

typedef enum
{
  RMQ_COMPARED_SAME,      /* so far, or to the end */
  RMQ_COMPARED_DIFFERENT, /* and the context of the difference was seen */
  RMQ_COMPARED_CUT_OFF,   /* the same, but the log ends before its run did */
} RmqCompared;

/* Before the run is driven; the run must outlive it. NULL: the file is no event log, damaged, or of
 * another scenario, profile or seed. */
RmqEventComparison *rmq_event_comparison_new (RmqRun *run, const char *path, GError **error);
void rmq_event_comparison_free (RmqEventComparison *comparison); /* nullable */
/* Nothing that happens from here on could change what it says. */
gboolean rmq_event_comparison_is_decided (const RmqEventComparison *comparison);
/* The run has come to its end, or was stopped where it differs. */
RmqCompared rmq_event_comparison_finish (RmqEventComparison *comparison);
/* What there is to say after that, in lines. (transfer full) */
char *rmq_event_comparison_format (const RmqEventComparison *comparison);
/* The same as one JSON document. (transfer full) */
char *rmq_event_comparison_to_json (const RmqEventComparison *comparison);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqEventComparison, rmq_event_comparison_free)

G_END_DECLS

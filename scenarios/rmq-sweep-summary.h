/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-seed-result.h"
#include "rmq-sweep-plan.h"

G_BEGIN_DECLS

/* What a sweep comes to, from its results in the order of the plan: which claims failed, in which
 * seed first, and how figures are spread. Says the same of the same results, wherever and by how
 * many processes they were made. */

typedef struct _RmqSweepSummary RmqSweepSummary;

/* plan: borrowed. */
RmqSweepSummary *rmq_sweep_summary_new (const RmqSweepPlan *plan);
void rmq_sweep_summary_free (RmqSweepSummary *summary); /* nullable */

/* number: of the run in the plan. */
void rmq_sweep_summary_add (RmqSweepSummary *summary, guint64 number, const RmqSeedResult *result);
/* What there is to say besides, and makes it incomplete: missing runs. Takes text. */
void rmq_sweep_summary_complain (RmqSweepSummary *summary, char *text);
/* What there is to say besides. Takes text. */
void rmq_sweep_summary_note (RmqSweepSummary *summary, char *text);

guint64 rmq_sweep_summary_get_n_failed (const RmqSweepSummary *summary);
/* As of one run: 1 if one failed, 4 if one is unknown or missing, else 0. */
gint rmq_sweep_summary_get_status (const RmqSweepSummary *summary);
char *rmq_sweep_summary_format (const RmqSweepSummary *summary);  /* (transfer full) */
char *rmq_sweep_summary_to_json (const RmqSweepSummary *summary); /* (transfer full) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSweepSummary, rmq_sweep_summary_free)

G_END_DECLS

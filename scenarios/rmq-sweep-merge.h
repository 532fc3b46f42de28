/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-sweep-summary.h"
#include "rmq-sweep-workers.h"

G_BEGIN_DECLS

/* Joins the files of shards into the sweep they are parts of. */

typedef struct _RmqSweepMerge RmqSweepMerge;

/* Opens every shard's file in these folders (NULL at the end). NULL: one can't be read, or they are
 * of different sweeps; error says which. */
RmqSweepMerge *rmq_sweep_merge_new (char **folders, GError **error);
const RmqSweepPlan *rmq_sweep_merge_get_plan (const RmqSweepMerge *merge);

typedef struct
{
  guint64 n_missing;
  guint64 n_doubled;   /* found more than once, and always the same */
  guint64 n_different; /* found more than once, and not the same */
} RmqSweepMergeCounts;
/* Hands over each run that was found, in the order of the plan, once; tells summary of what is
 * missing, doubled or different. FALSE: error is set. */
gboolean rmq_sweep_merge_run (RmqSweepMerge *merge, RmqSweepSummary *summary, RmqSweepFunc func,
                              gpointer data, GError **error);
RmqSweepMergeCounts rmq_sweep_merge_get_counts (const RmqSweepMerge *merge);
void rmq_sweep_merge_free (RmqSweepMerge *merge); /* nullable */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSweepMerge, rmq_sweep_merge_free)

G_END_DECLS

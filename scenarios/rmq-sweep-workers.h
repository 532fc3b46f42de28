/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-seed-result.h"
#include "rmq-sweep-plan.h"

G_BEGIN_DECLS

/* Runs this shard's part of a plan in worker processes. Results come in the order of the plan,
 * whatever the number of workers and however fast each is. */

#define RMQ_SWEEP_JOBS_MAX 1024

typedef struct
{
  guint64 number;   /* of the run in the plan */
  const char *line; /* of rmq_seed_result_to_line(): borrowed */
  const RmqSeedResult *result;
} RmqSweepOutcome;
/* FALSE: no more; error is set. */
typedef gboolean (*RmqSweepFunc) (const RmqSweepOutcome *outcome, gpointer data, GError **error);

typedef enum
{
  RMQ_SWEEP_DONE,
  RMQ_SWEEP_INTERRUPTED, /* by SIGINT or SIGTERM: what had come in order was handed over */
  RMQ_SWEEP_BROKEN,      /* error is set */
} RmqSweepEnd;

/* To be called while the program has one thread: workers are forks of it. A worker that dies fails
 * its run, and another goes on behind it. Waits for all workers before it returns. */
RmqSweepEnd rmq_sweep_run (const RmqSweepPlan *plan, guint n_jobs, RmqSweepFunc func, gpointer data,
                           GError **error);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-scenario.h"

G_BEGIN_DECLS

/* Which runs a sweep consists of, and which of them are this shard's. Runs are numbered from 0:
 * scenario by scenario, in each seed by seed. Shard K of N has the runs K-1, K-1+N, K-1+2N, …, so
 * that shards are disjoint, complete, and as long as each other to one run. */

#define RMQ_SWEEP_RUNS_MAX 100000000
#define RMQ_SWEEP_SHARDS_MAX 100000

typedef struct
{
  char *name;
  char *digest;          /* of its statements, as SHA-256: another text is another sweep */
  RmqScenario *scenario; /* (nullable): known by name only, results are merged */
} RmqSweepScenario;

typedef struct
{
  GPtrArray *scenarios; /* of RmqSweepScenario */
  guint64 first_seed, last_seed;
  guint shard, n_shards; /* shard from 1; 0: all of them, merged */
  char *profile;         /* (nullable): of the producers */
  guint64 max_events;    /* of a run; 0: RMQ_SEED_EVENTS_MAX */
} RmqSweepPlan;

RmqSweepPlan *rmq_sweep_plan_new (void);       /* seeds 1 to 100, one shard, no scenario */
void rmq_sweep_plan_free (RmqSweepPlan *plan); /* nullable */

/* "200": 1 to 200; "17..40". FALSE: error says what would do. */
gboolean rmq_sweep_plan_set_seeds (RmqSweepPlan *plan, const char *text, GError **error);
/* "2/8" */
gboolean rmq_sweep_plan_set_shard (RmqSweepPlan *plan, const char *text, GError **error);
/* After the seeds. FALSE: there is one of that name, or runs would be too many. */
gboolean rmq_sweep_plan_add (RmqSweepPlan *plan, RmqScenario *scenario, GError **error);
/* As above, where only its name is known. */
gboolean rmq_sweep_plan_add_name (RmqSweepPlan *plan, const char *name, const char *digest,
                                  GError **error);

guint64 rmq_sweep_plan_get_n_seeds (const RmqSweepPlan *plan);
guint64 rmq_sweep_plan_get_n_runs (const RmqSweepPlan *plan); /* of all shards */
guint64 rmq_sweep_plan_get_n_mine (const RmqSweepPlan *plan); /* of this shard */

typedef struct
{
  const RmqSweepScenario *scenario; /* borrowed */
  guint scenario_index;
  guint64 seed;
} RmqSweepRun;
RmqSweepRun rmq_sweep_plan_get_run (const RmqSweepPlan *plan, guint64 number);
/* Number of the index-th run of this shard. */
guint64 rmq_sweep_plan_get_mine (const RmqSweepPlan *plan, guint64 index);
/* FALSE: it belongs to another sweep. */
gboolean rmq_sweep_plan_find_run (const RmqSweepPlan *plan, const char *scenario, guint64 seed,
                                  guint64 *number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSweepPlan, rmq_sweep_plan_free)

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-sweep-summary.h"

G_BEGIN_DECLS

/* What a claim came to over the runs of its scenario. */
typedef struct
{
  guint line; /* of the scenario; G_MAXUINT: none, as invariants */
  const char *kind;
  char *text;
  guint64 counts[RMQ_N_VERDICTS];
  /* the first run, in the order of the plan, that failed or was unknown */
  guint64 first_seed[RMQ_N_VERDICTS];
  guint64 first_ev[RMQ_N_VERDICTS];
  char *first_evidence[RMQ_N_VERDICTS];
  char *first_replay[RMQ_N_VERDICTS];
  GArray *numbers; /* of gint64: what was judged, where it was a number */
  const char *unit;
} RmqSweepClaim;

typedef struct
{
  const RmqSweepScenario *scenario;
  guint64 counts[RMQ_N_VERDICTS]; /* of whole runs */
  GPtrArray *claims;              /* of RmqSweepClaim, by line, then text */
  GArray *figures[RMQ_N_FIGURES]; /* of gint64 */
} RmqSweepStory;

struct _RmqSweepSummary
{
  const RmqSweepPlan *plan;
  GPtrArray *stories; /* of RmqSweepStory, one per scenario of the plan */
  guint64 counts[RMQ_N_VERDICTS];
  GPtrArray *complaints, *notes; /* of char */
  GChecksum *hash;               /* of the hashes of all runs */
};

/* "min" "median" "p99" "max" of values, which are sorted by it. */
#define RMQ_SPREAD_N 4
extern const char *const rmq_spread_names[RMQ_SPREAD_N];
void rmq_spread_take (GArray *values, gint64 spread[RMQ_SPREAD_N]);

char *rmq_sweep_summary_get_hash (const RmqSweepSummary *summary); /* (transfer full) */

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-scenario.h"

G_BEGIN_DECLS

/* Makes a failing scenario small: deletes lines and words, lessens counts, drops single firings of
 * outages, as long as the same claim is the first one that fails. The same scenario and seed shrink
 * to the same text. */

typedef void (*RmqShrinkFunc) (guint n_runs, guint n_lines, gpointer data);

typedef struct
{
  guint64 seed;
  const char *profile;    /* (nullable): of the producers */
  guint max_runs;         /* it stops there with what it has; 0: RMQ_SHRINK_RUNS_MAX */
  RmqShrinkFunc progress; /* (nullable): before each run */
  gpointer progress_data;
} RmqShrinkOptions;
#define RMQ_SHRINK_RUNS_MAX 2000

typedef struct
{
  char *text;           /* a scenario of its own, with its seed; fails as said */
  char *claim, *kind;   /* the claim that fails first */
  char *evidence;       /* with what is left */
  GPtrArray *changes;   /* of char: a line's number, and what became of it */
  guint n_lines_before; /* statements, without the seed's */
  guint n_lines;
  guint n_runs;
  gboolean bounded;     /* max_runs was reached */
  gboolean interrupted; /* by SIGINT or SIGTERM */
} RmqShrinkResult;

/* The scenario must be one that can be run. To be called while the program has one thread. NULL:
 * nothing fails with that seed, or no run can be made; error says so. */
RmqShrinkResult *rmq_shrink (RmqScenario *scenario, const RmqShrinkOptions *options,
                             GError **error);
void rmq_shrink_result_free (RmqShrinkResult *result);           /* nullable */
char *rmq_shrink_result_format (const RmqShrinkResult *result);  /* the story (transfer full) */
char *rmq_shrink_result_to_json (const RmqShrinkResult *result); /* (transfer full) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqShrinkResult, rmq_shrink_result_free)

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-shrink.h"

G_BEGIN_DECLS

/* A line that is still there. */
typedef struct
{
  guint origin; /* index of the statement that it was */
  char *text;
} RmqShrinkLine;

/* What is being made smaller. */
typedef struct
{
  const RmqShrinkOptions *options;
  const char *name;   /* of the scenario */
  GPtrArray *lines;   /* of RmqShrinkLine: the smallest that is known to fail */
  RmqScenario *read;  /* these lines; a statement per line */
  GHashTable *tried;  /* texts that don't do; looked up, never iterated */
  char *claim, *kind; /* what must fail first */
  char *evidence;
  GPtrArray *errors; /* of static char: how sends failed at first; in no other way may they */
  guint64 max_events;
  guint n_runs;
  gboolean bounded, interrupted;
  GError *error; /* (nullable): no run can be made any more */
} RmqShrink;

GPtrArray *rmq_shrink_copy_lines (const GPtrArray *lines); /* (transfer full) */
RmqShrinkLine *rmq_shrink_line_new (guint origin, const char *text);

/* If candidate can be run and fails as wanted, it is what there is from now on. Takes candidate. */
gboolean rmq_shrink_try (RmqShrink *shrink, GPtrArray *candidate);
gboolean rmq_shrink_may_go_on (const RmqShrink *shrink);

/* The passes: TRUE if something became smaller. */
gboolean rmq_shrink_lines (RmqShrink *shrink, guint from, guint until);
gboolean rmq_shrink_words (RmqShrink *shrink);
gboolean rmq_shrink_counts (RmqShrink *shrink);
gboolean rmq_shrink_firings (RmqShrink *shrink);

G_END_DECLS

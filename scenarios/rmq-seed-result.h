/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

#include "rmq-report.h"
#include "rmq-scenario.h"

G_BEGIN_DECLS

/* One simulated run from its beginning to its end, and what is kept of it: its report, and figures
 * that can be set beside those of other seeds. As a line of JSON it crosses processes and machines;
 * evidence of claims that hold stays behind. */

/* In the order of rmq_figures. */
typedef enum
{
  RMQ_FIGURE_SENDS,
  RMQ_FIGURE_FAILED,
  RMQ_FIGURE_UNKNOWN,
  RMQ_FIGURE_ATTEMPTS,
  RMQ_FIGURE_DUPLICATES,
  RMQ_FIGURE_GHOSTS,
  RMQ_FIGURE_MEDIAN,
  RMQ_FIGURE_P99,
  RMQ_FIGURE_LONGEST,
  RMQ_FIGURE_EVENTS,
  RMQ_N_FIGURES,
} RmqFigureId;

typedef struct
{
  const char *id;    /* in JSON */
  const char *title; /* for people */
  gboolean is_time;  /* in µs */
} RmqFigure;
extern const RmqFigure rmq_figures[RMQ_N_FIGURES];
/* Of gint64. The value that so many percent don't exceed (nearest rank); 0: there is none. */
void rmq_figures_sort (GArray *values);
gint64 rmq_figures_pick (const GArray *sorted, guint percent);

typedef struct
{
  RmqReport *report;
  gint64 figures[RMQ_N_FIGURES];
  GPtrArray *errors; /* of static char: how sends failed, "broker 2", in order of appearance */
} RmqSeedResult;

typedef struct
{
  guint64 seed;
  const char *profile; /* (nullable): of the producers */
  guint64 max_events;  /* the run is cut off there, and is incomplete; 0: RMQ_SEED_EVENTS_MAX */
} RmqSeedOptions;
/* A run that never ends by itself must not hold up the others. */
#define RMQ_SEED_EVENTS_MAX 50000000

/* Runs it here and now. One that can't be started is a result too: a failed one that says why. */
RmqSeedResult *rmq_seed_result_run (RmqScenario *scenario, const RmqSeedOptions *options);
/* Of a run that nobody could judge: one failed claim of kind "run". */
RmqSeedResult *rmq_seed_result_new_failed (RmqScenario *scenario, const RmqSeedOptions *options,
                                           const char *claim, const char *evidence);
/* As it knows nothing yet. Takes report. */
RmqSeedResult *rmq_seed_result_new (RmqReport *report);
/* Once, however often it is added. */
void rmq_seed_result_add_error (RmqSeedResult *result, const char *error);
void rmq_seed_result_free (RmqSeedResult *result); /* nullable */

/* Of the claims that failed the one whose first offending event came first; those without an event
 * come last, in the order of the report. (nullable): none failed. */
const RmqFinding *rmq_report_find_first_failure (const RmqReport *report);

char *rmq_seed_result_to_line (const RmqSeedResult *result); /* without the newline */
/* NULL: it is no such line. profile as in RmqSeedOptions. */
RmqSeedResult *rmq_seed_result_from_line (const char *line, const char *profile, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSeedResult, rmq_seed_result_free)

G_END_DECLS

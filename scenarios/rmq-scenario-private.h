/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-reader.h"
#include "rmq-scenario.h"

G_BEGIN_DECLS

#define RMQ_SETTLE_DEFAULT_US (5 * G_USEC_PER_SEC)

/* How far a scenario has grown, to take back what was added since. */
typedef struct
{
  guint n_statements;
  guint n_names;
} RmqScenarioMark;
RmqScenarioMark rmq_scenario_mark (RmqScenario *scenario);
void rmq_scenario_rollback (RmqScenario *scenario, const RmqScenarioMark *mark);

/* The first statement of that form. (nullable) */
const RmqStatement *rmq_scenario_find (RmqScenario *scenario, const RmqStatementForm *form);
const RmqNames *rmq_scenario_get_names (RmqScenario *scenario);
/* One without statements that knows the same names. */
RmqScenario *rmq_scenario_new_alike (RmqScenario *scenario);
/* Statements from that one on were typed: they stand in no line of the file. */
void rmq_scenario_forget_lines (RmqScenario *scenario, guint from);
/* Its first n statements anew, but for those that are given at a moment (transfer full) */
RmqScenario *rmq_scenario_take_declared (RmqScenario *scenario, guint n);
/* A name that no statement declares. */
void rmq_scenario_declare (RmqScenario *scenario, const char *name, RmqNameKind kind);
gint64 rmq_scenario_get_settle_us (RmqScenario *scenario);

G_END_DECLS

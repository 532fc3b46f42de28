/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-diagnostic.h"
#include "rmq-statement.h"

G_BEGIN_DECLS

/* A scenario as read: its statements in order, and what they declare. Grows by whole texts that
 * are without error, never shrinks. */

typedef struct _RmqScenario RmqScenario;

/* Reads a file, or a shipped scenario by its name ("broker-a-dies"). Never NULL: what is wrong is
 * in diagnostics. */
RmqScenario *rmq_scenario_load (const char *name, RmqDiagnostics *diagnostics);
RmqScenario *rmq_scenario_new (const char *name);
RmqScenario *rmq_scenario_ref (RmqScenario *scenario);
void rmq_scenario_unref (RmqScenario *scenario);
/* Adds the statements of a text, all or none. FALSE: errors were added to diagnostics. */
gboolean rmq_scenario_add_text (RmqScenario *scenario, const char *text,
                                RmqDiagnostics *diagnostics);
/* An error at 1:1 if nothing would be sent. */
gboolean rmq_scenario_require_workload (RmqScenario *scenario, RmqDiagnostics *diagnostics);

const char *rmq_scenario_get_name (RmqScenario *scenario);  /* as the user named it */
const char *rmq_scenario_get_title (RmqScenario *scenario); /* (nullable) */
guint rmq_scenario_get_n_statements (RmqScenario *scenario);
const RmqStatement *rmq_scenario_get_statement (RmqScenario *scenario, guint index);
gboolean rmq_scenario_get_seed (RmqScenario *scenario, guint64 *seed);
gint64 rmq_scenario_get_stop_at_us (RmqScenario *scenario); /* G_MAXINT64: none */

/* Words that may stand where the text ends, its last word being completed; sorted, NULL at the end.
 * (transfer full) */
char **rmq_scenario_complete (RmqScenario *scenario, const char *text);

/* Names of the shipped scenarios, sorted, NULL at the end. (transfer full) */
char **rmq_scenario_list_shipped (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqScenario, rmq_scenario_unref)

G_END_DECLS

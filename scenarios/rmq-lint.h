/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-scenario.h"

G_BEGIN_DECLS

/* Reads a scenario that has no errors and adds warnings: what can't do what it looks like. Runs
 * nothing. */
void rmq_lint (RmqScenario *scenario, RmqDiagnostics *diagnostics);

G_END_DECLS

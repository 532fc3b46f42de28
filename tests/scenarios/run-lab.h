/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-run-private.h"

/* Runs for tests. */

RmqScenario *run_lab_load (const char *name);
RmqScenario *run_lab_read (const char *text);
/* Not yet driven. */
RmqRun *run_lab_start (RmqScenario *scenario, guint64 seed);
/* To its end. */
RmqRun *run_lab_finish (RmqScenario *scenario, guint64 seed);
RmqReport *run_lab_judge_named (const char *name, guint64 seed);

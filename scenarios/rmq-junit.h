/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-report.h"

G_BEGIN_DECLS

/* Reports as JUnit's XML, as CI servers read it. A claim that failed is a failure, one that nothing
 * was judged by an error: neither passes. Times are the scenario's. */

typedef struct _RmqJunit RmqJunit;

RmqJunit *rmq_junit_new (void);
void rmq_junit_free (RmqJunit *junit); /* nullable */
/* A suite of its own, in which every claim is a test. */
void rmq_junit_add_claims (RmqJunit *junit, const RmqReport *report);
/* The whole run is one test, in its scenario's suite: that of the run before it, or a new one. */
void rmq_junit_add_run (RmqJunit *junit, const RmqReport *report);
char *rmq_junit_format (RmqJunit *junit); /* (transfer full) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqJunit, rmq_junit_free)

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-evidence.h"
#include "rmq-report.h"

G_BEGIN_DECLS

/* The report as a page to look at, one file without anything from outside: verdict, what was
 * claimed with its evidence, sends over time beside outages, what clients knew, the message
 * diagram, the command that makes the run again. diagram: as rmq_message_diagram_format() made it.
 * Reads the evidence only. (transfer full) */
char *rmq_result_page_format (const RmqEvidence *evidence, const RmqReport *report,
                              const char *diagram);

G_END_DECLS

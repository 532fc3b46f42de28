/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-evidence.h"

G_BEGIN_DECLS

/* The listener. */
void rmq_evidence_take_event (const RmqEvent *event, gpointer evidence);
RmqBrokerRecord *rmq_evidence_find_broker (const RmqEvidence *evidence, const char *name);

G_END_DECLS

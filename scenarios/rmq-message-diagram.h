/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-evidence.h"

G_BEGIN_DECLS

/* Who sent what to whom, downwards in time: a lane for the name servers, each producer, each
 * broker. Of many messages those are shown that say most: the first ones, those that failed, were
 * tried again or are stored more than once. A whole SVG document, its text can be selected. Reads
 * the evidence only. (transfer full) */
char *rmq_message_diagram_format (const RmqEvidence *evidence);

/* Text for markup: escaped, and what markup has no way to write replaced. */
void rmq_markup_append (GString *out, const char *text);

G_END_DECLS

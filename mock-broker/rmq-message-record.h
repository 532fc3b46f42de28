/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-store.h"

G_BEGIN_DECLS

/* The record of a message as the log of a real broker holds it: what a pull, a query and a check
 * carry. store_host: "ip:port". Appended to out. */
void rmq_stored_message_encode (const RmqStoredMessage *message, const char *store_host,
                                GByteArray *out);

G_END_DECLS

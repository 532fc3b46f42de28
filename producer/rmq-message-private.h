/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-codec.h"
#include "rmq-message.h"

G_BEGIN_DECLS

const RmqProperties *rmq_message_get_properties (RmqMessage *message);
/* Gives the message its UNIQ_KEY; the message must not have one. Caller of a send only. */
void rmq_message_set_uniq_key (RmqMessage *message, const char *uniq_key);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"
#include "rmq-send-result.h"

G_BEGIN_DECLS

/* Makes the result of an answer that means "stored". NULL with error: the answer lacks what a
 * result needs (no ext fields: a null pointer in Java). */
RmqSendResult *rmq_send_result_new (RmqSendStatus status, RmqRemotingCommand *response,
                                    RmqMessageQueue *asked_queue, const char *msg_id,
                                    guint attempts, GError **error);
/* FALSE: the code doesn't mean "stored". */
gboolean rmq_send_status_from_code (gint code, RmqSendStatus *status);

G_END_DECLS

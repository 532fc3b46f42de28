/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message.h"
#include "rmq-profile.h"

G_BEGIN_DECLS

/* Mirrors org.apache.rocketmq.client.Validators. All errors are RMQ_CLIENT_ERROR. */
gboolean rmq_validate_group (const RmqProfile *profile, const char *group, GError **error);
gboolean rmq_validate_topic (const RmqProfile *profile, const char *topic, GError **error);
/* message (nullable). */
gboolean rmq_validate_message (const RmqProfile *profile, RmqMessage *message,
                               gsize max_body_size_bytes, GError **error);

G_END_DECLS

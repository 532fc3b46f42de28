/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "rmq-error.h"

G_BEGIN_DECLS

/* Boxed, reference-counted; not to be changed once it was given to a send that has not completed. Mirrors
 * Message. Setters may be used by one thread at a time. */
#define RMQ_TYPE_MESSAGE (rmq_message_get_type ())
typedef struct _RmqMessage RmqMessage;
RMQ_EXPORT GType rmq_message_get_type (void);
RMQ_EXPORT RmqMessage *rmq_message_new (const char *topic, GBytes *body);
RMQ_EXPORT RmqMessage *rmq_message_ref (RmqMessage *message);
RMQ_EXPORT void rmq_message_unref (RmqMessage *message);
RMQ_EXPORT const char *rmq_message_get_topic (RmqMessage *message);
RMQ_EXPORT GBytes *rmq_message_get_body (RmqMessage *message);
RMQ_EXPORT void rmq_message_set_tags (RmqMessage *message, const char *tags);
RMQ_EXPORT const char *rmq_message_get_tags (RmqMessage *message);
RMQ_EXPORT void rmq_message_set_keys (RmqMessage *message, const char *keys);
RMQ_EXPORT const char *rmq_message_get_keys (RmqMessage *message);
RMQ_EXPORT void rmq_message_set_flag (RmqMessage *message, gint flag);
RMQ_EXPORT gint rmq_message_get_flag (RmqMessage *message);
RMQ_EXPORT void rmq_message_set_wait_store_msg_ok (RmqMessage *message, gboolean wait);
/* FALSE with RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE: a reserved name, or an empty name or value. */
RMQ_EXPORT gboolean rmq_message_put_user_property (RmqMessage *message, const char *name, const char *value,
                                                   GError **error);
RMQ_EXPORT const char *rmq_message_get_property (RmqMessage *message, const char *name);
/* UNIQ_KEY, given by the first send. (nullable) */
RMQ_EXPORT const char *rmq_message_get_msg_id (RmqMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqMessage, rmq_message_unref)

G_END_DECLS

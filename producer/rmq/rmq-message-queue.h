/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "rmq-error.h"

G_BEGIN_DECLS

/* Boxed, reference-counted, immutable: (topic, broker name, queue id). Mirrors MessageQueue. */
#define RMQ_TYPE_MESSAGE_QUEUE (rmq_message_queue_get_type ())
typedef struct _RmqMessageQueue RmqMessageQueue;
RMQ_EXPORT GType rmq_message_queue_get_type (void);
RMQ_EXPORT RmqMessageQueue *rmq_message_queue_new (const char *topic, const char *broker_name, gint queue_id);
RMQ_EXPORT RmqMessageQueue *rmq_message_queue_ref (RmqMessageQueue *queue);
RMQ_EXPORT void rmq_message_queue_unref (RmqMessageQueue *queue);
RMQ_EXPORT const char *rmq_message_queue_get_topic (RmqMessageQueue *queue);
RMQ_EXPORT const char *rmq_message_queue_get_broker_name (RmqMessageQueue *queue);
RMQ_EXPORT gint rmq_message_queue_get_queue_id (RmqMessageQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqMessageQueue, rmq_message_queue_unref)

G_END_DECLS

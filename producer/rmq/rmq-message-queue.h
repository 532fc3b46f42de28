/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "rmq-error.h"

G_BEGIN_DECLS

#define RMQ_TYPE_MESSAGE_QUEUE (rmq_message_queue_get_type ())

/**
 * RmqMessageQueue:
 *
 * The name of one queue: topic, broker name and number. Immutable and reference-counted; may be
 * used from any thread. Mirrors `org.apache.rocketmq.common.message.MessageQueue`.
 *
 * Since: 0.1
 */
typedef struct _RmqMessageQueue RmqMessageQueue;
RMQ_EXPORT GType rmq_message_queue_get_type (void);

/**
 * rmq_message_queue_new:
 * @topic: a topic
 * @broker_name: the name of a broker (a replica set, not an address)
 * @queue_id: the number of the queue on that broker, from 0
 *
 * Names a queue. Nobody is asked whether it exists.
 *
 * Returns: (transfer full): the queue
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessageQueue *rmq_message_queue_new (const char *topic, const char *broker_name,
                                                   gint queue_id);

/**
 * rmq_message_queue_ref:
 * @queue: a queue
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @queue
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessageQueue *rmq_message_queue_ref (RmqMessageQueue *queue);

/**
 * rmq_message_queue_unref:
 * @queue: (nullable) (transfer full): a queue
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_queue_unref (RmqMessageQueue *queue);

/**
 * rmq_message_queue_get_topic:
 * @queue: a queue
 *
 * Returns: (transfer none): its topic
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_queue_get_topic (RmqMessageQueue *queue);

/**
 * rmq_message_queue_get_broker_name:
 * @queue: a queue
 *
 * Returns: (transfer none): the name of its broker
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_queue_get_broker_name (RmqMessageQueue *queue);

/**
 * rmq_message_queue_get_queue_id:
 * @queue: a queue
 *
 * Returns: its number on its broker, from 0
 *
 * Since: 0.1
 */
RMQ_EXPORT gint rmq_message_queue_get_queue_id (RmqMessageQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqMessageQueue, rmq_message_queue_unref)

G_END_DECLS

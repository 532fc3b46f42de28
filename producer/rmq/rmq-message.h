/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "rmq-error.h"

G_BEGIN_DECLS

#define RMQ_TYPE_MESSAGE (rmq_message_get_type ())

/**
 * RmqMessage:
 *
 * A message before it is sent: topic, body and properties. Reference-counted. Its setters belong to
 * one thread at a time; once it was given to a send it must not be changed until that send has
 * ended. Mirrors `org.apache.rocketmq.common.message.Message`.
 *
 * Since: 0.1
 */
typedef struct _RmqMessage RmqMessage;
RMQ_EXPORT GType rmq_message_get_type (void);

/**
 * rmq_message_new:
 * @topic: where it goes
 * @body: (nullable): what it carries; a message without body is refused when it is sent
 *
 * Makes a message. It is born with the property `WAIT` = `true`, as in Java.
 *
 * Returns: (transfer full): the message
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessage *rmq_message_new (const char *topic, GBytes *body);

/**
 * rmq_message_new_batch:
 * @messages: (array length=n_messages): what it holds; of one topic, with one property `WAIT`
 * @n_messages: how many, at least 1
 * @error: return location for %RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE
 *
 * Makes one message of many: it is sent in one request, to one queue, and either all of them are
 * stored or none. Each form of sending but oneway takes it. Batches are not compressed; together,
 * encoded, they must fit into [method@Producer.set_max_message_size]. Delayed messages and those of
 * a retry topic are refused. The members must not be changed until the send has ended. Mirrors
 * `MessageBatch#generateFromList`.
 *
 * Returns: (transfer full): the batch, or %NULL with @error set
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessage *rmq_message_new_batch (RmqMessage *const *messages, guint n_messages,
                                              GError **error);

/**
 * rmq_message_get_n_members:
 * @message: a message
 *
 * Returns: how many messages the batch holds; 0: it is no batch
 *
 * Since: 0.1
 */
RMQ_EXPORT guint rmq_message_get_n_members (RmqMessage *message);

/**
 * rmq_message_get_member:
 * @message: a batch
 * @index: below [method@Message.get_n_members]
 *
 * Returns: (transfer none): that message
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessage *rmq_message_get_member (RmqMessage *message, guint index);

/**
 * rmq_message_ref:
 * @message: a message
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @message
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessage *rmq_message_ref (RmqMessage *message);

/**
 * rmq_message_unref:
 * @message: (nullable) (transfer full): a message
 *
 * Gives a reference back. Any thread.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_unref (RmqMessage *message);

/**
 * rmq_message_get_topic:
 * @message: a message
 *
 * Returns: (transfer none): its topic
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_get_topic (RmqMessage *message);

/**
 * rmq_message_get_body:
 * @message: a message
 *
 * Returns: (transfer none) (nullable): its body, never compressed; %NULL of a batch
 *
 * Since: 0.1
 */
RMQ_EXPORT GBytes *rmq_message_get_body (RmqMessage *message);

/**
 * rmq_message_set_tags:
 * @message: a message
 * @tags: (nullable): what consumers can filter by; %NULL or empty: none
 *
 * Sets the property `TAGS`.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_set_tags (RmqMessage *message, const char *tags);

/**
 * rmq_message_get_tags:
 * @message: a message
 *
 * Returns: (transfer none) (nullable): the property `TAGS`
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_get_tags (RmqMessage *message);

/**
 * rmq_message_set_keys:
 * @message: a message
 * @keys: (nullable): business keys separated by one space; %NULL or empty: none
 *
 * Sets the property `KEYS`: the broker indexes the message by each of them.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_set_keys (RmqMessage *message, const char *keys);

/**
 * rmq_message_get_keys:
 * @message: a message
 *
 * Returns: (transfer none) (nullable): the property `KEYS`
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_get_keys (RmqMessage *message);

/**
 * rmq_message_set_flag:
 * @message: a message
 * @flag: any number
 *
 * Sets a number that travels untouched from producer to consumer.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_set_flag (RmqMessage *message, gint flag);

/**
 * rmq_message_get_flag:
 * @message: a message
 *
 * Returns: the application's number, 0 unless set
 *
 * Since: 0.1
 */
RMQ_EXPORT gint rmq_message_get_flag (RmqMessage *message);

/**
 * rmq_message_set_wait_store_msg_ok:
 * @message: a message
 * @wait: whether the broker answers only when its flush and replication rules are met
 *
 * Sets the property `WAIT`.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_message_set_wait_store_msg_ok (RmqMessage *message, gboolean wait);

/**
 * rmq_message_put_user_property:
 * @message: a message
 * @name: a name that RocketMQ has not reserved
 * @value: its value
 * @error: return location for an error
 *
 * Sets a property of the application's own. Names that RocketMQ uses itself, blank names or values
 * (they would vanish on the wire) and the separators U+0001 and U+0002 are refused with
 * %RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE.
 *
 * Returns: %TRUE if it was set
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_message_put_user_property (RmqMessage *message, const char *name,
                                                   const char *value, GError **error);

/**
 * rmq_message_get_property:
 * @message: a message
 * @name: the name of a property, reserved or not
 *
 * Returns: (transfer none) (nullable): its value
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_get_property (RmqMessage *message, const char *name);

/**
 * rmq_message_get_msg_id:
 * @message: a message
 *
 * The id that the first send gave to it (property `UNIQ_KEY`): the only identity that all copies of
 * a message share. Sending the same message again keeps it.
 *
 * Returns: (transfer none) (nullable): the id; %NULL before the first send
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_message_get_msg_id (RmqMessage *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqMessage, rmq_message_unref)

G_END_DECLS

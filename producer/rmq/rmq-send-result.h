/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-queue.h"

G_BEGIN_DECLS

/**
 * RmqSendStatus:
 * @RMQ_SEND_OK: stored as safely as the broker was asked to
 * @RMQ_SEND_FLUSH_DISK_TIMEOUT: stored, but not yet on disk
 * @RMQ_SEND_FLUSH_SLAVE_TIMEOUT: stored, but not yet at the slave
 * @RMQ_SEND_SLAVE_NOT_AVAILABLE: stored, but there is no slave
 *
 * How a message was stored. All four mean "stored"; a broker that dies may lose the last three.
 * Mirrors `SendStatus`.
 *
 * Since: 0.1
 */
typedef enum
{
  RMQ_SEND_OK,
  RMQ_SEND_FLUSH_DISK_TIMEOUT,
  RMQ_SEND_FLUSH_SLAVE_TIMEOUT,
  RMQ_SEND_SLAVE_NOT_AVAILABLE,
} RmqSendStatus;

#define RMQ_TYPE_SEND_RESULT (rmq_send_result_get_type ())

/**
 * RmqSendResult:
 *
 * What a broker said about a message it stored. Immutable and reference-counted; may be used from
 * any thread. Mirrors `org.apache.rocketmq.client.producer.SendResult`.
 *
 * Since: 0.1
 */
typedef struct _RmqSendResult RmqSendResult;
RMQ_EXPORT GType rmq_send_result_get_type (void);

/**
 * rmq_send_result_ref:
 * @result: a result
 *
 * Takes a reference: a callback's result is lent to it, so whoever wants to keep it needs one.
 *
 * Returns: (transfer full): @result
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendResult *rmq_send_result_ref (RmqSendResult *result);

/**
 * rmq_send_result_unref:
 * @result: (nullable) (transfer full): a result
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
RMQ_EXPORT void rmq_send_result_unref (RmqSendResult *result);

/**
 * rmq_send_result_get_status:
 * @result: a result
 *
 * Returns: how the message was stored
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqSendStatus rmq_send_result_get_status (RmqSendResult *result);

/**
 * rmq_send_status_get_name:
 * @status: a status
 *
 * Returns: (transfer none): its name as in Java, `SEND_OK` for example
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_send_status_get_name (RmqSendStatus status);

/**
 * rmq_send_result_get_msg_id:
 * @result: a result
 *
 * The client's own id of the message (`UNIQ_KEY`): the same for every copy of it.
 *
 * Returns: (transfer none): the id
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_send_result_get_msg_id (RmqSendResult *result);

/**
 * rmq_send_result_get_offset_msg_id:
 * @result: a result
 *
 * The broker's id of this copy: the address of the broker and the place in its log, in hex.
 *
 * Returns: (transfer none) (nullable): the id
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_send_result_get_offset_msg_id (RmqSendResult *result);

/**
 * rmq_send_result_get_message_queue:
 * @result: a result
 *
 * Returns: (transfer none): the queue that holds the message
 *
 * Since: 0.1
 */
RMQ_EXPORT RmqMessageQueue *rmq_send_result_get_message_queue (RmqSendResult *result);

/**
 * rmq_send_result_get_queue_offset:
 * @result: a result
 *
 * Returns: the message's number in its queue, from 0
 *
 * Since: 0.1
 */
RMQ_EXPORT gint64 rmq_send_result_get_queue_offset (RmqSendResult *result);

/**
 * rmq_send_result_get_transaction_id:
 * @result: a result
 *
 * Returns: (transfer none) (nullable): what the broker calls the transaction; 5.x brokers send it
 *   with every message
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_send_result_get_transaction_id (RmqSendResult *result);

/**
 * rmq_send_result_get_region_id:
 * @result: a result
 *
 * Returns: (transfer none): the broker's region, `DefaultRegion` unless it is configured
 *
 * Since: 0.1
 */
RMQ_EXPORT const char *rmq_send_result_get_region_id (RmqSendResult *result);

/**
 * rmq_send_result_get_trace_on:
 * @result: a result
 *
 * Returns: whether the broker wants messages to be traced
 *
 * Since: 0.1
 */
RMQ_EXPORT gboolean rmq_send_result_get_trace_on (RmqSendResult *result);

/**
 * rmq_send_result_get_attempts:
 * @result: a result
 *
 * Returns: how many attempts the send took, from 1
 *
 * Since: 0.1
 */
RMQ_EXPORT guint rmq_send_result_get_attempts (RmqSendResult *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSendResult, rmq_send_result_unref)

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-queue.h"

G_BEGIN_DECLS

/* Mirrors SendStatus; all four mean "stored". */
typedef enum
{
  RMQ_SEND_OK,
  RMQ_SEND_FLUSH_DISK_TIMEOUT,
  RMQ_SEND_FLUSH_SLAVE_TIMEOUT,
  RMQ_SEND_SLAVE_NOT_AVAILABLE,
} RmqSendStatus;

/* Boxed, reference-counted, immutable. Mirrors SendResult. */
#define RMQ_TYPE_SEND_RESULT (rmq_send_result_get_type ())
typedef struct _RmqSendResult RmqSendResult;
RMQ_EXPORT GType rmq_send_result_get_type (void);
RMQ_EXPORT RmqSendResult *rmq_send_result_ref (RmqSendResult *result);
RMQ_EXPORT void rmq_send_result_unref (RmqSendResult *result);
RMQ_EXPORT RmqSendStatus rmq_send_result_get_status (RmqSendResult *result);
RMQ_EXPORT const char *rmq_send_status_get_name (RmqSendStatus status); /* "SEND_OK" */
RMQ_EXPORT const char *rmq_send_result_get_msg_id (RmqSendResult *result);        /* UNIQ_KEY */
RMQ_EXPORT const char *rmq_send_result_get_offset_msg_id (RmqSendResult *result); /* the broker's */
RMQ_EXPORT RmqMessageQueue *rmq_send_result_get_message_queue (RmqSendResult *result);
RMQ_EXPORT gint64 rmq_send_result_get_queue_offset (RmqSendResult *result);
RMQ_EXPORT const char *rmq_send_result_get_transaction_id (RmqSendResult *result); /* (nullable) */
RMQ_EXPORT const char *rmq_send_result_get_region_id (RmqSendResult *result);
RMQ_EXPORT gboolean rmq_send_result_get_trace_on (RmqSendResult *result);
RMQ_EXPORT guint rmq_send_result_get_attempts (RmqSendResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSendResult, rmq_send_result_unref)

G_END_DECLS

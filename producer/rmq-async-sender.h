/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-lane.h"
#include "rmq-send-operation.h"

G_BEGIN_DECLS

/* The lanes `async-sender 1..n` of a producer and the queue in front of them. Mirrors
 * DefaultMQProducerImpl#defaultAsyncSenderExecutor. */

#define RMQ_ASYNC_SENDER_QUEUE_MAX 50000

typedef struct _RmqAsyncSender RmqAsyncSender;

RmqAsyncSender *rmq_async_sender_new (RmqProducer *producer, guint n_lanes);
/* Any thread. TRUE: the caller's reference is taken. FALSE: the queue is full, or the sender is
 * closed. */
gboolean rmq_async_sender_submit (RmqAsyncSender *sender, RmqSendOperation *operation,
                                  GError **error);
/* From here on: owner only. */
/* The lane of an operation is free again. */
void rmq_async_sender_release (RmqAsyncSender *sender, RmqLane *lane);
/* Nothing is accepted any more; what was accepted still begins when its turn comes. */
void rmq_async_sender_close (RmqAsyncSender *sender);
/* What has not begun ends with RMQ_CLIENT_ERROR_SHUT_DOWN. */
void rmq_async_sender_refuse_waiting (RmqAsyncSender *sender);
/* nullable; closed, and no operation holds a lane. */
void rmq_async_sender_free (RmqAsyncSender *sender);
guint rmq_async_sender_get_backlog (RmqAsyncSender *sender);
guint rmq_async_sender_get_n_lanes (RmqAsyncSender *sender);
RmqLane *rmq_async_sender_get_lane (RmqAsyncSender *sender, guint index);

G_END_DECLS

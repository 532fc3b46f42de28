/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-lane.h"
#include "rmq-producer-private.h"

G_BEGIN_DECLS

/* One send from its first thought to its end, in all its forms: sync, async and oneway are policies
 * of the same machine. Reference-counted. Made by the thread that sends, stepped by the owner of
 * the loop. */

typedef struct _RmqSendOperation RmqSendOperation;

typedef enum
{
  RMQ_SEND_STATE_CHOOSING,    /* route and queue */
  RMQ_SEND_STATE_CONNECTING,  /* connection and permit; nothing of it is on the wire yet */
  RMQ_SEND_STATE_IN_FLIGHT,   /* written, not answered */
  RMQ_SEND_STATE_BACKING_OFF, /* an attempt has failed; is there another? */
  RMQ_SEND_STATE_DONE,
} RmqSendState;

/* Any thread: checks the message, gives it its UNIQ_KEY, compresses and encodes what will be sent.
 * error: the message or the producer's state is wrong; nothing was begun. */
RmqSendOperation *rmq_send_operation_new (RmqProducer *producer, const RmqSendRequest *request,
                                          RmqSendMode mode, GError **error);
RmqSendOperation *rmq_send_operation_ref (RmqSendOperation *operation);
void rmq_send_operation_unref (RmqSendOperation *operation); /* nullable */
/* For async ones: what runs on the callback lane. (nullable) callback. */
void rmq_send_operation_set_callback (RmqSendOperation *operation, RmqSendCallback callback,
                                      gpointer data);
/* For those bound to a main context: runs once as owner when it has ended, and must not block. */
typedef void (*RmqSendDeliver) (RmqSendOperation *operation, gpointer data);
void rmq_send_operation_set_deliver (RmqSendOperation *operation, RmqSendDeliver deliver,
                                     gpointer data);

/* Owner. Begins; parker is woken at the end. */
void rmq_send_operation_begin (RmqSendOperation *operation, RmqParker *parker);
/* Owner. Begins on a lane of the async sender, which it holds until its first attempt is written.
 */
void rmq_send_operation_begin_on_lane (RmqSendOperation *operation, RmqLane *lane);
/* Owner. Ends it before it began, with RMQ_CLIENT_ERROR_SHUT_DOWN. */
void rmq_send_operation_refuse (RmqSendOperation *operation);
/* Owner. Ends it now, with RMQ_CLIENT_ERROR_SHUT_DOWN. */
void rmq_send_operation_abort (RmqSendOperation *operation);
/* The waiting caller goes: its host is gone. */
void rmq_send_operation_forget_parker (RmqSendOperation *operation);
/* After its end. (transfer full); oneway: NULL without error. */
RmqSendResult *rmq_send_operation_take_result (RmqSendOperation *operation, GError **error);
void rmq_send_operation_run_callback (RmqSendOperation *operation);
gboolean rmq_send_operation_has_result (RmqSendOperation *operation);
guint64 rmq_send_operation_get_tag (RmqSendOperation *operation);
RmqSendState rmq_send_operation_get_state (RmqSendOperation *operation);

/* Lock-free stacks of operations, linked through the operation; taking gives them oldest first. */
void rmq_send_operation_stack_push (gpointer *head, RmqSendOperation *operation);
/* FALSE: the head is closed with mark. */
gboolean rmq_send_operation_stack_push_unless (gpointer *head, RmqSendOperation *operation,
                                               gpointer mark);
RmqSendOperation *rmq_send_operation_stack_take (gpointer *head); /* (nullable) */
/* Takes what is there and leaves mark. */
RmqSendOperation *rmq_send_operation_stack_close (gpointer *head, gpointer mark);
RmqSendOperation *rmq_send_operation_get_next (RmqSendOperation *operation); /* (nullable) */
/* For the queue of one that has not begun. */
GList *rmq_send_operation_get_link (RmqSendOperation *operation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSendOperation, rmq_send_operation_unref)

G_END_DECLS

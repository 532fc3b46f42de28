/* SPDX-License-Identifier: Apache-2.0 */

/* What surrounds the machine of a send: making an operation on the sending thread, its references,
 * its outcome, and the lock-free stacks it travels on between threads. Must never touch the state
 * of an operation that has begun: that is the owner's. */

#include "rmq-error.h"
#include "rmq-send-operation-private.h"
#include "rmq-validators.h"

/* ---- making -------------------------------------------------------------- */

static gboolean
check_queue (const RmqSendRequest *request, GError **error)
{
  if (request->queue == NULL)
    return TRUE;
  const char *topic = rmq_message_get_topic (request->message);
  const char *queue_topic = rmq_message_queue_get_topic (request->queue);
  if (g_str_equal (topic, queue_topic))
    return TRUE;
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               "the message's topic %s is not the queue's topic %s", topic, queue_topic);
  return FALSE;
}

static guint
attempts_max (const RmqProducerOptions *options, const RmqSendRequest *request, RmqSendMode mode)
{
  if (mode == RMQ_SEND_ASYNC)
    return 1 + (guint)MAX (0, options->retry_times_when_send_async_failed);
  if (mode == RMQ_SEND_ONEWAY || request->queue != NULL || request->selector != NULL)
    return 1;
  return 1 + (guint)MAX (0, options->retry_times_when_send_failed);
}

RmqSendOperation *
rmq_send_operation_new (RmqProducer *producer, const RmqSendRequest *request, RmqSendMode mode,
                        GError **error)
{
  const RmqProducerOptions *options = &producer->options;
  if (!rmq_producer_check_running (producer, error)
      || !rmq_validate_message (&options->profile, request->message, options->max_message_size,
                                error)
      || !check_queue (request, error))
    return NULL;
  guint timeout_ms = request->timeout_ms != 0 ? request->timeout_ms : options->send_msg_timeout_ms;
  /* Made on one thread, freed on another: what slices are good at and malloc is not. */
  RmqSendOperation *op = g_slice_new0 (RmqSendOperation);
  op->refs = 1;
  op->producer = g_object_ref (producer);
  op->mode = mode;
  op->tag = request->tag;
  op->message = rmq_message_ref (request->message);
  op->topic = rmq_message_get_topic (op->message);
  op->queue = request->queue != NULL ? rmq_message_queue_ref (request->queue) : NULL;
  op->selector = request->selector;
  op->selector_data = request->selector_data;
  op->timeout_us = (gint64)timeout_ms * 1000;
  op->begin_us = rmq_env_now (producer->env);
  op->born_ms = rmq_env_wall (producer->env);
  op->attempts_max = attempts_max (options, request, mode);
  op->link.data = op;
  if (!rmq_send_operation_encode (op, error))
    g_clear_pointer (&op, rmq_send_operation_unref);
  return op;
}

RmqSendOperation *
rmq_send_operation_ref (RmqSendOperation *op)
{
  g_atomic_int_inc (&op->refs);
  return op;
}

void
rmq_send_operation_unref (RmqSendOperation *op)
{
  if (op == NULL || !g_atomic_int_dec_and_test (&op->refs))
    return;
  g_assert (op->lane == NULL && op->invocation.client == NULL);
  g_clear_pointer (&op->info, rmq_topic_publish_info_unref);
  g_clear_pointer (&op->chosen, rmq_message_queue_unref);
  g_clear_pointer (&op->queue, rmq_message_queue_unref);
  g_clear_pointer (&op->message, rmq_message_unref);
  g_clear_pointer (&op->body, g_bytes_unref);
  g_clear_pointer (&op->result, rmq_send_result_unref);
  g_clear_error (&op->error);
  g_clear_error (&op->route_error);
  if (op->brokers_sent != NULL)
    g_string_free (op->brokers_sent, TRUE);
  g_free (op->properties);
  g_free (op->uniq_key);
  g_free (op->address);
  g_object_unref (op->producer);
  g_slice_free (RmqSendOperation, op);
}

void
rmq_send_operation_set_callback (RmqSendOperation *op, RmqSendCallback callback, gpointer data)
{
  op->callback = callback;
  op->callback_data = data;
}

void
rmq_send_operation_set_deliver (RmqSendOperation *op, RmqSendDeliver deliver, gpointer data)
{
  op->deliver = deliver;
  op->deliver_data = data;
}

void
rmq_send_operation_forget_parker (RmqSendOperation *op)
{
  op->parker = NULL;
}

/* ---- the outcome --------------------------------------------------------- */

RmqSendResult *
rmq_send_operation_take_result (RmqSendOperation *op, GError **error)
{
  if (op->error != NULL)
    g_propagate_error (error, g_steal_pointer (&op->error));
  return g_steal_pointer (&op->result);
}

void
rmq_send_operation_run_callback (RmqSendOperation *op)
{
  g_assert (op->state == RMQ_SEND_STATE_DONE);
  RmqSendCallback callback = op->callback;
  op->callback = NULL;
  g_assert (callback != NULL); /* exactly once */
  callback (op->result, op->error, op->callback_data);
}

gboolean
rmq_send_operation_has_result (RmqSendOperation *op)
{
  return op->result != NULL;
}

guint64
rmq_send_operation_get_tag (RmqSendOperation *op)
{
  return op->tag;
}

RmqSendState
rmq_send_operation_get_state (RmqSendOperation *op)
{
  return op->state;
}

/* ---- stacks -------------------------------------------------------------- */

gboolean
rmq_send_operation_stack_push_unless (gpointer *head, RmqSendOperation *op, gpointer mark)
{
  gpointer old;
  do
    {
      old = g_atomic_pointer_get (head);
      if (old == mark && mark != NULL)
        return FALSE;
      op->next = old;
    }
  while (!g_atomic_pointer_compare_and_exchange (head, old, op));
  return TRUE;
}

void
rmq_send_operation_stack_push (gpointer *head, RmqSendOperation *op)
{
  rmq_send_operation_stack_push_unless (head, op, NULL);
}

static RmqSendOperation *
swap_and_reverse (gpointer *head, gpointer replacement)
{
  gpointer old;
  do
    old = g_atomic_pointer_get (head);
  while (!g_atomic_pointer_compare_and_exchange (head, old, replacement));
  RmqSendOperation *reversed = NULL;
  for (RmqSendOperation *op = old == replacement ? NULL : old, *next; op != NULL; op = next)
    {
      next = op->next;
      op->next = reversed;
      reversed = op;
    }
  return reversed;
}

RmqSendOperation *
rmq_send_operation_stack_take (gpointer *head)
{
  return swap_and_reverse (head, NULL);
}

RmqSendOperation *
rmq_send_operation_stack_close (gpointer *head, gpointer mark)
{
  return swap_and_reverse (head, mark);
}

RmqSendOperation *
rmq_send_operation_get_next (RmqSendOperation *op)
{
  return op->next;
}

GList *
rmq_send_operation_get_link (RmqSendOperation *op)
{
  g_assert (!op->begun);
  return &op->link;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The public send forms. Each makes a request, hands an operation to the loop and waits, or
 * doesn't. Runs on the application's thread. Mirrors the send methods of DefaultMQProducer. */

#include "rmq-error-private.h"
#include "rmq-producer-impl.h"

/* ---- the three modes ----------------------------------------------------- */

typedef struct
{
  RmqSendOperation *operation;
  RmqParker parker;
} Call;

static void
begin_call (gpointer data)
{
  Call *call = data;
  rmq_send_operation_begin (call->operation, &call->parker);
}

/* TRUE: the operation has ended, well or not. */
static gboolean
call_and_wait (RmqProducer *self, RmqSendOperation *operation, GError **error)
{
  Call call = { .operation = operation };
  rmq_parker_init (&call.parker, self->env);
  /* The operation ends by its own timers. */
  RmqWake wake = rmq_env_call (self->env, begin_call, &call, &call.parker, G_MAXINT64);
  if (wake != RMQ_WAKE_HOST_GONE)
    return TRUE;
  rmq_send_operation_forget_parker (operation);
  RmqErrorDetails details = { .outcome_unknown = rmq_send_operation_get_state (operation)
                                                 == RMQ_SEND_STATE_IN_FLIGHT };
  g_propagate_error (error, rmq_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN, &details,
                                           "the host is gone"));
  return FALSE;
}

static gboolean
may_block (RmqProducer *self, GError **error)
{
  if (!rmq_env_in_dispatch (self->env))
    return TRUE;
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               "a blocking send inside a hook or selector: it would wait for itself");
  return FALSE;
}

RmqSendResult *
rmq_producer_send_full (RmqProducer *self, const RmqSendRequest *request, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self), NULL);
  if (!may_block (self, error))
    return NULL;
  g_autoptr (RmqSendOperation) operation =
      rmq_send_operation_new (self, request, RMQ_SEND_SYNC, error);
  if (operation == NULL || !call_and_wait (self, operation, error))
    return NULL;
  return rmq_send_operation_take_result (operation, error);
}

gboolean
rmq_producer_send_full_oneway (RmqProducer *self, const RmqSendRequest *request, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self), FALSE);
  if (!may_block (self, error))
    return FALSE;
  g_autoptr (RmqSendOperation) operation =
      rmq_send_operation_new (self, request, RMQ_SEND_ONEWAY, error);
  if (operation == NULL || !call_and_wait (self, operation, error))
    return FALSE;
  g_autoptr (GError) failed = NULL;
  rmq_send_operation_take_result (operation, &failed);
  if (failed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

gboolean
rmq_producer_send_full_async (RmqProducer *self, const RmqSendRequest *request,
                              RmqSendCallback callback, gpointer data, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self), FALSE);
  g_autoptr (RmqSendOperation) operation =
      rmq_send_operation_new (self, request, RMQ_SEND_ASYNC, error);
  if (operation == NULL)
    return FALSE;
  rmq_send_operation_set_callback (operation, callback, data);
  if (!rmq_async_sender_submit (self->async_sender, operation, error))
    return FALSE;
  g_steal_pointer (&operation);
  return TRUE;
}

/* ---- the public forms ---------------------------------------------------- */

RmqSendResult *
rmq_producer_send (RmqProducer *self, RmqMessage *message, guint timeout_ms, GError **error)
{
  RmqSendRequest request = { .message = message, .timeout_ms = timeout_ms };
  return rmq_producer_send_full (self, &request, error);
}

RmqSendResult *
rmq_producer_send_to_queue (RmqProducer *self, RmqMessage *message, RmqMessageQueue *queue,
                            guint timeout_ms, GError **error)
{
  g_return_val_if_fail (queue != NULL, NULL);
  RmqSendRequest request = { .message = message, .queue = queue, .timeout_ms = timeout_ms };
  return rmq_producer_send_full (self, &request, error);
}

RmqSendResult *
rmq_producer_send_by_selector (RmqProducer *self, RmqMessage *message,
                               RmqMessageQueueSelector selector, gpointer data, guint timeout_ms,
                               GError **error)
{
  g_return_val_if_fail (selector != NULL, NULL);
  RmqSendRequest request = {
    .message = message, .selector = selector, .selector_data = data, .timeout_ms = timeout_ms
  };
  return rmq_producer_send_full (self, &request, error);
}

gboolean
rmq_producer_send_oneway (RmqProducer *self, RmqMessage *message, GError **error)
{
  RmqSendRequest request = { .message = message };
  return rmq_producer_send_full_oneway (self, &request, error);
}

gboolean
rmq_producer_send_oneway_to_queue (RmqProducer *self, RmqMessage *message, RmqMessageQueue *queue,
                                   GError **error)
{
  g_return_val_if_fail (queue != NULL, FALSE);
  RmqSendRequest request = { .message = message, .queue = queue };
  return rmq_producer_send_full_oneway (self, &request, error);
}

gboolean
rmq_producer_send_oneway_by_selector (RmqProducer *self, RmqMessage *message,
                                      RmqMessageQueueSelector selector, gpointer data,
                                      GError **error)
{
  g_return_val_if_fail (selector != NULL, FALSE);
  RmqSendRequest request = { .message = message, .selector = selector, .selector_data = data };
  return rmq_producer_send_full_oneway (self, &request, error);
}

gboolean
rmq_producer_send_with_callback (RmqProducer *self, RmqMessage *message, guint timeout_ms,
                                 RmqSendCallback callback, gpointer data, GError **error)
{
  RmqSendRequest request = { .message = message, .timeout_ms = timeout_ms };
  return rmq_producer_send_full_async (self, &request, callback, data, error);
}

gboolean
rmq_producer_send_to_queue_with_callback (RmqProducer *self, RmqMessage *message,
                                          RmqMessageQueue *queue, guint timeout_ms,
                                          RmqSendCallback callback, gpointer data, GError **error)
{
  g_return_val_if_fail (queue != NULL, FALSE);
  RmqSendRequest request = { .message = message, .queue = queue, .timeout_ms = timeout_ms };
  return rmq_producer_send_full_async (self, &request, callback, data, error);
}

gboolean
rmq_producer_send_by_selector_with_callback (RmqProducer *self, RmqMessage *message,
                                             RmqMessageQueueSelector selector,
                                             gpointer selector_data, guint timeout_ms,
                                             RmqSendCallback callback, gpointer data,
                                             GError **error)
{
  g_return_val_if_fail (selector != NULL, FALSE);
  RmqSendRequest request = { .message = message,
                             .selector = selector,
                             .selector_data = selector_data,
                             .timeout_ms = timeout_ms };
  return rmq_producer_send_full_async (self, &request, callback, data, error);
}

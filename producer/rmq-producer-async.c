/* SPDX-License-Identifier: Apache-2.0 */

/* The GIO forms: the only file of the client that knows GTask. An end is carried from the loop to
 * the caller's main context by an idle source of our own, because GTask would otherwise complete
 * inline when the thread that turns the loop happens to own that context. The task's own check for
 * cancellation is off: a send that was answered is never called cancelled. */

#include "rmq-producer-impl.h"

typedef struct
{
  GTask *task;
  RmqSendOperation *operation; /* (nullable): a shutdown */
} Completion;

static void
completion_free (gpointer data)
{
  Completion *completion = data;
  g_object_unref (completion->task);
  rmq_send_operation_unref (completion->operation);
  g_free (completion);
}

static gboolean
complete (gpointer data)
{
  Completion *completion = data;
  GError *error = NULL;
  RmqSendResult *result = NULL;
  if (completion->operation == NULL)
    {
      g_task_return_boolean (completion->task, TRUE);
      return G_SOURCE_REMOVE;
    }
  result = rmq_send_operation_take_result (completion->operation, &error);
  if (error != NULL)
    g_task_return_error (completion->task, error);
  else
    g_task_return_pointer (completion->task, result, (GDestroyNotify)rmq_send_result_unref);
  return G_SOURCE_REMOVE;
}

/* task: (transfer full). */
static void
post_to_context (GTask *task, RmqSendOperation *operation)
{
  Completion *completion = g_new (Completion, 1);
  completion->task = task;
  completion->operation = operation != NULL ? rmq_send_operation_ref (operation) : NULL;
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, complete, completion, completion_free);
  g_source_attach (source, g_task_get_context (task));
  g_source_unref (source);
}

static void
deliver (RmqSendOperation *operation, gpointer data)
{
  post_to_context (data, operation);
}

static GTask *
make_task (RmqProducer *self, GCancellable *cancellable, GAsyncReadyCallback callback,
           gpointer data, gpointer tag)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_source_tag (task, tag);
  return task;
}

void
rmq_producer_send_async (RmqProducer *self, RmqMessage *message, guint timeout_ms,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self));
  GError *error = NULL;
  RmqSendRequest request = { .message = message, .timeout_ms = timeout_ms };
  g_autoptr (GTask) task = make_task (self, cancellable, callback, data, rmq_producer_send_async);
  g_autoptr (RmqSendOperation) operation = NULL;
  if (!g_cancellable_set_error_if_cancelled (cancellable, &error))
    operation = rmq_send_operation_new (self, &request, RMQ_SEND_ASYNC, &error);
  if (operation == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  rmq_send_operation_set_deliver (operation, deliver, g_object_ref (task));
  if (rmq_async_sender_submit (self->async_sender, operation, &error))
    {
      g_steal_pointer (&operation);
      return;
    }
  g_object_unref (task); /* what deliver would have had */
  g_task_return_error (task, error);
}

RmqSendResult *
rmq_producer_send_finish (RmqProducer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
shut_down (RmqProducer *self, const GError *error, gpointer data)
{
  post_to_context (data, NULL);
}

static void
begin_shutdown (gpointer data)
{
  GTask *task = data;
  rmq_producer_begin_shutdown (g_task_get_source_object (task), shut_down, task);
}

void
rmq_producer_shutdown_async (RmqProducer *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self));
  GTask *task = make_task (self, cancellable, callback, data, rmq_producer_shutdown_async);
  if (rmq_env_is_gone (self->env))
    {
      rmq_producer_abandon (self);
      post_to_context (task, NULL);
    }
  else
    rmq_env_post (self->env, begin_shutdown, task);
}

gboolean
rmq_producer_shutdown_finish (RmqProducer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

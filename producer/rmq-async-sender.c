/* SPDX-License-Identifier: Apache-2.0 */

/* Takes asynchronous sends from any thread and starts each on a free lane, in order of submission.
 * Submitting is a push on a lock-free stack; the owner takes the whole stack at once, so a burst
 * costs one post. Closing swaps a mark into the stack's head: a submit sees either the stack or the
 * mark, and nothing accepted is ever forgotten. */

#include "rmq-async-sender.h"

#include "rmq-error.h"
#include "rmq-producer-impl.h"

struct _RmqAsyncSender
{
  RmqProducer *producer;
  RmqEnv *env;
  gpointer submitted;    /* atomic: stack of RmqSendOperation, or CLOSED */
  gint n_queued;         /* atomic: accepted and not begun */
  gint post_outstanding; /* atomic: take_submitted() is on its way and holds a reference */
  GQueue backlog;        /* owner: of RmqSendOperation, by their links */
  GPtrArray *lanes;      /* owner: of RmqLane */
};

static gint closed_mark;
#define CLOSED ((gpointer)&closed_mark)

RmqAsyncSender *
rmq_async_sender_new (RmqProducer *producer, guint n_lanes)
{
  RmqAsyncSender *sender = g_new0 (RmqAsyncSender, 1);
  sender->producer = producer;
  sender->env = producer->env;
  sender->lanes = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_lane_free);
  g_queue_init (&sender->backlog);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *name = g_strdup_printf ("async-sender %u", i + 1);
      g_ptr_array_add (sender->lanes, rmq_lane_new (producer->env, name));
    }
  return sender;
}

void
rmq_async_sender_free (RmqAsyncSender *sender)
{
  if (sender == NULL)
    return;
  g_assert (g_queue_is_empty (&sender->backlog));
  g_ptr_array_unref (sender->lanes);
  g_free (sender);
}

/* ---- owner --------------------------------------------------------------- */

static void
run_operation (RmqLane *lane, gpointer data)
{
  RmqSendOperation *operation = data;
  rmq_send_operation_begin_on_lane (operation, lane);
  rmq_send_operation_unref (operation);
}

static RmqLane *
find_idle (RmqAsyncSender *sender)
{
  for (guint i = 0; i < sender->lanes->len; i++)
    {
      RmqLane *lane = sender->lanes->pdata[i];
      if (rmq_lane_get_current (lane) == NULL && rmq_lane_get_backlog (lane) == 0)
        return lane;
    }
  return NULL;
}

/* (nullable): none */
static RmqSendOperation *
pop_waiting (RmqAsyncSender *sender)
{
  GList *link = g_queue_pop_head_link (&sender->backlog);
  return link != NULL ? link->data : NULL;
}

static void
start_waiting (RmqAsyncSender *sender)
{
  RmqLane *lane;
  while (!g_queue_is_empty (&sender->backlog) && (lane = find_idle (sender)) != NULL)
    {
      g_atomic_int_add (&sender->n_queued, -1);
      rmq_lane_push (lane, "send", run_operation, pop_waiting (sender), NULL);
    }
}

void
rmq_async_sender_release (RmqAsyncSender *sender, RmqLane *lane)
{
  rmq_lane_done (lane);
  start_waiting (sender);
}

static void
enqueue (RmqAsyncSender *sender, RmqSendOperation *batch)
{
  RmqSendOperation *operation;
  while ((operation = batch) != NULL)
    {
      batch = rmq_send_operation_get_next (operation);
      g_queue_push_tail_link (&sender->backlog, rmq_send_operation_get_link (operation));
    }
}

static void
take_submitted (gpointer data)
{
  RmqProducer *producer = data;
  RmqAsyncSender *sender = producer->async_sender;
  g_atomic_int_set (&sender->post_outstanding, 0);
  if (g_atomic_pointer_get (&sender->submitted) != CLOSED)
    enqueue (sender, rmq_send_operation_stack_take (&sender->submitted));
  start_waiting (sender);
  g_object_unref (producer);
}

void
rmq_async_sender_close (RmqAsyncSender *sender)
{
  enqueue (sender, rmq_send_operation_stack_close (&sender->submitted, CLOSED));
  start_waiting (sender);
  /* A killed host runs no posts: give back the reference that the last one holds. */
  if (rmq_env_is_gone (sender->env)
      && g_atomic_int_compare_and_exchange (&sender->post_outstanding, 1, 0))
    g_object_unref (sender->producer);
}

void
rmq_async_sender_refuse_waiting (RmqAsyncSender *sender)
{
  RmqSendOperation *operation;
  while ((operation = pop_waiting (sender)) != NULL)
    {
      g_atomic_int_add (&sender->n_queued, -1);
      rmq_send_operation_refuse (operation);
      rmq_send_operation_unref (operation);
    }
}

/* ---- any thread ---------------------------------------------------------- */

gboolean
rmq_async_sender_submit (RmqAsyncSender *sender, RmqSendOperation *operation, GError **error)
{
  if (g_atomic_int_add (&sender->n_queued, 1) >= RMQ_ASYNC_SENDER_QUEUE_MAX)
    {
      g_atomic_int_add (&sender->n_queued, -1);
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                   "%d asynchronous sends wait already: wait for callbacks before sending more",
                   RMQ_ASYNC_SENDER_QUEUE_MAX);
      return FALSE;
    }
  g_object_ref (sender->producer); /* for the post, so that the sender lives until it is taken */
  if (!rmq_send_operation_stack_push_unless (&sender->submitted, operation, CLOSED))
    {
      g_atomic_int_add (&sender->n_queued, -1);
      g_object_unref (sender->producer);
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                   "the producer is being shut down");
      return FALSE;
    }
  if (g_atomic_int_compare_and_exchange (&sender->post_outstanding, 0, 1))
    rmq_env_post (sender->env, take_submitted, sender->producer);
  else
    g_object_unref (sender->producer);
  return TRUE;
}

guint
rmq_async_sender_get_backlog (RmqAsyncSender *sender)
{
  return (guint)g_atomic_int_get (&sender->n_queued);
}

guint
rmq_async_sender_get_n_lanes (RmqAsyncSender *sender)
{
  return sender->lanes->len;
}

RmqLane *
rmq_async_sender_get_lane (RmqAsyncSender *sender, guint index)
{
  return sender->lanes->pdata[index];
}

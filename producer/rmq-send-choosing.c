/* SPDX-License-Identifier: Apache-2.0 */

/* The CHOOSING state of a send: first the topic's route, then a queue. Runs on the loop; must never
 * decide about retries: it is asked for a queue and gives one, waits for a route, or ends the send.
 * Mirrors DefaultMQProducerImpl#tryToFindTopicPublishInfo, #selectOneMessageQueue and
 * #sendSelectImpl. */

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-producer-events.h"
#include "rmq-route-updater.h"
#include "rmq-send-operation-private.h"

/* ---- choosing: the route ------------------------------------------------- */

static void
route_cb (gboolean changed, const GError *error, gpointer data)
{
  g_autoptr (RmqSendOperation) op = data; /* the query's reference */
  if (op->state == RMQ_SEND_STATE_DONE)
    return;
  op->waits = FALSE;
  g_clear_error (&op->route_error);
  op->route_error = error != NULL ? g_error_copy (error) : NULL;
  rmq_send_operation_step (op);
}

static void
ask_route (RmqSendOperation *op, gboolean template_form)
{
  const RmqProducerOptions *options = &op->producer->options;
  gboolean fixed = rmq_profile_get_wire_form (&options->profile)->template_always_tbw102;
  RmqRouteQuery query = {
    .topic = op->topic,
    .template_topic = !template_form ? NULL
                      : fixed        ? RMQ_TBW102
                                     : options->create_topic_key,
    .template_queue_nums = options->default_topic_queue_nums,
  };
  op->route_phase = template_form ? RMQ_ROUTE_ASKED_TEMPLATE : RMQ_ROUTE_ASKED_TOPIC;
  op->waits = TRUE;
  rmq_route_update (op->producer->instance, &query, route_cb, rmq_send_operation_ref (op));
}

static void
fail_without_route (RmqSendOperation *op)
{
  const char *why = op->route_error != NULL ? op->route_error->message : "it has no queues";
  guint n = rmq_namesrv_chooser_get_size (
      rmq_remoting_client_get_namesrv (op->producer->instance->remoting));
  if (rmq_route_error_aborts (op->producer->instance, op->route_error))
    rmq_send_operation_set_error (op, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NAME_SERVER,
                                  "the route of %s could not be asked for: %s", op->topic, why);
  else if (n == 0)
    rmq_send_operation_set_error (op, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NO_NAME_SERVER,
                                  "no name server address is known");
  else
    rmq_send_operation_set_error (op, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC,
                                  "no route info of this topic, %s: %s", op->topic, why);
  rmq_send_operation_finish (op);
}

/* DefaultMQProducerImpl#tryToFindTopicPublishInfo. FALSE: a query is under way, or nothing was
 * found and nothing is left to ask. */
static gboolean
find_publish_info (RmqSendOperation *op)
{
  RmqTopicPublishInfo *info = rmq_producer_find_publish_info (op->producer, op->topic);
  if (rmq_topic_publish_info_get_n_queues (info) > 0)
    {
      op->info = rmq_topic_publish_info_ref (info);
      return TRUE;
    }
  if (op->route_phase == RMQ_ROUTE_UNASKED)
    {
      rmq_producer_ensure_publish_info (op->producer, op->topic);
      ask_route (op, FALSE);
    }
  else if (op->route_phase == RMQ_ROUTE_ASKED_TOPIC && !info->have_topic_router_info
           && !rmq_route_error_aborts (op->producer->instance, op->route_error))
    ask_route (op, TRUE);
  return FALSE;
}

/* ---- choosing: the queue ------------------------------------------------- */

static void
emit_pick (RmqSendOperation *op, const RmqPick *pick)
{
  RMQ_EMIT (op->producer->env, &rmq_event_pick, pick->label, (gint64)op->tag, (gint64)pick->task,
            pick->counter, pick->position, pick->skipped,
            rmq_topic_publish_info_get_n_queues (op->info));
}

static void
take_pick (RmqSendOperation *op, const RmqPick *pick)
{
  g_clear_pointer (&op->chosen, rmq_message_queue_unref);
  op->chosen = rmq_message_queue_ref (pick->queue);
  emit_pick (op, pick);
}

gboolean
rmq_send_operation_walk (RmqSendOperation *op)
{
  RmqPick pick;
  const char *avoid = op->chosen != NULL ? rmq_message_queue_get_broker_name (op->chosen) : NULL;
  RmqQueueChoice choice =
      (RmqQueueChoice)rmq_profile_get_choice (&op->producer->options.profile, RMQ_ROW_QUEUE_CHOICE);
  if (!rmq_topic_publish_info_pick (op->info, choice, op->task, avoid,
                                    rmq_env_now (op->producer->env), &pick))
    return FALSE;
  take_pick (op, &pick);
  return TRUE;
}

static gboolean
choose_by_selector (RmqSendOperation *op)
{
  guint n = op->info->list->len;
  guint index = op->selector ((RmqMessageQueue *const *)op->info->list->pdata, n, op->message,
                              op->selector_data);
  rmq_env_tick (op->producer->env);
  if (index >= n)
    {
      rmq_send_operation_set_error (op, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                                    "the selector chose queue %u of %u", index, n);
      return FALSE;
    }
  RmqPick pick = { 0 };
  rmq_topic_publish_info_pick_at (op->info, index, rmq_env_now (op->producer->env), &pick);
  take_pick (op, &pick);
  return TRUE;
}

/* The caller's queue. No route is needed if its broker is known. */
static void
take_given_queue (RmqSendOperation *op)
{
  op->chosen = rmq_message_queue_ref (op->queue);
  gint position = op->info != NULL ? rmq_topic_publish_info_find (op->info, op->queue) : -1;
  g_autofree char *label = g_strdup_printf ("%s:%d", rmq_message_queue_get_broker_name (op->queue),
                                            rmq_message_queue_get_queue_id (op->queue));
  RmqPick pick = { .label = label, .position = position >= 0 ? (guint)position : 0 };
  if (position >= 0)
    rmq_topic_publish_info_pick_at (op->info, pick.position, rmq_env_now (op->producer->env),
                                    &pick);
  emit_pick (op, &pick);
}

/* FALSE: a route query is under way, or the operation is done. */
static gboolean
have_route (RmqSendOperation *op)
{
  if (op->info != NULL || find_publish_info (op))
    return TRUE;
  if (op->waits)
    return FALSE;
  if (op->queue != NULL && !rmq_route_error_aborts (op->producer->instance, op->route_error))
    return TRUE; /* its address decides */
  fail_without_route (op);
  return FALSE;
}

static gboolean
needs_route (RmqSendOperation *op)
{
  return op->queue == NULL
         || (rmq_client_instance_find_master (op->producer->instance,
                                              rmq_message_queue_get_broker_name (op->queue))
             == NULL);
}

void
rmq_send_operation_choose (RmqSendOperation *op)
{
  if (needs_route (op) && !have_route (op))
    return;
  if (op->queue != NULL)
    take_given_queue (op);
  else if (op->selector != NULL ? !choose_by_selector (op) : !rmq_send_operation_walk (op))
    {
      rmq_send_operation_finish (op);
      return;
    }
  gint64 left = rmq_send_operation_left_us (op);
  if (left < 0) /* equality still sends: bug-catalog FO-02 */
    {
      if (op->error == NULL)
        rmq_send_operation_set_error (op, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST,
                                      "looking for the route took too long");
      op->out_of_time = TRUE;
      rmq_send_operation_finish (op);
      return;
    }
  op->attempt_timeout_us = left;
  gint64 cap = (gint64)op->producer->options.send_msg_max_timeout_per_request_ms * 1000;
  if (cap > 0 && op->attempts + 1 < op->attempts_max)
    op->attempt_timeout_us = MIN (left, cap);
  op->state = RMQ_SEND_STATE_CONNECTING;
}

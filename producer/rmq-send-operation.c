/* SPDX-License-Identifier: Apache-2.0 */

/* The send operation: a state and one function that steps it. All retry rules of the client are
 * here and nowhere else; where versions differ, a profile row is asked. Runs on the loop.
 *
 *                      ┌──────────────────────────────────────────────┐
 *                      ▼                                              │ another attempt
 *   begin ──▶ CHOOSING ──▶ CONNECTING ──▶ IN_FLIGHT ──▶ BACKING_OFF ──┤
 *                │ no route,   │ nothing       │ answer:               │ none left, final error,
 *                │ no time     │ reached the   │ stored                │ no time
 *                ▼             ▼ wire          ▼                       ▼
 *              DONE       BACKING_OFF        DONE                    DONE
 *
 * Whatever is waited for (a route, a connection, a permit, an answer) sets `waits` and calls step()
 * when it comes; one that comes at once only clears `waits`, and the loop in step() goes on, so
 * that nothing nests. BACKING_OFF takes no time: Java tries the next broker immediately.
 *
 * Mirrors DefaultMQProducerImpl#sendDefaultImpl, #sendSelectImpl, #sendKernelImpl and
 * MQClientAPIImpl#sendMessageAsync, #onExceptionImpl. */

#include "rmq-send-operation-private.h"

#include "rmq-error-private.h"
#include "rmq-producer-events.h"
#include "rmq-send-result-private.h"

/* Java counts in ms: a call with no time left still leaves if it does so within one. */
#define ZERO_BUDGET_US 999

gint64
rmq_send_operation_left_us (RmqSendOperation *op)
{
  return op->begin_us + op->timeout_us - rmq_env_now (op->producer->env);
}

/* ---- the end ------------------------------------------------------------- */

static void
emit_end (RmqSendOperation *op)
{
  RmqEnv *env = op->producer->env;
  gint64 took_us = rmq_env_now (env) - op->begin_us;
  gint64 tag = (gint64)op->tag;
  const char *broker = op->chosen != NULL ? rmq_message_queue_get_broker_name (op->chosen) : "";
  if (op->result != NULL)
    RMQ_EMIT (env, &rmq_event_send_ok, broker, tag, rmq_send_result_get_status (op->result),
              op->attempts,
              rmq_message_queue_get_queue_id (rmq_send_result_get_message_queue (op->result)),
              rmq_send_result_get_queue_offset (op->result), took_us);
  else if (op->error == NULL)
    RMQ_EMIT (env, &rmq_event_send_oneway, broker, tag, op->attempts, took_us);
  else
    RMQ_EMIT (env, &rmq_event_send_error, op->error->message, tag, rmq_event_domain_of (op->error),
              op->error->code, op->attempts, op->outcome_unknown, took_us);
}

static void
release_lane (RmqSendOperation *op)
{
  RmqLane *lane = g_steal_pointer (&op->lane);
  if (lane != NULL)
    rmq_async_sender_release (op->producer->async_sender, lane);
}

/* To whoever waits: a parked caller, a callback lane, or a main context. */
static void
deliver (RmqSendOperation *op)
{
  if (op->parker != NULL)
    rmq_parker_wake (g_steal_pointer (&op->parker));
  else if (op->deliver != NULL)
    op->deliver (op, op->deliver_data);
  else if (op->callback != NULL)
    rmq_callback_pool_push (op->producer->callback_pool, op);
}

void
rmq_send_operation_finish (RmqSendOperation *op)
{
  g_assert (op->state != RMQ_SEND_STATE_DONE);
  op->state = RMQ_SEND_STATE_DONE;
  if (op->result != NULL)
    g_clear_error (&op->error);
  else if (op->error != NULL)
    rmq_send_operation_conclude (op);
  emit_end (op);
  g_clear_pointer (&op->info, rmq_topic_publish_info_unref); /* the owner's, not the caller's */
  deliver (op);
  release_lane (op);
  if (op->begun)
    {
      g_queue_unlink (&op->producer->operations, &op->link);
      rmq_producer_operation_ended (op->producer);
      rmq_send_operation_unref (op);
    }
}

/* ---- connecting ---------------------------------------------------------- */

static void
attempt_written (RmqConnection *connection, gpointer data)
{
  RmqSendOperation *op = data;
  op->written = TRUE;
  op->state = RMQ_SEND_STATE_IN_FLIGHT;
  RMQ_EMIT (op->producer->env, &rmq_event_sent, rmq_message_queue_get_broker_name (op->chosen),
            (gint64)op->tag, op->attempts, op->invocation.opaque,
            (gint64)rmq_connection_get_id (connection));
  release_lane (op);
}

static void
note_broker (RmqSendOperation *op)
{
  if (op->brokers_sent == NULL)
    op->brokers_sent = g_string_new (NULL);
  else
    g_string_append (op->brokers_sent, ", ");
  g_string_append (op->brokers_sent, rmq_message_queue_get_broker_name (op->chosen));
}

static void
take_error (RmqSendOperation *op, GError *error)
{
  note_broker (op);
  g_clear_error (&op->error);
  op->error = error;
  op->outcome_unknown |= rmq_error_is_outcome_unknown (error);
  op->state = RMQ_SEND_STATE_BACKING_OFF;
  RMQ_EMIT (op->producer->env, &rmq_event_attempt_failed, error->message, (gint64)op->tag,
            op->attempts, op->written, rmq_event_domain_of (error), error->code);
}

static void
take_answer (RmqSendOperation *op, RmqRemotingCommand *response)
{
  RmqSendStatus status;
  GError *error = NULL;
  if (!rmq_send_status_from_code (rmq_remoting_command_get_code (response), &status))
    {
      take_error (op, rmq_send_operation_broker_error (op, response));
      return;
    }
  RmqSendResult *result =
      rmq_send_result_new (status, response, op->chosen, op->uniq_key, op->attempts, &error);
  if (result == NULL)
    {
      take_error (op, error);
      return;
    }
  g_clear_error (&op->error);
  g_clear_pointer (&op->result, rmq_send_result_unref);
  op->result = result;
  op->state = RMQ_SEND_STATE_BACKING_OFF;
}

static void
attempt_done (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  RmqSendOperation *op = data;
  g_autoptr (RmqSendOperation) alive G_GNUC_UNUSED = rmq_send_operation_ref (op);
  op->waits = FALSE;
  if (error != NULL)
    take_error (op, g_error_copy (error));
  else if (response != NULL)
    take_answer (op, response);
  else
    rmq_send_operation_finish (op); /* oneway: written */
  rmq_send_operation_step (op);
}

static const RmqInvocationFuncs invocation_funcs = {
  .written = attempt_written,
  .done = attempt_done,
};

static void
begin_attempt (RmqSendOperation *op, const char *address)
{
  static const RmqInvokeMode modes[] = {
    [RMQ_SEND_SYNC] = RMQ_INVOKE_SYNC,
    [RMQ_SEND_ASYNC] = RMQ_INVOKE_ASYNC,
    [RMQ_SEND_ONEWAY] = RMQ_INVOKE_ONEWAY,
  };
  g_autoptr (RmqRemotingCommand) request = rmq_send_operation_make_request (op);
  g_free (op->address);
  op->address = g_strdup (address);
  op->invocation = (RmqInvocation){
    .address = op->address,
    .command = request,
    .mode = modes[op->mode],
    .begin_us = rmq_env_now (op->producer->env),
    .timeout_us = op->attempt_timeout_us,
    .tag = op->tag,
    .attempt = op->attempts,
    .funcs = &invocation_funcs,
    .data = op,
  };
  op->waits = TRUE;
  rmq_invocation_begin (&op->invocation, op->producer->instance->remoting);
}

static void
connect_to_broker (RmqSendOperation *op)
{
  const char *broker_name = rmq_message_queue_get_broker_name (op->chosen);
  const char *address = rmq_client_instance_find_master (op->producer->instance, broker_name);
  op->attempts++;
  op->written = FALSE;
  RMQ_EMIT (op->producer->env, &rmq_event_attempt, broker_name, (gint64)op->tag, op->attempts,
            rmq_message_queue_get_queue_id (op->chosen), op->attempt_timeout_us);
  gboolean asks_name_server =
      op->retries > 0
      && rmq_profile_get_choice (&op->producer->options.profile, RMQ_ROW_NULL_ADDRESS)
             == RMQ_NULL_ADDRESS_NAME_SERVER;
  if (address != NULL || asks_name_server)
    begin_attempt (op, address);
  else
    {
      RmqErrorDetails details = { .broker_name = broker_name };
      take_error (op, rmq_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_BROKER_NOT_EXIST, &details,
                                     "the broker %s does not exist: no master address is known",
                                     broker_name));
    }
}

/* ---- backing off: is there another attempt? ------------------------------ */

static void
emit_retry (RmqSendOperation *op)
{
  RMQ_EMIT (op->producer->env, &rmq_event_retry, rmq_message_queue_get_broker_name (op->chosen),
            (gint64)op->tag, op->attempts + 1, rmq_send_operation_left_us (op));
}

static gboolean
is_default_form (const RmqSendOperation *op)
{
  return op->queue == NULL && op->selector == NULL;
}

/* sendDefaultImpl: transport and client errors go on, of a broker's answers only the listed codes.
 */
static gboolean
sync_may_retry (RmqSendOperation *op)
{
  return op->attempts < op->attempts_max
         && (op->error->domain != RMQ_BROKER_ERROR
             || rmq_profile_has_number (&op->producer->options.profile, RMQ_ROW_RETRY_CODES,
                                        op->error->code));
}

/* MQClientAPIImpl#onExceptionImpl. An answer is final; what never left, or was lost, may be tried
 * again. */
static gboolean
async_may_retry (RmqSendOperation *op)
{
  const RmqProfile *profile = &op->producer->options.profile;
  gboolean connect_retry = rmq_profile_get_choice (profile, RMQ_ROW_ASYNC_CONNECT_RETRY) == RMQ_YES;
  gboolean positive = rmq_profile_get_choice (profile, RMQ_ROW_ASYNC_RETRY_BUDGET)
                      == RMQ_ASYNC_RETRY_BUDGET_POSITIVE;
  gboolean too_much =
      g_error_matches (op->error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST);
  if (op->error->domain == RMQ_BROKER_ERROR || op->error->domain == RMQ_CLIENT_ERROR
      || g_error_matches (op->error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME))
    return FALSE;
  if (!op->written && !connect_retry && (op->retries == 0 || too_much))
    return FALSE;
  return op->attempts < op->attempts_max && (!positive || rmq_send_operation_left_us (op) > 0);
}

static void
set_async_budget (RmqSendOperation *op)
{
  gint budget = rmq_profile_get_choice (&op->producer->options.profile, RMQ_ROW_ASYNC_RETRY_BUDGET);
  op->attempt_timeout_us =
      budget == RMQ_ASYNC_RETRY_BUDGET_ZERO ? ZERO_BUDGET_US : rmq_send_operation_left_us (op);
}

/* Only the default form looks for another broker. Java then keeps the first queue id; the row says
 * whether we do. */
static void
choose_async_retry (RmqSendOperation *op)
{
  g_autoptr (RmqMessageQueue) before = rmq_message_queue_ref (op->chosen);
  gboolean kept = rmq_profile_get_choice (&op->producer->options.profile, RMQ_ROW_ASYNC_RETRY_QUEUE)
                  == RMQ_ASYNC_RETRY_QUEUE_KEPT;
  if (!is_default_form (op) || !rmq_send_operation_walk (op) || !kept)
    return;
  g_autoptr (RmqMessageQueue) walked = g_steal_pointer (&op->chosen);
  op->chosen = rmq_message_queue_new (op->topic, rmq_message_queue_get_broker_name (walked),
                                      rmq_message_queue_get_queue_id (before));
}

static void
retry_async (RmqSendOperation *op)
{
  emit_retry (op);
  op->retries++;
  choose_async_retry (op);
  set_async_budget (op);
  op->state = RMQ_SEND_STATE_CONNECTING;
}

static void
back_off_from_error (RmqSendOperation *op)
{
  if (op->mode == RMQ_SEND_ASYNC && async_may_retry (op))
    retry_async (op);
  else if (op->mode == RMQ_SEND_SYNC && sync_may_retry (op))
    {
      emit_retry (op);
      op->state = RMQ_SEND_STATE_CHOOSING;
    }
  else
    rmq_send_operation_finish (op);
}

/* Stored, but not as safely as asked for: with the option on, another broker is tried. */
static gboolean
wants_better (RmqSendOperation *op)
{
  return op->mode == RMQ_SEND_SYNC && is_default_form (op)
         && op->producer->options.retry_another_broker_when_not_store_ok
         && rmq_send_result_get_status (op->result) != RMQ_SEND_OK
         && op->attempts < op->attempts_max;
}

static void
back_off (RmqSendOperation *op)
{
  if (op->error != NULL)
    back_off_from_error (op);
  else if (wants_better (op))
    {
      emit_retry (op);
      op->state = RMQ_SEND_STATE_CHOOSING;
    }
  else
    rmq_send_operation_finish (op);
}

/* ---- the machine --------------------------------------------------------- */

static void
show_wait (RmqSendOperation *op)
{
  if (op->lane != NULL && op->waits)
    rmq_lane_set_waits_for (op->lane, op->state == RMQ_SEND_STATE_CHOOSING
                                          ? "route"
                                          : rmq_invocation_waits_for (&op->invocation));
}

void
rmq_send_operation_step (RmqSendOperation *op)
{
  g_assert (rmq_env_is_owner (op->producer->env));
  if (op->stepping)
    return;
  op->stepping = TRUE;
  while (!op->waits && op->state != RMQ_SEND_STATE_DONE)
    switch (op->state)
      {
      case RMQ_SEND_STATE_CHOOSING:
        rmq_send_operation_choose (op);
        break;
      case RMQ_SEND_STATE_CONNECTING:
        connect_to_broker (op);
        break;
      case RMQ_SEND_STATE_BACKING_OFF:
        back_off (op);
        break;
      case RMQ_SEND_STATE_IN_FLIGHT:
      case RMQ_SEND_STATE_DONE:
        g_assert_not_reached ();
      }
  show_wait (op);
  op->stepping = FALSE;
}

/* Java keeps the counter per pool thread; a lane stands for one. */
static guint64
lane_task (RmqSendOperation *op)
{
  guint64 hash = rmq_hash_text (rmq_lane_get_name (op->lane))
                 ^ rmq_hash_text (op->producer->options.producer_group);
  return (G_GUINT64_CONSTANT (1) << 32) + (hash & 0xFFFFFF);
}

/* Each send that has an end has a beginning, also one that comes no further. */
static void
emit_begin (RmqSendOperation *op)
{
  RmqEnv *env = op->producer->env;
  guint64 event = RMQ_EMIT (env, &rmq_event_send, op->topic, (gint64)op->tag, op->mode,
                            op->timeout_us, (gint64)op->body_size);
  rmq_event_log_set_cause (rmq_env_get_log (env), event);
}

static void
begin (RmqSendOperation *op)
{
  RmqProducer *producer = op->producer;
  g_assert (rmq_env_is_owner (producer->env));
  op->task = op->lane != NULL ? lane_task (op) : rmq_env_task_id (producer->env);
  emit_begin (op);
  /* What an async sender accepted is still begun while a shutdown drains. */
  if (op->error != NULL || (op->lane == NULL && !rmq_producer_check_running (producer, &op->error)))
    {
      rmq_send_operation_finish (op);
      return;
    }
  op->begun = TRUE;
  g_queue_push_tail_link (&producer->operations, &op->link);
  rmq_send_operation_ref (op);
  rmq_send_operation_step (op);
}

void
rmq_send_operation_begin (RmqSendOperation *op, RmqParker *parker)
{
  g_autoptr (RmqSendOperation) alive G_GNUC_UNUSED = rmq_send_operation_ref (op);
  op->parker = parker;
  begin (op);
}

void
rmq_send_operation_begin_on_lane (RmqSendOperation *op, RmqLane *lane)
{
  g_autoptr (RmqSendOperation) alive G_GNUC_UNUSED = rmq_send_operation_ref (op);
  op->lane = lane;
  if (rmq_send_operation_left_us (op) <= 0)
    rmq_send_operation_set_error (op, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST,
                                  "its timeout was over before its turn came");
  begin (op);
}

static void
end_by_shutdown (RmqSendOperation *op)
{
  op->outcome_unknown |= op->written && op->waits;
  if (op->waits && op->state != RMQ_SEND_STATE_CHOOSING)
    note_broker (op);
  rmq_send_operation_set_error (op, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN,
                                "the producer was shut down while the send was under way");
  rmq_send_operation_finish (op);
}

void
rmq_send_operation_refuse (RmqSendOperation *op)
{
  g_assert (!op->begun);
  emit_begin (op);
  end_by_shutdown (op);
}

void
rmq_send_operation_abort (RmqSendOperation *op)
{
  g_autoptr (RmqSendOperation) alive G_GNUC_UNUSED = rmq_send_operation_ref (op);
  rmq_invocation_cancel (&op->invocation);
  end_by_shutdown (op);
}

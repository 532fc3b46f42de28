/* SPDX-License-Identifier: Apache-2.0 */

/* Workloads: a task each, on its producer's host, sending one message after the other by the
 * private form of the public API. What becomes of a send is read from the log, never here. The task
 * runs outside the loop; only what says so is called as owner. */

#include "rmq-run-private.h"
#include "rmq-wire-text.h"

void
rmq_run_workload_free (gpointer data)
{
  RmqRunWorkload *workload = data;
  for (guint i = 0; i < workload->record->count; i++)
    g_clear_pointer (&workload->messages[i], rmq_message_unref);
  g_free (workload->messages);
  g_free (workload);
}

guint64
rmq_run_get_uniq (guint64 tag, gpointer data)
{
  RmqRun *run = data;
  const RmqSendRecord *send = rmq_evidence_find_send (run->evidence, tag);
  if (send == NULL)
    return 0;
  RmqRunWorkload *workload = g_ptr_array_index (run->workloads, send->workload);
  RmqMessage *message = workload->messages[send->number - 1];
  const char *id = message != NULL ? rmq_message_get_msg_id (message) : NULL;
  return id != NULL ? rmq_hash_text (id) : 0;
}

/* ---- one message --------------------------------------------------------- */

/* "order 57", filled up with dots to the size asked for. */
static GBytes *
make_body (const RmqRunWorkload *workload, guint number)
{
  const RmqSendsStatement *statement = workload->statement;
  const gsize noun_size = strlen (statement->noun);
  const gsize size_max = MAX (statement->size_bytes, 0) + noun_size + 1 + RMQ_DECIMAL_SIZE_MAX;
  char *body = memcpy (g_malloc (size_max), statement->noun, noun_size);
  body[noun_size] = ' ';
  gsize size = noun_size + 1 + rmq_decimal_format (body + noun_size + 1, number);
  if (statement->size_bytes >= 0)
    {
      const gsize wanted = (gsize)statement->size_bytes;
      memset (body + size, '.', wanted > size ? wanted - size : 0);
      size = wanted;
    }
  return g_bytes_new_take (body, size);
}

static void
set_key (RmqMessage *message, const RmqRunWorkload *workload, const RmqSendRecord *send)
{
  const RmqSendsStatement *statement = workload->statement;
  const gsize label_size = strlen (statement->label);
  g_autofree char *keys = g_malloc (label_size + 2 * RMQ_DECIMAL_SIZE_MAX);
  char *end = (char *)memcpy (keys, statement->label, label_size) + label_size;
  char digits[RMQ_DECIMAL_SIZE_MAX];
  end += rmq_decimal_format (end, send->number);
  rmq_decimal_format (digits, send->key);
  if (send->key >= 0)
    stpcpy (stpcpy (end, " "), digits);
  rmq_message_set_keys (message, keys);
  if (send->key >= 0 && statement->select_by != NULL)
    rmq_message_put_user_property (message, statement->select_by, digits, NULL);
}

static RmqMessage *
make_message (const RmqRunWorkload *workload, const RmqSendRecord *send)
{
  g_autoptr (GBytes) body = make_body (workload, send->number);
  RmqMessage *message = rmq_message_new (workload->statement->topic, body);
  set_key (message, workload, send);
  return message;
}

/* As the well-known order example chooses: by the number, modulo the list's size. */
static guint
select_by_key (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message, gpointer data)
{
  const gint64 *key = data;
  return (guint)(*key % n_queues);
}

/* ---- one send ------------------------------------------------------------ */

typedef struct
{
  RmqRunWorkload *workload;
  RmqSendRecord *send;
  guint64 tag;
  GError *error;
} Rejection;

/* A send that was refused before it began: a wrong argument, a full queue. */
static void
reject (gpointer data)
{
  Rejection *rejection = data;
  if (rejection->send->fate != RMQ_FATE_NOT_STARTED || rejection->workload->run->cancelled)
    return;
  RMQ_EMIT (rejection->workload->env, &rmq_event_rejected, rejection->error->message,
            (gint64)rejection->tag, rejection->error->code);
}

static void
call_owner (RmqRunWorkload *workload, RmqEnvFunc func, gpointer data)
{
  RmqParker parker;
  rmq_parker_init (&parker, workload->env);
  rmq_env_call (workload->env, func, data, &parker, 0);
}

/* The one that has its place now. */
static RmqProducer *
producer_of (const RmqRunWorkload *workload)
{
  return g_atomic_pointer_get (&workload->producer->producer);
}

/* What an asynchronous send comes back to, on a callback lane. */
typedef struct
{
  RmqRunWorkload *workload;
  guint index;
} Returning;

/* How many messages the send of the one at index carries. */
static guint
count_carried (const RmqRunWorkload *workload, guint index)
{
  return MIN (workload->record->batch, workload->record->count - index);
}

static void
forget_messages (RmqRunWorkload *workload, guint index)
{
  const guint n = count_carried (workload, index);
  for (guint i = index; i < index + n; i++)
    g_clear_pointer (&workload->messages[i], rmq_message_unref);
}

/* (transfer full) */
static RmqMessage *
make_messages (RmqRunWorkload *workload, guint index)
{
  const guint n = count_carried (workload, index);
  for (guint i = index; i < index + n; i++)
    workload->messages[i] = make_message (workload, &workload->record->sends[i]);
  if (workload->statement->batch < 0)
    return rmq_message_ref (workload->messages[index]);
  return rmq_message_new_batch (&workload->messages[index], n, NULL);
}

static void
returned_cb (RmqSendResult *result, const GError *error, gpointer data)
{
  Returning *returning = data;
  forget_messages (returning->workload, returning->index);
  g_free (returning);
}

static gboolean
send_async (RmqRunWorkload *workload, const RmqSendRequest *request, guint index, GError **error)
{
  Returning *returning = g_new (Returning, 1);
  *returning = (Returning){ .workload = workload, .index = index };
  if (rmq_producer_send_full_async (producer_of (workload), request, returned_cb, returning, error))
    return TRUE;
  g_free (returning);
  forget_messages (workload, index);
  return FALSE;
}

static gboolean
send_and_wait (RmqRunWorkload *workload, const RmqSendRequest *request, guint index, GError **error)
{
  RmqProducer *producer = producer_of (workload);
  gboolean ok;
  if (workload->record->mode == RMQ_SEND_ONEWAY)
    ok = rmq_producer_send_full_oneway (producer, request, error);
  else
    {
      g_autoptr (RmqSendResult) result = rmq_producer_send_full (producer, request, error);
      ok = result != NULL;
    }
  forget_messages (workload, index);
  return ok;
}

static void
send_one (RmqRunWorkload *workload, guint index)
{
  const RmqSendsStatement *statement = workload->statement;
  RmqSendRecord *send = &workload->record->sends[index];
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMessageQueue) queue =
      statement->queue.broker != NULL ? rmq_message_queue_new (
          statement->topic, statement->queue.broker, (gint)statement->queue.id)
                                      : NULL;
  g_autoptr (RmqMessage) message = make_messages (workload, index);
  const RmqSendRequest request = {
    .message = message,
    .queue = queue,
    .selector = statement->select_by != NULL ? select_by_key : NULL,
    .selector_data = &send->key,
    .tag = workload->record->first_tag + index,
  };
  gboolean ok = workload->record->mode == RMQ_SEND_ASYNC
                    ? send_async (workload, &request, index, &error)
                    : send_and_wait (workload, &request, index, &error);
  if (ok)
    return;
  Rejection rejection = { .workload = workload, .send = send, .tag = request.tag, .error = error };
  call_owner (workload, reject, &rejection);
}

/* ---- the task ------------------------------------------------------------ */

/* What probes were for has been seen. */
static gboolean
is_needless (const RmqRunWorkload *workload)
{
  return workload->record->is_probe
         && g_atomic_int_get (&workload->run->liveness) == RMQ_LIVENESS_OVER;
}

static void
run_workload (gpointer data)
{
  RmqRunWorkload *workload = data;
  const gint64 every_us = workload->statement->every_us;
  const guint batch = workload->record->batch;
  for (guint i = 0; i * batch < workload->record->count; i++)
    {
      const gint64 at_us = workload->start_us + (every_us > 0 ? i * every_us : 0);
      workload->wakes_us = at_us;
      if (is_needless (workload))
        return;
      if (!rmq_env_sleep_until (workload->home, at_us))
        return;
      send_one (workload, i * batch);
    }
}

void
rmq_run_task_done (RmqRun *run)
{
  if (--run->n_tasks == 0 && run->task_waiter != NULL)
    rmq_parker_wake (run->task_waiter);
}

static void
task_done (gpointer data)
{
  rmq_run_task_done (((RmqRunWorkload *)data)->run);
}

void
rmq_run_start_workload (RmqRun *run, const RmqSendsStatement *statement)
{
  RmqRunWorkload *workload = g_new0 (RmqRunWorkload, 1);
  workload->run = run;
  workload->producer = rmq_run_find_producer (run, statement->timed.targets[0]);
  workload->env = workload->producer->env;
  workload->home = run->tasks != NULL ? run->tasks : workload->producer->env;
  workload->statement = statement;
  workload->start_us = rmq_env_now (run->script);
  workload->wakes_us = workload->start_us;
  workload->record = rmq_evidence_add_workload (
      run->evidence, &(RmqWorkloadSpec){ .label = statement->label,
                                         .producer = statement->timed.targets[0],
                                         .topic = statement->topic,
                                         .mode = statement->mode,
                                         .selects = statement->select_by != NULL,
                                         .to_queue = statement->queue.broker != NULL,
                                         .is_probe = statement->timed.base.serial == 0,
                                         .count = (guint)statement->count,
                                         .batch = (guint)MAX (statement->batch, 1),
                                         .keys = statement->keys });
  workload->messages = g_new0 (RmqMessage *, statement->count);
  g_ptr_array_add (run->workloads, workload);
  run->n_tasks++;
  g_autofree char *name = g_strdup_printf ("sends %s", statement->label);
  rmq_env_task (workload->home, name, run_workload, task_done, workload);
}

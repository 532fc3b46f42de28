/* SPDX-License-Identifier: Apache-2.0 */

/* Batches: what flag m of a send makes of its body. Each inner message is stored as one of its own,
 * all in one queue, or none if one of them may not be. On the broker's loop, owner only. */

#include "rmq-send-private.h"

#include <string.h>

#include "rmq-schedule-message-service.h"

#define INNER_HEAD_BYTES 20 /* of a message in a batch: up to its body */
#define INNER_BODY_SIZE_AT 16

/* The header's properties follow each message's own, even where they repeat; not where a broker
 * stores texts as they came. */
static RmqStoredMessage
draft_inner (const RmqSend *send, RmqBatchMessage *message)
{
  guint n = send->profile->keeps_text ? 0 : rmq_properties_get_n (send->properties);
  for (guint i = 0; i < n; i++)
    {
      const char *name, *value;
      rmq_properties_get_at (send->properties, i, &name, &value);
      rmq_properties_add (message->properties, name, value);
    }
  return (RmqStoredMessage){
    .queue_id = send->queue_id,
    .flag = message->flag,
    .sys_flag = send->header.sys_flag,
    .body = message->body,
    .properties = g_steal_pointer (&message->properties),
    .last_separator = send->profile->last_separator,
  };
}

/* Of RmqStoredMessage, drafts; (nullable): the batch as a whole is refused. */
static GArray *
draft_batch (RmqSend *send, GArray *messages)
{
  GArray *drafts = g_array_new (FALSE, FALSE, sizeof (RmqStoredMessage));
  for (guint i = 0; i < messages->len; i++)
    {
      RmqStoredMessage draft = draft_inner (send, &g_array_index (messages, RmqBatchMessage, i));
      g_array_append_val (drafts, draft);
      if (send->refusal == NULL)
        rmq_send_refuse_put (
            send, rmq_mock_broker_check_put (send->broker, send->topic->topic_name, &draft));
    }
  return drafts;
}

static RmqRemotingCommand *
put_batch (RmqSend *send, const GArray *drafts)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  RmqStoredMessage *stored = NULL;
  gint64 first_offset = 0;
  for (guint i = 0; i < drafts->len; i++)
    {
      stored = rmq_send_put (send, send->topic->topic_name,
                             &g_array_index (drafts, RmqStoredMessage, i));
      if (stored == NULL)
        continue; /* the store is full: the refusal is the answer, as for any other message */
      g_autofree char *id =
          rmq_offset_msg_id_encode (send->broker->address, stored->physical_offset);
      g_string_append_printf (ids, "%s%s", i > 0 ? "," : "", id);
      first_offset = i == 0 ? stored->queue_offset : first_offset;
    }
  return send->refusal == NULL ? rmq_send_new_success (send, ids->str, first_offset, stored) : NULL;
}

static gboolean
check_batch (RmqSend *send, GBytes *body)
{
  gboolean is_transaction = (send->header.sys_flag & RMQ_SYS_FLAG_TRANSACTION_MASK) != 0;
  gboolean is_delayed = rmq_schedule_get_level (send->properties) > 0;
  gboolean is_too_large = g_bytes_get_size (body) > (gsize)send->broker->config.max_message_size;
  if (is_too_large && send->profile->batch_limit_throws)
    return rmq_send_throw_java (
        send, "java.lang.RuntimeException: message body size exceeded, "
              "org.apache.rocketmq.store.MessageExtEncoder.encode(MessageExtEncoder.java:353)");
  return !(is_transaction || is_too_large || is_delayed)
         || rmq_send_refuse_put (send, RMQ_PUT_MESSAGE_ILLEGAL);
}

/* A length below zero is another exception than one that is too long. */
static gboolean
throw_odd_batch (RmqSend *send, GBytes *body)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (body, &size);
  for (gsize at = 0; at + INNER_HEAD_BYTES <= size;)
    {
      guint32 total, body_size;
      memcpy (&total, data + at, sizeof total);
      memcpy (&body_size, data + at + INNER_BODY_SIZE_AT, sizeof body_size);
      if ((gint32)GUINT32_FROM_BE (body_size) < 0)
        return rmq_send_throw_java (send, "java.lang.ArrayIndexOutOfBoundsException, "
                                          "java.util.Arrays.copyOf(Arrays.java:3537)");
      at += MAX (GUINT32_FROM_BE (total), INNER_HEAD_BYTES);
    }
  return rmq_send_throw_java (send, "java.nio.BufferUnderflowException, "
                                    "java.nio.Buffer.nextGetIndex(Buffer.java:707)");
}

RmqRemotingCommand *
rmq_send_store_batch (RmqSend *send, GBytes *body)
{
  rmq_send_add_properties (send);
  if (!check_batch (send, body))
    return NULL;
  g_autoptr (GArray) messages = rmq_batch_decode (body, NULL);
  if (messages == NULL)
    {
      throw_odd_batch (send, body);
      return NULL;
    }
  g_autoptr (GArray) drafts = draft_batch (send, messages);
  if (send->refusal == NULL)
    return put_batch (send, drafts);
  for (guint i = 0; i < drafts->len; i++)
    rmq_properties_free (g_array_index (drafts, RmqStoredMessage, i).properties);
  return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Batches: what flag m of a send makes of its body. Each inner message is stored as one of its own,
 * all in one queue, or none if one of them may not be. On the broker's loop, owner only. */

#include "rmq-send-private.h"

/* The header's properties follow each message's own, in its record even where they repeat. */
static RmqStoredMessage
draft_inner (const RmqSend *send, RmqBatchMessage *message)
{
  gsize own = rmq_message_store_measure (message->properties);
  gsize common = rmq_message_store_measure (send->properties);
  for (guint i = 0; i < rmq_properties_get_n (send->properties); i++)
    {
      const char *name, *value;
      rmq_properties_get_at (send->properties, i, &name, &value);
      rmq_properties_set (message->properties, name, value);
    }
  return (RmqStoredMessage){
    .queue_id = send->queue_id,
    .flag = message->flag,
    .body = message->body,
    .properties = g_steal_pointer (&message->properties),
    .properties_size = own > 0 ? own + 1 + common : common,
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
        rmq_send_refuse_put (send, rmq_message_store_check (&send->broker->store, draft.body,
                                                            draft.properties_size));
    }
  return drafts;
}

static RmqRemotingCommand *
put_batch (RmqSend *send, const GArray *drafts)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  gint64 first_offset = 0;
  for (guint i = 0; i < drafts->len; i++)
    {
      RmqStoredMessage *stored = rmq_send_put (send, send->topic->topic_name,
                                               &g_array_index (drafts, RmqStoredMessage, i));
      if (stored == NULL)
        continue; /* the store is full: the refusal is the answer, as for any other message */
      g_autofree char *id =
          rmq_offset_msg_id_encode (send->broker->address, stored->physical_offset);
      g_string_append_printf (ids, "%s%s", i > 0 ? "," : "", id);
      first_offset = i == 0 ? stored->queue_offset : first_offset;
    }
  return send->refusal == NULL ? rmq_send_new_success (send, ids->str, first_offset) : NULL;
}

static gboolean
check_batch (RmqSend *send, GBytes *body)
{
  gboolean is_transaction = (send->header.sys_flag & RMQ_SYS_FLAG_TRANSACTION_PREPARED) != 0;
  gboolean is_too_large = g_bytes_get_size (body) > RMQ_STORE_BODY_MAX_BYTES;
  gboolean is_delayed = rmq_send_get_delay_level (send->properties) > 0;
  return !(is_transaction || is_too_large || is_delayed)
         || rmq_send_refuse_put (send, RMQ_PUT_MESSAGE_ILLEGAL);
}

RmqRemotingCommand *
rmq_send_store_batch (RmqSend *send, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  if (!check_batch (send, body))
    return NULL;
  g_autoptr (GArray) messages = rmq_batch_decode (body, &error);
  if (messages == NULL)
    {
      rmq_send_throw_java (send, "java.nio.BufferUnderflowException: %s", error->message);
      return NULL;
    }
  g_autoptr (GArray) drafts = draft_batch (send, messages);
  if (send->refusal == NULL)
    return put_batch (send, drafts);
  for (guint i = 0; i < drafts->len; i++)
    rmq_properties_free (g_array_index (drafts, RmqStoredMessage, i).properties);
  return NULL;
}

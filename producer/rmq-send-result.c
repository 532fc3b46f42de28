/* SPDX-License-Identifier: Apache-2.0 */

/* RmqSendResult: what the broker said about a stored message. Immutable, any thread. Its texts are
 * copies in one piece, so that the answer, twenty times as large, stays on the loop. Mirrors
 * org.apache.rocketmq.client.producer.SendResult and MQClientAPIImpl#processSendResponse. */

#include "rmq-send-result-private.h"

#include <string.h>

#include "rmq-codes-private.h"

#define DEFAULT_REGION "DefaultRegion"

struct _RmqSendResult
{
  RmqSendStatus status;
  RmqMessageQueue *queue;
  gint64 queue_offset;
  char *msg_id;               /* the piece; the others lie behind it */
  const char *offset_msg_id;  /* (nullable) */
  const char *transaction_id; /* (nullable) */
  const char *region_id;
  gboolean trace_on;
  guint attempts;
};

G_DEFINE_BOXED_TYPE (RmqSendResult, rmq_send_result, rmq_send_result_ref, rmq_send_result_unref)

static const struct
{
  gint code;
  const char *name;
} statuses[] = {
  [RMQ_SEND_OK] = { RMQ_RESPONSE_SUCCESS, "SEND_OK" },
  [RMQ_SEND_FLUSH_DISK_TIMEOUT] = { RMQ_RESPONSE_FLUSH_DISK_TIMEOUT, "FLUSH_DISK_TIMEOUT" },
  [RMQ_SEND_FLUSH_SLAVE_TIMEOUT] = { RMQ_RESPONSE_FLUSH_SLAVE_TIMEOUT, "FLUSH_SLAVE_TIMEOUT" },
  [RMQ_SEND_SLAVE_NOT_AVAILABLE] = { RMQ_RESPONSE_SLAVE_NOT_AVAILABLE, "SLAVE_NOT_AVAILABLE" },
};

gboolean
rmq_send_status_from_code (gint code, RmqSendStatus *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (statuses[i].code == code)
      {
        *status = (RmqSendStatus)i;
        return TRUE;
      }
  return FALSE;
}

const char *
rmq_send_status_get_name (RmqSendStatus status)
{
  g_return_val_if_fail ((guint)status < G_N_ELEMENTS (statuses), NULL);
  return statuses[status].name;
}

static void
result_clear (gpointer data)
{
  RmqSendResult *result = data;
  g_clear_pointer (&result->queue, rmq_message_queue_unref);
  g_free (result->msg_id);
}

static gsize
text_size (const char *text)
{
  return text != NULL ? strlen (text) + 1 : 0;
}

static const char *
add_text (char **end, const char *text)
{
  if (text == NULL)
    return NULL;
  char *added = *end;
  *end = stpcpy (added, text) + 1;
  return added;
}

static void
keep_texts (RmqSendResult *result, const char *msg_id, const RmqSendMessageResponseHeader *header,
            const char *region)
{
  char *end = g_malloc (text_size (msg_id) + text_size (header->msg_id)
                        + text_size (header->transaction_id) + text_size (region));
  result->msg_id = end;
  add_text (&end, msg_id);
  result->offset_msg_id = add_text (&end, header->msg_id);
  result->transaction_id = add_text (&end, header->transaction_id);
  result->region_id = region != NULL ? add_text (&end, region) : DEFAULT_REGION;
}

RmqSendResult *
rmq_send_result_new (RmqSendStatus status, RmqRemotingCommand *response,
                     RmqMessageQueue *asked_queue, const char *msg_id, guint attempts,
                     GError **error)
{
  RmqSendMessageResponseHeader header = { 0 };
  if (!rmq_header_decode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES, response,
                          &header, error))
    return NULL;
  RmqSendResult *result = g_atomic_rc_box_new0 (RmqSendResult);
  result->status = status;
  result->queue_offset = header.queue_offset;
  if (header.queue_id == rmq_message_queue_get_queue_id (asked_queue))
    result->queue = rmq_message_queue_ref (asked_queue);
  else /* the broker chose another */
    result->queue =
        rmq_message_queue_new (rmq_message_queue_get_topic (asked_queue),
                               rmq_message_queue_get_broker_name (asked_queue), header.queue_id);
  const char *region = rmq_remoting_command_get_ext (response, "MSG_REGION");
  const gboolean is_usual =
      region == NULL || region[0] == '\0' || g_str_equal (region, DEFAULT_REGION);
  keep_texts (result, msg_id, &header, is_usual ? NULL : region);
  result->trace_on = g_strcmp0 (rmq_remoting_command_get_ext (response, "TRACE_ON"), "false") != 0;
  result->attempts = attempts;
  return result;
}

RmqSendResult *
rmq_send_result_ref (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return g_atomic_rc_box_acquire (result);
}

void
rmq_send_result_unref (RmqSendResult *result)
{
  if (result != NULL)
    g_atomic_rc_box_release_full (result, result_clear);
}

RmqSendStatus
rmq_send_result_get_status (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, RMQ_SEND_OK);
  return result->status;
}

const char *
rmq_send_result_get_msg_id (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return result->msg_id;
}

const char *
rmq_send_result_get_offset_msg_id (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return result->offset_msg_id;
}

RmqMessageQueue *
rmq_send_result_get_message_queue (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return result->queue;
}

gint64
rmq_send_result_get_queue_offset (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, -1);
  return result->queue_offset;
}

const char *
rmq_send_result_get_transaction_id (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return result->transaction_id;
}

const char *
rmq_send_result_get_region_id (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, NULL);
  return result->region_id;
}

gboolean
rmq_send_result_get_trace_on (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, FALSE);
  return result->trace_on;
}

guint
rmq_send_result_get_attempts (RmqSendResult *result)
{
  g_return_val_if_fail (result != NULL, 0);
  return result->attempts;
}

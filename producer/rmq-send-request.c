/* SPDX-License-Identifier: Apache-2.0 */

/* From a message to the bytes of a send request: compression, properties, header. Encoding runs on
 * the sending thread, making a request on the loop; both only read the message. Mirrors
 * DefaultMQProducerImpl#sendKernelImpl, steps 3 to 9. */

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-headers.h"
#include "rmq-message-private.h"
#include "rmq-send-operation-private.h"

#define COMPRESS_LEVEL 5

/* The compressed form is used even if it is larger, as in Java; an error sends the plain one. */
static void
compress (RmqSendOperation *op)
{
  const RmqProducerOptions *options = &op->producer->options;
  if (op->body_size < options->compress_msg_body_over_howmuch)
    return;
  GBytes *compressed = rmq_zlib_compress (op->body, COMPRESS_LEVEL);
  if (compressed == NULL)
    return;
  g_bytes_unref (op->body);
  op->body = compressed;
  op->sys_flag |= rmq_profile_get_wire_form (&options->profile)->zlib_flag;
}

/* A message keeps the id of its first send: retries and a re-send by the application carry the same
 * one. */
static const char *
identify (RmqSendOperation *op, RmqMessage *message)
{
  if (rmq_message_get_msg_id (message) == NULL)
    {
      char made[RMQ_UNIQ_KEY_SIZE_MAX];
      rmq_client_manager_next_uniq_key (op->producer->manager, made);
      rmq_message_set_uniq_key (message, made);
    }
  return rmq_message_get_msg_id (message);
}

static void
encode_one (RmqSendOperation *op)
{
  op->body = g_bytes_ref (rmq_message_get_body (op->message));
  op->body_size = g_bytes_get_size (op->body);
  op->uniq_key = g_strdup (identify (op, op->message));
  compress (op);
}

static gboolean
encode_member (RmqMessage *member, const RmqWireForm *form, GByteArray *body, GError **error)
{
  g_autofree char *properties =
      rmq_properties_encode (rmq_message_get_properties (member), form->last_separator);
  if (form->refuses_long_properties && strlen (properties) > G_MAXINT16)
    {
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE,
                   "a message of the batch has properties of %zu bytes, allowed are %d",
                   strlen (properties), G_MAXINT16);
      return FALSE;
    }
  rmq_batch_encode (body, rmq_message_get_flag (member), rmq_message_get_body (member), properties);
  return TRUE;
}

static gboolean
encode_batch (RmqSendOperation *op, const RmqWireForm *form, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  g_autoptr (GString) ids = g_string_new (NULL);
  const guint n = rmq_message_get_n_members (op->message);
  for (guint i = 0; i < n; i++)
    {
      RmqMessage *member = rmq_message_get_member (op->message, i);
      g_string_append (ids, i > 0 ? "," : "");
      g_string_append (ids, identify (op, member));
      if (!encode_member (member, form, body, error))
        return FALSE;
    }
  const gsize size_max = op->producer->options.max_message_size;
  if (body->len > size_max)
    {
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE,
                   "the batch of %u messages to %s has %u bytes, allowed are %" G_GSIZE_FORMAT, n,
                   op->topic, body->len, size_max);
      return FALSE;
    }
  if (form->identifies_batches)
    identify (op, op->message);
  op->body_size = body->len;
  op->body = g_byte_array_free_to_bytes (g_steal_pointer (&body));
  op->uniq_key = g_string_free (g_steal_pointer (&ids), FALSE);
  return TRUE;
}

gboolean
rmq_send_operation_encode (RmqSendOperation *op, GError **error)
{
  const RmqWireForm *form = rmq_profile_get_wire_form (&op->producer->options.profile);
  if (rmq_message_get_n_members (op->message) == 0)
    encode_one (op);
  else if (!encode_batch (op, form, error))
    return FALSE;
  op->properties =
      rmq_properties_encode (rmq_message_get_properties (op->message), form->last_separator);
  return TRUE;
}

RmqRemotingCommand *
rmq_send_operation_make_request (RmqSendOperation *op)
{
  const RmqProducerOptions *options = &op->producer->options;
  gboolean sends_broker_name = rmq_profile_get_wire_form (&options->profile)->sends_broker_name;
  RmqSendMessageRequestHeader header = {
    .producer_group = options->producer_group,
    .topic = op->topic,
    .default_topic = options->create_topic_key,
    .default_topic_queue_nums = (gint32)options->default_topic_queue_nums,
    .queue_id = rmq_message_queue_get_queue_id (op->chosen),
    .sys_flag = op->sys_flag,
    .born_timestamp_ms = op->born_ms,
    .flag = rmq_message_get_flag (op->message),
    .properties = op->properties,
    .batch = rmq_message_get_n_members (op->message) > 0,
    .broker_name = sends_broker_name ? rmq_message_queue_get_broker_name (op->chosen) : NULL,
  };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (
      header.batch ? RMQ_REQUEST_SEND_BATCH_MESSAGE : RMQ_REQUEST_SEND_MESSAGE_V2);
  rmq_header_encode (&rmq_send_message_request_header, RMQ_HEADER_LETTERS, &header, request);
  rmq_remoting_command_set_body (request, op->body);
  return request;
}

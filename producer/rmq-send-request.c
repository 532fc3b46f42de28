/* SPDX-License-Identifier: Apache-2.0 */

/* From a message to the bytes of a send request: compression, properties, header. Encoding runs on
 * the sending thread, making a request on the loop; both only read the message. Mirrors
 * DefaultMQProducerImpl#sendKernelImpl, steps 3 to 9. */

#include "rmq-codes-private.h"
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
static void
identify (RmqSendOperation *op)
{
  if (rmq_message_get_msg_id (op->message) == NULL)
    {
      g_autofree char *made = rmq_client_manager_next_uniq_key (op->producer->manager);
      rmq_message_set_uniq_key (op->message, made);
    }
  op->uniq_key = rmq_message_get_msg_id (op->message);
}

void
rmq_send_operation_encode (RmqSendOperation *op)
{
  const RmqWireForm *form = rmq_profile_get_wire_form (&op->producer->options.profile);
  op->body = g_bytes_ref (rmq_message_get_body (op->message));
  op->body_size = g_bytes_get_size (op->body);
  identify (op);
  compress (op);
  op->properties =
      rmq_properties_encode (rmq_message_get_properties (op->message), form->last_separator);
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
    .broker_name = sends_broker_name ? rmq_message_queue_get_broker_name (op->chosen) : NULL,
  };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_SEND_MESSAGE_V2);
  rmq_header_encode (&rmq_send_message_request_header, RMQ_HEADER_LETTERS, &header, request);
  rmq_remoting_command_set_body (request, op->body);
  return request;
}

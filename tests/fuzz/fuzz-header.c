/* SPDX-License-Identifier: Apache-2.0 */

/* What the targets of both header encodings share. */

#include "fuzz-header.h"

#include "rmq-consumer-headers.h"
#include "rmq-cursor.h"
#include "rmq-headers.h"
#include "rmq-pull-headers.h"
#include "rmq-transaction-headers.h"

#define HEADER_SIZE_MAX 0xFFFFFF

static const RmqHeaderTable *const tables[] = {
  &rmq_send_message_request_header,
  &rmq_send_message_response_header,
  &rmq_get_route_info_request_header,
  &rmq_unregister_client_request_header,
  &rmq_register_broker_request_header,
  &rmq_register_broker_response_header,
  &rmq_unregister_broker_request_header,
  &rmq_consumer_send_msg_back_request_header,
  &rmq_create_topic_request_header,
  &rmq_end_transaction_request_header,
  &rmq_check_transaction_state_request_header,
  &rmq_reply_message_request_header,
  &rmq_pull_message_request_header,
  &rmq_pull_message_response_header,
  &rmq_queue_offset_request_header,
  &rmq_query_message_request_header,
};

static GBytes *
encode (RmqRemotingCommand *command)
{
  GByteArray *out = g_byte_array_new ();
  rmq_remoting_command_encode_head (command, out);
  return g_byte_array_free_to_bytes (out);
}

static void
read_typed (RmqRemotingCommand *command)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree guint8 *header = g_malloc (tables[i]->size);
      rmq_header_decode (tables[i], RMQ_HEADER_LETTERS, command, header, NULL);
      rmq_header_decode (tables[i], RMQ_HEADER_LONG_NAMES, command, header, NULL);
    }
}

/* Writing and reading must come to rest: the second text is the first. */
static void
assert_stable (RmqRemotingCommand *command)
{
  rmq_remoting_command_set_language (command, RMQ_LANGUAGE_GO);
  g_autoptr (GBytes) first = encode (command);
  if (g_bytes_get_size (first) > HEADER_SIZE_MAX)
    return;
  g_autoptr (GBytes) frame = g_bytes_new_from_bytes (first, 4, g_bytes_get_size (first) - 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRemotingCommand) again = rmq_remoting_command_decode (frame, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) second = encode (again);
  g_assert_cmpmem (g_bytes_get_data (second, NULL), g_bytes_get_size (second),
                   g_bytes_get_data (first, NULL), g_bytes_get_size (first));
}

void
fuzz_header (RmqSerializeType type, const guint8 *data, gsize size)
{
  if (size > HEADER_SIZE_MAX)
    return;
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  rmq_append_be (frame, (guint64)type << 24 | size, 4);
  if (size > 0)
    g_byte_array_append (frame, data, (guint)size);
  g_autoptr (GBytes) bytes = g_bytes_new (frame->data, frame->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_decode (bytes, &error);
  g_assert_cmpint (command == NULL, ==, error != NULL);
  if (command == NULL)
    return;
  read_typed (command);
  assert_stable (command);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* QueryMessageProcessor: messages by key (12) and by their place in the log (33). There is no
 * index: the log is looked through, newest first, as few ask. On the broker's loop, owner only. */

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-java-exception.h"
#include "rmq-message-record.h"
#include "rmq-mock-broker-private.h"
#include "rmq-pull-headers.h"
#include "rmq-pull-processor.h"

#define MAX_MSGS_NUM_BATCH 64
#define DEFAULT_QUERY_MAX_NUM 32 /* of a query by UNIQ_KEY */
#define INDEX_TICK_MS 1000       /* the index knows seconds since its first message */
#define PLACE "QueryMessageProcessor.processRequest(QueryMessageProcessor.java:57)"

static gboolean
has_key (const RmqStoredMessage *message, const char *key)
{
  if (g_strcmp0 (rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY), key) == 0)
    return TRUE;
  const char *keys = rmq_properties_get (message->properties, RMQ_PROPERTY_KEYS);
  gsize size = strlen (key);
  while (keys != NULL && size > 0)
    {
      const char *end = strchrnul (keys, ' ');
      if ((gsize)(end - keys) == size && memcmp (keys, key, size) == 0)
        return TRUE;
      keys = *end != '\0' ? end + 1 : NULL;
    }
  return FALSE;
}

static gboolean
is_wanted (const RmqMockBroker *self, const RmqQueryMessageRequestHeader *query,
           const RmqStoredMessage *message)
{
  const RmqStoredMessage *first = g_ptr_array_index (self->store.log, 0);
  gint64 age = (message->store_ms - first->store_ms) / INDEX_TICK_MS * INDEX_TICK_MS;
  gint64 indexed_ms = first->store_ms + age;
  return indexed_ms >= query->begin_timestamp_ms && indexed_ms <= query->end_timestamp_ms
         && g_str_equal (message->topic, query->topic) && has_key (message, query->key);
}

/* The newest that fit, in the order of the log. */
static GPtrArray *
find_messages (const RmqMockBroker *self, const RmqQueryMessageRequestHeader *query, gint max)
{
  GPtrArray *found = g_ptr_array_new ();
  gboolean is_whole = query->topic != NULL && query->key != NULL;
  for (guint i = is_whole ? self->store.log->len : 0; i > 0 && (gint)found->len < max; i--)
    {
      RmqStoredMessage *message = g_ptr_array_index (self->store.log, i - 1);
      if (is_wanted (self, query, message))
        g_ptr_array_insert (found, 0, message);
    }
  return found;
}

/* Records leave by another way than other answers: in the server's own encoding. */
static void
set_records (const RmqMockBroker *self, RmqRemotingCommand *response, const GPtrArray *messages)
{
  GByteArray *records = g_byte_array_new ();
  for (guint i = 0; i < messages->len; i++)
    rmq_stored_message_encode (g_ptr_array_index (messages, i),
                               rmq_mock_broker_get_store_host (self), records);
  g_autoptr (GBytes) body = g_byte_array_free_to_bytes (records);
  rmq_remoting_command_set_body (response, body);
  rmq_remoting_command_set_serialize_type (response, RMQ_SERIALIZE_JSON);
}

RmqRemotingCommand *
rmq_mock_broker_query_message (gpointer mock, RmqConnection *connection,
                               RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  RmqQueryMessageRequestHeader query;
  if (!rmq_header_decode (&rmq_query_message_request_header, RMQ_HEADER_LONG_NAMES, request, &query,
                          NULL))
    return rmq_java_throw_null (request, PLACE);
  const char *unique = rmq_remoting_command_get_ext (request, "_UNIQUE_KEY_QUERY");
  gboolean is_unique = g_strcmp0 (unique, "true") == 0;
  gint max = MIN (is_unique ? DEFAULT_QUERY_MAX_NUM : query.max_num, MAX_MSGS_NUM_BATCH);
  g_autoptr (GPtrArray) found = find_messages (self, &query, max);
  const RmqStoredMessage *last =
      found->len > 0 ? g_ptr_array_index (self->store.log, self->store.log->len - 1) : NULL;
  RmqRemotingCommand *response =
      last != NULL ? rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL)
                   : rmq_remoting_command_new_response (
                       request, RMQ_RESPONSE_QUERY_NOT_FOUND,
                       "can not find message, maybe time range not correct");
  rmq_remoting_command_add_ext_int (response, "indexLastUpdatePhyoffset",
                                    last != NULL ? last->physical_offset : 0);
  rmq_remoting_command_add_ext_int (response, "indexLastUpdateTimestamp",
                                    last != NULL ? last->store_ms : 0);
  if (last != NULL)
    set_records (self, response, found);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_view_message (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *text = rmq_remoting_command_get_ext (request, "offset");
  gint64 offset;
  if (text == NULL || !g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &offset, NULL))
    return rmq_java_throw_null (request, PLACE);
  const RmqStoredMessage *message = rmq_mock_broker_find_at (self, offset);
  if (message == NULL)
    {
      g_autofree char *remark =
          g_strdup_printf ("can not find message by the offset, %" G_GINT64_FORMAT, offset);
      return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
    }
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, (gpointer)message);
  set_records (self, response, one);
  return response;
}

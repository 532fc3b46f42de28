/* SPDX-License-Identifier: Apache-2.0 */

/* Stored messages of one or several brokers as JSON, in the order of their storing. Reads only; on
 * the brokers' loop, owner only. */

#include "rmq-messages-json.h"

#include "rmq-json-members.h"

#include <string.h>

#define TEXT_MAX_BYTES 4194304 /* of a body that is shown as text */

typedef struct
{
  RmqMockBroker *broker;
  const RmqStoredMessage *message;
} Found;

/* Equal times keep the order of brokers: g_array_sort() is stable for arrays, since 2.32. */
static gint
compare_found (gconstpointer a, gconstpointer b)
{
  gint64 left = ((const Found *)a)->message->store_us;
  gint64 right = ((const Found *)b)->message->store_us;
  return (left > right) - (left < right);
}

static gboolean
matches (const RmqStoredMessage *message, const RmqMessageQuery *query)
{
  return (query->topic == NULL || g_str_equal (query->topic, message->topic))
         && (query->queue < 0 || query->queue == message->queue_id)
         && message->queue_offset >= query->from;
}

/* Copies of what its master has are shown where the slave is named. */
static gboolean
is_asked (RmqMockBroker *broker, const RmqMessageQuery *query)
{
  return query->broker != NULL ? g_str_equal (query->broker, rmq_mock_broker_get_name (broker))
                               : rmq_mock_broker_get_id (broker) == 0;
}

static GArray *
find_messages (RmqMockBroker *const *brokers, guint n_brokers, const RmqMessageQuery *query)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (Found));
  for (guint i = 0; i < n_brokers; i++)
    {
      if (!is_asked (brokers[i], query))
        continue;
      for (guint k = 0; k < rmq_mock_broker_get_n_messages (brokers[i]); k++)
        {
          Found candidate = { brokers[i], rmq_mock_broker_get_message (brokers[i], k) };
          if (matches (candidate.message, query))
            g_array_append_val (found, candidate);
        }
    }
  g_array_sort (found, compare_found);
  return found;
}

/* ---- one message --------------------------------------------------------- */

static void
add_properties (JsonBuilder *builder, const RmqProperties *properties)
{
  json_builder_set_member_name (builder, "properties");
  json_builder_begin_object (builder);
  for (guint i = 0; i < rmq_properties_get_n (properties); i++)
    {
      const char *name, *value;
      rmq_properties_get_at (properties, i, &name, &value);
      rmq_json_add_text (builder, name, value);
    }
  json_builder_end_object (builder);
}

/* The body as stored, and where it is text, the text a consumer would see. */
static void
add_body (JsonBuilder *builder, const RmqStoredMessage *message)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (message->body, &size);
  g_autofree char *base64 = g_base64_encode (data, size);
  rmq_json_add_text (builder, "body", base64);
  g_autoptr (GBytes) plain = message->sys_flag & RMQ_SYS_FLAG_COMPRESSED
                                 ? rmq_zlib_decompress (message->body, TEXT_MAX_BYTES, NULL)
                                 : g_bytes_ref (message->body);
  gsize plain_size = 0;
  const char *text = plain != NULL ? g_bytes_get_data (plain, &plain_size) : NULL;
  if (text == NULL || !g_utf8_validate_len (text, plain_size, NULL))
    return;
  g_autofree char *copy = g_strndup (text, plain_size);
  rmq_json_add_text (builder, "text", copy);
}

static void
add_message (JsonBuilder *builder, const Found *found, guint attempt)
{
  const RmqStoredMessage *message = found->message;
  g_autofree char *id = rmq_offset_msg_id_encode (rmq_mock_broker_get_store_host (found->broker),
                                                  message->physical_offset);
  json_builder_begin_object (builder);
  rmq_json_add_text (builder, "broker", rmq_mock_broker_get_name (found->broker));
  rmq_json_add_text (builder, "topic", message->topic);
  rmq_json_add_number (builder, "queue", message->queue_id);
  rmq_json_add_number (builder, "offset", message->queue_offset);
  rmq_json_add_text (builder, "offsetMsgId", id);
  rmq_json_add_number (builder, "storeTime", message->store_ms);
  rmq_json_add_number (builder, "storeUs", message->store_us);
  rmq_json_add_number (builder, "bornTime", message->born_ms);
  rmq_json_add_text (builder, "bornHost", message->born_host);
  rmq_json_add_number (builder, "flag", message->flag);
  rmq_json_add_number (builder, "sysFlag", message->sys_flag);
  rmq_json_add_number (builder, "attempt", attempt);
  add_properties (builder, message->properties);
  add_body (builder, message);
  json_builder_end_object (builder);
}

/* Which copy of its message this is, from 1: what a broker can see of attempts. */
static guint
count_copy (GHashTable *copies, const RmqStoredMessage *message)
{
  const char *uniq_key = rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY);
  if (uniq_key == NULL)
    return 1;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (copies, uniq_key)) + 1;
  g_hash_table_insert (copies, (gpointer)uniq_key, GUINT_TO_POINTER (n));
  return n;
}

void
rmq_mock_brokers_add_messages_json (RmqMockBroker *const *brokers, guint n_brokers,
                                    const RmqMessageQuery *query, JsonBuilder *builder)
{
  g_autoptr (GArray) found = find_messages (brokers, n_brokers, query);
  g_autoptr (GHashTable) copies = g_hash_table_new (g_str_hash, g_str_equal);
  rmq_json_add_number (builder, "total", found->len);
  json_builder_set_member_name (builder, "messages");
  json_builder_begin_array (builder);
  for (guint i = 0; i < MIN (found->len, query->limit); i++)
    {
      const Found *one = &g_array_index (found, Found, i);
      add_message (builder, one, count_copy (copies, one->message));
    }
  json_builder_end_array (builder);
}

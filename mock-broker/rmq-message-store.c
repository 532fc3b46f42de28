/* SPDX-License-Identifier: Apache-2.0 */

/* The log of a broker in memory. Owns every stored message for as long as it isn't told to forget;
 * a message never moves nor changes. Positions are those of real records, so that an offsetMsgId
 * looks right and two recordings can be laid side by side. Runs on the broker's loop; knows no
 * connection, no clock and no outage. */

#include "rmq-message-store.h"

#include <string.h>

#define V6_EXTRA_BYTES 12 /* a host of 16 bytes instead of 4 */

static void
stored_message_free (gpointer data)
{
  RmqStoredMessage *message = data;
  g_bytes_unref (message->body);
  rmq_properties_free (message->properties);
  g_ref_string_release (message->born_host);
  g_free (message);
}

void
rmq_message_store_init (RmqMessageStore *store)
{
  *store = (RmqMessageStore){
    .log = g_ptr_array_new_with_free_func (stored_message_free),
    .queues =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref),
    .max_bytes = RMQ_STORE_MAX_BYTES,
  };
}

void
rmq_message_store_clear (RmqMessageStore *store)
{
  g_clear_pointer (&store->log, g_ptr_array_unref);
  g_clear_pointer (&store->queues, g_hash_table_unref);
}

void
rmq_message_store_forget (RmqMessageStore *store)
{
  g_ptr_array_set_size (store->log, 0);
  g_hash_table_remove_all (store->queues);
  store->next_physical_offset = 0;
}

static gsize
host_extra (const char *host)
{
  return host[0] == '[' ? V6_EXTRA_BYTES : 0;
}

gboolean
rmq_message_store_is_full (const RmqMessageStore *store, GBytes *body)
{
  return (gsize)store->next_physical_offset + g_bytes_get_size (body) > store->max_bytes;
}

/* One of a topic's queues; those that hold nothing aren't there, whatever their numbers are. */
typedef struct
{
  gint id;
  GPtrArray *messages; /* of RmqStoredMessage, by offset */
} Queue;

static void
queue_clear (gpointer data)
{
  g_ptr_array_unref (((Queue *)data)->messages);
}

static GArray *
find_queues (const RmqMessageStore *store, const char *topic)
{
  return g_hash_table_lookup (store->queues, topic);
}

/* The place of the queue, or where it belongs. */
static guint
find_place (const GArray *queues, gint64 queue_id)
{
  guint low = 0, high = queues->len;
  if (queue_id >= 0 && queue_id < queues->len
      && g_array_index (queues, Queue, queue_id).id == queue_id)
    return (guint)queue_id; /* as a rule: none before it is empty */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (queues, Queue, middle).id < queue_id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static gboolean
is_at (const GArray *queues, guint place, gint queue_id)
{
  return place < queues->len && g_array_index (queues, Queue, place).id == queue_id;
}

void
rmq_message_store_drop_topic (RmqMessageStore *store, const char *topic)
{
  GArray *queues = find_queues (store, topic);
  if (queues != NULL) /* the name stays: messages point at it */
    g_array_set_size (queues, 0);
}

/* The topic's own text in the store, and one of its queues. */
static GPtrArray *
ensure_queue (RmqMessageStore *store, const char *topic, gint queue_id, const char **stored_topic)
{
  gpointer key, value;
  if (!g_hash_table_lookup_extended (store->queues, topic, &key, &value))
    {
      key = g_strdup (topic);
      value = g_array_new (FALSE, FALSE, sizeof (Queue));
      g_array_set_clear_func (value, queue_clear);
      g_hash_table_insert (store->queues, key, value);
    }
  GArray *queues = value;
  guint place = find_place (queues, queue_id);
  if (!is_at (queues, place, queue_id))
    {
      Queue queue = { queue_id, g_ptr_array_new () };
      g_array_insert_val (queues, place, queue);
    }
  *stored_topic = key;
  return g_array_index (queues, Queue, place).messages;
}

gboolean
rmq_stored_message_is_queued (const RmqStoredMessage *message)
{
  gint kind = message->sys_flag & RMQ_SYS_FLAG_TRANSACTION_MASK;
  return kind != RMQ_SYS_FLAG_TRANSACTION_PREPARED && kind != RMQ_SYS_FLAG_TRANSACTION_ROLLBACK;
}

RmqStoredMessage *
rmq_message_store_put (RmqMessageStore *store, const RmqStoredMessage *message, const char *topic,
                       const char *store_host)
{
  g_assert (message->queue_id >= 0);
  g_assert (!rmq_message_store_is_full (store, message->body));
  RmqStoredMessage *stored = g_new (RmqStoredMessage, 1);
  *stored = *message;
  GPtrArray *queue = ensure_queue (store, topic, message->queue_id, &stored->topic);
  const char *tags = rmq_properties_get (message->properties, RMQ_PROPERTY_TAGS);
  stored->tags_code = tags != NULL ? rmq_java_hash (tags) : 0;
  if (rmq_stored_message_is_queued (message))
    {
      stored->queue_offset = queue->len;
      g_ptr_array_add (queue, stored);
    }
  else
    stored->queue_offset = 0;
  stored->physical_offset = store->next_physical_offset;
  store->next_physical_offset +=
      (gint64)(RMQ_RECORD_FIXED_BYTES + g_bytes_get_size (message->body) + strlen (topic)
               + message->properties_size + host_extra (message->born_host)
               + host_extra (store_host));
  g_ptr_array_add (store->log, stored);
  return stored;
}

const GPtrArray *
rmq_message_store_get_queue (const RmqMessageStore *store, const char *topic, gint queue_id)
{
  const GArray *queues = find_queues (store, topic);
  guint place = queues != NULL ? find_place (queues, queue_id) : 0;
  return queues != NULL && is_at (queues, place, queue_id)
             ? g_array_index (queues, Queue, place).messages
             : NULL;
}

guint
rmq_message_queue_find_time (const GPtrArray *queue, gint64 store_ms)
{
  guint low = 0, high = queue->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const RmqStoredMessage *message = g_ptr_array_index (queue, middle);
      if (message->store_ms < store_ms)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

gint64
rmq_message_store_get_max_offset (const RmqMessageStore *store, const char *topic, gint queue_id)
{
  const GPtrArray *queue = rmq_message_store_get_queue (store, topic, queue_id);
  return queue != NULL ? queue->len : 0;
}

gint
rmq_message_store_next_queue (const RmqMessageStore *store, const char *topic, gint64 queue_id)
{
  const GArray *queues = find_queues (store, topic);
  guint place = queues != NULL ? find_place (queues, queue_id) : 0;
  return queues != NULL && place < queues->len ? g_array_index (queues, Queue, place).id : -1;
}

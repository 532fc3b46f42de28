/* SPDX-License-Identifier: Apache-2.0 */

/* How far groups have come. A table beside the store: what a group says is kept as said, the store
 * is never asked. On the broker's loop, owner only; knows no clock. */

#include "rmq-consumer-offset-manager.h"

#include "rmq-json-body-private.h"

static void
entry_free (gpointer data)
{
  RmqConsumerOffsets *entry = data;
  g_array_unref (entry->offsets);
  g_free (entry->topic);
  g_free (entry->group);
  g_free (entry);
}

void
rmq_consumer_offset_manager_init (RmqConsumerOffsetManager *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
rmq_consumer_offset_manager_clear (RmqConsumerOffsetManager *self)
{
  g_clear_pointer (&self->by_names, g_hash_table_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
}

void
rmq_consumer_offset_manager_forget (RmqConsumerOffsetManager *self)
{
  g_hash_table_remove_all (self->by_names);
  g_ptr_array_set_size (self->entries, 0);
  self->n_offsets = 0;
  self->is_full = FALSE;
}

static char *
join_names (const char *group, const char *topic)
{
  return g_strdup_printf ("%s@%s", topic != NULL ? topic : "null", group != NULL ? group : "null");
}

static RmqConsumerOffsets *
add_entry (RmqConsumerOffsetManager *self, const char *group, const char *topic)
{
  RmqConsumerOffsets *entry = g_new0 (RmqConsumerOffsets, 1);
  entry->topic = g_strdup (topic != NULL ? topic : "null"); /* as in its key */
  entry->group = g_strdup (group != NULL ? group : "null");
  entry->offsets = g_array_new (FALSE, FALSE, sizeof (RmqQueueOffset));
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_names, join_names (group, topic), entry);
  return entry;
}

/* The place of the queue, or where it belongs. */
static guint
find_queue (const RmqConsumerOffsets *entry, gint queue_id, gboolean *found)
{
  guint low = 0, high = entry->offsets->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (g_array_index (entry->offsets, RmqQueueOffset, middle).queue_id < queue_id)
        low = middle + 1;
      else
        high = middle;
    }
  *found = low < entry->offsets->len
           && g_array_index (entry->offsets, RmqQueueOffset, low).queue_id == queue_id;
  return low;
}

/* Once, until there is room again. */
static gboolean
refuse_more (RmqConsumerOffsetManager *self)
{
  if (!self->is_full)
    g_info ("%d offsets of groups are kept, no more: new ones are refused", RMQ_OFFSETS_MAX);
  self->is_full = TRUE;
  return FALSE;
}

static gboolean
keep (RmqConsumerOffsetManager *self, const char *group, const char *topic,
      const RmqQueueOffset *said)
{
  const RmqConsumerOffsets *entry = rmq_consumer_offset_manager_find (self, group, topic);
  gboolean found = FALSE;
  guint index = entry != NULL ? find_queue (entry, said->queue_id, &found) : 0;
  if (!found && self->n_offsets >= RMQ_OFFSETS_MAX)
    return refuse_more (self);
  if (entry == NULL)
    entry = add_entry (self, group, topic);
  if (found)
    g_array_index (entry->offsets, RmqQueueOffset, index) = *said;
  else
    g_array_insert_val (entry->offsets, index, *said);
  self->n_offsets += !found;
  return TRUE;
}

gboolean
rmq_consumer_offset_manager_commit (RmqConsumerOffsetManager *self, const char *group,
                                    const char *topic, gint queue_id, gint64 offset)
{
  return keep (self, group, topic, &(RmqQueueOffset){ queue_id, offset, FALSE });
}

void
rmq_consumer_offset_manager_assign_reset (RmqConsumerOffsetManager *self, const char *group,
                                          const char *topic, gint queue_id, gint64 offset)
{
  keep (self, group, topic, &(RmqQueueOffset){ queue_id, offset, TRUE });
}

/* All that was said of the topic by group is now what other says. */
static void
assign (RmqConsumerOffsetManager *self, const char *group, const char *topic,
        const RmqConsumerOffsets *other)
{
  const RmqConsumerOffsets *entry = rmq_consumer_offset_manager_find (self, group, topic);
  if (entry == other)
    return;
  if (entry != NULL)
    {
      self->n_offsets -= entry->offsets->len;
      g_array_set_size (entry->offsets, 0);
    }
  for (guint i = 0; i < other->offsets->len; i++)
    keep (self, group, topic, &g_array_index (other->offsets, RmqQueueOffset, i));
}

void
rmq_consumer_offset_manager_clone (RmqConsumerOffsetManager *self, const char *from, const char *to,
                                   const char *topic)
{
  const RmqConsumerOffsets *entry = rmq_consumer_offset_manager_find (self, from, topic);
  if (entry != NULL)
    assign (self, to, topic, entry);
}

void
rmq_consumer_offset_manager_put_all (RmqConsumerOffsetManager *self,
                                     const RmqConsumerOffsetManager *other)
{
  for (guint i = 0; i < other->entries->len; i++)
    {
      const RmqConsumerOffsets *entry = g_ptr_array_index (other->entries, i);
      assign (self, entry->group, entry->topic, entry);
    }
}

const RmqConsumerOffsets *
rmq_consumer_offset_manager_find (const RmqConsumerOffsetManager *self, const char *group,
                                  const char *topic)
{
  g_autofree char *names = join_names (group, topic);
  return g_hash_table_lookup (self->by_names, names);
}

/* (nullable) */
static RmqQueueOffset *
find_offset (const RmqConsumerOffsetManager *self, const char *group, const char *topic,
             gint queue_id)
{
  const RmqConsumerOffsets *entry = rmq_consumer_offset_manager_find (self, group, topic);
  gboolean found = FALSE;
  guint index = entry != NULL ? find_queue (entry, queue_id, &found) : 0;
  return found ? &g_array_index (entry->offsets, RmqQueueOffset, index) : NULL;
}

gint64
rmq_consumer_offset_manager_get (const RmqConsumerOffsetManager *self, const char *group,
                                 const char *topic, gint queue_id)
{
  const RmqQueueOffset *said = find_offset (self, group, topic, queue_id);
  return said != NULL ? said->offset : -1;
}

gboolean
rmq_consumer_offset_manager_is_reset (const RmqConsumerOffsetManager *self, const char *group,
                                      const char *topic, gint queue_id)
{
  const RmqQueueOffset *said = find_offset (self, group, topic, queue_id);
  return said != NULL && said->is_reset;
}

gboolean
rmq_consumer_offset_manager_take_reset (RmqConsumerOffsetManager *self, const char *group,
                                        const char *topic, gint queue_id, gint64 *offset)
{
  RmqQueueOffset *said = find_offset (self, group, topic, queue_id);
  if (said == NULL || !said->is_reset)
    return FALSE;
  said->is_reset = FALSE;
  *offset = said->offset;
  return TRUE;
}

void
rmq_consumer_offset_manager_remove_group (RmqConsumerOffsetManager *self, const char *group)
{
  self->is_full = FALSE;
  for (guint i = self->entries->len; i > 0; i--)
    {
      RmqConsumerOffsets *entry = g_ptr_array_index (self->entries, i - 1);
      if (g_strcmp0 (entry->group, group) != 0)
        continue;
      g_autofree char *names = join_names (entry->group, entry->topic);
      g_hash_table_remove (self->by_names, names);
      self->n_offsets -= entry->offsets->len;
      g_ptr_array_remove_index (self->entries, i - 1);
    }
}

/* ---- looking ------------------------------------------------------------- */

GBytes *
rmq_consumer_offset_manager_encode (const RmqConsumerOffsetManager *self)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"offsetTable\":{");
  for (guint i = 0; i < self->entries->len; i++)
    {
      const RmqConsumerOffsets *entry = g_ptr_array_index (self->entries, i);
      g_autofree char *names = join_names (entry->group, entry->topic);
      rmq_json_put_member (out, i > 0 ? "," : "", names);
      for (guint j = 0; j < entry->offsets->len; j++)
        {
          const RmqQueueOffset *queue = &g_array_index (entry->offsets, RmqQueueOffset, j);
          rmq_json_put_int_member (out, j > 0 ? "," : ":{", queue->queue_id);
          rmq_json_put_int_member (out, ":", queue->offset);
        }
      rmq_json_put (out, "}");
    }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

static const RmqColumn columns[] = {
  { "group", RMQ_CELL_TEXT, NULL, "consumer group", "offsetTable key" },
  { "topic", RMQ_CELL_TEXT, NULL, "name of the topic", "offsetTable key" },
  { "queueId", RMQ_CELL_INT, NULL, "number of the queue, from 0", "offsetTable value's key" },
  { "offset", RMQ_CELL_INT, "messages", "the next message the group wants, as it said last",
    "offsetTable value" },
};
static const RmqTableSchema schema = {
  "consumerOffsetTable",
  "Offsets of consumer groups",
  "How far each group has come in each queue, as it said last.",
  "ConsumerOffsetManager#offsetTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_consumer_offset_manager_fill_snapshot (const RmqConsumerOffsetManager *self, const char *owner,
                                           RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const RmqConsumerOffsets *entry = g_ptr_array_index (self->entries, i);
      for (guint j = 0; j < entry->offsets->len; j++)
        {
          const RmqQueueOffset *queue = &g_array_index (entry->offsets, RmqQueueOffset, j);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, entry->group);
          rmq_table_add_text (table, entry->topic);
          rmq_table_add_number (table, queue->queue_id);
          rmq_table_add_number (table, queue->offset);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */

/* HeartbeatData: which groups a client has. Pure. Producers are read in full; of consumers the
 * names, the rest stays the text it came as, until somebody needs more.
 */

#include "rmq-bodies.h"
#include "rmq-json-body-private.h"

RmqHeartbeatData *
rmq_heartbeat_data_new (const char *client_id)
{
  RmqHeartbeatData *self = g_new0 (RmqHeartbeatData, 1);
  self->client_id = g_strdup (client_id);
  self->producer_groups = g_ptr_array_new_with_free_func (g_free);
  self->consumer_groups = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
rmq_heartbeat_data_free (RmqHeartbeatData *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->producer_groups);
  g_ptr_array_unref (self->consumer_groups);
  g_free (self->consumer_data_json);
  g_free (self->client_id);
  g_free (self);
}

GBytes *
rmq_heartbeat_data_encode (const RmqHeartbeatData *self)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  if (self->client_id != NULL)
    rmq_json_put_member (out, "{\"clientID\":", self->client_id);
  else
    rmq_json_put (out, "{\"clientID\":null");
  rmq_json_put (out, ",\"consumerDataSet\":");
  rmq_json_put (out, self->consumer_data_json != NULL ? self->consumer_data_json : "[]");
  rmq_json_put (out, ",\"producerDataSet\":[");
  for (guint i = 0; i < self->producer_groups->len; i++)
    {
      rmq_json_put_member (out, i > 0 ? ",{\"groupName\":" : "{\"groupName\":",
                           g_ptr_array_index (self->producer_groups, i));
      rmq_json_put (out, "}");
    }
  rmq_json_put (out, "]}");
  return rmq_json_body_end (out);
}

/* ---- reading ------------------------------------------------------------- */

static void
read_client_id (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqHeartbeatData *)object)->client_id);
}

static void
read_group_name (RmqJsonReader *reader, gpointer groups)
{
  const char *name = rmq_json_reader_text (reader);
  if (name != NULL)
    g_ptr_array_add (groups, g_strdup (name));
}

/* FALSE: one of them has no name. */
static gboolean
read_groups (RmqJsonReader *reader, GPtrArray *groups)
{
  static const RmqJsonMember members[] = { { "groupName", read_group_name } };
  guint n = 0;
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return TRUE;
  for (; rmq_json_reader_next_element (reader); n++)
    rmq_json_read_object (reader, members, G_N_ELEMENTS (members), groups);
  return groups->len == n;
}

static void
read_producers (RmqJsonReader *reader, gpointer object)
{
  RmqHeartbeatData *data = object;
  data->has_nameless_producer = !read_groups (reader, data->producer_groups);
}

static void
keep_consumers (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqHeartbeatData *)object)->consumer_data_json);
}

/* The kept text again, from a copy: reading changes what is read. */
static gboolean
read_consumer_names (RmqHeartbeatData *self, GError **error)
{
  g_auto (RmqJsonBody) body;
  const char *json = self->consumer_data_json != NULL ? self->consumer_data_json : "[]";
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  rmq_json_body_init (&body, bytes);
  read_groups (&body.reader, self->consumer_groups);
  return rmq_json_reader_finish (&body.reader, "heartbeat, consumerDataSet", error);
}

static const RmqJsonMember heartbeat_members[] = {
  { "clientID", read_client_id },
  { "consumerDataSet", keep_consumers },
  { "producerDataSet", read_producers },
};

RmqHeartbeatData *
rmq_heartbeat_data_decode (GBytes *bytes, GError **error)
{
  g_auto (RmqJsonBody) body;
  g_autoptr (RmqHeartbeatData) self = rmq_heartbeat_data_new (NULL);
  rmq_json_body_init (&body, bytes);
  rmq_json_read_object (&body.reader, heartbeat_members, G_N_ELEMENTS (heartbeat_members), self);
  if (!rmq_json_reader_finish (&body.reader, "heartbeat", error)
      || !read_consumer_names (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* RegisterBrokerBody: the topics a broker announces, with their version. Pure. Plain JSON both
 * ways, and the compressed form for reading, since a real broker may be told to send it.
 */

#include "rmq-bodies.h"
#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-json-body-private.h"
#include "rmq-message-codec.h"
#include "rmq-wire-text.h"

#define UNPACKED_SIZE_MAX (64 * 1024 * 1024)

static void
topic_config_free (gpointer data)
{
  RmqTopicConfig *topic = data;
  g_free (topic->topic_name);
  g_free (topic);
}

RmqRegisterBrokerBody *
rmq_register_broker_body_new (void)
{
  RmqRegisterBrokerBody *self = g_new0 (RmqRegisterBrokerBody, 1);
  self->topics = g_ptr_array_new_with_free_func (topic_config_free);
  self->filter_servers = g_new0 (char *, 1);
  return self;
}

void
rmq_register_broker_body_free (RmqRegisterBrokerBody *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->topics);
  g_strfreev (self->filter_servers);
  g_free (self);
}

RmqTopicConfig *
rmq_register_broker_body_add_topic (RmqRegisterBrokerBody *self, const char *topic_name,
                                    gint read_queue_nums, gint write_queue_nums, gint perm)
{
  RmqTopicConfig *topic = g_new0 (RmqTopicConfig, 1);
  topic->topic_name = g_strdup (topic_name);
  topic->read_queue_nums = read_queue_nums;
  topic->write_queue_nums = write_queue_nums;
  topic->perm = perm;
  g_ptr_array_add (self->topics, topic);
  return topic;
}

/* ---- writing ------------------------------------------------------------- */

static void
put_topic (RmqJsonWriter *out, const RmqTopicConfig *topic, gboolean modern)
{
  rmq_json_put_string (out, topic->topic_name);
  rmq_json_put (out, modern ? ":{\"attributes\":{}," : ":{");
  rmq_json_put (out, topic->order ? "\"order\":true" : "\"order\":false");
  rmq_json_put_int_member (out, ",\"perm\":", topic->perm);
  rmq_json_put_int_member (out, ",\"readQueueNums\":", topic->read_queue_nums);
  rmq_json_put_member (out,
                       ",\"topicFilterType\":\"SINGLE_TAG\",\"topicName\":", topic->topic_name);
  rmq_json_put_int_member (out, ",\"topicSysFlag\":", topic->topic_sys_flag);
  rmq_json_put_int_member (out, ",\"writeQueueNums\":", topic->write_queue_nums);
  rmq_json_put (out, "}");
}

static void
put_topics (RmqJsonWriter *out, const RmqRegisterBrokerBody *self, gboolean modern)
{
  rmq_json_put (out, "\"topicConfigTable\":{");
  for (guint i = 0; i < self->topics->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_topic (out, g_ptr_array_index (self->topics, i), modern);
    }
  rmq_json_put (out, "}");
}

GBytes *
rmq_register_broker_body_encode (const RmqRegisterBrokerBody *self)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"filterServerList\":");
  rmq_json_put_strv (out, self->filter_servers);
  rmq_json_put_int_member (out, ",\"topicConfigSerializeWrapper\":{\"dataVersion\":{\"counter\":",
                           self->data_version.counter);
  rmq_json_put_int_member (out, ",\"timestamp\":", self->data_version.timestamp_ms);
  rmq_json_put (out, "},");
  put_topics (out, self, FALSE);
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

static void
put_version (RmqJsonWriter *out, const char *name, const RmqDataVersion *version, gboolean modern)
{
  rmq_json_put_member (out, "", name);
  rmq_json_put_int_member (out, ":{\"counter\":", version->counter);
  if (modern)
    rmq_json_put_int_member (out, ",\"stateVersion\":", version->state_version);
  rmq_json_put_int_member (out, ",\"timestamp\":", version->timestamp_ms);
  rmq_json_put (out, "},");
}

GBytes *
rmq_topic_config_table_encode (const RmqRegisterBrokerBody *self, gboolean modern)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{");
  put_version (out, "dataVersion", &self->data_version, modern);
  if (modern)
    put_version (out, "mappingDataVersion",
                 &(RmqDataVersion){ .timestamp_ms = self->data_version.timestamp_ms }, TRUE);
  put_topics (out, self, modern);
  if (modern)
    rmq_json_put (out, ",\"topicQueueMappingDetailMap\":{},\"topicQueueMappingInfoMap\":{}");
  rmq_json_put (out, "}");
  return rmq_json_body_end (out);
}

/* ---- reading ------------------------------------------------------------- */

static void
read_counter (RmqJsonReader *reader, gpointer object)
{
  rmq_json_reader_integer (reader, G_MININT64, G_MAXINT64, &((RmqDataVersion *)object)->counter);
}

static void
read_timestamp (RmqJsonReader *reader, gpointer object)
{
  rmq_json_reader_integer (reader, G_MININT64, G_MAXINT64,
                           &((RmqDataVersion *)object)->timestamp_ms);
}

static void
read_state_version (RmqJsonReader *reader, gpointer object)
{
  rmq_json_reader_integer (reader, G_MININT64, G_MAXINT64,
                           &((RmqDataVersion *)object)->state_version);
}

static const RmqJsonMember data_version_members[] = {
  { "counter", read_counter },
  { "stateVersion", read_state_version },
  { "timestamp", read_timestamp },
};

static void
read_data_version (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_object (reader, data_version_members, G_N_ELEMENTS (data_version_members),
                        &((RmqRegisterBrokerBody *)object)->data_version);
}

static void
read_topic_name (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqTopicConfig *)object)->topic_name);
}

static void
read_read_queue_nums (RmqJsonReader *reader, gpointer object)
{
  ((RmqTopicConfig *)object)->read_queue_nums = rmq_json_read_int (reader);
}

static void
read_write_queue_nums (RmqJsonReader *reader, gpointer object)
{
  ((RmqTopicConfig *)object)->write_queue_nums = rmq_json_read_int (reader);
}

static void
read_perm (RmqJsonReader *reader, gpointer object)
{
  ((RmqTopicConfig *)object)->perm = rmq_json_read_int (reader);
}

static void
read_topic_sys_flag (RmqJsonReader *reader, gpointer object)
{
  ((RmqTopicConfig *)object)->topic_sys_flag = rmq_json_read_int (reader);
}

static void
read_order (RmqJsonReader *reader, gpointer object)
{
  ((RmqTopicConfig *)object)->order = rmq_json_reader_boolean (reader);
}

static const RmqJsonMember topic_members[] = {
  { "order", read_order },
  { "perm", read_perm },
  { "readQueueNums", read_read_queue_nums },
  { "topicName", read_topic_name },
  { "topicSysFlag", read_topic_sys_flag },
  { "writeQueueNums", read_write_queue_nums },
};

/* The key is the topic's name to a name server; topicName inside only repeats it. */
static void
read_topic_config_table (RmqJsonReader *reader, gpointer object)
{
  const char *name;
  if (!rmq_json_read_enter (reader, RMQ_JSON_OBJECT))
    return;
  while (rmq_json_reader_next_member (reader, &name))
    {
      RmqTopicConfig *topic = rmq_register_broker_body_add_topic (object, name, 0, 0, 0);
      rmq_json_read_object (reader, topic_members, G_N_ELEMENTS (topic_members), topic);
      if (topic->topic_name == NULL)
        rmq_json_reader_fail (reader, "a topic whose topicName is null");
    }
}

static const RmqJsonMember wrapper_members[] = {
  { "dataVersion", read_data_version },
  { "topicConfigTable", read_topic_config_table },
};

static void
read_wrapper (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_object (reader, wrapper_members, G_N_ELEMENTS (wrapper_members), object);
}

static void
read_filter_server_list (RmqJsonReader *reader, gpointer object)
{
  RmqRegisterBrokerBody *self = object;
  g_strfreev (self->filter_servers);
  self->filter_servers = rmq_json_read_strv (reader);
}

static const RmqJsonMember body_members[] = {
  { "filterServerList", read_filter_server_list },
  { "topicConfigSerializeWrapper", read_wrapper },
};

static RmqRegisterBrokerBody *
decode (GBytes *json, const RmqJsonMember *members, gsize n_members, GError **error)
{
  g_auto (RmqJsonBody) body;
  g_autoptr (RmqRegisterBrokerBody) self = rmq_register_broker_body_new ();
  rmq_json_body_init (&body, json);
  rmq_json_read_object (&body.reader, members, n_members, self);
  if (!rmq_json_reader_finish (&body.reader, "RegisterBrokerBody", error))
    return NULL;
  return g_steal_pointer (&self);
}

RmqRegisterBrokerBody *
rmq_register_broker_body_decode (GBytes *json, GError **error)
{
  return decode (json, body_members, G_N_ELEMENTS (body_members), error);
}

RmqRegisterBrokerBody *
rmq_register_broker_body_decode_topics (GBytes *json, GError **error)
{
  RmqRegisterBrokerBody *self =
      decode (json, wrapper_members, G_N_ELEMENTS (wrapper_members), error);
  if (self != NULL)
    g_clear_pointer (&self->filter_servers, g_strfreev);
  return self;
}

gboolean
rmq_data_version_decode (GBytes *json, RmqDataVersion *version, GError **error)
{
  g_auto (RmqJsonBody) body;
  *version = (RmqDataVersion){ 0 };
  rmq_json_body_init (&body, json);
  rmq_json_read_object (&body.reader, data_version_members, G_N_ELEMENTS (data_version_members),
                        version);
  return rmq_json_reader_finish (&body.reader, "DataVersion", error);
}

GBytes *
rmq_data_version_encode (const RmqDataVersion *version, gboolean with_state)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put_int_member (out, "{\"counter\":", version->counter);
  if (with_state)
    rmq_json_put_int_member (out, ",\"stateVersion\":", version->state_version);
  rmq_json_put_int_member (out, ",\"timestamp\":", version->timestamp_ms);
  rmq_json_put (out, "}");
  return rmq_json_body_end (out);
}

/* ---- the compressed form ------------------------------------------------- */

/* (transfer full) (nullable): a text with its length before it. */
static char *
take_text (RmqCursor *cursor)
{
  gsize size = (guint32)rmq_cursor_i32 (cursor);
  const guint8 *bytes = rmq_cursor_take (cursor, size);
  if (bytes == NULL)
    return NULL;
  char *text = g_malloc (size + 1);
  memcpy (text, bytes, size);
  rmq_text_seal (text, size);
  return text;
}

/* A JSON value with its length before it; read gets object. */
static void
take_json (RmqCursor *cursor, void (*read) (RmqJsonReader *reader, gpointer object),
           gpointer object)
{
  g_autofree char *text = take_text (cursor);
  if (text == NULL)
    return;
  RmqJsonReader reader;
  rmq_json_reader_init (&reader, text, strlen (text));
  read (&reader, object);
  if (!rmq_json_reader_finish (&reader, "compressed registration", NULL))
    cursor->failed = TRUE;
}

/* "name readQueueNums writeQueueNums perm SINGLE_TAG", and from 5.x on attributes. */
static gboolean
take_topic (RmqCursor *cursor, RmqRegisterBrokerBody *self)
{
  g_autofree char *text = take_text (cursor);
  if (text == NULL)
    return FALSE;
  gint64 read_nums, write_nums, perm;
  g_auto (GStrv) parts = g_strsplit (text, " ", 6);
  if (g_strv_length (parts) < 5 || !rmq_decimal_parse (parts[1], 0, RMQ_QUEUE_NUMS_MAX, &read_nums)
      || !rmq_decimal_parse (parts[2], 0, RMQ_QUEUE_NUMS_MAX, &write_nums)
      || !rmq_decimal_parse (parts[3], G_MININT32, G_MAXINT32, &perm))
    return FALSE;
  rmq_register_broker_body_add_topic (self, parts[0], (gint)read_nums, (gint)write_nums,
                                      (gint)perm);
  return TRUE;
}

RmqRegisterBrokerBody *
rmq_register_broker_body_decode_compressed (GBytes *packed, GError **error)
{
  g_autoptr (RmqRegisterBrokerBody) self = rmq_register_broker_body_new ();
  g_autoptr (GBytes) bytes = rmq_zlib_decompress (packed, UNPACKED_SIZE_MAX, error);
  if (bytes == NULL)
    return NULL;
  RmqCursor cursor = { 0 };
  cursor.data = g_bytes_get_data (bytes, &cursor.size);
  take_json (&cursor, read_data_version, self);
  for (gint32 left = rmq_cursor_i32 (&cursor); left > 0 && !cursor.failed; left--)
    cursor.failed = !take_topic (&cursor, self);
  take_json (&cursor, read_filter_server_list, self);
  if (!cursor.failed)
    return g_steal_pointer (&self);
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "Failed to decode RegisterBrokerBody: compressed form, at byte %" G_GSIZE_FORMAT
               " of %" G_GSIZE_FORMAT,
               cursor.position, cursor.size);
  return NULL;
}

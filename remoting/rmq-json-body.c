/* SPDX-License-Identifier: Apache-2.0 */

/* What the JSON bodies share: a copy to read in, a loop over known members, lists of texts. Pure.
 * Null is "not there" everywhere, as in Java.
 */

#include "rmq-json-body-private.h"

#include <string.h>

void
rmq_json_body_init (RmqJsonBody *body, GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  body->text = g_malloc (size + 1);
  if (size > 0)
    memcpy (body->text, data, size);
  rmq_json_reader_init (&body->reader, body->text, size);
}

void
rmq_json_body_clear (RmqJsonBody *body)
{
  g_clear_pointer (&body->text, g_free);
}

void
rmq_json_body_begin (RmqJsonWriter *out)
{
  rmq_json_writer_begin (out, g_byte_array_new ());
}

GBytes *
rmq_json_body_end (RmqJsonWriter *out)
{
  rmq_json_writer_end (out);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out->out));
}

/* ---- reading ------------------------------------------------------------- */

gboolean
rmq_json_read_enter (RmqJsonReader *reader, RmqJsonKind kind)
{
  if (rmq_json_reader_peek (reader) == RMQ_JSON_BARE)
    {
      if (rmq_json_reader_text (reader) != NULL)
        rmq_json_reader_fail (reader, "an object or an array is needed");
      return FALSE;
    }
  return rmq_json_reader_enter (reader, kind);
}

static const RmqJsonMember *
find_member (const RmqJsonMember *members, gsize n_members, const char *name)
{
  for (gsize i = 0; i < n_members; i++)
    if (strcmp (members[i].name, name) == 0)
      return &members[i];
  return NULL;
}

void
rmq_json_read_object (RmqJsonReader *reader, const RmqJsonMember *members, gsize n_members,
                      gpointer object)
{
  const char *name;
  if (!rmq_json_read_enter (reader, RMQ_JSON_OBJECT))
    return;
  while (rmq_json_reader_next_member (reader, &name))
    {
      const RmqJsonMember *member = find_member (members, n_members, name);
      if (member != NULL)
        member->read (reader, object);
      else
        rmq_json_reader_skip (reader);
    }
}

gint
rmq_json_read_int (RmqJsonReader *reader)
{
  gint64 value = 0;
  rmq_json_reader_integer (reader, G_MININT32, G_MAXINT32, &value);
  return (gint)value;
}

gint
rmq_json_read_count (RmqJsonReader *reader)
{
  gint64 value = 0;
  rmq_json_reader_integer (reader, 0, RMQ_QUEUE_NUMS_MAX, &value);
  return (gint)value;
}

void
rmq_json_read_string (RmqJsonReader *reader, char **text)
{
  g_free (*text);
  *text = g_strdup (rmq_json_reader_text (reader));
}

char **
rmq_json_read_strv (RmqJsonReader *reader)
{
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  while (rmq_json_reader_next_element (reader))
    {
      const char *text = rmq_json_reader_text (reader);
      if (text != NULL)
        g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

/* ---- writing ------------------------------------------------------------- */

void
rmq_json_put_strv (RmqJsonWriter *out, char *const *texts)
{
  rmq_json_put (out, "[");
  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    rmq_json_put_member (out, i > 0 ? "," : "", texts[i]);
  rmq_json_put (out, "]");
}

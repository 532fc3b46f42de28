/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a batch: small records, back to back. Pure. Sizes come from a peer; each is held
 * against what is left before it is used.
 */

#include "rmq-message-codec.h"

#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-wire-text.h"

/* total size, magic 0, CRC 0, flag, body length; after the body the properties' length */
#define HEAD_SIZE 20
#define FIXED_SIZE (HEAD_SIZE + 2)

void
rmq_batch_message_clear (RmqBatchMessage *message)
{
  g_clear_pointer (&message->body, g_bytes_unref);
  g_clear_pointer (&message->properties, rmq_properties_free);
}

void
rmq_batch_encode (GByteArray *out, gint32 flag, GBytes *body, const char *properties)
{
  gsize body_size;
  const guint8 *data = g_bytes_get_data (body, &body_size);
  gsize properties_size = properties != NULL ? strlen (properties) : 0;
  rmq_append_be (out, FIXED_SIZE + body_size + properties_size, 4);
  rmq_append_be (out, 0, 4);
  rmq_append_be (out, 0, 4);
  rmq_append_be (out, (guint64)flag, 4);
  rmq_append_be (out, body_size, 4);
  if (body_size > 0)
    g_byte_array_append (out, data, (guint)body_size);
  rmq_append_be (out, properties_size, 2);
  if (properties_size > 0)
    g_byte_array_append (out, (const guint8 *)properties, (guint)properties_size);
}

static RmqProperties *
decode_properties (const guint8 *data, gsize size)
{
  g_autofree char *text = g_malloc (size + 1);
  memcpy (text, data, size);
  rmq_text_seal (text, size);
  return rmq_properties_decode (text);
}

/* One record; its sizes must agree with one another. */
static gboolean
decode_record (RmqCursor *cursor, GBytes *batch, RmqBatchMessage *message)
{
  gsize start = cursor->position;
  gsize total_size = (guint32)rmq_cursor_i32 (cursor);
  rmq_cursor_take (cursor, 8);
  message->flag = rmq_cursor_i32 (cursor);
  gsize body_size = (guint32)rmq_cursor_i32 (cursor);
  gsize body_at = cursor->position;
  rmq_cursor_take (cursor, body_size);
  gsize properties_size = (guint16)rmq_cursor_i16 (cursor);
  const guint8 *properties = rmq_cursor_take (cursor, properties_size);
  if (cursor->failed || cursor->position - start != total_size)
    return FALSE;
  message->body = g_bytes_new_from_bytes (batch, body_at, body_size);
  message->properties = decode_properties (properties, properties_size);
  return TRUE;
}

static void
clear_message (gpointer message)
{
  rmq_batch_message_clear (message);
}

GArray *
rmq_batch_decode (GBytes *body, GError **error)
{
  g_autoptr (GArray) messages = g_array_new (FALSE, TRUE, sizeof (RmqBatchMessage));
  RmqCursor cursor = { 0 };
  cursor.data = g_bytes_get_data (body, &cursor.size);
  g_array_set_clear_func (messages, clear_message);
  while (rmq_cursor_remaining (&cursor) > 0)
    {
      RmqBatchMessage message = { 0 };
      gsize start = cursor.position;
      if (!decode_record (&cursor, body, &message))
        {
          g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                       "batch message %u at byte %" G_GSIZE_FORMAT ": sizes don't add up",
                       messages->len, start);
          return NULL;
        }
      g_array_append_val (messages, message);
    }
  return g_steal_pointer (&messages);
}

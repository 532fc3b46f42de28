/* SPDX-License-Identifier: Apache-2.0 */

/* The header in RocketMQ's own binary encoding: fixed fields, remark, ext fields. Pure. Reads
 * inside the command's copy of the header: a text moves one byte to the left, onto its length,
 * which makes room for its NUL.
 */

#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-remoting-command-private.h"
#include "rmq-wire-text.h"

static void
append_text (GByteArray *out, const char *text, gsize length_size)
{
  gsize size = text != NULL ? strlen (text) : 0;
  rmq_append_be (out, size, length_size);
  if (size > 0)
    g_byte_array_append (out, (const guint8 *)text, (guint)size);
}

void
rmq_header_rocketmq_encode (const RmqRemotingCommand *command, GByteArray *out)
{
  rmq_append_be (out, (guint64)command->code, 2);
  rmq_append_be (out, (guint64)command->language, 1);
  rmq_append_be (out, (guint64)command->version, 2);
  rmq_append_be (out, (guint64)command->opaque, 4);
  rmq_append_be (out, (guint64)command->flag, 4);
  append_text (out, command->remark, 4);
  guint at = out->len;
  rmq_append_be (out, 0, 4);
  for (guint i = 0; i < command->n_ext; i++)
    {
      append_text (out, command->ext[i].name, 2);
      append_text (out, command->ext[i].value, 4);
    }
  rmq_store_be (out->data + at, out->len - at - 4, 4);
}

/* A text and the length before it. Lengths are signed in Java: a negative one is longer than
 * anything. */
static const char *
take_text (RmqCursor *cursor, gsize length_size)
{
  gsize size = rmq_cursor_read (cursor, length_size);
  const guint8 *bytes = rmq_cursor_take (cursor, size);
  if (bytes == NULL)
    return NULL;
  char *text = (char *)bytes - 1;
  memmove (text, bytes, size);
  rmq_text_seal (text, size);
  return text;
}

static void
take_ext_fields (RmqCursor *cursor, RmqRemotingCommand *command)
{
  gsize size = (guint32)rmq_cursor_i32 (cursor);
  if (size > rmq_cursor_remaining (cursor))
    cursor->failed = TRUE;
  gsize end = cursor->position + size;
  while (!cursor->failed && cursor->position < end)
    {
      const char *name = take_text (cursor, 2);
      const char *value = take_text (cursor, 4);
      if (value != NULL)
        rmq_remoting_command_push_ext (command, name, value);
    }
  if (cursor->position > end)
    cursor->failed = TRUE;
}

gboolean
rmq_header_rocketmq_decode (RmqRemotingCommand *command, gsize size, GError **error)
{
  RmqCursor cursor = { .data = (const guint8 *)command->text, .size = size };
  command->code = rmq_cursor_i16 (&cursor);
  command->language = rmq_language_from_number ((gint)rmq_cursor_read (&cursor, 1));
  command->version = rmq_cursor_i16 (&cursor);
  command->opaque = rmq_cursor_i32 (&cursor);
  command->flag = rmq_cursor_i32 (&cursor);
  const char *remark = take_text (&cursor, 4);
  command->remark = remark != NULL && *remark != '\0' ? remark : NULL;
  take_ext_fields (&cursor, command);
  if (!cursor.failed)
    return TRUE;
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "ROCKETMQ header of %" G_GSIZE_FORMAT " bytes: it ends too early, or a length is"
               " wrong, at byte %" G_GSIZE_FORMAT,
               size, cursor.position);
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The header in RocketMQ's own binary encoding: fixed fields, remark, ext fields. Pure. Reads
 * inside the command's copy of the header: a text moves one byte to the left, onto its length,
 * which makes room for its NUL.
 */

#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-remoting-command-private.h"

#define FIXED_SIZE 21 /* all but the remark and the ext fields themselves */

static guint8 *
put_number (guint8 *at, guint64 value, gsize n_bytes)
{
  rmq_store_be (at, value, n_bytes);
  return at + n_bytes;
}

/* A text and, before it, its length in length_size bytes. */
static guint8 *
put_text (guint8 *at, const char *text, gsize size, gsize length_size)
{
  at = put_number (at, size, length_size);
  return size > 0 ? (guint8 *)memcpy (at, text, size) + size : at;
}

void
rmq_header_rocketmq_encode (const RmqRemotingCommand *command, GByteArray *out)
{
  gsize ext_size = 0;
  for (guint i = 0; i < command->n_ext; i++)
    ext_size += 2 + 4 + command->ext[i].name_size + command->ext[i].value_size;
  gsize remark_size = command->remark != NULL ? strlen (command->remark) : 0;
  gsize size = FIXED_SIZE + remark_size + ext_size;
  g_byte_array_set_size (out, out->len + (guint)size);
  guint8 *at = out->data + out->len - size;
  at = put_number (at, (guint64)command->code, 2);
  at = put_number (at, (guint64)command->language, 1);
  at = put_number (at, (guint64)command->version, 2);
  at = put_number (at, (guint64)command->opaque, 4);
  at = put_number (at, (guint64)command->flag, 4);
  at = put_text (at, command->remark, remark_size, 4);
  at = put_number (at, ext_size, 4);
  for (const RmqTextPair *ext = command->ext; ext < command->ext + command->n_ext; ext++)
    {
      at = put_text (at, ext->name, ext->name_size, 2);
      at = put_text (at, ext->value, ext->value_size, 4);
    }
  g_assert (at == out->data + out->len);
}

/* A text and the length before it. Lengths are signed in Java: a negative one is longer than
 * anything. */
static const char *
take_text (RmqCursor *cursor, gsize length_size, gsize *size)
{
  *size = rmq_cursor_read (cursor, length_size);
  const guint8 *bytes = rmq_cursor_take (cursor, *size);
  if (bytes == NULL)
    return NULL;
  char *text = (char *)bytes - 1;
  memmove (text, bytes, *size);
  rmq_text_seal (text, *size);
  return text;
}

static void
take_ext_fields (RmqCursor *cursor, RmqRemotingCommand *command)
{
  gint32 length = rmq_cursor_i32 (cursor);
  gsize size = length > 0 ? (gsize)length : 0; /* Java takes a negative one for none */
  if (size > rmq_cursor_remaining (cursor))
    cursor->failed = TRUE;
  gsize end = cursor->position + size;
  while (!cursor->failed && cursor->position < end)
    {
      RmqTextPair ext;
      ext.name = take_text (cursor, 2, &ext.name_size);
      ext.value = take_text (cursor, 4, &ext.value_size);
      if (ext.value != NULL)
        rmq_remoting_command_push_ext (command, ext);
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
  gsize remark_size;
  const char *remark = take_text (&cursor, 4, &remark_size);
  command->remark = remark != NULL && remark_size > 0 ? remark : NULL;
  take_ext_fields (&cursor, command);
  if (!cursor.failed)
    return TRUE;
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "ROCKETMQ header of %" G_GSIZE_FORMAT " bytes: it ends too early, or a length is"
               " wrong, at byte %" G_GSIZE_FORMAT,
               size, cursor.position);
  return FALSE;
}

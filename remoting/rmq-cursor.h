/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Big-endian reading and writing with bounds. A read past the end gives 0 or NULL and makes the
 * cursor fail for good, so that a caller may read a whole record and ask once. */

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize position;
  gboolean failed;
} RmqCursor;

static inline gsize
rmq_cursor_remaining (const RmqCursor *cursor)
{
  return cursor->failed ? 0 : cursor->size - cursor->position;
}

/* (nullable): n bytes, left where they are. */
static inline const guint8 *
rmq_cursor_take (RmqCursor *cursor, gsize n)
{
  if (n > rmq_cursor_remaining (cursor))
    cursor->failed = TRUE;
  if (cursor->failed)
    return NULL;
  const guint8 *taken = cursor->data + cursor->position;
  cursor->position += n;
  return taken;
}

static inline guint64
rmq_cursor_read (RmqCursor *cursor, gsize n_bytes)
{
  const guint8 *bytes = rmq_cursor_take (cursor, n_bytes);
  guint64 value = 0;
  for (gsize i = 0; bytes != NULL && i < n_bytes; i++)
    value = value << 8 | bytes[i];
  return value;
}

static inline gint16
rmq_cursor_i16 (RmqCursor *cursor)
{
  return (gint16)rmq_cursor_read (cursor, 2);
}

static inline gint32
rmq_cursor_i32 (RmqCursor *cursor)
{
  return (gint32)rmq_cursor_read (cursor, 4);
}

static inline gint64
rmq_cursor_i64 (RmqCursor *cursor)
{
  return (gint64)rmq_cursor_read (cursor, 8);
}

static inline void
rmq_store_be (guint8 *out, guint64 value, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    out[i] = (guint8)(value >> 8 * (n_bytes - 1 - i));
}

static inline void
rmq_append_be (GByteArray *out, guint64 value, gsize n_bytes)
{
  guint8 bytes[8];
  g_assert (n_bytes <= sizeof bytes);
  rmq_store_be (bytes, value, n_bytes);
  g_byte_array_append (out, bytes, (guint)n_bytes);
}

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* zlib streams and the CRC of a body. Pure. What comes out of a peer's stream has a limit the
 * caller names, so that a small frame can't fill the memory.
 */

#include <zlib.h>

#include "rmq-bodies.h"
#include "rmq-error.h"
#include "rmq-message-codec.h"

#define CHUNK_SIZE_MIN 1024
#define CHUNK_SIZE_MAX (1024 * 1024)

GBytes *
rmq_zlib_compress (GBytes *data, gint level)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (data, &size);
  uLongf packed_size = compressBound (size);
  g_autofree guint8 *packed = g_malloc (packed_size);
  if (compress2 (packed, &packed_size, bytes, size, level) != Z_OK)
    return NULL;
  return g_bytes_new (packed, packed_size);
}

/* Inflates into out. (nullable): what is wrong. */
static const char *
inflate_all (z_stream *stream, GByteArray *out, gsize max_size_bytes)
{
  int status = Z_OK;
  while (status == Z_OK)
    {
      guint used = out->len;
      gsize chunk = CLAMP (used, CHUNK_SIZE_MIN, CHUNK_SIZE_MAX);
      g_byte_array_set_size (out, used + (guint)chunk);
      stream->next_out = out->data + used;
      stream->avail_out = (uInt)chunk;
      status = inflate (stream, Z_NO_FLUSH);
      g_byte_array_set_size (out, (guint)(used + chunk - stream->avail_out));
      if (out->len > max_size_bytes)
        return "it exceeds the limit";
    }
  if (status == Z_STREAM_END)
    return NULL;
  return status == Z_BUF_ERROR ? "it ends too early" : "it is no zlib stream";
}

GBytes *
rmq_zlib_decompress (GBytes *data, gsize max_size_bytes, GError **error)
{
  gsize size;
  z_stream stream = { 0 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  stream.next_in = (Bytef *)g_bytes_get_data (data, &size);
  stream.avail_in = (uInt)size;
  g_return_val_if_fail (inflateInit (&stream) == Z_OK, NULL);
  const char *reason = inflate_all (&stream, out, max_size_bytes);
  inflateEnd (&stream);
  if (reason == NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&out));
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "compressed data of %" G_GSIZE_FORMAT " bytes (limit %" G_GSIZE_FORMAT "): %s", size,
               max_size_bytes, reason);
  return NULL;
}

gint32
rmq_body_crc32 (GBytes *body)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (body, &size);
  return (gint32)(crc32 (0, bytes, (uInt)size) & G_MAXINT32);
}

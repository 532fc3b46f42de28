/* SPDX-License-Identifier: Apache-2.0 */

/* Cuts a stream into frames: length word, second word, header, body. Pure: whoever owns the reader
 * feeds it, on whatever context. Must never wait for a frame that can't come: a length that is out
 * of bounds ends the stream at once, with a word about who seems to be calling.
 *
 *   stream:  | length | type, header length | header | body |   | length | …
 *             4 bytes   4 bytes                                  ^ offset of the next frame
 *   Frames are cut straight out of what is fed. What is left over, seldom anything, waits in
 *   `pending` until more is fed; `consumed` bytes of it are done and go then.
 */

#include "rmq-frame-reader.h"

#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-remoting-command-private.h"

#define LENGTH_SIZE 4
#define LENGTH_MIN 4 /* the second word */
#define LENGTH_MAX (RMQ_FRAME_LENGTH_MAX - LENGTH_SIZE)

void
rmq_frame_reader_init (RmqFrameReader *reader)
{
  *reader = (RmqFrameReader){ .pending = g_byte_array_new () };
}

void
rmq_frame_reader_clear (RmqFrameReader *reader)
{
  g_clear_pointer (&reader->pending, g_byte_array_unref);
  *reader = (RmqFrameReader){ 0 };
}

gsize
rmq_frame_reader_get_pending_size (const RmqFrameReader *reader)
{
  return reader->fed_size + reader->pending->len - reader->consumed;
}

/* Takes over what was fed and not cut. */
void
rmq_frame_reader_keep_fed (RmqFrameReader *reader)
{
  if (reader->fed_size > 0)
    g_byte_array_append (reader->pending, reader->fed, (guint)reader->fed_size);
  reader->fed = NULL;
  reader->fed_size = 0;
}

void
rmq_frame_reader_feed (RmqFrameReader *reader, const guint8 *data, gsize size)
{
  if (reader->failed)
    return;
  rmq_frame_reader_keep_fed (reader);
  if (reader->consumed > 0)
    g_byte_array_remove_range (reader->pending, 0, (guint)reader->consumed);
  reader->consumed = 0;
  reader->fed = data;
  reader->fed_size = size;
  if (reader->pending->len > 0)
    rmq_frame_reader_keep_fed (reader);
}

/* Cut off the front of what waits. */
static void
consume (RmqFrameReader *reader, gsize size)
{
  reader->offset += size;
  if (reader->fed == NULL)
    reader->consumed += size;
  else
    {
      reader->fed += size;
      reader->fed_size -= size;
    }
}

/* Who else knocks at a remoting port, by the first bytes. */
static const char *
guess_caller (const guint8 *bytes, gsize size)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    const char *hint;
  } callers[] = {
    { "\x16\x03", 2, "a TLS client hello; this port speaks plain remoting, switch TLS off" },
    { "PRI ", 4, "an HTTP/2 preface, as a gRPC (5.x) client sends; this port speaks remoting" },
    { "GET ", 4, "an HTTP request; this port speaks remoting" },
    { "POST", 4, "an HTTP request; this port speaks remoting" },
    { "PUT ", 4, "an HTTP request; this port speaks remoting" },
    { "HEAD", 4, "an HTTP request; this port speaks remoting" },
    { "OPTI", 4, "an HTTP request; this port speaks remoting" },
    { "DELE", 4, "an HTTP request; this port speaks remoting" },
    { "HTTP", 4, "an HTTP answer; this port speaks remoting" },
    { "PROX", 4, "a proxy protocol line; this port speaks plain remoting" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (callers); i++)
    if (size >= callers[i].size && memcmp (bytes, callers[i].bytes, callers[i].size) == 0)
      return callers[i].hint;
  return NULL;
}

static gboolean
check_length (const RmqFrameReader *reader, const guint8 *bytes, gint32 length, GError **error)
{
  if (length >= LENGTH_MIN && length <= LENGTH_MAX)
    return TRUE;
  const char *hint = reader->offset == 0 ? guess_caller (bytes, LENGTH_SIZE) : NULL;
  g_autofree char *what =
      length > LENGTH_MAX ? g_strdup_printf ("frame length %d exceeds %d", length, LENGTH_MAX)
                          : g_strdup_printf ("frame length %d is less than %d", length, LENGTH_MIN);
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "%s at byte %" G_GUINT64_FORMAT " of the stream%s%s", what, reader->offset,
               hint != NULL ? ": this looks like " : "", hint != NULL ? hint : "");
  return FALSE;
}

static RmqRemotingCommand *
cut_frame (RmqFrameReader *reader, GError **error)
{
  RmqCursor cursor = {
    .data = reader->fed != NULL ? reader->fed : reader->pending->data + reader->consumed,
    .size = rmq_frame_reader_get_pending_size (reader),
  };
  if (cursor.size < LENGTH_SIZE)
    return NULL;
  gint32 length = rmq_cursor_i32 (&cursor);
  if (!check_length (reader, cursor.data, length, error))
    return NULL;
  if ((gsize)length > rmq_cursor_remaining (&cursor))
    return NULL;
  RmqRemotingCommand *command = rmq_remoting_command_decode_data (
      rmq_cursor_take (&cursor, (gsize)length), (gsize)length, error);
  if (command == NULL)
    {
      g_prefix_error (error, "frame at byte %" G_GUINT64_FORMAT " of the stream: ", reader->offset);
      return NULL;
    }
  consume (reader, cursor.position);
  return command;
}

RmqRemotingCommand *
rmq_frame_reader_next (RmqFrameReader *reader, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  g_autoptr (GError) bad = NULL;
  if (reader->failed)
    bad = g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                       "the stream was given up at byte %" G_GUINT64_FORMAT, reader->offset);
  RmqRemotingCommand *command = bad == NULL ? cut_frame (reader, &bad) : NULL;
  reader->failed = bad != NULL;
  if (command == NULL)
    rmq_frame_reader_keep_fed (reader);
  if (bad != NULL)
    g_propagate_error (error, g_steal_pointer (&bad));
  return command;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The frame reader: any split of a stream, limits, who knocked; and the ROCKETMQ header's refusals.
 */

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-frame-reader.h"
#include "vector.h"

static void
feed_text (RmqFrameReader *reader, const char *bytes, gsize size)
{
  rmq_frame_reader_feed (reader, (const guint8 *)bytes, size);
}

/* Feeds bytes to a fresh reader and expects its refusal. */
static void
assert_refused (const char *bytes, gsize size, const char *message)
{
  RmqFrameReader reader;
  g_autoptr (GError) error = NULL;
  rmq_frame_reader_init (&reader);
  feed_text (&reader, bytes, size);
  g_assert_null (rmq_frame_reader_next (&reader, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, message);
  rmq_frame_reader_clear (&reader);
}
#define ASSERT_REFUSED(bytes, message) assert_refused (bytes, sizeof bytes - 1, message)

/* ---- splits -------------------------------------------------------------- */

/* All frames of a folder in a row. */
static GPtrArray *
all_frames (const char *folder)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_auto (GStrv) names = vector_list (folder, "");
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (Vector) vector = vector_load (names[i]);
      g_ptr_array_add (frames, g_bytes_ref (vector->request));
      if (vector->response != NULL)
        g_ptr_array_add (frames, g_bytes_ref (vector->response));
    }
  return frames;
}

static GBytes *
join (const GPtrArray *frames)
{
  GByteArray *stream = g_byte_array_new ();
  for (guint i = 0; i < frames->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (g_ptr_array_index (frames, i), &size);
      g_byte_array_append (stream, data, (guint)size);
    }
  return g_byte_array_free_to_bytes (stream);
}

/* Takes what is whole and compares; returns how many frames came. */
static guint
take_frames (RmqFrameReader *reader, const GPtrArray *frames, guint n_before)
{
  guint n = n_before;
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqRemotingCommand) command = rmq_frame_reader_next (reader, &error);
      g_assert_no_error (error);
      if (command == NULL)
        return n;
      g_assert_cmpuint (n, <, frames->len);
      g_autoptr (GBytes) again = vector_encode (command);
      vector_assert_equal (again, g_ptr_array_index (frames, n), "frame");
      n++;
    }
}

static void
assert_split (const GPtrArray *frames, GBytes *stream, gint chunk_max)
{
  RmqFrameReader reader;
  gsize size, at = 0;
  guint n = 0;
  const guint8 *data = g_bytes_get_data (stream, &size);
  rmq_frame_reader_init (&reader);
  while (at < size)
    {
      gsize chunk = (gsize)g_test_rand_int_range (1, chunk_max + 1);
      chunk = MIN (chunk, size - at);
      rmq_frame_reader_feed (&reader, data + at, chunk);
      at += chunk;
      n = take_frames (&reader, frames, n);
      g_assert_cmpuint (reader.offset + rmq_frame_reader_get_pending_size (&reader), ==, at);
    }
  g_assert_cmpuint (n, ==, frames->len);
  g_assert_cmpuint (rmq_frame_reader_get_pending_size (&reader), ==, 0);
  rmq_frame_reader_clear (&reader);
}

static void
test_any_split (gconstpointer folder)
{
  static const gint chunk_maxima[] = { 1, 7, 60, 1000, 16384, 1 << 20 };
  g_autoptr (GPtrArray) frames = all_frames (folder);
  g_autoptr (GBytes) stream = join (frames);
  for (guint i = 0; i < G_N_ELEMENTS (chunk_maxima); i++)
    assert_split (frames, stream, chunk_maxima[i]);
}

static void
test_waits (void)
{
  RmqFrameReader reader;
  g_autoptr (GError) error = NULL;
  rmq_frame_reader_init (&reader);
  feed_text (&reader, "\x00\xff\xff\xfc", 4);
  feed_text (&reader, "\x00\x00\x00\x02{}", 6);
  g_assert_null (rmq_frame_reader_next (&reader, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (rmq_frame_reader_get_pending_size (&reader), ==, 10);
  rmq_frame_reader_clear (&reader);
}

/* A frame of exactly the limit arrives; its body is what is left of it. */
static void
test_largest_frame (void)
{
  RmqFrameReader reader;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *frame = g_malloc0 (RMQ_FRAME_LENGTH_MAX);
  rmq_store_be (frame, RMQ_FRAME_LENGTH_MAX - 4, 4);
  rmq_store_be (frame + 4, 2, 4);
  frame[8] = '{';
  frame[9] = '}';
  rmq_frame_reader_init (&reader);
  rmq_frame_reader_feed (&reader, frame, RMQ_FRAME_LENGTH_MAX);
  g_autoptr (RmqRemotingCommand) command = rmq_frame_reader_next (&reader, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (rmq_remoting_command_get_body (command)), ==,
                    RMQ_FRAME_LENGTH_MAX - 10);
  rmq_frame_reader_clear (&reader);
}

/* ---- refusals ------------------------------------------------------------ */

static void
test_lengths (void)
{
  ASSERT_REFUSED ("\x00\xff\xff\xfd",
                  "frame length 16777213 exceeds 16777212 at byte 0 of the stream");
  ASSERT_REFUSED ("\x7f\xff\xff\xff",
                  "frame length 2147483647 exceeds 16777212 at byte 0 of the stream");
  ASSERT_REFUSED ("\xff\xff\xff\xff", "frame length -1 is less than 4 at byte 0 of the stream");
  ASSERT_REFUSED ("\x00\x00\x00\x03", "frame length 3 is less than 4 at byte 0 of the stream");
  ASSERT_REFUSED ("\x00\x00\x00\x00", "frame length 0 is less than 4 at byte 0 of the stream");
}

static void
test_second_word (void)
{
  ASSERT_REFUSED (
      "\x00\x00\x00\x06\x00\x00\x00\x03{}",
      "frame at byte 0 of the stream: header length 3 exceeds the 2 bytes left of the frame");
  ASSERT_REFUSED (
      "\x00\x00\x00\x06\x02\x00\x00\x02{}",
      "frame at byte 0 of the stream: header encoding 2 is neither JSON (0) nor ROCKETMQ (1)");
  ASSERT_REFUSED ("\x00\x00\x00\x04\x00\x00\x00\x00",
                  "frame at byte 0 of the stream: JSON header: an object is needed at byte 0");
}

static void
test_callers (void)
{
  ASSERT_REFUSED ("\x16\x03\x01\x02\x00\x01",
                  "frame length 369295618 exceeds 16777212 at byte 0 of the stream: this looks "
                  "like a TLS client hello; this port speaks plain remoting, switch TLS off");
  ASSERT_REFUSED (
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "frame length 1347569952 exceeds 16777212 at byte 0 of the stream: this looks like an HTTP/2 "
      "preface, as a gRPC (5.x) client sends; this port speaks remoting");
  ASSERT_REFUSED ("GET / HTTP/1.1\r\n",
                  "frame length 1195725856 exceeds 16777212 at byte 0 of the stream: this looks "
                  "like an HTTP request; this port speaks remoting");
  ASSERT_REFUSED ("POST", "frame length 1347375956 exceeds 16777212 at byte 0 of the stream: this "
                          "looks like an HTTP request; this port speaks remoting");
  ASSERT_REFUSED ("junk", "frame length 1786080875 exceeds 16777212 at byte 0 of the stream");
}

/* Garbage in the middle names its place; nothing after it is read. */
static void
test_stays_in_error (void)
{
  static const char stream[] =
      "\x00\x00\x00\x06\x00\x00\x00\x02{}GET \x00\x00\x00\x06\x00\x00\x00\x02{}";
  RmqFrameReader reader;
  g_autoptr (GError) error = NULL;
  rmq_frame_reader_init (&reader);
  feed_text (&reader, stream, sizeof stream - 1);
  g_autoptr (RmqRemotingCommand) first = rmq_frame_reader_next (&reader, &error);
  g_assert_no_error (error);
  g_assert_nonnull (first);
  g_assert_null (rmq_frame_reader_next (&reader, &error));
  g_assert_cmpstr (error->message, ==,
                   "frame length 1195725856 exceeds 16777212 at byte 10 of the stream");
  g_clear_error (&error);
  feed_text (&reader, stream, sizeof stream - 1);
  g_assert_null (rmq_frame_reader_next (&reader, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, "the stream was given up at byte 10");
  rmq_frame_reader_clear (&reader);
}

/* ---- the ROCKETMQ header ------------------------------------------------- */

/* The worked example of the protocol page: route query for "T". */
static const char example[] = "\x00\x00\x00\x25\x01\x00\x00\x21\x00\x69\x00\x01\x3b\x00\x00\x00\x07"
                              "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0c\x00\x05topic"
                              "\x00\x00\x00\x01T";

static void
test_worked_example (void)
{
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_new_request (105);
  rmq_remoting_command_set_serialize_type (command, RMQ_SERIALIZE_ROCKETMQ);
  rmq_remoting_command_set_opaque (command, 7);
  rmq_remoting_command_set_version (command, 315);
  rmq_remoting_command_add_ext (command, "topic", "T");
  g_autoptr (GBytes) written = vector_encode (command);
  g_autoptr (GBytes) expected = g_bytes_new_static (example, sizeof example - 1);
  vector_assert_equal (written, expected, "example");
  g_autoptr (RmqRemotingCommand) read = vector_decode (expected);
  g_assert_cmpstr (rmq_remoting_command_get_ext (read, "topic"), ==, "T");
  g_assert_null (rmq_remoting_command_get_remark (read));
}

/* Every cut of the header is an error and nothing worse. */
static void
test_cut_rocketmq_header (void)
{
  const gsize head = 8, size = sizeof example - 1;
  for (gsize cut = head; cut < size; cut++)
    {
      g_autofree guint8 *frame = g_memdup2 (example, cut);
      rmq_store_be (frame, cut - 4, 4);
      frame[7] = (guint8)(cut - head);
      RmqFrameReader reader;
      g_autoptr (GError) error = NULL;
      rmq_frame_reader_init (&reader);
      rmq_frame_reader_feed (&reader, frame, cut);
      g_assert_null (rmq_frame_reader_next (&reader, &error));
      g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
      g_assert_nonnull (strstr (error->message, "ROCKETMQ header of "));
      rmq_frame_reader_clear (&reader);
    }
}

/* A text longer than the area around it. */
static void
test_rocketmq_lengths (void)
{
  const guint places[] = { 21, 25, 29, 36 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree guint8 *frame = g_memdup2 (example, sizeof example - 1);
      frame[places[i]] = 0x7f;
      g_autoptr (GBytes) bytes = g_bytes_new (frame + 4, sizeof example - 5);
      g_autoptr (GError) error = NULL;
      g_assert_null (rmq_remoting_command_decode (bytes, &error));
      g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
    }
}

static void
test_rocketmq_nul (void)
{
  g_autofree guint8 *frame = g_memdup2 (example, sizeof example - 1);
  frame[sizeof example - 2] = '\0';
  g_autoptr (GBytes) bytes = g_bytes_new (frame + 4, sizeof example - 5);
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_decode (bytes, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (command, "topic"), ==, "?");
}

static void
test_code_wraps (void)
{
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_new_request (200050);
  rmq_remoting_command_set_serialize_type (command, RMQ_SERIALIZE_ROCKETMQ);
  g_autoptr (GBytes) written = vector_encode (command);
  g_autoptr (RmqRemotingCommand) read = vector_decode (written);
  g_assert_cmpint (rmq_remoting_command_get_code (read), ==, (gint16)200050);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/remoting/frame-reader/any-split-gives-the-same-frames/4.5.1", "4.5.1",
                        test_any_split);
  g_test_add_data_func ("/remoting/frame-reader/any-split-gives-the-same-frames/4.9.7", "4.9.7",
                        test_any_split);
#define CASE(claim, func) g_test_add_func ("/remoting/" claim, func)
  CASE ("frame-reader/an-unfinished-frame-is-waited-for", test_waits);
  CASE ("frame-reader/the-largest-frame-passes", test_largest_frame);
  CASE ("frame-reader/lengths-out-of-bounds-are-refused-at-once", test_lengths);
  CASE ("frame-reader/a-second-word-that-lies-is-refused", test_second_word);
  CASE ("frame-reader/who-knocked-is-guessed", test_callers);
  CASE ("frame-reader/an-error-stays", test_stays_in_error);
  CASE ("rocketmq-header/the-worked-example-holds", test_worked_example);
  CASE ("rocketmq-header/every-cut-is-refused", test_cut_rocketmq_header);
  CASE ("rocketmq-header/lengths-beyond-their-area-are-refused", test_rocketmq_lengths);
  CASE ("rocketmq-header/a-nul-becomes-a-question-mark", test_rocketmq_nul);
  CASE ("rocketmq-header/a-code-beyond-16-bits-wraps-as-in-java", test_code_wraps);
  return g_test_run ();
}

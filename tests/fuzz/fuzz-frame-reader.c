/* SPDX-License-Identifier: Apache-2.0 */

/* A stream, whole and in pieces of the size its first byte says: both give as many commands and end
 * the same way. */

#include "fuzz.h"
#include "rmq-frame-reader.h"

typedef struct
{
  guint n_commands;
  char *error; /* (nullable) */
} Outcome;

static Outcome
read_stream (const guint8 *data, gsize size, gsize chunk)
{
  RmqFrameReader reader;
  Outcome outcome = { 0 };
  rmq_frame_reader_init (&reader);
  for (gsize at = 0; at < size; at += MIN (chunk, size - at))
    {
      rmq_frame_reader_feed (&reader, data + at, MIN (chunk, size - at));
      g_autoptr (GError) error = NULL;
      RmqRemotingCommand *command;
      while ((command = rmq_frame_reader_next (&reader, &error)) != NULL)
        {
          outcome.n_commands++;
          rmq_remoting_command_unref (command);
        }
      if (error != NULL && outcome.error == NULL)
        outcome.error = g_strdup (error->message);
    }
  g_assert_cmpint (reader.failed, ==, outcome.error != NULL);
  rmq_frame_reader_clear (&reader);
  return outcome;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  if (size < 2)
    return 0;
  gsize chunk = 1 + (gsize)data[0];
  Outcome whole = read_stream (data + 1, size - 1, size);
  Outcome pieces = read_stream (data + 1, size - 1, chunk);
  g_assert_cmpuint (whole.n_commands, ==, pieces.n_commands);
  g_assert_cmpstr (whole.error, ==, pieces.error);
  g_free (whole.error);
  g_free (pieces.error);
  return 0;
}

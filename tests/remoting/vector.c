/* SPDX-License-Identifier: Apache-2.0 */

/* Reads the recorded exchanges. VECTORS_DIR is where they are. */

#include "vector.h"

#include <string.h>

#define SUFFIX ".txt"

static void
append_hex (GByteArray *frame, const char *hex)
{
  for (const char *p = hex; g_ascii_isxdigit (p[0]); p += 2)
    {
      g_assert_true (g_ascii_isxdigit (p[1]));
      guint8 byte = (guint8)(g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1]));
      g_byte_array_append (frame, &byte, 1);
    }
}

Vector *
vector_load (const char *name)
{
  g_autofree char *path = g_strconcat (VECTORS_DIR "/", name, SUFFIX, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  GByteArray *frames[2] = { NULL, NULL };
  guint n = 0;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "from:"))
      {
        g_assert_cmpuint (n, <, G_N_ELEMENTS (frames));
        frames[n++] = g_byte_array_new ();
      }
    else if (g_str_has_prefix (lines[i], "hex: "))
      append_hex (frames[n - 1], lines[i] + 5);
  g_assert_cmpuint (n, >=, 1);
  Vector *vector = g_new0 (Vector, 1);
  vector->name = g_strdup (name);
  vector->request = g_byte_array_free_to_bytes (frames[0]);
  vector->response = n > 1 ? g_byte_array_free_to_bytes (frames[1]) : NULL;
  return vector;
}

void
vector_free (Vector *vector)
{
  g_free (vector->name);
  g_bytes_unref (vector->request);
  g_clear_pointer (&vector->response, g_bytes_unref);
  g_free (vector);
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char **
vector_list (const char *folder, const char *prefix)
{
  g_autofree char *path = g_build_filename (VECTORS_DIR, folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  g_assert_no_error (error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *entry;
  while ((entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (entry, prefix) && g_str_has_suffix (entry, SUFFIX))
      {
        g_autofree char *stem = g_strndup (entry, strlen (entry) - strlen (SUFFIX));
        g_autofree char *name = g_strconcat (folder, "/", stem, NULL);
        g_strv_builder_add (builder, name);
      }
  char **names = g_strv_builder_end (builder);
  g_assert_cmpuint (g_strv_length (names), >, 0);
  qsort (names, g_strv_length (names), sizeof *names, compare_names);
  return names;
}

RmqRemotingCommand *
vector_decode (GBytes *frame)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) rest = g_bytes_new_from_bytes (frame, 4, g_bytes_get_size (frame) - 4);
  RmqRemotingCommand *command = rmq_remoting_command_decode (rest, &error);
  g_assert_no_error (error);
  return command;
}

GBytes *
vector_encode (const RmqRemotingCommand *command)
{
  GByteArray *out = g_byte_array_new ();
  GBytes *body = rmq_remoting_command_get_body (command);
  rmq_remoting_command_encode_head (command, out);
  if (body != NULL)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (body, &size);
      g_byte_array_append (out, data, (guint)size);
    }
  return g_byte_array_free_to_bytes (out);
}

void
vector_assert_equal (GBytes *a, GBytes *b, const char *name)
{
  if (!g_bytes_equal (a, b))
    g_test_message ("%s differs", name);
  g_assert_cmpmem (g_bytes_get_data (a, NULL), g_bytes_get_size (a), g_bytes_get_data (b, NULL),
                   g_bytes_get_size (b));
}

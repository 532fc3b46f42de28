/* SPDX-License-Identifier: Apache-2.0 */

/* The file of a shard, written line by line and read again. Files of other machines and of programs
 * that were killed: nothing in them is taken for granted. One thread; blocks on the file only. */

#include "rmq-sweep-file.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#define FORMAT 1
#define PREFIX "sweep-"
#define SUFFIX ".ndjson"
#define LINE_MAX_BYTES (16 << 20)

/* ---- writing ------------------------------------------------------------- */

struct _RmqSweepWriter
{
  FILE *file;
  char *path;
};

static gboolean
fail (const char *path, GError **error)
{
  const int saved = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s", path,
               g_strerror (saved));
  return FALSE;
}

static void
add_member (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static char *
format_header (const RmqSweepPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *seeds = g_strdup_printf ("%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT,
                                            plan->first_seed, plan->last_seed);
  json_builder_begin_object (builder);
  add_number (builder, "sweep", FORMAT);
  add_member (builder, "seeds", seeds);
  add_number (builder, "shard", plan->shard);
  add_number (builder, "shards", plan->n_shards);
  add_member (builder, "profile", plan->profile);
  json_builder_set_member_name (builder, "scenarios");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->scenarios->len; i++)
    {
      const RmqSweepScenario *item = g_ptr_array_index (plan->scenarios, i);
      json_builder_begin_object (builder);
      add_member (builder, "name", item->name);
      add_member (builder, "sha256", item->digest);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

RmqSweepWriter *
rmq_sweep_writer_new (const char *folder, const RmqSweepPlan *plan, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autofree char *header = format_header (plan);
  g_autofree char *name = g_strdup_printf (PREFIX "%u-of-%u" SUFFIX, plan->shard, plan->n_shards);
  g_autoptr (RmqSweepWriter) writer = g_new0 (RmqSweepWriter, 1);
  writer->path = g_build_filename (folder, name, NULL);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)
      && !g_file_make_directory_with_parents (file, NULL, error))
    return NULL;
  writer->file = fopen (writer->path, "we");
  if (writer->file == NULL)
    {
      fail (writer->path, error);
      return NULL;
    }
  return rmq_sweep_writer_add (writer, header, error) ? g_steal_pointer (&writer) : NULL;
}

gboolean
rmq_sweep_writer_add (RmqSweepWriter *writer, const char *line, GError **error)
{
  const gboolean ok = fputs (line, writer->file) >= 0 && fputc ('\n', writer->file) != EOF
                      && fflush (writer->file) == 0;
  return ok || fail (writer->path, error);
}

void
rmq_sweep_writer_free (RmqSweepWriter *writer)
{
  if (writer == NULL)
    return;
  if (writer->file != NULL)
    fclose (writer->file); /* each line was flushed */
  g_free (writer->path);
  g_free (writer);
}

/* ---- reading ------------------------------------------------------------- */

struct _RmqSweepReader
{
  GDataInputStream *stream;
  RmqSweepPlan *plan;
  char *path;
  char *line; /* the last one */
  guint64 number;
};

static gboolean
refuse (RmqSweepReader *reader, const char *what, GError **error)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s:%" G_GUINT64_FORMAT ": %s",
               reader->path, reader->number, what);
  return FALSE;
}

/* FALSE: the end, or error is set. A line without its end is none. */
static gboolean
read_line (RmqSweepReader *reader, GError **error)
{
  gsize size = 0;
  g_autoptr (GError) problem = NULL;
  g_clear_pointer (&reader->line, g_free);
  g_autofree char *line =
      g_data_input_stream_read_upto (reader->stream, "\n", 1, &size, NULL, &problem);
  if (problem != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&problem), "%s: ", reader->path);
      return FALSE;
    }
  reader->number++;
  const gboolean is_whole =
      g_buffered_input_stream_get_available (G_BUFFERED_INPUT_STREAM (reader->stream)) > 0
      && g_data_input_stream_read_byte (reader->stream, NULL, NULL) == '\n';
  if (!is_whole)
    return FALSE;
  if (size > LINE_MAX_BYTES || (line != NULL && strlen (line) != size))
    return refuse (reader, "it is no line of a sweep", error);
  reader->line = line != NULL ? g_steal_pointer (&line) : g_strdup ("");
  return TRUE;
}

typedef struct
{
  const char *seeds, *profile;
  gint64 shard, n_shards;
  JsonArray *scenarios;
} Header;

static gboolean
pick (JsonObject *object, const char *name, JsonNodeType type, JsonNode **node)
{
  *node = json_object_get_member (object, name);
  return *node != NULL && json_node_get_node_type (*node) == type;
}

static gboolean
pick_text (JsonObject *object, const char *name, const char **text)
{
  JsonNode *node;
  const gboolean is_text = pick (object, name, JSON_NODE_VALUE, &node)
                           && json_node_get_value_type (node) == G_TYPE_STRING;
  *text = is_text ? json_node_get_string (node) : NULL;
  return is_text;
}

static gboolean
pick_number (JsonObject *object, const char *name, gint64 *number)
{
  JsonNode *node;
  const gboolean is_number = pick (object, name, JSON_NODE_VALUE, &node)
                             && json_node_get_value_type (node) == G_TYPE_INT64;
  *number = is_number ? json_node_get_int (node) : 0;
  return is_number;
}

static gboolean
read_header (JsonNode *root, Header *header)
{
  gint64 format = 0;
  JsonNode *scenarios;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  JsonObject *object = json_node_get_object (root);
  if (!pick_number (object, "sweep", &format) || format != FORMAT
      || !pick_text (object, "seeds", &header->seeds)
      || !pick_number (object, "shard", &header->shard)
      || !pick_number (object, "shards", &header->n_shards)
      || !pick (object, "scenarios", JSON_NODE_ARRAY, &scenarios))
    return FALSE;
  pick_text (object, "profile", &header->profile);
  header->scenarios = json_node_get_array (scenarios);
  return TRUE;
}

static gboolean
fill_plan (RmqSweepPlan *plan, const Header *header)
{
  g_autofree char *shard =
      g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, header->shard, header->n_shards);
  if (!rmq_sweep_plan_set_seeds (plan, header->seeds, NULL)
      || !rmq_sweep_plan_set_shard (plan, shard, NULL))
    return FALSE;
  plan->profile = g_strdup (header->profile);
  for (guint i = 0; i < json_array_get_length (header->scenarios); i++)
    {
      JsonNode *node = json_array_get_element (header->scenarios, i);
      const char *name, *digest;
      if (!JSON_NODE_HOLDS_OBJECT (node) || !pick_text (json_node_get_object (node), "name", &name)
          || !pick_text (json_node_get_object (node), "sha256", &digest)
          || !rmq_sweep_plan_add_name (plan, name, digest, NULL))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_plan (RmqSweepReader *reader, GError **error)
{
  Header header = { 0 };
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  if (!read_line (reader, error))
    return error != NULL && *error != NULL ? FALSE : refuse (reader, "it is empty", error);
  if (!json_parser_load_from_data (parser, reader->line, -1, NULL)
      || !read_header (json_parser_get_root (parser), &header)
      || !fill_plan (reader->plan, &header))
    return refuse (reader, "it is not the first line of a sweep that this version knows", error);
  return TRUE;
}

RmqSweepReader *
rmq_sweep_reader_new (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  if (stream == NULL)
    return NULL;
  g_autoptr (RmqSweepReader) reader = g_new0 (RmqSweepReader, 1);
  reader->stream = g_data_input_stream_new (G_INPUT_STREAM (stream));
  reader->path = g_strdup (path);
  reader->plan = rmq_sweep_plan_new ();
  return read_plan (reader, error) ? g_steal_pointer (&reader) : NULL;
}

const char *
rmq_sweep_reader_get_path (const RmqSweepReader *reader)
{
  return reader->path;
}

const RmqSweepPlan *
rmq_sweep_reader_get_plan (const RmqSweepReader *reader)
{
  return reader->plan;
}

RmqSeedResult *
rmq_sweep_reader_next (RmqSweepReader *reader, const char **line, GError **error)
{
  g_autoptr (GError) problem = NULL;
  if (!read_line (reader, error))
    return NULL;
  RmqSeedResult *result = rmq_seed_result_from_line (reader->line, reader->plan->profile, &problem);
  if (result == NULL)
    refuse (reader, problem->message, error);
  *line = reader->line;
  return result;
}

void
rmq_sweep_reader_free (RmqSweepReader *reader)
{
  if (reader == NULL)
    return;
  g_clear_object (&reader->stream);
  rmq_sweep_plan_free (reader->plan);
  g_free (reader->line);
  g_free (reader->path);
  g_free (reader);
}

static gint
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char **
rmq_sweep_list_files (const char *folder, GError **error)
{
  const char *name;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  if (dir == NULL)
    return NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PREFIX) && g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  if (paths->len == 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: no file " PREFIX "K-of-N" SUFFIX,
                   folder);
      return NULL;
    }
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}

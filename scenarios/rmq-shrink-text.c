/* SPDX-License-Identifier: Apache-2.0 */

/* What came of shrinking, as a story for people and as one JSON document. Pure. */

#include <json-glib/json-glib.h>

#include "rmq-shrink.h"

char *
rmq_shrink_result_format (const RmqShrinkResult *result)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < result->changes->len; i++)
    g_string_append_printf (out, "%s\n", (char *)g_ptr_array_index (result->changes, i));
  g_string_append_printf (out, "%u of %u lines are left after %u runs; fails first: %s: %s\n",
                          result->n_lines, result->n_lines_before, result->n_runs, result->claim,
                          result->evidence);
  if (result->bounded)
    g_string_append (out, "it stopped at the largest number of runs: more might go\n");
  if (result->interrupted)
    g_string_append (out, "it was interrupted: more might go\n");
  return g_string_free (out, FALSE);
}

static void
put_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
put_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
put_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

char *
rmq_shrink_result_to_json (const RmqShrinkResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  put_string (builder, "scenario", result->text);
  put_string (builder, "claim", result->claim);
  put_string (builder, "kind", result->kind);
  put_string (builder, "evidence", result->evidence);
  put_int (builder, "linesBefore", result->n_lines_before);
  put_int (builder, "lines", result->n_lines);
  put_int (builder, "runs", result->n_runs);
  put_bool (builder, "bounded", result->bounded);
  put_bool (builder, "interrupted", result->interrupted);
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < result->changes->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (result->changes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

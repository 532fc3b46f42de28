/* SPDX-License-Identifier: Apache-2.0 */

/* The result of a run as a line of JSON, written and read: how it crosses from a worker process to
 * its sweep, and from a machine to where shards are merged. Pure; a line comes from a file, so
 * whatever is wrong with it is an error, never an abort. */

#include "rmq-seed-result.h"

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

/* Seeds have 64 bits, numbers of JSON 63. */
static void
put_seed (JsonBuilder *builder, guint64 seed)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, seed);
  put_string (builder, "seed", text);
}

static void
put_finding (JsonBuilder *builder, const RmqFinding *finding)
{
  json_builder_begin_object (builder);
  put_string (builder, "verdict", rmq_verdict_get_name (finding->verdict));
  put_string (builder, "kind", finding->kind);
  put_string (builder, "claim", finding->claim);
  if (finding->verdict != RMQ_VERDICT_OK)
    put_string (builder, "evidence", finding->evidence);
  if (finding->unit != NULL)
    {
      put_int (builder, "number", finding->number);
      put_string (builder, "unit", finding->unit);
    }
  if (finding->line != 0)
    put_int (builder, "line", finding->line);
  if (finding->ev != 0)
    put_int (builder, "ev", (gint64)finding->ev);
  json_builder_end_object (builder);
}

char *
rmq_seed_result_to_line (const RmqSeedResult *result)
{
  const RmqReport *report = result->report;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  put_string (builder, "scenario", report->scenario);
  put_seed (builder, report->seed);
  put_int (builder, "status", rmq_report_get_status (report));
  json_builder_set_member_name (builder, "complete");
  json_builder_add_boolean_value (builder, report->complete);
  put_int (builder, "tookUs", report->took_us);
  put_string (builder, "hash", report->hashes[0] != NULL ? report->hashes[0] : "");
  json_builder_set_member_name (builder, "figures");
  json_builder_begin_object (builder);
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    put_int (builder, rmq_figures[i].id, result->figures[i]);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "errors");
  json_builder_begin_array (builder);
  for (guint i = 0; i < result->errors->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (result->errors, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "verdicts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->findings->len; i++)
    put_finding (builder, g_ptr_array_index (report->findings, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* What is missing or of another type reads as nothing. (nullable) */
static JsonNode *
find_value (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = json_object_get_member (object, name);
  const gboolean is_it =
      node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
  return is_it ? node : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = find_value (object, name, G_TYPE_STRING);
  return node != NULL ? json_node_get_string (node) : NULL;
}

static gint64
get_int (JsonObject *object, const char *name)
{
  JsonNode *node = find_value (object, name, G_TYPE_INT64);
  return node != NULL ? json_node_get_int (node) : 0;
}

static gboolean
get_bool (JsonObject *object, const char *name)
{
  JsonNode *node = find_value (object, name, G_TYPE_BOOLEAN);
  return node != NULL && json_node_get_boolean (node);
}

static gboolean
parse_verdict (const char *name, RmqVerdict *verdict)
{
  for (guint i = 0; i < RMQ_N_VERDICTS; i++)
    if (g_strcmp0 (name, rmq_verdict_get_name ((RmqVerdict)i)) == 0)
      {
        *verdict = (RmqVerdict)i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_finding (JsonNode *node, RmqSeedResult *result)
{
  RmqFinding finding = { .off = -1 };
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  JsonObject *object = json_node_get_object (node);
  const char *claim = get_text (object, "claim");
  const char *kind = get_text (object, "kind");
  if (claim == NULL || kind == NULL
      || !parse_verdict (get_text (object, "verdict"), &finding.verdict))
    return FALSE;
  finding.kind = g_intern_string (kind);
  finding.claim = g_strdup (claim);
  finding.evidence = g_strdup (get_text (object, "evidence"));
  finding.line = (guint)get_int (object, "line");
  finding.ev = (guint64)get_int (object, "ev");
  finding.number = get_int (object, "number");
  finding.unit = g_intern_string (get_text (object, "unit"));
  rmq_report_add (result->report, &finding);
  return TRUE;
}

static gboolean
read_error (JsonNode *node, RmqSeedResult *result)
{
  const gboolean is_text =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  if (is_text)
    rmq_seed_result_add_error (result, json_node_get_string (node));
  return is_text;
}

static gboolean
read_array (JsonObject *object, const char *name, RmqSeedResult *result,
            gboolean (*read) (JsonNode *, RmqSeedResult *))
{
  JsonNode *node = json_object_get_member (object, name);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!read (json_array_get_element (array, i), result))
      return FALSE;
  return TRUE;
}

static gboolean
read_result (JsonObject *object, RmqSeedResult *result)
{
  RmqReport *report = result->report;
  const char *seed = get_text (object, "seed");
  JsonNode *figures = json_object_get_member (object, "figures");
  report->scenario = g_strdup (get_text (object, "scenario"));
  report->took_us = get_int (object, "tookUs");
  report->hashes[0] = g_strdup (get_text (object, "hash"));
  report->complete = get_bool (object, "complete");
  if (report->scenario == NULL || report->hashes[0] == NULL || seed == NULL || figures == NULL
      || !JSON_NODE_HOLDS_OBJECT (figures)
      || !g_ascii_string_to_unsigned (seed, 10, 0, G_MAXUINT64, &report->seed, NULL))
    return FALSE;
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    result->figures[i] = get_int (json_node_get_object (figures), rmq_figures[i].id);
  report->n_events = (guint64)result->figures[RMQ_FIGURE_EVENTS];
  return read_array (object, "errors", result, read_error)
         && read_array (object, "verdicts", result, read_finding);
}

RmqSeedResult *
rmq_seed_result_from_line (const char *line, const char *profile, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, line, -1, error))
    return NULL;
  JsonNode *root = json_parser_get_root (parser);
  g_autoptr (RmqSeedResult) result = rmq_seed_result_new (rmq_report_new ());
  result->report->profile = g_strdup (profile);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root)
      && read_result (json_node_get_object (root), result))
    return g_steal_pointer (&result);
  g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_INVALID_DATA,
               "it is no result of a run: %.60s", line);
  return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Requests and answers of the control API: reading a query and a body with a reason for whatever
 * is wrong with them, and how an error reads. Pure functions; they start nothing and know no mock.
 */

#include "rmq-control-request.h"

#include <gio/gio.h>
#include <string.h>

#include "rmq-suggest.h"

/* ---- answers ------------------------------------------------------------- */

void
rmq_control_answer_fail (RmqControlAnswer *answer, guint status, const char *message,
                         const char *hint)
{
  g_assert (status >= 400);
  answer->status = status;
  g_free (answer->message);
  g_free (answer->hint);
  answer->message = g_strdup (message);
  answer->hint = g_strdup (hint);
}

void
rmq_control_answer_fail_word (RmqControlAnswer *answer, const char *what, const char *word,
                              const char *const *known)
{
  const guint n = g_strv_length ((char **)known);
  const char *nearest = rmq_suggest (word, known, n);
  g_autofree char *list = g_strjoinv (", ", (char **)known);
  g_autofree char *message = g_strdup_printf ("there is no %s \"%s\"", what, word);
  g_autofree char *hint = nearest != NULL ? g_strdup_printf ("did you mean \"%s\"?", nearest)
                          : n > 0         ? g_strdup_printf ("there are: %s", list)
                                          : g_strdup ("there are none");
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, hint);
}

static void
fail_value (RmqControlAnswer *answer, const char *name, const char *wanted)
{
  g_autofree char *message = g_strdup_printf ("\"%s\" is not %s", name, wanted);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, NULL);
}

static void
add_position (JsonBuilder *builder, const char *name, guint position)
{
  json_builder_set_member_name (builder, name);
  if (position > 0)
    json_builder_add_int_value (builder, position);
  else
    json_builder_add_null_value (builder);
}

static char *
print (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

char *
rmq_control_answer_describe_error (const RmqControlAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, answer->message);
  json_builder_set_member_name (builder, "hint");
  if (answer->hint != NULL)
    json_builder_add_string_value (builder, answer->hint);
  else
    json_builder_add_null_value (builder);
  add_position (builder, "line", answer->line);
  add_position (builder, "column", answer->column);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return print (builder);
}

void
rmq_control_answer_take_json (RmqControlAnswer *answer, JsonBuilder *builder)
{
  answer->body = print (builder);
}

void
rmq_control_answer_clear (RmqControlAnswer *answer)
{
  g_free (answer->body);
  g_free (answer->message);
  g_free (answer->hint);
}

/* ---- callers ------------------------------------------------------------- */

/* "name:80", "[::1]:80", "name" without the port. (transfer full) */
static char *
host_of (const char *text)
{
  const char *end = text[0] == '[' ? strchr (text, ']') : NULL;
  if (end != NULL)
    return g_strndup (text + 1, (gsize)(end - text) - 1);
  return g_strndup (text, strcspn (text, ":"));
}

/* A name that somebody else owns may lead to the loopback ("DNS rebinding"). */
static gboolean
is_ours (const char *host, const char *name)
{
  g_autofree char *bare = host_of (host);
  return bare[0] != '\0'
         && (g_hostname_is_ip_address (bare) || strchr (bare, '.') == NULL
             || (name != NULL && g_ascii_strcasecmp (bare, name) == 0));
}

gboolean
rmq_control_check_caller (const char *host, const char *origin, const char *name,
                          RmqControlAnswer *answer)
{
  g_autofree char *own = g_strconcat ("http://", host, NULL);
  if (host != NULL && !is_ours (host, name))
    rmq_control_answer_fail (answer, RMQ_CONTROL_FORBIDDEN, "Host names another machine",
                             "ask by address, or start with --advertise NAME");
  else if (origin != NULL && (host == NULL || g_ascii_strcasecmp (origin, own) != 0))
    rmq_control_answer_fail (answer, RMQ_CONTROL_FORBIDDEN,
                             "Origin: pages of other servers may not ask", NULL);
  return answer->message == NULL;
}

/* ---- queries ------------------------------------------------------------- */

/* One "name=value"; FALSE: the answer says what is wrong with it. */
static gboolean
take_pair (GHashTable *query, const char *pair, char *const *known, RmqControlAnswer *answer)
{
  g_autofree char *plain = g_strdelimit (g_strdup (pair), "+", ' ');
  const gsize size = strcspn (plain, "=");
  g_autofree char *name = g_uri_unescape_segment (plain, plain + size, NULL);
  g_autofree char *value =
      plain[size] == '=' ? g_uri_unescape_string (plain + size + 1, NULL) : g_strdup ("");
  if (name == NULL || value == NULL || !g_utf8_validate (name, -1, NULL)
      || !g_utf8_validate (value, -1, NULL))
    {
      rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, "the query is no UTF-8 text", NULL);
      return FALSE;
    }
  if (known != NULL && !g_strv_contains ((const char *const *)known, name))
    {
      rmq_control_answer_fail_word (answer, "parameter", name, (const char *const *)known);
      return FALSE;
    }
  if (known != NULL && (value[0] == '\0' || g_hash_table_contains (query, name)))
    {
      g_autofree char *message = g_strdup_printf (
          value[0] == '\0' ? "parameter \"%s\" has no value" : "parameter \"%s\" is given twice",
          name);
      rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, NULL);
      return FALSE;
    }
  g_hash_table_insert (query, g_steal_pointer (&name), g_steal_pointer (&value));
  return TRUE;
}

GHashTable *
rmq_control_query_parse (const char *query, const char *known, const char *required,
                         RmqControlAnswer *answer)
{
  g_auto (GStrv) names = known != NULL ? g_strsplit (known, ",", -1) : NULL;
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", -1);
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; pairs[i] != NULL; i++)
    if (pairs[i][0] != '\0' && !take_pair (table, pairs[i], names, answer))
      return NULL;
  if (required == NULL || g_hash_table_contains (table, required))
    return g_steal_pointer (&table);
  g_autofree char *message = g_strdup_printf ("parameter \"%s\" is missing", required);
  g_autofree char *hint = g_strdup_printf ("?%s=…", required);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, hint);
  return NULL;
}

const char *
rmq_control_request_get (const RmqControlRequest *request, const char *name)
{
  return g_hash_table_lookup (request->query, name);
}

gboolean
rmq_control_request_get_number (const RmqControlRequest *request, const char *name, gint64 low,
                                gint64 high, gint64 *value, RmqControlAnswer *answer)
{
  const char *text = rmq_control_request_get (request, name);
  if (text == NULL || g_ascii_string_to_signed (text, 10, low, high, value, NULL))
    return TRUE;
  g_autofree char *message = g_strdup_printf ("%s=%s is no number", name, text);
  g_autofree char *hint =
      g_strdup_printf ("from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, low, high);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, hint);
  return FALSE;
}

gboolean
rmq_control_request_check_word (const RmqControlRequest *request, const char *name,
                                const char *const *known, RmqControlAnswer *answer)
{
  const char *word = rmq_control_request_get (request, name);
  if (word == NULL || g_strv_contains (known, word))
    return TRUE;
  rmq_control_answer_fail_word (answer, name, word, known);
  return FALSE;
}

/* ---- bodies -------------------------------------------------------------- */

JsonObject *
rmq_control_request_parse (const RmqControlRequest *request, RmqControlAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, request->body, -1, &error))
    {
      rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, error->message,
                               "the body is a JSON object");
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_object_ref (json_node_get_object (root));
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, "the body is no JSON object", NULL);
  return NULL;
}

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
read_number (const RmqControlMember *member, JsonNode *node, gint64 *into, RmqControlAnswer *answer)
{
  const gboolean is_number =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
  const gint64 number = is_number ? json_node_get_int (node) : 0;
  if (is_number && number >= member->low && number <= member->high)
    {
      *into = number;
      return TRUE;
    }
  g_autofree char *wanted = g_strdup_printf (
      "a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, member->low, member->high);
  fail_value (answer, member->name, wanted);
  return FALSE;
}

static gboolean
read_texts (const RmqControlMember *member, JsonNode *node, char ***into, RmqControlAnswer *answer)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gboolean ok = array != NULL;
  for (guint i = 0; ok && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      ok = is_text (element);
      if (ok)
        g_strv_builder_add (texts, json_node_get_string (element));
    }
  if (ok)
    *into = g_strv_builder_end (texts);
  else
    fail_value (answer, member->name, "a list of texts");
  return ok;
}

static gboolean
read_member (const RmqControlMember *member, JsonNode *node, gpointer place,
             RmqControlAnswer *answer)
{
  switch (member->type)
    {
    case RMQ_CONTROL_NUMBER:
      return read_number (member, node, place, answer);
    case RMQ_CONTROL_TEXTS:
      return read_texts (member, node, place, answer);
    case RMQ_CONTROL_TEXT:
      if (!is_text (node))
        {
          fail_value (answer, member->name, "a text");
          return FALSE;
        }
      *(char **)place = g_strdup (json_node_get_string (node));
      return TRUE;
    }
  return FALSE;
}

/* The first of the object's members that isn't among these. (nullable) */
static const char *
find_stranger (JsonObject *object, const char *const *known)
{
  JsonObjectIter iter;
  const char *name;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      return name;
  return NULL;
}

gboolean
rmq_control_request_read (const RmqControlRequest *request, const RmqControlMember *members,
                          guint n_members, gpointer into, RmqControlAnswer *answer)
{
  g_autoptr (JsonObject) object = rmq_control_request_parse (request, answer);
  g_autofree const char **known = g_new0 (const char *, n_members + 1);
  if (object == NULL)
    return FALSE;
  for (guint i = 0; i < n_members; i++)
    known[i] = members[i].name;
  const char *stranger = find_stranger (object, known);
  if (stranger != NULL)
    {
      rmq_control_answer_fail_word (answer, "member", stranger, known);
      return FALSE;
    }
  for (guint i = 0; i < n_members; i++)
    if (json_object_has_member (object, members[i].name)
        && !read_member (&members[i], json_object_get_member (object, members[i].name),
                         (char *)into + members[i].offset, answer))
      return FALSE;
  return TRUE;
}

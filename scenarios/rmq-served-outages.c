/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/outages, DELETE /v1/outages/ID: the JSON twin of a line. The members that a verb takes
 * are its arguments in the table of statement forms, so a new verb needs nothing here: the object
 * becomes a line, and the line is read as any other. Called as owner of the run's loop.
 *
 *   {"target":"broker-a","verb":"answer","code":"SYSTEM_BUSY","amount":"next 3",
 *    "what":"send requests","of":"Orders","afterStore":true,"for":"5s"}
 *   for 5s broker-a answer SYSTEM_BUSY next 3 send requests of Orders after store
 */

#include "rmq-served-cluster.h"

#include <string.h>

#include "rmq-grammar.h"
#include "rmq-json-members.h"

#define TARGET "target"
#define VERB "verb"

/* ---- names of members ---------------------------------------------------- */

/* "before store" → "beforeStore"; "CODE" → "code". (transfer full) */
static char *
member_of (const RmqArgument *row)
{
  if (row->member != NULL)
    return g_strdup (row->member);
  const char *text = row->keyword != NULL ? row->keyword : row->shown;
  GString *name = g_string_new (NULL);
  gboolean begins_word = FALSE;
  for (; *text != '\0'; text++)
    {
      if (g_ascii_isalnum (*text))
        g_string_append_c (name, begins_word ? g_ascii_toupper (*text) : g_ascii_tolower (*text));
      begins_word = !g_ascii_isalnum (*text) && name->len > 0;
    }
  return g_string_free (name, FALSE);
}

static gboolean
is_end (const RmqArgument *row)
{
  return row->keyword == NULL && row->shown == NULL;
}

/* Everything the object may have, NULL at the end. */
static GPtrArray *
list_members (const RmqStatementForm *form)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (names, g_strdup (TARGET));
  g_ptr_array_add (names, g_strdup (VERB));
  for (const RmqArgument *row = rmq_timed_arguments; !is_end (row); row++)
    g_ptr_array_add (names, member_of (row));
  for (const RmqArgument *row = form->arguments; !is_end (row); row++)
    g_ptr_array_add (names, member_of (row));
  g_ptr_array_add (names, NULL);
  return names;
}

/* ---- values -------------------------------------------------------------- */

static void
fail_member (RmqControlAnswer *answer, const char *name, const char *wanted)
{
  g_autofree char *message = g_strdup_printf ("\"%s\" is not %s", name, wanted);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, NULL);
}

/* Nothing that would begin something else in a line. */
static gboolean
is_harmless (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text) || strchr ("\"#$", *text) != NULL)
      return FALSE;
  return TRUE;
}

/* A name or a remark is one word, whatever is in it; an amount or what it is about are several. */
static void
append_text (GString *line, const RmqArgument *row, const char *text)
{
  const gboolean is_one_word = row->type == RMQ_ARGUMENT_QUOTED || row->type == RMQ_ARGUMENT_NAME
                               || row->type == RMQ_ARGUMENT_TEXT;
  g_string_append_printf (line, is_one_word ? " \"%s\"" : " %s", text);
  const gboolean is_part = g_str_has_suffix (text, "%") || g_str_has_prefix (text, "every ");
  if (row->type == RMQ_ARGUMENT_AMOUNT && is_part && !g_str_has_suffix (text, " of"))
    g_string_append (line, " of");
}

static gboolean
append_value (GString *line, const RmqArgument *row, const char *name, JsonNode *node,
              RmqControlAnswer *answer)
{
  const GType type =
      JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (row->type == RMQ_ARGUMENT_FLAG)
    {
      if (type == G_TYPE_BOOLEAN)
        return TRUE;
      fail_member (answer, name, "true or false");
      return FALSE;
    }
  if (type == G_TYPE_INT64)
    g_string_append_printf (line, " %" G_GINT64_FORMAT, json_node_get_int (node));
  else if (type == G_TYPE_STRING && is_harmless (json_node_get_string (node)))
    append_text (line, row, json_node_get_string (node));
  else
    {
      fail_member (answer, name, "a text or a number as in a line");
      return FALSE;
    }
  return TRUE;
}

static gboolean
append_argument (GString *line, const RmqArgument *row, JsonObject *object,
                 RmqControlAnswer *answer)
{
  g_autofree char *name = member_of (row);
  JsonNode *node = json_object_get_member (object, name);
  const gboolean is_absent =
      node == NULL || JSON_NODE_HOLDS_NULL (node)
      || (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
          && row->type == RMQ_ARGUMENT_FLAG && !json_node_get_boolean (node));
  if (is_absent)
    return TRUE;
  if (row->keyword != NULL)
    g_string_append_printf (line, " %s", row->keyword);
  return append_value (line, row, name, node, answer);
}

/* ---- the line ------------------------------------------------------------ */

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
                 && is_harmless (json_node_get_string (node))
             ? json_node_get_string (node)
             : NULL;
}

/* NULL: the answer says what is wrong. */
static const RmqStatementForm *
find_verb (JsonObject *object, RmqControlAnswer *answer)
{
  const char *verb = get_text (object, VERB);
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (const RmqStatementForm *const *form = rmq_verb_forms; *form != NULL; form++)
    {
      if (!rmq_form_lasts (*form))
        continue;
      if (g_strcmp0 ((*form)->word, verb) == 0)
        return *form;
      g_ptr_array_add (known, (gpointer)(*form)->word);
    }
  g_ptr_array_add (known, NULL);
  if (verb != NULL)
    rmq_control_answer_fail_word (answer, "outage", verb, (const char *const *)known->pdata);
  else
    fail_member (answer, VERB, "there, or no text");
  return NULL;
}

static gboolean
check_members (JsonObject *object, const RmqStatementForm *form, RmqControlAnswer *answer)
{
  g_autoptr (GPtrArray) known = list_members (form);
  JsonObjectIter iter;
  const char *name;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_strv_contains ((const char *const *)known->pdata, name))
      {
        rmq_control_answer_fail_word (answer, "member", name, (const char *const *)known->pdata);
        return FALSE;
      }
  return TRUE;
}

/* NULL: the answer says what is wrong. (transfer full) */
static char *
write_line (JsonObject *object, RmqControlAnswer *answer)
{
  const RmqStatementForm *form = find_verb (object, answer);
  if (form == NULL || !check_members (object, form, answer))
    return NULL;
  const char *target = get_text (object, TARGET);
  if (target == NULL || target[0] == '\0')
    {
      fail_member (answer, TARGET, "the name of a server");
      return NULL;
    }
  g_autoptr (GString) line = g_string_new (NULL);
  for (const RmqArgument *row = rmq_timed_arguments; !is_end (row); row++)
    if (!append_argument (line, row, object, answer))
      return NULL;
  g_string_append_printf (line, " %s %s", target, form->word);
  for (const RmqArgument *row = form->arguments; !is_end (row); row++)
    if (!append_argument (line, row, object, answer))
      return NULL;
  return g_strchug (g_strdup (line->str));
}

/* A value with more in it than its member says would make another statement, or one about others.
 */
static gboolean
check_twin (RmqServedCluster *cluster, const char *line, JsonObject *object,
            RmqControlAnswer *answer)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new_alike (cluster->run->scenario);
  if (!rmq_scenario_add_text (scenario, line, diagnostics))
    return TRUE; /* who executes it says why not */
  const RmqStatement *statement = rmq_scenario_get_statement (scenario, 0);
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  g_autofree char *targets =
      statement->form->targets != 0 ? g_strjoinv (",", timed->targets) : g_strdup ("");
  g_autofree char *wanted = g_strdup (get_text (object, TARGET));
  if (g_str_equal (statement->form->word, get_text (object, VERB)) && g_str_equal (targets, wanted))
    return TRUE;
  fail_member (answer, TARGET, "the name of a server, or a value has more than one word too many");
  return FALSE;
}

/* ---- answers ------------------------------------------------------------- */

typedef struct
{
  RmqServedCluster *cluster;
  RmqControlAnswer *answer;
} Adding;

static void
take_outage (const RmqLineResult *result, gpointer data)
{
  Adding *adding = data;
  g_autofree char *id = g_strdup_printf ("%u", result->statement->serial);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_ptr_array_add (adding->cluster->outages, (gpointer)result->statement);
  json_builder_begin_object (builder);
  rmq_json_add_text (builder, "id", id);
  rmq_json_add_text (builder, "line", result->statement->text);
  rmq_json_add_text (builder, "answer", result->answer);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (adding->answer, builder);
}

void
rmq_served_answer_add_outage (const RmqControlRequest *request, RmqControlAnswer *answer,
                              gpointer data)
{
  Adding adding = { .cluster = data, .answer = answer };
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (JsonObject) object = rmq_control_request_parse (request, answer);
  g_autofree char *line = object != NULL ? write_line (object, answer) : NULL;
  if (line == NULL || !check_twin (adding.cluster, line, object, answer))
    return;
  if (rmq_run_execute_on_loop (adding.cluster->run, line, diagnostics, take_outage, &adding))
    return;
  rmq_served_refuse (diagnostics, answer);
  if (answer->hint == NULL)
    answer->hint = g_strdup_printf ("as a line: %s", line);
}

static gint
find_outage (RmqServedCluster *cluster, const char *id)
{
  for (guint i = 0; i < cluster->outages->len; i++)
    {
      const RmqStatement *statement = g_ptr_array_index (cluster->outages, i);
      g_autofree char *serial = g_strdup_printf ("%u", statement->serial);
      if (g_str_equal (serial, id))
        return (gint)i;
    }
  return -1;
}

void
rmq_served_answer_end_outage (const RmqControlRequest *request, RmqControlAnswer *answer,
                              gpointer data)
{
  RmqServedCluster *cluster = data;
  const gint i = find_outage (cluster, request->id);
  if (i < 0)
    {
      g_autofree char *message = g_strdup_printf ("there is no outage \"%s\"", request->id);
      rmq_control_answer_fail (answer, RMQ_CONTROL_NOT_FOUND, message,
                               "POST /v1/outages gives ids, and each ends once");
      return;
    }
  const RmqStatement *statement = g_ptr_array_remove_index (cluster->outages, (guint)i);
  const gboolean ended = rmq_run_end_outage (cluster->run, statement);
  answer->body =
      g_strdup_printf ("{\"id\":\"%s\",\"ended\":%s}", request->id, ended ? "true" : "false");
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The index of the language: every form, and what is made from the table (its shape in words, the
 * reference page). Pure. */

#include "rmq-grammar.h"

#include <stddef.h>
#include <string.h>

#include "rmq-request-facts.h"

static const struct
{
  const char *name;
  const RmqStatementForm *const *forms;
} groups[] = {
  [RMQ_FORM_SETUP] = { "Setup", rmq_setup_forms },
  [RMQ_FORM_ACTOR] = { "Actors", rmq_actor_forms },
  [RMQ_FORM_WORKLOAD] = { "Workload", rmq_workload_forms },
  [RMQ_FORM_VERB] = { "Verbs", rmq_verb_forms },
  [RMQ_FORM_EXPECTATION] = { "Expectations", rmq_expectation_forms },
};
G_STATIC_ASSERT (G_N_ELEMENTS (groups) == RMQ_N_FORM_GROUPS);

const RmqArgument rmq_timed_arguments[] = {
  { "at", "D", RMQ_ARGUMENT_DURATION, FALSE, offsetof (RmqTimedStatement, at_us) },
  { "for", "D", RMQ_ARGUMENT_DURATION, FALSE, offsetof (RmqTimedStatement, for_us), .min = 1 },
  { NULL },
};

const char *const rmq_grammar_example_preamble = "nameserver ns1\n"
                                                 "broker broker-a broker-b\n"
                                                 "topic Orders queues 4 on broker-a broker-b\n"
                                                 "producer P group PG_ORDER\n"
                                                 "P sends 10 events to Orders every 100ms as e\n";

const RmqStatementForm *const *
rmq_grammar_get_forms (RmqFormGroup group)
{
  return groups[group].forms;
}

static gboolean
is_end (const RmqArgument *row)
{
  return row->keyword == NULL && row->shown == NULL;
}

/* ---- in words ------------------------------------------------------------ */

static void
describe_arguments (GString *out, const RmqArgument *rows)
{
  for (; !is_end (rows); rows++)
    {
      g_string_append (out, rows->required ? " " : " [");
      if (rows->keyword != NULL)
        g_string_append (out, rows->keyword);
      if (rows->keyword != NULL && rows->shown != NULL)
        g_string_append_c (out, ' ');
      if (rows->shown != NULL)
        g_string_append (out, rows->shown);
      if (!rows->required)
        g_string_append_c (out, ']');
    }
}

gboolean
rmq_form_lasts (const RmqStatementForm *form)
{
  return form->end != NULL || form->play_end != NULL || form->size == sizeof (RmqRequestStatement);
}

static const char *
target_letter (guint targets)
{
  if ((targets & RMQ_NAME_BROKER) != 0)
    return "B";
  if ((targets & RMQ_NAME_NAMESERVER) != 0)
    return "N";
  return (targets & RMQ_NAME_HOST) != 0 ? "H" : "P";
}

char *
rmq_form_describe (const RmqStatementForm *form)
{
  GString *out = g_string_new (form->group == RMQ_FORM_EXPECTATION ? "expect " : NULL);
  if (form->targets != 0)
    g_string_append_printf (out, "[at D] %s%s ", rmq_form_lasts (form) ? "[for D] " : "",
                            target_letter (form->targets));
  g_string_append (out, form->word);
  describe_arguments (out, form->arguments);
  return g_string_free (out, FALSE);
}

gboolean
rmq_form_may_be_given (const RmqStatementForm *form)
{
  return form == &rmq_form_topic
         || (form->group != RMQ_FORM_SETUP && form->group != RMQ_FORM_ACTOR);
}

/* ---- reserved words ------------------------------------------------------ */

gboolean
rmq_grammar_is_reserved (const char *word)
{
  for (RmqFormGroup group = RMQ_FORM_SETUP; group <= RMQ_FORM_ACTOR; group++)
    for (const RmqStatementForm *const *form = groups[group].forms; *form != NULL; form++)
      if (g_str_equal ((*form)->word, word))
        return TRUE;
  for (guint i = 0; rmq_expect_words[i] != NULL; i++)
    if (g_str_equal (rmq_expect_words[i], word))
      return TRUE;
  return g_str_equal (word, "at") || g_str_equal (word, "for");
}

/* ---- the reference page -------------------------------------------------- */

/* "|" parts the cells of a table. */
static void
append_cell (GString *out, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "|", -1);
  g_autofree char *escaped = g_strjoinv ("\\|", parts);
  g_string_append_printf (out, " %s |", escaped);
}

static void
append_form (GString *out, const RmqStatementForm *form)
{
  g_autofree char *shape = rmq_form_describe (form);
  g_autofree char *quoted_shape = g_strdup_printf ("`%s`", shape);
  g_autofree char *quoted_example = g_strdup_printf ("`%s`", form->example);
  g_string_append_c (out, '|');
  append_cell (out, quoted_shape);
  append_cell (out, form->help);
  append_cell (out, quoted_example);
  g_string_append_c (out, '\n');
}

static const char page_head[] =
    "# The scenario language\n\n"
    "Made from the table of forms by a test; `RMQ_UPDATE_DOCS=1` writes it anew.\n\n"
    "One statement a line; `#` starts a comment. The same line works in a file, at the "
    "dashboard's `:` prompt, in `rmqlab ctl` and as the body of `POST /v1/lines`. What is used "
    "must be declared before. Time 0 is the moment when all servers listen, every broker is "
    "routed and all producers have started.\n\n"
    "| written | is |\n|---|---|\n"
    "| D | a duration with its unit: `20us` `100ms` `5.05s` `2m` |\n"
    "| S | a size: `100B` `4KiB` `1MiB` |\n"
    "| N | a number, or a name server |\n"
    "| P B T | a producer; a broker or (where that can be) a name server; a topic: letters, "
    "digits, "
    "`. _ - %` |\n"
    "| H | a host, or who has one of its own |\n"
    "| N… | one name or more; `b[1..3]` is three |\n"
    "| B:Q | a queue of a broker, `broker-a:3` |\n"
    "| M | messages of a workload, `e`, or one of them, `e7` |\n"
    "| cmp N | `= N` `!= N` `< N` `<= N` `> N` `>= N` `in A..B` |\n"
    "| AMOUNT | `next 3` · `30% of` · `every 5th of` · `all` (unless said) |\n"
    "| WHAT | ";
static const char page_rest[] = " requests` or `… responses`; `send responses` unless said |\n"
                                "| CODE | a response code by number or name: `SYSTEM_BUSY` |\n"
                                "| `${NAME:-default}` | the value of an environment variable |\n";

static const char journal_words[] =
    "\nBefore any line that may be typed while a run is under way, `at ev:N` or `at ev:N+D` says "
    "when it is given: after the N-th event of a simulated run (and D more), before the next one. "
    "This is how a report writes down what was typed, so that the same run can be had again: "
    "`at ev:48617+250us broker-a kill`.\n";

char *
rmq_grammar_write_reference (void)
{
  GString *out = g_string_new (page_head);
  for (guint i = 0; rmq_request_kind_get (i) != NULL; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? "\\|" : "`", rmq_request_kind_get (i)->word);
  g_string_append (out, page_rest);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_string_append_printf (out, "\n## %s\n\n| form | meaning | example |\n|---|---|---|\n",
                              groups[i].name);
      for (const RmqStatementForm *const *form = groups[i].forms; *form != NULL; form++)
        append_form (out, *form);
    }
  g_string_append (out, journal_words);
  g_autoptr (GString) tail = g_string_new (NULL);
  g_autoptr (GString) window = g_string_new (NULL);
  describe_arguments (tail, rmq_where_arguments);
  describe_arguments (window, rmq_window_arguments);
  g_string_append_printf (out,
                          "\nAn expectation may be followed by `where%s` and by `%s`. "
                          "`expect-fail` passes when the claim is violated, `note` only reports.\n",
                          tail->str, window->str + 1);
  return g_string_free (out, FALSE);
}

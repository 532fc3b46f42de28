/* SPDX-License-Identifier: Apache-2.0 */

/* Reads a line against the table of forms: finds its form, fills the form's struct argument by
 * argument. Knows the shape of a statement (prefix, targets, word, arguments), never a particular
 * one. Pure but for the names it declares. */

#include "rmq-reader.h"

#include <string.h>

/* ---- arguments ----------------------------------------------------------- */

static gboolean
is_end (const RmqArgument *row)
{
  return row->keyword == NULL && row->shown == NULL;
}

/* The row whose keyword stands here, the longest; -1: none. */
static gint
find_keyword (const RmqReader *reader, const RmqArgument *rows, guint *n_words)
{
  gint found = -1;
  *n_words = 0;
  for (gint i = 0; !is_end (&rows[i]); i++)
    {
      guint n = rows[i].keyword != NULL ? rmq_reader_match (reader, rows[i].keyword) : 0;
      if (n > *n_words)
        {
          found = i;
          *n_words = n;
        }
    }
  return found;
}

/* The first row by place that is still open and fits the word here; -1: none. */
static gint
find_place (const RmqReader *reader, const RmqArgument *rows, guint filled)
{
  for (gint i = 0; !is_end (&rows[i]); i++)
    {
      if (rows[i].keyword != NULL || (filled & 1u << i) != 0)
        continue;
      if (rows[i].required || rmq_argument_starts (reader, &rows[i]))
        return i;
    }
  return -1;
}

static gboolean
fail_unexpected (RmqReader *reader, const RmqArgument *rows)
{
  const char *word = rmq_reader_peek (reader)->text;
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (const RmqArgument *row = rows; !is_end (row); row++)
    if (row->keyword != NULL)
      g_ptr_array_add (known, (gpointer)row->keyword);
  g_ptr_array_add (known, NULL);
  return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is not expected here", word),
                          rmq_nearest_word (word, (const char *const *)known->pdata));
}

/* Those since that one. (transfer full) */
static char *
join_words (const RmqReader *reader, guint from)
{
  GString *text = g_string_new (NULL);
  for (guint i = from; i < reader->at; i++)
    g_string_append_printf (text, "%s%s", i > from ? " " : "", reader->words[i].text);
  return g_string_free (text, FALSE);
}

static gboolean
read_argument (RmqReader *reader, const RmqArgument *rows, guint *filled, gpointer statement)
{
  guint n_words = 0;
  gint i = find_keyword (reader, rows, &n_words);
  if (i >= 0 && (*filled & 1u << i) != 0 && !rows[i].required)
    return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is given twice", rows[i].keyword),
                            NULL);
  if (i < 0 || (*filled & 1u << i) != 0)
    {
      n_words = 0;
      i = find_place (reader, rows, *filled);
    }
  if (i < 0)
    return fail_unexpected (reader, rows);
  reader->at += n_words;
  *filled |= 1u << i;
  const guint from = reader->at;
  if (!rmq_argument_read (reader, &rows[i], (char *)statement + rows[i].offset))
    return FALSE;
  if (rows == reader->said_rows)
    reader->said[i] =
        join_words (reader, rows[i].type == RMQ_ARGUMENT_FLAG ? from - n_words : from);
  return TRUE;
}

static char *
describe_argument (const RmqArgument *row)
{
  if (row->keyword == NULL)
    return g_strdup (row->shown);
  if (row->shown == NULL)
    return g_strdup (row->keyword);
  return g_strdup_printf ("%s %s", row->keyword, row->shown);
}

static gboolean
is_stop (const RmqReader *reader, const char *const *stops)
{
  for (; stops != NULL && *stops != NULL; stops++)
    if (rmq_reader_match (reader, *stops) > 0)
      return TRUE;
  return FALSE;
}

/* Reads up to the line's end or one of stops (nullable). */
static gboolean
read_arguments (RmqReader *reader, const RmqArgument *rows, const char *const *stops,
                gpointer statement)
{
  guint filled = 0;
  while (rmq_reader_peek (reader) != NULL && !is_stop (reader, stops))
    if (!read_argument (reader, rows, &filled, statement))
      return FALSE;
  for (guint i = 0; !is_end (&rows[i]); i++)
    if (rows[i].required && (filled & 1u << i) == 0)
      {
        g_autofree char *missing = describe_argument (&rows[i]);
        return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is missing", missing), NULL);
      }
  return TRUE;
}

/* ---- statements ---------------------------------------------------------- */

/* The line from the word at first, without comment and blanks at its end. */
static char *
take_text (const RmqReader *reader)
{
  const guint start = reader->words[0].column - 1;
  return g_strndup (reader->source + start, reader->words[reader->n_words - 1].end - 1 - start);
}

static gpointer
new_statement (RmqReader *reader, const RmqStatementForm *form)
{
  RmqStatement *statement = g_malloc0 (form->size);
  if (form->defaults != NULL)
    memcpy (statement, form->defaults, form->size);
  statement->form = form;
  statement->line = reader->line;
  statement->column = reader->words[0].column;
  statement->text = take_text (reader);
  statement->said = g_new0 (char *, rmq_arguments_count (form->arguments) + 1);
  reader->said_rows = form->arguments;
  reader->said = statement->said;
  return statement;
}

static gpointer
keep_if (gboolean ok, gpointer statement)
{
  if (ok)
    return statement;
  rmq_statement_free (statement);
  return NULL;
}

static gboolean
check (RmqReader *reader, gpointer statement)
{
  const RmqStatementForm *form = ((RmqStatement *)statement)->form;
  return form->check == NULL || form->check (reader, statement);
}

/* The form of that group whose word stands here, the longest; of equal ones that for these kinds of
 * targets (0: no matter). (nullable) */
static const RmqStatementForm *
match_form (RmqReader *reader, RmqFormGroup group, guint kinds)
{
  const RmqStatementForm *found = NULL;
  guint n_words = 0;
  for (const RmqStatementForm *const *form = rmq_grammar_get_forms (group); *form != NULL; form++)
    {
      guint n = rmq_reader_match (reader, (*form)->word);
      gboolean fits = found != NULL && n == n_words && n > 0 && (found->targets & kinds) == 0
                      && ((*form)->targets & kinds) != 0;
      if (n > n_words || fits)
        {
          found = *form;
          n_words = n;
        }
    }
  reader->at += n_words;
  return found;
}

/* "no los" is two words where a known "no loss" begins alike; else the word that stands here. The
 * reader moves to the last of them. */
static char *
take_unknown (RmqReader *reader, const GPtrArray *known)
{
  const char *word = rmq_reader_peek (reader)->text;
  g_autofree char *beginning = g_strconcat (word, " ", NULL);
  if (reader->at + 1 < reader->n_words)
    for (guint i = 0; i < known->len; i++)
      if (g_str_has_prefix (g_ptr_array_index (known, i), beginning))
        {
          reader->at++;
          return g_strconcat (beginning, rmq_reader_peek (reader)->text, NULL);
        }
  return g_strdup (word);
}

static gboolean
fail_unknown (RmqReader *reader, const char *what, const RmqFormGroup *groups, guint n_groups)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < n_groups; i++)
    for (const RmqStatementForm *const *form = rmq_grammar_get_forms (groups[i]); *form != NULL;
         form++)
      g_ptr_array_add (known, (gpointer)(*form)->word);
  if (groups[0] == RMQ_FORM_SETUP)
    for (guint i = 0; rmq_expect_words[i] != NULL; i++)
      g_ptr_array_add (known, (gpointer)rmq_expect_words[i]);
  g_autofree char *word = take_unknown (reader, known);
  g_ptr_array_add (known, NULL);
  return rmq_reader_fail (reader, g_strdup_printf ("unknown %s \"%s\"", what, word),
                          rmq_nearest_word (word, (const char *const *)known->pdata));
}

/* ---- expectations -------------------------------------------------------- */

/* -1: no word of an expectation stands here. */
static gint
match_expect (RmqReader *reader)
{
  for (gint i = 0; rmq_expect_words[i] != NULL; i++)
    if (rmq_reader_match (reader, rmq_expect_words[i]) > 0)
      {
        reader->at++;
        return i;
      }
  return -1;
}

static gboolean
check_window (RmqReader *reader, const RmqExpectation *expectation)
{
  if ((expectation->from_us >= 0) != (expectation->until_us >= 0))
    return rmq_reader_fail (reader, g_strdup ("a window has both ends: from D until D"), NULL);
  if (expectation->from_us >= 0 && expectation->at_us >= 0)
    return rmq_reader_fail (reader, g_strdup ("either a window or a moment, not both"), NULL);
  return TRUE;
}

static gboolean
read_tail (RmqReader *reader, gpointer statement)
{
  if (rmq_reader_match (reader, "where") > 0)
    {
      static const char *const ends[] = { "from", "until", "at", NULL };
      reader->at++;
      if (rmq_reader_peek (reader) == NULL || is_stop (reader, ends))
        return rmq_reader_fail (reader, g_strdup ("a condition is expected: message e, key 3, …"),
                                NULL);
      if (!read_arguments (reader, rmq_where_arguments, ends, statement))
        return FALSE;
    }
  return read_arguments (reader, rmq_window_arguments, NULL, statement)
         && check_window (reader, statement);
}

static RmqStatement *
read_expectation (RmqReader *reader, RmqExpectMode mode)
{
  static const RmqFormGroup groups[] = { RMQ_FORM_EXPECTATION };
  const RmqStatementForm *form =
      rmq_reader_peek (reader) != NULL ? match_form (reader, RMQ_FORM_EXPECTATION, 0) : NULL;
  if (form == NULL)
    {
      if (rmq_reader_peek (reader) == NULL)
        rmq_reader_fail (reader, g_strdup ("a claim is expected"), NULL);
      else
        fail_unknown (reader, "claim", groups, G_N_ELEMENTS (groups));
      return NULL;
    }
  RmqExpectation *expectation = new_statement (reader, form);
  expectation->mode = mode;
  gboolean ok = read_arguments (reader, form->arguments, rmq_claim_ends, expectation)
                && read_tail (reader, expectation) && check (reader, expectation);
  return keep_if (ok, expectation);
}

/* ---- target and verb ----------------------------------------------------- */

static const RmqFormGroup verb_groups[] = { RMQ_FORM_VERB, RMQ_FORM_WORKLOAD };

static const RmqStatementForm *
match_verb (RmqReader *reader, guint kinds)
{
  for (guint i = 0; i < G_N_ELEMENTS (verb_groups); i++)
    {
      const RmqStatementForm *form = match_form (reader, verb_groups[i], kinds);
      if (form != NULL)
        return form;
    }
  return NULL;
}

/* The words are "WORD …" of which nothing is known: what may have been meant? */
static gboolean
fail_no_target (RmqReader *reader)
{
  static const RmqFormGroup groups[] = { RMQ_FORM_SETUP, RMQ_FORM_ACTOR };
  const RmqWord *word = rmq_reader_peek (reader);
  if (word == NULL)
    return rmq_reader_fail (reader, g_strdup ("a target and a verb are expected"), NULL);
  guint kinds = RMQ_NAME_SERVER | RMQ_NAME_PRODUCER | RMQ_NAME_HOST;
  gboolean known = rmq_names_find (reader->names, word->text, kinds) != NULL;
  reader->at++;
  if (rmq_reader_peek (reader) == NULL)
    {
      reader->at -= !known;
      return known ? rmq_reader_fail (reader, g_strdup ("a verb is expected"), NULL)
                   : fail_unknown (reader, "statement", groups, G_N_ELEMENTS (groups));
    }
  if (known)
    return fail_unknown (reader, "verb", verb_groups, G_N_ELEMENTS (verb_groups));
  reader->at--;
  return fail_unknown (reader, "statement", groups, G_N_ELEMENTS (groups));
}

/* What the name that stands here is, as bits. */
static guint
kinds_of (const RmqReader *reader)
{
  const char *name = rmq_reader_peek (reader)->text;
  guint kinds = 0;
  for (guint i = 0; i < reader->names->items->len; i++)
    {
      const RmqName *item = &g_array_index (reader->names->items, RmqName, i);
      kinds |= g_str_equal (item->name, name) ? item->kind : 0;
    }
  return kinds & ~(guint)RMQ_NAME_LABEL;
}

static RmqStatement *
read_timed (RmqReader *reader)
{
  RmqTimedStatement prefix = { .at_us = -1, .for_us = -1 };
  while (rmq_reader_match (reader, "at") > 0 || rmq_reader_match (reader, "for") > 0)
    {
      guint filled = 0;
      if (!read_argument (reader, rmq_timed_arguments, &filled, &prefix))
        return NULL;
    }
  const guint target_at = reader->at;
  const guint kinds = rmq_reader_peek (reader) != NULL ? kinds_of (reader) : 0;
  reader->at++;
  const RmqStatementForm *form = reader->at < reader->n_words ? match_verb (reader, kinds) : NULL;
  if (form == NULL)
    {
      reader->at = target_at;
      fail_no_target (reader);
      return NULL;
    }
  const guint arguments_at = reader->at;
  RmqTimedStatement *statement = new_statement (reader, form);
  statement->at_us = prefix.at_us;
  statement->for_us = prefix.for_us;
  const RmqArgument target = { .type = RMQ_ARGUMENT_NAMES, .names = form->targets };
  const RmqArgument verb[] = { { .keyword = form->word }, { NULL } };
  reader->keywords[0] = verb;
  reader->at = target_at;
  gboolean ok = rmq_argument_read (reader, &target, &statement->targets);
  reader->at = arguments_at;
  reader->keywords[0] = form->arguments;
  ok = ok && read_arguments (reader, form->arguments, NULL, statement) && check (reader, statement);
  if (!ok && form->failed != NULL)
    form->failed (reader, statement);
  return keep_if (ok, statement);
}

/* ---- lines --------------------------------------------------------------- */

static RmqStatement *
read_plain (RmqReader *reader, const RmqStatementForm *form)
{
  RmqStatement *statement = new_statement (reader, form);
  reader->keywords[0] = form->arguments;
  gboolean ok =
      read_arguments (reader, form->arguments, NULL, statement) && check (reader, statement);
  return keep_if (ok, statement);
}

static RmqStatement *
read_statement (RmqReader *reader)
{
  const gint mode = match_expect (reader);
  if (mode >= 0)
    return read_expectation (reader, mode);
  for (RmqFormGroup group = RMQ_FORM_SETUP; group <= RMQ_FORM_ACTOR; group++)
    {
      const RmqStatementForm *form = match_form (reader, group, 0);
      if (form != NULL)
        return read_plain (reader, form);
    }
  return read_timed (reader);
}

/* "at ev:N" and a line: the reader goes on as if the line began behind it. */
static gboolean
read_moment (RmqReader *reader, RmqMoment *moment)
{
  const gboolean is_moment = reader->n_words > 1 && rmq_reader_match (reader, "at") > 0
                             && g_str_has_prefix (reader->words[1].text, "ev:");
  if (!is_moment)
    return TRUE;
  if (!rmq_parse_moment (reader->words[1].text, moment))
    return rmq_reader_fail_at (reader, reader->words[1].column,
                               g_strdup ("a moment is ev:N or ev:N+D, N from 1: ev:48617+250us"),
                               NULL);
  if (reader->n_words == 2)
    return rmq_reader_fail_at (reader, reader->words[1].end,
                               g_strdup ("a line is expected: what is given at that moment?"),
                               NULL);
  reader->words += 2;
  reader->n_words -= 2;
  return TRUE;
}

RmqStatement *
rmq_reader_read_line (RmqDiagnostics *diagnostics, RmqNames *names, const char *source, guint line)
{
  g_autoptr (GArray) words = rmq_words_split (source, line, diagnostics);
  if (words == NULL || words->len == 0)
    return NULL;
  RmqReader reader = { .diagnostics = diagnostics,
                       .names = names,
                       .source = source,
                       .line = line,
                       .words = (const RmqWord *)words->data,
                       .n_words = words->len };
  RmqMoment moment = { 0 };
  RmqStatement *statement = read_moment (&reader, &moment) ? read_statement (&reader) : NULL;
  if (statement == NULL || moment.ev == 0)
    return statement;
  statement->given = moment;
  if (!rmq_form_may_be_given (statement->form))
    rmq_reader_fail_at (&reader, statement->column,
                        g_strdup ("this can't be given while a run is under way: leave \"at ev:…\" "
                                  "away"),
                        NULL);
  return statement;
}

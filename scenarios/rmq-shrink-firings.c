/* SPDX-License-Identifier: Apache-2.0 */

/* Single firings: an outage of requests is written as one line per request that it touched, and
 * those that aren't needed are dropped. Runs the scenario here to see what was touched; reads the
 * event log only. */

#include <string.h>

#include "rmq-grammar.h"
#include "rmq-mock-events.h"
#include "rmq-outage.h"
#include "rmq-run.h"
#include "rmq-shrink-private.h"
#include "rmq-words.h"

#define FIRINGS_MAX 64
/* More lines than that explain less than the one they came from. */
#define FIRINGS_KEPT_MAX 8
/* Ahead of the request: a timer of the simulated machine is late by up to 1 ms. */
#define LEAD_US 1100
/* Words that may stand between a verb and its amount: "answer CODE after store". */
#define INSERTS_MAX 5

/* ---- what fired ---------------------------------------------------------- */

typedef struct
{
  gint64 at_us;
  char *host;
} Firing;

typedef struct
{
  RmqEventLog *log;
  const char *line;
  GArray *firings; /* of Firing */
} Watch;

static void
clear_firing (gpointer data)
{
  g_free (((Firing *)data)->host);
}

static void
watch (const RmqEvent *event, gpointer data)
{
  Watch *watching = data;
  if (event->kind != &rmq_event_outage_hit || g_strcmp0 (event->text, watching->line) != 0
      || watching->firings->len > FIRINGS_MAX)
    return;
  const Firing firing = { event->at_us,
                          g_strdup (rmq_event_log_get_host_name (watching->log, event->host)) };
  g_array_append_val (watching->firings, firing);
}

/* In the scenario's time. (transfer full) */
static GArray *
find_firings (const RmqShrink *shrink, const char *line)
{
  const RmqRunOptions options = { .has_seed = TRUE,
                                  .seed = shrink->options->seed,
                                  .profile = shrink->options->profile };
  GArray *firings = g_array_new (FALSE, FALSE, sizeof (Firing));
  g_array_set_clear_func (firings, clear_firing);
  g_autoptr (RmqRun) run = rmq_run_new (shrink->read, &options, NULL);
  if (run == NULL)
    return firings;
  Watch watching = { rmq_run_get_log (run), line, firings };
  const guint id = rmq_event_log_add_listener (watching.log, watch, &watching);
  while (rmq_run_get_ev (run) < shrink->max_events && rmq_run_step (run))
    continue;
  rmq_event_log_remove_listener (watching.log, id);
  for (guint i = 0; i < firings->len; i++)
    g_array_index (firings, Firing, i).at_us -= rmq_run_get_zero_us (run);
  return firings;
}

/* ---- as lines ------------------------------------------------------------ */

/* The amount of a verb that has one. (nullable) */
static const RmqAmountValue *
find_amount (const RmqStatement *statement)
{
  if (statement->form->group != RMQ_FORM_VERB)
    return NULL;
  for (const RmqArgument *row = statement->form->arguments;
       row->shown != NULL || row->keyword != NULL; row++)
    if (row->type == RMQ_ARGUMENT_AMOUNT)
      return (const RmqAmountValue *)((const char *)statement + row->offset);
  return NULL;
}

/* How many words an amount has that begins here; 0: none does. */
static guint
match_amount (const GArray *words, guint at)
{
  const RmqWord *word = &g_array_index (words, RmqWord, at);
  const char *next = at + 1 < words->len ? g_array_index (words, RmqWord, at + 1).text : "";
  if (word->quoted)
    return 0;
  if (g_str_equal (word->text, "all"))
    return 1;
  if (g_str_equal (word->text, "next")
      || (g_str_has_suffix (word->text, "%") && g_str_equal (next, "of")))
    return 2;
  return g_str_equal (word->text, "every") && g_ascii_isdigit (next[0]) ? 3 : 0;
}

/* The verb and what follows, of a line that was read. */
static const char *
find_verb (const RmqStatement *statement)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("");
  g_autoptr (GArray) words = rmq_words_split (statement->text, 1, diagnostics);
  g_auto (GStrv) verb = g_strsplit (statement->form->word, " ", -1);
  guint at = 1;
  while (at < words->len && !g_str_equal (g_array_index (words, RmqWord, at).text, verb[0]))
    at++;
  g_assert (at < words->len);
  return statement->text + g_array_index (words, RmqWord, at).column - 1;
}

/* The verb with another amount: in the place of the one that is there, else behind the insert-th
 * word. (nullable) (transfer full) */
static char *
with_amount (const char *verb, const char *amount, guint insert)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("");
  g_autoptr (GArray) words = rmq_words_split (verb, 1, diagnostics);
  for (guint i = 1; i < words->len; i++)
    {
      const guint n = match_amount (words, i);
      if (n == 0)
        continue;
      const guint start = g_array_index (words, RmqWord, i).column - 1;
      const guint end = g_array_index (words, RmqWord, MIN (i + n, words->len) - 1).end - 1;
      return g_strdup_printf ("%.*s%s%s", (int)start, verb, amount, verb + end);
    }
  if (insert >= words->len)
    return NULL;
  const guint place = g_array_index (words, RmqWord, insert).end - 1;
  return g_strdup_printf ("%.*s %s%s", (int)place, verb, amount, verb + place);
}

/* "5.05s" (transfer full) */
static char *
format_time (gint64 at_us)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT ".%06d", at_us / G_USEC_PER_SEC,
                                             (int)(at_us % G_USEC_PER_SEC));
  gsize size = strlen (digits);
  while (digits[size - 1] == '0')
    size--;
  size -= digits[size - 1] == '.';
  return g_strdup_printf ("%.*ss", (int)size, digits);
}

/* The line at index replaced by one per firing. */
static gboolean
try_expanding (RmqShrink *shrink, guint index, const GArray *firings, const char *verb)
{
  const RmqShrinkLine *line = g_ptr_array_index (shrink->lines, index);
  GPtrArray *candidate = rmq_shrink_copy_lines (shrink->lines);
  g_ptr_array_remove_index (candidate, index);
  for (guint i = 0; i < firings->len; i++)
    {
      const Firing *firing = &g_array_index (firings, Firing, i);
      g_autofree char *time = format_time (MAX (0, firing->at_us - LEAD_US));
      g_autofree char *text = g_strdup_printf ("at %s %s %s", time, firing->host, verb);
      g_ptr_array_insert (candidate, (gint)(index + i), rmq_shrink_line_new (line->origin, text));
    }
  return rmq_shrink_try (shrink, candidate);
}

/* ---- dropping ------------------------------------------------------------ */

typedef struct
{
  GPtrArray *lines;
  RmqScenario *read;
  char *evidence;
} Saved;

static Saved
save (const RmqShrink *shrink)
{
  return (Saved){ g_ptr_array_ref (shrink->lines), rmq_scenario_ref (shrink->read),
                  g_strdup (shrink->evidence) };
}

static void
give_back (RmqShrink *shrink, Saved *saved)
{
  g_ptr_array_unref (shrink->lines);
  rmq_scenario_unref (shrink->read);
  g_free (shrink->evidence);
  shrink->lines = saved->lines;
  shrink->read = saved->read;
  shrink->evidence = saved->evidence;
}

static void
forget (Saved *saved)
{
  g_ptr_array_unref (saved->lines);
  rmq_scenario_unref (saved->read);
  g_free (saved->evidence);
}

/* As one line per firing, of which some can go; else it stays as it was. */
static gboolean
drop_firings (RmqShrink *shrink, guint index, const GArray *firings, const char *verb)
{
  Saved saved = save (shrink);
  const guint others = shrink->lines->len - 1;
  guint kept = G_MAXUINT;
  if (try_expanding (shrink, index, firings, verb))
    {
      rmq_shrink_lines (shrink, index, index + firings->len);
      kept = shrink->lines->len - others;
    }
  const gboolean is_less = kept < firings->len || (kept == 1 && firings->len == 1);
  if (is_less && kept <= FIRINGS_KEPT_MAX)
    {
      forget (&saved);
      return TRUE;
    }
  give_back (shrink, &saved);
  return FALSE;
}

/* "next N" is what the counts can work on. */
static gboolean
try_counting (RmqShrink *shrink, guint index, const char *verb, const char *changed)
{
  GPtrArray *candidate = rmq_shrink_copy_lines (shrink->lines);
  RmqShrinkLine *line = g_ptr_array_index (candidate, index);
  const gsize before = strlen (line->text) - strlen (verb);
  char *text = g_strdup_printf ("%.*s%s", (int)before, line->text, changed);
  g_free (line->text);
  line->text = text;
  return rmq_shrink_try (shrink, candidate);
}

static gboolean
shrink_outage (RmqShrink *shrink, guint index, const RmqAmountValue *amount)
{
  const RmqStatement *statement = rmq_scenario_get_statement (shrink->read, index);
  g_autoptr (GArray) firings = find_firings (shrink, statement->text);
  g_autofree char *verb = g_strdup (find_verb (statement));
  const gboolean counts = amount->kind != RMQ_AMOUNT_NEXT;
  g_autofree char *all = g_strdup_printf ("next %u", firings->len);
  if (firings->len == 0 || firings->len > FIRINGS_MAX)
    return FALSE;
  for (guint insert = 0; insert < INSERTS_MAX; insert++)
    {
      g_autofree char *single = with_amount (verb, "next 1", insert);
      g_autofree char *counted = with_amount (verb, all, insert);
      if (single != NULL
          && (drop_firings (shrink, index, firings, single)
              || (counts && try_counting (shrink, index, verb, counted))))
        return TRUE;
    }
  return FALSE;
}

gboolean
rmq_shrink_firings (RmqShrink *shrink)
{
  gboolean changed = FALSE;
  if (g_str_equal (shrink->kind, "run")) /* whatever ends the program mustn't run in this one */
    return FALSE;
  for (guint index = shrink->lines->len; index > 0 && rmq_shrink_may_go_on (shrink); index--)
    {
      const RmqAmountValue *amount =
          find_amount (rmq_scenario_get_statement (shrink->read, index - 1));
      const gboolean is_single =
          amount != NULL && amount->kind == RMQ_AMOUNT_NEXT && amount->n == 1;
      if (amount != NULL && !is_single)
        changed |= shrink_outage (shrink, index - 1, amount);
    }
  return changed;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Ways to make a scenario smaller, each a pass that proposes candidates in a fixed order. Texts
 * only: what can't be read is no candidate, and whether one still fails is asked of
 * rmq_shrink_try(). Later lines need earlier ones, so every pass goes from the end. */

#include "rmq-grammar.h"
#include "rmq-reader.h"
#include "rmq-shrink-private.h"

/* The longest option that has no names: "select by KEY". */
#define WORDS_AT_ONCE 3

static const RmqStatementForm *
form_of (const RmqShrink *shrink, guint index)
{
  return rmq_scenario_get_statement (shrink->read, index)->form;
}

/* ---- lines --------------------------------------------------------------- */

/* The title costs nothing and says what it was about. */
static gboolean
try_without (RmqShrink *shrink, guint from, guint until)
{
  GPtrArray *candidate = rmq_shrink_copy_lines (shrink->lines);
  for (guint i = until; i > from; i--)
    if (form_of (shrink, i - 1) != &rmq_form_scenario)
      g_ptr_array_remove_index (candidate, i - 1);
  return rmq_shrink_try (shrink, candidate);
}

/* Halves, quarters, … of the lines from from, down to single ones. */
gboolean
rmq_shrink_lines (RmqShrink *shrink, guint from, guint until)
{
  gboolean changed = FALSE;
  for (guint size = MAX ((until - from + 1) / 2, 1); size > 0; size /= 2)
    for (guint end = until; end > from;)
      {
        const guint start = end - from > size ? end - size : from;
        const guint before = shrink->lines->len;
        if (try_without (shrink, start, end))
          {
            until -= before - shrink->lines->len;
            changed = TRUE;
          }
        end = start;
      }
  return changed;
}

/* ---- words --------------------------------------------------------------- */

/* (nullable) */
static GArray *
split (const char *text)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("");
  return rmq_words_split (text, 1, diagnostics);
}

static const char *
text_of (const RmqShrink *shrink, guint index)
{
  return ((const RmqShrinkLine *)g_ptr_array_index (shrink->lines, index))->text;
}

static gboolean
try_text (RmqShrink *shrink, guint index, const char *text)
{
  GPtrArray *candidate = rmq_shrink_copy_lines (shrink->lines);
  RmqShrinkLine *line = g_ptr_array_index (candidate, index);
  g_free (line->text);
  line->text = g_strdup (text);
  return rmq_shrink_try (shrink, candidate);
}

/* Without n words from first on. */
static gboolean
try_without_words (RmqShrink *shrink, guint index, guint first, guint n)
{
  const char *text = text_of (shrink, index);
  g_autoptr (GArray) words = split (text);
  if (words == NULL || first + n > words->len)
    return FALSE;
  const guint head = g_array_index (words, RmqWord, first).column - 1;
  const char *tail =
      first + n < words->len ? text + g_array_index (words, RmqWord, first + n).column - 1 : "";
  g_autofree char *changed = g_strdup_printf ("%.*s%s", (int)head, text, tail);
  return try_text (shrink, index, g_strstrip (changed));
}

static gboolean
try_count (RmqShrink *shrink, guint index, guint at, gint64 count)
{
  const char *text = text_of (shrink, index);
  g_autoptr (GArray) words = split (text);
  const RmqWord *word = &g_array_index (words, RmqWord, at);
  g_autofree char *changed = g_strdup_printf ("%.*s%" G_GINT64_FORMAT "%s", (int)word->column - 1,
                                              text, count, text + word->end - 1);
  return try_text (shrink, index, changed);
}

/* Words of expectations are what is to be shown, and those of verbs say what happens. */
static gboolean
has_options (const RmqStatementForm *form)
{
  return form != &rmq_form_scenario
         && (form->group == RMQ_FORM_SETUP || form->group == RMQ_FORM_ACTOR
             || form->group == RMQ_FORM_WORKLOAD);
}

static guint
count_words (const RmqShrink *shrink, guint index)
{
  g_autoptr (GArray) words = split (text_of (shrink, index));
  return words != NULL ? words->len : 0;
}

gboolean
rmq_shrink_words (RmqShrink *shrink)
{
  gboolean changed = FALSE;
  for (guint index = shrink->lines->len; index > 0; index--)
    for (guint n = WORDS_AT_ONCE; n > 0 && has_options (form_of (shrink, index - 1)); n--)
      for (guint first = count_words (shrink, index - 1); first > 1; first--)
        changed |= try_without_words (shrink, index - 1, first - 1, n);
  return changed;
}

/* ---- counts -------------------------------------------------------------- */

/* The word behind these is a count. */
static const char *const counted[] = { "sends", "next",  "queues", "read",    "keys",
                                       "tasks", "batch", "flight", "retries", NULL };

/* FALSE: that word is no count. */
static gboolean
read_count (const char *text, guint at, gint64 *count)
{
  g_autoptr (GArray) words = split (text);
  return words != NULL && at < words->len
         && g_strv_contains (counted, g_array_index (words, RmqWord, at - 1).text)
         && rmq_parse_number (g_array_index (words, RmqWord, at).text, count);
}

/* Halves what is taken off until not even one less would do. */
static gboolean
lessen (RmqShrink *shrink, guint index, guint at, gint64 count)
{
  gboolean changed = FALSE;
  for (gint64 step = (count + 1) / 2; step > 0;)
    {
      const gboolean does = try_count (shrink, index, at, count - step);
      count -= does ? step : 0;
      changed |= does;
      step = does ? MIN (step, (count + 1) / 2) : step / 2;
    }
  return changed;
}

gboolean
rmq_shrink_counts (RmqShrink *shrink)
{
  gboolean changed = FALSE;
  for (guint index = shrink->lines->len; index > 0; index--)
    for (guint at = count_words (shrink, index - 1); at > 1; at--)
      {
        gint64 count;
        if (form_of (shrink, index - 1)->group != RMQ_FORM_EXPECTATION
            && read_count (text_of (shrink, index - 1), at - 1, &count))
          changed |= lessen (shrink, index - 1, at - 1, count);
      }
  return changed;
}

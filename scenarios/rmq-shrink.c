/* SPDX-License-Identifier: Apache-2.0 */

/* Shrinking: passes over the lines, again and again, until none finds anything. Whether a candidate
 * still fails is found out by running it in a process of its own, so that one that ends the program
 * can be shrunk too. Files, terminals and options are the command's. */

#include "rmq-shrink.h"

#include "rmq-grammar.h"
#include "rmq-shrink-private.h"
#include "rmq-sweep-workers.h"

/* A candidate may run longer than the original, if what ended it early was deleted, but not by
 * orders of magnitude. */
#define EVENTS_FACTOR 4
#define EVENTS_MORE 10000

/* ---- lines --------------------------------------------------------------- */

static void
free_line (gpointer data)
{
  RmqShrinkLine *line = data;
  g_free (line->text);
  g_free (line);
}

RmqShrinkLine *
rmq_shrink_line_new (guint origin, const char *text)
{
  RmqShrinkLine *line = g_new (RmqShrinkLine, 1);
  *line = (RmqShrinkLine){ origin, g_strdup (text) };
  return line;
}

GPtrArray *
rmq_shrink_copy_lines (const GPtrArray *lines)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (free_line);
  for (guint i = 0; i < lines->len; i++)
    {
      const RmqShrinkLine *line = g_ptr_array_index (lines, i);
      g_ptr_array_add (copy, rmq_shrink_line_new (line->origin, line->text));
    }
  return copy;
}

static char *
join_lines (const GPtrArray *lines)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n",
                            ((const RmqShrinkLine *)g_ptr_array_index (lines, i))->text);
  return g_string_free (text, FALSE);
}

/* (nullable): it can't be run. */
static RmqScenario *
read_text (const char *name, const char *text)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (name);
  g_autoptr (RmqScenario) scenario = rmq_scenario_new (name);
  return rmq_scenario_add_text (scenario, text, diagnostics)
                 && rmq_scenario_require_workload (scenario, diagnostics)
             ? g_steal_pointer (&scenario)
             : NULL;
}

/* ---- running ------------------------------------------------------------- */

/* What failed first in a run; all NULL: nothing did. */
typedef struct
{
  char *claim, *kind, *evidence;
  GPtrArray *errors; /* (nullable): of static char, how sends failed */
  guint64 n_events;
} Failure;

static void
clear_failure (Failure *failure)
{
  g_free (failure->claim);
  g_free (failure->kind);
  g_free (failure->evidence);
  g_clear_pointer (&failure->errors, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Failure, clear_failure)

static gboolean
take_failure (const RmqSweepOutcome *outcome, gpointer data, GError **error)
{
  Failure *failure = data;
  const RmqReport *report = outcome->result->report;
  const RmqFinding *first = rmq_report_find_first_failure (report);
  failure->n_events = report->n_events;
  if (first == NULL)
    return TRUE;
  failure->claim = g_strdup (first->claim);
  failure->kind = g_strdup (first->kind);
  failure->evidence = g_strdup (first->evidence);
  failure->errors = g_ptr_array_ref (outcome->result->errors);
  return TRUE;
}

/* FALSE: interrupted, or no run can be made. */
static gboolean
run_once (RmqShrink *shrink, RmqScenario *scenario, Failure *failure)
{
  g_autoptr (RmqSweepPlan) plan = rmq_sweep_plan_new ();
  plan->first_seed = plan->last_seed = shrink->options->seed;
  plan->profile = g_strdup (shrink->options->profile);
  plan->max_events = shrink->max_events;
  rmq_sweep_plan_add (plan, scenario, NULL);
  if (shrink->options->progress != NULL)
    shrink->options->progress (shrink->n_runs, rmq_scenario_get_n_statements (scenario),
                               shrink->options->progress_data);
  shrink->n_runs++;
  const RmqSweepEnd end = rmq_sweep_run (plan, 1, take_failure, failure, &shrink->error);
  shrink->interrupted |= end == RMQ_SWEEP_INTERRUPTED;
  return end == RMQ_SWEEP_DONE;
}

gboolean
rmq_shrink_may_go_on (const RmqShrink *shrink)
{
  return !shrink->bounded && !shrink->interrupted && shrink->error == NULL;
}

/* The same claim, and no send failed in a way that none did in the original: without its name
 * server a scenario fails just as well, but shows nothing of what was wrong. */
static gboolean
is_same (const RmqShrink *shrink, const Failure *failure)
{
  if (g_strcmp0 (failure->claim, shrink->claim) != 0
      || g_strcmp0 (failure->kind, shrink->kind) != 0)
    return FALSE;
  for (guint i = 0; i < failure->errors->len; i++)
    if (!g_ptr_array_find (shrink->errors, g_ptr_array_index (failure->errors, i), NULL))
      return FALSE;
  return TRUE;
}

static void
adopt (RmqShrink *shrink, GPtrArray *lines, RmqScenario *read, const Failure *failure)
{
  g_clear_pointer (&shrink->lines, g_ptr_array_unref);
  g_clear_pointer (&shrink->read, rmq_scenario_unref);
  g_free (shrink->evidence);
  shrink->lines = g_ptr_array_ref (lines);
  shrink->read = rmq_scenario_ref (read);
  shrink->evidence = g_strdup (failure->evidence);
}

gboolean
rmq_shrink_try (RmqShrink *shrink, GPtrArray *candidate)
{
  g_autoptr (GPtrArray) lines = candidate;
  g_auto (Failure) failure = { 0 };
  g_autofree char *text = join_lines (lines);
  if (!rmq_shrink_may_go_on (shrink) || g_hash_table_contains (shrink->tried, text))
    return FALSE;
  g_autoptr (RmqScenario) scenario = read_text (shrink->name, text);
  g_hash_table_add (shrink->tried, g_steal_pointer (&text));
  if (scenario == NULL)
    return FALSE;
  shrink->bounded = shrink->n_runs >= shrink->options->max_runs;
  if (shrink->bounded || !run_once (shrink, scenario, &failure))
    return FALSE;
  if (!is_same (shrink, &failure))
    return FALSE;
  adopt (shrink, lines, scenario, &failure);
  return TRUE;
}

/* ---- the beginning ------------------------------------------------------- */

/* All statements but the seed, which the result has of its own. */
static GPtrArray *
take_lines (RmqScenario *scenario)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (free_line);
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      if (statement->form != &rmq_form_seed)
        g_ptr_array_add (lines, rmq_shrink_line_new (i, statement->text));
    }
  return lines;
}

/* What must go on failing. FALSE: shrink->error says why there is nothing. */
static gboolean
find_target (RmqShrink *shrink, RmqScenario *scenario)
{
  g_auto (Failure) failure = { 0 };
  g_autoptr (GPtrArray) lines = take_lines (scenario);
  g_autofree char *text = join_lines (lines);
  g_autoptr (RmqScenario) read = read_text (shrink->name, text);
  g_assert (read != NULL);
  if (!run_once (shrink, read, &failure))
    {
      if (shrink->error == NULL)
        g_set_error_literal (&shrink->error, G_FILE_ERROR, G_FILE_ERROR_INTR, "interrupted");
      return FALSE;
    }
  if (failure.claim == NULL)
    {
      g_set_error (&shrink->error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "no claim of %s fails with seed %" G_GUINT64_FORMAT
                   "; rmqlab sweep finds a seed with which one does",
                   shrink->name, shrink->options->seed);
      return FALSE;
    }
  shrink->claim = g_strdup (failure.claim);
  shrink->kind = g_strdup (failure.kind);
  shrink->errors = g_ptr_array_ref (failure.errors);
  shrink->max_events = failure.n_events * EVENTS_FACTOR + EVENTS_MORE;
  adopt (shrink, lines, read, &failure);
  return TRUE;
}

/* Counts go first: they make all that follows quick. */
static void
run_passes (RmqShrink *shrink)
{
  gboolean changed = TRUE;
  while (changed && rmq_shrink_may_go_on (shrink))
    {
      changed = rmq_shrink_lines (shrink, 0, shrink->lines->len);
      changed |= rmq_shrink_counts (shrink);
      changed |= rmq_shrink_words (shrink);
      changed |= rmq_shrink_firings (shrink);
    }
}

/* ---- the result ---------------------------------------------------------- */

/* Comments end with their line, names needn't. */
static void
append_comment (GString *out, const char *text)
{
  g_autofree char *one_line = g_strdelimit (g_strdup (text), "\r\n", ' ');
  g_string_append_printf (out, "# %s\n", one_line);
}

static char *
write_scenario (const RmqShrink *shrink)
{
  GString *out = g_string_new (NULL);
  g_autofree char *origin = g_strdup_printf (
      "Shrunk from %s with seed %" G_GUINT64_FORMAT ". What fails first:", shrink->name,
      shrink->options->seed);
  g_autofree char *claim = g_strdup_printf ("  %s: %s", shrink->claim, shrink->evidence);
  append_comment (out, origin);
  append_comment (out, claim);
  g_string_append_printf (out, "seed %" G_GUINT64_FORMAT "\n", shrink->options->seed);
  g_autofree char *lines = join_lines (shrink->lines);
  g_string_append (out, lines);
  return g_string_free (out, FALSE);
}

/* What became of a statement: nothing to say, gone, or other lines. (nullable) (transfer full) */
static char *
describe_change (const RmqShrink *shrink, const RmqStatement *statement, guint origin)
{
  g_autoptr (GString) now = g_string_new (NULL);
  for (guint i = 0; i < shrink->lines->len; i++)
    {
      const RmqShrinkLine *line = g_ptr_array_index (shrink->lines, i);
      if (line->origin == origin)
        g_string_append_printf (now, "%s%s", now->len > 0 ? "; " : "", line->text);
    }
  if (g_str_equal (now->str, statement->text))
    return NULL;
  return now->len == 0
             ? g_strdup_printf ("line %u is gone: %s", statement->line, statement->text)
             : g_strdup_printf ("line %u: %s → %s", statement->line, statement->text, now->str);
}

static RmqShrinkResult *
make_result (RmqShrink *shrink, RmqScenario *scenario, guint n_lines_before)
{
  RmqShrinkResult *result = g_new0 (RmqShrinkResult, 1);
  result->text = write_scenario (shrink);
  result->claim = g_strdup (shrink->claim);
  result->kind = g_strdup (shrink->kind);
  result->evidence = g_strdup (shrink->evidence);
  result->n_lines_before = n_lines_before;
  result->n_lines = shrink->lines->len;
  result->n_runs = shrink->n_runs;
  result->bounded = shrink->bounded;
  result->interrupted = shrink->interrupted;
  result->changes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      char *change =
          statement->form != &rmq_form_seed ? describe_change (shrink, statement, i) : NULL;
      if (change != NULL)
        g_ptr_array_add (result->changes, change);
    }
  return result;
}

static void
clear_shrink (RmqShrink *shrink)
{
  g_clear_pointer (&shrink->lines, g_ptr_array_unref);
  g_clear_pointer (&shrink->read, rmq_scenario_unref);
  g_clear_pointer (&shrink->errors, g_ptr_array_unref);
  g_hash_table_unref (shrink->tried);
  g_free (shrink->claim);
  g_free (shrink->kind);
  g_free (shrink->evidence);
  g_clear_error (&shrink->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RmqShrink, clear_shrink)

RmqShrinkResult *
rmq_shrink (RmqScenario *scenario, const RmqShrinkOptions *given, GError **error)
{
  RmqShrinkOptions options = *given;
  options.max_runs = given->max_runs != 0 ? given->max_runs : RMQ_SHRINK_RUNS_MAX;
  g_auto (RmqShrink)
      shrink = { .options = &options,
                 .name = rmq_scenario_get_name (scenario),
                 .tried = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  if (find_target (&shrink, scenario))
    {
      const guint n_lines_before = shrink.lines->len;
      run_passes (&shrink);
      if (shrink.error == NULL)
        return make_result (&shrink, scenario, n_lines_before);
    }
  g_propagate_error (error, g_steal_pointer (&shrink.error));
  return NULL;
}

void
rmq_shrink_result_free (RmqShrinkResult *result)
{
  if (result == NULL)
    return;
  g_free (result->text);
  g_free (result->claim);
  g_free (result->kind);
  g_free (result->evidence);
  g_ptr_array_unref (result->changes);
  g_free (result);
}

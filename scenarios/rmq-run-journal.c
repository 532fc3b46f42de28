/* SPDX-License-Identifier: Apache-2.0 */

/* The journal of a simulated run: lines that are given while it is under way, by its file or by
 * whoever sits before it, each with its moment. Scenario, seed and journal are the run: with them
 * it can be had again, event for event. Over TCP it is only written. Owner of the loop, but for
 * what rmq-run.h declares. */

#include "rmq-run-private.h"

#include "rmq-sim-world.h"

void
rmq_run_line_free (gpointer data)
{
  RmqRunLine *line = data;
  g_free (line->text);
  g_free (line);
}

static RmqRunLine *
get_line (RmqRun *run, guint index)
{
  return g_ptr_array_index (run->journal, index);
}

static void
insert_line (RmqRun *run, guint place, const RmqRunLine *line)
{
  RmqRunLine *copy = g_new (RmqRunLine, 1);
  *copy = *line;
  copy->text = g_strdup (line->text);
  g_ptr_array_insert (run->journal, (gint)place, copy);
}

static gint
compare_moments (const RmqMoment *a, const RmqMoment *b)
{
  if (a->ev != b->ev)
    return a->ev < b->ev ? -1 : 1;
  return (a->after_us > b->after_us) - (a->after_us < b->after_us);
}

/* Lines of one moment stay in their order. */
static void
add_sorted (RmqRun *run, const RmqRunLine *line)
{
  guint place = run->journal->len;
  while (place > 0 && compare_moments (&get_line (run, place - 1)->at, &line->at) > 0)
    place--;
  insert_line (run, place, line);
}

void
rmq_run_take_journal (RmqRun *run)
{
  const guint n = rmq_scenario_get_n_statements (run->scenario);
  for (guint i = 0; i < n; i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (statement->given.ev != 0)
        add_sorted (run, &(RmqRunLine){ statement->given, statement->text, TRUE });
    }
  if (run->journal->len == 0)
    return;
  RmqScenario *declared = rmq_scenario_take_declared (run->scenario, n);
  rmq_scenario_unref (run->scenario);
  run->scenario = declared;
}

void
rmq_run_note_line (RmqRun *run, const char *text)
{
  const gint64 now_us = rmq_env_now (run->script);
  RmqRunLine line = { .text = (char *)text };
  if (!run->options.real)
    line.at = (RmqMoment){ rmq_run_get_ev (run), now_us - run->event_us };
  insert_line (run, run->n_given++, &line);
}

gboolean
rmq_run_has_line_due (RmqRun *run, gint64 limit_us)
{
  if (run->n_given == run->journal->len)
    return FALSE;
  const RmqMoment *at = &get_line (run, run->n_given)->at;
  const guint64 ev = rmq_run_get_ev (run);
  return at->ev < ev || (at->ev == ev && run->event_us + at->after_us <= limit_us);
}

static void
ignore (const RmqLineResult *result, gpointer data)
{
}

/* What was typed once may be refused now: the file is another. */
void
rmq_run_give_next_line (RmqRun *run)
{
  const RmqRunLine *line = get_line (run, run->n_given);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  if (line->at.ev < rmq_run_get_ev (run))
    g_ptr_array_add (run->notices,
                     g_strdup_printf ("\"%s\" was to be given at ev:%" G_GUINT64_FORMAT
                                      ", which was over at time 0: given then",
                                      line->text, line->at.ev));
  else if (line->at.after_us > 0)
    rmq_sim_world_run_until (run->world, run->event_us + line->at.after_us);
  run->n_given++;
  if (!rmq_run_give (run, line->text, diagnostics, ignore, NULL))
    g_ptr_array_add (run->notices, g_strdup_printf ("\"%s\" was refused: %s", line->text,
                                                    rmq_diagnostics_get (diagnostics, 0)->message));
}

static char *
format_line (const RmqRunLine *line)
{
  if (line->at.ev == 0)
    return g_strdup (line->text);
  g_autofree char *after = line->at.after_us > 0
                               ? g_strdup_printf ("+%" G_GINT64_FORMAT "us", line->at.after_us)
                               : g_strdup ("");
  return g_strdup_printf ("at ev:%" G_GUINT64_FORMAT "%s %s", line->at.ev, after, line->text);
}

GPtrArray *
rmq_run_list_lines (RmqRun *run)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < run->n_given; i++)
    if (!get_line (run, i)->of_file)
      g_ptr_array_add (list, format_line (get_line (run, i)));
  return list;
}

void
rmq_run_note_lines_left (RmqRun *run, GPtrArray *notices)
{
  for (guint i = run->options.real ? run->journal->len : run->n_given; i < run->journal->len; i++)
    {
      g_autofree char *text = format_line (get_line (run, i));
      g_ptr_array_add (notices,
                       g_strdup_printf ("\"%s\" was never given: so far the run didn't go", text));
    }
}

/* ---- once more ----------------------------------------------------------- */

RmqRunMoment
rmq_run_get_moment (RmqRun *run)
{
  return (RmqRunMoment){ .at = { rmq_run_get_ev (run), rmq_env_now (run->script) - run->event_us },
                         .n_given = run->n_given };
}

RmqRun *
rmq_run_new_again (RmqRun *run)
{
  g_assert (!run->options.real);
  g_autoptr (RmqScenario) scenario =
      rmq_scenario_take_declared (run->scenario, run->declared.n_statements);
  RmqRunOptions options = run->options;
  options.has_seed = TRUE;
  options.seed = run->seed;
  RmqRun *again = rmq_run_new (scenario, &options, NULL);
  g_assert (again != NULL); /* it could be had once, and nothing of it was outside */
  for (guint i = 0; i < run->journal->len; i++)
    insert_line (again, i, get_line (run, i));
  return again;
}

void
rmq_run_run_to (RmqRun *run, const RmqRunMoment *moment)
{
  while (rmq_run_get_ev (run) < moment->at.ev && rmq_run_advance (run, G_MAXINT64))
    continue;
  while (run->n_given < moment->n_given && rmq_run_has_line_due (run, G_MAXINT64))
    rmq_run_give_next_line (run);
}

guint
rmq_run_forget_lines_to_come (RmqRun *run)
{
  guint n = 0;
  for (guint i = run->journal->len; i > run->n_given; i--)
    if (!get_line (run, i - 1)->of_file)
      {
        g_ptr_array_remove_index (run->journal, i - 1);
        n++;
      }
  return n;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Lines of the language that come while a run is under way: from the prompt, over HTTP. All of a
 * text or none. Owner of the loop but for the public function. */

#include "rmq-run-private.h"

static gboolean
refuse (const RmqStatement *statement, RmqDiagnostics *diagnostics, const char *why)
{
  rmq_statement_complain (statement, diagnostics, FALSE, g_strdup (why));
  return FALSE;
}

/* Whether a statement can be done now that the clock runs. */
static gboolean
check_live (RmqRun *run, const RmqStatement *statement, RmqDiagnostics *diagnostics)
{
  const RmqFormGroup group = statement->form->group;
  if (!rmq_form_may_be_given (statement->form))
    return refuse (statement, diagnostics, "this stands in a file only: the run is under way");
  if (statement->given.ev != 0)
    return refuse (statement, diagnostics,
                   "\"at ev:…\" stands in a file only: leave it away to do it now");
  if (group == RMQ_FORM_WORKLOAD && run->options.serve)
    return refuse (statement, diagnostics, "producers don't run here: clients come from outside");
  if (statement->form->targets == 0)
    return TRUE;
  const gint64 at_us = ((const RmqTimedStatement *)statement)->at_us;
  if (at_us >= 0 && rmq_run_to_world (run, at_us) < rmq_env_now (run->script))
    return refuse (statement, diagnostics, "that time is over: leave \"at\" away to do it now");
  return TRUE;
}

/* What it takes is kept until a reset, or its end. */
static gboolean
check_room (const RmqRun *run, guint n_statements, RmqDiagnostics *diagnostics)
{
  if (n_statements <= run->declared.n_statements + RMQ_RUN_LINES_MAX)
    return TRUE;
  g_info ("%s: a line is refused, %d have come", rmq_scenario_get_name (run->scenario),
          RMQ_RUN_LINES_MAX);
  return refuse (rmq_scenario_get_statement (run->scenario, n_statements - 1), diagnostics,
                 run->options.serve
                     ? "this cluster has taken 10000 lines: POST /v1/reset forgets them"
                     : "this run has taken 10000 lines and takes no more");
}

static void
execute (RmqRun *run, const RmqStatement *statement, RmqLineFunc func, gpointer data)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  rmq_run_do (run, statement, answer);
  if (answer->len == 0)
    g_string_append (answer, "done");
  RmqLineResult result = { .statement = statement, .answer = answer->str };
  if (statement->form->group != RMQ_FORM_EXPECTATION)
    {
      func (&result, data);
      return;
    }
  const RmqFinding finding = rmq_run_judge_claim (run, (const RmqExpectation *)statement);
  result.finding = &finding;
  func (&result, data);
  g_free (finding.claim);
  g_free (finding.evidence);
}

gboolean
rmq_run_give (RmqRun *run, const char *text, RmqDiagnostics *diagnostics, RmqLineFunc func,
              gpointer data)
{
  const RmqScenarioMark before = rmq_scenario_mark (run->scenario);
  gboolean ok = rmq_scenario_add_text (run->scenario, text, diagnostics);
  const guint n = rmq_scenario_get_n_statements (run->scenario);
  for (guint i = before.n_statements; i < n; i++)
    ok = check_live (run, rmq_scenario_get_statement (run->scenario, i), diagnostics) && ok;
  ok = ok && check_room (run, n, diagnostics);
  if (!ok)
    {
      rmq_scenario_rollback (run->scenario, &before);
      return FALSE;
    }
  rmq_scenario_forget_lines (run->scenario, before.n_statements);
  if (run->over)
    rmq_run_judge_on_loop (run);
  for (guint i = before.n_statements; i < n; i++)
    execute (run, rmq_scenario_get_statement (run->scenario, i), func, data);
  rmq_run_look_for_end (run);
  return TRUE;
}

gboolean
rmq_run_execute_on_loop (RmqRun *run, const char *text, RmqDiagnostics *diagnostics,
                         RmqLineFunc func, gpointer data)
{
  const guint before = rmq_scenario_get_n_statements (run->scenario);
  if (!rmq_run_give (run, text, diagnostics, func, data))
    return FALSE;
  for (guint i = before; i < rmq_scenario_get_n_statements (run->scenario); i++)
    rmq_run_note_line (run, rmq_scenario_get_statement (run->scenario, i)->text);
  return TRUE;
}

typedef struct
{
  RmqRun *run;
  const char *line;
  RmqDiagnostics *diagnostics;
  GString *answer;
  gboolean ok;
} Execution;

static void
append_answer (const RmqLineResult *result, gpointer data)
{
  GString *answer = data;
  if (answer->len > 0)
    g_string_append_c (answer, '\n');
  if (result->finding == NULL)
    {
      g_string_append (answer, result->answer);
      return;
    }
  g_string_append_printf (answer, "%s: %s", rmq_verdict_get_name (result->finding->verdict),
                          result->finding->evidence);
  if (result->finding->ev != 0)
    g_string_append_printf (answer, "   ev %" G_GUINT64_FORMAT, result->finding->ev);
}

static void
execute_on_loop (gpointer data)
{
  Execution *execution = data;
  execution->ok = rmq_run_execute_on_loop (execution->run, execution->line, execution->diagnostics,
                                           append_answer, execution->answer);
}

char *
rmq_run_execute_line (RmqRun *run, const char *line, RmqDiagnostics *diagnostics)
{
  Execution execution = {
    .run = run, .line = line, .diagnostics = diagnostics, .answer = g_string_new (NULL)
  };
  rmq_run_call (run, execute_on_loop, &execution);
  return g_string_free (execution.answer, !execution.ok);
}

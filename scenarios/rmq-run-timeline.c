/* SPDX-License-Identifier: Apache-2.0 */

/* The timeline: statements that happen now, at their time, and end by "for D"; when a run is over.
 * Owner of the loop; timers belong to the script's host. */

#include "rmq-run-private.h"

/* ---- the end ------------------------------------------------------------- */

void
rmq_run_end (RmqRun *run)
{
  if (run->over)
    return;
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (statement->form == &rmq_form_rows && ((const RmqExpectation *)statement)->at_us < 0)
        rmq_run_probe (run, (const RmqExpectation *)statement);
    }
  rmq_run_probe (run, NULL);
  run->over = TRUE;
  if (run->end_waiter != NULL)
    rmq_parker_wake (run->end_waiter);
}

static void
settled (gpointer data)
{
  rmq_run_end (data);
}

void
rmq_run_look_for_end (RmqRun *run)
{
  rmq_env_timer_stop (run->script, &run->end_timer);
  if (run->cancelled || run->options.serve || run->n_waiting > 0
      || !rmq_evidence_is_done (run->evidence) || rmq_run_is_probing (run))
    return;
  rmq_env_timer_start (run->script, &run->end_timer,
                       rmq_env_now (run->script) + rmq_scenario_get_settle_us (run->scenario),
                       settled, run);
}

/* ---- actions ------------------------------------------------------------- */

static void act_now (RmqRun *run, const RmqStatement *statement, GString *answer);

static void
note (RmqRun *run, const RmqStatement *statement, const char *text)
{
  if (text[0] == '\0')
    return;
  g_ptr_array_add (run->notices, statement->line > 0
                                     ? g_strdup_printf ("line %u: %s", statement->line, text)
                                     : g_strdup_printf ("\"%s\": %s", statement->text, text));
}

static void
act_on (RmqRun *run, const char *target, const RmqTimedStatement *timed, GString *answer)
{
  const RmqStatementForm *form = timed->base.form;
  if (form->not_real != NULL && run->options.real)
    g_string_append_printf (answer, "\"%s\" is skipped over TCP: %s", form->word, form->not_real);
  else if (form->play != NULL)
    form->play (run, target, timed, answer);
  else
    form->act (run->cluster, target, timed, answer);
}

static gboolean
has_end (const RmqRun *run, const RmqStatementForm *form)
{
  return (form->end != NULL || form->play_end != NULL)
         && (form->not_real == NULL || !run->options.real);
}

static void
end_targets (RmqRun *run, const RmqTimedStatement *timed, GString *answer)
{
  const RmqStatementForm *form = timed->base.form;
  for (guint i = 0; timed->targets[i] != NULL; i++)
    if (form->play_end != NULL)
      form->play_end (run, timed->targets[i], timed, answer);
    else
      form->end (run->cluster, timed->targets[i], timed, answer);
}

static void
end_verb (RmqRun *run, const RmqTimedStatement *timed)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  end_targets (run, timed, answer);
  note (run, &timed->base, answer->str);
}

static void
action_due (gpointer data)
{
  RmqRunAction *action = data;
  RmqRun *run = action->run;
  action->is_over = TRUE;
  run->n_waiting--;
  if (action->is_end)
    end_verb (run, (const RmqTimedStatement *)action->statement);
  else
    act_now (run, action->statement, NULL);
  rmq_run_look_for_end (run);
}

static void
plan (RmqRun *run, const RmqStatement *statement, gboolean is_end, gint64 at_us)
{
  RmqRunAction *action = g_new0 (RmqRunAction, 1);
  action->run = run;
  action->statement = statement;
  action->is_end = is_end;
  g_ptr_array_add (run->actions, action);
  run->n_waiting++;
  rmq_env_timer_start (run->script, &action->timer, at_us, action_due, action);
}

/* ---- now ----------------------------------------------------------------- */

static void
act_verb (RmqRun *run, const RmqTimedStatement *timed, GString *answer)
{
  g_autoptr (GString) said = g_string_new (NULL);
  for (guint i = 0; timed->targets[i] != NULL; i++)
    act_on (run, timed->targets[i], timed, said);
  if (answer != NULL)
    g_string_append (answer, said->str);
  note (run, &timed->base, said->str);
  if (timed->for_us >= 0 && has_end (run, timed->base.form))
    plan (run, &timed->base, TRUE, rmq_env_now (run->script) + timed->for_us);
}

static void
add_topic (RmqRun *run, const RmqTopicStatement *topic)
{
  const gint64 read = topic->read >= 0 ? topic->read : topic->queues;
  rmq_mock_cluster_add_topic_on (
      run->cluster, &(RmqClusterTopicSpec){ .name = topic->name,
                                            .write_queues = (gint)topic->queues,
                                            .read_queues = (gint)read,
                                            .perm = rmq_topic_statement_get_perm (topic),
                                            .brokers = topic->brokers });
  for (guint i = 0; topic->brokers[i] != NULL; i++)
    rmq_evidence_add_topic (run->evidence, topic->brokers[i], topic->name, topic->queues);
}

static void
act_now (RmqRun *run, const RmqStatement *statement, GString *answer)
{
  switch (statement->form->group)
    {
    case RMQ_FORM_VERB:
      act_verb (run, (const RmqTimedStatement *)statement, answer);
      break;
    case RMQ_FORM_WORKLOAD:
      rmq_run_start_workload (run, (const RmqSendsStatement *)statement);
      break;
    case RMQ_FORM_EXPECTATION:
      if (statement->form == &rmq_form_rows)
        rmq_run_probe (run, (const RmqExpectation *)statement);
      break;
    case RMQ_FORM_SETUP:
      if (statement->form == &rmq_form_topic)
        add_topic (run, (const RmqTopicStatement *)statement);
      break;
    case RMQ_FORM_ACTOR:
    case RMQ_N_FORM_GROUPS:
      break;
    }
}

/* -1: now */
static gint64
time_of (const RmqStatement *statement)
{
  if (statement->form->targets != 0)
    return ((const RmqTimedStatement *)statement)->at_us;
  if (statement->form == &rmq_form_rows)
    return ((const RmqExpectation *)statement)->at_us;
  return -1;
}

void
rmq_run_do (RmqRun *run, const RmqStatement *statement, GString *answer)
{
  const gint64 at_us = time_of (statement);
  run->over = FALSE;
  if (at_us > 0)
    plan (run, statement, FALSE, rmq_run_to_world (run, at_us));
  else
    act_now (run, statement, answer);
}

/* ---- ending one ---------------------------------------------------------- */

/* Takes back what the statement still has to come. What it was: nothing, its begin, its end. */
typedef enum
{
  HAD_NOTHING,
  HAD_BEGIN,
  HAD_END,
} Waiting;

static Waiting
forget_action (RmqRun *run, const RmqStatement *statement)
{
  for (guint i = 0; i < run->actions->len; i++)
    {
      RmqRunAction *action = g_ptr_array_index (run->actions, i);
      if (action->statement != statement || action->is_over)
        continue;
      rmq_env_timer_stop (run->script, &action->timer);
      action->is_over = TRUE;
      run->n_waiting--;
      return action->is_end ? HAD_END : HAD_BEGIN;
    }
  return HAD_NOTHING;
}

gboolean
rmq_run_end_outage (RmqRun *run, const RmqStatement *statement)
{
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  const Waiting waiting = forget_action (run, statement);
  guint n_rules = 0;
  for (guint i = 0; statement->form->act != NULL && timed->targets[i] != NULL; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_find (run->cluster, timed->targets[i]);
      n_rules +=
          rmq_outage_table_end_of (rmq_mock_server_get_outages (server->server), statement->serial);
    }
  const gboolean lasts = has_end (run, statement->form)
                         && (waiting == HAD_END || (waiting == HAD_NOTHING && timed->for_us < 0));
  if (!lasts)
    return n_rules > 0 || waiting == HAD_BEGIN;
  g_autoptr (GString) answer = g_string_new (NULL);
  end_targets (run, timed, answer);
  return answer->len == 0;
}

/* ---- forgetting ---------------------------------------------------------- */

void
rmq_run_reset (RmqRun *run)
{
  for (guint i = 0; i < run->actions->len; i++)
    {
      RmqRunAction *action = g_ptr_array_index (run->actions, i);
      rmq_env_timer_stop (run->script, &action->timer);
    }
  g_ptr_array_set_size (run->actions, 0);
  g_ptr_array_set_size (run->journal, 0);
  run->n_given = 0;
  g_ptr_array_set_size (run->notices, 0);
  run->n_waiting = 0;
  rmq_mock_cluster_reset (run->cluster);
  rmq_evidence_forget (run->evidence);
  rmq_scenario_rollback (run->scenario, &run->declared);
  for (guint i = 0; i < run->declared.n_statements; i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (statement->form == &rmq_form_topic)
        add_topic (run, (const RmqTopicStatement *)statement);
    }
}

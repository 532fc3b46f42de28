/* SPDX-License-Identifier: Apache-2.0 */

/* Lint: each rule is a row, looked at for every statement. Pure; knows the scenario and the clocks
 * of client and server, starts nothing. */

#include "rmq-lint.h"

#include "rmq-producer-private.h"
#include "rmq-run-clocks.h"
#include "rmq-scenario-private.h"

typedef struct
{
  RmqScenario *scenario;
  RmqDiagnostics *diagnostics;
  gint64 end_us; /* of the run, as far as the file says; G_MAXINT64: can't be said */
} Lint;

static void warn (Lint *lint, const RmqStatement *statement, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
warn (Lint *lint, const RmqStatement *statement, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  rmq_statement_complain (statement, lint->diagnostics, TRUE, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* ---- the run's length ---------------------------------------------------- */

static gint64
timed_end (const RmqTimedStatement *timed)
{
  return MAX (timed->at_us, 0) + MAX (timed->for_us, 0);
}

/* Start of the last send; a workload without "every" can't be foretold. */
static gint64
workload_end (const RmqSendsStatement *sends)
{
  return sends->every_us < 0 ? G_MAXINT64
                             : timed_end (&sends->timed) + (sends->count - 1) * sends->every_us;
}

static gint64
find_end (RmqScenario *scenario)
{
  const gint64 stop_us = rmq_scenario_get_stop_at_us (scenario);
  gint64 end_us = 0;
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      if (statement->form == &rmq_form_sends)
        end_us = MAX (end_us, workload_end ((const RmqSendsStatement *)statement));
      else if (statement->form->group == RMQ_FORM_VERB)
        end_us = MAX (end_us, timed_end ((const RmqTimedStatement *)statement));
    }
  if (end_us != G_MAXINT64)
    end_us += rmq_scenario_get_settle_us (scenario);
  return MIN (end_us, stop_us);
}

/* ---- rules for what happens ---------------------------------------------- */

static void
check_after_end (Lint *lint, const RmqStatement *statement)
{
  if (statement->form->targets == 0)
    return;
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  if (timed->at_us >= rmq_scenario_get_stop_at_us (lint->scenario))
    warn (lint, statement, "the run stops before this happens");
}

/* Whether a process is up at the time of a statement, by the file's own words: TRUE, FALSE. */
static gboolean
is_up_before (Lint *lint, const RmqTimedStatement *at, const char *target)
{
  gboolean up = TRUE;
  gint64 last_us = -1;
  for (guint i = 0; i < rmq_scenario_get_n_statements (lint->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (lint->scenario, i);
      const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
      if (statement->form->group != RMQ_FORM_VERB || timed == at
          || !g_strv_contains ((const char *const *)timed->targets, target))
        continue;
      gboolean down = g_str_equal (statement->form->word, "kill")
                      || g_str_equal (statement->form->word, "stop");
      gboolean start = g_str_equal (statement->form->word, "start")
                       || g_str_equal (statement->form->word, "heal");
      gint64 at_us = MAX (timed->at_us, 0);
      if ((down || start) && at_us <= MAX (at->at_us, 0) && at_us >= last_us)
        {
          last_us = at_us;
          up = start || (timed->for_us >= 0 && at_us + timed->for_us <= MAX (at->at_us, 0));
        }
    }
  return up;
}

static void
check_dead_target (Lint *lint, const RmqStatement *statement)
{
  if (statement->form->group != RMQ_FORM_VERB)
    return;
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  gboolean start = g_str_equal (statement->form->word, "start");
  if (g_str_equal (statement->form->word, "heal"))
    return;
  for (guint i = 0; timed->targets[i] != NULL; i++)
    if (is_up_before (lint, timed, timed->targets[i]) == start)
      warn (lint, statement, "%s is %s by then: nothing happens", timed->targets[i],
            start ? "up" : "down");
}

#define OUTAGE_NEAR_US (50 * 1000)
#define SEND_NEAR_US (5 * 1000)

/* The timer next to a time. (nullable): none within the distance */
static const char *
near_timer (gint64 at_us, gint64 distance_us, gboolean only_routes)
{
  for (const RmqClock *clock = rmq_run_clocks; clock->name != NULL; clock++)
    {
      if (at_us < clock->first_us - distance_us || (only_routes && !clock->moves_routes))
        continue;
      gint64 since_us = (at_us - clock->first_us + distance_us) % clock->period_us;
      if (since_us <= 2 * distance_us)
        return clock->name;
    }
  return NULL;
}

static void
check_outage_races (Lint *lint, const RmqStatement *statement)
{
  if (statement->form->group != RMQ_FORM_VERB)
    return;
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  const char *timer = timed->at_us > 0 ? near_timer (timed->at_us, OUTAGE_NEAR_US, FALSE) : NULL;
  if (timer != NULL)
    warn (lint, statement, "within 50 ms of a timer (%s): which comes first is chance", timer);
}

static void
check_send_races (Lint *lint, const RmqStatement *statement)
{
  if (statement->form != &rmq_form_sends)
    return;
  const RmqSendsStatement *sends = (const RmqSendsStatement *)statement;
  for (gint64 i = 0; sends->every_us >= 0 && i < sends->count; i++)
    {
      gint64 at_us = MAX (sends->timed.at_us, 0) + i * sends->every_us;
      const char *timer = at_us > 0 ? near_timer (at_us, SEND_NEAR_US, TRUE) : NULL;
      if (timer == NULL)
        continue;
      warn (lint, statement,
            "message %" G_GINT64_FORMAT " starts within 5 ms of a timer (%s): which comes first is "
            "chance",
            i + 1, timer);
      return;
    }
}

/* A broker is never asked for a route, a name server never sent a message. */
static void
check_no_requests (Lint *lint, const RmqStatement *statement)
{
  static const char *const not_to_broker[] = { "route", "register", NULL };
  static const char *const to_nameserver[] = { "route", "register", "any", NULL };
  if (statement->form->group != RMQ_FORM_VERB
      || statement->form->size != sizeof (RmqRequestStatement))
    return;
  const RmqRequestStatement *request = (const RmqRequestStatement *)statement;
  const RmqNames *names = rmq_scenario_get_names (lint->scenario);
  const char *kind = request->what.request_kind != NULL ? request->what.request_kind : "send";
  for (guint i = 0; request->timed.targets[i] != NULL; i++)
    {
      const char *target = request->timed.targets[i];
      gboolean broker = rmq_names_find (names, target, RMQ_NAME_BROKER | RMQ_NAME_SLAVE) != NULL;
      if (broker ? g_strv_contains (not_to_broker, kind) : !g_strv_contains (to_nameserver, kind))
        warn (lint, statement, "%s never gets %s requests: the line never acts", target, kind);
    }
}

/* ---- rules for actors ---------------------------------------------------- */

static gboolean
is_retried (const RmqSendsStatement *sends)
{
  return sends->select_by == NULL && sends->queue.broker == NULL && sends->mode != RMQ_SEND_ONEWAY;
}

/* Workloads of that producer (NULL: any) with that label (NULL: any): how many, how many retried.
 */
static void
count_workloads (Lint *lint, const char *producer, const char *label, guint *n, guint *n_retried)
{
  *n = *n_retried = 0;
  for (guint i = 0; i < rmq_scenario_get_n_statements (lint->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (lint->scenario, i);
      const RmqSendsStatement *sends = (const RmqSendsStatement *)statement;
      if (statement->form != &rmq_form_sends
          || (producer != NULL && !g_str_equal (sends->timed.targets[0], producer))
          || (label != NULL && !g_str_equal (sends->label, label)))
        continue;
      (*n)++;
      *n_retried += is_retried (sends);
    }
}

static void
check_retries (Lint *lint, const RmqStatement *statement)
{
  guint n = 0, n_retried = 0;
  if (statement->form == &rmq_form_producer)
    {
      const RmqProducerStatement *producer = (const RmqProducerStatement *)statement;
      if (producer->retries > 0 && producer->names[1] == NULL)
        count_workloads (lint, producer->names[0], NULL, &n, &n_retried);
    }
  else if (statement->form == &rmq_form_retries)
    {
      const RmqExpectation *claim = (const RmqExpectation *)statement;
      count_workloads (lint, claim->by, claim->message.label, &n, &n_retried);
    }
  if (n > 0 && n_retried == 0)
    warn (lint, statement, "these sends are never retried: by selector, to a queue or oneway");
}

/* ---- rules for expectations ---------------------------------------------- */

static void
check_window (Lint *lint, const RmqStatement *statement)
{
  if (statement->form->group != RMQ_FORM_EXPECTATION)
    return;
  const RmqExpectation *claim = (const RmqExpectation *)statement;
  if (claim->from_us >= 0 && claim->from_us >= claim->until_us)
    warn (lint, statement, "the window is empty");
  else if (MAX (claim->from_us, claim->at_us) >= lint->end_us)
    warn (lint, statement, "the run ends before that");
}

/* A count is never below zero. */
static gboolean
is_always_true (const RmqComparison *comparison)
{
  return (comparison->op == RMQ_COMPARE_AT_LEAST && comparison->low <= 0)
         || (comparison->op == RMQ_COMPARE_MORE && comparison->low < 0);
}

static void
check_violable (Lint *lint, const RmqStatement *statement)
{
  if (statement->form->group != RMQ_FORM_EXPECTATION)
    return;
  for (const RmqArgument *row = statement->form->arguments; row->shown != NULL; row++)
    if (row->type == RMQ_ARGUMENT_COMPARISON
        && is_always_true ((const RmqComparison *)((const char *)statement + row->offset)))
      warn (lint, statement, "nothing can violate this: a count is never below 0");
}

static void
check_recovers (Lint *lint, const RmqStatement *statement)
{
  static const char *const recoveries[] = { "start", "resume", "heal", NULL };
  guint n_verbs = 0;
  if (statement->form != &rmq_form_recovered)
    return;
  for (guint i = 0; i < rmq_scenario_get_n_statements (lint->scenario); i++)
    {
      const RmqStatementForm *form = rmq_scenario_get_statement (lint->scenario, i)->form;
      n_verbs += form->group == RMQ_FORM_VERB && !g_strv_contains (recoveries, form->word);
    }
  if (n_verbs == 0)
    warn (lint, statement, "there is no outage to recover from");
}

/* A queue that the topic, as the file makes it, doesn't have on that broker. */
static void
check_queue (Lint *lint, const RmqStatement *statement)
{
  const RmqSendsStatement *sends = (const RmqSendsStatement *)statement;
  if (statement->form != &rmq_form_sends || sends->queue.broker == NULL)
    return;
  for (guint i = 0; i < rmq_scenario_get_n_statements (lint->scenario); i++)
    {
      const RmqTopicStatement *topic =
          (const RmqTopicStatement *)rmq_scenario_get_statement (lint->scenario, i);
      if (topic->base.form == &rmq_form_topic && g_str_equal (topic->name, sends->topic)
          && g_strv_contains ((const char *const *)topic->brokers, sends->queue.broker)
          && sends->queue.id >= topic->queues)
        warn (lint, statement,
              "%s has %" G_GINT64_FORMAT " queues on %s, from 0: queue %" G_GINT64_FORMAT
              " is refused",
              topic->name, topic->queues, sends->queue.broker, sends->queue.id);
    }
}

/* ---- the table ----------------------------------------------------------- */

static void (*const rules[]) (Lint *lint, const RmqStatement *statement) = {
  check_after_end, check_dead_target, check_outage_races, check_send_races, check_no_requests,
  check_retries,   check_window,      check_violable,     check_recovers,   check_queue,
};

void
rmq_lint (RmqScenario *scenario, RmqDiagnostics *diagnostics)
{
  Lint lint = { .scenario = scenario, .diagnostics = diagnostics, .end_us = find_end (scenario) };
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      /* what was typed happened as it did */
      for (guint r = 0; statement->given.ev == 0 && r < G_N_ELEMENTS (rules); r++)
        rules[r](&lint, statement);
    }
}

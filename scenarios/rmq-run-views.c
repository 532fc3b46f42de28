/* SPDX-License-Identifier: Apache-2.0 */

/* What can be seen of a run: snapshots with the truth beside what clients believe, looks into
 * clients' tables, the report. Owner of the loop but for the public functions. */

#include "rmq-run-private.h"

#include "rmq-judgement.h"

/* A call that old has been forgotten in responseTable: I3. */
#define FORGOTTEN_US (5 * G_USEC_PER_SEC)

/* ---- snapshots ----------------------------------------------------------- */

/* Rows that name the broker in clients' tables of addresses. */
static guint
count_believers (const RmqSnapshot *snapshot, const char *broker)
{
  guint n = 0;
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (snapshot, i);
      const RmqTableSchema *schema = rmq_table_get_schema (table);
      const gint column = rmq_table_schema_find_column (schema, "brokerName");
      if (!g_str_equal (schema->id, "brokerAddrTable") || column < 0)
        continue;
      for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
        n += g_strcmp0 (rmq_table_get_cell (table, row, (guint)column)->text, broker) == 0;
    }
  return n;
}

static void
add_truth (RmqRun *run, RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &rmq_mock_broker_truth_schema, "script");
  for (guint i = 0; i < rmq_mock_cluster_get_n_servers (run->cluster); i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (run->cluster, i);
      if (server->broker != NULL)
        rmq_mock_broker_fill_truth (server->broker, count_believers (snapshot, server->name),
                                    table);
    }
}

RmqSnapshot *
rmq_run_snapshot_on_loop (RmqRun *run)
{
  RmqSnapshot *snapshot = rmq_snapshot_new (rmq_run_get_ev (run), rmq_env_now (run->script));
  for (guint i = 0; i < run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      rmq_producer_fill_snapshot (producer->producer, snapshot);
    }
  rmq_mock_cluster_fill_snapshot (run->cluster, snapshot);
  add_truth (run, snapshot);
  return snapshot;
}

typedef struct
{
  RmqRun *run;
  RmqSnapshot *snapshot;
  RmqReport *report;
} View;

static void
take_snapshot (gpointer data)
{
  View *view = data;
  view->snapshot = rmq_run_snapshot_on_loop (view->run);
}

RmqSnapshot *
rmq_run_snapshot (RmqRun *run)
{
  View view = { .run = run };
  rmq_run_call (run, take_snapshot, &view);
  return view.snapshot;
}

/* ---- looks into clients' tables ------------------------------------------ */

/* Rows whose age is at least that; -1: no such table. */
static gint64
count_rows (const RmqTable *table, gint64 age_us)
{
  if (table == NULL)
    return -1;
  const gint column = rmq_table_schema_find_column (rmq_table_get_schema (table), "age");
  gint64 n = 0;
  for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
    n += age_us == 0
         || (column >= 0 && rmq_table_get_cell (table, row, (guint)column)->number >= age_us);
  return n;
}

static void
probe_one (RmqRun *run, const RmqRunProducer *producer, const RmqExpectation *claim)
{
  const char *id = claim != NULL ? claim->table : "responseTable";
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_producer_fill_snapshot (producer->producer, snapshot);
  const RmqTable *table = rmq_snapshot_find_table (snapshot, id, NULL);
  g_autofree char *text = g_strdup_printf ("%s %s", id, producer->name);
  RMQ_EMIT (run->script, &rmq_event_probe, text, claim != NULL ? (gint64)claim->base.serial : 0,
            count_rows (table, claim != NULL ? 0 : FORGOTTEN_US));
}

void
rmq_run_probe (RmqRun *run, const RmqExpectation *claim)
{
  for (guint i = 0; i < run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      if (claim == NULL || g_str_equal (producer->name, claim->producer))
        probe_one (run, producer, claim);
    }
}

/* ---- the report ---------------------------------------------------------- */

RmqFinding
rmq_run_judge_claim (RmqRun *run, const RmqExpectation *claim)
{
  RmqFinding finding;
  rmq_judge (run->evidence, claim, rmq_env_now (run->script) - run->zero_us, &finding);
  return finding;
}

static void
emit_verdicts (RmqRun *run, const RmqReport *report)
{
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      RMQ_EMIT (run->script, &rmq_event_verdict, finding->claim, (gint64)finding->verdict,
                (gint64)finding->line, (gint64)finding->ev);
    }
}

static void
take_hashes (RmqRun *run, RmqReport *report)
{
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    report->hashes[i] = rmq_event_log_get_hash (rmq_run_get_log (run), (RmqHashPart)i - 1);
}

static RmqReport *
new_report (RmqRun *run)
{
  RmqReport *report = rmq_report_new ();
  report->scenario = g_strdup (rmq_scenario_get_name (run->scenario));
  report->title = g_strdup (rmq_scenario_get_title (run->scenario));
  report->profile = g_strdup (run->options.profile);
  report->namesrv = g_strdup (run->options.namesrv);
  report->real = run->options.real;
  report->complete = run->over;
  report->seed = run->seed;
  report->took_us = rmq_env_now (run->script) - run->zero_us;
  report->n_events = rmq_run_get_ev (run);
  for (guint i = 0; i < run->notices->len; i++)
    g_ptr_array_add (report->notices, g_strdup (g_ptr_array_index (run->notices, i)));
  for (guint i = 0; run->options.lines != NULL && run->options.lines[i] != NULL; i++)
    g_ptr_array_add (report->added, g_strdup (run->options.lines[i]));
  rmq_run_note_lines_left (run, report->notices);
  g_ptr_array_unref (report->typed);
  report->typed = rmq_run_list_lines (run);
  return report;
}

/* A run that came to a deadlock has failed, unless its file speaks of that itself. */
static void
add_deadlock (RmqRun *run, RmqReport *report)
{
  static const RmqExpectation claim = { .base = { .form = &rmq_form_no_deadlock,
                                                  .text = (char *)"no deadlock" },
                                        .from_us = -1,
                                        .until_us = -1,
                                        .at_us = -1 };
  if (run->evidence->deadlock_ev == 0
      || rmq_scenario_find (run->scenario, &rmq_form_no_deadlock) != NULL)
    return;
  const RmqFinding finding = rmq_run_judge_claim (run, &claim);
  rmq_report_add (report, &finding);
}

RmqReport *
rmq_run_judge_on_loop (RmqRun *run)
{
  if (run->verdicts != NULL && run->verdicts->complete && !run->options.serve)
    return run->verdicts;
  RmqReport *report = new_report (run);
  /* what clients of a served cluster asked for has been answered */
  const guint n = run->options.serve ? run->declared.n_statements
                                     : rmq_scenario_get_n_statements (run->scenario);
  for (guint i = 0; i < n; i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (statement->form->group != RMQ_FORM_EXPECTATION)
        continue;
      const RmqFinding finding = rmq_run_judge_claim (run, (const RmqExpectation *)statement);
      rmq_report_add (report, &finding);
    }
  add_deadlock (run, report);
  rmq_judge_invariants (run->evidence, report);
  if (run->verdicts == NULL)
    emit_verdicts (run, report);
  if (!run->options.real)
    take_hashes (run, report);
  if (run->watch != NULL)
    rmq_run_watch_report (run->watch, report);
  rmq_report_unref (run->verdicts);
  run->verdicts = report;
  return report;
}

static void
judge (gpointer data)
{
  View *view = data;
  view->report = rmq_report_ref (rmq_run_judge_on_loop (view->run));
}

RmqReport *
rmq_run_judge (RmqRun *run)
{
  View view = { .run = run };
  rmq_run_call (run, judge, &view);
  return view.report;
}

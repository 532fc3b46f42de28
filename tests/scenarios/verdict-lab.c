/* SPDX-License-Identifier: Apache-2.0 */

/* Synthetic logs for the tests of judges. */

#include "verdict-lab.h"

#include <string.h>

#include "rmq-grammar.h"
#include "rmq-mock-events.h"
#include "rmq-producer-events.h"
#include "rmq-producer-private.h"

#define ZERO_US (3 * G_USEC_PER_SEC)
#define UNIQ_BASE 1000

static const RmqWorkloadSpec workloads[] = {
  [WORKLOAD_E] = { .label = "e", .producer = "P", .topic = "Orders", .count = 10, .keys = -1 },
  [WORKLOAD_O] = { .label = "o",
                   .producer = "P",
                   .topic = "Orders",
                   .count = 10,
                   .keys = 4,
                   .selects = TRUE },
  [WORKLOAD_A] = { .label = "a",
                   .producer = "P",
                   .topic = "Orders",
                   .count = 10,
                   .keys = -1,
                   .mode = RMQ_SEND_ASYNC },
};

static guint64
get_uniq (guint64 tag, gpointer data)
{
  return UNIQ_BASE + tag;
}

VerdictLab *
verdict_lab_new (void)
{
  VerdictLab *lab = g_new0 (VerdictLab, 1);
  lab->log = rmq_event_log_new ();
  lab->producer = rmq_event_log_add_host (lab->log, "P");
  lab->broker_a = rmq_event_log_add_host (lab->log, "broker-a");
  lab->broker_b = rmq_event_log_add_host (lab->log, "broker-b");
  lab->evidence = rmq_evidence_new (lab->log);
  lab->evidence->zero_us = ZERO_US;
  lab->evidence->get_uniq = get_uniq;
  for (guint i = 0; i < G_N_ELEMENTS (workloads); i++)
    rmq_evidence_add_workload (lab->evidence, &workloads[i]);
  for (char broker = 'a'; broker <= 'b'; broker++)
    {
      g_autofree char *name = g_strdup_printf ("broker-%c", broker);
      rmq_evidence_add_broker (lab->evidence, name);
      rmq_evidence_add_topic (lab->evidence, name, "Orders", 4);
      LAB_EMIT (lab, broker == 'a' ? lab->broker_a : lab->broker_b, &rmq_event_server_up, name, 1);
    }
  return lab;
}

void
verdict_lab_free (VerdictLab *lab)
{
  rmq_evidence_free (lab->evidence);
  rmq_event_log_free (lab->log);
  g_free (lab);
}

void
lab_at (VerdictLab *lab, gint64 ms)
{
  lab->now_us = ms * 1000;
}

void
lab_emit (VerdictLab *lab, guint16 host, const RmqEventKind *kind, const char *text,
          const gint64 *fields, guint n_fields)
{
  rmq_event_log_begin_moment (lab->log, 0);
  rmq_event_log_emit (lab->log, ZERO_US + lab->now_us, host, kind, text, fields, n_fields);
}

guint64
lab_tag (VerdictLab *lab, VerdictWorkload workload, guint number)
{
  return rmq_evidence_get_workload (lab->evidence, workload)->first_tag + number - 1;
}

static const char *
broker_name (char broker)
{
  return broker == 'a' ? "broker-a" : "broker-b";
}

void
lab_begin (VerdictLab *lab, guint64 tag)
{
  LAB_EMIT (lab, lab->producer, &rmq_event_send, "Orders", (gint64)tag, 0, 3000 * 1000, 5);
}

void
lab_attempt (VerdictLab *lab, guint64 tag, char broker, gint queue, gboolean connects)
{
  LAB_EMIT (lab, lab->producer, &rmq_event_attempt, broker_name (broker), (gint64)tag, 1, queue,
            3000 * 1000);
  if (connects)
    LAB_EMIT (lab, lab->producer, &rmq_event_sent, broker_name (broker), (gint64)tag, 1, 1, 1);
}

void
lab_store (VerdictLab *lab, guint64 tag, char broker, gint queue, gint offset)
{
  g_autofree char *text = g_strdup_printf ("%s Orders", broker_name (broker));
  LAB_EMIT (lab, broker == 'a' ? lab->broker_a : lab->broker_b, &rmq_event_stored, text, queue,
            offset, 0, (gint64)(UNIQ_BASE + tag));
}

void
lab_ok (VerdictLab *lab, guint64 tag, char broker, gint queue, gint offset)
{
  LAB_EMIT (lab, lab->producer, &rmq_event_send_ok, broker_name (broker), (gint64)tag, 0, 1, queue,
            offset, 1000);
}

void
lab_error (VerdictLab *lab, guint64 tag, gint domain, gint code, gboolean unknown)
{
  LAB_EMIT (lab, lab->producer, &rmq_event_send_error, "it went wrong", (gint64)tag, domain, code,
            1, unknown, 1000);
}

void
lab_send (VerdictLab *lab, guint64 tag, char broker, gint queue)
{
  lab_begin (lab, tag);
  lab_attempt (lab, tag, broker, queue, TRUE);
  lab_store (lab, tag, broker, queue, (gint)tag);
  lab_ok (lab, tag, broker, queue, (gint)tag);
}

/* ---- judging ------------------------------------------------------------- */

void
lab_expect (VerdictLab *lab, const char *line, RmqVerdict verdict, const char *part)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new ("-");
  g_autofree char *text = g_strdup_printf ("%s"
                                           "P sends 10 x to Orders select by id keys 4 as o\n"
                                           "P sends 10 x to Orders async as a\n%s\n",
                                           rmq_grammar_example_preamble, line);
  rmq_scenario_add_text (scenario, text, diagnostics);
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  g_assert_cmpstr (errors, ==, "");
  const guint n = rmq_scenario_get_n_statements (scenario);
  const RmqExpectation *claim = (gconstpointer)rmq_scenario_get_statement (scenario, n - 1);
  RmqFinding finding;
  rmq_judge (lab->evidence, claim, lab->now_us, &finding);
  g_autofree char *evidence = finding.evidence;
  g_free (finding.claim);
  if (finding.verdict != verdict || (part != NULL && strstr (evidence, part) == NULL))
    g_error ("%s: expected %s (%s), got %s (%s)", line, rmq_verdict_get_name (verdict),
             part != NULL ? part : "", rmq_verdict_get_name (finding.verdict), evidence);
  if (verdict == RMQ_VERDICT_UNKNOWN)
    g_assert_cmpuint (finding.ev, ==, 0);
}

RmqVerdict
lab_judge_invariant (VerdictLab *lab, const char *id)
{
  g_autoptr (RmqReport) report = rmq_report_new ();
  g_autofree char *prefix = g_strdup_printf ("%s ", id);
  rmq_judge_invariants (lab->evidence, report);
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (g_str_has_prefix (finding->claim, prefix))
        return finding->verdict;
    }
  return RMQ_N_VERDICTS;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The liveness phase: "recovered within D" can be seen only while something is sent. When the
 * workload is done before it could be, each producer that sent round robin goes on, a message every
 * 100 ms and topic, until every such claim is judged or its time is over. These sends are probes:
 * no other claim counts them. Owner. */

#include "rmq-run-private.h"

#include "rmq-judgement.h"

#define PROBE_EVERY_US (100 * 1000)
#define LOOK_EVERY_US (500 * 1000)
/* What recovery is looked at beyond its bound. */
#define BEYOND_US (6 * G_USEC_PER_SEC)

/* A claim that can't be judged yet, the one with the longest time. (nullable) */
static const RmqExpectation *
find_open_claim (RmqRun *run)
{
  const RmqExpectation *found = NULL;
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqExpectation *claim =
          (const RmqExpectation *)rmq_scenario_get_statement (run->scenario, i);
      if (claim->base.form != &rmq_form_recovered
          || (found != NULL && found->within_us >= claim->within_us))
        continue;
      const RmqFinding finding = rmq_run_judge_claim (run, claim);
      g_free (finding.claim);
      g_free (finding.evidence);
      if (finding.seen == RMQ_VERDICT_UNKNOWN)
        found = claim;
    }
  return found;
}

static gboolean
is_known (const RmqRun *run, const RmqWorkloadRecord *record)
{
  for (guint i = 0; i < run->probes->len; i++)
    {
      const RmqSendsStatement *probe = g_ptr_array_index (run->probes, i);
      if (g_str_equal (probe->timed.targets[0], record->producer)
          && g_str_equal (probe->topic, record->topic))
        return TRUE;
    }
  return FALSE;
}

void
rmq_run_probe_free (gpointer data)
{
  RmqSendsStatement *probe = data;
  g_strfreev (probe->timed.targets);
  g_free (probe->topic);
  g_free (probe->noun);
  g_free (probe->label);
  g_free (probe);
}

static void
start_probe (RmqRun *run, const RmqWorkloadRecord *record, gint64 within_us)
{
  RmqSendsStatement *probe = g_new (RmqSendsStatement, 1);
  *probe = *(const RmqSendsStatement *)rmq_form_sends.defaults;
  probe->timed.base.form = &rmq_form_sends;
  probe->timed.targets = g_strdupv ((char *[]){ record->producer, NULL });
  probe->topic = g_strdup (record->topic);
  probe->noun = g_strdup ("probe");
  probe->label = g_strdup ("probe");
  probe->every_us = PROBE_EVERY_US;
  probe->count = (within_us + 2 * BEYOND_US) / PROBE_EVERY_US;
  g_ptr_array_add (run->probes, probe);
  rmq_run_start_workload (run, probe);
}

static void look (gpointer data);

static void
look_later (RmqRun *run)
{
  rmq_env_timer_start (run->script, &run->liveness_timer, rmq_env_now (run->script) + LOOK_EVERY_US,
                       look, run);
}

static void
look (gpointer data)
{
  RmqRun *run = data;
  const RmqExpectation *open = find_open_claim (run);
  const gint64 until_us =
      open != NULL ? run->evidence->outage_ended_us + open->within_us + BEYOND_US : 0;
  if (rmq_env_now (run->script) < until_us)
    {
      look_later (run);
      return;
    }
  g_atomic_int_set (&run->liveness, RMQ_LIVENESS_OVER);
  rmq_run_look_for_end (run);
}

/* Workloads grow while it goes over them. */
static void
begin (RmqRun *run, const RmqExpectation *claim)
{
  const guint n = run->evidence->workloads->len;
  run->liveness = RMQ_LIVENESS_ON;
  for (guint i = 0; i < n; i++)
    {
      const RmqWorkloadRecord *record = rmq_evidence_get_workload (run->evidence, i);
      if (!record->selects && !record->to_queue && !record->is_cut && !is_known (run, record))
        start_probe (run, record, claim->within_us);
    }
  look_later (run);
}

gboolean
rmq_run_is_probing (RmqRun *run)
{
  const RmqEvidence *evidence = run->evidence;
  if (run->liveness == RMQ_LIVENESS_NOT_YET && evidence->outage_ended_us >= 0
      && evidence->n_outages_on <= 0)
    {
      const RmqExpectation *claim = find_open_claim (run);
      if (claim != NULL)
        begin (run, claim);
    }
  return run->liveness == RMQ_LIVENESS_ON;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What holds in every run without being asked, a row each; the ids are those of the bug catalog.
 * An invariant that has nothing to judge is left out of the report. Pure functions of the
 * evidence. */

#include "rmq-grammar.h"
#include "rmq-judgement.h"
#include "rmq-producer-private.h"

/* A call may outlive its budget by one tick: that of whoever looks after it. 4.9 has quirks of its
 * own, which are no news: the route lookup before the first attempt has its own time, retries of an
 * async send are tried without any, and a spent budget is spent only in the next millisecond. */
#define SPENT_US (-1000)
#define TICK_SYNC_US (1 * G_USEC_PER_SEC)
#define TICK_ASYNC_US (2 * G_USEC_PER_SEC + TICK_SYNC_US)
#define SETTLED_US (5 * G_USEC_PER_SEC)

typedef struct
{
  const RmqEvidence *evidence;
  guint n_judged;
  const RmqSendRecord *offender; /* (nullable) */
  guint64 ev;                    /* of the first offence; 0: none */
  const char *what;              /* (nullable): what was judged, "sends" unless said */
} Check;

static void
offend (Check *check, const RmqSendRecord *send, guint64 ev)
{
  if (check->ev != 0 && check->ev <= ev)
    return;
  check->ev = ev;
  check->offender = send;
}

static void
foreach_send (Check *check, void (*func) (Check *check, const RmqWorkloadRecord *workload,
                                          const RmqSendRecord *send))
{
  for (guint i = 0; i < check->evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (check->evidence, i);
      for (guint j = 0; j < workload->count; j++)
        if (workload->sends[j].fate != RMQ_FATE_NOT_STARTED)
          func (check, workload, &workload->sends[j]);
    }
}

/* ---- I1 ------------------------------------------------------------------ */

static void
check_callback (Check *check, const RmqWorkloadRecord *workload, const RmqSendRecord *send)
{
  if (workload->mode != RMQ_SEND_ASYNC || send->fate == RMQ_FATE_PENDING)
    return;
  check->n_judged++;
  if (send->n_callbacks != 1)
    offend (check, send, send->end_ev);
}

static void
check_callbacks (Check *check)
{
  foreach_send (check, check_callback);
}

/* ---- I2 ------------------------------------------------------------------ */

static gboolean
is_copy_as_told (const RmqEvidence *evidence, const RmqSendRecord *send)
{
  for (guint i = send->first_copy; i < evidence->copies->len; i++)
    {
      const RmqCopyRecord *copy = &g_array_index (evidence->copies, RmqCopyRecord, i);
      if (copy->send == send && copy->queue_id == send->queue_id
          && copy->queue_offset == send->queue_offset && g_str_equal (copy->broker, send->text))
        return TRUE;
    }
  return FALSE;
}

/* An answer that reached another's entry would tell a place where the message isn't. */
static void
check_own_answer (Check *check, const RmqWorkloadRecord *workload, const RmqSendRecord *send)
{
  if (send->fate == RMQ_FATE_STORED && send->n_copies > 0
      && !is_copy_as_told (check->evidence, send))
    offend (check, send, send->end_ev);
}

static void
check_answers (Check *check)
{
  check->n_judged = check->evidence->n_opaques;
  check->what = "requests";
  if (check->evidence->opaque_clash_ev != 0)
    offend (check, NULL, check->evidence->opaque_clash_ev);
  foreach_send (check, check_own_answer);
}

/* ---- I3 ------------------------------------------------------------------ */

static void
check_tables (Check *check)
{
  const GArray *probes = check->evidence->probes;
  check->what = "looks";
  for (guint i = 0; i < probes->len; i++)
    {
      const RmqProbeRecord *probe = &g_array_index (probes, RmqProbeRecord, i);
      if (probe->serial != 0 || probe->at_us < check->evidence->last_activity_us + SETTLED_US)
        continue;
      check->n_judged++;
      if (probe->rows > 0)
        offend (check, NULL, probe->ev);
    }
}

/* ---- I4 ------------------------------------------------------------------ */

static void
check_strays (Check *check)
{
  check->n_judged = check->evidence->n_asked;
  check->what = "requests";
  if (check->evidence->stray_ev != 0)
    offend (check, NULL, check->evidence->stray_ev);
}

/* ---- I5 ------------------------------------------------------------------ */

static void
check_uniq_key (Check *check, const RmqWorkloadRecord *workload, const RmqSendRecord *send)
{
  check->n_judged += send->uniq != 0;
  if (send->uniq_changed_ev != 0)
    offend (check, send, send->uniq_changed_ev);
}

static void
check_uniq_keys (Check *check)
{
  foreach_send (check, check_uniq_key);
}

/* ---- I6 ------------------------------------------------------------------ */

static void
check_ordered (Check *check)
{
  const GArray *attempts = check->evidence->attempts;
  g_autoptr (GHashTable) first = g_hash_table_new (NULL, NULL); /* send → its first attempt */
  for (guint i = 0; i < attempts->len; i++)
    {
      const RmqAttemptRecord *attempt = &g_array_index (attempts, RmqAttemptRecord, i);
      if (attempt->send == NULL
          || !rmq_evidence_get_workload (check->evidence, attempt->send->workload)->selects)
        continue;
      const RmqAttemptRecord *known = g_hash_table_lookup (first, attempt->send);
      if (known == NULL)
        {
          g_hash_table_insert (first, attempt->send, (gpointer)attempt);
          check->n_judged++;
        }
      else if (known->queue_id != attempt->queue_id
               || !g_str_equal (known->broker, attempt->broker))
        offend (check, attempt->send, attempt->ev);
    }
}

/* ---- I8 ------------------------------------------------------------------ */

static void
check_budget (Check *check, const RmqWorkloadRecord *workload, const RmqSendRecord *send)
{
  const gint64 tick_us = workload->mode == RMQ_SEND_ASYNC ? TICK_ASYNC_US : TICK_SYNC_US;
  if (workload->mode == RMQ_SEND_ONEWAY || send->fate == RMQ_FATE_PENDING || send->n_attempts == 0)
    return;
  check->n_judged++;
  if (send->end_us - send->start_us > send->timeout_us + tick_us)
    offend (check, send, send->end_ev);
}

static void
check_budgets (Check *check)
{
  const GArray *attempts = check->evidence->attempts;
  foreach_send (check, check_budget);
  for (guint i = 0; i < attempts->len; i++)
    {
      const RmqAttemptRecord *attempt = &g_array_index (attempts, RmqAttemptRecord, i);
      if (attempt->send != NULL && attempt->left_us <= SPENT_US
          && rmq_evidence_get_workload (check->evidence, attempt->send->workload)->mode
                 == RMQ_SEND_SYNC)
        offend (check, attempt->send, attempt->ev);
    }
}

/* ---- I10 ----------------------------------------------------------------- */

static void
check_explained (Check *check, const RmqWorkloadRecord *workload, const RmqSendRecord *send)
{
  const RmqEvidence *evidence = check->evidence;
  gboolean lost = send->fate == RMQ_FATE_STORED && send->n_copies == 0;
  gboolean ghost = send->fate == RMQ_FATE_ERROR && send->n_copies > 0;
  gboolean outage = evidence->n_outages > 0 && evidence->outage_first_us <= send->end_us;
  check->n_judged++;
  if (lost || (ghost && !outage))
    offend (check, send, send->end_ev);
}

static void
check_losses (Check *check)
{
  if (!check->evidence->blind)
    foreach_send (check, check_explained);
}

/* ---- the table ----------------------------------------------------------- */

typedef struct
{
  const char *claim;
  void (*check) (Check *check);
} Invariant;

static const Invariant invariants[] = {
  { "I1 every accepted async send is called back once", check_callbacks },
  { "I2 outstanding requests have distinct opaques, answers reach their own", check_answers },
  { "I3 5 s after the last send responseTable holds nothing older", check_tables },
  { "I4 name servers only get what is for them", check_strays },
  { "I5 one UNIQ_KEY per message, whatever the attempts", check_uniq_keys },
  { "I6 an ordered message is attempted on one queue only", check_ordered },
  { "I8 no call outlives its budget, none starts without", check_budgets },
  { "I10 nothing is lost, every ghost has an outage before it", check_losses },
};

static void
add_finding (const Invariant *invariant, const Check *check, RmqReport *report)
{
  g_autofree char *name =
      check->offender != NULL ? rmq_evidence_name_send (check->evidence, check->offender) : NULL;
  GString *text = g_string_new (NULL);
  g_string_printf (text, "%u %s", check->n_judged, check->what != NULL ? check->what : "sends");
  if (name != NULL)
    g_string_append_printf (text, "; first %s", name);
  const RmqFinding finding = { .verdict = check->ev != 0 ? RMQ_VERDICT_FAILED : RMQ_VERDICT_OK,
                               .kind = "invariant",
                               .claim = g_strdup (invariant->claim),
                               .evidence = g_string_free (text, FALSE),
                               .ev = check->ev };
  rmq_report_add (report, &finding);
}

void
rmq_judge_invariants (const RmqEvidence *evidence, RmqReport *report)
{
  for (guint i = 0; i < G_N_ELEMENTS (invariants); i++)
    {
      Check check = { .evidence = evidence };
      invariants[i].check (&check);
      if (check.n_judged > 0)
        add_finding (&invariants[i], &check, report);
    }
}

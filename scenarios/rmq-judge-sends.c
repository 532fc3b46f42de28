/* SPDX-License-Identifier: Apache-2.0 */

/* Claims about the fate of sends: loss, duplicates, ghosts, results, failures, retries. A window
 * selects sends by their start. Pure functions of the evidence. */

#include "rmq-judgement.h"
#include "rmq-producer-events.h"

/* Calls func for every send in the window that the conditions select; how many. */
static guint
foreach_send (RmqJudgement *judgement,
              void (*func) (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data),
              gpointer data)
{
  guint n = 0;
  for (guint i = 0; i < judgement->evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (judgement->evidence, i);
      for (guint j = 0; j < workload->count; j++)
        {
          const RmqSendRecord *send = &workload->sends[j];
          if (!rmq_judgement_selects (judgement, send)
              || !rmq_judgement_holds (judgement, send->start_us))
            continue;
          n++;
          func (judgement, send, data);
        }
    }
  return n;
}

/* What the judges of this file count. */
typedef struct
{
  gint64 stored, failed, unknown;
  gint64 counted;                /* of what the claim is about */
  const RmqSendRecord *offender; /* (nullable): the first that was counted */
  guint64 offender_ev;
} Tally;

static void
count_one (Tally *tally, const RmqSendRecord *send, gint64 n, guint64 ev)
{
  if (n == 0)
    return;
  if (tally->offender == NULL || ev < tally->offender_ev)
    {
      tally->offender = send;
      tally->offender_ev = ev;
    }
  tally->counted += n;
}

static void
tally_fate (Tally *tally, const RmqSendRecord *send)
{
  tally->stored += send->n_copies > 0;
  tally->failed += send->fate == RMQ_FATE_ERROR && !send->unknown;
  tally->unknown += send->fate == RMQ_FATE_ERROR && send->unknown;
}

static void
nothing_sent (RmqJudgement *judgement)
{
  rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "no such send in the window");
}

/* Appends the first send that was counted, if any. */
static void
name_offender (RmqJudgement *judgement, const Tally *tally)
{
  if (tally->offender == NULL)
    return;
  g_autofree char *name = rmq_evidence_name_send (judgement->evidence, tally->offender);
  g_string_append_printf (judgement->text, "; first %s", name);
  if (judgement->verdict == RMQ_VERDICT_FAILED)
    judgement->ev = tally->offender_ev;
}

/* ---- loss ---------------------------------------------------------------- */

static void
tally_loss (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  Tally *tally = data;
  tally_fate (tally, send);
  count_one (tally, send, send->fate == RMQ_FATE_STORED && send->n_copies == 0, send->end_ev);
}

void
rmq_judge_no_loss (RmqJudgement *judgement)
{
  Tally tally = { 0 };
  if (!rmq_judgement_sees_stores (judgement))
    return;
  guint n = foreach_send (judgement, tally_loss, &tally);
  if (n == 0)
    {
      nothing_sent (judgement);
      return;
    }
  rmq_judgement_say (judgement, tally.counted == 0 ? RMQ_VERDICT_OK : RMQ_VERDICT_FAILED,
                     "%u sends, %" G_GINT64_FORMAT " stored, %" G_GINT64_FORMAT " failed", n,
                     tally.stored, tally.failed);
  if (tally.unknown > 0)
    g_string_append_printf (judgement->text, ", %" G_GINT64_FORMAT " unknown", tally.unknown);
  if (tally.counted > 0)
    g_string_append_printf (judgement->text, ", %" G_GINT64_FORMAT " lost", tally.counted);
  name_offender (judgement, &tally);
}

/* ---- counts -------------------------------------------------------------- */

static void
judge_count (RmqJudgement *judgement,
             void (*func) (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data),
             const char *what)
{
  Tally tally = { 0 };
  guint n = foreach_send (judgement, func, &tally);
  if (n == 0)
    {
      nothing_sent (judgement);
      return;
    }
  g_autofree char *text = g_strdup_printf ("%s, %u sends", what, n);
  rmq_judgement_compare (judgement, tally.counted, text);
  name_offender (judgement, &tally);
}

/* The moment of a send's second copy. */
static guint64
second_copy_ev (const RmqEvidence *evidence, const RmqSendRecord *send)
{
  for (guint i = send->first_copy + 1; i < evidence->copies->len; i++)
    {
      const RmqCopyRecord *copy = &g_array_index (evidence->copies, RmqCopyRecord, i);
      if (copy->send == send)
        return copy->ev;
    }
  return 0;
}

static void
tally_duplicates (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  if (send->n_copies > 1)
    count_one (data, send, send->n_copies - 1, second_copy_ev (judgement->evidence, send));
}

/* Of somebody else's client: copies with the same UNIQ_KEY. */
static void
judge_foreign_duplicates (RmqJudgement *judgement)
{
  const GArray *copies = judgement->evidence->copies;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_int64_hash, g_int64_equal);
  guint n = 0, n_again = 0;
  guint64 first_ev = 0;
  for (guint i = 0; i < copies->len; i++)
    {
      const RmqCopyRecord *copy = &g_array_index (copies, RmqCopyRecord, i);
      if (copy->uniq == 0 || !rmq_judgement_holds (judgement, copy->at_us))
        continue;
      n++;
      if (!g_hash_table_add (seen, (gpointer)&copy->uniq) && n_again++ == 0)
        first_ev = copy->ev;
    }
  if (n == 0)
    {
      rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "nothing was stored in the window");
      return;
    }
  g_autofree char *text = g_strdup_printf ("duplicates, %u messages stored", n);
  rmq_judgement_compare (judgement, n_again, text);
  if (judgement->verdict == RMQ_VERDICT_FAILED)
    judgement->ev = first_ev;
}

void
rmq_judge_duplicates (RmqJudgement *judgement)
{
  if (!rmq_judgement_sees_stores (judgement))
    return;
  if (judgement->evidence->foreign && !rmq_judgement_has_conditions (judgement))
    {
      judge_foreign_duplicates (judgement);
      return;
    }
  judge_count (judgement, tally_duplicates, "duplicates");
}

static void
tally_ghosts (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  count_one (data, send, send->fate == RMQ_FATE_ERROR && send->n_copies > 0, send->end_ev);
}

void
rmq_judge_ghosts (RmqJudgement *judgement)
{
  if (rmq_judgement_sees_stores (judgement))
    judge_count (judgement, tally_ghosts, "ghosts");
}

static void
tally_failed (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  count_one (data, send, send->fate == RMQ_FATE_ERROR && !send->unknown, send->end_ev);
}

void
rmq_judge_failed (RmqJudgement *judgement)
{
  judge_count (judgement, tally_failed, "failed");
}

static void
tally_retries (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  count_one (data, send, send->n_attempts > 1 ? send->n_attempts - 1 : 0, send->start_ev);
}

void
rmq_judge_retries (RmqJudgement *judgement)
{
  judge_count (judgement, tally_retries, "retries");
}

/* ---- result -------------------------------------------------------------- */

static gboolean
has_result (const RmqSendRecord *send, const RmqResultValue *result)
{
  if (!result->error)
    return send->fate == RMQ_FATE_STORED && send->status == result->status;
  if (send->fate != RMQ_FATE_ERROR)
    return FALSE;
  return result->code < 0
         || (send->code == result->code
             && (send->domain == RMQ_EVENT_DOMAIN_REMOTING) == result->transport);
}

static void
tally_result (RmqJudgement *judgement, const RmqSendRecord *send, gpointer data)
{
  gboolean over = send->fate != RMQ_FATE_PENDING;
  gboolean other = over && !has_result (send, &judgement->claim->result);
  tally_fate (data, send);
  count_one (data, send, other, send->end_ev);
}

/* A status is the broker's word: only OK says that the message lies there. */
static const char *
describe_status (const RmqSendRecord *send)
{
  static const char *const words[] = { "stored in ", "FLUSH_DISK_TIMEOUT from ",
                                       "FLUSH_SLAVE_TIMEOUT from ", "SLAVE_NOT_AVAILABLE from " };
  return send->fate == RMQ_FATE_STORED ? words[send->status] : "";
}

void
rmq_judge_result (RmqJudgement *judgement)
{
  Tally tally = { 0 };
  guint n = foreach_send (judgement, tally_result, &tally);
  if (n == 0)
    {
      nothing_sent (judgement);
      return;
    }
  rmq_judgement_say (judgement, tally.counted == 0 ? RMQ_VERDICT_OK : RMQ_VERDICT_FAILED,
                     "%" G_GINT64_FORMAT " of %u sends", n - tally.counted, n);
  if (tally.offender == NULL)
    return;
  g_autofree char *name = rmq_evidence_name_send (judgement->evidence, tally.offender);
  g_string_append_printf (judgement->text, "; first other %s: %s%s", name,
                          describe_status (tally.offender), tally.offender->text);
  judgement->ev = tally.offender_ev;
}

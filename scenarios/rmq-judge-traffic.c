/* SPDX-License-Identifier: Apache-2.0 */

/* Claims about traffic, order, recovery and the client's tables. Pure functions of the evidence. */

#include "rmq-judgement.h"

#define BIN_US (100 * 1000)
#define RECOVERED_US (5 * G_USEC_PER_SEC)
#define BINS_WINDOW (RECOVERED_US / BIN_US)

/* ---- attempts to a broker ------------------------------------------------ */

static void
judge_attempts (RmqJudgement *judgement, gboolean only_sent, const char *what)
{
  const RmqEvidence *evidence = judgement->evidence;
  guint n = 0, n_all = 0;
  guint64 first_ev = 0;
  for (guint i = 0; i < evidence->attempts->len; i++)
    {
      const RmqAttemptRecord *attempt = &g_array_index (evidence->attempts, RmqAttemptRecord, i);
      if (!rmq_judgement_holds (judgement, attempt->at_us)
          || !rmq_judgement_selects (judgement, attempt->send))
        continue;
      n_all++;
      if ((only_sent && !attempt->sent) || !g_str_equal (attempt->broker, judgement->claim->broker))
        continue;
      if (n++ == 0)
        first_ev = attempt->ev;
    }
  if (n_all == 0)
    {
      rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "nobody sent anything in the window");
      return;
    }
  g_autofree char *text = g_strdup_printf ("of %u %s", n_all, what);
  rmq_judgement_compare (judgement, n, text);
  if (judgement->verdict == RMQ_VERDICT_FAILED)
    judgement->ev = first_ev;
}

void
rmq_judge_sends (RmqJudgement *judgement)
{
  judge_attempts (judgement, TRUE, "attempts");
}

void
rmq_judge_attempts (RmqJudgement *judgement)
{
  judge_attempts (judgement, FALSE, "attempts");
}

/* ---- order --------------------------------------------------------------- */

static const RmqCopyRecord *
first_copy_of (const RmqEvidence *evidence, const RmqSendRecord *send)
{
  return &g_array_index (evidence->copies, RmqCopyRecord, send->first_copy);
}

/* A send whose first copy came after that of a later one of its key. (nullable) */
static const RmqSendRecord *
find_reversal (RmqJudgement *judgement, const RmqWorkloadRecord *workload, guint *n_judged,
               const RmqSendRecord **overtaker)
{
  const RmqEvidence *evidence = judgement->evidence;
  g_autoptr (GHashTable) earliest = g_hash_table_new (g_int64_hash, g_int64_equal);
  const RmqSendRecord *found = NULL;
  for (guint i = workload->count; i > 0; i--)
    {
      const RmqSendRecord *send = &workload->sends[i - 1];
      if (send->key < 0 || send->n_copies == 0 || !rmq_judgement_selects (judgement, send)
          || !rmq_judgement_holds (judgement, first_copy_of (evidence, send)->at_us))
        continue;
      (*n_judged)++;
      const RmqSendRecord *later = g_hash_table_lookup (earliest, &send->key);
      if (later != NULL && later->first_copy < send->first_copy)
        {
          if (found == NULL || send->first_copy < found->first_copy)
            {
              found = send;
              *overtaker = later;
            }
          continue;
        }
      g_hash_table_insert (earliest, (gpointer)&send->key, (gpointer)send);
    }
  return found;
}

static void
say_reversal (RmqJudgement *judgement, const RmqSendRecord *send, const RmqSendRecord *overtaker)
{
  const RmqCopyRecord *copy = first_copy_of (judgement->evidence, send);
  const gint64 at_us = copy->at_us - judgement->evidence->zero_us;
  g_autofree char *name = rmq_evidence_name_send (judgement->evidence, send);
  const char *label = rmq_evidence_get_workload (judgement->evidence, overtaker->workload)->label;
  rmq_judgement_say (judgement, RMQ_VERDICT_FAILED,
                     "%s stored at %" G_GINT64_FORMAT ".%03ds in %s:%" G_GINT64_FORMAT
                     " after %s%u",
                     name, at_us / G_USEC_PER_SEC, (int)(at_us % G_USEC_PER_SEC / 1000),
                     copy->broker, copy->queue_id, label, overtaker->number);
  judgement->ev = copy->ev;
}

void
rmq_judge_order (RmqJudgement *judgement)
{
  const RmqSendRecord *offender = NULL, *overtaker = NULL;
  guint n_judged = 0;
  if (judgement->claim->as_consumed)
    {
      rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "nothing was consumed");
      return;
    }
  if (!rmq_judgement_sees_stores (judgement))
    return;
  for (guint i = 0; i < judgement->evidence->workloads->len && offender == NULL; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (judgement->evidence, i);
      if (g_str_equal (workload->topic, judgement->claim->topic))
        offender = find_reversal (judgement, workload, &n_judged, &overtaker);
    }
  if (offender != NULL)
    say_reversal (judgement, offender, overtaker);
  else if (n_judged == 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "no message with a key was stored");
  else
    rmq_judgement_say (judgement, RMQ_VERDICT_OK, "%u messages with a key", n_judged);
}

/* ---- recovery ------------------------------------------------------------ */

/* What started in a tenth of a second after the last outage. */
typedef struct
{
  guint n_sends; /* round robin */
  guint n_failed;
  guint *to_broker; /* attempts of round-robin sends, by index of evidence->brokers */
} Bin;

static void
clear_bin (gpointer data)
{
  g_free (((Bin *)data)->to_broker);
}

static Bin *
bin_at (const RmqJudgement *judgement, GArray *bins, gint64 at_us)
{
  const gint64 index = (at_us - judgement->evidence->outage_ended_us) / BIN_US;
  if (at_us < judgement->evidence->outage_ended_us || index >= bins->len)
    return NULL;
  return &g_array_index (bins, Bin, index);
}

static gboolean
is_round_robin (const RmqEvidence *evidence, const RmqSendRecord *send)
{
  const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, send->workload);
  return !workload->selects && !workload->to_queue;
}

static void
bin_sends (const RmqJudgement *judgement, GArray *bins)
{
  const RmqEvidence *evidence = judgement->evidence;
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      for (guint j = 0; j < workload->count; j++)
        {
          const RmqSendRecord *send = &workload->sends[j];
          Bin *bin =
              send->fate != RMQ_FATE_NOT_STARTED ? bin_at (judgement, bins, send->start_us) : NULL;
          if (bin == NULL)
            continue;
          bin->n_sends += is_round_robin (evidence, send);
          bin->n_failed += send->fate == RMQ_FATE_ERROR;
        }
    }
}

static void
bin_attempts (const RmqJudgement *judgement, GArray *bins)
{
  const RmqEvidence *evidence = judgement->evidence;
  for (guint i = 0; i < evidence->attempts->len; i++)
    {
      const RmqAttemptRecord *attempt = &g_array_index (evidence->attempts, RmqAttemptRecord, i);
      Bin *bin = attempt->send != NULL && attempt->sent && is_round_robin (evidence, attempt->send)
                     ? bin_at (judgement, bins, attempt->at_us)
                     : NULL;
      for (guint b = 0; bin != NULL && b < evidence->brokers->len; b++)
        {
          const RmqBrokerRecord *broker = g_ptr_array_index (evidence->brokers, b);
          bin->to_broker[b] += g_str_equal (broker->name, attempt->broker);
        }
    }
}

static GArray *
make_bins (const RmqJudgement *judgement)
{
  const gint64 seen_us =
      judgement->now_us + judgement->evidence->zero_us - judgement->evidence->outage_ended_us;
  GArray *bins = g_array_new (FALSE, TRUE, sizeof (Bin));
  g_array_set_clear_func (bins, clear_bin);
  g_array_set_size (bins, MAX (0, seen_us / BIN_US));
  for (guint i = 0; i < bins->len; i++)
    g_array_index (bins, Bin, i).to_broker = g_new0 (guint, judgement->evidence->brokers->len);
  bin_sends (judgement, bins);
  bin_attempts (judgement, bins);
  return bins;
}

/* Queues that may be written, on one broker or (NULL) on all that are up; of the topics that are
 * sent to. A topic that the scenario doesn't declare counts alike everywhere. */
static gint64
count_queues (const RmqEvidence *evidence, const RmqBrokerRecord *only)
{
  gint64 n = 0;
  for (guint b = 0; b < evidence->brokers->len; b++)
    {
      const RmqBrokerRecord *broker = g_ptr_array_index (evidence->brokers, b);
      if (!broker->up || (only != NULL && broker != only))
        continue;
      for (guint t = 0; t < broker->topics->len; t++)
        n += g_array_index (broker->topics, RmqTopicShare, t).write_queues;
      n += broker->topics->len == 0;
    }
  return n;
}

/* Whether in the window from that bin on every broker that is up got at least half of its share of
 * the round-robin sends, and no send failed. */
static gboolean
is_recovered_from (const RmqEvidence *evidence, GArray *bins, guint first)
{
  guint n_sends = 0;
  g_autofree guint *to_broker = g_new0 (guint, evidence->brokers->len);
  for (guint i = first; i < first + BINS_WINDOW; i++)
    {
      const Bin *bin = &g_array_index (bins, Bin, i);
      if (bin->n_failed > 0)
        return FALSE;
      n_sends += bin->n_sends;
      for (guint b = 0; b < evidence->brokers->len; b++)
        to_broker[b] += bin->to_broker[b];
    }
  const gint64 all = count_queues (evidence, NULL);
  for (guint b = 0; b < evidence->brokers->len; b++)
    {
      const gint64 queues = count_queues (evidence, g_ptr_array_index (evidence->brokers, b));
      if (to_broker[b] * all * 2 < n_sends * queues)
        return FALSE;
    }
  return n_sends > 0;
}

static void
say_recovered (RmqJudgement *judgement, GArray *bins)
{
  const RmqExpectation *claim = judgement->claim;
  const guint n = bins->len >= BINS_WINDOW ? bins->len - BINS_WINDOW + 1 : 0;
  for (guint i = 0; i < n; i++)
    if (is_recovered_from (judgement->evidence, bins, i))
      {
        const gint64 after_us = (gint64)i * BIN_US;
        judgement->number = after_us;
        judgement->unit = "us";
        rmq_judgement_say (judgement,
                           after_us <= claim->within_us ? RMQ_VERDICT_OK : RMQ_VERDICT_FAILED,
                           "after %" G_GINT64_FORMAT ".%ds", after_us / G_USEC_PER_SEC,
                           (int)(after_us % G_USEC_PER_SEC / BIN_US));
        return;
      }
  gboolean seen = (gint64)n * BIN_US > claim->within_us;
  rmq_judgement_say (judgement, seen ? RMQ_VERDICT_FAILED : RMQ_VERDICT_UNKNOWN,
                     seen ? "not within that time" : "the run ended before that could be seen");
}

void
rmq_judge_recovered (RmqJudgement *judgement)
{
  const RmqEvidence *evidence = judgement->evidence;
  if (evidence->outage_ended_us < 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "there was no outage that ended");
  else if (evidence->n_outages_on > 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "an outage is still on");
  else
    {
      g_autoptr (GArray) bins = make_bins (judgement);
      say_recovered (judgement, bins);
    }
}

/* ---- deadlock ------------------------------------------------------------ */

void
rmq_judge_no_deadlock (RmqJudgement *judgement)
{
  const RmqEvidence *evidence = judgement->evidence;
  judgement->ev = evidence->deadlock_ev;
  if (evidence->deadlock_ev == 0 && evidence->workloads->len == 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "nobody was to send anything");
  else if (evidence->deadlock_ev == 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_OK, "every task went on");
  else
    rmq_judgement_say (judgement, RMQ_VERDICT_FAILED,
                       "nothing can happen any more; last activity at %.3fs, %d wait",
                       (double)evidence->deadlock_since_us / G_USEC_PER_SEC,
                       (int)evidence->deadlock_n);
}

/* ---- tables -------------------------------------------------------------- */

void
rmq_judge_rows (RmqJudgement *judgement)
{
  const RmqEvidence *evidence = judgement->evidence;
  for (guint i = evidence->probes->len; i > 0; i--)
    {
      const RmqProbeRecord *probe = &g_array_index (evidence->probes, RmqProbeRecord, i - 1);
      if (probe->serial != judgement->claim->base.serial)
        continue;
      if (probe->rows < 0)
        break;
      rmq_judgement_compare (judgement, probe->rows, "rows");
      if (judgement->verdict == RMQ_VERDICT_FAILED)
        judgement->ev = probe->ev;
      return;
    }
  rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "%s has no table %s then",
                     judgement->claim->producer, judgement->claim->table);
}

/* Every picture that was valid at some time of the window, or the one of the moment, or the last
 * one. */
static gboolean
is_picture_asked_for (const RmqJudgement *judgement, const RmqPictureRecord *picture,
                      const RmqPictureRecord *next)
{
  const RmqExpectation *claim = judgement->claim;
  const gint64 zero = judgement->evidence->zero_us;
  const gint64 starts = picture->at_us - zero;
  const gint64 ends = next != NULL ? next->at_us - zero : G_MAXINT64;
  const gint64 from = claim->from_us >= 0 ? claim->from_us
                      : claim->at_us >= 0 ? claim->at_us
                                          : judgement->now_us;
  const gint64 until = claim->from_us >= 0 ? claim->until_us : from + 1;
  return starts < until && ends > from;
}

void
rmq_judge_queues (RmqJudgement *judgement)
{
  const RmqExpectation *claim = judgement->claim;
  const RmqPictureRecord *last = NULL;
  g_autoptr (GPtrArray) asked = g_ptr_array_new ();
  const GArray *pictures = judgement->evidence->pictures;
  for (guint i = 0; i <= pictures->len; i++)
    {
      const RmqPictureRecord *next =
          i < pictures->len ? &g_array_index (pictures, RmqPictureRecord, i) : NULL;
      if (next != NULL
          && !(g_str_equal (next->topic, claim->topic)
               && g_str_equal (next->producer, claim->producer)))
        continue;
      if (last != NULL && is_picture_asked_for (judgement, last, next))
        g_ptr_array_add (asked, (gpointer)last);
      last = next;
    }
  if (asked->len == 0)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "%s has no queues of %s then",
                       claim->producer, claim->topic);
  for (guint i = 0; i < asked->len; i++)
    {
      const RmqPictureRecord *picture = g_ptr_array_index (asked, i);
      rmq_judgement_compare (judgement, picture->queues, "queues");
      if (judgement->verdict != RMQ_VERDICT_FAILED)
        continue;
      judgement->ev = picture->ev;
      return;
    }
}

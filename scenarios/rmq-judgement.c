/* SPDX-License-Identifier: Apache-2.0 */

/* The frame around every judge: which sends a claim selects, what its window is, what becomes of an
 * empty one, expect-fail and note. A pure function of the evidence. */

#include "rmq-judgement.h"

#include "rmq-grammar.h"

gboolean
rmq_judgement_holds (const RmqJudgement *judgement, gint64 at_us)
{
  const RmqExpectation *claim = judgement->claim;
  const gint64 at = at_us - judgement->evidence->zero_us;
  return claim->from_us < 0 || (at >= claim->from_us && at < claim->until_us);
}

gboolean
rmq_judgement_has_conditions (const RmqJudgement *judgement)
{
  const RmqExpectation *claim = judgement->claim;
  return claim->message.label != NULL || claim->key >= 0 || claim->by != NULL || claim->of != NULL
         || claim->first_try != NULL;
}

gboolean
rmq_judgement_selects (const RmqJudgement *judgement, const RmqSendRecord *send)
{
  const RmqExpectation *claim = judgement->claim;
  if (send == NULL)
    return !rmq_judgement_has_conditions (judgement);
  if (send->fate == RMQ_FATE_NOT_STARTED)
    return FALSE;
  const RmqWorkloadRecord *workload =
      rmq_evidence_get_workload (judgement->evidence, send->workload);
  if (workload->is_probe)
    return FALSE;
  return (claim->message.label == NULL || g_str_equal (claim->message.label, workload->label))
         && (claim->message.number < 0 || claim->message.number == send->number)
         && (claim->key < 0 || claim->key == send->key)
         && (claim->by == NULL || g_str_equal (claim->by, workload->producer))
         && (claim->of == NULL || g_str_equal (claim->of, workload->topic))
         && (claim->first_try == NULL || g_strcmp0 (claim->first_try, send->first_try) == 0);
}

static gboolean
has_empty_window (const RmqJudgement *judgement)
{
  const RmqExpectation *claim = judgement->claim;
  return claim->from_us >= 0 && claim->from_us >= claim->until_us;
}

void
rmq_judgement_say (RmqJudgement *judgement, RmqVerdict verdict, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  judgement->verdict = verdict;
  g_string_vprintf (judgement->text, format, arguments);
  va_end (arguments);
}

gboolean
rmq_judgement_sees_stores (RmqJudgement *judgement)
{
  if (judgement->evidence->blind)
    rmq_judgement_say (judgement, RMQ_VERDICT_UNKNOWN, "the brokers are somebody else's");
  return !judgement->evidence->blind;
}

void
rmq_judgement_compare (RmqJudgement *judgement, gint64 value, const char *what)
{
  gboolean ok = rmq_comparison_holds (&judgement->claim->comparison, value);
  judgement->number = value;
  judgement->unit = "";
  judgement->off = rmq_comparison_miss (&judgement->claim->comparison, value);
  rmq_judgement_say (judgement, ok ? RMQ_VERDICT_OK : RMQ_VERDICT_FAILED, "%" G_GINT64_FORMAT " %s",
                     value, what);
}

/* ---- modes --------------------------------------------------------------- */

static RmqVerdict
turn_verdict (RmqExpectMode mode, RmqVerdict verdict)
{
  if (mode == RMQ_NOTE)
    return RMQ_VERDICT_NOTED;
  if (mode == RMQ_EXPECT || verdict == RMQ_VERDICT_UNKNOWN)
    return verdict;
  return verdict == RMQ_VERDICT_OK ? RMQ_VERDICT_FAILED : RMQ_VERDICT_OK;
}

/* "no loss" of "expect no loss"; the mode is told apart. */
static char *
claim_text (const RmqExpectation *claim)
{
  const char *word = rmq_expect_words[claim->mode];
  const char *text = claim->base.text;
  if (claim->mode == RMQ_EXPECT && g_str_has_prefix (text, word))
    text += strlen (word);
  return g_strstrip (g_strdup (text));
}

void
rmq_judge (const RmqEvidence *evidence, const RmqExpectation *claim, gint64 now_us,
           RmqFinding *finding)
{
  RmqJudgement judgement = { .evidence = evidence,
                             .claim = claim,
                             .now_us = now_us,
                             .verdict = RMQ_VERDICT_UNKNOWN,
                             .off = -1,
                             .text = g_string_new (NULL) };
  if (has_empty_window (&judgement))
    g_string_assign (judgement.text, "the window is empty");
  else if (claim->from_us >= now_us || claim->at_us > now_us)
    g_string_assign (judgement.text, "the run did not come that far");
  else
    claim->base.form->judge (&judgement);
  *finding = (RmqFinding){ .seen = judgement.verdict,
                           .verdict = turn_verdict (claim->mode, judgement.verdict),
                           .kind = rmq_expect_words[claim->mode],
                           .claim = claim_text (claim),
                           .evidence = g_string_free (judgement.text, FALSE),
                           .line = claim->base.line,
                           .off = claim->mode == RMQ_EXPECT ? judgement.off : -1,
                           .number = judgement.number,
                           .unit = judgement.unit,
                           .ev = judgement.ev };
}

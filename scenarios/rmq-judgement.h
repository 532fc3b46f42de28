/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-evidence.h"
#include "rmq-report.h"
#include "rmq-statement.h"

G_BEGIN_DECLS

/* One expectation before its judge. */

struct _RmqJudgement
{
  const RmqEvidence *evidence;
  const RmqExpectation *claim;
  gint64 now_us; /* of the scenario's clock: what lies beyond was not seen */
  /* what the judge says; it starts as unknown */
  RmqVerdict verdict;
  GString *text;    /* evidence in words */
  guint64 ev;       /* moment of the first offending event; 0: none */
  gint64 off;       /* by how much a number missed the claim; -1: no number was judged */
  gint64 number;    /* the one that was judged */
  const char *unit; /* of number: "us" or ""; NULL: none was */
};
typedef struct _RmqJudgement RmqJudgement;

void rmq_judge_no_loss (RmqJudgement *judgement);
void rmq_judge_duplicates (RmqJudgement *judgement);
void rmq_judge_ghosts (RmqJudgement *judgement);
void rmq_judge_result (RmqJudgement *judgement);
void rmq_judge_failed (RmqJudgement *judgement);
void rmq_judge_order (RmqJudgement *judgement);
void rmq_judge_sends (RmqJudgement *judgement);
void rmq_judge_attempts (RmqJudgement *judgement);
void rmq_judge_retries (RmqJudgement *judgement);
void rmq_judge_recovered (RmqJudgement *judgement);
void rmq_judge_rows (RmqJudgement *judgement);
void rmq_judge_queues (RmqJudgement *judgement);
void rmq_judge_no_deadlock (RmqJudgement *judgement);

/* For judges. */
gboolean rmq_judgement_has_conditions (const RmqJudgement *judgement);
/* send NULL: somebody else's. */
gboolean rmq_judgement_selects (const RmqJudgement *judgement, const RmqSendRecord *send);
gboolean rmq_judgement_holds (const RmqJudgement *judgement, gint64 at_us); /* within the window */

/* FALSE: what brokers stored wasn't seen, and the judgement says so. */
gboolean rmq_judgement_sees_stores (RmqJudgement *judgement);
void rmq_judgement_say (RmqJudgement *judgement, RmqVerdict verdict, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* The claim's comparison decides; what: "3 duplicates of 12 sends". */
void rmq_judgement_compare (RmqJudgement *judgement, gint64 value, const char *what);

/* Judges the claim of one expectation, expect-fail and note included. */
void rmq_judge (const RmqEvidence *evidence, const RmqExpectation *claim, gint64 now_us,
                RmqFinding *finding);
/* The invariants of every run; those with nothing to judge are left out. */
void rmq_judge_invariants (const RmqEvidence *evidence, RmqReport *report);

G_END_DECLS

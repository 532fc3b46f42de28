/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-judgement.h"
#include "rmq-scenario.h"

/* A log written by hand: what a run would have emitted, event by event. Two brokers with 4 queues
 * of Orders; producer P sends e1…e10 (round robin), o1…o10 (selector, 4 keys), a1…a10 (async). */

typedef struct
{
  RmqEventLog *log;
  RmqEvidence *evidence;
  guint16 producer, broker_a, broker_b;
  gint64 now_us;
} VerdictLab;

typedef enum
{
  WORKLOAD_E,
  WORKLOAD_O,
  WORKLOAD_A,
} VerdictWorkload;

VerdictLab *verdict_lab_new (void);
void verdict_lab_free (VerdictLab *lab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VerdictLab, verdict_lab_free)

/* Times in ms since 0; broker 'a' or 'b'. */
void lab_at (VerdictLab *lab, gint64 ms);
guint64 lab_tag (VerdictLab *lab, VerdictWorkload workload, guint number);
void lab_begin (VerdictLab *lab, guint64 tag);
void lab_attempt (VerdictLab *lab, guint64 tag, char broker, gint queue, gboolean connects);
void lab_store (VerdictLab *lab, guint64 tag, char broker, gint queue, gint offset);
void lab_ok (VerdictLab *lab, guint64 tag, char broker, gint queue, gint offset);
void lab_error (VerdictLab *lab, guint64 tag, gint domain, gint code, gboolean unknown);
/* A whole send that goes well. */
void lab_send (VerdictLab *lab, guint64 tag, char broker, gint queue);
void lab_emit (VerdictLab *lab, guint16 host, const RmqEventKind *kind, const char *text,
               const gint64 *fields, guint n_fields);
#define LAB_EMIT(lab, host, kind, text, ...)                                                       \
  lab_emit ((lab), (host), (kind), (text), (const gint64[]){ __VA_ARGS__ },                        \
            sizeof ((const gint64[]){ __VA_ARGS__ }) / sizeof (gint64))

/* Judges a line; its evidence must contain part (nullable). */
void lab_expect (VerdictLab *lab, const char *line, RmqVerdict verdict, const char *part);
/* The invariant with that id: its verdict; RMQ_N_VERDICTS: not reported. */
RmqVerdict lab_judge_invariant (VerdictLab *lab, const char *id);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a run came to: a verdict a claim, with its evidence. */

typedef enum
{
  RMQ_VERDICT_OK,
  RMQ_VERDICT_FAILED,
  RMQ_VERDICT_UNKNOWN, /* nothing was judged */
  RMQ_VERDICT_NOTED,   /* reported, judges nothing */
  RMQ_N_VERDICTS,
} RmqVerdict;

const char *rmq_verdict_get_name (RmqVerdict verdict); /* "ok" */

typedef struct
{
  RmqVerdict verdict;
  RmqVerdict seen;  /* of the claim itself, before "expect-fail" or "note" turns it */
  const char *kind; /* "expect" "expect-fail" "note" "invariant" */
  char *claim;      /* as written; an invariant's id and text */
  char *evidence;
  guint line; /* of the scenario; 0: none */
  guint64 ev; /* moment of the first offending event; 0: none */
  gint64 off; /* by how much a number missed the claim; 0: not at all, -1: no number was judged */
  gint64 number;    /* the one that was judged, if unit isn't NULL */
  const char *unit; /* static: "us" or "" */
} RmqFinding;

typedef struct
{
  grefcount ref_count;
  char *scenario; /* as named by the user */
  char *title;    /* (nullable) */
  char *profile;  /* (nullable): of the producers, if it was chosen */
  char *namesrv;  /* (nullable): of somebody else's cluster */
  gboolean real;
  gboolean complete; /* FALSE: quit before its end */
  guint64 seed;
  gint64 took_us;
  guint64 n_events;
  GPtrArray *findings; /* of RmqFinding */
  GPtrArray *notices;  /* of char: what the run could or need not do */
  GPtrArray *added;    /* of char: lines beside the scenario's own */
  GPtrArray *typed;    /* of char: lines that came while it ran, with their moments */
  guint counts[RMQ_N_VERDICTS];
  char *hashes[5]; /* whole, then the parts in the order of RmqHashPart; NULL if real */
} RmqReport;

RmqReport *rmq_report_new (void);
RmqReport *rmq_report_ref (RmqReport *report);
void rmq_report_unref (RmqReport *report); /* nullable */
/* Takes claim and evidence. */
void rmq_report_add (RmqReport *report, const RmqFinding *finding);
/* Exit status: 0 ok, 1 failed, 4 unknown or incomplete. */
gint rmq_report_get_status (const RmqReport *report);
char *rmq_report_format (const RmqReport *report); /* (transfer full) */
/* What makes the same run again, as typed into a shell; a simulated run's lines stand in it, so
 * that every event comes again; the dashboard stands at the first offence. (transfer full) */
char *rmq_report_make_replay (const RmqReport *report);
/* Its members, into the object where the builder stands. */
void rmq_finding_add_members (const RmqFinding *finding, JsonBuilder *builder);
/* As an object, where the builder stands. */
void rmq_finding_add_json (const RmqFinding *finding, JsonBuilder *builder);
char *rmq_report_to_json (const RmqReport *report); /* (transfer full) */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqReport, rmq_report_unref)

G_END_DECLS

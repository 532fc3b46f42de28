/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-evidence.h"
#include "rmq-mock-cluster-private.h"
#include "rmq-producer-private.h"
#include "rmq-run.h"
#include "rmq-scenario-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  RmqEnv *env;           /* its host */
  RmqProducer *producer; /* another one after each end; atomic */
  const RmqProducerStatement *statement;
  gboolean is_used; /* it was started */
  gboolean is_down; /* and shut down */
} RmqRunProducer;

/* A workload under way: a task. Simulated, it belongs to the producer's host and dies with it. Over
 * TCP a client is never killed, but shut down: there the task has a host that can be. */
typedef struct
{
  RmqRun *run;
  RmqRunProducer *producer;
  RmqEnv *home; /* borrowed: the host of its task */
  RmqEnv *env;  /* borrowed: the host of its producer when it began */
  const RmqSendsStatement *statement;
  RmqWorkloadRecord *record;
  gint64 start_us;       /* world's clock */
  gint64 wakes_us;       /* when it goes on by itself, or went on last */
  RmqMessage **messages; /* by number; each is there while its send is under way */
} RmqRunWorkload;

/* Lines that a run takes while it is under way; a reset forgets them. */
#define RMQ_RUN_LINES_MAX 10000

/* Something that waits for its time. */
typedef struct
{
  RmqTimer timer;
  RmqRun *run;
  const RmqStatement *statement;
  gboolean is_end;  /* of "for D" */
  gboolean is_over; /* has happened, or won't any more */
} RmqRunAction;

/* A line given while the run was under way. */
typedef struct
{
  RmqMoment at; /* ev 0: over TCP, where events have no numbers */
  char *text;
  gboolean of_file;
} RmqRunLine;

typedef struct _RmqRunWatch RmqRunWatch;

typedef enum
{
  RMQ_LIVENESS_NOT_YET,
  RMQ_LIVENESS_ON,
  RMQ_LIVENESS_OVER,
} RmqLiveness;

struct _RmqRun
{
  RmqScenario *scenario;
  RmqRunOptions options;
  guint64 seed;
  RmqWorld *world;
  RmqMockCluster *cluster;
  RmqEnv *script; /* the host whose timers are the timeline */
  RmqEnv *tasks;  /* (nullable): over TCP the workloads' host, where it is the producers' else */
  RmqEvidence *evidence;
  RmqRunWatch *watch;   /* (nullable): nobody looks */
  GPtrArray *producers; /* of RmqRunProducer */
  GPtrArray *past;      /* of RmqRunProducer: producers whose place another took, without names */
  GPtrArray *workloads; /* of RmqRunWorkload */
  GPtrArray *actions;   /* of RmqRunAction, done ones too */
  GPtrArray *notices;   /* of char */
  GPtrArray *journal;   /* of RmqRunLine, in the order in which they are given */
  guint n_given;        /* of them; the rest is still to come (simulated) */
  gint64 event_us;      /* world's clock at the last event (simulated) */
  guint n_waiting;      /* actions still to come */
  guint n_tasks;        /* workloads whose task still runs */
  RmqTimer end_timer, stop_timer, watch_timer;
  RmqTimer liveness_timer;
  GPtrArray *probes;      /* of RmqSendsStatement that no line says */
  gint liveness;          /* RmqLiveness; atomic */
  gint64 look_us;         /* when to look for a deadlock again */
  guint n_stuck;          /* those who wait in one */
  RmqParker *end_waiter;  /* (nullable): woken when it is over */
  RmqParker *task_waiter; /* (nullable): woken when no task or producer is left */
  gint n_producers_left;  /* atomic; being let go */
  gint64 zero_us;
  guint64 zero_ev;
  RmqScenarioMark declared; /* what was there at time 0 */
  gboolean cancelled;
  gboolean over;
  RmqReport *verdicts; /* (nullable): the last ones */
};

/* The scenario's servers, topics and producers, from outside the world: what there is at time 0. */
gboolean rmq_run_boot (RmqRun *run, GError **error);
gboolean rmq_run_start_producers (RmqRun *run, GError **error);
RmqEnv *rmq_run_add_host (RmqRun *run, const char *name);
void rmq_run_past_producer_free (gpointer past);

/* Simulated, from outside: the next line that is given, or the next event, if it is due by then on
 * the world's clock; beyond the end as well. FALSE: neither. */
gboolean rmq_run_advance (RmqRun *run, gint64 limit_us);

/* The rest: owner. */
RmqRunProducer *rmq_run_find_producer (RmqRun *run, const char *name);
gint64 rmq_run_to_world (RmqRun *run, gint64 at_us);
/* Does the statement, now or at its time; what there is to say at once is appended to answer. */
void rmq_run_do (RmqRun *run, const RmqStatement *statement, GString *answer);
void rmq_run_start_workload (RmqRun *run, const RmqSendsStatement *statement);
void rmq_run_workload_free (gpointer workload);
void rmq_run_task_done (RmqRun *run); /* one of n_tasks */
/* A host, or who lives alone on one; as it is now. (nullable): nobody does */
RmqEnv *rmq_run_find_host (RmqRun *run, const char *name);
guint64 rmq_run_get_uniq (guint64 tag, gpointer run);
/* Arms or disarms the end by what is still to come. */
void rmq_run_look_for_end (RmqRun *run);
void rmq_run_end (RmqRun *run);
/* The workload is done: whether it goes on with probes, lest "recovered" can't be seen. */
gboolean rmq_run_is_probing (RmqRun *run);
void rmq_run_probe_free (gpointer probe);
/* Ends a run in which nothing can happen any more, and says who waits for what. Between events. */
void rmq_run_look_for_deadlock (RmqRun *run);
void rmq_run_watch (RmqRun *run); /* over TCP: has that done from time to time */
/* Looks into a client's table for an expectation (or for I3: NULL). */
void rmq_run_probe (RmqRun *run, const RmqExpectation *claim);
/* Judges what happened so far. Once a run is over its verdicts stand: what is typed then is another
 * matter. (transfer none) */
RmqReport *rmq_run_judge_on_loop (RmqRun *run);
RmqFinding rmq_run_judge_claim (RmqRun *run, const RmqExpectation *claim);
typedef struct
{
  const RmqStatement *statement;
  const char *answer;        /* "done", or what there is to say */
  const RmqFinding *finding; /* (nullable): of an expectation */
} RmqLineResult;
typedef void (*RmqLineFunc) (const RmqLineResult *result, gpointer data);
/* All lines of a text or none; func hears of each. FALSE: diagnostics says why not. */
gboolean rmq_run_execute_on_loop (RmqRun *run, const char *text, RmqDiagnostics *diagnostics,
                                  RmqLineFunc func, gpointer data);
/* As rmq_run_execute_on_loop(), without a note in the journal. */
gboolean rmq_run_give (RmqRun *run, const char *text, RmqDiagnostics *diagnostics, RmqLineFunc func,
                       gpointer data);

/* The journal (rmq-run-journal.c). */
void rmq_run_line_free (gpointer line);
/* Takes the lines of the run's scenario that are given at a moment. */
void rmq_run_take_journal (RmqRun *run);
/* Writes down what was given now. Owner. */
void rmq_run_note_line (RmqRun *run, const char *text);
/* A line is due now, before the next event. */
gboolean rmq_run_has_line_due (RmqRun *run, gint64 limit_us);
void rmq_run_give_next_line (RmqRun *run);
/* Lines of the file that were never given, as notices (transfer container) */
void rmq_run_note_lines_left (RmqRun *run, GPtrArray *notices);
/* Lines that aren't the file's, as a file would have them. (transfer full): of char */
GPtrArray *rmq_run_list_lines (RmqRun *run);

/* Ends what a verb's statement began, or keeps it from beginning. FALSE: it was over. */
gboolean rmq_run_end_outage (RmqRun *run, const RmqStatement *statement);
/* Forgets messages, outages, requests, what was to come and what was seen, lines that came while it
 * ran (statements too: nobody may hold one), and topics that were not declared before time 0. */
void rmq_run_reset (RmqRun *run);
RmqSnapshot *rmq_run_snapshot_on_loop (RmqRun *run);

/* rmq-run-watch.c. Looks from now on; a simulated run's. */
RmqRunWatch *rmq_run_watch_new (RmqRun *run);
void rmq_run_watch_free (RmqRunWatch *watch); /* nullable */
void rmq_run_watch_report (const RmqRunWatch *watch, RmqReport *report);
/* Closes them as a program would and aborts if that leaves something (I11). From outside; nothing
 * is done if the run was quit. */
void rmq_run_watch_close_producers (RmqRunWatch *watch);

G_END_DECLS

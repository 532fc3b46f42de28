/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-report.h"
#include "rmq-scenario.h"
#include "rmq-sim-world.h"
#include "rmq-snapshot.h"
#include "rmq-statement.h"

G_BEGIN_DECLS

/* One run of a scenario in a world of its own: cluster, producers, workloads, timeline, judgement.
 * Used by one thread, the one that made it, from outside the world; in the real world that thread
 * asks for the loop where it needs it, and the world goes on by itself meanwhile. Times given and
 * returned are the scenario's: µs since its 0. */

typedef struct _RmqRun RmqRun;

typedef struct
{
  gboolean has_seed;
  guint64 seed;          /* has_seed FALSE: the scenario's, else 1 */
  RmqSimTasks tasks;     /* simulated: what they run on; same run either way */
  gboolean watch_tables; /* simulated: looks at clients' tables after each event; slow */
  gboolean real;
  const char *namesrv; /* (nullable): "host:port;…": somebody else's cluster over TCP; no mock is
                          started, topics and outages are left alone */
  const char *profile; /* (nullable): of the producers */
  gboolean serve; /* for other people's clients: producers don't run, it never ends by itself */
  const guint16 *namesrv_ports; /* (nullable): serve; 0 = any free one */
  guint n_namesrv_ports;
  const char *bind;         /* (nullable): serve; the address to listen on */
  const char *advertise;    /* (nullable): serve; the host that routes name */
  const char *const *lines; /* (nullable): that were added to the scenario's own, for the report */
} RmqRunOptions;

/* Starts servers and producers and brings the world to time 0. Takes a reference of the scenario;
 * one with errors or without a workload must not be given. */
RmqRun *rmq_run_new (RmqScenario *scenario, const RmqRunOptions *options, GError **error);
void rmq_run_free (RmqRun *run); /* nullable; what is under way is cut off */

gboolean rmq_run_is_real (RmqRun *run);
guint64 rmq_run_get_seed (RmqRun *run);
RmqScenario *rmq_run_get_scenario (RmqRun *run);
gint64 rmq_run_get_now_us (RmqRun *run);
gint64 rmq_run_get_zero_us (RmqRun *run);  /* of the world's clock at time 0 */
guint64 rmq_run_get_zero_ev (RmqRun *run); /* of the last event before time 0 */
guint64 rmq_run_get_ev (RmqRun *run);      /* number of the moment; real: in rmq_run_call() */

/* Simulated runs only: the next event. FALSE: the run is over. */
gboolean rmq_run_step (RmqRun *run);
/* The next event if it is due by at_us, or the next line that is given. FALSE: there is none. */
gboolean rmq_run_step_until (RmqRun *run, gint64 at_us);
/* Simulated: runs events up to at_us, or to the end. Real: waits until then, or for the end.
 * Never ends by itself if at_us is G_MAXINT64 and nothing ends the run. */
void rmq_run_run_until (RmqRun *run, gint64 at_us);
/* The workload is done and settled, or "stop at" was reached. The world may be driven on. */
gboolean rmq_run_is_over (RmqRun *run);

/* Executes a line of the language now. Returns what came of it, for the user to read ("done",
 * an expectation's verdict). NULL: nothing was done, diagnostics says why. (transfer full) */
char *rmq_run_execute_line (RmqRun *run, const char *line, RmqDiagnostics *diagnostics);

/* A moment that was: what it takes to have it again. */
typedef struct
{
  RmqMoment at;
  guint n_given; /* lines given until then */
} RmqRunMoment;
RmqRunMoment rmq_run_get_moment (RmqRun *run);
/* The same run once more, at its time 0, to be driven: same scenario and seed, and the lines that
 * were given to run will be given again. Simulated only; it leaves no trace in run. */
RmqRun *rmq_run_new_again (RmqRun *run);
/* Drives a simulated run to a moment, or to its end. */
void rmq_run_run_to (RmqRun *run, const RmqRunMoment *moment);
/* Lines still to come that aren't the file's are left out: another future begins. How many. */
guint rmq_run_forget_lines_to_come (RmqRun *run);

/* All tables of clients, name servers and brokers, and "truth": brokers as they are beside what
 * each client believes. (transfer full) */
RmqSnapshot *rmq_run_snapshot (RmqRun *run);

/* Its records may be read inside rmq_run_call() only while the run is real. */
RmqEventLog *rmq_run_get_log (RmqRun *run);
/* Runs func as owner of the loop, at once. */
void rmq_run_call (RmqRun *run, RmqEnvFunc func, gpointer data);

/* Judges what happened so far, or up to the end of the run; the first time it is called the
 * verdicts enter the log. (transfer full) */
RmqReport *rmq_run_judge (RmqRun *run);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqRun, rmq_run_free)

G_END_DECLS

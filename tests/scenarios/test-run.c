/* SPDX-License-Identifier: Apache-2.0 */

/* Runs: how they are driven, what may be done to one while it goes, what leaving out a line leaves
 * alone. Simulated. */

#include <string.h>

#include "rmq-mock-events.h"
#include "run-lab.h"

#define CLUSTER                                                                                    \
  "nameserver ns1\nbroker broker-a broker-b\ntopic Orders queues 4 on broker-a broker-b\n"         \
  "producer P group PG timeout 3s retries 2\n"

/* ---- prompt -------------------------------------------------------------- */

static void
assert_answer (RmqRun *run, const char *line, const char *answer)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autofree char *got = rmq_run_execute_line (run, line, diagnostics);
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  if (got == NULL || strstr (got, answer) == NULL)
    g_error ("%s: expected %s, got %s%s", line, answer, got != NULL ? got : "", errors);
}

static void
assert_refused (RmqRun *run, const char *line, const char *reason)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autofree char *got = rmq_run_execute_line (run, line, diagnostics);
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  g_assert_null (got);
  g_assert_nonnull (strstr (errors, reason));
}

static void
test_by_hand (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "P sends 200 events to Orders every 100ms as e\n");
  g_autoptr (RmqRun) run = run_lab_start (scenario, 1);
  rmq_run_run_until (run, 3050 * 1000);
  g_assert_cmpint (rmq_run_get_now_us (run), ==, 3050 * 1000);
  assert_answer (run, "expect retries = 0", "ok: 0 retries");
  assert_answer (run, "broker-a kill", "done");
  assert_answer (run, "broker-a kill", "broker-a is down already");
  rmq_run_run_until (run, 6050 * 1000);
  assert_answer (run, "expect retries > 0", "ok");
  assert_answer (run, "broker-a start", "done");
  assert_answer (run, "broker-a start", "broker-a runs already");
  assert_answer (run, "expect sends to broker-a > 0 from 4s until 6s", "failed: 0 of");
  assert_answer (run, "P sends 3 more to Orders every 10ms as x\nat 7s broker-b hang",
                 "done\ndone");
  rmq_run_run_until (run, G_MAXINT64);
  assert_answer (run, "expect result = OK where message x", "3 of 3");
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *text = rmq_report_format (report);
  g_assert_cmpuint (report->typed->len, ==, 9);
  g_assert_nonnull (strstr (text, " broker-a kill' --line 'at ev:"));
  g_assert_nonnull (strstr (text, " at 7s broker-b hang'"));
}

static void
test_after_the_end (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "P sends 200 events to Orders every 100ms as e\nat 3s broker-a kill\n"
                            "at 6s broker-a start\nexpect recovered within 9s\n");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 1);
  assert_answer (run, "broker-a kill", "done"); /* before anybody asked for the verdicts */
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  assert_answer (run, "broker-b kill", "done");
  rmq_run_step (run);
  assert_answer (run, "expect recovered within 9s", "unknown");
  g_autoptr (RmqReport) again = rmq_run_judge (run);
  g_autofree char *first = rmq_report_format (report);
  g_autofree char *second = rmq_report_format (again);
  g_assert_cmpstr (second, ==, first);
}

static void
test_refusals (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "P sends 20 events to Orders every 100ms as e\n");
  g_autoptr (RmqRun) run = run_lab_start (scenario, 1);
  rmq_run_run_until (run, 1050 * 1000);
  assert_refused (run, "broker-a kil", "did you mean \"kill\"");
  assert_refused (run, "at 1s broker-a kill", "that time is over");
  assert_refused (run, "broker broker-c", "stands in a file only");
  assert_refused (run, "broker-a kill\nnonsense", "-:2:1: error");
  assert_answer (run, "broker-a refuse", "done"); /* the kill of the refused text didn't happen */
  assert_answer (run, "broker-a refuse", "broker-a refuses already");
  assert_answer (run, "broker-a heal", "done");
  assert_answer (run, "topic Extra queues 2 on broker-a", "done");
  assert_answer (run, "P sends 4 y to Extra every 10ms as y", "done");
  rmq_run_run_until (run, G_MAXINT64);
  assert_answer (run, "expect result = OK where message y", "4 of 4");
}

/* ---- driving ------------------------------------------------------------- */

static void
test_steps (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_load ("first-send");
  g_autoptr (RmqRun) whole = run_lab_finish (scenario, 3);
  g_autoptr (RmqRun) stepped = run_lab_start (scenario, 3);
  guint64 last = rmq_run_get_ev (stepped);
  while (rmq_run_step (stepped))
    {
      g_assert_cmpuint (rmq_run_get_ev (stepped), ==, last + 1);
      last = rmq_run_get_ev (stepped);
      g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot (stepped); /* looking changes nothing */
      g_assert_nonnull (rmq_snapshot_find_table (snapshot, "truth", NULL));
    }
  g_autoptr (RmqReport) a = rmq_run_judge (whole);
  g_autoptr (RmqReport) b = rmq_run_judge (stepped);
  g_assert_cmpstr (a->hashes[0], ==, b->hashes[0]);
}

static void
test_stop_at (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (
      CLUSTER "stop at 2s\nP sends 200 events to Orders every 100ms as e\nexpect no loss\n");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 1);
  g_assert_cmpint (rmq_run_get_now_us (run) / 1000, ==, 2000);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  g_assert_cmpuint (rmq_evidence_get_workload (run->evidence, 0)->n_started, ==, 20);
}

static void
test_quit (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "P sends 200 events to Orders every 100ms as e\n");
  g_autoptr (RmqRun) run = run_lab_start (scenario, 1);
  rmq_run_run_until (run, 500 * 1000);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_false (report->complete);
  g_assert_cmpint (rmq_report_get_status (report), ==, 4);
}

static void
test_settles (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (
      CLUSTER "settle 2s\nP sends 2 x to Orders every 100ms\nat 1s for 3s broker-a refuse\n");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 1);
  const gint64 ended_ms = rmq_run_get_now_us (run) / 1000;
  g_assert_cmpint (ended_ms, >=, 4000 + 2000);
  g_assert_cmpint (ended_ms, <=, 4000 + 2000 + 2); /* timers are late */
}

static void
test_modes (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "P sends 20 x to Orders async every 10ms as a\n"
                            "P sends 20 x to Orders oneway every 10ms as w\n"
                            "P sends 20 x to Orders to queue broker-b:2 size 1KiB as q\n"
                            "P sends 2 x to not.a.topic as r\n"
                            "expect duplicates = 0\n"
                            "expect result = OK where message a\n"
                            "expect result = OK where message q\n"
                            "expect sends to broker-a = 0 where message q\n"
                            "expect result = ERROR where message r\n");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 1);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *text = rmq_report_format (report);
  g_test_message ("%s", text);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  const RmqWorkloadRecord *oneway = rmq_evidence_get_workload (run->evidence, 1);
  for (guint i = 0; i < oneway->count; i++)
    {
      g_assert_cmpint (oneway->sends[i].fate, ==, RMQ_FATE_WRITTEN);
      g_assert_cmpuint (oneway->sends[i].n_copies, ==, 1);
    }
  g_assert_nonnull (strstr (text, "I1 every accepted async send"));
}

/* ---- chance -------------------------------------------------------------- */

/* Opaques of the heartbeats or sends that the rule of a line touched. */
typedef struct
{
  const char *line;
  GArray *hits; /* of gint64: UNIQ hashes would need the wire; (connection, opaque) will do */
} Hits;

static void
take_hit (const RmqEvent *event, gpointer data)
{
  Hits *hits = data;
  if (event->kind == &rmq_event_outage_hit && g_str_equal (event->text, hits->line))
    g_array_append_val (hits->hits, event->at_us);
}

static GArray *
run_and_count (const char *text, const char *line)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (text);
  g_autoptr (RmqRun) run = run_lab_start (scenario, 5);
  Hits hits = { .line = line, .hits = g_array_new (FALSE, FALSE, sizeof (gint64)) };
  guint listener = rmq_event_log_add_listener (rmq_run_get_log (run), take_hit, &hits);
  rmq_run_run_until (run, G_MAXINT64);
  rmq_event_log_remove_listener (rmq_run_get_log (run), listener);
  return hits.hits;
}

static void
test_other_lines_draws (void)
{
  static const char kept[] = "broker-b delay 5ms 30% of send responses";
  static const char base[] =
      CLUSTER "P sends 200 x to Orders to queue broker-a:1 every 20ms as a\n"
              "P sends 200 x to Orders to queue broker-b:1 every 20ms as b\n";
  g_autofree char *one = g_strdup_printf ("%s%s\n", base, kept);
  g_autofree char *two =
      g_strdup_printf ("%sbroker-a answer SYSTEM_BUSY 40%% of send requests\n%s\n", base, kept);
  g_autoptr (GArray) alone = run_and_count (one, kept);
  g_autoptr (GArray) beside = run_and_count (two, kept);
  g_assert_cmpuint (alone->len, >, 30);
  g_assert_cmpuint (alone->len, <, 90);
  g_assert_cmpuint (alone->len, ==, beside->len);
  for (guint i = 0; i < alone->len; i++)
    {
      gint64 a = g_array_index (alone, gint64, i), b = g_array_index (beside, gint64, i);
      g_assert_cmpint (ABS (a - b), <, 20 * 1000); /* the same messages */
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/run/a-broker-is-killed-by-hand", test_by_hand);
  g_test_add_func ("/scenarios/run/what-is-typed-after-the-end-judges-nothing-anew",
                   test_after_the_end);
  g_test_add_func ("/scenarios/run/a-wrong-line-changes-nothing", test_refusals);
  g_test_add_func ("/scenarios/run/stepping-and-looking-change-nothing", test_steps);
  g_test_add_func ("/scenarios/run/stop-at-ends-it", test_stop_at);
  g_test_add_func ("/scenarios/run/quit-before-its-end-is-status-4", test_quit);
  g_test_add_func ("/scenarios/run/settles-after-the-last-outage", test_settles);
  g_test_add_func ("/scenarios/run/every-mode-of-a-workload", test_modes);
  g_test_add_func ("/scenarios/run/a-line-less-leaves-the-others-draws", test_other_lines_draws);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The journal: what was typed into a run makes the same run again, from a file and from the
 * report's command; a run can be had again up to any moment, and that leaves nothing behind. */

#include <string.h>

#include "run-lab.h"

#define CLUSTER                                                                                    \
  "nameserver ns1\nbroker broker-a broker-b\ntopic Orders queues 4 on broker-a broker-b\n"         \
  "producer P group PG timeout 3s retries 2\nP sends 100 events to Orders every 100ms as e\n"      \
  "expect no loss\n"

#define MS G_GINT64_CONSTANT (1000)
#define AGAIN_N 1000
#define RSS_GROWS_MAX_KIB 2048

static void
give (RmqRun *run, const char *line)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autofree char *answer = rmq_run_execute_line (run, line, diagnostics);
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  g_assert_cmpstr (errors, ==, "");
  g_assert_nonnull (answer);
}

/* Between events, at an event after a step, with chance, a workload, a claim. (transfer full) */
static RmqRun *
play (RmqScenario *scenario)
{
  RmqRun *run = run_lab_start (scenario, 11);
  give (run, "broker-b delay 5ms 30% of send responses");
  rmq_run_run_until (run, 1033 * MS + 7);
  give (run, "broker-a kill");
  give (run, "P sends 20 more to Orders every 50ms as x");
  for (guint i = 0; i < 5; i++)
    rmq_run_step (run);
  give (run, "expect rows in responseTable of P < 100");
  rmq_run_run_until (run, 4000 * MS);
  give (run, "broker-a start");
  give (run, "broker-b drop 20% of send responses after store\nexpect failed < 100");
  rmq_run_run_until (run, G_MAXINT64);
  return run;
}

static void
assert_same_hashes (const RmqReport *report, const RmqReport *other)
{
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    g_assert_cmpstr (report->hashes[i], ==, other->hashes[i]);
  g_assert_cmpuint (report->n_events, ==, other->n_events);
}

static char *
join_typed (const RmqReport *report)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < report->typed->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (report->typed, i));
  return g_string_free (text, FALSE);
}

static void
test_same_from_a_file (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = play (scenario);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *typed = join_typed (report);
  g_assert_cmpuint (report->typed->len, ==, 7);
  g_autofree char *text = g_strconcat (CLUSTER, typed, NULL);
  g_autoptr (RmqScenario) journal = run_lab_read (text);
  g_autoptr (RmqRun) again = run_lab_finish (journal, 11);
  g_autoptr (RmqReport) other = rmq_run_judge (again);
  assert_same_hashes (report, other);
  g_assert_cmpuint (other->typed->len, ==, 0); /* they are the file's now */
}

/* Typing into a run that is one again already. */
static void
test_typed_into_a_replay (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER "at ev:900 broker-a kill\n");
  g_autoptr (RmqRun) run = run_lab_start (scenario, 3);
  rmq_run_run_until (run, 300 * MS);
  g_assert_cmpuint (rmq_run_get_ev (run), <, 900);
  give (run, "broker-b delay 2ms send responses");
  rmq_run_run_until (run, G_MAXINT64);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *typed = join_typed (report);
  g_autofree char *text = g_strconcat (CLUSTER "at ev:900 broker-a kill\n", typed, NULL);
  g_autoptr (RmqScenario) journal = run_lab_read (text);
  g_autoptr (RmqRun) again = run_lab_finish (journal, 3);
  g_autoptr (RmqReport) other = rmq_run_judge (again);
  assert_same_hashes (report, other);
}

static void
test_command (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = run_lab_start (scenario, 11);
  rmq_run_run_until (run, 1033 * MS + 7);
  give (run, "broker-b answer SYSTEM_BUSY \"it's busy\" next 1 send requests");
  rmq_run_run_until (run, G_MAXINT64);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *replay = rmq_report_make_replay (report);
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_shell_parse_argv (replay, NULL, &words, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (words), ==, 7);
  g_assert_cmpstr (words[5], ==, "--line");
  g_assert_cmpstr (words[6], ==, (char *)g_ptr_array_index (report->typed, 0));
  g_assert_true (g_str_has_prefix (words[6], "at ev:"));
}

static void
test_never_given (void)
{
  g_autoptr (RmqScenario) scenario =
      run_lab_read (CLUSTER "at ev:1 broker-b refuse\nat ev:999999999 broker-a kill\n");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 1);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_autofree char *text = rmq_report_format (report);
  g_assert_nonnull (strstr (text, "\"broker-b refuse\" was to be given at ev:1, which was over"));
  g_assert_nonnull (strstr (text, "\"at ev:999999999 broker-a kill\" was never given"));
}

static void
test_not_over_tcp (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER "at ev:900 broker-a kill\n");
  g_autoptr (GError) error = NULL;
  RmqRun *run = rmq_run_new (scenario, &(RmqRunOptions){ .real = TRUE }, &error);
  g_assert_null (run);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "simulated"));
}

/* ---- once more ----------------------------------------------------------- */

typedef struct
{
  RmqRunMoment moment;
  char *tables;
} Seen;

static void
forget_seen (gpointer data)
{
  g_free (((Seen *)data)->tables);
}

static void
see (RmqRun *run, GArray *seen)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot (run);
  Seen one = { rmq_run_get_moment (run), rmq_snapshot_to_json (snapshot, NULL) };
  g_array_append_val (seen, one);
}

static void
test_every_moment (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = run_lab_start (scenario, 11);
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (Seen));
  g_array_set_clear_func (seen, forget_seen);
  static const char *const lines[] = { "broker-a kill", "P sends 5 more to Orders as x",
                                       "broker-a start", "broker-b hang", "broker-b heal" };
  for (guint i = 0; i < 30 && rmq_run_step (run); i++)
    {
      see (run, seen);
      if (i % 6 == 3)
        {
          give (run, lines[i / 6]);
          see (run, seen); /* the same event, a line later */
        }
      for (guint skip = 0; skip < 17; skip++)
        rmq_run_step (run);
    }
  g_assert_cmpuint (seen->len, ==, 35);
  for (guint i = 0; i < seen->len; i++)
    {
      const Seen *one = &g_array_index (seen, Seen, i);
      g_autoptr (RmqRun) again = rmq_run_new_again (run);
      rmq_run_run_to (again, &one->moment);
      g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot (again);
      g_autofree char *tables = rmq_snapshot_to_json (snapshot, NULL);
      g_assert_cmpstr (tables, ==, one->tables);
    }
}

static void
test_whole_again (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = play (scenario);
  g_autoptr (RmqReport) report G_GNUC_UNUSED = rmq_run_judge (run);
  give (run, "broker-b kill"); /* beyond the end, with the verdicts in the log */
  rmq_run_step (run);
  rmq_run_step (run);
  const RmqRunMoment moment = rmq_run_get_moment (run);
  g_autoptr (RmqRun) again = rmq_run_new_again (run);
  rmq_run_run_to (again, &moment);
  g_autofree char *hash = rmq_event_log_get_hash (rmq_run_get_log (run), RMQ_HASH_NONE);
  g_autofree char *other = rmq_event_log_get_hash (rmq_run_get_log (again), RMQ_HASH_NONE);
  g_assert_cmpstr (hash, ==, other);
}

static void
test_another_future (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = run_lab_start (scenario, 11);
  rmq_run_run_until (run, 1000 * MS);
  const RmqRunMoment moment = rmq_run_get_moment (run);
  rmq_run_run_until (run, 2000 * MS);
  give (run, "broker-a kill");
  rmq_run_run_until (run, G_MAXINT64);
  g_autoptr (RmqRun) again = rmq_run_new_again (run);
  rmq_run_run_to (again, &moment);
  g_assert_cmpuint (rmq_run_forget_lines_to_come (again), ==, 1);
  rmq_run_run_until (again, G_MAXINT64);
  g_autoptr (RmqScenario) fresh = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) untouched = run_lab_finish (fresh, 11);
  g_autoptr (RmqReport) report = rmq_run_judge (again);
  g_autoptr (RmqReport) other = rmq_run_judge (untouched);
  assert_same_hashes (report, other);
}

static gint64
read_rss_kib (void)
{
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  const char *line = strstr (text, "VmRSS:");
  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("VmRSS:"), NULL, 10);
}

static void
test_flat (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_read (CLUSTER);
  g_autoptr (RmqRun) run = run_lab_start (scenario, 11);
  rmq_run_run_until (run, 1000 * MS);
  give (run, "broker-a kill");
  rmq_run_run_until (run, 1500 * MS);
  const RmqRunMoment moment = rmq_run_get_moment (run);
  gint64 before = 0;
  for (guint i = 0; i < AGAIN_N + AGAIN_N / 10; i++)
    {
      if (i == AGAIN_N / 10)
        before = read_rss_kib ();
      g_autoptr (RmqRun) again = rmq_run_new_again (run);
      rmq_run_run_to (again, &moment);
      g_assert_cmpuint (rmq_run_get_ev (again), ==, moment.at.ev);
    }
  g_assert_cmpint (read_rss_kib () - before, <, RSS_GROWS_MAX_KIB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/scenarios/journal/" path, func)
  ADD ("what-was-typed-makes-the-same-run-from-a-file", test_same_from_a_file);
  ADD ("what-is-typed-into-a-replay-stands-among-its-lines", test_typed_into_a_replay);
  ADD ("the-replay-command-holds-the-lines", test_command);
  ADD ("a-moment-that-never-came-is-told", test_never_given);
  ADD ("moments-are-of-simulated-runs", test_not_over_tcp);
  ADD ("every-moment-can-be-had-again", test_every_moment);
  ADD ("beyond-the-end-too", test_whole_again);
  ADD ("lines-to-come-can-be-left-out", test_another_future);
  ADD ("a-thousand-runs-again-leave-memory-flat", test_flat);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The shipped scenarios, simulated: their verdicts, their figures, their hashes. The figures are
 * those of Apache's own 4.9.7 client in the same story. */

#include <string.h>

#include "rmq-producer-events.h"
#include "run-lab.h"

#define SEEDS 20

static void
test_passes (gconstpointer name)
{
  for (guint64 seed = 1; seed <= SEEDS; seed++)
    {
      g_autoptr (RmqReport) report = run_lab_judge_named (name, seed);
      g_autofree char *text = rmq_report_format (report);
      if (rmq_report_get_status (report) != 0)
        g_error ("seed %" G_GUINT64_FORMAT ": %s", seed, text);
    }
}

static void
test_hashes (gconstpointer name)
{
  g_autoptr (RmqReport) first = run_lab_judge_named (name, 7);
  g_autoptr (RmqReport) again = run_lab_judge_named (name, 7);
  g_autoptr (RmqReport) other = run_lab_judge_named (name, 8);
  for (guint i = 0; i < G_N_ELEMENTS (first->hashes); i++)
    {
      g_assert_cmpuint (strlen (first->hashes[i]), ==, 32);
      g_assert_cmpstr (first->hashes[i], ==, again->hashes[i]);
    }
  g_assert_cmpuint (first->n_events, ==, again->n_events);
  g_assert_cmpstr (first->hashes[0], !=, other->hashes[0]);
}

/* ---- broker-a-dies ------------------------------------------------------- */

static void
assert_between (gint64 value, gint64 low, gint64 high)
{
  g_assert_cmpint (value, >=, low);
  g_assert_cmpint (value, <=, high);
}

static gint64
since_zero_ms (const RmqEvidence *evidence, gint64 at_us)
{
  return (at_us - evidence->zero_us) / 1000;
}

static void
check_round_robin (const RmqEvidence *evidence)
{
  const RmqWorkloadRecord *e = rmq_evidence_get_workload (evidence, 0);
  guint n_retried = 0;
  for (guint i = 0; i < e->count; i++)
    {
      const RmqSendRecord *send = &e->sends[i];
      g_assert_cmpint (send->fate, ==, RMQ_FATE_STORED);
      g_assert_cmpuint (send->n_copies, ==, 1);
      g_assert_cmpuint (send->n_attempts, <=, 2);
      if (send->n_attempts < 2)
        continue;
      n_retried++;
      assert_between (since_zero_ms (evidence, send->start_us), 5050, 30100);
    }
  assert_between (n_retried, 61, 64);
}

static void
check_ordered (const RmqEvidence *evidence)
{
  const RmqWorkloadRecord *o = rmq_evidence_get_workload (evidence, 1);
  guint n_errors = 0;
  for (guint i = 0; i < o->count; i++)
    {
      const RmqSendRecord *send = &o->sends[i];
      g_assert_cmpuint (send->n_attempts, ==, 1);
      if (send->fate == RMQ_FATE_STORED)
        continue;
      n_errors++;
      g_assert_cmpint (send->fate, ==, RMQ_FATE_ERROR);
      g_assert_cmpuint (send->n_copies, ==, 0);
      g_assert_cmpint (send->domain, ==, RMQ_EVENT_DOMAIN_REMOTING);
      g_assert_false (send->unknown);
      assert_between (since_zero_ms (evidence, send->start_us), 5050, 30100);
    }
  assert_between (n_errors, 124, 127);
}

static void
check_pictures (const RmqEvidence *evidence)
{
  static const struct
  {
    gint64 queues, from_ms, until_ms;
  } expected[] = { { 8, 0, 100 }, { 4, 30000, 30100 }, { 8, 60000, 60200 } };
  guint n = 0;
  for (guint i = 0; i < evidence->pictures->len; i++)
    {
      const RmqPictureRecord *picture = &g_array_index (evidence->pictures, RmqPictureRecord, i);
      if (!g_str_equal (picture->topic, "Orders"))
        continue;
      g_assert_cmpuint (n, <, G_N_ELEMENTS (expected));
      g_assert_cmpint (picture->queues, ==, expected[n].queues);
      assert_between (since_zero_ms (evidence, picture->at_us), expected[n].from_ms,
                      expected[n].until_ms);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (expected));
}

/* Keys 4-7 stay where they are, keys 0-3 go from a to b and back. */
static void
check_keys (const RmqEvidence *evidence)
{
  for (guint i = 0; i < evidence->copies->len; i++)
    {
      const RmqCopyRecord *copy = &g_array_index (evidence->copies, RmqCopyRecord, i);
      if (copy->send->key < 0)
        continue;
      const gint64 at_ms = since_zero_ms (evidence, copy->send->start_us);
      gboolean narrow = at_ms >= 30050 && at_ms < 60050;
      g_assert_cmpint (copy->queue_id, ==, copy->send->key % 4);
      if (copy->send->key >= 4 || narrow)
        g_assert_cmpstr (copy->broker, ==, "broker-b");
      else
        g_assert_cmpstr (copy->broker, ==, "broker-a");
    }
}

static void
test_figures (void)
{
  for (guint64 seed = 1; seed <= SEEDS; seed++)
    {
      g_autoptr (RmqScenario) scenario = run_lab_load ("broker-a-dies");
      g_autoptr (RmqRun) run = run_lab_finish (scenario, seed);
      check_round_robin (run->evidence);
      check_ordered (run->evidence);
      check_pictures (run->evidence);
      check_keys (run->evidence);
    }
}

/* The shipped file without its line that contains word. */
static RmqScenario *
load_without (const char *name, const char *word)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.scn", RMQLAB_TEST_SCENARIOS, name);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) rest = g_string_new (NULL);
  guint n_left_out = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], word) != NULL)
      n_left_out++;
    else
      g_string_append_printf (rest, "%s\n", lines[i]);
  g_assert_cmpuint (n_left_out, ==, 1);
  return run_lab_read (rest->str);
}

static void
test_without_kill (void)
{
  g_autoptr (RmqScenario) scenario = load_without ("broker-a-dies", " kill");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 42);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_cmpint (rmq_report_get_status (report), ==, 1);
}

/* ---- stored-but-answer-lost ---------------------------------------------- */

static const RmqSendRecord *
find_by_copies (const RmqEvidence *evidence, guint workload, RmqFate fate, guint n_copies)
{
  const RmqWorkloadRecord *record = rmq_evidence_get_workload (evidence, workload);
  for (guint i = 0; i < record->count; i++)
    if (record->sends[i].fate == fate && record->sends[i].n_copies == n_copies)
      return &record->sends[i];
  g_assert_not_reached ();
}

static void
test_answer_lost (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_load ("stored-but-answer-lost");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 42);
  const RmqSendRecord *dropped = find_by_copies (run->evidence, 0, RMQ_FATE_ERROR, 1);
  g_assert_true (dropped->unknown);
  g_assert_cmpuint (dropped->n_attempts, ==, 1);
  assert_between (dropped->end_us - dropped->start_us, 3000 * 1000, 3010 * 1000);
  const RmqSendRecord *reset = find_by_copies (run->evidence, 1, RMQ_FATE_STORED, 2);
  g_assert_cmpuint (reset->n_attempts, ==, 2);
  assert_between (reset->end_us - reset->start_us, 0, 45 * 1000);
  g_assert_cmpstr (reset->first_try, ==, "broker-a");
  g_assert_cmpstr (reset->text, ==, "broker-b");
  g_assert_cmpuint (reset->uniq_changed_ev, ==, 0);
}

static void
test_without_reset (void)
{
  g_autoptr (RmqScenario) scenario = load_without ("stored-but-answer-lost", " reset next");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 42);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_cmpint (rmq_report_get_status (report), ==, 1);
}

/* ---- slave-lags ---------------------------------------------------------- */

/* An answer that waits for a copy in vain waits for slaveTimeout, no other that long. */
static void
test_slave_lags (void)
{
  g_autoptr (RmqScenario) scenario = run_lab_load ("slave-lags");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 42);
  const RmqWorkloadRecord *o = rmq_evidence_get_workload (run->evidence, 0);
  for (guint i = 0; i < o->count; i++)
    {
      const RmqSendRecord *send = &o->sends[i];
      gboolean is_late = send->status == RMQ_SEND_FLUSH_SLAVE_TIMEOUT;
      g_assert_cmpuint (send->n_copies, ==, 1); /* a slave's copy counts nowhere */
      assert_between (send->end_us - send->start_us, is_late ? 300000 : 0,
                      is_late ? 310000 : 300000);
    }
  const RmqClusterServer *master = rmq_mock_cluster_find (run->cluster, "broker-a");
  const RmqClusterServer *slave = rmq_mock_cluster_find (run->cluster, "broker-a:1");
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (master->broker), ==, o->count);
  g_assert_cmpuint (rmq_mock_broker_get_n_messages (slave->broker), ==, o->count);
}

static void
test_without_pause (void)
{
  g_autoptr (RmqScenario) scenario = load_without ("slave-lags", " pause");
  g_autoptr (RmqRun) run = run_lab_finish (scenario, 42);
  g_autoptr (RmqReport) report = rmq_run_judge (run);
  g_assert_cmpint (rmq_report_get_status (report), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_auto (GStrv) names = rmq_scenario_list_shipped ();
  g_assert_cmpuint (g_strv_length (names), >=, 6);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *passes = g_strdup_printf ("/scenarios/shipped/4.9/%s/passes", names[i]);
      g_autofree char *hashes = g_strdup_printf ("/scenarios/shipped/%s/has-one-hash", names[i]);
      g_test_add_data_func (passes, names[i], test_passes);
      g_test_add_data_func (hashes, names[i], test_hashes);
    }
  g_test_add_func ("/scenarios/shipped/4.9/broker-a-dies/as-measured", test_figures);
  g_test_add_func ("/scenarios/shipped/broker-a-dies/fails-without-its-kill", test_without_kill);
  g_test_add_func ("/scenarios/shipped/4.9/stored-but-answer-lost/as-measured", test_answer_lost);
  g_test_add_func ("/scenarios/shipped/stored-but-answer-lost/fails-without-its-reset",
                   test_without_reset);
  g_test_add_func ("/scenarios/shipped/4.9/slave-lags/as-told", test_slave_lags);
  g_test_add_func ("/scenarios/shipped/slave-lags/fails-without-its-pause", test_without_pause);
  return g_test_run ();
}

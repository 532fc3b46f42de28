/* SPDX-License-Identifier: Apache-2.0 */

/* Invariants of a run as a user meets them: a run whose tables are looked at is the same run, a
 * breach names itself, the event and the rows and fails the run. Which table breaks which is told
 * in tests/producer/test-table-watch.c. */

#include <string.h>

#include "rmq-producer-impl.h"
#include "run-lab.h"

#define STORY                                                                                      \
  "nameserver ns1\nbroker broker-a broker-b\ntopic Orders queues 4 on broker-a broker-b\n"         \
  "producer P group PG timeout 3s retries 2\nP sends 40 events to Orders every 50ms as e\n"        \
  "at 500ms broker-a kill\nexpect duplicates = 0\n"

static RmqRun *
start (gboolean watch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqScenario) scenario = run_lab_read (STORY);
  const RmqRunOptions options = { .has_seed = TRUE, .seed = 5, .watch_tables = watch };
  RmqRun *run = rmq_run_new (scenario, &options, &error);
  g_assert_no_error (error);
  return run;
}

static RmqReport *
finish (RmqRun *run)
{
  rmq_run_run_until (run, G_MAXINT64);
  return rmq_run_judge (run);
}

/* (nullable): it was not broken */
static const RmqFinding *
find_breach (const RmqReport *report, const char *id)
{
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (finding->verdict == RMQ_VERDICT_FAILED && g_str_has_prefix (finding->claim, id))
        return finding;
    }
  return NULL;
}

static void
a_run_is_the_same_when_looked_at (void)
{
  g_autoptr (RmqRun) seen = start (TRUE);
  g_autoptr (RmqRun) unseen = start (FALSE);
  g_autoptr (RmqReport) report = finish (seen);
  g_autoptr (RmqReport) other = finish (unseen);
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    g_assert_cmpstr (report->hashes[i], ==, other->hashes[i]);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  g_autofree char *text = rmq_report_format (report);
  const char *note = strstr (text, "note: tables were looked at after each of ");
  g_assert_nonnull (note);
  const char *beside = strstr (note, "beside ");
  g_assert_nonnull (beside);
  g_assert_cmpuint (g_ascii_strtoull (beside + strlen ("beside "), NULL, 10), >, 2);
}

/* A hand in the tables of the running client. */
static void
meddle (RmqRun *run)
{
  RmqProducer *producer = rmq_run_find_producer (run, "P")->producer;
  RmqTopicPublishInfo *info = rmq_producer_find_publish_info (producer, "Orders");
  const RmqPublishQueue first = g_array_index (info->queues, RmqPublishQueue, 0);
  g_array_index (info->queues, RmqPublishQueue, 0) =
      g_array_index (info->queues, RmqPublishQueue, 1);
  g_array_index (info->queues, RmqPublishQueue, 1) = first;
}

static void
a_breach_names_itself_the_event_and_the_rows (void)
{
  g_autoptr (RmqRun) run = start (TRUE);
  rmq_run_run_until (run, 250 * 1000);
  const guint64 ev = rmq_run_get_ev (run);
  meddle (run);
  g_autoptr (RmqReport) report = finish (run);
  const RmqFinding *breach = find_breach (report, "I9 ");
  g_assert_nonnull (breach);
  g_assert_cmpuint (breach->ev, ==, ev + 1);
  g_assert_true (g_str_has_prefix (breach->evidence, "after "));
  g_assert_nonnull (strstr (breach->evidence, "messageQueues: broker-a:1 broker-a:0 broker-a:2"));
  g_assert_cmpint (rmq_report_get_status (report), ==, 1);
}

/* ---- I11 ------------------------------------------------------------------- */

static void
ignore_link (RmqLink *link, RmqLinkEvent event, gpointer data)
{
}

static void
leave_a_link (gpointer data)
{
  RmqEnv *env = data;
  rmq_env_connect (env, "10.0.0.1:9876", G_USEC_PER_SEC, ignore_link, NULL);
}

static void
a_closed_producer_leaves_nothing (void)
{
  if (g_test_subprocess ())
    {
      RmqRun *run = start (TRUE);
      rmq_report_unref (finish (run));
      rmq_run_call (run, leave_a_link, rmq_run_find_producer (run, "P")->env);
      rmq_run_free (run);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*I11 *host P still has 1 link*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/scenarios/invariant/" path, func)
  ADD ("a-run-is-the-same-when-looked-at", a_run_is_the_same_when_looked_at);
  ADD ("a-breach-names-itself-the-event-and-the-rows",
       a_breach_names_itself_the_event_and_the_rows);
  ADD ("I11-a-closed-producer-leaves-nothing", a_closed_producer_leaves_nothing);
  return g_test_run ();
}

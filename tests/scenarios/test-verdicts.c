/* SPDX-License-Identifier: Apache-2.0 */

/* Every form of expectation on logs written by hand: ok, failed, unknown. */

#include "verdict-lab.h"

#include "rmq-codes-private.h"
#include "rmq-mock-events.h"
#include "rmq-producer-events.h"
#include "rmq-wire-events.h"

#define OK RMQ_VERDICT_OK
#define FAILED RMQ_VERDICT_FAILED
#define UNKNOWN RMQ_VERDICT_UNKNOWN

static void
test_no_loss (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect no loss", UNKNOWN, "no such send");
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  lab_expect (lab, "expect no loss", OK, "1 sends, 1 stored, 0 failed");
  guint64 lost = lab_tag (lab, WORKLOAD_E, 2);
  lab_begin (lab, lost);
  lab_attempt (lab, lost, 'a', 1, TRUE);
  lab_ok (lab, lost, 'a', 1, 7);
  lab_expect (lab, "expect no loss", FAILED, "1 lost; first e2");
  lab_expect (lab, "expect no loss where message e1", OK, NULL);
  lab_expect (lab, "expect-fail no loss", OK, NULL);
  lab_expect (lab, "note no loss", RMQ_VERDICT_NOTED, "1 lost");
}

static void
test_duplicates (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect duplicates = 0", UNKNOWN, NULL);
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_send (lab, tag, 'a', 0);
  lab_expect (lab, "expect duplicates = 0", OK, NULL);
  lab_store (lab, tag, 'b', 0, 3);
  lab_store (lab, tag, 'b', 1, 4);
  lab_expect (lab, "expect duplicates = 0", FAILED, "2 duplicates, 1 sends; first e1");
  lab_expect (lab, "expect duplicates in 1..2", OK, NULL);
}

static void
test_ghosts (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect ghosts = 0", UNKNOWN, NULL);
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 0, TRUE);
  lab_error (lab, tag, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  lab_expect (lab, "expect ghosts = 0", OK, NULL);
  lab_store (lab, tag, 'a', 0, 3); /* a late copy counts too */
  lab_expect (lab, "expect ghosts = 0", FAILED, "first e1");
  lab_expect (lab, "expect failed = 0", OK, NULL); /* the outcome is unknown, not failed */
}

static void
test_result (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect result = OK", UNKNOWN, NULL);
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  lab_expect (lab, "expect result = OK", OK, "1 of 1");
  lab_expect (lab, "expect result = FLUSH_DISK_TIMEOUT", FAILED, NULL);
  lab_at (lab, 2000);
  guint64 busy = lab_tag (lab, WORKLOAD_E, 2), slow = lab_tag (lab, WORKLOAD_E, 3);
  lab_begin (lab, busy);
  lab_error (lab, busy, RMQ_EVENT_DOMAIN_BROKER, 2, FALSE);
  lab_begin (lab, slow);
  lab_error (lab, slow, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  lab_expect (lab, "expect result = OK", FAILED, "1 of 3 sends; first other e2: it went wrong");
  lab_expect (lab, "expect result = OK from 0s until 2s", OK, NULL);
  lab_expect (lab, "expect result = ERROR(SYSTEM_BUSY) where message e2", OK, NULL);
  lab_expect (lab, "expect result = ERROR(2) where message e2", OK, NULL);
  lab_expect (lab, "expect result = ERROR(2) where message e3", FAILED, NULL);
  lab_expect (lab, "expect result = ERROR(TIMEOUT) where message e3", OK, NULL);
  lab_at (lab, 3000);
  lab_expect (lab, "expect result = ERROR from 2s until 3s", OK, NULL);
  lab_expect (lab, "expect failed = 1", OK, "1 failed, 3 sends");
}

static void
test_windows (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  lab_expect (lab, "expect failed = 0 from 3s until 3s", UNKNOWN, "the window is empty");
  lab_expect (lab, "expect failed = 0 from 3s until 4s", UNKNOWN, "did not come that far");
  lab_expect (lab, "expect failed = 0 from 0s until 1s", UNKNOWN, "no such send");
  lab_expect (lab, "expect failed = 0 from 1s until 2s", UNKNOWN, "did not come that far");
  lab_at (lab, 2000);
  lab_expect (lab, "expect failed = 0 from 1s until 2s", OK, NULL);
}

static void
test_conditions (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  lab_send (lab, lab_tag (lab, WORKLOAD_O, 5), 'b', 1); /* key 1 */
  lab_expect (lab, "expect result = OK where key 1", OK, "1 of 1");
  lab_expect (lab, "expect result = OK where key 2", UNKNOWN, NULL);
  lab_expect (lab, "expect result = OK where message o5 key 1 by P of Orders first try broker-b",
              OK, "1 of 1");
  lab_expect (lab, "expect result = OK where first try broker-a", OK, "1 of 1");
  lab_expect (lab, "expect result = OK where message a", UNKNOWN, NULL);
  lab_expect (lab, "expect result = OK where of Other", UNKNOWN, NULL);
}

static void
test_order (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect order per key in Orders", UNKNOWN, "no message with a key");
  guint64 first = lab_tag (lab, WORKLOAD_O, 1);
  lab_begin (lab, first);
  lab_attempt (lab, first, 'a', 1, TRUE);
  lab_send (lab, lab_tag (lab, WORKLOAD_O, 2), 'a', 2);
  lab_expect (lab, "expect order per key in Orders", OK, "1 messages with a key");
  lab_expect (lab, "expect order per key in Orders as consumed", UNKNOWN, "nothing was consumed");
  lab_send (lab, lab_tag (lab, WORKLOAD_O, 5), 'a', 1);
  lab_at (lab, 1250);
  lab_store (lab, first, 'a', 1, 9);
  lab_expect (lab, "expect order per key in Orders", FAILED,
              "o1 (key 1) stored at 1.250s in broker-a:1 after o5");
  lab_expect (lab, "expect order per key in Orders where key 2", OK, NULL);
}

static void
test_traffic (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect sends to broker-a = 0", UNKNOWN, "nobody sent anything");
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 0, FALSE);
  lab_attempt (lab, tag, 'b', 0, TRUE);
  lab_store (lab, tag, 'b', 0, 1);
  lab_ok (lab, tag, 'b', 0, 1);
  lab_expect (lab, "expect sends to broker-a = 0", OK, "0 of 2 attempts");
  lab_expect (lab, "expect attempts to broker-a = 0", FAILED, "1 of 2 attempts");
  lab_expect (lab, "expect attempts to broker-b = 1", OK, NULL);
  lab_expect (lab, "expect retries = 1", OK, NULL);
  lab_expect (lab, "expect retries = 0", FAILED, "first e1");
  lab_at (lab, 9000);
  lab_expect (lab, "expect sends to broker-a = 0 from 2s until 3s", UNKNOWN, NULL);
}

/* Sends to both brokers (or one) twice a second. */
static void
send_for (VerdictLab *lab, gint64 from_ms, gint64 until_ms, guint *number, gboolean both)
{
  for (gint64 at = from_ms; at < until_ms; at += 1000, (*number)++)
    {
      lab_at (lab, at);
      lab_send (lab, lab_tag (lab, WORKLOAD_E, *number), both && *number % 2 == 0 ? 'a' : 'b', 0);
    }
}

static void
test_recovered (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint number = 1;
  lab_at (lab, 500);
  lab_expect (lab, "expect recovered within 3s", UNKNOWN, "there was no outage that ended");
  LAB_EMIT (lab, lab->broker_a, &rmq_event_outage_on, "broker-a kill", 0);
  lab_expect (lab, "expect recovered within 3s", UNKNOWN, "no outage that ended");
  lab_at (lab, 1000);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_outage_off, "broker-a kill", 0);
  send_for (lab, 1000, 4000, &number, FALSE);
  lab_expect (lab, "expect recovered within 3s", UNKNOWN, "before that could be seen");
  send_for (lab, 4000, 11000, &number, TRUE);
  lab_expect (lab, "expect recovered within 3s", OK, "after 0.");
}

static void
test_not_recovered (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint number = 1;
  lab_at (lab, 1000);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_outage_on, "broker-a kill", 0);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_outage_off, "broker-a kill", 0);
  send_for (lab, 1000, 11000, &number, FALSE);
  lab_expect (lab, "expect recovered within 3s", FAILED, "not within that time");
}

static void
test_tables (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 1000);
  lab_expect (lab, "expect queues of Orders in P = 8", UNKNOWN, "has no queues");
  LAB_EMIT (lab, lab->producer, &rmq_event_route, "Orders", 8, 2, 0);
  lab_at (lab, 5000);
  LAB_EMIT (lab, lab->producer, &rmq_event_route, "Orders", 4, 1, 0);
  lab_at (lab, 9000);
  lab_expect (lab, "expect queues of Orders in P = 8 at 3s", OK, NULL);
  lab_expect (lab, "expect queues of Orders in P = 8 at 6s", FAILED, "4 queues");
  lab_expect (lab, "expect queues of Orders in P = 4", OK, NULL);
  lab_expect (lab, "expect queues of Orders in P = 8 from 2s until 4s", OK, NULL);
  lab_expect (lab, "expect queues of Orders in P = 8 from 2s until 6s", FAILED, NULL);
  lab_expect (lab, "expect rows in channelTables of P = 2", UNKNOWN, "no table channelTables");
  /* the line is the 8th statement */
  LAB_EMIT (lab, lab->producer, &rmq_event_probe, "channelTables P", 8, 2);
  lab_expect (lab, "expect rows in channelTables of P = 2", OK, NULL);
  lab_expect (lab, "expect rows in channelTables of P > 2", FAILED, "2 rows");
}

/* ---- invariants ---------------------------------------------------------- */

static void
test_callbacks (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_A, 1);
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  g_assert_cmpint (lab_judge_invariant (lab, "I1"), ==, RMQ_N_VERDICTS);
  lab_send (lab, tag, 'a', 0);
  g_assert_cmpint (lab_judge_invariant (lab, "I1"), ==, FAILED);
  LAB_EMIT (lab, lab->producer, &rmq_event_callback, "callback-1", (gint64)tag, 1, 0);
  g_assert_cmpint (lab_judge_invariant (lab, "I1"), ==, OK);
  LAB_EMIT (lab, lab->producer, &rmq_event_callback, "callback-1", (gint64)tag, 1, 0);
  g_assert_cmpint (lab_judge_invariant (lab, "I1"), ==, FAILED);
}

static void
test_opaques (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  LAB_EMIT (lab, lab->producer, &rmq_event_frame_out, "x", 1, 310, 5, 0, 100);
  LAB_EMIT (lab, lab->producer, &rmq_event_frame_in, "x", 1, 0, 5, 1, 100);
  LAB_EMIT (lab, lab->producer, &rmq_event_frame_out, "x", 1, 310, 5, 0, 100);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_frame_out, "x", 1, 103, 5, 0, 100); /* another host */
  g_assert_cmpint (lab_judge_invariant (lab, "I2"), ==, OK);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_server_up, "broker-a", 1);
  LAB_EMIT (lab, lab->broker_a, &rmq_event_frame_out, "x", 2, 103, 5, 0, 100); /* a new process */
  g_assert_cmpint (lab_judge_invariant (lab, "I2"), ==, OK);
  LAB_EMIT (lab, lab->producer, &rmq_event_frame_out, "x", 1, 310, 5, 0, 100);
  g_assert_cmpint (lab_judge_invariant (lab, "I2"), ==, FAILED);
}

static void
test_own_answer (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  LAB_EMIT (lab, lab->producer, &rmq_event_frame_out, "x", 1, 310, 5, 0, 100);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 0, TRUE);
  lab_store (lab, tag, 'a', 0, 3);
  lab_ok (lab, tag, 'a', 0, 4); /* somebody else's offset */
  g_assert_cmpint (lab_judge_invariant (lab, "I2"), ==, FAILED);
}

static void
test_response_table (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_send (lab, lab_tag (lab, WORKLOAD_E, 1), 'a', 0);
  lab_at (lab, 1000);
  LAB_EMIT (lab, lab->producer, &rmq_event_probe, "responseTable P", 0, 1); /* too early */
  g_assert_cmpint (lab_judge_invariant (lab, "I3"), ==, RMQ_N_VERDICTS);
  lab_at (lab, 5000);
  LAB_EMIT (lab, lab->producer, &rmq_event_probe, "responseTable P", 0, 0);
  g_assert_cmpint (lab_judge_invariant (lab, "I3"), ==, OK);
  LAB_EMIT (lab, lab->producer, &rmq_event_probe, "responseTable P", 0, 1);
  g_assert_cmpint (lab_judge_invariant (lab, "I3"), ==, FAILED);
}

static guint64
get_changing_uniq (guint64 tag, gpointer data)
{
  return ++*(guint64 *)data;
}

/* Connection, code, opaque, flag, sequence. */
static void
ask (VerdictLab *lab, const char *server, gint code)
{
  LAB_EMIT (lab, lab->broker_a, &rmq_event_request, server, 1, code, 1, 0, 1);
}

static void
test_strays (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  g_assert_cmpint (lab_judge_invariant (lab, "I4"), ==, RMQ_N_VERDICTS);
  ask (lab, "ns1", RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC);
  ask (lab, "broker-a", RMQ_REQUEST_SEND_MESSAGE_V2);
  g_assert_cmpint (lab_judge_invariant (lab, "I4"), ==, OK);
  ask (lab, "ns1", RMQ_REQUEST_SEND_MESSAGE_V2);
  g_assert_cmpint (lab_judge_invariant (lab, "I4"), ==, FAILED);
}

/* The quirk null-address excuses sends, nothing else. */
static void
test_sends_may_stray (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab->evidence->sends_stray = TRUE;
  ask (lab, "ns1", RMQ_REQUEST_SEND_MESSAGE_V2);
  g_assert_cmpint (lab_judge_invariant (lab, "I4"), ==, OK);
  ask (lab, "ns1", RMQ_REQUEST_HEART_BEAT);
  g_assert_cmpint (lab_judge_invariant (lab, "I4"), ==, FAILED);
}

static void
test_uniq_key (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1), next = 0;
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 0, TRUE);
  lab_attempt (lab, tag, 'b', 0, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I5"), ==, OK);
  lab->evidence->get_uniq = get_changing_uniq;
  lab->evidence->get_uniq_data = &next;
  lab_attempt (lab, tag, 'a', 1, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I5"), ==, FAILED);
}

static void
test_one_queue (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_O, 1);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 1, TRUE);
  lab_attempt (lab, tag, 'a', 1, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I6"), ==, OK);
  lab_attempt (lab, tag, 'b', 1, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I6"), ==, FAILED);
}

static void
test_budget (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 1, TRUE);
  lab_at (lab, 3000);
  lab_error (lab, tag, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I8"), ==, OK);
  tag = lab_tag (lab, WORKLOAD_E, 2);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 1, TRUE);
  lab_at (lab, 8000);
  lab_error (lab, tag, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I8"), ==, FAILED);
}

static void
test_no_budget (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_send (lab, tag, 'a', 0);
  LAB_EMIT (lab, lab->producer, &rmq_event_attempt, "broker-a", (gint64)tag, 2, 0, -999);
  g_assert_cmpint (lab_judge_invariant (lab, "I8"), ==, OK); /* the edge that 4.9 has */
  LAB_EMIT (lab, lab->producer, &rmq_event_attempt, "broker-a", (gint64)tag, 2, 0, -1000);
  g_assert_cmpint (lab_judge_invariant (lab, "I8"), ==, FAILED);
}

static void
test_explained (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  guint64 tag = lab_tag (lab, WORKLOAD_E, 1);
  lab_begin (lab, tag);
  lab_attempt (lab, tag, 'a', 0, TRUE);
  lab_store (lab, tag, 'a', 0, 3);
  lab_error (lab, tag, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  g_assert_cmpint (lab_judge_invariant (lab, "I10"), ==, FAILED);
  g_autoptr (VerdictLab) other = verdict_lab_new ();
  LAB_EMIT (other, other->broker_a, &rmq_event_outage_on, "broker-a drop", 1);
  lab_begin (other, tag);
  lab_attempt (other, tag, 'a', 0, TRUE);
  lab_store (other, tag, 'a', 0, 3);
  lab_error (other, tag, RMQ_EVENT_DOMAIN_REMOTING, 2, TRUE);
  g_assert_cmpint (lab_judge_invariant (other, "I10"), ==, OK);
}

/* ---- the report ---------------------------------------------------------- */

static void
add_finding (RmqReport *report, RmqVerdict verdict)
{
  const RmqFinding finding = { .verdict = verdict,
                               .kind = "expect",
                               .claim = g_strdup ("no loss"),
                               .evidence = g_strdup ("1 sends"),
                               .line = 3,
                               .ev = verdict == FAILED ? 7 : 0 };
  rmq_report_add (report, &finding);
}

static void
test_status (void)
{
  g_autoptr (RmqReport) report = rmq_report_new ();
  report->scenario = g_strdup ("my file.scn");
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  report->complete = FALSE;
  g_assert_cmpint (rmq_report_get_status (report), ==, 4);
  report->complete = TRUE;
  add_finding (report, RMQ_VERDICT_NOTED);
  g_assert_cmpint (rmq_report_get_status (report), ==, 0);
  add_finding (report, UNKNOWN);
  g_assert_cmpint (rmq_report_get_status (report), ==, 4);
  add_finding (report, FAILED);
  g_assert_cmpint (rmq_report_get_status (report), ==, 1);
  g_autofree char *text = rmq_report_format (report);
  g_assert_nonnull (strstr (text, "failed   no loss"));
  g_assert_nonnull (strstr (text, "ev 7\n"));
  g_assert_nonnull (strstr (text, "0 ok, 1 failed, 1 unknown"));
  g_assert_nonnull (strstr (text, "replay: rmqlab run 'my file.scn' --seed 0 --goto ev:7\n"));
}

/* An async send whose time was over before its turn came has an end only. */
static void
test_end_without_start (void)
{
  g_autoptr (VerdictLab) lab = verdict_lab_new ();
  lab_at (lab, 5000);
  lab_error (lab, lab_tag (lab, WORKLOAD_A, 1), RMQ_EVENT_DOMAIN_REMOTING, 3, FALSE);
  lab_at (lab, 6000);
  lab_expect (lab, "expect failed = 1 from 4s until 5s", OK, NULL); /* it took 1 ms */
  lab_expect (lab, "expect failed = 1 from 5s until 6s", UNKNOWN, NULL);
}

/* What came closest is told by how far a number is from holding. */
static void
test_miss (void)
{
  for (gint op = RMQ_COMPARE_EQUAL; op <= RMQ_COMPARE_WITHIN; op++)
    for (gint64 value = -3; value <= 9; value++)
      {
        const RmqComparison comparison = { .op = (RmqCompareOp)op, .low = 2, .high = 5 };
        const gint64 miss = rmq_comparison_miss (&comparison, value);
        g_assert_true (rmq_comparison_holds (&comparison, value - miss)
                       || rmq_comparison_holds (&comparison, value + miss));
        for (gint64 less = 0; less < miss; less++)
          g_assert_false (rmq_comparison_holds (&comparison, value - less)
                          || rmq_comparison_holds (&comparison, value + less));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/expect/no-loss", test_no_loss);
  g_test_add_func ("/scenarios/expect/duplicates", test_duplicates);
  g_test_add_func ("/scenarios/expect/ghosts", test_ghosts);
  g_test_add_func ("/scenarios/expect/result-and-failed", test_result);
  g_test_add_func ("/scenarios/expect/windows-select-by-start", test_windows);
  g_test_add_func ("/scenarios/expect/conditions-select", test_conditions);
  g_test_add_func ("/scenarios/expect/an-end-without-a-start", test_end_without_start);
  g_test_add_func ("/scenarios/expect/order-per-key", test_order);
  g_test_add_func ("/scenarios/expect/sends-attempts-retries", test_traffic);
  g_test_add_func ("/scenarios/expect/recovered", test_recovered);
  g_test_add_func ("/scenarios/expect/not-recovered", test_not_recovered);
  g_test_add_func ("/scenarios/expect/tables", test_tables);
  g_test_add_func ("/scenarios/expect/miss-is-the-least-distance", test_miss);
  g_test_add_func ("/scenarios/invariant/I1-one-callback", test_callbacks);
  g_test_add_func ("/scenarios/invariant/I2-distinct-opaques", test_opaques);
  g_test_add_func ("/scenarios/invariant/I2-own-answer", test_own_answer);
  g_test_add_func ("/scenarios/invariant/I3-response-table-empty", test_response_table);
  g_test_add_func ("/scenarios/invariant/I4-nothing-strays", test_strays);
  g_test_add_func ("/scenarios/invariant/4.9/I4-sends-may-stray", test_sends_may_stray);
  g_test_add_func ("/scenarios/invariant/I5-one-uniq-key", test_uniq_key);
  g_test_add_func ("/scenarios/invariant/I6-one-queue", test_one_queue);
  g_test_add_func ("/scenarios/invariant/4.9/I8-budget", test_budget);
  g_test_add_func ("/scenarios/invariant/4.9/I8-no-attempt-without-budget", test_no_budget);
  g_test_add_func ("/scenarios/invariant/I10-ghosts-are-explained", test_explained);
  g_test_add_func ("/scenarios/report/status-and-text", test_status);
  return g_test_run ();
}

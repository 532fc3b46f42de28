/* SPDX-License-Identifier: Apache-2.0 */

/* The retry rules of blocking sends: what is tried again, where, for how long, and what the caller
 * is told in the end. */

#include "producer-lab.h"

#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
} Fixture;

static Fixture
set_up (guint n_brokers, const char *profile)
{
  Fixture f = { .lab = lab_new (n_brokers) };
  lab_add_topic (f.lab, "Orders", 4);
  f.producer = lab_start_producer (f.lab, "PG", profile);
  lab_run_for (f.lab, 2 * SECOND);
  return f;
}

/* As set_up(), with the route of Orders known and every broker connected. */
static Fixture
set_up_warm (guint n_brokers, const char *profile)
{
  Fixture f = set_up (n_brokers, profile);
  for (guint i = 0; i < n_brokers * 4; i++)
    {
      Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "warm");
      g_assert_no_error (outcome.error);
      outcome_clear (&outcome);
    }
  g_array_set_size (f.lab->events, 0);
  return f;
}

static void
tear_down (Fixture *f)
{
  lab_shutdown (f->lab, f->producer);
  lab_free (f->lab);
}

/* ---- refused ------------------------------------------------------------- */

static void
test_refuse_refuse_accept (gconstpointer profile)
{
  Fixture f = set_up_warm (3, profile);
  lab_kill_broker (f.lab, 0, RMQ_CLOSE_FIN);
  lab_kill_broker (f.lab, 1, RMQ_CLOSE_FIN);
  lab_run_for (f.lab, SECOND);
  guint max_attempts = 0;
  for (guint i = 0; i < 12; i++)
    {
      Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
      g_assert_no_error (outcome.error);
      max_attempts = MAX (max_attempts, rmq_send_result_get_attempts (outcome.result));
      RmqMessageQueue *queue = rmq_send_result_get_message_queue (outcome.result);
      g_assert_cmpstr (rmq_message_queue_get_broker_name (queue), ==, "broker-c");
      g_assert_cmpint (outcome.took_us, <, 100 * G_TIME_SPAN_MILLISECOND);
      outcome_clear (&outcome);
    }
  g_assert_cmpuint (max_attempts, >=, 2);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 12 + 12);
  tear_down (&f);
}

static void
test_all_refuse (gconstpointer profile)
{
  Fixture f = set_up_warm (3, profile);
  for (guint i = 0; i < 3; i++)
    lab_kill_broker (f.lab, i, RMQ_CLOSE_FIN);
  lab_run_for (f.lab, SECOND);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_CONNECT_BROKER);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 3);
  g_assert_true (rmq_error_is_retriable (outcome.error));
  g_assert_false (rmq_error_is_outcome_unknown (outcome.error));
  g_assert_nonnull (strstr (outcome.error->message, "send to Orders failed after 3 attempts"));
  g_assert_nonnull (strstr (outcome.error->message, "(brokers: broker-"));
  g_assert_nonnull (strstr (outcome.error->message, "refused"));
  g_assert_nonnull (rmq_error_get_broker_addr (outcome.error));
  outcome_clear (&outcome);
  tear_down (&f);
}

/* One step of the counter a retry: the walk comes back to the broker it fled. */
static void
test_aba (void)
{
  Fixture f = set_up_warm (3, "4.5.1");
  for (guint i = 0; i < 3; i++)
    lab_kill_broker (f.lab, i, RMQ_CLOSE_FIN);
  lab_run_for (f.lab, SECOND);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_CONNECT_BROKER);
  const char *first = lab_get_event (f.lab, &rmq_event_attempt, 0)->text;
  g_assert_cmpstr (lab_get_event (f.lab, &rmq_event_attempt, 1)->text, !=, first);
  g_assert_cmpstr (lab_get_event (f.lab, &rmq_event_attempt, 2)->text, ==, first);
  outcome_clear (&outcome);
  tear_down (&f);
}

static guint
choose_first (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message, gpointer data)
{
  g_assert_cmpuint (n_queues, ==, 8);
  return 0;
}

static void
test_selector_is_not_retried (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  lab_kill_broker (f.lab, 0, RMQ_CLOSE_FIN);
  lab_run_for (f.lab, SECOND);
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  RmqSendRequest request = { .message = message, .selector = choose_first };
  Outcome outcome = lab_send (f.lab, f.producer, &request);
  g_assert_error (outcome.error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CONNECT);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 1);
  g_assert_cmpstr (rmq_error_get_broker_name (outcome.error), ==, "broker-a");
  outcome_clear (&outcome);
  tear_down (&f);
}

/* ---- answers ------------------------------------------------------------- */

static void
test_final_code (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  for (guint i = 0; i < 2; i++)
    lab_outage (f.lab, i, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE, 0, RMQ_RESPONSE_SYSTEM_BUSY);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_BROKER_ERROR, RMQ_RESPONSE_SYSTEM_BUSY);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 1);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_busy_is_retried (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  for (guint i = 0; i < 2; i++)
    lab_outage (f.lab, i, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE, 1, RMQ_RESPONSE_SYSTEM_BUSY);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (rmq_send_result_get_attempts (outcome.result), ==, 3);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_retriable_code (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  for (guint i = 0; i < 2; i++)
    lab_outage (f.lab, i, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE, 0,
                RMQ_RESPONSE_SERVICE_NOT_AVAILABLE);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_BROKER_ERROR, RMQ_RESPONSE_SERVICE_NOT_AVAILABLE);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 3);
  g_assert_nonnull (strstr (outcome.error->message, "SERVICE_NOT_AVAILABLE (14)"));
  g_assert_cmpuint (lab_count_events (f.lab, &rmq_event_retry), ==, 2);
  outcome_clear (&outcome);
  tear_down (&f);
}

/* A caveat, then two refusals: the stored one is what the caller gets. */
static void
test_stored_result_is_kept (void)
{
  Lab *lab = lab_new (3);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_new_producer (lab, "PG", "4.9");
  rmq_producer_set_retry_another_broker_when_not_store_ok (producer, TRUE);
  lab_run_task (lab, (RmqEnvFunc)(void (*) (void))rmq_producer_start, producer);
  Outcome outcome = lab_send_text (lab, producer, "Orders", "first");
  const char *first =
      rmq_message_queue_get_broker_name (rmq_send_result_get_message_queue (outcome.result));
  for (guint i = 0; i < 3; i++)
    {
      lab_outage (lab, i, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_AFTER_STORE, 0,
                  RMQ_RESPONSE_FLUSH_DISK_TIMEOUT);
      if (!g_str_equal (rmq_mock_broker_get_name (lab_broker (lab, i)), first))
        lab_kill_broker (lab, i, RMQ_CLOSE_FIN);
    }
  Outcome next = lab_send_text (lab, producer, "Orders", "next");
  g_assert_no_error (next.error);
  g_assert_cmpint (rmq_send_result_get_status (next.result), ==, RMQ_SEND_FLUSH_DISK_TIMEOUT);
  g_assert_cmpuint (lab_get_event (lab, &rmq_event_send_ok, 1)->fields[2], ==, 3);
  outcome_clear (&next);
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

/* ---- time ---------------------------------------------------------------- */

static void
silence (Fixture *f)
{
  for (guint i = 0; i < f->lab->brokers->len; i++)
    lab_outage (f->lab, i, RMQ_OUTAGE_DROP, RMQ_OUTAGE_BEFORE_STORE, 0, 0);
}

/* The first attempt eats the whole budget: no second one, and "too many requests". The simulated
 * machine is a little late, as a real one. */
static void
test_hung_default (void)
{
  Lab *lab = lab_new_with (&(RmqSimOptions){ .seed = 3 }, 2);
  lab_add_topic (lab, "Orders", 4);
  Fixture f = { .lab = lab, .producer = lab_start_producer (lab, "PG", "4.9") };
  silence (&f);
  Outcome outcome = lab_send_text (lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 1);
  g_assert_true (rmq_error_is_outcome_unknown (outcome.error));
  g_assert_cmpint (outcome.took_us, >=, 3 * SECOND);
  g_assert_cmpint (outcome.took_us, <, 3 * SECOND + 10 * G_TIME_SPAN_MILLISECOND);
  g_assert_nonnull (strstr (outcome.error->message, "the timeout of 3000 ms is spent"));
  outcome_clear (&outcome);
  tear_down (&f);
}

/* On an exact machine the elapsed time equals the budget, and equality still sends: a ghost. */
static void
test_boundary (void)
{
  Fixture f = set_up_warm (2, "4.9");
  silence (&f);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_nonnull (outcome.error);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 3);
  g_assert_cmpint (outcome.took_us, <, 3 * SECOND + 10 * G_TIME_SPAN_MILLISECOND);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_hung_without_retries (void)
{
  Lab *lab = lab_new (2);
  lab_add_topic (lab, "Orders", 4);
  Fixture f = { .lab = lab, .producer = lab_new_producer (lab, "PG", "4.9") };
  rmq_producer_set_retry_times_when_send_failed (f.producer, 0);
  lab_run_task (lab, (RmqEnvFunc)(void (*) (void))rmq_producer_start, f.producer);
  silence (&f);
  Outcome outcome = lab_send_text (lab, f.producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT);
  g_assert_true (rmq_error_is_outcome_unknown (outcome.error));
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_cap_per_request (void)
{
  Lab *lab = lab_new (2);
  lab_add_topic (lab, "Orders", 4);
  Fixture f = { .lab = lab, .producer = lab_new_producer (lab, "PG", "5.3") };
  rmq_producer_set_send_msg_max_timeout_per_request_ms (f.producer, 500);
  lab_run_task (lab, (RmqEnvFunc)(void (*) (void))rmq_producer_start, f.producer);
  lab_outage (lab, 0, RMQ_OUTAGE_DROP, RMQ_OUTAGE_BEFORE_STORE, 0, 0);
  guint retried = 0;
  for (guint i = 0; i < 4; i++)
    {
      Outcome outcome = lab_send_text (lab, f.producer, "Orders", "hello");
      g_assert_no_error (outcome.error);
      retried += rmq_send_result_get_attempts (outcome.result) == 2;
      g_assert_cmpint (outcome.took_us, <, 600 * G_TIME_SPAN_MILLISECOND);
      outcome_clear (&outcome);
    }
  g_assert_cmpuint (retried, >=, 1);
  tear_down (&f);
}

/* ---- the connection ends ------------------------------------------------- */

static Outcome
send_and_lose_answer (Fixture *f, RmqOutageKind kind)
{
  for (guint i = 0; i < 2; i++)
    lab_outage (f->lab, i, kind, RMQ_OUTAGE_AFTER_STORE, 1, 0);
  Outcome outcome = lab_send_text (f->lab, f->producer, "Orders", "hello");
  return outcome;
}

static void
test_fin_ignored (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  guint before = lab_n_stored (f.lab);
  Outcome outcome = send_and_lose_answer (&f, RMQ_OUTAGE_CLOSE);
  g_assert_nonnull (outcome.error);
  g_assert_true (rmq_error_is_outcome_unknown (outcome.error));
  g_assert_cmpint (outcome.took_us, >=, 3 * SECOND);
  g_assert_cmpuint (lab_n_stored (f.lab), >=, before + 1);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_fin_fails (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  guint before = lab_n_stored (f.lab);
  Outcome outcome = send_and_lose_answer (&f, RMQ_OUTAGE_CLOSE);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (rmq_send_result_get_attempts (outcome.result), ==, 3);
  g_assert_cmpint (outcome.took_us, <, SECOND);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, before + 3);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_reset (gconstpointer profile)
{
  Fixture f = set_up_warm (2, profile);
  guint before = lab_n_stored (f.lab);
  Outcome outcome = send_and_lose_answer (&f, RMQ_OUTAGE_RESET);
  g_assert_no_error (outcome.error);
  g_assert_cmpint (outcome.took_us, <, SECOND);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, before + 3); /* duplicates, one UNIQ_KEY */
  outcome_clear (&outcome);
  tear_down (&f);
}

/* ---- close on timeout ---------------------------------------------------- */

static void
test_close_on_timeout (gconstpointer data)
{
  const char *const *c = data;
  Fixture f = set_up_warm (1, c[0]);
  silence (&f);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "hello");
  g_assert_nonnull (outcome.error);
  g_assert_cmpuint (lab_count_events (f.lab, &rmq_event_channel_close) > 0, ==, c[1] != NULL);
  outcome_clear (&outcome);
  tear_down (&f);
}

int
main (int argc, char *argv[])
{
  static const char *const close_4_5_1[] = { "4.5.1", NULL };
  static const char *const close_4_9[] = { "4.9", "closes" };
  static const char *const close_5_3[] = { "5.3", "closes" };
  g_test_init (&argc, &argv, NULL);
#define ADD(path, profile, func) g_test_add_data_func ("/producer/retry/" path, profile, func)
  ADD ("4.9/refused-goes-to-the-next-broker", "4.9", test_refuse_refuse_accept);
  ADD ("5.3/refused-goes-to-the-next-broker", "5.3", test_refuse_refuse_accept);
  ADD ("recommended/refused-goes-to-the-next-broker", "recommended", test_refuse_refuse_accept);
  ADD ("4.9/all-refused-is-10001", "4.9", test_all_refuse);
  ADD ("recommended/all-refused-is-10001", "recommended", test_all_refuse);
  ADD ("4.9/selector-is-never-retried", "4.9", test_selector_is_not_retried);
  ADD ("5.3/selector-is-never-retried", "5.3", test_selector_is_not_retried);
  ADD ("4.5.1/system-busy-is-final", "4.5.1", test_final_code);
  ADD ("4.9/system-busy-is-final", "4.9", test_final_code);
  ADD ("5.3/system-busy-is-retried", "5.3", test_busy_is_retried);
  ADD ("recommended/system-busy-is-retried", "recommended", test_busy_is_retried);
  ADD ("4.9/service-not-available-is-tried-three-times", "4.9", test_retriable_code);
  ADD ("4.9/fin-is-ignored", "4.9", test_fin_ignored);
  ADD ("4.5.1/fin-is-ignored", "4.5.1", test_fin_ignored);
  ADD ("5.3/fin-fails-at-once", "5.3", test_fin_fails);
  ADD ("recommended/fin-fails-at-once", "recommended", test_fin_fails);
  ADD ("4.9/reset-is-retried-and-duplicates", "4.9", test_reset);
  ADD ("recommended/reset-is-retried-and-duplicates", "recommended", test_reset);
  ADD ("4.5.1/timeout-leaves-the-connection", close_4_5_1, test_close_on_timeout);
  ADD ("4.9/timeout-closes-the-connection", close_4_9, test_close_on_timeout);
  ADD ("5.3/timeout-closes-the-connection", close_5_3, test_close_on_timeout);
  g_test_add_func ("/producer/retry/4.5.1/third-attempt-returns-to-the-first-broker", test_aba);
  g_test_add_func ("/producer/retry/a-stored-result-outlives-later-errors",
                   test_stored_result_is_kept);
  g_test_add_func ("/producer/retry/4.9/hung-broker-is-too-many-requests", test_hung_default);
  g_test_add_func ("/producer/retry/4.9/equal-time-still-sends", test_boundary);
  g_test_add_func ("/producer/retry/4.9/hung-broker-without-retries-is-10002",
                   test_hung_without_retries);
  g_test_add_func ("/producer/retry/5.3/cap-per-request-leaves-time", test_cap_per_request);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Asynchronous sends: each accepted one is told its end exactly once, in time as its profile has
 * it, also when the producer is shut down in the middle. */

#include "producer-lab.h"

#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND
#define MS G_TIME_SPAN_MILLISECOND

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
} Fixture;

static Fixture
set_up (guint n_brokers, const char *profile)
{
  Fixture f = { .lab = lab_new_with (&(RmqSimOptions){ .seed = 5 }, n_brokers) };
  lab_add_topic (f.lab, "Orders", 4);
  f.producer = lab_start_producer (f.lab, "PG", profile);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Orders", "warm");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_run_for (f.lab, 5 * SECOND);
  g_array_set_size (f.lab->events, 0);
  return f;
}

static void
tear_down (Fixture *f)
{
  lab_shutdown (f->lab, f->producer);
  lab_free (f->lab);
}

static gint64
send_and_wait (Fixture *f, Outcome *outcome)
{
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  gint64 begin_us = rmq_env_now (f->lab->host);
  lab_send_async (f->lab, f->producer, message, 0, outcome);
  for (guint i = 0; i < 10000 && outcome->callbacks == 0; i++)
    lab_run_for (f->lab, MS);
  gint64 took_us = rmq_env_now (f->lab->host) - begin_us;
  lab_run_for (f->lab, 10 * SECOND);
  g_assert_cmpuint (outcome->callbacks, ==, 1);
  return took_us;
}

static void
test_success (gconstpointer profile)
{
  Fixture f = set_up (2, profile);
  Outcome outcome = { 0 };
  send_and_wait (&f, &outcome);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 2);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_code_is_final (gconstpointer profile)
{
  Fixture f = set_up (2, profile);
  Outcome outcome = { 0 };
  for (guint i = 0; i < 2; i++)
    lab_outage (f.lab, i, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE, 0,
                RMQ_RESPONSE_SERVICE_NOT_AVAILABLE);
  send_and_wait (&f, &outcome);
  g_assert_error (outcome.error, RMQ_BROKER_ERROR, RMQ_RESPONSE_SERVICE_NOT_AVAILABLE);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 1);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
kill_all (Fixture *f)
{
  for (guint i = 0; i < f->lab->brokers->len; i++)
    lab_kill_broker (f->lab, i, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, 100 * MS);
}

static void
test_connect_refused (gconstpointer data)
{
  const char *const *c = data;
  Fixture f = set_up (2, c[0]);
  Outcome outcome = { 0 };
  kill_all (&f);
  send_and_wait (&f, &outcome);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_CONNECT_BROKER);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, c[1] != NULL ? 3 : 1);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
silence (Fixture *f)
{
  for (guint i = 0; i < f->lab->brokers->len; i++)
    lab_outage (f->lab, i, RMQ_OUTAGE_DROP, RMQ_OUTAGE_AFTER_STORE, 0, 0);
}

/* The scan finds it 1 to 2 s late; each further attempt dies before the wire. */
static void
test_timeout_4_9 (void)
{
  Fixture f = set_up (2, "4.9");
  Outcome outcome = { 0 };
  silence (&f);
  gint64 took_us = send_and_wait (&f, &outcome);
  g_assert_error (outcome.error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST);
  g_assert_cmpint (took_us, >=, 4 * SECOND);
  g_assert_cmpint (took_us, <, 5 * SECOND + 10 * MS);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 3);
  g_assert_cmpuint (lab_count_events (f.lab, &rmq_event_sent), ==, 1);
  g_assert_true (rmq_error_is_outcome_unknown (outcome.error));
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_timeout_5_3 (void)
{
  Fixture f = set_up (2, "5.3");
  Outcome outcome = { 0 };
  silence (&f);
  gint64 took_us = send_and_wait (&f, &outcome);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT);
  g_assert_cmpint (took_us, >=, 4 * SECOND);
  g_assert_cmpuint (rmq_error_get_attempts (outcome.error), ==, 1);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_timeout_exact (void)
{
  Fixture f = set_up (2, "recommended");
  Outcome outcome = { 0 };
  silence (&f);
  gint64 took_us = send_and_wait (&f, &outcome);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ACCESS_BROKER_TIMEOUT);
  g_assert_cmpint (took_us, >=, 3 * SECOND);
  g_assert_cmpint (took_us, <, 3 * SECOND + 10 * MS);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
lose_answer (Fixture *f, guint n_stored, gint queue_changes)
{
  Outcome outcome = { 0 };
  for (guint i = 0; i < 2; i++)
    lab_outage (f->lab, i, RMQ_OUTAGE_RESET, RMQ_OUTAGE_AFTER_STORE, 1, 0);
  send_and_wait (f, &outcome);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (lab_n_stored (f->lab), ==, 1 + n_stored);
  gint64 first = lab_get_event (f->lab, &rmq_event_attempt, 0)->fields[2];
  gboolean changed = FALSE;
  for (guint i = 1; i < lab_count_events (f->lab, &rmq_event_attempt); i++)
    changed |= lab_get_event (f->lab, &rmq_event_attempt, i)->fields[2] != first;
  if (queue_changes >= 0)
    g_assert_cmpint (changed, ==, queue_changes);
  outcome_clear (&outcome);
}

static void
test_retry_keeps_queue (void)
{
  for (guint i = 0; i < 4; i++)
    {
      Fixture f = set_up (2, "4.9");
      lose_answer (&f, 3, FALSE);
      tear_down (&f);
    }
}

static void
test_retry_rebuilds (void)
{
  Fixture f = set_up (2, "recommended");
  lose_answer (&f, 3, -1);
  const RmqEvent *second = lab_get_event (f.lab, &rmq_event_attempt, 1);
  const RmqEvent *pick = lab_get_event (f.lab, &rmq_event_pick, 1);
  g_autofree char *label =
      g_strdup_printf ("%s:%" G_GINT64_FORMAT, second->text, second->fields[2]);
  g_assert_cmpstr (pick->text, ==, label);
  tear_down (&f);
}

/* Whatever became of a send: first it was asked for. */
static void
assert_each_end_has_a_beginning (Lab *lab, guint n)
{
  g_assert_cmpuint (lab_count_events (lab, &rmq_event_send), ==, n);
  g_assert_cmpuint (lab_count_events (lab, &rmq_event_send_ok)
                        + lab_count_events (lab, &rmq_event_send_error),
                    ==, n);
  for (guint i = 0; i < lab->events->len; i++)
    {
      const RmqEvent *event = &g_array_index (lab->events, RmqEvent, i);
      gboolean begun = FALSE;
      for (guint before = 0; before < i && event->kind == &rmq_event_send_error; before++)
        {
          const RmqEvent *send = &g_array_index (lab->events, RmqEvent, before);
          begun |= send->kind == &rmq_event_send && send->fields[0] == event->fields[0];
        }
      g_assert_true (begun || event->kind != &rmq_event_send_error);
    }
}

/* Submitted, then its lane is busy until its time is over. */
static void
test_late_turn (void)
{
  Fixture f = set_up (1, "4.9");
  Outcome outcomes[3] = { 0 };
  kill_all (&f);
  rmq_env_kill (rmq_mock_server_get_env (rmq_mock_nameserver_get_server (f.lab->nameserver)),
                RMQ_CLOSE_FIN);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
      lab_send_async (f.lab, f.producer, message, 1, &outcomes[i]);
    }
  rmq_env_pause (f.lab->host);
  lab_run_for (f.lab, SECOND);
  rmq_env_resume (f.lab->host);
  lab_run_for (f.lab, SECOND);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (outcomes[i].callbacks, ==, 1);
      g_assert_error (outcomes[i].error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST);
      g_assert_cmpuint (rmq_error_get_attempts (outcomes[i].error), ==, 0);
      outcome_clear (&outcomes[i]);
    }
  assert_each_end_has_a_beginning (f.lab, 3);
  tear_down (&f);
}

/* ---- shutdown ------------------------------------------------------------ */

#define N_PENDING 200

static void
shut_down (gpointer data)
{
  rmq_producer_shutdown (data);
}

static void
check_shutdown (const char *profile, guint seed)
{
  Fixture f = set_up (2, profile);
  static Outcome outcomes[N_PENDING];
  memset (outcomes, 0, sizeof outcomes);
  if (seed % 2 == 0)
    silence (&f);
  for (guint i = 0; i < N_PENDING; i++)
    {
      g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
      lab_send_async (f.lab, f.producer, message, 60000, &outcomes[i]);
      if (i == N_PENDING / 2)
        lab_run_for (f.lab, seed * 37);
    }
  gint64 begin_us = rmq_env_now (f.lab->host);
  lab_run_task (f.lab, shut_down, f.producer);
  g_assert_cmpint (rmq_env_now (f.lab->host) - begin_us, <, 3 * SECOND + 100 * MS);
  for (guint i = 0; i < N_PENDING; i++)
    {
      g_assert_cmpuint (outcomes[i].callbacks, ==, 1);
      g_assert_true ((outcomes[i].error == NULL) != (outcomes[i].result == NULL));
      if (seed % 2 == 0)
        {
          g_assert_error (outcomes[i].error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN);
          g_assert_true (rmq_error_is_outcome_unknown (outcomes[i].error));
        }
      outcome_clear (&outcomes[i]);
    }
  assert_each_end_has_a_beginning (f.lab, N_PENDING);
  g_assert_finalize_object (f.producer);
  lab_free (f.lab);
}

static void
test_shutdown (gconstpointer profile)
{
  for (guint seed = 1; seed <= 10; seed++)
    check_shutdown (profile, seed);
}

static void
shut_down_inside (RmqSendResult *result, const GError *error, gpointer data)
{
  RmqProducer **producer = data;
  rmq_producer_shutdown (*producer); /* only begins: it would wait for itself */
  g_clear_object (producer);
}

static void
test_shutdown_from_callback (void)
{
  Fixture f = set_up (1, "recommended");
  RmqProducer *producer = f.producer;
  gpointer watched = producer;
  g_object_add_weak_pointer (G_OBJECT (producer), &watched);
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  g_assert_true (
      rmq_producer_send_with_callback (producer, message, 0, shut_down_inside, &f.producer, NULL));
  lab_run_for (f.lab, 5 * SECOND);
  g_assert_null (f.producer);
  g_assert_null (watched);
  lab_free (f.lab);
}

typedef struct
{
  Fixture *f;
  guint left;
} Chain;

static void
send_next (RmqSendResult *result, const GError *error, gpointer data)
{
  Chain *chain = data;
  g_assert_no_error (error);
  if (chain->left-- == 0)
    return;
  g_autoptr (RmqMessage) message = new_message ("Orders", "blocking inside a callback");
  g_autoptr (RmqSendResult) sync = rmq_producer_send (chain->f->producer, message, 0, NULL);
  g_assert_nonnull (sync);
  g_autoptr (RmqMessage) next = new_message ("Orders", "next");
  g_assert_true (
      rmq_producer_send_with_callback (chain->f->producer, next, 0, send_next, chain, NULL));
}

static void
test_send_from_callback (void)
{
  Fixture f = set_up (2, "4.9");
  Chain chain = { .f = &f, .left = 5 };
  g_autoptr (RmqMessage) message = new_message ("Orders", "first");
  g_assert_true (rmq_producer_send_with_callback (f.producer, message, 0, send_next, &chain, NULL));
  lab_run_for (f.lab, 5 * SECOND);
  g_assert_cmpuint (chain.left, ==, G_MAXUINT);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 1 + 1 + 10);
  tear_down (&f);
}

/* ---- oneway -------------------------------------------------------------- */

typedef struct
{
  Fixture *f;
  GError *error;
  gboolean sent;
} Oneway;

static void
send_oneway (gpointer data)
{
  Oneway *oneway = data;
  g_autoptr (RmqMessage) message = new_message ("Orders", "oneway");
  oneway->sent = rmq_producer_send_oneway (oneway->f->producer, message, &oneway->error);
}

static void
test_oneway (void)
{
  Fixture f = set_up (2, "4.9");
  Oneway oneway = { .f = &f };
  lab_run_task (f.lab, send_oneway, &oneway);
  g_assert_no_error (oneway.error);
  g_assert_true (oneway.sent);
  lab_run_for (f.lab, SECOND);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 2);
  g_assert_cmpuint (lab_count_events (f.lab, &rmq_event_late_response), ==, 0);
  g_assert_cmpuint (rmq_remoting_client_get_oneway_permits (f.producer->instance->remoting), ==,
                    65535);
  tear_down (&f);
}

static void
test_oneway_refused (void)
{
  Fixture f = set_up (2, "4.9");
  Oneway oneway = { .f = &f };
  kill_all (&f);
  lab_run_task (f.lab, send_oneway, &oneway);
  g_assert_false (oneway.sent);
  g_assert_error (oneway.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_CONNECT_BROKER);
  g_clear_error (&oneway.error);
  tear_down (&f);
}

int
main (int argc, char *argv[])
{
  static const char *const no_retry[] = { "4.5.1", NULL };
  static const char *const retry_4_9[] = { "4.9", "retries" };
  static const char *const retry_ours[] = { "recommended", "retries" };
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/producer/async/" path, func)
#define ADD_DATA(path, data, func) g_test_add_data_func ("/producer/async/" path, data, func)
  ADD_DATA ("4.9/success-calls-back-once", "4.9", test_success);
  ADD_DATA ("recommended/success-calls-back-once", "recommended", test_success);
  ADD_DATA ("4.9/an-error-code-is-final", "4.9", test_code_is_final);
  ADD_DATA ("recommended/an-error-code-is-final", "recommended", test_code_is_final);
  ADD_DATA ("4.5.1/refused-is-not-retried", no_retry, test_connect_refused);
  ADD_DATA ("4.9/refused-is-retried", retry_4_9, test_connect_refused);
  ADD_DATA ("recommended/refused-is-retried", retry_ours, test_connect_refused);
  ADD ("4.9/timeout-is-found-by-the-scan-and-retries-die-unsent", test_timeout_4_9);
  ADD ("5.3/timeout-is-found-by-the-scan-and-not-retried", test_timeout_5_3);
  ADD ("recommended/timeout-is-exact", test_timeout_exact);
  ADD ("4.9/a-retry-keeps-the-queue-id", test_retry_keeps_queue);
  ADD ("recommended/a-retry-chooses-its-queue", test_retry_rebuilds);
  ADD ("4.9/a-turn-after-the-timeout-is-too-late", test_late_turn);
  ADD_DATA ("4.9/shutdown-in-the-middle-calls-back-once", "4.9", test_shutdown);
  ADD_DATA ("recommended/shutdown-in-the-middle-calls-back-once", "recommended", test_shutdown);
  ADD ("shutdown-inside-a-callback-only-begins", test_shutdown_from_callback);
  ADD ("a-callback-may-send", test_send_from_callback);
  ADD ("oneway-is-written-and-not-answered", test_oneway);
  ADD ("4.9/oneway-refused-is-told", test_oneway_refused);
  return g_test_run ();
}

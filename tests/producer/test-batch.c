/* SPDX-License-Identifier: Apache-2.0 */

/* Batches: many messages in one request. */

#include "producer-lab.h"

#include "rmq-codes-private.h"

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
} Fixture;

static Fixture
set_up (const char *profile)
{
  Fixture f = { .lab = lab_new (2) };
  lab_add_topic (f.lab, "Orders", 4);
  f.producer = lab_start_producer (f.lab, "PG", profile);
  return f;
}

static void
tear_down (Fixture *f)
{
  lab_shutdown (f->lab, f->producer);
  lab_free (f->lab);
}

/* Of n messages "order 0", …; (transfer full) */
static RmqMessage *
new_batch (guint n)
{
  g_autoptr (GPtrArray) members =
      g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_message_unref);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *body = g_strdup_printf ("order %u", i);
      g_ptr_array_add (members, new_message ("Orders", body));
    }
  g_autoptr (GError) error = NULL;
  RmqMessage *batch = rmq_message_new_batch ((RmqMessage *const *)members->pdata, n, &error);
  g_assert_no_error (error);
  return batch;
}

static Outcome
send (Fixture *f, RmqMessage *message)
{
  const RmqSendRequest request = { .message = message };
  return lab_send (f->lab, f->producer, &request);
}

static RmqMockBroker *
broker_with_messages (Lab *lab)
{
  for (guint i = 0; i < lab->brokers->len; i++)
    if (rmq_mock_broker_get_n_messages (lab_broker (lab, i)) > 0)
      return lab_broker (lab, i);
  g_assert_not_reached ();
}

static void
test_stored (gconstpointer profile)
{
  Fixture f = set_up (profile);
  g_autoptr (RmqMessage) batch = new_batch (3);
  Outcome outcome = send (&f, batch);
  g_assert_no_error (outcome.error);
  g_assert_cmpint (rmq_send_result_get_queue_offset (outcome.result), ==, 0);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 3);
  RmqMockBroker *broker = broker_with_messages (f.lab);
  g_autoptr (GString) ids = g_string_new (NULL);
  for (guint i = 0; i < 3; i++)
    {
      const RmqStoredMessage *stored = rmq_mock_broker_get_message (broker, i);
      RmqMessage *member = rmq_message_get_member (batch, i);
      g_assert_true (g_bytes_equal (stored->body, rmq_message_get_body (member)));
      g_assert_cmpint (stored->queue_offset, ==, i);
      g_string_append_printf (ids, "%s%s", i > 0 ? "," : "", rmq_message_get_msg_id (member));
    }
  g_assert_cmpstr (rmq_send_result_get_msg_id (outcome.result), ==, ids->str);
  g_auto (GStrv) offset_ids =
      g_strsplit (rmq_send_result_get_offset_msg_id (outcome.result), ",", -1);
  g_assert_cmpuint (g_strv_length (offset_ids), ==, 3);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_own_id (gconstpointer data)
{
  const struct
  {
    const char *profile;
    gboolean has_id;
  } cases[] = { { "4.5.1", FALSE }, { "4.9", FALSE }, { "5.3", TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture f = set_up (cases[i].profile);
      g_autoptr (RmqMessage) batch = new_batch (2);
      Outcome outcome = send (&f, batch);
      g_assert_no_error (outcome.error);
      g_assert_cmpint (rmq_message_get_msg_id (batch) != NULL, ==, cases[i].has_id);
      outcome_clear (&outcome);
      tear_down (&f);
    }
}

static void
test_members_refused (void)
{
  g_autoptr (RmqMessage) order = new_message ("Orders", "a");
  g_autoptr (RmqMessage) other = new_message ("Others", "b");
  g_autoptr (RmqMessage) hasty = new_message ("Orders", "c");
  g_autoptr (RmqMessage) retried = new_message ("%RETRY%CG", "d");
  g_autoptr (RmqMessage) batch = new_batch (1);
  rmq_message_set_wait_store_msg_ok (hasty, FALSE);
  RmqMessage *const cases[][2] = {
    { order, other }, { order, hasty }, { order, batch }, { retried, retried }
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (rmq_message_new_batch (cases[i], 2, &error));
      g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_message_new_batch (NULL, 0, &error));
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
}

static void
test_empty_member (void)
{
  Fixture f = set_up ("4.9");
  g_autoptr (RmqMessage) good = new_message ("Orders", "a");
  g_autoptr (RmqMessage) empty = new_message ("Orders", "");
  g_autoptr (RmqMessage) batch =
      rmq_message_new_batch ((RmqMessage *const[]){ good, empty }, 2, NULL);
  Outcome outcome = send (&f, batch);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
  g_assert_true (g_str_has_prefix (outcome.error->message, "message 2 of 2: "));
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 0);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_too_large (void)
{
  Fixture f = set_up ("4.9");
  g_autoptr (GBytes) half = g_bytes_new_take (g_malloc0 (2 << 20), 2 << 20);
  g_autoptr (RmqMessage) large = rmq_message_new ("Orders", half);
  g_autoptr (RmqMessage) second = rmq_message_new ("Orders", half);
  g_autoptr (RmqMessage) batch =
      rmq_message_new_batch ((RmqMessage *const[]){ large, second }, 2, NULL);
  Outcome outcome = send (&f, batch);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
  g_assert_nonnull (strstr (outcome.error->message, "the batch of 2 messages"));
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_long_properties (void)
{
  Fixture f = set_up ("4.9");
  g_autofree char *value = g_strnfill (40000, 'v');
  g_autoptr (RmqMessage) member = new_message ("Orders", "a");
  g_assert_true (rmq_message_put_user_property (member, "p", value, NULL));
  g_autoptr (RmqMessage) batch = rmq_message_new_batch (&member, 1, NULL);
  Outcome outcome = send (&f, batch);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
  outcome_clear (&outcome);
  tear_down (&f);
}

/* The first broker answers with an error: the whole batch goes to the other one, under the ids it
 * had. */
static void
test_retried_whole (void)
{
  Fixture f = set_up ("4.9");
  lab_outage (f.lab, 0, RMQ_OUTAGE_ANSWER, RMQ_OUTAGE_BEFORE_STORE, 0, RMQ_RESPONSE_SYSTEM_ERROR);
  g_autoptr (RmqMessage) batch = new_batch (5);
  Outcome outcome = send (&f, batch);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (rmq_send_result_get_attempts (outcome.result), ==, 2);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 5);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_async (void)
{
  Fixture f = set_up ("4.9");
  g_autoptr (RmqMessage) batch = new_batch (4);
  Outcome outcome = { 0 };
  lab_send_async (f.lab, f.producer, batch, 0, &outcome);
  lab_run_for (f.lab, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (outcome.callbacks, ==, 1);
  g_assert_no_error (outcome.error);
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 4);
  outcome_clear (&outcome);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  const char *profiles[] = { "4.5.1", "4.9", "5.3", "recommended" };
  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autofree char *path =
          g_strdup_printf ("/producer/batch/members-lie-in-a-row/%s", profiles[i]);
      g_test_add_data_func (path, profiles[i], test_stored);
    }
  g_test_add_data_func ("/producer/batch/has-an-id-of-its-own-from-5.3-on", NULL, test_own_id);
  g_test_add_func ("/producer/batch/members-that-do-not-fit-are-refused", test_members_refused);
  g_test_add_func ("/producer/batch/an-empty-member-is-named/4.9", test_empty_member);
  g_test_add_func ("/producer/batch/is-measured-as-encoded/4.9", test_too_large);
  g_test_add_func ("/producer/batch/long-properties-are-refused/4.9", test_long_properties);
  g_test_add_func ("/producer/batch/is-retried-whole/4.9", test_retried_whole);
  g_test_add_func ("/producer/batch/async/4.9", test_async);
  return g_test_run ();
}

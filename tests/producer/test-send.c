/* SPDX-License-Identifier: Apache-2.0 */

/* What goes on the wire and what comes back: validation, properties, ids, compression, forms,
 * hooks. */

#include "producer-lab.h"

#include "rmq-codes-private.h"
#include "rmq-message-codec.h"
#include "rmq-validators.h"

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

static const RmqStoredMessage *
find_stored (Fixture *f)
{
  for (guint i = 0; i < f->lab->brokers->len; i++)
    if (rmq_mock_broker_get_n_messages (lab_broker (f->lab, i)) > 0)
      return rmq_mock_broker_get_message (lab_broker (f->lab, i), 0);
  return NULL;
}

static void
test_stored (gconstpointer profile)
{
  Fixture f = set_up (profile);
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  rmq_message_set_tags (message, "TagA");
  rmq_message_set_keys (message, "k1 k2");
  rmq_message_set_flag (message, 7);
  g_assert_true (rmq_message_put_user_property (message, "orderId", "42", NULL));
  g_assert_null (rmq_message_get_msg_id (message));
  RmqSendRequest request = { .message = message, .tag = 99 };
  Outcome outcome = lab_send (f.lab, f.producer, &request);
  g_assert_no_error (outcome.error);
  RmqSendResult *result = outcome.result;
  g_assert_cmpint (rmq_send_result_get_status (result), ==, RMQ_SEND_OK);
  g_assert_cmpstr (rmq_send_status_get_name (RMQ_SEND_OK), ==, "SEND_OK");
  g_assert_cmpuint (rmq_send_result_get_attempts (result), ==, 1);
  g_assert_cmpint (rmq_send_result_get_queue_offset (result), ==, 0);
  g_assert_cmpstr (rmq_send_result_get_msg_id (result), ==, rmq_message_get_msg_id (message));
  g_assert_cmpuint (strlen (rmq_send_result_get_msg_id (result)), ==, 32);
  g_assert_true (g_str_has_prefix (rmq_send_result_get_msg_id (result), "0A0900011092"));
  g_assert_cmpuint (strlen (rmq_send_result_get_offset_msg_id (result)), ==, 32);
  g_assert_cmpstr (rmq_send_result_get_region_id (result), ==, "DefaultRegion");
  g_assert_true (rmq_send_result_get_trace_on (result));
  g_assert_cmpuint (lab_n_stored (f.lab), ==, 1);
  const RmqStoredMessage *stored = find_stored (&f);
  g_autoptr (GBytes) body = g_bytes_new ("hello", 5);
  g_assert_true (g_bytes_equal (stored->body, body));
  g_assert_cmpint (lab_get_event (f.lab, &rmq_event_send, 0)->fields[0], ==, 99);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
assert_refused (Fixture *f, const char *topic, GBytes *body, gint code)
{
  g_autoptr (RmqMessage) message = rmq_message_new (topic, body);
  RmqSendRequest request = { .message = message };
  Outcome outcome = lab_send (f->lab, f->producer, &request);
  if (code == 0)
    g_assert_no_error (outcome.error);
  else
    g_assert_error (outcome.error, RMQ_CLIENT_ERROR, code);
  outcome_clear (&outcome);
}

static void
test_bodies (void)
{
  static const struct
  {
    gssize size; /* -1: no body */
    gint code;
    gboolean compressed;
  } cases[] = { { -1, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE },
                { 0, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE },
                { 4095, 0, FALSE },
                { 4096, 0, TRUE },
                { 4 << 20, 0, TRUE },
                { (4 << 20) + 1, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture f = set_up ("4.9");
      g_autoptr (GBytes) body = NULL;
      if (cases[i].size >= 0)
        body = g_bytes_new_take (g_malloc0 ((gsize)cases[i].size), (gsize)cases[i].size);
      assert_refused (&f, "Orders", body, cases[i].code);
      const RmqStoredMessage *stored = find_stored (&f);
      g_assert_cmpint (stored != NULL, ==, cases[i].code == 0);
      if (stored != NULL)
        {
          g_assert_cmpint (stored->sys_flag, ==, cases[i].compressed ? 0x301 : 0);
          g_autoptr (GBytes) plain = cases[i].compressed
                                         ? rmq_zlib_decompress (stored->body, 5 << 20, NULL)
                                         : g_bytes_ref (stored->body);
          g_assert_true (g_bytes_equal (plain, body));
        }
      tear_down (&f);
    }
}

static void
test_topics (gconstpointer data)
{
  Fixture f = set_up (data);
  g_autoptr (GBytes) body = g_bytes_new ("x", 1);
  g_autofree char *longest = g_strnfill (127, 't');
  g_autofree char *too_long = g_strnfill (128, 't');
  assert_refused (&f, longest, body, 0);
  assert_refused (&f, too_long, body, RMQ_CLIENT_ERROR_STATE);
  static const char *const bad[] = { "", " ", "a.b", "a/b", "a b", "\xc3\xa4", "SELF_TEST_TOPIC" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (&f, bad[i], body, RMQ_CLIENT_ERROR_STATE);
  assert_refused (&f, "%RETRY%a|b-c_1", body, 0);
  tear_down (&f);
}

static void
test_topics_4_5_1 (void)
{
  RmqProfile profile;
  g_assert_true (rmq_profile_init (&profile, "4.5.1", NULL));
  g_autofree char *longest = g_strnfill (255, 't');
  g_autofree char *too_long = g_strnfill (256, 't');
  g_assert_true (rmq_validate_topic (&profile, longest, NULL));
  g_assert_false (rmq_validate_topic (&profile, too_long, NULL));
  g_assert_false (rmq_validate_topic (&profile, "TBW102", NULL));
  g_assert_true (rmq_validate_topic (&profile, "SELF_TEST_TOPIC", NULL));
}

static void
test_reserved_properties (void)
{
  static const char *const refused[] = { "KEYS", "UNIQ_KEY", "WAIT", "", " ", "a\001b" };
  g_autoptr (RmqMessage) message = new_message ("Orders", "x");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (rmq_message_put_user_property (message, refused[i], "v", &error));
      g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE);
    }
  g_assert_false (rmq_message_put_user_property (message, "name", " ", NULL));
  g_assert_cmpstr (rmq_message_get_property (message, "WAIT"), ==, "true");
}

static void
test_same_id_again (void)
{
  Fixture f = set_up ("recommended");
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  RmqSendRequest request = { .message = message };
  Outcome first = lab_send (f.lab, f.producer, &request);
  Outcome second = lab_send (f.lab, f.producer, &request);
  g_assert_cmpstr (rmq_send_result_get_msg_id (first.result), ==,
                   rmq_send_result_get_msg_id (second.result));
  g_assert_cmpstr (rmq_send_result_get_offset_msg_id (first.result), !=,
                   rmq_send_result_get_offset_msg_id (second.result));
  outcome_clear (&first);
  outcome_clear (&second);
  tear_down (&f);
}

/* ---- forms --------------------------------------------------------------- */

static void
test_to_queue (void)
{
  Fixture f = set_up ("4.9");
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  g_autoptr (RmqMessageQueue) queue = rmq_message_queue_new ("Orders", "broker-b", 3);
  RmqSendRequest request = { .message = message, .queue = queue };
  Outcome outcome = lab_send (f.lab, f.producer, &request);
  g_assert_no_error (outcome.error);
  RmqMessageQueue *stored_in = rmq_send_result_get_message_queue (outcome.result);
  g_assert_cmpstr (rmq_message_queue_get_broker_name (stored_in), ==, "broker-b");
  g_assert_cmpint (rmq_message_queue_get_queue_id (stored_in), ==, 3);
  outcome_clear (&outcome);
  tear_down (&f);
}

static void
test_to_strange_queues (void)
{
  Fixture f = set_up ("4.9");
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  g_autoptr (RmqMessageQueue) elsewhere = rmq_message_queue_new ("Orders", "broker-z", 0);
  g_autoptr (RmqMessageQueue) other_topic = rmq_message_queue_new ("Bills", "broker-a", 0);
  RmqSendRequest request = { .message = message, .queue = elsewhere };
  Outcome outcome = lab_send (f.lab, f.producer, &request);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_BROKER_NOT_EXIST);
  outcome_clear (&outcome);
  request.queue = other_topic;
  outcome = lab_send (f.lab, f.producer, &request);
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  outcome_clear (&outcome);
  tear_down (&f);
}

static guint
select_by_number (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message,
                  gpointer data)
{
  g_assert_cmpstr (rmq_message_get_topic (message), ==, "Orders");
  return GPOINTER_TO_UINT (data);
}

static void
test_selector (void)
{
  static const char *const names[] = { "broker-a", "broker-a", "broker-a", "broker-a",
                                       "broker-b", "broker-b", "broker-b", "broker-b" };
  Fixture f = set_up ("4.9");
  for (guint i = 0; i <= 8; i++)
    {
      g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
      RmqSendRequest request = { .message = message,
                                 .selector = select_by_number,
                                 .selector_data = GUINT_TO_POINTER (i) };
      Outcome outcome = lab_send (f.lab, f.producer, &request);
      if (i == 8)
        g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
      else
        {
          RmqMessageQueue *queue = rmq_send_result_get_message_queue (outcome.result);
          g_assert_cmpstr (rmq_message_queue_get_broker_name (queue), ==, names[i]);
          g_assert_cmpint (rmq_message_queue_get_queue_id (queue), ==, (gint)i % 4);
        }
      outcome_clear (&outcome);
    }
  tear_down (&f);
}

typedef struct
{
  Fixture *f;
  guint seen[8];
} Walk;

static void
send_sixteen (gpointer data)
{
  Walk *walk = data;
  for (guint i = 0; i < 16; i++)
    {
      g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
      g_autoptr (RmqSendResult) result = rmq_producer_send (walk->f->producer, message, 0, NULL);
      RmqMessageQueue *queue = rmq_send_result_get_message_queue (result);
      guint base = g_str_equal (rmq_message_queue_get_broker_name (queue), "broker-b") ? 4 : 0;
      walk->seen[base + (guint)rmq_message_queue_get_queue_id (queue)]++;
    }
}

static void
test_round_robin (void)
{
  Fixture f = set_up ("4.9");
  Walk walk = { .f = &f };
  lab_run_task (f.lab, send_sixteen, &walk);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpuint (walk.seen[i], ==, 2);
  tear_down (&f);
}

/* ---- hooks --------------------------------------------------------------- */

typedef struct
{
  guint before[512];
  guint after[512];
  guint signed_answers;
} Seen;

static void
before (const char *addr, RmqRpcCommand *request, gpointer data)
{
  Seen *seen = data;
  seen->before[rmq_rpc_command_get_code (request)]++;
  g_assert_cmpint (addr == NULL, ==, rmq_rpc_command_get_code (request) == 105);
  rmq_rpc_command_add_ext_field (request, "Signature", "s3cret");
}

static void
after (const char *addr, RmqRpcCommand *request, RmqRpcCommand *response, gpointer data)
{
  Seen *seen = data;
  seen->after[rmq_rpc_command_get_code (request)]++;
  seen->signed_answers +=
      g_strcmp0 (rmq_rpc_command_get_ext_field (request, "Signature"), "s3cret") == 0;
}

static void
start (gpointer data)
{
  g_assert_true (rmq_producer_start (data, NULL));
}

static void
test_hooks (void)
{
  Seen seen = { 0 };
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_new_producer (lab, "PG", "4.9");
  rmq_producer_set_rpc_hook (producer, before, after, &seen, NULL);
  lab_run_task (lab, start, producer);
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_run_for (lab, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (seen.before[310], ==, 1);
  g_assert_cmpuint (seen.after[310], ==, 1);
  g_assert_cmpuint (seen.before[34], ==, 1);
  g_assert_cmpuint (seen.before[105], >=, 1);
  g_assert_cmpuint (seen.signed_answers, >=, 3);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/producer/send/" path, func)
#define ADD_DATA(path, data, func) g_test_add_data_func ("/producer/send/" path, data, func)
  ADD_DATA ("4.5.1/sync-send-is-stored", "4.5.1", test_stored);
  ADD_DATA ("4.9/sync-send-is-stored", "4.9", test_stored);
  ADD_DATA ("5.3/sync-send-is-stored", "5.3", test_stored);
  ADD_DATA ("recommended/sync-send-is-stored", "recommended", test_stored);
  ADD ("4.9/body-limits-and-compression", test_bodies);
  ADD_DATA ("4.9/topic-names", "4.9", test_topics);
  ADD_DATA ("recommended/topic-names", "recommended", test_topics);
  ADD ("4.5.1/topic-names", test_topics_4_5_1);
  ADD ("reserved-properties-are-refused", test_reserved_properties);
  ADD ("sending-again-keeps-the-id", test_same_id_again);
  ADD ("to-a-queue", test_to_queue);
  ADD ("to-a-queue-nobody-has", test_to_strange_queues);
  ADD ("selector-sees-queues-by-broker-and-number", test_selector);
  ADD ("one-task-walks-all-queues-evenly", test_round_robin);
  ADD ("hooks-see-every-request", test_hooks);
  return g_test_run ();
}

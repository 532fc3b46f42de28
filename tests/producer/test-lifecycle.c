/* SPDX-License-Identifier: Apache-2.0 */

/* Start, shutdown, what is shared, and what each call answers in the wrong state. */

#include "producer-lab.h"

#define SECOND G_TIME_SPAN_SECOND

/* ---- states -------------------------------------------------------------- */

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
  GError *error;
} Call;

static void
call_start (gpointer data)
{
  Call *call = data;
  rmq_producer_start (call->producer, &call->error);
}

static GError *
try_start (Lab *lab, RmqProducer *producer)
{
  Call call = { .producer = producer };
  lab_run_task (lab, call_start, &call);
  return call.error;
}

static void
assert_send_refused (Lab *lab, RmqProducer *producer, const char *state)
{
  g_autoptr (GError) error = NULL;
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (outcome.error->message, state));
  outcome_clear (&outcome);
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  g_assert_false (rmq_producer_send_with_callback (producer, message, 0, NULL, NULL, &error));
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
}

static void
call_shutdown (gpointer data)
{
  rmq_producer_shutdown (data);
}

static void
test_states (void)
{
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_new_producer (lab, "PG", "4.9");
  assert_send_refused (lab, producer, "CREATE_JUST: start it first");
  lab_run_task (lab, call_shutdown, producer); /* a no-op */
  g_autoptr (GError) first = try_start (lab, producer);
  g_assert_no_error (first);
  g_autoptr (GError) twice = try_start (lab, producer);
  g_assert_error (twice, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (twice->message, "RUNNING"));
  lab_run_task (lab, call_shutdown, producer);
  lab_run_task (lab, call_shutdown, producer); /* a no-op */
  g_autoptr (GError) again = try_start (lab, producer);
  g_assert_error (again, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (again->message, "SHUTDOWN_ALREADY"));
  const RmqEvent *running = lab_get_event (lab, &rmq_event_service_state, 1);
  g_autofree char *told = rmq_event_format (running);
  g_assert_cmpstr (told, ==, "SERVICE_STATE PG: RUNNING");
  assert_send_refused (lab, producer, "SHUTDOWN_ALREADY");
  g_assert_finalize_object (producer);
  lab_free (lab);
}

static void
test_bad_group (gconstpointer group)
{
  Lab *lab = lab_new (1);
  RmqProducer *producer = lab_new_producer (lab, group, "4.9");
  g_autoptr (GError) error = try_start (lab, producer);
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_autoptr (GError) again = try_start (lab, producer);
  g_assert_error (again, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (again->message, "START_FAILED"));
  g_assert_finalize_object (producer);
  lab_free (lab);
}

static void
test_group_lengths (void)
{
  static const struct
  {
    const char *profile;
    gsize length;
    gboolean ok;
  } cases[] = { { "4.9", 255, TRUE },
                { "4.9", 256, FALSE },
                { "recommended", 120, TRUE },
                { "recommended", 121, FALSE } };
  Lab *lab = lab_new (0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *group = g_strnfill (cases[i].length, 'g');
      RmqProducer *producer = lab_new_producer (lab, group, cases[i].profile);
      g_autoptr (GError) error = try_start (lab, producer);
      g_assert_cmpint (error == NULL, ==, cases[i].ok);
      lab_shutdown (lab, producer);
    }
  lab_free (lab);
}

static void
test_same_group_twice (void)
{
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *first = lab_new_producer (lab, "PG", "4.9");
  RmqProducer *second = lab_new_producer (lab, "PG", "4.9");
  rmq_producer_set_instance_name (first, "shared");
  rmq_producer_set_instance_name (second, "shared");
  g_assert_null (try_start (lab, first));
  g_autoptr (GError) error = try_start (lab, second);
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "has been created before"));
  rmq_producer_set_producer_group (second, "PG2");
  g_assert_null (try_start (lab, second));
  g_assert_true (first->instance == second->instance);
  lab_shutdown (lab, first);
  Outcome outcome = lab_send_text (lab, second, "Orders", "still here");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_shutdown (lab, second);
  lab_free (lab);
}

static void
test_instances (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (0);
  RmqProducer *first = lab_start_producer (lab, "PG1", c[0]);
  RmqProducer *second = lab_start_producer (lab, "PG2", c[0]);
  g_assert_cmpint (first->instance == second->instance, ==, c[1] != NULL);
  g_assert_true (g_str_has_prefix (first->instance->client_id, "10.9.0.1@4242"));
  lab_shutdown (lab, first);
  lab_shutdown (lab, second);
  lab_free (lab);
}

/* ---- a killed host ------------------------------------------------------- */

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
  gboolean ended;
} Sender;

static void
send_until_killed (gpointer data)
{
  Sender *sender = data;
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
      g_autoptr (RmqSendResult) result G_GNUC_UNUSED =
          rmq_producer_send (sender->producer, message, 0, &error);
      if (g_error_matches (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN))
        break;
      if (!rmq_env_sleep_until (sender->lab->host, rmq_env_now (sender->lab->host) + 700))
        break;
    }
}

static void
sender_ended (gpointer data)
{
  ((Sender *)data)->ended = TRUE;
}

static void
ignore_outcome (RmqSendResult *result, const GError *error, gpointer data)
{
}

static void
test_killed_host (void)
{
  for (guint seed = 1; seed <= 100; seed++)
    {
      Lab *lab = lab_new_with (&(RmqSimOptions){ .seed = seed }, 2);
      lab_add_topic (lab, "Orders", 4);
      RmqProducer *producer = lab_start_producer (lab, "PG", seed % 2 ? "4.9" : "recommended");
      Sender sender = { .lab = lab, .producer = producer };
      rmq_env_task (lab->host, "sender", send_until_killed, sender_ended, &sender);
      for (guint i = 0; i < 5; i++)
        {
          g_autoptr (RmqMessage) message = new_message ("Orders", "async");
          g_assert_true (
              rmq_producer_send_with_callback (producer, message, 0, ignore_outcome, NULL, NULL));
        }
      if (seed % 3 == 0)
        lab_kill_broker (lab, 0, RMQ_CLOSE_FIN);
      lab_run_for (lab, (seed % 10) * 311);
      rmq_env_kill (lab->host, RMQ_CLOSE_FIN);
      lab_run_for (lab, SECOND);
      g_assert_true (sender.ended);
      rmq_producer_shutdown (producer);
      lab_run_for (lab, SECOND);
      g_assert_finalize_object (producer);
      lab_free (lab);
    }
}

int
main (int argc, char *argv[])
{
  static const char *const shares[] = { "4.5.1", "one" };
  static const char *const apart[] = { "4.9", NULL };
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/producer/lifecycle/" path, func)
#define ADD_DATA(path, data, func) g_test_add_data_func ("/producer/lifecycle/" path, data, func)
  ADD ("calls-in-the-wrong-state-are-refused", test_states);
  ADD_DATA ("group-DEFAULT_PRODUCER-is-refused", "DEFAULT_PRODUCER", test_bad_group);
  ADD_DATA ("a-blank-group-is-refused", " ", test_bad_group);
  ADD_DATA ("a-group-with-a-dot-is-refused", "a.b", test_bad_group);
  ADD ("group-lengths-by-profile", test_group_lengths);
  ADD ("a-taken-group-can-be-changed", test_same_group_twice);
  ADD_DATA ("4.5.1/default-instances-are-shared", shares, test_instances);
  ADD_DATA ("4.9/default-instances-are-apart", apart, test_instances);
  ADD ("a-killed-host-leaves-nothing", test_killed_host);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A sick name server among healthy ones, many who ask at once, and goodbyes to the dead. */

#include "producer-lab.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  RmqEnv *env;
  RmqListener *listener;
} Deaf;

static void
nobody_comes (RmqListener *listener, RmqLink *link, gpointer data)
{
  g_assert_not_reached ();
}

/* A host whose connects are never answered. */
static const char *
add_deaf (Lab *lab, Deaf *deaf)
{
  deaf->env =
      rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "deaf", .address = "10.8.0.1" });
  deaf->listener = rmq_env_listen (deaf->env, "10.8.0.1:9876", nobody_comes, NULL, NULL);
  rmq_listener_set_ignoring (deaf->listener, TRUE);
  return "10.8.0.1:9876";
}

static void
remove_deaf (Deaf *deaf)
{
  rmq_listener_close (deaf->listener);
  rmq_env_unref (deaf->env);
}

typedef struct
{
  Lab *lab;
  Deaf deaf;
  RmqProducer *producer;
} Fixture;

static void
tear_down (Fixture *f)
{
  lab_shutdown (f->lab, f->producer);
  remove_deaf (&f->deaf);
  lab_free (f->lab);
}

static Fixture
try_seed (const char *profile, const char *sick, guint seed)
{
  Fixture f = { .lab = lab_new_with (&(RmqSimOptions){ .seed = seed }, 1) };
  const char *deaf = add_deaf (f.lab, &f.deaf);
  g_autofree char *both = g_strdup_printf ("%s;%s", sick != NULL ? sick : deaf,
                                           rmq_mock_nameserver_get_address (f.lab->nameserver));
  f.producer = lab_new_producer (f.lab, "PG", profile);
  rmq_producer_set_namesrv_addr (f.producer, both);
  lab_run_task (f.lab, (RmqEnvFunc)(void (*) (void))rmq_producer_start, f.producer);
  lab_run_for (f.lab, 10 * SECOND); /* the first poll is over */
  return f;
}

/* A producer with two name servers that meets the sick one first; chance is tried until it does.
 * sick NULL: one that never answers a connect. */
static Fixture
meet_sick_first (const char *profile, const char *sick)
{
  for (guint seed = 1; seed < 50; seed++)
    {
      Fixture f = try_seed (profile, sick, seed);
      Outcome outcome = lab_send_text (f.lab, f.producer, "First", "hello");
      outcome_clear (&outcome);
      const char *chosen = lab_get_event (f.lab, &rmq_event_namesrv_chosen, 0)->text;
      if (!g_str_equal (chosen, rmq_mock_nameserver_get_address (f.lab->nameserver)))
        return f;
      tear_down (&f);
    }
  g_assert_not_reached ();
}

static guint
count_failures (Lab *lab, RmqProducer *producer, guint n)
{
  guint failed = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *topic = g_strdup_printf ("Fresh%u", i);
      Outcome outcome = lab_send_text (lab, producer, topic, "hello");
      failed += outcome.error != NULL;
      outcome_clear (&outcome);
      lab_run_for (lab, 5 * SECOND);
    }
  return failed;
}

static void
test_refuses (gconstpointer profile)
{
  Fixture f = meet_sick_first (profile, "10.9.0.1:1"); /* nobody listens there */
  g_assert_cmpuint (count_failures (f.lab, f.producer, 3), ==, 0);
  tear_down (&f);
}

/* Each query spends its time on the sick one, connects to the healthy one too late, and closes that
 * connection for its timeout: the next query starts with the sick one again. */
static void
test_ignored_connects_4_9 (void)
{
  Fixture f = meet_sick_first ("4.9", NULL);
  Outcome outcome = lab_send_text (f.lab, f.producer, "Second", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NAME_SERVER);
  g_assert_nonnull (strstr (outcome.error->message, "invokeSync call the addr[null] timeout"));
  g_assert_nonnull (strstr (outcome.error->message, "check that the name servers run"));
  outcome_clear (&outcome);
  g_assert_cmpuint (count_failures (f.lab, f.producer, 5), ==, 5);
  tear_down (&f);
}

static void
test_ignored_connects_ours (void)
{
  Fixture f = meet_sick_first ("recommended", NULL);
  g_assert_cmpuint (count_failures (f.lab, f.producer, 5), ==, 0);
  tear_down (&f);
}

/* ---- many ask at once ---------------------------------------------------- */

static guint
count_route_requests (Lab *lab, const char *topic)
{
  const RmqRequestLog *log =
      rmq_mock_server_get_requests (rmq_mock_nameserver_get_server (lab->nameserver));
  guint n = 0;
  for (guint64 i = log->first; i <= log->last; i++)
    {
      const RmqRequestRecord *record = rmq_request_log_get (log, i);
      n += record->code == 105
           && g_strcmp0 (rmq_remoting_command_get_ext (record->command, "topic"), topic) == 0;
    }
  return n;
}

typedef struct
{
  RmqProducer *producer;
  guint ended;
} Crowd;

static void
send_one (gpointer data)
{
  Crowd *crowd = data;
  g_autoptr (RmqMessage) message = new_message ("Orders", "hello");
  g_autoptr (RmqSendResult) result = rmq_producer_send (crowd->producer, message, 0, NULL);
  g_assert_nonnull (result);
}

static void
one_ended (gpointer data)
{
  ((Crowd *)data)->ended++;
}

static void
test_crowd (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  Crowd crowd = { .producer = lab_start_producer (lab, "PG", c[0]) };
  for (guint i = 0; i < 10; i++)
    rmq_env_task (lab->host, "sender", send_one, one_ended, &crowd);
  lab_run_for (lab, 9 * G_TIME_SPAN_MILLISECOND); /* the poll comes at 10 ms */
  g_assert_cmpuint (crowd.ended, ==, 10);
  g_assert_cmpuint (count_route_requests (lab, "Orders"), ==, c[1] != NULL ? 10 : 1);
  lab_shutdown (lab, crowd.producer);
  lab_free (lab);
}

/* ---- a round that ends early --------------------------------------------- */

static void
test_round (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  lab_add_topic (lab, "Bills", 4);
  RmqProducer *producer = lab_start_producer (lab, "PG", c[0]);
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  outcome_clear (&outcome);
  outcome = lab_send_text (lab, producer, "Bills", "hello");
  outcome_clear (&outcome);
  lab_run_for (lab, 20 * SECOND);
  rmq_mock_server_set_state (rmq_mock_nameserver_get_server (lab->nameserver), RMQ_SERVER_HANG,
                             TRUE, "test");
  guint before = lab_count_events (lab, &rmq_event_route_error);
  lab_run_for (lab, 25 * SECOND); /* one round, 3 s a topic */
  guint failed = lab_count_events (lab, &rmq_event_route_error) - before;
  g_assert_cmpuint (failed, ==, c[1] != NULL ? 1 : 2);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

/* ---- goodbyes ------------------------------------------------------------ */

static void
shut_down (gpointer data)
{
  rmq_producer_shutdown (data);
}

static void
test_goodbyes (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (3);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_start_producer (lab, "PG", c[0]);
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  outcome_clear (&outcome);
  lab_run_for (lab, 2 * SECOND);
  for (guint i = 0; i < 3; i++)
    rmq_env_pause (rmq_mock_server_get_env (rmq_mock_broker_get_server (lab_broker (lab, i))));
  gint64 begin_us = rmq_env_now (lab->host);
  lab_run_task (lab, shut_down, producer);
  gint64 took_us = rmq_env_now (lab->host) - begin_us;
  if (c[1] != NULL) /* three brokers, two groups, 3 s each */
    g_assert_cmpint (took_us, >=, 18 * SECOND);
  else
    g_assert_cmpint (took_us, <=, 6 * SECOND + G_TIME_SPAN_MILLISECOND);
  g_assert_finalize_object (producer);
  lab_free (lab);
}

int
main (int argc, char *argv[])
{
  static const char *const each[] = { "4.9", "each" };
  static const char *const single[] = { "recommended", NULL };
  static const char *const aborts[] = { "5.3", "aborts" };
  static const char *const logged[] = { "recommended", NULL };
  static const char *const serial[] = { "4.9", "serial" };
  static const char *const capped[] = { "recommended", NULL };
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/producer/name-servers/" path, func)
#define ADD_DATA(path, data, func) g_test_add_data_func ("/producer/name-servers/" path, data, func)
  ADD_DATA ("4.9/a-refusing-one-harms-nobody", "4.9", test_refuses);
  ADD_DATA ("recommended/a-refusing-one-harms-nobody", "recommended", test_refuses);
  ADD ("4.9/ignored-connects-starve-every-query", test_ignored_connects_4_9);
  ADD ("recommended/ignored-connects-cost-one-query", test_ignored_connects_ours);
  ADD_DATA ("4.9/each-caller-asks", each, test_crowd);
  ADD_DATA ("recommended/callers-share-a-query", single, test_crowd);
  ADD_DATA ("5.3/an-error-ends-the-round", aborts, test_round);
  ADD_DATA ("recommended/an-error-is-logged", logged, test_round);
  ADD_DATA ("4.9/goodbyes-to-the-dead-take-3-s-each", serial, test_goodbyes);
  ADD_DATA ("recommended/goodbyes-to-the-dead-are-capped", capped, test_goodbyes);
  return g_test_run ();
}

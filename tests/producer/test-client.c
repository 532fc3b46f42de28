/* SPDX-License-Identifier: Apache-2.0 */

/* What a client does beside sending: it finds name servers, polls routes, sends heartbeats, and
 * shows its tables. */

#include "producer-lab.h"

#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
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

/* ---- name server addresses ----------------------------------------------- */

/* The producers' host is another one, with this in its environment. */
static void
move_host (Lab *lab, const char *variable)
{
  const char *const variables[] = { variable, NULL };
  rmq_env_unref (lab->host);
  lab->host = rmq_world_add_host (
      lab->world,
      &(RmqHostSpec){ .name = "app2", .address = "10.9.0.2", .cpus = 1, .variables = variables });
}

static void
test_variable (void)
{
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  g_autofree char *variable =
      g_strdup_printf ("NAMESRV_ADDR=%s", rmq_mock_nameserver_get_address (lab->nameserver));
  move_host (lab, variable);
  RmqProducer *producer = rmq_producer_new_in (lab->host, "PG");
  rmq_producer_set_namesrv_addr (producer, " "); /* blank: none */
  g_assert_null (try_start (lab, producer));
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

static void
test_unknown_serialize_type (void)
{
  Lab *lab = lab_new (1);
  move_host (lab, "ROCKETMQ_SERIALIZE_TYPE=rocketmq");
  RmqProducer *producer = rmq_producer_new_in (lab->host, "PG");
  rmq_producer_set_namesrv_addr (producer, "10.0.0.1:9876");
  g_autoptr (GError) error = try_start (lab, producer);
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "'rocketmq': it may be JSON or ROCKETMQ"));
  g_object_unref (producer);
  lab_free (lab);
}

typedef struct
{
  Lab *lab;
  char *url;
  guint asked;
  char *answer; /* (nullable): fails */
} AddressServer;

typedef struct
{
  AddressServer *server;
  RmqLookupDone done;
  gpointer done_data;
} Lookup;

static void
answer_lookup (gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GError) error = NULL;
  if (lookup->server->answer == NULL)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "404");
  lookup->done (lookup->server->answer, error, lookup->done_data);
  g_free (lookup);
}

static void
look_up (RmqEnv *env, const char *url, gint64 timeout_us, RmqLookupDone done, gpointer done_data,
         gpointer data)
{
  AddressServer *server = data;
  Lookup *lookup = g_new (Lookup, 1);
  *lookup = (Lookup){ .server = server, .done = done, .done_data = done_data };
  server->asked++;
  g_free (server->url);
  server->url = g_strdup (url);
  rmq_env_post (env, answer_lookup, lookup);
}

static void
test_http (void)
{
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  AddressServer server = { .lab = lab,
                           .answer = g_strdup_printf (
                               " %s\r\nsecond line",
                               rmq_mock_nameserver_get_address (lab->nameserver)) };
  rmq_env_set_lookup (lab->host, look_up, &server);
  RmqProducer *producer = rmq_producer_new_in (lab->host, "PG");
  rmq_producer_set_namesrv_domain (producer, "ns.local:9000");
  g_assert_null (try_start (lab, producer));
  g_assert_cmpstr (server.url, ==, "http://ns.local:9000/rocketmq/nsaddr");
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_run_for (lab, 9 * SECOND);
  g_assert_cmpuint (server.asked, ==, 1);
  g_clear_pointer (&server.answer, g_free); /* a failed query keeps the old list */
  lab_run_for (lab, 2 * SECOND);
  g_assert_cmpuint (server.asked, ==, 2);
  lab_run_for (lab, 120 * SECOND);
  g_assert_cmpuint (server.asked, ==, 3);
  outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  g_free (server.url);
  lab_free (lab);
}

static void
test_no_name_server (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (0);
  RmqProducer *producer = rmq_producer_new_in (lab->host, "PG");
  g_assert_true (rmq_producer_set_profile (producer, c[0], NULL));
  g_assert_null (try_start (lab, producer));
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  gint code = c[1] != NULL ? RMQ_CLIENT_ERROR_NAME_SERVER : RMQ_CLIENT_ERROR_NO_NAME_SERVER;
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, code);
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

static void
test_unknown_topic (gconstpointer profile)
{
  Lab *lab = lab_new (0);
  RmqProducer *producer = lab_start_producer (lab, "PG", profile);
  Outcome outcome = lab_send_text (lab, producer, "Nowhere", "hello");
  g_assert_error (outcome.error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC);
  g_assert_nonnull (strstr (outcome.error->message, "create the topic"));
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

/* ---- tasks --------------------------------------------------------------- */

static guint
count_requests (Lab *lab, RmqMockServer *server, gint code)
{
  const RmqRequestLog *log = rmq_mock_server_get_requests (server);
  guint n = 0;
  for (guint64 i = log->first; i <= log->last; i++)
    {
      const RmqRequestRecord *record = rmq_request_log_get (log, i);
      n += record->code == code && g_str_has_prefix (record->peer, "10.9.0.1:");
    }
  return n;
}

static void
test_route_poll (gconstpointer data)
{
  const char *const *c = data;
  Lab *lab = lab_new (1);
  RmqMockServer *server = rmq_mock_nameserver_get_server (lab->nameserver);
  RmqProducer *producer = lab_start_producer (lab, "PG", c[0]);
  guint per_poll = c[1] != NULL ? 1 : 0; /* TBW102 stands in the table from the start */
  lab_run_for (lab, 9 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (lab, server, 105), ==, 0);
  lab_run_for (lab, SECOND);
  g_assert_cmpuint (count_requests (lab, server, 105), ==, per_poll);
  lab_run_for (lab, 29 * SECOND + 10 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (lab, server, 105), ==, 2 * per_poll);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

static void
test_never_found_topics_are_polled (void)
{
  Lab *lab = lab_new (0);
  RmqMockServer *server = rmq_mock_nameserver_get_server (lab->nameserver);
  RmqProducer *producer = lab_start_producer (lab, "PG", "5.3");
  Outcome outcome = lab_send_text (lab, producer, "Nowhere", "hello");
  g_assert_nonnull (outcome.error);
  outcome_clear (&outcome);
  guint before = count_requests (lab, server, 105);
  lab_run_for (lab, 61 * SECOND);
  g_assert_cmpuint (count_requests (lab, server, 105), ==, before + 2 + 1);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

static void
test_heartbeat (void)
{
  Lab *lab = lab_new (1);
  RmqMockServer *server = rmq_mock_broker_get_server (lab_broker (lab, 0));
  RmqProducer *producer = lab_start_producer (lab, "PG", "4.9");
  lab_run_for (lab, 900 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (lab, server, RMQ_REQUEST_HEART_BEAT), ==, 0);
  lab_run_for (lab, 200 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (lab, server, RMQ_REQUEST_HEART_BEAT), ==, 1);
  lab_run_for (lab, 30 * SECOND);
  g_assert_cmpuint (count_requests (lab, server, RMQ_REQUEST_HEART_BEAT), ==, 2);
  lab_shutdown (lab, producer);
  g_assert_cmpuint (count_requests (lab, server, RMQ_REQUEST_UNREGISTER_CLIENT), ==, 2);
  lab_free (lab);
}

static void
test_heartbeat_on_connect (void)
{
  Lab *lab = lab_new (1);
  lab_add_topic (lab, "Orders", 4);
  RmqMockServer *server = rmq_mock_broker_get_server (lab_broker (lab, 0));
  RmqProducer *producer = lab_start_producer (lab, "PG", "recommended");
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  outcome_clear (&outcome);
  lab_run_for (lab, 100 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_requests (lab, server, RMQ_REQUEST_HEART_BEAT), ==, 1);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

/* ---- routes -------------------------------------------------------------- */

static gint
n_queues (RmqProducer *producer, const char *topic)
{
  return rmq_producer_get_n_queues (producer, topic);
}

static void
test_auto_create (void)
{
  Lab *lab = lab_new (2);
  RmqProducer *producer = lab_start_producer (lab, "PG", "4.9");
  Outcome outcome = lab_send_text (lab, producer, "Fresh", "hello");
  g_assert_no_error (outcome.error);
  outcome_clear (&outcome);
  g_assert_cmpint (n_queues (producer, "Fresh"), ==, 8); /* both brokers have the template */
  lab_run_for (lab, 31 * SECOND);
  g_assert_cmpint (n_queues (producer, "Fresh"), ==, 4); /* only one has the topic */
  lab_shutdown (lab, producer);
  lab_free (lab);
}

static void
test_master_lost (void)
{
  Lab *lab = lab_new (2);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_start_producer (lab, "PG", "4.9");
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  outcome_clear (&outcome);
  lab_run_for (lab, SECOND); /* the poll at 10 ms is over */
  lab_kill_broker (lab, 0, RMQ_CLOSE_FIN);
  lab_run_for (lab, SECOND);
  g_assert_cmpint (n_queues (producer, "Orders"), ==, 8);
  for (guint i = 0; i < 8; i++)
    {
      outcome = lab_send_text (lab, producer, "Orders", "over there");
      g_assert_no_error (outcome.error);
      outcome_clear (&outcome);
    }
  lab_run_for (lab, 30 * SECOND);
  g_assert_cmpint (n_queues (producer, "Orders"), ==, 4);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

/* ---- tables -------------------------------------------------------------- */

static void
test_tables (void)
{
  Lab *lab = lab_new (2);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_start_producer (lab, "PG", "4.9");
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  outcome_clear (&outcome);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, rmq_env_now (lab->host));
  rmq_producer_fill_snapshot (producer, snapshot);
  static const struct
  {
    const char *id;
    guint rows;
  } expected[] = { { "factoryTable", 1 },
                   { "producerTable", 2 },
                   { "topicRouteTable", 1 },
                   { "brokerAddrTable", 2 },
                   { "topicPublishInfoTable", 2 },
                   { "messageQueues", 8 },
                   { "channelTables", 2 },
                   { "responseTable", 0 },
                   { "permits", 2 },
                   { "scheduledTasks", 11 },
                   { "lanes", 8 },
                   { "locks", 3 } };
  g_assert_cmpuint (rmq_snapshot_get_n_tables (snapshot), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const RmqTable *table = rmq_snapshot_find_table (snapshot, expected[i].id, NULL);
      g_assert_nonnull (table);
      const RmqTableSchema *schema = rmq_table_get_schema (table);
      g_test_message ("%s", schema->id);
      g_assert_cmpuint (rmq_table_get_n_rows (table), ==, expected[i].rows);
      for (guint c = 0; c < schema->n_columns; c++)
        g_assert_true (schema->columns[c].help[0] != '\0' && schema->columns[c].java[0] != '\0');
    }
  lab_shutdown (lab, producer);
  lab_free (lab);
}

int
main (int argc, char *argv[])
{
  static const char *const aborts[] = { "4.9", "unchecked" };
  static const char *const logged[] = { "4.5.1", NULL };
  static const char *const ours[] = { "recommended", NULL };
  static const char *const polls[] = { "4.9", "TBW102" };
  static const char *const polls_not[] = { "5.3", NULL };
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/producer/client/" path, func)
#define ADD_DATA(path, data, func) g_test_add_data_func ("/producer/client/" path, data, func)
  ADD ("name-servers-from-the-environment", test_variable);
  ADD ("unknown-encoding-of-headers-is-refused", test_unknown_serialize_type);
  ADD ("name-servers-over-http", test_http);
  ADD_DATA ("4.9/without-name-server-an-unchecked-error", aborts, test_no_name_server);
  ADD_DATA ("4.5.1/without-name-server-10004", logged, test_no_name_server);
  ADD_DATA ("recommended/without-name-server-10004", ours, test_no_name_server);
  ADD_DATA ("4.9/an-unknown-topic-is-10005", "4.9", test_unknown_topic);
  ADD_DATA ("recommended/an-unknown-topic-is-10005", "recommended", test_unknown_topic);
  ADD_DATA ("4.9/TBW102-is-polled", polls, test_route_poll);
  ADD_DATA ("5.3/TBW102-is-not-polled", polls_not, test_route_poll);
  ADD ("topics-never-found-stay-in-the-poll", test_never_found_topics_are_polled);
  ADD ("4.9/first-heartbeat-after-1-s-goodbye-for-both-groups", test_heartbeat);
  ADD ("recommended/heartbeat-on-connect", test_heartbeat_on_connect);
  ADD ("an-auto-created-topic-shrinks-at-the-next-poll", test_auto_create);
  ADD ("4.9/a-lost-master-goes-with-the-next-poll", test_master_lost);
  ADD ("every-table-has-its-rows-and-texts", test_tables);
  return g_test_run ();
}

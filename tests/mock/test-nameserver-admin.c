/* SPDX-License-Identifier: Apache-2.0 */

/* What tests/conformance can't ask of a name server in passing: what outlives a kill, what time
 * does, and settings that change answers. In virtual time. */

#include "mock-lab.h"
#include "rmq-bodies.h"
#include "rmq-codes-private.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  Client *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer profile)
{
  g_autoptr (GError) error = NULL;
  f->lab = lab_new (1);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "ns1", NULL);
  g_autofree char *listen = g_strdup_printf ("%s:9876", rmq_env_get_host_address (env));
  f->nameserver = rmq_mock_nameserver_new ("ns1", rmq_mock_profile_find (profile));
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, env, listen, &error));
  g_assert_no_error (error);
  f->client = lab_connect (f->lab, "client", listen);
}

static void
tear_down (Fixture *f, gconstpointer profile)
{
  client_free (f->client);
  rmq_mock_nameserver_free (f->nameserver);
  lab_free (f->lab);
}

/* fields: name, value … NULL. body (nullable): a text. */
static RmqRemotingCommand *
ask (Fixture *f, gint code, const char *const *fields, const char *body)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (code);
  for (guint i = 0; fields != NULL && fields[i] != NULL; i += 2)
    rmq_remoting_command_add_ext (request, fields[i], fields[i + 1]);
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
      rmq_remoting_command_set_body (request, bytes);
    }
  return client_call (f->lab, f->client, request);
}

static void
assert_asked (Fixture *f, gint code, const char *const *fields, const char *body, gint answer,
              const char *remark)
{
  g_autoptr (RmqRemotingCommand) response = ask (f, code, fields, body);
  g_assert_nonnull (response);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, answer);
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==, remark);
}

static void
set (Fixture *f, const char *line)
{
  assert_asked (f, RMQ_REQUEST_UPDATE_NAMESRV_CONFIG, NULL, line, RMQ_RESPONSE_SUCCESS, NULL);
}

#define TWO_TOPICS                                                                                 \
  "{\"topicConfigSerializeWrapper\":{\"dataVersion\":{\"counter\":1,\"timestamp\":1},"             \
  "\"topicConfigTable\":{\"T\":{\"perm\":6,\"readQueueNums\":4,\"writeQueueNums\":4},"             \
  "\"U\":{\"perm\":6,\"readQueueNums\":4,\"writeQueueNums\":4}}}}"
#define BROKER                                                                                     \
  "brokerName", "broker-a", "brokerAddr", "10.0.0.5:10911", "clusterName", "C", "brokerId", "0",   \
      "haServerAddr", "10.0.0.5:10912"

static const char *const broker[] = { BROKER, NULL };
static const char *const hasty_broker[] = { BROKER, "heartbeatTimeoutMillis", "10000", NULL };
static const char *const order[] = { "namespace", "ORDER_TOPIC_CONFIG", "key", "T",
                                     "value",     "broker-a:4",         NULL };
static const char *const topic[] = { "topic", "T", NULL };

static gboolean
body_has (RmqRemotingCommand *response, const char *text)
{
  GBytes *body = rmq_remoting_command_get_body (response);
  gsize size = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;
  return data != NULL && g_strstr_len (data, (gssize)size, text) != NULL;
}

static gboolean
registration_tells_order (Fixture *f)
{
  g_autoptr (RmqRemotingCommand) response =
      ask (f, RMQ_REQUEST_REGISTER_BROKER, broker, TWO_TOPICS);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, RMQ_RESPONSE_SUCCESS);
  return body_has (response, "{\"table\":{\"T\":\"broker-a:4\"}}");
}

/* ---- key-value store ----------------------------------------------------- */

static void
test_kv_outlives_kill (Fixture *f, gconstpointer profile)
{
  g_autoptr (GError) error = NULL;
  assert_asked (f, RMQ_REQUEST_PUT_KV_CONFIG, order, NULL, RMQ_RESPONSE_SUCCESS, NULL);
  assert_asked (f, RMQ_REQUEST_REGISTER_BROKER, broker, TWO_TOPICS, RMQ_RESPONSE_SUCCESS, NULL);
  g_autofree char *address = g_strdup (rmq_mock_nameserver_get_address (f->nameserver));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  rmq_mock_nameserver_kill (f->nameserver, RMQ_CLOSE_FIN);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "ns1", ip);
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, env, address, &error));
  g_assert_no_error (error);
  client_free (f->client);
  f->client = lab_connect (f->lab, "client2", address);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_true (registration_tells_order (f));
  rmq_mock_nameserver_reset (f->nameserver);
  g_assert_false (registration_tells_order (f));
}

static void
test_kv_snapshot (Fixture *f, gconstpointer profile)
{
  assert_asked (f, RMQ_REQUEST_PUT_KV_CONFIG, order, NULL, RMQ_RESPONSE_SUCCESS, NULL);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, rmq_sim_world_now (f->lab->world));
  rmq_mock_nameserver_fill_snapshot (f->nameserver, snapshot);
  g_assert_cmpuint (snapshot_rows (snapshot, "configTable", "namespace", "ORDER_TOPIC_CONFIG"), ==,
                    1);
  g_assert_cmpuint (snapshot_rows (snapshot, "configTable", "value", "broker-a:4"), ==, 1);
}

/* ---- settings ------------------------------------------------------------ */

static void
test_order_not_returned (Fixture *f, gconstpointer profile)
{
  assert_asked (f, RMQ_REQUEST_PUT_KV_CONFIG, order, NULL, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_true (registration_tells_order (f));
  set (f, "returnOrderTopicConfigToBroker=false\n");
  g_assert_false (registration_tells_order (f));
}

static void
test_not_ready (Fixture *f, gconstpointer profile)
{
  assert_asked (f, RMQ_REQUEST_REGISTER_BROKER, broker, TWO_TOPICS, RMQ_RESPONSE_SUCCESS, NULL);
  set (f, "# a comment\n needWaitForService : TRUE\nwaitSecondsForService=ten\n");
  assert_asked (f, RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, topic, NULL, RMQ_RESPONSE_SYSTEM_ERROR,
                "name server not ready");
  lab_run_until (f->lab, 46 * SECOND); /* "ten" is no number: 45 it stays */
  assert_asked (f, RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, topic, NULL, RMQ_RESPONSE_SUCCESS, NULL);
}

static void
test_lists_disabled (Fixture *f, gconstpointer profile)
{
  set (f, "enableAllTopicList=false\nenableTopicList=no\n");
  assert_asked (f, RMQ_REQUEST_GET_ALL_TOPIC_LIST_FROM_NAMESERVER, NULL, NULL,
                RMQ_RESPONSE_SYSTEM_ERROR, "disable");
  assert_asked (f, RMQ_REQUEST_GET_UNIT_TOPIC_LIST, NULL, NULL, RMQ_RESPONSE_SYSTEM_ERROR,
                "disable");
}

static void
test_no_such_setting (Fixture *f, gconstpointer profile)
{
  g_autoptr (RmqRemotingCommand) response = NULL;
  set (f, "needWaitForService=true\nproductEnvName=a\\u0062\\tc\n");
  response = ask (f, RMQ_REQUEST_GET_NAMESRV_CONFIG, NULL, NULL);
  g_assert_false (body_has (response, "needWaitForService"));
  g_assert_true (body_has (response, "productEnvName=ab\tc\n"));
  g_assert_true (body_has (response, "listenPort=9876\n"));
}

/* ---- time ---------------------------------------------------------------- */

/* Keeps the connection busy, so that only a scan can find the broker. */
static void
run_busy_until (Fixture *f, gint64 at_us)
{
  static const char *const nobody[] = { "topic", "Nobody", NULL };
  while (rmq_sim_world_now (f->lab->world) < at_us)
    {
      if (f->client->end == NULL) /* the scan ends it with the broker */
        rmq_remoting_command_unref (ask (f, RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, nobody, NULL));
      lab_run_for (f->lab, 500 * G_TIME_SPAN_MILLISECOND);
    }
}

static void
test_heartbeat_timeout (Fixture *f, gconstpointer profile)
{
  gint64 start_us = rmq_sim_world_now (f->lab->world);
  gboolean obeys = g_str_equal (profile, "5.3");
  assert_asked (f, RMQ_REQUEST_REGISTER_BROKER, hasty_broker, TWO_TOPICS, RMQ_RESPONSE_SUCCESS,
                NULL);
  run_busy_until (f, start_us + 9 * SECOND);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  run_busy_until (f, start_us + 17 * SECOND);
  g_assert_cmpint (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"), ==, !obeys);
}

static void
test_heartbeat_keeps (Fixture *f, gconstpointer profile)
{
  gint64 start_us = rmq_sim_world_now (f->lab->world);
  assert_asked (f, RMQ_REQUEST_REGISTER_BROKER, hasty_broker, TWO_TOPICS, RMQ_RESPONSE_SUCCESS,
                NULL);
  for (gint i = 1; i <= 20; i++)
    {
      assert_asked (f, RMQ_REQUEST_BROKER_HEARTBEAT, broker, NULL, RMQ_RESPONSE_SUCCESS, NULL);
      lab_run_for (f->lab, SECOND);
    }
  g_assert_cmpint (rmq_sim_world_now (f->lab->world), >, start_us + 19 * SECOND);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, profile, func)                                                                   \
  g_test_add ("/mock/nameserver/" path, Fixture, profile, set_up, func, tear_down)
  ADD ("kv/4.5.1/outlives-a-kill-and-not-a-reset", "4.5.1", test_kv_outlives_kill);
  ADD ("kv/5.3/outlives-a-kill-and-not-a-reset", "5.3", test_kv_outlives_kill);
  ADD ("kv/4.9/is-a-table-of-the-snapshot", "4.9", test_kv_snapshot);
  ADD ("settings/5.3/brokers-may-be-told-no-order", "5.3", test_order_not_returned);
  ADD ("settings/5.3/clients-may-have-to-wait", "5.3", test_not_ready);
  ADD ("settings/5.3/lists-can-be-disabled", "5.3", test_lists_disabled);
  ADD ("settings/4.9/what-a-version-lacks-is-passed-over", "4.9", test_no_such_setting);
  ADD ("expiry/4.9/is-120-s-whatever-the-broker-says", "4.9", test_heartbeat_timeout);
  ADD ("expiry/5.3/is-the-brokers-own-word", "5.3", test_heartbeat_timeout);
  ADD ("expiry/5.3/a-heartbeat-puts-it-off", "5.3", test_heartbeat_keeps);
  return g_test_run ();
}

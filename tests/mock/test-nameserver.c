/* SPDX-License-Identifier: Apache-2.0 */

/* The mock name server against spec/nameserver.md, in virtual time. */

#include "mock-lab.h"
#include "rmq-codes-private.h"
#include "rmq-headers.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  Client *client;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->lab = lab_new (1);
  f->nameserver = lab_start_nameserver (f->lab, "ns1");
  f->client = lab_connect (f->lab, "client", rmq_mock_nameserver_get_address (f->nameserver));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  client_free (f->client);
  rmq_mock_nameserver_free (f->nameserver);
  lab_free (f->lab);
}

static Client *
connect_broker (Fixture *f, const char *host)
{
  return lab_connect (f->lab, host, rmq_mock_nameserver_get_address (f->nameserver));
}

typedef struct
{
  const char *broker_name;
  const char *address;
  gint64 id;
  gint64 counter;
  const char *topic; /* (nullable) */
} Registration;

static RmqRemotingCommand *
new_registration (const Registration *registration)
{
  g_autoptr (RmqRegisterBrokerBody) body = rmq_register_broker_body_new ();
  body->data_version = (RmqDataVersion){ 1795515075782, registration->counter };
  if (registration->topic != NULL)
    rmq_register_broker_body_add_topic (body, registration->topic, 4, 4, 6);
  g_autoptr (GBytes) bytes = rmq_register_broker_body_encode (body);
  RmqRegisterBrokerRequestHeader header = {
    .broker_name = registration->broker_name,
    .broker_addr = registration->address,
    .cluster_name = "DefaultCluster",
    .ha_server_addr = "10.0.0.5:10912",
    .broker_id = registration->id,
    .has_body_crc32 = TRUE,
    .body_crc32 = rmq_body_crc32 (bytes),
  };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_REGISTER_BROKER);
  rmq_header_encode (&rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES, &header, request);
  rmq_remoting_command_set_body (request, bytes);
  return request;
}

static void
register_broker (Fixture *f, Client *broker, const Registration *registration)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, broker, new_registration (registration));
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_true (rmq_remoting_command_has_ext (response));
}

static gint
route_code (Fixture *f, const char *topic)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_route_query (topic));
  g_assert_nonnull (response);
  return rmq_remoting_command_get_code (response);
}

static char *
get_body (RmqRemotingCommand *response)
{
  GBytes *body = rmq_remoting_command_get_body (response);
  g_assert_nonnull (body);
  return g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

static const Registration broker_a = { "broker-a", "10.0.0.5:10911", 0, 1, "Orders" };

/* ---- 103, 105 ------------------------------------------------------------ */

static void
test_unknown_topic (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_route_query ("NoSuchTopic"));
  assert_answer (response, RMQ_RESPONSE_TOPIC_NOT_EXIST,
                 "No topic route info in name server for the topic: NoSuchTopic\n"
                 "See http://rocketmq.apache.org/docs/faq/ for further details.");
  g_assert_false (rmq_remoting_command_has_ext (response));
  g_assert_null (rmq_remoting_command_get_body (response));
}

static void
test_route_forms (Fixture *f, gconstpointer unused)
{
  static const struct
  {
    gint version;
    const char *only_standard;
    const char *key;
  } forms[] = {
    { 315, NULL, "0" }, { 400, NULL, "0" }, { 400, "true", "\"0\"" }, { 401, NULL, "\"0\"" }
  };
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      RmqRemotingCommand *query = new_route_query ("Orders");
      if (forms[i].only_standard != NULL)
        rmq_remoting_command_add_ext (query, "acceptStandardJsonOnly", forms[i].only_standard);
      rmq_remoting_command_set_opaque (query, (gint32)(1000 + i));
      rmq_remoting_command_set_version (query, forms[i].version);
      g_assert_true (rmq_connection_send (f->client->connection, query));
      rmq_remoting_command_unref (query);
      lab_run_for (f->lab, SECOND);
      g_autofree char *body =
          get_body (g_ptr_array_index (f->client->received, f->client->received->len - 1));
      g_autofree char *expected = g_strdup_printf (
          "{\"brokerDatas\":[{\"brokerAddrs\":{%s:\"10.0.0.5:10911\"},\"brokerName\":\"broker-a\","
          "\"cluster\":\"DefaultCluster\"}],\"filterServerTable\":{},\"queueDatas\":[{"
          "\"brokerName\":\"broker-a\",\"perm\":6,\"readQueueNums\":4,\"topicSysFlag\":0,"
          "\"writeQueueNums\":4}]}",
          forms[i].key);
      g_assert_cmpstr (body, ==, expected);
    }
  client_free (broker);
}

static void
test_wrong_crc (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  RmqRemotingCommand *request = new_registration (&broker_a);
  rmq_remoting_command_add_ext (request, "bodyCrc32", "1");
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, broker, request);
  assert_answer (response, RMQ_RESPONSE_SYSTEM_ERROR, "crc32 not match");
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  client_free (broker);
}

static void
test_undecodable_body (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  RmqRemotingCommand *request = new_registration (&broker_a);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("{garbage", 8);
  rmq_remoting_command_set_body (request, garbage);
  rmq_remoting_command_add_ext (request, "bodyCrc32", "0");
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, broker, request);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, RMQ_RESPONSE_SYSTEM_ERROR);
  g_assert_nonnull (
      strstr (rmq_remoting_command_get_remark (response), "Failed to decode RegisterBrokerBody"));
  client_free (broker);
}

static void
test_same_version_ignores_topics (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  register_broker (f, broker, &(Registration){ "broker-a", "10.0.0.5:10911", 0, 1, "Other" });
  g_assert_cmpint (route_code (f, "Other"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  register_broker (f, broker, &(Registration){ "broker-a", "10.0.0.5:10911", 0, 2, "Other" });
  g_assert_cmpint (route_code (f, "Other"), ==, RMQ_RESPONSE_SUCCESS);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_SUCCESS); /* never taken away */
  client_free (broker);
}

static void
test_slave_learns_master (Fixture *f, gconstpointer unused)
{
  Client *master = connect_broker (f, "a");
  Client *slave = connect_broker (f, "a1");
  register_broker (f, master, &broker_a);
  g_autoptr (RmqRemotingCommand) response = client_call (
      f->lab, slave,
      new_registration (&(Registration){ "broker-a", "10.0.0.6:10911", 1, 7, "OnlySlave" }));
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "masterAddr"), ==, "10.0.0.5:10911");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "haServerAddr"), ==, "10.0.0.5:10912");
  g_assert_cmpint (route_code (f, "OnlySlave"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  client_free (slave);
  client_free (master);
}

static void
test_cluster_info (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  g_autoptr (RmqRemotingCommand) response = client_call (
      f->lab, f->client, rmq_remoting_command_new_request (RMQ_REQUEST_GET_BROKER_CLUSTER_INFO));
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_autofree char *body = get_body (response);
  g_assert_cmpstr (body, ==,
                   "{\"brokerAddrTable\":{\"broker-a\":{\"brokerAddrs\":{0:\"10.0.0.5:10911\"},"
                   "\"brokerName\":\"broker-a\",\"cluster\":\"DefaultCluster\"}},"
                   "\"clusterAddrTable\":{\"DefaultCluster\":[\"broker-a\"]}}");
  client_free (broker);
}

static void
test_unknown_code_is_silence (Fixture *f, gconstpointer unused)
{
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, rmq_remoting_command_new_request (9999));
  g_assert_null (response);
  g_assert_null (f->client->end); /* and the connection stays */
}

/* ---- how a broker leaves ------------------------------------------------- */

static void
test_unregister (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  RmqUnregisterBrokerRequestHeader header = {
    .broker_name = "broker-a",
    .broker_addr = "10.0.0.5:10911",
    .cluster_name = "DefaultCluster",
  };
  RmqRemotingCommand *goodbye = rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_BROKER);
  rmq_header_encode (&rmq_unregister_broker_request_header, RMQ_HEADER_LONG_NAMES, &header,
                     goodbye);
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, broker, goodbye);
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpint (route_code (f, "Orders"), ==, RMQ_RESPONSE_TOPIC_NOT_EXIST);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  client_free (broker);
}

static void
test_broken_connection (Fixture *f, gconstpointer how)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  rmq_connection_close (broker->connection, GPOINTER_TO_INT (how));
  lab_run_for (f->lab, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_cmpuint (lab_count_events (f->lab, &rmq_event_broker_disconnected), ==, 1);
  client_free (broker);
}

static void
test_first_of_a_connection (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "abc");
  register_broker (f, broker, &(Registration){ "broker-a", "10.0.0.5:1", 0, 1, "T" });
  register_broker (f, broker, &(Registration){ "broker-b", "10.0.0.5:2", 0, 1, "T" });
  register_broker (f, broker, &(Registration){ "broker-c", "10.0.0.5:3", 0, 1, "T" });
  client_free (broker);
  lab_run_for (f->lab, SECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-b"));
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-c"));
}

/* Its connection is kept busy by route queries, so only the scan can find it: at 5, 15, 25 … s. */
static void
test_silence (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  gint64 registered_us = rmq_sim_world_now (f->lab->world);
  for (gint i = 1; i <= 12; i++)
    {
      lab_run_until (f->lab, i * 10 * SECOND);
      rmq_remoting_command_unref (client_call (f->lab, broker, new_route_query ("Orders")));
    }
  lab_run_until (f->lab, registered_us + 120 * SECOND);
  g_assert_true (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  lab_run_until (f->lab, 126 * SECOND);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_broker_expired);
  g_assert_cmpint (event->at_us, ==, 125 * SECOND);
  lab_run_for (f->lab, SECOND);
  g_assert_nonnull (broker->end); /* the scan closes its connection */
  client_free (broker);
}

static void
test_idle_connection (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  rmq_connection_set_idle_timeout (broker->connection, 0);
  register_broker (f, broker, &broker_a);
  gint64 silent_from_us = rmq_sim_world_now (f->lab->world);
  lab_run_until (f->lab, silent_from_us + 121 * SECOND);
  const RmqEvent *event = lab_last_event (f->lab, &rmq_event_broker_disconnected);
  g_assert_nonnull (event);
  g_assert_cmpint (event->at_us - silent_from_us, >=, 119 * SECOND);
  g_assert_cmpint (event->at_us - silent_from_us, <=, 120 * SECOND + 20000);
  client_free (broker);
}

static void
test_name_stays_while_slave_does (Fixture *f, gconstpointer unused)
{
  Client *master = connect_broker (f, "a");
  Client *slave = connect_broker (f, "a1");
  register_broker (f, master, &broker_a);
  register_broker (f, slave, &(Registration){ "broker-a", "10.0.0.6:10911", 1, 1, NULL });
  client_free (master);
  lab_run_for (f->lab, SECOND);
  g_autoptr (RmqRemotingCommand) response =
      client_call (f->lab, f->client, new_route_query ("Orders"));
  g_autofree char *body = get_body (response);
  g_assert_nonnull (strstr (body, "\"brokerAddrs\":{\"1\":\"10.0.0.6:10911\"}"));
  client_free (slave);
}

/* ---- kill, snapshot ------------------------------------------------------ */

static void
test_kill_forgets (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  g_autofree char *address = g_strdup (rmq_mock_nameserver_get_address (f->nameserver));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  rmq_mock_nameserver_kill (f->nameserver, RMQ_CLOSE_FIN);
  lab_run_for (f->lab, SECOND);
  g_assert_nonnull (broker->end);
  g_assert_nonnull (f->client->end);
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "ns1", ip);
  g_assert_true (rmq_mock_nameserver_start (f->nameserver, env, address, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rmq_mock_nameserver_get_address (f->nameserver), ==, address);
  g_assert_false (rmq_mock_nameserver_has_broker (f->nameserver, "broker-a"));
  client_free (broker);
}

static void
test_snapshot (Fixture *f, gconstpointer unused)
{
  Client *broker = connect_broker (f, "a");
  register_broker (f, broker, &broker_a);
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, rmq_sim_world_now (f->lab->world));
  rmq_mock_nameserver_fill_snapshot (f->nameserver, snapshot);
  g_assert_cmpint (
      snapshot_number (snapshot, "topicQueueTable", "topic", "Orders", "writeQueueNums"), ==, 4);
  g_assert_cmpint (
      snapshot_number (snapshot, "brokerAddrTable", "brokerName", "broker-a", "brokerId"), ==, 0);
  g_assert_cmpuint (snapshot_rows (snapshot, "clusterAddrTable", "cluster", "DefaultCluster"), ==,
                    1);
  g_assert_cmpint (snapshot_number (snapshot, "brokerLiveTable", "brokerAddr", "10.0.0.5:10911",
                                    "lastUpdateTimestamp"),
                   >, 0);
  client_free (broker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, data, func)                                                                      \
  g_test_add ("/mock/nameserver/" path, Fixture, data, set_up, func, tear_down)
  ADD ("route/4.9/unknown-topic-is-17", NULL, test_unknown_topic);
  ADD ("route/4.9/keys-are-quoted-from-version-401", NULL, test_route_forms);
  ADD ("register/4.9/wrong-crc-is-refused", NULL, test_wrong_crc);
  ADD ("register/4.9/undecodable-body-is-refused", NULL, test_undecodable_body);
  ADD ("register/4.9/equal-version-ignores-topics", NULL, test_same_version_ignores_topics);
  ADD ("register/4.9/slave-learns-its-master", NULL, test_slave_learns_master);
  ADD ("cluster-info/4.9/integer-keys-stand-bare", NULL, test_cluster_info);
  ADD ("unknown-code/4.9/is-met-with-silence", NULL, test_unknown_code_is_silence);
  ADD ("leave/4.9/goodbye-takes-the-topics", NULL, test_unregister);
  ADD ("leave/4.9/fin-drops-the-broker-at-once", GINT_TO_POINTER (RMQ_CLOSE_FIN),
       test_broken_connection);
  ADD ("leave/4.9/reset-drops-the-broker-at-once", GINT_TO_POINTER (RMQ_CLOSE_RST),
       test_broken_connection);
  ADD ("leave/4.9/only-the-first-of-a-connection-goes", NULL, test_first_of_a_connection);
  ADD ("leave/4.9/silence-ends-at-a-scan-after-120-s", NULL, test_silence);
  ADD ("leave/4.9/idle-connection-ends-after-120-s", NULL, test_idle_connection);
  ADD ("leave/4.9/name-stays-while-a-slave-does", NULL, test_name_stays_while_slave_does);
  ADD ("kill/4.9/forgets-everything-and-listens-again", NULL, test_kill_forgets);
  ADD ("snapshot/tables-tell-what-was-registered", NULL, test_snapshot);
  return g_test_run ();
}

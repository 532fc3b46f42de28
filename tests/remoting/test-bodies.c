/* SPDX-License-Identifier: Apache-2.0 */

/* JSON bodies against recorded ones: routes in the forms of three versions, registrations,
 * heartbeats, the cluster's list. */

#include "rmq-bodies.h"
#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-topic-route-data.h"
#include "vector.h"

static const RmqRouteForm form_4_5_1 = { .topic_syn_flag = TRUE };
static const RmqRouteForm form_4_9_7 = { .quoted_keys = TRUE };
static const RmqRouteForm form_5_3_3 = { .quoted_keys = TRUE, .acting_master = TRUE };
static const RmqRouteForm form_4_9_7_bare = { 0 };
static const RmqRouteForm form_5_3_3_bare = { .acting_master = TRUE };

static GBytes *
request_body (const char *name)
{
  g_autoptr (Vector) vector = vector_load (name);
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  return g_bytes_ref (rmq_remoting_command_get_body (request));
}

static GBytes *
response_body (const char *name)
{
  g_autoptr (Vector) vector = vector_load (name);
  g_autoptr (RmqRemotingCommand) response = vector_decode (vector->response);
  return g_bytes_ref (rmq_remoting_command_get_body (response));
}

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
assert_text (GBytes *bytes, const char *text)
{
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

/* ---- routes -------------------------------------------------------------- */

typedef struct
{
  const char *claim;
  const char *vector;
  const RmqRouteForm *form;
  const char *address;
  gint queues, perm;
} RouteCase;

static const RouteCase route_cases[] = {
  { "bare-keys-and-topicSynFlag/4.5.1", "4.5.1/route-known", &form_4_5_1, "127.0.0.1:18111", 4, 6 },
  { "the-template-topic/4.5.1", "4.5.1/route-tbw102", &form_4_5_1, "127.0.0.1:18111", 8, 7 },
  { "quoted-keys/4.9.7", "4.9.7/route-known", &form_4_9_7, "127.0.0.1:18211", 4, 6 },
  { "the-template-topic/4.9.7", "4.9.7/route-tbw102", &form_4_9_7, "127.0.0.1:18211", 8, 7 },
  { "a-topic-just-created/4.9.7", "4.9.7/route-auto-created", &form_4_9_7, "127.0.0.1:18211", 4,
    6 },
  { "bare-keys-for-an-old-client/4.9.7", "node/route-105-to-nameserver", &form_4_9_7_bare,
    "127.0.0.1:18211", 4, 6 },
  { "the-acting-master-flag/5.3.3", "5.3.3/route-known", &form_5_3_3, "127.0.0.1:18311", 4, 6 },
};

static void
test_route (gconstpointer data)
{
  const RouteCase *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = response_body (row->vector);
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_decode (body, &error);
  g_assert_no_error (error);
  const RmqQueueData *queue = g_ptr_array_index (route->queue_datas, 0);
  g_assert_cmpstr (queue->broker_name, ==, "broker-a");
  g_assert_cmpint (queue->write_queue_nums, ==, row->queues);
  g_assert_cmpint (queue->read_queue_nums, ==, row->queues);
  g_assert_cmpint (queue->perm, ==, row->perm);
  const RmqBrokerData *broker = rmq_topic_route_data_find_broker (route, "broker-a");
  g_assert_cmpstr (broker->cluster, ==, "LabCluster");
  g_assert_cmpstr (rmq_broker_data_get_addr (broker, 0), ==, row->address);
  g_assert_null (rmq_broker_data_get_addr (broker, 1));
  g_autoptr (GBytes) again = rmq_topic_route_data_encode (route, row->form);
  vector_assert_equal (again, body, row->vector);
}

static RmqTopicRouteData *
large_route (void)
{
  RmqTopicRouteData *route = rmq_topic_route_data_new ();
  route->order_topic_conf = g_strdup ("b1:4;b2:4");
  for (gint i = 1; i <= 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("b%d \u00e4", i);
      RmqBrokerData *broker = rmq_topic_route_data_add_broker_data (route, "C/1", name);
      rmq_broker_data_set_addr (broker, 5, "127.0.0.1:5");
      rmq_broker_data_set_addr (broker, 0, "127.0.0.1:0");
      rmq_broker_data_set_addr (broker, 1, "127.0.0.1:99");
      rmq_broker_data_set_addr (broker, 1, "127.0.0.1:1");
      rmq_topic_route_data_add_queue_data (route, name, 4, i, 6)->topic_sys_flag = 2;
    }
  RmqFilterServers *servers = g_new0 (RmqFilterServers, 1);
  servers->broker_addr = g_strdup ("127.0.0.1:0");
  servers->filter_servers = g_strsplit ("f1 f2", " ", -1);
  g_ptr_array_add (route->filter_server_table, servers);
  return route;
}

static void
test_route_round_trip (void)
{
  const RmqRouteForm *forms[] = { &form_4_5_1, &form_4_9_7, &form_5_3_3, &form_4_9_7_bare,
                                  &form_5_3_3_bare };
  g_autoptr (RmqTopicRouteData) route = large_route ();
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = rmq_topic_route_data_encode (route, forms[i]);
      g_autoptr (RmqTopicRouteData) again = rmq_topic_route_data_decode (body, &error);
      g_assert_no_error (error);
      g_assert_true (rmq_topic_route_data_equal (route, again));
      const char *umlaut = forms[i]->quoted_keys ? "b1 \\u00E4" : "b1 \u00e4";
      g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
      g_assert_nonnull (strstr (text, umlaut));
      g_assert_nonnull (strstr (text, forms[i]->quoted_keys ? "C\\/1" : "C/1"));
    }
}

static void
test_route_copy_is_deep (void)
{
  g_autoptr (RmqTopicRouteData) route = large_route ();
  g_autoptr (RmqTopicRouteData) copy = rmq_topic_route_data_copy (route);
  g_assert_true (rmq_topic_route_data_equal (route, copy));
  ((RmqQueueData *)g_ptr_array_index (copy->queue_datas, 1))->write_queue_nums++;
  g_assert_false (rmq_topic_route_data_equal (route, copy));
}

static void
test_route_order_is_no_difference (void)
{
  g_autoptr (RmqTopicRouteData) route = large_route ();
  g_autoptr (RmqTopicRouteData) turned = rmq_topic_route_data_copy (route);
  g_ptr_array_add (turned->queue_datas, g_ptr_array_steal_index (turned->queue_datas, 0));
  g_ptr_array_add (turned->broker_datas, g_ptr_array_steal_index (turned->broker_datas, 0));
  g_assert_true (rmq_topic_route_data_equal (route, turned));
  rmq_broker_data_set_addr (g_ptr_array_index (turned->broker_datas, 0), 7, "127.0.0.1:7");
  g_assert_false (rmq_topic_route_data_equal (route, turned));
}

typedef struct
{
  const char *claim;
  const char *body;
  const char *message;
} BadBody;

static const BadBody bad_routes[] = {
  { "nothing", "", "topic route: an object is needed at byte 0" },
  { "null", "null", "topic route: a value outside an object at byte 0" },
  { "a-list", "[]", "topic route: an object is needed at byte 0" },
  { "a-broker-id-that-is-no-number",
    "{\"brokerDatas\":[{\"brokerAddrs\":{\"x\":\"a:1\"},\"brokerName\":\"b\"}]}",
    "topic route: a broker id is no number at byte 36" },
  { "a-broker-without-a-name", "{\"brokerDatas\":[{\"brokerAddrs\":{0:\"a:1\"}}]}",
    "topic route: a broker without brokerName at byte 41" },
  { "a-queue-without-a-broker", "{\"queueDatas\":[{}]}",
    "topic route: a queue without brokerName at byte 17" },
  { "too-many-queues", "{\"queueDatas\":[{\"brokerName\":\"b\",\"writeQueueNums\":65536}]}",
    "topic route: not an integer, or out of range at byte 50" },
  { "half-a-route", "{\"brokerDatas\":[", "topic route: it ends too early at byte 16" },
};

static void
test_bad_route (gconstpointer data)
{
  const BadBody *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = bytes_of (row->body);
  g_assert_null (rmq_topic_route_data_decode (body, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, row->message);
}

static void
test_too_many_addresses (void)
{
  g_autoptr (GString) text =
      g_string_new ("{\"brokerDatas\":[{\"brokerName\":\"b\",\"brokerAddrs\":{");
  for (gint i = 0; i < 1025; i++)
    g_string_append_printf (text, "%s%d:\"a:1\"", i > 0 ? "," : "", i);
  g_string_append (text, "}}]}");
  g_autoptr (GBytes) body = bytes_of (text->str);
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_topic_route_data_decode (body, &error));
  g_assert_nonnull (strstr (error->message, "a broker name has too many addresses"));
}

static void
test_nulls_and_strangers (void)
{
  g_autoptr (GBytes) body =
      bytes_of ("{\"topicQueueMappingByBroker\":{\"b\":{0:{}}},\"orderTopicConf\":null,"
                "\"filterServerTable\":{\"a:1\":null},\"queueDatas\":null,\"brokerDatas\":"
                "[{\"zoneName\":\"z\",\"brokerName\":\"b\",\"brokerAddrs\":null}]}");
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_decode (body, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (route->broker_datas->len, ==, 1);
  g_assert_cmpuint (route->queue_datas->len, ==, 0);
  g_assert_cmpuint (route->filter_server_table->len, ==, 0);
  g_assert_null (route->order_topic_conf);
}

/* ---- the cluster's list -------------------------------------------------- */

static const RouteCase cluster_cases[] = {
  { "4.5.1", "4.5.1/cluster-info", &form_4_9_7_bare, "127.0.0.1:18111", 0, 0 },
  { "4.9.7", "4.9.7/cluster-info", &form_4_9_7_bare, "127.0.0.1:18211", 0, 0 },
  { "5.3.3", "5.3.3/cluster-info", &form_5_3_3_bare, "127.0.0.1:18311", 0, 0 },
};

static void
test_cluster_info (gconstpointer data)
{
  const RouteCase *row = data;
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_new ();
  RmqBrokerData *broker = rmq_topic_route_data_add_broker_data (route, "LabCluster", "broker-a");
  rmq_broker_data_set_addr (broker, 0, row->address);
  g_autoptr (GBytes) written =
      rmq_cluster_info_encode (route->broker_datas, route->broker_datas, row->form);
  g_autoptr (GBytes) body = response_body (row->vector);
  vector_assert_equal (written, body, row->vector);
}

static void
test_two_clusters (void)
{
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_new ();
  rmq_topic_route_data_add_broker_data (route, "C1", "a");
  rmq_topic_route_data_add_broker_data (route, "C2", "b");
  rmq_topic_route_data_add_broker_data (route, "C1", "c");
  g_autoptr (GBytes) body =
      rmq_cluster_info_encode (route->broker_datas, route->broker_datas, &form_4_9_7);
  assert_text (body, "{\"brokerAddrTable\":{"
                     "\"a\":{\"brokerAddrs\":{},\"brokerName\":\"a\",\"cluster\":\"C1\"},"
                     "\"b\":{\"brokerAddrs\":{},\"brokerName\":\"b\",\"cluster\":\"C2\"},"
                     "\"c\":{\"brokerAddrs\":{},\"brokerName\":\"c\",\"cluster\":\"C1\"}},"
                     "\"clusterAddrTable\":{\"C1\":[\"a\",\"c\"],\"C2\":[\"b\"]}}");
}

static void
test_kv_table (void)
{
  g_autoptr (GBytes) none = NULL, some = NULL;
  RmqProperties *table = rmq_properties_new ();
  none = rmq_kv_table_encode (table);
  rmq_properties_set (table, "TopicA", "broker-a:4");
  rmq_properties_set (table, "TopicB", "broker-b:\"2\"");
  some = rmq_kv_table_encode (table);
  rmq_properties_free (table);
  assert_text (none, "{\"table\":{}}");
  assert_text (some, "{\"table\":{\"TopicA\":\"broker-a:4\",\"TopicB\":\"broker-b:\\\"2\\\"\"}}");
}

/* ---- registrations ------------------------------------------------------- */

static void
assert_fresh_broker (const RmqRegisterBrokerBody *body, guint n_topics)
{
  guint n_templates = 0;
  g_assert_cmpint (body->data_version.counter, ==, 0);
  g_assert_cmpint (body->data_version.timestamp_ms, >, G_GINT64_CONSTANT (1795514000000));
  g_assert_cmpuint (body->topics->len, ==, n_topics);
  g_assert_null (body->filter_servers[0]);
  for (guint i = 0; i < body->topics->len; i++)
    {
      const RmqTopicConfig *topic = g_ptr_array_index (body->topics, i);
      if (strcmp (topic->topic_name, RMQ_TBW102) != 0)
        continue;
      n_templates++;
      g_assert_cmpint (topic->perm, ==, 7);
      g_assert_cmpint (topic->read_queue_nums, ==, 8);
      g_assert_cmpint (topic->write_queue_nums, ==, 8);
      g_assert_false (topic->order);
    }
  g_assert_cmpuint (n_templates, ==, 1);
}

static const struct
{
  const char *version;
  guint n_topics;
  gboolean is_written_again; /* 5.3 has members of its own */
} versions[] = { { "4.5.1", 6, TRUE }, { "4.9.7", 8, TRUE }, { "5.3.3", 13, FALSE } };

static void
test_register_plain (gconstpointer index)
{
  guint i = GPOINTER_TO_UINT (index);
  g_autofree char *name = g_strconcat (versions[i].version, "/register-broker-plain", NULL);
  g_autoptr (GBytes) body = request_body (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRegisterBrokerBody) read = rmq_register_broker_body_decode (body, &error);
  g_assert_no_error (error);
  assert_fresh_broker (read, versions[i].n_topics);
  g_autoptr (GBytes) again = rmq_register_broker_body_encode (read);
  if (versions[i].is_written_again)
    vector_assert_equal (again, body, name);
  g_autoptr (RmqRegisterBrokerBody) twice = rmq_register_broker_body_decode (again, &error);
  g_assert_no_error (error);
  assert_fresh_broker (twice, versions[i].n_topics);
}

static void
test_register_compressed (gconstpointer index)
{
  guint i = GPOINTER_TO_UINT (index);
  g_autofree char *name = g_strconcat (versions[i].version, "/register-broker-compressed", NULL);
  g_autoptr (GBytes) body = request_body (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRegisterBrokerBody) read =
      rmq_register_broker_body_decode_compressed (body, &error);
  g_assert_no_error (error);
  assert_fresh_broker (read, versions[i].n_topics);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (body, 0, g_bytes_get_size (body) - 8);
  g_assert_null (rmq_register_broker_body_decode_compressed (cut, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
}

static void
test_crc (gconstpointer index)
{
  static const char *const names[] = { "plain", "compressed", "slave", "incremental",
                                       "auto-create" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = g_strconcat (versions[GPOINTER_TO_UINT (index)].version,
                                           "/register-broker-", names[i], NULL);
      g_autoptr (Vector) vector = vector_load (name);
      g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
      RmqRegisterBrokerRequestHeader header;
      g_assert_true (rmq_header_decode (&rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES,
                                        request, &header, NULL));
      g_assert_true (header.has_body_crc32);
      g_assert_cmpint (rmq_body_crc32 (rmq_remoting_command_get_body (request)), ==,
                       header.body_crc32);
    }
}

/* A topic name with a blank, which 4.5.1 lets senders create, breaks the record it stands in. */
static void
test_register_blank_topic (void)
{
  static const char packed[] = "\0\0\0\002{}\0\0\0\001\0\0\0\026my topic 4 4 6 SINGLE\0\0\0\002[]";
  g_autoptr (GBytes) plain = g_bytes_new_static (packed, sizeof packed - 1);
  g_autoptr (GBytes) body = rmq_zlib_compress (plain, 9);
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_register_broker_body_decode_compressed (body, &error));
  g_assert_nonnull (strstr (error->message, "Failed to decode RegisterBrokerBody"));
}

/* ---- heartbeats ---------------------------------------------------------- */

static RmqHeartbeatData *
heartbeat_of (const char *name)
{
  g_autoptr (GBytes) body = request_body (name);
  g_autoptr (GError) error = NULL;
  RmqHeartbeatData *data = rmq_heartbeat_data_decode (body, &error);
  g_assert_no_error (error);
  return data;
}

static void
test_heartbeat_written_again (void)
{
  static const char *const names[] = {
    "4.5.1/heartbeat-producer", "4.5.1/heartbeat-pull-consumer", "4.5.1/heartbeat-push-consumer",
    "4.9.7/heartbeat-producer", "4.9.7/heartbeat-pull-consumer", "4.9.7/heartbeat-push-consumer"
  };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RmqHeartbeatData) data = heartbeat_of (names[i]);
      g_autoptr (GBytes) again = rmq_heartbeat_data_encode (data);
      g_autoptr (GBytes) body = request_body (names[i]);
      vector_assert_equal (again, body, names[i]);
    }
}

static void
test_heartbeat_groups (void)
{
  static const struct
  {
    const char *vector, *client_id, *producer, *consumer;
  } rows[] = {
    { "4.9.7/heartbeat-producer", "127.0.0.1@prod", "PG_REC", NULL },
    { "5.3.3/heartbeat-producer", "127.0.0.1@prod", "PG_REC", NULL },
    { "5.3.3/heartbeat-push-consumer", "127.0.0.1@push1", "CLIENT_INNER_PRODUCER", "CG_PUSH" },
    { "go/heartbeat-34-to-broker", "192.0.2.2@28142", "PG_GO", "CG_GO" },
    { "node/heartbeat-34-to-broker", "192.0.2.2@26941", "PG_NODE", "CG_NODE" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (RmqHeartbeatData) data = heartbeat_of (rows[i].vector);
      g_assert_cmpstr (data->client_id, ==, rows[i].client_id);
      g_assert_cmpstr (g_ptr_array_index (data->producer_groups, 0), ==, rows[i].producer);
      g_assert_cmpuint (data->consumer_groups->len, ==, rows[i].consumer != NULL ? 1 : 0);
      if (rows[i].consumer != NULL)
        g_assert_cmpstr (g_ptr_array_index (data->consumer_groups, 0), ==, rows[i].consumer);
    }
}

static void
test_heartbeat_refusals (void)
{
  static const char *const bodies[] = { "", "{\"clientID\":\"c\",\"producerDataSet\":7}",
                                        "{\"clientID\":\"c\",\"consumerDataSet\":{}}",
                                        "{\"clientID\":\"c\"}x" };
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = bytes_of (bodies[i]);
      g_assert_null (rmq_heartbeat_data_decode (body, &error));
      g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
      g_assert_true (g_str_has_prefix (error->message, "heartbeat"));
    }
}

static void
add_route_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (route_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/remoting/route/has-", route_cases[i].claim, NULL);
      g_test_add_data_func (path, &route_cases[i], test_route);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_routes); i++)
    {
      g_autofree char *path = g_strconcat ("/remoting/route/refuses-", bad_routes[i].claim, NULL);
      g_test_add_data_func (path, &bad_routes[i], test_bad_route);
    }
  for (guint i = 0; i < G_N_ELEMENTS (cluster_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/remoting/cluster-info/is-written-as-recorded/",
                                           cluster_cases[i].claim, NULL);
      g_test_add_data_func (path, &cluster_cases[i], test_cluster_info);
    }
}

static void
add_versioned (const char *claim, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/remoting/%s/%s", claim, versions[i].version);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_route_cases ();
  add_versioned ("registration/a-plain-body-is-read-and-written", test_register_plain);
  add_versioned ("registration/a-compressed-body-is-read", test_register_compressed);
  add_versioned ("registration/the-crc-is-the-headers", test_crc);
#define CASE(claim, func) g_test_add_func ("/remoting/" claim, func)
  CASE ("route/every-form-is-read-again", test_route_round_trip);
  CASE ("route/a-copy-is-deep", test_route_copy_is_deep);
  CASE ("route/order-is-no-difference", test_route_order_is_no_difference);
  CASE ("route/refuses-too-many-addresses", test_too_many_addresses);
  CASE ("route/nulls-and-strangers-are-passed-over", test_nulls_and_strangers);
  CASE ("cluster-info/names-stand-under-their-cluster", test_two_clusters);
  CASE ("kv-table/keeps-its-order", test_kv_table);
  CASE ("registration/a-blank-in-a-topic-breaks-the-compressed-form/4.5.1",
        test_register_blank_topic);
  CASE ("heartbeat/is-written-again-byte-for-byte", test_heartbeat_written_again);
  CASE ("heartbeat/groups-are-read-from-every-client", test_heartbeat_groups);
  CASE ("heartbeat/what-is-no-heartbeat-is-refused", test_heartbeat_refusals);
  return g_test_run ();
}

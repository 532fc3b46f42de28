/* SPDX-License-Identifier: Apache-2.0 */

/* What the tests of the mocks share: a simulated world, servers in it, raw clients. */

#include "mock-lab.h"

#include "rmq-codes-private.h"
#include "rmq-headers.h"

static void
keep_event (const RmqEvent *event, gpointer data)
{
  Lab *lab = data;
  g_array_append_val (lab->events, *event);
}

Lab *
lab_new (guint64 seed)
{
  Lab *lab = g_new0 (Lab, 1);
  lab->world = rmq_sim_world_new (&(RmqSimOptions){ .seed = seed, .exact = TRUE });
  lab->events = g_array_new (FALSE, FALSE, sizeof (RmqEvent));
  rmq_event_log_add_listener (rmq_world_get_log (lab->world), keep_event, lab);
  return lab;
}

void
lab_free (Lab *lab)
{
  rmq_world_unref (lab->world);
  g_array_unref (lab->events);
  g_free (lab);
}

RmqEnv *
lab_add_host (Lab *lab, const char *name, const char *address)
{
  return rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = name, .address = address });
}

void
lab_run_until (Lab *lab, gint64 at_us)
{
  rmq_sim_world_run_until (lab->world, at_us);
}

void
lab_run_for (Lab *lab, gint64 span_us)
{
  lab_run_until (lab, rmq_sim_world_now (lab->world) + span_us);
}

guint
lab_count_events (Lab *lab, const RmqEventKind *kind)
{
  guint n = 0;
  for (guint i = 0; i < lab->events->len; i++)
    n += g_array_index (lab->events, RmqEvent, i).kind == kind;
  return n;
}

const RmqEvent *
lab_last_event (Lab *lab, const RmqEventKind *kind)
{
  for (guint i = lab->events->len; i > 0; i--)
    if (g_array_index (lab->events, RmqEvent, i - 1).kind == kind)
      return &g_array_index (lab->events, RmqEvent, i - 1);
  return NULL;
}

static char *
listen_address (RmqEnv *env, gint port)
{
  return g_strdup_printf ("%s:%d", rmq_env_get_host_address (env), port);
}

RmqMockNameserver *
lab_start_nameserver (Lab *lab, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqEnv) env = lab_add_host (lab, name, NULL);
  g_autofree char *listen = listen_address (env, 9876);
  RmqMockNameserver *nameserver = rmq_mock_nameserver_new (name, NULL);
  g_assert_true (rmq_mock_nameserver_start (nameserver, env, listen, &error));
  g_assert_no_error (error);
  return nameserver;
}

RmqMockBroker *
lab_start_broker (Lab *lab, const char *name, RmqMockNameserver *nameserver)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqEnv) env = lab_add_host (lab, name, NULL);
  g_autofree char *listen = listen_address (env, 10911);
  RmqMockBroker *broker = rmq_mock_broker_new (&(RmqMockBrokerOptions){
      .name = name,
      .namesrv = nameserver != NULL ? rmq_mock_nameserver_get_address (nameserver) : NULL });
  g_assert_true (rmq_mock_broker_start (broker, env, listen, &error));
  g_assert_no_error (error);
  return broker;
}

/* ---- clients ------------------------------------------------------------- */

static void
client_command (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  Client *client = data;
  g_ptr_array_add (client->received, rmq_remoting_command_ref (command));
}

static void
client_closed (RmqConnection *connection, const GError *reason, gpointer data)
{
  Client *client = data;
  client->end = g_strdup (reason->message);
}

Client *
lab_connect_from (Lab *lab, RmqEnv *env, const char *address)
{
  static const RmqConnectionFuncs funcs = { .command = client_command, .closed = client_closed };
  Client *client = g_new0 (Client, 1);
  client->env = rmq_env_ref (env);
  client->received = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_remoting_command_unref);
  client->connection =
      rmq_connection_connect (env, address, 3 * G_TIME_SPAN_SECOND, &funcs, client);
  lab_run_for (lab, 100 * G_TIME_SPAN_MILLISECOND);
  return client;
}

Client *
lab_connect (Lab *lab, const char *name, const char *address)
{
  g_autoptr (RmqEnv) env = lab_add_host (lab, name, NULL);
  return lab_connect_from (lab, env, address);
}

void
client_free (Client *client)
{
  rmq_connection_close (client->connection, RMQ_CLOSE_FIN);
  rmq_connection_unref (client->connection);
  g_ptr_array_unref (client->received);
  rmq_env_unref (client->env);
  g_free (client->end);
  g_free (client);
}

void
client_send (Client *client, RmqRemotingCommand *request)
{
  if (rmq_remoting_command_get_opaque (request) == 0)
    rmq_remoting_command_set_opaque (request, ++client->last_opaque);
  rmq_remoting_command_set_version (request, RMQ_VERSION_4_9_7);
  g_assert_true (rmq_connection_send (client->connection, request));
}

RmqRemotingCommand *
client_call (Lab *lab, Client *client, RmqRemotingCommand *request)
{
  g_autoptr (RmqRemotingCommand) owned = request;
  client_send (client, owned);
  guint n_before = client->received->len;
  gint64 deadline_us = rmq_sim_world_now (lab->world) + 5 * G_TIME_SPAN_SECOND;
  while (client->received->len == n_before && rmq_sim_world_peek (lab->world) <= deadline_us)
    rmq_sim_world_step (lab->world);
  if (client->received->len == n_before)
    {
      lab_run_until (lab, deadline_us);
      return NULL;
    }
  RmqRemotingCommand *response = g_ptr_array_index (client->received, n_before);
  g_assert_cmpint (rmq_remoting_command_get_opaque (response), ==,
                   rmq_remoting_command_get_opaque (owned));
  return rmq_remoting_command_ref (response);
}

RmqRemotingCommand *
new_send (const char *topic, gint queue_id, const char *properties, const char *body)
{
  RmqSendMessageRequestHeader header = {
    .producer_group = "PG",
    .topic = topic,
    .default_topic = RMQ_TBW102,
    .default_topic_queue_nums = 4,
    .queue_id = queue_id,
    .born_timestamp_ms = 1795515080511,
    .properties = properties != NULL ? properties : "",
  };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_SEND_MESSAGE_V2);
  rmq_header_encode (&rmq_send_message_request_header, RMQ_HEADER_LETTERS, &header, request);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  rmq_remoting_command_set_body (request, bytes);
  return request;
}

RmqRemotingCommand *
new_route_query (const char *topic)
{
  RmqRemotingCommand *request =
      rmq_remoting_command_new_request (RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC);
  rmq_remoting_command_add_ext (request, "topic", topic);
  return request;
}

/* ---- looking ------------------------------------------------------------- */

void
assert_answer (RmqRemotingCommand *response, gint code, const char *remark)
{
  g_assert_nonnull (response);
  g_assert_true (rmq_remoting_command_is_response (response));
  g_assert_cmpstr (rmq_remoting_command_get_remark (response), ==, remark);
  g_assert_cmpint (rmq_remoting_command_get_code (response), ==, code);
  g_assert_cmpint (rmq_remoting_command_get_version (response), ==, RMQ_VERSION_4_9_7);
}

static gboolean
row_has (const RmqTable *table, guint row, gint column, const char *key)
{
  return g_strcmp0 (rmq_table_get_cell (table, row, (guint)column)->text, key) == 0;
}

gint64
snapshot_number (const RmqSnapshot *snapshot, const char *id, const char *key_column,
                 const char *key, const char *column)
{
  const RmqTable *table = rmq_snapshot_find_table (snapshot, id, NULL);
  g_assert_nonnull (table);
  gint key_index = rmq_table_schema_find_column (rmq_table_get_schema (table), key_column);
  gint index = rmq_table_schema_find_column (rmq_table_get_schema (table), column);
  g_assert_cmpint (MIN (key_index, index), >=, 0);
  for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
    if (row_has (table, row, key_index, key))
      return rmq_table_get_cell (table, row, (guint)index)->number;
  g_error ("no row %s in %s", key, id);
}

guint
snapshot_rows (const RmqSnapshot *snapshot, const char *id, const char *key_column, const char *key)
{
  const RmqTable *table = rmq_snapshot_find_table (snapshot, id, NULL);
  if (table == NULL)
    return 0;
  gint key_index = rmq_table_schema_find_column (rmq_table_get_schema (table), key_column);
  guint n = 0;
  for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
    n += row_has (table, row, key_index, key);
  return n;
}

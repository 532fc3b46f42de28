/* SPDX-License-Identifier: Apache-2.0 */

/* The fixture of the broker's tests. */

#include "broker-fixture.h"

#include "rmq-codes-private.h"

void
set_up_seed (Fixture *f, guint64 seed)
{
  f->lab = lab_new (seed);
  f->nameserver = lab_start_nameserver (f->lab, "ns1");
  f->broker = lab_start_broker (f->lab, "broker-a", f->nameserver);
  f->server = rmq_mock_broker_get_server (f->broker);
  f->outages = rmq_mock_server_get_outages (f->server);
  rmq_mock_broker_add_topic (f->broker, "Orders", 4, 4, 6);
  f->client = lab_connect (f->lab, "client", rmq_mock_broker_get_address (f->broker));
}

void
set_up (Fixture *f, gconstpointer unused)
{
  set_up_seed (f, 1);
}

void
tear_down (Fixture *f, gconstpointer unused)
{
  client_free (f->client);
  rmq_mock_broker_free (f->broker);
  rmq_mock_nameserver_free (f->nameserver);
  lab_free (f->lab);
}

RmqRemotingCommand *
call (Fixture *f, RmqRemotingCommand *request)
{
  return client_call (f->lab, f->client, request);
}

gint
route_code (Fixture *f, const char *topic)
{
  Client *client = lab_connect (f->lab, "asker", rmq_mock_nameserver_get_address (f->nameserver));
  g_autoptr (RmqRemotingCommand) response = client_call (f->lab, client, new_route_query (topic));
  client_free (client);
  return rmq_remoting_command_get_code (response);
}

void
assert_sent (RmqRemotingCommand *response, const char *queue_id, const char *queue_offset)
{
  assert_answer (response, RMQ_RESPONSE_SUCCESS, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueId"), ==, queue_id);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "queueOffset"), ==, queue_offset);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "MSG_REGION"), ==, "DefaultRegion");
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "TRACE_ON"), ==, "true");
  g_assert_cmpuint (strlen (rmq_remoting_command_get_ext (response, "msgId")), ==, 32);
}

void
restart (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strdup (rmq_mock_broker_get_address (f->broker));
  g_autofree char *ip = g_strndup (address, strcspn (address, ":"));
  g_autoptr (RmqEnv) env = lab_add_host (f->lab, "broker-a", ip);
  g_assert_true (rmq_mock_broker_start (f->broker, env, address, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (rmq_mock_broker_get_address (f->broker), ==, address);
  client_free (f->client);
  f->client = lab_connect (f->lab, "client", address);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Connections and the response table, between two hosts of the simulated world. */

#include "rmq-connection.h"
#include "rmq-error.h"
#include "rmq-response-table.h"
#include "rmq-sim-world.h"

typedef struct
{
  RmqWorld *world;
  RmqEnv *client_env;
  RmqEnv *server_env;
  RmqListener *listener;
  RmqConnection *client;
  RmqConnection *server;
  GPtrArray *received; /* by the server, of RmqRemotingCommand */
  GError *client_end;
  GError *server_end;
  gboolean server_saw_fin;
} Fixture;

static void
server_command (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  Fixture *f = data;
  g_ptr_array_add (f->received, rmq_remoting_command_ref (command));
}

static void
server_fin (RmqConnection *connection, gpointer data)
{
  Fixture *f = data;
  f->server_saw_fin = TRUE;
}

static void
server_closed (RmqConnection *connection, const GError *reason, gpointer data)
{
  Fixture *f = data;
  f->server_end = g_error_copy (reason);
}

static void
client_command (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  g_assert_not_reached ();
}

static void
client_closed (RmqConnection *connection, const GError *reason, gpointer data)
{
  Fixture *f = data;
  g_assert_null (f->client_end);
  f->client_end = g_error_copy (reason);
}

static const RmqConnectionFuncs server_funcs = { .command = server_command,
                                                 .fin = server_fin,
                                                 .closed = server_closed };
static const RmqConnectionFuncs client_funcs = { .command = client_command,
                                                 .closed = client_closed };

static void
accept_link (RmqListener *listener, RmqLink *link, gpointer data)
{
  Fixture *f = data;
  f->server = rmq_connection_accept (f->server_env, link, &server_funcs, f);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  f->world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 3, .exact = TRUE });
  f->client_env = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "client" });
  f->server_env = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "server" });
  f->received = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_remoting_command_unref);
  g_autofree char *address = g_strdup_printf ("%s:9876", rmq_env_get_host_address (f->server_env));
  f->listener = rmq_env_listen (f->server_env, address, accept_link, f, &error);
  g_assert_no_error (error);
  f->client =
      rmq_connection_connect (f->client_env, address, 3 * G_TIME_SPAN_SECOND, &client_funcs, f);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_clear_pointer (&f->client, rmq_connection_unref);
  g_clear_pointer (&f->server, rmq_connection_unref);
  rmq_listener_close (f->listener);
  g_clear_error (&f->client_end);
  g_clear_error (&f->server_end);
  g_ptr_array_unref (f->received);
  rmq_env_unref (f->client_env);
  rmq_env_unref (f->server_env);
  rmq_world_unref (f->world);
}

static void
settle (Fixture *f)
{
  rmq_sim_world_run_until (f->world, rmq_sim_world_now (f->world) + G_TIME_SPAN_SECOND);
}

static RmqRemotingCommand *
request_of (gint32 opaque, gsize body_size)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (10);
  rmq_remoting_command_set_opaque (request, opaque);
  rmq_remoting_command_add_ext (request, "topic", "T");
  g_autofree guint8 *body = g_malloc0 (body_size);
  g_autoptr (GBytes) bytes = g_bytes_new (body, body_size);
  rmq_remoting_command_set_body (request, body_size > 0 ? bytes : NULL);
  return request;
}

static gboolean
send_request (Fixture *f, gint32 opaque, gsize body_size)
{
  g_autoptr (RmqRemotingCommand) request = request_of (opaque, body_size);
  return rmq_connection_send (f->client, request);
}

static void
commands_arrive_whole_and_in_order (Fixture *f, gconstpointer unused)
{
  g_assert_false (send_request (f, 0, 10)); /* not connected yet: nothing is queued */
  settle (f);
  for (gint32 i = 1; i <= 50; i++)
    g_assert_true (send_request (f, i, (gsize)i * 997));
  settle (f);
  g_assert_cmpuint (f->received->len, ==, 50);
  for (gint32 i = 1; i <= 50; i++)
    {
      RmqRemotingCommand *command = g_ptr_array_index (f->received, i - 1);
      g_assert_cmpint (rmq_remoting_command_get_opaque (command), ==, i);
      g_assert_cmpuint (g_bytes_get_size (rmq_remoting_command_get_body (command)), ==, i * 997);
    }
}

static void
a_refused_connect_ends_once_with_the_address (Fixture *f, gconstpointer unused)
{
  rmq_listener_set_accepting (f->listener, FALSE);
  g_clear_pointer (&f->client, rmq_connection_unref);
  const char *address = rmq_listener_get_address (f->listener);
  f->client =
      rmq_connection_connect (f->client_env, address, 3 * G_TIME_SPAN_SECOND, &client_funcs, f);
  settle (f);
  g_assert_error (f->client_end, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CONNECT);
  g_assert_nonnull (strstr (f->client_end->message, address));
  g_assert_cmpint (rmq_connection_get_state (f->client), ==, RMQ_CONNECTION_CLOSED);
}

static void
garbage_closes_with_a_reason (Fixture *f, gconstpointer unused)
{
  settle (f);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("\xff\xff\xff\xff garbage", 12);
  g_assert_true (rmq_connection_send_raw (f->client, garbage));
  settle (f);
  g_assert_error (f->server_end, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpuint (f->received->len, ==, 0);
  g_assert_error (f->client_end, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_PEER_CLOSED);
}

static void
a_fin_is_told_apart_from_an_end (Fixture *f, gconstpointer unused)
{
  settle (f);
  rmq_connection_close (f->client, RMQ_CLOSE_FIN);
  settle (f);
  g_assert_true (f->server_saw_fin);
  g_assert_null (f->server_end);
  g_assert_null (f->client_end); /* silent after its own close */
  g_assert_cmpint (rmq_connection_get_state (f->server), ==, RMQ_CONNECTION_HALF_CLOSED);
}

static void
an_idle_connection_closes_after_120_s (Fixture *f, gconstpointer unused)
{
  settle (f);
  rmq_sim_world_run_until (f->world, 100 * G_TIME_SPAN_SECOND);
  g_assert_true (send_request (f, 1, 10));
  rmq_sim_world_run_until (f->world, 219 * G_TIME_SPAN_SECOND);
  g_assert_null (f->client_end);
  rmq_sim_world_run_until (f->world, 221 * G_TIME_SPAN_SECOND);
  g_assert_true (f->client_end != NULL || f->server_end != NULL);
}

/* ---- response table ------------------------------------------------------ */

typedef struct
{
  guint answered;
  guint failed;
  gint last_error;
} Outcome;

static void
note_outcome (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  Outcome *outcome = data;
  g_assert_true ((response == NULL) != (error == NULL));
  outcome->answered += response != NULL;
  outcome->failed += error != NULL;
  outcome->last_error = error != NULL ? error->code : -1;
}

static void
add_entry (Fixture *f, RmqResponseTable *table, gint32 opaque, Outcome *outcome)
{
  RmqResponseEntry entry = { .opaque = opaque,
                             .code = 10,
                             .begin_us = rmq_env_now (f->client_env),
                             .timeout_us = 3 * G_TIME_SPAN_SECOND,
                             .is_async = TRUE,
                             .address = "b:1" };
  rmq_response_table_add (table, &entry, f->client, note_outcome, outcome);
}

static void
an_answer_goes_to_its_own_entry (Fixture *f, gconstpointer unused)
{
  RmqResponseTable *table = rmq_response_table_new (f->client_env);
  Outcome one = { 0 }, two = { 0 };
  add_entry (f, table, 1, &one);
  add_entry (f, table, 2, &two);
  g_autoptr (RmqRemotingCommand) request = request_of (2, 0);
  g_autoptr (RmqRemotingCommand) response = rmq_remoting_command_new_response (request, 0, NULL);
  g_assert_true (rmq_response_table_answer (table, response));
  g_assert_cmpuint (one.answered, ==, 0);
  g_assert_cmpuint (two.answered, ==, 1);
  g_assert_false (rmq_response_table_answer (table, response));
  g_assert_cmpuint (rmq_response_table_get_n_unmatched (table), ==, 1);
  g_assert_true (rmq_response_table_remove (table, 1));
  g_assert_cmpuint (one.answered + one.failed, ==, 0);
  rmq_response_table_free (table);
}

static void
the_scan_ends_entries_a_second_late (Fixture *f, gconstpointer unused)
{
  RmqResponseTable *table = rmq_response_table_new (f->client_env);
  Outcome outcome = { 0 };
  add_entry (f, table, 1, &outcome);
  rmq_sim_world_run_until (f->world, 3999 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (rmq_response_table_scan (table, G_TIME_SPAN_SECOND), ==, 0);
  rmq_sim_world_run_until (f->world, 4000 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (rmq_response_table_scan (table, G_TIME_SPAN_SECOND), ==, 1);
  g_assert_cmpuint (outcome.failed, ==, 1);
  g_assert_cmpint (outcome.last_error, ==, RMQ_REMOTING_ERROR_TIMEOUT);
  rmq_response_table_free (table);
}

static void
a_broken_connection_fails_its_entries_only (Fixture *f, gconstpointer unused)
{
  settle (f);
  RmqResponseTable *table = rmq_response_table_new (f->client_env);
  Outcome mine = { 0 };
  add_entry (f, table, 1, &mine);
  g_autoptr (GError) error =
      g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_SEND_REQUEST, "send request failed");
  rmq_response_table_fail (table, f->server, error);
  g_assert_cmpuint (mine.failed, ==, 0);
  rmq_response_table_fail (table, f->client, error);
  g_assert_cmpuint (mine.failed, ==, 1);
  add_entry (f, table, 2, &mine);
  rmq_response_table_free (table); /* what is left ends too */
  g_assert_cmpuint (mine.failed, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(path, func) g_test_add ("/remoting/" path, Fixture, NULL, set_up, func, tear_down)
  CASE ("connection/commands-arrive-whole-and-in-order", commands_arrive_whole_and_in_order);
  CASE ("connection/a-refused-connect-ends-once-with-the-address",
        a_refused_connect_ends_once_with_the_address);
  CASE ("connection/garbage-closes-with-a-reason", garbage_closes_with_a_reason);
  CASE ("connection/a-fin-is-told-apart-from-an-end", a_fin_is_told_apart_from_an_end);
  CASE ("connection/an-idle-connection-closes-after-120-s", an_idle_connection_closes_after_120_s);
  CASE ("response-table/an-answer-goes-to-its-own-entry", an_answer_goes_to_its_own_entry);
  CASE ("response-table/4.9/the-scan-ends-entries-a-second-late",
        the_scan_ends_entries_a_second_late);
  CASE ("response-table/a-broken-connection-fails-its-entries-only",
        a_broken_connection_fails_its_entries_only);
#undef CASE
  return g_test_run ();
}

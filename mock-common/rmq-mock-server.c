/* SPDX-License-Identifier: Apache-2.0 */

/* The half every mock is built on: listener, connections, processorTable, outages at the edge, the
 * record of what arrived. Mirrors NettyRemotingServer. Belongs to the mock and survives its host:
 * after a kill or stop it can start again in another one. Runs on the host's loop, owner only. It
 * knows no request code of its own and never looks into a store.
 *
 *   frame → record, REQUEST → hung? → outage? ──no──→ processor → answer
 *                                        └──yes──→ act: execute, answer, later, close …
 */

#include "rmq-mock-server.h"

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-mock-server-private.h"

RmqMockServer *
rmq_mock_server_new (const char *name, const RmqMockServerClass *klass, gpointer mock)
{
  g_assert (klass->profile != NULL);
  g_assert (klass->processors != NULL);
  RmqMockServer *self = g_new0 (RmqMockServer, 1);
  self->name = g_strdup (name);
  self->klass = *klass;
  self->mock = mock;
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_connection_unref);
  self->late = g_ptr_array_new_with_free_func (rmq_late_answer_free);
  self->outages = rmq_outage_table_new ();
  rmq_request_log_init (&self->requests);
  return self;
}

void
rmq_mock_server_free (RmqMockServer *self)
{
  if (self == NULL)
    return;
  rmq_mock_server_stop (self);
  rmq_listener_close (self->listener);
  rmq_response_table_free (self->response_table);
  rmq_outage_table_free (self->outages);
  g_ptr_array_unref (self->late);
  g_ptr_array_unref (self->connections);
  rmq_request_log_clear (&self->requests);
  for (guint i = 0; i < RMQ_N_SERVER_STATES; i++)
    g_free (self->state_lines[i]);
  g_free (self->down_line);
  g_clear_pointer (&self->env, rmq_env_unref);
  g_free (self->address);
  g_free (self->name);
  g_free (self);
}

/* ---- answering ----------------------------------------------------------- */

static const RmqProcessor *
find_processor (RmqMockServer *self, gint code)
{
  for (guint i = 0; i < self->klass.n_processors; i++)
    if (self->klass.processors[i].code == code
        && self->klass.processors[i].since <= self->klass.profile->version)
      return &self->klass.processors[i];
  return NULL;
}

static RmqRemotingCommand *
refuse_code (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request)
{
  gint code = rmq_remoting_command_get_code (request);
  g_info ("%s: request code %d from %s is not supported", self->name, code,
          rmq_connection_get_peer_address (connection));
  if (!self->klass.answers_unknown_codes)
    return NULL;
  g_autofree char *remark = g_strdup_printf (" request type %d not supported", code);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_REQUEST_CODE_NOT_SUPPORTED,
                                            remark);
}

RmqRemotingCommand *
rmq_mock_server_execute (RmqMockServer *self, RmqConnection *connection,
                         RmqRemotingCommand *request, guint64 sequence)
{
  self->executing = sequence;
  self->held = NULL;
  if (self->klass.profile->empty_is_null
      && rmq_remoting_command_get_serialize_type (request) == RMQ_SERIALIZE_ROCKETMQ)
    rmq_remoting_command_drop_empty_ext (request);
  const RmqProcessor *processor = find_processor (self, rmq_remoting_command_get_code (request));
  return processor != NULL ? processor->process (self->mock, connection, request)
                           : refuse_code (self, connection, request);
}

void
rmq_mock_server_dress_answer (RmqMockServer *self, RmqRemotingCommand *response)
{
  rmq_remoting_command_set_version (response, self->klass.profile->version);
  if (!self->klass.profile->mirrors_encoding)
    rmq_remoting_command_set_serialize_type (response, RMQ_SERIALIZE_JSON);
}

void
rmq_mock_server_answer (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request,
                        guint64 sequence, RmqRemotingCommand *response)
{
  gboolean is_hung = self->state_lines[RMQ_SERVER_HANG] != NULL;
  if (response == NULL || is_hung || rmq_remoting_command_is_oneway (request))
    return;
  rmq_mock_server_dress_answer (self, response);
  if (!rmq_connection_send (connection, response))
    return;
  rmq_mock_server_let_overtaken_go (self, connection);
  RmqRequestRecord *record = rmq_request_log_get (&self->requests, sequence);
  if (record != NULL)
    record->answer_code = rmq_remoting_command_get_code (response);
}

/* ---- connections --------------------------------------------------------- */

static RmqRequestRecord *
record_request (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *command)
{
  RmqRequestRecord *record = rmq_request_log_add (
      &self->requests, &(RmqRequestRecord){ .at_us = rmq_env_now (self->env),
                                            .peer = rmq_connection_get_user_data (connection),
                                            .connection = rmq_connection_get_id (connection),
                                            .command = command });
  RMQ_EMIT (self->env, &rmq_event_request, self->name, (gint64)record->connection, record->code,
            record->opaque, rmq_remoting_command_get_flag (command), (gint64)record->sequence);
  return record;
}

static void
command_cb (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  RmqMockServer *self = data;
  if (rmq_remoting_command_is_response (command))
    {
      if (rmq_response_table_answer (self->response_table, command))
        return;
      g_info ("%s: %s answers opaque %d, which nobody asked", self->name,
              rmq_connection_get_peer_address (connection),
              rmq_remoting_command_get_opaque (command));
      return;
    }
  RmqRequestRecord *record = record_request (self, connection, command);
  if (rmq_mock_server_touch (self, connection, record))
    return;
  guint64 sequence = record->sequence;
  g_autoptr (RmqRemotingCommand) response =
      rmq_mock_server_execute (self, connection, command, sequence);
  rmq_mock_server_answer (self, connection, command, sequence, response);
}

/* Tells the mock and forgets it; the connection may be closed already. */
static void
forget_connection (RmqMockServer *self, RmqConnection *connection)
{
  if (self->klass.disconnected != NULL)
    self->klass.disconnected (self->mock, connection);
  g_ptr_array_remove (self->connections, connection);
}

static void
closed_cb (RmqConnection *connection, const GError *reason, gpointer data)
{
  RmqMockServer *self = data;
  g_info ("%s: %s", self->name, reason->message);
  forget_connection (self, connection);
}

void
rmq_mock_server_end_connection (RmqMockServer *self, RmqConnection *connection, RmqCloseHow how)
{
  if (rmq_connection_get_state (connection) == RMQ_CONNECTION_CLOSED)
    return;
  rmq_connection_close (connection, how);
  forget_connection (self, connection);
}

static const RmqConnectionFuncs connection_funcs = { .command = command_cb, .closed = closed_cb };

static void
accept_cb (RmqListener *listener, RmqLink *link, gpointer data)
{
  RmqMockServer *self = data;
  RmqConnection *connection = rmq_connection_accept (self->env, link, &connection_funcs, self);
  rmq_connection_set_user_data (connection,
                                g_ref_string_new (rmq_connection_get_peer_address (connection)),
                                (GDestroyNotify)g_ref_string_release);
  g_ptr_array_add (self->connections, connection);
  if (self->state_lines[RMQ_SERVER_READS_NOTHING] != NULL)
    rmq_connection_set_reading (connection, FALSE);
}

guint
rmq_mock_server_get_n_connections (RmqMockServer *self)
{
  return self->connections->len;
}

/* ---- start and end ------------------------------------------------------- */

static gint64
port_of (const char *address)
{
  const char *colon = strrchr (address, ':');
  return colon != NULL ? g_ascii_strtoll (colon + 1, NULL, 10) : 0;
}

gboolean
rmq_mock_server_start (RmqMockServer *self, RmqEnv *env, const char *listen, GError **error)
{
  g_assert (!self->running);
  rmq_listener_close (g_steal_pointer (&self->listener)); /* kept over a stop */
  RmqListener *listener = rmq_env_listen (env, listen, accept_cb, self, error);
  if (listener == NULL)
    return FALSE;
  rmq_env_ref (env);
  g_clear_pointer (&self->env, rmq_env_unref);
  self->env = env;
  rmq_response_table_free (self->response_table);
  self->response_table = rmq_response_table_new (env);
  self->listener = listener;
  g_free (self->address);
  self->address = g_strdup (rmq_listener_get_address (listener));
  self->running = TRUE;
  RMQ_EMIT (env, &rmq_event_server_up, self->name, port_of (self->address));
  if (self->down_line != NULL)
    RMQ_EMIT (env, &rmq_event_outage_off, self->down_line, RMQ_NO_RULE);
  g_clear_pointer (&self->down_line, g_free);
  rmq_outage_table_set_env (self->outages, env);
  return TRUE;
}

/* What stop and kill share: the listener and every connection are gone, rules stay. */
static void
go_down (RmqMockServer *self, gboolean killed, RmqCloseHow how)
{
  RMQ_EMIT (self->env, &rmq_event_server_down, self->name, killed);
  rmq_mock_server_clear_states (self, !killed);
  self->running = FALSE;
  if (killed)
    rmq_env_kill (self->env, how);
  g_ptr_array_set_size (self->late, 0);
  if (killed)
    rmq_listener_close (g_steal_pointer (&self->listener));
  else /* refuses, and nobody else gets the port meanwhile */
    rmq_listener_set_accepting (self->listener, FALSE);
  for (guint i = 0; i < self->connections->len; i++) /* others may hold references */
    rmq_connection_close (g_ptr_array_index (self->connections, i), RMQ_CLOSE_FIN);
  g_ptr_array_set_size (self->connections, 0);
  g_autoptr (GError) error =
      g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CLOSED, "%s is down", self->name);
  rmq_response_table_fail (self->response_table, NULL, error);
}

void
rmq_mock_server_stop (RmqMockServer *self)
{
  if (self->running)
    go_down (self, FALSE, RMQ_CLOSE_FIN);
}

void
rmq_mock_server_kill (RmqMockServer *self, RmqCloseHow how)
{
  if (self->running)
    go_down (self, TRUE, how);
}

/* ---- looking ------------------------------------------------------------- */

gboolean
rmq_mock_server_is_running (RmqMockServer *self)
{
  return self->running;
}

const char *
rmq_mock_server_get_name (RmqMockServer *self)
{
  return self->name;
}

RmqEnv *
rmq_mock_server_get_env (RmqMockServer *self)
{
  return self->env;
}

const char *
rmq_mock_server_get_address (RmqMockServer *self)
{
  return self->address;
}

RmqOutageTable *
rmq_mock_server_get_outages (RmqMockServer *self)
{
  return self->outages;
}

const RmqRequestLog *
rmq_mock_server_get_requests (RmqMockServer *self)
{
  return &self->requests;
}

void
rmq_mock_server_forget_requests (RmqMockServer *self)
{
  rmq_request_log_forget (&self->requests);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What a mock asks of its clients, over the connection a client made: notifications, and requests
 * with an answer. Mirrors the half of NettyRemotingServer that invokes. Opaques are the server's
 * own numbers. Runs on the host's loop, owner only. As at a real server the end of a connection
 * ends no request: its time does. */

#include "rmq-mock-server-private.h"

#include "rmq-error.h"

typedef struct
{
  RmqMockServer *server;
  RmqRemotingCommand *request;
  GRefString *peer;
  gint64 timeout_us;
  RmqTimer timer;
  RmqResponseFunc func;
  gpointer data;
} Question;

static gboolean
push_once (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request)
{
  if (!rmq_connection_send (connection, request))
    return FALSE;
  RMQ_EMIT (self->env, &rmq_event_push, self->name, (gint64)rmq_connection_get_id (connection),
            rmq_remoting_command_get_code (request), rmq_remoting_command_get_opaque (request),
            rmq_remoting_command_get_flag (request));
  return TRUE;
}

static gboolean
push (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request)
{
  rmq_remoting_command_set_opaque (request, self->next_opaque++);
  rmq_remoting_command_set_version (request, self->klass.profile->version);
  if (self->state_lines[RMQ_SERVER_HANG] != NULL)
    return TRUE; /* it means to, but it never comes to it */
  const guint times = rmq_mock_server_count_pushes (self, connection, request);
  for (guint i = 0; i < times; i++)
    if (!push_once (self, connection, request))
      return FALSE;
  return TRUE;
}

gboolean
rmq_mock_server_notify (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request)
{
  rmq_remoting_command_set_oneway (request);
  return push (self, connection, request);
}

/* ---- with an answer ------------------------------------------------------ */

static void
answered (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  Question *question = data;
  rmq_env_timer_stop (question->server->env, &question->timer);
  question->func (response, error, question->data);
  rmq_remoting_command_unref (question->request);
  g_ref_string_release (question->peer);
  g_free (question);
}

static void
timed_out (gpointer data)
{
  Question *question = data;
  gint32 opaque = rmq_remoting_command_get_opaque (question->request);
  rmq_response_table_remove (question->server->response_table, opaque);
  g_autoptr (GError) error =
      g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TIMEOUT,
                   "wait response on the channel <%s> timeout, %" G_GINT64_FORMAT "(ms)",
                   question->peer, question->timeout_us / G_TIME_SPAN_MILLISECOND);
  answered (NULL, error, question);
}

gboolean
rmq_mock_server_invoke (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request,
                        gint64 timeout_us, RmqResponseFunc func, gpointer data)
{
  if (!push (self, connection, request))
    return FALSE;
  Question *question = g_new0 (Question, 1);
  question->server = self;
  question->request = rmq_remoting_command_ref (request);
  question->peer = g_ref_string_new (rmq_connection_get_peer_address (connection));
  question->timeout_us = timeout_us;
  question->func = func;
  question->data = data;
  RmqResponseEntry entry = {
    .opaque = rmq_remoting_command_get_opaque (request),
    .code = rmq_remoting_command_get_code (request),
    .begin_us = rmq_env_now (self->env),
    .timeout_us = timeout_us,
    .address = question->peer,
  };
  rmq_response_table_add (self->response_table, &entry, connection, answered, question);
  rmq_env_timer_start (self->env, &question->timer, entry.begin_us + timeout_us, timed_out,
                       question);
  return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A broker's side of registration: one connection a name server, made when there is something to
 * say, kept until it breaks. Runs on the broker's loop, owner only. It never repeats a request that
 * failed: the next tick of the broker's timer does.
 *
 * One request a name server is awaited at a time. A second one while the first is out just takes
 * its place: both say the whole truth. */

#include "rmq-broker-outer-api.h"

#include "rmq-codes-private.h"
#include "rmq-connection.h"
#include "rmq-error.h"

#define CONNECT_TIMEOUT_US (3 * G_TIME_SPAN_SECOND)
#define REGISTER_TIMEOUT_US (6 * G_TIME_SPAN_SECOND)
#define UNREGISTER_TIMEOUT_US (3 * G_TIME_SPAN_SECOND)
#define UNSENT_MAX 16

typedef struct
{
  RmqBrokerOuterApi *api;
  char *address;
  RmqConnection *connection; /* (nullable) */
  GPtrArray *unsent;         /* of RmqRemotingCommand: wait for the connection */
  gboolean awaiting;
  gint32 awaited_opaque;
  gint awaited_code;
  RmqTimer timeout;
  gboolean settled; /* answered or failed once */
  gboolean registered;
} NameServer;

struct _RmqBrokerOuterApi
{
  RmqEnv *env;
  char *broker;
  gint version;
  GPtrArray *name_servers; /* of NameServer */
  gint32 last_opaque;
  gint64 last_answer_us;
  RmqEnvFunc settled;
  gpointer settled_data;
};

/* ---- one name server ----------------------------------------------------- */

static void
drop_connection (NameServer *self)
{
  rmq_env_timer_stop (self->api->env, &self->timeout);
  self->awaiting = FALSE;
  g_ptr_array_set_size (self->unsent, 0);
  if (self->connection != NULL)
    rmq_connection_close (self->connection, RMQ_CLOSE_FIN);
  g_clear_pointer (&self->connection, rmq_connection_unref);
}

static void
name_server_free (gpointer data)
{
  NameServer *self = data;
  drop_connection (self);
  g_ptr_array_unref (self->unsent);
  g_free (self->address);
  g_free (self);
}

static void
settle (NameServer *self)
{
  RmqBrokerOuterApi *api = self->api;
  if (self->settled)
    return;
  self->settled = TRUE;
  for (guint i = 0; i < api->name_servers->len; i++)
    if (!((NameServer *)g_ptr_array_index (api->name_servers, i))->settled)
      return;
  if (api->settled != NULL)
    api->settled (api->settled_data);
}

static void
fail (NameServer *self, const char *why)
{
  g_info ("%s: name server %s: %s", self->api->broker, self->address, why);
  self->registered = FALSE;
  drop_connection (self);
  settle (self);
}

static void
timed_out (gpointer data)
{
  fail (data, "no answer in time");
}

static void
answered (NameServer *self, RmqRemotingCommand *response)
{
  gint code = rmq_remoting_command_get_code (response);
  const char *remark = rmq_remoting_command_get_remark (response);
  gint request_code = self->awaited_code;
  self->awaiting = FALSE;
  rmq_env_timer_stop (self->api->env, &self->timeout);
  self->api->last_answer_us = rmq_env_now (self->api->env);
  self->registered = request_code == RMQ_REQUEST_REGISTER_BROKER && code == RMQ_RESPONSE_SUCCESS;
  if (code != RMQ_RESPONSE_SUCCESS)
    g_info ("%s: name server %s answers %d to request %d: %s", self->api->broker, self->address,
            code, request_code, remark != NULL ? remark : "no remark");
  if (request_code == RMQ_REQUEST_UNREGISTER_BROKER)
    drop_connection (self);
  settle (self);
}

static void
command_cb (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  NameServer *self = data;
  if (self->awaiting && rmq_remoting_command_is_response (command)
      && rmq_remoting_command_get_opaque (command) == self->awaited_opaque)
    answered (self, command);
}

static void
closed_cb (RmqConnection *connection, const GError *reason, gpointer data)
{
  fail (data, reason->message);
}

static void
write_unsent (NameServer *self)
{
  for (guint i = 0; i < self->unsent->len; i++)
    rmq_connection_send (self->connection, g_ptr_array_index (self->unsent, i));
  g_ptr_array_set_size (self->unsent, 0);
}

static void
connected_cb (RmqConnection *connection, gpointer data)
{
  write_unsent (data);
}

static const RmqConnectionFuncs connection_funcs = { .connected = connected_cb,
                                                     .command = command_cb,
                                                     .closed = closed_cb };

static void
await (NameServer *self, const RmqRemotingCommand *request)
{
  self->awaiting = TRUE;
  self->awaited_opaque = rmq_remoting_command_get_opaque (request);
  self->awaited_code = rmq_remoting_command_get_code (request);
  gint64 timeout_us = self->awaited_code == RMQ_REQUEST_UNREGISTER_BROKER ? UNREGISTER_TIMEOUT_US
                                                                          : REGISTER_TIMEOUT_US;
  rmq_env_timer_start (self->api->env, &self->timeout, rmq_env_now (self->api->env) + timeout_us,
                       timed_out, self);
}

static void
say (NameServer *self, RmqRemotingCommand *request)
{
  RmqBrokerOuterApi *api = self->api;
  rmq_remoting_command_set_opaque (request, api->last_opaque++);
  rmq_remoting_command_set_version (request, api->version);
  if (self->connection == NULL)
    self->connection = rmq_connection_connect (api->env, self->address, CONNECT_TIMEOUT_US,
                                               &connection_funcs, self);
  if (self->unsent->len == UNSENT_MAX)
    g_ptr_array_remove_index (self->unsent, 0);
  g_ptr_array_add (self->unsent, rmq_remoting_command_ref (request));
  if (!rmq_remoting_command_is_oneway (request))
    await (self, request);
  if (rmq_connection_get_state (self->connection) == RMQ_CONNECTION_OPEN)
    write_unsent (self);
}

/* ---- all of them --------------------------------------------------------- */

RmqBrokerOuterApi *
rmq_broker_outer_api_new (RmqEnv *env, const RmqBrokerOuterApiOptions *options)
{
  RmqBrokerOuterApi *self = g_new0 (RmqBrokerOuterApi, 1);
  self->env = rmq_env_ref (env);
  self->broker = g_strdup (options->broker);
  self->version = options->version;
  self->last_answer_us = -1;
  self->settled = options->settled;
  self->settled_data = options->settled_data;
  self->name_servers = g_ptr_array_new_with_free_func (name_server_free);
  for (char **address = options->namesrv_addrs; *address != NULL; address++)
    {
      NameServer *name_server = g_new0 (NameServer, 1);
      name_server->api = self;
      name_server->address = g_strdup (*address);
      name_server->unsent =
          g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_remoting_command_unref);
      g_ptr_array_add (self->name_servers, name_server);
    }
  return self;
}

void
rmq_broker_outer_api_free (RmqBrokerOuterApi *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->name_servers);
  rmq_env_unref (self->env);
  g_free (self->broker);
  g_free (self);
}

/* Each name server gets a command of its own: opaques differ. */
typedef RmqRemotingCommand *(*MakeRequest) (gconstpointer data);

static void
say_to_all (RmqBrokerOuterApi *self, MakeRequest make, gconstpointer data)
{
  for (guint i = 0; i < self->name_servers->len; i++)
    {
      g_autoptr (RmqRemotingCommand) request = make (data);
      say (g_ptr_array_index (self->name_servers, i), request);
    }
}

typedef struct
{
  RmqRegisterBrokerRequestHeader header;
  GBytes *body;
  gboolean oneway;
} Registration;

static RmqRemotingCommand *
make_registration (gconstpointer data)
{
  const Registration *registration = data;
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_REGISTER_BROKER);
  rmq_header_encode (&rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES,
                     &registration->header, request);
  rmq_remoting_command_set_body (request, registration->body);
  if (registration->oneway)
    rmq_remoting_command_set_oneway (request);
  return request;
}

void
rmq_broker_outer_api_register_all (RmqBrokerOuterApi *self,
                                   const RmqRegisterBrokerRequestHeader *header,
                                   const RmqRegisterBrokerBody *body, gboolean oneway)
{
  g_autoptr (GBytes) bytes = rmq_register_broker_body_encode (body);
  Registration registration = { .header = *header, .body = bytes, .oneway = oneway };
  registration.header.body_crc32 = rmq_body_crc32 (bytes);
  registration.header.has_body_crc32 = TRUE;
  say_to_all (self, make_registration, &registration);
}

static RmqRemotingCommand *
make_goodbye (gconstpointer data)
{
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_BROKER);
  rmq_header_encode (&rmq_unregister_broker_request_header, RMQ_HEADER_LONG_NAMES, data, request);
  return request;
}

void
rmq_broker_outer_api_unregister_all (RmqBrokerOuterApi *self,
                                     const RmqUnregisterBrokerRequestHeader *header)
{
  say_to_all (self, make_goodbye, header);
}

guint
rmq_broker_outer_api_get_n_registered (RmqBrokerOuterApi *self)
{
  guint n = 0;
  for (guint i = 0; i < self->name_servers->len; i++)
    n += ((NameServer *)g_ptr_array_index (self->name_servers, i))->registered;
  return n;
}

gint64
rmq_broker_outer_api_get_last_answer_us (RmqBrokerOuterApi *self)
{
  return self->last_answer_us;
}

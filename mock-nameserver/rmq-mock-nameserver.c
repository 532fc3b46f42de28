/* SPDX-License-Identifier: Apache-2.0 */

/* A name server in memory: the request processors of 103–106 over a route info manager, and the
 * scan for silent brokers. Mirrors NamesrvController with its DefaultRequestProcessor. Runs on its
 * host's loop, owner only. It connects to nobody and keeps nothing over a stop or kill: its brokers
 * come back by themselves. */

#include "rmq-mock-nameserver.h"

#include "rmq-codes-private.h"
#include "rmq-headers.h"
#include "rmq-route-info-manager.h"

struct _RmqMockNameserver
{
  char *name;
  const RmqMockProfile *profile;
  RmqMockServer *server;
  RmqRouteInfoManager *manager; /* (nullable): down */
  RmqTimer scan_timer;
  gint64 next_scan_us;
};

/* ---- 103, 104 ------------------------------------------------------------ */

/* As Java answers with a header object whose fields are null: an empty map. */
static RmqRemotingCommand *
respond_with_header (const RmqRemotingCommand *request, const RmqHeaderTable *table,
                     gconstpointer header)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_add_ext_map (response);
  if (header != NULL)
    rmq_header_encode (table, RMQ_HEADER_LONG_NAMES, header, response);
  return response;
}

static gboolean
crc_is_wrong (const RmqRegisterBrokerRequestHeader *header, GBytes *body)
{
  return header->has_body_crc32 && header->body_crc32 != 0
         && (body == NULL || rmq_body_crc32 (body) != header->body_crc32);
}

/* What Java throws when a body makes no sense. */
#define UNDECODABLE "Failed to decode RegisterBrokerBody"

static RmqRemotingCommand *
refuse_body (const RmqRemotingCommand *request, const GError *error)
{
  g_autofree char *remark = g_str_has_prefix (error->message, UNDECODABLE)
                                ? g_strdup (error->message)
                                : g_strdup_printf (UNDECODABLE ": %s", error->message);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
}

static RmqRemotingCommand *
register_broker (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRegisterBrokerBody) body = NULL;
  RmqRegisterBrokerRequestHeader header;
  RmqRegisterBrokerResponseHeader result = { 0 };
  GBytes *bytes = rmq_remoting_command_get_body (request);
  gboolean usable = rmq_header_decode (&rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES,
                                       request, &header, &error);
  if (crc_is_wrong (&header, bytes))
    return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR,
                                              "crc32 not match");
  if (usable && bytes != NULL)
    {
      body = (header.compressed ? rmq_register_broker_body_decode_compressed
                                : rmq_register_broker_body_decode) (bytes, &error);
      if (body == NULL)
        return refuse_body (request, error);
    }
  if (usable)
    rmq_route_info_manager_register_broker (self->manager, &header, body, connection, &result);
  else /* the real one logs an exception in its tables and says 0 all the same */
    g_info ("%s: registration from %s: %s", self->name,
            rmq_connection_get_peer_address (connection), error->message);
  return respond_with_header (request, &rmq_register_broker_response_header, &result);
}

static RmqRemotingCommand *
unregister_broker (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GError) error = NULL;
  RmqUnregisterBrokerRequestHeader header;
  if (rmq_header_decode (&rmq_unregister_broker_request_header, RMQ_HEADER_LONG_NAMES, request,
                         &header, &error))
    rmq_route_info_manager_unregister_broker (self->manager, &header);
  else
    g_info ("%s: goodbye from %s: %s", self->name, rmq_connection_get_peer_address (connection),
            error->message);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
}

/* ---- 105, 106 ------------------------------------------------------------ */

static RmqRemotingCommand *
respond_no_route (RmqMockNameserver *self, const RmqRemotingCommand *request, const char *topic)
{
  g_autofree char *remark =
      g_strdup_printf ("No topic route info in name server for the topic: %s\n"
                       "See %s for further details.",
                       topic, self->profile->faq_url);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_TOPIC_NOT_EXIST, remark);
}

static gboolean
wants_quoted_keys (RmqMockNameserver *self, const RmqRemotingCommand *request)
{
  const char *only_standard = rmq_remoting_command_get_ext (request, "acceptStandardJsonOnly");
  return rmq_remoting_command_get_version (request) >= self->profile->quoted_keys_from_version
         || (only_standard != NULL && g_ascii_strcasecmp (only_standard, "true") == 0);
}

static RmqRemotingCommand *
get_route_info (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockNameserver *self = mock;
  RmqGetRouteInfoRequestHeader header;
  rmq_header_decode (&rmq_get_route_info_request_header, RMQ_HEADER_LONG_NAMES, request, &header,
                     NULL); /* no topic: nobody serves "null" */
  const char *topic = header.topic != NULL ? header.topic : "null";
  g_autoptr (RmqTopicRouteData) route =
      rmq_route_info_manager_pickup_topic_route_data (self->manager, topic);
  if (route == NULL)
    return respond_no_route (self, request, topic);
  RmqRouteForm form = { .quoted_keys = wants_quoted_keys (self, request) };
  g_autoptr (GBytes) body = rmq_topic_route_data_encode (route, &form);
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, body);
  return response;
}

static RmqRemotingCommand *
get_cluster_info (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GBytes) body = rmq_route_info_manager_get_cluster_info (self->manager);
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, body);
  return response;
}

static const RmqProcessor processors[] = {
  { RMQ_REQUEST_REGISTER_BROKER, register_broker, "a broker announces itself and its topics" },
  { RMQ_REQUEST_UNREGISTER_BROKER, unregister_broker, "a broker says goodbye" },
  { RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, get_route_info, "which brokers serve a topic" },
  { RMQ_REQUEST_GET_BROKER_CLUSTER_INFO, get_cluster_info, "all brokers by cluster" },
};

const RmqProcessor *
rmq_mock_nameserver_get_processors (guint *n_processors)
{
  *n_processors = G_N_ELEMENTS (processors);
  return processors;
}

/* ---- life ---------------------------------------------------------------- */

static void
disconnected (gpointer mock, RmqConnection *connection)
{
  RmqMockNameserver *self = mock;
  rmq_route_info_manager_connection_ended (self->manager, connection);
}

static void
scan_not_active_broker (gpointer data)
{
  RmqMockNameserver *self = data;
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  self->next_scan_us += self->profile->scan_period_us;
  rmq_env_timer_start (env, &self->scan_timer, self->next_scan_us, scan_not_active_broker, self);
  RmqConnection *silent;
  while ((silent = rmq_route_info_manager_drop_inactive (self->manager)) != NULL)
    {
      rmq_mock_server_end_connection (self->server, silent, RMQ_CLOSE_FIN);
      rmq_connection_unref (silent);
    }
}

RmqMockNameserver *
rmq_mock_nameserver_new (const char *name, const RmqMockProfile *profile)
{
  RmqMockNameserver *self = g_new0 (RmqMockNameserver, 1);
  self->name = g_strdup (name);
  self->profile = profile != NULL ? profile : rmq_mock_profile_find (NULL);
  RmqMockServerClass klass = {
    .profile = self->profile,
    .processors = processors,
    .n_processors = G_N_ELEMENTS (processors),
    .answers_unknown_codes = self->profile->nameserver_answers_unknown_codes,
    .disconnected = disconnected,
  };
  self->server = rmq_mock_server_new (name, &klass, self);
  return self;
}

void
rmq_mock_nameserver_free (RmqMockNameserver *self)
{
  if (self == NULL)
    return;
  rmq_mock_nameserver_stop (self);
  rmq_mock_server_free (self->server);
  g_free (self->name);
  g_free (self);
}

gboolean
rmq_mock_nameserver_start (RmqMockNameserver *self, RmqEnv *env, const char *listen, GError **error)
{
  g_assert (self->manager == NULL);
  if (!rmq_mock_server_start (self->server, env, listen, error))
    return FALSE;
  self->manager = rmq_route_info_manager_new (self->name, env);
  self->next_scan_us = rmq_env_now (env) + self->profile->first_scan_us;
  rmq_env_timer_start (env, &self->scan_timer, self->next_scan_us, scan_not_active_broker, self);
  return TRUE;
}

static void
forget_all (RmqMockNameserver *self)
{
  rmq_env_timer_stop (rmq_mock_server_get_env (self->server), &self->scan_timer);
  g_clear_pointer (&self->manager, rmq_route_info_manager_free);
}

void
rmq_mock_nameserver_stop (RmqMockNameserver *self)
{
  if (self->manager == NULL)
    return;
  rmq_mock_server_stop (self->server);
  forget_all (self);
}

void
rmq_mock_nameserver_kill (RmqMockNameserver *self)
{
  if (self->manager == NULL)
    return;
  rmq_mock_server_kill (self->server);
  forget_all (self);
}

void
rmq_mock_nameserver_reset (RmqMockNameserver *self)
{
  rmq_mock_server_heal (self->server);
  rmq_mock_server_forget_requests (self->server);
  if (self->manager != NULL)
    rmq_route_info_manager_forget_topics (self->manager);
}

/* ---- looking ------------------------------------------------------------- */

const char *
rmq_mock_nameserver_get_address (RmqMockNameserver *self)
{
  return rmq_mock_server_get_address (self->server);
}

RmqMockServer *
rmq_mock_nameserver_get_server (RmqMockNameserver *self)
{
  return self->server;
}

gboolean
rmq_mock_nameserver_has_broker (RmqMockNameserver *self, const char *broker_name)
{
  return self->manager != NULL && rmq_route_info_manager_has_broker (self->manager, broker_name);
}

void
rmq_mock_nameserver_fill_snapshot (RmqMockNameserver *self, RmqSnapshot *snapshot)
{
  if (self->manager != NULL)
    rmq_route_info_manager_fill_snapshot (self->manager, snapshot);
}

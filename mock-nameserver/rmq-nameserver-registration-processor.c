/* SPDX-License-Identifier: Apache-2.0 */

/* What brokers say of themselves: 103, 104, 322, 904 of DefaultRequestProcessor. On the host's
 * loop, owner only. It reads and words; the route info manager decides. */

#include "rmq-mock-nameserver-private.h"

#define UNDECODABLE                                                                                \
  "org.apache.rocketmq.remoting.exception.RemotingCommandException: Failed to decode "             \
  "RegisterBrokerBody"
/* Senders before it say nothing of filter servers. */
#define FIRST_VERSION_WITH_FILTER_SERVERS 37

static gboolean
crc_is_wrong (const RmqRegisterBrokerRequestHeader *header, GBytes *body)
{
  return header->has_body_crc32 && header->body_crc32 != 0
         && (body == NULL || rmq_body_crc32 (body) != header->body_crc32);
}

/* (nullable): error says why. */
static RmqRegisterBrokerBody *
read_body (const RmqRemotingCommand *request, gboolean compressed, GError **error)
{
  GBytes *bytes = rmq_remoting_command_get_body (request);
  gboolean is_old = rmq_remoting_command_get_version (request) < FIRST_VERSION_WITH_FILTER_SERVERS;
  if (bytes == NULL)
    return rmq_register_broker_body_new ();
  if (is_old)
    return rmq_register_broker_body_decode_topics (bytes, error);
  return compressed ? rmq_register_broker_body_decode_compressed (bytes, error)
                    : rmq_register_broker_body_decode (bytes, error);
}

/* With the topics whose queues are ordered, so that the broker marks them. */
static void
add_order_topics (RmqMockNameserver *self, RmqRemotingCommand *response)
{
  RmqProperties *list = rmq_kv_config_manager_list (self->kv, RMQ_NAMESPACE_ORDER_TOPIC_CONFIG);
  if (list == NULL)
    return;
  g_autoptr (GBytes) body = rmq_kv_table_encode (list);
  rmq_remoting_command_set_body (response, body);
  rmq_properties_free (list);
}

static RmqRemotingCommand *
refuse_registration (const RmqRemotingCommand *request, const char *remark)
{
  RmqRemotingCommand *response = rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, remark);
  rmq_remoting_command_add_ext_map (response);
  return response;
}

RMQ_NAMESERVER_PROCESSOR (register_broker)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GError) error = NULL;
  RmqRegisterBrokerRequestHeader header;
  RmqRegisterBrokerResponseHeader result = { 0 };
  rmq_header_decode (&rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES, request, &header,
                     NULL); /* what misses is looked for below */
  if (crc_is_wrong (&header, rmq_remoting_command_get_body (request)))
    return refuse_registration (request, "crc32 not match");
  g_autoptr (RmqRegisterBrokerBody) body = read_body (request, header.compressed, &error);
  if (body == NULL)
    {
      g_info ("%s: registration from %s: %s", self->name,
              rmq_connection_get_peer_address (connection), error->message);
      return rmq_nameserver_throw (request, UNDECODABLE, "registerBrokerWithFilterServer");
    }
  if (!rmq_nameserver_has_number (request, "brokerId"))
    return rmq_nameserver_throw_null (request, "registerBrokerWithFilterServer");
  /* The real one logs an exception in its tables and says 0 all the same. */
  if (header.broker_name != NULL && header.broker_addr != NULL && header.cluster_name != NULL
      && !rmq_route_info_manager_register_broker (self->manager, &header, body, connection,
                                                  &result))
    return refuse_registration (request, "register broker failed");
  RmqRemotingCommand *response =
      rmq_nameserver_answer (request, &rmq_register_broker_response_header, &result);
  if (!rmq_nameserver_config_is_off (self->config, "returnOrderTopicConfigToBroker"))
    add_order_topics (self, response);
  return response;
}

static gboolean
read_broker (const RmqRemotingCommand *request, RmqUnregisterBrokerRequestHeader *header)
{
  return rmq_header_decode (&rmq_unregister_broker_request_header, RMQ_HEADER_LONG_NAMES, request,
                            header, NULL);
}

RMQ_NAMESERVER_PROCESSOR (unregister_broker)
{
  RmqMockNameserver *self = mock;
  RmqUnregisterBrokerRequestHeader header;
  gboolean is_whole = read_broker (request, &header);
  if (!self->profile->nameserver->unregisters_by_address
      && !rmq_nameserver_has_number (request, "brokerId"))
    return rmq_nameserver_throw_null (request, "unregisterBroker");
  if (is_whole)
    rmq_route_info_manager_unregister_broker (self->manager, &header);
  return rmq_nameserver_answer (request, NULL, NULL);
}

static RmqRemotingCommand *
answer_data_version (RmqMockNameserver *self, const RmqRemotingCommand *request, gboolean changed,
                     const RmqDataVersion *stored)
{
  RmqRemotingCommand *response = rmq_nameserver_answer (request, NULL, NULL);
  rmq_remoting_command_add_ext (response, "changed", changed ? "true" : "false");
  if (stored == NULL)
    return response;
  g_autoptr (GBytes) body =
      rmq_data_version_encode (stored, self->profile->nameserver->compares_state_version);
  rmq_remoting_command_set_body (response, body);
  return response;
}

RMQ_NAMESERVER_PROCESSOR (query_data_version)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GError) error = NULL;
  RmqUnregisterBrokerRequestHeader header;
  RmqDataVersion version;
  const RmqDataVersion *stored = NULL;
  GBytes *body = rmq_remoting_command_get_body (request);
  gboolean null_version_throws = self->profile->nameserver->null_version_throws;
  read_broker (request, &header);
  if (body != NULL && !rmq_data_version_decode (body, &version, &error))
    {
      g_autofree char *what =
          g_strdup_printf ("com.alibaba.fastjson.JSONException: %s", error->message);
      return rmq_nameserver_throw (request, what, "queryBrokerTopicConfig");
    }
  if (null_version_throws && body == NULL)
    return rmq_nameserver_throw_outside (request, "java.lang.NullPointerException");
  if (header.broker_addr == NULL && !null_version_throws)
    return rmq_nameserver_throw_null (request, "queryBrokerTopicConfig");
  gboolean changed = rmq_route_info_manager_query_data_version (
      self->manager, &header, body != NULL ? &version : NULL, &stored);
  return answer_data_version (self, request, changed, stored);
}

RMQ_NAMESERVER_PROCESSOR (broker_heartbeat)
{
  RmqMockNameserver *self = mock;
  const char *cluster = rmq_remoting_command_get_ext (request, "clusterName");
  const char *address = rmq_remoting_command_get_ext (request, "brokerAddr");
  if (cluster == NULL || address == NULL)
    return rmq_nameserver_throw_null (request, "brokerHeartbeat");
  rmq_route_info_manager_broker_heartbeat (self->manager, cluster, address);
  return rmq_nameserver_answer (request, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Who serves what: 105, 106, 901 of ClientRequestProcessor and DefaultRequestProcessor. On the
 * host's loop, owner only. Nothing is changed here. */

#include "rmq-mock-nameserver-private.h"

static RmqRemotingCommand *
answer_no_route (RmqMockNameserver *self, const RmqRemotingCommand *request, const char *topic)
{
  g_autofree char *remark =
      g_strdup_printf ("No topic route info in name server for the topic: %s\n"
                       "See %s for further details.",
                       topic, self->profile->faq_url);
  return rmq_nameserver_refuse (request, RMQ_RESPONSE_TOPIC_NOT_EXIST, remark);
}

static gboolean
wants_quoted_keys (RmqMockNameserver *self, const RmqRemotingCommand *request)
{
  const char *only_standard = rmq_remoting_command_get_ext (request, "acceptStandardJsonOnly");
  gint from_version = self->profile->quoted_keys_from_version;
  return rmq_remoting_command_get_version (request) >= from_version
         || (from_version != G_MAXINT && only_standard != NULL
             && g_ascii_strcasecmp (only_standard, "true") == 0);
}

static RmqRouteForm
get_form (RmqMockNameserver *self)
{
  return (RmqRouteForm){
    .topic_syn_flag = self->profile->nameserver->topic_syn_flag,
    .acting_master = self->profile->nameserver->acting_master,
  };
}

/* 5.3: a name server that was just started may make clients wait. */
static gboolean
is_ready (RmqMockNameserver *self)
{
  gint64 up_us = rmq_env_now (rmq_mock_server_get_env (self->server)) - self->started_us;
  return !rmq_nameserver_config_is_on (self->config, "needWaitForService")
         || up_us >= rmq_nameserver_config_get_number (self->config, "waitSecondsForService")
                         * G_TIME_SPAN_SECOND;
}

RMQ_NAMESERVER_PROCESSOR (get_route_info)
{
  RmqMockNameserver *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  if (topic == NULL)
    topic = "null"; /* which nobody serves */
  if (!is_ready (self))
    return rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, "name server not ready");
  g_autoptr (RmqTopicRouteData) route =
      rmq_route_info_manager_pickup_topic_route_data (self->manager, topic);
  if (route == NULL)
    return answer_no_route (self, request, topic);
  if (rmq_nameserver_config_is_on (self->config, "orderMessageEnable"))
    route->order_topic_conf =
        g_strdup (rmq_kv_config_manager_get (self->kv, RMQ_NAMESPACE_ORDER_TOPIC_CONFIG, topic));
  RmqRouteForm form = get_form (self);
  form.quoted_keys = wants_quoted_keys (self, request);
  g_autoptr (GBytes) body = rmq_topic_route_data_encode (route, &form);
  return rmq_nameserver_answer_body (request, body);
}

RMQ_NAMESERVER_PROCESSOR (get_cluster_info)
{
  RmqMockNameserver *self = mock;
  RmqRouteForm form = get_form (self); /* keys that are numbers stand bare, for everyone */
  g_autoptr (GBytes) body = rmq_route_info_manager_get_cluster_info (self->manager, &form);
  return rmq_nameserver_answer_body (request, body);
}

RMQ_NAMESERVER_PROCESSOR (get_broker_member_group)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GBytes) body = rmq_route_info_manager_get_member_group (
      self->manager, rmq_remoting_command_get_ext (request, "clusterName"),
      rmq_remoting_command_get_ext (request, "brokerName"));
  RmqRemotingCommand *response =
      rmq_nameserver_refuse (request, RMQ_RESPONSE_SUCCESS, "not set any response code");
  rmq_remoting_command_set_body (response, body);
  return response;
}

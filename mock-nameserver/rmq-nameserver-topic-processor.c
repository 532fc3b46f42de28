/* SPDX-License-Identifier: Apache-2.0 */

/* What operators ask and change of topics: 205, 206, 216, 217, 224, 304, 311–313, 327 of
 * DefaultRequestProcessor. On the host's loop, owner only. */

#include "rmq-mock-nameserver-private.h"

/* ---- changes ------------------------------------------------------------- */

static RmqRemotingCommand *
change_write_perm (RmqMockNameserver *self, const RmqRemotingCommand *request, gboolean may_write,
                   const char *field)
{
  const char *broker_name = rmq_remoting_command_get_ext (request, "brokerName");
  guint n_topics =
      broker_name != NULL
          ? rmq_route_info_manager_change_write_perm (self->manager, broker_name, may_write)
          : 0;
  RmqRemotingCommand *response = rmq_nameserver_answer (request, NULL, NULL);
  rmq_remoting_command_add_ext_int (response, field, n_topics);
  return response;
}

RMQ_NAMESERVER_PROCESSOR (wipe_write_perm)
{
  return change_write_perm (mock, request, FALSE, "wipeTopicCount");
}

RMQ_NAMESERVER_PROCESSOR (add_write_perm)
{
  return change_write_perm (mock, request, TRUE, "addTopicCount");
}

RMQ_NAMESERVER_PROCESSOR (delete_topic)
{
  RmqMockNameserver *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  const char *cluster = self->profile->nameserver->deletes_by_cluster
                            ? rmq_remoting_command_get_ext (request, "clusterName")
                            : NULL;
  if (topic != NULL)
    rmq_route_info_manager_delete_topic (self->manager, topic, cluster);
  return rmq_nameserver_answer (request, NULL, NULL);
}

RMQ_NAMESERVER_PROCESSOR (register_topic)
{
  RmqMockNameserver *self = mock;
  g_autoptr (GError) error = NULL;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  GBytes *body = rmq_remoting_command_get_body (request);
  g_autoptr (RmqTopicRouteData) route =
      body != NULL ? rmq_topic_route_data_decode (body, &error) : NULL;
  if (error != NULL)
    {
      g_autofree char *what =
          g_strdup_printf ("com.alibaba.fastjson.JSONException: %s", error->message);
      return rmq_nameserver_throw (request, what, "registerTopicToNamesrv");
    }
  if (topic != NULL && route != NULL)
    rmq_route_info_manager_register_topic (self->manager, topic, route);
  return rmq_nameserver_answer (request, NULL, NULL);
}

/* ---- lists --------------------------------------------------------------- */

static RmqRemotingCommand *
answer_list (const RmqRemotingCommand *request, GPtrArray *topics, const char *broker_addr)
{
  g_ptr_array_add (topics, NULL);
  g_autoptr (GBytes) body = rmq_topic_list_encode ((const char *const *)topics->pdata, broker_addr);
  g_ptr_array_unref (topics);
  return rmq_nameserver_answer_body (request, body);
}

/* 5.3 can be told not to list anything. */
static RmqRemotingCommand *
refuse_list (const RmqRemotingCommand *request)
{
  return rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, "disable");
}

RMQ_NAMESERVER_PROCESSOR (get_all_topics)
{
  RmqMockNameserver *self = mock;
  if (rmq_nameserver_config_is_off (self->config, "enableAllTopicList"))
    return refuse_list (request);
  return answer_list (request, rmq_route_info_manager_list_topics (self->manager, 0, 0), NULL);
}

RMQ_NAMESERVER_PROCESSOR (get_topics_by_cluster)
{
  RmqMockNameserver *self = mock;
  const char *cluster = rmq_remoting_command_get_ext (request, "cluster");
  if (rmq_nameserver_config_is_off (self->config, "enableTopicList"))
    return refuse_list (request);
  return answer_list (request,
                      rmq_route_info_manager_list_topics_of_cluster (self->manager, cluster), NULL);
}

RMQ_NAMESERVER_PROCESSOR (get_system_topics)
{
  RmqMockNameserver *self = mock;
  const char *broker_addr;
  GPtrArray *topics = rmq_route_info_manager_list_system_topics (self->manager, &broker_addr);
  return answer_list (request, topics, broker_addr);
}

RMQ_NAMESERVER_PROCESSOR (get_unit_topics)
{
  static const struct
  {
    gint code, set, clear;
  } kinds[] = {
    { RMQ_REQUEST_GET_UNIT_TOPIC_LIST, RMQ_TOPIC_SYS_FLAG_UNIT, 0 },
    { RMQ_REQUEST_GET_HAS_UNIT_SUB_TOPIC_LIST, RMQ_TOPIC_SYS_FLAG_UNIT_SUB, 0 },
    { RMQ_REQUEST_GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST, RMQ_TOPIC_SYS_FLAG_UNIT_SUB,
      RMQ_TOPIC_SYS_FLAG_UNIT },
  };
  RmqMockNameserver *self = mock;
  guint i = 0;
  if (rmq_nameserver_config_is_off (self->config, "enableTopicList"))
    return refuse_list (request);
  while (kinds[i].code != rmq_remoting_command_get_code (request))
    i++;
  return answer_list (
      request, rmq_route_info_manager_list_topics (self->manager, kinds[i].set, kinds[i].clear),
      NULL);
}

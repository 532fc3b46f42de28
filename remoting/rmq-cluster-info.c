/* SPDX-License-Identifier: Apache-2.0 */

/* ClusterInfo, BrokerMemberGroup, TopicList and KVTable, answers of a name server: written only,
 * nobody here reads them. Pure.
 */

#include "rmq-bodies.h"
#include "rmq-json-body-private.h"

static void
put_names_of_cluster (RmqJsonWriter *out, const GPtrArray *brokers, const char *cluster)
{
  const char *comma = "";
  rmq_json_put_string (out, cluster);
  rmq_json_put (out, ":[");
  for (guint i = 0; i < brokers->len; i++)
    {
      const RmqBrokerData *broker = g_ptr_array_index (brokers, i);
      if (g_strcmp0 (broker->cluster, cluster) != 0)
        continue;
      rmq_json_put_member (out, comma, broker->broker_name);
      comma = ",";
    }
  rmq_json_put (out, "]");
}

static gboolean
is_first_of_its_cluster (const GPtrArray *brokers, guint index)
{
  const RmqBrokerData *broker = g_ptr_array_index (brokers, index);
  if (broker->cluster == NULL)
    return FALSE;
  for (guint i = 0; i < index; i++)
    if (g_strcmp0 (((RmqBrokerData *)g_ptr_array_index (brokers, i))->cluster, broker->cluster)
        == 0)
      return FALSE;
  return TRUE;
}

GBytes *
rmq_cluster_info_encode (const GPtrArray *brokers, const GPtrArray *members,
                         const RmqRouteForm *form)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  const char *comma = "";
  rmq_json_put (out, "{\"brokerAddrTable\":{");
  for (guint i = 0; i < brokers->len; i++)
    {
      const RmqBrokerData *broker = g_ptr_array_index (brokers, i);
      rmq_json_put_member (out, i > 0 ? "," : "", broker->broker_name);
      rmq_json_put (out, ":");
      rmq_json_put_broker_data (out, broker, form);
    }
  rmq_json_put (out, "},\"clusterAddrTable\":{");
  for (guint i = 0; i < members->len; i++)
    if (is_first_of_its_cluster (members, i))
      {
        rmq_json_put (out, comma);
        put_names_of_cluster (out, members,
                              ((RmqBrokerData *)g_ptr_array_index (members, i))->cluster);
        comma = ",";
      }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

GBytes *
rmq_broker_member_group_encode (const RmqBrokerData *group)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"brokerMemberGroup\":{");
  rmq_json_put_broker_addrs (out, group, FALSE);
  if (group->broker_name != NULL)
    rmq_json_put_member (out, ",\"brokerName\":", group->broker_name);
  if (group->cluster != NULL)
    rmq_json_put_member (out, ",\"cluster\":", group->cluster);
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

GBytes *
rmq_topic_list_encode (const char *const *topics, const char *broker_addr)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{");
  if (broker_addr != NULL)
    {
      rmq_json_put_member (out, "\"brokerAddr\":", broker_addr);
      rmq_json_put (out, ",");
    }
  rmq_json_put (out, "\"topicList\":");
  rmq_json_put_strv (out, (char *const *)topics);
  rmq_json_put (out, "}");
  return rmq_json_body_end (out);
}

GBytes *
rmq_kv_table_encode (const RmqProperties *table)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"table\":{");
  for (guint i = 0; i < rmq_properties_get_n (table); i++)
    {
      const char *key, *value;
      rmq_properties_get_at (table, i, &key, &value);
      rmq_json_put_member (out, i > 0 ? "," : "", key);
      rmq_json_put_member (out, ":", value);
    }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* TopicRouteData as JSON, in the forms of three versions. Pure. Reads whatever any of them writes;
 * the keys without quotes are the reader's business (read_bare_key in rmq-json-reader.c).
 */

#include "rmq-json-body-private.h"

#include "rmq-wire-text.h"

/* ---- writing ------------------------------------------------------------- */

/* Quoted keys mean strict JSON to fastjson, and that is plain ASCII too. */
static void
put_text_as (RmqJsonWriter *out, const char *literal, const char *text, gboolean quoted)
{
  rmq_json_put (out, literal);
  if (quoted)
    rmq_json_put_ascii_string (out, text);
  else
    rmq_json_put_string (out, text);
}

static void
put_text (RmqJsonWriter *out, const char *literal, const char *text, const RmqRouteForm *form)
{
  put_text_as (out, literal, text, form->quoted_keys);
}

void
rmq_json_put_broker_addrs (RmqJsonWriter *out, const RmqBrokerData *broker, gboolean quoted)
{
  const char *quote = quoted ? "\"" : "";
  rmq_json_put (out, "\"brokerAddrs\":{");
  for (guint i = 0; i < broker->broker_addrs->len; i++)
    {
      const RmqBrokerAddr *addr = &g_array_index (broker->broker_addrs, RmqBrokerAddr, i);
      rmq_json_put (out, i > 0 ? "," : "");
      rmq_json_put_int_member (out, quote, addr->broker_id);
      rmq_json_put (out, quote);
      put_text_as (out, ":", addr->address, quoted);
    }
  rmq_json_put (out, "}");
}

void
rmq_json_put_broker_data (RmqJsonWriter *out, const RmqBrokerData *broker, const RmqRouteForm *form)
{
  rmq_json_put (out, "{");
  rmq_json_put_broker_addrs (out, broker, form->quoted_keys);
  put_text (out, ",\"brokerName\":", broker->broker_name, form);
  if (broker->cluster != NULL)
    put_text (out, ",\"cluster\":", broker->cluster, form);
  if (form->acting_master)
    rmq_json_put (out, broker->enable_acting_master ? ",\"enableActingMaster\":true"
                                                    : ",\"enableActingMaster\":false");
  rmq_json_put (out, "}");
}

static void
put_queue_data (RmqJsonWriter *out, const RmqQueueData *queue, const RmqRouteForm *form)
{
  put_text (out, "{\"brokerName\":", queue->broker_name, form);
  rmq_json_put_int_member (out, ",\"perm\":", queue->perm);
  rmq_json_put_int_member (out, ",\"readQueueNums\":", queue->read_queue_nums);
  rmq_json_put_int_member (out, form->topic_syn_flag ? ",\"topicSynFlag\":" : ",\"topicSysFlag\":",
                           queue->topic_sys_flag);
  rmq_json_put_int_member (out, ",\"writeQueueNums\":", queue->write_queue_nums);
  rmq_json_put (out, "}");
}

static void
put_filter_servers (RmqJsonWriter *out, const RmqFilterServers *servers, const RmqRouteForm *form)
{
  put_text (out, "", servers->broker_addr, form);
  rmq_json_put (out, ":[");
  for (guint i = 0; servers->filter_servers[i] != NULL; i++)
    put_text (out, i > 0 ? "," : "", servers->filter_servers[i], form);
  rmq_json_put (out, "]");
}

GBytes *
rmq_topic_route_data_encode (const RmqTopicRouteData *route, const RmqRouteForm *form)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"brokerDatas\":[");
  for (guint i = 0; i < route->broker_datas->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      rmq_json_put_broker_data (out, g_ptr_array_index (route->broker_datas, i), form);
    }
  rmq_json_put (out, "],\"filterServerTable\":{");
  for (guint i = 0; i < route->filter_server_table->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_filter_servers (out, g_ptr_array_index (route->filter_server_table, i), form);
    }
  rmq_json_put (out, "}");
  if (route->order_topic_conf != NULL)
    put_text (out, ",\"orderTopicConf\":", route->order_topic_conf, form);
  rmq_json_put (out, ",\"queueDatas\":[");
  for (guint i = 0; i < route->queue_datas->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_queue_data (out, g_ptr_array_index (route->queue_datas, i), form);
    }
  rmq_json_put (out, "]}");
  return rmq_json_body_end (out);
}

/* ---- reading ------------------------------------------------------------- */

static void
read_broker_addrs (RmqJsonReader *reader, gpointer object)
{
  const char *key;
  RmqBrokerData *broker = object;
  if (!rmq_json_read_enter (reader, RMQ_JSON_OBJECT))
    return;
  while (rmq_json_reader_next_member (reader, &key))
    {
      gint64 broker_id = 0;
      if (!rmq_decimal_parse (key, G_MININT64, G_MAXINT64, &broker_id))
        rmq_json_reader_fail (reader, "a broker id is no number");
      if (broker->broker_addrs->len == RMQ_BROKER_ADDRS_MAX)
        rmq_json_reader_fail (reader, "a broker name has too many addresses");
      const char *address = rmq_json_reader_text (reader);
      if (address != NULL)
        rmq_broker_data_set_addr (broker, broker_id, address);
    }
}

static void
read_broker_broker_name (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqBrokerData *)object)->broker_name);
}

static void
read_cluster (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqBrokerData *)object)->cluster);
}

static const RmqJsonMember broker_members[] = {
  { "brokerAddrs", read_broker_addrs },
  { "brokerName", read_broker_broker_name },
  { "cluster", read_cluster },
};

static void
read_broker_datas (RmqJsonReader *reader, gpointer object)
{
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  while (rmq_json_reader_next_element (reader))
    {
      RmqBrokerData *broker = rmq_topic_route_data_add_broker_data (object, NULL, NULL);
      rmq_json_read_object (reader, broker_members, G_N_ELEMENTS (broker_members), broker);
      if (broker->broker_name == NULL)
        rmq_json_reader_fail (reader, "a broker without brokerName");
    }
}

static void
read_queue_broker_name (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqQueueData *)object)->broker_name);
}

static void
read_read_queue_nums (RmqJsonReader *reader, gpointer object)
{
  ((RmqQueueData *)object)->read_queue_nums = rmq_json_read_count (reader);
}

static void
read_write_queue_nums (RmqJsonReader *reader, gpointer object)
{
  ((RmqQueueData *)object)->write_queue_nums = rmq_json_read_count (reader);
}

static void
read_perm (RmqJsonReader *reader, gpointer object)
{
  ((RmqQueueData *)object)->perm = rmq_json_read_int (reader);
}

static void
read_topic_sys_flag (RmqJsonReader *reader, gpointer object)
{
  ((RmqQueueData *)object)->topic_sys_flag = rmq_json_read_int (reader);
}

static const RmqJsonMember queue_members[] = {
  { "brokerName", read_queue_broker_name },  { "perm", read_perm },
  { "readQueueNums", read_read_queue_nums }, { "topicSynFlag", read_topic_sys_flag },
  { "topicSysFlag", read_topic_sys_flag },   { "writeQueueNums", read_write_queue_nums },
};

static void
read_queue_datas (RmqJsonReader *reader, gpointer object)
{
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  while (rmq_json_reader_next_element (reader))
    {
      RmqQueueData *queue = rmq_topic_route_data_add_queue_data (object, NULL, 0, 0, 0);
      rmq_json_read_object (reader, queue_members, G_N_ELEMENTS (queue_members), queue);
      if (queue->broker_name == NULL)
        rmq_json_reader_fail (reader, "a queue without brokerName");
    }
}

static void
read_filter_server_table (RmqJsonReader *reader, gpointer object)
{
  const char *address;
  if (!rmq_json_read_enter (reader, RMQ_JSON_OBJECT))
    return;
  while (rmq_json_reader_next_member (reader, &address))
    {
      g_auto (GStrv) texts = rmq_json_read_strv (reader);
      if (texts != NULL)
        rmq_topic_route_data_add_filter_servers (object, address, texts);
    }
}

static void
read_order_topic_conf (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqTopicRouteData *)object)->order_topic_conf);
}

static const RmqJsonMember route_members[] = {
  { "brokerDatas", read_broker_datas },
  { "filterServerTable", read_filter_server_table },
  { "orderTopicConf", read_order_topic_conf },
  { "queueDatas", read_queue_datas },
};

RmqTopicRouteData *
rmq_topic_route_data_decode (GBytes *bytes, GError **error)
{
  g_auto (RmqJsonBody) body;
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_new ();
  rmq_json_body_init (&body, bytes);
  rmq_json_read_object (&body.reader, route_members, G_N_ELEMENTS (route_members), route);
  if (!rmq_json_reader_finish (&body.reader, "topic route", error))
    return NULL;
  return g_steal_pointer (&route);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The tables a learner of MQClientInstance looks for, with the meaning of each column: clients,
 * producers, routes, addresses, queues. Runs on the loop, only reads; must never hand out a pointer
 * into a table. */

#include "rmq-client-tables.h"

#define SCHEMA(symbol, table_id, table_title, table_java, table_help)                              \
  const RmqTableSchema symbol##_schema = { .id = table_id,                                         \
                                           .title = table_title,                                   \
                                           .help = table_help,                                     \
                                           .java = table_java,                                     \
                                           .columns = symbol##_columns,                            \
                                           .n_columns = G_N_ELEMENTS (symbol##_columns) }

static const RmqColumn rmq_factory_table_columns[] = {
  { "clientId", RMQ_CELL_TEXT, NULL,
    "local address @ instance name: who shares it shares the client",
    "MQClientManager#factoryTable key" },
  { "index", RMQ_CELL_INT, NULL, "number of the client in this process, in order of making",
    "MQClientInstance#instanceIndex" },
  { "serviceState", RMQ_CELL_TEXT, NULL, "state of the client", "MQClientInstance#serviceState" },
  { "namesrvAddrList", RMQ_CELL_TEXT, NULL, "known name servers, shuffled",
    "NettyRemotingClient#namesrvAddrList" },
  { "namesrvAddrChoosed", RMQ_CELL_TEXT, NULL,
    "the name server that is asked while its connection lasts",
    "NettyRemotingClient#namesrvAddrChoosed" },
  { "producers", RMQ_CELL_INT, "producers", "registered groups, the inner one included",
    "MQClientInstance#producerTable size" },
  { "heartbeats", RMQ_CELL_INT, "heartbeats", "heartbeats that brokers have answered", "-" },
  { "bootTime", RMQ_CELL_MOMENT_US, NULL, "when the client was made",
    "MQClientInstance#bootTimestamp" },
};
SCHEMA (rmq_factory_table, "factoryTable", "Clients", "MQClientManager#factoryTable",
        "The clients of this process, one a client id. Producers with one id share connections, "
        "timers, routes and the place in the ring.");

static const RmqColumn rmq_producer_table_columns[] = {
  { "group", RMQ_CELL_TEXT, NULL, "producer group; CLIENT_INNER_PRODUCER serves the client itself",
    "MQClientInstance#producerTable key" },
  { "serviceState", RMQ_CELL_TEXT, NULL, "state of the producer",
    "DefaultMQProducerImpl#serviceState" },
  { "sendMsgTimeout", RMQ_CELL_INT, "ms", "budget of a send, all attempts together",
    "DefaultMQProducer#sendMsgTimeout" },
  { "retries", RMQ_CELL_INT, "attempts", "further attempts of a blocking send",
    "DefaultMQProducer#retryTimesWhenSendFailed" },
  { "asyncRetries", RMQ_CELL_INT, "attempts", "further attempts of an asynchronous send",
    "DefaultMQProducer#retryTimesWhenSendAsyncFailed" },
  { "topics", RMQ_CELL_INT, "topics", "rows of its topicPublishInfoTable",
    "DefaultMQProducerImpl#topicPublishInfoTable size" },
  { "sending", RMQ_CELL_INT, "sends", "sends that have begun and not ended", "-" },
  { "asyncQueue", RMQ_CELL_INT, "sends", "asynchronous sends that wait for a lane; at most 50000",
    "DefaultMQProducerImpl#asyncSenderThreadPoolQueue size" },
};
#define N_PRODUCER_NUMBERS (G_N_ELEMENTS (rmq_producer_table_columns) - 2)
SCHEMA (rmq_producer_table, "producerTable", "Producers", "MQClientInstance#producerTable",
        "The producer groups registered at this client. A group may appear once a client.");

static const RmqColumn rmq_topic_route_table_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "topic", "MQClientInstance#topicRouteTable key" },
  { "queueDatas", RMQ_CELL_TEXT, NULL,
    "broker name, read/write queues and permission of each broker", "TopicRouteData#queueDatas" },
  { "brokerDatas", RMQ_CELL_TEXT, NULL, "broker name and addresses by id, 0 is the master",
    "TopicRouteData#brokerDatas" },
  { "orderTopicConf", RMQ_CELL_TEXT, NULL, "fixed order of queues; absent: none",
    "TopicRouteData#orderTopicConf" },
  { "changed", RMQ_CELL_MOMENT_US, NULL, "when it last changed", "-" },
  { "checked", RMQ_CELL_MOMENT_US, NULL, "when a name server last answered with it", "-" },
  { "generation", RMQ_CELL_INT, "changes", "how often it has changed", "-" },
};
SCHEMA (rmq_topic_route_table, "topicRouteTable", "Routes", "MQClientInstance#topicRouteTable",
        "What name servers said about topics. Rows are never removed: a deleted topic keeps its "
        "last route.");

static const RmqColumn rmq_broker_addr_table_columns[] = {
  { "brokerName", RMQ_CELL_TEXT, NULL, "name of a replica set",
    "MQClientInstance#brokerAddrTable key" },
  { "brokerId", RMQ_CELL_INT, NULL, "0 is the master, the only one that takes messages",
    "MQClientInstance#brokerAddrTable value's key" },
  { "address", RMQ_CELL_TEXT, NULL, "host:port as the route says",
    "MQClientInstance#brokerAddrTable value's value" },
  { "version", RMQ_CELL_INT, NULL, "version in its last heartbeat answer; 0: none yet",
    "MQClientInstance#brokerVersionTable" },
};
SCHEMA (rmq_broker_addr_table, "brokerAddrTable", "Broker addresses",
        "MQClientInstance#brokerAddrTable",
        "Where brokers are. An address goes when no route has it any more (every 30 s).");

static const RmqColumn rmq_topic_publish_info_table_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "topic", "DefaultMQProducerImpl#topicPublishInfoTable key" },
  { "haveTopicRouterInfo", RMQ_CELL_BOOL, NULL, "a route has been learned, maybe without queues",
    "TopicPublishInfo#haveTopicRouterInfo" },
  { "queues", RMQ_CELL_INT, "queues", "queues it may write, broker after broker",
    "TopicPublishInfo#messageQueueList size" },
  { "order", RMQ_CELL_BOOL, NULL, "the list is the fixed one of orderTopicConf",
    "TopicPublishInfo#orderTopic" },
  { "template", RMQ_CELL_BOOL, NULL, "the list is the template topic's: nobody knew this topic",
    "-" },
  { "sendWhichQueue", RMQ_CELL_INT, NULL,
    "counter of the task that sent last; modulo the queues it is the place in the ring; -1: none",
    "TopicPublishInfo#sendWhichQueue" },
  { "tasks", RMQ_CELL_INT, "tasks", "tasks that have a counter of their own",
    "ThreadLocalIndex#threadLocalIndex" },
  { "lastPick", RMQ_CELL_TEXT, NULL, "queue chosen last; absent: none yet", "-" },
  { "routeSince", RMQ_CELL_MOMENT_US, NULL, "when this list was made; -1: no route yet", "-" },
  { "generation", RMQ_CELL_INT, "changes", "changes of the route; each starts the ring anew", "-" },
};
SCHEMA (rmq_topic_publish_info_table, "topicPublishInfoTable", "Topics",
        "DefaultMQProducerImpl#topicPublishInfoTable",
        "What a producer believes about topics: the queues it may write. Filled at the first send, "
        "refreshed every 30 s, never evicted.");

static const RmqColumn rmq_message_queues_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "topic", "MessageQueue#topic" },
  { "position", RMQ_CELL_INT, NULL, "place in the ring, from 0",
    "index in TopicPublishInfo#messageQueueList" },
  { "brokerName", RMQ_CELL_TEXT, NULL, "broker that has the queue", "MessageQueue#brokerName" },
  { "queueId", RMQ_CELL_INT, NULL, "number of the queue on that broker", "MessageQueue#queueId" },
  { "picks", RMQ_CELL_INT, "picks", "how often it was chosen since the list was made", "-" },
  { "lastPick", RMQ_CELL_MOMENT_US, NULL, "when it was last chosen; -1: never", "-" },
};
SCHEMA (rmq_message_queues, "messageQueues", "Queues", "TopicPublishInfo#messageQueueList",
        "The queues of each topic in the order in which a task walks them.");

/* ---- shared by the producers of a client --------------------------------- */

static void
fill_factory (RmqClientManager *manager, RmqSnapshot *snapshot, const char *host)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &rmq_factory_table_schema, host);
  for (guint i = 0; i < rmq_client_manager_get_size (manager); i++)
    {
      RmqClientInstance *instance = rmq_client_manager_get_instance (manager, i);
      RmqNamesrvChooser *namesrv = rmq_remoting_client_get_namesrv (instance->remoting);
      g_autofree char *list = rmq_namesrv_chooser_format (namesrv);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, instance->client_id);
      rmq_table_add_number (table, instance->index);
      rmq_table_add_text (table, rmq_service_state_get_name (instance->state));
      rmq_table_add_text (table, list);
      rmq_table_add_text (table, rmq_namesrv_chooser_get_chosen (namesrv));
      rmq_table_add_number (table, instance->producer_table->len);
      rmq_table_add_number (table, (gint64)instance->heartbeats);
      rmq_table_add_number (table, instance->boot_us);
    }
}

/* producer NULL: the inner one, which sends nothing. */
static void
add_producer_numbers (RmqTable *table, RmqProducer *producer)
{
  for (guint i = 0; producer == NULL && i < N_PRODUCER_NUMBERS; i++)
    rmq_table_add_number (table, 0);
  if (producer == NULL)
    return;
  const RmqProducerOptions *options = &producer->options;
  rmq_table_add_number (table, options->send_msg_timeout_ms);
  rmq_table_add_number (table, options->retry_times_when_send_failed);
  rmq_table_add_number (table, options->retry_times_when_send_async_failed);
  rmq_table_add_number (table, producer->publish_infos->len);
  rmq_table_add_number (table, producer->operations.length);
  rmq_table_add_number (table, rmq_async_sender_get_backlog (producer->async_sender));
}

static void
fill_producers (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  RmqTable *table =
      rmq_snapshot_add_table (snapshot, &rmq_producer_table_schema, instance->client_id);
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      RmqServiceState state = entry->producer != NULL
                                  ? rmq_producer_get_service_state (entry->producer)
                                  : instance->state;
      rmq_table_begin_row (table);
      rmq_table_add_text (table, entry->group);
      rmq_table_add_text (table, rmq_service_state_get_name (state));
      add_producer_numbers (table, entry->producer);
    }
}

static char *
format_queue_datas (const RmqTopicRouteData *route)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < route->queue_datas->len; i++)
    {
      const RmqQueueData *data = route->queue_datas->pdata[i];
      g_string_append_printf (text, "%s%s %d/%d perm %d", i > 0 ? "; " : "", data->broker_name,
                              data->read_queue_nums, data->write_queue_nums, data->perm);
    }
  return g_string_free (text, FALSE);
}

static char *
format_broker_datas (const RmqTopicRouteData *route)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < route->broker_datas->len; i++)
    {
      const RmqBrokerData *data = route->broker_datas->pdata[i];
      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", data->broker_name);
      for (guint j = 0; j < data->broker_addrs->len; j++)
        {
          const RmqBrokerAddr *addr = &g_array_index (data->broker_addrs, RmqBrokerAddr, j);
          g_string_append_printf (text, " %" G_GINT64_FORMAT "=%s", addr->broker_id, addr->address);
        }
    }
  return g_string_free (text, FALSE);
}

static void
fill_routes (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  RmqTable *table =
      rmq_snapshot_add_table (snapshot, &rmq_topic_route_table_schema, instance->client_id);
  for (guint i = 0; i < instance->topic_route_table->len; i++)
    {
      const RmqTopicRoute *route = instance->topic_route_table->pdata[i];
      g_autofree char *queue_datas = format_queue_datas (route->route);
      g_autofree char *broker_datas = format_broker_datas (route->route);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, route->topic);
      rmq_table_add_text (table, queue_datas);
      rmq_table_add_text (table, broker_datas);
      rmq_table_add_text (table, route->route->order_topic_conf);
      rmq_table_add_number (table, route->updated_us);
      rmq_table_add_number (table, route->checked_us);
      rmq_table_add_number (table, (gint64)route->generation);
    }
}

static void
fill_addresses (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  RmqTable *table =
      rmq_snapshot_add_table (snapshot, &rmq_broker_addr_table_schema, instance->client_id);
  for (guint i = 0; i < instance->broker_addr_table->len; i++)
    {
      const RmqBrokerEntry *broker = instance->broker_addr_table->pdata[i];
      for (guint j = 0; j < broker->addresses->len; j++)
        {
          const RmqBrokerAddress *address = &g_array_index (broker->addresses, RmqBrokerAddress, j);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, broker->broker_name);
          rmq_table_add_number (table, address->broker_id);
          rmq_table_add_text (table, address->address);
          rmq_table_add_number (table, address->version);
        }
    }
}

void
rmq_client_tables_fill_instance (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  const char *host = rmq_env_get_host_name (instance->env);
  if (rmq_snapshot_find_table (snapshot, rmq_factory_table_schema.id, host) == NULL)
    fill_factory (instance->manager, snapshot, host);
  fill_producers (instance, snapshot);
  fill_routes (instance, snapshot);
  fill_addresses (instance, snapshot);
  rmq_remoting_tables_fill (instance, snapshot);
  rmq_lane_tables_fill (instance, snapshot);
}

/* ---- a producer's own ---------------------------------------------------- */

static const RmqPublishQueue *
last_picked (const RmqTopicPublishInfo *info)
{
  const RmqPublishQueue *last = NULL;
  for (guint i = 0; i < info->queues->len; i++)
    {
      const RmqPublishQueue *queue = &g_array_index (info->queues, RmqPublishQueue, i);
      if (queue->last_pick_us >= 0 && (last == NULL || queue->last_pick_us > last->last_pick_us))
        last = queue;
    }
  return last;
}

static void
add_topic_row (RmqTable *table, const RmqTopicPublishInfo *info)
{
  const RmqPublishQueue *last = last_picked (info);
  rmq_table_begin_row (table);
  rmq_table_add_text (table, info->topic);
  rmq_table_add_number (table, info->have_topic_router_info);
  rmq_table_add_number (table, info->queues->len);
  rmq_table_add_number (table, info->order_topic);
  rmq_table_add_number (table, info->is_template);
  rmq_table_add_number (table, info->last_counter);
  rmq_table_add_number (table, info->counters->len);
  rmq_table_add_text (table, last != NULL ? last->label : NULL);
  rmq_table_add_number (table, info->since_us);
  rmq_table_add_number (table, (gint64)info->generation);
}

static void
add_queue_rows (RmqTable *table, const RmqTopicPublishInfo *info)
{
  for (guint i = 0; i < info->queues->len; i++)
    {
      const RmqPublishQueue *queue = &g_array_index (info->queues, RmqPublishQueue, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, info->topic);
      rmq_table_add_number (table, i);
      rmq_table_add_text (table, rmq_message_queue_get_broker_name (queue->queue));
      rmq_table_add_number (table, rmq_message_queue_get_queue_id (queue->queue));
      rmq_table_add_number (table, (gint64)queue->picks);
      rmq_table_add_number (table, queue->last_pick_us);
    }
}

void
rmq_client_tables_fill_producer (RmqProducer *producer, RmqSnapshot *snapshot)
{
  const char *group = producer->options.producer_group;
  RmqTable *topics = rmq_snapshot_add_table (snapshot, &rmq_topic_publish_info_table_schema, group);
  RmqTable *queues = rmq_snapshot_add_table (snapshot, &rmq_message_queues_schema, group);
  for (guint i = 0; i < producer->publish_infos->len; i++)
    {
      add_topic_row (topics, producer->publish_infos->pdata[i]);
      add_queue_rows (queues, producer->publish_infos->pdata[i]);
    }
}

void
rmq_producer_fill_snapshot (RmqProducer *producer, RmqSnapshot *snapshot)
{
  g_assert (rmq_env_is_owner (producer->env));
  RmqClientInstance *instance = producer->instance;
  if (instance == NULL)
    return;
  if (rmq_snapshot_find_table (snapshot, rmq_producer_table_schema.id, instance->client_id) == NULL)
    rmq_client_tables_fill_instance (instance, snapshot);
  rmq_client_tables_fill_producer (producer, snapshot);
}

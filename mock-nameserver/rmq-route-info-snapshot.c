/* SPDX-License-Identifier: Apache-2.0 */

/* The route info manager's tables as snapshot tables: columns and rows. Reads only; on the host's
 * loop, owner only. */

#include "rmq-route-tables-private.h"

static const RmqColumn topic_queue_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "full name of the topic", "topicQueueTable key" },
  { "brokerName", RMQ_CELL_TEXT, NULL, "the replica set that serves it", "QueueData#brokerName" },
  { "readQueueNums", RMQ_CELL_INT, "queues", "queues consumers read", "QueueData#readQueueNums" },
  { "writeQueueNums", RMQ_CELL_INT, "queues", "queues producers choose from",
    "QueueData#writeQueueNums" },
  { "perm", RMQ_CELL_INT, NULL, "4 read + 2 write + 1 may serve as a template", "QueueData#perm" },
  { "topicSysFlag", RMQ_CELL_INT, NULL, "bits of unit topics; 0 in the lab",
    "QueueData#topicSysFlag" },
};
static const RmqTableSchema topic_queue_schema = {
  "topicQueueTable",
  "Topics",
  "Which brokers serve which topic, as they said in their registrations. A topic goes only with "
  "its "
  "last broker.",
  "RouteInfoManager#topicQueueTable",
  topic_queue_columns,
  G_N_ELEMENTS (topic_queue_columns),
};

static const RmqColumn broker_addr_columns[] = {
  { "brokerName", RMQ_CELL_TEXT, NULL, "name of the replica set", "BrokerData#brokerName" },
  { "cluster", RMQ_CELL_TEXT, NULL, "cluster its first registration named", "BrokerData#cluster" },
  { "brokerId", RMQ_CELL_INT, NULL, "0 = master", "BrokerData#brokerAddrs key" },
  { "brokerAddr", RMQ_CELL_TEXT, NULL, "where clients are told to connect",
    "BrokerData#brokerAddrs" },
};
static const RmqTableSchema broker_addr_schema = {
  "brokerAddrTable",
  "Brokers",
  "Addresses of each broker name. A name leaves with its last address.",
  "RouteInfoManager#brokerAddrTable",
  broker_addr_columns,
  G_N_ELEMENTS (broker_addr_columns),
};

static const RmqColumn cluster_addr_columns[] = {
  { "cluster", RMQ_CELL_TEXT, NULL, "name of the cluster", "clusterAddrTable key" },
  { "brokerName", RMQ_CELL_TEXT, NULL, "a broker of it", "clusterAddrTable value" },
};
static const RmqTableSchema cluster_addr_schema = {
  "clusterAddrTable",
  "Clusters",
  "Broker names of each cluster.",
  "RouteInfoManager#clusterAddrTable",
  cluster_addr_columns,
  G_N_ELEMENTS (cluster_addr_columns),
};

static const RmqColumn broker_live_columns[] = {
  { "brokerAddr", RMQ_CELL_TEXT, NULL, "address the broker registered with",
    "brokerLiveTable key" },
  { "lastUpdateTimestamp", RMQ_CELL_MOMENT_US, NULL,
    "its last registration; after 120 s of silence it is dropped",
    "BrokerLiveInfo#lastUpdateTimestamp" },
  { "dataVersion", RMQ_CELL_INT, NULL,
    "counter of its topic table; while it stays the same topics are not looked at",
    "BrokerLiveInfo#dataVersion" },
  { "channel", RMQ_CELL_INT, NULL, "connection it registered on; it goes when that ends",
    "BrokerLiveInfo#channel" },
  { "haServerAddr", RMQ_CELL_TEXT, NULL, "where slaves copy from", "BrokerLiveInfo#haServerAddr" },
};
static const RmqTableSchema broker_live_schema = {
  "brokerLiveTable",
  "Live brokers",
  "When each broker was last heard of, and on which connection.",
  "RouteInfoManager#brokerLiveTable",
  broker_live_columns,
  G_N_ELEMENTS (broker_live_columns),
};

static void
fill_topic_queues (RmqRouteInfoManager *self, RmqTable *table)
{
  for (guint i = 0; i < self->topic_queue_table->len; i++)
    {
      const RmqTopicRow *topic = g_ptr_array_index (self->topic_queue_table, i);
      for (guint k = 0; k < topic->queue_datas->len; k++)
        {
          const RmqQueueData *queue = g_ptr_array_index (topic->queue_datas, k);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, topic->topic);
          rmq_table_add_text (table, queue->broker_name);
          rmq_table_add_number (table, queue->read_queue_nums);
          rmq_table_add_number (table, queue->write_queue_nums);
          rmq_table_add_number (table, queue->perm);
          rmq_table_add_number (table, queue->topic_sys_flag);
        }
    }
}

static void
fill_broker_addrs (RmqRouteInfoManager *self, RmqTable *table)
{
  for (guint i = 0; i < self->broker_addr_table->len; i++)
    {
      const RmqBrokerRow *broker = g_ptr_array_index (self->broker_addr_table, i);
      for (guint k = 0; k < broker->broker_addrs->len; k++)
        {
          const RmqBrokerAddr *addr = &g_array_index (broker->broker_addrs, RmqBrokerAddr, k);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, broker->broker_name);
          rmq_table_add_text (table, broker->cluster);
          rmq_table_add_number (table, addr->broker_id);
          rmq_table_add_text (table, addr->address);
        }
    }
}

static void
fill_clusters (RmqRouteInfoManager *self, RmqTable *table)
{
  for (guint i = 0; i < self->cluster_addr_table->len; i++)
    {
      const RmqClusterRow *cluster = g_ptr_array_index (self->cluster_addr_table, i);
      for (guint k = 0; k < cluster->broker_names->len; k++)
        {
          const RmqNameRow *row = g_ptr_array_index (cluster->broker_names, k);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, cluster->cluster);
          rmq_table_add_text (table, row->broker_name);
        }
    }
}

static void
fill_live_brokers (RmqRouteInfoManager *self, RmqTable *table)
{
  for (guint i = 0; i < self->broker_live_table->len; i++)
    {
      const RmqLiveRow *live = g_ptr_array_index (self->broker_live_table, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, live->broker_addr);
      rmq_table_add_number (table, live->last_update_us);
      rmq_table_add_number (table, live->data_version.counter);
      rmq_table_add_number (table, (gint64)rmq_connection_get_id (live->connection));
      rmq_table_add_text (table, live->ha_server_addr);
    }
}

void
rmq_route_info_manager_fill_snapshot (RmqRouteInfoManager *self, RmqSnapshot *snapshot)
{
  fill_topic_queues (self, rmq_snapshot_add_table (snapshot, &topic_queue_schema, self->name));
  fill_broker_addrs (self, rmq_snapshot_add_table (snapshot, &broker_addr_schema, self->name));
  fill_clusters (self, rmq_snapshot_add_table (snapshot, &cluster_addr_schema, self->name));
  fill_live_brokers (self, rmq_snapshot_add_table (snapshot, &broker_live_schema, self->name));
}

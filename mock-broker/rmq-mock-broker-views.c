/* SPDX-License-Identifier: Apache-2.0 */

/* What can be seen of a broker: the truth about it, its topics, its queues, its clients. Reads
 * only; on the broker's loop, owner only. */

#include "rmq-mock-broker-private.h"

#define EMPTY_QUEUES_MAX 1024 /* of a topic; written ones are all shown */

const char *
rmq_mock_broker_get_address (RmqMockBroker *self)
{
  return self->address;
}

const char *
rmq_mock_broker_get_advertised (RmqMockBroker *self)
{
  return self->advertised;
}

char *
rmq_broker_member_name (const char *broker_name, gint64 id)
{
  return id > 0 ? g_strdup_printf ("%s:%" G_GINT64_FORMAT, broker_name, id)
                : g_strdup (broker_name);
}

const char *
rmq_mock_broker_get_name (RmqMockBroker *self)
{
  return rmq_mock_server_get_name (self->server);
}

gint64
rmq_mock_broker_get_id (RmqMockBroker *self)
{
  return self->id;
}

const char *
rmq_mock_broker_get_store_host (const RmqMockBroker *self)
{
  const RmqMockBroker *master = self->ha_client.master;
  return master != NULL && master->address != NULL ? master->address : self->address;
}

RmqMockServer *
rmq_mock_broker_get_server (RmqMockBroker *self)
{
  return self->server;
}

guint
rmq_mock_broker_get_n_messages (RmqMockBroker *self)
{
  return self->store.log->len;
}

const RmqStoredMessage *
rmq_mock_broker_get_message (RmqMockBroker *self, guint index)
{
  g_assert (index < self->store.log->len);
  return g_ptr_array_index (self->store.log, index);
}

gint64
rmq_mock_broker_get_max_offset (RmqMockBroker *self, const char *topic, gint queue_id)
{
  return rmq_message_store_get_max_offset (&self->store, topic, queue_id);
}

guint
rmq_mock_broker_get_n_registered (RmqMockBroker *self)
{
  return self->outer_api != NULL ? rmq_broker_outer_api_get_n_registered (self->outer_api) : 0;
}

/* ---- tables -------------------------------------------------------------- */

static const RmqColumn truth_columns[] = {
  { "broker", RMQ_CELL_TEXT, NULL, "name of the broker", "BrokerConfig#brokerName" },
  { "state", RMQ_CELL_TEXT, NULL,
    "what is really the matter with it: UP, DOWN, HANGS, REFUSES, PAUSED; no client can see this",
    "-" },
  { "address", RMQ_CELL_TEXT, NULL, "where it listens, or did last",
    "BrokerController#getBrokerAddr" },
  { "messages", RMQ_CELL_INT, "messages", "stored in it", "MessageStore" },
  { "outages", RMQ_CELL_INT, "rules", "request outages in force", "-" },
  { "believers", RMQ_CELL_INT, "clients",
    "hold an address of it in brokerAddrTable; -1: nobody was asked", "-" },
  { "connections", RMQ_CELL_INT, NULL, "open connections of clients", "-" },
  { "size", RMQ_CELL_BYTES, NULL, "length of the log", "MessageStore#getMaxPhyOffset" },
  { "registered", RMQ_CELL_INT, "name servers", "name servers that took its last registration",
    "-" },
  { "lastAnswer", RMQ_CELL_MOMENT_US, NULL, "when a name server answered it last", "-" },
  { "brokerId", RMQ_CELL_INT, NULL, "0: the master; any other is a slave of the same name",
    "BrokerIdentity#brokerId" },
};
const RmqTableSchema rmq_mock_broker_truth_schema = {
  "truth", "Brokers as they are", "What is true about each broker, beside who believes in it.",
  "-",     truth_columns,         G_N_ELEMENTS (truth_columns),
};

static const RmqColumn topic_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "name of the topic", "TopicConfig#topicName" },
  { "readQueueNums", RMQ_CELL_INT, "queues", "queues consumers read", "TopicConfig#readQueueNums" },
  { "writeQueueNums", RMQ_CELL_INT, "queues", "queues producers choose from",
    "TopicConfig#writeQueueNums" },
  { "perm", RMQ_CELL_INT, NULL, "4 read + 2 write + 1 may serve as a template",
    "TopicConfig#perm" },
  { "origin", RMQ_CELL_TEXT, NULL, "system, declared, or created by a send", "-" },
};
static const RmqTableSchema topic_schema = {
  "topicConfigTable",
  "Topics of a broker",
  "The broker's own topics, which it registers as a whole.",
  "TopicConfigManager#topicConfigTable",
  topic_columns,
  G_N_ELEMENTS (topic_columns),
};

static const RmqColumn queue_columns[] = {
  { "topic", RMQ_CELL_TEXT, NULL, "name of the topic", "consumeQueueTable key" },
  { "queueId", RMQ_CELL_INT, NULL, "number of the queue, from 0", "ConsumeQueue#queueId" },
  { "maxOffset", RMQ_CELL_INT, "messages", "messages stored in it; the next one's offset",
    "ConsumeQueue#getMaxOffsetInQueue" },
};
static const RmqTableSchema queue_schema = {
  "consumeQueueTable",
  "Queues of a broker",
  "How many messages each queue holds. Queues of system topics, and those from the 1024th on, are "
  "shown when they were written.",
  "DefaultMessageStore#consumeQueueTable",
  queue_columns,
  G_N_ELEMENTS (queue_columns),
};

static const char *const origin_names[] = {
  [RMQ_TOPIC_SYSTEM] = "system",
  [RMQ_TOPIC_DECLARED] = "declared",
  [RMQ_TOPIC_CREATED] = "created",
};

void
rmq_mock_broker_fill_truth (RmqMockBroker *self, gint64 n_believers, RmqTable *table)
{
  g_autofree char *state = g_ascii_strup (rmq_mock_server_describe_state (self->server), -1);
  rmq_table_begin_row (table);
  rmq_table_add_text (table, rmq_mock_broker_get_name (self));
  rmq_table_add_text (table, state);
  rmq_table_add_text (table, self->address);
  rmq_table_add_number (table, self->store.log->len);
  rmq_table_add_number (table, rmq_outage_table_get_n (rmq_mock_server_get_outages (self->server)));
  rmq_table_add_number (table, n_believers);
  rmq_table_add_number (table, rmq_mock_server_get_n_connections (self->server));
  rmq_table_add_number (table, self->store.next_physical_offset);
  rmq_table_add_number (table, rmq_mock_broker_get_n_registered (self));
  rmq_table_add_number (table, self->outer_api != NULL
                                   ? rmq_broker_outer_api_get_last_answer_us (self->outer_api)
                                   : -1);
  rmq_table_add_number (table, self->id);
}

static void
fill_topic (RmqMockBroker *self, const RmqTopicConfig *config, RmqTable *table)
{
  RmqTopicOrigin origin = rmq_topic_config_manager_get_origin (self->topics, config->topic_name);
  rmq_table_begin_row (table);
  rmq_table_add_text (table, config->topic_name);
  rmq_table_add_number (table, config->read_queue_nums);
  rmq_table_add_number (table, config->write_queue_nums);
  rmq_table_add_number (table, config->perm);
  rmq_table_add_text (table, origin_names[origin]);
}

static void
fill_queue (RmqMockBroker *self, const char *topic, gint queue_id, RmqTable *table)
{
  rmq_table_begin_row (table);
  rmq_table_add_text (table, topic);
  rmq_table_add_number (table, queue_id);
  rmq_table_add_number (table, rmq_message_store_get_max_offset (&self->store, topic, queue_id));
}

static void
fill_queues (RmqMockBroker *self, const RmqTopicConfig *config, RmqTable *table)
{
  gboolean is_system =
      rmq_topic_config_manager_get_origin (self->topics, config->topic_name) == RMQ_TOPIC_SYSTEM;
  gint n = is_system ? 0 : MIN (config->write_queue_nums, EMPTY_QUEUES_MAX);
  for (gint i = 0; i < n; i++)
    fill_queue (self, config->topic_name, i, table);
  gint64 next = MAX (n, 0);
  while ((next = rmq_message_store_next_queue (&self->store, config->topic_name, next)) >= 0)
    fill_queue (self, config->topic_name, (gint)next++, table);
}

void
rmq_mock_broker_fill_snapshot (RmqMockBroker *self, RmqSnapshot *snapshot)
{
  const char *owner = rmq_mock_broker_get_name (self);
  const GPtrArray *topics = rmq_topic_config_manager_get_body (self->topics)->topics;
  RmqTable *topic_table = rmq_snapshot_add_table (snapshot, &topic_schema, owner);
  RmqTable *queue_table = rmq_snapshot_add_table (snapshot, &queue_schema, owner);
  for (guint i = 0; i < topics->len; i++)
    {
      fill_topic (self, g_ptr_array_index (topics, i), topic_table);
      fill_queues (self, g_ptr_array_index (topics, i), queue_table);
    }
  rmq_broker_clients_fill_snapshot (&self->clients, owner, snapshot);
  rmq_consumer_offset_manager_fill_snapshot (&self->offsets, owner, snapshot);
  rmq_pull_request_hold_fill_snapshot (&self->pulls, owner, snapshot);
  rmq_consumer_manager_fill_snapshot (&self->consumers, owner, snapshot);
  rmq_subscription_group_manager_fill_snapshot (&self->groups, owner, snapshot);
  rmq_rebalance_lock_manager_fill_snapshot (&self->locks, owner, snapshot);
  rmq_ha_service_fill_snapshot (&self->ha_service, owner, snapshot);
}

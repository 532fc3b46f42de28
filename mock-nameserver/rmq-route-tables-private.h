/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-route-info-manager.h"
#include "rmq-sorted-table.h"

G_BEGIN_DECLS

/* The rows of the route info manager's tables; each begins with its key (rmq-sorted-table.h). */

typedef struct
{
  char *topic;
  GPtrArray *queue_datas; /* of RmqQueueData, keyed by broker name */
} RmqTopicRow;

typedef struct
{
  char *broker_name;
  char *cluster;
  GArray *broker_addrs; /* of RmqBrokerAddr, ascending by id; empty: its registration was refused */
  gboolean enable_acting_master;
} RmqBrokerRow;

typedef struct
{
  char *broker_name;
} RmqNameRow;

typedef struct
{
  char *cluster;
  GPtrArray *broker_names; /* of RmqNameRow */
} RmqClusterRow;

typedef struct
{
  char *key; /* address, or cluster and address */
  char *broker_addr;
  gint64 last_update_us;
  gint64 timeout_us; /* silent for longer: dropped */
  RmqDataVersion data_version;
  RmqConnection *connection; /* a reference: the one it registered on last */
  char *ha_server_addr;
  char **filter_servers; /* (nullable): filterServerTable */
} RmqLiveRow;

struct _RmqRouteInfoManager
{
  char *name;
  RmqEnv *env;
  const RmqNameserverProfile *profile;
  GPtrArray *topic_queue_table;  /* of RmqTopicRow */
  GPtrArray *broker_addr_table;  /* of RmqBrokerRow */
  GPtrArray *cluster_addr_table; /* of RmqClusterRow */
  GPtrArray *broker_live_table;  /* of RmqLiveRow */
};

/* rmq-route-topics.c: topicQueueTable. */
GPtrArray *rmq_topic_queue_table_new (void);
/* createAndUpdateQueueData: inserts or replaces the broker's queues of a topic. */
void rmq_route_topics_update (RmqRouteInfoManager *self, const char *topic,
                              const RmqQueueData *queue);
gboolean rmq_route_topics_has (RmqRouteInfoManager *self, const char *topic,
                               const char *broker_name);
void rmq_route_topics_remove_broker (RmqRouteInfoManager *self, const char *broker_name);

/* rmq-route-brokers.c: brokerAddrTable, clusterAddrTable, brokerLiveTable. */
GPtrArray *rmq_broker_addr_table_new (void);
GPtrArray *rmq_cluster_addr_table_new (void);
GPtrArray *rmq_broker_live_table_new (void);
void rmq_route_brokers_add_to_cluster (RmqRouteInfoManager *self, const char *cluster,
                                       const char *broker_name);
/* cluster (nullable): the first that has it. */
void rmq_route_brokers_remove_from_cluster (RmqRouteInfoManager *self, const char *cluster,
                                            const char *broker_name);
RmqBrokerRow *rmq_route_brokers_ensure (RmqRouteInfoManager *self, const char *cluster,
                                        const char *broker_name);
RmqLiveRow *rmq_route_brokers_find_live (RmqRouteInfoManager *self, const char *cluster,
                                         const char *address);
RmqLiveRow *rmq_route_brokers_ensure_live (RmqRouteInfoManager *self, const char *cluster,
                                           const char *address);
void rmq_route_brokers_remove_live (RmqRouteInfoManager *self, const char *cluster,
                                    const char *address);
/* The first broker with this address; *index (nullable): where. (nullable) */
RmqBrokerRow *rmq_route_brokers_find_address (RmqRouteInfoManager *self, const char *address,
                                              guint *index);

RmqBrokerAddr *rmq_broker_row_get_at (const RmqBrokerRow *row, guint index);
const char *rmq_broker_row_get_addr (const RmqBrokerRow *row, gint64 broker_id); /* (nullable) */
/* TRUE: the id had no address before. */
gboolean rmq_broker_row_put_addr (RmqBrokerRow *row, gint64 broker_id, const char *address);
void rmq_broker_row_remove_id (RmqBrokerRow *row, gint64 broker_id);
/* Under whatever id but this one. */
void rmq_broker_row_remove_addr (RmqBrokerRow *row, const char *address, gint64 but_id);

G_END_DECLS

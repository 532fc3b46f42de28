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
  GArray *broker_addrs; /* of RmqBrokerAddr, ascending by id; never empty between requests */
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
  char *broker_addr;
  gint64 last_update_us;
  RmqDataVersion data_version;
  RmqConnection *connection; /* a reference: the one it registered on last */
  char *ha_server_addr;
} RmqLiveRow;

struct _RmqRouteInfoManager
{
  char *name;
  RmqEnv *env;
  GPtrArray *topic_queue_table;  /* of RmqTopicRow */
  GPtrArray *broker_addr_table;  /* of RmqBrokerRow */
  GPtrArray *cluster_addr_table; /* of RmqClusterRow */
  GPtrArray *broker_live_table;  /* of RmqLiveRow */
};

G_END_DECLS

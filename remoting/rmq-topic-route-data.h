/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* TopicRouteData: which brokers serve a topic, with how many queues. Reference-counted, immutable
 * once shared. */

#define RMQ_PERM_READ 4
#define RMQ_PERM_WRITE 2
#define RMQ_PERM_INHERIT 1

typedef struct
{
  char *broker_name;
  gint read_queue_nums;
  gint write_queue_nums;
  gint perm;
  gint topic_sys_flag;
} RmqQueueData;

typedef struct
{
  gint64 broker_id; /* 0 = master */
  char *address;    /* host:port */
} RmqBrokerAddr;

typedef struct
{
  char *cluster; /* (nullable): what came over the wire may lack it */
  char *broker_name;
  GArray *broker_addrs; /* of RmqBrokerAddr, ascending by id */
  gboolean enable_acting_master;
} RmqBrokerData;

typedef struct
{
  char *broker_addr;
  char **filter_servers;
} RmqFilterServers;

typedef struct
{
  gatomicrefcount refs;
  char *order_topic_conf;         /* (nullable) */
  GPtrArray *queue_datas;         /* of RmqQueueData */
  GPtrArray *broker_datas;        /* of RmqBrokerData */
  GPtrArray *filter_server_table; /* of RmqFilterServers */
} RmqTopicRouteData;

/* How a server of a version writes it. */
typedef struct
{
  gboolean quoted_keys;    /* "0":"host:port", else 0:"host:port" */
  gboolean topic_syn_flag; /* 4.5.1 spells topicSysFlag topicSynFlag */
  gboolean acting_master;  /* 5.3 tells enableActingMaster */
} RmqRouteForm;

RmqTopicRouteData *rmq_topic_route_data_new (void);
RmqTopicRouteData *rmq_topic_route_data_ref (RmqTopicRouteData *route);
void rmq_topic_route_data_unref (RmqTopicRouteData *route);
RmqTopicRouteData *rmq_topic_route_data_copy (const RmqTopicRouteData *route); /* deep */
RmqQueueData *rmq_topic_route_data_add_queue_data (RmqTopicRouteData *route,
                                                   const char *broker_name, gint read_queue_nums,
                                                   gint write_queue_nums, gint perm);
RmqBrokerData *rmq_topic_route_data_add_broker_data (RmqTopicRouteData *route, const char *cluster,
                                                     const char *broker_name);
/* filter_servers: copied. */
void rmq_topic_route_data_add_filter_servers (RmqTopicRouteData *route, const char *broker_addr,
                                              char *const *filter_servers);
void rmq_broker_data_set_addr (RmqBrokerData *broker, gint64 broker_id, const char *address);
const char *rmq_broker_data_get_addr (const RmqBrokerData *broker,
                                      gint64 broker_id); /* (nullable) */
RmqBrokerData *rmq_topic_route_data_find_broker (const RmqTopicRouteData *route,
                                                 const char *broker_name);
/* Order of brokers and of queue data does not matter (invariant I7). */
gboolean rmq_topic_route_data_equal (const RmqTopicRouteData *a, const RmqTopicRouteData *b);

GBytes *rmq_topic_route_data_encode (const RmqTopicRouteData *route, const RmqRouteForm *form);
/* Either form of keys. */
RmqTopicRouteData *rmq_topic_route_data_decode (GBytes *body, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqTopicRouteData, rmq_topic_route_data_unref)

G_END_DECLS

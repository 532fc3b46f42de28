/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-connection.h"
#include "rmq-headers.h"
#include "rmq-snapshot.h"
#include "rmq-topic-route-data.h"

G_BEGIN_DECLS

/* RouteInfoManager: the tables of a name server and how registrations, goodbyes and silence change
 * them. Owner only. */
typedef struct _RmqRouteInfoManager RmqRouteInfoManager;

#define RMQ_BROKER_CHANNEL_EXPIRED_US (120 * G_TIME_SPAN_SECOND)

/* name: whose tables these are, for events and snapshots. */
RmqRouteInfoManager *rmq_route_info_manager_new (const char *name, RmqEnv *env);
void rmq_route_info_manager_free (RmqRouteInfoManager *manager); /* nullable */

/* registerBroker. body (nullable): no topics. The texts of *result are valid until the tables
 * change. */
void rmq_route_info_manager_register_broker (RmqRouteInfoManager *manager,
                                             const RmqRegisterBrokerRequestHeader *header,
                                             const RmqRegisterBrokerBody *body,
                                             RmqConnection *connection,
                                             RmqRegisterBrokerResponseHeader *result);
void rmq_route_info_manager_unregister_broker (RmqRouteInfoManager *manager,
                                               const RmqUnregisterBrokerRequestHeader *header);
/* onChannelDestroy: the first broker that registered on this very connection goes at once. */
void rmq_route_info_manager_connection_ended (RmqRouteInfoManager *manager,
                                              RmqConnection *connection);
/* scanNotActiveBroker: drops the first broker that was silent for too long and returns its
 * connection, which is to be closed. (nullable): none is left. (transfer full) */
RmqConnection *rmq_route_info_manager_drop_inactive (RmqRouteInfoManager *manager);
/* Forgets every topic; brokers stay and bring theirs again. */
void rmq_route_info_manager_forget_topics (RmqRouteInfoManager *manager);

/* pickupTopicRouteData. (nullable): nobody serves the topic. (transfer full) */
RmqTopicRouteData *rmq_route_info_manager_pickup_topic_route_data (RmqRouteInfoManager *manager,
                                                                   const char *topic);
/* getAllClusterInfo, as fastjson writes it: keys that are numbers stand bare. (transfer full) */
GBytes *rmq_route_info_manager_get_cluster_info (RmqRouteInfoManager *manager);
gboolean rmq_route_info_manager_has_broker (RmqRouteInfoManager *manager, const char *broker_name);
void rmq_route_info_manager_fill_snapshot (RmqRouteInfoManager *manager, RmqSnapshot *snapshot);

G_END_DECLS

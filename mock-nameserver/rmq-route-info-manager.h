/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-connection.h"
#include "rmq-headers.h"
#include "rmq-mock-profile.h"
#include "rmq-snapshot.h"
#include "rmq-topic-route-data.h"

G_BEGIN_DECLS

/* RouteInfoManager: the tables of a name server and how registrations, goodbyes and silence change
 * them. Owner only. */
typedef struct _RmqRouteInfoManager RmqRouteInfoManager;

#define RMQ_BROKER_CHANNEL_EXPIRED_US (120 * G_TIME_SPAN_SECOND)

/* name: whose tables these are, for events and snapshots. */
RmqRouteInfoManager *rmq_route_info_manager_new (const char *name, RmqEnv *env,
                                                 const RmqNameserverProfile *profile);
void rmq_route_info_manager_free (RmqRouteInfoManager *manager); /* nullable */

/* registerBroker; the header has name, address and cluster. The texts of *result are valid until
 * the tables change. FALSE: refused. */
gboolean rmq_route_info_manager_register_broker (RmqRouteInfoManager *manager,
                                                 const RmqRegisterBrokerRequestHeader *header,
                                                 const RmqRegisterBrokerBody *body,
                                                 RmqConnection *connection,
                                                 RmqRegisterBrokerResponseHeader *result);
void rmq_route_info_manager_unregister_broker (RmqRouteInfoManager *manager,
                                               const RmqUnregisterBrokerRequestHeader *header);
/* isBrokerTopicConfigChanged. version (nullable). *stored (nullable): what was registered last. */
gboolean rmq_route_info_manager_query_data_version (RmqRouteInfoManager *manager,
                                                    const RmqUnregisterBrokerRequestHeader *header,
                                                    const RmqDataVersion *version,
                                                    const RmqDataVersion **stored);
void rmq_route_info_manager_broker_heartbeat (RmqRouteInfoManager *manager, const char *cluster,
                                              const char *address);
/* onChannelDestroy: the first broker that registered on this very connection goes at once. */
void rmq_route_info_manager_connection_ended (RmqRouteInfoManager *manager,
                                              RmqConnection *connection);
/* scanNotActiveBroker: drops the first broker that was silent for too long and returns its
 * connection, which is to be closed. (nullable): none is left. (transfer full) */
RmqConnection *rmq_route_info_manager_drop_inactive (RmqRouteInfoManager *manager);
/* Forgets every topic; brokers stay and bring theirs again. */
void rmq_route_info_manager_forget_topics (RmqRouteInfoManager *manager);

/* operateWritePermOfBroker. TRUE makes it 6, FALSE takes the write bit. How many topics it serves.
 */
guint rmq_route_info_manager_change_write_perm (RmqRouteInfoManager *manager,
                                                const char *broker_name, gboolean may_write);
/* cluster (nullable): the queues of all brokers. */
void rmq_route_info_manager_delete_topic (RmqRouteInfoManager *manager, const char *topic,
                                          const char *cluster);
/* registerTopic: the queues of a route, as far as their brokers are known. */
void rmq_route_info_manager_register_topic (RmqRouteInfoManager *manager, const char *topic,
                                            const RmqTopicRouteData *route);

/* pickupTopicRouteData. (nullable): nobody serves the topic. (transfer full) */
RmqTopicRouteData *rmq_route_info_manager_pickup_topic_route_data (RmqRouteInfoManager *manager,
                                                                   const char *topic);
/* getAllClusterInfo. (transfer full) */
GBytes *rmq_route_info_manager_get_cluster_info (RmqRouteInfoManager *manager,
                                                 const RmqRouteForm *form);
/* getBrokerMemberGroup; cluster is only repeated. Both (nullable). (transfer full) */
GBytes *rmq_route_info_manager_get_member_group (RmqRouteInfoManager *manager, const char *cluster,
                                                 const char *broker_name);
/* Of const char*, by alphabet, valid until the tables change. (transfer container) */
#define RMQ_TOPIC_SYS_FLAG_UNIT 1
#define RMQ_TOPIC_SYS_FLAG_UNIT_SUB 2
/* Whose first queues have these bits of topicSysFlag set, and those clear. */
GPtrArray *rmq_route_info_manager_list_topics (RmqRouteInfoManager *manager, gint set, gint clear);
/* cluster (nullable). */
GPtrArray *rmq_route_info_manager_list_topics_of_cluster (RmqRouteInfoManager *manager,
                                                          const char *cluster);
/* Clusters and brokers, whose names are topics too. *broker_addr (nullable): somebody who knows
 * more. */
GPtrArray *rmq_route_info_manager_list_system_topics (RmqRouteInfoManager *manager,
                                                      const char **broker_addr);
gboolean rmq_route_info_manager_has_broker (RmqRouteInfoManager *manager, const char *broker_name);
gboolean rmq_route_info_manager_has_member (RmqRouteInfoManager *manager, const char *broker_name,
                                            gint64 broker_id);
void rmq_route_info_manager_fill_snapshot (RmqRouteInfoManager *manager, RmqSnapshot *snapshot);

G_END_DECLS

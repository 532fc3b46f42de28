/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-producer-impl.h"

G_BEGIN_DECLS

/* The client's tables as snapshots show them. Their columns are the contract with dashboard, JSON
 * and scenarios. */

extern const RmqTableSchema rmq_factory_table_schema;
extern const RmqTableSchema rmq_producer_table_schema;
extern const RmqTableSchema rmq_topic_route_table_schema;
extern const RmqTableSchema rmq_broker_addr_table_schema;
extern const RmqTableSchema rmq_topic_publish_info_table_schema;
extern const RmqTableSchema rmq_message_queues_schema;
extern const RmqTableSchema rmq_channel_tables_schema;
extern const RmqTableSchema rmq_response_table_schema;
extern const RmqTableSchema rmq_permits_schema;
extern const RmqTableSchema rmq_scheduled_tasks_schema;
extern const RmqTableSchema rmq_lanes_schema;
extern const RmqTableSchema rmq_locks_schema;

/* What producers of one client share; what is one producer's own. Owner. */
void rmq_client_tables_fill_instance (RmqClientInstance *instance, RmqSnapshot *snapshot);
void rmq_client_tables_fill_producer (RmqProducer *producer, RmqSnapshot *snapshot);
/* Remoting: channels, calls, permits. */
void rmq_remoting_tables_fill (RmqClientInstance *instance, RmqSnapshot *snapshot);
/* Time: tasks, lanes, locks. */
void rmq_lane_tables_fill (RmqClientInstance *instance, RmqSnapshot *snapshot);

G_END_DECLS

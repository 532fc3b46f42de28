/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-broker-private.h"

G_BEGIN_DECLS

/* AdminBrokerProcessor: what operators and their tools ask of a broker. Owner only. */

#define RMQ_ADMIN_PROCESSOR(name)                                                                  \
  RmqRemotingCommand *rmq_mock_broker_##name (gpointer mock, RmqConnection *connection,            \
                                              RmqRemotingCommand *request)

/* rmq-topic-admin-processor.c: 17, 215, 21, 305, 202 */
RMQ_ADMIN_PROCESSOR (create_topic);
RMQ_ADMIN_PROCESSOR (delete_topic);
RMQ_ADMIN_PROCESSOR (get_all_topics);
RMQ_ADMIN_PROCESSOR (get_system_topics);
RMQ_ADMIN_PROCESSOR (get_topic_stats);
/* rmq-group-admin-processor.c: 200, 201, 207, 203, 204, 300, 328 */
RMQ_ADMIN_PROCESSOR (create_group);
RMQ_ADMIN_PROCESSOR (get_all_groups);
RMQ_ADMIN_PROCESSOR (delete_group);
RMQ_ADMIN_PROCESSOR (get_consumer_connections);
RMQ_ADMIN_PROCESSOR (get_producer_connections);
RMQ_ADMIN_PROCESSOR (get_all_producers);
RMQ_ADMIN_PROCESSOR (get_groups_of_topic);
/* rmq-progress-admin-processor.c: 208, 222 */
RMQ_ADMIN_PROCESSOR (get_consume_stats);
RMQ_ADMIN_PROCESSOR (reset_offset);
/* rmq-offset-admin-processor.c: 303, 308, 314, 45, and 306 and 316 */
RMQ_ADMIN_PROCESSOR (query_time_span);
RMQ_ADMIN_PROCESSOR (query_correction);
RMQ_ADMIN_PROCESSOR (clone_offsets);
RMQ_ADMIN_PROCESSOR (get_all_delay_offset);
RMQ_ADMIN_PROCESSOR (clean);
/* rmq-consumer-proxy-processor.c: 307, 309 */
RMQ_ADMIN_PROCESSOR (ask_consumer);
/* rmq-config-admin-processor.c: 25, 26 */
RMQ_ADMIN_PROCESSOR (update_config);
RMQ_ADMIN_PROCESSOR (get_config);
/* rmq-figures-admin-processor.c: 28, 315 */
RMQ_ADMIN_PROCESSOR (get_runtime_info);
RMQ_ADMIN_PROCESSOR (get_stats);

#undef RMQ_ADMIN_PROCESSOR

/* What they share (rmq-topic-admin-processor.c). */
RmqRemotingCommand *rmq_admin_answer (const RmqRemotingCommand *request, gint code,
                                      const char *format, ...) G_GNUC_PRINTF (3, 4);
RmqRemotingCommand *rmq_admin_answer_body (const RmqRemotingCommand *request, GBytes *body);
/* A slave's refusal to change anything. (nullable): it may be changed. */
RmqRemotingCommand *rmq_admin_refuse_slave (RmqMockBroker *broker,
                                            const RmqRemotingCommand *request);
/* The queue with this number, as a key of a JSON map. */
void rmq_admin_put_queue (RmqMockBroker *broker, const char *topic, gint queue_id,
                          RmqJsonWriter *out);
/* A topic may have any number of queues, an answer names so many: a row of a topic's figures takes
 * about 130 bytes, and a frame has 16 MiB. */
#define RMQ_ADMIN_QUEUES_MAX 65536
/* (nullable): an answer may name them; else what a real broker says whose heap is too small. */
RmqRemotingCommand *rmq_admin_refuse_queues (RmqMockBroker *broker,
                                             const RmqRemotingCommand *request, gint64 n_queues);

G_END_DECLS

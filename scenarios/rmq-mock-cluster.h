/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#ifndef RMQ_EXPORT
#define RMQ_EXPORT __attribute__ ((visibility ("default")))
#endif

/**
 * RmqMockCluster:
 *
 * A cluster of mock name servers and mock brokers inside this process, listening on free TCP ports
 * of the loopback. Meant for tests of code that talks to RocketMQ: it starts in milliseconds and
 * its brokers can be stopped, killed and started again.
 *
 * Name servers are called `ns1`, `ns2`, …, brokers `broker-a`, `broker-b`, …. All functions may be
 * called from any thread, but not from inside a callback of a producer's RPC hook or selector.
 *
 * Since: 0.1
 */
#define RMQ_TYPE_MOCK_CLUSTER (rmq_mock_cluster_get_type ())
RMQ_EXPORT
G_DECLARE_FINAL_TYPE (RmqMockCluster, rmq_mock_cluster, RMQ, MOCK_CLUSTER, GObject)

/**
 * rmq_mock_cluster_new:
 * @n_nameservers: how many name servers, 1 to 26
 * @n_brokers: how many brokers, 0 to 26
 *
 * Makes a cluster; nothing listens before rmq_mock_cluster_start().
 *
 * Returns: (transfer full): the cluster
 */
RMQ_EXPORT RmqMockCluster *rmq_mock_cluster_new (guint n_nameservers, guint n_brokers);

/**
 * rmq_mock_cluster_start:
 * @cluster: a cluster
 * @error: return location for a #GError
 *
 * Starts all servers and waits until every broker is routed at every name server.
 *
 * Returns: %FALSE with @error set if a server could not listen
 */
RMQ_EXPORT gboolean rmq_mock_cluster_start (RmqMockCluster *cluster, GError **error);

/**
 * rmq_mock_cluster_stop:
 * @cluster: a cluster
 *
 * Stops all servers. Called by the last unref too.
 */
RMQ_EXPORT void rmq_mock_cluster_stop (RmqMockCluster *cluster);

/**
 * rmq_mock_cluster_get_namesrv_addr:
 * @cluster: a started cluster
 *
 * Returns: the addresses for a client, `host:port;host:port`
 */
RMQ_EXPORT const char *rmq_mock_cluster_get_namesrv_addr (RmqMockCluster *cluster);

/**
 * rmq_mock_cluster_add_topic:
 * @cluster: a cluster, started or not
 * @topic: name of the topic
 * @queues: read and write queues on each broker
 *
 * Creates a topic on every broker.
 */
RMQ_EXPORT void rmq_mock_cluster_add_topic (RmqMockCluster *cluster, const char *topic,
                                            guint queues);

/**
 * rmq_mock_cluster_execute:
 * @cluster: a started cluster
 * @line: a line of the scenario language: `broker-a kill`, `broker-a drop next 1 send responses`
 * @error: return location for a #GError
 *
 * Lets something happen to a server, now.
 *
 * Returns: %FALSE with @error set if the line is not understood; nothing happened then
 */
RMQ_EXPORT gboolean rmq_mock_cluster_execute (RmqMockCluster *cluster, const char *line,
                                              GError **error);

/**
 * rmq_mock_cluster_start_broker:
 * @cluster: a started cluster
 * @broker: name of a broker that is down
 * @error: return location for a #GError
 *
 * Starts a broker again, on its old port and with what it had stored.
 *
 * Returns: %FALSE with @error set if there is no such broker
 */
RMQ_EXPORT gboolean rmq_mock_cluster_start_broker (RmqMockCluster *cluster, const char *broker,
                                                   GError **error);

/**
 * rmq_mock_cluster_stop_broker:
 * @cluster: a started cluster
 * @broker: name of a broker
 * @error: return location for a #GError
 *
 * Stops a broker politely: it unregisters, then closes its connections.
 *
 * Returns: %FALSE with @error set if there is no such broker
 */
RMQ_EXPORT gboolean rmq_mock_cluster_stop_broker (RmqMockCluster *cluster, const char *broker,
                                                  GError **error);

/**
 * rmq_mock_cluster_kill_broker:
 * @cluster: a started cluster
 * @broker: name of a broker
 * @error: return location for a #GError
 *
 * Lets a broker die: what a kernel does for a killed process happens to its connections.
 *
 * Returns: %FALSE with @error set if there is no such broker
 */
RMQ_EXPORT gboolean rmq_mock_cluster_kill_broker (RmqMockCluster *cluster, const char *broker,
                                                  GError **error);

/**
 * rmq_mock_cluster_count_messages:
 * @cluster: a cluster
 * @topic: (nullable): a topic, or %NULL for all
 *
 * Returns: how many messages are stored on all brokers together
 */
RMQ_EXPORT guint rmq_mock_cluster_count_messages (RmqMockCluster *cluster, const char *topic);

G_END_DECLS

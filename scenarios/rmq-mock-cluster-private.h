/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-broker.h"
#include "rmq-mock-cluster.h"
#include "rmq-mock-nameserver.h"

G_BEGIN_DECLS

/* The cluster in a world of one's own, server by server. Owner only, but for what says otherwise.
 */

typedef struct
{
  char *name;                    /* "ns1", "broker-a", "broker-a:1" */
  const RmqMockProfile *profile; /* (nullable): the default */
  guint16 port;                  /* TCP: to listen on; 0: any */
  /* one of the two, made at the first start */
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  RmqMockServer *server; /* its lower half */
  RmqEnv *env;           /* its host; a new one after each death */
  char *listen;          /* (nullable): where it was last */
  /* a broker's own */
  gboolean is_broker;
  gint64 id;          /* 0: the master */
  char *broker_name;  /* of its replica set */
  char *cluster;      /* (nullable): the default */
  char **nameservers; /* (nullable): all */
  gboolean no_auto_create;
  char **settings; /* (nullable): "NAME=VALUE" */
} RmqClusterServer;

typedef struct
{
  const char *name;         /* of the replica set */
  gint64 id;                /* 0: the master, which must be added before its slaves */
  const char *cluster;      /* (nullable): the default */
  char *const *nameservers; /* (nullable): all */
  gboolean no_auto_create;
  const RmqMockProfile *profile; /* (nullable): the default */
  char *const *settings;         /* (nullable): "NAME=VALUE" (rmq-broker-config.h) */
} RmqClusterBrokerSpec;

/* Any thread. */
RmqMockCluster *rmq_mock_cluster_new_in (RmqWorld *world);
/* TCP, before any start. address (nullable): where to listen, "127.0.0.1" unless said. host
 * (nullable): what routes name instead. */
void rmq_mock_cluster_set_place (RmqMockCluster *cluster, const char *address, const char *host);
/* profile (nullable): the default version. */
RmqClusterServer *rmq_mock_cluster_add_nameserver (RmqMockCluster *cluster, const char *name,
                                                   const RmqMockProfile *profile);
RmqClusterServer *rmq_mock_cluster_add_broker (RmqMockCluster *cluster,
                                               const RmqClusterBrokerSpec *spec);
#define RMQ_CLUSTER_SERVERS_MAX 26 /* of a kind, with default names */
/* "ns1", "broker-a" (transfer full) */
char *rmq_mock_cluster_default_name (gboolean broker, guint index);
void rmq_mock_cluster_add_default_servers (RmqMockCluster *cluster, guint n_nameservers,
                                           guint n_brokers);
typedef struct
{
  const char *name;
  gint write_queues, read_queues;
  gint perm;
  char *const *brokers; /* (nullable): all */
} RmqClusterTopicSpec;
/* On brokers that have been started. */
void rmq_mock_cluster_add_topic_on (RmqMockCluster *cluster, const RmqClusterTopicSpec *spec);
/* Starts what isn't running, name servers first. */
gboolean rmq_mock_cluster_start_all (RmqMockCluster *cluster, GError **error);
/* Every broker that is up is routed at each of its name servers that is up. */
gboolean rmq_mock_cluster_is_routed (RmqMockCluster *cluster);
/* Any thread but inside dispatch. FALSE: not within some seconds. */
gboolean rmq_mock_cluster_wait_routed (RmqMockCluster *cluster);
/* Any thread but inside dispatch: runs func as owner, at once. */
void rmq_mock_cluster_call (RmqMockCluster *cluster, RmqEnvFunc func, gpointer data);

RmqWorld *rmq_mock_cluster_get_world (RmqMockCluster *cluster);
guint rmq_mock_cluster_get_n_servers (RmqMockCluster *cluster);
RmqClusterServer *rmq_mock_cluster_get_server (RmqMockCluster *cluster, guint index);
RmqClusterServer *rmq_mock_cluster_find (RmqMockCluster *cluster,
                                         const char *name); /* (nullable) */
/* "address:port;…" of these name servers, NULL: of all. (transfer full) */
char *rmq_mock_cluster_join_namesrv (RmqMockCluster *cluster, char *const *names);
/* "host:port;…" as clients are told. (transfer full) */
char *rmq_mock_cluster_advertise_namesrv (RmqMockCluster *cluster);

/* FALSE: it was running already, or could not listen (error set). new_address: it comes back as
 * another host (over TCP: on another port). */
gboolean rmq_mock_cluster_start_server (RmqMockCluster *cluster, RmqClusterServer *server,
                                        gboolean new_address, GError **error);
/* line: what ended it, for reports. FALSE: it was down already. */
gboolean rmq_mock_cluster_stop_server (RmqMockCluster *cluster, RmqClusterServer *server,
                                       const char *line);
gboolean rmq_mock_cluster_kill_server (RmqMockCluster *cluster, RmqClusterServer *server,
                                       RmqCloseHow how, const char *line);
/* Forgets messages, outages, topics and requests; ports and connections stay. Topics that were
 * declared must be added again. */
void rmq_mock_cluster_reset (RmqMockCluster *cluster);
void rmq_mock_cluster_fill_snapshot (RmqMockCluster *cluster, RmqSnapshot *snapshot);

G_END_DECLS

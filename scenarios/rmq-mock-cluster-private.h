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
  char *name;
  RmqMockNameserver *nameserver; /* one of the two */
  RmqMockBroker *broker;
  RmqMockServer *server; /* its lower half */
  RmqEnv *env;           /* (nullable): its host; a new one after each death */
  char *host_address;
  char *listen;       /* "address:port"; port 0 before the first start over TCP */
  char **nameservers; /* a broker's, by name; NULL: all */
  gboolean closing;   /* a stop is under way */
} RmqClusterServer;

typedef struct
{
  const char *name;
  const char *cluster;            /* (nullable): the default */
  const char *const *nameservers; /* (nullable): all */
  gboolean no_auto_create;
} RmqClusterBrokerSpec;

/* Any thread. */
RmqMockCluster *rmq_mock_cluster_new_in (RmqWorld *world);
/* TCP: the port to listen on; 0: any free one. */
void rmq_mock_cluster_add_nameserver (RmqMockCluster *cluster, const char *name, guint16 port);
/* After its name servers. */
void rmq_mock_cluster_add_broker (RmqMockCluster *cluster, const RmqClusterBrokerSpec *spec);
/* brokers NULL: all. */
void rmq_mock_cluster_add_topic_on (RmqMockCluster *cluster, const char *topic, gint write_queues,
                                    gint read_queues, gint perm, const char *const *brokers);
/* Starts what isn't running, name servers first. */
gboolean rmq_mock_cluster_start_all (RmqMockCluster *cluster, GError **error);
/* Every broker is routed at each of its name servers. */
gboolean rmq_mock_cluster_is_routed (RmqMockCluster *cluster);
/* Any thread but inside dispatch: waits for it. FALSE: not within a second. */
gboolean rmq_mock_cluster_wait_routed (RmqMockCluster *cluster);

guint rmq_mock_cluster_get_n_servers (RmqMockCluster *cluster);
RmqClusterServer *rmq_mock_cluster_get_server (RmqMockCluster *cluster, guint index);
RmqClusterServer *rmq_mock_cluster_find (RmqMockCluster *cluster,
                                         const char *name); /* (nullable) */
RmqMockBroker *rmq_mock_cluster_find_broker (RmqMockCluster *cluster, const char *name);
/* "address:port;…" of these name servers, NULL: of all. (transfer full) */
char *rmq_mock_cluster_join_namesrv (RmqMockCluster *cluster, const char *const *names);

/* FALSE: it was running already, or could not listen (error set). new_address: it comes back as
 * another host (over TCP: on another port). */
gboolean rmq_mock_cluster_start_server (RmqMockCluster *cluster, RmqClusterServer *server,
                                        gboolean new_address, GError **error);
/* Their names, in a text for people: nothing happened unless TRUE. */
gboolean rmq_mock_cluster_stop_server (RmqMockCluster *cluster, RmqClusterServer *server);
gboolean rmq_mock_cluster_kill_server (RmqMockCluster *cluster, RmqClusterServer *server);
/* Forgets messages, outages and requests; ports and connections stay. */
void rmq_mock_cluster_reset (RmqMockCluster *cluster);
void rmq_mock_cluster_fill_snapshot (RmqMockCluster *cluster, RmqSnapshot *snapshot);

G_END_DECLS

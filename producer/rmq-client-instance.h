/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-client-manager.h"
#include "rmq-remoting-client.h"
#include "rmq-scheduled-task.h"
#include "rmq-topic-publish-info.h"

G_BEGIN_DECLS

/* One client of a process: what producers with the same client id share. Owner only. Mirrors
 * MQClientInstance; the rows of its tables are readable by the files beside it. */

#define RMQ_API_TIMEOUT_US (3 * G_TIME_SPAN_SECOND)  /* mqClientApiTimeout */
#define RMQ_LOCK_TIMEOUT_US (3 * G_TIME_SPAN_SECOND) /* LOCK_TIMEOUT_MILLIS */

/* ServiceState, in Java's order. */
typedef enum
{
  RMQ_SERVICE_CREATE_JUST,
  RMQ_SERVICE_RUNNING,
  RMQ_SERVICE_SHUTDOWN_ALREADY,
  RMQ_SERVICE_START_FAILED,
} RmqServiceState;
const char *rmq_service_state_get_name (RmqServiceState state);

typedef struct
{
  char *group;
  RmqProducer *producer; /* (nullable): the inner one */
} RmqProducerEntry;

typedef struct
{
  char *topic;
  RmqTopicRouteData *route;
  gint64 updated_us; /* when it last changed */
  gint64 checked_us; /* when a name server last confirmed it */
  guint64 generation;
} RmqTopicRoute;

typedef struct
{
  gint64 broker_id;
  char *address;
  gint version; /* brokerVersionTable: of its last heartbeat answer; 0: none */
} RmqBrokerAddress;

typedef struct
{
  char *broker_name;
  GArray *addresses; /* of RmqBrokerAddress */
} RmqBrokerEntry;

typedef void (*RmqClientInstanceDone) (const GError *error, gpointer data);

struct _RmqClientInstance
{
  RmqEnv *env;
  RmqClientManager *manager;
  char *client_id;
  guint index; /* in order of creation within the process */
  gint64 boot_us;
  RmqServiceState state;
  guint users;      /* producers that have not left yet */
  gboolean leaving; /* its last producer is shutting it down */
  RmqProfile profile;
  char *namesrv_addr; /* (nullable): as given; NULL: asked over HTTP */
  char *namesrv_url;  /* of the address server */
  char *last_fetched; /* (nullable) */

  GPtrArray *producer_table;    /* of RmqProducerEntry, in order of registration */
  GPtrArray *topic_route_table; /* of RmqTopicRoute, in order of arrival */
  GPtrArray *broker_addr_table; /* of RmqBrokerEntry, in order of arrival */
  RmqLock *lock_namesrv;
  RmqLock *lock_heartbeat;
  RmqRemotingClient *remoting;
  RmqSchedule *sched;
  RmqSchedule *housekeeping;
  RmqSchedule *pull;
  RmqSchedule *rebalance;

  GQueue route_updates; /* of RmqRouteUpdate */
  GQueue broker_rounds; /* of RmqBrokerRound: heartbeats, goodbyes */
  GArray *start_waiters;
  gpointer fetch;     /* (nullable): the HTTP query under way */
  gpointer shutdown;  /* (nullable): the shutdown under way */
  gpointer clean;     /* (nullable): the cleaning that waits for lockNamesrv */
  guint64 heartbeats; /* answered ones */
};

typedef struct
{
  const char *namesrv_addr;   /* (nullable) */
  const char *namesrv_domain; /* (nullable) */
  const RmqProfile *profile;
  const RmqRpcHook *hook;
  RmqSerializeType serialize_type; /* of request headers */
} RmqClientConfig;

RmqClientInstance *rmq_client_instance_new (RmqClientManager *manager, const char *client_id,
                                            guint index, const RmqClientConfig *config);
void rmq_client_instance_free (RmqClientInstance *instance); /* ends what is under way */

/* FALSE: the group is registered already. */
gboolean rmq_client_instance_register_producer (RmqClientInstance *instance, const char *group,
                                                RmqProducer *producer);
void rmq_client_instance_unregister_producer (RmqClientInstance *instance, const char *group);
/* Runs done at once if the instance is running. */
void rmq_client_instance_start (RmqClientInstance *instance, RmqClientInstanceDone done,
                                gpointer data);
/* A producer leaves; the last one ends the instance, which is freed before done runs. */
void rmq_client_instance_shutdown (RmqClientInstance *instance, RmqClientInstanceDone done,
                                   gpointer data);

/* (nullable): the master's address. findBrokerAddressInPublish */
const char *rmq_client_instance_find_master (RmqClientInstance *instance, const char *broker_name);
RmqTopicRoute *rmq_client_instance_find_route (RmqClientInstance *instance, const char *topic);
/* Replaces the whole address map of a broker. */
void rmq_client_instance_set_broker (RmqClientInstance *instance, const RmqBrokerData *broker);

G_END_DECLS

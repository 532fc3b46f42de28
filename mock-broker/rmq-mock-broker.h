/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-message-codec.h"
#include "rmq-mock-server.h"

G_BEGIN_DECLS

/* A broker in memory: log, queues, topic table, registration. Owner only. */
typedef struct _RmqMockBroker RmqMockBroker;

typedef struct
{
  const char *cluster;    /* default "DefaultCluster" */
  const char *name;       /* "broker-a" */
  gint64 id;              /* 0 = master */
  const char *namesrv;    /* "host:port;host:port" */
  gboolean no_auto_create;
} RmqMockBrokerOptions;

typedef struct
{
  gint64 physical_offset;
  gint64 queue_offset;
  gint queue_id;
  char *topic;
  GBytes *body;
  gint32 flag;
  gint32 sys_flag;
  RmqProperties *properties;
  gint64 born_ms;
  gint64 store_ms;
  gint64 store_us; /* the world's monotonic clock */
  char *born_host;
  guint64 stored_ev; /* id of the event that stored it */
} RmqStoredMessage;

RmqMockBroker *rmq_mock_broker_new (const RmqMockBrokerOptions *options);
void rmq_mock_broker_free (RmqMockBroker *broker);
void rmq_mock_broker_add_topic (RmqMockBroker *broker, const char *topic, gint write_queue_nums,
                                gint read_queue_nums, gint perm);
gboolean rmq_mock_broker_start (RmqMockBroker *broker, RmqEnv *env, const char *listen, GError **error);
void rmq_mock_broker_stop (RmqMockBroker *broker);  /* polite: unregisters, then FIN */
void rmq_mock_broker_kill (RmqMockBroker *broker);  /* rmq_env_kill(); what was stored stays */
void rmq_mock_broker_forget_store (RmqMockBroker *broker); /* "start empty" */
gboolean rmq_mock_broker_is_running (RmqMockBroker *broker);
const char *rmq_mock_broker_get_address (RmqMockBroker *broker);
const char *rmq_mock_broker_get_name (RmqMockBroker *broker);
RmqMockServer *rmq_mock_broker_get_server (RmqMockBroker *broker);
guint rmq_mock_broker_get_n_messages (RmqMockBroker *broker);
const RmqStoredMessage *rmq_mock_broker_get_message (RmqMockBroker *broker, guint index); /* log order */
void rmq_mock_broker_fill_snapshot (RmqMockBroker *broker, RmqSnapshot *snapshot);

G_END_DECLS

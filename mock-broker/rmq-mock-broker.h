/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-store.h"
#include "rmq-mock-server.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* A broker in memory: log, queues, topic table, registration. Owner only. */
typedef struct _RmqMockBroker RmqMockBroker;

typedef struct
{
  const char *cluster;   /* default "DefaultCluster" */
  const char *name;      /* "broker-a" */
  gint64 id;             /* 0 = master; any other is a slave, which refuses sends */
  RmqMockBroker *master; /* (nullable) of a slave: whom it copies; in the same world */
  const char *namesrv;   /* "host:port;host:port"; NULL: registers nowhere */
  const char *advertise; /* host that routes name; NULL: where it listens */
  gboolean no_auto_create;
  const RmqMockProfile *profile; /* NULL: the default */
  /* "NAME=VALUE", checked before (rmq-broker-config.h). (nullable) */
  const char *const *settings;
} RmqMockBrokerOptions;

/* "broker-a" of a master, "broker-a:1" of a slave: who it is in lines, events and tables; on the
 * wire all members of a replica set have the master's name. (transfer full) */
char *rmq_broker_member_name (const char *broker_name, gint64 id);
RmqMockBroker *rmq_mock_broker_new (const RmqMockBrokerOptions *options);
void rmq_mock_broker_free (RmqMockBroker *broker);
/* While it runs: registered at once. */
void rmq_mock_broker_add_topic (RmqMockBroker *broker, const char *topic, gint write_queue_nums,
                                gint read_queue_nums, gint perm);
/* func (nullable) runs on the loop each time a start's first registrations have all been answered
 * or have failed. */
void rmq_mock_broker_set_settled_func (RmqMockBroker *broker, RmqEnvFunc func, gpointer data);
/* listen: "127.0.0.1:0"; again after a kill: the same port, in the new host. */
gboolean rmq_mock_broker_start (RmqMockBroker *broker, RmqEnv *env, const char *listen,
                                GError **error);
/* Polite, as a 4.9 broker: the listener goes and each client gets a FIN at once; the name servers
 * are told 3.7 s later. A 5.3 one tells them first (RmqMockProfile). */
void rmq_mock_broker_stop (RmqMockBroker *broker);
void rmq_mock_broker_kill (RmqMockBroker *broker,
                           RmqCloseHow how); /* rmq_env_kill(); what was stored stays */
/* "start empty": messages and the topics that sends created are gone. */
void rmq_mock_broker_forget_store (RmqMockBroker *broker);
/* Heals, forgets messages, requests and every topic but the system's; registers that. */
void rmq_mock_broker_reset (RmqMockBroker *broker);
const char *rmq_mock_broker_get_address (RmqMockBroker *broker);
const char *rmq_mock_broker_get_advertised (RmqMockBroker *broker); /* "host:port", as routes say */
const char *rmq_mock_broker_get_name (RmqMockBroker *broker); /* as rmq_broker_member_name() */
gint64 rmq_mock_broker_get_id (RmqMockBroker *broker);
/* Where its records say they were stored: at the master. */
const char *rmq_mock_broker_get_store_host (const RmqMockBroker *broker);
RmqMockServer *rmq_mock_broker_get_server (RmqMockBroker *broker);
guint rmq_mock_broker_get_n_messages (RmqMockBroker *broker);
const RmqStoredMessage *rmq_mock_broker_get_message (RmqMockBroker *broker,
                                                     guint index); /* log order */
gint64 rmq_mock_broker_get_max_offset (RmqMockBroker *broker, const char *topic, gint queue_id);
guint rmq_mock_broker_get_n_registered (RmqMockBroker *broker); /* name servers that took it */
const RmqProcessor *rmq_mock_broker_get_processors (guint *n_processors);
/* "truth", one table of all brokers: a row of this one. n_believers -1: nobody was asked. */
extern const RmqTableSchema rmq_mock_broker_truth_schema;
void rmq_mock_broker_fill_truth (RmqMockBroker *broker, gint64 n_believers, RmqTable *table);
/* Its own tables. */
void rmq_mock_broker_fill_snapshot (RmqMockBroker *broker, RmqSnapshot *snapshot);

G_END_DECLS

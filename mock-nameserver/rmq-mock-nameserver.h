/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-server.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* A name server in memory: route info manager and its processors. Owner only. */
typedef struct _RmqMockNameserver RmqMockNameserver;

/* profile (nullable): the default. */
RmqMockNameserver *rmq_mock_nameserver_new (const char *name, const RmqMockProfile *profile);
void rmq_mock_nameserver_free (RmqMockNameserver *nameserver);
/* listen: "127.0.0.1:0"; again after a kill: the same port, in the new host. */
gboolean rmq_mock_nameserver_start (RmqMockNameserver *nameserver, RmqEnv *env, const char *listen,
                                    GError **error);
void rmq_mock_nameserver_stop (RmqMockNameserver *nameserver); /* polite: FIN */
void rmq_mock_nameserver_kill (RmqMockNameserver *nameserver,
                               RmqCloseHow how); /* rmq_env_kill() of its host; tables gone */
const char *rmq_mock_nameserver_get_address (RmqMockNameserver *nameserver);
RmqMockServer *rmq_mock_nameserver_get_server (RmqMockNameserver *nameserver);
gboolean rmq_mock_nameserver_has_broker (RmqMockNameserver *nameserver, const char *broker_name);
gboolean rmq_mock_nameserver_has_member (RmqMockNameserver *nameserver, const char *broker_name,
                                         gint64 broker_id);
/* Heals, forgets requests, topics and the key-value store; brokers stay and bring their topics with
 * the next change. */
void rmq_mock_nameserver_reset (RmqMockNameserver *nameserver);
const RmqProcessor *rmq_mock_nameserver_get_processors (guint *n_processors);
void rmq_mock_nameserver_fill_snapshot (RmqMockNameserver *nameserver, RmqSnapshot *snapshot);

G_END_DECLS

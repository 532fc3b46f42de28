/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-connection.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* ProducerManager and ConsumerManager, as far as they are tables: which client said over which
 * connection that it belongs to which group. Owner only. */

#define RMQ_CLIENT_CHANNEL_EXPIRED_US (120 * G_TIME_SPAN_SECOND)

typedef struct
{
  char *group;
  gboolean is_consumer;
  char *client_id;           /* (nullable) */
  RmqConnection *connection; /* a reference */
  RmqLanguage language;
  gint version;
  gint64 last_update_us;
} RmqClientChannel;

typedef struct
{
  GPtrArray *channels; /* of RmqClientChannel, in order of first heartbeat */
  guint turn;          /* of the producers that are asked */
} RmqBrokerClients;

void rmq_broker_clients_init (RmqBrokerClients *clients);
void rmq_broker_clients_clear (RmqBrokerClients *clients);
/* The group is this connection's from now on; seen is copied. TRUE: it wasn't before. */
gboolean rmq_broker_clients_register (RmqBrokerClients *clients, const RmqClientChannel *seen);
void rmq_broker_clients_unregister (RmqBrokerClients *clients, RmqConnection *connection,
                                    const char *group, gboolean is_consumer);
/* Of RmqClientChannel, those of the group in order of first heartbeat. */
GPtrArray *rmq_broker_clients_list (const RmqBrokerClients *clients, const char *group,
                                    gboolean is_consumer);
/* Of char*, the consumer groups of a connection. */
GPtrArray *rmq_broker_clients_list_groups (const RmqBrokerClients *clients,
                                           RmqConnection *connection);
void rmq_broker_clients_connection_ended (RmqBrokerClients *clients, RmqConnection *connection);
/* The connection of a client that was silent for too long. (nullable): there is none */
RmqConnection *rmq_broker_clients_find_inactive (const RmqBrokerClients *clients, gint64 now_us);
/* A connection of this producer group, each time another. (nullable): there is none */
RmqConnection *rmq_broker_clients_next_producer (RmqBrokerClients *clients, const char *group);
/* The connection of a client, whatever its groups. (nullable): it is not there */
RmqConnection *rmq_broker_clients_find (const RmqBrokerClients *clients, const char *client_id);
void rmq_broker_clients_fill_snapshot (const RmqBrokerClients *clients, const char *owner,
                                       RmqSnapshot *snapshot);

G_END_DECLS

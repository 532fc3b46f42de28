/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of events that mocks record, one row each; what a field means stands in the header.
 * Constants only. */

#include "rmq-mock-events.h"

#define KIND(symbol, label, is_hot, text, ...)                                                     \
  const RmqEventKind rmq_event_##symbol = { .name = label,                                         \
                                            .part = RMQ_HASH_BROKER,                               \
                                            .hot = is_hot,                                         \
                                            .field_names = { __VA_ARGS__ },                        \
                                            .help = text }

KIND (request, "REQUEST", TRUE, "a request arrived at a mock", "connection", "code", "opaque",
      "flag", "sequence");
KIND (push, "PUSH", TRUE, "a mock sent a request of its own to a client", "connection", "code",
      "opaque", "flag");
KIND (stored, "STORED", TRUE, "a broker stored a message", "queue", "queueOffset", "index",
      "uniqKey");
KIND (replicated, "REPLICATED", TRUE, "a slave copied a message", "queue", "queueOffset", "index");
KIND (ha_connection, "HA_CONNECTION", FALSE, "a slave's connection to its master began or ended",
      "connected");
KIND (topic_created, "TOPIC_CREATED", FALSE, "a broker created a topic by itself", "queues");
KIND (broker_register, "BROKER_REGISTER", FALSE, "a name server took a broker's registration",
      "brokerId", "counter", "topics", "first");
KIND (broker_unregister, "BROKER_UNREGISTER", FALSE, "a broker said goodbye to a name server",
      "brokerId");
KIND (broker_expired, "BROKER_EXPIRED", FALSE, "a name server dropped a silent broker", "silentUs");
KIND (broker_disconnected, "BROKER_DISCONNECTED", FALSE,
      "a name server dropped a broker whose connection ended", "connection");
KIND (topic_route, "TOPIC_ROUTE", FALSE, "a name server's route changed", "writeQueues",
      "readQueues", "perm");
KIND (server_up, "SERVER_UP", FALSE, "a mock listens", "port");
KIND (server_down, "SERVER_DOWN", FALSE, "a mock no longer listens", "killed");
KIND (outage_on, "OUTAGE_ON", FALSE, "an outage began", "rule");
KIND (outage_off, "OUTAGE_OFF", FALSE, "an outage ended", "rule");
KIND (outage_hit, "OUTAGE_HIT", FALSE, "an outage touched a request", "rule", "connection", "code",
      "opaque", "sequence");

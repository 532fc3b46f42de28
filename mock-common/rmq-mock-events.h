/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-event.h"

G_BEGIN_DECLS

/* What mocks record. Every event's host is the mock's; NAME is the mock's name ("broker-a"). Texts
 * are taken from small sets (the log keeps each for ever), so a message is named by numbers. */

/* A request arrived, before any outage and any processor. text: NAME.
 * connection, code, opaque, flag (2 = oneway), sequence (of its RmqRequestRecord). */
extern const RmqEventKind rmq_event_request;

/* A mock sent a request of its own to a client. text: NAME. connection, code, opaque, flag. */
extern const RmqEventKind rmq_event_push;

/* A broker stored one message; a batch gives one event a message. text: "NAME TOPIC".
 * queue, queueOffset, index (for rmq_mock_broker_get_message()), uniqKey (rmq_hash_text() of
 * property UNIQ_KEY; 0 = it has none). The place in the log is no field: it depends on how well the
 * machine's zlib packs. */
extern const RmqEventKind rmq_event_stored;

/* A slave has copied one message of its master's log. text: "NAME TOPIC". queue, queueOffset,
 * index. */
extern const RmqEventKind rmq_event_replicated;
/* A slave's connection to its master began (1) or ended (0). text: NAME, the slave's. connected. */
extern const RmqEventKind rmq_event_ha_connection;

/* A broker created a topic by itself. text: "NAME TOPIC". queues. */
extern const RmqEventKind rmq_event_topic_created;

/* A name server took a broker's registration. text: "NAME BROKER ADDRESS".
 * brokerId, counter (of the data version), topics (in the body), first (1 = it was not there). */
extern const RmqEventKind rmq_event_broker_register;
/* A broker said goodbye to a name server. text: "NAME BROKER ADDRESS". brokerId. */
extern const RmqEventKind rmq_event_broker_unregister;
/* A name server's scan dropped a silent broker. text: "NAME BROKER ADDRESS". silentUs. */
extern const RmqEventKind rmq_event_broker_expired;
/* A name server dropped a broker whose connection ended. text: "NAME BROKER ADDRESS".
 * connection. */
extern const RmqEventKind rmq_event_broker_disconnected;
/* A name server's route of a topic changed. text: "NAME TOPIC BROKER".
 * writeQueues, readQueues, perm; all 0: this broker no longer serves the topic. */
extern const RmqEventKind rmq_event_topic_route;

/* A mock listens. text: NAME. port. */
extern const RmqEventKind rmq_event_server_up;
/* A mock no longer listens. text: NAME. killed (1) or stopped (0). */
extern const RmqEventKind rmq_event_server_down;

/* An outage began, ended (by its amount, its end, heal, start, resume), touched a request.
 * text: the line as written. rule (0 = a state of the whole mock: kill, stop, pause, hang, refuse).
 * The hit adds connection, code, opaque, sequence. */
extern const RmqEventKind rmq_event_outage_on;
extern const RmqEventKind rmq_event_outage_off;
extern const RmqEventKind rmq_event_outage_hit;

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-event.h"

G_BEGIN_DECLS

/* What the client says about itself. All are part of RMQ_HASH_CLIENT. `tag` is RmqSendRequest.tag,
 * the serial of the message (0: none given). Attempts count from 1. One send makes, in this order:
 *
 *   SEND · [ROUTE …] · (PICK · ATTEMPT · [SENT] · [ATTEMPT_FAILED · [RETRY]])… · then exactly one
 * of SEND_OK, SEND_ONEWAY, SEND_ERROR · [CALLBACK]
 *
 * An ATTEMPT without SENT never reached the wire: its connect failed or its time was over. */

/* A send was asked for. Fields: tag, mode (RmqSendMode), timeout_us, body bytes (before
 * compression); text: topic. Its at_us is the start of the send. */
extern const RmqEventKind rmq_event_send;
/* A queue was chosen. Fields: tag, task, counter (as used), position in the list, skipped queues,
 * list size; text: "BROKER:QUEUE". Selector and send-to-queue forms: task 0, counter 0. */
extern const RmqEventKind rmq_event_pick;
/* An attempt begins; connecting is part of it. Fields: tag, attempt, queue id, left_us (budget);
 * text: broker name. */
extern const RmqEventKind rmq_event_attempt;
/* The attempt's request was handed to the transport: its connection was up. Fields: tag, attempt,
 * opaque, connection id; text: broker name. */
extern const RmqEventKind rmq_event_sent;
/* An attempt ended without a stored message. Fields: tag, attempt, sent (1: after SENT), domain
 * (RmqEventDomain), code; text: the error. */
extern const RmqEventKind rmq_event_attempt_failed;
/* Another attempt follows. Fields: tag, next attempt, left_us; text: name of the broker that is
 * avoided. */
extern const RmqEventKind rmq_event_retry;
/* The send ended, stored. Fields: tag, status (RmqSendStatus), attempts, queue id, queue offset,
 * took_us; text: broker name. */
extern const RmqEventKind rmq_event_send_ok;
/* A oneway send was written; nothing more will be known. Fields: tag, attempts, took_us; text:
 * broker name. */
extern const RmqEventKind rmq_event_send_oneway;
/* The send ended with an error. Fields: tag, domain (RmqEventDomain), code, attempts, outcome
 * unknown (0, 1), took_us; text: the error. */
extern const RmqEventKind rmq_event_send_error;
/* The callback of an asynchronous send was handed to its lane. Fields: tag, ok (0, 1), backlog of
 * the lane; text: lane. */
extern const RmqEventKind rmq_event_callback;

/* The domain of an error, in a field. */
typedef enum
{
  RMQ_EVENT_DOMAIN_NONE,
  RMQ_EVENT_DOMAIN_CLIENT,   /* code: RmqClientError */
  RMQ_EVENT_DOMAIN_REMOTING, /* code: RmqRemotingError */
  RMQ_EVENT_DOMAIN_BROKER,   /* code: the response code */
} RmqEventDomain;
RmqEventDomain rmq_event_domain_of (const GError *error); /* (nullable) */

/* The client's picture of a topic changed. Fields: queues that can be written, brokers, template
 * (1: the route of the template topic, taken for a topic nobody knows); text: topic. */
extern const RmqEventKind rmq_event_route;
/* A route could not be had. Fields: domain, code; text: "TOPIC: error". */
extern const RmqEventKind rmq_event_route_error;
/* A scheduled task starts. Fields: run (from 1), late_us (start minus due), missed (further runs
 * that were due meanwhile); text: task. */
extern const RmqEventKind rmq_event_task;
/* It is done. Fields: run, took_us, failed (0, 1); text: task. */
extern const RmqEventKind rmq_event_task_done;
/* A broker answered a heartbeat, or didn't. Fields: ok (0, 1), version of the answer (0: none);
 * text: address. */
extern const RmqEventKind rmq_event_heartbeat;
/* A group was taken back at a broker. Fields: ok (0, 1); text: address. */
extern const RmqEventKind rmq_event_unregister;
/* A connection is up. Fields: connection id, took_us; text: address. */
extern const RmqEventKind rmq_event_channel_open;
/* A connect failed. Fields: took_us; text: "ADDRESS: reason". */
extern const RmqEventKind rmq_event_channel_refused;
/* A connection ended. Fields: connection id, by (RmqChannelEnd), calls that were failed with it,
 * calls left waiting; text: address. */
extern const RmqEventKind rmq_event_channel_close;

typedef enum
{
  RMQ_CHANNEL_END_TIMEOUT, /* this side closed it because a call timed out (row close-on-timeout) */
  RMQ_CHANNEL_END_PEER_FIN,  /* the peer closed */
  RMQ_CHANNEL_END_RESET,     /* the peer reset */
  RMQ_CHANNEL_END_IDLE,      /* nothing moved for 120 s */
  RMQ_CHANNEL_END_BAD_FRAME, /* the peer sent what is no frame */
  RMQ_CHANNEL_END_SEND,      /* writing failed */
  RMQ_CHANNEL_END_DROPPED,   /* its name server left the list */
  RMQ_CHANNEL_END_SHUTDOWN,  /* the client was shut down */
  RMQ_CHANNEL_END_RACE,      /* another caller connected to the same address (row connect-race) */
} RmqChannelEnd;

/* A name server was chosen for the next queries. Field: index in the list; text: address. */
extern const RmqEventKind rmq_event_namesrv_chosen;
/* The list of name servers was replaced. Field: its length; text: the list, shuffled, joined by
 * ';'. */
extern const RmqEventKind rmq_event_namesrv_list;
/* An answer nobody waits for. Fields: connection id, opaque, code; text: address. */
extern const RmqEventKind rmq_event_late_response;
/* A producer changed its service state. Text: "GROUP: STATE". */
extern const RmqEventKind rmq_event_service_state;

G_END_DECLS

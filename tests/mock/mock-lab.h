/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-broker.h"
#include "rmq-mock-nameserver.h"
#include "rmq-sim-world.h"

/* A simulated world with raw clients: connections that send what they are told and keep what comes.
 * Time is virtual; the world is exact unless a test says otherwise. */

typedef struct
{
  RmqWorld *world;
  GArray *events; /* of RmqEvent, all that was emitted */
} Lab;

Lab *lab_new (guint64 seed);
void lab_free (Lab *lab);
/* address (nullable): one of the world's choosing. */
RmqEnv *lab_add_host (Lab *lab, const char *name, const char *address);
void lab_run_until (Lab *lab, gint64 at_us);
void lab_run_for (Lab *lab, gint64 span_us);
guint lab_count_events (Lab *lab, const RmqEventKind *kind);
/* The last of its kind. (nullable) */
const RmqEvent *lab_last_event (Lab *lab, const RmqEventKind *kind);

RmqMockNameserver *lab_start_nameserver (Lab *lab, const char *name);
/* nameserver (nullable). */
RmqMockBroker *lab_start_broker (Lab *lab, const char *name, RmqMockNameserver *nameserver);

typedef struct
{
  RmqEnv *env;
  RmqConnection *connection;
  GPtrArray *received; /* of RmqRemotingCommand */
  char *end;           /* (nullable): why the connection ended */
  gint32 last_opaque;
} Client;

/* Its host has its own name; the connection is up when this returns. */
Client *lab_connect (Lab *lab, const char *name, const char *address);
Client *lab_connect_from (Lab *lab, RmqEnv *env, const char *address);
void client_free (Client *client);
/* Gives it an opaque, unless it has one; nothing is awaited. */
void client_send (Client *client, RmqRemotingCommand *request);
/* Takes the request. (nullable): no answer within 5 s. (transfer full) */
RmqRemotingCommand *client_call (Lab *lab, Client *client, RmqRemotingCommand *request);

/* A send as a 4.9.7 client words it. properties (nullable). */
RmqRemotingCommand *new_send (const char *topic, gint queue_id, const char *properties,
                              const char *body);
RmqRemotingCommand *new_route_query (const char *topic);

void assert_answer (RmqRemotingCommand *response, gint code, const char *remark);
/* Value of a cell; the row is the first whose column has this text. */
gint64 snapshot_number (const RmqSnapshot *snapshot, const char *table, const char *key_column,
                        const char *key, const char *column);
guint snapshot_rows (const RmqSnapshot *snapshot, const char *table, const char *key_column,
                     const char *key);

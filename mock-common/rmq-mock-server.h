/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-connection.h"
#include "rmq-env.h"
#include "rmq-outage.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* The half that every mock is built on: listener, connections, processor table, outages at the edge, request
 * record. Mirrors NettyRemotingServer with its processorTable. Owner only. */

typedef struct _RmqMockServer RmqMockServer;

/* NULL = no answer (a oneway, or what this version ignores). (transfer full) */
typedef RmqRemotingCommand *(*RmqProcessorFunc) (gpointer mock, RmqConnection *connection,
                                                 RmqRemotingCommand *request);

typedef struct
{
  gint code;
  RmqProcessorFunc process;
  const char *help;
} RmqProcessor;

/* What arrived: kept for GET /v1/requests, newest RMQ_REQUESTS_MAX. */
#define RMQ_REQUESTS_MAX 10000
typedef struct
{
  guint64 sequence;
  gint64 at_us;
  char *peer;
  gint code;
  gint32 opaque;
  RmqRemotingCommand *command; /* header fields */
  gint answer_code;            /* -1: none (yet) */
  char *outage;                /* (nullable): the line that touched it */
} RmqRequestRecord;

G_END_DECLS

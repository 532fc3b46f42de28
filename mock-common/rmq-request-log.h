/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* What arrived at a mock: the newest RMQ_REQUESTS_MAX requests, fewer when their bodies are big. */
#define RMQ_REQUESTS_MAX 10000
#define RMQ_REQUESTS_MAX_BYTES (8u << 20)

typedef struct
{
  guint64 sequence; /* from 1, across restarts */
  gint64 at_us;
  GRefString *peer;
  guint64 connection;
  gint code;
  gint32 opaque;
  RmqRemotingCommand *command; /* header fields and body */
  gint answer_code;            /* -1: none (yet) */
  char *outage;                /* (nullable): the line that touched it */
} RmqRequestRecord;

typedef struct
{
  RmqRequestRecord *ring; /* allocated with the first request */
  guint64 first;          /* sequence of the oldest kept */
  guint64 last;           /* 0: none ever */
  gsize size_bytes;
} RmqRequestLog;

void rmq_request_log_init (RmqRequestLog *log);
void rmq_request_log_clear (RmqRequestLog *log);
/* Takes peer, connection and command from *record, adds the rest; at_us as given. */
RmqRequestRecord *rmq_request_log_add (RmqRequestLog *log, const RmqRequestRecord *record);
RmqRequestRecord *rmq_request_log_get (const RmqRequestLog *log, guint64 sequence); /* (nullable) */
void rmq_request_log_forget (RmqRequestLog *log);

G_END_DECLS

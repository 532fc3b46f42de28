/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-message-codec.h"
#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* What a scope can ask of a request: kind, topic, queue, key, sender. Read from its header (a
 * heartbeat's from its body) once and only when a rule wants to know. Pure. */

typedef struct
{
  const RmqRemotingCommand *command; /* borrowed; texts may point into it */
  const char *topic;                 /* (nullable) */
  gint queue_id;                     /* -1: none named */
  const char *from;                  /* (nullable): producer group or broker name */
  RmqProperties *properties;         /* (nullable): of a single send */
  RmqHeartbeatData *heartbeat;       /* (nullable) */
} RmqRequestFacts;

void rmq_request_facts_init (RmqRequestFacts *facts, const RmqRemotingCommand *command);
void rmq_request_facts_clear (RmqRequestFacts *facts);
/* KEYS holds several, parted by blanks. */
gboolean rmq_request_facts_have_key (const RmqRequestFacts *facts, const char *key);
gboolean rmq_request_facts_are_from (const RmqRequestFacts *facts, const char *name);

/* The words of the language for kinds of requests, a row each. */
#define RMQ_REQUEST_KIND_CODES_MAX 4
typedef struct
{
  const char *word;                       /* "send" */
  gint codes[RMQ_REQUEST_KIND_CODES_MAX]; /* 0 after the last; none: every code */
  const char *help;
  gboolean is_pushed; /* the broker asks, a client answers */
} RmqRequestKind;
const RmqRequestKind *rmq_request_kind_find (const char *word); /* (nullable) */
const RmqRequestKind *rmq_request_kind_get (guint index);       /* (nullable): after the last */
gboolean rmq_request_kind_has (const RmqRequestKind *kind, gint code);

G_END_DECLS

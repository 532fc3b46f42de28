/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"
#include "rmq-mock-broker-private.h"

G_BEGIN_DECLS

/* One send on its way through the broker: checks (rmq-send-checks.c), the store
 * (rmq-send-store.c, rmq-send-batch.c), the answer (rmq-send-answers.c). Functions that return
 * FALSE or NULL have written the refusal. */

typedef struct
{
  RmqMockBroker *broker;
  const RmqSendProfile *profile;
  RmqConnection *connection;
  RmqRemotingCommand *request;
  RmqSendMessageRequestHeader header;
  gboolean is_reply;        /* isn't marked as this cluster's */
  gboolean header_is_whole; /* every required field is there and parses */
  RmqHeaderSpelling spelling;
  const RmqTopicConfig *topic; /* as requested */
  const char *dead_letter;     /* (nullable): the topic it goes to instead, queue 0 */
  RmqProperties *properties;
  gboolean waits; /* for disk and slave, if the broker does so at all */
  gint queue_id;
  RmqRemotingCommand *refusal; /* (nullable): goes out instead of a success */
} RmqSend;

void rmq_send_init (RmqSend *send, RmqMockBroker *broker, RmqConnection *connection,
                    RmqRemotingCommand *request);
void rmq_send_clear (RmqSend *send);
gboolean rmq_send_check (RmqSend *send);

/* ---- answers ------------------------------------------------------------- */

/* Carries MSG_REGION and TRACE_ON, as every answer but exceptions and rejects. */
RmqRemotingCommand *rmq_send_new_answer (const RmqMockBroker *broker,
                                         const RmqRemotingCommand *request, gint code,
                                         const char *remark);
gboolean rmq_send_refuse (RmqSend *send, gint code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* What Java answers when its processor throws: no fields, its own encoding, exception and place. */
gboolean rmq_send_throw_java (RmqSend *send, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A field of the header is null where Java needs a number. */
gboolean rmq_send_throw_null (RmqSend *send, const char *java_type, const char *getter);
/* TRUE: the store takes it. */
gboolean rmq_send_refuse_put (RmqSend *send, RmqPutStatus status);
/* stored: the last message of this send. */
RmqRemotingCommand *rmq_send_new_success (const RmqSend *send, const char *msg_id,
                                          gint64 queue_offset, const RmqStoredMessage *stored);

/* ---- storing ------------------------------------------------------------- */

/* CLUSTER and what else this version adds. */
void rmq_send_add_properties (RmqSend *send);
/* draft: queue, flag, sys_flag, body, properties. Takes its properties and what the header says of
 * the rest. (nullable) */
RmqStoredMessage *rmq_send_put (RmqSend *send, const char *topic, const RmqStoredMessage *draft);
RmqRemotingCommand *rmq_send_store_single (RmqSend *send, GBytes *body); /* (nullable) */
RmqRemotingCommand *rmq_send_store_batch (RmqSend *send, GBytes *body);  /* (nullable) */

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"
#include "rmq-mock-broker-private.h"

G_BEGIN_DECLS

/* One send on its way through the broker; what rmq-send-processor.c and rmq-send-batch.c share. */

typedef struct
{
  RmqMockBroker *broker;
  RmqConnection *connection;
  RmqRemotingCommand *request;
  RmqSendMessageRequestHeader header;
  gboolean header_is_whole; /* every required field is there and parses */
  RmqHeaderSpelling spelling;
  const RmqTopicConfig *topic;
  RmqProperties *properties;
  gint queue_id;
  RmqRemotingCommand *refusal; /* (nullable): goes out instead of a success */
} RmqSend;

/* What Java answers when its processor throws: no fields, its own encoding, exception and place.
 * FALSE, as every refusal. */
gboolean rmq_send_throw_java (RmqSend *send, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* TRUE: the store takes it; else the refusal is written. */
gboolean rmq_send_refuse_put (RmqSend *send, RmqPutStatus status);
/* draft: queue, flag, body, properties and their size. Takes its properties. (nullable): refused,
 * and the refusal is written. */
RmqStoredMessage *rmq_send_put (RmqSend *send, const char *topic, const RmqStoredMessage *draft);
RmqRemotingCommand *rmq_send_new_success (const RmqSend *send, const char *msg_id,
                                          gint64 queue_offset);
gint rmq_send_get_delay_level (const RmqProperties *properties); /* 0: at once */
/* (nullable): refused, and the refusal is written. */
RmqRemotingCommand *rmq_send_store_batch (RmqSend *send, GBytes *body);

G_END_DECLS

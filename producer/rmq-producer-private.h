/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-snapshot.h"
#include "rmq-producer.h"
#include "rmq-profile.h"

G_BEGIN_DECLS

/* For scenarios, tests and the dashboard: a producer in a world of one's own. */
RmqProducer *rmq_producer_new_in (RmqEnv *env, const char *producer_group);

typedef enum
{
  RMQ_SEND_SYNC,
  RMQ_SEND_ASYNC,
  RMQ_SEND_ONEWAY,
} RmqSendMode;

/* One send in all its forms; the public functions are rows of this. */
typedef struct
{
  RmqMessage *message;
  RmqMessageQueue *queue;           /* (nullable) */
  RmqMessageQueueSelector selector; /* (nullable) */
  gpointer selector_data;
  guint timeout_ms; /* 0: the producer's */
  guint64 tag;      /* serial of the message in events and snapshots; 0: none */
} RmqSendRequest;

RmqSendResult *rmq_producer_send_full (RmqProducer *producer, const RmqSendRequest *request,
                                       GError **error);
gboolean rmq_producer_send_full_async (RmqProducer *producer, const RmqSendRequest *request,
                                       RmqSendCallback callback, gpointer data, GError **error);
gboolean rmq_producer_send_full_oneway (RmqProducer *producer, const RmqSendRequest *request,
                                        GError **error);

/* Non-blocking forms for callers on the loop (owner): done runs as owner. */
typedef void (*RmqProducerDone) (RmqProducer *producer, const GError *error, gpointer data);

const RmqProfile *rmq_producer_get_profile (RmqProducer *producer); /* fixed once it starts */
/* Adds this producer's tables to the snapshot (owner). */
void rmq_producer_fill_snapshot (RmqProducer *producer, RmqSnapshot *snapshot);
/* Number of queues the producer holds for the topic; -1: no entry (owner). */
gint rmq_producer_get_n_queues (RmqProducer *producer, const char *topic);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-connection.h"
#include "rmq-env.h"
#include "rmq-message-store.h"

G_BEGIN_DECLS

/* TransactionalMessageService: half messages, markers of those that have ended, and the rounds of
 * questions to producers. Embedded in its broker; half messages and markers live as long as the
 * store, timers belong to one start. Owner only. */

#define RMQ_HALF_TOPIC "RMQ_SYS_TRANS_HALF_TOPIC"
#define RMQ_OP_HALF_TOPIC "RMQ_SYS_TRANS_OP_HALF_TOPIC"
#define RMQ_CHECK_MAX_TOPIC "TRANS_CHECK_MAX_TIME_TOPIC"

struct _RmqMockBroker;

typedef struct
{
  struct _RmqMockBroker *broker;
  gboolean runs;
  gint64 started_us;
  GPtrArray *half;    /* of RmqStoredMessage of the store, by queue offset */
  guint next;         /* first that is not settled */
  GHashTable *ended;  /* set of queue offsets with a marker, as guint */
  GString *unwritten; /* markers to be: "3,17," */
  RmqTimer check_timer;
  RmqTimer marker_timer;
} RmqTransactions;

void rmq_transactions_init (RmqTransactions *self, struct _RmqMockBroker *broker);
void rmq_transactions_clear (RmqTransactions *self);
void rmq_transactions_start (RmqTransactions *self);
void rmq_transactions_halt (RmqTransactions *self);
void rmq_transactions_forget (RmqTransactions *self); /* the store did */

gboolean rmq_transactions_is_half (const RmqProperties *properties);
/* Makes a half message of the draft; returns the topic it goes to. */
const char *rmq_transactions_prepare (RmqTransactions *self, RmqStoredMessage *draft,
                                      const char *topic);
/* After every put. */
void rmq_transactions_stored (RmqTransactions *self, RmqStoredMessage *stored);
/* The half message at this queue offset has ended. */
void rmq_transactions_end (RmqTransactions *self, gint64 queue_offset);

/* A copy of the message at the end of the half messages, as if it had never been asked about. */
gboolean rmq_transactions_resume (RmqTransactions *self, const RmqStoredMessage *message);

/* 37, 323 */
RmqRemotingCommand *rmq_mock_broker_end_transaction (gpointer mock, RmqConnection *connection,
                                                     RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_resume_check (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);

G_END_DECLS

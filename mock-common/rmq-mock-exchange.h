/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-server.h"

G_BEGIN_DECLS

/* One request that an outage touched, on its way through a mock: what an outage's act may do with
 * it. Owner only. */

typedef struct
{
  RmqMockServer *server;
  RmqConnection *connection;
  RmqRemotingCommand *request;
  guint64 sequence;   /* of its record */
  RmqOutageRule rule; /* own copy: the hit may have been the rule's last */
  gint64 delay_us;
  RmqRemotingCommand *executed; /* (nullable): what the processor said */
} RmqMockExchange;

/* What the processor said, if the rule lets it be executed. (nullable) (transfer full) */
RmqRemotingCommand *rmq_mock_exchange_take_executed (RmqMockExchange *exchange);
/* The answer rule.answer_code calls for; executed: what the processor said (nullable). */
RmqRemotingCommand *rmq_mock_exchange_invent (RmqMockExchange *exchange,
                                              RmqRemotingCommand *executed);
void rmq_mock_exchange_answer (RmqMockExchange *exchange, RmqRemotingCommand *response);
/* What an answer that is not given now waits for. */
typedef enum
{
  RMQ_LATE_TIME,     /* delay_us */
  RMQ_LATE_RELEASE,  /* rmq_mock_server_release() */
  RMQ_LATE_OVERTAKER /* the next answer of its connection; if there is none, a second */
} RmqLateness;
/* Answers with response then, or, if the rule is before the store, executes and answers. Takes the
 * response. */
void rmq_mock_exchange_later (RmqMockExchange *exchange, RmqRemotingCommand *response,
                              RmqLateness lateness);
/* An answer of this connection waits to be overtaken. */
gboolean rmq_mock_exchange_has_overtaken (const RmqMockExchange *exchange);
/* The whole frame the answer would be. */
GByteArray *rmq_mock_exchange_encode (RmqMockExchange *exchange, RmqRemotingCommand *response);

/* What each kind of request outage does, a row each. */
typedef struct
{
  RmqOutageKind kind;
  const char *word; /* of the language */
  void (*act) (RmqMockExchange *exchange);
  const char *help;
} RmqOutageAct;
const RmqOutageAct *rmq_outage_act_get (RmqOutageKind kind);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* What each kind of request outage does, one short function and one row each. An act touches the
 * way of a request and its answer, never the store: what is executed is executed honestly. On the
 * loop, owner only. */

#include "rmq-mock-server-private.h"

static void
drop (RmqMockExchange *exchange)
{
  RmqRemotingCommand *lost = rmq_mock_exchange_take_executed (exchange);
  g_clear_pointer (&lost, rmq_remoting_command_unref);
}

static void
delay (RmqMockExchange *exchange)
{
  rmq_mock_exchange_later (exchange, rmq_mock_exchange_take_executed (exchange));
}

static void
answer (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) executed = rmq_mock_exchange_take_executed (exchange);
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_invent (exchange, executed);
  rmq_mock_exchange_answer (exchange, response);
}

static void
end_connection (RmqMockExchange *exchange)
{
  drop (exchange);
  rmq_mock_server_end_connection (exchange->server, exchange->connection,
                                  exchange->rule.kind == RMQ_OUTAGE_RESET ? RMQ_CLOSE_RST
                                                                          : RMQ_CLOSE_FIN);
}

static const RmqOutageAct acts[] = {
  { RMQ_OUTAGE_DROP, "drop", drop,
    "no answer; a request dropped before the store is not executed" },
  { RMQ_OUTAGE_DELAY, "delay", delay, "a late answer; others overtake it" },
  { RMQ_OUTAGE_ANSWER, "answer", answer, "another answer than the real one" },
  { RMQ_OUTAGE_CLOSE, "close", end_connection, "the connection ends with a FIN, not an answer" },
  { RMQ_OUTAGE_RESET, "reset", end_connection, "the connection is reset instead of an answer" },
};

const RmqOutageAct *
rmq_outage_act_get (RmqOutageKind kind)
{
  g_assert ((guint)kind < G_N_ELEMENTS (acts));
  g_assert (acts[kind].kind == kind);
  return &acts[kind];
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What each kind of request outage does, one short function and one row each. An act touches the
 * way of a request and its answer, never the store: what is executed is executed honestly. On the
 * loop, owner only. */

#include "rmq-mock-server-private.h"

#include <string.h>

static void
drop (RmqMockExchange *exchange)
{
  RmqRemotingCommand *lost = rmq_mock_exchange_take_executed (exchange);
  g_clear_pointer (&lost, rmq_remoting_command_unref);
}

static void
delay (RmqMockExchange *exchange)
{
  rmq_mock_exchange_later (exchange, rmq_mock_exchange_take_executed (exchange), RMQ_LATE_TIME);
}

static void
answer (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) executed = rmq_mock_exchange_take_executed (exchange);
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_invent (exchange, executed);
  rmq_mock_exchange_answer (exchange, response);
}

static void
send_bytes (RmqMockExchange *exchange, const GByteArray *frame, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (frame->data, size);
  rmq_connection_send_raw (exchange->connection, bytes); /* gone: nobody to be misled */
}

static void
end_connection (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) executed = rmq_mock_exchange_take_executed (exchange);
  if (exchange->rule.halfway && executed != NULL)
    {
      g_autoptr (GByteArray) frame = rmq_mock_exchange_encode (exchange, executed);
      send_bytes (exchange, frame, frame->len / 2);
    }
  rmq_mock_server_end_connection (exchange->server, exchange->connection,
                                  exchange->rule.kind == RMQ_OUTAGE_RESET ? RMQ_CLOSE_RST
                                                                          : RMQ_CLOSE_FIN);
}

static void
duplicate (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_take_executed (exchange);
  rmq_mock_exchange_answer (exchange, response);
  rmq_mock_exchange_answer (exchange, response);
}

static void
hold (RmqMockExchange *exchange)
{
  rmq_mock_exchange_later (exchange, rmq_mock_exchange_take_executed (exchange), RMQ_LATE_RELEASE);
}

/* Answers change places in pairs: who finds one waiting goes before it. */
static void
swap (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_take_executed (exchange);
  if (rmq_mock_exchange_has_overtaken (exchange))
    rmq_mock_exchange_answer (exchange, response);
  else
    rmq_mock_exchange_later (exchange, g_steal_pointer (&response), RMQ_LATE_OVERTAKER);
}

static void
shift_opaque (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_take_executed (exchange);
  if (response != NULL)
    rmq_remoting_command_set_opaque (response, rmq_remoting_command_get_opaque (response) + 1);
  rmq_mock_exchange_answer (exchange, response);
}

/* Nothing that a header may begin with, in either encoding. */
#define NO_HEADER 0xff
#define N_LENGTH_BYTES 4
#define N_PREFIX_BYTES 8 /* of the frame, of the header */
static const guint8 absurd_length[N_LENGTH_BYTES] = { 0x7f, 0xff, 0xff, 0xff };

static void
break_body (RmqRemotingCommand *response)
{
  static const guint8 instead[] = { 0xff, 0xfe, 0xfd, 0xfc };
  GBytes *body = rmq_remoting_command_get_body (response);
  gsize size = 0;
  const guint8 *bytes = body != NULL ? g_bytes_get_data (body, &size) : NULL;
  g_autofree guint8 *broken = g_malloc (MAX (size, sizeof instead));
  memcpy (broken, instead, sizeof instead);
  for (gsize i = 0; i < size; i++)
    broken[i] = (guint8)~bytes[i];
  g_autoptr (GBytes) taken = g_bytes_new (broken, size > 0 ? size : sizeof instead);
  rmq_remoting_command_set_body (response, taken);
}

static void
corrupt (RmqMockExchange *exchange)
{
  g_autoptr (RmqRemotingCommand) response = rmq_mock_exchange_take_executed (exchange);
  if (response == NULL)
    return;
  if (exchange->rule.part == RMQ_FRAME_BODY)
    break_body (response);
  g_autoptr (GByteArray) frame = rmq_mock_exchange_encode (exchange, response);
  if (exchange->rule.part == RMQ_FRAME_LENGTH)
    memcpy (frame->data, absurd_length, sizeof absurd_length);
  for (guint i = N_PREFIX_BYTES; exchange->rule.part == RMQ_FRAME_HEADER && i < frame->len; i++)
    frame->data[i] = NO_HEADER;
  send_bytes (exchange, frame, frame->len);
}

static const RmqOutageAct acts[] = {
  { RMQ_OUTAGE_DROP, "drop", drop,
    "no answer; a request dropped before the store is not executed" },
  { RMQ_OUTAGE_DELAY, "delay", delay, "a late answer; others overtake it" },
  { RMQ_OUTAGE_ANSWER, "answer", answer, "another answer than the real one" },
  { RMQ_OUTAGE_CLOSE, "close", end_connection, "the connection ends with a FIN, not an answer" },
  { RMQ_OUTAGE_RESET, "reset", end_connection, "the connection is reset instead of an answer" },
  { RMQ_OUTAGE_DUPLICATE, "duplicate", duplicate, "the answer comes twice" },
  { RMQ_OUTAGE_HOLD, "hold", hold, "the answer waits for a release" },
  { RMQ_OUTAGE_SWAP, "swap", swap, "the answer goes behind the next one of its connection" },
  { RMQ_OUTAGE_SHIFT_OPAQUE, "shift opaque", shift_opaque,
    "the answer names the request after its own" },
  { RMQ_OUTAGE_CORRUPT, "corrupt", corrupt, "the answer's frame is broken" },
};

const RmqOutageAct *
rmq_outage_act_get (RmqOutageKind kind)
{
  g_assert ((guint)kind < G_N_ELEMENTS (acts));
  g_assert (acts[kind].kind == kind);
  return &acts[kind];
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Rounds over brokers. Owns its calls; runs on the loop. A serial round sends the next request when
 * the one before is answered or has failed, which is how a dead broker holds up everything behind
 * it. */

#include "rmq-broker-round.h"

typedef struct
{
  struct _RmqBrokerRound *round;
  char *address;
  RmqInvocation invocation;
} Call;

typedef struct _RmqBrokerRound
{
  RmqClientInstance *instance;
  Call *calls;
  guint n_calls;
  guint next;
  guint outstanding;
  gboolean at_once;
  gboolean starting; /* inside start_calls(): an answer that comes at once must not nest */
  const RmqBrokerRoundFuncs *funcs;
  gpointer data;
  GList link;
} RmqBrokerRound;

static void
end_round (RmqBrokerRound *round)
{
  g_queue_unlink (&round->instance->broker_rounds, &round->link);
  round->funcs->done (round->data);
  for (guint i = 0; i < round->n_calls; i++)
    {
      rmq_invocation_clear (&round->calls[i].invocation);
      g_free (round->calls[i].address);
    }
  g_free (round->calls);
  g_free (round);
}

static void start_calls (RmqBrokerRound *round);

static void
answered (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  Call *call = data;
  RmqBrokerRound *round = call->round;
  round->outstanding--;
  round->funcs->answered (call->address, response, error, round->data);
  if (!round->starting)
    start_calls (round);
}

static const RmqInvocationFuncs invocation_funcs = { .done = answered };

static void
start_call (RmqBrokerRound *round, Call *call)
{
  g_autoptr (RmqRemotingCommand) request = round->funcs->make_request (round->data);
  call->round = round;
  call->invocation = (RmqInvocation){
    .address = call->address,
    .command = request,
    .mode = RMQ_INVOKE_SYNC,
    .begin_us = rmq_env_now (round->instance->env),
    .timeout_us = RMQ_API_TIMEOUT_US,
    .funcs = &invocation_funcs,
    .data = call,
  };
  round->outstanding++;
  rmq_invocation_begin (&call->invocation, round->instance->remoting);
}

static void
start_calls (RmqBrokerRound *round)
{
  round->starting = TRUE;
  while (round->next < round->n_calls && (round->at_once || round->outstanding == 0))
    start_call (round, &round->calls[round->next++]);
  round->starting = FALSE;
  if (round->next == round->n_calls && round->outstanding == 0)
    end_round (round);
}

void
rmq_broker_round_start (RmqClientInstance *instance, GPtrArray *addresses, gboolean at_once,
                        const RmqBrokerRoundFuncs *funcs, gpointer data)
{
  RmqBrokerRound *round = g_new0 (RmqBrokerRound, 1);
  round->instance = instance;
  round->n_calls = addresses->len;
  round->calls = g_new0 (Call, MAX (1, addresses->len));
  for (guint i = 0; i < addresses->len; i++)
    round->calls[i].address = g_strdup (addresses->pdata[i]);
  g_ptr_array_unref (addresses);
  round->at_once = at_once;
  round->funcs = funcs;
  round->data = data;
  round->link.data = round;
  g_queue_push_tail_link (&instance->broker_rounds, &round->link);
  start_calls (round);
}

void
rmq_broker_rounds_cancel (RmqClientInstance *instance)
{
  RmqBrokerRound *round;
  while ((round = g_queue_peek_head (&instance->broker_rounds)) != NULL)
    end_round (round);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-client-instance.h"

G_BEGIN_DECLS

/* The same request to several brokers, one after the other or all at once, 3 s each: heartbeats and
 * goodbyes. Owner only. */

typedef struct
{
  /* (transfer full) */
  RmqRemotingCommand *(*make_request) (gpointer data);
  void (*answered) (const char *address, RmqRemotingCommand *response, const GError *error,
                    gpointer data);
  /* After the last answer, and when the instance is freed. */
  void (*done) (gpointer data);
} RmqBrokerRoundFuncs;

/* addresses: of char*, (transfer full). done may run inside. */
void rmq_broker_round_start (RmqClientInstance *instance, GPtrArray *addresses, gboolean at_once,
                             const RmqBrokerRoundFuncs *funcs, gpointer data);
void rmq_broker_rounds_cancel (RmqClientInstance *instance);

G_END_DECLS

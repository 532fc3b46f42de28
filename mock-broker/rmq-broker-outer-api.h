/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-env.h"
#include "rmq-headers.h"

G_BEGIN_DECLS

/* BrokerOuterAPI: a broker's own connections to its name servers, and what it says there. Lives as
 * long as one start of the broker. Owner only. */
typedef struct _RmqBrokerOuterApi RmqBrokerOuterApi;

typedef struct
{
  const char *broker; /* whose voice it is, for logs */
  gint version;       /* in every request */
  char **namesrv_addrs;
  /* every name server has answered, or failed, once (nullable); on the loop */
  RmqEnvFunc settled;
  gpointer settled_data;
} RmqBrokerOuterApiOptions;

RmqBrokerOuterApi *rmq_broker_outer_api_new (RmqEnv *env, const RmqBrokerOuterApiOptions *options);
/* (nullable); closes the connections without a word. */
void rmq_broker_outer_api_free (RmqBrokerOuterApi *api);
/* 103 to every name server; body and its CRC are filled in. */
void rmq_broker_outer_api_register_all (RmqBrokerOuterApi *api,
                                        const RmqRegisterBrokerRequestHeader *header,
                                        const RmqRegisterBrokerBody *body, gboolean oneway);
/* 104 to every name server. Each connection is closed when it is answered, or after 3 s. */
void rmq_broker_outer_api_unregister_all (RmqBrokerOuterApi *api,
                                          const RmqUnregisterBrokerRequestHeader *header);
guint rmq_broker_outer_api_get_n_registered (RmqBrokerOuterApi *api); /* name servers that said 0 */
gint64 rmq_broker_outer_api_get_last_answer_us (RmqBrokerOuterApi *api); /* -1: never */

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-control-api.h"
#include "rmq-mock-broker.h"

G_BEGIN_DECLS

/* GET /v1/messages?topic=T[&broker=B][&queue=Q][&from=N][&limit=N] over some brokers. */
void rmq_mock_brokers_answer_messages (RmqMockBroker *const *brokers, guint n_brokers,
                                       const RmqControlRequest *request, RmqControlAnswer *answer);

G_END_DECLS

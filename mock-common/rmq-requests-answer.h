/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-control-api.h"
#include "rmq-mock-server.h"

G_BEGIN_DECLS

/* GET /v1/requests[?code=N][&broker=B][&since=SEQ] over some mocks. Sequences are a mock's own. */
void rmq_mock_servers_answer_requests (RmqMockServer *const *servers, guint n_servers,
                                       const RmqControlRequest *request, RmqControlAnswer *answer);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-control-request.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* GET /v1/snapshot[?tables=a,b] of this snapshot; a table that isn't in it is an error. */
void rmq_snapshot_answer (const RmqSnapshot *snapshot, const RmqControlRequest *request,
                          RmqControlAnswer *answer);

G_END_DECLS

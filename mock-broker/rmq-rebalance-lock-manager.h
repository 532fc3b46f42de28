/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-queue-json.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* RebalanceLockManager: which client of a group has a queue to itself. A lock that wasn't renewed
 * for 60 s is free; nothing else frees it but its owner or the broker's end. Owner only. */

#define RMQ_QUEUE_LOCK_LIVE_US (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  GPtrArray *locks; /* of Lock, in order of first locking */
} RmqRebalanceLockManager;

void rmq_rebalance_lock_manager_init (RmqRebalanceLockManager *manager);
void rmq_rebalance_lock_manager_clear (RmqRebalanceLockManager *manager);
/* TRUE: the client has the queue now. */
gboolean rmq_rebalance_lock_manager_lock (RmqRebalanceLockManager *manager,
                                          const RmqLockBatchBody *body, const RmqQueueName *queue,
                                          gint64 now_us);
void rmq_rebalance_lock_manager_unlock (RmqRebalanceLockManager *manager,
                                        const RmqLockBatchBody *body, const RmqQueueName *queue);
void rmq_rebalance_lock_manager_fill_snapshot (const RmqRebalanceLockManager *manager,
                                               const char *owner, RmqSnapshot *snapshot);

G_END_DECLS

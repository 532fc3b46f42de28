/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-lane.h"
#include "rmq-send-operation.h"

G_BEGIN_DECLS

/* The lanes `callback 1..n` of a producer, where user callbacks run. A lane is a thread in the real
 * world, started at its first callback. Mirrors NettyRemotingClient#publicExecutor. */

typedef struct _RmqCallbackPool RmqCallbackPool;

RmqCallbackPool *rmq_callback_pool_new (RmqEnv *env, guint n_lanes);
/* Owner. Takes a reference to the ended operation and runs its callback once. */
void rmq_callback_pool_push (RmqCallbackPool *pool, RmqSendOperation *operation);
/* Owner. drained runs as owner when the last callback has returned. */
void rmq_callback_pool_close (RmqCallbackPool *pool, RmqEnvFunc drained, gpointer data);
void rmq_callback_pool_free (RmqCallbackPool *pool); /* nullable; closed and drained */
/* Any thread: the caller is one of this pool's callbacks. */
gboolean rmq_callback_pool_is_inside (RmqCallbackPool *pool);
guint rmq_callback_pool_get_n_lanes (RmqCallbackPool *pool);
const char *rmq_callback_pool_get_lane_name (RmqCallbackPool *pool, guint index);
guint rmq_callback_pool_get_backlog (RmqCallbackPool *pool, guint index);

G_END_DECLS

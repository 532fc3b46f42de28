/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* A lane is a named serial executor of a host: what a thread or a single-threaded pool is in Java.
 * It is a queue with a current item that reports when it is done, not a thread: it runs on the
 * host's loop. An item that waits (for an answer, a permit, a lock) stops its lane and nothing
 * else. Owner only. */

typedef struct _RmqLane RmqLane;

/* Starts the item; it must call rmq_lane_done() once, now or later. */
typedef void (*RmqLaneFunc) (RmqLane *lane, gpointer data);

RmqLane *rmq_lane_new (RmqEnv *env, const char *name);
void rmq_lane_free (RmqLane *lane); /* nullable; drops the backlog, running each item's destroy */
/* label: static text shown while it is the current item. */
void rmq_lane_push (RmqLane *lane, const char *label, RmqLaneFunc func, gpointer data,
                    GDestroyNotify destroy);
void rmq_lane_done (RmqLane *lane);
void rmq_lane_set_waits_for (RmqLane *lane, const char *what); /* (nullable), copied */

const char *rmq_lane_get_name (RmqLane *lane);
const char *rmq_lane_get_current (RmqLane *lane);   /* (nullable): idle */
const char *rmq_lane_get_waits_for (RmqLane *lane); /* (nullable) */
guint rmq_lane_get_backlog (RmqLane *lane);

/* A lane of user code: a thread in the real world (started on first use), a fiber in the simulated
 * one. Items run outside the loop, so they may block and call the library. */
typedef struct _RmqCallbackLane RmqCallbackLane;
RmqCallbackLane *rmq_callback_lane_new (RmqEnv *env, const char *name);
void rmq_callback_lane_push (RmqCallbackLane *lane, RmqEnvFunc func, gpointer data); /* owner */
/* destroy (nullable) runs as owner after func, or instead of it once the host is gone. */
void rmq_callback_lane_push_full (RmqCallbackLane *lane, RmqEnvFunc func, gpointer data,
                                  GDestroyNotify destroy);
guint rmq_callback_lane_get_backlog (RmqCallbackLane *lane); /* waiting and running */
const char *rmq_callback_lane_get_name (RmqCallbackLane *lane);
/* No more pushes; drained (nullable) runs as owner when the last item has run; the lane is then
 * freed. */
void rmq_callback_lane_close (RmqCallbackLane *lane, RmqEnvFunc drained, gpointer data);

/* A logical lock: one of Java's locks whose waits can be seen. FIFO. Owner only. */
typedef struct _RmqLock RmqLock;
typedef void (*RmqLockFunc) (gboolean acquired, gpointer data);
RmqLock *rmq_lock_new (RmqEnv *env, const char *name);
void rmq_lock_free (RmqLock *lock);
/* func runs at once if the lock is free or timeout_us is 0; else when it is acquired or the wait is
 * over. */
void rmq_lock_acquire (RmqLock *lock, const char *who, gint64 timeout_us, RmqLockFunc func,
                       gpointer data);
void rmq_lock_release (RmqLock *lock);
/* Takes the waiter with this data out of the line without calling it; nobody: nothing. */
void rmq_lock_cancel (RmqLock *lock, gpointer data);
const char *rmq_lock_get_name (RmqLock *lock);
const char *rmq_lock_get_holder (RmqLock *lock); /* (nullable) */
guint rmq_lock_get_n_waiters (RmqLock *lock);

G_END_DECLS

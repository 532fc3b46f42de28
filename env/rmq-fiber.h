/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A fiber: a function on a stack of its own that can be left in the middle and entered again.
 * Stacks come from a pool; each has a guard page below it. One thread only. */

#define RMQ_FIBER_STACK_BYTES (256u * 1024)

typedef struct _RmqFiber RmqFiber;

typedef struct
{
  gpointer first_free; /* chained through the stacks themselves */
} RmqStackPool;

void rmq_stack_pool_clear (RmqStackPool *pool);

RmqFiber *rmq_fiber_new (RmqStackPool *pool, void (*func) (gpointer data), gpointer data);
void rmq_fiber_free (RmqFiber *fiber); /* only one that has ended */
/* Runs the fiber until it yields or ends. May be called on another fiber. */
void rmq_fiber_resume (RmqFiber *fiber);
/* Back to whoever resumed it; called on the fiber itself. */
void rmq_fiber_yield (RmqFiber *fiber);
gboolean rmq_fiber_has_ended (const RmqFiber *fiber);

G_END_DECLS

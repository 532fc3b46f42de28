/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A fiber: a function on a stack of its own that can be left in the middle and entered again. Of
 * two kinds, which nothing but speed tells apart: one switches stacks within the calling thread;
 * the other has a thread of its own, of all of which only the holder of the baton runs. Stacks of
 * either kind end in a guard page. Used by one thread, and by the fibers it resumes. */

#define RMQ_FIBER_STACK_BYTES (256u * 1024)

typedef struct _RmqFiber RmqFiber;

typedef struct
{
  gpointer first_free; /* chained through the stacks themselves */
} RmqStackPool;

void rmq_stack_pool_clear (RmqStackPool *pool);

typedef struct
{
  RmqFiber *(*create) (RmqStackPool *pool);
  void (*destroy) (RmqFiber *fiber);
  void (*resume) (RmqFiber *fiber);
  void (*yield) (RmqFiber *fiber);
} RmqFiberKind;

extern const RmqFiberKind rmq_fiber_on_stack;  /* fast */
extern const RmqFiberKind rmq_fiber_on_thread; /* what any debugger and checker understands */

/* What both kinds start with. */
struct _RmqFiber
{
  const RmqFiberKind *kind;
  void (*func) (gpointer data);
  gpointer data;
  gboolean ended;
};

/* pool: where stacks come from that are not a thread's. */
static inline RmqFiber *
rmq_fiber_new (const RmqFiberKind *kind, RmqStackPool *pool, void (*func) (gpointer data),
               gpointer data)
{
  RmqFiber *fiber = kind->create (pool);
  fiber->kind = kind;
  fiber->func = func;
  fiber->data = data;
  return fiber;
}

/* Only one that has ended. */
static inline void
rmq_fiber_free (RmqFiber *fiber)
{
  g_assert (fiber->ended);
  fiber->kind->destroy (fiber);
}

/* Runs the fiber until it yields or ends. May be called on another fiber. */
static inline void
rmq_fiber_resume (RmqFiber *fiber)
{
  g_assert (!fiber->ended);
  fiber->kind->resume (fiber);
}

/* Back to whoever resumed it; called on the fiber itself. */
static inline void
rmq_fiber_yield (RmqFiber *fiber)
{
  fiber->kind->yield (fiber);
}

static inline gboolean
rmq_fiber_has_ended (const RmqFiber *fiber)
{
  return fiber->ended;
}

G_END_DECLS

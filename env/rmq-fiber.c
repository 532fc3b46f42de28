/* SPDX-License-Identifier: Apache-2.0 */

/* Fibers that share a thread: stacks, the switch between them, and what the sanitizers must be told
 * about it. The switch is ten instructions on x86-64, since swapcontext() pays two system
 * calls; elsewhere it is swapcontext(). A stack is reused, never thrown away with live frames on
 * it: a fiber must end before it is freed. */

#include "rmq-fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define WITH_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif

#if defined(__x86_64__) && !defined(RMQ_FIBER_UCONTEXT)
typedef gpointer Context; /* the stack pointer; everything else lies on the stack */
#else
#include <ucontext.h>
typedef ucontext_t Context;
#endif

typedef struct
{
  const void *bottom;
  size_t size;
} StackBounds;

typedef struct
{
  RmqFiber base;
  Context context;
  Context resumer;
  RmqStackPool *pool;
  guint8 *stack;             /* lowest usable byte; the guard page lies below */
  StackBounds resumer_stack; /* ASan: whose stack we go back to */
  void *fake_stack;          /* ASan: frames kept for use-after-return */
  void *tsan;
  void *tsan_resumer;
} StackFiber;

/* ---- stacks -------------------------------------------------------------- */

static gsize
guard_size (void)
{
  return (gsize)sysconf (_SC_PAGESIZE);
}

static void
forget_poison (guint8 *stack)
{
#ifdef WITH_ASAN
  __asan_unpoison_memory_region (stack, RMQ_FIBER_STACK_BYTES);
#endif
}

static guint8 *
stack_take (RmqStackPool *pool)
{
  guint8 *stack = pool->first_free;
  if (stack != NULL)
    {
      pool->first_free = *(gpointer *)stack;
      return stack;
    }
  guint8 *map = mmap (NULL, guard_size () + RMQ_FIBER_STACK_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  g_assert (map != MAP_FAILED);
  gint failed = mprotect (map, guard_size (), PROT_NONE);
  g_assert (!failed);
  return map + guard_size ();
}

static void
stack_give_back (RmqStackPool *pool, guint8 *stack)
{
  /* The fiber's first frame never returned, so its red zones are still poisoned. */
  forget_poison (stack);
  *(gpointer *)stack = pool->first_free;
  pool->first_free = stack;
}

void
rmq_stack_pool_clear (RmqStackPool *pool)
{
  while (pool->first_free != NULL)
    {
      guint8 *stack = pool->first_free;
      pool->first_free = *(gpointer *)stack;
      munmap (stack - guard_size (), guard_size () + RMQ_FIBER_STACK_BYTES);
    }
}

/* ---- the switch ---------------------------------------------------------- */

/* The fiber about to run for the first time: neither kind of switch can pass a pointer portably. */
static _Thread_local StackFiber *starting;

static void fiber_main (void);

#if defined(__x86_64__) && !defined(RMQ_FIBER_UCONTEXT)

void rmq_fiber_switch (gpointer *from, gpointer to);

__asm__(".text\n"
        ".globl rmq_fiber_switch\n"
        ".hidden rmq_fiber_switch\n"
        ".type rmq_fiber_switch, @function\n"
        "rmq_fiber_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size rmq_fiber_switch, . - rmq_fiber_switch\n");

#define N_SAVED_REGISTERS 6

static void
switch_context (Context *from, Context *to)
{
  rmq_fiber_switch (from, *to);
}

/* A stack as the switch leaves one: saved registers, the address to return to, and above it a null
 * return address of fiber_main, which puts the stack pointer where a call would have put it. */
static void
context_init (Context *context, guint8 *stack)
{
  gpointer *top = (gpointer *)(stack + RMQ_FIBER_STACK_BYTES);
  *--top = NULL;
  *--top = (gpointer)fiber_main;
  for (guint i = 0; i < N_SAVED_REGISTERS; i++)
    *--top = NULL;
  *context = top;
}

#else

static void
switch_context (Context *from, Context *to)
{
  gint failed = swapcontext (from, to);
  g_assert (!failed);
}

static void
context_init (Context *context, guint8 *stack)
{
  gint failed = getcontext (context);
  g_assert (!failed);
  context->uc_stack.ss_sp = stack;
  context->uc_stack.ss_size = RMQ_FIBER_STACK_BYTES;
  context->uc_link = NULL;
  makecontext (context, fiber_main, 0);
}

#endif

static void
announce_switch (void **fake_stack, const void *bottom, size_t size, void *tsan)
{
#ifdef WITH_ASAN
  __sanitizer_start_switch_fiber (fake_stack, bottom, size);
#endif
#ifdef WITH_TSAN
  __tsan_switch_to_fiber (tsan, 0);
#endif
}

static void
conclude_switch (void *fake_stack, StackBounds *came_from)
{
#ifdef WITH_ASAN
  __sanitizer_finish_switch_fiber (fake_stack, &came_from->bottom, &came_from->size);
#endif
}

static void
switch_back (StackFiber *fiber, void **fake_stack)
{
  announce_switch (fake_stack, fiber->resumer_stack.bottom, fiber->resumer_stack.size,
                   fiber->tsan_resumer);
  switch_context (&fiber->context, &fiber->resumer);
}

/* Never returns: there is nothing above it on this stack. */
static void
fiber_main (void)
{
  StackFiber *fiber = starting;
  conclude_switch (NULL, &fiber->resumer_stack);
  fiber->base.func (fiber->base.data);
  fiber->base.ended = TRUE;
  switch_back (fiber, NULL);
  g_assert_not_reached ();
}

/* ---- fibers -------------------------------------------------------------- */

static RmqFiber *
create (RmqStackPool *pool)
{
  StackFiber *fiber = g_slice_new0 (StackFiber);
  fiber->pool = pool;
  fiber->stack = stack_take (pool);
  context_init (&fiber->context, fiber->stack);
#ifdef WITH_TSAN
  fiber->tsan = __tsan_create_fiber (0);
#endif
  return &fiber->base;
}

static void
destroy (RmqFiber *base)
{
  StackFiber *fiber = (StackFiber *)base;
#ifdef WITH_TSAN
  __tsan_destroy_fiber (fiber->tsan);
#endif
  stack_give_back (fiber->pool, fiber->stack);
  g_slice_free (StackFiber, fiber);
}

static void
resume (RmqFiber *base)
{
  StackFiber *fiber = (StackFiber *)base;
  void *fake_stack = NULL;
  StackBounds ignored;
#ifdef WITH_TSAN
  fiber->tsan_resumer = __tsan_get_current_fiber ();
#endif
  starting = fiber;
  announce_switch (&fake_stack, fiber->stack, RMQ_FIBER_STACK_BYTES, fiber->tsan);
  switch_context (&fiber->resumer, &fiber->context);
  conclude_switch (fake_stack, &ignored);
}

static void
yield (RmqFiber *base)
{
  StackFiber *fiber = (StackFiber *)base;
  switch_back (fiber, &fiber->fake_stack);
  conclude_switch (fiber->fake_stack, &fiber->resumer_stack);
}

const RmqFiberKind rmq_fiber_on_stack = {
  .create = create,
  .destroy = destroy,
  .resume = resume,
  .yield = yield,
};

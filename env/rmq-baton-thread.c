/* SPDX-License-Identifier: Apache-2.0 */

/* Fibers that are threads. Only the holder of the baton runs: who resumes a fiber hands it over and
 * sleeps until it comes back, so there is one order of events and no lock beside the baton. The
 * same order as with stacks, seen by tools that know nothing of stacks. POSIX semaphores and not
 * GLib's locks, which the thread sanitizer does not understand. */

#include "rmq-fiber.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

typedef struct
{
  RmqFiber base;
  pthread_t thread;
  sem_t go;   /* the baton, on its way to the fiber */
  sem_t back; /* on its way to whoever resumed it */
} BatonThread;

static void
take (sem_t *baton)
{
  while (sem_wait (baton) != 0)
    g_assert (errno == EINTR);
}

static void
hand_over (sem_t *baton)
{
  gint failed = sem_post (baton);
  g_assert (!failed);
}

static void *
thread_main (void *data)
{
  BatonThread *self = data;
  take (&self->go);
  self->base.func (self->base.data);
  self->base.ended = TRUE;
  hand_over (&self->back);
  return NULL;
}

static void
start_thread (BatonThread *self)
{
  pthread_attr_t attributes;
  gint failed = pthread_attr_init (&attributes);
  failed |= pthread_attr_setstacksize (&attributes, RMQ_FIBER_STACK_BYTES);
  failed |= pthread_create (&self->thread, &attributes, thread_main, self);
  pthread_attr_destroy (&attributes);
  g_assert (!failed);
}

static RmqFiber *
create (RmqStackPool *pool)
{
  BatonThread *self = g_slice_new0 (BatonThread);
  gint failed = sem_init (&self->go, 0, 0);
  failed |= sem_init (&self->back, 0, 0);
  g_assert (!failed);
  start_thread (self);
  return &self->base;
}

static void
destroy (RmqFiber *base)
{
  BatonThread *self = (BatonThread *)base;
  pthread_join (self->thread, NULL);
  sem_destroy (&self->go);
  sem_destroy (&self->back);
  g_slice_free (BatonThread, self);
}

static void
resume (RmqFiber *base)
{
  BatonThread *self = (BatonThread *)base;
  hand_over (&self->go);
  take (&self->back);
}

static void
yield (RmqFiber *base)
{
  BatonThread *self = (BatonThread *)base;
  hand_over (&self->back);
  take (&self->go);
}

const RmqFiberKind rmq_fiber_on_thread = {
  .create = create,
  .destroy = destroy,
  .resume = resume,
  .yield = yield,
};

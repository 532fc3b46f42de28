/* SPDX-License-Identifier: Apache-2.0 */

/* Logical locks: Java's lockNamesrv and lockHeartbeat as things that can be seen. Work on a lane
 * waits for one as it would wait for an answer; nothing blocks. First come, first served; owner
 * only. */

#include "rmq-lane.h"

typedef struct
{
  RmqLock *lock;
  char *who;
  RmqLockFunc func;
  gpointer data;
  RmqTimer timer;
} Waiter;

struct _RmqLock
{
  RmqEnv *env;
  char *name;
  char *holder;   /* (nullable) */
  GQueue waiters; /* of Waiter */
};

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;
  rmq_env_timer_stop (waiter->lock->env, &waiter->timer);
  g_free (waiter->who);
  g_free (waiter);
}

RmqLock *
rmq_lock_new (RmqEnv *env, const char *name)
{
  RmqLock *lock = g_new0 (RmqLock, 1);
  lock->env = env;
  lock->name = g_strdup (name);
  g_queue_init (&lock->waiters);
  return lock;
}

void
rmq_lock_free (RmqLock *lock)
{
  if (lock == NULL)
    return;
  g_queue_clear_full (&lock->waiters, waiter_free);
  g_free (lock->holder);
  g_free (lock->name);
  g_free (lock);
}

static void
wait_is_over (gpointer data)
{
  Waiter *waiter = data;
  RmqLockFunc func = waiter->func;
  gpointer func_data = waiter->data;
  g_queue_remove (&waiter->lock->waiters, waiter);
  waiter_free (waiter);
  func (FALSE, func_data);
}

void
rmq_lock_acquire (RmqLock *lock, const char *who, gint64 timeout_us, RmqLockFunc func,
                  gpointer data)
{
  if (lock->holder == NULL)
    {
      lock->holder = g_strdup (who);
      func (TRUE, data);
      return;
    }
  if (timeout_us <= 0)
    {
      func (FALSE, data);
      return;
    }
  Waiter *waiter = g_new0 (Waiter, 1);
  waiter->lock = lock;
  waiter->who = g_strdup (who);
  waiter->func = func;
  waiter->data = data;
  g_queue_push_tail (&lock->waiters, waiter);
  rmq_env_timer_start (lock->env, &waiter->timer, rmq_env_now (lock->env) + timeout_us,
                       wait_is_over, waiter);
}

void
rmq_lock_release (RmqLock *lock)
{
  g_assert (lock->holder != NULL);
  g_clear_pointer (&lock->holder, g_free);
  Waiter *next = g_queue_pop_head (&lock->waiters);
  if (next == NULL)
    return;
  RmqLockFunc func = next->func;
  gpointer data = next->data;
  lock->holder = g_steal_pointer (&next->who);
  waiter_free (next);
  func (TRUE, data);
}

void
rmq_lock_cancel (RmqLock *lock, gpointer data)
{
  for (GList *l = lock->waiters.head; l != NULL; l = l->next)
    if (((Waiter *)l->data)->data == data)
      {
        waiter_free (l->data);
        g_queue_delete_link (&lock->waiters, l);
        return;
      }
}

const char *
rmq_lock_get_name (RmqLock *lock)
{
  return lock->name;
}

const char *
rmq_lock_get_holder (RmqLock *lock)
{
  return lock->holder;
}

guint
rmq_lock_get_n_waiters (RmqLock *lock)
{
  return lock->waiters.length;
}

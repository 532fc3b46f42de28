/* SPDX-License-Identifier: Apache-2.0 */

/* Tasks of the real world: a thread each. A task's end is posted to the loop, which joins the
 * thread and then tells who wanted to know; that happens also when the host is gone meanwhile, so
 * that nothing leaks. The task itself runs outside of the loop and must not touch what the loop
 * owns. */

#include "rmq-real-private.h"

#include <string.h>

typedef struct
{
  RmqRealEnv *env;
  RmqEnvFunc func;
  RmqEnvFunc done; /* (nullable) */
  gpointer data;
  pthread_t thread;
  gboolean has_thread;
  char name[16];
} Task;

_Thread_local guint64 rmq_real_this_thread;
static guint64 last_thread_id;

guint64
rmq_real_number_thread (void)
{
  rmq_real_this_thread = __atomic_add_fetch (&last_thread_id, 1, __ATOMIC_RELAXED);
  return rmq_real_this_thread;
}

gboolean
rmq_real_thread_start (pthread_t *thread, gsize stack_size, void *(*func) (void *), void *data)
{
  pthread_attr_t attributes;
  pthread_attr_init (&attributes);
  if (stack_size != 0)
    pthread_attr_setstacksize (&attributes, stack_size);
  int error = pthread_create (thread, &attributes, func, data);
  pthread_attr_destroy (&attributes);
  if (error != 0 && stack_size != 0) /* sanitizers want more for themselves */
    error = pthread_create (thread, NULL, func, data);
  return error == 0;
}

guint
rmq_real_task_count (RmqRealEnv *env)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  pthread_mutex_lock (&world->lock);
  const guint count = env->n_tasks;
  pthread_mutex_unlock (&world->lock);
  return count;
}

static void
task_ended (gpointer data)
{
  Task *task = data;
  RmqRealEnv *env = task->env;
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  if (task->has_thread)
    pthread_join (task->thread, NULL);
  if (task->done != NULL)
    task->done (task->data);
  g_free (task);

  pthread_mutex_lock (&world->lock);
  const gboolean last = --env->n_tasks == 0;
  pthread_mutex_unlock (&world->lock);
  if (last && env->drained != NULL)
    rmq_real_loop_wake (env->drained);
}

static void *
task_main (void *data)
{
  Task *task = data;
  pthread_setname_np (pthread_self (), task->name);
  task->func (task->data);
  rmq_real_loop_post (RMQ_REAL_WORLD (task->env), NULL, task_ended, task);
  return NULL;
}

void
rmq_real_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  Task *task = g_new0 (Task, 1);
  *task = (Task){ .env = (RmqRealEnv *)env, .func = func, .done = done, .data = data };
  g_strlcpy (task->name, name, sizeof task->name);
  /* The lock keeps the task from ending before its handle is known here. */
  pthread_mutex_lock (&world->lock);
  task->env->n_tasks++;
  task->has_thread = !env->gone && rmq_real_thread_start (&task->thread, 0, task_main, task);
  const gboolean failed = !task->has_thread;
  const gboolean gone = env->gone;
  pthread_mutex_unlock (&world->lock);
  if (failed && !gone)
    g_warning ("no thread to be had for %s", name);
  if (failed)
    rmq_real_loop_post (world, NULL, task_ended, task);
}

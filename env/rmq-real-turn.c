/* SPDX-License-Identifier: Apache-2.0 */

/* One turn of the real world's loop: what was posted, timers that are due, news from the sockets,
 * and at its end the writes of all that. Runs as owner; the lock is held only to look at the queue
 * of posts. Must never block but in epoll, and there only when nothing is left to do. */

#include "rmq-real-private.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

/* Timers one turn may run before the sockets get their share. */
#define TURN_TIMERS_MAX 1024
/* How long a turn looks for news before it sleeps. */
#define LOOK_US 50
/* Turns without a look after one that was in vain, at most. */
#define LOOKS_SKIPPED_MAX 1024

gint64
rmq_real_now (void)
{
  struct timespec ts;
  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (gint64)ts.tv_sec * G_USEC_PER_SEC + ts.tv_nsec / 1000;
}

struct timespec
rmq_real_timespec (gint64 us)
{
  return (struct timespec){ .tv_sec = us / G_USEC_PER_SEC, .tv_nsec = us % G_USEC_PER_SEC * 1000 };
}

/* Owner. Whatever runs next happens at one time, as in the simulation. */
void
rmq_real_turn_begin_moment (RmqRealWorld *world, guint64 cause)
{
  world->now_us = rmq_real_now ();
  rmq_event_log_begin_moment (world->parent.log, cause);
}

/* ---- posts --------------------------------------------------------------- */

void
rmq_real_posts_push (RmqRealPosts *posts, RmqRealPost *post)
{
  post->next = NULL;
  if (posts->tail != NULL)
    posts->tail->next = post;
  else
    posts->head = post;
  posts->tail = post;
}

RmqRealPost *
rmq_real_posts_pop (RmqRealPosts *posts)
{
  RmqRealPost *post = posts->head;
  if (post != NULL && (posts->head = post->next) == NULL)
    posts->tail = NULL;
  return post;
}

void
rmq_real_posts_append (RmqRealPosts *posts, RmqRealPosts *others)
{
  for (RmqRealPost *post = rmq_real_posts_pop (others); post != NULL;
       post = rmq_real_posts_pop (others))
    rmq_real_posts_push (posts, post);
}

/* Lock held. */
void
rmq_real_posts_drop_host (RmqRealPosts *posts, RmqRealEnv *env)
{
  RmqRealPosts kept = { 0 };
  for (RmqRealPost *post = rmq_real_posts_pop (posts); post != NULL;
       post = rmq_real_posts_pop (posts))
    if (post->env != env)
      rmq_real_posts_push (&kept, post);
    else if (post->waiter != NULL)
      post->waiter->start = RMQ_REAL_START_OVER;
    else
      g_free (post);
  *posts = kept;
}

gint64
rmq_real_turn_next_timer_us (RmqRealWorld *world)
{
  gint64 at = G_MAXINT64;
  for (guint i = 0; i < world->envs->len; i++)
    {
      RmqRealEnv *env = g_ptr_array_index (world->envs, i);
      const RmqTimer *timer = env->parent.paused ? NULL : rmq_timer_heap_peek (&env->timers);
      if (timer != NULL)
        at = MIN (at, timer->at_us);
    }
  return at;
}

/* ---- one turn ------------------------------------------------------------ */

/* Runs what a caller asked for, in its own thread or for a blocked one. Such a waiter may leave as
 * soon as its start is OVER and the lock is free: nothing of it is touched after that. */
static void
run_start (RmqRealWorld *world, RmqRealWaiter *waiter)
{
  const gboolean foreign = waiter->thread != rmq_real_thread_id ();
  if (foreign)
    pthread_mutex_lock (&world->lock);
  waiter->start = RMQ_REAL_START_RUNS;
  if (foreign)
    pthread_mutex_unlock (&world->lock);
  waiter->post.func (waiter->post.data);
  if (foreign)
    pthread_mutex_lock (&world->lock);
  waiter->start = RMQ_REAL_START_OVER;
  if (foreign)
    {
      RmqWake wake;
      if (waiter->overdue || rmq_real_waiter_is_done (waiter, G_MININT64, &wake))
        pthread_cond_signal (&waiter->cond);
      pthread_mutex_unlock (&world->lock);
    }
}

static void
run_post (RmqRealWorld *world, RmqRealPost *post)
{
  if (post->env != NULL && post->env->parent.paused)
    {
      rmq_real_posts_push (&post->env->held, post);
      return;
    }
  rmq_real_turn_begin_moment (world, post->cause);
  world->borrowed_id = post->task_id;
  if (post->waiter != NULL)
    run_start (world, post->waiter);
  else
    {
      post->func (post->data);
      g_free (post);
    }
  world->borrowed_id = 0;
}

static void
run_posts (RmqRealWorld *world)
{
  g_assert (world->batch.head == NULL);
  pthread_mutex_lock (&world->lock);
  world->batch = world->posts;
  world->posts = (RmqRealPosts){ 0 };
  pthread_mutex_unlock (&world->lock);
  for (RmqRealPost *post = rmq_real_posts_pop (&world->batch); post != NULL;
       post = rmq_real_posts_pop (&world->batch))
    run_post (world, post);
}

/* (nullable): the earliest timer that is due, taken out of its heap. */
static RmqTimer *
pop_due_timer (RmqRealWorld *world, gint64 now_us)
{
  RmqRealEnv *first = NULL;
  gint64 first_us = now_us;
  for (guint i = 0; i < world->envs->len; i++)
    {
      RmqRealEnv *env = g_ptr_array_index (world->envs, i);
      const RmqTimer *timer = env->parent.paused ? NULL : rmq_timer_heap_peek (&env->timers);
      if (timer != NULL && (timer->at_us < first_us || (first == NULL && timer->at_us == first_us)))
        {
          first = env;
          first_us = timer->at_us;
        }
    }
  return first != NULL ? rmq_timer_heap_pop (&first->timers) : NULL;
}

static void
run_timers (RmqRealWorld *world)
{
  const gint64 now_us = rmq_real_now ();
  RmqTimer *timer = NULL;
  for (guint n = 0; n < TURN_TIMERS_MAX && (timer = pop_due_timer (world, now_us)) != NULL; n++)
    {
      rmq_real_turn_begin_moment (world, timer->cause);
      timer->func (timer->data);
    }
}

/* Owner. Everything that can be done without asking the kernel for news. */
void
rmq_real_turn_run_ready (RmqRealWorld *world)
{
  run_posts (world);
  run_timers (world);
  rmq_real_network_tell_pending (world);
  rmq_real_network_flush (world);
}

static int
epoll_until (RmqRealWorld *world, gint64 until_us)
{
  const gint64 left_us = until_us == G_MAXINT64 ? -1 : MAX (0, until_us - rmq_real_now ());
  if (left_us <= 0)
    return epoll_wait (world->epoll_fd, world->ready, RMQ_REAL_TURN_EVENTS_MAX, (int)left_us);
  const struct timespec left = rmq_real_timespec (left_us);
  int n = epoll_pwait2 (world->epoll_fd, world->ready, RMQ_REAL_TURN_EVENTS_MAX, &left, NULL);
  if (n < 0 && (errno == ENOSYS || errno == EPERM)) /* old kernel or sandbox: whole milliseconds */
    n = epoll_wait (world->epoll_fd, world->ready, RMQ_REAL_TURN_EVENTS_MAX,
                    (int)MIN (G_MAXINT, (left_us + 999) / 1000));
  return n;
}

static void
dispatch_ready (RmqRealWorld *world, guint n)
{
  world->n_ready = n;
  for (guint i = 0; i < n; i++)
    {
      RmqRealWatch *watch = world->ready[i].data.ptr;
      world->ready[i].data.ptr = NULL;
      if (watch != NULL && watch->armed != 0)
        watch->ops->ready (watch, world->ready[i].events);
    }
  world->n_ready = 0;
}

/* Lock held, by the owner. To wake a thread costs as much as a send: it is put off until the turn's
 * writes have left, and whoever is woken for several answers is told once. */
void
rmq_real_turn_tell_woken (RmqRealWorld *world)
{
  for (GList *node; (node = g_queue_pop_head_link (&world->to_be_told)) != NULL;)
    {
      RmqRealWaiter *waiter = node->data;
      waiter->to_be_told = FALSE;
      pthread_cond_signal (&waiter->cond);
    }
}

/* Lock held, before the kernel is asked. TRUE: it is not to be waited for, there is work. */
static gboolean
end_turn (RmqRealWorld *world, gboolean background)
{
  rmq_real_turn_tell_woken (world);
  return world->posts.head != NULL || world->pending.head != NULL
         || (background && rmq_real_loop_wants_another_owner (world));
}

/* To sleep and be woken costs both sides more than the rest of a send, from another core several
 * times as much. So a turn looks for a moment before it sleeps, and lets others run meanwhile; each
 * look in vain doubles the turns without one. 0: no news, or other work came. */
static int
look_for_news (RmqRealWorld *world, gint64 until_us, gboolean background)
{
  if (world->looks_skipped < world->looks_to_skip)
    {
      world->looks_skipped++;
      return 0;
    }
  world->looks_skipped = 0;
  for (const gint64 end_us = MIN (until_us, rmq_real_now () + LOOK_US); rmq_real_now () < end_us;)
    {
      const int n = epoll_wait (world->epoll_fd, world->ready, RMQ_REAL_TURN_EVENTS_MAX, 0);
      pthread_mutex_lock (&world->lock);
      const gboolean busy = end_turn (world, background);
      pthread_mutex_unlock (&world->lock);
      if (n != 0 || busy)
        {
          world->looks_to_skip = 0;
          return MAX (0, n);
        }
      sched_yield ();
    }
  world->looks_to_skip = CLAMP (2 * world->looks_to_skip, 1, LOOKS_SKIPPED_MAX);
  return 0;
}

static int
sleep_until_news (RmqRealWorld *world, gint64 until_us, gboolean background)
{
  pthread_mutex_lock (&world->lock);
  const gboolean busy = end_turn (world, background);
  world->polling = !busy;
  pthread_mutex_unlock (&world->lock);
  const int n = epoll_until (world, busy ? 0 : until_us);
  if (n < 0 && errno != EINTR)
    g_error ("cannot wait for sockets: %s", g_strerror (errno));
  pthread_mutex_lock (&world->lock);
  world->polling = FALSE;
  pthread_mutex_unlock (&world->lock);
  return MAX (0, n);
}

/* Owner. Waits for news no longer than until_us and tells it. */
void
rmq_real_turn_poll (RmqRealWorld *world, gint64 until_us, gboolean background)
{
  const gint64 wait_until_us = MIN (until_us, rmq_real_turn_next_timer_us (world));
  int n = look_for_news (world, wait_until_us, background);
  if (n == 0)
    n = sleep_until_news (world, wait_until_us, background);
  dispatch_ready (world, (guint)n);
  rmq_real_network_flush (world);
}

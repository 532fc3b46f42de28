/* SPDX-License-Identifier: Apache-2.0 */

/* Who turns the loop of the real world. There is one owner at a time: a caller that waits for its
 * own answer, or the background thread while nobody waits.
 *
 *   free ──caller comes──► caller turns ──done──► free; if others wait, offered to the first
 *    └──1 ms without a caller, or work is due──► background turns ──caller comes──► free, offered
 *
 * So a tight loop of blocking sends never pays a thread hop. A caller that finds the loop taken by
 * another caller posts its start function and waits. Everything here runs under world->lock or as
 * owner; callbacks run as owner without the lock. Plain pthread primitives, since GLib's are
 * invisible to the thread sanitizer. Nothing here may block while it owns the loop, except in
 * epoll. */

#include "rmq-real-private.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long the loop stays free before the background thread takes it. */
#define GRACE_US 1000
#define BACKGROUND_STACK_BYTES (256 * 1024)

/* ---- conditions on the monotonic clock ----------------------------------- */

static void
cond_init (pthread_cond_t *cond)
{
  pthread_condattr_t attributes;
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (cond, &attributes);
  pthread_condattr_destroy (&attributes);
}

static void
cond_wait_until (pthread_cond_t *cond, pthread_mutex_t *lock, gint64 until_us)
{
  if (until_us == G_MAXINT64)
    pthread_cond_wait (cond, lock);
  else
    {
      const struct timespec until = rmq_real_timespec (MAX (0, until_us));
      pthread_cond_timedwait (cond, lock, &until);
    }
}

/* ---- ownership ----------------------------------------------------------- */

static void
set_owner (RmqRealWorld *world, guint64 thread)
{
  __atomic_store_n (&world->owner, thread, __ATOMIC_RELAXED);
}

/* Lock held. TRUE: the caller must write to wake_fd, best after the lock. */
static gboolean
must_interrupt (RmqRealWorld *world)
{
  gboolean polling = world->polling;
  world->polling = FALSE;
  return polling;
}

static void
interrupt (RmqRealWorld *world)
{
  const guint64 one = 1;
  if (write (world->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
    g_error ("cannot wake the loop: %s", g_strerror (errno));
}

gboolean
rmq_real_waiter_is_done (const RmqRealWaiter *waiter, gint64 now_us, RmqWake *wake)
{
  if (waiter->start == RMQ_REAL_START_RUNS)
    return FALSE;
  if (waiter->env != NULL && waiter->env->parent.gone)
    *wake = RMQ_WAKE_HOST_GONE;
  else if (waiter->start == RMQ_REAL_START_WAITS
           || (waiter->env != NULL && waiter->env->parent.paused))
    return FALSE;
  else if (waiter->parker == NULL || waiter->parker->woken)
    *wake = RMQ_WAKE_WOKEN;
  else if (now_us >= waiter->deadline_us)
    *wake = RMQ_WAKE_TIMEOUT;
  else
    return FALSE;
  return TRUE;
}

/* Lock held. (nullable): the first blocked caller that would turn the loop. */
static RmqRealWaiter *
next_turner (RmqRealWorld *world)
{
  for (GList *l = world->waiters.head; l != NULL; l = l->next)
    {
      RmqRealWaiter *waiter = l->data;
      RmqWake wake;
      if (!waiter->idle && !rmq_real_waiter_is_done (waiter, G_MININT64, &wake))
        return waiter;
    }
  return NULL;
}

/* ---- the background thread ----------------------------------------------- */

static void *background_main (void *data);

/* Lock held. Lets the background thread sleep no longer than until at_us. */
static void
wake_background_at (RmqRealWorld *world, gint64 at_us)
{
  world->background_at = at_us;
  if (!world->background_runs)
    {
      world->background_until = 0;
      world->background_runs = rmq_real_thread_start (&world->background, BACKGROUND_STACK_BYTES,
                                                      background_main, world);
      if (!world->background_runs)
        g_warning ("no background thread to be had; the loop turns only while a caller waits");
    }
  else if (world->background_until > at_us)
    {
      world->background_until = at_us;
      pthread_cond_signal (&world->background_cond);
    }
}

/* Lock held, the loop is free. Offered to the first blocked caller, if there is one: whoever comes
 * before it has woken up takes the loop none the less, else two busy callers would pay a hop for
 * each call. */
static void
offer (RmqRealWorld *world)
{
  RmqRealWaiter *next = next_turner (world);
  if (next != NULL)
    {
      world->background_at = G_MAXINT64;
      if (!next->offered)
        pthread_cond_signal (&next->cond);
      next->offered = TRUE;
    }
  else if (world->posts.head != NULL || world->busy)
    wake_background_at (world, 0);
  else
    {
      const gint64 timer_us = rmq_real_turn_next_timer_us (world);
      if (world->n_watches > 0 || timer_us < G_MAXINT64)
        wake_background_at (world, MIN (timer_us, rmq_real_now () + GRACE_US));
    }
}

/* Lock held, by the owner, who is done. */
static void
release (RmqRealWorld *world)
{
  rmq_real_turn_tell_woken (world);
  world->n_releases++;
  set_owner (world, 0);
  offer (world);
}

/* ---- the background thread's life ---------------------------------------- */

/* Lock held. */
gboolean
rmq_real_loop_wants_another_owner (RmqRealWorld *world)
{
  return world->quitting || next_turner (world) != NULL;
}

/* Lock held, loop owned; both again at return. Asynchronous work counts as over when a wait was
 * longer than the grace. */
static void
background_turn (RmqRealWorld *world)
{
  while (!rmq_real_loop_wants_another_owner (world))
    {
      pthread_mutex_unlock (&world->lock);
      rmq_real_turn_run_ready (world);
      const gint64 before_us = rmq_real_now ();
      rmq_real_turn_poll (world, G_MAXINT64, TRUE);
      const gboolean quiet = rmq_real_now () - before_us > GRACE_US;
      pthread_mutex_lock (&world->lock);
      if (quiet && world->posts.head == NULL)
        world->busy = FALSE;
    }
}

/* Lock held. While callers come and go it looks once per grace instead of being woken at each
 * release. */
static void
background_sleep (RmqRealWorld *world, guint64 *releases_seen)
{
  gint64 until_us = world->background_at;
  if (world->owner != 0)
    {
      until_us = world->n_releases != *releases_seen ? rmq_real_now () + GRACE_US : G_MAXINT64;
      world->busy = FALSE;
    }
  *releases_seen = world->n_releases;
  world->background_until = until_us;
  cond_wait_until (&world->background_cond, &world->lock, until_us);
  world->background_until = 0;
}

static void *
background_main (void *data)
{
  RmqRealWorld *world = data;
  const guint64 id = rmq_real_thread_id ();
  guint64 releases_seen = 0;
  pthread_setname_np (pthread_self (), "rmq-loop");
  pthread_mutex_lock (&world->lock);
  while (!world->quitting)
    if (world->owner == 0 && rmq_real_now () >= world->background_at)
      {
        set_owner (world, id);
        background_turn (world);
        release (world);
      }
    else
      background_sleep (world, &releases_seen);
  pthread_mutex_unlock (&world->lock);
  return NULL;
}

/* ---- callers ------------------------------------------------------------- */

/* Owner, without the lock. */
static RmqWake
turn_until_done (RmqRealWorld *world, const RmqRealWaiter *waiter)
{
  RmqWake wake;
  for (;;)
    {
      rmq_real_turn_run_ready (world);
      if (rmq_real_waiter_is_done (waiter, rmq_real_now (), &wake))
        return wake;
      const gboolean paused = waiter->env != NULL && waiter->env->parent.paused;
      rmq_real_turn_poll (world, paused ? G_MAXINT64 : waiter->deadline_us, FALSE);
    }
}

/* Lock held. */
static gboolean
take (RmqRealWorld *world, const RmqRealWaiter *waiter)
{
  if (world->owner != 0 || waiter->idle)
    return FALSE;
  set_owner (world, waiter->thread);
  return TRUE;
}

/* Lock held. TRUE: the loop is the waiter's now; FALSE: it is done. */
static gboolean
block (RmqRealWorld *world, RmqRealWaiter *waiter, RmqWake *wake)
{
  gboolean mine = FALSE;
  gboolean done = FALSE;
  cond_init (&waiter->cond);
  waiter->node.data = waiter;
  waiter->blocked = TRUE;
  g_queue_push_tail_link (&world->waiters, &waiter->node);
  if (must_interrupt (world))
    interrupt (world);
  while (!(done = rmq_real_waiter_is_done (waiter, rmq_real_now (), wake))
         && !(mine = take (world, waiter)))
    {
      waiter->overdue = rmq_real_now () >= waiter->deadline_us;
      cond_wait_until (&waiter->cond, &world->lock,
                       waiter->overdue ? G_MAXINT64 : waiter->deadline_us);
      waiter->offered = FALSE;
    }
  g_queue_unlink (&world->waiters, &waiter->node);
  if (waiter->to_be_told)
    g_queue_unlink (&world->to_be_told, &waiter->told_node);
  waiter->blocked = FALSE;
  pthread_cond_destroy (&waiter->cond);
  if (done && world->owner == 0)
    offer (world); /* it may have been offered to this one */
  return mine;
}

/* Lock held. TRUE: the loop is the waiter's. */
static gboolean
enter (RmqRealWorld *world, RmqRealWaiter *waiter)
{
  const gboolean mine = world->owner == 0;
  waiter->thread = rmq_real_thread_id ();
  waiter->post.env = waiter->env;
  waiter->post.task_id = waiter->thread;
  waiter->post.waiter = waiter;
  waiter->start = RMQ_REAL_START_OVER;
  if (waiter->parker != NULL)
    waiter->parker->waiter = waiter;
  if (waiter->post.func != NULL)
    {
      waiter->start = RMQ_REAL_START_WAITS;
      rmq_real_posts_push (&world->posts, &waiter->post);
    }
  if (mine)
    set_owner (world, waiter->thread);
  return mine;
}

/* Lock held, loop owned by an idle waiter: runs what is ready and gives the loop back. */
static void
serve_once (RmqRealWorld *world)
{
  pthread_mutex_unlock (&world->lock);
  rmq_real_turn_run_ready (world);
  pthread_mutex_lock (&world->lock);
  release (world);
}

RmqWake
rmq_real_loop_wait (RmqRealWorld *world, RmqRealWaiter *waiter)
{
  RmqWake wake = RMQ_WAKE_HOST_GONE;
  if (rmq_real_loop_is_owner (world))
    g_error ("a blocking call was made from inside the dispatch of its own loop");
  pthread_mutex_lock (&world->lock);
  if (waiter->env == NULL || !waiter->env->parent.gone)
    {
      gboolean mine = enter (world, waiter);
      if (mine && waiter->idle)
        {
          serve_once (world);
          mine = FALSE;
        }
      if (mine || block (world, waiter, &wake))
        {
          pthread_mutex_unlock (&world->lock);
          wake = turn_until_done (world, waiter);
          pthread_mutex_lock (&world->lock);
          release (world);
        }
      if (waiter->parker != NULL)
        waiter->parker->waiter = NULL;
    }
  pthread_mutex_unlock (&world->lock);
  return wake;
}

void
rmq_real_loop_run (RmqRealWorld *world, RmqEnvFunc func, gpointer data)
{
  RmqRealWaiter waiter = { .post = { .func = func, .data = data }, .deadline_us = G_MAXINT64 };
  if (rmq_real_loop_is_owner (world))
    func (data);
  else
    rmq_real_loop_wait (world, &waiter);
}

void
rmq_real_loop_wake (RmqParker *parker)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (parker->env);
  g_assert (rmq_real_loop_is_owner (world));
  pthread_mutex_lock (&world->lock);
  parker->woken = TRUE;
  RmqRealWaiter *waiter = parker->waiter;
  if (waiter != NULL && waiter->blocked && !waiter->to_be_told)
    {
      waiter->to_be_told = TRUE;
      waiter->told_node.data = waiter;
      g_queue_push_tail_link (&world->to_be_told, &waiter->told_node);
    }
  pthread_mutex_unlock (&world->lock);
}

void
rmq_real_loop_post (RmqRealWorld *world, RmqRealEnv *env, RmqEnvFunc func, gpointer data)
{
  const gboolean by_owner = rmq_real_loop_is_owner (world);
  gboolean wake = FALSE;
  RmqRealPost *post = g_new0 (RmqRealPost, 1);
  *post = (RmqRealPost){ .env = env, .func = func, .data = data };
  if (by_owner)
    post->cause = rmq_event_log_get_cause (world->parent.log);
  pthread_mutex_lock (&world->lock);
  if (env != NULL && env->parent.gone)
    g_clear_pointer (&post, g_free);
  else
    {
      rmq_real_posts_push (&world->posts, post);
      if (!by_owner)
        {
          world->busy = TRUE;
          wake = must_interrupt (world);
        }
      if (world->owner == 0)
        offer (world);
    }
  pthread_mutex_unlock (&world->lock);
  if (wake)
    interrupt (world);
}

/* ---- hosts --------------------------------------------------------------- */

/* Lock held. */
static void
signal_host (RmqRealEnv *env)
{
  for (GList *l = RMQ_REAL_WORLD (env)->waiters.head; l != NULL; l = l->next)
    {
      RmqRealWaiter *waiter = l->data;
      if (waiter->env == env)
        pthread_cond_signal (&waiter->cond);
    }
}

void
rmq_real_loop_drop_host (RmqRealEnv *env)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  g_assert (rmq_real_loop_is_owner (world));
  pthread_mutex_lock (&world->lock);
  env->parent.gone = TRUE;
  rmq_real_posts_drop_host (&world->posts, env);
  rmq_real_posts_drop_host (&world->batch, env);
  rmq_real_posts_drop_host (&env->held, env);
  signal_host (env);
  pthread_mutex_unlock (&world->lock);
}

void
rmq_real_loop_set_paused (RmqRealEnv *env, gboolean paused)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  g_assert (rmq_real_loop_is_owner (world));
  pthread_mutex_lock (&world->lock);
  env->parent.paused = paused;
  if (!paused)
    {
      /* What waited goes before what was posted since. */
      rmq_real_posts_append (&env->held, &world->posts);
      world->posts = env->held;
      env->held = (RmqRealPosts){ 0 };
      signal_host (env);
    }
  pthread_mutex_unlock (&world->lock);
}

/* ---- begin and end ------------------------------------------------------- */

void
rmq_real_loop_init (RmqRealWorld *world)
{
  world->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  world->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  /* Edge-triggered: each write is one wake-up and nobody needs to read it back. */
  struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };
  if (world->epoll_fd < 0 || world->wake_fd < 0
      || epoll_ctl (world->epoll_fd, EPOLL_CTL_ADD, world->wake_fd, &event) != 0)
    g_error ("cannot make a loop: %s", g_strerror (errno));
  pthread_mutex_init (&world->lock, NULL);
  cond_init (&world->background_cond);
  world->background_at = G_MAXINT64;
  g_queue_init (&world->waiters);
  g_queue_init (&world->to_be_told);
  g_queue_init (&world->dirty);
  g_queue_init (&world->pending);
}

void
rmq_real_loop_clear (RmqRealWorld *world)
{
  if (rmq_real_loop_is_owner (world))
    g_error ("the last reference to a world was dropped from inside its own dispatch");
  pthread_mutex_lock (&world->lock);
  g_assert (world->waiters.length == 0 && world->to_be_told.length == 0);
  world->quitting = TRUE;
  const gboolean runs = world->background_runs;
  if (must_interrupt (world))
    interrupt (world);
  pthread_cond_signal (&world->background_cond);
  pthread_mutex_unlock (&world->lock);
  if (runs)
    pthread_join (world->background, NULL);
  for (RmqRealPost *post = rmq_real_posts_pop (&world->posts); post != NULL;
       post = rmq_real_posts_pop (&world->posts))
    g_free (post);
  pthread_cond_destroy (&world->background_cond);
  pthread_mutex_destroy (&world->lock);
  close (world->wake_fd);
  close (world->epoll_fd);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Who turns the loop of the real world. There is one owner at a time: a caller that waits for its
 * own answer, or the background thread while nobody waits.
 *
 *      free ──caller comes──► caller turns ──done, others wait──► hands over to the first of them
 *       ▲                        │                                (it waited on its own condition)
 *       └──────────done, nobody waits
 *       │
 *       └──1 ms without a caller, or work is due──► background turns ──caller comes──► hands over
 *
 * So a tight loop of blocking sends never pays a thread hop. A caller that finds the loop taken by
 * another caller posts its start function and waits. Everything here runs under world->lock or as
 * owner; callbacks run as owner without the lock. Plain pthread primitives, since GLib's are
 * invisible to the thread sanitizer. Nothing here may block while it owns the loop, except in
 * epoll. */

#define G_LOG_DOMAIN "rmq-env"

#include "rmq-real-private.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* How long the loop stays free before the background thread takes it. */
#define GRACE_US 1000
#define BACKGROUND_STACK_BYTES (256 * 1024)
/* Timers one turn may run before the sockets get their share. */
#define TURN_TIMERS_MAX 1024

static _Thread_local guint64 this_thread_id;
static guint64 last_thread_id;

guint64
rmq_real_thread_id (void)
{
  if (this_thread_id == 0)
    this_thread_id = __atomic_add_fetch (&last_thread_id, 1, __ATOMIC_RELAXED);
  return this_thread_id;
}

gint64
rmq_real_now (void)
{
  struct timespec ts;
  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (gint64)ts.tv_sec * G_USEC_PER_SEC + ts.tv_nsec / 1000;
}

static struct timespec
to_timespec (gint64 us)
{
  return (struct timespec){ .tv_sec = us / G_USEC_PER_SEC, .tv_nsec = us % G_USEC_PER_SEC * 1000 };
}

/* ---- conditions on the monotonic clock --------------------------------------------- */

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
      const struct timespec until = to_timespec (MAX (0, until_us));
      pthread_cond_timedwait (cond, lock, &until);
    }
}

/* ---- ownership --------------------------------------------------------------------- */

static void
set_owner (RmqRealWorld *world, guint64 thread)
{
  __atomic_store_n (&world->owner, thread, __ATOMIC_RELAXED);
}

gboolean
rmq_real_loop_is_owner (RmqRealWorld *world)
{
  return __atomic_load_n (&world->owner, __ATOMIC_RELAXED) == rmq_real_thread_id ();
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

/* Lock held, or the waiter turns the loop. */
static gboolean
is_done (const RmqRealWaiter *waiter, gint64 now_us, RmqWake *wake)
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
      if (!waiter->idle && !is_done (waiter, G_MININT64, &wake))
        return waiter;
    }
  return NULL;
}

/* ---- posts ------------------------------------------------------------------------- */

static void
posts_push (RmqRealPosts *posts, RmqRealPost *post)
{
  post->next = NULL;
  if (posts->tail != NULL)
    posts->tail->next = post;
  else
    posts->head = post;
  posts->tail = post;
}

static RmqRealPost *
posts_pop (RmqRealPosts *posts)
{
  RmqRealPost *post = posts->head;
  if (post != NULL && (posts->head = post->next) == NULL)
    posts->tail = NULL;
  return post;
}

static void
posts_append (RmqRealPosts *posts, RmqRealPosts *others)
{
  for (RmqRealPost *post = posts_pop (others); post != NULL; post = posts_pop (others))
    posts_push (posts, post);
}

/* Lock held. */
static void
posts_drop_host (RmqRealPosts *posts, RmqRealEnv *env)
{
  RmqRealPosts kept = { 0 };
  for (RmqRealPost *post = posts_pop (posts); post != NULL; post = posts_pop (posts))
    if (post->env != env)
      posts_push (&kept, post);
    else if (post->waiter != NULL)
      post->waiter->start = RMQ_REAL_START_OVER;
    else
      g_free (post);
  *posts = kept;
}

/* ---- the background thread --------------------------------------------------------- */

static gint64
next_timer_us (RmqRealWorld *world)
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

/* Lock held, by the owner, who is done. */
static void
release (RmqRealWorld *world)
{
  RmqRealWaiter *next = next_turner (world);
  world->n_releases++;
  if (next != NULL)
    {
      set_owner (world, next->thread);
      pthread_cond_signal (&next->cond);
      return;
    }
  set_owner (world, 0);
  if (world->posts.head != NULL || world->busy)
    wake_background_at (world, 0);
  else
    {
      const gint64 timer_us = next_timer_us (world);
      if (world->n_watches > 0 || timer_us < G_MAXINT64)
        wake_background_at (world, MIN (timer_us, rmq_real_now () + GRACE_US));
    }
}

/* ---- one turn ---------------------------------------------------------------------- */

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
      if (waiter->overdue || is_done (waiter, G_MININT64, &wake))
        pthread_cond_signal (&waiter->cond);
      pthread_mutex_unlock (&world->lock);
    }
}

static void
run_post (RmqRealWorld *world, RmqRealPost *post)
{
  if (post->env != NULL && post->env->parent.paused)
    {
      posts_push (&post->env->held, post);
      return;
    }
  rmq_event_log_begin_moment (world->parent.log, post->cause);
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
  for (RmqRealPost *post = posts_pop (&world->batch); post != NULL;
       post = posts_pop (&world->batch))
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
      rmq_event_log_begin_moment (world->parent.log, timer->cause);
      timer->func (timer->data);
    }
}

/* Owner. Everything that can be done without asking the kernel for news. */
static void
run_ready (RmqRealWorld *world)
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
  const struct timespec left = to_timespec (left_us);
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

/* Owner. Waits for news no longer than until_us and tells it. */
static void
poll_once (RmqRealWorld *world, gint64 until_us, gboolean background)
{
  const gint64 wait_until_us = MIN (until_us, next_timer_us (world));
  pthread_mutex_lock (&world->lock);
  const gboolean busy = world->posts.head != NULL || world->pending.head != NULL
                        || (background && (world->quitting || next_turner (world) != NULL));
  world->polling = !busy;
  pthread_mutex_unlock (&world->lock);

  const int n = epoll_until (world, busy ? 0 : wait_until_us);
  if (n < 0 && errno != EINTR)
    g_error ("cannot wait for sockets: %s", g_strerror (errno));

  pthread_mutex_lock (&world->lock);
  world->polling = FALSE;
  pthread_mutex_unlock (&world->lock);
  if (n > 0)
    dispatch_ready (world, (guint)n);
  rmq_real_network_flush (world);
}

/* ---- the background thread's life -------------------------------------------------- */

/* Lock held. */
static gboolean
background_is_wanted_elsewhere (RmqRealWorld *world)
{
  return world->quitting || next_turner (world) != NULL;
}

/* Lock held, loop owned; both again at return. Asynchronous work counts as over when a wait was
 * longer than the grace. */
static void
background_turn (RmqRealWorld *world)
{
  while (!background_is_wanted_elsewhere (world))
    {
      pthread_mutex_unlock (&world->lock);
      run_ready (world);
      const gint64 before_us = rmq_real_now ();
      poll_once (world, G_MAXINT64, TRUE);
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

/* ---- callers ----------------------------------------------------------------------- */

/* Owner, without the lock. */
static RmqWake
turn_until_done (RmqRealWorld *world, const RmqRealWaiter *waiter)
{
  RmqWake wake;
  for (;;)
    {
      run_ready (world);
      if (is_done (waiter, rmq_real_now (), &wake))
        return wake;
      const gboolean paused = waiter->env != NULL && waiter->env->parent.paused;
      poll_once (world, paused ? G_MAXINT64 : waiter->deadline_us, FALSE);
    }
}

/* Lock held. TRUE: the loop was handed to this waiter; FALSE: done. */
static gboolean
block (RmqRealWorld *world, RmqRealWaiter *waiter, RmqWake *wake)
{
  gboolean handed = FALSE;
  cond_init (&waiter->cond);
  waiter->blocked = TRUE;
  waiter->node.data = waiter;
  g_queue_push_tail_link (&world->waiters, &waiter->node);
  if (must_interrupt (world))
    interrupt (world);
  while (!(handed = world->owner == waiter->thread) && !is_done (waiter, rmq_real_now (), wake))
    {
      waiter->overdue = rmq_real_now () >= waiter->deadline_us;
      cond_wait_until (&waiter->cond, &world->lock,
                       waiter->overdue ? G_MAXINT64 : waiter->deadline_us);
    }
  g_queue_unlink (&world->waiters, &waiter->node);
  waiter->blocked = FALSE;
  pthread_cond_destroy (&waiter->cond);
  return handed;
}

/* Lock held. TRUE: the loop is the waiter's. */
static gboolean
enter (RmqRealWorld *world, RmqRealWaiter *waiter)
{
  const gboolean free_loop = world->owner == 0;
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
      posts_push (&world->posts, &waiter->post);
    }
  if (free_loop)
    set_owner (world, waiter->thread);
  return free_loop;
}

/* Lock held, loop owned by an idle waiter: runs what is ready and gives the loop back. */
static void
serve_once (RmqRealWorld *world)
{
  pthread_mutex_unlock (&world->lock);
  run_ready (world);
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
  if (waiter != NULL && waiter->blocked)
    pthread_cond_signal (&waiter->cond);
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
      posts_push (&world->posts, post);
      if (!by_owner)
        {
          world->busy = TRUE;
          wake = must_interrupt (world);
        }
      if (world->owner == 0)
        wake_background_at (world, 0);
    }
  pthread_mutex_unlock (&world->lock);
  if (wake)
    interrupt (world);
}

/* ---- hosts ------------------------------------------------------------------------- */

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
  posts_drop_host (&world->posts, env);
  posts_drop_host (&world->batch, env);
  posts_drop_host (&env->held, env);
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
      posts_append (&env->held, &world->posts);
      world->posts = env->held;
      env->held = (RmqRealPosts){ 0 };
      signal_host (env);
    }
  pthread_mutex_unlock (&world->lock);
}

/* ---- begin and end ----------------------------------------------------------------- */

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
  g_queue_init (&world->dirty);
  g_queue_init (&world->pending);
}

void
rmq_real_loop_clear (RmqRealWorld *world)
{
  if (rmq_real_loop_is_owner (world))
    g_error ("the last reference to a world was dropped from inside its own dispatch");
  pthread_mutex_lock (&world->lock);
  g_assert (world->waiters.length == 0);
  world->quitting = TRUE;
  const gboolean runs = world->background_runs;
  if (must_interrupt (world))
    interrupt (world);
  pthread_cond_signal (&world->background_cond);
  pthread_mutex_unlock (&world->lock);
  if (runs)
    pthread_join (world->background, NULL);
  for (RmqRealPost *post = posts_pop (&world->posts); post != NULL;
       post = posts_pop (&world->posts))
    g_free (post);
  pthread_cond_destroy (&world->background_cond);
  pthread_mutex_destroy (&world->lock);
  close (world->wake_fd);
  close (world->epoll_fd);
}

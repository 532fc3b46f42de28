/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "rmq-env-private.h"
#include "rmq-real-world.h"

/* The real side of the seam, as its own files see it: loop (who turns it), network, task, world.
 * Fields say who may touch them: "lock" = any thread that holds world->lock, "owner" = whoever owns
 * the loop. */

typedef struct _RmqRealWorld RmqRealWorld;
typedef struct _RmqRealEnv RmqRealEnv;
typedef struct _RmqRealWaiter RmqRealWaiter;
typedef struct _RmqRealWatch RmqRealWatch;

/* ---- loop ---------------------------------------------------------------- */

/* Something to run as owner. Embedded in the waiter whose start function it is, else allocated. */
typedef struct _RmqRealPost RmqRealPost;
struct _RmqRealPost
{
  RmqRealPost *next;
  RmqRealEnv *env; /* (nullable): belongs to the world, no kill drops it */
  RmqEnvFunc func;
  gpointer data;
  guint64 task_id;       /* whose identity it runs under, 0 = the owner's */
  guint64 cause;         /* event that was current when it was posted */
  RmqRealWaiter *waiter; /* (nullable): embedded in it */
};

typedef struct
{
  RmqRealPost *head;
  RmqRealPost *tail;
} RmqRealPosts;

typedef enum
{
  RMQ_REAL_START_WAITS,
  RMQ_REAL_START_RUNS,
  RMQ_REAL_START_OVER, /* has run, was dropped, or there is none */
} RmqRealStart;

/* A thread inside rmq_env_call(): on its stack. */
struct _RmqRealWaiter
{
  RmqRealPost post;
  RmqRealEnv *env;    /* (nullable): waits for the world, not for a host */
  RmqParker *parker;  /* (nullable): done as soon as start has run */
  gint64 deadline_us; /* G_MAXINT64: none */
  gboolean idle;      /* never turns the loop */
  /* lock: */
  guint64 thread;
  RmqRealStart start;
  gboolean overdue; /* the deadline passed before start had run */
  gboolean blocked; /* cond and node are valid */
  gboolean offered; /* told that the loop is free, not awake yet */
  gboolean to_be_told;
  GList told_node; /* in world->to_be_told */
  pthread_cond_t cond;
  GList node; /* in world->waiters */
};

/* One file descriptor behind the world's epoll. Embedded in links and listeners. */
typedef struct
{
  void (*ready) (RmqRealWatch *watch, guint32 events);
  void (*resumed) (RmqRealWatch *watch); /* (nullable) */
  void (*host_gone) (RmqRealWatch *watch, RmqCloseHow how);
} RmqRealWatchOps;

struct _RmqRealWatch
{
  const RmqRealWatchOps *ops;
  RmqRealEnv *env; /* NULL: inert, its host is gone */
  int fd;          /* -1: none */
  guint32 wanted;  /* epoll events; 0 = out of epoll, EPOLLERR = errors only */
  guint32 armed;   /* what epoll knows */
  GList node;      /* in env->watches */
};

#define RMQ_REAL_TURN_EVENTS_MAX 64

struct _RmqRealWorld
{
  RmqWorld parent;
  int epoll_fd;
  int wake_fd;

  pthread_mutex_t lock;
  /* lock: */
  guint64
      owner; /* thread that owns the loop, 0 = free; atomic, so that a thread may ask for itself */
  gboolean polling; /* the owner is blocked or about to be */
  RmqRealPosts posts;
  GQueue waiters;    /* of RmqRealWaiter: blocked ones, in order of arrival */
  GQueue to_be_told; /* of RmqRealWaiter: woken, told when the turn's writes have left */
  pthread_t background;
  pthread_cond_t background_cond;
  gboolean background_runs;
  gint64 background_at;    /* it takes the loop then, if it is still free */
  gint64 background_until; /* it sleeps until then; 0 = it is awake */
  guint64 n_releases;
  gboolean busy; /* asynchronous work was posted lately: no grace */
  gboolean quitting;

  /* owner: */
  GPtrArray *envs; /* of RmqRealEnv, not owned */
  gint64 now_us;   /* its time: goes on with each moment and each call to a socket */
  RmqRealPosts batch;
  guint64 borrowed_id; /* whose start function runs, 0 = the owner's own */
  gpointer current;    /* link or listener whose callback runs; NULL once it is closed */
  struct epoll_event ready[RMQ_REAL_TURN_EVENTS_MAX]; /* data.ptr NULL: the wake-up, or detached */
  guint n_ready;
  guint looks_to_skip; /* turns that sleep at once, since the last look was in vain */
  guint looks_skipped;
  guint n_watches;
  GQueue dirty;        /* of RmqRealLink: wrote since the last flush */
  GQueue pending;      /* of RmqRealLink: have an event to tell */
  GPtrArray *reserved; /* of RmqRealReserved: ports of dead hosts */
  guint8 *spare_block; /* (nullable): of an outbox */
};

struct _RmqRealEnv
{
  RmqEnv parent;
  guint64 seed;
  /* lock: */
  guint n_tasks;
  /* owner: */
  RmqTimerHeap timers;
  RmqRealPosts held;  /* posted while paused */
  GQueue watches;     /* of RmqRealWatch */
  RmqParker *drained; /* (nullable): woken when the last task has ended */
};

#define RMQ_REAL_WORLD(env) ((RmqRealWorld *)((RmqRealEnv *)(env))->parent.world)

gint64 rmq_real_now (void);
struct timespec rmq_real_timespec (gint64 us);

/* Asked for again and again, since everything asserts who owns the loop. */
extern _Thread_local guint64 rmq_real_this_thread; /* 0: has no number yet */
guint64 rmq_real_number_thread (void);

static inline guint64
rmq_real_thread_id (void)
{
  return rmq_real_this_thread != 0 ? rmq_real_this_thread : rmq_real_number_thread ();
}

void rmq_real_loop_init (RmqRealWorld *world);
void rmq_real_loop_clear (RmqRealWorld *world);
static inline gboolean
rmq_real_loop_is_owner (RmqRealWorld *world)
{
  return __atomic_load_n (&world->owner, __ATOMIC_RELAXED) == rmq_real_thread_id ();
}
/* Runs waiter->post.func as owner, then waits; aborts when called by the owner. */
RmqWake rmq_real_loop_wait (RmqRealWorld *world, RmqRealWaiter *waiter);
/* Runs func as owner and returns then: at once if the caller is the owner. */
void rmq_real_loop_run (RmqRealWorld *world, RmqEnvFunc func, gpointer data);
/* env (nullable): not bound to a host. Any thread. */
void rmq_real_loop_post (RmqRealWorld *world, RmqRealEnv *env, RmqEnvFunc func, gpointer data);
void rmq_real_loop_wake (RmqParker *parker);
/* The loop's share of kill, pause and resume. Owner. */
void rmq_real_loop_drop_host (RmqRealEnv *env);
void rmq_real_loop_set_paused (RmqRealEnv *env, gboolean paused);
/* Lock held: a caller waits for the loop, or its end has come. The background thread yields to
 * both. */
gboolean rmq_real_loop_wants_another_owner (RmqRealWorld *world);
/* Lock held, or the waiter turns the loop. G_MININT64: whatever its deadline. */
gboolean rmq_real_waiter_is_done (const RmqRealWaiter *waiter, gint64 now_us, RmqWake *wake);

/* ---- one turn: owner, without the lock ----------------------------------- */

void rmq_real_posts_push (RmqRealPosts *posts, RmqRealPost *post);
RmqRealPost *rmq_real_posts_pop (RmqRealPosts *posts); /* (nullable) */
void rmq_real_posts_append (RmqRealPosts *posts, RmqRealPosts *others);
void rmq_real_posts_drop_host (RmqRealPosts *posts, RmqRealEnv *env); /* lock held */
void rmq_real_turn_begin_moment (RmqRealWorld *world, guint64 cause);
/* Everything that can be done without asking the kernel for news. */
void rmq_real_turn_run_ready (RmqRealWorld *world);
/* Waits for news no longer than until_us, and tells it. */
void rmq_real_turn_poll (RmqRealWorld *world, gint64 until_us, gboolean background);
void rmq_real_turn_tell_woken (RmqRealWorld *world);      /* lock held */
gint64 rmq_real_turn_next_timer_us (RmqRealWorld *world); /* G_MAXINT64: none */

/* ---- network ------------------------------------------------------------- */

void rmq_real_watch_init (RmqRealWatch *watch, const RmqRealWatchOps *ops, RmqRealEnv *env, int fd);
/* Tells epoll what is wanted, unless the host is paused. */
void rmq_real_watch_want (RmqRealWatch *watch, guint32 wanted);
void rmq_real_watch_sync (RmqRealWatch *watch);
/* Leaves epoll and the host; the caller closes the returned descriptor (-1: none). */
int rmq_real_watch_detach (RmqRealWatch *watch);

/* Addresses as text. numeric FALSE: names a host, ask rmq_real_address_resolve(), which may block.
 */
typedef struct
{
  struct sockaddr_storage storage;
  socklen_t size;
} RmqRealAddress;
typedef enum
{
  RMQ_REAL_ADDRESS_BAD,
  RMQ_REAL_ADDRESS_NUMERIC,
  RMQ_REAL_ADDRESS_NAME,
} RmqRealAddressKind;
RmqRealAddressKind rmq_real_address_parse (const char *text, RmqRealAddress *out);
gboolean rmq_real_address_resolve (const char *text, RmqRealAddress *out);
char *rmq_real_address_format (const RmqRealAddress *address); /* (transfer full) */
char *rmq_real_address_of_socket (int fd, gboolean peer);      /* (transfer full), never NULL */

RmqListener *rmq_real_listen (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data,
                              GError **error);
const char *rmq_real_listener_address (RmqListener *listener);
void rmq_real_listener_set_accepting (RmqListener *listener, gboolean accepting);
void rmq_real_listener_set_ignoring (RmqListener *listener, gboolean ignoring);
void rmq_real_listener_close (RmqListener *listener);
void rmq_real_reserved_free (gpointer reserved);

RmqLink *rmq_real_connect (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                           gpointer data);
RmqLink *rmq_real_link_new_accepted (RmqRealEnv *env, int fd);
void rmq_real_link_set_func (RmqLink *link, RmqLinkFunc func, gpointer data);
gsize rmq_real_link_read (RmqLink *link, guint8 *buffer, gsize size);
gboolean rmq_real_link_write (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body);
gsize rmq_real_link_outbox_size (RmqLink *link);
void rmq_real_link_shutdown_write (RmqLink *link);
void rmq_real_link_set_reading (RmqLink *link, gboolean on);
void rmq_real_link_close (RmqLink *link, RmqCloseHow how);
const char *rmq_real_link_local_address (RmqLink *link);
const char *rmq_real_link_peer_address (RmqLink *link);
/* Events that were found outside of a callback, and the writes of this turn. Owner. */
void rmq_real_network_tell_pending (RmqRealWorld *world);
void rmq_real_network_flush (RmqRealWorld *world);

/* ---- outbox: bytes on their way to one socket
 * ----------------------------------------------------- */

typedef struct
{
  GArray *chunks; /* (nullable) of private chunks, from first on */
  guint first;
  gsize size; /* bytes that wait */
} RmqRealOutbox;

typedef enum
{
  RMQ_REAL_FLUSH_ALL,
  RMQ_REAL_FLUSH_BLOCKED,
  RMQ_REAL_FLUSH_BROKEN,
} RmqRealFlush;

void rmq_real_outbox_clear (RmqRealOutbox *outbox, guint8 **spare_block);
void rmq_real_outbox_add (RmqRealOutbox *outbox, const guint8 *data, gsize size,
                          guint8 **spare_block);
void rmq_real_outbox_add_body (RmqRealOutbox *outbox, GBytes *body, guint8 **spare_block);
RmqRealFlush rmq_real_outbox_flush (RmqRealOutbox *outbox, int fd, guint8 **spare_block);

/* ---- tasks and host
 * ------------------------------------------------------------------------------- */

void rmq_real_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data);
guint rmq_real_task_count (RmqRealEnv *env); /* that have not ended */
/* pthread_create() with a stack of its own size; 0: the default. FALSE: no thread to be had. */
gboolean rmq_real_thread_start (pthread_t *thread, gsize stack_size, void *(*func) (void *),
                                void *data);
char *rmq_real_host_find_address (void); /* (transfer full) (nullable) */

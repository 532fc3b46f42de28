/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-event.h"
#include "rmq-random.h"
#include "rmq-timer-heap.h"

G_BEGIN_DECLS

/* RmqEnv: one host's view of the world. Time, chance, network, tasks and the host's identity come
 * in through it and nothing else does. Two sides implement it: the real world (epoll, threads) and
 * the simulated one (one heap, fibers). Unless said otherwise a function may be called by the owner
 * of the host's loop only: from a callback that the env made, or inside rmq_env_call()'s start
 * function. After rmq_env_kill() every call is inert: timers never fire, links never speak, parks
 * return RMQ_WAKE_HOST_GONE. */

typedef struct _RmqWorld RmqWorld;
typedef struct _RmqEnv RmqEnv;
typedef struct _RmqLink RmqLink;
typedef struct _RmqListener RmqListener;

typedef void (*RmqEnvFunc) (gpointer data);

/* ---- clock --------------------------------------------------------------- */

gint64 rmq_env_now (RmqEnv *env);  /* monotonic, µs; any thread */
gint64 rmq_env_wall (RmqEnv *env); /* since 1970, ms; may jump; any thread */
/* To its owner, time stands still while a post, a timer or a link's event is dealt with; in the
 * real world it goes on with each read and write of a socket, and when this is called: after user
 * code, which may take its time. */
void rmq_env_tick (RmqEnv *env);

/* One-shot timer, embedded in its owner, zero-initialised before first use. Starting an armed timer
 * moves it. It is disarmed before func runs; stopping a disarmed one does nothing. Must be stopped
 * before its memory goes. */
void rmq_env_timer_start (RmqEnv *env, RmqTimer *timer, gint64 at_us, RmqEnvFunc func,
                          gpointer data);
void rmq_env_timer_stop (RmqEnv *env, RmqTimer *timer);

/* ---- chance -------------------------------------------------------------- */

/* Fills *out with the stream of this host and concern: same seed, host and name, same numbers. */
void rmq_env_random_stream (RmqEnv *env, const char *name, RmqRandom *out);

/* ---- network: bytes, never frames ---------------------------------------- */

typedef enum
{
  RMQ_LINK_CONNECTED,       /* first event of a link made by connect */
  RMQ_LINK_REFUSED,         /* last event: nobody listens there */
  RMQ_LINK_CONNECT_TIMEOUT, /* last event: no answer within the connect timeout */
  RMQ_LINK_READABLE,        /* bytes wait; read until rmq_link_read() returns 0 */
  RMQ_LINK_WRITABLE,        /* the outbox fell below its high-water mark again */
  RMQ_LINK_FIN,             /* the peer will send no more; writing may still work */
  RMQ_LINK_RESET,           /* last event: connection broken, unread and unwritten bytes are lost */
} RmqLinkEvent;

typedef enum
{
  RMQ_CLOSE_FIN, /* what close(2) does: pending bytes leave, then FIN; RST if unread bytes wait */
  RMQ_CLOSE_RST,
} RmqCloseHow;

typedef void (*RmqLinkFunc) (RmqLink *link, RmqLinkEvent event, gpointer data);
typedef void (*RmqAcceptFunc) (RmqListener *listener, RmqLink *link, gpointer data);

/* The outbox of a link: above HIGH_WATER the writer should wait for WRITABLE, above MAX writing
 * fails. */
#define RMQ_LINK_OUTBOX_HIGH_WATER_BYTES (1u << 20)
#define RMQ_LINK_OUTBOX_MAX_BYTES (64u << 20)

/* "host:port"; port 0 takes a free one. A listener outlives nothing: closed with its host. */
RmqListener *rmq_env_listen (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data,
                             GError **error);
const char *rmq_listener_get_address (RmqListener *listener);
/* FALSE: connects are refused while the port stays ours; TRUE: accepts again. */
void rmq_listener_set_accepting (RmqListener *listener, gboolean accepting);
/* TRUE: connects stay without answer, they neither complete nor fail by themselves; FALSE: accepts
 * again. */
void rmq_listener_set_ignoring (RmqListener *listener, gboolean ignoring);
void rmq_listener_close (RmqListener *listener); /* nullable */

/* Never NULL: a failure arrives as an event, never inside the call. The caller owns the link until
 * it calls rmq_link_close(), also after a last event. */
RmqLink *rmq_env_connect (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                          gpointer data);
void rmq_link_set_func (RmqLink *link, RmqLinkFunc func, gpointer data); /* for accepted links */
gsize rmq_link_read (RmqLink *link, guint8 *buffer, gsize size);
/* Copies head, refs body (nullable); both leave in order, coalesced. FALSE: outbox over MAX, or
 * dead. */
gboolean rmq_link_write (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body);
gsize rmq_link_get_outbox_size (RmqLink *link);
void rmq_link_shutdown_write (RmqLink *link);
void rmq_link_set_reading (RmqLink *link, gboolean on);
void rmq_link_close (RmqLink *link, RmqCloseHow how); /* nullable; frees it, no event comes after */
const char *rmq_link_get_local_address (RmqLink *link);
const char *rmq_link_get_peer_address (RmqLink *link);

/* ---- tasks --------------------------------------------------------------- */

typedef enum
{
  RMQ_WAKE_WOKEN,
  RMQ_WAKE_TIMEOUT,
  RMQ_WAKE_HOST_GONE,
} RmqWake;

/* What a waiting task waits on; embedded, lives on the waiter's stack. Woken once, then spent. */
typedef struct
{
  RmqEnv *env;
  gpointer waiter; /* the world's own record of who waits */
  gboolean woken;
} RmqParker;

void rmq_parker_init (RmqParker *parker, RmqEnv *env);
/* Owner; idempotent. The last thing to do with what belongs to the waiter, who may run before this
 * returns. */
void rmq_parker_wake (RmqParker *parker);

/* Runs start (nullable) as owner of the loop, then waits until the parker is woken or deadline_us
 * is reached (G_MAXINT64: none). Called from any task or application thread, never from inside env
 * dispatch (then it aborts: ask rmq_env_in_dispatch()). The real world lends the loop to the
 * caller. */
RmqWake rmq_env_call (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                      gint64 deadline_us);
/* As rmq_env_call(), for tasks that wait for work: the real world doesn't make them turn the loop.
 */
RmqWake rmq_env_park_idle (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                           gint64 deadline_us);
/* FALSE: the host is gone. */
gboolean rmq_env_sleep_until (RmqEnv *env, gint64 at_us);

typedef struct _RmqTask RmqTask;
/* A thread in the real world, a fiber in the simulated one. Any thread. done (nullable) runs as
 * owner. */
void rmq_env_task (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data);
/* Identity of the running task or application thread, never 0: the key for what Java keeps in a
 * ThreadLocal. Inside rmq_env_call()'s start function: the caller's. */
guint64 rmq_env_task_id (RmqEnv *env);
/* Runs func as owner, soon, in order of posting. Any thread. */
void rmq_env_post (RmqEnv *env, RmqEnvFunc func, gpointer data);
gboolean rmq_env_is_owner (RmqEnv *env);
gboolean rmq_env_in_dispatch (RmqEnv *env);

/* ---- host ---------------------------------------------------------------- */

typedef struct
{
  const char *name;
  const char *address; /* IP, without port */
  gint pid;
  guint cpus;
  gint utc_offset_s;
  const char *const *variables; /* (nullable): "NAME=value", NULL-terminated */
} RmqHostSpec;

const char *rmq_env_get_host_name (RmqEnv *env);
const char *rmq_env_get_host_address (RmqEnv *env); /* (nullable): no usable local address */
gint rmq_env_get_pid (RmqEnv *env);
guint rmq_env_get_cpus (RmqEnv *env);
gint rmq_env_get_utc_offset_s (RmqEnv *env);
const char *rmq_env_get_variable (RmqEnv *env, const char *name); /* (nullable) */
gboolean rmq_env_is_gone (RmqEnv *env);
gboolean rmq_env_is_paused (RmqEnv *env);

/* What happens to a process from outside; for whoever scripts the world. Killed: what a kernel does
 * for a dead process. Paused: the kernel accepts and buffers, nothing runs, due timers wait for
 * resume. */
void rmq_env_kill (RmqEnv *env, RmqCloseHow how);
void rmq_env_pause (RmqEnv *env);
void rmq_env_resume (RmqEnv *env);

/* ---- lookup: name server addresses over HTTP
 * ----------------------------------------------------- */

/* body (nullable): NULL with error set. Runs as owner, never inside the call. */
typedef void (*RmqLookupDone) (const char *body, const GError *error, gpointer data);
typedef void (*RmqLookupFunc) (RmqEnv *env, const char *url, gint64 timeout_us, RmqLookupDone done,
                               gpointer done_data, gpointer data);
void rmq_env_set_lookup (RmqEnv *env, RmqLookupFunc func, gpointer data);
gboolean rmq_env_lookup (RmqEnv *env, const char *url, gint64 timeout_us, RmqLookupDone done,
                         gpointer done_data); /* FALSE: this env has no lookup */

/* ---- observing ----------------------------------------------------------- */

RmqEventLog *rmq_env_get_log (RmqEnv *env);
/* Records an event of this host; its cause is the log's current one. Returns its id. */
guint64 rmq_env_emit (RmqEnv *env, const RmqEventKind *kind, const char *text, const gint64 *fields,
                      guint n_fields);
#define RMQ_EMIT(env, kind, text, ...)                                                             \
  rmq_env_emit ((env), (kind), (text), (const gint64[]){ __VA_ARGS__ },                            \
                sizeof ((const gint64[]){ __VA_ARGS__ }) / sizeof (gint64))

/* ---- lifetime ------------------------------------------------------------ */

/* A host of the world. The world lives as long as one of its envs. */
RmqEnv *rmq_world_add_host (RmqWorld *world, const RmqHostSpec *spec);
RmqEnv *rmq_env_ref (RmqEnv *env);
void rmq_env_unref (RmqEnv *env);
RmqWorld *rmq_env_get_world (RmqEnv *env);
RmqWorld *rmq_world_ref (RmqWorld *world);
void rmq_world_unref (RmqWorld *world);
RmqEventLog *rmq_world_get_log (RmqWorld *world);
gboolean rmq_world_is_simulated (RmqWorld *world);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqEnv, rmq_env_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqWorld, rmq_world_unref)

G_END_DECLS

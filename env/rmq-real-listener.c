/* SPDX-License-Identifier: Apache-2.0 */

/* Listening sockets of the real world. A port once taken stays ours: to refuse connects a
 * listener's socket is shut down, which leaves it bound, and when its host is killed the socket
 * goes to world->reserved, until a new host listens on the same address. Owner of the loop only; a
 * dead listener may be closed anywhere. */

#include "rmq-real-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024
/* Connections one turn accepts before the others get their share. */
#define TURN_ACCEPTS_MAX 64
/* After running out of descriptors. */
#define ACCEPT_RETRY_US (100 * 1000)

typedef struct
{
  RmqListener parent;
  RmqRealWatch watch;
  RmqAcceptFunc func;
  gpointer data;
  char *address;
  gboolean accepting;
  int filler;           /* our own connection that fills the accept queue; -1: none does */
  char *filler_address; /* (nullable): its end that we may still have to accept */
  RmqTimer retry;
} RmqRealListener;

typedef struct
{
  char *address;
  int fd;
} Reserved;

static inline RmqRealListener *
listener_of (RmqRealWatch *watch)
{
  return (RmqRealListener *)(void *)((char *)watch - G_STRUCT_OFFSET (RmqRealListener, watch));
}

void
rmq_real_reserved_free (gpointer data)
{
  Reserved *reserved = data;
  close (reserved->fd);
  g_free (reserved->address);
  g_free (reserved);
}

/* -1: nobody left this address behind. */
static int
take_reserved (RmqRealWorld *world, const char *address)
{
  for (guint i = 0; i < world->reserved->len; i++)
    {
      Reserved *reserved = g_ptr_array_index (world->reserved, i);
      if (g_str_equal (reserved->address, address))
        {
          const int fd = reserved->fd;
          g_free (reserved->address);
          g_free (g_ptr_array_steal_index (world->reserved, i));
          return fd;
        }
    }
  return -1;
}

/* ---- accepting ----------------------------------------------------------- */

static void
retry_accepting (gpointer data)
{
  RmqRealListener *listener = data;
  rmq_real_watch_want (&listener->watch, listener->accepting ? EPOLLIN : 0);
}

/* FALSE: no more for now. */
static gboolean
accept_failed (RmqRealListener *listener, int error)
{
  if (error == EINTR || error == ECONNABORTED || error == EPROTO)
    return TRUE;
  if (error == EAGAIN)
    return FALSE;
  g_warning ("%s accepts nobody for a while: %s", listener->address, g_strerror (error));
  rmq_real_watch_want (&listener->watch, 0);
  rmq_timer_heap_insert (&listener->watch.env->timers, &listener->retry,
                         rmq_real_now () + ACCEPT_RETRY_US);
  return FALSE;
}

/* Our own connection is nobody's. */
static gboolean
is_filler (RmqRealListener *listener, int fd)
{
  if (listener->filler_address == NULL)
    return FALSE;
  g_autofree char *peer = rmq_real_address_of_socket (fd, TRUE);
  if (!g_str_equal (peer, listener->filler_address))
    return FALSE;
  close (fd);
  g_clear_pointer (&listener->filler_address, g_free);
  return TRUE;
}

static void
listener_ready (RmqRealWatch *watch, guint32 events)
{
  RmqRealListener *listener = listener_of (watch);
  RmqRealWorld *world = RMQ_REAL_WORLD (watch->env);
  world->current = listener;
  for (guint n = 0; n < TURN_ACCEPTS_MAX && world->current == listener && watch->armed != 0; n++)
    {
      const int fd = accept4 (watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0 && is_filler (listener, fd))
        continue;
      if (fd >= 0)
        {
          rmq_real_turn_begin_moment (world, 0);
          listener->func (&listener->parent, rmq_real_link_new_accepted (watch->env, fd),
                          listener->data);
        }
      else if (!accept_failed (listener, errno))
        break;
    }
  world->current = NULL;
}

/* ---- the end ------------------------------------------------------------- */

/* Leaves world and host; the struct stays with its user. */
static int
listener_die (RmqRealListener *listener)
{
  if (listener->filler >= 0)
    close (listener->filler);
  listener->filler = -1;
  RmqRealWorld *world = RMQ_REAL_WORLD (listener->watch.env);
  if (world->current == listener)
    world->current = NULL;
  rmq_timer_heap_remove (&listener->watch.env->timers, &listener->retry);
  return rmq_real_watch_detach (&listener->watch);
}

static void
listener_host_gone (RmqRealWatch *watch, RmqCloseHow how)
{
  RmqRealListener *listener = listener_of (watch);
  RmqRealWorld *world = RMQ_REAL_WORLD (watch->env);
  Reserved *reserved = g_new0 (Reserved, 1);
  reserved->address = g_strdup (listener->address);
  reserved->fd = listener_die (listener);
  shutdown (reserved->fd, SHUT_RD);
  g_ptr_array_add (world->reserved, reserved);
}

static const RmqRealWatchOps listener_watch_ops = { listener_ready, NULL, listener_host_gone };

void
rmq_real_listener_close (RmqListener *base)
{
  RmqRealListener *listener = (RmqRealListener *)base;
  if (listener->watch.env != NULL)
    {
      g_assert (rmq_real_loop_is_owner (RMQ_REAL_WORLD (listener->watch.env)));
      close (listener_die (listener));
    }
  g_free (listener->filler_address);
  g_free (listener->address);
  g_free (listener);
}

/* A full accept queue drops SYNs, on loopback too; one connection fills a queue of length 0. */
static void
begin_ignoring (RmqRealListener *listener)
{
  RmqRealAddress address = { .size = sizeof address.storage };
  const int fd = listener->watch.fd;
  rmq_real_watch_want (&listener->watch, 0);
  if (listen (fd, 0) != 0 || getsockname (fd, (struct sockaddr *)&address.storage, &address.size))
    g_warning ("%s can't ignore connects: %s", listener->address, g_strerror (errno));
  listener->filler =
      socket (address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connect (listener->filler, (const struct sockaddr *)&address.storage, address.size) != 0
      && errno != EINPROGRESS)
    g_warning ("%s can't ignore connects: %s", listener->address, g_strerror (errno));
  g_free (listener->filler_address);
  listener->filler_address = rmq_real_address_of_socket (listener->filler, FALSE);
}

static void
end_ignoring (RmqRealListener *listener)
{
  close (listener->filler);
  listener->filler = -1;
  if (listener->accepting && listen (listener->watch.fd, BACKLOG) == 0)
    rmq_real_watch_want (&listener->watch, EPOLLIN);
}

void
rmq_real_listener_set_ignoring (RmqListener *base, gboolean ignoring)
{
  RmqRealListener *listener = (RmqRealListener *)base;
  if (listener->watch.env == NULL || (listener->filler >= 0) == ignoring)
    return;
  rmq_timer_heap_remove (&listener->watch.env->timers, &listener->retry);
  (ignoring ? begin_ignoring : end_ignoring) (listener);
}

void
rmq_real_listener_set_accepting (RmqListener *base, gboolean accepting)
{
  RmqRealListener *listener = (RmqRealListener *)base;
  if (listener->watch.env == NULL || listener->accepting == accepting)
    return;
  listener->accepting = accepting;
  rmq_timer_heap_remove (&listener->watch.env->timers, &listener->retry);
  if (!accepting)
    {
      rmq_real_watch_want (&listener->watch, 0);
      shutdown (listener->watch.fd, SHUT_RD); /* connects are refused, the port stays bound */
    }
  else if (listen (listener->watch.fd, BACKLOG) != 0)
    g_warning ("%s accepts nobody: %s", listener->address, g_strerror (errno));
  else
    rmq_real_watch_want (&listener->watch, EPOLLIN);
}

const char *
rmq_real_listener_address (RmqListener *base)
{
  return ((RmqRealListener *)base)->address;
}

/* ---- the beginning ------------------------------------------------------- */

static int
bind_socket (const RmqRealAddress *address)
{
  const int one = 1;
  const int fd = socket (address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); /* accepted ones inherit it */
  if (bind (fd, (const struct sockaddr *)&address->storage, address->size) == 0)
    return fd;
  const int error = errno;
  close (fd);
  errno = error;
  return -1;
}

/* A port that the kernel chose is lost when its socket is shut down, one that was asked for is not:
 * so ask for the chosen one while it is held. */
static int
bind_for_good (const RmqRealAddress *address)
{
  RmqRealAddress chosen = { .size = sizeof chosen.storage };
  const int first = bind_socket (address);
  if (first < 0 || getsockname (first, (struct sockaddr *)&chosen.storage, &chosen.size) != 0)
    return first;
  if (memcmp (&chosen.storage, &address->storage, address->size) == 0)
    return first;
  const int fd = bind_socket (&chosen);
  if (fd < 0)
    return first;
  close (first);
  return fd;
}

RmqListener *
rmq_real_listen (RmqEnv *env, const char *text, RmqAcceptFunc func, gpointer data, GError **error)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (env);
  RmqRealAddress address = { 0 };
  g_assert (rmq_real_loop_is_owner (world));
  const RmqRealAddressKind kind = rmq_real_address_parse (text, &address);
  if (kind == RMQ_REAL_ADDRESS_BAD
      || (kind == RMQ_REAL_ADDRESS_NAME && !rmq_real_address_resolve (text, &address)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is no address to listen on",
                   text);
      return NULL;
    }
  g_autofree char *numeric = rmq_real_address_format (&address);
  const int reserved = take_reserved (world, numeric);
  const int fd = reserved >= 0 ? reserved : bind_for_good (&address);
  if (env->gone || fd < 0 || listen (fd, BACKLOG) != 0)
    {
      const int code = env->gone ? ESHUTDOWN : errno;
      g_set_error (error, G_IO_ERROR, (gint)g_io_error_from_errno (code), "cannot listen on %s: %s",
                   text, g_strerror (code));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  RmqRealListener *listener = g_new0 (RmqRealListener, 1);
  listener->parent.ops = env->ops;
  listener->func = func;
  listener->data = data;
  listener->accepting = TRUE;
  listener->filler = -1;
  listener->address = rmq_real_address_of_socket (fd, FALSE);
  listener->retry.func = retry_accepting;
  listener->retry.data = listener;
  rmq_real_watch_init (&listener->watch, &listener_watch_ops, (RmqRealEnv *)env, fd);
  rmq_real_watch_want (&listener->watch, EPOLLIN);
  return &listener->parent;
}

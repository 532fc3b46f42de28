/* SPDX-License-Identifier: Apache-2.0 */

/* How a link of the real world comes to be: name lookup (on a thread of its own), non-blocking
 * connect, its timeout. Owner of the loop only. A failure is told as an event, never from inside
 * the call. */

#include "rmq-real-link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

struct _RmqRealResolve
{
  RmqRealLink *link; /* (nullable): gone meanwhile */
  char *text;
  RmqRealAddress address;
  gboolean found;
};

static gboolean
connect_error (int fd)
{
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

void
rmq_real_connect_ready (RmqRealLink *link)
{
  if (connect_error (link->watch.fd))
    {
      rmq_real_link_tell (link, RMQ_LINK_REFUSED);
      return;
    }
  link->state = RMQ_REAL_LINK_OPEN;
  rmq_timer_heap_remove (&link->watch.env->timers, &link->timer);
  g_free (link->local_address);
  link->local_address = rmq_real_address_of_socket (link->watch.fd, FALSE);
  rmq_real_link_mark_dirty (link);
  rmq_real_link_update_wanted (link);
  rmq_real_link_tell (link, RMQ_LINK_CONNECTED);
}

static void
connect_timed_out (gpointer data)
{
  rmq_real_link_tell (data, RMQ_LINK_CONNECT_TIMEOUT);
}

static void
connect_to (RmqRealLink *link, const RmqRealAddress *address)
{
  const int one = 1;
  const int fd = socket (address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_free (link->peer_address);
  link->peer_address = rmq_real_address_format (address);
  if (fd < 0)
    {
      g_warning ("no socket for %s: %s", link->peer_address, g_strerror (errno));
      rmq_real_link_mark_pending (link, RMQ_LINK_REFUSED);
      return;
    }
  link->watch.fd = fd;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect (fd, (const struct sockaddr *)&address->storage, address->size) != 0
      && errno != EINPROGRESS)
    rmq_real_link_mark_pending (link, RMQ_LINK_REFUSED);
  else
    rmq_real_link_update_wanted (link);
}

/* ---- names: looked up on a thread of their own, since that may take seconds ---- */

static void
resolve_run (gpointer data)
{
  RmqRealResolve *resolve = data;
  resolve->found = rmq_real_address_resolve (resolve->text, &resolve->address);
}

void
rmq_real_connect_forget (RmqRealLink *link)
{
  if (link->resolve != NULL)
    link->resolve->link = NULL;
  link->resolve = NULL;
}

static void
resolve_done (gpointer data)
{
  RmqRealResolve *resolve = data;
  RmqRealLink *link = resolve->link;
  if (link != NULL)
    {
      link->resolve = NULL;
      if (resolve->found)
        connect_to (link, &resolve->address);
      else
        rmq_real_link_mark_pending (link, RMQ_LINK_REFUSED);
    }
  g_free (resolve->text);
  g_free (resolve);
}

RmqLink *
rmq_real_connect (RmqEnv *env, const char *text, gint64 timeout_us, RmqLinkFunc func, gpointer data)
{
  RmqRealEnv *real = (RmqRealEnv *)env;
  RmqRealAddress address;
  g_assert (rmq_real_loop_is_owner (RMQ_REAL_WORLD (env)));
  RmqRealLink *link = rmq_real_link_new (real, -1, RMQ_REAL_LINK_CONNECTING);
  link->func = func;
  link->data = data;
  link->peer_address = g_strdup (text);
  if (env->gone)
    {
      rmq_real_link_die (link, RMQ_CLOSE_FIN);
      return &link->parent;
    }
  link->cause = rmq_event_log_get_cause (env->world->log);
  link->timer.func = connect_timed_out;
  link->timer.data = link;
  link->timer.cause = link->cause;
  rmq_timer_heap_insert (&real->timers, &link->timer, rmq_real_now () + timeout_us);
  switch (rmq_real_address_parse (text, &address))
    {
    case RMQ_REAL_ADDRESS_BAD:
      rmq_real_link_mark_pending (link, RMQ_LINK_REFUSED);
      break;
    case RMQ_REAL_ADDRESS_NUMERIC:
      connect_to (link, &address);
      break;
    case RMQ_REAL_ADDRESS_NAME:
      link->resolve = g_new0 (RmqRealResolve, 1);
      link->resolve->link = link;
      link->resolve->text = g_strdup (text);
      rmq_real_task (env, "rmq-resolve", resolve_run, resolve_done, link->resolve);
      break;
    }
  return &link->parent;
}

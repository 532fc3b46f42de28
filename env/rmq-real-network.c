/* SPDX-License-Identifier: Apache-2.0 */

/* Links of the real world: non-blocking TCP sockets behind the world's one epoll, level-triggered.
 *
 *   connecting ──► open ──► dead (an end was told, or the host is gone) ──► freed by
 * rmq_link_close() └── closed with bytes in the outbox: lingers without a user until they left
 *
 * Owner of the loop only, but a dead link may be closed anywhere. An event is never told from
 * inside a call: what a call finds out is put on world->pending and told in the next turn. A
 * callback may close its own link: after each, world->current says whether it did. */

#define G_LOG_DOMAIN "rmq-env"

#include "rmq-real-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/* How long a closed link may take to deliver what it still holds. */
#define LINGER_US (10 * G_USEC_PER_SEC)

typedef struct _Resolve Resolve;

typedef enum
{
  LINK_CONNECTING,
  LINK_OPEN,
  LINK_DEAD,
} LinkState;

typedef struct
{
  RmqLink parent;
  RmqRealWatch watch;
  RmqLinkFunc func; /* (nullable): accepted, not yet taken over; or closed and lingering */
  gpointer data;
  LinkState state;
  gboolean reading;
  gboolean drained;    /* the kernel had no more when it was last asked in this event */
  gboolean fin_told;   /* peer's FIN */
  gboolean hung_up;    /* both directions are over: epoll would report that for ever */
  gboolean blocked;    /* the kernel's buffer is full */
  gboolean end_wanted; /* shutdown_write was called */
  gboolean end_sent;
  gboolean over_high_water;
  gboolean lingers; /* closed by its user, nobody holds it */
  guint pending;    /* 1 << RmqLinkEvent, found but not told */
  guint64 cause;    /* of its first event: who connected */
  RmqRealOutbox outbox;
  RmqTimer timer; /* connect timeout, later the end of lingering */
  GList dirty_node;
  GList pending_node;
  gboolean is_dirty;
  gboolean is_pending;
  char *local_address;
  char *peer_address;
  Resolve *resolve; /* (nullable): while its name is looked up */
} RmqRealLink;

struct _Resolve
{
  RmqRealLink *link; /* (nullable): gone meanwhile */
  char *text;
  RmqRealAddress address;
  gboolean found;
};

static inline RmqRealLink *
link_of (RmqRealWatch *watch)
{
  return (RmqRealLink *)(void *)((char *)watch - G_STRUCT_OFFSET (RmqRealLink, watch));
}

static RmqRealWorld *
world_of (const RmqRealLink *link)
{
  return RMQ_REAL_WORLD (link->watch.env);
}

static void
update_wanted (RmqRealLink *link)
{
  guint32 wanted = EPOLLERR;
  if (link->state == LINK_CONNECTING)
    wanted |= EPOLLOUT;
  else if (link->reading && link->func != NULL && !link->fin_told)
    wanted |= EPOLLIN | EPOLLRDHUP;
  if (link->blocked)
    wanted |= EPOLLOUT;
  if (link->hung_up && !(wanted & EPOLLIN))
    wanted = 0;
  rmq_real_watch_want (&link->watch, wanted);
}

static void
mark_dirty (RmqRealLink *link)
{
  if (link->is_dirty)
    return;
  link->is_dirty = TRUE;
  g_queue_push_tail_link (&world_of (link)->dirty, &link->dirty_node);
}

static void
mark_pending (RmqRealLink *link, RmqLinkEvent event)
{
  link->pending |= 1u << event;
  if (link->is_pending)
    return;
  link->is_pending = TRUE;
  g_queue_push_tail_link (&world_of (link)->pending, &link->pending_node);
}

/* ---- the end of a link ------------------------------------------------------------- */

static void
close_socket (int fd, RmqCloseHow how)
{
  if (how == RMQ_CLOSE_RST)
    {
      const struct linger none = { .l_onoff = 1, .l_linger = 0 };
      setsockopt (fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
      shutdown (fd, SHUT_RD);
    }
  close (fd);
}

/* Leaves world and host. The struct stays with its user. */
static void
link_die (RmqRealLink *link, RmqCloseHow how)
{
  if (link->state == LINK_DEAD)
    return;
  RmqRealWorld *world = world_of (link);
  link->state = LINK_DEAD;
  if (world->current == link)
    world->current = NULL;
  rmq_timer_heap_remove (&link->watch.env->timers, &link->timer);
  if (link->is_dirty)
    g_queue_unlink (&world->dirty, &link->dirty_node);
  if (link->is_pending)
    g_queue_unlink (&world->pending, &link->pending_node);
  link->is_dirty = link->is_pending = FALSE;
  if (link->resolve != NULL)
    link->resolve->link = NULL;
  rmq_real_outbox_clear (&link->outbox, &world->spare_block);
  const int fd = rmq_real_watch_detach (&link->watch);
  if (fd >= 0)
    close_socket (fd, how);
}

static void
link_free (RmqRealLink *link)
{
  g_assert (link->state == LINK_DEAD);
  g_free (link->local_address);
  g_free (link->peer_address);
  g_free (link);
}

static void
link_host_gone (RmqRealWatch *watch, RmqCloseHow how)
{
  RmqRealLink *link = link_of (watch);
  /* What was written before the end is the kernel's to deliver. */
  if (link->state == LINK_OPEN && how == RMQ_CLOSE_FIN)
    rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world_of (link)->spare_block);
  link_die (link, how);
  if (link->lingers)
    link_free (link);
}

/* ---- telling ----------------------------------------------------------------------- */

/* FALSE: the link is over, and maybe freed. */
static gboolean
tell (RmqRealLink *link, RmqLinkEvent event)
{
  RmqRealWorld *world = world_of (link);
  const gboolean first = event <= RMQ_LINK_CONNECT_TIMEOUT;
  const gboolean last =
      event == RMQ_LINK_REFUSED || event == RMQ_LINK_CONNECT_TIMEOUT || event == RMQ_LINK_RESET;
  link->drained = FALSE;
  if (last)
    link_die (link, RMQ_CLOSE_FIN);
  if (link->func == NULL)
    return !last;
  rmq_event_log_begin_moment (world->parent.log, first ? link->cause : 0);
  world->current = last ? NULL : link;
  link->func (&link->parent, event, link->data);
  const gboolean stays = world->current != NULL;
  world->current = NULL;
  return stays;
}

/* A link without a user has nobody to tell: it ends at its end. */
static void
end_with (RmqRealLink *link, RmqLinkEvent event)
{
  if (!link->lingers)
    tell (link, event);
  else
    {
      link_die (link, RMQ_CLOSE_FIN);
      link_free (link);
    }
}

void
rmq_real_network_tell_pending (RmqRealWorld *world)
{
  for (guint n = world->pending.length; n > 0 && world->pending.length > 0; n--)
    {
      GList *node = g_queue_pop_head_link (&world->pending);
      RmqRealLink *link = node->data;
      link->is_pending = FALSE;
      if (link->watch.env->parent.paused) /* again when it is resumed */
        continue;
      const guint pending = link->pending;
      link->pending = 0;
      if (pending & (1u << RMQ_LINK_RESET))
        end_with (link, RMQ_LINK_RESET);
      else if (pending & (1u << RMQ_LINK_REFUSED))
        end_with (link, RMQ_LINK_REFUSED);
      else if (pending & (1u << RMQ_LINK_WRITABLE))
        tell (link, RMQ_LINK_WRITABLE);
    }
}

static void
link_resumed (RmqRealWatch *watch)
{
  RmqRealLink *link = link_of (watch);
  const guint pending = link->pending;
  if (pending != 0 && !link->is_pending)
    mark_pending (link, (RmqLinkEvent)g_bit_nth_lsf (pending, -1));
  mark_dirty (link);
}

/* ---- writing ----------------------------------------------------------------------- */

static void
flush_link (RmqRealLink *link)
{
  RmqRealWorld *world = world_of (link);
  if (link->state == LINK_CONNECTING)
    return;
  const RmqRealFlush flushed =
      rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world->spare_block);
  link->blocked = flushed == RMQ_REAL_FLUSH_BLOCKED;
  if (flushed == RMQ_REAL_FLUSH_BROKEN)
    {
      rmq_real_outbox_clear (&link->outbox, &world->spare_block);
      mark_pending (link, RMQ_LINK_RESET);
    }
  if (link->over_high_water && link->outbox.size < RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    {
      link->over_high_water = FALSE;
      mark_pending (link, RMQ_LINK_WRITABLE);
    }
  if (link->outbox.size == 0 && link->end_wanted && !link->end_sent)
    {
      link->end_sent = TRUE;
      shutdown (link->watch.fd, SHUT_WR);
    }
  if (link->lingers && link->outbox.size == 0)
    {
      link_die (link, RMQ_CLOSE_FIN);
      link_free (link);
    }
  else
    update_wanted (link);
}

void
rmq_real_network_flush (RmqRealWorld *world)
{
  GList *node = NULL;
  while ((node = g_queue_pop_head_link (&world->dirty)) != NULL)
    {
      RmqRealLink *link = node->data;
      link->is_dirty = FALSE;
      flush_link (link);
    }
}

gboolean
rmq_real_link_write (RmqLink *base, const guint8 *head, gsize head_size, GBytes *body)
{
  RmqRealLink *link = (RmqRealLink *)base;
  const gsize size = head_size + (body != NULL ? g_bytes_get_size (body) : 0);
  if (link->state == LINK_DEAD || link->end_wanted || (link->pending & (1u << RMQ_LINK_RESET)))
    return FALSE;
  RmqRealWorld *world = world_of (link);
  g_assert (rmq_real_loop_is_owner (world));
  if (size > RMQ_LINK_OUTBOX_MAX_BYTES - link->outbox.size)
    return FALSE;
  rmq_real_outbox_add (&link->outbox, head, head_size, &world->spare_block);
  if (body != NULL)
    rmq_real_outbox_add_body (&link->outbox, body, &world->spare_block);
  if (link->outbox.size >= RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    flush_link (link); /* the kernel may have room for it, which would spare the writer a wait */
  else
    mark_dirty (link);
  link->over_high_water = link->outbox.size >= RMQ_LINK_OUTBOX_HIGH_WATER_BYTES;
  return TRUE;
}

gsize
rmq_real_link_outbox_size (RmqLink *base)
{
  return ((RmqRealLink *)base)->outbox.size;
}

void
rmq_real_link_shutdown_write (RmqLink *base)
{
  RmqRealLink *link = (RmqRealLink *)base;
  if (link->state == LINK_DEAD)
    return;
  link->end_wanted = TRUE;
  mark_dirty (link);
}

/* ---- reading ----------------------------------------------------------------------- */

gsize
rmq_real_link_read (RmqLink *base, guint8 *buffer, gsize size)
{
  RmqRealLink *link = (RmqRealLink *)base;
  if (link->state != LINK_OPEN || link->drained || size == 0)
    return 0;
  gssize n = -1;
  do
    n = recv (link->watch.fd, buffer, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN)
    mark_pending (link, RMQ_LINK_RESET);
  /* Less than asked for: there is no more, so the next read need not ask. If there is, epoll says
   * so. */
  link->drained = n < (gssize)size;
  return n > 0 ? (gsize)n : 0;
}

void
rmq_real_link_set_reading (RmqLink *base, gboolean on)
{
  RmqRealLink *link = (RmqRealLink *)base;
  link->reading = on;
  if (link->state == LINK_OPEN)
    update_wanted (link);
}

/* Not only bytes: an end of some kind. What arrived before it is told first. */
static void
ready_with_end (RmqRealLink *link, guint32 events)
{
  guint8 byte;
  const gboolean reads = (link->watch.wanted & EPOLLIN) != 0;
  const gssize n = recv (link->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const gboolean broken = (events & EPOLLERR) != 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
  link->hung_up = (events & EPOLLHUP) != 0;
  if (reads && n > 0)
    tell (link, RMQ_LINK_READABLE);
  else if (broken)
    end_with (link, RMQ_LINK_RESET);
  else if (reads && n == 0)
    {
      link->fin_told = TRUE;
      if (tell (link, RMQ_LINK_FIN))
        update_wanted (link);
    }
  else
    update_wanted (link);
}

static gboolean
connect_error (int fd)
{
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

static void
connect_ready (RmqRealLink *link)
{
  if (connect_error (link->watch.fd))
    {
      end_with (link, RMQ_LINK_REFUSED);
      return;
    }
  link->state = LINK_OPEN;
  rmq_timer_heap_remove (&link->watch.env->timers, &link->timer);
  g_free (link->local_address);
  link->local_address = rmq_real_address_of_socket (link->watch.fd, FALSE);
  mark_dirty (link);
  update_wanted (link);
  tell (link, RMQ_LINK_CONNECTED);
}

static void
link_ready (RmqRealWatch *watch, guint32 events)
{
  RmqRealLink *link = link_of (watch);
  if (link->state == LINK_CONNECTING)
    {
      connect_ready (link);
      return;
    }
  if (events & EPOLLOUT)
    mark_dirty (link);
  if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
    ready_with_end (link, events);
  else if (events & link->watch.wanted & EPOLLIN)
    tell (link, RMQ_LINK_READABLE);
}

static const RmqRealWatchOps link_watch_ops = { link_ready, link_resumed, link_host_gone };

/* ---- beginning --------------------------------------------------------------------- */

static RmqRealLink *
link_new (RmqRealEnv *env, int fd, LinkState state)
{
  RmqRealLink *link = g_new0 (RmqRealLink, 1);
  link->parent.ops = env->parent.ops;
  link->state = state;
  link->reading = TRUE;
  link->dirty_node.data = link->pending_node.data = link;
  rmq_real_watch_init (&link->watch, &link_watch_ops, env, fd);
  return link;
}

RmqLink *
rmq_real_link_new_accepted (RmqRealEnv *env, int fd)
{
  RmqRealLink *link = link_new (env, fd, LINK_OPEN);
  link->local_address = rmq_real_address_of_socket (fd, FALSE);
  link->peer_address = rmq_real_address_of_socket (fd, TRUE);
  update_wanted (link);
  return &link->parent;
}

void
rmq_real_link_set_func (RmqLink *base, RmqLinkFunc func, gpointer data)
{
  RmqRealLink *link = (RmqRealLink *)base;
  link->func = func;
  link->data = data;
  if (link->state != LINK_DEAD)
    update_wanted (link);
}

static void
connect_timed_out (gpointer data)
{
  end_with (data, RMQ_LINK_CONNECT_TIMEOUT);
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
      mark_pending (link, RMQ_LINK_REFUSED);
      return;
    }
  link->watch.fd = fd;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect (fd, (const struct sockaddr *)&address->storage, address->size) != 0
      && errno != EINPROGRESS)
    mark_pending (link, RMQ_LINK_REFUSED);
  else
    update_wanted (link);
}

/* ---- names: looked up on a thread of their own, since that may take seconds
 * ------------------------ */

static void
resolve_run (gpointer data)
{
  Resolve *resolve = data;
  resolve->found = rmq_real_address_resolve (resolve->text, &resolve->address);
}

static void
resolve_done (gpointer data)
{
  Resolve *resolve = data;
  RmqRealLink *link = resolve->link;
  if (link != NULL)
    {
      link->resolve = NULL;
      if (resolve->found)
        connect_to (link, &resolve->address);
      else
        mark_pending (link, RMQ_LINK_REFUSED);
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
  RmqRealLink *link = link_new (real, -1, LINK_CONNECTING);
  link->func = func;
  link->data = data;
  link->peer_address = g_strdup (text);
  if (env->gone)
    {
      link_die (link, RMQ_CLOSE_FIN);
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
      mark_pending (link, RMQ_LINK_REFUSED);
      break;
    case RMQ_REAL_ADDRESS_NUMERIC:
      connect_to (link, &address);
      break;
    case RMQ_REAL_ADDRESS_NAME:
      link->resolve = g_new0 (Resolve, 1);
      link->resolve->link = link;
      link->resolve->text = g_strdup (text);
      rmq_real_task (env, "rmq-resolve", resolve_run, resolve_done, link->resolve);
      break;
    }
  return &link->parent;
}

/* ---- closing ----------------------------------------------------------------------- */

static void
linger_over (gpointer data)
{
  RmqRealLink *link = data;
  link_die (link, RMQ_CLOSE_FIN);
  link_free (link);
}

static void
start_lingering (RmqRealLink *link)
{
  if (world_of (link)->current == link)
    world_of (link)->current = NULL;
  link->lingers = link->blocked = TRUE;
  link->func = NULL;
  link->pending &= 1u << RMQ_LINK_RESET;
  link->timer.func = linger_over;
  link->timer.data = link;
  rmq_timer_heap_insert (&link->watch.env->timers, &link->timer, rmq_real_now () + LINGER_US);
  update_wanted (link);
}

void
rmq_real_link_close (RmqLink *base, RmqCloseHow how)
{
  RmqRealLink *link = (RmqRealLink *)base;
  if (link->state != LINK_DEAD)
    {
      RmqRealWorld *world = world_of (link);
      g_assert (rmq_real_loop_is_owner (world));
      if (how == RMQ_CLOSE_FIN && link->state == LINK_OPEN
          && rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world->spare_block)
                 == RMQ_REAL_FLUSH_BLOCKED)
        {
          start_lingering (link);
          return;
        }
      link_die (link, how);
    }
  link_free (link);
}

const char *
rmq_real_link_local_address (RmqLink *base)
{
  const RmqRealLink *link = (const RmqRealLink *)base;
  return link->local_address != NULL ? link->local_address : "";
}

const char *
rmq_real_link_peer_address (RmqLink *base)
{
  return ((const RmqRealLink *)base)->peer_address;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Links of the real world: non-blocking TCP sockets behind the world's one epoll, level-triggered.
 *
 *   connecting ──► open ──► dead (an end was told, or the host is gone) ──► freed by its user
 *                    └─► lingering: closed with bytes in the outbox, ends when they have left
 *
 * Owner of the loop only, but a dead link may be closed anywhere. An event is never told from
 * inside a call: what a call finds out is put on world->pending and told in the next turn. A
 * callback may close its own link: after each, world->current says whether it did. */

#include "rmq-real-link.h"

#include <errno.h>
#include <unistd.h>

/* How long a closed link may take to deliver what it still holds. */
#define LINGER_US (10 * G_USEC_PER_SEC)
/* What waits leaves at the end of the turn, or as soon as it is that much: the peer can begin while
 * the rest of a burst is still being made. */
#define EARLY_FLUSH_BYTES (16 * 1024)

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

void
rmq_real_link_update_wanted (RmqRealLink *link)
{
  guint32 wanted = EPOLLERR;
  if (link->state == RMQ_REAL_LINK_CONNECTING)
    wanted |= EPOLLOUT;
  else if (link->reading && link->func != NULL && !link->fin_told)
    wanted |= EPOLLIN | EPOLLRDHUP;
  if (link->blocked)
    wanted |= EPOLLOUT;
  if (link->hung_up && !(wanted & EPOLLIN))
    wanted = 0;
  rmq_real_watch_want (&link->watch, wanted);
}

void
rmq_real_link_mark_dirty (RmqRealLink *link)
{
  if (link->is_dirty)
    return;
  link->is_dirty = TRUE;
  g_queue_push_tail_link (&world_of (link)->dirty, &link->dirty_node);
}

void
rmq_real_link_mark_pending (RmqRealLink *link, RmqLinkEvent event)
{
  link->pending |= 1u << event;
  if (link->is_pending)
    return;
  link->is_pending = TRUE;
  g_queue_push_tail_link (&world_of (link)->pending, &link->pending_node);
}

/* ---- the end of a link --------------------------------------------------- */

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

void
rmq_real_link_die (RmqRealLink *link, RmqCloseHow how)
{
  if (link->state == RMQ_REAL_LINK_DEAD)
    return;
  RmqRealWorld *world = world_of (link);
  link->state = RMQ_REAL_LINK_DEAD;
  if (world->current == link)
    world->current = NULL;
  rmq_timer_heap_remove (&link->watch.env->timers, &link->timer);
  if (link->is_dirty)
    g_queue_unlink (&world->dirty, &link->dirty_node);
  if (link->is_pending)
    g_queue_unlink (&world->pending, &link->pending_node);
  link->is_dirty = link->is_pending = FALSE;
  rmq_real_connect_forget (link);
  rmq_real_outbox_clear (&link->outbox, &world->spare_block);
  const int fd = rmq_real_watch_detach (&link->watch);
  if (fd >= 0)
    close_socket (fd, how);
}

static void
link_free (RmqRealLink *link)
{
  g_assert (link->state == RMQ_REAL_LINK_DEAD);
  g_free (link->local_address);
  g_free (link->peer_address);
  g_free (link);
}

static void
link_host_gone (RmqRealWatch *watch, RmqCloseHow how)
{
  RmqRealLink *link = link_of (watch);
  /* What was written before the end is the kernel's to deliver. */
  if (link->state == RMQ_REAL_LINK_OPEN && how == RMQ_CLOSE_FIN)
    rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world_of (link)->spare_block);
  rmq_real_link_die (link, how);
  if (link->lingers)
    link_free (link);
}

/* ---- telling ------------------------------------------------------------- */

gboolean
rmq_real_link_tell (RmqRealLink *link, RmqLinkEvent event)
{
  RmqRealWorld *world = world_of (link);
  const gboolean first = event <= RMQ_LINK_CONNECT_TIMEOUT;
  const gboolean last =
      event == RMQ_LINK_REFUSED || event == RMQ_LINK_CONNECT_TIMEOUT || event == RMQ_LINK_RESET;
  link->drained = FALSE;
  if (last)
    rmq_real_link_die (link, RMQ_CLOSE_FIN);
  if (link->func == NULL)
    return !last;
  rmq_real_turn_begin_moment (world, first ? link->cause : 0);
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
    rmq_real_link_tell (link, event);
  else
    {
      rmq_real_link_die (link, RMQ_CLOSE_FIN);
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
        rmq_real_link_tell (link, RMQ_LINK_WRITABLE);
    }
}

static void
link_resumed (RmqRealWatch *watch)
{
  RmqRealLink *link = link_of (watch);
  const guint pending = link->pending;
  if (pending != 0 && !link->is_pending)
    rmq_real_link_mark_pending (link, (RmqLinkEvent)g_bit_nth_lsf (pending, -1));
  rmq_real_link_mark_dirty (link);
}

/* ---- writing ------------------------------------------------------------- */

static void
flush_link (RmqRealLink *link)
{
  RmqRealWorld *world = world_of (link);
  if (link->state == RMQ_REAL_LINK_CONNECTING)
    return;
  const RmqRealFlush flushed =
      rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world->spare_block);
  link->blocked = flushed == RMQ_REAL_FLUSH_BLOCKED;
  world->now_us = rmq_real_now ();
  if (flushed == RMQ_REAL_FLUSH_BROKEN)
    {
      rmq_real_outbox_clear (&link->outbox, &world->spare_block);
      rmq_real_link_mark_pending (link, RMQ_LINK_RESET);
    }
  if (link->over_high_water && link->outbox.size < RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    {
      link->over_high_water = FALSE;
      rmq_real_link_mark_pending (link, RMQ_LINK_WRITABLE);
    }
  if (link->outbox.size == 0 && link->end_wanted && !link->end_sent)
    {
      link->end_sent = TRUE;
      shutdown (link->watch.fd, SHUT_WR);
    }
  if (link->lingers && link->outbox.size == 0)
    {
      rmq_real_link_die (link, RMQ_CLOSE_FIN);
      link_free (link);
    }
  else
    rmq_real_link_update_wanted (link);
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
  if (link->state == RMQ_REAL_LINK_DEAD || link->end_wanted
      || (link->pending & (1u << RMQ_LINK_RESET)))
    return FALSE;
  RmqRealWorld *world = world_of (link);
  g_assert (rmq_real_loop_is_owner (world));
  if (size > RMQ_LINK_OUTBOX_MAX_BYTES - link->outbox.size)
    return FALSE;
  rmq_real_outbox_add (&link->outbox, head, head_size, &world->spare_block);
  if (body != NULL)
    rmq_real_outbox_add_body (&link->outbox, body, &world->spare_block);
  if (link->outbox.size >= EARLY_FLUSH_BYTES && !link->blocked)
    flush_link (link);
  else
    rmq_real_link_mark_dirty (link);
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
  if (link->state == RMQ_REAL_LINK_DEAD)
    return;
  link->end_wanted = TRUE;
  rmq_real_link_mark_dirty (link);
}

/* ---- reading ------------------------------------------------------------- */

gsize
rmq_real_link_read (RmqLink *base, guint8 *buffer, gsize size)
{
  RmqRealLink *link = (RmqRealLink *)base;
  if (link->state != RMQ_REAL_LINK_OPEN || link->drained || size == 0)
    return 0;
  gssize n = -1;
  do
    n = recv (link->watch.fd, buffer, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN)
    rmq_real_link_mark_pending (link, RMQ_LINK_RESET);
  /* Less than asked for: there is no more, so the next read need not ask. If there is, epoll says
   * so. */
  link->drained = n < (gssize)size;
  world_of (link)->now_us = rmq_real_now ();
  return n > 0 ? (gsize)n : 0;
}

void
rmq_real_link_set_reading (RmqLink *base, gboolean on)
{
  RmqRealLink *link = (RmqRealLink *)base;
  link->reading = on;
  if (link->state == RMQ_REAL_LINK_OPEN)
    rmq_real_link_update_wanted (link);
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
    rmq_real_link_tell (link, RMQ_LINK_READABLE);
  else if (broken)
    end_with (link, RMQ_LINK_RESET);
  else if (reads && n == 0)
    {
      link->fin_told = TRUE;
      if (rmq_real_link_tell (link, RMQ_LINK_FIN))
        rmq_real_link_update_wanted (link);
    }
  else
    rmq_real_link_update_wanted (link);
}

static void
link_ready (RmqRealWatch *watch, guint32 events)
{
  RmqRealLink *link = link_of (watch);
  if (link->state == RMQ_REAL_LINK_CONNECTING)
    {
      rmq_real_connect_ready (link);
      return;
    }
  if (events & EPOLLOUT)
    rmq_real_link_mark_dirty (link);
  if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP))
    ready_with_end (link, events);
  else if (events & link->watch.wanted & EPOLLIN)
    rmq_real_link_tell (link, RMQ_LINK_READABLE);
}

static const RmqRealWatchOps link_watch_ops = { link_ready, link_resumed, link_host_gone };

/* ---- beginning ----------------------------------------------------------- */

RmqRealLink *
rmq_real_link_new (RmqRealEnv *env, int fd, RmqRealLinkState state)
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
  RmqRealLink *link = rmq_real_link_new (env, fd, RMQ_REAL_LINK_OPEN);
  link->local_address = rmq_real_address_of_socket (fd, FALSE);
  link->peer_address = rmq_real_address_of_socket (fd, TRUE);
  rmq_real_link_update_wanted (link);
  return &link->parent;
}

void
rmq_real_link_set_func (RmqLink *base, RmqLinkFunc func, gpointer data)
{
  RmqRealLink *link = (RmqRealLink *)base;
  link->func = func;
  link->data = data;
  if (link->state != RMQ_REAL_LINK_DEAD)
    rmq_real_link_update_wanted (link);
}

/* ---- closing ------------------------------------------------------------- */

static void
linger_over (gpointer data)
{
  RmqRealLink *link = data;
  rmq_real_link_die (link, RMQ_CLOSE_FIN);
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
  rmq_real_link_update_wanted (link);
}

void
rmq_real_link_close (RmqLink *base, RmqCloseHow how)
{
  RmqRealLink *link = (RmqRealLink *)base;
  if (link->state != RMQ_REAL_LINK_DEAD)
    {
      RmqRealWorld *world = world_of (link);
      g_assert (rmq_real_loop_is_owner (world));
      if (how == RMQ_CLOSE_FIN && link->state == RMQ_REAL_LINK_OPEN
          && rmq_real_outbox_flush (&link->outbox, link->watch.fd, &world->spare_block)
                 == RMQ_REAL_FLUSH_BLOCKED)
        {
          start_lingering (link);
          return;
        }
      rmq_real_link_die (link, how);
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

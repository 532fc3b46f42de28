/* SPDX-License-Identifier: Apache-2.0 */

/* A simulated connection: two ends and two pipes. An end has two halves: the kernel's, which goes
 * on while its host is paused and outlives the user's close as long as the peer can notice, and the
 * user's, which gets events. Kernel work happens in events without owner; the user's events follow
 * in the same event, or in one of the host's own while the host is paused. Must never call the user
 * from inside the user's call. */

#include "rmq-sim-connection.h"

#define BIT(event) (1u << (event))

/* ---- a connection's life ------------------------------------------------- */

void
rmq_sim_end_leave_host (RmqSimEnd *end)
{
  rmq_sim_disarm (end->conn->world, &end->notify);
  if (end->host != NULL)
    g_queue_unlink (&end->host->links, &end->node);
  end->host = NULL;
  end->listener = NULL;
}

void
rmq_sim_end_join_host (RmqSimEnd *end, RmqSimHost *host)
{
  end->host = host;
  end->claimed = TRUE;
  end->closed = FALSE;
  end->notify.owner = host;
  g_queue_push_tail_link (&host->links, &end->node);
}

void
rmq_sim_conn_release (RmqSimConn *conn)
{
  if (conn->busy > 0 || conn->ends[0].claimed || conn->ends[1].claimed)
    return;
  RmqSimWorld *world = conn->world;
  rmq_sim_disarm (world, &conn->syn);
  rmq_sim_disarm (world, &conn->timeout);
  for (guint i = 0; i < 2; i++)
    {
      rmq_sim_end_leave_host (&conn->ends[i]);
      rmq_sim_pipe_clear (&conn->pipes[i]);
      g_free (conn->ends[i].address);
    }
  g_slice_free (RmqSimConn, conn);
  rmq_world_unref (&world->base);
}

/* ---- events for the user ------------------------------------------------- */

static guint
deliverable (const RmqSimEnd *end)
{
  guint events = end->pending;
  gboolean has_bytes = end->in->n_unread > 0;
  if (end->func == NULL || end->closed)
    return 0;
  if (!end->reading || !has_bytes)
    events &= ~BIT (RMQ_LINK_READABLE);
  if (!end->reading || has_bytes)
    events &= ~BIT (RMQ_LINK_FIN);
  return events;
}

static gboolean
has_news (const RmqSimEnd *end)
{
  return (end->listener != NULL && end->connected) || deliverable (end) != 0;
}

/* Gives the user what waits, in an event of the host. */
static void
end_notify_later (RmqSimEnd *end)
{
  if (end->host != NULL && !end->dispatching && has_news (end)
      && !rmq_timer_is_armed (&end->notify))
    rmq_sim_arm (end->conn->world, &end->notify, end->conn->world->now_us);
}

/* Each event once, in the order of the enum. */
static void
tell_events (RmqSimEnd *end)
{
  guint told = 0;
  guint events;
  while ((events = deliverable (end) & ~told) != 0)
    {
      RmqLinkEvent event = (RmqLinkEvent)g_bit_nth_lsf (events, -1);
      told |= BIT (event);
      end->pending &= ~BIT (event);
      end->func (&end->base, event, end->data);
    }
}

void
rmq_sim_end_notify (RmqSimEnd *end)
{
  RmqSimConn *conn = end->conn;
  if (end->host == NULL || !has_news (end))
    return;
  if (end->host->base.paused || rmq_timer_is_armed (&end->notify))
    {
      end_notify_later (end);
      return;
    }
  conn->busy++;
  end->dispatching = TRUE;
  if (end->listener != NULL)
    {
      RmqSimListener *listener = g_steal_pointer (&end->listener);
      listener->func (&listener->base, &end->base, listener->data);
    }
  tell_events (end);
  end->dispatching = FALSE;
  end_notify_later (end);
  conn->busy--;
  rmq_sim_conn_release (conn);
}

static void
notify_is_due (gpointer data)
{
  rmq_sim_end_notify (data);
}

/* ---- what the kernel does ------------------------------------------------ */

static RmqSimEnd *
peer_of (RmqSimEnd *end)
{
  return end == &end->conn->ends[0] ? &end->conn->ends[1] : &end->conn->ends[0];
}

/* Sends what the window takes; tells a writer that waited. */
static void
flush (RmqSimEnd *end)
{
  rmq_sim_pipe_pump (end->out);
  if (end->choked && end->out->n_outbox < RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    {
      end->choked = FALSE;
      end->pending |= BIT (RMQ_LINK_WRITABLE);
    }
}

void
rmq_sim_end_reset (RmqSimEnd *end)
{
  if (end->dead)
    return;
  end->dead = TRUE;
  rmq_sim_pipe_drop_outbox (end->out);
  rmq_sim_pipe_drop_unread (end->in);
  rmq_sim_pipe_send (end->out, RMQ_SEGMENT_RST);
}

static void
receive_reset (RmqSimEnd *end)
{
  gboolean refused = end == &end->conn->ends[0] && !end->connected;
  end->dead = TRUE;
  rmq_sim_pipe_break (end->in);
  rmq_sim_pipe_break (end->out);
  if (refused)
    end->pending = BIT (RMQ_LINK_REFUSED);
  else
    end->pending = (end->pending & BIT (RMQ_LINK_CONNECTED)) | BIT (RMQ_LINK_RESET);
  rmq_sim_disarm (end->conn->world, &end->conn->timeout);
  if (end->listener != NULL && !end->connected)
    {
      /* Given up before the handshake was over: accept never sees it. */
      end->closed = TRUE;
      end->claimed = FALSE;
      rmq_sim_end_leave_host (end);
    }
}

static void
receive_syn_ack (RmqSimEnd *end)
{
  end->connected = TRUE;
  end->pending |= BIT (RMQ_LINK_CONNECTED);
  rmq_sim_disarm (end->conn->world, &end->conn->timeout);
  rmq_sim_pipe_send (end->out, RMQ_SEGMENT_ACK);
  end->out->open = TRUE;
  flush (end);
}

static void
receive (RmqSimEnd *end, RmqSegmentKind kind)
{
  if (end->dead || kind == RMQ_SEGMENT_RST)
    {
      rmq_sim_pipe_drop_unread (end->in);
      if (!end->dead)
        receive_reset (end);
      return;
    }
  if (end->closed)
    {
      /* Nobody reads this any more: a FIN is all that a closed socket takes quietly. */
      if (kind != RMQ_SEGMENT_FIN)
        rmq_sim_end_reset (end);
      return;
    }
  switch (kind)
    {
    case RMQ_SEGMENT_SYN_ACK:
      receive_syn_ack (end);
      break;
    case RMQ_SEGMENT_ACK:
      end->connected = TRUE;
      break;
    case RMQ_SEGMENT_DATA:
      end->pending |= BIT (RMQ_LINK_READABLE);
      break;
    case RMQ_SEGMENT_FIN:
      end->pending |= BIT (RMQ_LINK_FIN);
      break;
    case RMQ_SEGMENT_RST:
      g_assert_not_reached ();
    }
}

static void
segments_arrive (gpointer data)
{
  RmqSimEnd *end = data;
  RmqSimConn *conn = end->conn;
  RmqSegmentKind kind;
  conn->busy++;
  while (rmq_sim_pipe_take (end->in, &kind))
    receive (end, kind);
  rmq_sim_end_notify (end);
  conn->busy--;
  rmq_sim_conn_release (conn);
}

static void
window_opens (gpointer data)
{
  RmqSimEnd *end = data;
  flush (end);
  rmq_sim_end_notify (end);
}

void
rmq_sim_end_close (RmqSimEnd *end, RmqCloseHow how)
{
  if (end->closed)
    return;
  end->closed = TRUE;
  if (end == &end->conn->ends[0])
    {
      rmq_sim_disarm (end->conn->world, &end->conn->syn);
      rmq_sim_disarm (end->conn->world, &end->conn->timeout);
    }
  if (end->dead)
    return;
  if (how == RMQ_CLOSE_RST || end->in->n_unread > 0)
    {
      rmq_sim_end_reset (end);
      return;
    }
  end->out->fin_wanted = TRUE;
  flush (end);
}

RmqSimConn *
rmq_sim_conn_new (RmqSimHost *host)
{
  RmqSimConn *conn = g_slice_new0 (RmqSimConn);
  guint64 seed = host->seed + ++host->n_links;
  RmqSimWorld *world = rmq_sim_world_of (&host->base);
  conn->world = world;
  rmq_world_ref (&world->base);
  for (guint i = 0; i < 2; i++)
    {
      RmqSimEnd *end = &conn->ends[i];
      end->base.ops = host->base.ops;
      end->conn = conn;
      end->node.data = end;
      end->out = &conn->pipes[i];
      end->in = &conn->pipes[1 - i];
      end->reading = TRUE;
      rmq_sim_timer_init (&end->notify, NULL, notify_is_due, end);
      rmq_sim_pipe_init (end->out, world, seed, i == 0 ? "link there" : "link back");
      rmq_sim_timer_init (&end->out->window, NULL, window_opens, end);
      rmq_sim_timer_init (&end->in->arrival, NULL, segments_arrive, end);
    }
  return conn;
}

/* ---- the user's calls ---------------------------------------------------- */

void
rmq_sim_link_set_func (RmqLink *link, RmqLinkFunc func, gpointer data)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  end->func = func;
  end->data = data;
  end_notify_later (end);
}

gsize
rmq_sim_link_read (RmqLink *link, guint8 *buffer, gsize size)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  RmqSimPipe *in = end->in;
  if (end->closed || end->dead)
    return 0;
  gsize n_read = rmq_sim_pipe_read (in, buffer, size);
  if (n_read > 0 && in->n_outbox > 0 && !rmq_timer_is_armed (&in->window))
    rmq_sim_arm (in->world, &in->window, in->world->now_us + end->out->latency_us);
  end_notify_later (end);
  return n_read;
}

gboolean
rmq_sim_link_write (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  gsize body_size = 0;
  const guint8 *bytes = body != NULL ? g_bytes_get_data (body, &body_size) : NULL;
  if (end->closed || end->dead || end->out->fin_wanted)
    return FALSE;
  if (end->out->n_outbox + head_size + body_size > RMQ_LINK_OUTBOX_MAX_BYTES)
    return FALSE;
  rmq_sim_pipe_append (end->out, head, head_size);
  rmq_sim_pipe_append (end->out, bytes, body_size);
  rmq_sim_pipe_pump (end->out);
  end->choked |= end->out->n_outbox > RMQ_LINK_OUTBOX_HIGH_WATER_BYTES;
  return TRUE;
}

gsize
rmq_sim_link_outbox_size (RmqLink *link)
{
  return ((RmqSimEnd *)link)->out->n_outbox;
}

void
rmq_sim_link_shutdown_write (RmqLink *link)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  if (end->closed || end->dead)
    return;
  end->out->fin_wanted = TRUE;
  rmq_sim_pipe_pump (end->out);
}

void
rmq_sim_link_set_reading (RmqLink *link, gboolean on)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  if (end->reading == on)
    return;
  end->reading = on;
  if (on)
    {
      end->pending |= BIT (RMQ_LINK_READABLE);
      end_notify_later (end);
    }
}

void
rmq_sim_link_close (RmqLink *link, RmqCloseHow how)
{
  RmqSimEnd *end = (RmqSimEnd *)link;
  g_assert (end->claimed);
  rmq_sim_end_close (end, how);
  rmq_sim_end_leave_host (end);
  end->claimed = FALSE;
  rmq_sim_conn_release (end->conn);
}

const char *
rmq_sim_link_local_address (RmqLink *link)
{
  return ((RmqSimEnd *)link)->address;
}

const char *
rmq_sim_link_peer_address (RmqLink *link)
{
  return peer_of ((RmqSimEnd *)link)->address;
}

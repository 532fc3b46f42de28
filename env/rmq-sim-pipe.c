/* SPDX-License-Identifier: Apache-2.0 */

/* One direction of a simulated connection. Bytes lie in one ring; segments are mere lengths with a
 * time of arrival, so that splitting and merging moves no byte. Each direction is strictly first
 * in, first out, has a receive window as TCP has, and draws from a stream of its own. Knows no link
 * and no event of the user. */

#include "rmq-sim-pipe.h"

#include <string.h>

#define LATENCY_MIN_US 30
#define LATENCY_MAX_US 120
#define JITTER_MAX_US 15
#define WINDOW_BYTES (256u * 1024)
#define SEGMENT_MAX_BYTES (64u * 1024)
#define RING_MIN_BYTES 1024
#define RING_KEPT_BYTES (64u * 1024) /* an empty ring above this is given back */

/* One write in SPLIT_ONE_IN is cut in two or three, one segment in MERGE_ONE_IN arrives with its
 * neighbour. */
#define SPLIT_ONE_IN 4
#define MERGE_ONE_IN 4

struct _RmqSegment
{
  RmqSegment *next;
  gint64 at_us;
  guint64 cause;
  gsize size;
  RmqSegmentKind kind;
};

/* ---- the ring ------------------------------------------------------------ */

static gsize
ring_size (const RmqSimPipe *pipe)
{
  return pipe->n_unread + pipe->n_in_flight + pipe->n_outbox;
}

/* Copies out of the ring, size bytes from its head. */
static void
ring_copy (const RmqSimPipe *pipe, guint8 *to, gsize size)
{
  gsize until_wrap = MIN (size, pipe->n_allocated - pipe->head);
  memcpy (to, pipe->bytes + pipe->head, until_wrap);
  memcpy (to + until_wrap, pipe->bytes, size - until_wrap);
}

static void
ring_reserve (RmqSimPipe *pipe, gsize size)
{
  if (size <= pipe->n_allocated)
    return;
  gsize n_allocated = MAX (RING_MIN_BYTES, pipe->n_allocated);
  while (n_allocated < size)
    n_allocated *= 2;
  guint8 *bytes = g_malloc (n_allocated);
  if (ring_size (pipe) > 0)
    ring_copy (pipe, bytes, ring_size (pipe));
  g_free (pipe->bytes);
  pipe->bytes = bytes;
  pipe->n_allocated = n_allocated;
  pipe->head = 0;
}

static void
ring_skip_unread (RmqSimPipe *pipe, gsize size)
{
  g_assert (size <= pipe->n_unread);
  if (size == 0)
    return;
  pipe->head = (pipe->head + size) & (pipe->n_allocated - 1);
  pipe->n_unread -= size;
  if (ring_size (pipe) == 0 && pipe->n_allocated > RING_KEPT_BYTES)
    {
      g_clear_pointer (&pipe->bytes, g_free);
      pipe->n_allocated = pipe->head = 0;
    }
}

/* ---- birth and death ----------------------------------------------------- */

void
rmq_sim_pipe_init (RmqSimPipe *pipe, RmqSimWorld *world, guint64 seed, const char *name)
{
  pipe->world = world;
  rmq_random_init (&pipe->random, seed, name);
  pipe->latency_us = rmq_random_between (&pipe->random, LATENCY_MIN_US, LATENCY_MAX_US);
}

static void
drop_first (RmqSimPipe *pipe)
{
  RmqSegment *segment = pipe->first;
  pipe->first = segment->next;
  if (pipe->first == NULL)
    pipe->last = NULL;
  segment->next = pipe->spare;
  pipe->spare = segment;
}

static RmqSegment *
take_spare (RmqSimPipe *pipe)
{
  RmqSegment *segment = pipe->spare;
  if (segment == NULL)
    return g_new (RmqSegment, 1);
  pipe->spare = segment->next;
  return segment;
}

void
rmq_sim_pipe_break (RmqSimPipe *pipe)
{
  rmq_sim_pipe_drop_outbox (pipe);
  while (pipe->first != NULL)
    drop_first (pipe);
  pipe->n_unread += pipe->n_in_flight;
  pipe->n_in_flight = 0;
  ring_skip_unread (pipe, pipe->n_unread);
  rmq_sim_disarm (pipe->world, &pipe->arrival);
  rmq_sim_disarm (pipe->world, &pipe->window);
}

void
rmq_sim_pipe_clear (RmqSimPipe *pipe)
{
  rmq_sim_pipe_break (pipe);
  while (pipe->spare != NULL)
    g_free (take_spare (pipe));
  g_clear_pointer (&pipe->bytes, g_free);
}

/* ---- the sender's side --------------------------------------------------- */

void
rmq_sim_pipe_append (RmqSimPipe *pipe, const guint8 *bytes, gsize size)
{
  if (size == 0)
    return;
  gsize used = ring_size (pipe);
  ring_reserve (pipe, used + size);
  gsize tail = (pipe->head + used) & (pipe->n_allocated - 1);
  gsize until_wrap = MIN (size, pipe->n_allocated - tail);
  memcpy (pipe->bytes + tail, bytes, until_wrap);
  memcpy (pipe->bytes, bytes + until_wrap, size - until_wrap);
  pipe->n_outbox += size;
}

static void
arm_for_first (RmqSimPipe *pipe)
{
  rmq_sim_arm (pipe->world, &pipe->arrival, pipe->first->at_us);
  pipe->arrival.cause = pipe->first->cause;
}

static void
send_segment (RmqSimPipe *pipe, RmqSegmentKind kind, gsize size, gint64 at_us)
{
  RmqSegment *segment = take_spare (pipe);
  *segment = (RmqSegment){ .at_us = MAX (at_us, pipe->last_arrival_us),
                           .cause = rmq_event_log_get_cause (pipe->world->base.log),
                           .size = size,
                           .kind = kind };
  pipe->last_arrival_us = segment->at_us;
  if (pipe->last != NULL)
    pipe->last->next = segment;
  else
    pipe->first = segment;
  pipe->last = segment;
  if (pipe->first == segment)
    arm_for_first (pipe);
}

static gint64
arrival_time (RmqSimPipe *pipe)
{
  return pipe->world->now_us + pipe->latency_us
         + rmq_random_between (&pipe->random, 0, JITTER_MAX_US);
}

void
rmq_sim_pipe_send (RmqSimPipe *pipe, RmqSegmentKind kind)
{
  send_segment (pipe, kind, 0, arrival_time (pipe));
}

static void
send_data (RmqSimPipe *pipe, gsize size)
{
  gboolean merges = rmq_random_below (&pipe->random, MERGE_ONE_IN) == 0;
  gint64 at_us = merges ? pipe->last_arrival_us : arrival_time (pipe);
  pipe->n_outbox -= size;
  pipe->n_in_flight += size;
  send_segment (pipe, RMQ_SEGMENT_DATA, size, MAX (at_us, pipe->world->now_us + pipe->latency_us));
}

/* Sends size bytes in one to three pieces. */
static void
send_split (RmqSimPipe *pipe, gsize size)
{
  if (size > 1 && rmq_random_below (&pipe->random, SPLIT_ONE_IN) == 0)
    for (guint cuts = 1 + (guint)rmq_random_below (&pipe->random, 2); cuts > 0 && size > 1; cuts--)
      {
        gsize piece = 1 + rmq_random_below (&pipe->random, size - 1);
        send_data (pipe, piece);
        size -= piece;
      }
  send_data (pipe, size);
}

void
rmq_sim_pipe_pump (RmqSimPipe *pipe)
{
  if (!pipe->open)
    return;
  while (pipe->n_outbox > 0 && pipe->n_unread + pipe->n_in_flight < WINDOW_BYTES)
    {
      gsize window = WINDOW_BYTES - pipe->n_unread - pipe->n_in_flight;
      send_split (pipe, MIN (MIN (pipe->n_outbox, window), SEGMENT_MAX_BYTES));
    }
  if (pipe->n_outbox == 0 && pipe->fin_wanted && !pipe->fin_sent)
    {
      pipe->fin_sent = TRUE;
      rmq_sim_pipe_send (pipe, RMQ_SEGMENT_FIN);
    }
}

void
rmq_sim_pipe_drop_outbox (RmqSimPipe *pipe)
{
  pipe->n_outbox = 0;
}

/* ---- the receiver's side ------------------------------------------------- */

gboolean
rmq_sim_pipe_take (RmqSimPipe *pipe, RmqSegmentKind *kind)
{
  RmqSegment *segment = pipe->first;
  if (segment == NULL)
    return FALSE;
  /* The arrival is armed again as soon as what comes next needs an event of its own. */
  if (rmq_timer_is_armed (&pipe->arrival))
    return FALSE;
  *kind = segment->kind;
  pipe->n_in_flight -= segment->size;
  pipe->n_unread += segment->size;
  drop_first (pipe);
  if (pipe->first != NULL
      && (pipe->first->at_us > pipe->world->now_us || pipe->first->kind == RMQ_SEGMENT_RST))
    arm_for_first (pipe);
  return TRUE;
}

gsize
rmq_sim_pipe_read (RmqSimPipe *pipe, guint8 *buffer, gsize size)
{
  size = MIN (size, pipe->n_unread);
  if (size > 0)
    ring_copy (pipe, buffer, size);
  ring_skip_unread (pipe, size);
  return size;
}

void
rmq_sim_pipe_drop_unread (RmqSimPipe *pipe)
{
  ring_skip_unread (pipe, pipe->n_unread);
}

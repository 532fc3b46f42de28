/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-sim-private.h"

/* One direction of a simulated connection, from the sender's outbox to the receiver's unread bytes.
 */

typedef enum
{
  RMQ_SEGMENT_SYN_ACK,
  RMQ_SEGMENT_ACK,
  RMQ_SEGMENT_DATA,
  RMQ_SEGMENT_FIN,
  RMQ_SEGMENT_RST,
} RmqSegmentKind;

typedef struct _RmqSegment RmqSegment;

typedef struct
{
  RmqSimWorld *world;
  RmqRandom random;
  gint64 latency_us;
  gint64 last_arrival_us; /* of what was sent last: nothing overtakes it */

  /* A ring of bytes, oldest first: unread, then in flight, then outbox. */
  guint8 *bytes;
  gsize n_allocated; /* a power of 2, or 0 */
  gsize head;
  gsize n_unread;
  gsize n_in_flight;
  gsize n_outbox;

  gboolean open;       /* the connection stands: bytes may leave */
  gboolean fin_wanted; /* after the outbox */
  gboolean fin_sent;
  RmqSegment *first, *last; /* in flight, in order of arrival */
  RmqSegment *spare;        /* for the next ones */
  RmqTimer arrival; /* armed while something is in flight; whoever makes the pipe inits both */
  RmqTimer window;  /* armed while the news of read bytes is on its way to the sender */
} RmqSimPipe;

void rmq_sim_pipe_init (RmqSimPipe *pipe, RmqSimWorld *world, guint64 seed, const char *name);
void rmq_sim_pipe_clear (RmqSimPipe *pipe);

/* Sender's side. */
void rmq_sim_pipe_append (RmqSimPipe *pipe, const guint8 *bytes, gsize size);
void rmq_sim_pipe_pump (RmqSimPipe *pipe); /* sends what the window takes, then a wanted FIN */
void rmq_sim_pipe_send (RmqSimPipe *pipe, RmqSegmentKind kind);
void rmq_sim_pipe_drop_outbox (RmqSimPipe *pipe);

/* Receiver's side. */
/* The next segment that is due now; an RST comes alone. FALSE: no more in this event. */
gboolean rmq_sim_pipe_take (RmqSimPipe *pipe, RmqSegmentKind *kind);
gsize rmq_sim_pipe_read (RmqSimPipe *pipe, guint8 *buffer, gsize size);
void rmq_sim_pipe_drop_unread (RmqSimPipe *pipe);
/* The connection broke: nothing in flight arrives any more. */
void rmq_sim_pipe_break (RmqSimPipe *pipe);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-remoting-command.h"

G_BEGIN_DECLS

#define RMQ_FRAME_LENGTH_MAX                                                                       \
  16777216 /* com.rocketmq.remoting.frameMaxLength: length word included */

/* Takes bytes in any split and gives commands; knows no socket, no clock, no log. After an error it
 * stays in error. */

typedef struct
{
  GByteArray *pending; /* what began a frame that isn't whole; before that, consumed bytes */
  gsize consumed;
  const guint8 *fed; /* the caller's; only while nothing is pending */
  gsize fed_size;
  guint64 offset; /* of the next frame in the stream, for error texts */
  gboolean failed;
} RmqFrameReader;

void rmq_frame_reader_init (RmqFrameReader *reader);
void rmq_frame_reader_clear (RmqFrameReader *reader);
/* data must stay until rmq_frame_reader_next() has given NULL: whole frames are cut out of it, and
 * only what is left over is copied. */
void rmq_frame_reader_feed (RmqFrameReader *reader, const guint8 *data, gsize size);
/* Who leaves off before rmq_frame_reader_next() has said NULL calls this while what was fed is
 * there. */
void rmq_frame_reader_keep_fed (RmqFrameReader *reader);
/* (nullable): NULL without error = more bytes are needed. */
RmqRemotingCommand *rmq_frame_reader_next (RmqFrameReader *reader, GError **error);
/* Bytes of a frame that has begun and isn't whole. */
gsize rmq_frame_reader_get_pending_size (const RmqFrameReader *reader);

G_END_DECLS

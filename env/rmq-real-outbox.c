/* SPDX-License-Identifier: Apache-2.0 */

/* Bytes on their way to one socket. Heads are copied into blocks, one behind the other; bodies are
 * kept by reference; whatever waits leaves in as few vectored writes as the kernel allows. Owner of
 * the loop only. Never blocks, never calls back. */

#include "rmq-real-private.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#define BLOCK_BYTES (16 * 1024)
/* A shorter body is cheaper to copy than to carry as a chunk of its own. */
#define COPY_BODY_MAX_BYTES 512
#define IOV_MAX_CHUNKS 128

typedef struct
{
  GBytes *body;   /* (nullable): then data is inside of it */
  guint8 *data;   /* else a block of our own */
  gsize capacity; /* of the block */
  gsize begin;
  gsize end;
} Chunk;

static void
block_free (guint8 *block, gsize capacity, guint8 **spare_block)
{
  if (capacity == BLOCK_BYTES && *spare_block == NULL)
    *spare_block = block;
  else
    g_free (block);
}

static void
chunk_clear (Chunk *chunk, guint8 **spare_block)
{
  if (chunk->body != NULL)
    g_bytes_unref (chunk->body);
  else
    block_free (chunk->data, chunk->capacity, spare_block);
}

static void
add_chunk (RmqRealOutbox *outbox, const Chunk *chunk)
{
  if (outbox->chunks == NULL)
    outbox->chunks = g_array_new (FALSE, FALSE, sizeof (Chunk));
  g_array_append_vals (outbox->chunks, chunk, 1);
}

/* (nullable): the last chunk, if it is a block with size bytes of room. */
static Chunk *
last_block_with_room (RmqRealOutbox *outbox, gsize size)
{
  if (outbox->size == 0)
    return NULL;
  Chunk *last = &g_array_index (outbox->chunks, Chunk, outbox->chunks->len - 1);
  return last->body == NULL && last->capacity - last->end >= size ? last : NULL;
}

void
rmq_real_outbox_add (RmqRealOutbox *outbox, const guint8 *data, gsize size, guint8 **spare_block)
{
  Chunk *chunk = last_block_with_room (outbox, size);
  if (size == 0)
    return;
  if (chunk == NULL)
    {
      const gsize capacity = MAX (BLOCK_BYTES, size);
      guint8 *block = capacity == BLOCK_BYTES ? g_steal_pointer (spare_block) : NULL;
      add_chunk (outbox, &(Chunk){ .data = block != NULL ? block : g_malloc (capacity),
                                   .capacity = capacity });
      chunk = &g_array_index (outbox->chunks, Chunk, outbox->chunks->len - 1);
    }
  memcpy (chunk->data + chunk->end, data, size);
  chunk->end += size;
  outbox->size += size;
}

void
rmq_real_outbox_add_body (RmqRealOutbox *outbox, GBytes *body, guint8 **spare_block)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (body, &size);
  if (size <= COPY_BODY_MAX_BYTES)
    {
      rmq_real_outbox_add (outbox, data, size, spare_block);
      return;
    }
  add_chunk (outbox, &(Chunk){ .body = g_bytes_ref (body), .data = (guint8 *)data, .end = size });
  outbox->size += size;
}

static void
drop_sent (RmqRealOutbox *outbox, gsize sent, guint8 **spare_block)
{
  g_assert (sent <= outbox->size);
  outbox->size -= sent;
  while (outbox->first < outbox->chunks->len)
    {
      Chunk *chunk = &g_array_index (outbox->chunks, Chunk, outbox->first);
      const gsize step = MIN (sent, chunk->end - chunk->begin);
      chunk->begin += step;
      sent -= step;
      if (chunk->begin < chunk->end)
        break;
      chunk_clear (chunk, spare_block);
      outbox->first++;
    }
  if (outbox->first == outbox->chunks->len || outbox->first >= IOV_MAX_CHUNKS)
    {
      g_array_remove_range (outbox->chunks, 0, outbox->first);
      outbox->first = 0;
    }
}

static gssize
send_some (RmqRealOutbox *outbox, int fd)
{
  struct iovec parts[IOV_MAX_CHUNKS];
  const guint n = MIN (IOV_MAX_CHUNKS, outbox->chunks->len - outbox->first);
  for (guint i = 0; i < n; i++)
    {
      const Chunk *chunk = &g_array_index (outbox->chunks, Chunk, outbox->first + i);
      parts[i] = (struct iovec){ chunk->data + chunk->begin, chunk->end - chunk->begin };
    }
  const struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
  return sendmsg (fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

RmqRealFlush
rmq_real_outbox_flush (RmqRealOutbox *outbox, int fd, guint8 **spare_block)
{
  while (outbox->size > 0)
    {
      const gssize sent = send_some (outbox, fd);
      if (sent >= 0)
        drop_sent (outbox, (gsize)sent, spare_block);
      else if (errno == EAGAIN || errno == ENOBUFS)
        return RMQ_REAL_FLUSH_BLOCKED;
      else if (errno != EINTR)
        return RMQ_REAL_FLUSH_BROKEN;
    }
  return RMQ_REAL_FLUSH_ALL;
}

void
rmq_real_outbox_clear (RmqRealOutbox *outbox, guint8 **spare_block)
{
  for (guint i = outbox->first; outbox->chunks != NULL && i < outbox->chunks->len; i++)
    chunk_clear (&g_array_index (outbox->chunks, Chunk, i), spare_block);
  g_clear_pointer (&outbox->chunks, g_array_unref);
  *outbox = (RmqRealOutbox){ 0 };
}

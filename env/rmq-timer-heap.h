/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A binary heap of embedded timers, ordered by (time, sequence): both worlds' only queue of the
 * future. */

typedef struct _RmqTimerHeap RmqTimerHeap;

typedef struct
{
  gint64 at_us;
  guint64 sequence;
  guint position; /* in the heap, from 1; 0 = not armed */
  void (*func) (gpointer data);
  gpointer data;
  gpointer owner; /* the env it belongs to */
  guint64 cause;  /* event that armed it */
} RmqTimer;

struct _RmqTimerHeap
{
  RmqTimer **items; /* items[0] unused */
  guint n_items;
  guint n_allocated;
  guint64 next_sequence;
};

void rmq_timer_heap_clear (RmqTimerHeap *heap);
/* Inserts, or moves an armed one; a new sequence number either way. */
void rmq_timer_heap_insert (RmqTimerHeap *heap, RmqTimer *timer, gint64 at_us);
void rmq_timer_heap_remove (RmqTimerHeap *heap, RmqTimer *timer);
RmqTimer *rmq_timer_heap_peek (const RmqTimerHeap *heap); /* (nullable) */
RmqTimer *rmq_timer_heap_pop (RmqTimerHeap *heap);        /* (nullable) */

static inline gboolean
rmq_timer_is_armed (const RmqTimer *timer)
{
  return timer->position != 0;
}

G_END_DECLS

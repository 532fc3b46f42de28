/* SPDX-License-Identifier: Apache-2.0 */

/* A binary heap of timers that are embedded in their owners: no allocation per timer, removal by
 * position. Equal times run in order of arming. Owned by a world, used by its loop only. */

#include "rmq-timer-heap.h"

static gboolean
earlier (const RmqTimer *a, const RmqTimer *b)
{
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->sequence < b->sequence;
}

static void
place (RmqTimerHeap *heap, RmqTimer *timer, guint position)
{
  heap->items[position] = timer;
  timer->position = position;
}

static void
sift_up (RmqTimerHeap *heap, RmqTimer *timer, guint position)
{
  while (position > 1 && earlier (timer, heap->items[position / 2]))
    {
      place (heap, heap->items[position / 2], position);
      position /= 2;
    }
  place (heap, timer, position);
}

static void
sift_down (RmqTimerHeap *heap, RmqTimer *timer, guint position)
{
  while (2 * position <= heap->n_items)
    {
      guint child = 2 * position;
      if (child < heap->n_items && earlier (heap->items[child + 1], heap->items[child]))
        child++;
      if (!earlier (heap->items[child], timer))
        break;
      place (heap, heap->items[child], position);
      position = child;
    }
  place (heap, timer, position);
}

void
rmq_timer_heap_clear (RmqTimerHeap *heap)
{
  for (guint i = 1; i <= heap->n_items; i++)
    heap->items[i]->position = 0;
  g_clear_pointer (&heap->items, g_free);
  heap->n_items = heap->n_allocated = 0;
}

void
rmq_timer_heap_insert (RmqTimerHeap *heap, RmqTimer *timer, gint64 at_us)
{
  if (rmq_timer_is_armed (timer))
    rmq_timer_heap_remove (heap, timer);
  if (heap->n_items + 2 > heap->n_allocated)
    {
      heap->n_allocated = MAX (64, 2 * heap->n_allocated);
      heap->items = g_renew (RmqTimer *, heap->items, heap->n_allocated);
    }
  timer->at_us = at_us;
  timer->sequence = heap->next_sequence++;
  sift_up (heap, timer, ++heap->n_items);
}

void
rmq_timer_heap_remove (RmqTimerHeap *heap, RmqTimer *timer)
{
  guint position = timer->position;
  if (position == 0)
    return;
  g_assert (heap->items[position] == timer);
  RmqTimer *last = heap->items[heap->n_items--];
  timer->position = 0;
  if (last == timer)
    return;
  if (position > 1 && earlier (last, heap->items[position / 2]))
    sift_up (heap, last, position);
  else
    sift_down (heap, last, position);
}

RmqTimer *
rmq_timer_heap_peek (const RmqTimerHeap *heap)
{
  return heap->n_items > 0 ? heap->items[1] : NULL;
}

RmqTimer *
rmq_timer_heap_pop (RmqTimerHeap *heap)
{
  RmqTimer *timer = rmq_timer_heap_peek (heap);
  if (timer != NULL)
    rmq_timer_heap_remove (heap, timer);
  return timer;
}

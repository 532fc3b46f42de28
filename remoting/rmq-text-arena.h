/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Texts that go with their owner: the first ones fit into room the owner brings along, so that
 * owner and texts are one allocation; more room is taken in blocks. A text never moves. */

typedef struct _RmqTextBlock RmqTextBlock;

typedef struct
{
  char *at;
  gsize room;
  RmqTextBlock *blocks;
} RmqTextArena;

void rmq_text_arena_init (RmqTextArena *arena, char *room, gsize size);
void rmq_text_arena_clear (RmqTextArena *arena);
void rmq_text_arena_add_block (RmqTextArena *arena, gsize size);

/* Where the next text of up to size bytes goes; rmq_text_arena_take() makes it stay. */
static inline char *
rmq_text_arena_reserve (RmqTextArena *arena, gsize size)
{
  if (G_UNLIKELY (size >= arena->room))
    rmq_text_arena_add_block (arena, size + 1);
  return arena->at;
}

/* The size bytes that were written there, with a NUL behind them. */
static inline char *
rmq_text_arena_take (RmqTextArena *arena, gsize size)
{
  char *taken = arena->at;
  taken[size] = '\0';
  arena->at += size + 1;
  arena->room -= size + 1;
  return taken;
}

/* A copy of text[0 … size-1], with a NUL behind it. */
static inline char *
rmq_text_arena_keep (RmqTextArena *arena, const char *text, gsize size)
{
  memcpy (rmq_text_arena_reserve (arena, size), text, size);
  return rmq_text_arena_take (arena, size);
}

G_END_DECLS

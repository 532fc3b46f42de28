/* SPDX-License-Identifier: Apache-2.0 */

/* The room for texts that live as long as their owner. One owner, on whatever context it runs.
 * Gives no room back before it is cleared. */

#include "rmq-text-arena.h"

#define BLOCK_SIZE_MIN 1024

struct _RmqTextBlock
{
  RmqTextBlock *next;
  char text[];
};

void
rmq_text_arena_init (RmqTextArena *arena, char *room, gsize size)
{
  *arena = (RmqTextArena){ .at = room, .room = size };
}

void
rmq_text_arena_clear (RmqTextArena *arena)
{
  for (RmqTextBlock *block = arena->blocks, *next; block != NULL; block = next)
    {
      next = block->next;
      g_free (block);
    }
  *arena = (RmqTextArena){ 0 };
}

void
rmq_text_arena_add_block (RmqTextArena *arena, gsize size)
{
  gsize room = MAX (size, BLOCK_SIZE_MIN);
  RmqTextBlock *block = g_malloc (sizeof *block + room);
  block->next = arena->blocks;
  arena->blocks = block;
  arena->at = block->text;
  arena->room = room;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Streams of chance: xoshiro256**, seeded by splitmix64. Pure: no clock, no system entropy; where a
 * stream's seed comes from is its world's business. Must never be shared between concerns: a draw
 * more in one of them would move the numbers of the other. */

#include "rmq-random.h"

guint64
rmq_splitmix64 (guint64 *state)
{
  guint64 z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

guint64
rmq_hash_text (const char *text)
{
  guint64 hash = 0xcbf29ce484222325u;
  for (const guint8 *p = (const guint8 *)text; *p != 0; p++)
    hash = (hash ^ *p) * 0x100000001b3u;
  return rmq_splitmix64 (&hash);
}

void
rmq_random_init (RmqRandom *random, guint64 seed, const char *name)
{
  g_assert (name != NULL);
  guint64 state = rmq_splitmix64 (&seed) ^ rmq_hash_text (name);
  for (guint i = 0; i < G_N_ELEMENTS (random->state); i++)
    random->state[i] = rmq_splitmix64 (&state);
}

static guint64
rotate_left (guint64 x, guint n)
{
  return (x << n) | (x >> (64 - n));
}

guint64
rmq_random_next (RmqRandom *random)
{
  guint64 *s = random->state;
  guint64 result = rotate_left (s[1] * 5, 7) * 9;
  guint64 t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left (s[3], 45);
  return result;
}

guint64
rmq_random_below (RmqRandom *random, guint64 n)
{
  g_assert (n > 0);
  /* Numbers under the remainder of 2^64 / n would come once too often. */
  guint64 threshold = -n % n;
  guint64 x;
  do
    x = rmq_random_next (random);
  while (x < threshold);
  return x % n;
}

gint64
rmq_random_between (RmqRandom *random, gint64 low, gint64 high)
{
  g_assert (low <= high);
  guint64 span = (guint64)high - (guint64)low;
  if (span == G_MAXUINT64)
    return (gint64)rmq_random_next (random);
  return (gint64)((guint64)low + rmq_random_below (random, span + 1));
}

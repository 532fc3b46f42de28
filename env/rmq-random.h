/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One stream of chance: xoshiro256**, filled by splitmix64 of (seed, name), so that neighbouring
 * seeds and neighbouring names share nothing. */

typedef struct
{
  guint64 state[4];
} RmqRandom;

void rmq_random_init (RmqRandom *random, guint64 seed, const char *name);
guint64 rmq_random_next (RmqRandom *random);
/* 0 … n-1, unbiased; n > 0. */
guint64 rmq_random_below (RmqRandom *random, guint64 n);
/* low … high, both included. */
gint64 rmq_random_between (RmqRandom *random, gint64 low, gint64 high);

guint64 rmq_splitmix64 (guint64 *state);
/* FNV-1a finished by splitmix64: the stable hash of a text, the same on every machine. */
guint64 rmq_hash_text (const char *text);

G_END_DECLS

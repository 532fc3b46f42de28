/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A map from 64-bit numbers to pointers, for what is put in and taken out with every send: nothing
 * is allocated per entry. Zero it to begin. */

typedef struct
{
  guint64 number;
  gpointer value; /* NULL: a free place */
} RmqNumberPlace;

typedef struct
{
  RmqNumberPlace *places; /* a power of two of them, at most half of them taken */
  guint n_places;
  guint n_taken;
} RmqNumberMap;

typedef gboolean (*RmqNumberFunc) (guint64 number, gpointer data);

void rmq_number_map_clear (RmqNumberMap *map);
/* value: not NULL. FALSE: the number was there, and has the new value now. */
gboolean rmq_number_map_put (RmqNumberMap *map, guint64 number, gpointer value);
gpointer rmq_number_map_get (const RmqNumberMap *map, guint64 number); /* (nullable) */
void rmq_number_map_remove (RmqNumberMap *map, guint64 number);
/* Those of whom func says so. */
void rmq_number_map_remove_all (RmqNumberMap *map, RmqNumberFunc func, gpointer data);

G_END_DECLS

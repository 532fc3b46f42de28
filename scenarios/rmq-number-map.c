/* SPDX-License-Identifier: Apache-2.0 */

/* The map of numbers: open addressing, the next place along when one is taken. Taking out moves
 * back what had to go further, so that a search may end at the first free place. One owner, any
 * context. Nobody can see its order. */

#include "rmq-number-map.h"

#define N_PLACES_MIN 64

void
rmq_number_map_clear (RmqNumberMap *map)
{
  g_free (map->places);
  *map = (RmqNumberMap){ 0 };
}

static guint
home_of (const RmqNumberMap *map, guint64 number)
{
  return (guint)(number * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15) >> 32) & (map->n_places - 1);
}

/* Where it is, or would be. There are places. */
static RmqNumberPlace *
find (const RmqNumberMap *map, guint64 number)
{
  guint at = home_of (map, number);
  while (map->places[at].value != NULL && map->places[at].number != number)
    at = (at + 1) & (map->n_places - 1);
  return &map->places[at];
}

static void
grow (RmqNumberMap *map)
{
  const RmqNumberMap old = *map;
  map->n_places = MAX (N_PLACES_MIN, 2 * old.n_places);
  map->places = g_new0 (RmqNumberPlace, map->n_places);
  for (guint i = 0; i < old.n_places; i++)
    if (old.places[i].value != NULL)
      *find (map, old.places[i].number) = old.places[i];
  g_free (old.places);
}

gboolean
rmq_number_map_put (RmqNumberMap *map, guint64 number, gpointer value)
{
  g_assert (value != NULL);
  if (2 * map->n_taken >= map->n_places)
    grow (map);
  RmqNumberPlace *place = find (map, number);
  gboolean is_new = place->value == NULL;
  *place = (RmqNumberPlace){ number, value };
  map->n_taken += is_new;
  return is_new;
}

gpointer
rmq_number_map_get (const RmqNumberMap *map, guint64 number)
{
  return map->n_places > 0 ? find (map, number)->value : NULL;
}

/* Frees a place: whoever lies behind it, up to the next free one, and not between its home and
 * here, moves up. */
static void
free_place (RmqNumberMap *map, guint hole)
{
  const guint mask = map->n_places - 1;
  for (guint at = (hole + 1) & mask; map->places[at].value != NULL; at = (at + 1) & mask)
    {
      const guint home = home_of (map, map->places[at].number);
      if (((at - home) & mask) < ((at - hole) & mask))
        continue;
      map->places[hole] = map->places[at];
      hole = at;
    }
  map->places[hole].value = NULL;
  map->n_taken--;
}

void
rmq_number_map_remove (RmqNumberMap *map, guint64 number)
{
  if (map->n_places == 0)
    return;
  RmqNumberPlace *place = find (map, number);
  if (place->value != NULL)
    free_place (map, (guint)(place - map->places));
}

void
rmq_number_map_remove_all (RmqNumberMap *map, RmqNumberFunc func, gpointer data)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; i < map->n_places; i++)
    if (map->places[i].value != NULL && func (map->places[i].number, data))
      g_array_append_val (found, map->places[i].number);
  for (guint i = 0; i < found->len; i++)
    rmq_number_map_remove (map, g_array_index (found, guint64, i));
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Moments that are kept, by event number, thinned where they are old: the newest are the likeliest
 * to be looked at. Snapshots are shared, never changed. Belongs to the thread that draws. */

#include "rmq-dashboard-moments.h"

RmqDashboardMoment *
rmq_dashboard_moment_copy (const RmqDashboardMoment *moment)
{
  RmqDashboardMoment *copy = g_new (RmqDashboardMoment, 1);
  *copy = *moment;
  rmq_snapshot_ref (copy->snapshot);
  rmq_snapshot_ref (copy->flows);
  return copy;
}

void
rmq_dashboard_moment_free (RmqDashboardMoment *moment)
{
  if (moment == NULL)
    return;
  rmq_snapshot_unref (moment->snapshot);
  rmq_snapshot_unref (moment->flows);
  g_free (moment);
}

static gsize
count_cells (const RmqSnapshot *snapshot)
{
  gsize n = 0;
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (snapshot, i);
      n += (gsize)rmq_table_get_n_rows (table) * rmq_table_get_schema (table)->n_columns;
    }
  return n;
}

static RmqDashboardMoment *
get (const RmqDashboardMoments *moments, guint index)
{
  return g_ptr_array_index (moments->list, index);
}

void
rmq_dashboard_moments_init (RmqDashboardMoments *moments)
{
  moments->list = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_dashboard_moment_free);
  moments->n_cells = 0;
}

void
rmq_dashboard_moments_clear (RmqDashboardMoments *moments)
{
  g_clear_pointer (&moments->list, g_ptr_array_unref);
}

/* The first that isn't before ev; how many there are: none. */
static guint
find_place (const RmqDashboardMoments *moments, guint64 ev)
{
  guint low = 0, high = moments->list->len;
  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      if (get (moments, middle)->ev < ev)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
drop (RmqDashboardMoments *moments, guint index)
{
  moments->n_cells -= count_cells (get (moments, index)->snapshot);
  g_ptr_array_remove_index (moments->list, index);
}

static gboolean
is_too_much (const RmqDashboardMoments *moments)
{
  return moments->list->len > RMQ_MOMENTS_MAX
         || (moments->n_cells > RMQ_MOMENT_CELLS_MAX && moments->list->len > 1);
}

static void
thin (RmqDashboardMoments *moments)
{
  for (guint i = moments->list->len / 2; i > 0; i -= MIN (i, 2))
    drop (moments, i - 1);
}

void
rmq_dashboard_moments_add (RmqDashboardMoments *moments, const RmqDashboardMoment *moment)
{
  const guint place = find_place (moments, moment->ev);
  if (place < moments->list->len && get (moments, place)->ev == moment->ev)
    drop (moments, place);
  g_ptr_array_insert (moments->list, (gint)place, rmq_dashboard_moment_copy (moment));
  moments->n_cells += count_cells (moment->snapshot);
  while (is_too_much (moments))
    thin (moments);
}

void
rmq_dashboard_moments_forget_after (RmqDashboardMoments *moments, guint64 ev)
{
  while (moments->list->len > 0 && get (moments, moments->list->len - 1)->ev > ev)
    drop (moments, moments->list->len - 1);
}

const RmqDashboardMoment *
rmq_dashboard_moments_find (const RmqDashboardMoments *moments, guint64 ev)
{
  const guint place = find_place (moments, ev);
  gboolean found = place < moments->list->len && get (moments, place)->ev == ev;
  return found ? get (moments, place) : NULL;
}

const RmqDashboardMoment *
rmq_dashboard_moments_before (const RmqDashboardMoments *moments, guint64 ev)
{
  const guint place = find_place (moments, ev);
  return place > 0 ? get (moments, place - 1) : NULL;
}

const RmqDashboardMoment *
rmq_dashboard_moments_after (const RmqDashboardMoments *moments, guint64 ev)
{
  const guint place = find_place (moments, ev + 1);
  return place < moments->list->len ? get (moments, place) : NULL;
}

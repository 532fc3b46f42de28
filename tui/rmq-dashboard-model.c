/* SPDX-License-Identifier: Apache-2.0 */

/* The dashboard's plain data: made, freed, and asked for the table of an id.
 * Belongs to the thread that draws; snapshots in it are immutable and shared. */

#include "rmq-dashboard-model.h"

const guint rmq_dashboard_speeds[] = { 10, 25, 50, 100, 200, 500, 1000, 2500, 5000, 10000 };
const guint rmq_dashboard_n_speeds = G_N_ELEMENTS (rmq_dashboard_speeds);
#define SPEED_X1 3

RmqDashboardModel *
rmq_dashboard_model_new (const char *scenario, RmqDashboardBadge badge, guint64 seed)
{
  RmqDashboardModel *model = g_new0 (RmqDashboardModel, 1);
  model->scenario = g_strdup (scenario);
  model->badge = badge;
  model->seed = seed;
  model->speed = SPEED_X1;
  model->past = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_snapshot_unref);
  model->rare = g_array_new (FALSE, FALSE, sizeof (RmqDashboardEvent));
  model->samples = g_array_new (FALSE, FALSE, sizeof (RmqDashboardSample));
  model->all = g_array_new (FALSE, FALSE, sizeof (RmqDashboardEvent));
  rmq_dashboard_moments_init (&model->moments);
  model->prompt.text = g_string_new (NULL);
  model->prompt.history = g_ptr_array_new_with_free_func (g_free);
  model->width = 80;
  model->height = 24;
  return model;
}

static void
prompt_clear (RmqDashboardPrompt *prompt)
{
  g_string_free (prompt->text, TRUE);
  g_ptr_array_unref (prompt->history);
  g_free (prompt->answer);
  g_free (prompt->asked);
}

void
rmq_dashboard_model_free (RmqDashboardModel *model)
{
  if (model == NULL)
    return;
  rmq_snapshot_unref (model->snapshot);
  rmq_snapshot_unref (model->flows);
  rmq_snapshot_unref (model->derived);
  rmq_dashboard_moments_clear (&model->moments);
  rmq_dashboard_moment_free (model->present);
  g_ptr_array_unref (model->past);
  g_array_unref (model->rare);
  g_array_unref (model->samples);
  g_array_unref (model->all);
  prompt_clear (&model->prompt);
  g_free (model->scenario);
  g_free (model->report);
  g_free (model->row_key);
  g_free (model->submitted);
  g_free (model);
}

const RmqTable *
rmq_dashboard_model_find_table (const RmqDashboardModel *model, const char *id)
{
  const RmqTable *table = NULL;
  const RmqSnapshot *const snapshots[] = { model->flows, model->derived, model->snapshot };
  for (guint i = 0; i < G_N_ELEMENTS (snapshots) && table == NULL; i++)
    if (snapshots[i] != NULL)
      table = rmq_snapshot_find_table (snapshots[i], id, NULL);
  return table;
}

const char *
rmq_dashboard_get_text (const RmqTable *table, guint row, const char *column)
{
  gint index = rmq_table_schema_find_column (rmq_table_get_schema (table), column);
  return index >= 0 ? rmq_table_get_cell (table, row, (guint)index)->text : NULL;
}

gint64
rmq_dashboard_get_number (const RmqTable *table, guint row, const char *column)
{
  gint index = rmq_table_schema_find_column (rmq_table_get_schema (table), column);
  return index >= 0 ? rmq_table_get_cell (table, row, (guint)index)->number : -1;
}

/* Any table that holds a broker's name beside an address will do. */
const char *
rmq_dashboard_model_name_address (const RmqDashboardModel *model, const char *address)
{
  for (guint i = 0; i < rmq_snapshot_get_n_tables (model->snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (model->snapshot, i);
      for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
        {
          const char *name = rmq_dashboard_get_text (table, row, "brokerName");
          const char *here = rmq_dashboard_get_text (table, row, "address");
          if (here == NULL)
            here = rmq_dashboard_get_text (table, row, "brokerAddr");
          if (name != NULL && g_strcmp0 (here, address) == 0)
            return name;
        }
    }
  return NULL;
}

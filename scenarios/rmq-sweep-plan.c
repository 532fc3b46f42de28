/* SPDX-License-Identifier: Apache-2.0 */

/* The arithmetic of a sweep: seeds, shards, numbers of runs. Pure; runs nothing. */

#include "rmq-sweep-plan.h"

#include <string.h>

#define DEFAULT_SEEDS 100

static void
free_scenario (gpointer data)
{
  RmqSweepScenario *item = data;
  g_clear_pointer (&item->scenario, rmq_scenario_unref);
  g_free (item->digest);
  g_free (item->name);
  g_free (item);
}

RmqSweepPlan *
rmq_sweep_plan_new (void)
{
  RmqSweepPlan *plan = g_new0 (RmqSweepPlan, 1);
  plan->scenarios = g_ptr_array_new_with_free_func (free_scenario);
  plan->first_seed = 1;
  plan->last_seed = DEFAULT_SEEDS;
  plan->shard = plan->n_shards = 1;
  return plan;
}

void
rmq_sweep_plan_free (RmqSweepPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->scenarios);
  g_free (plan->profile);
  g_free (plan);
}

/* ---- what the user says -------------------------------------------------- */

/* "A<separator>B" */
static gboolean
read_pair (const char *text, const char *separator, guint64 *a, guint64 *b)
{
  g_auto (GStrv) parts = g_strsplit (text, separator, 2);
  return g_strv_length (parts) == 2
         && g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT64, a, NULL)
         && g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT64, b, NULL);
}

gboolean
rmq_sweep_plan_set_seeds (RmqSweepPlan *plan, const char *text, GError **error)
{
  guint64 first = 1, last = 0;
  const gboolean is_number = g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT64, &last, NULL);
  if ((!is_number && !read_pair (text, "..", &first, &last)) || first > last)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "\"%s\" is neither a number of seeds (200) nor a range of them (1..200)", text);
      return FALSE;
    }
  if (last - first >= RMQ_SWEEP_RUNS_MAX)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "at most %d seeds, not \"%s\"",
                   RMQ_SWEEP_RUNS_MAX, text);
      return FALSE;
    }
  plan->first_seed = first;
  plan->last_seed = last;
  return TRUE;
}

gboolean
rmq_sweep_plan_set_shard (RmqSweepPlan *plan, const char *text, GError **error)
{
  guint64 shard = 0, n_shards = 0;
  if (!read_pair (text, "/", &shard, &n_shards) || shard < 1 || shard > n_shards
      || n_shards > RMQ_SWEEP_SHARDS_MAX)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "\"%s\" is no shard: K/N, with K from 1 to N, N at most %d", text,
                   RMQ_SWEEP_SHARDS_MAX);
      return FALSE;
    }
  plan->shard = (guint)shard;
  plan->n_shards = (guint)n_shards;
  return TRUE;
}

gboolean
rmq_sweep_plan_add_name (RmqSweepPlan *plan, const char *name, const char *digest, GError **error)
{
  for (guint i = 0; i < plan->scenarios->len; i++)
    {
      const RmqSweepScenario *other = g_ptr_array_index (plan->scenarios, i);
      if (g_str_equal (other->name, name))
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is named twice",
                       name);
          return FALSE;
        }
    }
  if (rmq_sweep_plan_get_n_runs (plan) + rmq_sweep_plan_get_n_seeds (plan) > RMQ_SWEEP_RUNS_MAX)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "that are over %d runs",
                   RMQ_SWEEP_RUNS_MAX);
      return FALSE;
    }
  RmqSweepScenario *item = g_new0 (RmqSweepScenario, 1);
  item->name = g_strdup (name);
  item->digest = g_strdup (digest);
  g_ptr_array_add (plan->scenarios, item);
  return TRUE;
}

static char *
make_digest (RmqScenario *scenario)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const char *text = rmq_scenario_get_statement (scenario, i)->text;
      g_checksum_update (checksum, (const guchar *)text, (gssize)strlen (text));
      g_checksum_update (checksum, (const guchar *)"\n", 1);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

gboolean
rmq_sweep_plan_add (RmqSweepPlan *plan, RmqScenario *scenario, GError **error)
{
  g_autofree char *digest = make_digest (scenario);
  if (!rmq_sweep_plan_add_name (plan, rmq_scenario_get_name (scenario), digest, error))
    return FALSE;
  RmqSweepScenario *item = g_ptr_array_index (plan->scenarios, plan->scenarios->len - 1);
  item->scenario = rmq_scenario_ref (scenario);
  return TRUE;
}

/* ---- numbers ------------------------------------------------------------- */

guint64
rmq_sweep_plan_get_n_seeds (const RmqSweepPlan *plan)
{
  return plan->last_seed - plan->first_seed + 1;
}

guint64
rmq_sweep_plan_get_n_runs (const RmqSweepPlan *plan)
{
  return plan->scenarios->len * rmq_sweep_plan_get_n_seeds (plan);
}

guint64
rmq_sweep_plan_get_n_mine (const RmqSweepPlan *plan)
{
  const guint64 n = rmq_sweep_plan_get_n_runs (plan);
  return plan->shard == 0 ? n : (n + plan->n_shards - plan->shard) / plan->n_shards;
}

guint64
rmq_sweep_plan_get_mine (const RmqSweepPlan *plan, guint64 index)
{
  return plan->shard == 0 ? index : plan->shard - 1 + index * plan->n_shards;
}

RmqSweepRun
rmq_sweep_plan_get_run (const RmqSweepPlan *plan, guint64 number)
{
  const guint64 n_seeds = rmq_sweep_plan_get_n_seeds (plan);
  g_assert (number < rmq_sweep_plan_get_n_runs (plan));
  return (RmqSweepRun){ .scenario = g_ptr_array_index (plan->scenarios, number / n_seeds),
                        .scenario_index = (guint)(number / n_seeds),
                        .seed = plan->first_seed + number % n_seeds };
}

gboolean
rmq_sweep_plan_find_run (const RmqSweepPlan *plan, const char *scenario, guint64 seed,
                         guint64 *number)
{
  if (seed < plan->first_seed || seed > plan->last_seed)
    return FALSE;
  for (guint i = 0; i < plan->scenarios->len; i++)
    {
      const RmqSweepScenario *item = g_ptr_array_index (plan->scenarios, i);
      if (!g_str_equal (item->name, scenario))
        continue;
      *number = i * rmq_sweep_plan_get_n_seeds (plan) + (seed - plan->first_seed);
      return TRUE;
    }
  return FALSE;
}

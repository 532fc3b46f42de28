/* SPDX-License-Identifier: Apache-2.0 */

/* Merging: each file is a stream of runs in the order of the plan, so all are read side by side and
 * memory stays that of one line a file. What is missing, doubled or different is counted per shard
 * and told to the summary; only files that can't be read, or of another sweep, are errors. */

#include "rmq-sweep-merge.h"

#include <string.h>
#include <sys/resource.h>

#include "rmq-sweep-file.h"

/* A file, and the run it stands at. */
typedef struct
{
  RmqSweepReader *reader;
  RmqSeedResult *result; /* (nullable): the end */
  char *line;
  guint64 number;
} Stream;

struct _RmqSweepMerge
{
  RmqSweepPlan *plan;
  GPtrArray **streams; /* by shard, from 0: of Stream */
  guint64 *n_missing;  /* by shard */
  guint64 *first_missing;
  RmqSweepMergeCounts counts;
};

static void
free_stream (gpointer data)
{
  Stream *stream = data;
  rmq_sweep_reader_free (stream->reader);
  rmq_seed_result_free (stream->result);
  g_free (stream->line);
  g_free (stream);
}

/* ---- opening ------------------------------------------------------------- */

/* A file a shard, and there may be thousands. */
static void
raise_file_limit (void)
{
  struct rlimit limit;
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static RmqSweepPlan *
copy_plan (const RmqSweepPlan *other)
{
  RmqSweepPlan *plan = rmq_sweep_plan_new ();
  plan->first_seed = other->first_seed;
  plan->last_seed = other->last_seed;
  plan->shard = 0;
  plan->n_shards = other->n_shards;
  plan->profile = g_strdup (other->profile);
  for (guint i = 0; i < other->scenarios->len; i++)
    {
      const RmqSweepScenario *item = g_ptr_array_index (other->scenarios, i);
      rmq_sweep_plan_add_name (plan, item->name, item->digest, NULL);
    }
  return plan;
}

/* In what it differs. (nullable): in nothing. */
static const char *
compare_plans (const RmqSweepPlan *one, const RmqSweepPlan *other)
{
  if (one->first_seed != other->first_seed || one->last_seed != other->last_seed)
    return "other seeds";
  if (one->n_shards != other->n_shards)
    return "another number of shards";
  if (g_strcmp0 (one->profile, other->profile) != 0)
    return "another profile";
  if (one->scenarios->len != other->scenarios->len)
    return "other scenarios";
  for (guint i = 0; i < one->scenarios->len; i++)
    {
      const RmqSweepScenario *item = g_ptr_array_index (one->scenarios, i);
      const RmqSweepScenario *twin = g_ptr_array_index (other->scenarios, i);
      if (!g_str_equal (item->name, twin->name))
        return "other scenarios";
      if (!g_str_equal (item->digest, twin->digest))
        return "another text of a scenario";
    }
  return NULL;
}

static gboolean
refuse (const Stream *stream, GError **error, const char *what)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s",
               rmq_sweep_reader_get_path (stream->reader), what);
  return FALSE;
}

/* To its next run; runs of other shards or out of order are none of this sweep. */
static gboolean
advance (const RmqSweepMerge *merge, Stream *stream, GError **error)
{
  const char *line = NULL;
  g_autoptr (GError) problem = NULL;
  const RmqSweepPlan *plan = rmq_sweep_reader_get_plan (stream->reader);
  const guint64 before = stream->result != NULL ? stream->number + 1 : 0;
  rmq_seed_result_free (stream->result);
  stream->result = rmq_sweep_reader_next (stream->reader, &line, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (stream->result == NULL)
    return TRUE;
  g_free (stream->line);
  stream->line = g_strdup (line);
  const RmqReport *report = stream->result->report;
  if (!rmq_sweep_plan_find_run (merge->plan, report->scenario, report->seed, &stream->number)
      || stream->number % plan->n_shards != plan->shard - 1)
    return refuse (stream, error, "it holds a run that isn't its shard's");
  return stream->number >= before || refuse (stream, error, "its runs are out of order");
}

static gboolean
open_file (RmqSweepMerge *merge, const char *path, GError **error)
{
  RmqSweepReader *reader = rmq_sweep_reader_new (path, error);
  if (reader == NULL)
    return FALSE;
  Stream *stream = g_new0 (Stream, 1);
  stream->reader = reader;
  const RmqSweepPlan *plan = rmq_sweep_reader_get_plan (reader);
  const gboolean is_first = merge->plan == NULL;
  if (is_first)
    {
      merge->plan = copy_plan (plan);
      merge->streams = g_new0 (GPtrArray *, plan->n_shards);
      merge->n_missing = g_new0 (guint64, plan->n_shards);
      merge->first_missing = g_new0 (guint64, plan->n_shards);
      for (guint i = 0; i < plan->n_shards; i++)
        merge->streams[i] = g_ptr_array_new_with_free_func (free_stream);
    }
  const char *difference = compare_plans (merge->plan, plan);
  if (difference != NULL)
    {
      g_autofree char *what = g_strdup_printf ("it is of another sweep: %s", difference);
      refuse (stream, error, what);
      free_stream (stream);
      return FALSE;
    }
  g_ptr_array_add (merge->streams[plan->shard - 1], stream);
  return advance (merge, stream, error);
}

RmqSweepMerge *
rmq_sweep_merge_new (char **folders, GError **error)
{
  g_autoptr (RmqSweepMerge) merge = g_new0 (RmqSweepMerge, 1);
  raise_file_limit ();
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_auto (GStrv) paths = rmq_sweep_list_files (folders[i], error);
      for (guint j = 0; paths != NULL && paths[j] != NULL; j++)
        if (!open_file (merge, paths[j], error))
          return NULL;
      if (paths == NULL)
        return NULL;
    }
  g_assert (merge->plan != NULL);
  return g_steal_pointer (&merge);
}

void
rmq_sweep_merge_free (RmqSweepMerge *merge)
{
  if (merge == NULL)
    return;
  for (guint i = 0; merge->plan != NULL && i < merge->plan->n_shards; i++)
    g_ptr_array_unref (merge->streams[i]);
  g_free (merge->streams);
  g_free (merge->n_missing);
  g_free (merge->first_missing);
  rmq_sweep_plan_free (merge->plan);
  g_free (merge);
}

const RmqSweepPlan *
rmq_sweep_merge_get_plan (const RmqSweepMerge *merge)
{
  return merge->plan;
}

RmqSweepMergeCounts
rmq_sweep_merge_get_counts (const RmqSweepMerge *merge)
{
  return merge->counts;
}

/* "1 run", "12 runs" (transfer full) */
static char *
count_runs (guint64 n)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " run%s", n, n == 1 ? "" : "s");
}

/* ---- joining ------------------------------------------------------------- */

static char *
name_run (const RmqSweepMerge *merge, guint64 number)
{
  const RmqSweepRun run = rmq_sweep_plan_get_run (merge->plan, number);
  return g_strdup_printf ("%s seed %" G_GUINT64_FORMAT, run.scenario->name, run.seed);
}

/* Two files have the run: the same is welcome, another is what must never be. */
static void
compare_twins (RmqSweepMerge *merge, const Stream *one, const Stream *other,
               RmqSweepSummary *summary)
{
  if (g_str_equal (one->line, other->line))
    {
      merge->counts.n_doubled++;
      return;
    }
  if (merge->counts.n_different++ > 0)
    return;
  g_autofree char *name = name_run (merge, one->number);
  rmq_sweep_summary_note (
      summary, g_strdup_printf (
                   "%s came out differently: hash %s in %s, %s in %s", name,
                   one->result->report->hashes[0], rmq_sweep_reader_get_path (one->reader),
                   other->result->report->hashes[0], rmq_sweep_reader_get_path (other->reader)));
}

/* The streams of its shard that stand at this run move on; the first one's result is taken. */
static gboolean
join_run (RmqSweepMerge *merge, guint64 number, RmqSweepSummary *summary, RmqSweepFunc func,
          gpointer data, GError **error)
{
  const guint shard = (guint)(number % merge->plan->n_shards);
  const Stream *first = NULL;
  for (guint i = 0; i < merge->streams[shard]->len; i++)
    {
      const Stream *stream = g_ptr_array_index (merge->streams[shard], i);
      if (stream->result == NULL || stream->number != number)
        continue;
      if (first != NULL)
        compare_twins (merge, first, stream, summary);
      else
        first = stream;
    }
  if (first == NULL)
    {
      merge->counts.n_missing++;
      if (merge->n_missing[shard]++ == 0)
        merge->first_missing[shard] = number;
      return TRUE;
    }
  if (!func (&(RmqSweepOutcome){ number, first->line, first->result }, data, error))
    return FALSE;
  for (guint i = 0; i < merge->streams[shard]->len; i++)
    {
      Stream *stream = g_ptr_array_index (merge->streams[shard], i);
      if (stream->result != NULL && stream->number == number && !advance (merge, stream, error))
        return FALSE;
    }
  return TRUE;
}

static void
tell_shard (const RmqSweepMerge *merge, guint shard, RmqSweepSummary *summary)
{
  if (merge->streams[shard]->len > 1)
    rmq_sweep_summary_note (summary,
                            g_strdup_printf ("shard %u of %u is there %u times", shard + 1,
                                             merge->plan->n_shards, merge->streams[shard]->len));
  if (merge->n_missing[shard] == 0)
    return;
  g_autofree char *first = name_run (merge, merge->first_missing[shard]);
  g_autofree char *runs = count_runs (merge->n_missing[shard]);
  rmq_sweep_summary_complain (
      summary, merge->streams[shard]->len == 0
                   ? g_strdup_printf ("shard %u of %u", shard + 1, merge->plan->n_shards)
                   : g_strdup_printf ("%s of shard %u of %u, the first %s", runs, shard + 1,
                                      merge->plan->n_shards, first));
}

static void
tell_twins (const RmqSweepMerge *merge, RmqSweepSummary *summary)
{
  g_autofree char *doubled = count_runs (merge->counts.n_doubled);
  g_autofree char *different = count_runs (merge->counts.n_different);
  if (merge->counts.n_doubled > 0)
    rmq_sweep_summary_note (
        summary,
        g_strdup_printf ("more than once, always the same, and counted once: %s", doubled));
  if (merge->counts.n_different > 0)
    rmq_sweep_summary_note (summary, g_strdup_printf ("%s came out differently", different));
}

gboolean
rmq_sweep_merge_run (RmqSweepMerge *merge, RmqSweepSummary *summary, RmqSweepFunc func,
                     gpointer data, GError **error)
{
  const guint64 n = rmq_sweep_plan_get_n_runs (merge->plan);
  for (guint64 number = 0; number < n; number++)
    if (!join_run (merge, number, summary, func, data, error))
      return FALSE;
  for (guint i = 0; i < merge->plan->n_shards; i++)
    tell_shard (merge, i, summary);
  tell_twins (merge, summary);
  return TRUE;
}

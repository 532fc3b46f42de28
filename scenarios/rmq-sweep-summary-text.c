/* SPDX-License-Identifier: Apache-2.0 */

/* A sweep's summary as text for people and as one JSON document. Pure. */

#include "rmq-sweep-summary-private.h"

#define TITLE_WIDTH 44
#define NUMBER_WIDTH 11

/* ---- text ---------------------------------------------------------------- */

static void
append_counts (GString *out, const guint64 *counts)
{
  g_string_append_printf (
      out, "%" G_GUINT64_FORMAT " ok, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT " unknown",
      counts[RMQ_VERDICT_OK], counts[RMQ_VERDICT_FAILED], counts[RMQ_VERDICT_UNKNOWN]);
}

static void
append_first (GString *out, const RmqSweepClaim *claim, RmqVerdict verdict)
{
  if (claim->counts[verdict] == 0)
    return;
  g_string_append_printf (out, "  %-8s %8" G_GUINT64_FORMAT " x  %s\n",
                          rmq_verdict_get_name (verdict), claim->counts[verdict], claim->text);
  g_string_append_printf (out, "    first: seed %" G_GUINT64_FORMAT ": %s",
                          claim->first_seed[verdict], claim->first_evidence[verdict]);
  if (claim->first_ev[verdict] != 0)
    g_string_append_printf (out, "   ev %" G_GUINT64_FORMAT, claim->first_ev[verdict]);
  g_string_append_printf (out, "\n    replay: %s\n", claim->first_replay[verdict]);
}

/* (transfer full) */
static char *
format_number (gint64 number, gboolean is_time)
{
  const gboolean is_long = number >= G_USEC_PER_SEC;
  const gint64 us = is_long ? number / 1000 : number;
  return is_time ? g_strdup_printf ("%" G_GINT64_FORMAT ".%03d %s", us / 1000, (int)(us % 1000),
                                    is_long ? "s" : "ms")
                 : g_strdup_printf ("%" G_GINT64_FORMAT, number);
}

/* Where nothing is spread, one number says it. */
static void
append_spread (GString *out, const char *title, GArray *values, gboolean is_time)
{
  gint64 spread[RMQ_SPREAD_N];
  if (values->len == 0)
    return;
  rmq_spread_take (values, spread);
  const gboolean is_one = spread[0] == spread[RMQ_SPREAD_N - 1];
  const glong width = g_utf8_strlen (title, -1);
  g_string_append_printf (out, "  %s%*s", title, (int)MAX (0, TITLE_WIDTH - width), "");
  for (guint i = 0; i < (is_one ? 1 : RMQ_SPREAD_N); i++)
    {
      g_autofree char *text = format_number (spread[i], is_time);
      g_string_append_printf (out, " %*s", NUMBER_WIDTH, text);
    }
  g_string_append (out, is_one && values->len > 1 ? " always\n" : "\n");
}

static void
append_figures (GString *out, const RmqSweepStory *story)
{
  if (story->figures[0]->len == 0)
    return;
  g_string_append_printf (out, "  %-*s", TITLE_WIDTH, "");
  for (guint i = 0; i < RMQ_SPREAD_N; i++)
    g_string_append_printf (out, " %*s", NUMBER_WIDTH, rmq_spread_names[i]);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    append_spread (out, rmq_figures[i].title, story->figures[i], rmq_figures[i].is_time);
  for (guint i = 0; i < story->claims->len; i++)
    {
      const RmqSweepClaim *claim = g_ptr_array_index (story->claims, i);
      append_spread (out, claim->text, claim->numbers, g_strcmp0 (claim->unit, "us") == 0);
    }
}

static void
append_story (GString *out, const RmqSweepStory *story)
{
  guint n_ok = 0;
  g_string_append_printf (out, "%s: ", story->scenario->name);
  append_counts (out, story->counts);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < story->claims->len; i++)
    {
      const RmqSweepClaim *claim = g_ptr_array_index (story->claims, i);
      append_first (out, claim, RMQ_VERDICT_FAILED);
      append_first (out, claim, RMQ_VERDICT_UNKNOWN);
      n_ok += claim->counts[RMQ_VERDICT_FAILED] == 0 && claim->counts[RMQ_VERDICT_UNKNOWN] == 0;
    }
  g_string_append_printf (out, "  %u of %u claims hold in every run\n", n_ok, story->claims->len);
  append_figures (out, story);
}

static void
append_plan (GString *out, const RmqSweepPlan *plan)
{
  g_string_append_printf (out, "seeds %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, plan->first_seed,
                          plan->last_seed);
  if (plan->profile != NULL)
    g_string_append_printf (out, ", profile %s", plan->profile);
  if (plan->shard != 0 && plan->n_shards > 1)
    g_string_append_printf (out, ", shard %u of %u", plan->shard, plan->n_shards);
}

char *
rmq_sweep_summary_format (const RmqSweepSummary *summary)
{
  GString *out = g_string_new (NULL);
  g_autofree char *hash = rmq_sweep_summary_get_hash (summary);
  for (guint i = 0; i < summary->stories->len; i++)
    append_story (out, g_ptr_array_index (summary->stories, i));
  for (guint i = 0; i < summary->notes->len; i++)
    g_string_append_printf (out, "note: %s\n", (char *)g_ptr_array_index (summary->notes, i));
  for (guint i = 0; i < summary->complaints->len; i++)
    g_string_append_printf (out, "missing: %s\n",
                            (char *)g_ptr_array_index (summary->complaints, i));
  append_counts (out, summary->counts);
  g_string_append (out, "   ");
  append_plan (out, summary->plan);
  g_string_append_printf (out, "   hash %s\n", hash);
  return g_string_free (out, FALSE);
}

/* ---- JSON ---------------------------------------------------------------- */

static void
put_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
put_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
put_counts (JsonBuilder *builder, const guint64 *counts)
{
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < RMQ_N_VERDICTS; i++)
    put_int (builder, rmq_verdict_get_name ((RmqVerdict)i), (gint64)counts[i]);
  json_builder_end_object (builder);
}

static void
put_spread (JsonBuilder *builder, const char *name, GArray *values)
{
  gint64 spread[RMQ_SPREAD_N];
  if (values->len == 0)
    return;
  rmq_spread_take (values, spread);
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  for (guint i = 0; i < RMQ_SPREAD_N; i++)
    put_int (builder, rmq_spread_names[i], spread[i]);
  json_builder_end_object (builder);
}

static void
put_first (JsonBuilder *builder, const RmqSweepClaim *claim, RmqVerdict verdict)
{
  if (claim->counts[verdict] == 0)
    return;
  json_builder_set_member_name (builder,
                                verdict == RMQ_VERDICT_FAILED ? "firstFailed" : "firstUnknown");
  json_builder_begin_object (builder);
  put_int (builder, "seed", (gint64)claim->first_seed[verdict]);
  put_string (builder, "evidence", claim->first_evidence[verdict]);
  put_int (builder, "ev", (gint64)claim->first_ev[verdict]);
  put_string (builder, "replay", claim->first_replay[verdict]);
  json_builder_end_object (builder);
}

static void
put_claim (JsonBuilder *builder, const RmqSweepClaim *claim)
{
  json_builder_begin_object (builder);
  put_string (builder, "claim", claim->text);
  put_string (builder, "kind", claim->kind);
  if (claim->line != G_MAXUINT)
    put_int (builder, "line", claim->line);
  put_counts (builder, claim->counts);
  put_first (builder, claim, RMQ_VERDICT_FAILED);
  put_first (builder, claim, RMQ_VERDICT_UNKNOWN);
  put_spread (builder, g_strcmp0 (claim->unit, "us") == 0 ? "judgedUs" : "judged", claim->numbers);
  json_builder_end_object (builder);
}

static void
put_story (JsonBuilder *builder, const RmqSweepStory *story)
{
  json_builder_begin_object (builder);
  put_string (builder, "scenario", story->scenario->name);
  put_string (builder, "sha256", story->scenario->digest);
  put_counts (builder, story->counts);
  json_builder_set_member_name (builder, "claims");
  json_builder_begin_array (builder);
  for (guint i = 0; i < story->claims->len; i++)
    put_claim (builder, g_ptr_array_index (story->claims, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "figures");
  json_builder_begin_object (builder);
  for (guint i = 0; i < RMQ_N_FIGURES; i++)
    put_spread (builder, rmq_figures[i].id, story->figures[i]);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
put_texts (JsonBuilder *builder, const char *name, const GPtrArray *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < texts->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (texts, i));
  json_builder_end_array (builder);
}

char *
rmq_sweep_summary_to_json (const RmqSweepSummary *summary)
{
  const RmqSweepPlan *plan = summary->plan;
  g_autofree char *hash = rmq_sweep_summary_get_hash (summary);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  put_int (builder, "firstSeed", (gint64)plan->first_seed);
  put_int (builder, "lastSeed", (gint64)plan->last_seed);
  put_int (builder, "shard", plan->shard);
  put_int (builder, "shards", plan->n_shards);
  put_string (builder, "profile", plan->profile);
  json_builder_set_member_name (builder, "scenarios");
  json_builder_begin_array (builder);
  for (guint i = 0; i < summary->stories->len; i++)
    put_story (builder, g_ptr_array_index (summary->stories, i));
  json_builder_end_array (builder);
  put_counts (builder, summary->counts);
  put_texts (builder, "notes", summary->notes);
  put_texts (builder, "missing", summary->complaints);
  put_string (builder, "hash", hash);
  put_int (builder, "status", rmq_sweep_summary_get_status (summary));
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

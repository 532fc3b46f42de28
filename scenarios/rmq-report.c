/* SPDX-License-Identifier: Apache-2.0 */

/* The report: counting verdicts, exit status, as text and as one JSON document. Pure. */

#include "rmq-report.h"

#include <string.h>

#include "rmq-event.h"

#define CLAIM_WIDTH 56

static const char *const verdict_names[] = {
  [RMQ_VERDICT_OK] = "ok",
  [RMQ_VERDICT_FAILED] = "failed",
  [RMQ_VERDICT_UNKNOWN] = "unknown",
  [RMQ_VERDICT_NOTED] = "noted",
};
G_STATIC_ASSERT (G_N_ELEMENTS (verdict_names) == RMQ_N_VERDICTS);

/* In the order of RmqReport.hashes: the whole, then RmqHashPart. */
static const char *
hash_name (guint index)
{
  return index == 0 ? "whole" : rmq_hash_part_get_name ((RmqHashPart)(index - 1));
}

const char *
rmq_verdict_get_name (RmqVerdict verdict)
{
  return verdict_names[verdict];
}

static void
free_finding (gpointer data)
{
  RmqFinding *finding = data;
  g_free (finding->claim);
  g_free (finding->evidence);
  g_free (finding);
}

RmqReport *
rmq_report_new (void)
{
  RmqReport *report = g_new0 (RmqReport, 1);
  g_ref_count_init (&report->ref_count);
  report->findings = g_ptr_array_new_with_free_func (free_finding);
  report->notices = g_ptr_array_new_with_free_func (g_free);
  report->added = g_ptr_array_new_with_free_func (g_free);
  report->typed = g_ptr_array_new_with_free_func (g_free);
  report->complete = TRUE;
  return report;
}

RmqReport *
rmq_report_ref (RmqReport *report)
{
  g_ref_count_inc (&report->ref_count);
  return report;
}

void
rmq_report_unref (RmqReport *report)
{
  if (report == NULL || !g_ref_count_dec (&report->ref_count))
    return;
  g_ptr_array_unref (report->findings);
  g_ptr_array_unref (report->notices);
  g_ptr_array_unref (report->added);
  g_ptr_array_unref (report->typed);
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    g_free (report->hashes[i]);
  g_free (report->scenario);
  g_free (report->title);
  g_free (report->profile);
  g_free (report->namesrv);
  g_free (report);
}

void
rmq_report_add (RmqReport *report, const RmqFinding *finding)
{
  RmqFinding *copy = g_new (RmqFinding, 1);
  *copy = *finding;
  g_ptr_array_add (report->findings, copy);
  report->counts[finding->verdict]++;
}

gint
rmq_report_get_status (const RmqReport *report)
{
  if (report->counts[RMQ_VERDICT_FAILED] > 0)
    return 1;
  return report->counts[RMQ_VERDICT_UNKNOWN] > 0 || !report->complete ? 4 : 0;
}

/* ---- text ---------------------------------------------------------------- */

static void
append_finding (GString *out, const RmqFinding *finding)
{
  const glong width = g_utf8_strlen (finding->claim, -1);
  g_string_append_printf (out, "%-8s %s%*s %s", rmq_verdict_get_name (finding->verdict),
                          finding->claim, (int)MAX (1, CLAIM_WIDTH - width), "", finding->evidence);
  if (finding->ev != 0)
    g_string_append_printf (out, "   ev %" G_GUINT64_FORMAT, finding->ev);
  g_string_append_c (out, '\n');
}

static void
append_summary (GString *out, const RmqReport *report)
{
  g_string_append_printf (out, "%u ok, %u failed, %u unknown", report->counts[RMQ_VERDICT_OK],
                          report->counts[RMQ_VERDICT_FAILED], report->counts[RMQ_VERDICT_UNKNOWN]);
  if (!report->real)
    g_string_append_printf (out, "   seed %" G_GUINT64_FORMAT, report->seed);
  g_string_append_printf (out, "   %" G_GUINT64_FORMAT " events", report->n_events);
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    if (report->hashes[i] != NULL)
      g_string_append_printf (out, "%s%s %s", i == 0 ? "   " : " ", i == 0 ? "hash" : hash_name (i),
                              report->hashes[i]);
  if (!report->complete)
    g_string_append (out, "   quit before its end");
  g_string_append_c (out, '\n');
}

static gboolean
is_plain_word (const char *text)
{
  return text[0] != '\0'
         && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-+")
                == strlen (text);
}

static void
append_lines (GString *text, const GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *quoted = g_shell_quote (g_ptr_array_index (lines, i));
      g_string_append_printf (text, " --line %s", quoted);
    }
}

/* Moment of the first offending event; 0: nothing failed, or at no one event. */
static guint64
find_offence (const RmqReport *report)
{
  guint64 first = 0;
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (finding->verdict == RMQ_VERDICT_FAILED && finding->ev != 0)
        first = first == 0 ? finding->ev : MIN (first, finding->ev);
    }
  return first;
}

char *
rmq_report_make_replay (const RmqReport *report)
{
  const guint64 offence = report->real ? 0 : find_offence (report);
  g_autofree char *name = is_plain_word (report->scenario) ? g_strdup (report->scenario)
                                                           : g_shell_quote (report->scenario);
  GString *text = g_string_new ("rmqlab run ");
  g_string_append (text, name);
  if (report->profile != NULL)
    g_string_append_printf (text, " --profile %s", report->profile);
  if (report->namesrv != NULL)
    g_string_append_printf (text, " --namesrv '%s'", report->namesrv);
  else if (report->real)
    g_string_append (text, " --real");
  else
    g_string_append_printf (text, " --seed %" G_GUINT64_FORMAT, report->seed);
  append_lines (text, report->added);
  if (!report->real)
    append_lines (text, report->typed);
  if (offence != 0)
    g_string_append_printf (text, " --goto ev:%" G_GUINT64_FORMAT, offence);
  return g_string_free (text, FALSE);
}

char *
rmq_report_format (const RmqReport *report)
{
  GString *out = g_string_new (NULL);
  if (report->title != NULL)
    g_string_append_printf (out, "%s\n", report->title);
  for (guint i = 0; i < report->findings->len; i++)
    append_finding (out, g_ptr_array_index (report->findings, i));
  for (guint i = 0; i < report->notices->len; i++)
    g_string_append_printf (out, "note: %s\n", (char *)g_ptr_array_index (report->notices, i));
  append_summary (out, report);
  g_autofree char *replay = rmq_report_make_replay (report);
  if (!report->real)
    g_string_append_printf (out, "replay: %s\n", replay);
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
put_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
rmq_finding_add_members (const RmqFinding *finding, JsonBuilder *builder)
{
  put_string (builder, "verdict", rmq_verdict_get_name (finding->verdict));
  put_string (builder, "kind", finding->kind);
  put_string (builder, "claim", finding->claim);
  put_string (builder, "evidence", finding->evidence);
  if (finding->line != 0)
    put_int (builder, "line", finding->line);
  if (finding->ev != 0)
    put_int (builder, "ev", finding->ev);
}

void
rmq_finding_add_json (const RmqFinding *finding, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  rmq_finding_add_members (finding, builder);
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

static void
put_findings (JsonBuilder *builder, const RmqReport *report)
{
  json_builder_set_member_name (builder, "verdicts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->findings->len; i++)
    rmq_finding_add_json (g_ptr_array_index (report->findings, i), builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < RMQ_N_VERDICTS; i++)
    put_int (builder, verdict_names[i], report->counts[i]);
  json_builder_end_object (builder);
  put_texts (builder, "notes", report->notices);
}

/* What only a simulated run has: the same seed gives the same again. */
static void
put_identity (JsonBuilder *builder, const RmqReport *report)
{
  g_autofree char *replay = rmq_report_make_replay (report);
  put_int (builder, "seed", report->seed);
  json_builder_set_member_name (builder, "hash");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (report->hashes); i++)
    put_string (builder, hash_name (i), report->hashes[i]);
  json_builder_end_object (builder);
  put_string (builder, "replay", replay);
  put_texts (builder, "typed", report->typed);
}

char *
rmq_report_to_json (const RmqReport *report)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  put_string (builder, "scenario", report->scenario);
  put_string (builder, "title", report->title);
  put_bool (builder, "real", report->real);
  put_bool (builder, "complete", report->complete);
  put_int (builder, "tookUs", report->took_us);
  put_int (builder, "events", report->n_events);
  put_findings (builder, report);
  if (!report->real)
    put_identity (builder, report);
  put_int (builder, "status", rmq_report_get_status (report));
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

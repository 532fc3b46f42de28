/* SPDX-License-Identifier: Apache-2.0 */

/* Finds the first event in which a run differs from a log. The log was checked line by line before
 * the first comparison; then each event of the run is written as text and laid beside the log's
 * next line. Listens inside emit, as owner of the loop; stops nothing by itself. */

#include "rmq-event-comparison.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "rmq-event-text.h"

#define CONTEXT_LINES 3
#define SHOWN_BYTES 80 /* of a line that is none */

struct _RmqEventComparison
{
  RmqRun *run;
  char *path;
  GMappedFile *file;
  const char *at, *end; /* the log: its next line; behind its last whole one */
  gboolean has_end;     /* its run was seen to its end */
  guint listener;
  GString *line;     /* ours */
  GPtrArray *common; /* of char: the last lines that both have */
  gboolean differs;
  GPtrArray *theirs; /* of char: the log from the difference on */
  GPtrArray *ours;   /* of char: the run from there on */
  guint64 n_same;
};

/* ---- lines of the log ---------------------------------------------------- */

/* (nullable): there is no further one. */
static const char *
next_line (const char **at, const char *end, gsize *size)
{
  const char *line = *at;
  if (line == end)
    return NULL;
  const char *feed = memchr (line, '\n', (gsize)(end - line));
  *size = (gsize)(feed - line);
  *at = feed + 1;
  return line;
}

static const char *
next_event (RmqEventComparison *self, gsize *size)
{
  const char *at = self->at;
  const char *line = next_line (&at, self->end, size);
  if (line == NULL || line[0] == '#')
    return NULL;
  self->at = at;
  return line;
}

/* ---- is it a log, and of this run? ---------------------------------------- */

static const char *const hints[RMQ_EVENT_TEXT_N_HEAD] = {
  "no event log; rmqlab run SCENARIO --log FILE writes one",
  "of another scenario, or its file was changed since",
  "of producers of another version; see --profile",
  "of another seed; see --seed",
};

/* The beginning of whatever was found. (transfer full) */
static char *
show (const char *line, gsize size)
{
  g_autofree char *text = g_strndup (line != NULL ? line : "", MIN (size, SHOWN_BYTES));
  return g_strescape (text, NULL);
}

static gboolean
check_head (RmqEventComparison *self, GError **error)
{
  for (guint i = 0; i < RMQ_EVENT_TEXT_N_HEAD; i++)
    {
      g_autofree char *wanted = rmq_event_text_head (self->run, i);
      gsize size = 0;
      const char *line = next_line (&self->at, self->end, &size);
      if (line != NULL && rmq_event_text_head_matches (wanted, line, size))
        continue;
      g_autofree char *found = show (line, size);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   "%s:%u: %s: \"%s\", where this run has \"%s\"", self->path, i + 1, hints[i],
                   found, wanted);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_events (RmqEventComparison *self, GError **error)
{
  g_autoptr (GRegex) pattern = rmq_event_text_pattern ();
  const char *at = self->at, *line;
  gsize size = 0;
  for (guint number = RMQ_EVENT_TEXT_N_HEAD + 1; (line = next_line (&at, self->end, &size)) != NULL;
       number++)
    {
      self->has_end = at == self->end && g_str_has_prefix (line, RMQ_EVENT_TEXT_END);
      if (self->has_end || g_regex_match_full (pattern, line, (gssize)size, 0, 0, NULL, NULL))
        continue;
      g_autofree char *found = show (line, size);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s:%u: no event: \"%s\"", self->path,
                   number, found);
      return FALSE;
    }
  return TRUE;
}

/* A line without an end was being written when the writer died. */
static void
take_whole_lines (RmqEventComparison *self)
{
  const gsize size = g_mapped_file_get_length (self->file);
  self->at = size > 0 ? g_mapped_file_get_contents (self->file) : "";
  const char *last = memrchr (self->at, '\n', size);
  self->end = last != NULL ? last + 1 : self->at;
}

/* ---- the comparison ------------------------------------------------------ */

static void
remember_common (RmqEventComparison *self)
{
  self->n_same++;
  if (self->common->len == CONTEXT_LINES)
    g_ptr_array_remove_index (self->common, 0);
  g_ptr_array_add (self->common, g_strdup (self->line->str));
}

static void
note_difference (RmqEventComparison *self, const char *line, gsize size)
{
  self->differs = TRUE;
  while (line != NULL && self->theirs->len < CONTEXT_LINES)
    {
      g_ptr_array_add (self->theirs, g_strndup (line, size));
      line = next_event (self, &size);
    }
}

static void
compare (const RmqEvent *event, gpointer data)
{
  RmqEventComparison *self = data;
  if (event->kind->part == RMQ_HASH_NONE)
    return;
  g_string_truncate (self->line, 0);
  rmq_event_text_append (self->run, event, self->line);
  if (!self->differs)
    {
      gsize size = 0;
      const char *line = next_event (self, &size);
      if (line == NULL && !self->has_end)
        return;
      if (line != NULL && size == self->line->len && memcmp (line, self->line->str, size) == 0)
        {
          remember_common (self);
          return;
        }
      note_difference (self, line, size);
    }
  if (self->ours->len < CONTEXT_LINES)
    g_ptr_array_add (self->ours, g_strdup (self->line->str));
}

static void
begin (gpointer data)
{
  RmqEventComparison *self = data;
  self->listener = rmq_event_text_listen (self->run, compare, self);
}

/* Only what stays as it is can be read twice. */
static GMappedFile *
open_file (const char *path, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_mapped_file_new (path, FALSE, error);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s is no regular file", path);
  return NULL;
}

RmqEventComparison *
rmq_event_comparison_new (RmqRun *run, const char *path, GError **error)
{
  g_assert (!rmq_run_is_real (run));
  GMappedFile *file = open_file (path, error);
  if (file == NULL)
    return NULL;
  g_autoptr (RmqEventComparison) self = g_new0 (RmqEventComparison, 1);
  self->run = run;
  self->path = g_strdup (path);
  self->file = file;
  self->line = g_string_new (NULL);
  self->common = g_ptr_array_new_with_free_func (g_free);
  self->theirs = g_ptr_array_new_with_free_func (g_free);
  self->ours = g_ptr_array_new_with_free_func (g_free);
  take_whole_lines (self);
  if (!check_head (self, error) || !check_events (self, error))
    return NULL;
  rmq_run_call (run, begin, self);
  return g_steal_pointer (&self);
}

void
rmq_event_comparison_free (RmqEventComparison *self)
{
  if (self == NULL)
    return;
  if (self->listener != 0)
    rmq_event_log_remove_listener (rmq_run_get_log (self->run), self->listener);
  g_ptr_array_unref (self->common);
  g_ptr_array_unref (self->theirs);
  g_ptr_array_unref (self->ours);
  g_string_free (self->line, TRUE);
  g_mapped_file_unref (self->file);
  g_free (self->path);
  g_free (self);
}

gboolean
rmq_event_comparison_is_decided (const RmqEventComparison *self)
{
  return self->differs && self->ours->len == CONTEXT_LINES;
}

static RmqCompared
get_result (const RmqEventComparison *self)
{
  if (self->differs)
    return RMQ_COMPARED_DIFFERENT;
  return self->has_end ? RMQ_COMPARED_SAME : RMQ_COMPARED_CUT_OFF;
}

RmqCompared
rmq_event_comparison_finish (RmqEventComparison *self)
{
  gsize size = 0;
  rmq_event_log_remove_listener (rmq_run_get_log (self->run), self->listener);
  self->listener = 0;
  const char *line = self->differs ? NULL : next_event (self, &size);
  if (line != NULL)
    note_difference (self, line, size);
  return get_result (self);
}

/* ---- what there is to say ------------------------------------------------ */

/* Column of a line: 0 moment, 1 second, 2 host, 3 sub-hash. (transfer full) */
static char *
column (const char *line, guint index)
{
  g_auto (GStrv) words = g_strsplit (line, " ", (gint)index + 2);
  return g_strdup (words[index]);
}

/* The event that differs: ours, or the log's where the run has ended. */
static const char *
first_line (const RmqEventComparison *self)
{
  return g_ptr_array_index (self->ours->len > 0 ? self->ours : self->theirs, 0);
}

/* "client", or "client and wire" where the two events count for different ones. (transfer full) */
static char *
parts (const RmqEventComparison *self)
{
  g_autofree char *part = column (first_line (self), 3);
  if (self->ours->len == 0 || self->theirs->len == 0)
    return g_steal_pointer (&part);
  g_autofree char *other = column (g_ptr_array_index (self->theirs, 0), 3);
  if (g_str_equal (part, other))
    return g_steal_pointer (&part);
  return g_strdup_printf ("%s and %s", other, part);
}

static void
append_lines (GString *out, const char *side, const GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (out, "  %-4s  %s\n", side, (char *)g_ptr_array_index (lines, i));
}

char *
rmq_event_comparison_format (const RmqEventComparison *self)
{
  GString *out = g_string_new (NULL);
  if (!self->differs)
    {
      g_string_printf (out, "same: %" G_GUINT64_FORMAT " events of %s%s\n", self->n_same,
                       self->path, self->has_end ? "" : ", which breaks off there");
      return g_string_free (out, FALSE);
    }
  g_autofree char *ev = column (first_line (self), 0);
  g_autofree char *second = column (first_line (self), 1);
  g_autofree char *part = parts (self);
  g_string_printf (out,
                   "diverged at ev:%s, %s s, in the sub-hash %s, after %" G_GUINT64_FORMAT
                   " events that are the same\n",
                   ev, second, part, self->n_same);
  append_lines (out, "both", self->common);
  append_lines (out, "log", self->theirs);
  if (self->theirs->len == 0)
    g_string_append (out, "  log   ends here\n");
  append_lines (out, "run", self->ours);
  if (self->ours->len == 0)
    g_string_append (out, "  run   ends here\n");
  return g_string_free (out, FALSE);
}

static void
add_lines (JsonBuilder *builder, const char *name, const GPtrArray *lines)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < lines->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (lines, i));
  json_builder_end_array (builder);
}

char *
rmq_event_comparison_to_json (const RmqEventComparison *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "same");
  json_builder_add_int_value (builder, (gint64)self->n_same);
  if (self->differs)
    {
      g_autofree char *ev = column (first_line (self), 0);
      g_autofree char *part = parts (self);
      json_builder_set_member_name (builder, "ev");
      json_builder_add_int_value (builder, (gint64)g_ascii_strtoull (ev, NULL, 10));
      json_builder_set_member_name (builder, "subHash");
      json_builder_add_string_value (builder, part);
    }
  add_lines (builder, "both", self->common);
  add_lines (builder, "log", self->theirs);
  add_lines (builder, "run", self->ours);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The text form of a run's events. Pure but for the run it reads; holds nothing. What differs
 * between machines or by who watches must not enter it. */

#include "rmq-event-text.h"

#include <string.h>

#include "rmq-run-private.h"

/* ---- the head ------------------------------------------------------------ */

static guint64
digest (RmqScenario *scenario)
{
  guint64 state = 0;
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      state ^= rmq_hash_text (rmq_scenario_get_statement (scenario, i)->text);
      state = rmq_splitmix64 (&state);
    }
  return state;
}

char *
rmq_event_text_head (RmqRun *run, guint index)
{
  switch (index)
    {
    case 0:
      return g_strdup (RMQ_EVENT_TEXT_MAGIC);
    case 1:
      return g_strdup_printf ("# scenario %s %016" G_GINT64_MODIFIER "x",
                              rmq_scenario_get_name (run->scenario), digest (run->scenario));
    case 2:
      return g_strdup_printf ("# profile %s",
                              run->options.profile != NULL ? run->options.profile : "-");
    case 3:
      return g_strdup_printf ("# seed %" G_GUINT64_FORMAT, run->seed);
    default:
      g_assert_not_reached ();
    }
}

gboolean
rmq_event_text_head_matches (const char *wanted, const char *line, gsize size)
{
  static const char scenario[] = "# scenario ";
  g_autofree char *text = g_strndup (line, size);
  if (g_str_has_prefix (wanted, scenario) && g_str_has_prefix (text, scenario))
    return g_str_equal (strrchr (wanted, ' '), strrchr (text, ' '));
  return g_str_equal (wanted, text);
}

char *
rmq_event_text_end (RmqRun *run)
{
  if (!run->over)
    return NULL;
  g_autofree char *hash = rmq_event_log_get_hash (rmq_run_get_log (run), RMQ_HASH_NONE);
  return g_strdup_printf (RMQ_EVENT_TEXT_END "%" G_GUINT64_FORMAT " events, hash %s",
                          rmq_run_get_ev (run), hash);
}

/* ---- an event ------------------------------------------------------------ */

/* A text may say anything; a line is a line. */
static void
append_text (const char *text, GString *out)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) || *c == '\\')
      g_string_append_printf (out, "\\x%02x", (guint8)*c);
    else
      g_string_append_c (out, *c);
}

void
rmq_event_text_append (RmqRun *run, const RmqEvent *event, GString *out)
{
  const gint64 at_us = event->at_us - run->zero_us;
  const gint64 size_us = ABS (at_us);
  g_autofree char *what = rmq_event_format (event);
  g_string_append_printf (
      out, "%" G_GUINT64_FORMAT " %s%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT " %s %s ", event->ev,
      at_us < 0 ? "-" : "", size_us / G_USEC_PER_SEC, size_us % G_USEC_PER_SEC,
      rmq_event_log_get_host_name (rmq_run_get_log (run), event->host),
      rmq_hash_part_get_name (event->kind->part));
  append_text (what, out);
}

GRegex *
rmq_event_text_pattern (void)
{
  return g_regex_new (
      "^\\d+ -?\\d+\\.\\d{6} \\S+ (wire|client|broker|verdict) [A-Z][A-Z0-9_]*( .*)?$",
      G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
}

/* ---- all events ---------------------------------------------------------- */

guint
rmq_event_text_listen (RmqRun *run, RmqEventFunc func, gpointer data)
{
  RmqEventLog *log = rmq_run_get_log (run);
  for (guint64 id = rmq_event_log_get_first_id (log); id <= rmq_event_log_get_last_id (log); id++)
    func (rmq_event_log_get (log, id), data);
  return rmq_event_log_add_listener (log, func, data);
}

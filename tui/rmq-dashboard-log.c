/* SPDX-License-Identifier: Apache-2.0 */

/* The log writer of the dashboard. Called from any thread; it touches nothing but its queue and
 * standard error, which the terminal's rescue holds back while the screen is up. */

#include "rmq-dashboard-log.h"

#include "rmq-terminal-rescue.h"

#include <stdio.h>

#define LINES_MAX 10000 /* more are not kept: a flood must not eat the memory */

/* GLib has one writer per process. */
static struct
{
  gboolean installed;
  gint keeping; /* atomic */
  GLogLevelFlags fatal;
  GAsyncQueue *lines;
} sink;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer unused)
{
  if (!g_atomic_int_get (&sink.keeping))
    return g_log_writer_default (level, fields, n_fields, NULL);
  if ((level & sink.fatal) != 0)
    {
      rmq_terminal_rescue_now ();
      return g_log_writer_default (level, fields, n_fields, NULL);
    }
  const char *domain = NULL;
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = fields[i].value;
  if (g_log_writer_default_would_drop (level, domain))
    return G_LOG_WRITER_HANDLED;
  char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  fprintf (stderr, "%s\n", line);
  if (g_async_queue_length (sink.lines) < LINES_MAX)
    g_async_queue_push (sink.lines, line);
  else
    g_free (line);
  return G_LOG_WRITER_HANDLED;
}

void
rmq_dashboard_log_begin (void)
{
  if (!sink.installed)
    {
      sink.lines = g_async_queue_new_full (g_free);
      /* The only way to ask which levels are fatal is to set them. */
      sink.fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
      g_log_set_always_fatal (sink.fatal);
      sink.fatal |= G_LOG_FLAG_FATAL;
      g_log_set_writer_func (write_log, NULL, NULL);
      sink.installed = TRUE;
    }
  g_atomic_int_set (&sink.keeping, TRUE);
}

void
rmq_dashboard_log_end (void)
{
  g_atomic_int_set (&sink.keeping, FALSE);
}

char *
rmq_dashboard_log_take (void)
{
  return sink.installed ? g_async_queue_try_pop (sink.lines) : NULL;
}

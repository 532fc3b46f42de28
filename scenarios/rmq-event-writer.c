/* SPDX-License-Identifier: Apache-2.0 */

/* The event log of a run as a file. Listens inside emit, as owner of the loop, and writes through a
 * buffer; what goes wrong there is told at the end, as a full disk must not change a run. */

#include "rmq-event-writer.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "rmq-event-text.h"

#define BUFFER_BYTES (256u * 1024)

struct _RmqEventWriter
{
  RmqRun *run;
  char *path;
  FILE *file;
  GString *line;
  guint listener;
};

static void
write_line (RmqEventWriter *self, const char *text)
{
  fputs (text, self->file);
  putc ('\n', self->file);
}

static void
write_event (const RmqEvent *event, gpointer data)
{
  RmqEventWriter *self = data;
  if (event->kind->part == RMQ_HASH_NONE)
    return;
  g_string_truncate (self->line, 0);
  rmq_event_text_append (self->run, event, self->line);
  write_line (self, self->line->str);
}

static void
begin (gpointer data)
{
  RmqEventWriter *self = data;
  for (guint i = 0; i < RMQ_EVENT_TEXT_N_HEAD; i++)
    {
      g_autofree char *line = rmq_event_text_head (self->run, i);
      write_line (self, line);
    }
  self->listener = rmq_event_text_listen (self->run, write_event, self);
}

static gboolean
refuse (const char *path, GError **error)
{
  const int number = errno;
  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (number),
               "%s can't be written: %s", path, g_strerror (number));
  return FALSE;
}

RmqEventWriter *
rmq_event_writer_new (RmqRun *run, const char *path, GError **error)
{
  FILE *file = g_fopen (path, "we");
  if (file == NULL)
    {
      refuse (path, error);
      return NULL;
    }
  RmqEventWriter *self = g_new0 (RmqEventWriter, 1);
  self->run = run;
  self->path = g_strdup (path);
  self->file = file;
  self->line = g_string_new (NULL);
  setvbuf (file, NULL, _IOFBF, BUFFER_BYTES);
  rmq_run_call (run, begin, self);
  return self;
}

static void
end (gpointer data)
{
  RmqEventWriter *self = data;
  rmq_event_log_remove_listener (rmq_run_get_log (self->run), self->listener);
  g_autofree char *line = rmq_event_text_end (self->run);
  if (line != NULL)
    write_line (self, line);
}

gboolean
rmq_event_writer_finish (RmqEventWriter *self, GError **error)
{
  rmq_run_call (self->run, end, self);
  gboolean failed = ferror (self->file) != 0;
  failed |= fclose (self->file) != 0;
  if (failed)
    refuse (self->path, error);
  g_string_free (self->line, TRUE);
  g_free (self->path);
  g_free (self);
  return !failed;
}

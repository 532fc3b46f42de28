/* SPDX-License-Identifier: Apache-2.0 */

/* Diagnostics of the language: collecting, printing with a caret. Pure; nothing
 * here knows a statement. */

#include "rmq-diagnostic.h"

#include <string.h>

#include "rmq-suggest.h"

static void
diagnostic_free (gpointer data)
{
  RmqDiagnostic *diagnostic = data;
  g_free (diagnostic->message);
  g_free (diagnostic->suggestion);
  g_free (diagnostic->source);
  g_free (diagnostic);
}

RmqDiagnostics *
rmq_diagnostics_new (const char *file)
{
  RmqDiagnostics *diagnostics = g_new0 (RmqDiagnostics, 1);
  diagnostics->file = g_strdup (file);
  diagnostics->items = g_ptr_array_new_with_free_func (diagnostic_free);
  return diagnostics;
}

void
rmq_diagnostics_free (RmqDiagnostics *diagnostics)
{
  if (diagnostics == NULL)
    return;
  g_ptr_array_unref (diagnostics->items);
  g_free (diagnostics->file);
  g_free (diagnostics);
}

void
rmq_diagnostics_add (RmqDiagnostics *diagnostics, const RmqDiagnostic *where, char *message,
                     const char *suggestion)
{
  if (!where->warning)
    diagnostics->n_errors++;
  if (diagnostics->items->len >= RMQ_DIAGNOSTICS_MAX)
    {
      g_free (message);
      return;
    }
  RmqDiagnostic *diagnostic = g_new (RmqDiagnostic, 1);
  *diagnostic = *where;
  diagnostic->message = message;
  diagnostic->suggestion = g_strdup (suggestion);
  diagnostic->source = g_strdup (where->source);
  g_ptr_array_add (diagnostics->items, diagnostic);
}

const RmqDiagnostic *
rmq_diagnostics_get (const RmqDiagnostics *diagnostics, guint index)
{
  g_assert (index < diagnostics->items->len);
  return g_ptr_array_index (diagnostics->items, index);
}

guint
rmq_diagnostics_get_n (const RmqDiagnostics *diagnostics)
{
  return diagnostics->items->len;
}

/* A caret below the column; tabs stay tabs so that it stands where the eye is. */
static void
append_caret (GString *out, const RmqDiagnostic *diagnostic)
{
  const char *source = diagnostic->source != NULL ? diagnostic->source : "";
  const char *end = source + MIN (strlen (source), diagnostic->column - 1);
  for (const char *at = source; at < end; at = g_utf8_next_char (at))
    g_string_append_c (out, *at == '\t' ? '\t' : ' ');
  g_string_append (out, "^\n");
}

static void
append_diagnostic (GString *out, const RmqDiagnostics *diagnostics, const RmqDiagnostic *diagnostic)
{
  g_string_append_printf (out, "%s:%u:%u: %s: %s\n", diagnostics->file, diagnostic->line,
                          diagnostic->column, diagnostic->warning ? "warning" : "error",
                          diagnostic->message);
  if (diagnostic->source != NULL)
    {
      g_string_append_printf (out, "%s\n", diagnostic->source);
      append_caret (out, diagnostic);
    }
  if (diagnostic->suggestion != NULL)
    g_string_append_printf (out, "did you mean \"%s\"?\n", diagnostic->suggestion);
}

char *
rmq_diagnostics_format (const RmqDiagnostics *diagnostics)
{
  GString *out = g_string_new (NULL);
  guint kept_errors = 0;
  for (guint i = 0; i < diagnostics->items->len; i++)
    {
      const RmqDiagnostic *diagnostic = rmq_diagnostics_get (diagnostics, i);
      kept_errors += !diagnostic->warning;
      append_diagnostic (out, diagnostics, diagnostic);
    }
  if (diagnostics->n_errors > kept_errors)
    g_string_append_printf (out, "%s: %u more errors\n", diagnostics->file,
                            diagnostics->n_errors - kept_errors);
  return g_string_free (out, FALSE);
}

const char *
rmq_nearest_word (const char *word, const char *const *words)
{
  return rmq_suggest (word, words, g_strv_length ((char **)words));
}

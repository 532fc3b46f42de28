/* SPDX-License-Identifier: Apache-2.0 */

/* Splits a line of the language into words. Reads the process's environment for ${NAME}, nothing
 * else from outside. */

#include "rmq-words.h"

#include <string.h>

typedef struct
{
  const char *source;
  const char *at;
  guint line;
  RmqDiagnostics *diagnostics;
  gboolean failed;
} Splitter;

static void
fail (Splitter *splitter, const char *at, char *message)
{
  const RmqDiagnostic where = { .line = splitter->line,
                                .column = at - splitter->source + 1,
                                .source = (char *)splitter->source };
  rmq_diagnostics_add (splitter->diagnostics, &where, message, NULL);
  splitter->failed = TRUE;
}

/* "${NAME}" or "${NAME:-default}" at the splitter's place. */
static void
take_variable (Splitter *splitter, GString *text)
{
  const char *start = splitter->at;
  const char *end = strchr (start, '}');
  if (end == NULL)
    {
      fail (splitter, start, g_strdup ("\"${\" without \"}\""));
      return;
    }
  g_autofree char *inside = g_strndup (start + 2, end - start - 2);
  char *fallback = strstr (inside, ":-");
  if (fallback != NULL)
    {
      *fallback = '\0';
      fallback += 2;
    }
  const char *value = g_getenv (inside);
  if (value == NULL)
    value = fallback;
  if (value == NULL)
    fail (splitter, start, g_strdup_printf ("${%s} has no value and no default", inside));
  else
    g_string_append (text, value);
  splitter->at = end + 1;
}

static void
take_quoted (Splitter *splitter, GString *text)
{
  const char *start = splitter->at++;
  const char *end = strchr (splitter->at, '"');
  if (end == NULL)
    {
      fail (splitter, start, g_strdup ("a quote is not closed"));
      return;
    }
  g_string_append_len (text, splitter->at, end - splitter->at);
  splitter->at = end + 1;
}

static gboolean
ends_word (char c)
{
  return c == '\0' || c == ' ' || c == '\t' || c == '\r';
}

static RmqWord
take_word (Splitter *splitter)
{
  const char *start = splitter->at;
  RmqWord word = { .column = start - splitter->source + 1, .quoted = *start == '"' };
  g_autoptr (GString) text = g_string_new (NULL);
  while (!splitter->failed && !ends_word (*splitter->at))
    {
      if (*splitter->at == '"')
        take_quoted (splitter, text);
      else if (g_str_has_prefix (splitter->at, "${"))
        take_variable (splitter, text);
      else
        g_string_append_c (text, *splitter->at++);
    }
  word.end = splitter->at - splitter->source + 1;
  word.text = g_strdup (text->str);
  return word;
}

static void
clear_word (gpointer data)
{
  g_free (((RmqWord *)data)->text);
}

static gboolean
check_line (Splitter *splitter)
{
  const char *bad = NULL;
  const gsize size = strlen (splitter->source);
  if (size > RMQ_LINE_MAX_BYTES)
    fail (
        splitter, splitter->source,
        g_strdup_printf ("a line of %" G_GSIZE_FORMAT " bytes, over %d", size, RMQ_LINE_MAX_BYTES));
  else if (!g_utf8_validate (splitter->source, size, &bad))
    fail (splitter, bad, g_strdup ("not valid UTF-8"));
  return !splitter->failed;
}

GArray *
rmq_words_split (const char *source, guint line, RmqDiagnostics *diagnostics)
{
  Splitter splitter = { .source = source, .at = source, .line = line, .diagnostics = diagnostics };
  if (!check_line (&splitter))
    return NULL;
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (RmqWord));
  g_array_set_clear_func (words, clear_word);
  while (!splitter.failed)
    {
      while (*splitter.at != '\0' && ends_word (*splitter.at))
        splitter.at++;
      if (*splitter.at == '\0' || *splitter.at == '#')
        return g_steal_pointer (&words);
      RmqWord word = take_word (&splitter);
      g_array_append_val (words, word);
    }
  return NULL;
}

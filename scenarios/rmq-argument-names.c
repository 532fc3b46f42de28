/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments that are names or hold one: checked against what is declared, and declaring. Pure but
 * for the reader's names. */

#include "rmq-argument-private.h"

#include <string.h>

#define NAME_MAX_BYTES 127
#define SPREAD_MAX 1000

static gboolean
is_name (const char *text)
{
  const gsize size = strlen (text);
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("._-%", *c) == NULL)
      return FALSE;
  return size > 0 && size <= NAME_MAX_BYTES;
}

static gboolean
check_name (RmqReader *reader, const RmqArgument *argument, const char *name)
{
  gboolean may_be_slave = (argument->names & RMQ_NAME_SLAVE) != 0; /* its name is no name */
  if (!may_be_slave && !is_name (name))
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no name: letters, digits, . _ - %%", name), NULL);
  const RmqNameKind kind = argument->declares;
  if (kind != 0 && rmq_grammar_is_reserved (name))
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" begins a statement and can't be a name", name), NULL);
  const RmqName *known = kind != 0 ? rmq_names_find (reader->names, name, ~RMQ_NAME_LABEL) : NULL;
  if (known != NULL && kind != RMQ_NAME_LABEL)
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is declared already, in line %u", name, known->line),
        NULL);
  if (argument->names == 0 || rmq_names_find (reader->names, name, argument->names) != NULL)
    return TRUE;
  g_autoptr (GPtrArray) candidates = rmq_names_list (reader->names, argument->names);
  g_autofree char *kinds = rmq_name_kinds_describe (argument->names);
  return rmq_reader_fail (reader, g_strdup_printf ("no %s \"%s\" is declared before", kinds, name),
                          rmq_nearest_word (name, (const char *const *)candidates->pdata));
}

static gboolean
take_name (RmqReader *reader, const RmqArgument *argument, const char *name, char **value)
{
  if (!check_name (reader, argument, name))
    return FALSE;
  if (argument->declares != 0 && argument->declares != RMQ_NAME_LABEL)
    rmq_names_add (reader->names, name, argument->declares, reader->line);
  *value = g_strdup (name);
  return TRUE;
}

gboolean
rmq_argument_read_name (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  if (!take_name (reader, argument, rmq_reader_peek (reader)->text, value))
    return FALSE;
  reader->at++;
  return TRUE;
}

/* "b[1..3]" → b1 b2 b3; anything else is itself. */
static gboolean
spread_name (RmqReader *reader, const RmqArgument *argument, const char *text, GPtrArray *out)
{
  gint64 low = 0, high = 0;
  const char *open = strchr (text, '[');
  const char *dots = open != NULL ? strstr (open, "..") : NULL;
  char *name = NULL;
  if (dots == NULL || text[strlen (text) - 1] != ']')
    {
      if (!take_name (reader, argument, text, &name))
        return FALSE;
      g_ptr_array_add (out, name);
      return TRUE;
    }
  g_autofree char *first = g_strndup (open + 1, dots - open - 1);
  g_autofree char *last = g_strndup (dots + 2, strlen (dots) - 3);
  if (!rmq_parse_number (first, &low) || !rmq_parse_number (last, &high) || high < low
      || high - low >= SPREAD_MAX)
    return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is no range of names: P[1..10]", text),
                            NULL);
  for (gint64 i = low; i <= high; i++)
    {
      g_autofree char *one = g_strdup_printf ("%.*s%" G_GINT64_FORMAT, (int)(open - text), text, i);
      if (!take_name (reader, argument, one, &name))
        return FALSE;
      g_ptr_array_add (out, name);
    }
  return TRUE;
}

/* Goes on to the next keyword of the form. */
gboolean
rmq_argument_read_names (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  do
    {
      if (!spread_name (reader, argument, rmq_reader_peek (reader)->text, names))
        return FALSE;
      reader->at++;
    }
  while (rmq_reader_peek (reader) != NULL && !rmq_reader_is_keyword (reader));
  g_ptr_array_add (names, NULL);
  *(char ***)value = (char **)g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return TRUE;
}

gboolean
rmq_argument_read_queue (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqQueueName *queue = value;
  const RmqWord *word = rmq_reader_peek (reader);
  const char *colon = strrchr (word->text, ':');
  if (colon == NULL || !rmq_parse_number (colon + 1, &queue->id))
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no queue: BROKER:NUMBER", word->text), NULL);
  g_autofree char *broker = g_strndup (word->text, colon - word->text);
  if (!take_name (reader, argument, broker, &queue->broker))
    return FALSE;
  reader->at++;
  return TRUE;
}

void
rmq_argument_clear_queue (gpointer value)
{
  g_free (((RmqQueueName *)value)->broker);
}

gboolean
rmq_argument_read_message (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqMessageName *message = value;
  const char *text = rmq_reader_peek (reader)->text;
  gsize size = strlen (text);
  while (size > 0 && g_ascii_isdigit (text[size - 1]))
    size--;
  message->number = -1;
  if (text[size] != '\0' && !rmq_parse_number (text + size, &message->number))
    return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is no message", text), NULL);
  g_autofree char *label = g_strndup (text, size);
  if (!take_name (reader, argument, label, &message->label))
    return FALSE;
  reader->at++;
  return TRUE;
}

void
rmq_argument_clear_message (gpointer value)
{
  g_free (((RmqMessageName *)value)->label);
}

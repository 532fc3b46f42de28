/* SPDX-License-Identifier: Apache-2.0 */

/* Settings: "set K V", as often as it takes. A broker's are those of broker.conf, and the mock's
 * own table judges them; a producer's are its setters. Variables of a host: "env K=V". Pure. */

#include "rmq-argument-private.h"
#include "rmq-broker-config.h"
#include "rmq-producer-settings.h"

#include <string.h>

/* (nullable): an error was added. (transfer full) */
static char *
read_setting (RmqReader *reader, const RmqArgument *argument)
{
  g_autoptr (GError) error = NULL;
  if (rmq_reader_peek (reader) == NULL)
    {
      rmq_reader_fail (reader, g_strdup ("K V is missing after \"set\""), NULL);
      return NULL;
    }
  const char *name = rmq_reader_peek (reader)->text;
  reader->at++;
  const RmqWord *value = rmq_reader_peek (reader);
  if (value == NULL)
    {
      rmq_reader_fail (reader, g_strdup_printf ("a value is missing after \"%s\"", name), NULL);
      return NULL;
    }
  gboolean ok = argument->type == RMQ_ARGUMENT_OPTIONS
                    ? rmq_producer_setting_check (name, value->text, &error)
                    : rmq_broker_setting_check (name, value->text, &error);
  if (!ok)
    {
      gboolean is_name = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      reader->at -= is_name ? 1 : 0;
      rmq_reader_fail (reader, g_strdup (error->message), NULL);
      return NULL;
    }
  reader->at++;
  return g_strdup_printf ("%s=%s", name, value->text);
}

gboolean
rmq_argument_read_settings (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  g_autoptr (GPtrArray) settings = g_ptr_array_new_with_free_func (g_free);
  guint n_words = 0;
  do
    {
      reader->at += n_words;
      char *setting = read_setting (reader, argument);
      if (setting == NULL)
        return FALSE;
      g_ptr_array_add (settings, setting);
      n_words = rmq_reader_match (reader, argument->keyword);
    }
  while (n_words > 0);
  g_ptr_array_add (settings, NULL);
  *(char ***)value = (char **)g_ptr_array_free (g_steal_pointer (&settings), FALSE);
  return TRUE;
}

gboolean
rmq_argument_read_variables (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  g_autoptr (GPtrArray) variables = g_ptr_array_new_with_free_func (g_free);
  guint n_words = 0;
  do
    {
      reader->at += n_words;
      const RmqWord *word = rmq_reader_peek (reader);
      const char *equals = word != NULL ? strchr (word->text, '=') : NULL;
      if (equals == NULL || equals == word->text)
        return rmq_reader_fail (reader, g_strdup ("a variable is expected: NAME=VALUE"), NULL);
      g_ptr_array_add (variables, g_strdup (word->text));
      reader->at++;
      n_words = rmq_reader_match (reader, argument->keyword);
    }
  while (n_words > 0);
  g_ptr_array_add (variables, NULL);
  *(char ***)value = (char **)g_ptr_array_free (g_steal_pointer (&variables), FALSE);
  return TRUE;
}

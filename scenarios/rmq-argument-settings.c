/* SPDX-License-Identifier: Apache-2.0 */

/* Settings of a broker: "set K V", as often as it takes. Names and values are those of broker.conf;
 * the mock's own table judges them. Pure. */

#include "rmq-argument-private.h"
#include "rmq-broker-config.h"

/* (nullable): an error was added. (transfer full) */
static char *
read_setting (RmqReader *reader)
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
  if (!rmq_broker_setting_check (name, value->text, &error))
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
      char *setting = read_setting (reader);
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

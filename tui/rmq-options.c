/* SPDX-License-Identifier: Apache-2.0 */

/* Options of the subcommands: GOption, and the nearest known option where it only says "unknown".
 * Nothing has been started when this runs, and nothing is if it fails. */

#include "rmq-options.h"

#include "rmq-suggest.h"

int
rmq_options_refuse (const RmqCommand *command, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("rmqlab %s: error: %s\n", command->name, text);
  return RMQ_EXIT_UNUSABLE;
}

static const char *
nearest_option (const GOptionEntry *entries, const char *typed)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "help");
  g_ptr_array_add (names, (gpointer) "version");
  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_ptr_array_add (names, (gpointer)entries[i].long_name);
  return rmq_suggest (typed, (const char *const *)names->pdata, names->len);
}

/* The first word that looks like an option and is none. */
static const char *
find_unknown (const GOptionEntry *entries, int argc, char **argv, char **name)
{
  for (int i = 1; i < argc; i++)
    {
      if (!g_str_has_prefix (argv[i], "--") || argv[i][2] == '\0')
        continue;
      g_autofree char *typed = g_strndup (argv[i] + 2, strcspn (argv[i] + 2, "="));
      gboolean known = g_str_equal (typed, "help");
      for (guint j = 0; entries[j].long_name != NULL; j++)
        known = known || g_str_equal (entries[j].long_name, typed);
      if (!known)
        {
          *name = g_steal_pointer (&typed);
          return argv[i];
        }
    }
  return NULL;
}

static void
explain (const RmqCommand *command, const GOptionEntry *entries, int argc, char **argv,
         const GError *error)
{
  g_autofree char *name = NULL;
  const char *unknown = find_unknown (entries, argc, argv, &name);
  if (unknown == NULL || !g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    {
      rmq_options_refuse (command, "%s", error->message);
      return;
    }
  const char *nearest = nearest_option (entries, name);
  if (nearest != NULL)
    rmq_options_refuse (command, "unknown option %s; did you mean --%s?", unknown, nearest);
  else
    rmq_options_refuse (command, "unknown option %s; see rmqlab %s --help", unknown, command->name);
}

gboolean
rmq_options_parse (const RmqCommand *command, const GOptionEntry *entries, int argc, char **argv,
                   char ***rest)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("rmqlab %s", command->name);
  g_autoptr (GOptionContext) context = g_option_context_new (command->arguments);
  g_auto (GStrv) words = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    words[i] = g_strdup (i == 0 ? program : argv[i]);
  g_option_context_set_summary (context, command->help);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      explain (command, entries, argc, argv, error);
      return FALSE;
    }
  guint n = g_strv_length (words);
  if (rest == NULL && n > 1)
    {
      rmq_options_refuse (command, "unexpected argument \"%s\"", words[1]);
      return FALSE;
    }
  if (rest != NULL)
    *rest = n > 1 ? g_strdupv (words + 1) : g_new0 (char *, 1);
  return TRUE;
}

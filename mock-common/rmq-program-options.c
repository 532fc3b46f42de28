/* SPDX-License-Identifier: Apache-2.0 */

/* How every program of the project reads its options: GOption, and the nearest known option where
 * it only says "unknown". Main thread, before anything has been started. It prints nothing but what
 * --help and --version ask for. */

#include "rmq-program-options.h"

#include <stdlib.h>
#include <string.h>

#include "rmq-suggest.h"

static gboolean show_version;

static const GOptionEntry common_entries[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Show the version", NULL },
  G_OPTION_ENTRY_NULL,
};

static GPtrArray *
list_names (const GOptionEntry *entries)
{
  GPtrArray *names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "help");
  g_ptr_array_add (names, (gpointer) "version");
  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_ptr_array_add (names, (gpointer)entries[i].long_name);
  return names;
}

/* The first word that looks like an option and is none. (nullable) (transfer full) */
static char *
find_unknown (GPtrArray *names, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      if (!g_str_has_prefix (argv[i], "--") || argv[i][2] == '\0')
        continue;
      g_autofree char *name = g_strndup (argv[i] + 2, strcspn (argv[i] + 2, "="));
      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        return g_steal_pointer (&name);
    }
  return NULL;
}

/* Replaces what GOption says of an unknown option. */
static void
suggest (const RmqProgramOptions *options, int argc, char **argv, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (options->entries);
  g_autofree char *unknown = find_unknown (names, argc, argv);
  if (unknown == NULL || !g_error_matches (*error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
    return;
  const char *nearest = rmq_suggest (unknown, (const char *const *)names->pdata, names->len);
  g_clear_error (error);
  if (nearest != NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                 "unknown option --%s; did you mean --%s?", unknown, nearest);
  else
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION,
                 "unknown option --%s; see %s --help", unknown, options->program);
}

static gboolean
take_rest (char **words, char ***rest, GError **error)
{
  const guint n = g_strv_length (words);
  if (rest != NULL)
    *rest = n > 1 ? g_strdupv (words + 1) : g_new0 (char *, 1);
  if (rest != NULL || n <= 1)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "unexpected argument \"%s\"",
               words[1]);
  return FALSE;
}

gboolean
rmq_program_options_parse (const RmqProgramOptions *options, int argc, char **argv, char ***rest,
                           GError **error)
{
  g_autoptr (GError) unread = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new (options->arguments);
  g_auto (GStrv) words = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    words[i] = g_strdup (i == 0 ? options->program : argv[i]);
  g_option_context_set_summary (context, options->summary);
  g_option_context_add_main_entries (context, options->entries, NULL);
  g_option_context_add_main_entries (context, common_entries, NULL);
  if (!g_option_context_parse_strv (context, &words, &unread))
    {
      suggest (options, argc, argv, &unread);
      g_propagate_error (error, g_steal_pointer (&unread));
      return FALSE;
    }
  if (!show_version)
    return take_rest (words, rest, error);
  g_print ("%.*s " RMQLAB_VERSION "\n", (int)strcspn (options->program, " "), options->program);
  exit (EXIT_SUCCESS);
}

static gboolean
is_address (const char *text)
{
  const char *colon = strrchr (text, ':');
  guint64 port;
  return colon != NULL && colon > text && strpbrk (text, " \t,/") == NULL
         && g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL);
}

char *
rmq_program_options_find_no_address (const char *list)
{
  if (list == NULL)
    return NULL;
  g_auto (GStrv) addresses = g_strsplit (list, ";", -1);
  if (addresses[0] == NULL)
    return g_strdup ("");
  for (char **address = addresses; *address != NULL; address++)
    if (!is_address (g_strstrip (*address)))
      return g_strdup (*address);
  return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Options, ready line and end of the mocks' programs. Runs on the main thread, outside every world;
 * it starts and stops nothing itself. Standard output carries the ready line and nothing else. */

#include "rmq-daemon.h"

#include <glib-unix.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "rmq-mock-profile.h"
#include "rmq-suggest.h"

#define VERSION RMQLAB_VERSION
#define LOG_DOMAINS "rmq-remoting rmq-mock-common rmq-mock-nameserver rmq-mock-broker"

static gboolean show_version;

static const GOptionEntry common_entries[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &show_version, "Show the version", NULL },
  G_OPTION_ENTRY_NULL,
};

RmqDaemonStatus
rmq_daemon_fail (const RmqDaemonOptions *options, RmqDaemonStatus status, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("%s: error: %s\n", options->program, text);
  return status;
}

/* ---- options ------------------------------------------------------------- */

static void
collect_names (GPtrArray *names, const GOptionEntry *entries)
{
  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_ptr_array_add (names, (gpointer)entries[i].long_name);
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

static RmqDaemonStatus
explain (const RmqDaemonOptions *options, int argc, char **argv, const GError *error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_ptr_array_add (names, (gpointer) "help");
  collect_names (names, common_entries);
  collect_names (names, options->entries);
  g_autofree char *unknown = find_unknown (names, argc, argv);
  if (unknown == NULL)
    return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "%s", error->message);
  const char *nearest = rmq_suggest (unknown, (const char *const *)names->pdata, names->len);
  if (nearest != NULL)
    return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "unknown option --%s; did you mean --%s?",
                            unknown, nearest);
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "unknown option --%s; see %s --help",
                          unknown, options->program);
}

/* One heap, since one thread turns the loop: the heap of any other thread than the first grows by a
 * page and a system call at a time, and a store only grows. */
void
rmq_daemon_prepare (void)
{
  mallopt (M_ARENA_MAX, 1);
  g_log_writer_default_set_use_stderr (TRUE);
  g_setenv ("G_MESSAGES_DEBUG", LOG_DOMAINS, FALSE);
}

RmqDaemonStatus
rmq_daemon_parse (const RmqDaemonOptions *options, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_summary (context, options->summary);
  g_option_context_add_main_entries (context, options->entries, NULL);
  g_option_context_add_main_entries (context, common_entries, NULL);
  g_auto (GStrv) words = g_new0 (char *, argc + 1);
  for (int i = 0; i < argc; i++)
    words[i] = g_strdup (argv[i]);
  if (!g_option_context_parse_strv (context, &words, &error))
    return explain (options, argc, argv, error);
  if (g_strv_length (words) > 1)
    return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "unexpected argument \"%s\"", words[1]);
  rmq_daemon_prepare ();
  if (!show_version)
    return RMQ_DAEMON_GO_ON;
  g_print ("%s %s\n", options->program, VERSION);
  return RMQ_DAEMON_OK;
}

RmqDaemonStatus
rmq_daemon_check_port (const RmqDaemonOptions *options, const char *name, gint port)
{
  if (port >= -1 && port <= G_MAXUINT16)
    return RMQ_DAEMON_GO_ON;
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "--%s: %d is no port", name, port);
}

RmqDaemonStatus
rmq_daemon_check_profile (const RmqDaemonOptions *options, const char *profile)
{
  if (rmq_mock_profile_find (profile) != NULL)
    return RMQ_DAEMON_GO_ON;
  g_autofree char *known = rmq_mock_profile_join_names ();
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "--profile: \"%s\" is none of %s", profile,
                          known);
}

/* ---- ready, end ---------------------------------------------------------- */

gboolean
rmq_daemon_announce_line (const char *line, const char *ready_file, GError **error)
{
  if (ready_file != NULL && !g_file_set_contents (ready_file, line, -1, error))
    return FALSE;
  fputs (line, stdout);
  fflush (stdout);
  return TRUE;
}

gboolean
rmq_daemon_announce (const char *address, RmqControlApi *http, const char *ready_file,
                     GError **error)
{
  g_autofree char *line = http != NULL ? g_strdup_printf ("ready addr=%s http=%s\n", address,
                                                          rmq_control_api_get_address (http))
                                       : g_strdup_printf ("ready addr=%s\n", address);
  return rmq_daemon_announce_line (line, ready_file, error);
}

static gboolean
end_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

static GSource *
watch_signal (GMainLoop *loop, int signal_number)
{
  GSource *source = g_unix_signal_source_new (signal_number);
  g_source_set_static_name (source, "end");
  g_source_set_callback (source, end_cb, loop, NULL);
  g_source_attach (source, NULL);
  return source;
}

void
rmq_daemon_wait_for_end (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GSource) term = watch_signal (loop, SIGTERM);
  g_autoptr (GSource) interrupt = watch_signal (loop, SIGINT);
  g_main_loop_run (loop);
  g_source_destroy (term);
  g_source_destroy (interrupt);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Options, ready line and end of the mocks' programs. Runs on the main thread, outside every world;
 * it starts and stops nothing itself. Standard output carries the ready line and nothing else. */

#include "rmq-daemon.h"

#include <glib-unix.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "rmq-mock-profile.h"
#include "rmq-parent-watch.h"
#include "rmq-real-world.h"

#define LOOPBACK "127.0.0.1"
#define LOOK_PERIOD_MS 50
#define LOG_DOMAINS "rmq-remoting rmq-control rmq-mock-common rmq-mock-nameserver rmq-mock-broker"

RmqDaemonStatus
rmq_daemon_fail (const RmqProgramOptions *options, RmqDaemonStatus status, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("%s: error: %s\n", options->program, text);
  return status;
}

/* ---- the end ------------------------------------------------------------- */

static gboolean is_over; /* a signal came, or the parent has ended */

static gboolean
end_cb (gpointer data)
{
  is_over = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Only wakes the loop. */
static gboolean
look_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* source (nullable): returned. */
static GSource *
attach (GSource *source, const char *name, GSourceFunc func)
{
  if (source == NULL)
    return NULL;
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, NULL, NULL);
  g_source_attach (source, NULL);
  return source;
}

/* From here on, so that nobody who reads the ready line is too early with it. */
static void
heed_signals (void)
{
  static const struct
  {
    int number;
    const char *name;
  } signals[] = { { SIGTERM, "SIGTERM" }, { SIGINT, "SIGINT" } };
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_unref (attach (g_unix_signal_source_new (signals[i].number), signals[i].name, end_cb));
}

/* ---- options ------------------------------------------------------------- */

/* One heap, since one thread turns the loop: the heap of any other thread than the first grows by a
 * page and a system call at a time, and a store only grows. */
void
rmq_daemon_prepare (void)
{
  mallopt (M_ARENA_MAX, 1);
  g_log_writer_default_set_use_stderr (TRUE);
  g_setenv ("G_MESSAGES_DEBUG", LOG_DOMAINS, FALSE);
  heed_signals ();
}

RmqDaemonStatus
rmq_daemon_parse (const RmqProgramOptions *options, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  setlocale (LC_ALL, "");
  if (!rmq_program_options_parse (options, argc, argv, NULL, &error))
    return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "%s", error->message);
  rmq_daemon_prepare ();
  return RMQ_DAEMON_GO_ON;
}

RmqDaemonStatus
rmq_daemon_check_port (const RmqProgramOptions *options, const char *name, gint port)
{
  if (port >= -1 && port <= G_MAXUINT16)
    return RMQ_DAEMON_GO_ON;
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "--%s: %d is no port", name, port);
}

RmqDaemonStatus
rmq_daemon_check_profile (const RmqProgramOptions *options, const char *profile)
{
  if (rmq_mock_profile_find (profile) != NULL)
    return RMQ_DAEMON_GO_ON;
  g_autofree char *known = rmq_mock_profile_join_names ();
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "--profile: \"%s\" is none of %s", profile,
                          known);
}

/* ---- where --------------------------------------------------------------- */

static gboolean
refuse (GError **error, const char *option, const char *value, const char *why)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s: \"%s\" %s", option, value,
               why);
  return FALSE;
}

static gboolean
is_address (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  return address != NULL && g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
}

/* It stands before ":PORT" in lists that are split at ";". */
static gboolean
is_host (const char *text)
{
  return text[0] != '\0'
         && text[strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-_")] == '\0';
}

/* As g_file_set_contents() will need it. */
static gboolean
can_write (const char *path)
{
  g_autofree char *scratch = g_strconcat (path, ".XXXXXX", NULL);
  const int fd = g_file_test (path, G_FILE_TEST_IS_DIR) ? -1 : g_mkstemp (scratch);
  if (fd < 0)
    return FALSE;
  close (fd);
  g_unlink (scratch);
  return TRUE;
}

/* What clients elsewhere can connect to. (transfer full) */
static char *
find_own_address (void)
{
  RmqWorld *world = rmq_real_world_new ();
  RmqEnv *env = rmq_real_world_add_local_host (world);
  char *address = g_strdup (rmq_env_get_host_address (env));
  rmq_env_unref (env);
  rmq_world_unref (world);
  return address;
}

/* bind (nullable): the loopback; else an address. */
static void
warn_of_bind (const char *bind)
{
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_string (bind != NULL ? bind : LOOPBACK);
  if (!g_inet_address_get_is_loopback (address))
    g_printerr ("%s: warning: listening on %s: whoever reaches this machine can send, read and "
                "break what is served, nobody is asked for a password\n",
                g_get_prgname (), bind);
}

gboolean
rmq_daemon_place_check (RmqDaemonPlace *place, GError **error)
{
  if (place->bind != NULL && !is_address (place->bind))
    return refuse (error, "bind", place->bind, "is no IPv4 address");
  if (place->advertise != NULL && !is_host (place->advertise))
    return refuse (error, "advertise", place->advertise, "is no host's name or IPv4 address");
  if (place->ready_file != NULL && !can_write (place->ready_file))
    return refuse (error, "ready-file", place->ready_file, "can't be written");
  warn_of_bind (place->bind);
  if (place->advertise == NULL && g_strcmp0 (place->bind, "0.0.0.0") == 0)
    place->advertise = find_own_address ();
  if (place->exit_with_parent)
    rmq_parent_watch_begin ();
  return TRUE;
}

void
rmq_daemon_place_clear (RmqDaemonPlace *place)
{
  g_clear_pointer (&place->bind, g_free);
  g_clear_pointer (&place->advertise, g_free);
  g_clear_pointer (&place->ready_file, g_free);
}

RmqDaemonStatus
rmq_daemon_check_place (const RmqProgramOptions *options, RmqDaemonPlace *place)
{
  g_autoptr (GError) error = NULL;
  if (rmq_daemon_place_check (place, &error))
    return RMQ_DAEMON_GO_ON;
  return rmq_daemon_fail (options, RMQ_DAEMON_UNUSABLE, "%s", error->message);
}

char *
rmq_daemon_place_get_listen (const RmqDaemonPlace *place, guint port)
{
  return g_strdup_printf ("%s:%u", place->bind != NULL ? place->bind : LOOPBACK, port);
}

char *
rmq_daemon_place_advertise (const RmqDaemonPlace *place, const char *listen)
{
  return place->advertise != NULL ? g_strconcat (place->advertise, strrchr (listen, ':'), NULL)
                                  : g_strdup (listen);
}

RmqDaemonStatus
rmq_daemon_status_of (const GError *error)
{
  const gboolean had_its_chance = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  const gboolean by_options = error->domain == G_OPTION_ERROR || error->domain == G_IO_ERROR;
  return by_options && !had_its_chance ? RMQ_DAEMON_UNUSABLE : RMQ_DAEMON_FAILED;
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
rmq_daemon_announce (const RmqDaemonPlace *place, const char *address, RmqControlApi *http,
                     GError **error)
{
  g_autofree char *api =
      http != NULL ? rmq_daemon_place_advertise (place, rmq_control_api_get_address (http)) : NULL;
  g_autofree char *line = api != NULL ? g_strdup_printf ("ready addr=%s http=%s\n", address, api)
                                      : g_strdup_printf ("ready addr=%s\n", address);
  return rmq_daemon_announce_line (line, place->ready_file, error);
}

/* Turns the main context until the end, or until it is so (nullable). */
static gboolean
turn_until (gboolean (*is_so) (gpointer data), gpointer data)
{
  g_autoptr (GSource) parent = attach (rmq_parent_watch_new (), "parent", end_cb);
  g_autoptr (GSource) look =
      is_so != NULL ? attach (g_timeout_source_new (LOOK_PERIOD_MS), "look", look_cb) : NULL;
  gboolean became_so = FALSE;
  while (!is_over && !became_so)
    {
      g_main_context_iteration (NULL, TRUE);
      became_so = is_so != NULL && is_so (data);
    }
  if (parent != NULL)
    g_source_destroy (parent);
  if (look != NULL)
    g_source_destroy (look);
  return became_so;
}

gboolean
rmq_daemon_wait_until (gboolean (*is_so) (gpointer data), gpointer data)
{
  return turn_until (is_so, data);
}

void
rmq_daemon_wait_for_end (void)
{
  turn_until (NULL, NULL);
}

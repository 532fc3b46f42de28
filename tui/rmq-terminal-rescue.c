/* SPDX-License-Identifier: Apache-2.0 */

/* Crash handlers of the dashboard. Everything that a handler needs is computed when armed; inside
 * one only write, read, lseek, dup2, tcsetattr, sigaction and raise are called: no curses, no
 * stdio, no malloc. The signal is then raised again for whoever handled it before, so that core
 * dumps and sanitizers work as always. */

#include "rmq-terminal-rescue.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RESET_BYTES_MAX 256
#define STACK_BYTES 65536

static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

/* Process-wide, as signals and the terminal are. */
static struct
{
  volatile sig_atomic_t armed;
  int tty;
  char reset[RESET_BYTES_MAX];
  gsize reset_size;
  struct termios saved;
  int real_stderr; /* -1: not diverted */
  struct sigaction before[G_N_ELEMENTS (crash_signals)];
} rescue = { .real_stderr = -1 };

static void
write_all (int fd, const char *bytes, gsize size)
{
  while (size > 0)
    {
      gssize n = write (fd, bytes, size);
      if (n <= 0)
        return;
      bytes += n;
      size -= (gsize)n;
    }
}

/* Standard error is itself again, and says what it held back. */
static void
release_stderr (void)
{
  char buffer[4096];
  gssize n;
  int held;
  if (rescue.real_stderr < 0)
    return;
  held = dup (STDERR_FILENO);
  dup2 (rescue.real_stderr, STDERR_FILENO);
  close (rescue.real_stderr);
  rescue.real_stderr = -1;
  if (held < 0)
    return;
  lseek (held, 0, SEEK_SET);
  while ((n = read (held, buffer, sizeof buffer)) > 0)
    write_all (STDERR_FILENO, buffer, (gsize)n);
  close (held);
}

static void
divert_stderr (void)
{
  if (!isatty (STDERR_FILENO))
    return;
  int memory = memfd_create ("stderr", MFD_CLOEXEC);
  if (memory < 0)
    return;
  rescue.real_stderr = dup (STDERR_FILENO);
  if (rescue.real_stderr >= 0)
    dup2 (memory, STDERR_FILENO);
  close (memory);
}

void
rmq_terminal_rescue_now (void)
{
  if (!rescue.armed)
    return;
  rescue.armed = 0;
  write_all (rescue.tty, rescue.reset, rescue.reset_size);
  tcsetattr (rescue.tty, TCSANOW, &rescue.saved);
  release_stderr ();
}

static void
crash_handler (int signal_number)
{
  rmq_terminal_rescue_now ();
  for (guint i = 0; i < G_N_ELEMENTS (crash_signals); i++)
    if (crash_signals[i] == signal_number)
      sigaction (signal_number, &rescue.before[i], NULL);
  raise (signal_number);
}

/* A stack overflow needs another stack to be told on. */
static void
provide_stack (void)
{
  static char stack[STACK_BYTES];
  stack_t present;
  if (sigaltstack (NULL, &present) == 0 && (present.ss_flags & SS_DISABLE) != 0)
    sigaltstack (&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
}

void
rmq_terminal_rescue_arm (int tty, const char *reset, const struct termios *saved)
{
  static gboolean registered = FALSE;
  struct sigaction action = { .sa_handler = crash_handler, .sa_flags = SA_ONSTACK };
  g_assert (!rescue.armed);
  sigemptyset (&action.sa_mask);
  rescue.tty = tty;
  rescue.reset_size = MIN (strlen (reset), sizeof rescue.reset);
  memcpy (rescue.reset, reset, rescue.reset_size);
  rescue.saved = *saved;
  provide_stack ();
  divert_stderr ();
  rescue.armed = 1;
  for (guint i = 0; i < G_N_ELEMENTS (crash_signals); i++)
    sigaction (crash_signals[i], &action, &rescue.before[i]);
  if (!registered)
    atexit (rmq_terminal_rescue_now);
  registered = TRUE;
}

void
rmq_terminal_rescue_disarm (void)
{
  if (!rescue.armed)
    return;
  rescue.armed = 0;
  for (guint i = 0; i < G_N_ELEMENTS (crash_signals); i++)
    sigaction (crash_signals[i], &rescue.before[i], NULL);
  release_stderr ();
}

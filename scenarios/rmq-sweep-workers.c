/* SPDX-License-Identifier: Apache-2.0 */

/* Worker processes: forks that run every n-th run of the shard and write a line each into a pipe.
 * The parent reads the pipes in turn, so order is the plan's without any bookkeeping, and a full
 * pipe holds a fast worker back. A worker whose parent is gone ends by SIGPIPE. While it runs
 * SIGINT and SIGTERM are looked for between two reads, not handled; nothing else of the process is
 * changed. Never starts a thread. */

#include "rmq-sweep-workers.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  pid_t pid; /* 0: none */
  int fd;    /* its results; -1: none */
  GString *buffer;
} Worker;

typedef struct
{
  const RmqSweepPlan *plan;
  guint n_jobs;
  Worker *workers;
  int signals; /* signalfd of SIGINT and SIGTERM */
  sigset_t mask_before;
} Sweep;

static gboolean
fail (const char *what, GError **error)
{
  const int saved = errno;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
  return FALSE;
}

static RmqSeedOptions
options_of (const RmqSweepPlan *plan, const RmqSweepRun *run)
{
  return (RmqSeedOptions){ .seed = run->seed,
                           .profile = plan->profile,
                           .max_events = plan->max_events };
}

/* ---- the worker's side --------------------------------------------------- */

static void
write_line (int fd, const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize done = 0, size = strlen (text);
  while (done < size)
    {
      const gssize n = write (fd, text + done, size - done);
      if (n < 0 && errno != EINTR)
        _exit (1);
      done += n > 0 ? (gsize)n : 0;
    }
}

/* Every n-th run of the shard from index on. Leaves by _exit(): what the parent had buffered is
 * the parent's. */
static G_NORETURN void
work (const Sweep *sweep, guint64 index, int fd)
{
  const guint64 n = rmq_sweep_plan_get_n_mine (sweep->plan);
  for (guint64 i = index; i < n; i += sweep->n_jobs)
    {
      const RmqSweepRun run =
          rmq_sweep_plan_get_run (sweep->plan, rmq_sweep_plan_get_mine (sweep->plan, i));
      const RmqSeedOptions options = options_of (sweep->plan, &run);
      g_autoptr (RmqSeedResult) result = rmq_seed_result_run (run.scenario->scenario, &options);
      g_autofree char *line = rmq_seed_result_to_line (result);
      write_line (fd, line);
    }
  _exit (0);
}

/* The terminal's ^C is the parent's business, and so is whoever else had a say before the fork. */
static void
become_worker (const Sweep *sweep)
{
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_DFL);
  signal (SIGPIPE, SIG_DFL);
  sigprocmask (SIG_SETMASK, &sweep->mask_before, NULL);
  close (sweep->signals);
  for (guint i = 0; i < sweep->n_jobs; i++)
    if (sweep->workers[i].fd >= 0)
      close (sweep->workers[i].fd);
}

/* ---- the parent's side --------------------------------------------------- */

static gboolean
start_worker (const Sweep *sweep, Worker *worker, guint64 index, GError **error)
{
  int pipe_fds[2];
  if (!g_unix_open_pipe (pipe_fds, FD_CLOEXEC, error))
    return FALSE;
  const pid_t pid = fork ();
  if (pid == 0)
    {
      close (pipe_fds[0]);
      become_worker (sweep);
      work (sweep, index, pipe_fds[1]);
    }
  close (pipe_fds[1]);
  worker->fd = pipe_fds[0];
  worker->pid = MAX (pid, 0);
  g_string_truncate (worker->buffer, 0);
  return pid > 0 || fail ("a worker can't be started", error);
}

/* How it ended, in words. (transfer full) */
static char *
end_worker (Worker *worker)
{
  int status = 0;
  if (worker->fd >= 0)
    close (worker->fd);
  worker->fd = -1;
  while (worker->pid > 0 && waitpid (worker->pid, &status, 0) < 0 && errno == EINTR)
    continue;
  worker->pid = 0;
  return WIFSIGNALED (status)
             ? g_strdup_printf ("its process was ended by signal %d (%s)", WTERMSIG (status),
                                g_strsignal (WTERMSIG (status)))
             : g_strdup_printf ("its process ended with status %d", WEXITSTATUS (status));
}

typedef enum
{
  READ_LINE,
  READ_END,
  READ_INTERRUPTED,
  READ_BROKEN,
} ReadResult;

static ReadResult
read_more (const Sweep *sweep, Worker *worker, GError **error)
{
  char bytes[16384];
  struct pollfd fds[] = { { .fd = sweep->signals, .events = POLLIN },
                          { .fd = worker->fd, .events = POLLIN } };
  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    return errno == EINTR || fail ("poll", error) ? READ_LINE : READ_BROKEN;
  if (fds[0].revents != 0)
    return READ_INTERRUPTED;
  const gssize n = read (worker->fd, bytes, sizeof bytes);
  if (n > 0)
    g_string_append_len (worker->buffer, bytes, n);
  return n > 0 ? READ_LINE : READ_END;
}

/* The worker's next line into line. */
static ReadResult
read_line (const Sweep *sweep, Worker *worker, char **line, GError **error)
{
  ReadResult result = READ_LINE;
  const char *end;
  while ((end = memchr (worker->buffer->str, '\n', worker->buffer->len)) == NULL)
    {
      result = read_more (sweep, worker, error);
      if (result != READ_LINE)
        return result;
    }
  const gssize size = end - worker->buffer->str;
  *line = g_strndup (worker->buffer->str, (gsize)size);
  g_string_erase (worker->buffer, 0, size + 1);
  return READ_LINE;
}

/* Its worker died over the index-th run: that is the result, and a new one goes on behind it. */
static char *
bury (const Sweep *sweep, Worker *worker, guint64 index, GError **error)
{
  const RmqSweepRun run =
      rmq_sweep_plan_get_run (sweep->plan, rmq_sweep_plan_get_mine (sweep->plan, index));
  const RmqSeedOptions options = options_of (sweep->plan, &run);
  g_autofree char *how = end_worker (worker);
  g_autoptr (RmqSeedResult) result = rmq_seed_result_new_failed (
      run.scenario->scenario, &options, "the program survives the run", how);
  const guint64 next = index + sweep->n_jobs;
  if (next < rmq_sweep_plan_get_n_mine (sweep->plan) && !start_worker (sweep, worker, next, error))
    return NULL;
  return rmq_seed_result_to_line (result);
}

static RmqSweepEnd
collect (const Sweep *sweep, RmqSweepFunc func, gpointer data, GError **error)
{
  const guint64 n = rmq_sweep_plan_get_n_mine (sweep->plan);
  for (guint64 i = 0; i < n; i++)
    {
      Worker *worker = &sweep->workers[i % sweep->n_jobs];
      g_autofree char *line = NULL;
      const ReadResult read = read_line (sweep, worker, &line, error);
      if (read == READ_INTERRUPTED)
        return RMQ_SWEEP_INTERRUPTED;
      if (read == READ_END)
        line = bury (sweep, worker, i, error);
      if (line == NULL)
        return RMQ_SWEEP_BROKEN;
      g_autoptr (RmqSeedResult) result =
          rmq_seed_result_from_line (line, sweep->plan->profile, error);
      const RmqSweepOutcome outcome = { rmq_sweep_plan_get_mine (sweep->plan, i), line, result };
      if (result == NULL || !func (&outcome, data, error))
        return RMQ_SWEEP_BROKEN;
    }
  return RMQ_SWEEP_DONE;
}

static gboolean
start_all (const Sweep *sweep, GError **error)
{
  for (guint i = 0; i < sweep->n_jobs; i++)
    if (!start_worker (sweep, &sweep->workers[i], i, error))
      return FALSE;
  return TRUE;
}

static void
end_all (const Sweep *sweep)
{
  for (guint i = 0; i < sweep->n_jobs; i++)
    {
      Worker *worker = &sweep->workers[i];
      if (worker->pid > 0)
        kill (worker->pid, SIGTERM);
      g_free (end_worker (worker));
      g_string_free (worker->buffer, TRUE);
    }
}

/* A signal that came meanwhile was answered by ending early; it mustn't strike now. */
static void
drain_signals (int fd)
{
  struct signalfd_siginfo info;
  while (read (fd, &info, sizeof info) > 0)
    continue;
}

RmqSweepEnd
rmq_sweep_run (const RmqSweepPlan *plan, guint n_jobs, RmqSweepFunc func, gpointer data,
               GError **error)
{
  const guint64 n = rmq_sweep_plan_get_n_mine (plan);
  sigset_t caught;
  Sweep sweep = { .plan = plan, .n_jobs = (guint)MIN (n_jobs, MAX (n, 1)) };
  g_assert (n_jobs > 0 && n_jobs <= RMQ_SWEEP_JOBS_MAX);
  sigemptyset (&caught);
  sigaddset (&caught, SIGINT);
  sigaddset (&caught, SIGTERM);
  sigprocmask (SIG_BLOCK, &caught, &sweep.mask_before);
  sweep.signals = signalfd (-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
  sweep.workers = g_new0 (Worker, sweep.n_jobs);
  for (guint i = 0; i < sweep.n_jobs; i++)
    sweep.workers[i] = (Worker){ .fd = -1, .buffer = g_string_new (NULL) };
  RmqSweepEnd end = RMQ_SWEEP_BROKEN;
  if (sweep.signals < 0)
    fail ("signalfd", error);
  else if (start_all (&sweep, error))
    end = collect (&sweep, func, data, error);
  end_all (&sweep);
  g_free (sweep.workers);
  if (sweep.signals >= 0)
    {
      drain_signals (sweep.signals);
      close (sweep.signals);
    }
  sigprocmask (SIG_SETMASK, &sweep.mask_before, NULL);
  return end;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Puts processes on cores and reads their CPU clocks. Threads that a process starts later inherit
 * the place of the thread that starts them. */

#include "bench-place.h"

#include <sched.h>
#include <time.h>
#include <unistd.h>

const char *const bench_place_names[BENCH_N_PLACES] = { "one", "two", "free" };

static cpu_set_t all_cores;

void
bench_place_init (void)
{
  g_assert_cmpint (sched_getaffinity (0, sizeof all_cores, &all_cores), ==, 0);
}

guint
bench_place_get_n_cores (void)
{
  return (guint)CPU_COUNT (&all_cores);
}

/* The n-th core of ours alone. */
static cpu_set_t
nth_core (guint n)
{
  cpu_set_t set;
  CPU_ZERO (&set);
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET (core, &all_cores) && n-- == 0)
      {
        CPU_SET (core, &set);
        break;
      }
  return set;
}

/* A thread that has ended meanwhile needs no place. */
static void
place_process (pid_t pid, const cpu_set_t *set)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) threads = g_dir_open (path, 0, NULL);
  g_assert_nonnull (threads);
  for (const char *name; (name = g_dir_read_name (threads)) != NULL;)
    sched_setaffinity ((pid_t)g_ascii_strtoll (name, NULL, 10), sizeof *set, set);
}

void
bench_place (BenchPlace place, const pid_t *peers, guint n_peers)
{
  const cpu_set_t own = place == BENCH_PLACE_FREE ? all_cores : nth_core (0);
  const cpu_set_t other = place == BENCH_PLACE_TWO ? nth_core (1) : own;
  place_process (getpid (), &own);
  for (guint i = 0; i < n_peers; i++)
    place_process (peers[i], &other);
}

double
bench_cpu_us (pid_t pid)
{
  clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
  struct timespec used;
  if (pid != 0)
    g_assert_cmpint (clock_getcpuclockid (pid, &clock), ==, 0);
  g_assert_cmpint (clock_gettime (clock, &used), ==, 0);
  return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

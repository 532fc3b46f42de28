/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Where processes run. A wake-up on the same core costs a fraction of one across cores, and the
 * system moves processes as it likes: so what is compared runs in the same place. */

typedef enum
{
  BENCH_PLACE_ONE,  /* all on one core */
  BENCH_PLACE_TWO,  /* this process on one, its peers on another */
  BENCH_PLACE_FREE, /* wherever the system puts them */
} BenchPlace;
#define BENCH_N_PLACES 3

extern const char *const bench_place_names[BENCH_N_PLACES];

/* The cores this process may use: before anything is placed. */
void bench_place_init (void);
guint bench_place_get_n_cores (void);
/* This process and its peers, every thread of them. */
void bench_place (BenchPlace place, const pid_t *peers, guint n_peers);
/* CPU time that a process has used; 0: this one. */
double bench_cpu_us (pid_t pid);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* The floor under every sync send: a bare blocking ping-pong of the same bytes over loopback, with
 * a peer in another process. */

typedef struct
{
  int fd;
  pid_t pid; /* its peer */
  guint32 request_bytes;
  guint32 answer_bytes;
} BenchFloor;

/* Forks the peer: before any thread exists. The peer ends with its connection. */
void bench_floor_start (BenchFloor *floor);
/* Sizes of the next round trips. */
void bench_floor_set_sizes (BenchFloor *floor, guint32 request_bytes, guint32 answer_bytes);
void bench_floor_round_trips (BenchFloor *floor, guint n);
void bench_floor_stop (BenchFloor *floor);

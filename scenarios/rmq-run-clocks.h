/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Timers of a simulated run on the scenario's clock; for lint. A
 * client's start is the scenario's 0, servers start before it. */

/* Simulated servers start so long before the clients, so that registrations, scans and idle closes
 * stay clear of the clients' polls (at 0.01 and 1 s, every 30 s). */
#define RMQ_RUN_HEAD_START_US (3330 * 1000)

typedef struct
{
  const char *name;
  gint64 first_us;
  gint64 period_us;
  gboolean moves_routes; /* a send may go elsewhere afterwards */
} RmqClock;

extern const RmqClock rmq_run_clocks[]; /* ends with a NULL name */

G_END_DECLS

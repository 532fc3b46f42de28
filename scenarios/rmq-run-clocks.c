/* SPDX-License-Identifier: Apache-2.0 */

/* The clocks of a run. Constants only. */

#include "rmq-run-clocks.h"

#define S G_USEC_PER_SEC

const RmqClock rmq_run_clocks[] = {
  { "the client's route poll", 10 * 1000, 30 * S, TRUE },
  { "the client's heartbeat", 1 * S, 30 * S },
  { "a broker's registration", 10 * S - RMQ_RUN_HEAD_START_US, 30 * S },
  { "the name server's scan", 5 * S - RMQ_RUN_HEAD_START_US, 10 * S },
  { NULL },
};

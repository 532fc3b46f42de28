/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-grammar.h"

G_BEGIN_DECLS

/* What verbs do that need more than the servers: RmqPlayFuncs. */

#define RMQ_PLAY(name)                                                                             \
  void rmq_run_play_##name (RmqRun *run, const char *target, const RmqTimedStatement *statement,   \
                            GString *answer)
RMQ_PLAY (kill);
RMQ_PLAY (pause);
RMQ_PLAY (resume);
RMQ_PLAY (clock_jump);
RMQ_PLAY (starts);
RMQ_PLAY (shuts_down);
#undef RMQ_PLAY

G_END_DECLS

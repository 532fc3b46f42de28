/* SPDX-License-Identifier: Apache-2.0 */

/* Verbs of producers and of the hosts they live on. Descriptors; what they do stands in
 * rmq-run-producers.c. */

#include "rmq-run-verbs.h"
#include "rmq-verbs-private.h"

#include <stddef.h>

#define NOT_HERE "that needs a process of its own"

static const RmqArgument jump_arguments[] = {
  { NULL, "±D", RMQ_ARGUMENT_JUMP, TRUE, offsetof (RmqHostVerbStatement, jump_us), .member = "by" },
  { NULL },
};

#define PLAY_VERB(symbol, verb, kinds, ...)                                                        \
  const RmqStatementForm rmq_form_##symbol = { .group = RMQ_FORM_VERB,                             \
                                               .word = verb,                                       \
                                               .arguments = rmq_verb_no_arguments,                 \
                                               .size = sizeof (RmqTimedStatement),                 \
                                               .targets = kinds,                                   \
                                               __VA_ARGS__ }

#define CLIENT (RMQ_NAME_HOST | RMQ_NAME_PRODUCER)

PLAY_VERB (host_kill, "kill", CLIENT, .check = rmq_verb_check_no_end, .play = rmq_run_play_kill,
           .not_real = NOT_HERE, .example = "at 5s P kill",
           .help = "a client's process dies: FIN on each connection, nobody is told what became of "
                   "its sends; it sends no more until \"starts\" and lines of their own");
PLAY_VERB (host_pause, "pause", CLIENT, .play = rmq_run_play_pause, .play_end = rmq_run_play_resume,
           .not_real = NOT_HERE, .example = "at 5s for 40s P pause",
           .help = "a client's process is stopped, as a long pause of its garbage collector does: "
                   "what was due runs when it goes on");
PLAY_VERB (host_resume, "resume", CLIENT, .check = rmq_verb_check_no_end,
           .play = rmq_run_play_resume, .not_real = NOT_HERE, .example = "at 45s P resume",
           .help = "ends a client's pause");
PLAY_VERB (starts, "starts", RMQ_NAME_PRODUCER, .check = rmq_verb_check_no_end,
           .play = rmq_run_play_starts, .example = "at 5s P starts",
           .help = "a producer that is idle, shut down or dead starts, as a new process would");
PLAY_VERB (shuts_down, "shuts down", RMQ_NAME_PRODUCER, .check = rmq_verb_check_no_end,
           .play = rmq_run_play_shuts_down, .example = "at 5s P shuts down",
           .help = "shutdown (): what is under way ends, later sends are refused");

const RmqStatementForm rmq_form_clock_jump = {
  .group = RMQ_FORM_VERB,
  .word = "clock jump",
  .arguments = jump_arguments,
  .size = sizeof (RmqHostVerbStatement),
  .targets = CLIENT | RMQ_NAME_SERVER,
  .check = rmq_verb_check_no_end,
  .play = rmq_run_play_clock_jump,
  .not_real = "the clock is everybody's",
  .example = "at 5s P clock jump -30s",
  .help = "the wall clock of a host jumps; what waits for a time since boot does not notice",
};

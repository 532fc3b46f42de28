/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A subcommand of rmqlab: a row of the table in main.c. */
typedef struct
{
  const char *name;
  const char *arguments; /* "SCENARIO [OPTION…]" */
  const char *help;      /* one line */
  /* argv[0] is the command's name. Returns the exit status. */
  int (*run) (int argc, char **argv);
} RmqCommand;

extern const RmqCommand rmq_command_run;
extern const RmqCommand rmq_command_lint;
extern const RmqCommand rmq_command_explain;
extern const RmqCommand rmq_command_sweep;
extern const RmqCommand rmq_command_shrink;
extern const RmqCommand rmq_command_serve;
extern const RmqCommand rmq_command_ctl;
extern const RmqCommand rmq_command_send;
extern const RmqCommand rmq_command_unsupported;

/* Exit statuses that others script against. */
#define RMQ_EXIT_OK 0
#define RMQ_EXIT_FAILED 1
#define RMQ_EXIT_UNUSABLE 2
#define RMQ_EXIT_DIVERGED 3
#define RMQ_EXIT_UNKNOWN 4

G_END_DECLS

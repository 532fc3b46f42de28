/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-command.h"
#include "rmq-junit.h"
#include "rmq-scenario.h"

G_BEGIN_DECLS

/* Reads a command's options. rest (nullable): takes the words that are no options (transfer full);
 * NULL: there must be none. FALSE: said on standard error what is wrong, with the nearest known
 * option; the command returns RMQ_EXIT_UNUSABLE. --help ends the program. */
gboolean rmq_options_parse (const RmqCommand *command, const GOptionEntry *entries, int argc,
                            char **argv, char ***rest);
/* "rmqlab NAME: error: …" on standard error; returns RMQ_EXIT_UNUSABLE. */
int rmq_options_refuse (const RmqCommand *command, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A scenario that can be run, with lines (nullable) beside its own. (nullable): what is wrong was
 * said on standard error; the command returns RMQ_EXIT_UNUSABLE. */
RmqScenario *rmq_options_load_scenario (const char *name, const char *const *lines);
/* What --junit asks for. */
gboolean rmq_options_write_junit (RmqJunit *junit, const char *path, GError **error);

G_END_DECLS

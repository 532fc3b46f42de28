/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The options of a program, or of one of its subcommands. */
typedef struct
{
  const char *program;   /* "rmqlab serve" */
  const char *arguments; /* (nullable): what --help shows behind the options */
  const char *summary;
  const GOptionEntry *entries; /* beside --help and --version; NULL-terminated */
} RmqProgramOptions;

/* rest (nullable): takes the words that are no options (transfer full); NULL: there must be none.
 * FALSE: error (G_OPTION_ERROR) says what is wrong, with the nearest known option. --help and
 * --version end the program. Nothing may have been started before. */
gboolean rmq_program_options_parse (const RmqProgramOptions *options, int argc, char **argv,
                                    char ***rest, GError **error);
/* Of "host:port;host:port", the first that isn't one; "" of an empty list. NULL: none, or no list.
 * (nullable) (transfer full) */
char *rmq_program_options_find_no_address (const char *list);

G_END_DECLS

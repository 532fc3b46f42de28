/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-diagnostic.h"

G_BEGIN_DECLS

/* A line split into words: blanks part them, "…" keeps blanks, # starts a comment, ${NAME:-default}
 * is replaced from the environment. */

typedef struct
{
  char *text;
  guint column; /* from 1, in bytes of the line as written */
  guint end;    /* column behind it */
  gboolean quoted;
} RmqWord;

#define RMQ_LINE_MAX_BYTES 4096

/* Of RmqWord. NULL: an error was added at line. */
GArray *rmq_words_split (const char *source, guint line, RmqDiagnostics *diagnostics);

G_END_DECLS

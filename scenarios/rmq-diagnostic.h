/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is wrong with a text of the language, and where. Positions count from 1; columns count
 * bytes. */

typedef struct
{
  guint line;
  guint column;
  gboolean warning;
  char *message;
  char *suggestion; /* (nullable): the nearest known word */
  char *source;     /* the line as written */
} RmqDiagnostic;

typedef struct
{
  char *file; /* as named by the user; "-" for a line by itself */
  GPtrArray *items;
  guint n_errors;
} RmqDiagnostics;

/* More are counted, not kept. */
#define RMQ_DIAGNOSTICS_MAX 100

RmqDiagnostics *rmq_diagnostics_new (const char *file);
void rmq_diagnostics_free (RmqDiagnostics *diagnostics); /* nullable */
/* Takes ownership of message. suggestion: (nullable), copied. */
void rmq_diagnostics_add (RmqDiagnostics *diagnostics, const RmqDiagnostic *where, char *message,
                          const char *suggestion);
const RmqDiagnostic *rmq_diagnostics_get (const RmqDiagnostics *diagnostics, guint index);
guint rmq_diagnostics_get_n (const RmqDiagnostics *diagnostics);
/* "file:3:7: error: …", the line, a caret, "did you mean …?"; all of them. (transfer full) */
char *rmq_diagnostics_format (const RmqDiagnostics *diagnostics);

/* The word of the list that word may have been meant to be; words ends with NULL. (nullable) */
const char *rmq_nearest_word (const char *word, const char *const *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqDiagnostics, rmq_diagnostics_free)

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-grammar.h"
#include "rmq-words.h"

G_BEGIN_DECLS

/* Reads one line against the table of forms. Pure but for the names it knows and declares. */

typedef struct
{
  char *name;
  RmqNameKind kind;
  guint line;
} RmqName;

/* Names in order of declaration. */
typedef struct
{
  GArray *items; /* of RmqName */
} RmqNames;

void rmq_names_init (RmqNames *names);
void rmq_names_clear (RmqNames *names);
const RmqName *rmq_names_find (const RmqNames *names, const char *name,
                               guint kinds); /* (nullable) */
void rmq_names_add (RmqNames *names, const char *name, RmqNameKind kind, guint line);
void rmq_names_truncate (RmqNames *names, guint n);
/* NULL-terminated, borrowed strings. (transfer container) */
GPtrArray *rmq_names_list (const RmqNames *names, guint kinds);
/* "broker or name server" (transfer full) */
char *rmq_name_kinds_describe (guint kinds);

struct _RmqReader
{
  RmqDiagnostics *diagnostics;
  RmqNames *names;
  const char *source;
  guint line;
  const RmqWord *words;
  guint n_words;
  guint at;                     /* index of the next word */
  const RmqArgument *said_rows; /* (nullable): of these arguments the words are kept, in said */
  char **said;
  /* keywords that end a list of names, one table after the other; NULL at the end */
  const RmqArgument *keywords[3];
};

/* (nullable): an empty line, or an error was added. (transfer full) */
RmqStatement *rmq_reader_read_line (RmqDiagnostics *diagnostics, RmqNames *names,
                                    const char *source, guint line);
guint rmq_arguments_count (const RmqArgument *rows); /* up to the row of zeros */
void rmq_statement_free (RmqStatement *statement);   /* nullable */
/* Adds an error or warning at a statement that was read. Takes message. */
void rmq_statement_complain (const RmqStatement *statement, RmqDiagnostics *diagnostics,
                             gboolean warning, char *message);

/* For readers of arguments. All of them FALSE after adding an error. */
const RmqWord *rmq_reader_peek (const RmqReader *reader); /* (nullable): the line's end */
gboolean rmq_reader_fail_at (RmqReader *reader, guint column, char *message,
                             const char *suggestion);
gboolean rmq_reader_fail (RmqReader *reader, char *message, const char *suggestion);
/* How many words of keyword ("select by") stand here; 0: it doesn't. */
guint rmq_reader_match (const RmqReader *reader, const char *keyword);
/* Whether a keyword of the form stands here. */
gboolean rmq_reader_is_keyword (const RmqReader *reader);
/* For checks of a whole line: the column of its first word that is this one, else of the line. */
guint rmq_reader_find_column (const RmqReader *reader, const char *word);

/* Reads one argument into value. */
gboolean rmq_argument_read (RmqReader *reader, const RmqArgument *argument, gpointer value);
void rmq_argument_clear (const RmqArgument *argument, gpointer value);
/* Whether the word here looks like a positional argument that need not be there. */
gboolean rmq_argument_starts (const RmqReader *reader, const RmqArgument *argument);
/* "ev:48617", "ev:48617+250us". FALSE: it isn't one. */
gboolean rmq_parse_moment (const char *text, RmqMoment *moment);
/* "5.05s" → µs. FALSE: it isn't one. */
gboolean rmq_parse_duration (const char *text, gint64 *us);
gboolean rmq_parse_number (const char *text, gint64 *number);

G_END_DECLS

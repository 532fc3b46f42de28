/* SPDX-License-Identifier: Apache-2.0 */

/* Where a reader stands: which word is next, whether it is a keyword, complaining about it. Reads
 * words, knows no statement. Pure. */

#include "rmq-reader.h"

#include <string.h>

const RmqWord *
rmq_reader_peek (const RmqReader *reader)
{
  return reader->at < reader->n_words ? &reader->words[reader->at] : NULL;
}

gboolean
rmq_reader_fail_at (RmqReader *reader, guint column, char *message, const char *suggestion)
{
  const RmqDiagnostic where = { .line = reader->line,
                                .column = column,
                                .source = (char *)reader->source };
  rmq_diagnostics_add (reader->diagnostics, &where, message, suggestion);
  return FALSE;
}

gboolean
rmq_reader_fail (RmqReader *reader, char *message, const char *suggestion)
{
  const RmqWord *word = rmq_reader_peek (reader);
  guint column = word != NULL ? word->column : reader->words[reader->n_words - 1].end;
  return rmq_reader_fail_at (reader, column, message, suggestion);
}

guint
rmq_reader_match (const RmqReader *reader, const char *keyword)
{
  guint n = 0;
  for (const char *at = keyword; *at != '\0'; n++)
    {
      const gsize size = strcspn (at, " ");
      if (reader->at + n >= reader->n_words)
        return 0;
      const RmqWord *word = &reader->words[reader->at + n];
      if (word->quoted || strlen (word->text) != size || strncmp (word->text, at, size) != 0)
        return 0;
      at += size + (at[size] == ' ');
    }
  return n;
}

gboolean
rmq_reader_is_keyword (const RmqReader *reader)
{
  for (guint i = 0; reader->keywords[i] != NULL; i++)
    for (const RmqArgument *row = reader->keywords[i]; row->shown != NULL || row->keyword != NULL;
         row++)
      if (row->keyword != NULL && rmq_reader_match (reader, row->keyword) > 0)
        return TRUE;
  return FALSE;
}

guint
rmq_reader_find_column (const RmqReader *reader, const char *word)
{
  for (guint i = 0; i < reader->n_words; i++)
    if (g_str_equal (reader->words[i].text, word))
      return reader->words[i].column;
  return reader->words[0].column;
}

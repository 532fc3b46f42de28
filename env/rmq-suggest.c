/* SPDX-License-Identifier: Apache-2.0 */

/* Edit distance over a list of known words. Pure; any thread. */

#include <string.h>

#include "rmq-suggest.h"

#define WORD_MAX 64

static guint
edit_distance (const char *a, const char *b)
{
  gsize b_length = strlen (b);
  guint row[WORD_MAX + 1];
  for (gsize j = 0; j <= b_length; j++)
    row[j] = (guint)j;
  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];
      row[0] = (guint)i + 1;
      for (gsize j = 0; j < b_length; j++)
        {
          guint changed = diagonal + (a[i] != b[j]);
          diagonal = row[j + 1];
          row[j + 1] = MIN (changed, MIN (row[j], row[j + 1]) + 1);
        }
    }
  return row[b_length];
}

const char *
rmq_suggest (const char *word, const char *const *known, guint n_known)
{
  gsize length = strlen (word);
  if (length == 0 || length > WORD_MAX)
    return NULL;
  const char *best = NULL;
  guint best_distance = (guint)length / 3 + 2; /* further away is no misspelling */
  for (guint i = 0; i < n_known; i++)
    {
      guint distance = strlen (known[i]) <= WORD_MAX ? edit_distance (word, known[i]) : G_MAXUINT;
      if (distance < best_distance)
        {
          best = known[i];
          best_distance = distance;
        }
    }
  return best;
}

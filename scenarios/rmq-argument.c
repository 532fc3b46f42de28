/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds of arguments, a row each: how one is read, how it is recognised without a keyword, how
 * its memory goes; and the plain ones: measures, texts, words of a small set. Integers only: a
 * duration is never a double. Pure. */

#include "rmq-argument-private.h"

#include <string.h>

/* A thousand hours. */
#define DURATION_MAX_US (G_GINT64_CONSTANT (3600) * 1000 * G_USEC_PER_SEC)

/* ---- numbers ------------------------------------------------------------- */

gboolean
rmq_parse_number (const char *text, gint64 *number)
{
  return g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, number, NULL);
}

typedef struct
{
  const char *name;
  gint64 factor;
} Unit;

static const Unit duration_units[] = {
  { "us", 1 }, { "ms", 1000 }, { "s", G_USEC_PER_SEC }, { "m", 60 * G_USEC_PER_SEC }, { NULL }
};
static const Unit size_units[] = {
  { "B", 1 }, { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { NULL }
};

/* "5.05s": digits, perhaps a point and more digits, a unit; what lies below 1 is cut. */
static gboolean
parse_measure (const char *text, const Unit *units, gint64 max, gint64 *value)
{
  const char *at = text;
  gint64 whole = 0, part = 0, scale = 1;
  for (; g_ascii_isdigit (*at) && whole <= max; at++)
    whole = whole * 10 + (*at - '0');
  if (at == text || whole > max)
    return FALSE;
  if (*at == '.')
    for (at++; g_ascii_isdigit (*at); at++)
      if (scale < G_USEC_PER_SEC)
        {
          part = part * 10 + (*at - '0');
          scale *= 10;
        }
  while (units->name != NULL && !g_str_equal (units->name, at))
    units++;
  if (units->name == NULL || whole > max / units->factor)
    return FALSE;
  *value = whole * units->factor + part * units->factor / scale;
  return TRUE;
}

gboolean
rmq_parse_duration (const char *text, gint64 *us)
{
  return parse_measure (text, duration_units, DURATION_MAX_US, us);
}

gboolean
rmq_parse_moment (const char *text, RmqMoment *moment)
{
  if (!g_str_has_prefix (text, "ev:"))
    return FALSE;
  g_auto (GStrv) parts = g_strsplit (text + strlen ("ev:"), "+", 2);
  moment->after_us = 0;
  return parts[0] != NULL
         && g_ascii_string_to_unsigned (parts[0], 10, 1, G_MAXINT64, &moment->ev, NULL)
         && (parts[1] == NULL || rmq_parse_duration (parts[1], &moment->after_us));
}

/* ---- measures ------------------------------------------------------------ */

static gboolean
take_measure (RmqReader *reader, const RmqArgument *argument, gboolean is_one, gint64 number,
              const char *what, gpointer value)
{
  const char *text = rmq_reader_peek (reader)->text;
  if (!is_one)
    return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is no %s", text, what), NULL);
  if (number < argument->min || (argument->max != 0 && number > argument->max))
    return rmq_reader_fail (
        reader,
        g_strdup_printf ("%s is out of range (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ")", text,
                         argument->min, argument->max != 0 ? argument->max : G_MAXINT64),
        NULL);
  *(gint64 *)value = number;
  reader->at++;
  return TRUE;
}

static gboolean
read_number (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  gint64 number = 0;
  gboolean is_one = rmq_parse_number (rmq_reader_peek (reader)->text, &number);
  return take_measure (reader, argument, is_one, number, "number", value);
}

static gboolean
read_duration (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  gint64 number = 0;
  gboolean is_one = rmq_parse_duration (rmq_reader_peek (reader)->text, &number);
  return take_measure (reader, argument, is_one, number,
                       "duration: a number with its unit, 20us 100ms 3s 2m", value);
}

/* "+2s", "-500ms" */
static gboolean
read_jump (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  const char *text = rmq_reader_peek (reader)->text;
  gint64 number = 0;
  if ((text[0] != '+' && text[0] != '-') || !rmq_parse_duration (text + 1, &number))
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no jump: + or - and a duration, +2m", text), NULL);
  *(gint64 *)value = text[0] == '-' ? -number : number;
  reader->at++;
  return TRUE;
}

static gboolean
read_size (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  gint64 number = 0;
  gboolean is_one = parse_measure (rmq_reader_peek (reader)->text, size_units, G_MAXINT32, &number);
  return take_measure (reader, argument, is_one, number,
                       "size: a number with its unit, 100B 4KiB 1MiB", value);
}

/* ---- texts, words of a small set ----------------------------------------- */

static gboolean
read_text (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  *(char **)value = g_strdup (rmq_reader_peek (reader)->text);
  reader->at++;
  return TRUE;
}

static gboolean
starts_quoted (const RmqWord *word, const RmqArgument *argument)
{
  return word->quoted;
}

gint
rmq_find_word (const char *const *words, const char *text)
{
  for (gint i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], text))
      return i;
  return -1;
}

static gboolean
starts_choice (const RmqWord *word, const RmqArgument *argument)
{
  g_auto (GStrv) words = g_strsplit (argument->shown, "|", -1);
  return rmq_find_word ((const char *const *)words, word->text) >= 0;
}

static gboolean
read_choice (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  const char *text = rmq_reader_peek (reader)->text;
  g_auto (GStrv) words = g_strsplit (argument->shown, "|", -1);
  gint choice = rmq_find_word ((const char *const *)words, text);
  if (choice < 0)
    return rmq_reader_fail (reader, g_strdup_printf ("\"%s\" is none of %s", text, argument->shown),
                            rmq_nearest_word (text, (const char *const *)words));
  *(gint *)value = choice;
  reader->at++;
  return TRUE;
}

/* ---- the table ----------------------------------------------------------- */

static void
clear_string (gpointer value)
{
  g_free (*(char **)value);
}

static void
clear_strings (gpointer value)
{
  g_strfreev (*(char ***)value);
}

typedef struct
{
  gboolean (*read) (RmqReader *reader, const RmqArgument *argument, gpointer value);
  gboolean (*starts) (const RmqWord *word, const RmqArgument *argument); /* (nullable): any word */
  void (*clear) (gpointer value);                                        /* (nullable) */
} ArgumentKind;

static const ArgumentKind kinds[] = {
  [RMQ_ARGUMENT_FLAG] = { NULL },
  [RMQ_ARGUMENT_NAME] = { rmq_argument_read_name, NULL, clear_string },
  [RMQ_ARGUMENT_NAMES] = { rmq_argument_read_names, NULL, clear_strings },
  [RMQ_ARGUMENT_TEXT] = { read_text, NULL, clear_string },
  [RMQ_ARGUMENT_QUOTED] = { read_text, starts_quoted, clear_string },
  [RMQ_ARGUMENT_NUMBER] = { read_number },
  [RMQ_ARGUMENT_DURATION] = { read_duration },
  [RMQ_ARGUMENT_SIZE] = { read_size },
  [RMQ_ARGUMENT_CHOICE] = { read_choice, starts_choice },
  [RMQ_ARGUMENT_QUEUE] = { rmq_argument_read_queue, NULL, rmq_argument_clear_queue },
  [RMQ_ARGUMENT_MESSAGE] = { rmq_argument_read_message, NULL, rmq_argument_clear_message },
  [RMQ_ARGUMENT_COMPARISON] = { rmq_argument_read_comparison, rmq_argument_starts_comparison },
  [RMQ_ARGUMENT_RESULT] = { rmq_argument_read_result },
  [RMQ_ARGUMENT_CODE] = { rmq_argument_read_code },
  [RMQ_ARGUMENT_AMOUNT] = { rmq_argument_read_amount, rmq_argument_starts_amount },
  [RMQ_ARGUMENT_WHAT] = { rmq_argument_read_what, rmq_argument_starts_what },
  [RMQ_ARGUMENT_SETTINGS] = { rmq_argument_read_settings, NULL, clear_strings },
  [RMQ_ARGUMENT_OPTIONS] = { rmq_argument_read_settings, NULL, clear_strings },
  [RMQ_ARGUMENT_VARIABLES] = { rmq_argument_read_variables, NULL, clear_strings },
  [RMQ_ARGUMENT_JUMP] = { read_jump },
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == RMQ_N_ARGUMENT_TYPES);

gboolean
rmq_argument_read (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  if (argument->type == RMQ_ARGUMENT_FLAG)
    {
      *(gboolean *)value = TRUE;
      return TRUE;
    }
  if (rmq_reader_peek (reader) == NULL)
    return rmq_reader_fail (
        reader,
        g_strdup_printf ("%s is missing after \"%s\"", argument->shown,
                         argument->keyword != NULL ? argument->keyword : "the line's end"),
        NULL);
  return kinds[argument->type].read (reader, argument, value);
}

void
rmq_argument_clear (const RmqArgument *argument, gpointer value)
{
  if (kinds[argument->type].clear != NULL)
    kinds[argument->type].clear (value);
}

gboolean
rmq_argument_starts (const RmqReader *reader, const RmqArgument *argument)
{
  const RmqWord *word = rmq_reader_peek (reader);
  return kinds[argument->type].starts == NULL || kinds[argument->type].starts (word, argument);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments of request outages: response codes, how many, which requests. Pure. */

#include "rmq-argument-private.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-outage.h"
#include "rmq-request-facts.h"

static const char *const code_names[] = {
#define ROW(name, number, help) #name,
  RMQ_RESPONSE_CODES (ROW)
#undef ROW
      NULL
};

gboolean
rmq_argument_read_code (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  const char *text = rmq_reader_peek (reader)->text;
  gint code = 0;
  if (!rmq_response_code_parse (text, &code))
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no response code: a number or a name", text),
        rmq_nearest_word (text, code_names));
  *(gint64 *)value = code;
  reader->at++;
  return TRUE;
}

gboolean
rmq_argument_starts_amount (const RmqWord *word, const RmqArgument *argument)
{
  return g_str_has_suffix (word->text, "%") || g_str_equal (word->text, "next")
         || g_str_equal (word->text, "every") || g_str_equal (word->text, "all");
}

static gboolean
parse_share (const char *text, gint64 *percent)
{
  g_autofree char *digits = g_strndup (text, strlen (text) - 1);
  return rmq_parse_number (digits, percent) && *percent <= 100;
}

/* "5th" "1st" "2nd" "3rd" */
static gboolean
parse_ordinal (const char *text, gint64 *n)
{
  const gsize size = strlen (text);
  if (size < 3
      || rmq_find_word ((const char *const[]){ "st", "nd", "rd", "th", NULL }, text + size - 2) < 0)
    return FALSE;
  g_autofree char *digits = g_strndup (text, size - 2);
  return rmq_parse_number (digits, n) && *n > 0;
}

static gboolean
read_amount_number (RmqReader *reader, RmqAmountValue *amount, const char *first)
{
  if (g_str_has_suffix (first, "%"))
    {
      amount->kind = RMQ_AMOUNT_PERCENT;
      return parse_share (first, &amount->n);
    }
  if (g_str_equal (first, "all"))
    {
      amount->kind = RMQ_AMOUNT_ALL;
      return TRUE;
    }
  const RmqWord *second = rmq_reader_peek (reader);
  if (second == NULL)
    return FALSE;
  gboolean next = g_str_equal (first, "next");
  amount->kind = next ? RMQ_AMOUNT_NEXT : RMQ_AMOUNT_EVERY;
  gboolean ok = next ? rmq_parse_number (second->text, &amount->n) && amount->n > 0
                     : parse_ordinal (second->text, &amount->n);
  reader->at += ok;
  return ok;
}

/* A number that is none, or one beyond its range. */
static gboolean
fail_amount (RmqReader *reader, const RmqWord *first, const RmqAmountValue *amount)
{
  const RmqWord *second = rmq_reader_peek (reader);
  gint64 n;
  if (amount->kind == RMQ_AMOUNT_PERCENT && amount->n > 100)
    return rmq_reader_fail_at (reader, first->column,
                               g_strdup_printf ("%s is out of range (0%% to 100%%)", first->text),
                               NULL);
  if (amount->kind == RMQ_AMOUNT_NEXT && second != NULL && rmq_parse_number (second->text, &n))
    return rmq_reader_fail (
        reader, g_strdup_printf ("%s is out of range: next 1 at least", second->text), NULL);
  return rmq_reader_fail_at (reader, first->column,
                             g_strdup ("an amount is expected: next N, 30% of, every 5th of, all"),
                             NULL);
}

gboolean
rmq_argument_read_amount (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqAmountValue *amount = value;
  const RmqWord *first = rmq_reader_peek (reader);
  reader->at++;
  if (!read_amount_number (reader, amount, first->text))
    return fail_amount (reader, first, amount);
  gboolean wants_of = amount->kind == RMQ_AMOUNT_PERCENT || amount->kind == RMQ_AMOUNT_EVERY;
  if (wants_of && rmq_reader_match (reader, "of") == 0)
    return rmq_reader_fail (reader, g_strdup ("\"of\" is expected: 30% of, every 5th of"), NULL);
  reader->at += wants_of;
  return TRUE;
}

gboolean
rmq_argument_starts_what (const RmqWord *word, const RmqArgument *argument)
{
  return rmq_request_kind_find (word->text) != NULL || g_str_equal (word->text, "requests")
         || g_str_equal (word->text, "responses");
}

gboolean
rmq_argument_read_what (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqWhatValue *what = value;
  const RmqWord *word = rmq_reader_peek (reader);
  const RmqRequestKind *kind = rmq_request_kind_find (word->text);
  what->request_kind = kind != NULL ? kind->word : "any";
  reader->at += kind != NULL;
  gboolean requests = rmq_reader_match (reader, "requests") > 0;
  if (!requests && rmq_reader_match (reader, "responses") == 0)
    return rmq_reader_fail (reader, g_strdup ("\"requests\" or \"responses\" is expected"), NULL);
  what->requests = requests;
  reader->at++;
  return TRUE;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Arguments of expectations: comparisons and results. Pure. */

#include "rmq-argument-private.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-send-result.h"

static const char *const compare_words[] = { "=", "!=", "<", "<=", ">", ">=", "in", NULL };

gboolean
rmq_comparison_holds (const RmqComparison *comparison, gint64 value)
{
  switch (comparison->op)
    {
    case RMQ_COMPARE_EQUAL:
      return value == comparison->low;
    case RMQ_COMPARE_NOT_EQUAL:
      return value != comparison->low;
    case RMQ_COMPARE_LESS:
      return value < comparison->low;
    case RMQ_COMPARE_AT_MOST:
      return value <= comparison->low;
    case RMQ_COMPARE_MORE:
      return value > comparison->low;
    case RMQ_COMPARE_AT_LEAST:
      return value >= comparison->low;
    case RMQ_COMPARE_WITHIN:
      return value >= comparison->low && value <= comparison->high;
    }
  g_assert_not_reached ();
}

gint64
rmq_comparison_miss (const RmqComparison *comparison, gint64 value)
{
  const gint64 low = comparison->low;
  if (rmq_comparison_holds (comparison, value))
    return 0;
  switch (comparison->op)
    {
    case RMQ_COMPARE_NOT_EQUAL:
      return 1;
    case RMQ_COMPARE_LESS:
      return value - low + 1;
    case RMQ_COMPARE_MORE:
      return low - value + 1;
    case RMQ_COMPARE_WITHIN:
      return value < low ? low - value : value - comparison->high;
    case RMQ_COMPARE_EQUAL:
    case RMQ_COMPARE_AT_MOST:
    case RMQ_COMPARE_AT_LEAST:
      return ABS (value - low);
    }
  g_assert_not_reached ();
}

gboolean
rmq_argument_starts_comparison (const RmqWord *word, const RmqArgument *argument)
{
  return rmq_find_word (compare_words, word->text) >= 0;
}

static gboolean
parse_bounds (RmqComparison *comparison, const char *text)
{
  if (comparison->op != RMQ_COMPARE_WITHIN)
    return rmq_parse_number (text, &comparison->low);
  g_auto (GStrv) bounds = g_strsplit (text, "..", 2);
  return bounds[0] != NULL && bounds[1] != NULL && rmq_parse_number (bounds[0], &comparison->low)
         && rmq_parse_number (bounds[1], &comparison->high) && comparison->low <= comparison->high;
}

gboolean
rmq_argument_read_comparison (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqComparison *comparison = value;
  const RmqWord *word = rmq_reader_peek (reader);
  gint op = rmq_find_word (compare_words, word->text);
  if (op < 0)
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no comparison: = != < <= > >= or in A..B", word->text),
        NULL);
  comparison->op = op;
  reader->at++;
  word = rmq_reader_peek (reader);
  if (word == NULL || !parse_bounds (comparison, word->text))
    return rmq_reader_fail (
        reader,
        g_strdup (op == RMQ_COMPARE_WITHIN ? "a range is expected: 3..5" : "a number is expected"),
        NULL);
  reader->at++;
  return TRUE;
}

/* By RmqRemotingError. */
static const char *const transport_names[] = {
  "CONNECT", "SEND_REQUEST", "TIMEOUT", "TOO_MUCH_REQUEST", "BAD_FRAME", "CLOSED",
  "IDLE",    "PEER_CLOSED",  NULL
};
G_STATIC_ASSERT (G_N_ELEMENTS (transport_names) == RMQ_REMOTING_ERROR_PEER_CLOSED + 2);

/* By RmqSendStatus. */
static const char *const status_names[] = {
  "OK", "FLUSH_DISK_TIMEOUT", "FLUSH_SLAVE_TIMEOUT", "SLAVE_NOT_AVAILABLE", "ERROR", NULL
};
#define ERROR_NAME (RMQ_SEND_SLAVE_NOT_AVAILABLE + 1)

/* The part in parentheses: "2", "SYSTEM_BUSY", "TIMEOUT". */
static gboolean
parse_error_code (RmqResultValue *result, const char *text)
{
  const gsize size = strlen (text);
  if (text[0] != '(' || text[size - 1] != ')')
    return FALSE;
  g_autofree char *code = g_strndup (text + 1, size - 2);
  gint transport = rmq_find_word (transport_names, code);
  result->transport = transport >= 0;
  result->code = transport;
  return transport >= 0 || rmq_response_code_parse (code, &result->code);
}

gboolean
rmq_argument_read_result (RmqReader *reader, const RmqArgument *argument, gpointer value)
{
  RmqResultValue *result = value;
  const char *text = rmq_reader_peek (reader)->text;
  const gsize size = strcspn (text, "(");
  g_autofree char *name = g_strndup (text, size);
  result->status = rmq_find_word (status_names, name);
  result->error = result->status == ERROR_NAME;
  result->code = -1;
  gboolean ok =
      result->status >= 0
      && (text[size] == '\0' || (result->error && parse_error_code (result, text + size)));
  if (!ok)
    return rmq_reader_fail (
        reader, g_strdup_printf ("\"%s\" is no result: OK, a status, ERROR or ERROR(CODE)", text),
        rmq_nearest_word (name, status_names));
  reader->at++;
  return TRUE;
}

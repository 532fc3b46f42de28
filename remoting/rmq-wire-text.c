/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and texts as they stand on the wire. Pure functions; whatever a peer sent comes out as a
 * number within its range, or as a NUL-terminated piece of valid UTF-8.
 */

#include "rmq-wire-text.h"

const guint8 rmq_text_plain[256] = { [' ' ... '!'] = 1, ['#' ... '['] = 1, [']' ... '~'] = 1 };

/* With a sign, or so many digits that they may not fit. */
static gboolean
parse_odd (const char *text, gint64 low, gint64 high, gint64 *value)
{
  gboolean is_negative = *text == '-';
  if (*text == '-' || *text == '+')
    text++;
  if (*text == '\0')
    return FALSE;
  guint64 limit = is_negative ? (guint64)0 - (guint64)low : (guint64)high;
  guint64 magnitude = 0;
  for (; *text != '\0'; text++)
    {
      if (!g_ascii_isdigit (*text))
        return FALSE;
      guint64 digit = (guint64)(*text - '0');
      if (digit > limit || magnitude > (limit - digit) / 10)
        return FALSE;
      magnitude = magnitude * 10 + digit;
    }
  *value = (gint64)(is_negative ? (guint64)0 - magnitude : magnitude);
  return TRUE;
}

gboolean
rmq_decimal_parse (const char *text, gint64 low, gint64 high, gint64 *value)
{
  g_assert (low <= 0);
  g_assert (high >= 0);
  gint64 number;
  gsize n = rmq_decimal_take_digits (text, &number);
  if (n == 0 || text[n] != '\0')
    return parse_odd (text, low, high, value);
  if (number <= high)
    *value = number;
  return number <= high;
}

static const char digit_pairs[] = "00010203040506070809"
                                  "10111213141516171819"
                                  "20212223242526272829"
                                  "30313233343536373839"
                                  "40414243444546474849"
                                  "50515253545556575859"
                                  "60616263646566676869"
                                  "70717273747576777879"
                                  "80818283848586878889"
                                  "90919293949596979899";

static gsize
count_digits (guint64 magnitude)
{
  gsize n = 1;
  for (; magnitude >= 10000; magnitude /= 10000)
    n += 4;
  return n + (magnitude >= 10) + (magnitude >= 100) + (magnitude >= 1000);
}

gsize
rmq_decimal_format (char out[RMQ_DECIMAL_SIZE_MAX], gint64 value)
{
  guint64 magnitude = value < 0 ? (guint64)0 - (guint64)value : (guint64)value;
  gsize size = (value < 0) + count_digits (magnitude);
  char *at = out + size;
  *at = '\0';
  for (; magnitude >= 100; magnitude /= 100)
    at = (char *)memcpy (at - 2, digit_pairs + 2 * (magnitude % 100), 2);
  if (magnitude >= 10)
    memcpy (at - 2, digit_pairs + 2 * magnitude, 2);
  else
    at[-1] = (char)('0' + magnitude);
  if (value < 0)
    out[0] = '-';
  return size;
}

/* How many bytes at the start are ASCII and no NUL: nearly always all of them. */
static gsize
ascii_span (const char *text, gsize size)
{
  const guint64 ones = G_MAXUINT64 / 255, tops = ones << 7;
  gsize n = 0;
  for (guint64 eight; size - n >= sizeof eight; n += sizeof eight)
    {
      memcpy (&eight, text + n, sizeof eight);
      if (((eight | (eight - ones)) & tops) != 0)
        break;
    }
  while (n < size && text[n] > 0)
    n++;
  return n;
}

void
rmq_text_seal (char *text, gsize size)
{
  text[size] = '\0';
  const char *bad;
  for (const char *rest = text + ascii_span (text, size);
       !g_utf8_validate_len (rest, (gsize)(text + size - rest), &bad); rest = bad + 1)
    text[bad - text] = '?';
}

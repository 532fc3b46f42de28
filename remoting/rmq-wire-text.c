/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and texts as they stand on the wire. Pure functions; whatever a peer sent comes out as a
 * number within its range, or as a NUL-terminated piece of valid UTF-8.
 */

#include "rmq-wire-text.h"

const guint8 rmq_text_plain[256] = { [' ' ... '!'] = 1, ['#' ... '['] = 1, [']' ... '~'] = 1 };

gboolean
rmq_decimal_parse (const char *text, gint64 low, gint64 high, gint64 *value)
{
  g_assert (low <= 0);
  g_assert (high >= 0);
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

gsize
rmq_decimal_format (char out[RMQ_DECIMAL_SIZE_MAX], gint64 value)
{
  char digits[RMQ_DECIMAL_SIZE_MAX];
  guint64 magnitude = value < 0 ? (guint64)0 - (guint64)value : (guint64)value;
  gsize n = 0;
  do
    digits[n++] = (char)('0' + magnitude % 10);
  while ((magnitude /= 10) > 0);
  if (value < 0)
    digits[n++] = '-';
  for (gsize i = 0; i < n; i++)
    out[i] = digits[n - 1 - i];
  out[n] = '\0';
  return n;
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

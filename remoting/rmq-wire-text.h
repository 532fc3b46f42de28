/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Java's parseInt, parseLong: sign, digits, nothing else, within low … high. */
gboolean rmq_decimal_parse (const char *text, gint64 low, gint64 high, gint64 *value);
/* Writes the digits of value, and a NUL; returns how many. */
#define RMQ_DECIMAL_SIZE_MAX 21
gsize rmq_decimal_format (char out[RMQ_DECIMAL_SIZE_MAX], gint64 value);

/* Ends text[0 … size-1] with a NUL at text[size]; bytes that are no UTF-8, and NULs, become '?', as
 * Java writes what UTF-8 can't hold. */
void rmq_text_seal (char *text, gsize size);

/* Plain: printable ASCII, and neither quote nor backslash: what JSON takes as it stands. */
extern const guint8 rmq_text_plain[256];

static inline gboolean
rmq_text_is_plain (char c)
{
  return rmq_text_plain[(guint8)c];
}

/* How many bytes at the start are plain. Most of a header is, so this looks at eight bytes at once;
 * a mask's lowest bit is exact, and no higher one is looked at. */
static inline gsize
rmq_text_plain_span (const char *text, gsize size)
{
  const guint64 ones = G_MAXUINT64 / 255, tops = ones << 7;
  gsize n = 0;
  for (; size - n >= sizeof (guint64); n += sizeof (guint64))
    {
      guint64 eight;
      memcpy (&eight, text + n, sizeof eight);
      eight = GUINT64_FROM_LE (eight);
      guint64 quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
      guint64 below = (eight - ones * ' ') | (quote - ones) | (backslash - ones);
      guint64 odd = ((below & ~eight) | eight | (eight + ones)) & tops;
      if (odd != 0)
        return n + (gsize)__builtin_ctzll (odd) / 8;
    }
  while (n < size && rmq_text_is_plain (text[n]))
    n++;
  return n;
}

G_END_DECLS

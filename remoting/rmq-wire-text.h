/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

G_BEGIN_DECLS

/* A name and its value; the sizes are those without the NUL. */
typedef struct
{
  const char *name;
  const char *value; /* (nullable) */
  gsize name_size;
  gsize value_size;
} RmqTextPair;

/* Java's parseInt, parseLong: sign, digits, nothing else, within low … high. */
gboolean rmq_decimal_parse (const char *text, gint64 low, gint64 high, gint64 *value);
/* How many digits are at the start, and their value; 18 at most, for these always fit. */
static inline gsize
rmq_decimal_take_digits (const char *text, gint64 *value)
{
  gsize n = 0;
  gint64 number = 0;
  for (guint digit; n < 18 && (digit = (guint)(text[n] - '0')) < 10; n++)
    number = number * 10 + digit;
  *value = number;
  return n;
}

/* Writes the digits of value, and a NUL; returns how many. */
#define RMQ_DECIMAL_SIZE_MAX 21 /* the NUL included */
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

#ifdef __SSE2__
/* A bit for each of the sixteen bytes there that isn't plain; beyond ASCII is negative. */
static inline guint
rmq_text_odd_of_16 (const char *text)
{
  const __m128i bytes = _mm_loadu_si128 ((const __m128i *)(gconstpointer)text);
  const __m128i quotes = _mm_or_si128 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('"')),
                                       _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 ('\\')));
  const __m128i others = _mm_or_si128 (_mm_cmplt_epi8 (bytes, _mm_set1_epi8 (' ')),
                                       _mm_cmpeq_epi8 (bytes, _mm_set1_epi8 (0x7F)));
  return (guint)_mm_movemask_epi8 (_mm_or_si128 (quotes, others));
}
#endif

/* How many bytes at the start are plain. Most of a header is, so this looks at sixteen or eight
 * bytes at once; of eight, a mask's lowest bit is exact, and no higher one is looked at. */
static inline gsize
rmq_text_plain_span (const char *text, gsize size)
{
  const guint64 ones = G_MAXUINT64 / 255, tops = ones << 7;
  gsize n = 0;
#ifdef __SSE2__
  for (; size - n >= 16; n += 16)
    {
      const guint odd = rmq_text_odd_of_16 (text + n);
      if (odd != 0)
        return n + (gsize)__builtin_ctz (odd);
    }
#endif
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

/* Copies what is plain at the start of text, and returns how much that is. What follows it, up to
 * to[size], is not as it was. */
static inline gsize
rmq_text_copy_plain (guint8 *to, const char *text, gsize size)
{
  gsize n = 0;
#ifdef __SSE2__
  for (; size - n >= 16; n += 16)
    {
      memcpy (to + n, text + n, 16);
      const guint odd = rmq_text_odd_of_16 (text + n);
      if (odd != 0)
        return n + (gsize)__builtin_ctz (odd);
    }
#endif
  for (; n < size && rmq_text_is_plain (text[n]); n++)
    to[n] = (guint8)text[n];
  return n;
}

G_END_DECLS

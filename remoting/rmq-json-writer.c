/* SPDX-License-Identifier: Apache-2.0 */

/* JSON as fastjson writes it, straight into the array that goes to the socket. Pure. Knows strings
 * and numbers only; must never look ahead or back, the caller sets commas and braces.
 */

#include "rmq-json-writer.h"

#include <string.h>

#include "rmq-wire-text.h"

#define ESCAPE_SIZE_MAX 6 /* \u0001 from one byte; a pair of them from four */

void
rmq_json_put (GByteArray *out, const char *literal)
{
  g_byte_array_append (out, (const guint8 *)literal, (guint)strlen (literal));
}

void
rmq_json_put_int (GByteArray *out, gint64 value)
{
  char digits[RMQ_DECIMAL_SIZE_MAX];
  gsize size = rmq_decimal_format (digits, value);
  g_byte_array_append (out, (const guint8 *)digits, (guint)size);
}

static guint8 *
put_unit (guint8 *write, guint unit)
{
  static const char hex[] = "0123456789ABCDEF";
  *write++ = '\\';
  *write++ = 'u';
  for (gint shift = 12; shift >= 0; shift -= 4)
    *write++ = (guint8)hex[unit >> shift & 15];
  return write;
}

static guint8 *
put_units (guint8 *write, gunichar c)
{
  if (c < 0x10000)
    return put_unit (write, c);
  write = put_unit (write, 0xD800 + ((c - 0x10000) >> 10));
  return put_unit (write, 0xDC00 + ((c - 0x10000) & 0x3FF));
}

static guint8 *
put_ascii (guint8 *write, guint8 c)
{
  static const char specials[] = "\b\t\n\f\r\"\\";
  static const char names[] = "btnfr\"\\";
  const char *special = c != '\0' ? strchr (specials, c) : NULL;
  if (special != NULL)
    {
      *write++ = '\\';
      *write++ = (guint8)names[special - specials];
      return write;
    }
  return put_unit (write, c);
}

static inline gboolean
is_plain (guint8 c)
{
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* C1 controls and the two separators that end a line in JavaScript. */
static gboolean
is_escaped (gunichar c)
{
  return c < 0xA0 || c == 0x2028 || c == 0x2029;
}

static void
put_string (GByteArray *out, const char *text, gboolean ascii_only)
{
  gsize size = strlen (text);
  guint start = out->len;
  g_byte_array_set_size (out, start + (guint)(size * ESCAPE_SIZE_MAX) + 2);
  guint8 *write = out->data + start;
  *write++ = '"';
  for (const char *p = text, *end = text + size; p < end;)
    {
      guint8 byte = (guint8)*p;
      if (G_LIKELY (is_plain (byte)))
        {
          *write++ = byte;
          p++;
          continue;
        }
      gunichar c = byte < 0x80 ? byte : g_utf8_get_char_validated (p, end - p);
      if (byte < 0x80 || c >= (gunichar)-2)
        {
          write = byte < 0x80 ? put_ascii (write, byte) : put_unit (write, '?');
          p++;
          continue;
        }
      gsize n = (gsize)(g_utf8_next_char (p) - p);
      if (ascii_only || is_escaped (c))
        write = put_units (write, c);
      else
        write = (guint8 *)memcpy (write, p, n) + n;
      p += n;
    }
  *write++ = '"';
  g_byte_array_set_size (out, (guint)(write - out->data));
}

void
rmq_json_put_string (GByteArray *out, const char *text)
{
  put_string (out, text, FALSE);
}

void
rmq_json_put_ascii_string (GByteArray *out, const char *text)
{
  put_string (out, text, TRUE);
}

void
rmq_json_put_member (GByteArray *out, const char *literal, const char *text)
{
  rmq_json_put (out, literal);
  rmq_json_put_string (out, text);
}

void
rmq_json_put_int_member (GByteArray *out, const char *literal, gint64 value)
{
  rmq_json_put (out, literal);
  rmq_json_put_int (out, value);
}

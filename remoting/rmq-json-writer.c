/* SPDX-License-Identifier: Apache-2.0 */

/* JSON as fastjson writes it, straight into the array that goes to the socket. Pure. Knows strings
 * and numbers only; must never look ahead or back, the caller sets commas and braces.
 */

#include "rmq-json-writer.h"

#include "rmq-wire-text.h"

#define ESCAPE_SIZE_MAX 6 /* \u0001 from one byte; a pair of them from four */

#define SHORT_SIZE_MAX 16

#define ROOM_MIN 1024

static void
take_room (RmqJsonWriter *writer, gsize used, gsize room)
{
  g_byte_array_set_size (writer->out, (guint)(used + room));
  writer->at = writer->out->data + used;
  writer->limit = writer->at + room;
}

void
rmq_json_writer_begin (RmqJsonWriter *writer, GByteArray *out)
{
  writer->out = out;
  take_room (writer, out->len, ROOM_MIN);
}

void
rmq_json_writer_grow (RmqJsonWriter *writer, gsize size)
{
  gsize used = (gsize)(writer->at - writer->out->data);
  take_room (writer, used, MAX (size, MAX (used, ROOM_MIN)));
}

void
rmq_json_writer_end (RmqJsonWriter *writer)
{
  g_byte_array_set_size (writer->out, (guint)(writer->at - writer->out->data));
}

void
rmq_json_put_int (RmqJsonWriter *writer, gint64 value)
{
  rmq_json_writer_reserve (writer, RMQ_DECIMAL_SIZE_MAX);
  writer->at += rmq_decimal_format ((char *)writer->at, value);
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
  static const char specials[] = "\b\t\n\f\r\"\\/";
  static const char names[] = "btnfr\"\\/";
  const char *special = c != '\0' ? strchr (specials, c) : NULL;
  if (special != NULL)
    {
      *write++ = '\\';
      *write++ = (guint8)names[special - specials];
      return write;
    }
  return put_unit (write, c);
}

/* C1 controls and the two separators that end a line in JavaScript. */
static gboolean
is_escaped (gunichar c)
{
  return c < 0xA0 || c == 0x2028 || c == 0x2029;
}

/* One character that can't simply be copied; returns where the next begins. */
static const char *
put_odd (RmqJsonWriter *writer, const char *p, const char *end, gboolean ascii_only)
{
  guint8 byte = (guint8)*p;
  if (byte < 0x80)
    {
      writer->at = put_ascii (writer->at, byte);
      return p + 1;
    }
  gunichar c = g_utf8_get_char_validated (p, end - p);
  if (c >= (gunichar)-2)
    {
      *writer->at++ = '?';
      return p + 1;
    }
  gsize size = (gsize)(g_utf8_next_char (p) - p);
  if (ascii_only || is_escaped (c))
    writer->at = put_units (writer->at, c);
  else
    writer->at = (guint8 *)memcpy (writer->at, p, size) + size;
  return p + size;
}

static inline gsize
plain_span (const char *p, const char *end, gboolean ascii_only)
{
  gsize size = rmq_text_plain_span (p, (gsize)(end - p));
  const char *slash = ascii_only ? memchr (p, '/', size) : NULL;
  return slash != NULL ? (gsize)(slash - p) : size;
}

/* Most strings are short and plain: copied as they are looked at. FALSE: it isn't one, and nothing
 * was put. */
static inline gboolean
put_short_string (RmqJsonWriter *writer, const char *text)
{
  gsize n = 0;
  rmq_json_writer_reserve (writer, SHORT_SIZE_MAX + 2);
  guint8 *at = writer->at;
  *at++ = '"';
  for (; n < SHORT_SIZE_MAX && rmq_text_is_plain (text[n]); n++)
    *at++ = (guint8)text[n];
  if (text[n] != '\0')
    return FALSE;
  *at++ = '"';
  writer->at = at;
  return TRUE;
}

static void
put_string (RmqJsonWriter *writer, const char *text, gboolean ascii_only)
{
  gsize size = strlen (text);
  const char *end = text + size;
  rmq_json_writer_reserve (writer, size * ESCAPE_SIZE_MAX + 2);
  *writer->at++ = '"';
  for (const char *p = text; p < end;)
    {
      gsize plain = plain_span (p, end, ascii_only);
      writer->at = (guint8 *)memcpy (writer->at, p, plain) + plain;
      p += plain;
      if (p < end)
        p = put_odd (writer, p, end, ascii_only);
    }
  *writer->at++ = '"';
}

void
rmq_json_put_string (RmqJsonWriter *writer, const char *text)
{
  if (!put_short_string (writer, text))
    put_string (writer, text, FALSE);
}

void
rmq_json_put_ascii_string (RmqJsonWriter *writer, const char *text)
{
  put_string (writer, text, TRUE);
}

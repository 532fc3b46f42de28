/* SPDX-License-Identifier: Apache-2.0 */

/* JSON as fastjson writes it, straight into the array that goes to the socket. Pure. Knows strings
 * and numbers only; must never look ahead or back, the caller sets commas and braces.
 */

#include "rmq-json-writer.h"

#define ESCAPE_SIZE_MAX 6 /* \u0001 from one byte; a pair of them from four */

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
  write[0] = '\\';
  write[1] = 'u';
  write[2] = (guint8)hex[unit >> 12];
  write[3] = (guint8)hex[unit >> 8 & 15];
  write[4] = (guint8)hex[unit >> 4 & 15];
  write[5] = (guint8)hex[unit & 15];
  return write + 6;
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
  static const char names[128] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\f'] = 'f',
    ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',
  };
  if (names[c] == '\0')
    return put_unit (write, c);
  *write++ = '\\';
  *write++ = (guint8)names[c];
  return write;
}

/* C1 controls and the two separators that end a line in JavaScript. */
static gboolean
is_escaped (gunichar c)
{
  return c < 0xA0 || c == 0x2028 || c == 0x2029;
}

/* One character that can't simply be copied; *text moves on to the next. */
static guint8 *
put_odd (guint8 *at, const char **text, const char *end, gboolean ascii_only)
{
  const char *p = *text;
  guint8 byte = (guint8)*p;
  *text = p + 1;
  if (byte < 0x80)
    return put_ascii (at, byte);
  gunichar c = g_utf8_get_char_validated (p, end - p);
  if (c >= (gunichar)-2)
    {
      *at++ = '?';
      return at;
    }
  *text = g_utf8_next_char (p);
  if (ascii_only || is_escaped (c))
    return put_units (at, c);
  gsize size = (gsize)(*text - p);
  return (guint8 *)memcpy (at, p, size) + size;
}

/* Writes text in quotes; there is room. */
static inline guint8 *
put_string (guint8 *at, const char *text, gsize size, gboolean ascii_only)
{
  const char *end = text + size;
  *at++ = '"';
  while (text < end)
    {
      gsize plain = rmq_text_copy_plain (at, text, (gsize)(end - text));
      const char *slash = ascii_only ? memchr (text, '/', plain) : NULL;
      plain = slash != NULL ? (gsize)(slash - text) : plain;
      at += plain;
      text += plain;
      if (text < end)
        at = put_odd (at, &text, end, ascii_only);
    }
  *at++ = '"';
  return at;
}

static void
put_text (RmqJsonWriter *writer, const char *text, gboolean ascii_only)
{
  gsize size = strlen (text);
  rmq_json_writer_reserve (writer, size * ESCAPE_SIZE_MAX + 2);
  writer->at = put_string (writer->at, text, size, ascii_only);
}

void
rmq_json_put_string (RmqJsonWriter *writer, const char *text)
{
  put_text (writer, text, FALSE);
}

void
rmq_json_put_ascii_string (RmqJsonWriter *writer, const char *text)
{
  put_text (writer, text, TRUE);
}

void
rmq_json_put_pair (RmqJsonWriter *writer, const RmqTextPair *pair)
{
  rmq_json_writer_reserve (writer, (pair->name_size + pair->value_size) * ESCAPE_SIZE_MAX + 5);
  guint8 *at = put_string (writer->at, pair->name, pair->name_size, FALSE);
  *at++ = ':';
  writer->at = put_string (at, pair->value, pair->value_size, FALSE);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The lenient JSON reader behind headers and bodies: what fastjson reads, this reads (comments,
 * single quotes, stray commas, keys without quotes). Pure; writes only into the text it was given.
 * Must never recurse, allocate or trust a byte: all of it comes from peers.
 * Longer than 500 lines because the short way, through what everybody writes, and the lenient one
 * share each step and the state.
 *
 * How texts end up NUL-terminated without a copy: an unescaped string is never longer than its
 * source, so its NUL fits where the closing quote was. A number has no quote: it moves one byte to
 * the left, onto the colon, comma or bracket before it, which has been read already.
 *
 * How the end is seen: a NUL stands there, which is no part of any token. An error moves the reader
 * to the end, where nothing can be taken any more.
 */

#include "rmq-json-reader.h"

#include <string.h>

#include "rmq-error.h"

void
rmq_json_reader_init (RmqJsonReader *reader, char *text, gsize size)
{
  *reader = (RmqJsonReader){ .text = text, .at = text, .end = text + size };
  text[size] = '\0';
}

static void
fail_at (RmqJsonReader *reader, const char *at, const char *reason)
{
  if (reader->reason != NULL)
    return;
  reader->reason = reason;
  reader->error_position = (gsize)(at - reader->text);
  reader->at = reader->end;
}

void
rmq_json_reader_fail (RmqJsonReader *reader, const char *reason)
{
  fail_at (reader, reader->at, reason);
}

static inline gboolean
has_more (const RmqJsonReader *reader)
{
  return reader->at < reader->end;
}

static inline gsize
n_left (const RmqJsonReader *reader)
{
  return (gsize)(reader->end - reader->at);
}

/* The character at hand, or NUL at the end. */
static inline char
here (const RmqJsonReader *reader)
{
  return *reader->at;
}

static inline gboolean
take (RmqJsonReader *reader, char c)
{
  if (here (reader) != c)
    return FALSE;
  reader->at++;
  return TRUE;
}

/* ---- space and comments -------------------------------------------------- */

static void
skip_comment (RmqJsonReader *reader)
{
  char *rest = reader->at;
  gsize n = n_left (reader);
  gboolean is_line = n >= 2 && rest[1] == '/';
  gboolean is_block = n >= 2 && rest[1] == '*';
  if (!is_line && !is_block)
    {
      fail_at (reader, reader->at, "a slash that begins no comment");
      return;
    }
  char *end = is_line ? memchr (rest, '\n', n) : memmem (rest + 2, n - 2, "*/", 2);
  if (end == NULL && is_block)
    fail_at (reader, reader->at, "a comment that doesn't end");
  else if (end == NULL)
    reader->at = reader->end;
  else
    reader->at = end + (is_line ? 1 : 2);
}

static gboolean
is_space (char c)
{
  return c == ' ' || (c >= '\b' && c <= '\r');
}

/* Seldom anything: peers write compact text. */
static void
skip_real_space (RmqJsonReader *reader)
{
  while (has_more (reader))
    {
      char c = here (reader);
      if (c == '/')
        skip_comment (reader);
      else if (is_space (c))
        reader->at++;
      else
        return;
    }
}

static inline void
skip_space (RmqJsonReader *reader)
{
  char c = here (reader);
  if (c <= ' ' || c == '/')
    skip_real_space (reader);
}

/* ---- strings ------------------------------------------------------------- */

/* -1: no n hex digits stand there. */
static gint32
hex_value (const RmqJsonReader *reader, const char *from, guint n)
{
  if (reader->end - from < n)
    return -1;
  gint32 value = 0;
  for (guint i = 0; i < n; i++)
    {
      gint digit = g_ascii_xdigit_value (from[i]);
      if (digit < 0)
        return -1;
      value = value << 4 | digit;
    }
  return value;
}

/* After "\u": one UTF-16 unit, or two that make a pair. Half a pair becomes '?', as in Java. */
static gint32
read_unicode_escape (RmqJsonReader *reader)
{
  gint32 unit = hex_value (reader, reader->at, 4);
  if (unit < 0)
    return -1;
  reader->at += 4;
  if (unit < 0xD800 || unit > 0xDFFF)
    return unit;
  gboolean is_pair =
      unit <= 0xDBFF && n_left (reader) >= 6 && reader->at[0] == '\\' && reader->at[1] == 'u';
  gint32 low = is_pair ? hex_value (reader, reader->at + 2, 4) : -1;
  if (low < 0xDC00 || low > 0xDFFF)
    return '?';
  reader->at += 6;
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* After a backslash. -1: no escape fastjson knows. */
static gint32
read_escape (RmqJsonReader *reader)
{
  static const char names[] = "btnvfFr\"'\\/";
  static const char values[] = "\b\t\n\v\f\f\r\"'\\/";
  G_STATIC_ASSERT (sizeof names == sizeof values);
  if (!has_more (reader))
    return -1;
  char c = *reader->at++;
  if (c == 'u')
    return read_unicode_escape (reader);
  const char *known = c != '\0' ? strchr (names, c) : NULL;
  if (known != NULL)
    return values[known - names];
  if (c >= '0' && c <= '7')
    return c - '0';
  gint32 byte = c == 'x' ? hex_value (reader, reader->at, 2) : -1;
  if (byte >= 0)
    reader->at += 2;
  return byte;
}

/* Moves the characters up to quote or backslash to write; returns the end of what it wrote. */
static char *
move_plain (RmqJsonReader *reader, char quote, char *write)
{
  const char *begin = reader->at;
  if (quote == '"')
    reader->at += rmq_text_plain_span (begin, n_left (reader));
  while (has_more (reader) && here (reader) != quote && here (reader) != '\\')
    reader->at++;
  gsize size = (gsize)(reader->at - begin);
  return (char *)memmove (write, begin, size) + size;
}

/* The rest of a string that begins there, from a character that isn't plain. */
static G_NO_INLINE const char *
read_odd_string (RmqJsonReader *reader, char *begin, char quote, gsize *size)
{
  char *write = move_plain (reader, quote, reader->at);
  while (take (reader, '\\'))
    {
      gint32 character = read_escape (reader);
      if (character < 0)
        {
          fail_at (reader, reader->at, "an unknown escape");
          return NULL;
        }
      if (character < 0x80)
        *write++ = (char)character;
      else
        write += g_unichar_to_utf8 ((gunichar)character, write);
      write = move_plain (reader, quote, write);
    }
  if (!take (reader, quote))
    {
      fail_at (reader, begin - 1, "a string that doesn't end");
      return NULL;
    }
  *size = (gsize)(write - begin);
  rmq_text_seal (begin, *size);
  return begin;
}

/* At the opening quote. NULL: an error. */
static inline const char *
read_string (RmqJsonReader *reader, gsize *size)
{
  char quote = here (reader);
  char *begin = ++reader->at;
  if (quote == '"')
    reader->at += rmq_text_plain_span (begin, n_left (reader));
  if (here (reader) != '"')
    return read_odd_string (reader, begin, quote, size);
  *size = (gsize)(reader->at - begin);
  *reader->at++ = '\0';
  return begin;
}

/* Passes over a string and leaves it as it is. */
static void
skip_string (RmqJsonReader *reader)
{
  char *start = reader->at;
  char quote = here (reader);
  reader->at++;
  while (has_more (reader) && here (reader) != quote)
    if (take (reader, '\\'))
      reader->at += has_more (reader) ? 1 : 0;
    else
      reader->at++;
  if (!take (reader, quote))
    fail_at (reader, start, "a string that doesn't end");
}

static gboolean
is_quote (char c)
{
  return c == '"' || c == '\'';
}

/* ---- bare words ---------------------------------------------------------- */

static gboolean
is_bare (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '-' || c == '.' || c == '_' || c == '$';
}

static void
skip_bare (RmqJsonReader *reader)
{
  char *start = reader->at;
  while (is_bare (here (reader)))
    reader->at++;
  if (reader->at == start)
    fail_at (reader, start, has_more (reader) ? "an unexpected character" : "it ends too early");
}

/* Ends the passage from start to here with a NUL; see the top. */
static const char *
seal_passage (RmqJsonReader *reader, char *start, gsize *size)
{
  if (start == reader->text)
    fail_at (reader, start, "a value outside an object");
  if (reader->reason != NULL)
    return NULL;
  char *moved = start - 1;
  *size = (gsize)(reader->at - start);
  memmove (moved, moved + 1, *size);
  rmq_text_seal (moved, *size);
  return moved;
}

/* RocketMQ's quirk: fastjson writes the keys of a Map<Long, …> without quotes, {0:"host:port"}.
 * This is the one place that mends it. */
static const char *
read_bare_key (RmqJsonReader *reader, gsize *size)
{
  char *start = reader->at;
  skip_bare (reader);
  return seal_passage (reader, start, size);
}

/* ---- structure ----------------------------------------------------------- */

RmqJsonKind
rmq_json_reader_peek (RmqJsonReader *reader)
{
  skip_space (reader);
  char c = here (reader);
  if (!has_more (reader))
    return RMQ_JSON_NONE;
  if (c == '{')
    return RMQ_JSON_OBJECT;
  if (c == '[')
    return RMQ_JSON_ARRAY;
  return is_quote (c) ? RMQ_JSON_STRING : RMQ_JSON_BARE;
}

gboolean
rmq_json_reader_enter (RmqJsonReader *reader, RmqJsonKind object_or_array)
{
  gboolean is_object = object_or_array == RMQ_JSON_OBJECT;
  skip_space (reader);
  if (!take (reader, is_object ? '{' : '['))
    {
      rmq_json_reader_fail (reader, is_object ? "an object is needed" : "an array is needed");
      return FALSE;
    }
  reader->comma_due = FALSE;
  return TRUE;
}

/* To the next member or element; FALSE: left at the closing bracket, or an error. */
static gboolean
next_in (RmqJsonReader *reader, char closing)
{
  skip_space (reader);
  if (reader->comma_due && here (reader) != ',' && here (reader) != closing)
    rmq_json_reader_fail (reader, "a comma or the closing bracket is needed");
  reader->comma_due = TRUE;
  while (take (reader, ','))
    skip_space (reader);
  if (take (reader, closing))
    return FALSE;
  if (!has_more (reader))
    rmq_json_reader_fail (reader, "it ends too early");
  return reader->reason == NULL;
}

static gboolean
next_member (RmqJsonReader *reader, const char **name, gsize *size)
{
  if (!next_in (reader, '}'))
    return FALSE;
  *name = is_quote (here (reader)) ? read_string (reader, size) : read_bare_key (reader, size);
  /* read_bare_key() put its NUL on the key's last place, so what follows is untouched. */
  skip_space (reader);
  if (!take (reader, ':'))
    rmq_json_reader_fail (reader, "a colon is needed");
  return reader->reason == NULL;
}

gboolean
rmq_json_reader_next_member (RmqJsonReader *reader, const char **name)
{
  gsize size;
  return next_member (reader, name, &size);
}

gboolean
rmq_json_reader_take_key (RmqJsonReader *reader, const char *key, gsize key_size)
{
  char *at = reader->at;
  if (reader->comma_due && *at++ != ',')
    return FALSE;
  if (at + key_size > reader->end || memcmp (at, key, key_size) != 0)
    return FALSE;
  reader->at = at + key_size;
  reader->comma_due = TRUE;
  return TRUE;
}

gboolean
rmq_json_reader_next_element (RmqJsonReader *reader)
{
  return next_in (reader, ']');
}

/* Objects and arrays nest to a limit; a bit per level says which bracket closes it. */
static void
skip_nested (RmqJsonReader *reader)
{
  G_STATIC_ASSERT (RMQ_JSON_DEPTH_MAX <= 64);
  guint64 is_object = 0;
  guint depth = 0;
  do
    {
      skip_space (reader);
      char c = here (reader);
      if (c == '{' || c == '[')
        {
          const char *bracket = reader->at++;
          if (depth == RMQ_JSON_DEPTH_MAX)
            fail_at (reader, bracket,
                     "values are nested deeper than " G_STRINGIFY (RMQ_JSON_DEPTH_MAX));
          is_object = is_object << 1 | (c == '{');
          depth++;
        }
      else if (c == '}' || c == ']')
        {
          const char *bracket = reader->at++;
          if ((is_object & 1) != (c == '}'))
            fail_at (reader, bracket, "a closing bracket of the wrong kind");
          is_object >>= 1;
          depth--;
        }
      else if (is_quote (c))
        skip_string (reader);
      else if (c == ',' || c == ':')
        reader->at++;
      else
        skip_bare (reader);
    }
  while (depth > 0 && reader->reason == NULL);
}

void
rmq_json_reader_skip (RmqJsonReader *reader)
{
  RmqJsonKind kind = rmq_json_reader_peek (reader);
  if (kind == RMQ_JSON_OBJECT || kind == RMQ_JSON_ARRAY)
    skip_nested (reader);
  else if (kind == RMQ_JSON_STRING)
    skip_string (reader);
  else
    skip_bare (reader);
}

/* ---- values -------------------------------------------------------------- */

static gboolean
is_literal (const char *word)
{
  return g_ascii_isdigit (word[0]) || word[0] == '-' || word[0] == '+' || word[0] == '.'
         || strcmp (word, "true") == 0 || strcmp (word, "false") == 0 || strcmp (word, "null") == 0;
}

static const char *
read_text (RmqJsonReader *reader, gsize *size)
{
  if (rmq_json_reader_peek (reader) == RMQ_JSON_STRING)
    return read_string (reader, size);
  gboolean is_bare_word = rmq_json_reader_peek (reader) == RMQ_JSON_BARE;
  char *start = reader->at;
  rmq_json_reader_skip (reader);
  const char *text = seal_passage (reader, start, size);
  if (text == NULL || !is_bare_word)
    return text;
  if (!is_literal (text))
    fail_at (reader, start, "an unknown word");
  return reader->reason != NULL || strcmp (text, "null") == 0 ? NULL : text;
}

const char *
rmq_json_reader_text (RmqJsonReader *reader)
{
  gsize size;
  return read_text (reader, &size);
}

/* A comma where one is due, two plain strings in double quotes, a colon, no space. FALSE: it is
 * something else, and nothing was taken. */
static inline gboolean
take_plain_pair (RmqJsonReader *reader, RmqTextPair *pair)
{
  char *name = reader->at;
  if ((reader->comma_due && *name++ != ',') || name >= reader->end || *name++ != '"')
    return FALSE;
  gsize name_size = rmq_text_plain_span (name, (gsize)(reader->end - name));
  char *text = name + name_size;
  if (text[0] != '"' || text[1] != ':' || text[2] != '"')
    return FALSE;
  text += 3;
  gsize text_size = rmq_text_plain_span (text, (gsize)(reader->end - text));
  if (text[text_size] != '"')
    return FALSE;
  name[name_size] = '\0';
  text[text_size] = '\0';
  *pair = (RmqTextPair){ name, text, name_size, text_size };
  reader->at = text + text_size + 1;
  reader->comma_due = TRUE;
  return TRUE;
}

gboolean
rmq_json_reader_next_pair (RmqJsonReader *reader, RmqTextPair *pair)
{
  if (take_plain_pair (reader, pair))
    return TRUE;
  if (!next_member (reader, &pair->name, &pair->name_size))
    return FALSE;
  pair->value = read_text (reader, &pair->value_size);
  return TRUE;
}

/* Digits up to a comma or a brace, as everybody writes them. FALSE: it is something else, and
 * nothing was taken. */
static inline gboolean
take_plain_integer (RmqJsonReader *reader, gint64 high, gint64 *value)
{
  gint64 number;
  gsize n = rmq_decimal_take_digits (reader->at, &number);
  char after = reader->at[n];
  if (n == 0 || (after != ',' && after != '}') || number > high)
    return FALSE;
  reader->at += n;
  *value = number;
  return TRUE;
}

void
rmq_json_reader_integer (RmqJsonReader *reader, gint64 low, gint64 high, gint64 *value)
{
  if (take_plain_integer (reader, high, value))
    return;
  skip_space (reader);
  char *start = reader->at;
  const char *text = rmq_json_reader_text (reader);
  if (text == NULL || *text == '\0')
    return;
  char *fraction = strchr (text, '.');
  if (fraction != NULL && fraction[1 + strspn (fraction + 1, "0")] == '\0')
    *fraction = '\0';
  if (!rmq_decimal_parse (text, low, high, value))
    fail_at (reader, start, "not an integer, or out of range");
}

gboolean
rmq_json_reader_boolean (RmqJsonReader *reader)
{
  const char *text = rmq_json_reader_text (reader);
  return text != NULL && g_ascii_strcasecmp (text, "true") == 0;
}

gboolean
rmq_json_reader_finish (RmqJsonReader *reader, const char *what, GError **error)
{
  skip_space (reader);
  if (has_more (reader))
    rmq_json_reader_fail (reader, "text after the closing brace");
  if (reader->reason == NULL)
    return TRUE;
  g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
               "%s: %s at byte %" G_GSIZE_FORMAT, what, reader->reason, reader->error_position);
  return FALSE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include <string.h>

#include "rmq-wire-text.h"

G_BEGIN_DECLS

/* Appends JSON to a byte array as fastjson writes it: compact, raw UTF-8, its own choice of
 * escapes. Commas and braces are the caller's. Between begin and end the array belongs to the
 * writer, which keeps room at its tail instead of asking it piece by piece. */

typedef struct
{
  GByteArray *out;
  guint8 *at;
  guint8 *limit;
} RmqJsonWriter;

void rmq_json_writer_begin (RmqJsonWriter *writer, GByteArray *out);
void rmq_json_writer_end (RmqJsonWriter *writer);
void rmq_json_writer_grow (RmqJsonWriter *writer, gsize size);

static inline void
rmq_json_writer_reserve (RmqJsonWriter *writer, gsize size)
{
  if (G_UNLIKELY ((gsize)(writer->limit - writer->at) < size))
    rmq_json_writer_grow (writer, size);
}

static inline void
rmq_json_put (RmqJsonWriter *writer, const char *literal)
{
  gsize size = strlen (literal);
  rmq_json_writer_reserve (writer, size);
  memcpy (writer->at, literal, size);
  writer->at += size;
}

void rmq_json_put_string (RmqJsonWriter *writer, const char *text);
/* "name":"value", neither of them NULL. */
void rmq_json_put_pair (RmqJsonWriter *writer, const RmqTextPair *pair);
/* Every character beyond ASCII as \uXXXX, and a slash as \/ (fastjson's BrowserCompatible). */
void rmq_json_put_ascii_string (RmqJsonWriter *writer, const char *text);
void rmq_json_put_int (RmqJsonWriter *writer, gint64 value);

/* literal, then the value: for keys, "{\"topic\":". */
static inline void
rmq_json_put_member (RmqJsonWriter *writer, const char *literal, const char *text)
{
  rmq_json_put (writer, literal);
  rmq_json_put_string (writer, text);
}

static inline void
rmq_json_put_int_member (RmqJsonWriter *writer, const char *literal, gint64 value)
{
  rmq_json_put (writer, literal);
  rmq_json_put_int (writer, value);
}

G_END_DECLS

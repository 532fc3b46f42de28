/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-wire-text.h"

G_BEGIN_DECLS

/* Pulls values out of a JSON text, as lenient as fastjson: comments, single quotes, stray commas,
 * bare keys. Works inside the text: strings are unescaped and NUL-terminated in place, nothing is
 * allocated, nothing recurses. The first error sticks; every later call then says "nothing there".
 */

#define RMQ_JSON_DEPTH_MAX 64 /* of values that are passed over */

typedef struct
{
  char *text; /* changed while read */
  char *at;
  char *end; /* belongs to the reader too */
  gboolean comma_due;
  const char *reason; /* (nullable): what is wrong, at error_position */
  gsize error_position;
} RmqJsonReader;

typedef enum
{
  RMQ_JSON_NONE, /* end of text, or an error */
  RMQ_JSON_OBJECT,
  RMQ_JSON_ARRAY,
  RMQ_JSON_STRING,
  RMQ_JSON_BARE, /* number, true, false, null */
} RmqJsonKind;

void rmq_json_reader_init (RmqJsonReader *reader, char *text, gsize size);
RmqJsonKind rmq_json_reader_peek (RmqJsonReader *reader);
gboolean rmq_json_reader_enter (RmqJsonReader *reader, RmqJsonKind object_or_array);
/* FALSE: the object ended (and was left), or an error. */
gboolean rmq_json_reader_next_member (RmqJsonReader *reader, const char **name);
/* Takes the next member's name if it stands there as everybody writes it: no space, and these
 * letters. key: the name in its quotes and the colon, "\"topic\":". */
gboolean rmq_json_reader_take_key (RmqJsonReader *reader, const char *key, gsize key_size);
/* As rmq_json_reader_next_member() and rmq_json_reader_text(), and tells both sizes. */
gboolean rmq_json_reader_next_pair (RmqJsonReader *reader, RmqTextPair *pair);
gboolean rmq_json_reader_next_element (RmqJsonReader *reader);

/* (nullable): a string; number, true or false as text; an object or array as its text. NULL: null,
 * or an error. */
const char *rmq_json_reader_text (RmqJsonReader *reader);
/* A number, or a string that holds one; null and "" keep value. */
void rmq_json_reader_integer (RmqJsonReader *reader, gint64 low, gint64 high, gint64 *value);
gboolean rmq_json_reader_boolean (RmqJsonReader *reader);
void rmq_json_reader_skip (RmqJsonReader *reader);

void rmq_json_reader_fail (RmqJsonReader *reader, const char *reason);
/* Nothing but space follows, and no error came before. what: for the error's text, "header",
 * "route". */
gboolean rmq_json_reader_finish (RmqJsonReader *reader, const char *what, GError **error);

G_END_DECLS

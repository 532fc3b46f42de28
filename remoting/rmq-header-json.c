/* SPDX-License-Identifier: Apache-2.0 */

/* The header as JSON, which everybody speaks: eight keys in the order fastjson sorts them. Pure.
 * Reads what Java reads (remoting.md calls it reader tolerance), writes what Java writes, byte for
 * byte.
 */

#include <string.h>

#include "rmq-json-reader.h"
#include "rmq-json-writer.h"
#include "rmq-remoting-command-private.h"

static void
put_ext_fields (const RmqRemotingCommand *command, RmqJsonWriter *out)
{
  rmq_json_put (out, ",\"extFields\":{");
  for (guint i = 0; i < command->n_ext; i++)
    {
      if (i > 0)
        rmq_json_put (out, ",");
      rmq_json_put_pair (out, &command->ext[i]);
    }
  rmq_json_put (out, "}");
}

void
rmq_header_json_encode (const RmqRemotingCommand *command, GByteArray *array)
{
  RmqJsonWriter writer, *out = &writer;
  const char *language = rmq_language_get_name (command->language);
  rmq_json_writer_begin (out, array);
  rmq_json_put_int_member (out, "{\"code\":", command->code);
  if (command->has_ext)
    put_ext_fields (command, out);
  rmq_json_put_int_member (out, ",\"flag\":", command->flag);
  if (language != NULL)
    rmq_json_put_member (out, ",\"language\":", language);
  rmq_json_put_int_member (out, ",\"opaque\":", command->opaque);
  if (command->remark != NULL)
    rmq_json_put_member (out, ",\"remark\":", command->remark);
  rmq_json_put (out, ",\"serializeTypeCurrentRPC\":\"JSON\"");
  rmq_json_put_int_member (out, ",\"version\":", command->version);
  rmq_json_put (out, "}");
  rmq_json_writer_end (out);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

static gint32
read_int (RmqJsonReader *reader)
{
  gint64 value = 0;
  rmq_json_reader_integer (reader, G_MININT32, G_MAXINT32, &value);
  return (gint32)value;
}

static void
read_code (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  command->code = read_int (reader);
}

static void
read_ext_fields (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  RmqTextPair pair;
  if (rmq_json_reader_peek (reader) != RMQ_JSON_OBJECT)
    {
      if (rmq_json_reader_text (reader) != NULL)
        rmq_json_reader_fail (reader, "extFields is no object");
      return;
    }
  command->has_ext = TRUE;
  rmq_json_reader_enter (reader, RMQ_JSON_OBJECT);
  while (rmq_json_reader_next_pair (reader, &pair))
    if (pair.value != NULL)
      rmq_remoting_command_push_ext (command, pair);
}

static void
read_flag (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  command->flag = read_int (reader);
}

/* A name, or the enum's ordinal; an unknown name is harmless to Java, an unknown ordinal is not. */
static void
read_language (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  gboolean is_name = rmq_json_reader_peek (reader) == RMQ_JSON_STRING;
  gint64 ordinal = RMQ_LANGUAGE_UNKNOWN;
  if (is_name)
    {
      const char *name = rmq_json_reader_text (reader);
      command->language = name != NULL ? rmq_language_from_name (name) : RMQ_LANGUAGE_UNKNOWN;
      return;
    }
  rmq_json_reader_integer (reader, 0, RMQ_LANGUAGE_COUNT - 1, &ordinal);
  command->language = rmq_language_from_number ((gint)ordinal);
}

static void
read_opaque (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  command->opaque = read_int (reader);
  command->has_opaque = TRUE;
}

static void
read_remark (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  command->remark = rmq_json_reader_text (reader);
}

static void
read_version (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  command->version = read_int (reader);
}

/* Nobody asks for it; of an encoding it is the frame's type byte that counts. */
static void
read_nothing (RmqJsonReader *reader, RmqRemotingCommand *command)
{
  rmq_json_reader_skip (reader);
}

typedef void (*ReadMember) (RmqJsonReader *reader, RmqRemotingCommand *command);

#define MEMBER(name, read)                                                                         \
  {                                                                                                \
    name, "\"" name "\":", sizeof name + 2, read                                                   \
  }
static const struct
{
  const char *name;
  const char *key; /* as it is written */
  gsize key_size;
  ReadMember read;
} members[] = {
  MEMBER ("code", read_code),
  MEMBER ("extFields", read_ext_fields),
  MEMBER ("flag", read_flag),
  MEMBER ("language", read_language),
  MEMBER ("opaque", read_opaque),
  MEMBER ("remark", read_remark),
  MEMBER ("serializeTypeCurrentRPC", read_nothing),
  MEMBER ("version", read_version),
};

/* (nullable): the next member, if it is one of those from *place on: everybody writes them in this
 * order. */
static ReadMember
take_expected (RmqJsonReader *reader, gsize *place)
{
  for (gsize i = *place; i < G_N_ELEMENTS (members); i++)
    if (rmq_json_reader_take_key (reader, members[i].key, members[i].key_size))
      {
        *place = i + 1;
        return members[i].read;
      }
  return NULL;
}

/* As fastjson reads it: in whatever case. */
static ReadMember
find_member (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (g_ascii_strcasecmp (members[i].name, name) == 0)
      return members[i].read;
  return read_nothing;
}

gboolean
rmq_header_json_decode (RmqRemotingCommand *command, gsize size, GError **error)
{
  RmqJsonReader reader;
  const char *name;
  gsize place = 0;
  ReadMember read;
  rmq_json_reader_init (&reader, command->text, size);
  command->has_opaque = FALSE;
  rmq_json_reader_enter (&reader, RMQ_JSON_OBJECT);
  while ((read = take_expected (&reader, &place)) != NULL
         || (rmq_json_reader_next_member (&reader, &name) && (read = find_member (name)) != NULL))
    read (&reader, command);
  return rmq_json_reader_finish (&reader, "JSON header", error);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* RemotingCommand: the struct, its texts and its two ways to bytes. Any thread may hold one;
 * whoever builds it has it alone until it is sent. The header's texts live in one buffer that came
 * with the command, so a decoded header costs one allocation. Must never keep a pointer into a
 * caller's text.
 */

#include "rmq-remoting-command-private.h"

#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"

#define TEXT_SIZE_OF_NEW 384 /* a send header without long properties */
#define HEADER_LENGTH_MASK 0xFFFFFFu
#define WORD_SIZE 4

static RmqRemotingCommand *
command_new (gsize text_size)
{
  RmqRemotingCommand *self = g_malloc (sizeof *self + text_size);
  memset (self, 0, G_STRUCT_OFFSET (RmqRemotingCommand, inline_ext));
  g_atomic_ref_count_init (&self->refs);
  self->has_opaque = TRUE;
  self->ext = self->inline_ext;
  self->ext_capacity = RMQ_EXT_INLINE;
  rmq_text_arena_init (&self->texts, self->text, text_size);
  return self;
}

RmqRemotingCommand *
rmq_remoting_command_new_request (gint code)
{
  RmqRemotingCommand *self = command_new (TEXT_SIZE_OF_NEW);
  self->code = code;
  return self;
}

RmqRemotingCommand *
rmq_remoting_command_ref (RmqRemotingCommand *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rmq_remoting_command_unref (RmqRemotingCommand *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  rmq_text_arena_clear (&self->texts);
  if (self->ext != self->inline_ext)
    g_free (self->ext);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

static const char *
keep_text (RmqRemotingCommand *self, const char *text)
{
  return rmq_text_arena_keep (&self->texts, text, strlen (text));
}

RmqRemotingCommand *
rmq_remoting_command_new_response (const RmqRemotingCommand *request, gint code, const char *remark)
{
  RmqRemotingCommand *self = command_new (TEXT_SIZE_OF_NEW);
  self->code = code;
  self->flag = RMQ_FLAG_RESPONSE;
  self->opaque = request->opaque;
  self->serialize_type = request->serialize_type;
  self->remark = remark != NULL ? keep_text (self, remark) : NULL;
  return self;
}

/* ---- fields -------------------------------------------------------------- */

gint
rmq_remoting_command_get_code (const RmqRemotingCommand *self)
{
  return self->code;
}

RmqLanguage
rmq_remoting_command_get_language (const RmqRemotingCommand *self)
{
  return self->language;
}

gint
rmq_remoting_command_get_version (const RmqRemotingCommand *self)
{
  return self->version;
}

gint32
rmq_remoting_command_get_opaque (const RmqRemotingCommand *self)
{
  return self->opaque;
}

gboolean
rmq_remoting_command_has_opaque (const RmqRemotingCommand *self)
{
  return self->has_opaque;
}

gint
rmq_remoting_command_get_flag (const RmqRemotingCommand *self)
{
  return self->flag;
}

gboolean
rmq_remoting_command_is_response (const RmqRemotingCommand *self)
{
  return (self->flag & RMQ_FLAG_RESPONSE) != 0;
}

gboolean
rmq_remoting_command_is_oneway (const RmqRemotingCommand *self)
{
  return (self->flag & RMQ_FLAG_ONEWAY) != 0;
}

const char *
rmq_remoting_command_get_remark (const RmqRemotingCommand *self)
{
  return self->remark;
}

RmqSerializeType
rmq_remoting_command_get_serialize_type (const RmqRemotingCommand *self)
{
  return self->serialize_type;
}

GBytes *
rmq_remoting_command_get_body (const RmqRemotingCommand *self)
{
  return self->body;
}

void
rmq_remoting_command_set_language (RmqRemotingCommand *self, RmqLanguage language)
{
  self->language = language;
}

void
rmq_remoting_command_set_version (RmqRemotingCommand *self, gint version)
{
  self->version = version;
}

void
rmq_remoting_command_set_code (RmqRemotingCommand *self, gint code)
{
  self->code = code;
}

void
rmq_remoting_command_set_opaque (RmqRemotingCommand *self, gint32 opaque)
{
  self->opaque = opaque;
  self->has_opaque = TRUE;
}

void
rmq_remoting_command_set_oneway (RmqRemotingCommand *self)
{
  self->flag |= RMQ_FLAG_ONEWAY;
}

void
rmq_remoting_command_set_serialize_type (RmqRemotingCommand *self, RmqSerializeType type)
{
  self->serialize_type = type;
}

/* A body of no bytes is no body: that is how it arrives. */
void
rmq_remoting_command_set_body (RmqRemotingCommand *self, GBytes *body)
{
  GBytes *old = self->body;
  gboolean is_there = body != NULL && g_bytes_get_size (body) > 0;
  self->body = is_there ? g_bytes_ref (body) : NULL;
  g_clear_pointer (&old, g_bytes_unref);
}

/* ---- ext fields ---------------------------------------------------------- */

gboolean
rmq_remoting_command_has_ext (const RmqRemotingCommand *self)
{
  return self->has_ext;
}

const RmqTextPair *
rmq_remoting_command_find_ext (const RmqRemotingCommand *self, const char *name, gsize name_size)
{
  for (const RmqTextPair *field = self->ext + self->n_ext; field-- > self->ext;)
    if (field->name_size == name_size && memcmp (field->name, name, name_size) == 0)
      return field;
  return NULL;
}

const char *
rmq_remoting_command_get_ext (const RmqRemotingCommand *self, const char *name)
{
  const RmqTextPair *field = rmq_remoting_command_find_ext (self, name, strlen (name));
  return field != NULL ? field->value : NULL;
}

guint
rmq_remoting_command_get_n_ext (const RmqRemotingCommand *self)
{
  return self->n_ext;
}

void
rmq_remoting_command_get_ext_at (const RmqRemotingCommand *self, guint index, const char **name,
                                 const char **value)
{
  g_assert (index < self->n_ext);
  *name = self->ext[index].name;
  *value = self->ext[index].value;
}

void
rmq_remoting_command_drop_empty_ext (RmqRemotingCommand *self)
{
  guint n_kept = 0;
  for (guint i = 0; i < self->n_ext; i++)
    if (self->ext[i].value_size > 0)
      self->ext[n_kept++] = self->ext[i];
  self->n_ext = n_kept;
}

void
rmq_remoting_command_grow_ext (RmqRemotingCommand *self)
{
  gboolean is_inline = self->ext == self->inline_ext;
  self->ext_capacity *= 2;
  self->ext = g_renew (RmqTextPair, is_inline ? NULL : self->ext, self->ext_capacity);
  if (is_inline)
    memcpy (self->ext, self->inline_ext, sizeof self->inline_ext);
}

void
rmq_remoting_command_add_ext (RmqRemotingCommand *self, const char *name, const char *value)
{
  g_assert (name != NULL);
  g_assert (value != NULL);
  gsize name_size = strlen (name), value_size = strlen (value);
  rmq_remoting_command_push_ext (
      self, (RmqTextPair){ .name = rmq_text_arena_keep (&self->texts, name, name_size),
                           .value = rmq_text_arena_keep (&self->texts, value, value_size),
                           .name_size = name_size,
                           .value_size = value_size });
}

void
rmq_remoting_command_add_ext_int (RmqRemotingCommand *self, const char *name, gint64 value)
{
  char digits[RMQ_DECIMAL_SIZE_MAX];
  rmq_decimal_format (digits, value);
  rmq_remoting_command_add_ext (self, name, digits);
}

void
rmq_remoting_command_add_ext_map (RmqRemotingCommand *self)
{
  self->has_ext = TRUE;
}

/* ---- bytes --------------------------------------------------------------- */

typedef struct
{
  void (*encode) (const RmqRemotingCommand *command, GByteArray *out);
  gboolean (*decode) (RmqRemotingCommand *command, gsize size, GError **error);
} HeaderEncoding;

static const HeaderEncoding encodings[] = {
  [RMQ_SERIALIZE_JSON] = { rmq_header_json_encode, rmq_header_json_decode },
  [RMQ_SERIALIZE_ROCKETMQ] = { rmq_header_rocketmq_encode, rmq_header_rocketmq_decode },
};

/* A header of 16 MiB or more loses the top bits of its length, as in Java, and the peer hangs up.
 */
void
rmq_remoting_command_encode_head (const RmqRemotingCommand *self, GByteArray *out)
{
  guint start = out->len;
  g_byte_array_set_size (out, start + 2 * WORD_SIZE);
  encodings[self->serialize_type].encode (self, out);
  gsize header_size = out->len - start - 2 * WORD_SIZE;
  gsize body_size = self->body != NULL ? g_bytes_get_size (self->body) : 0;
  guint32 second = (guint32)self->serialize_type << 24 | (header_size & HEADER_LENGTH_MASK);
  rmq_store_be (out->data + start, WORD_SIZE + header_size + body_size, WORD_SIZE);
  rmq_store_be (out->data + start + WORD_SIZE, second, WORD_SIZE);
}

/* The header's bytes, copied behind a new command; the error says what the second word has wrong.
 */
static RmqRemotingCommand *
copy_header (RmqCursor *cursor, gsize *header_size, GError **error)
{
  guint32 second = (guint32)rmq_cursor_i32 (cursor);
  guint type = second >> 24;
  *header_size = second & HEADER_LENGTH_MASK;
  if (cursor->failed)
    g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                 "frame of %" G_GSIZE_FORMAT " bytes is too short for its second word",
                 cursor->size);
  else if (type >= G_N_ELEMENTS (encodings))
    g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                 "header encoding %u is neither JSON (0) nor ROCKETMQ (1)", type);
  else if (*header_size > rmq_cursor_remaining (cursor))
    g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                 "header length %" G_GSIZE_FORMAT " exceeds the %" G_GSIZE_FORMAT
                 " bytes left of the frame",
                 *header_size, rmq_cursor_remaining (cursor));
  else
    {
      RmqRemotingCommand *self = command_new (*header_size + 1);
      memcpy (self->text, rmq_cursor_take (cursor, *header_size), *header_size);
      self->texts.room = 0;
      self->serialize_type = (RmqSerializeType)type;
      return self;
    }
  return NULL;
}

static RmqRemotingCommand *
decode_head (RmqCursor *cursor, GError **error)
{
  gsize header_size;
  g_autoptr (RmqRemotingCommand) self = copy_header (cursor, &header_size, error);
  if (self == NULL || !encodings[self->serialize_type].decode (self, header_size, error))
    return NULL;
  return g_steal_pointer (&self);
}

RmqRemotingCommand *
rmq_remoting_command_decode_data (const guint8 *data, gsize size, GError **error)
{
  RmqCursor cursor = { .data = data, .size = size };
  RmqRemotingCommand *self = decode_head (&cursor, error);
  gsize body_size = rmq_cursor_remaining (&cursor);
  if (self != NULL && body_size > 0)
    self->body = g_bytes_new (rmq_cursor_take (&cursor, body_size), body_size);
  return self;
}

RmqRemotingCommand *
rmq_remoting_command_decode (GBytes *frame, GError **error)
{
  RmqCursor cursor = { 0 };
  cursor.data = g_bytes_get_data (frame, &cursor.size);
  RmqRemotingCommand *self = decode_head (&cursor, error);
  gsize body_size = rmq_cursor_remaining (&cursor);
  if (self != NULL && body_size > 0)
    self->body = g_bytes_new_from_bytes (frame, cursor.position, body_size);
  return self;
}

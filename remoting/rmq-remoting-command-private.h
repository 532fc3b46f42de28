/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-remoting-command.h"
#include "rmq-text-arena.h"
#include "rmq-wire-text.h"

G_BEGIN_DECLS

/* What the two header encodings see of a command. */

#define RMQ_EXT_INLINE 16

struct _RmqRemotingCommand
{
  gatomicrefcount refs;
  gint code;
  RmqLanguage language;
  gint version;
  gint32 opaque;
  gint flag;
  RmqSerializeType serialize_type;
  gboolean has_opaque;
  gboolean has_ext;
  const char *remark; /* (nullable) */
  GBytes *body;       /* (nullable) */
  RmqTextPair *ext;   /* inline_ext, or a heap array; what is null on the wire is not kept */
  guint n_ext;
  guint ext_capacity;
  RmqTextPair inline_ext[RMQ_EXT_INLINE];
  RmqTextArena texts;
  char text[]; /* of a decoded command: the header's bytes, plus one; else the first texts */
};

/* Its texts must live as long as the command; whoever knows their sizes saves looking for them. */
void rmq_remoting_command_grow_ext (RmqRemotingCommand *command);

static inline void
rmq_remoting_command_push_ext (RmqRemotingCommand *command, RmqTextPair field)
{
  if (G_UNLIKELY (command->n_ext == command->ext_capacity))
    rmq_remoting_command_grow_ext (command);
  command->ext[command->n_ext++] = field;
  command->has_ext = TRUE;
}

/* (nullable): of equal names the last one counts. */
const RmqTextPair *rmq_remoting_command_find_ext (const RmqRemotingCommand *command,
                                                  const char *name, gsize name_size);

/* As rmq_remoting_command_decode (), from bytes nobody shares: the body is copied. */
RmqRemotingCommand *rmq_remoting_command_decode_data (const guint8 *data, gsize size,
                                                      GError **error);

const char *rmq_language_get_name (RmqLanguage language); /* (nullable): UNKNOWN has none */
RmqLanguage rmq_language_from_name (const char *name);
RmqLanguage rmq_language_from_number (gint number);
#define RMQ_LANGUAGE_COUNT 14

/* The two encodings. Decoders find the header's bytes in command->text. */
void rmq_header_json_encode (const RmqRemotingCommand *command, GByteArray *out);
gboolean rmq_header_json_decode (RmqRemotingCommand *command, gsize size, GError **error);
void rmq_header_rocketmq_encode (const RmqRemotingCommand *command, GByteArray *out);
gboolean rmq_header_rocketmq_decode (RmqRemotingCommand *command, gsize size, GError **error);

G_END_DECLS

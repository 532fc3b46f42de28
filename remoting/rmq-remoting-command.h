/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* RemotingCommand: one request or response, header and body. Reference-counted; built by one owner,
 * immutable once sent or shared. Header texts of a decoded command live in one buffer of the
 * command: pointers stay valid as long as it does. */

typedef struct _RmqRemotingCommand RmqRemotingCommand;

typedef enum
{
  RMQ_SERIALIZE_JSON = 0,
  RMQ_SERIALIZE_ROCKETMQ = 1,
} RmqSerializeType;

/* LanguageCode; the number is the ROCKETMQ encoding's byte, the name the JSON one's. */
typedef enum
{
  RMQ_LANGUAGE_JAVA = 0,
  RMQ_LANGUAGE_CPP = 1,
  RMQ_LANGUAGE_DOTNET = 2,
  RMQ_LANGUAGE_PYTHON = 3,
  RMQ_LANGUAGE_DELPHI = 4,
  RMQ_LANGUAGE_ERLANG = 5,
  RMQ_LANGUAGE_RUBY = 6,
  RMQ_LANGUAGE_OTHER = 7,
  RMQ_LANGUAGE_HTTP = 8,
  RMQ_LANGUAGE_GO = 9,
  RMQ_LANGUAGE_PHP = 10,
  RMQ_LANGUAGE_OMS = 11,
  RMQ_LANGUAGE_RUST = 12,
  RMQ_LANGUAGE_NODE_JS = 13,
  RMQ_LANGUAGE_UNKNOWN = 127,
} RmqLanguage;

#define RMQ_FLAG_RESPONSE 1
#define RMQ_FLAG_ONEWAY 2

RmqRemotingCommand *rmq_remoting_command_new_request (gint code);
/* Echoes opaque and encoding of the request. remark (nullable). */
RmqRemotingCommand *rmq_remoting_command_new_response (const RmqRemotingCommand *request, gint code,
                                                       const char *remark);
RmqRemotingCommand *rmq_remoting_command_ref (RmqRemotingCommand *command);
void rmq_remoting_command_unref (RmqRemotingCommand *command);

gint rmq_remoting_command_get_code (const RmqRemotingCommand *command);
RmqLanguage rmq_remoting_command_get_language (const RmqRemotingCommand *command);
gint rmq_remoting_command_get_version (const RmqRemotingCommand *command);
gint32 rmq_remoting_command_get_opaque (const RmqRemotingCommand *command);
/* FALSE: the peer sent no opaque, and 0 was taken for it. */
gboolean rmq_remoting_command_has_opaque (const RmqRemotingCommand *command);
gint rmq_remoting_command_get_flag (const RmqRemotingCommand *command);
gboolean rmq_remoting_command_is_response (const RmqRemotingCommand *command);
gboolean rmq_remoting_command_is_oneway (const RmqRemotingCommand *command);
const char *rmq_remoting_command_get_remark (const RmqRemotingCommand *command); /* (nullable) */
RmqSerializeType rmq_remoting_command_get_serialize_type (const RmqRemotingCommand *command);
GBytes *
rmq_remoting_command_get_body (const RmqRemotingCommand *command); /* (nullable), borrowed */

void rmq_remoting_command_set_language (RmqRemotingCommand *command, RmqLanguage language);
void rmq_remoting_command_set_version (RmqRemotingCommand *command, gint version);
void rmq_remoting_command_set_code (RmqRemotingCommand *command, gint code);
void rmq_remoting_command_set_opaque (RmqRemotingCommand *command, gint32 opaque);
void rmq_remoting_command_set_oneway (RmqRemotingCommand *command);
void rmq_remoting_command_set_serialize_type (RmqRemotingCommand *command, RmqSerializeType type);
void rmq_remoting_command_set_body (RmqRemotingCommand *command,
                                    GBytes *body); /* (nullable), referenced */

/* ext fields, in order of arrival or setting; of equal names the last one counts. Absent: NULL. */
gboolean rmq_remoting_command_has_ext (
    const RmqRemotingCommand *command); /* the map is there, maybe empty */
const char *rmq_remoting_command_get_ext (const RmqRemotingCommand *command, const char *name);
guint rmq_remoting_command_get_n_ext (const RmqRemotingCommand *command);
void rmq_remoting_command_get_ext_at (const RmqRemotingCommand *command, guint index,
                                      const char **name, const char **value);
void rmq_remoting_command_drop_empty_ext (RmqRemotingCommand *command); /* values without letters */
void rmq_remoting_command_add_ext (RmqRemotingCommand *command, const char *name,
                                   const char *value);
void rmq_remoting_command_add_ext_int (RmqRemotingCommand *command, const char *name, gint64 value);
void
rmq_remoting_command_add_ext_map (RmqRemotingCommand *command); /* an empty map: "extFields":{} */

/* Appends length word, second word and header to out; the body follows it on the wire (not
 * appended). */
void rmq_remoting_command_encode_head (const RmqRemotingCommand *command, GByteArray *out);
/* frame: what follows the length word. Error: RMQ_REMOTING_ERROR_BAD_FRAME, with position and
 * reason. */
RmqRemotingCommand *rmq_remoting_command_decode (GBytes *frame, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqRemotingCommand, rmq_remoting_command_unref)

G_END_DECLS

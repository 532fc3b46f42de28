/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* Typed request and response headers as field tables: one row per field says wire name, V2 letter,
 * kind and offset; encoder, decoder and the docs read the rows. Strings of a decoded header point
 * into the command. */

typedef enum
{
  RMQ_FIELD_STRING, /* const char*; NULL = absent */
  RMQ_FIELD_INT,    /* gint32 */
  RMQ_FIELD_LONG,   /* gint64 */
  RMQ_FIELD_BOOL,   /* gboolean; "true" in any case, everything else is false */
} RmqFieldKind;

typedef struct
{
  const char *name;
  gsize name_size;
  const char *letter; /* (nullable): V2 spelling */
  RmqFieldKind kind;
  gboolean required; /* Java's CFNotNull: missing is reported by the decoder, not refused */
  gsize offset;
  gint presence; /* offset of the gboolean that says "there"; -1: always there (strings: NULL is
                    absent) */
} RmqHeaderField;

typedef struct
{
  const char *name;
  const RmqHeaderField *fields;
  guint n_fields;
  gsize size;
} RmqHeaderTable;

typedef enum
{
  RMQ_HEADER_LONG_NAMES,
  RMQ_HEADER_LETTERS,
} RmqHeaderSpelling;

void rmq_header_encode (const RmqHeaderTable *table, RmqHeaderSpelling spelling,
                        gconstpointer header, RmqRemotingCommand *command);
/* Zeroes header, fills what is there. FALSE: a number does not parse, or a required field is
 * missing; error names the first such field, header keeps what could be read. */
gboolean rmq_header_decode (const RmqHeaderTable *table, RmqHeaderSpelling spelling,
                            const RmqRemotingCommand *command, gpointer header, GError **error);

typedef struct
{
  const char *producer_group;
  const char *topic;
  const char *default_topic;
  gint32 default_topic_queue_nums;
  gint32 queue_id;
  gint32 sys_flag;
  gint64 born_timestamp_ms;
  gint32 flag;
  const char *properties; /* (nullable) */
  gint32 reconsume_times;
  gboolean unit_mode;
  gint32 max_reconsume_times;
  gboolean has_max_reconsume_times;
  gboolean batch;
  const char *broker_name; /* (nullable): n, bname */
} RmqSendMessageRequestHeader;

typedef struct
{
  const char *msg_id; /* the offsetMsgId */
  gint32 queue_id;
  gint64 queue_offset;
  const char *transaction_id; /* (nullable) */
} RmqSendMessageResponseHeader;

typedef struct
{
  const char *topic;
} RmqGetRouteInfoRequestHeader;

typedef struct
{
  const char *client_id;
  const char *producer_group; /* (nullable) */
  const char *consumer_group; /* (nullable) */
} RmqUnregisterClientRequestHeader;

typedef struct
{
  const char *broker_name;
  const char *broker_addr;
  const char *cluster_name;
  const char *ha_server_addr;
  gint64 broker_id;
  gboolean compressed;
  gint32 body_crc32;
  gboolean has_body_crc32;
  gboolean enable_acting_master; /* 5.3, as the next */
  gboolean has_enable_acting_master;
  gint64 heartbeat_timeout_ms;
  gboolean has_heartbeat_timeout;
} RmqRegisterBrokerRequestHeader;

typedef struct
{
  const char *ha_server_addr; /* (nullable) */
  const char *master_addr;    /* (nullable) */
} RmqRegisterBrokerResponseHeader;

typedef struct
{
  const char *broker_name;
  const char *broker_addr;
  const char *cluster_name;
  gint64 broker_id;
} RmqUnregisterBrokerRequestHeader;

extern const RmqHeaderTable rmq_send_message_request_header;
extern const RmqHeaderTable rmq_send_message_response_header;
extern const RmqHeaderTable rmq_get_route_info_request_header;
extern const RmqHeaderTable rmq_unregister_client_request_header;
extern const RmqHeaderTable rmq_register_broker_request_header;
extern const RmqHeaderTable rmq_register_broker_response_header;
extern const RmqHeaderTable rmq_unregister_broker_request_header;

G_END_DECLS

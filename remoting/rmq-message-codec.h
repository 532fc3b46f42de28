/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-random.h"

G_BEGIN_DECLS

/* What travels inside and beside a message: properties string, batch body, ids, flag words
 * (MessageDecoder, MessageClientIDSetter, MessageSysFlag). Pure functions. */

#define RMQ_PROPERTY_KEYS "KEYS"
#define RMQ_PROPERTY_TAGS "TAGS"
#define RMQ_PROPERTY_UNIQ_KEY "UNIQ_KEY"
#define RMQ_PROPERTY_WAIT "WAIT"
#define RMQ_PROPERTY_DELAY "DELAY"
#define RMQ_PROPERTY_RETRY_TOPIC "RETRY_TOPIC"
#define RMQ_PROPERTY_ORIGIN_MESSAGE_ID "ORIGIN_MESSAGE_ID"

/* Of the topic to which a consumer group sends back what it could not consume. */
#define RMQ_RETRY_PREFIX "%RETRY%"

#define RMQ_SYS_FLAG_COMPRESSED 0x1
#define RMQ_SYS_FLAG_TRANSACTION_PREPARED 0x4
#define RMQ_SYS_FLAG_TRANSACTION_COMMIT 0x8
#define RMQ_SYS_FLAG_TRANSACTION_ROLLBACK 0xC
#define RMQ_SYS_FLAG_TRANSACTION_MASK 0xC
#define RMQ_SYS_FLAG_COMPRESSION_MASK 0x700
#define RMQ_SYS_FLAG_COMPRESSION_ZLIB 0x300

/* Ordered name → value list; names are unique, setting again replaces in place. */
typedef struct _RmqProperties RmqProperties;
RmqProperties *rmq_properties_new (void);
RmqProperties *rmq_properties_copy (const RmqProperties *properties);
void rmq_properties_free (RmqProperties *properties);
void rmq_properties_set (RmqProperties *properties, const char *name, const char *value);
/* Appends, even if it is there already: a batch of 4.9 has names twice. The first one counts. */
void rmq_properties_add (RmqProperties *properties, const char *name, const char *value);
void rmq_properties_remove (RmqProperties *properties, const char *name);
const char *rmq_properties_get (const RmqProperties *properties, const char *name); /* (nullable) */
guint rmq_properties_get_n (const RmqProperties *properties);
void rmq_properties_get_at (const RmqProperties *properties, guint index, const char **name,
                            const char **value);
/* name 01 value 02 …; last_separator: whether the last 02 is written (4.9.7 doesn't). (transfer
 * full) */
char *rmq_properties_encode (const RmqProperties *properties, gboolean last_separator);
RmqProperties *
rmq_properties_decode (const char *text); /* (nullable text) never fails: odd parts are dropped */

/* How many bytes rmq_properties_encode() writes, without a last separator. */
gsize rmq_properties_measure (const RmqProperties *properties);

/* String.hashCode: what a broker knows of a message's tag, and looks for. */
gint32 rmq_java_hash (const char *text);

/* One message of a batch body. */
typedef struct
{
  gint32 flag;
  GBytes *body;
  RmqProperties *properties;
} RmqBatchMessage;
void rmq_batch_message_clear (RmqBatchMessage *message);
void rmq_batch_encode (GByteArray *out, gint32 flag, GBytes *body, const char *properties);
GArray *rmq_batch_decode (GBytes *body, GError **error); /* of RmqBatchMessage */

/* offsetMsgId: store address and log position in upper-case hex. The maker is for whoever makes
 * many of one address: "a.b.c.d:port" or "[v6]:port". */
#define RMQ_OFFSET_MSG_ID_SIZE_MAX 57 /* the NUL included */
typedef struct
{
  char prefix[RMQ_OFFSET_MSG_ID_SIZE_MAX]; /* the address */
  gsize prefix_size;
} RmqOffsetMsgIdMaker;
void rmq_offset_msg_id_init (RmqOffsetMsgIdMaker *maker, const char *address);
void rmq_offset_msg_id_make (const RmqOffsetMsgIdMaker *maker, gint64 offset,
                             char id[RMQ_OFFSET_MSG_ID_SIZE_MAX]);
/* (transfer full) */
char *rmq_offset_msg_id_encode (const char *address, gint64 offset);
gboolean rmq_offset_msg_id_decode (const char *id, char **address, gint64 *offset, GError **error);

/* UNIQ_KEY: the id a producer gives each message (MessageClientIDSetter). */
#define RMQ_UNIQ_KEY_SIZE_MAX 57 /* the NUL included */
typedef struct
{
  char prefix[RMQ_UNIQ_KEY_SIZE_MAX]; /* address, process field, class loader field */
  gsize prefix_size;
  gint64 start_ms;      /* first millisecond of the current month */
  gint64 next_start_ms; /* of the next one */
  guint16 counter;
} RmqUniqKeyMaker;
/* process: the field that is a pid in Java (low 16 bits). utc_offset_s: months begin in local time.
 */
void rmq_uniq_key_maker_init (RmqUniqKeyMaker *maker, const char *ip, guint16 process,
                              guint32 class_loader);
void rmq_uniq_key_maker_next (RmqUniqKeyMaker *maker, gint64 wall_ms, gint utc_offset_s,
                              char key[RMQ_UNIQ_KEY_SIZE_MAX]);

/* zlib stream. NULL: error. */
GBytes *rmq_zlib_compress (GBytes *data, gint level);
GBytes *rmq_zlib_decompress (GBytes *data, gsize max_size_bytes, GError **error);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-codec.h"

G_BEGIN_DECLS

/* The broker's log in memory: one order of all messages, queue offsets per (topic, queue), log
 * positions as a real log would have them. Honest: no outage reaches in here. */

/* Beyond this it says what a real broker says when its disk is full. */
#define RMQ_STORE_MAX_BYTES ((gsize)1 << 30)

#define RMQ_STORE_PROPERTIES_MAX_BYTES 32767 /* Short.MAX_VALUE */
#define RMQ_RECORD_FIXED_BYTES 91 /* of a record: all fields but body, topic, properties */

typedef struct
{
  gint64 physical_offset;
  gint64 queue_offset;
  gint queue_id;
  const char *topic; /* the store's */
  GBytes *body;
  gint32 flag;
  gint32 sys_flag;
  RmqProperties *properties;
  gint64 tags_code;        /* of TAGS, as rmq_java_hash() says; 0: it has none */
  gsize properties_size;   /* bytes they take in a real record */
  gboolean last_separator; /* in a real record 02 stands after the last property too */
  gint32 reconsume_times;
  gint64 prepared_offset; /* of the half message that was committed, else 0 */
  gint64 born_ms;
  gint64 store_ms;
  gint64 store_us;       /* the world's monotonic clock */
  GRefString *born_host; /* "ip:port" of the connection */
  guint64 stored_ev;     /* id of the event that stored it */
} RmqStoredMessage;

/* PutMessageStatus, as far as a store in memory knows them. */
typedef enum
{
  RMQ_PUT_OK,
  RMQ_PUT_MESSAGE_ILLEGAL,
  RMQ_PUT_SERVICE_NOT_AVAILABLE,
  RMQ_PUT_TIMER_ILLEGAL,
} RmqPutStatus;

typedef struct
{
  GPtrArray *log;     /* of RmqStoredMessage */
  GHashTable *queues; /* topic → GArray of its queues that were written, by id */
  gint64 next_physical_offset;
  gsize max_bytes;
} RmqMessageStore;

/* FALSE: it calls itself half or rolled back, and is in the log alone. */
gboolean rmq_stored_message_is_queued (const RmqStoredMessage *message);

void rmq_message_store_init (RmqMessageStore *store);
void rmq_message_store_clear (RmqMessageStore *store);
void rmq_message_store_forget (RmqMessageStore *store); /* everything, offsets too */
/* Its queues are empty and begin at 0 again; what the log holds stays there. */
void rmq_message_store_drop_topic (RmqMessageStore *store, const char *topic);
/* Appends; takes body, properties and born_host (references), sets offsets. topic is looked up.
 * store_host: decides the record's length. */
RmqStoredMessage *rmq_message_store_put (RmqMessageStore *store, const RmqStoredMessage *message,
                                         const char *topic, const char *store_host);
/* Whether a message with this body has no room any more. */
gboolean rmq_message_store_is_full (const RmqMessageStore *store, GBytes *body);
/* The messages of a queue, by offset; only grows, until the store forgets. (nullable): none yet */
const GPtrArray *rmq_message_store_get_queue (const RmqMessageStore *store, const char *topic,
                                              gint queue_id);
/* The place in a queue's messages of the first that was stored at this time or later. */
guint rmq_message_queue_find_time (const GPtrArray *queue, gint64 store_ms);
gint64 rmq_message_store_get_max_offset (const RmqMessageStore *store, const char *topic,
                                         gint queue_id);
/* The first queue that was written, from this one on; -1: none. */
gint rmq_message_store_next_queue (const RmqMessageStore *store, const char *topic,
                                   gint64 queue_id);

G_END_DECLS

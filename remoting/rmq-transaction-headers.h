/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"

G_BEGIN_DECLS

/* Headers of transactions (37, 39) and of pushed replies (326). */

#define RMQ_TRANSACTION_UNKNOWN 0
#define RMQ_TRANSACTION_COMMIT 8
#define RMQ_TRANSACTION_ROLLBACK 12

typedef struct
{
  const char *producer_group;
  gint64 tran_state_table_offset;
  gint64 commit_log_offset;
  gint32 commit_or_rollback;
  gboolean from_transaction_check;
  const char *msg_id;
  const char *transaction_id; /* (nullable) */
  const char *broker_name;    /* (nullable) */
  const char *topic;          /* (nullable) */
} RmqEndTransactionRequestHeader;

typedef struct
{
  gint64 tran_state_table_offset;
  gint64 commit_log_offset;
  const char *msg_id;         /* (nullable) */
  const char *transaction_id; /* (nullable) */
  const char *offset_msg_id;
  const char *topic;       /* (nullable) */
  const char *broker_name; /* (nullable) */
} RmqCheckTransactionStateRequestHeader;

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
  const char *properties;
  gint32 reconsume_times;
  gboolean unit_mode;
  const char *born_host;
  const char *store_host;
  gint64 store_timestamp_ms;
} RmqReplyMessageRequestHeader;

extern const RmqHeaderTable rmq_end_transaction_request_header;
extern const RmqHeaderTable rmq_check_transaction_state_request_header;
extern const RmqHeaderTable rmq_reply_message_request_header;

G_END_DECLS

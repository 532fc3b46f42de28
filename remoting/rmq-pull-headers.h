/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"

G_BEGIN_DECLS

/* Headers of pulls (11, 361), offsets (14, 15, 29 to 32) and queries of messages (12, 33). */

#define RMQ_PULL_SYS_FLAG_COMMIT_OFFSET 1
#define RMQ_PULL_SYS_FLAG_SUSPEND 2
#define RMQ_PULL_SYS_FLAG_SUBSCRIPTION 4
#define RMQ_PULL_SYS_FLAG_CLASS_FILTER 8

typedef struct
{
  const char *consumer_group;
  const char *topic;
  gint32 queue_id;
  gint64 queue_offset;
  gint32 max_msg_nums;
  gint32 sys_flag;
  gint64 commit_offset;
  gint64 suspend_timeout_ms;
  const char *subscription; /* (nullable) */
  gint64 sub_version;
  const char *expression_type; /* (nullable) */
  gint32 max_msg_bytes;        /* 5.3 */
  gboolean has_max_msg_bytes;
} RmqPullMessageRequestHeader;

typedef struct
{
  gint64 suggest_which_broker_id;
  gint64 next_begin_offset;
  gint64 min_offset;
  gint64 max_offset;
  gint32 group_sys_flag; /* 5.3, as the next two */
  gint32 topic_sys_flag;
  gboolean has_sys_flags;
} RmqPullMessageResponseHeader;

typedef struct
{
  const char *consumer_group;
  const char *topic;
  gint32 queue_id;
  gboolean has_queue_id;
  gint64 commit_offset;
  gboolean has_commit_offset;
  gboolean set_zero_if_not_found; /* 5.3 */
  gboolean has_set_zero_if_not_found;
  gint64 timestamp_ms;
  gboolean has_timestamp;
  const char *boundary_type; /* 5.3 (nullable) */
} RmqQueueOffsetRequestHeader;

typedef struct
{
  const char *topic;
  const char *key;
  gint32 max_num;
  gint64 begin_timestamp_ms;
  gint64 end_timestamp_ms;
} RmqQueryMessageRequestHeader;

extern const RmqHeaderTable rmq_pull_message_request_header;
extern const RmqHeaderTable rmq_pull_message_response_header;
/* Of everything that names a queue: 14, 15, 29 to 32. */
extern const RmqHeaderTable rmq_queue_offset_request_header;
extern const RmqHeaderTable rmq_query_message_request_header;

G_END_DECLS

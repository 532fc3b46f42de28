/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the headers of pulls, offsets and queries of messages. Constants only. Rows of answers
 * stand in the order Java's hash map gives them. */

#include "rmq-pull-headers.h"

#define FIELD(name, kind, needed, type, member, presence)                                          \
  {                                                                                                \
    name, sizeof name - 1, NULL, RMQ_FIELD_##kind, needed, G_STRUCT_OFFSET (type, member),         \
        presence                                                                                   \
  }
#define ALWAYS (-1)
#define TABLE(symbol, type, rows)                                                                  \
  const RmqHeaderTable symbol = { #type, rows, G_N_ELEMENTS (rows), sizeof (type) }

typedef RmqPullMessageRequestHeader Pull;
static const RmqHeaderField pull_fields[] = {
  FIELD ("queueId", INT, TRUE, Pull, queue_id, ALWAYS),
  FIELD ("maxMsgNums", INT, TRUE, Pull, max_msg_nums, ALWAYS),
  FIELD ("sysFlag", INT, TRUE, Pull, sys_flag, ALWAYS),
  FIELD ("commitOffset", LONG, FALSE, Pull, commit_offset, ALWAYS),
  FIELD ("subscription", STRING, FALSE, Pull, subscription, ALWAYS),
  FIELD ("suspendTimeoutMillis", LONG, FALSE, Pull, suspend_timeout_ms, ALWAYS),
  FIELD ("topic", STRING, FALSE, Pull, topic, ALWAYS),
  FIELD ("queueOffset", LONG, TRUE, Pull, queue_offset, ALWAYS),
  FIELD ("expressionType", STRING, FALSE, Pull, expression_type, ALWAYS),
  FIELD ("subVersion", LONG, FALSE, Pull, sub_version, ALWAYS),
  FIELD ("consumerGroup", STRING, FALSE, Pull, consumer_group, ALWAYS),
  FIELD ("maxMsgBytes", INT, FALSE, Pull, max_msg_bytes, G_STRUCT_OFFSET (Pull, has_max_msg_bytes)),
};
TABLE (rmq_pull_message_request_header, RmqPullMessageRequestHeader, pull_fields);

typedef RmqPullMessageResponseHeader Pulled;
static const RmqHeaderField pulled_fields[] = {
  FIELD ("suggestWhichBrokerId", LONG, TRUE, Pulled, suggest_which_broker_id, ALWAYS),
  FIELD ("groupSysFlag", INT, FALSE, Pulled, group_sys_flag,
         G_STRUCT_OFFSET (Pulled, has_sys_flags)),
  FIELD ("nextBeginOffset", LONG, TRUE, Pulled, next_begin_offset, ALWAYS),
  FIELD ("maxOffset", LONG, TRUE, Pulled, max_offset, ALWAYS),
  FIELD ("minOffset", LONG, TRUE, Pulled, min_offset, ALWAYS),
  FIELD ("topicSysFlag", INT, FALSE, Pulled, topic_sys_flag,
         G_STRUCT_OFFSET (Pulled, has_sys_flags)),
};
TABLE (rmq_pull_message_response_header, RmqPullMessageResponseHeader, pulled_fields);

typedef RmqQueueOffsetRequestHeader Offset;
static const RmqHeaderField offset_fields[] = {
  FIELD ("queueId", INT, FALSE, Offset, queue_id, G_STRUCT_OFFSET (Offset, has_queue_id)),
  FIELD ("commitOffset", LONG, FALSE, Offset, commit_offset,
         G_STRUCT_OFFSET (Offset, has_commit_offset)),
  FIELD ("topic", STRING, FALSE, Offset, topic, ALWAYS),
  FIELD ("consumerGroup", STRING, FALSE, Offset, consumer_group, ALWAYS),
  FIELD ("setZeroIfNotFound", BOOL, FALSE, Offset, set_zero_if_not_found,
         G_STRUCT_OFFSET (Offset, has_set_zero_if_not_found)),
  FIELD ("timestamp", LONG, FALSE, Offset, timestamp_ms, G_STRUCT_OFFSET (Offset, has_timestamp)),
  FIELD ("boundaryType", STRING, FALSE, Offset, boundary_type, ALWAYS),
};
TABLE (rmq_queue_offset_request_header, RmqQueueOffsetRequestHeader, offset_fields);

typedef RmqQueryMessageRequestHeader Query;
static const RmqHeaderField query_fields[] = {
  FIELD ("maxNum", INT, TRUE, Query, max_num, ALWAYS),
  FIELD ("beginTimestamp", LONG, TRUE, Query, begin_timestamp_ms, ALWAYS),
  FIELD ("topic", STRING, FALSE, Query, topic, ALWAYS),
  FIELD ("endTimestamp", LONG, TRUE, Query, end_timestamp_ms, ALWAYS),
  FIELD ("key", STRING, FALSE, Query, key, ALWAYS),
};
TABLE (rmq_query_message_request_header, RmqQueryMessageRequestHeader, query_fields);

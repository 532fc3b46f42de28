/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the headers of transactions and pushed replies. Constants only. */

#include "rmq-transaction-headers.h"

#define FIELD(name, kind, needed, type, member)                                                    \
  {                                                                                                \
    name, sizeof name - 1, NULL, RMQ_FIELD_##kind, needed, G_STRUCT_OFFSET (type, member), -1      \
  }
#define TABLE(symbol, type, rows)                                                                  \
  const RmqHeaderTable symbol = { #type, rows, G_N_ELEMENTS (rows), sizeof (type) }

typedef RmqEndTransactionRequestHeader End;
static const RmqHeaderField end_fields[] = {
  FIELD ("producerGroup", STRING, TRUE, End, producer_group),
  FIELD ("bname", STRING, FALSE, End, broker_name),
  FIELD ("commitLogOffset", LONG, TRUE, End, commit_log_offset),
  FIELD ("topic", STRING, FALSE, End, topic),
  FIELD ("msgId", STRING, FALSE, End, msg_id),
  FIELD ("tranStateTableOffset", LONG, TRUE, End, tran_state_table_offset),
  FIELD ("commitOrRollback", INT, TRUE, End, commit_or_rollback),
  FIELD ("transactionId", STRING, FALSE, End, transaction_id),
  FIELD ("fromTransactionCheck", BOOL, FALSE, End, from_transaction_check),
};
TABLE (rmq_end_transaction_request_header, RmqEndTransactionRequestHeader, end_fields);

typedef RmqCheckTransactionStateRequestHeader Check;
static const RmqHeaderField check_fields[] = {
  FIELD ("bname", STRING, FALSE, Check, broker_name),
  FIELD ("commitLogOffset", LONG, TRUE, Check, commit_log_offset),
  FIELD ("topic", STRING, FALSE, Check, topic),
  FIELD ("msgId", STRING, FALSE, Check, msg_id),
  FIELD ("tranStateTableOffset", LONG, TRUE, Check, tran_state_table_offset),
  FIELD ("offsetMsgId", STRING, FALSE, Check, offset_msg_id),
  FIELD ("transactionId", STRING, FALSE, Check, transaction_id),
};
TABLE (rmq_check_transaction_state_request_header, RmqCheckTransactionStateRequestHeader,
       check_fields);

typedef RmqReplyMessageRequestHeader Reply;
static const RmqHeaderField reply_fields[] = {
  FIELD ("queueId", INT, TRUE, Reply, queue_id),
  FIELD ("flag", INT, TRUE, Reply, flag),
  FIELD ("sysFlag", INT, TRUE, Reply, sys_flag),
  FIELD ("reconsumeTimes", INT, FALSE, Reply, reconsume_times),
  FIELD ("storeTimestamp", LONG, TRUE, Reply, store_timestamp_ms),
  FIELD ("unitMode", BOOL, FALSE, Reply, unit_mode),
  FIELD ("defaultTopic", STRING, TRUE, Reply, default_topic),
  FIELD ("bornHost", STRING, TRUE, Reply, born_host),
  FIELD ("defaultTopicQueueNums", INT, TRUE, Reply, default_topic_queue_nums),
  FIELD ("producerGroup", STRING, TRUE, Reply, producer_group),
  FIELD ("topic", STRING, TRUE, Reply, topic),
  FIELD ("bornTimestamp", LONG, TRUE, Reply, born_timestamp_ms),
  FIELD ("storeHost", STRING, TRUE, Reply, store_host),
  FIELD ("properties", STRING, FALSE, Reply, properties),
};
TABLE (rmq_reply_message_request_header, RmqReplyMessageRequestHeader, reply_fields);

/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the headers of messages sent back and of topics made by an operator. Constants only. */

#include "rmq-consumer-headers.h"

#define FIELD(name, kind, needed, type, member, presence)                                          \
  {                                                                                                \
    name, sizeof name - 1, NULL, RMQ_FIELD_##kind, needed, G_STRUCT_OFFSET (type, member),         \
        presence                                                                                   \
  }
#define ALWAYS (-1)
#define HAS(type, member) G_STRUCT_OFFSET (type, has_##member)
#define TABLE(symbol, type, rows)                                                                  \
  const RmqHeaderTable symbol = { #type, rows, G_N_ELEMENTS (rows), sizeof (type) }

typedef RmqConsumerSendMsgBackRequestHeader Back;
static const RmqHeaderField back_fields[] = {
  FIELD ("maxReconsumeTimes", INT, FALSE, Back, max_reconsume_times,
         HAS (Back, max_reconsume_times)),
  FIELD ("offset", LONG, TRUE, Back, offset, HAS (Back, offset)),
  FIELD ("delayLevel", INT, TRUE, Back, delay_level, HAS (Back, delay_level)),
  FIELD ("originTopic", STRING, FALSE, Back, origin_topic, ALWAYS),
  FIELD ("originMsgId", STRING, FALSE, Back, origin_msg_id, ALWAYS),
  FIELD ("unitMode", BOOL, FALSE, Back, unit_mode, ALWAYS),
  FIELD ("group", STRING, TRUE, Back, group, ALWAYS),
};
TABLE (rmq_consumer_send_msg_back_request_header, RmqConsumerSendMsgBackRequestHeader, back_fields);

typedef RmqCreateTopicRequestHeader Create;
static const RmqHeaderField create_fields[] = {
  FIELD ("order", BOOL, TRUE, Create, order, ALWAYS),
  FIELD ("topic", STRING, TRUE, Create, topic, ALWAYS),
  FIELD ("perm", INT, TRUE, Create, perm, HAS (Create, perm)),
  FIELD ("readQueueNums", INT, TRUE, Create, read_queue_nums, HAS (Create, read_queue_nums)),
  FIELD ("topicFilterType", STRING, TRUE, Create, topic_filter_type, ALWAYS),
  FIELD ("topicSysFlag", INT, FALSE, Create, topic_sys_flag, ALWAYS),
  FIELD ("writeQueueNums", INT, TRUE, Create, write_queue_nums, HAS (Create, write_queue_nums)),
  FIELD ("defaultTopic", STRING, TRUE, Create, default_topic, ALWAYS),
  FIELD ("attributes", STRING, FALSE, Create, attributes, ALWAYS),
};
TABLE (rmq_create_topic_request_header, RmqCreateTopicRequestHeader, create_fields);

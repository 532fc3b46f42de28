/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-headers.h"

G_BEGIN_DECLS

/* Headers of messages sent back (36) and of topics made by an operator (17). */

typedef struct
{
  gint64 offset; /* of the message in the log */
  gboolean has_offset;
  const char *group;
  gint32 delay_level;
  gboolean has_delay_level;
  const char *origin_msg_id; /* (nullable) */
  const char *origin_topic;  /* (nullable) */
  gboolean unit_mode;
  gint32 max_reconsume_times;
  gboolean has_max_reconsume_times;
} RmqConsumerSendMsgBackRequestHeader;

typedef struct
{
  const char *topic;
  const char *default_topic;
  gint32 read_queue_nums;
  gboolean has_read_queue_nums;
  gint32 write_queue_nums;
  gboolean has_write_queue_nums;
  gint32 perm;
  gboolean has_perm;
  const char *topic_filter_type;
  gint32 topic_sys_flag;
  gboolean order;
  const char *attributes; /* 5.3 (nullable) */
} RmqCreateTopicRequestHeader;

extern const RmqHeaderTable rmq_consumer_send_msg_back_request_header;
extern const RmqHeaderTable rmq_create_topic_request_header;

G_END_DECLS

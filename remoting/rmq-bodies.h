/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-message-codec.h"
#include "rmq-topic-route-data.h"

G_BEGIN_DECLS

/* The rarer JSON bodies: heartbeat, broker registration, cluster info. */

typedef struct
{
  char *client_id;
  GPtrArray *producer_groups; /* of char* */
  gboolean has_nameless_producer;
  GPtrArray
      *consumer_groups;     /* of char*: names only; the rest of consumerDataSet is kept as text */
  char *consumer_data_json; /* (nullable): consumerDataSet as it came */
} RmqHeartbeatData;

RmqHeartbeatData *rmq_heartbeat_data_new (const char *client_id);
void rmq_heartbeat_data_free (RmqHeartbeatData *data);
GBytes *rmq_heartbeat_data_encode (const RmqHeartbeatData *data);
RmqHeartbeatData *rmq_heartbeat_data_decode (GBytes *body, GError **error);

typedef struct
{
  char *topic_name;
  gint read_queue_nums;
  gint write_queue_nums;
  gint perm;
  gint topic_sys_flag;
  gboolean order;
} RmqTopicConfig;

typedef struct
{
  gint64 timestamp_ms;
  gint64 counter;
  gint64 state_version; /* 5.3 */
} RmqDataVersion;

typedef struct
{
  RmqDataVersion data_version;
  GPtrArray *topics;     /* of RmqTopicConfig, in order of arrival or adding */
  char **filter_servers; /* (nullable): null, what was there stays */
} RmqRegisterBrokerBody;

RmqRegisterBrokerBody *rmq_register_broker_body_new (void);
void rmq_register_broker_body_free (RmqRegisterBrokerBody *body);
RmqTopicConfig *rmq_register_broker_body_add_topic (RmqRegisterBrokerBody *body,
                                                    const char *topic_name, gint read_queue_nums,
                                                    gint write_queue_nums, gint perm);
GBytes *rmq_register_broker_body_encode (const RmqRegisterBrokerBody *body);
/* Answer of 21: the topics and their version. modern: as 5.3 writes it. */
GBytes *rmq_topic_config_table_encode (const RmqRegisterBrokerBody *body, gboolean modern);
RmqRegisterBrokerBody *rmq_register_broker_body_decode (GBytes *json, GError **error);
/* Header field compressed=true; order and sys flag of the topics are not in it. */
RmqRegisterBrokerBody *rmq_register_broker_body_decode_compressed (GBytes *packed, GError **error);
/* What senders before version 37 send: the topics alone. */
RmqRegisterBrokerBody *rmq_register_broker_body_decode_topics (GBytes *json, GError **error);
/* Body of 322 and its answer. with_state: 5.3 tells stateVersion. */
GBytes *rmq_data_version_encode (const RmqDataVersion *version, gboolean with_state);
gboolean rmq_data_version_decode (GBytes *json, RmqDataVersion *version, GError **error);
/* CRC-32 of the bytes, top bit cleared: header field bodyCrc32. */
gint32 rmq_body_crc32 (GBytes *body);

/* Answer of 106. brokers, members: of RmqBrokerData, in the order they shall stand; a member is a
 * name in a cluster, its addresses don't matter. */
GBytes *rmq_cluster_info_encode (const GPtrArray *brokers, const GPtrArray *members,
                                 const RmqRouteForm *form);
/* TopicList: topics NULL-terminated; broker_addr (nullable): somebody to ask for more. */
GBytes *rmq_topic_list_encode (const char *const *topics, const char *broker_addr);
/* Answer of 901. group: cluster and name may be NULL, it may have no address. */
GBytes *rmq_broker_member_group_encode (const RmqBrokerData *group);
/* KVTable: answer of 219, and of 103 when the name server has an ORDER_TOPIC_CONFIG. */
GBytes *rmq_kv_table_encode (const RmqProperties *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqHeartbeatData, rmq_heartbeat_data_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqRegisterBrokerBody, rmq_register_broker_body_free)

G_END_DECLS

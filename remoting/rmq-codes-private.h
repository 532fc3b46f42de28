/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "rmq-headers.h"

G_BEGIN_DECLS

/* Request and response codes, a row each: everything that prints, parses or lists a code reads
 * these rows. ROW (enum suffix, number, what it is) */

#define RMQ_REQUEST_CODES(ROW)                                                                     \
  ROW (SEND_MESSAGE, 10, "a message, header with long names")                                      \
  ROW (PULL_MESSAGE, 11, "messages of a queue")                                                    \
  ROW (QUERY_MESSAGE, 12, "messages by key")                                                       \
  ROW (QUERY_CONSUMER_OFFSET, 14, "how far a group has come")                                      \
  ROW (UPDATE_CONSUMER_OFFSET, 15, "a group says how far it has come")                             \
  ROW (UPDATE_AND_CREATE_TOPIC, 17, "an operator makes or changes a topic")                        \
  ROW (GET_ALL_TOPIC_CONFIG, 21, "the topic table")                                                \
  ROW (UPDATE_BROKER_CONFIG, 25, "changes the configuration")                                      \
  ROW (GET_BROKER_CONFIG, 26, "asks for the configuration")                                        \
  ROW (GET_BROKER_RUNTIME_INFO, 28, "figures of the running broker")                               \
  ROW (SEARCH_OFFSET_BY_TIMESTAMP, 29, "the queue offset at a time")                               \
  ROW (GET_MAX_OFFSET, 30, "the end of a queue")                                                   \
  ROW (GET_MIN_OFFSET, 31, "the beginning of a queue")                                             \
  ROW (GET_EARLIEST_MSG_STORETIME, 32, "when a queue's first message was stored")                  \
  ROW (VIEW_MESSAGE_BY_ID, 33, "one message by its place in the log")                              \
  ROW (HEART_BEAT, 34, "a client says which groups it has")                                        \
  ROW (UNREGISTER_CLIENT, 35, "a client takes a group back")                                       \
  ROW (CONSUMER_SEND_MSG_BACK, 36, "a consumer wants a message again, later")                      \
  ROW (END_TRANSACTION, 37, "a half message is committed or rolled back")                          \
  ROW (GET_CONSUMER_LIST_BY_GROUP, 38, "the members of a group")                                   \
  ROW (CHECK_TRANSACTION_STATE, 39, "a broker asks what became of a half message")                 \
  ROW (NOTIFY_CONSUMER_IDS_CHANGED, 40, "a broker tells that members came or went")                \
  ROW (LOCK_BATCH_MQ, 41, "queues are locked for an orderly consumer")                             \
  ROW (UNLOCK_BATCH_MQ, 42, "and unlocked")                                                        \
  ROW (GET_ALL_CONSUMER_OFFSET, 43, "a slave asks for the offsets")                                \
  ROW (GET_ALL_DELAY_OFFSET, 45, "a slave asks for the delay offsets")                             \
  ROW (CHECK_CLIENT_CONFIG, 46, "a consumer asks whether its filter compiles")                     \
  ROW (PUT_KV_CONFIG, 100, "sets a value of the key-value store")                                  \
  ROW (GET_KV_CONFIG, 101, "asks for a value of the key-value store")                              \
  ROW (DELETE_KV_CONFIG, 102, "deletes a value of the key-value store")                            \
  ROW (REGISTER_BROKER, 103, "a broker announces itself and its topics")                           \
  ROW (UNREGISTER_BROKER, 104, "a broker says goodbye")                                            \
  ROW (GET_ROUTEINFO_BY_TOPIC, 105, "which brokers serve a topic")                                 \
  ROW (GET_BROKER_CLUSTER_INFO, 106, "all brokers by cluster")                                     \
  ROW (UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, 200, "an operator makes or changes a group")           \
  ROW (GET_ALL_SUBSCRIPTIONGROUP_CONFIG, 201, "all groups")                                        \
  ROW (GET_TOPIC_STATS_INFO, 202, "offsets of a topic's queues")                                   \
  ROW (GET_CONSUMER_CONNECTION_LIST, 203, "the connections of a consumer group")                   \
  ROW (GET_PRODUCER_CONNECTION_LIST, 204, "the connections of a producer group")                   \
  ROW (WIPE_WRITE_PERM_OF_BROKER, 205, "takes a broker's write permission in routes")              \
  ROW (GET_ALL_TOPIC_LIST_FROM_NAMESERVER, 206, "all topics")                                      \
  ROW (DELETE_SUBSCRIPTIONGROUP, 207, "an operator deletes a group")                               \
  ROW (GET_CONSUME_STATS, 208, "how far behind a group is")                                        \
  ROW (DELETE_TOPIC_IN_BROKER, 215, "an operator deletes a topic")                                 \
  ROW (DELETE_TOPIC_IN_NAMESRV, 216, "forgets a topic")                                            \
  ROW (REGISTER_TOPIC_IN_NAMESRV, 217, "a broker brings one topic")                                \
  ROW (GET_KVLIST_BY_NAMESPACE, 219, "lists a namespace of the key-value store")                   \
  ROW (RESET_CONSUMER_CLIENT_OFFSET, 220, "a broker sends a consumer elsewhere")                   \
  ROW (INVOKE_BROKER_TO_RESET_OFFSET, 222, "sends a group back in time")                           \
  ROW (GET_TOPICS_BY_CLUSTER, 224, "the topics of a cluster")                                      \
  ROW (QUERY_TOPIC_CONSUME_BY_WHO, 300, "which groups read a topic")                               \
  ROW (QUERY_CONSUME_TIME_SPAN, 303, "how old the messages of a topic's queues are")               \
  ROW (GET_SYSTEM_TOPIC_LIST_FROM_NS, 304, "the system's topics")                                  \
  ROW (GET_SYSTEM_TOPIC_LIST_FROM_BROKER, 305, "the system's topics")                              \
  ROW (CLEAN_EXPIRED_CONSUMEQUEUE, 306, "cleans queues of what the log no longer has")             \
  ROW (GET_CONSUMER_RUNNING_INFO, 307, "asks a consumer for its figures")                          \
  ROW (QUERY_CORRECTION_OFFSET, 308, "the least offset of all groups")                             \
  ROW (CONSUME_MESSAGE_DIRECTLY, 309, "has a consumer take one message")                           \
  ROW (SEND_MESSAGE_V2, 310, "a message, header with one-letter names")                            \
  ROW (GET_UNIT_TOPIC_LIST, 311, "topics of units")                                                \
  ROW (GET_HAS_UNIT_SUB_TOPIC_LIST, 312, "topics units subscribe to")                              \
  ROW (GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST, 313, "topics only units subscribe to")                  \
  ROW (CLONE_GROUP_OFFSET, 314, "a group's offsets for another group")                             \
  ROW (VIEW_BROKER_STATS_DATA, 315, "statistics")                                                  \
  ROW (CLEAN_UNUSED_TOPIC, 316, "cleans queues of topics that are gone")                           \
  ROW (UPDATE_NAMESRV_CONFIG, 318, "changes the configuration")                                    \
  ROW (GET_NAMESRV_CONFIG, 319, "asks for the configuration")                                      \
  ROW (SEND_BATCH_MESSAGE, 320, "a batch of messages")                                             \
  ROW (QUERY_DATA_VERSION, 322, "whether a broker's topics changed")                               \
  ROW (RESUME_CHECK_HALF_MESSAGE, 323, "a half message that was given up is asked about anew")     \
  ROW (SEND_REPLY_MESSAGE, 324, "the answer of a request-reply pair")                              \
  ROW (SEND_REPLY_MESSAGE_V2, 325, "the same, header with one-letter names")                       \
  ROW (PUSH_REPLY_MESSAGE_TO_CLIENT, 326, "a broker hands a reply to who asked")                   \
  ROW (ADD_WRITE_PERM_OF_BROKER, 327, "gives write permission back")                               \
  ROW (GET_ALL_PRODUCER_INFO, 328, "all producers")                                                \
  ROW (LITE_PULL_MESSAGE, 361, "messages of a queue, as 5.x asks")                                 \
  ROW (GET_BROKER_MEMBER_GROUP, 901, "the addresses of a broker name")                             \
  ROW (BROKER_HEARTBEAT, 904, "a broker is alive")

#define RMQ_RESPONSE_CODES(ROW)                                                                    \
  ROW (SUCCESS, 0, "done")                                                                         \
  ROW (SYSTEM_ERROR, 1, "the server failed; the remark says how")                                  \
  ROW (SYSTEM_BUSY, 2, "the server is overloaded")                                                 \
  ROW (REQUEST_CODE_NOT_SUPPORTED, 3, "the server doesn't know this request")                      \
  ROW (FLUSH_DISK_TIMEOUT, 10, "stored, not yet on disk")                                          \
  ROW (SLAVE_NOT_AVAILABLE, 11, "stored, the slave is missing")                                    \
  ROW (FLUSH_SLAVE_TIMEOUT, 12, "stored, not yet at the slave")                                    \
  ROW (MESSAGE_ILLEGAL, 13, "the message breaks a rule")                                           \
  ROW (SERVICE_NOT_AVAILABLE, 14, "the store takes no writes")                                     \
  ROW (VERSION_NOT_SUPPORTED, 15, "the version is too old")                                        \
  ROW (NO_PERMISSION, 16, "the topic or broker can't be written")                                  \
  ROW (TOPIC_NOT_EXIST, 17, "no such topic here")                                                  \
  ROW (PULL_NOT_FOUND, 19, "no message there yet")                                                 \
  ROW (PULL_RETRY_IMMEDIATELY, 20, "no message there that matches")                                \
  ROW (PULL_OFFSET_MOVED, 21, "the offset is no place of the queue")                               \
  ROW (QUERY_NOT_FOUND, 22, "nothing of that name")                                                \
  ROW (SUBSCRIPTION_PARSE_FAILED, 23, "the filter doesn't compile")                                \
  ROW (SUBSCRIPTION_NOT_EXIST, 24, "the group is not known to read this")                          \
  ROW (SUBSCRIPTION_NOT_LATEST, 25, "the consumer has a newer subscription")                       \
  ROW (SUBSCRIPTION_GROUP_NOT_EXIST, 26, "no such consumer group here")                            \
  ROW (NO_BUYER_ID, 204, "no buyer id")                                                            \
  ROW (NOT_IN_CURRENT_UNIT, 205, "another unit is responsible")                                    \
  ROW (CONSUMER_NOT_ONLINE, 206, "no consumer of this group is there")                             \
  ROW (CONSUME_MSG_TIMEOUT, 207, "the consumer didn't answer in time")                             \
  ROW (FLOW_CONTROL, 215, "the server limits this client")                                         \
  ROW (INVALID_PARAMETER, 29, "a parameter is wrong")                                              \
  ROW (GO_AWAY, 1500, "the server is leaving")

typedef enum
{
#define ROW(name, number, help) RMQ_REQUEST_##name = number,
  RMQ_REQUEST_CODES (ROW)
#undef ROW
} RmqRequestCode;

typedef enum
{
#define ROW(name, number, help) RMQ_RESPONSE_##name = number,
  RMQ_RESPONSE_CODES (ROW)
#undef ROW
} RmqResponseCode;

const char *rmq_request_code_get_name (gint code);  /* (nullable) */
const char *rmq_response_code_get_name (gint code); /* (nullable) */
/* By name or number. FALSE: neither. */
gboolean rmq_response_code_parse (const char *text, gint *code);
/* "SYSTEM_BUSY (2)" or "99". (transfer full) */
char *rmq_response_code_describe (gint code);

#define RMQ_VERSION_4_5_1 315
#define RMQ_VERSION_4_9_4 401
#define RMQ_VERSION_4_9_7 407
#define RMQ_VERSION_5_3_3 479

#define RMQ_TBW102 "TBW102"
#define RMQ_CLIENT_INNER_PRODUCER "CLIENT_INNER_PRODUCER"

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* What servers of version 4.9.7 know, so that a list of what ours don't can be made instead of
 * written. A processor that is added takes its row off the list by itself. Constants and one pure
 * function. */

#include "rmq-unsupported.h"

#define NS RMQ_ROLE_NAMESERVER
#define BR RMQ_ROLE_BROKER

static const RmqKnownFeature known[] = {
  { NS, 100, "PUT_KV_CONFIG", "sets a value of the key-value store" },
  { NS, 101, "GET_KV_CONFIG", "asks for a value of the key-value store" },
  { NS, 102, "DELETE_KV_CONFIG", "deletes a value of the key-value store" },
  { NS, 103, "REGISTER_BROKER", "a broker announces itself and its topics" },
  { NS, 104, "UNREGISTER_BROKER", "a broker says goodbye" },
  { NS, 105, "GET_ROUTEINFO_BY_TOPIC", "which brokers serve a topic" },
  { NS, 106, "GET_BROKER_CLUSTER_INFO", "all brokers by cluster" },
  { NS, 205, "WIPE_WRITE_PERM_OF_BROKER", "takes a broker's write permission in routes" },
  { NS, 206, "GET_ALL_TOPIC_LIST_FROM_NAMESERVER", "all topics" },
  { NS, 216, "DELETE_TOPIC_IN_NAMESRV", "forgets a topic" },
  { NS, 219, "GET_KVLIST_BY_NAMESPACE", "lists a namespace of the key-value store" },
  { NS, 224, "GET_TOPICS_BY_CLUSTER", "the topics of a cluster" },
  { NS, 304, "GET_SYSTEM_TOPIC_LIST_FROM_NS", "the system's topics" },
  { NS, 311, "GET_UNIT_TOPIC_LIST", "topics of units" },
  { NS, 312, "GET_HAS_UNIT_SUB_TOPIC_LIST", "topics units subscribe to" },
  { NS, 313, "GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST", "topics only units subscribe to" },
  { NS, 318, "UPDATE_NAMESRV_CONFIG", "changes the configuration" },
  { NS, 319, "GET_NAMESRV_CONFIG", "asks for the configuration" },
  { NS, 322, "QUERY_DATA_VERSION", "whether a broker's topics changed" },
  { NS, 327, "ADD_WRITE_PERM_OF_BROKER", "gives write permission back" },
  { NS, RMQ_NO_CODE, "kvConfig.json, namesrv.properties",
    "no file is written; a mock keeps their contents as long as it is there" },

  { BR, 10, "SEND_MESSAGE", "a message, header with long names" },
  { BR, 11, "PULL_MESSAGE", "messages of a queue" },
  { BR, 12, "QUERY_MESSAGE", "messages by key" },
  { BR, 14, "QUERY_CONSUMER_OFFSET", "how far a group has come" },
  { BR, 15, "UPDATE_CONSUMER_OFFSET", "a group says how far it has come" },
  { BR, 17, "UPDATE_AND_CREATE_TOPIC", "an operator makes or changes a topic" },
  { BR, 21, "GET_ALL_TOPIC_CONFIG", "a slave asks for the topic table" },
  { BR, 25, "UPDATE_BROKER_CONFIG", "changes the configuration" },
  { BR, 26, "GET_BROKER_CONFIG", "asks for the configuration" },
  { BR, 28, "GET_BROKER_RUNTIME_INFO", "figures of the running broker" },
  { BR, 29, "SEARCH_OFFSET_BY_TIMESTAMP", "the queue offset at a time" },
  { BR, 30, "GET_MAX_OFFSET", "the end of a queue" },
  { BR, 31, "GET_MIN_OFFSET", "the beginning of a queue" },
  { BR, 32, "GET_EARLIEST_MSG_STORETIME", "when a queue's first message was stored" },
  { BR, 33, "VIEW_MESSAGE_BY_ID", "one message by its place in the log" },
  { BR, 34, "HEART_BEAT", "a client says which groups it has" },
  { BR, 35, "UNREGISTER_CLIENT", "a client takes a group back" },
  { BR, 36, "CONSUMER_SEND_MSG_BACK", "a consumer wants a message again, later" },
  { BR, 37, "END_TRANSACTION", "a half message is committed or rolled back" },
  { BR, 38, "GET_CONSUMER_LIST_BY_GROUP", "the members of a group" },
  { BR, 41, "LOCK_BATCH_MQ", "queues are locked for an orderly consumer" },
  { BR, 42, "UNLOCK_BATCH_MQ", "and unlocked" },
  { BR, 43, "GET_ALL_CONSUMER_OFFSET", "a slave asks for the offsets" },
  { BR, 45, "GET_ALL_DELAY_OFFSET", "a slave asks for the delay offsets" },
  { BR, 46, "CHECK_CLIENT_CONFIG", "a consumer asks whether its filter compiles" },
  { BR, 200, "UPDATE_AND_CREATE_SUBSCRIPTIONGROUP", "an operator makes or changes a group" },
  { BR, 201, "GET_ALL_SUBSCRIPTIONGROUP_CONFIG", "all groups" },
  { BR, 202, "GET_TOPIC_STATS_INFO", "offsets of a topic's queues" },
  { BR, 203, "GET_CONSUMER_CONNECTION_LIST", "the connections of a consumer group" },
  { BR, 204, "GET_PRODUCER_CONNECTION_LIST", "the connections of a producer group" },
  { BR, 207, "DELETE_SUBSCRIPTIONGROUP", "an operator deletes a group" },
  { BR, 208, "GET_CONSUME_STATS", "how far behind a group is" },
  { BR, 215, "DELETE_TOPIC_IN_BROKER", "an operator deletes a topic" },
  { BR, 222, "INVOKE_BROKER_TO_RESET_OFFSET", "sends a group back in time" },
  { BR, 223, "INVOKE_BROKER_TO_GET_CONSUMER_STATUS", "asks consumers where they are" },
  { BR, 300, "QUERY_TOPIC_CONSUME_BY_WHO", "which groups read a topic" },
  { BR, 303, "QUERY_CONSUME_TIME_SPAN", "how old the messages of a topic's queues are" },
  { BR, 305, "GET_SYSTEM_TOPIC_LIST_FROM_BROKER", "the system's topics" },
  { BR, 306, "CLEAN_EXPIRED_CONSUMEQUEUE", "cleans queues of what the log no longer has" },
  { BR, 307, "GET_CONSUMER_RUNNING_INFO", "asks a consumer for its figures" },
  { BR, 308, "QUERY_CORRECTION_OFFSET", "the least offset of all groups" },
  { BR, 309, "CONSUME_MESSAGE_DIRECTLY", "has a consumer take one message" },
  { BR, 310, "SEND_MESSAGE_V2", "a message, header with one-letter names" },
  { BR, 314, "CLONE_GROUP_OFFSET", "a group's offsets for another group" },
  { BR, 315, "VIEW_BROKER_STATS_DATA", "statistics" },
  { BR, 316, "CLEAN_UNUSED_TOPIC", "cleans queues of topics that are gone" },
  { BR, 320, "SEND_BATCH_MESSAGE", "a batch of messages" },
  { BR, 323, "RESUME_CHECK_HALF_MESSAGE", "a given-up half message is checked again" },
  { BR, 324, "SEND_REPLY_MESSAGE", "the answer of a request-reply pair" },
  { BR, 325, "SEND_REPLY_MESSAGE_V2", "the same, header with one-letter names" },
  { BR, 328, "GET_ALL_PRODUCER_INFO", "all producers" },
  { BR, 361, "LITE_PULL_MESSAGE", "messages of a queue, for a client that polls" },
  { BR, RMQ_NO_CODE, "HA port",
    "slaves copy inside one process, as \"broker B slaves N\" makes them; a mock-broker on its own "
    "copies nothing, and slaves of Apache's find no log to copy" },
  { BR, RMQ_NO_CODE, "promotion",
    "a slave stays one: no controller, no acting master, no DLedger" },
  { BR, RMQ_NO_CODE, "VIP port", "there is none" },
  { BR, RMQ_NO_CODE, "access control, TLS", "there is none" },
};

const char *
rmq_server_role_get_name (RmqServerRole role)
{
  return role == NS ? "name server" : "broker";
}

static gboolean
is_covered (const RmqKnownFeature *feature, const RmqProcessor *processors, guint n_processors)
{
  for (guint i = 0; i < n_processors; i++)
    if (processors[i].code == feature->code)
      return TRUE;
  return FALSE;
}

GPtrArray *
rmq_unsupported_list (RmqServerRole role, const RmqProcessor *processors, guint n_processors)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].role == role && !is_covered (&known[i], processors, n_processors))
      g_ptr_array_add (list, (gpointer)&known[i]);
  return list;
}

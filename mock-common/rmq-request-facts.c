/* SPDX-License-Identifier: Apache-2.0 */

/* What a scope can ask of a request, and the language's words for kinds of requests. Two tables say
 * it all: a new request code is a row in each. Pure functions, no context; whatever a peer sent may
 * be missing or odd, then the fact is absent. */

#include "rmq-request-facts.h"

#include <string.h>

#include "rmq-codes-private.h"

/* ---- kinds --------------------------------------------------------------- */

static const RmqRequestKind kinds[] = {
  { "any", { 0 }, "every request" },
  { "send",
    { RMQ_REQUEST_SEND_MESSAGE, RMQ_REQUEST_SEND_MESSAGE_V2, RMQ_REQUEST_SEND_BATCH_MESSAGE },
    "messages of producers" },
  { "pull",
    { RMQ_REQUEST_PULL_MESSAGE, RMQ_REQUEST_LITE_PULL_MESSAGE },
    "consumers ask for messages" },
  { "heartbeat", { RMQ_REQUEST_HEART_BEAT }, "a client says which groups it has" },
  { "route", { RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC }, "which brokers serve a topic" },
  { "register", { RMQ_REQUEST_REGISTER_BROKER }, "a broker announces itself and its topics" },
  { "offset",
    { RMQ_REQUEST_QUERY_CONSUMER_OFFSET, RMQ_REQUEST_UPDATE_CONSUMER_OFFSET },
    "how far a group has come" },
  { "lock",
    { RMQ_REQUEST_LOCK_BATCH_MQ, RMQ_REQUEST_UNLOCK_BATCH_MQ },
    "queues are locked and unlocked" },
  { "send-back", { RMQ_REQUEST_CONSUMER_SEND_MSG_BACK }, "a consumer wants a message again" },
  { "end", { RMQ_REQUEST_END_TRANSACTION }, "a half message is committed or rolled back" },
  { "notify",
    { RMQ_REQUEST_NOTIFY_CONSUMER_IDS_CHANGED },
    "a broker says that a group's members changed",
    TRUE },
  { "check", { RMQ_REQUEST_CHECK_TRANSACTION_STATE }, "a broker asks about a half message", TRUE },
};

const RmqRequestKind *
rmq_request_kind_get (guint index)
{
  return index < G_N_ELEMENTS (kinds) ? &kinds[index] : NULL;
}

const RmqRequestKind *
rmq_request_kind_find (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].word, word))
      return &kinds[i];
  return NULL;
}

gboolean
rmq_request_kind_has (const RmqRequestKind *kind, gint code)
{
  if (kind->codes[0] == 0)
    return TRUE;
  for (guint i = 0; i < RMQ_REQUEST_KIND_CODES_MAX && kind->codes[i] != 0; i++)
    if (kind->codes[i] == code)
      return TRUE;
  return FALSE;
}

/* ---- facts --------------------------------------------------------------- */

/* Where a request of this code carries what; NULL: nowhere. */
typedef struct
{
  gint code;
  const char *topic;
  const char *queue_id;
  const char *from;
  const char *properties;
} FactFields;

static const FactFields fact_fields[] = {
  { RMQ_REQUEST_SEND_MESSAGE, "topic", "queueId", "producerGroup", "properties" },
  { RMQ_REQUEST_SEND_MESSAGE_V2, "b", "e", "a", "i" },
  { RMQ_REQUEST_SEND_BATCH_MESSAGE, "b", "e", "a", NULL },
  { RMQ_REQUEST_PULL_MESSAGE, "topic", "queueId", "consumerGroup", NULL },
  { RMQ_REQUEST_LITE_PULL_MESSAGE, "topic", "queueId", "consumerGroup", NULL },
  { RMQ_REQUEST_CONSUMER_SEND_MSG_BACK, "originTopic", NULL, "group", NULL },
  { RMQ_REQUEST_QUERY_CONSUMER_OFFSET, "topic", "queueId", "consumerGroup", NULL },
  { RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, "topic", "queueId", "consumerGroup", NULL },
  { RMQ_REQUEST_END_TRANSACTION, NULL, NULL, "producerGroup", NULL },
  { RMQ_REQUEST_NOTIFY_CONSUMER_IDS_CHANGED, NULL, NULL, "consumerGroup", NULL },
  { RMQ_REQUEST_GET_CONSUMER_LIST_BY_GROUP, NULL, NULL, "consumerGroup", NULL },
  { RMQ_REQUEST_UPDATE_AND_CREATE_TOPIC, "topic", NULL, NULL, NULL },
  { RMQ_REQUEST_DELETE_TOPIC_IN_BROKER, "topic", NULL, NULL, NULL },
  { RMQ_REQUEST_UNREGISTER_CLIENT, NULL, NULL, "producerGroup", NULL },
  { RMQ_REQUEST_REGISTER_BROKER, NULL, NULL, "brokerName", NULL },
  { RMQ_REQUEST_UNREGISTER_BROKER, NULL, NULL, "brokerName", NULL },
  { RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, "topic", NULL, NULL, NULL },
};

static const char *
get_field (const RmqRemotingCommand *command, const char *name)
{
  return name != NULL ? rmq_remoting_command_get_ext (command, name) : NULL;
}

static void
read_fields (RmqRequestFacts *facts, const FactFields *fields)
{
  facts->topic = get_field (facts->command, fields->topic);
  facts->from = get_field (facts->command, fields->from);
  const char *queue_id = get_field (facts->command, fields->queue_id);
  gint64 number;
  if (queue_id != NULL && g_ascii_string_to_signed (queue_id, 10, -1, G_MAXINT, &number, NULL))
    facts->queue_id = (gint)number;
  if (fields->properties != NULL)
    facts->properties = rmq_properties_decode (get_field (facts->command, fields->properties));
}

void
rmq_request_facts_init (RmqRequestFacts *facts, const RmqRemotingCommand *command)
{
  *facts = (RmqRequestFacts){ .command = command, .queue_id = -1 };
  gint code = rmq_remoting_command_get_code (command);
  for (guint i = 0; i < G_N_ELEMENTS (fact_fields); i++)
    if (fact_fields[i].code == code)
      read_fields (facts, &fact_fields[i]);
  GBytes *body = rmq_remoting_command_get_body (command);
  if (code == RMQ_REQUEST_HEART_BEAT && body != NULL)
    facts->heartbeat = rmq_heartbeat_data_decode (body, NULL); /* odd: nobody's heartbeat */
}

void
rmq_request_facts_clear (RmqRequestFacts *facts)
{
  g_clear_pointer (&facts->properties, rmq_properties_free);
  g_clear_pointer (&facts->heartbeat, rmq_heartbeat_data_free);
}

gboolean
rmq_request_facts_have_key (const RmqRequestFacts *facts, const char *key)
{
  const char *keys =
      facts->properties != NULL ? rmq_properties_get (facts->properties, RMQ_PROPERTY_KEYS) : NULL;
  if (keys == NULL)
    return FALSE;
  g_auto (GStrv) words = g_strsplit (keys, " ", -1);
  return g_strv_contains ((const char *const *)words, key);
}

static gboolean
has_text (GPtrArray *texts, const char *text)
{
  return g_ptr_array_find_with_equal_func (texts, text, g_str_equal, NULL);
}

gboolean
rmq_request_facts_are_from (const RmqRequestFacts *facts, const char *name)
{
  if (facts->heartbeat != NULL)
    return has_text (facts->heartbeat->producer_groups, name)
           || has_text (facts->heartbeat->consumer_groups, name);
  return facts->from != NULL && g_str_equal (facts->from, name);
}

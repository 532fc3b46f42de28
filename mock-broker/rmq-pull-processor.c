/* SPDX-License-Identifier: Apache-2.0 */

/* PullMessageProcessor: codes 11 and 361. Checks in the order of the real one, a function each,
 * then the store, then an answer or a wait. On the broker's loop, owner only. A pull consumes
 * nothing; only the offset that it may carry is kept. */

#include "rmq-pull-processor.h"

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-json-body-private.h"
#include "rmq-java-exception.h"
#include "rmq-mock-broker-private.h"
#include "rmq-pull-headers.h"

#define FAQ "\nSee %s for further details."

typedef enum
{
  FORBIDDEN_BROKER = 1,
  FORBIDDEN_GROUP = 2,
  FORBIDDEN_TOPIC = 3,
  FORBIDDEN_BROADCAST = 4,
} Forbidden;

/* One pull on its way. Functions that return FALSE have written the refusal. */
typedef struct
{
  RmqMockBroker *broker;
  const RmqPullProfile *profile;
  RmqConnection *connection;
  RmqRemotingCommand *request;
  RmqPullMessageRequestHeader header;
  const RmqSubscriptionGroupConfig *group;
  const RmqTopicConfig *topic;
  RmqPullFilter filter;
  RmqRemotingCommand *refusal; /* (nullable) */
} Pull;

static gboolean
has_flag (const Pull *pull, gint flag)
{
  return (pull->header.sys_flag & flag) != 0;
}

/* ---- refusals ------------------------------------------------------------ */

static gboolean G_GNUC_PRINTF (3, 4) refuse (Pull *pull, gint code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pull->refusal = rmq_remoting_command_new_response (pull->request, code, remark);
  rmq_remoting_command_add_ext_map (pull->refusal);
  return FALSE;
}

static gboolean
forbid (Pull *pull, Forbidden type, const char *remark)
{
  refuse (pull, RMQ_RESPONSE_NO_PERMISSION, "%s", remark);
  if (pull->profile->tells_flags)
    rmq_remoting_command_add_ext_int (pull->refusal, "forbiddenType", type);
  return FALSE;
}

static gboolean
throw_null (Pull *pull)
{
  pull->refusal = rmq_java_throw_null (
      pull->request, "PullMessageProcessor.processRequest(PullMessageProcessor.java:94)");
  return FALSE;
}

static gboolean
throw_null_key (Pull *pull)
{
  pull->refusal = rmq_java_throw_null_key (
      pull->request, "PullMessageProcessor.processRequest(PullMessageProcessor.java:103)");
  return FALSE;
}

/* ---- header -------------------------------------------------------------- */

/* The first field that is there and is no number, where a version stumbles over it. (nullable) */
static const char *
find_odd_number (const Pull *pull)
{
  const RmqHeaderTable *table = &rmq_pull_message_request_header;
  for (guint i = 0; pull->profile->numbers_throw && i < table->n_fields; i++)
    {
      const RmqHeaderField *field = &table->fields[i];
      const char *text = rmq_remoting_command_get_ext (pull->request, field->name);
      gboolean is_number = field->kind == RMQ_FIELD_INT || field->kind == RMQ_FIELD_LONG;
      gint64 max = field->kind == RMQ_FIELD_INT ? G_MAXINT32 : G_MAXINT64;
      if (is_number && text != NULL
          && !g_ascii_string_to_signed (text, 10, -max - 1, max, NULL, NULL))
        return text;
    }
  return NULL;
}

static gboolean
read_header (Pull *pull)
{
  gboolean is_whole = rmq_header_decode (&rmq_pull_message_request_header, RMQ_HEADER_LONG_NAMES,
                                         pull->request, &pull->header, NULL);
  const char *odd = find_odd_number (pull);
  if (odd != NULL)
    {
      g_autofree char *exception =
          g_strdup_printf ("java.lang.NumberFormatException: For input string: \"%s\"", odd);
      pull->refusal =
          rmq_java_throw (pull->request, exception,
                          "PullMessageProcessor.processRequest(PullMessageProcessor.java:94)");
      return FALSE;
    }
  if (pull->header.consumer_group == NULL && pull->profile->null_group_is_key)
    return throw_null_key (pull);
  if (pull->header.consumer_group == NULL)
    return throw_null (pull);
  if (pull->header.topic == NULL)
    return throw_null_key (pull);
  return is_whole || throw_null (pull);
}

/* ---- checks -------------------------------------------------------------- */

static gboolean
check_broker (Pull *pull)
{
  if (pull->broker->config.broker_permission & RMQ_PERM_READ)
    return TRUE;
  const char *colon = strrchr (pull->broker->address, ':');
  g_autofree char *remark =
      g_strdup_printf ("the broker[%.*s] pulling message is forbidden",
                       (gint)(colon - pull->broker->address), pull->broker->address);
  return forbid (pull, FORBIDDEN_BROKER, remark);
}

static gboolean
check_group (Pull *pull)
{
  const char *group = pull->header.consumer_group;
  pull->group = rmq_mock_broker_find_group (pull->broker, group);
  if (pull->group == NULL)
    return refuse (pull, RMQ_RESPONSE_SUBSCRIPTION_GROUP_NOT_EXIST,
                   "subscription group [%s] does not exist, " FAQ, group,
                   pull->broker->profile->faq_url);
  if (pull->group->consume_enable)
    return TRUE;
  g_autofree char *remark = g_strconcat ("subscription group no permission, ", group, NULL);
  return forbid (pull, FORBIDDEN_GROUP, remark);
}

static gboolean
check_topic (Pull *pull)
{
  const char *topic = pull->header.topic;
  pull->topic = rmq_topic_config_manager_get (pull->broker->topics, topic);
  if (pull->topic == NULL)
    return refuse (pull, RMQ_RESPONSE_TOPIC_NOT_EXIST,
                   "topic[%s] not exist, apply first please! " FAQ, topic,
                   pull->broker->profile->faq_url);
  if (pull->topic->perm & RMQ_PERM_READ)
    return TRUE;
  g_autofree char *remark = g_strdup_printf ("the topic[%s] pulling message is forbidden", topic);
  return forbid (pull, FORBIDDEN_TOPIC, remark);
}

static gboolean
check_queue (Pull *pull)
{
  gint queue_id = pull->header.queue_id;
  return (queue_id >= 0 && queue_id < pull->topic->read_queue_nums)
         || refuse (pull, pull->broker->profile->send->bad_argument_code,
                    "queueId[%d] is illegal, topic:[%s] topicConfig.readQueueNums:[%d] "
                    "consumer:[/%s]",
                    queue_id, pull->header.topic, pull->topic->read_queue_nums,
                    rmq_connection_get_peer_address (pull->connection));
}

static gboolean
check_type (Pull *pull, const char *type)
{
  return rmq_expression_type_is_tag (type)
         || refuse (pull, RMQ_RESPONSE_SYSTEM_ERROR,
                    "The broker does not support consumer to filter message by %s", type);
}

/* The filter is in the request. */
static gboolean
parse_subscription (Pull *pull)
{
  const RmqPullMessageRequestHeader *header = &pull->header;
  gboolean is_tag = rmq_expression_type_is_tag (header->expression_type);
  gboolean is_empty = header->subscription == NULL || *header->subscription == '\0';
  gboolean is_good =
      is_tag ? rmq_pull_filter_parse (&pull->filter, header->subscription) : !is_empty;
  if (!is_good)
    return refuse (pull, RMQ_RESPONSE_SUBSCRIPTION_PARSE_FAILED,
                   "parse the consumer's subscription failed");
  return check_type (pull, header->expression_type);
}

/* The filter is what heartbeats of the group say. */
static gboolean
find_subscription (Pull *pull)
{
  const char *group = pull->header.consumer_group;
  const RmqConsumerGroupInfo *info = rmq_consumer_manager_get (&pull->broker->consumers, group);
  if (info == NULL)
    return refuse (pull, RMQ_RESPONSE_SUBSCRIPTION_NOT_EXIST,
                   "the consumer's group info not exist" FAQ, pull->broker->profile->faq_url);
  if (!pull->group->consume_broadcast_enable && rmq_consumer_group_info_is_broadcast (info))
    {
      g_autofree char *remark =
          g_strdup_printf ("the consumer group[%s] can not consume by broadcast way", group);
      return forbid (pull, FORBIDDEN_BROADCAST, remark);
    }
  const RmqSubscriptionData *subscription =
      rmq_consumer_manager_find (&pull->broker->consumers, group, pull->header.topic);
  if (subscription == NULL)
    return refuse (pull, RMQ_RESPONSE_SUBSCRIPTION_NOT_EXIST,
                   "the consumer's subscription not exist" FAQ, pull->broker->profile->faq_url);
  if (subscription->sub_version < pull->header.sub_version)
    return refuse (pull, RMQ_RESPONSE_SUBSCRIPTION_NOT_LATEST,
                   "the consumer's subscription not latest");
  rmq_pull_filter_take (&pull->filter, subscription);
  return check_type (pull, subscription->expression_type);
}

static gboolean
check_subscription (Pull *pull)
{
  return has_flag (pull, RMQ_PULL_SYS_FLAG_SUBSCRIPTION) ? parse_subscription (pull)
                                                         : find_subscription (pull);
}

static gboolean
check_not_rejected (Pull *pull)
{
  const RmqBrokerConfig *config = &pull->broker->config;
  if (!pull->profile->slave_rejects || config->slave_read || !rmq_broker_config_is_slave (config))
    return TRUE;
  pull->refusal = rmq_mock_broker_reject (pull->request);
  return FALSE;
}

static gboolean
check_pull (Pull *pull)
{
  static gboolean (*const checks[]) (Pull * pull) = {
    check_not_rejected, read_header, check_broker,       check_group,
    check_topic,        check_queue, check_subscription,
  };
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!checks[i](pull))
      return FALSE;
  return TRUE;
}

/* ---- answers ------------------------------------------------------------- */

static gint
get_code (const Pull *pull, const RmqFetchResult *result)
{
  gboolean is_slave = rmq_broker_config_is_slave (&pull->broker->config);
  gint moved = is_slave ? RMQ_RESPONSE_PULL_RETRY_IMMEDIATELY : RMQ_RESPONSE_PULL_OFFSET_MOVED;
  switch (result->status)
    {
    case RMQ_FETCH_FOUND:
      return RMQ_RESPONSE_SUCCESS;
    case RMQ_FETCH_NO_MATCHED_MESSAGE:
      return RMQ_RESPONSE_PULL_RETRY_IMMEDIATELY;
    case RMQ_FETCH_OFFSET_OVERFLOW_ONE:
      return RMQ_RESPONSE_PULL_NOT_FOUND;
    case RMQ_FETCH_OFFSET_OVERFLOW_BADLY:
    case RMQ_FETCH_OFFSET_TOO_SMALL:
    case RMQ_FETCH_OFFSET_RESET:
      return moved;
    case RMQ_FETCH_NO_MESSAGE_IN_QUEUE:
      return pull->header.queue_offset == 0 ? RMQ_RESPONSE_PULL_NOT_FOUND : moved;
    }
  g_assert_not_reached ();
}

static RmqRemotingCommand *
new_answer (const Pull *pull, const RmqFetchResult *result, gint code)
{
  gboolean stays = rmq_broker_config_is_slave (&pull->broker->config) && result->records == NULL
                   && result->status != RMQ_FETCH_NO_MATCHED_MESSAGE;
  RmqPullMessageResponseHeader header = {
    .next_begin_offset = stays ? pull->header.queue_offset : result->next_begin_offset,
    .min_offset = result->min_offset,
    .max_offset = result->max_offset,
    .suggest_which_broker_id = pull->broker->config.slave_read ? pull->group->broker_id : 0,
    .group_sys_flag = (gint32)pull->group->group_sys_flag,
    .topic_sys_flag = pull->topic->topic_sys_flag,
    .has_sys_flags = pull->profile->tells_flags,
  };
  RmqRemotingCommand *response = rmq_remoting_command_new_response (
      pull->request, code, rmq_fetch_status_get_name (result->status));
  rmq_header_encode (&rmq_pull_message_response_header, RMQ_HEADER_LONG_NAMES, &header, response);
  if (result->records != NULL)
    {
      g_autoptr (GBytes) body = g_byte_array_free_to_bytes (g_byte_array_ref (result->records));
      rmq_remoting_command_set_body (response, body);
    }
  return response;
}

static GBytes *
encode_move (const Pull *pull, gint64 new_offset)
{
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put_member (out, "{\"consumerGroup\":", pull->header.consumer_group);
  rmq_json_put (out, ",\"messageQueue\":");
  rmq_admin_put_queue (pull->broker, pull->header.topic, pull->header.queue_id, out);
  rmq_json_put_int_member (out, ",\"offsetNew\":", new_offset);
  rmq_json_put_int_member (out, ",\"offsetRequest\":", pull->header.queue_offset);
  rmq_json_put (out, "}");
  return rmq_json_body_end (out);
}

/* generateOffsetMovedEvent: for whoever watches over consumers. */
static void
tell_of_move (const Pull *pull, gint64 new_offset)
{
  RmqMockBroker *broker = pull->broker;
  g_autoptr (GBytes) body = encode_move (pull, new_offset);
  RmqProperties *properties = rmq_properties_new ();
  rmq_properties_set (properties, RMQ_PROPERTY_KEYS, pull->header.consumer_group);
  rmq_properties_set (properties, RMQ_PROPERTY_TAGS, pull->header.consumer_group);
  rmq_properties_set (properties, RMQ_PROPERTY_DELAY, "0");
  RmqStoredMessage draft = {
    .body = body,
    .properties = properties,
    .last_separator = broker->profile->send->last_separator,
    .born_ms = rmq_mock_broker_now_ms (broker),
    .born_host = g_ref_string_new (broker->address),
  };
  RmqPutStatus status;
  rmq_mock_broker_put (broker, "OFFSET_MOVED_EVENT", &draft, &status);
}

static void
hold (const Pull *pull)
{
  RmqPullWish wish = {
    .group = pull->header.consumer_group,
    .topic = pull->header.topic,
    .queue_id = pull->header.queue_id,
    .offset = pull->header.queue_offset,
    .timeout_ms = pull->header.suspend_timeout_ms,
    .filter = pull->filter,
  };
  rmq_pull_request_hold_add (
      &pull->broker->pulls,
      rmq_mock_server_hold (pull->broker->server, pull->connection, pull->request), &wish);
}

static void
commit (const Pull *pull)
{
  if (has_flag (pull, RMQ_PULL_SYS_FLAG_COMMIT_OFFSET)
      && !rmq_broker_config_is_slave (&pull->broker->config))
    rmq_consumer_offset_manager_commit (&pull->broker->offsets, pull->header.consumer_group,
                                        pull->header.topic, pull->header.queue_id,
                                        pull->header.commit_offset);
}

/* An ArrayList of that many messages can't be made. */
static RmqRemotingCommand *
throw_capacity (const Pull *pull)
{
  g_autofree char *remark =
      g_strdup_printf ("java.lang.IllegalArgumentException: Illegal Capacity: %d, "
                       "java.base/java.util.ArrayList.<init>(ArrayList.java:160)",
                       pull->header.max_msg_nums);
  return rmq_java_throw_text (pull->request, remark);
}

/* (nullable): it is held. */
static RmqRemotingCommand *
fetch (Pull *pull, gboolean may_suspend)
{
  gboolean counts_bytes = pull->profile->obeys_max_bytes && pull->header.has_max_msg_bytes;
  RmqFetchWish wish = {
    .group = pull->header.consumer_group,
    .topic = pull->header.topic,
    .queue_id = pull->header.queue_id,
    .offset = pull->header.queue_offset,
    .max_msg_nums = pull->header.max_msg_nums,
    .max_bytes = counts_bytes ? pull->header.max_msg_bytes : G_MAXINT32,
    .filter = &pull->filter,
  };
  RmqFetchResult result;
  rmq_mock_broker_fetch (pull->broker, &wish, &result);
  RmqRemotingCommand *response = NULL;
  gint code = get_code (pull, &result);
  gboolean has_scanned =
      code == RMQ_RESPONSE_SUCCESS || result.status == RMQ_FETCH_NO_MATCHED_MESSAGE;
  if (has_scanned && wish.max_msg_nums < 0 && pull->profile->negative_count_throws)
    response = throw_capacity (pull);
  else
    {
      if (code == RMQ_RESPONSE_PULL_NOT_FOUND && may_suspend
          && has_flag (pull, RMQ_PULL_SYS_FLAG_SUSPEND)
          && rmq_pull_request_hold_has_room (&pull->broker->pulls))
        hold (pull);
      else
        response = new_answer (pull, &result, code);
      if (code == RMQ_RESPONSE_PULL_OFFSET_MOVED && pull->profile->tells_of_moves)
        tell_of_move (pull, result.next_begin_offset);
      if (may_suspend)
        commit (pull);
    }
  g_clear_pointer (&result.records, g_byte_array_unref);
  return response;
}

static RmqRemotingCommand *
pull_message (RmqMockBroker *self, RmqConnection *connection, RmqRemotingCommand *request,
              gboolean may_suspend)
{
  Pull pull = {
    .broker = self,
    .profile = self->profile->pull,
    .connection = connection,
    .request = request,
  };
  RmqRemotingCommand *response = check_pull (&pull) ? fetch (&pull, may_suspend) : pull.refusal;
  rmq_pull_filter_clear (&pull.filter);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_pull_message (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  return pull_message (mock, connection, request, TRUE);
}

void
rmq_mock_broker_pull_again (RmqMockBroker *self, RmqHeldRequest *held)
{
  g_autoptr (RmqRemotingCommand) response = pull_message (
      self, rmq_held_request_get_connection (held), rmq_held_request_get_request (held), FALSE);
  /* by then the server has forgotten how the request was encoded */
  rmq_remoting_command_set_serialize_type (response, RMQ_SERIALIZE_JSON);
  rmq_held_request_answer (held, response);
}

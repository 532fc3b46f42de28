/* SPDX-License-Identifier: Apache-2.0 */

/* Offsets: how far a group has come (14, 15, 43), and where a queue begins, ends, and was at a time
 * (29 to 32). Parts of ConsumerManageProcessor and AdminBrokerProcessor. On the broker's loop,
 * owner only. Queues that nobody has written are as good as any. */

#include "rmq-codes-private.h"
#include "rmq-java-exception.h"
#include "rmq-mock-broker-private.h"
#include "rmq-pull-headers.h"
#include "rmq-pull-processor.h"

#define NOT_FOUND "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first"
#define NOT_FOUND_NO_ZERO "Not found, do not set to zero, maybe this group boot first"

#define PLACE "AdminBrokerProcessor.processRequest(AdminBrokerProcessor.java:191)"
#define GROUP_PLACE "ConsumerManageProcessor.processRequest(ConsumerManageProcessor.java:54)"

typedef RmqQueueOffsetRequestHeader Header;

static void
read_header (RmqRemotingCommand *request, Header *header)
{
  rmq_header_decode (&rmq_queue_offset_request_header, RMQ_HEADER_LONG_NAMES, request, header,
                     NULL); /* what is missing or odd, each code finds in its way */
}

static RmqRemotingCommand *
answer_number (const RmqRemotingCommand *request, const char *name, gint64 number)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_add_ext_int (response, name, number);
  return response;
}

static RmqRemotingCommand *
answer_empty (const RmqRemotingCommand *request, gint code, const char *remark)
{
  RmqRemotingCommand *response = rmq_remoting_command_new_response (request, code, remark);
  rmq_remoting_command_add_ext_map (response);
  return response;
}

/* ---- groups -------------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_query_consumer_offset (gpointer mock, RmqConnection *connection,
                                       RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  if (!header.has_queue_id)
    return rmq_remoting_command_has_ext (request) || !self->profile->pull->null_topic_is_key
               ? rmq_java_throw_null (request, GROUP_PLACE)
               : rmq_java_throw_null_key (request, GROUP_PLACE);
  gint64 offset = rmq_consumer_offset_manager_get (&self->offsets, header.consumer_group,
                                                   header.topic, header.queue_id);
  if (offset >= 0)
    return answer_number (request, "offset", offset);
  gboolean is_young =
      !self->profile->pull->zero_needs_message
      || (header.topic != NULL
          && rmq_message_store_get_max_offset (&self->store, header.topic, header.queue_id) > 0);
  if (self->profile->pull->zero_needs_message && header.has_set_zero_if_not_found
      && !header.set_zero_if_not_found)
    return answer_empty (request, RMQ_RESPONSE_QUERY_NOT_FOUND, NOT_FOUND_NO_ZERO);
  return is_young ? answer_number (request, "offset", 0)
                  : answer_empty (request, RMQ_RESPONSE_QUERY_NOT_FOUND, NOT_FOUND);
}

/* (nullable): the commit is good */
static RmqRemotingCommand *
check_commit (RmqMockBroker *self, const RmqRemotingCommand *request, const Header *header)
{
  g_autofree char *remark = NULL;
  gint code = RMQ_RESPONSE_INVALID_PARAMETER;
  if (header->consumer_group == NULL || header->topic == NULL)
    return rmq_java_throw_null (request, GROUP_PLACE);
  if (rmq_subscription_group_manager_get (&self->groups, header->consumer_group) == NULL)
    {
      code = RMQ_RESPONSE_SUBSCRIPTION_GROUP_NOT_EXIST;
      remark = g_strdup_printf ("Group %s not exist!", header->consumer_group);
    }
  else if (rmq_topic_config_manager_get (self->topics, header->topic) == NULL)
    {
      code = RMQ_RESPONSE_TOPIC_NOT_EXIST;
      remark = g_strdup_printf ("Topic %s not exist!", header->topic);
    }
  else if (!header->has_queue_id)
    remark = g_strdup_printf ("QueueId is null, topic is %s", header->topic);
  else if (!header->has_commit_offset)
    remark = g_strdup_printf ("Offset is null, topic is %s", header->topic);
  return remark != NULL ? answer_empty (request, code, remark) : NULL;
}

RmqRemotingCommand *
rmq_mock_broker_update_consumer_offset (gpointer mock, RmqConnection *connection,
                                        RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  RmqRemotingCommand *refusal =
      self->profile->pull->checks_commits ? check_commit (self, request, &header) : NULL;
  if (refusal != NULL)
    return refusal;
  if (!header.has_queue_id || !header.has_commit_offset)
    return rmq_java_throw_null (request, GROUP_PLACE);
  if (rmq_consumer_offset_manager_is_reset (&self->offsets, header.consumer_group, header.topic,
                                            header.queue_id))
    return answer_empty (request, RMQ_RESPONSE_SUCCESS, "Offset has been previously reset");
  return rmq_consumer_offset_manager_commit (&self->offsets, header.consumer_group, header.topic,
                                             header.queue_id, header.commit_offset)
             ? answer_empty (request, RMQ_RESPONSE_SUCCESS, NULL)
             : rmq_java_throw_heap_space (request, GROUP_PLACE);
}

RmqRemotingCommand *
rmq_mock_broker_get_all_consumer_offset (gpointer mock, RmqConnection *connection,
                                         RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_autoptr (GBytes) body = rmq_consumer_offset_manager_encode (&self->offsets);
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, body);
  return response;
}

/* ---- queues -------------------------------------------------------------- */

/* (nullable): it names a queue */
static RmqRemotingCommand *
check_queue (const RmqMockBroker *self, const RmqRemotingCommand *request, const Header *header)
{
  if (header->has_queue_id && header->topic != NULL)
    return NULL;
  return header->has_queue_id && self->profile->pull->null_topic_is_key
             ? rmq_java_throw_null_key (request, PLACE)
             : rmq_java_throw_null (request, PLACE);
}

RmqRemotingCommand *
rmq_mock_broker_get_max (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  RmqRemotingCommand *refusal = check_queue (self, request, &header);
  return refusal != NULL ? refusal
                         : answer_number (request, "offset",
                                          rmq_message_store_get_max_offset (
                                              &self->store, header.topic, header.queue_id));
}

/* 5.3 asks its own RPC layer, which has other words: exceptions keep their text alone. */
static RmqRemotingCommand *
answer_min_by_rpc (RmqRemotingCommand *request, const Header *header)
{
  if (!rmq_remoting_command_has_ext (request))
    return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SYSTEM_ERROR, NULL);
  if (!header->has_queue_id)
    return rmq_remoting_command_new_response (
        request, RMQ_RESPONSE_SYSTEM_ERROR,
        "Cannot invoke \"java.lang.Integer.intValue()\" because the return value of "
        "\"org.apache.rocketmq.remoting.protocol.header.GetMinOffsetRequestHeader.getQueueId()\" "
        "is null");
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, "");
  rmq_remoting_command_add_ext_int (response, "offset", 0);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_get_min (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  if (self->profile->pull->min_by_rpc)
    return answer_min_by_rpc (request, &header);
  RmqRemotingCommand *refusal = check_queue (self, request, &header);
  return refusal != NULL ? refusal : answer_number (request, "offset", 0);
}

RmqRemotingCommand *
rmq_mock_broker_get_earliest (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  RmqRemotingCommand *refusal = check_queue (self, request, &header);
  if (refusal != NULL)
    return refusal;
  const GPtrArray *queue =
      rmq_message_store_get_queue (&self->store, header.topic, header.queue_id);
  const RmqStoredMessage *first =
      queue != NULL && queue->len > 0 ? g_ptr_array_index (queue, 0) : NULL;
  return answer_number (request, "timestamp", first != NULL ? first->store_ms : -1);
}

/* ---- 29 ------------------------------------------------------------------ */

static gint64
get_time (const GPtrArray *queue, guint index)
{
  return ((const RmqStoredMessage *)g_ptr_array_index (queue, index))->store_ms;
}

/* Versions before 5 answer with the nearer neighbour. */
static gint64
find_nearest (const GPtrArray *queue, gint64 timestamp_ms)
{
  guint next = rmq_message_queue_find_time (queue, timestamp_ms);
  if (next == 0 || (next < queue->len && get_time (queue, next) == timestamp_ms))
    return next;
  if (next == queue->len)
    return next - 1;
  gint64 before = timestamp_ms - get_time (queue, next - 1);
  return before > get_time (queue, next) - timestamp_ms ? next : next - 1;
}

gint64
rmq_mock_broker_find_offset (RmqMockBroker *self, const char *topic, gint queue_id,
                             gint64 timestamp_ms, gboolean is_upper)
{
  const GPtrArray *queue = rmq_message_store_get_queue (&self->store, topic, queue_id);
  if (queue == NULL || queue->len == 0)
    return 0;
  if (!self->profile->pull->searches_bounds)
    return find_nearest (queue, timestamp_ms);
  if (!is_upper)
    return rmq_message_queue_find_time (queue, timestamp_ms);
  guint after = timestamp_ms < G_MAXINT64 ? rmq_message_queue_find_time (queue, timestamp_ms + 1)
                                          : queue->len;
  return after > 0 ? after - 1 : 0;
}

RmqRemotingCommand *
rmq_mock_broker_search_offset (gpointer mock, RmqConnection *connection,
                               RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  Header header;
  read_header (request, &header);
  RmqRemotingCommand *refusal = check_queue (self, request, &header);
  if (refusal != NULL)
    return refusal;
  if (!header.has_timestamp)
    return rmq_java_throw_null (request, PLACE);
  gboolean is_upper =
      header.boundary_type != NULL && g_ascii_strcasecmp (header.boundary_type, "upper") == 0;
  return answer_number (request, "offset",
                        rmq_mock_broker_find_offset (self, header.topic, header.queue_id,
                                                     header.timestamp_ms, is_upper));
}

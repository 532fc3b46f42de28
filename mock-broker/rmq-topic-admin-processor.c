/* SPDX-License-Identifier: Apache-2.0 */

/* Topics, as operators make, change, delete and look at them. A part of AdminBrokerProcessor. On
 * the broker's loop, owner only. A topic that is deleted stays in routes: nobody tells the name
 * servers. */

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-consumer-headers.h"
#include "rmq-java-exception.h"
#include "rmq-json-body-private.h"

#define PLACE "AdminBrokerProcessor.updateAndCreateTopic(AdminBrokerProcessor.java:290)"

/* ---- shared -------------------------------------------------------------- */

RmqRemotingCommand *
rmq_admin_answer (const RmqRemotingCommand *request, gint code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = format != NULL ? g_strdup_vprintf (format, arguments) : NULL;
  va_end (arguments);
  return rmq_remoting_command_new_response (request, code, remark);
}

RmqRemotingCommand *
rmq_admin_answer_body (const RmqRemotingCommand *request, GBytes *body)
{
  RmqRemotingCommand *response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
  rmq_remoting_command_set_body (response, body);
  return response;
}

RmqRemotingCommand *
rmq_admin_refuse_slave (RmqMockBroker *self, const RmqRemotingCommand *request)
{
  if (!self->profile->consumer->slave_refuses || !rmq_broker_config_is_slave (&self->config))
    return NULL;
  return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR,
                           "Can't modify topic or subscription group from slave broker, please "
                           "execute it from master broker.");
}

void
rmq_admin_put_queue (RmqMockBroker *self, const char *topic, gint queue_id, RmqJsonWriter *out)
{
  rmq_queue_name_write (
      &(RmqQueueName){ .topic = (char *)topic, .broker_name = self->name, .queue_id = queue_id },
      out);
}

RmqRemotingCommand *
rmq_admin_refuse_queues (RmqMockBroker *self, const RmqRemotingCommand *request, gint64 n_queues)
{
  if (n_queues <= RMQ_ADMIN_QUEUES_MAX)
    return NULL;
  g_info ("%s: request code %d is about %" G_GINT64_FORMAT " queues; an answer names %d",
          self->name, rmq_remoting_command_get_code (request), n_queues, RMQ_ADMIN_QUEUES_MAX);
  return rmq_java_throw_heap_space (request, PLACE);
}

/* ---- 17 ------------------------------------------------------------------ */

/* (nullable): the header can be taken. */
static RmqRemotingCommand *
check_filter_type (const RmqRemotingCommand *request, const char *type)
{
  static const char *const types[] = { "SINGLE_TAG", "MULTI_TAG", NULL };
  if (!rmq_remoting_command_has_ext (request) || (type != NULL && g_strv_contains (types, type)))
    return NULL;
  g_autofree char *text = g_strdup_printf (
      "org.apache.rocketmq.remoting.exception.RemotingCommandException: topicFilterType = [%s] "
      "value invalid",
      type != NULL ? type : "null");
  return rmq_java_throw (request, text, PLACE);
}

/* (nullable): it may be made or deleted. */
static RmqRemotingCommand *
check_name (RmqMockBroker *self, const RmqRemotingCommand *request, const char *topic,
            const char *complaint)
{
  gint code = self->profile->consumer->bad_topic_code;
  if (complaint != NULL)
    return rmq_admin_answer (request, code, "%s", complaint);
  return rmq_topic_config_manager_is_system (self->topics, topic) ? rmq_admin_answer (
             request, code, "The topic[%s] is conflict with system topic.", topic)
                                                                  : NULL;
}

static RmqRemotingCommand *
check_topic (RmqMockBroker *self, const RmqRemotingCommand *request, const char *topic)
{
  if (topic == NULL && self->profile->consumer->null_topic_throws)
    return rmq_java_throw_null (request, PLACE);
  if (self->profile->consumer->checks_topic_name)
    return check_name (self, request, topic, rmq_topic_name_complain (topic));
  return g_str_equal (topic, self->cluster)
             ? rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR,
                                 "the topic[%s] is conflict with system reserved words.", topic)
             : NULL;
}

/* "+message.type=DELAY": a plus and a name that is known; only 5.3 looks. */
static RmqRemotingCommand *
check_attributes (RmqMockBroker *self, const RmqRemotingCommand *request, const char *attributes)
{
  static const char *const known[] = { "queue.type", "cleanup.policy", "message.type",
                                       "reserve.time", NULL };
  if (!self->profile->consumer->modern_groups || attributes == NULL)
    return NULL;
  g_auto (GStrv) pairs = g_strsplit (attributes, ",", -1);
  for (char **pair = pairs; *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);
      const char *name = parts[0] != NULL && parts[0][0] == '+' ? parts[0] + 1 : NULL;
      if (name != NULL && !g_strv_contains (known, name))
        return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR, "unsupported key: %s", name);
    }
  return NULL;
}

static RmqRemotingCommand *
check_new_topic (RmqMockBroker *self, const RmqRemotingCommand *request,
                 const RmqCreateTopicRequestHeader *header)
{
  RmqRemotingCommand *refusal = rmq_admin_refuse_slave (self, request);
  if (refusal == NULL)
    refusal = check_filter_type (request, header->topic_filter_type);
  if (refusal == NULL)
    refusal = check_topic (self, request, header->topic);
  if (refusal == NULL
      && !(header->has_read_queue_nums && header->has_write_queue_nums && header->has_perm))
    refusal = rmq_java_throw_text (request, self->profile->consumer->bad_number_remark);
  return refusal != NULL ? refusal : check_attributes (self, request, header->attributes);
}

RmqRemotingCommand *
rmq_mock_broker_create_topic (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  RmqCreateTopicRequestHeader header;
  rmq_header_decode (&rmq_create_topic_request_header, RMQ_HEADER_LONG_NAMES, request, &header,
                     NULL); /* what is missing is asked for where it is needed */
  header.topic = rmq_remoting_command_get_ext (request, "topic");
  RmqRemotingCommand *refusal = check_new_topic (self, request, &header);
  if (refusal != NULL)
    return refusal;
  RmqTopicConfig config = {
    .topic_name = (char *)header.topic,
    .read_queue_nums = header.read_queue_nums,
    .write_queue_nums = header.write_queue_nums,
    .perm = header.perm,
    .topic_sys_flag = header.topic_sys_flag,
  };
  rmq_topic_config_manager_put (self->topics, &config, RMQ_TOPIC_DECLARED,
                                rmq_mock_broker_now_ms (self));
  rmq_mock_broker_register_topic (self, rmq_topic_config_manager_get (self->topics, header.topic));
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS,
                                            self->profile->consumer->created_remark);
}

/* ---- 215 ----------------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_delete_topic (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  gboolean is_blank = topic == NULL || topic[0] == '\0';
  RmqRemotingCommand *refusal = rmq_admin_refuse_slave (self, request);
  if (refusal == NULL && self->profile->consumer->checks_topic_name)
    refusal = check_name (self, request, topic, is_blank ? "The specified topic is blank." : NULL);
  else if (refusal == NULL && topic == NULL)
    refusal = rmq_java_throw_null (request, PLACE);
  if (refusal != NULL)
    return refusal;
  rmq_topic_config_manager_remove (self->topics, topic, rmq_mock_broker_now_ms (self));
  rmq_message_store_drop_topic (&self->store, topic);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
}

/* ---- 21, 305 ------------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_get_all_topics (gpointer mock, RmqConnection *connection,
                                RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_autoptr (GBytes) body = rmq_topic_config_table_encode (
      rmq_topic_config_manager_get_body (self->topics), self->profile->consumer->modern_groups);
  RmqRemotingCommand *response = rmq_admin_answer_body (request, body);
  rmq_remoting_command_add_ext_map (response);
  return response;
}

RmqRemotingCommand *
rmq_mock_broker_get_system_topics (gpointer mock, RmqConnection *connection,
                                   RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_auto (GStrv) names = rmq_topic_config_manager_list_system (
      self->topics, self->profile->consumer->checks_topic_name);
  g_autoptr (GBytes) body = rmq_topic_list_encode ((const char *const *)names, NULL);
  return rmq_admin_answer_body (request, body);
}

/* ---- 202 ----------------------------------------------------------------- */

static void
put_queue_stats (RmqMockBroker *self, const char *topic, gint queue_id, RmqJsonWriter *out)
{
  const GPtrArray *queue = rmq_message_store_get_queue (&self->store, topic, queue_id);
  guint n = queue != NULL ? queue->len : 0;
  const RmqStoredMessage *last = n > 0 ? g_ptr_array_index (queue, n - 1) : NULL;
  rmq_admin_put_queue (self, topic, queue_id, out);
  rmq_json_put_int_member (out, ":{\"lastUpdateTimestamp\":", last != NULL ? last->store_ms : 0);
  rmq_json_put_int_member (out, ",\"maxOffset\":", n);
  rmq_json_put (out, ",\"minOffset\":0}");
}

RmqRemotingCommand *
rmq_mock_broker_get_topic_stats (gpointer mock, RmqConnection *connection,
                                 RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  if (topic == NULL)
    return rmq_java_throw_null (request, PLACE);
  const RmqTopicConfig *config = rmq_topic_config_manager_get (self->topics, topic);
  if (config == NULL)
    return rmq_admin_answer (request, RMQ_RESPONSE_TOPIC_NOT_EXIST, "topic[%s] not exist", topic);
  gint n_queues = MAX (config->write_queue_nums, config->read_queue_nums);
  RmqRemotingCommand *refusal = rmq_admin_refuse_queues (self, request, n_queues);
  if (refusal != NULL)
    return refusal;
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"offsetTable\":{");
  for (gint i = 0; i < n_queues; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_queue_stats (self, topic, i, out);
    }
  rmq_json_put (out, self->profile->consumer->modern_groups ? "},\"topicPutTps\":0.0}" : "}}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

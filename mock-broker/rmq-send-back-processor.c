/* SPDX-License-Identifier: Apache-2.0 */

/* CONSUMER_SEND_MSG_BACK (36): a consumer couldn't deal with a message and wants it again later. A
 * copy goes to the group's retry topic, through the delay levels, or, when it was tried often
 * enough, to its dead-letter topic. On the broker's loop, owner only. */

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-consumer-headers.h"
#include "rmq-consumer-processors.h"
#include "rmq-java-exception.h"

#define RETRY_DELAY_LEVEL 3          /* of the first retry; each further one waits a level longer */
#define FIRST_VERSION_WITH_LIMIT 121 /* V3_4_9 */
#define DEAD_LETTER_QUEUES 1

typedef struct
{
  RmqMockBroker *broker;
  RmqRemotingCommand *request;
  RmqConsumerSendMsgBackRequestHeader header;
  const RmqSubscriptionGroupConfig *group;
  const RmqTopicConfig *topic; /* it goes there */
  const RmqStoredMessage *message;
  gint delay_level;
  RmqRemotingCommand *refusal; /* (nullable) */
} SendBack;

static gboolean refuse (SendBack *back, gint code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (SendBack *back, gint code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *remark = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  back->refusal = rmq_remoting_command_new_response (back->request, code, remark);
  return FALSE;
}

static gboolean
throw_null (SendBack *back)
{
  back->refusal =
      rmq_java_throw_null (back->request, "AbstractSendMessageProcessor.consumerSendMsgBack"
                                          "(AbstractSendMessageProcessor.java:116)");
  return FALSE;
}

/* ---- checks -------------------------------------------------------------- */

static gboolean
find_group (SendBack *back)
{
  RmqMockBroker *self = back->broker;
  if (back->header.group == NULL)
    return throw_null (back);
  back->group = rmq_mock_broker_find_group (self, back->header.group);
  if (back->group == NULL)
    return refuse (back, RMQ_RESPONSE_SUBSCRIPTION_GROUP_NOT_EXIST,
                   "subscription group not exist, %s \nSee %s for further details.",
                   back->header.group, self->profile->faq_url);
  if ((self->config.broker_permission & RMQ_PERM_WRITE) == 0)
    return refuse (back, RMQ_RESPONSE_NO_PERMISSION,
                   "the broker[%.*s] sending message is forbidden",
                   (gint)strcspn (self->address, ":"), self->address);
  return TRUE;
}

static gboolean
find_retry_topic (SendBack *back)
{
  back->topic =
      rmq_mock_broker_ensure_retry_topic (back->broker, back->group, back->header.unit_mode);
  return (back->topic->perm & RMQ_PERM_WRITE) != 0
         || refuse (back, RMQ_RESPONSE_NO_PERMISSION, "the topic[%s] sending message is forbidden",
                    back->topic->topic_name);
}

static gboolean
find_message (SendBack *back)
{
  if (!back->header.has_offset)
    return throw_null (back);
  back->message = rmq_mock_broker_find_at (back->broker, back->header.offset);
  return back->message != NULL
         || refuse (back, RMQ_RESPONSE_SYSTEM_ERROR,
                    "look message by offset failed, %" G_GINT64_FORMAT, back->header.offset);
}

/* How often the group may have it again. */
static gboolean
find_limit (SendBack *back, gint64 *limit)
{
  *limit = back->group->retry_max_times;
  if (rmq_remoting_command_get_version (back->request) < FIRST_VERSION_WITH_LIMIT)
    return TRUE;
  if (back->header.has_max_reconsume_times)
    *limit = back->header.max_reconsume_times;
  return back->header.has_max_reconsume_times || !back->broker->profile->consumer->back_needs_limit
         || throw_null (back);
}

static gboolean
choose_place (SendBack *back)
{
  RmqMockBroker *self = back->broker;
  gint64 limit;
  if (!back->header.has_delay_level)
    return throw_null (back);
  if (!find_limit (back, &limit))
    return FALSE;
  if (back->message->reconsume_times >= limit || back->header.delay_level < 0)
    {
      g_autofree char *name = g_strconcat (RMQ_DEAD_LETTER_PREFIX, back->header.group, NULL);
      back->topic = rmq_mock_broker_ensure_topic (self, name, DEAD_LETTER_QUEUES,
                                                  self->profile->send->dead_letter_perm);
      back->delay_level = 0;
    }
  else
    back->delay_level = back->header.delay_level != 0
                            ? back->header.delay_level
                            : RETRY_DELAY_LEVEL + back->message->reconsume_times;
  return TRUE;
}

/* ---- the copy ------------------------------------------------------------ */

static void
set_if_absent (RmqProperties *properties, const char *name, const char *value)
{
  if (rmq_properties_get (properties, name) == NULL)
    rmq_properties_set (properties, name, value);
}

static RmqProperties *
make_properties (const SendBack *back)
{
  const RmqStoredMessage *message = back->message;
  RmqProperties *properties = rmq_properties_copy (message->properties);
  g_autofree char *level = g_strdup_printf ("%d", back->delay_level);
  g_autofree char *id = rmq_offset_msg_id_encode (back->broker->address, message->physical_offset);
  set_if_absent (properties, RMQ_PROPERTY_RETRY_TOPIC, message->topic);
  rmq_properties_set (properties, RMQ_PROPERTY_WAIT, "false");
  if (back->delay_level != 0 || !back->broker->profile->consumer->dead_letter_keeps_delay)
    rmq_properties_set (properties, RMQ_PROPERTY_DELAY, level);
  set_if_absent (properties, RMQ_PROPERTY_ORIGIN_MESSAGE_ID, id);
  return properties;
}

static const char *
name_status (RmqPutStatus status)
{
  switch (status)
    {
    case RMQ_PUT_OK:
      return "PUT_OK";
    case RMQ_PUT_MESSAGE_ILLEGAL:
      return "MESSAGE_ILLEGAL";
    case RMQ_PUT_SERVICE_NOT_AVAILABLE:
      return "SERVICE_NOT_AVAILABLE";
    case RMQ_PUT_TIMER_ILLEGAL:
      return "WHEEL_TIMER_MSG_ILLEGAL";
    }
  g_assert_not_reached ();
}

static gboolean
store_copy (SendBack *back)
{
  RmqMockBroker *self = back->broker;
  const RmqStoredMessage *message = back->message;
  gint n_queues = MAX (back->topic->write_queue_nums, 1);
  RmqStoredMessage draft = {
    .queue_id = (gint)rmq_random_below (&self->queue_stream, (guint64)n_queues),
    .flag = message->flag,
    .sys_flag = message->sys_flag,
    .body = message->body,
    .properties = make_properties (back),
    .last_separator = self->profile->send->last_separator,
    .reconsume_times = message->reconsume_times + 1,
    .born_ms = message->born_ms,
    .born_host = g_ref_string_acquire (message->born_host),
  };
  const char *topic = back->topic->topic_name;
  RmqPutStatus status = rmq_schedule_redirect (&self->schedule, &draft, &topic);
  if (status == RMQ_PUT_OK)
    rmq_mock_broker_put (self, topic, &draft, &status);
  else
    {
      rmq_properties_free (draft.properties);
      g_ref_string_release (draft.born_host);
    }
  return status == RMQ_PUT_OK
         || refuse (back, RMQ_RESPONSE_SYSTEM_ERROR, "%s", name_status (status));
}

RmqRemotingCommand *
rmq_mock_broker_send_back (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  SendBack back = { .broker = mock, .request = request };
  if (back.broker->profile->send->slave_rejects
      && rmq_broker_config_is_slave (&back.broker->config))
    return rmq_mock_broker_reject (request);
  rmq_header_decode (&rmq_consumer_send_msg_back_request_header, RMQ_HEADER_LONG_NAMES, request,
                     &back.header, NULL); /* what is missing is asked for where it is needed */
  gboolean ok = find_group (&back);
  if (ok && back.group->retry_queue_nums > 0) /* else it is dropped, and that is a success */
    ok = find_retry_topic (&back) && find_message (&back) && choose_place (&back)
         && store_copy (&back);
  return ok ? rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL)
            : back.refusal;
}

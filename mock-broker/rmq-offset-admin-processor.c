/* SPDX-License-Identifier: Apache-2.0 */

/* What tools ask of queues and offsets besides: when a queue's messages were stored and how late a
 * group is (303), the least offset of all groups (308), a group's offsets for another (314), how
 * far delayed messages have come (45), and two cleanings (306, 316) for which a store in memory has
 * nothing to do. A part of AdminBrokerProcessor. On the broker's loop, owner only. */

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-java-exception.h"
#include "rmq-json-body-private.h"

#define PLACE "AdminBrokerProcessor.processRequest(AdminBrokerProcessor.java:201)"
#define NO_TIME (-1)

static gboolean
is_blank (const char *text)
{
  return text == NULL || text[strspn (text, " \t")] == '\0';
}

/* ---- 303 ----------------------------------------------------------------- */

static gint64
get_store_ms (const GPtrArray *queue, gint64 offset)
{
  if (queue == NULL || offset < 0 || offset >= queue->len)
    return NO_TIME;
  return ((const RmqStoredMessage *)g_ptr_array_index (queue, offset))->store_ms;
}

static void
put_time (RmqMockBroker *self, RmqJsonWriter *out, const char *name, gint64 ms)
{
  g_autofree char *number = g_strdup_printf ("\"%sTimeStamp\":", name);
  g_autofree char *text = g_strdup_printf (",\"%sTimeStampStr\":", name);
  gint64 offset_s = rmq_env_get_utc_offset_s (rmq_mock_server_get_env (self->server));
  gint64 s = ms >= 0 ? ms / 1000 : -1; /* no time is the last moment before 1970 */
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (s + offset_s);
  g_autofree char *day = g_date_time_format (at, "%Y-%m-%d#%H:%M:%S");
  g_autofree char *shown = g_strdup_printf ("%s:%03d", day, (gint)(ms - s * 1000));
  rmq_json_put_int_member (out, number, ms);
  rmq_json_put_member (out, text, shown);
}

static void
put_time_span (RmqMockBroker *self, const char *group, const char *topic, gint queue_id,
               RmqJsonWriter *out)
{
  const GPtrArray *queue = rmq_message_store_get_queue (&self->store, topic, queue_id);
  gint64 n = queue != NULL ? queue->len : 0;
  gint64 offset = rmq_consumer_offset_manager_get (&self->offsets, group, topic, queue_id);
  gint64 first_ms = get_store_ms (queue, 0);
  gint64 next_ms = get_store_ms (queue, offset);
  rmq_json_put (out, "{");
  put_time (self, out, "consume", offset > 0 ? get_store_ms (queue, offset - 1) : first_ms);
  rmq_json_put_int_member (
      out, ",\"delayTime\":", offset < n ? rmq_mock_broker_now_ms (self) - next_ms : 0);
  rmq_json_put (out, ",");
  put_time (self, out, "max", get_store_ms (queue, n - 1));
  rmq_json_put (out, ",\"messageQueue\":");
  rmq_admin_put_queue (self, topic, queue_id, out);
  rmq_json_put (out, ",");
  put_time (self, out, "min", first_ms);
  rmq_json_put (out, "}");
}

RmqRemotingCommand *
rmq_mock_broker_query_time_span (gpointer mock, RmqConnection *connection,
                                 RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  const char *group = rmq_remoting_command_get_ext (request, "group");
  if (topic == NULL)
    return rmq_java_throw_null (request, PLACE);
  const RmqTopicConfig *config = rmq_topic_config_manager_get (self->topics, topic);
  if (config == NULL)
    return rmq_admin_answer (request, RMQ_RESPONSE_TOPIC_NOT_EXIST, "topic[%s] not exist", topic);
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"consumeTimeSpanSet\":[");
  for (gint i = 0; i < config->write_queue_nums; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_time_span (self, group, topic, i, out);
    }
  rmq_json_put (out, "]}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

/* ---- 308 ----------------------------------------------------------------- */

/* The real one looks through a table that it takes these groups out of, and so forgets them. */
static void
forget_groups (RmqMockBroker *self, const char *names)
{
  g_auto (GStrv) groups = g_strsplit (is_blank (names) ? "" : names, ",", -1);
  for (char **group = groups; *group != NULL; group++)
    rmq_consumer_offset_manager_remove_group (&self->offsets, *group);
}

/* The queue's least offset; G_MAXINT64 where compare_group is behind all; -1: nobody reads it. */
static gint64
find_correction (RmqMockBroker *self, const char *topic, const char *compare_group, gint queue_id)
{
  gint64 least = -1;
  for (guint i = 0; i < self->offsets.entries->len; i++)
    {
      const RmqConsumerOffsets *entry = g_ptr_array_index (self->offsets.entries, i);
      gint64 offset =
          rmq_consumer_offset_manager_get (&self->offsets, entry->group, topic, queue_id);
      if (g_str_equal (entry->topic, topic) && offset >= 0 && (least < 0 || offset < least))
        least = offset;
    }
  gint64 compared =
      rmq_consumer_offset_manager_get (&self->offsets, compare_group, topic, queue_id);
  return compared >= 0 && least > compared ? G_MAXINT64 : least;
}

RmqRemotingCommand *
rmq_mock_broker_query_correction (gpointer mock, RmqConnection *connection,
                                  RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  const char *compare_group = rmq_remoting_command_get_ext (request, "compareGroup");
  forget_groups (self, rmq_remoting_command_get_ext (request, "filterGroups"));
  if (topic == NULL && self->offsets.entries->len > 0)
    return rmq_java_throw_null (request, PLACE);
  const RmqTopicConfig *config =
      topic != NULL ? rmq_topic_config_manager_get (self->topics, topic) : NULL;
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  rmq_json_body_begin (out);
  rmq_json_put (out, "{\"correctionOffsets\":{");
  for (gint i = 0; config != NULL && i < config->read_queue_nums; i++)
    {
      gint64 offset = find_correction (self, topic, compare_group, i);
      if (offset < 0)
        continue;
      rmq_json_put_int_member (out, comma, i);
      rmq_json_put_int_member (out, ":", offset);
      comma = ",";
    }
  rmq_json_put (out, "}}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

/* ---- 314 ----------------------------------------------------------------- */

static gboolean
is_unsubscribed (RmqMockBroker *self, const char *group, const char *topic)
{
  const RmqConsumerGroupInfo *info = rmq_consumer_manager_get (&self->consumers, group);
  return info != NULL && info->subscriptions->len > 0
         && rmq_consumer_manager_find (&self->consumers, group, topic) == NULL;
}

/* Without a topic the real one goes through all of the group's, and copies none of them. */
RmqRemotingCommand *
rmq_mock_broker_clone_offsets (gpointer mock, RmqConnection *connection,
                               RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *from = rmq_remoting_command_get_ext (request, "srcGroup");
  const char *to = rmq_remoting_command_get_ext (request, "destGroup");
  const char *topic = rmq_remoting_command_get_ext (request, "topic");
  const char *offline = rmq_remoting_command_get_ext (request, "offline");
  gboolean is_offline = offline != NULL && g_ascii_strcasecmp (offline, "true") == 0;
  if (from == NULL)
    return rmq_java_throw_null (request, PLACE);
  if (!is_blank (topic) && rmq_topic_config_manager_get (self->topics, topic) != NULL
      && (is_offline || !is_unsubscribed (self, from, topic)))
    rmq_consumer_offset_manager_clone (&self->offsets, from, to, topic);
  return rmq_admin_answer (request, RMQ_RESPONSE_SUCCESS, NULL);
}

/* ---- 45, 306, 316 -------------------------------------------------------- */

RmqRemotingCommand *
rmq_mock_broker_get_all_delay_offset (gpointer mock, RmqConnection *connection,
                                      RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  gboolean modern = self->profile->consumer->modern_groups;
  g_autoptr (GBytes) body =
      rmq_schedule_encode_offsets (&self->schedule, modern ? self->boot_ms : 0);
  return rmq_admin_answer_body (request, body);
}

RmqRemotingCommand *
rmq_mock_broker_clean (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  return rmq_admin_answer (request, RMQ_RESPONSE_SUCCESS, NULL);
}

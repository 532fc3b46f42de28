/* SPDX-License-Identifier: Apache-2.0 */

/* What a group, a topic and a message must look like before anything is sent. Pure; any thread.
 * Mirrors org.apache.rocketmq.client.Validators. */

#include "rmq-validators.h"

#include <string.h>

#include "rmq-codes-private.h"

#define DEFAULT_PRODUCER_GROUP "DEFAULT_PRODUCER"

typedef enum
{
  LIMIT_TOPIC,
  LIMIT_GROUP,
} Limit;

/* TopicValidator#NOT_ALLOWED_SEND_TOPIC_SET */
static const char *const not_allowed_topics[] = {
  "SCHEDULE_TOPIC_XXXX",        "RMQ_SYS_TRANS_HALF_TOPIC", "RMQ_SYS_TRANS_OP_HALF_TOPIC",
  "TRANS_CHECK_MAX_TIME_TOPIC", "SELF_TEST_TOPIC",          "OFFSET_MOVED_EVENT",
};

static gboolean refuse (GError **error, RmqClientError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, RmqClientError code, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autoptr (GError) made = g_error_new_valist (RMQ_CLIENT_ERROR, code, format, args);
  va_end (args);
  g_propagate_error (error, g_steal_pointer (&made));
  return FALSE;
}

static gboolean
is_allowed (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("%|-_", c) != NULL);
}

static gboolean
check_name (const RmqProfile *profile, const char *what, const char *name, Limit limit,
            GError **error)
{
  if (name == NULL || name[strspn (name, " \t\r\n")] == '\0')
    return refuse (error, RMQ_CLIENT_ERROR_STATE, "the %s is blank", what);
  glong length = g_utf8_validate (name, -1, NULL) ? g_utf8_strlen (name, -1) : (glong)strlen (name);
  gint max = rmq_profile_get_number (profile, RMQ_ROW_NAME_LIMITS, limit);
  if (length > max)
    return refuse (error, RMQ_CLIENT_ERROR_STATE, "the %s is %ld characters long, allowed are %d",
                   what, length, max);
  for (const char *c = name; *c != '\0'; c++)
    if (!is_allowed (*c))
      return refuse (error, RMQ_CLIENT_ERROR_STATE,
                     "the %s '%s' has a character at position %d that is none of "
                     "letters, digits, %%, |, - and _",
                     what, name, (int)(c - name) + 1);
  return TRUE;
}

gboolean
rmq_validate_group (const RmqProfile *profile, const char *group, GError **error)
{
  if (!check_name (profile, "producer group", group, LIMIT_GROUP, error))
    return FALSE;
  if (strcmp (group, DEFAULT_PRODUCER_GROUP) == 0)
    return refuse (error, RMQ_CLIENT_ERROR_STATE,
                   "the producer group must not be " DEFAULT_PRODUCER_GROUP
                   "; choose one of your own");
  return TRUE;
}

static gboolean
is_not_allowed (const char *topic)
{
  for (guint i = 0; i < G_N_ELEMENTS (not_allowed_topics); i++)
    if (topic[0] == not_allowed_topics[i][0] && strcmp (not_allowed_topics[i], topic) == 0)
      return TRUE;
  return FALSE;
}

gboolean
rmq_validate_topic (const RmqProfile *profile, const char *topic, GError **error)
{
  if (!check_name (profile, "topic", topic, LIMIT_TOPIC, error))
    return FALSE;
  const RmqWireForm *form = rmq_profile_get_wire_form (profile);
  if ((form->refuses_template_topic && strcmp (topic, RMQ_TBW102) == 0)
      || (form->refuses_system_topics && is_not_allowed (topic)))
    return refuse (error, RMQ_CLIENT_ERROR_STATE,
                   "the topic %s belongs to the system; "
                   "sending to it is forbidden",
                   topic);
  return TRUE;
}

static gboolean
validate_members (const RmqProfile *profile, RmqMessage *batch, gsize max_body_size_bytes,
                  GError **error)
{
  const guint n = rmq_message_get_n_members (batch);
  for (guint i = 0; i < n; i++)
    if (!rmq_validate_message (profile, rmq_message_get_member (batch, i), max_body_size_bytes,
                               error))
      {
        g_prefix_error (error, "message %u of %u: ", i + 1, n);
        return FALSE;
      }
  return TRUE;
}

gboolean
rmq_validate_message (const RmqProfile *profile, RmqMessage *message, gsize max_body_size_bytes,
                      GError **error)
{
  if (message == NULL)
    return refuse (error, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, "there is no message");
  if (rmq_message_get_n_members (message) > 0)
    return validate_members (profile, message, max_body_size_bytes, error);
  const char *topic = rmq_message_get_topic (message);
  if (!rmq_validate_topic (profile, topic, error))
    return FALSE;
  GBytes *body = rmq_message_get_body (message);
  if (body == NULL)
    return refuse (error, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, "the message to %s has no body", topic);
  gsize size = g_bytes_get_size (body);
  if (size == 0)
    return refuse (error, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, "the message to %s has an empty body",
                   topic);
  if (size > max_body_size_bytes)
    return refuse (error, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE,
                   "the body of the message to %s has %" G_GSIZE_FORMAT
                   " bytes, allowed are %" G_GSIZE_FORMAT,
                   topic, size, max_body_size_bytes);
  return TRUE;
}

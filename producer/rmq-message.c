/* SPDX-License-Identifier: Apache-2.0 */

/* RmqMessage: topic, body and properties of one message. Changed by its owner before it is sent,
 * only read afterwards. Mirrors org.apache.rocketmq.common.message.Message; the reserved names are
 * those of MessageConst. */

#include "rmq-message-private.h"

#include <string.h>

struct _RmqMessage
{
  char *topic;
  GBytes *body; /* (nullable): refused when it is sent, unless it is a batch */
  gint flag;
  RmqProperties *properties;
  GPtrArray *members; /* (nullable): of RmqMessage; a batch */
};

G_DEFINE_BOXED_TYPE (RmqMessage, rmq_message, rmq_message_ref, rmq_message_unref)

static const char *const reserved_names[] = {
  "KEYS",
  "TAGS",
  "WAIT",
  "DELAY",
  "UNIQ_KEY",
  "INSTANCE_ID",
  "TRAN_MSG",
  "PGROUP",
  "TRANSACTION_CHECK_TIMES",
  "RETRY_TOPIC",
  "REAL_TOPIC",
  "REAL_QID",
  "BUYER_ID",
  "MIN_OFFSET",
  "MAX_OFFSET",
  "MSG_REGION",
  "TRACE_ON",
  "RECONSUME_TIME",
  "MQ2_FLAG",
  "TRANSFER_FLAG",
  "MAX_RECONSUME_TIMES",
  "CORRELATION_ID",
  "CORRECTION_FLAG",
  "REPLY_TO_CLIENT",
  "TTL",
  "ARRIVE_TIME",
  "PUSH_REPLY_TIME",
  "CLUSTER",
  "MSG_TYPE",
  "ORIGIN_MESSAGE_ID",
  "INNER_MULTI_QUEUE_OFFSET",
  "CONSUME_START_TIME",
  "TRAN_PREPARED_QUEUE_OFFSET",
};

RmqMessage *
rmq_message_new (const char *topic, GBytes *body)
{
  g_return_val_if_fail (topic != NULL, NULL);
  RmqMessage *message = g_atomic_rc_box_new0 (RmqMessage);
  message->topic = g_strdup (topic);
  message->body = body != NULL ? g_bytes_ref (body) : NULL;
  message->properties = rmq_properties_new ();
  rmq_properties_set (message->properties, RMQ_PROPERTY_WAIT, "true");
  return message;
}

static void
set_or_remove (RmqMessage *message, const char *name, const char *value)
{
  if (value != NULL && value[0] != '\0')
    rmq_properties_set (message->properties, name, value);
  else
    rmq_properties_remove (message->properties, name);
}

/* NULL: it may be a member of first's batch. */
static const char *
why_no_member (RmqMessage *message, RmqMessage *first)
{
  if (message->members != NULL)
    return "is a batch itself";
  if (strcmp (message->topic, first->topic) != 0)
    return "is of another topic than the first";
  if (g_str_has_prefix (message->topic, RMQ_RETRY_PREFIX))
    return "is of a retry topic";
  if (rmq_properties_get (message->properties, RMQ_PROPERTY_DELAY) != NULL)
    return "is delayed";
  if (g_strcmp0 (rmq_properties_get (message->properties, RMQ_PROPERTY_WAIT),
                 rmq_properties_get (first->properties, RMQ_PROPERTY_WAIT))
      != 0)
    return "has another WAIT than the first";
  return NULL;
}

RmqMessage *
rmq_message_new_batch (RmqMessage *const *messages, guint n_messages, GError **error)
{
  if (n_messages == 0)
    {
      g_set_error_literal (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE,
                           "a batch needs at least one message");
      return NULL;
    }
  for (guint i = 0; i < n_messages; i++)
    {
      const char *why = why_no_member (messages[i], messages[0]);
      if (why == NULL)
        continue;
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE,
                   "message %u of %u can't be in a batch: it %s", i + 1, n_messages, why);
      return NULL;
    }
  RmqMessage *batch = rmq_message_new (messages[0]->topic, NULL);
  set_or_remove (batch, RMQ_PROPERTY_WAIT,
                 rmq_message_get_property (messages[0], RMQ_PROPERTY_WAIT));
  batch->members = g_ptr_array_new_full (n_messages, (GDestroyNotify)rmq_message_unref);
  for (guint i = 0; i < n_messages; i++)
    g_ptr_array_add (batch->members, rmq_message_ref (messages[i]));
  return batch;
}

guint
rmq_message_get_n_members (RmqMessage *message)
{
  g_return_val_if_fail (message != NULL, 0);
  return message->members != NULL ? message->members->len : 0;
}

RmqMessage *
rmq_message_get_member (RmqMessage *message, guint index)
{
  g_return_val_if_fail (index < rmq_message_get_n_members (message), NULL);
  return g_ptr_array_index (message->members, index);
}

RmqMessage *
rmq_message_ref (RmqMessage *message)
{
  g_return_val_if_fail (message != NULL, NULL);
  return g_atomic_rc_box_acquire (message);
}

static void
message_clear (gpointer data)
{
  RmqMessage *message = data;
  g_free (message->topic);
  g_clear_pointer (&message->body, g_bytes_unref);
  rmq_properties_free (message->properties);
  g_clear_pointer (&message->members, g_ptr_array_unref);
}

void
rmq_message_unref (RmqMessage *message)
{
  if (message != NULL)
    g_atomic_rc_box_release_full (message, message_clear);
}

const char *
rmq_message_get_topic (RmqMessage *message)
{
  g_return_val_if_fail (message != NULL, NULL);
  return message->topic;
}

GBytes *
rmq_message_get_body (RmqMessage *message)
{
  g_return_val_if_fail (message != NULL, NULL);
  return message->body;
}

void
rmq_message_set_tags (RmqMessage *message, const char *tags)
{
  g_return_if_fail (message != NULL);
  set_or_remove (message, RMQ_PROPERTY_TAGS, tags);
}

const char *
rmq_message_get_tags (RmqMessage *message)
{
  return rmq_message_get_property (message, RMQ_PROPERTY_TAGS);
}

void
rmq_message_set_keys (RmqMessage *message, const char *keys)
{
  g_return_if_fail (message != NULL);
  set_or_remove (message, RMQ_PROPERTY_KEYS, keys);
}

const char *
rmq_message_get_keys (RmqMessage *message)
{
  return rmq_message_get_property (message, RMQ_PROPERTY_KEYS);
}

void
rmq_message_set_flag (RmqMessage *message, gint flag)
{
  g_return_if_fail (message != NULL);
  message->flag = flag;
}

gint
rmq_message_get_flag (RmqMessage *message)
{
  g_return_val_if_fail (message != NULL, 0);
  return message->flag;
}

void
rmq_message_set_wait_store_msg_ok (RmqMessage *message, gboolean wait)
{
  g_return_if_fail (message != NULL);
  rmq_properties_set (message->properties, RMQ_PROPERTY_WAIT, wait ? "true" : "false");
}

static gboolean
is_reserved (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (reserved_names); i++)
    if (strcmp (reserved_names[i], name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_blank (const char *text)
{
  return text == NULL || text[strspn (text, " \t\r\n")] == '\0';
}

gboolean
rmq_message_put_user_property (RmqMessage *message, const char *name, const char *value,
                               GError **error)
{
  g_return_val_if_fail (message != NULL, FALSE);
  const char *what = NULL;
  if (is_blank (name) || is_blank (value))
    what = "name and value of a property must not be blank";
  else if (is_reserved (name))
    what = "the name is reserved; use the setter made for it, or another name";
  else if (strpbrk (name, "\001\002") != NULL || strpbrk (value, "\001\002") != NULL)
    what = "name and value must not contain the characters U+0001 and U+0002";
  if (what != NULL)
    {
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, "property '%s': %s",
                   name != NULL ? name : "", what);
      return FALSE;
    }
  rmq_properties_set (message->properties, name, value);
  return TRUE;
}

const char *
rmq_message_get_property (RmqMessage *message, const char *name)
{
  g_return_val_if_fail (message != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  return rmq_properties_get (message->properties, name);
}

const char *
rmq_message_get_msg_id (RmqMessage *message)
{
  return rmq_message_get_property (message, RMQ_PROPERTY_UNIQ_KEY);
}

const RmqProperties *
rmq_message_get_properties (RmqMessage *message)
{
  return message->properties;
}

void
rmq_message_set_uniq_key (RmqMessage *message, const char *uniq_key)
{
  g_assert (rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY) == NULL);
  rmq_properties_set (message->properties, RMQ_PROPERTY_UNIQ_KEY, uniq_key);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* SubscriptionData and ConsumerData in JSON. Pure. Clients write the three enums as names or as
 * numbers; as in Java's reader a name counts in any case, and one that nobody knows is null.
 */

#include "rmq-subscription-data.h"

#include "rmq-json-body-private.h"
#include "rmq-wire-text.h"

#define CODES_MAX 65535 /* tags of one subscription */

/* ---- memory -------------------------------------------------------------- */

void
rmq_subscription_data_free (RmqSubscriptionData *self)
{
  if (self == NULL)
    return;
  g_free (self->topic);
  g_free (self->sub_string);
  g_free (self->expression_type);
  g_strfreev (self->tags_set);
  g_clear_pointer (&self->code_set, g_array_unref);
  g_free (self);
}

RmqSubscriptionData *
rmq_subscription_data_copy (const RmqSubscriptionData *data)
{
  RmqSubscriptionData *self = g_new0 (RmqSubscriptionData, 1);
  self->topic = g_strdup (data->topic);
  self->sub_string = g_strdup (data->sub_string);
  self->expression_type = g_strdup (data->expression_type);
  self->tags_set = g_strdupv (data->tags_set);
  self->code_set = data->code_set != NULL ? g_array_copy (data->code_set) : NULL;
  self->sub_version = data->sub_version;
  self->class_filter_mode = data->class_filter_mode;
  return self;
}

static void
consumer_data_free (gpointer data)
{
  RmqConsumerData *self = data;
  g_free (self->group_name);
  g_ptr_array_unref (self->subscriptions);
  g_free (self);
}

/* ---- enums --------------------------------------------------------------- */

static const char *const consume_types[] = { "CONSUME_ACTIVELY", "CONSUME_PASSIVELY",
                                             "CONSUME_POP" };
static const char *const message_models[] = { "BROADCASTING", "CLUSTERING" };
static const char *const places[] = {
  "CONSUME_FROM_LAST_OFFSET",  "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
  "CONSUME_FROM_MIN_OFFSET",   "CONSUME_FROM_MAX_OFFSET",
  "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP",
};

static const char *
read_enum (RmqJsonReader *reader, const char *const *names, guint n_names)
{
  const char *text = rmq_json_reader_text (reader);
  gint64 ordinal;
  if (text == NULL)
    return NULL;
  if (rmq_decimal_parse (text, 0, (gint64)n_names - 1, &ordinal))
    return names[ordinal];
  for (guint i = 0; i < n_names; i++)
    if (g_ascii_strcasecmp (names[i], text) == 0)
      return names[i];
  return NULL;
}

/* ---- reading ------------------------------------------------------------- */

#define TEXT_READER(function, type, member)                                                        \
  static void function (RmqJsonReader *reader, gpointer object)                                    \
  {                                                                                                \
    rmq_json_read_string (reader, &((type *)object)->member);                                      \
  }

TEXT_READER (read_topic, RmqSubscriptionData, topic)
TEXT_READER (read_sub_string, RmqSubscriptionData, sub_string)
TEXT_READER (read_expression_type, RmqSubscriptionData, expression_type)
TEXT_READER (read_group_name, RmqConsumerData, group_name)

static void
read_sub_version (RmqJsonReader *reader, gpointer object)
{
  rmq_json_reader_integer (reader, G_MININT64, G_MAXINT64,
                           &((RmqSubscriptionData *)object)->sub_version);
}

static void
read_class_filter_mode (RmqJsonReader *reader, gpointer object)
{
  ((RmqSubscriptionData *)object)->class_filter_mode = rmq_json_reader_boolean (reader);
}

static void
read_tags_set (RmqJsonReader *reader, gpointer object)
{
  RmqSubscriptionData *data = object;
  g_strfreev (data->tags_set);
  data->tags_set = rmq_json_read_strv (reader);
}

static void
read_code_set (RmqJsonReader *reader, gpointer object)
{
  RmqSubscriptionData *data = object;
  g_clear_pointer (&data->code_set, g_array_unref);
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  data->code_set = g_array_new (FALSE, FALSE, sizeof (gint32));
  while (data->code_set->len < CODES_MAX && rmq_json_reader_next_element (reader))
    {
      gint32 code = rmq_json_read_int (reader);
      g_array_append_val (data->code_set, code);
    }
}

static const RmqJsonMember subscription_members[] = {
  { "classFilterMode", read_class_filter_mode },
  { "codeSet", read_code_set },
  { "expressionType", read_expression_type },
  { "subString", read_sub_string },
  { "subVersion", read_sub_version },
  { "tagsSet", read_tags_set },
  { "topic", read_topic },
};

/* As Java's class begins: a type, no sets are null. */
static RmqSubscriptionData *
read_subscription (RmqJsonReader *reader)
{
  RmqSubscriptionData *data = g_new0 (RmqSubscriptionData, 1);
  data->expression_type = g_strdup ("TAG");
  data->tags_set = g_new0 (char *, 1);
  data->code_set = g_array_new (FALSE, FALSE, sizeof (gint32));
  rmq_json_read_object (reader, subscription_members, G_N_ELEMENTS (subscription_members), data);
  return data;
}

static void
read_subscriptions (RmqJsonReader *reader, gpointer object)
{
  RmqConsumerData *consumer = object;
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  while (rmq_json_reader_next_element (reader))
    g_ptr_array_add (consumer->subscriptions, read_subscription (reader));
}

static void
read_consume_type (RmqJsonReader *reader, gpointer object)
{
  ((RmqConsumerData *)object)->consume_type =
      read_enum (reader, consume_types, G_N_ELEMENTS (consume_types));
}

static void
read_message_model (RmqJsonReader *reader, gpointer object)
{
  ((RmqConsumerData *)object)->message_model =
      read_enum (reader, message_models, G_N_ELEMENTS (message_models));
}

static void
read_consume_from_where (RmqJsonReader *reader, gpointer object)
{
  ((RmqConsumerData *)object)->consume_from_where =
      read_enum (reader, places, G_N_ELEMENTS (places));
}

static void
read_unit_mode (RmqJsonReader *reader, gpointer object)
{
  ((RmqConsumerData *)object)->unit_mode = rmq_json_reader_boolean (reader);
}

static const RmqJsonMember consumer_members[] = {
  { "consumeFromWhere", read_consume_from_where },
  { "consumeType", read_consume_type },
  { "groupName", read_group_name },
  { "messageModel", read_message_model },
  { "subscriptionDataSet", read_subscriptions },
  { "unitMode", read_unit_mode },
};

static void
read_consumers (RmqJsonReader *reader, GPtrArray *consumers)
{
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  while (rmq_json_reader_next_element (reader))
    {
      RmqConsumerData *consumer = g_new0 (RmqConsumerData, 1);
      consumer->subscriptions =
          g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_subscription_data_free);
      rmq_json_read_object (reader, consumer_members, G_N_ELEMENTS (consumer_members), consumer);
      g_ptr_array_add (consumers, consumer);
    }
}

GPtrArray *
rmq_consumer_data_set_decode (const char *json, GError **error)
{
  g_auto (RmqJsonBody) body;
  g_autoptr (GPtrArray) consumers = g_ptr_array_new_with_free_func (consumer_data_free);
  const char *text = json != NULL ? json : "[]";
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  rmq_json_body_init (&body, bytes);
  read_consumers (&body.reader, consumers);
  if (!rmq_json_reader_finish (&body.reader, "heartbeat, consumerDataSet", error))
    return NULL;
  return g_steal_pointer (&consumers);
}

static void
read_checked (RmqJsonReader *reader, gpointer object)
{
  RmqSubscriptionData **subscription = object;
  rmq_subscription_data_free (*subscription);
  *subscription = read_subscription (reader);
}

gboolean
rmq_check_client_body_decode (GBytes *bytes, RmqSubscriptionData **subscription, GError **error)
{
  static const RmqJsonMember members[] = { { "subscriptionData", read_checked } };
  g_auto (RmqJsonBody) body;
  g_autoptr (RmqSubscriptionData) checked = NULL;
  rmq_json_body_init (&body, bytes);
  rmq_json_read_object (&body.reader, members, G_N_ELEMENTS (members), &checked);
  if (!rmq_json_reader_finish (&body.reader, "client configuration", error))
    return FALSE;
  *subscription = g_steal_pointer (&checked);
  return TRUE;
}

/* ---- writing ------------------------------------------------------------- */

static void
put_text (RmqJsonWriter *out, const char *literal, const char *text)
{
  if (text != NULL)
    rmq_json_put_member (out, literal, text);
}

static void
put_codes (RmqJsonWriter *out, const GArray *codes)
{
  rmq_json_put (out, ",\"codeSet\":[");
  for (guint i = 0; i < codes->len; i++)
    rmq_json_put_int_member (out, i > 0 ? "," : "", g_array_index (codes, gint32, i));
  rmq_json_put (out, "]");
}

void
rmq_subscription_data_write (const RmqSubscriptionData *self, RmqJsonWriter *out)
{
  rmq_json_put (out, "{\"classFilterMode\":");
  rmq_json_put (out, self->class_filter_mode ? "true" : "false");
  if (self->code_set != NULL)
    put_codes (out, self->code_set);
  put_text (out, ",\"expressionType\":", self->expression_type);
  put_text (out, ",\"subString\":", self->sub_string);
  rmq_json_put_int_member (out, ",\"subVersion\":", self->sub_version);
  if (self->tags_set != NULL)
    {
      rmq_json_put (out, ",\"tagsSet\":");
      rmq_json_put_strv (out, self->tags_set);
    }
  put_text (out, ",\"topic\":", self->topic);
  rmq_json_put (out, "}");
}

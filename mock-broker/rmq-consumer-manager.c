/* SPDX-License-Identifier: Apache-2.0 */

/* How consumer groups read, from their members' heartbeats: the latest one counts for the whole
 * group, a topic's subscription by its version. On the broker's loop, owner only; it tells nobody.
 */

#include "rmq-consumer-manager.h"

static void
info_free (gpointer data)
{
  RmqConsumerGroupInfo *info = data;
  g_ptr_array_unref (info->subscriptions);
  g_free (info->group);
  g_free (info);
}

void
rmq_consumer_manager_init (RmqConsumerManager *self)
{
  self->groups = g_ptr_array_new_with_free_func (info_free);
}

void
rmq_consumer_manager_clear (RmqConsumerManager *self)
{
  g_clear_pointer (&self->groups, g_ptr_array_unref);
}

static RmqConsumerGroupInfo *
find_group (const RmqConsumerManager *self, const char *group)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      RmqConsumerGroupInfo *info = g_ptr_array_index (self->groups, i);
      if (g_str_equal (info->group, group))
        return info;
    }
  return NULL;
}

const RmqConsumerGroupInfo *
rmq_consumer_manager_get (const RmqConsumerManager *self, const char *group)
{
  return find_group (self, group);
}

static guint
find_topic (GPtrArray *subscriptions, const char *topic)
{
  for (guint i = 0; i < subscriptions->len; i++)
    {
      const RmqSubscriptionData *data = g_ptr_array_index (subscriptions, i);
      if (g_strcmp0 (data->topic, topic) == 0)
        return i;
    }
  return G_MAXUINT;
}

const RmqSubscriptionData *
rmq_consumer_manager_find (const RmqConsumerManager *self, const char *group, const char *topic)
{
  const RmqConsumerGroupInfo *info = find_group (self, group);
  guint index = info != NULL ? find_topic (info->subscriptions, topic) : G_MAXUINT;
  return index != G_MAXUINT ? g_ptr_array_index (info->subscriptions, index) : NULL;
}

/* ---- heartbeats ---------------------------------------------------------- */

static RmqConsumerGroupInfo *
ensure_group (RmqConsumerManager *self, const char *group)
{
  RmqConsumerGroupInfo *info = find_group (self, group);
  if (info != NULL)
    return info;
  info = g_new0 (RmqConsumerGroupInfo, 1);
  info->group = g_strdup (group);
  info->subscriptions = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_subscription_data_free);
  g_ptr_array_add (self->groups, info);
  return info;
}

/* TRUE: the topic is new. */
static gboolean
take_subscription (RmqConsumerGroupInfo *info, const RmqSubscriptionData *data)
{
  guint index = find_topic (info->subscriptions, data->topic);
  if (index == G_MAXUINT)
    {
      g_ptr_array_add (info->subscriptions, rmq_subscription_data_copy (data));
      return TRUE;
    }
  RmqSubscriptionData *there = g_ptr_array_index (info->subscriptions, index);
  if (data->sub_version > there->sub_version)
    {
      info->subscriptions->pdata[index] = rmq_subscription_data_copy (data);
      rmq_subscription_data_free (there);
    }
  return FALSE;
}

static gboolean
drop_other_topics (RmqConsumerGroupInfo *info, GPtrArray *subscriptions)
{
  guint n_before = info->subscriptions->len;
  for (guint i = n_before; i > 0; i--)
    {
      const RmqSubscriptionData *data = g_ptr_array_index (info->subscriptions, i - 1);
      if (find_topic (subscriptions, data->topic) == G_MAXUINT)
        g_ptr_array_remove_index (info->subscriptions, i - 1);
    }
  return info->subscriptions->len < n_before;
}

gboolean
rmq_consumer_manager_update (RmqConsumerManager *self, const RmqConsumerData *data)
{
  RmqConsumerGroupInfo *info = ensure_group (self, data->group_name);
  gboolean changed = FALSE;
  info->consume_type = data->consume_type;
  info->message_model = data->message_model;
  info->consume_from_where = data->consume_from_where;
  for (guint i = 0; i < data->subscriptions->len; i++)
    changed |= take_subscription (info, g_ptr_array_index (data->subscriptions, i));
  return drop_other_topics (info, data->subscriptions) || changed;
}

void
rmq_consumer_manager_remove (RmqConsumerManager *self, const char *group)
{
  RmqConsumerGroupInfo *info = find_group (self, group);
  if (info != NULL)
    g_ptr_array_remove (self->groups, info);
}

gboolean
rmq_consumer_group_info_is_broadcast (const RmqConsumerGroupInfo *info)
{
  return g_strcmp0 (info->message_model, "BROADCASTING") == 0;
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "consumerGroup", RMQ_CELL_TEXT, NULL, "name of the group", "consumerTable key" },
  { "consumeType", RMQ_CELL_TEXT, NULL, "CONSUME_PASSIVELY: messages are pushed to a listener",
    "ConsumerGroupInfo#consumeType" },
  { "messageModel", RMQ_CELL_TEXT, NULL,
    "CLUSTERING: members share the messages; BROADCASTING: each gets all",
    "ConsumerGroupInfo#messageModel" },
  { "consumeFromWhere", RMQ_CELL_TEXT, NULL, "where a group without an offset begins",
    "ConsumerGroupInfo#consumeFromWhere" },
  { "topic", RMQ_CELL_TEXT, NULL, "a topic it reads", "subscriptionTable key" },
  { "subString", RMQ_CELL_TEXT, NULL, "which messages of it: tags, or *",
    "SubscriptionData#subString" },
  { "subVersion", RMQ_CELL_INT, NULL, "the newer one counts", "SubscriptionData#subVersion" },
};
static const RmqTableSchema schema = {
  "consumerTable",
  "Subscriptions at a broker",
  "What each consumer group with a member reads, a row a topic, as its latest heartbeat says.",
  "ConsumerManager#consumerTable",
  columns,
  G_N_ELEMENTS (columns),
};

static void
fill_row (const RmqConsumerGroupInfo *info, const RmqSubscriptionData *data, RmqTable *table)
{
  rmq_table_begin_row (table);
  rmq_table_add_text (table, info->group);
  rmq_table_add_text (table, info->consume_type);
  rmq_table_add_text (table, info->message_model);
  rmq_table_add_text (table, info->consume_from_where);
  rmq_table_add_text (table, data->topic);
  rmq_table_add_text (table, data->sub_string);
  rmq_table_add_number (table, data->sub_version);
}

void
rmq_consumer_manager_fill_snapshot (const RmqConsumerManager *self, const char *owner,
                                    RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->groups->len; i++)
    {
      const RmqConsumerGroupInfo *info = g_ptr_array_index (self->groups, i);
      for (guint k = 0; k < info->subscriptions->len; k++)
        fill_row (info, g_ptr_array_index (info->subscriptions, k), table);
    }
}

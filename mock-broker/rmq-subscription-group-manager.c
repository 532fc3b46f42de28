/* SPDX-License-Identifier: Apache-2.0 */

/* Consumer groups as an operator configures them, or as they come into being by themselves. One
 * table of a group's members: reading, writing and the view use its rows. On the broker's loop,
 * owner only; who may create a group is its caller's question. */

#include "rmq-subscription-group-manager.h"

#include "rmq-json-body-private.h"

typedef RmqSubscriptionGroupConfig Config;

typedef struct
{
  const char *name;
  gboolean is_flag; /* gboolean; else gint64 */
  gboolean is_modern;
  gsize offset;
  gint64 value; /* the default */
} Member;

#define FLAG(name, modern, member, value)                                                          \
  {                                                                                                \
    name, TRUE, modern, G_STRUCT_OFFSET (Config, member), value                                    \
  }
#define NUMBER(name, modern, member, value)                                                        \
  {                                                                                                \
    name, FALSE, modern, G_STRUCT_OFFSET (Config, member), value                                   \
  }

/* By name, as fastjson writes them; the group's name is the only text. */
static const Member members[] = {
  NUMBER ("brokerId", FALSE, broker_id, 0),
  FLAG ("consumeBroadcastEnable", FALSE, consume_broadcast_enable, TRUE),
  FLAG ("consumeEnable", FALSE, consume_enable, TRUE),
  FLAG ("consumeFromMinEnable", FALSE, consume_from_min_enable, TRUE),
  FLAG ("consumeMessageOrderly", TRUE, consume_message_orderly, FALSE),
  NUMBER ("consumeTimeoutMinute", TRUE, consume_timeout_minute, 15),
  NUMBER ("groupSysFlag", TRUE, group_sys_flag, 0),
  FLAG ("notifyConsumerIdsChangedEnable", FALSE, notify_consumer_ids_changed_enable, TRUE),
  NUMBER ("retryMaxTimes", FALSE, retry_max_times, 16),
  NUMBER ("retryQueueNums", FALSE, retry_queue_nums, 1),
  NUMBER ("whichBrokerWhenConsumeSlowly", FALSE, which_broker_when_consume_slowly, 1),
};

static const char *const presets[] = {
  "TOOLS_CONSUMER",     "FILTERSRV_CONSUMER", "SELF_TEST_C_GROUP",
  "CID_ONS-HTTP-PROXY", "CID_ONSAPI_PULL",    "CID_ONSAPI_PERMISSION",
  "CID_ONSAPI_OWNER",   "CID_RMQ_SYS_TRANS", /* the last one: 5.3 only */
};

static void
set_member (Config *config, const Member *member, gint64 value)
{
  gpointer at = G_STRUCT_MEMBER_P (config, member->offset);
  if (member->is_flag)
    *(gboolean *)at = value != 0;
  else
    *(gint64 *)at = value;
}

static gint64
get_member (const Config *config, const Member *member)
{
  gconstpointer at = G_STRUCT_MEMBER_P (config, member->offset);
  return member->is_flag ? *(const gboolean *)at : *(const gint64 *)at;
}

void
rmq_subscription_group_config_init (RmqSubscriptionGroupConfig *config, const char *group)
{
  *config = (Config){ .group_name = g_strdup (group) };
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    set_member (config, &members[i], members[i].value);
}

void
rmq_subscription_group_config_clear (RmqSubscriptionGroupConfig *config)
{
  g_clear_pointer (&config->group_name, g_free);
}

static void
config_free (gpointer data)
{
  rmq_subscription_group_config_clear (data);
  g_free (data);
}

/* ---- body of 200 --------------------------------------------------------- */

static void
read_member (RmqJsonReader *reader, Config *config, const char *name)
{
  if (g_str_equal (name, "groupName"))
    {
      rmq_json_read_string (reader, &config->group_name);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (g_str_equal (members[i].name, name))
      {
        gint64 value = get_member (config, &members[i]);
        if (members[i].is_flag)
          value = rmq_json_reader_boolean (reader);
        else
          rmq_json_reader_integer (reader, G_MININT64, G_MAXINT64, &value);
        set_member (config, &members[i], value);
        return;
      }
  rmq_json_reader_skip (reader);
}

gboolean
rmq_subscription_group_config_decode (GBytes *json, RmqSubscriptionGroupConfig *config,
                                      GError **error)
{
  g_auto (RmqJsonBody) body;
  const char *name;
  rmq_subscription_group_config_init (config, NULL);
  rmq_json_body_init (&body, json);
  if (rmq_json_read_enter (&body.reader, RMQ_JSON_OBJECT))
    while (rmq_json_reader_next_member (&body.reader, &name))
      read_member (&body.reader, config, name);
  return rmq_json_reader_finish (&body.reader, "subscription group", error);
}

/* ---- the table ----------------------------------------------------------- */

static guint
count_presets (const RmqSubscriptionGroupManager *self)
{
  return G_N_ELEMENTS (presets) - (self->modern ? 0 : 1);
}

static void
add_presets (RmqSubscriptionGroupManager *self)
{
  for (guint i = 0; i < count_presets (self); i++)
    {
      Config *config = g_new (Config, 1);
      rmq_subscription_group_config_init (config, presets[i]);
      g_ptr_array_add (self->groups, config);
    }
}

void
rmq_subscription_group_manager_init (RmqSubscriptionGroupManager *self, gboolean modern)
{
  *self = (RmqSubscriptionGroupManager){
    .groups = g_ptr_array_new_with_free_func (config_free),
    .modern = modern,
  };
  add_presets (self);
}

void
rmq_subscription_group_manager_clear (RmqSubscriptionGroupManager *self)
{
  g_clear_pointer (&self->groups, g_ptr_array_unref);
}

void
rmq_subscription_group_manager_forget (RmqSubscriptionGroupManager *self)
{
  g_ptr_array_set_size (self->groups, 0);
  add_presets (self);
}

static Config *
find (const RmqSubscriptionGroupManager *self, const char *group)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      Config *config = g_ptr_array_index (self->groups, i);
      if (g_str_equal (config->group_name, group))
        return config;
    }
  return NULL;
}

const RmqSubscriptionGroupConfig *
rmq_subscription_group_manager_get (const RmqSubscriptionGroupManager *self, const char *group)
{
  return find (self, group);
}

void
rmq_subscription_group_manager_assign (RmqSubscriptionGroupManager *self,
                                       const RmqSubscriptionGroupManager *other)
{
  g_ptr_array_set_size (self->groups, 0);
  for (guint i = 0; i < other->groups->len; i++)
    {
      Config *config = g_memdup2 (g_ptr_array_index (other->groups, i), sizeof *config);
      config->group_name = g_strdup (config->group_name);
      g_ptr_array_add (self->groups, config);
    }
  self->data_version = other->data_version;
}

static void
next_version (RmqSubscriptionGroupManager *self, gint64 wall_ms)
{
  self->data_version.timestamp_ms = wall_ms;
  self->data_version.counter++;
}

void
rmq_subscription_group_manager_put (RmqSubscriptionGroupManager *self,
                                    const RmqSubscriptionGroupConfig *config, gint64 wall_ms)
{
  Config *there = find (self, config->group_name);
  if (there == NULL)
    {
      there = g_new0 (Config, 1);
      g_ptr_array_add (self->groups, there);
    }
  char *name = g_strdup (config->group_name);
  rmq_subscription_group_config_clear (there);
  *there = *config;
  there->group_name = name;
  next_version (self, wall_ms);
}

void
rmq_subscription_group_manager_remove (RmqSubscriptionGroupManager *self, const char *group,
                                       gint64 wall_ms)
{
  Config *there = find (self, group);
  if (there == NULL)
    return;
  g_ptr_array_remove (self->groups, there);
  next_version (self, wall_ms);
}

/* ---- body of 201 --------------------------------------------------------- */

static void
put_config (RmqJsonWriter *out, const Config *config, gboolean modern)
{
  rmq_json_put_string (out, config->group_name);
  rmq_json_put_member (out, ":{\"groupName\":", config->group_name);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (members[i].is_modern && !modern)
        continue;
      gint64 value = get_member (config, &members[i]);
      rmq_json_put_member (out, ",", members[i].name);
      if (members[i].is_flag)
        rmq_json_put (out, value != 0 ? ":true" : ":false");
      else
        rmq_json_put_int_member (out, ":", value);
    }
  if (modern)
    rmq_json_put (out, ",\"attributes\":{},\"groupRetryPolicy\":{\"type\":\"CUSTOMIZED\"}");
  rmq_json_put (out, "}");
}

GBytes *
rmq_subscription_group_manager_encode (const RmqSubscriptionGroupManager *self)
{
  gboolean modern = self->modern;
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  rmq_json_put_int_member (out, "{\"dataVersion\":{\"counter\":", self->data_version.counter);
  rmq_json_put (out, modern ? ",\"stateVersion\":0" : "");
  rmq_json_put_int_member (out, ",\"timestamp\":", self->data_version.timestamp_ms);
  rmq_json_put (out, modern ? "},\"forbiddenTable\":{}" : "}");
  rmq_json_put (out, ",\"subscriptionGroupTable\":{");
  for (guint i = 0; i < self->groups->len; i++)
    {
      rmq_json_put (out, i > 0 ? "," : "");
      put_config (out, g_ptr_array_index (self->groups, i), modern);
    }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "groupName", RMQ_CELL_TEXT, NULL, "name of the group", "SubscriptionGroupConfig#groupName" },
  { "consumeEnable", RMQ_CELL_BOOL, NULL, "whether its members may pull",
    "SubscriptionGroupConfig#consumeEnable" },
  { "retryQueueNums", RMQ_CELL_INT, "queues", "queues of its retry topic; 0: nothing is retried",
    "SubscriptionGroupConfig#retryQueueNums" },
  { "retryMaxTimes", RMQ_CELL_INT, "retries",
    "a message retried so often goes to the dead-letter topic, unless its consumer says otherwise",
    "SubscriptionGroupConfig#retryMaxTimes" },
  { "notifyConsumerIdsChanged", RMQ_CELL_BOOL, NULL,
    "whether members are told at once when one comes or goes",
    "SubscriptionGroupConfig#notifyConsumerIdsChangedEnable" },
};
static const RmqTableSchema schema = {
  "subscriptionGroupTable",
  "Consumer groups of a broker",
  "What the broker allows each consumer group. A group comes into being when it is first heard of.",
  "SubscriptionGroupManager#subscriptionGroupTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_subscription_group_manager_fill_snapshot (const RmqSubscriptionGroupManager *self,
                                              const char *owner, RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = count_presets (self); i < self->groups->len; i++)
    {
      const Config *config = g_ptr_array_index (self->groups, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, config->group_name);
      rmq_table_add_number (table, config->consume_enable);
      rmq_table_add_number (table, config->retry_queue_nums);
      rmq_table_add_number (table, config->retry_max_times);
      rmq_table_add_number (table, config->notify_consumer_ids_changed_enable);
    }
}

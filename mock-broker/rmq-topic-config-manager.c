/* SPDX-License-Identifier: Apache-2.0 */

/* TopicConfigManager of a 4.9 broker. Owns topicConfigTable, kept as the very body a registration
 * carries, in order of creation. Owner only; it registers nowhere: who changes the table does. */

#include "rmq-topic-config-manager.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-topic-route-data.h"

#define GROUP_LENGTH_MAX 255
#define TRACE_TOPIC "RMQ_SYS_TRACE_TOPIC" /* off by default, and reserved */

struct _RmqTopicConfigManager
{
  char *cluster;
  char *broker_name;
  gboolean auto_create;
  RmqRegisterBrokerBody *body; /* the table */
  GHashTable *by_name;         /* topic → RmqTopicConfig of body */
  GHashTable *origins;         /* topic → RmqTopicOrigin */
};

/* ---- what every broker has ----------------------------------------------- */

static void
add (RmqTopicConfigManager *self, const RmqTopicConfig *config, RmqTopicOrigin origin)
{
  RmqTopicConfig *added =
      rmq_register_broker_body_add_topic (self->body, config->topic_name, config->read_queue_nums,
                                          config->write_queue_nums, config->perm);
  added->topic_sys_flag = config->topic_sys_flag;
  added->order = config->order;
  g_hash_table_insert (self->by_name, added->topic_name, added);
  g_hash_table_insert (self->origins, g_strdup (config->topic_name), GINT_TO_POINTER (origin));
}

#define RW (RMQ_PERM_READ | RMQ_PERM_WRITE)

typedef enum
{
  OF_ALL,
  OF_CLUSTER, /* its name is part of the topic's */
  OF_BROKER,
} Whose;

typedef struct
{
  const char *name; /* %s: whose it is */
  Whose whose;
  gint queue_nums;
  gint perm;
  gint since; /* version */
} SystemTopic;

static const SystemTopic system_topics[] = {
  { "SELF_TEST_TOPIC", OF_ALL, 1, RW, 0 },
  { RMQ_TBW102, OF_ALL, 8, RW | RMQ_PERM_INHERIT, 0 },
  { "BenchmarkTest", OF_ALL, 1024, RW, 0 },
  { "%s", OF_CLUSTER, 16, RW | RMQ_PERM_INHERIT, 0 },
  { "%s", OF_BROKER, 1, RW | RMQ_PERM_INHERIT, 0 },
  { "OFFSET_MOVED_EVENT", OF_ALL, 1, RW, 0 },
  { "SCHEDULE_TOPIC_XXXX", OF_ALL, 18, RW, RMQ_VERSION_4_9_4 },
  { "%s_REPLY_TOPIC", OF_CLUSTER, 1, RW, RMQ_VERSION_4_9_4 },
  { "RMQ_SYS_TRANS_HALF_TOPIC", OF_ALL, 1, RW, RMQ_VERSION_5_3_3 },
  { "RMQ_SYS_TRANS_OP_HALF_TOPIC", OF_ALL, 1, RW, RMQ_VERSION_5_3_3 },
  { "rmq_sys_REVIVE_LOG_%s", OF_CLUSTER, 8, RW, RMQ_VERSION_5_3_3 },
  { "rmq_sys_SYNC_BROKER_MEMBER_%s", OF_BROKER, 1, RMQ_PERM_INHERIT, RMQ_VERSION_5_3_3 },
  { "rmq_sys_wheel_timer", OF_ALL, 1, RW, RMQ_VERSION_5_3_3 },
};

static void
add_system_topic (RmqTopicConfigManager *self, const SystemTopic *topic)
{
  const char *owner = topic->whose == OF_CLUSTER ? self->cluster : self->broker_name;
  g_autoptr (GString) name = g_string_new (topic->name);
  if (topic->whose != OF_ALL)
    g_string_replace (name, "%s", owner, 1);
  if (g_hash_table_contains (self->by_name, name->str)
      || (!self->auto_create && g_str_equal (name->str, RMQ_TBW102)))
    return;
  add (self,
       &(RmqTopicConfig){ .topic_name = name->str,
                          .read_queue_nums = topic->queue_nums,
                          .write_queue_nums = topic->queue_nums,
                          .perm = topic->perm },
       RMQ_TOPIC_SYSTEM);
}

static void
add_system_topics (RmqTopicConfigManager *self, gint version)
{
  for (guint i = 0; i < G_N_ELEMENTS (system_topics); i++)
    if (system_topics[i].since <= version)
      add_system_topic (self, &system_topics[i]);
}

/* Not all of them are in the table of every broker. */
static const char *const forbidden_topics[] = {
  "SCHEDULE_TOPIC_XXXX",
  "RMQ_SYS_TRANS_HALF_TOPIC",
  "RMQ_SYS_TRANS_OP_HALF_TOPIC",
  "TRANS_CHECK_MAX_TIME_TOPIC",
  "SELF_TEST_TOPIC",
  "OFFSET_MOVED_EVENT",
  NULL,
};

gboolean
rmq_topic_is_forbidden (const char *topic)
{
  for (const char *const *forbidden = forbidden_topics; *forbidden != NULL; forbidden++)
    if (topic[0] == (*forbidden)[0] && g_str_equal (topic, *forbidden))
      return TRUE;
  return FALSE;
}

/* ---- names --------------------------------------------------------------- */

static gboolean
is_blank (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text))
      return FALSE;
  return TRUE;
}

static gboolean
has_only_legal (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("%|_-", *c) == NULL)
      return FALSE;
  return TRUE;
}

gboolean
rmq_group_name_is_valid (const char *group)
{
  return strlen (group) <= GROUP_LENGTH_MAX && has_only_legal (group);
}

const char *
rmq_topic_name_complain (const char *topic)
{
  if (topic == NULL || is_blank (topic))
    return "The specified topic is blank.";
  if (!has_only_legal (topic))
    return "The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$";
  if (strlen (topic) > RMQ_TOPIC_LENGTH_MAX)
    return "The specified topic is longer than topic max length.";
  return NULL;
}

char *
rmq_topic_config_describe (const RmqTopicConfig *config, gboolean shows_attributes)
{
  return g_strdup_printf (
      "TopicConfig [topicName=%s, readQueueNums=%d, writeQueueNums=%d, perm=%c%c%c, "
      "topicFilterType=SINGLE_TAG, topicSysFlag=%d, order=%s%s]",
      config->topic_name, config->read_queue_nums, config->write_queue_nums,
      config->perm & RMQ_PERM_READ ? 'R' : '-', config->perm & RMQ_PERM_WRITE ? 'W' : '-',
      config->perm & RMQ_PERM_INHERIT ? 'X' : '-', config->topic_sys_flag,
      config->order ? "true" : "false", shows_attributes ? ", attributes={}" : "");
}

/* ---- the table ----------------------------------------------------------- */

RmqTopicConfigManager *
rmq_topic_config_manager_new (const char *cluster, const char *broker_name, gboolean auto_create,
                              gint version)
{
  RmqTopicConfigManager *self = g_new0 (RmqTopicConfigManager, 1);
  self->cluster = g_strdup (cluster);
  self->broker_name = g_strdup (broker_name);
  self->auto_create = auto_create;
  self->body = rmq_register_broker_body_new ();
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  add_system_topics (self, version);
  return self;
}

void
rmq_topic_config_manager_free (RmqTopicConfigManager *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->origins);
  rmq_register_broker_body_free (self->body);
  g_free (self->cluster);
  g_free (self->broker_name);
  g_free (self);
}

const RmqTopicConfig *
rmq_topic_config_manager_get (RmqTopicConfigManager *self, const char *topic)
{
  return g_hash_table_lookup (self->by_name, topic);
}

RmqTopicOrigin
rmq_topic_config_manager_get_origin (RmqTopicConfigManager *self, const char *topic)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->origins, topic));
}

const RmqRegisterBrokerBody *
rmq_topic_config_manager_get_body (RmqTopicConfigManager *self)
{
  return self->body;
}

static void
next_version (RmqTopicConfigManager *self, gint64 wall_ms)
{
  self->body->data_version.timestamp_ms = wall_ms;
  self->body->data_version.counter++;
}

void
rmq_topic_config_manager_begin (RmqTopicConfigManager *self, gint64 wall_ms)
{
  if (self->body->data_version.timestamp_ms == 0)
    self->body->data_version.timestamp_ms = wall_ms;
}

void
rmq_topic_config_manager_put (RmqTopicConfigManager *self, const RmqTopicConfig *config,
                              RmqTopicOrigin origin, gint64 wall_ms)
{
  RmqTopicConfig *there = g_hash_table_lookup (self->by_name, config->topic_name);
  if (there == NULL)
    add (self, config, origin);
  else
    {
      there->read_queue_nums = config->read_queue_nums;
      there->write_queue_nums = config->write_queue_nums;
      there->perm = config->perm;
      there->topic_sys_flag = config->topic_sys_flag;
    }
  next_version (self, wall_ms);
}

void
rmq_topic_config_manager_remove (RmqTopicConfigManager *self, const char *topic, gint64 wall_ms)
{
  RmqTopicConfig *there = g_hash_table_lookup (self->by_name, topic);
  if (there == NULL)
    return;
  g_hash_table_remove (self->by_name, topic);
  g_hash_table_remove (self->origins, topic);
  g_ptr_array_remove (self->body->topics, there);
  next_version (self, wall_ms);
}

gboolean
rmq_topic_config_manager_is_system (RmqTopicConfigManager *self, const char *topic)
{
  gboolean is_there = g_hash_table_contains (self->origins, topic);
  return (is_there && rmq_topic_config_manager_get_origin (self, topic) == RMQ_TOPIC_SYSTEM)
         || rmq_topic_is_forbidden (topic) || g_str_equal (topic, RMQ_TBW102)
         || g_str_equal (topic, TRACE_TOPIC);
}

char **
rmq_topic_config_manager_list_system (RmqTopicConfigManager *self, gboolean reserved)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < self->body->topics->len; i++)
    {
      const RmqTopicConfig *topic = g_ptr_array_index (self->body->topics, i);
      if (rmq_topic_config_manager_is_system (self, topic->topic_name))
        g_strv_builder_add (names, topic->topic_name);
    }
  for (guint i = 0; reserved && forbidden_topics[i] != NULL; i++)
    if (!g_hash_table_contains (self->by_name, forbidden_topics[i]))
      g_strv_builder_add (names, forbidden_topics[i]);
  if (reserved)
    g_strv_builder_add (names, TRACE_TOPIC);
  return g_strv_builder_end (names);
}

const RmqTopicConfig *
rmq_topic_config_manager_create_by_send (RmqTopicConfigManager *self, const char *topic,
                                         const RmqTopicTemplate *template, gint64 wall_ms)
{
  RmqTopicConfig *origin =
      template->topic != NULL ? g_hash_table_lookup (self->by_name, template->topic) : NULL;
  if (origin != NULL && !template->auto_create && g_str_equal (template->topic, RMQ_TBW102))
    origin->perm = RW;
  RmqTopicConfig config = { .topic_name = (char *)topic, .topic_sys_flag = template->sys_flag };
  if (origin != NULL && origin->perm & RMQ_PERM_INHERIT)
    {
      config.write_queue_nums = MAX (MIN (template->queue_nums, origin->write_queue_nums), 0);
      config.perm = origin->perm & ~RMQ_PERM_INHERIT;
    }
  else if (g_str_has_prefix (topic, RMQ_RETRY_PREFIX))
    {
      config.write_queue_nums = 1;
      config.perm = RMQ_PERM_READ | RMQ_PERM_WRITE;
    }
  else
    return NULL;
  config.read_queue_nums = config.write_queue_nums;
  rmq_topic_config_manager_put (self, &config, RMQ_TOPIC_CREATED, wall_ms);
  return rmq_topic_config_manager_get (self, topic);
}

/* The table is emptied. (transfer full): what it was, for whoever fills it anew. */
static RmqRegisterBrokerBody *
empty (RmqTopicConfigManager *self)
{
  RmqRegisterBrokerBody *old = self->body;
  self->body = rmq_register_broker_body_new ();
  self->body->data_version = old->data_version;
  g_hash_table_remove_all (self->by_name);
  return old;
}

void
rmq_topic_config_manager_forget (RmqTopicConfigManager *self, RmqTopicOrigin from, gint64 wall_ms)
{
  RmqRegisterBrokerBody *old = empty (self);
  g_autoptr (GHashTable) origins = g_steal_pointer (&self->origins);
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < old->topics->len; i++)
    {
      const RmqTopicConfig *config = g_ptr_array_index (old->topics, i);
      RmqTopicOrigin origin = GPOINTER_TO_INT (g_hash_table_lookup (origins, config->topic_name));
      if (origin < from)
        add (self, config, origin);
    }
  rmq_register_broker_body_free (old);
  next_version (self, wall_ms);
}

void
rmq_topic_config_manager_assign (RmqTopicConfigManager *self, RmqTopicConfigManager *other)
{
  rmq_register_broker_body_free (empty (self));
  g_hash_table_remove_all (self->origins);
  for (guint i = 0; i < other->body->topics->len; i++)
    {
      const RmqTopicConfig *config = g_ptr_array_index (other->body->topics, i);
      add (self, config, rmq_topic_config_manager_get_origin (other, config->topic_name));
    }
  self->body->data_version = other->body->data_version;
}

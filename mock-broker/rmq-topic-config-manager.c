/* SPDX-License-Identifier: Apache-2.0 */

/* TopicConfigManager of a 4.9 broker. Owns topicConfigTable, kept as the very body a registration
 * carries, in order of creation. Owner only; it registers nowhere: who changes the table does. */

#include "rmq-topic-config-manager.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-topic-route-data.h"

#define GROUP_LENGTH_MAX 255

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

static void
add_system_topic (RmqTopicConfigManager *self, const char *topic, gint queue_nums, gint perm)
{
  add (self,
       &(RmqTopicConfig){ .topic_name = (char *)topic,
                          .read_queue_nums = queue_nums,
                          .write_queue_nums = queue_nums,
                          .perm = perm },
       RMQ_TOPIC_SYSTEM);
}

static void
add_system_topics (RmqTopicConfigManager *self)
{
  const gint rw = RMQ_PERM_READ | RMQ_PERM_WRITE;
  const gint rwx = rw | RMQ_PERM_INHERIT;
  g_autofree char *reply = g_strdup_printf ("%s_REPLY_TOPIC", self->cluster);
  add_system_topic (self, "SELF_TEST_TOPIC", 1, rw);
  if (self->auto_create)
    add_system_topic (self, RMQ_TBW102, 8, rwx);
  add_system_topic (self, "BenchmarkTest", 1024, rw);
  add_system_topic (self, self->cluster, 16, rwx);
  if (!g_str_equal (self->broker_name, self->cluster))
    add_system_topic (self, self->broker_name, 1, rwx);
  add_system_topic (self, "OFFSET_MOVED_EVENT", 1, rw);
  add_system_topic (self, "SCHEDULE_TOPIC_XXXX", 18, rw);
  add_system_topic (self, reply, 1, rw);
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
  return g_strv_contains (forbidden_topics, topic);
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
rmq_topic_config_manager_new (const char *cluster, const char *broker_name, gboolean auto_create)
{
  RmqTopicConfigManager *self = g_new0 (RmqTopicConfigManager, 1);
  self->cluster = g_strdup (cluster);
  self->broker_name = g_strdup (broker_name);
  self->auto_create = auto_create;
  self->body = rmq_register_broker_body_new ();
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  add_system_topics (self);
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
    }
  next_version (self, wall_ms);
}

const RmqTopicConfig *
rmq_topic_config_manager_create_by_send (RmqTopicConfigManager *self, const char *topic,
                                         const RmqTopicTemplate *template, gint64 wall_ms)
{
  const RmqTopicConfig *origin =
      template->topic != NULL ? g_hash_table_lookup (self->by_name, template->topic) : NULL;
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

void
rmq_topic_config_manager_forget (RmqTopicConfigManager *self, RmqTopicOrigin from, gint64 wall_ms)
{
  RmqRegisterBrokerBody *old = self->body;
  self->body = rmq_register_broker_body_new ();
  self->body->data_version = old->data_version;
  g_hash_table_remove_all (self->by_name);
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

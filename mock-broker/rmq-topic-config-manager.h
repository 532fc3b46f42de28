/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"

G_BEGIN_DECLS

/* TopicConfigManager: topicConfigTable and its data version; what is there after a start, and how a
 * send creates a topic. Owner only; knows no clock: times are given. */
typedef struct _RmqTopicConfigManager RmqTopicConfigManager;

typedef enum
{
  RMQ_TOPIC_SYSTEM,   /* every broker has it */
  RMQ_TOPIC_DECLARED, /* an operator made it */
  RMQ_TOPIC_CREATED,  /* a send made it */
} RmqTopicOrigin;

RmqTopicConfigManager *rmq_topic_config_manager_new (const char *cluster, const char *broker_name,
                                                     gboolean auto_create, gint version);
void rmq_topic_config_manager_free (RmqTopicConfigManager *manager);
/* Adds, or changes what is there; a new data version either way. */
void rmq_topic_config_manager_put (RmqTopicConfigManager *manager, const RmqTopicConfig *config,
                                   RmqTopicOrigin origin, gint64 wall_ms);
const RmqTopicConfig *rmq_topic_config_manager_get (RmqTopicConfigManager *manager,
                                                    const char *topic); /* (nullable) */
RmqTopicOrigin rmq_topic_config_manager_get_origin (RmqTopicConfigManager *manager,
                                                    const char *topic);
#define RMQ_TOPIC_LENGTH_MAX 127
#define RMQ_TOPIC_SYS_FLAG_UNIT 1
#define RMQ_TOPIC_SYS_FLAG_UNIT_SUB 2

typedef struct
{
  const char *topic; /* (nullable): of the queues and the permission, if it may serve for that */
  gint queue_nums;   /* what the client wants */
  gint sys_flag;
  gboolean auto_create; /* else TBW102 loses, for good, that it may serve */
} RmqTopicTemplate;

/* createTopicInSendMessageMethod; also makes %RETRY% topics without a template. (nullable): it may
 * not. */
const RmqTopicConfig *rmq_topic_config_manager_create_by_send (RmqTopicConfigManager *manager,
                                                               const char *topic,
                                                               const RmqTopicTemplate *template,
                                                               gint64 wall_ms);
void rmq_topic_config_manager_remove (RmqTopicConfigManager *manager, const char *topic,
                                      gint64 wall_ms);
/* The system's topics. reserved: those too that have no entry yet. (transfer full) */
char **rmq_topic_config_manager_list_system (RmqTopicConfigManager *manager, gboolean reserved);
gboolean rmq_topic_config_manager_is_system (RmqTopicConfigManager *manager, const char *topic);
/* Forgets topics of this origin and all later ones of the enum. */
void rmq_topic_config_manager_forget (RmqTopicConfigManager *manager, RmqTopicOrigin from,
                                      gint64 wall_ms);
/* Becomes what other is, data version included. */
void rmq_topic_config_manager_assign (RmqTopicConfigManager *manager, RmqTopicConfigManager *other);
/* The first start sets the data version's time. */
void rmq_topic_config_manager_begin (RmqTopicConfigManager *manager, gint64 wall_ms);
/* What a registration carries: the whole table. */
const RmqRegisterBrokerBody *rmq_topic_config_manager_get_body (RmqTopicConfigManager *manager);

#define RMQ_DEAD_LETTER_PREFIX "%DLQ%"

/* TopicValidator. (nullable): the name is fine, else what the broker answers. */
const char *rmq_topic_name_complain (const char *topic);
gboolean rmq_group_name_is_valid (const char *group); /* as 5.3 wants it */
gboolean rmq_topic_is_forbidden (const char *topic);  /* no producer may send there */
/* TopicConfig#toString, with attributes in newer versions. (transfer full) */
char *rmq_topic_config_describe (const RmqTopicConfig *config, gboolean shows_attributes);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-bodies.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* SubscriptionGroupManager: subscriptionGroupTable and its data version. Owner only; knows no
 * clock: times are given. */

typedef struct
{
  char *group_name; /* (nullable): as it came in a body */
  gint64 broker_id;
  gboolean consume_broadcast_enable;
  gboolean consume_enable;
  gboolean consume_from_min_enable;
  gboolean consume_message_orderly; /* 5.3 */
  gint64 consume_timeout_minute;    /* 5.3 */
  gint64 group_sys_flag;            /* 5.3 */
  gboolean notify_consumer_ids_changed_enable;
  gint64 retry_max_times;
  gint64 retry_queue_nums;
  gint64 which_broker_when_consume_slowly;
} RmqSubscriptionGroupConfig;

void rmq_subscription_group_config_init (RmqSubscriptionGroupConfig *config, const char *group);
void rmq_subscription_group_config_clear (RmqSubscriptionGroupConfig *config);
/* Body of 200; config is initialised by it. */
gboolean rmq_subscription_group_config_decode (GBytes *json, RmqSubscriptionGroupConfig *config,
                                               GError **error);

typedef struct
{
  GPtrArray *groups; /* of RmqSubscriptionGroupConfig, in order of creation */
  RmqDataVersion data_version;
  gboolean modern; /* groups of 5.3 have more members, and there is one more from the start */
} RmqSubscriptionGroupManager;

void rmq_subscription_group_manager_init (RmqSubscriptionGroupManager *manager, gboolean modern);
void rmq_subscription_group_manager_clear (RmqSubscriptionGroupManager *manager);
/* All but those that every broker has. */
void rmq_subscription_group_manager_forget (RmqSubscriptionGroupManager *manager);
/* (nullable): no such group */
const RmqSubscriptionGroupConfig *
rmq_subscription_group_manager_get (const RmqSubscriptionGroupManager *manager, const char *group);
/* Adds, or changes what is there. */
void rmq_subscription_group_manager_put (RmqSubscriptionGroupManager *manager,
                                         const RmqSubscriptionGroupConfig *config, gint64 wall_ms);
void rmq_subscription_group_manager_remove (RmqSubscriptionGroupManager *manager, const char *group,
                                            gint64 wall_ms);
/* Becomes what other is, data version included. */
void rmq_subscription_group_manager_assign (RmqSubscriptionGroupManager *manager,
                                            const RmqSubscriptionGroupManager *other);
/* Answer of 201. */
GBytes *rmq_subscription_group_manager_encode (const RmqSubscriptionGroupManager *manager);
void rmq_subscription_group_manager_fill_snapshot (const RmqSubscriptionGroupManager *manager,
                                                   const char *owner, RmqSnapshot *snapshot);

G_END_DECLS

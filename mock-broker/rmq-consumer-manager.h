/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-snapshot.h"
#include "rmq-subscription-data.h"

G_BEGIN_DECLS

/* ConsumerManager, as far as it is no list of channels (RmqBrokerClients has those): how each group
 * with a member reads, and what. Owner only. */

typedef struct
{
  char *group;
  const char *consume_type; /* these three: of the latest heartbeat (nullable) */
  const char *message_model;
  const char *consume_from_where;
  GPtrArray *subscriptions; /* of RmqSubscriptionData, a row a topic */
} RmqConsumerGroupInfo;

typedef struct
{
  GPtrArray *groups; /* of RmqConsumerGroupInfo, in order of their first heartbeat */
} RmqConsumerManager;

void rmq_consumer_manager_init (RmqConsumerManager *manager);
void rmq_consumer_manager_clear (RmqConsumerManager *manager);
/* (nullable): the group has no member */
const RmqConsumerGroupInfo *rmq_consumer_manager_get (const RmqConsumerManager *manager,
                                                      const char *group);
/* (nullable): the group has no member, or reads another topic */
const RmqSubscriptionData *rmq_consumer_manager_find (const RmqConsumerManager *manager,
                                                      const char *group, const char *topic);
/* Takes over what a heartbeat says. TRUE: topics came or went. */
gboolean rmq_consumer_manager_update (RmqConsumerManager *manager, const RmqConsumerData *data);
void rmq_consumer_manager_remove (RmqConsumerManager *manager, const char *group);
gboolean rmq_consumer_group_info_is_broadcast (const RmqConsumerGroupInfo *info);
void rmq_consumer_manager_fill_snapshot (const RmqConsumerManager *manager, const char *owner,
                                         RmqSnapshot *snapshot);

G_END_DECLS

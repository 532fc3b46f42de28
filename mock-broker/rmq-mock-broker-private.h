/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-broker-clients.h"
#include "rmq-broker-config.h"
#include "rmq-broker-outer-api.h"
#include "rmq-consumer-manager.h"
#include "rmq-consumer-offset-manager.h"
#include "rmq-ha-client.h"
#include "rmq-ha-service.h"
#include "rmq-mock-broker.h"
#include "rmq-pull-request-hold.h"
#include "rmq-rebalance-lock-manager.h"
#include "rmq-schedule-message-service.h"
#include "rmq-slave-synchronize.h"
#include "rmq-subscription-group-manager.h"
#include "rmq-topic-config-manager.h"
#include "rmq-transactions.h"

G_BEGIN_DECLS

/* What the broker's files share: life (rmq-mock-broker.c), sends (rmq-send-processor.c), tables
 * (rmq-mock-broker-views.c). */

struct _RmqMockBroker
{
  char *cluster;
  char *name;
  gint64 id;
  char **namesrv_addrs;
  char *advertise; /* (nullable): a host */
  const RmqMockProfile *profile;
  RmqBrokerConfig config;
  RmqMockServer *server;
  RmqTopicConfigManager *topics;
  RmqMessageStore store;
  RmqDataVersion config_version;
  RmqSubscriptionGroupManager groups;
  RmqBrokerClients clients;
  RmqConsumerManager consumers;
  RmqConsumerOffsetManager offsets;
  RmqPullRequestHold pulls;
  RmqRebalanceLockManager locks;
  RmqScheduleMessageService schedule;
  RmqTransactions transactions;
  RmqHaService ha_service;
  RmqHaClient ha_client;
  RmqSlaveSynchronize slave_synchronize;
  RmqEnvFunc settled;
  gpointer settled_data;

  /* of one start */
  gint64 boot_ms;
  char *address;                /* (nullable): storeHost */
  RmqOffsetMsgIdMaker ids;      /* of address */
  char *last_place;             /* (nullable): where the last put went, as its event names it */
  char *advertised;             /* (nullable): as routes name it */
  char *ha_address;             /* (nullable) */
  RmqBrokerOuterApi *outer_api; /* (nullable): down, or has said goodbye */
  RmqRandom queue_stream;       /* for sends that name no queue */
  RmqUniqKeyMaker uniq_keys;    /* for messages without one, where a version makes it */
  RmqTimer register_timer;
  gint64 next_register_us;
  RmqTimer client_scan_timer;
  gint64 next_client_scan_us;
  RmqTimer goodbye_timer;
};

RmqRemotingCommand *rmq_mock_broker_send_message (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);
/* [2], before a processor has looked at the request (rejectRequest()). (transfer full) */
RmqRemotingCommand *rmq_mock_broker_reject (const RmqRemotingCommand *request);
/* Every answer to a send, errors too, carries MSG_REGION and TRACE_ON. */
RmqRemotingCommand *rmq_mock_broker_invent_answer (gpointer mock, RmqRemotingCommand *request,
                                                   gint code, const char *remark);
/* A reply: 324, 325. */
RmqRemotingCommand *rmq_mock_broker_send_reply (gpointer mock, RmqConnection *connection,
                                                RmqRemotingCommand *request);

/* Everything that is stored. Takes the draft's properties and born_host in any case; topic is
 * looked up. (nullable): refused, and status says why. */
RmqStoredMessage *rmq_mock_broker_put (RmqMockBroker *broker, const char *topic,
                                       const RmqStoredMessage *draft, RmqPutStatus *status);
/* Whether a put would be refused, and why. */
RmqPutStatus rmq_mock_broker_check_put (const RmqMockBroker *broker, const char *topic,
                                        const RmqStoredMessage *draft);
/* The status of what was just stored, as far as it is known at once: 0, 10, 11. */
gint rmq_mock_broker_get_put_code (const RmqMockBroker *broker, gboolean waits);
/* The stored message at this place of the log. (nullable): none begins there */
const RmqStoredMessage *rmq_mock_broker_find_at (const RmqMockBroker *broker,
                                                 gint64 physical_offset);
gint64 rmq_mock_broker_now_ms (const RmqMockBroker *broker); /* 0: never started */
/* findSubscriptionGroupConfig: made if it isn't there and may be. (nullable): it may not. */
const RmqSubscriptionGroupConfig *rmq_mock_broker_find_group (RmqMockBroker *broker,
                                                              const char *group);
const RmqTopicConfig *rmq_mock_broker_ensure_retry_topic (RmqMockBroker *broker,
                                                          const RmqSubscriptionGroupConfig *group,
                                                          gboolean unit_mode);
/* A topic that the broker itself needs; made and registered if it isn't there. */
const RmqTopicConfig *rmq_mock_broker_ensure_topic (RmqMockBroker *broker, const char *topic,
                                                    gint queue_nums, gint perm);
const RmqTopicConfig *rmq_mock_broker_ensure_topic_config (RmqMockBroker *broker,
                                                           const RmqTopicConfig *config);
/* A topic was made: the event, and a registration as this version does it. */
void rmq_mock_broker_announce_topic (RmqMockBroker *broker, const RmqTopicConfig *topic);
/* One topic to every name server, answered; not while hung. */
void rmq_mock_broker_register_topic (RmqMockBroker *broker, const RmqTopicConfig *topic);
/* registerBrokerAll: the whole table to every name server; not while hung. */
void rmq_mock_broker_register_all (RmqMockBroker *broker, gboolean oneway);

G_END_DECLS

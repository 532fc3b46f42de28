/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-broker-clients.h"
#include "rmq-broker-config.h"
#include "rmq-broker-outer-api.h"
#include "rmq-mock-broker.h"
#include "rmq-topic-config-manager.h"

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
  RmqBrokerClients clients;
  RmqEnvFunc settled;
  gpointer settled_data;

  /* of one start */
  char *address;                /* (nullable): storeHost */
  char *advertised;             /* (nullable): as routes name it */
  char *ha_address;             /* (nullable) */
  RmqBrokerOuterApi *outer_api; /* (nullable): down, or has said goodbye */
  RmqRandom queue_stream;       /* for sends that name no queue */
  RmqTimer register_timer;
  gint64 next_register_us;
  RmqTimer client_scan_timer;
  gint64 next_client_scan_us;
  RmqTimer goodbye_timer;
};

RmqRemotingCommand *rmq_mock_broker_send_message (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);
/* Every answer to a send, errors too, carries MSG_REGION and TRACE_ON. */
RmqRemotingCommand *rmq_mock_broker_invent_answer (gpointer mock, RmqRemotingCommand *request,
                                                   gint code, const char *remark);
/* registerBrokerAll: the whole table to every name server; not while hung. */
void rmq_mock_broker_register_all (RmqMockBroker *broker, gboolean oneway);

G_END_DECLS

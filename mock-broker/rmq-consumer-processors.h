/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-broker-private.h"

G_BEGIN_DECLS

/* What consumers, and clients as members of groups, ask of a broker. Owner only. */

/* ---- ClientManageProcessor (rmq-client-manage-processor.c) --------------- */

RmqRemotingCommand *rmq_mock_broker_heart_beat (gpointer mock, RmqConnection *connection,
                                                RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_unregister_client (gpointer mock, RmqConnection *connection,
                                                       RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_check_client_config (gpointer mock, RmqConnection *connection,
                                                         RmqRemotingCommand *request);
/* The connection is no member of anything any more; the rest of its groups hears of it. */
void rmq_mock_broker_client_gone (gpointer mock, RmqConnection *connection);
/* Ends the connections of clients that were silent for too long; nobody hears of it. */
void rmq_mock_broker_drop_silent_clients (RmqMockBroker *broker);

/* ---- members and locks (rmq-consumer-manage-processor.c) ----------------- */

RmqRemotingCommand *rmq_mock_broker_get_consumer_list (gpointer mock, RmqConnection *connection,
                                                       RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_lock_batch (gpointer mock, RmqConnection *connection,
                                                RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_unlock_batch (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);

/* ---- rmq-send-back-processor.c ------------------------------------------- */

RmqRemotingCommand *rmq_mock_broker_send_back (gpointer mock, RmqConnection *connection,
                                               RmqRemotingCommand *request);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-client-instance.h"

G_BEGIN_DECLS

/* Who is there: heartbeats to masters, goodbyes to everybody, and forgetting brokers that are in no
 * route. Owner only. */

/* error (nullable): why nothing was done. */
typedef void (*RmqHeartbeatDone) (const char *error, gpointer data);

/* MQClientInstance#sendHeartbeatToAllBrokerWithLock: skipped while another round is under way. */
void rmq_heartbeat_send_all (RmqClientInstance *instance, RmqHeartbeatDone done, gpointer data);
/* To one address, if it belongs to a known broker (row heartbeat-on-connect). */
void rmq_heartbeat_send_to (RmqClientInstance *instance, const char *address);
/* MQClientInstance#cleanOfflineBroker */
void rmq_heartbeat_clean_offline (RmqClientInstance *instance, RmqHeartbeatDone done,
                                  gpointer data);
/* Ends a cleaning that waits for its lock; the rounds are rmq_broker_rounds_cancel()'s. */
void rmq_heartbeat_cancel_clean (RmqClientInstance *instance);
/* MQClientInstance#unregisterClientWithLock: to every known address, masters and slaves.
 * connected_only: no new connections for a goodbye. */
void rmq_heartbeat_unregister (RmqClientInstance *instance, const char *group,
                               gboolean connected_only, RmqHeartbeatDone done, gpointer data);

G_END_DECLS

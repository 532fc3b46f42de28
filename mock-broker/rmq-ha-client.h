/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* HAClient: a slave's connection to its master, over which the log comes. Here both are in one
 * process, and the connection is a promise that either may break; what is copied, when, and what a
 * master sees of it are as over a real one. Embedded in its broker. Owner only. */

struct _RmqMockBroker;

typedef struct
{
  struct _RmqMockBroker *broker;
  struct _RmqMockBroker *master; /* (nullable): it follows nobody; borrowed */
  gboolean is_connected;
  gboolean has_started; /* once, at least */
  gboolean is_coming;   /* the fetch timer runs */
  gint64 connected_us;
  gint64 heard_us; /* when the master heard of it last */
  RmqTimer tick_timer;
  RmqTimer fetch_timer;
} RmqHaClient;

/* master (nullable): of the same world. */
void rmq_ha_client_init (RmqHaClient *self, struct _RmqMockBroker *broker,
                         struct _RmqMockBroker *master);
void rmq_ha_client_clear (RmqHaClient *self);
void rmq_ha_client_follow (RmqHaClient *self, struct _RmqMockBroker *master); /* nullable */
/* The first start of all connects at once: a cluster is whole when it begins. */
void rmq_ha_client_start (RmqHaClient *self);
void rmq_ha_client_halt (RmqHaClient *self);
/* The master's log grew. */
void rmq_ha_client_fetch_soon (RmqHaClient *self);
void rmq_ha_client_lost_master (RmqHaClient *self);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-cluster-private.h"

G_BEGIN_DECLS

struct _RmqMockCluster
{
  GObject parent_instance;
  RmqWorld *world;
  gboolean shares_world; /* the process's, not one that was given */
  GPtrArray *servers;    /* of RmqClusterServer, name servers before their brokers */
  char *bind;            /* (nullable) */
  char *advertise;       /* (nullable): host that routes name */
  char *namesrv_addr;    /* (nullable): for the public getter */
  GPtrArray *topics;     /* (nullable): of EarlyTopic, until the start */
};

G_END_DECLS

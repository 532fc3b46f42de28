/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* SlaveSynchronize: a slave takes over its master's topics, groups and offsets every 10 s. Embedded
 * in its broker. Owner only. */

struct _RmqMockBroker;

typedef struct
{
  struct _RmqMockBroker *broker;
  RmqTimer timer;
} RmqSlaveSynchronize;

void rmq_slave_synchronize_init (RmqSlaveSynchronize *self, struct _RmqMockBroker *broker);
/* Nothing happens in a broker without a master. */
void rmq_slave_synchronize_start (RmqSlaveSynchronize *self);
void rmq_slave_synchronize_halt (RmqSlaveSynchronize *self);

G_END_DECLS

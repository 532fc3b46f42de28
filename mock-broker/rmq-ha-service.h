/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-server.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* HAService, its master's half: which slaves follow, and the answers that wait until one has the
 * message (GroupTransferService). Embedded in its broker. Owner only. */

struct _RmqMockBroker;

typedef struct
{
  struct _RmqMockBroker *broker;
  GPtrArray *slaves;  /* of RmqMockBroker, borrowed, that follow this one */
  GPtrArray *waiting; /* of answers, in the log's order; ends with each start */
} RmqHaService;

void rmq_ha_service_init (RmqHaService *self, struct _RmqMockBroker *broker);
void rmq_ha_service_clear (RmqHaService *self); /* slaves that are left follow nobody */
void rmq_ha_service_halt (RmqHaService *self);  /* slaves lose it; nobody is answered */
/* After every put: the slaves come for it. */
void rmq_ha_service_stored (RmqHaService *self);
/* A slave has copied: who waits for that is answered. */
void rmq_ha_service_acked (RmqHaService *self);
/* Copies are wanted, and nobody is there to make one. */
gboolean rmq_ha_service_lacks_slave (const RmqHaService *self);
/* Copies are wanted of what was just stored, and there are too few yet. */
gboolean rmq_ha_service_must_wait (const RmqHaService *self);
/* By the request's processor, which then returns NULL: response goes out when a slave has all that
 * the log holds now, or as FLUSH_SLAVE_TIMEOUT. Takes response. */
void rmq_ha_service_hold (RmqHaService *self, RmqConnection *connection,
                          RmqRemotingCommand *request, RmqRemotingCommand *response);
void rmq_ha_service_connection_ended (RmqHaService *self, RmqConnection *connection);
/* No table without slaves. */
void rmq_ha_service_fill_snapshot (const RmqHaService *self, const char *owner,
                                   RmqSnapshot *snapshot);

G_END_DECLS

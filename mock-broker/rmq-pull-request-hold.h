/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-store.h"
#include "rmq-mock-server.h"
#include "rmq-pull-filter.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* PullRequestHoldService: pulls that wait for a message. Embedded in its broker; ends with each
 * start. Owner only. */

struct _RmqMockBroker;

typedef struct
{
  const char *group;
  const char *topic;
  gint queue_id;
  gint64 offset;
  gint64 timeout_ms;
  RmqPullFilter filter;
} RmqPullWish;

/* Beyond this a pull that finds nothing is told so at once. */
#define RMQ_HELD_PULLS_MAX 10000

typedef struct
{
  struct _RmqMockBroker *broker;
  GPtrArray *held; /* of pulls, in order of arrival */
  gint64 started_us;
  RmqTimer check_timer;
  RmqTimer wake_timer;
  gboolean is_full; /* and the log says so */
} RmqPullRequestHold;

void rmq_pull_request_hold_init (RmqPullRequestHold *self, struct _RmqMockBroker *broker);
void rmq_pull_request_hold_clear (RmqPullRequestHold *self);
void rmq_pull_request_hold_start (RmqPullRequestHold *self);
void rmq_pull_request_hold_halt (RmqPullRequestHold *self); /* nobody is answered */
gboolean rmq_pull_request_hold_has_room (RmqPullRequestHold *self);
/* Takes the request; copies the wish. There is room. */
void rmq_pull_request_hold_add (RmqPullRequestHold *self, RmqHeldRequest *request,
                                const RmqPullWish *wish);
/* After every put: who waits for this message is answered a moment later. */
void rmq_pull_request_hold_arrived (RmqPullRequestHold *self, const RmqStoredMessage *stored);
void rmq_pull_request_hold_connection_ended (RmqPullRequestHold *self, RmqConnection *connection);
void rmq_pull_request_hold_fill_snapshot (const RmqPullRequestHold *self, const char *owner,
                                          RmqSnapshot *snapshot);

G_END_DECLS

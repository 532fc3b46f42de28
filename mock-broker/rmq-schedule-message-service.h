/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-message-store.h"

G_BEGIN_DECLS

/* ScheduleMessageService, and TimerMessageStore where a version has it: messages that wait for
 * their time in a topic of the broker's own. Embedded in its broker; what waits lives as long as
 * the store, timers belong to one start. Owner only. */

#define RMQ_SCHEDULE_TOPIC "SCHEDULE_TOPIC_XXXX"
#define RMQ_TIMER_TOPIC "rmq_sys_wheel_timer"
#define RMQ_PROPERTY_REAL_TOPIC "REAL_TOPIC"
#define RMQ_PROPERTY_REAL_QUEUE_ID "REAL_QID"

struct _RmqMockBroker;

typedef struct
{
  struct _RmqMockBroker *broker;
  gint64 started_us;
  gboolean runs;
  GPtrArray *levels; /* of Level: those that ever had a message */
  GPtrArray *timed;  /* of RmqStoredMessage of the store, by the time they are due */
  RmqTimer timer;    /* of timed */
} RmqScheduleMessageService;

void rmq_schedule_init (RmqScheduleMessageService *self, struct _RmqMockBroker *broker);
void rmq_schedule_clear (RmqScheduleMessageService *self);
void rmq_schedule_start (RmqScheduleMessageService *self);
/* killed: what was delivered since the last write of the offsets will be delivered again. */
void rmq_schedule_halt (RmqScheduleMessageService *self, gboolean killed);
void rmq_schedule_forget (RmqScheduleMessageService *self); /* the store did */

/* REAL_TOPIC, REAL_QID: where a message wanted to go. */
void rmq_schedule_remember_place (RmqStoredMessage *draft, const char *topic);
gint rmq_schedule_get_level (const RmqProperties *properties); /* below 1: at once */
/* Before a put: a message that must wait gets another queue and *topic. */
RmqPutStatus rmq_schedule_redirect (RmqScheduleMessageService *self, RmqStoredMessage *draft,
                                    const char **topic);
/* Answer of 45: the next message of each level that has delivered one. version_ms: of its data
 * version; 0: it has none. */
GBytes *rmq_schedule_encode_offsets (const RmqScheduleMessageService *self, gint64 version_ms);
/* After every put. */
void rmq_schedule_stored (RmqScheduleMessageService *self, RmqStoredMessage *stored);

G_END_DECLS

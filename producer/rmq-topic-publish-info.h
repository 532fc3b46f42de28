/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-queue.h"
#include "rmq-profile.h"
#include "rmq-random.h"
#include "rmq-topic-route-data.h"

G_BEGIN_DECLS

/* What a producer believes about a topic: the queues it may write, in the order in which it walks
 * them, and where each task stands. The queue list never changes once it is shared (invariant I9):
 * a changed route makes a new object. Owner only. Mirrors TopicPublishInfo and ThreadLocalIndex. */

typedef struct
{
  RmqMessageQueue *queue; /* owned */
  char *label;            /* "BROKER:ID", for events */
  guint64 picks;
  gint64 last_pick_us; /* -1: never */
} RmqPublishQueue;

typedef struct
{
  guint64 task;
  guint32 counter; /* sendWhichQueue: the value last used */
} RmqPickCounter;

typedef struct
{
  guint refs;
  char *topic;
  gboolean have_topic_router_info;
  gboolean order_topic; /* the list came from orderTopicConf */
  gboolean is_template; /* the list came from the template topic's route */
  GArray *queues;       /* of RmqPublishQueue */
  GPtrArray *list;      /* the same queues, as a selector gets them; borrowed */
  GArray *counters;     /* of RmqPickCounter, in order of first use */
  gint64 last_counter;  /* of the task that picked last; -1: none */
  RmqRandom random;     /* where the counters of new tasks start */
  gint64 since_us;      /* when the route was learned */
  guint64 generation;   /* serial of this object within its client */
} RmqTopicPublishInfo;

/* An empty one: the topic is wanted, nothing is known about it. */
RmqTopicPublishInfo *rmq_topic_publish_info_new (const char *topic);
/* MQClientInstance#topicRouteData2TopicPublishInfo. */
RmqTopicPublishInfo *rmq_topic_publish_info_new_from_route (const char *topic,
                                                            const RmqTopicRouteData *route);
RmqTopicPublishInfo *rmq_topic_publish_info_ref (RmqTopicPublishInfo *info);
void rmq_topic_publish_info_unref (RmqTopicPublishInfo *info);
guint rmq_topic_publish_info_get_n_queues (const RmqTopicPublishInfo *info); /* (nullable): 0 */

typedef struct
{
  RmqMessageQueue *queue; /* borrowed */
  const char *label;      /* borrowed */
  guint64 task;
  guint32 counter;
  guint position;
  guint skipped; /* queues passed over because of their broker */
} RmqPick;

/* The next queue of the task, not on avoid_broker (nullable) if another broker has one. FALSE: the
 * list is empty. */
gboolean rmq_topic_publish_info_pick (RmqTopicPublishInfo *info, RmqQueueChoice choice,
                                      guint64 task, const char *avoid_broker, gint64 now_us,
                                      RmqPick *pick);
/* Counts a queue that somebody else, a selector, has chosen. */
void rmq_topic_publish_info_pick_at (RmqTopicPublishInfo *info, guint position, gint64 now_us,
                                     RmqPick *pick);
/* Where a queue stands in the list. -1: nowhere. */
gint rmq_topic_publish_info_find (RmqTopicPublishInfo *info, RmqMessageQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqTopicPublishInfo, rmq_topic_publish_info_unref)

G_END_DECLS

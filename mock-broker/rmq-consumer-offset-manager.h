/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* ConsumerOffsetManager: how far each group has come in each queue, as it said last. Lives as long
 * as the store. Owner only. */

typedef struct
{
  gint queue_id;
  gint64 offset;
  gboolean is_reset; /* by the broker; the group hasn't heard of it */
} RmqQueueOffset;

typedef struct
{
  char *topic;
  char *group;
  GArray *offsets; /* of RmqQueueOffset, by queue */
} RmqConsumerOffsets;

/* Of all groups in all queues; who commits a new one beyond is told that memory is short. */
#define RMQ_OFFSETS_MAX 100000

typedef struct
{
  GPtrArray *entries;   /* of RmqConsumerOffsets, in order of the first commit */
  GHashTable *by_names; /* "TOPIC@GROUP" → its entry */
  guint n_offsets;
  gboolean is_full; /* and somebody was told */
} RmqConsumerOffsetManager;

void rmq_consumer_offset_manager_init (RmqConsumerOffsetManager *manager);
void rmq_consumer_offset_manager_clear (RmqConsumerOffsetManager *manager);
void rmq_consumer_offset_manager_forget (RmqConsumerOffsetManager *manager);
/* Lower than before is as good. FALSE: RMQ_OFFSETS_MAX are kept. */
gboolean rmq_consumer_offset_manager_commit (RmqConsumerOffsetManager *manager, const char *group,
                                             const char *topic, gint queue_id, gint64 offset);
/* -1: the group never said. */
gint64 rmq_consumer_offset_manager_get (const RmqConsumerOffsetManager *manager, const char *group,
                                        const char *topic, gint queue_id);
/* The broker itself moves the group: what members say doesn't count until one has pulled. */
void rmq_consumer_offset_manager_assign_reset (RmqConsumerOffsetManager *manager, const char *group,
                                               const char *topic, gint queue_id, gint64 offset);
gboolean rmq_consumer_offset_manager_is_reset (const RmqConsumerOffsetManager *manager,
                                               const char *group, const char *topic, gint queue_id);
/* TRUE: it was moved there, and has heard of it now. */
gboolean rmq_consumer_offset_manager_take_reset (RmqConsumerOffsetManager *manager,
                                                 const char *group, const char *topic,
                                                 gint queue_id, gint64 *offset);
/* What other knows is known here too; what it doesn't know stays. */
void rmq_consumer_offset_manager_put_all (RmqConsumerOffsetManager *manager,
                                          const RmqConsumerOffsetManager *other);
/* What group from said of the topic, group to has said, and nothing else. */
void rmq_consumer_offset_manager_clone (RmqConsumerOffsetManager *manager, const char *from,
                                        const char *to, const char *topic);
/* (nullable): the group never said anything of this topic */
const RmqConsumerOffsets *rmq_consumer_offset_manager_find (const RmqConsumerOffsetManager *manager,
                                                            const char *group, const char *topic);
void rmq_consumer_offset_manager_remove_group (RmqConsumerOffsetManager *manager,
                                               const char *group);
/* Answer of 43. */
GBytes *rmq_consumer_offset_manager_encode (const RmqConsumerOffsetManager *manager);
void rmq_consumer_offset_manager_fill_snapshot (const RmqConsumerOffsetManager *manager,
                                                const char *owner, RmqSnapshot *snapshot);

G_END_DECLS

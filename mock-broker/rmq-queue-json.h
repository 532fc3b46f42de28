/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-json-writer.h"

G_BEGIN_DECLS

/* MessageQueue in JSON bodies, and the body of 41 and 42 (LockBatchRequestBody). */

typedef struct
{
  char *topic;       /* (nullable) */
  char *broker_name; /* (nullable) */
  gint queue_id;
} RmqQueueName;

void rmq_queue_name_clear (RmqQueueName *queue);
void rmq_queue_name_copy (RmqQueueName *to, const RmqQueueName *from);
gboolean rmq_queue_name_equal (const RmqQueueName *a, const RmqQueueName *b);
void rmq_queue_name_write (const RmqQueueName *queue, RmqJsonWriter *out);

typedef struct
{
  char *client_id;      /* (nullable) */
  char *consumer_group; /* (nullable) */
  GArray *queues;       /* of RmqQueueName */
} RmqLockBatchBody;

gboolean rmq_lock_batch_body_decode (GBytes *json, RmqLockBatchBody *body, GError **error);
void rmq_lock_batch_body_clear (RmqLockBatchBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RmqLockBatchBody, rmq_lock_batch_body_clear)

G_END_DECLS

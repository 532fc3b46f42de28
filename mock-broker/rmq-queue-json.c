/* SPDX-License-Identifier: Apache-2.0 */

/* Queues by name in JSON bodies. Pure. */

#include "rmq-queue-json.h"

#include "rmq-json-body-private.h"

#define QUEUES_MAX 65535 /* of one body */

void
rmq_queue_name_clear (RmqQueueName *queue)
{
  g_clear_pointer (&queue->topic, g_free);
  g_clear_pointer (&queue->broker_name, g_free);
}

void
rmq_queue_name_copy (RmqQueueName *to, const RmqQueueName *from)
{
  to->topic = g_strdup (from->topic);
  to->broker_name = g_strdup (from->broker_name);
  to->queue_id = from->queue_id;
}

gboolean
rmq_queue_name_equal (const RmqQueueName *a, const RmqQueueName *b)
{
  return a->queue_id == b->queue_id && g_strcmp0 (a->topic, b->topic) == 0
         && g_strcmp0 (a->broker_name, b->broker_name) == 0;
}

void
rmq_queue_name_write (const RmqQueueName *queue, RmqJsonWriter *out)
{
  rmq_json_put (out, "{");
  if (queue->broker_name != NULL)
    {
      rmq_json_put_member (out, "\"brokerName\":", queue->broker_name);
      rmq_json_put (out, ",");
    }
  rmq_json_put_int_member (out, "\"queueId\":", queue->queue_id);
  if (queue->topic != NULL)
    rmq_json_put_member (out, ",\"topic\":", queue->topic);
  rmq_json_put (out, "}");
}

/* ---- body of 41 and 42 --------------------------------------------------- */

static void
read_topic (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqQueueName *)object)->topic);
}

static void
read_broker_name (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqQueueName *)object)->broker_name);
}

static void
read_queue_id (RmqJsonReader *reader, gpointer object)
{
  ((RmqQueueName *)object)->queue_id = rmq_json_read_int (reader);
}

static void
read_client_id (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqLockBatchBody *)object)->client_id);
}

static void
read_consumer_group (RmqJsonReader *reader, gpointer object)
{
  rmq_json_read_string (reader, &((RmqLockBatchBody *)object)->consumer_group);
}

static void
read_queues (RmqJsonReader *reader, gpointer object)
{
  static const RmqJsonMember members[] = {
    { "brokerName", read_broker_name },
    { "queueId", read_queue_id },
    { "topic", read_topic },
  };
  GArray *queues = ((RmqLockBatchBody *)object)->queues;
  if (!rmq_json_read_enter (reader, RMQ_JSON_ARRAY))
    return;
  while (queues->len < QUEUES_MAX && rmq_json_reader_next_element (reader))
    {
      RmqQueueName queue = { 0 };
      rmq_json_read_object (reader, members, G_N_ELEMENTS (members), &queue);
      g_array_append_val (queues, queue);
    }
}

gboolean
rmq_lock_batch_body_decode (GBytes *json, RmqLockBatchBody *body, GError **error)
{
  static const RmqJsonMember members[] = {
    { "clientId", read_client_id },
    { "consumerGroup", read_consumer_group },
    { "mqSet", read_queues },
  };
  g_auto (RmqJsonBody) text;
  *body = (RmqLockBatchBody){ .queues = g_array_new (FALSE, FALSE, sizeof (RmqQueueName)) };
  g_array_set_clear_func (body->queues, (GDestroyNotify)rmq_queue_name_clear);
  rmq_json_body_init (&text, json);
  rmq_json_read_object (&text.reader, members, G_N_ELEMENTS (members), body);
  return rmq_json_reader_finish (&text.reader, "queue locks", error);
}

void
rmq_lock_batch_body_clear (RmqLockBatchBody *body)
{
  g_clear_pointer (&body->queues, g_array_unref);
  g_clear_pointer (&body->client_id, g_free);
  g_clear_pointer (&body->consumer_group, g_free);
}

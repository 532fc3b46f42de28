/* SPDX-License-Identifier: Apache-2.0 */

/* The store as a pull sees it: which messages of a queue, how many, and where to go on. Mirrors
 * DefaultMessageStore#getMessage. It changes nothing, but a group hears here that it was moved. On
 * the broker's loop, owner only. */

#include "rmq-message-record.h"
#include "rmq-mock-broker-private.h"
#include "rmq-pull-processor.h"

/* MessageStoreConfig: of messages in memory, as all of ours are */
#define TRANSFER_COUNT_MAX 32
#define TRANSFER_BYTES_MAX 262144
#define FILTER_BYTES_MAX 16000
#define QUEUE_ENTRY_BYTES 20

static const char *const names[] = {
  [RMQ_FETCH_FOUND] = "FOUND",
  [RMQ_FETCH_NO_MATCHED_MESSAGE] = "NO_MATCHED_MESSAGE",
  [RMQ_FETCH_OFFSET_OVERFLOW_BADLY] = "OFFSET_OVERFLOW_BADLY",
  [RMQ_FETCH_OFFSET_OVERFLOW_ONE] = "OFFSET_OVERFLOW_ONE",
  [RMQ_FETCH_OFFSET_TOO_SMALL] = "OFFSET_TOO_SMALL",
  [RMQ_FETCH_NO_MESSAGE_IN_QUEUE] = "NO_MESSAGE_IN_QUEUE",
  [RMQ_FETCH_OFFSET_RESET] = "OFFSET_RESET",
};

const char *
rmq_fetch_status_get_name (RmqFetchStatus status)
{
  return names[status];
}

/* The batch is full; the message at hand, the last in records, is one too many. */
static gboolean
is_full (const RmqFetchWish *wish, const GByteArray *records, guint n_before)
{
  return n_before > 0
         && (wish->max_msg_nums <= (gint)n_before || n_before >= TRANSFER_COUNT_MAX
             || records->len > (guint)MIN (TRANSFER_BYTES_MAX, MAX (wish->max_bytes, 0)));
}

static void
scan (RmqMockBroker *self, const RmqFetchWish *wish, const GPtrArray *queue, RmqFetchResult *result)
{
  gint64 n_scan_max = MAX (FILTER_BYTES_MAX / QUEUE_ENTRY_BYTES, (gint64)wish->max_msg_nums);
  gint64 end = MIN (result->max_offset, wish->offset + n_scan_max);
  g_autoptr (GByteArray) records = g_byte_array_new ();
  guint n = 0;
  gint64 at = wish->offset;
  for (; at < end; at++)
    {
      const RmqStoredMessage *message = g_ptr_array_index (queue, at);
      if (!rmq_pull_filter_matches (wish->filter, message->tags_code))
        continue;
      guint size = records->len;
      rmq_stored_message_encode (message, rmq_mock_broker_get_store_host (self), records);
      if (is_full (wish, records, n))
        {
          g_byte_array_set_size (records, size);
          break;
        }
      n++;
    }
  result->next_begin_offset = at;
  result->status = n > 0 ? RMQ_FETCH_FOUND : RMQ_FETCH_NO_MATCHED_MESSAGE;
  result->records = n > 0 ? g_steal_pointer (&records) : NULL;
}

static gint64
after_overflow (const RmqMockBroker *self, const RmqFetchResult *result)
{
  return self->profile->pull->overflow_starts_anew ? result->min_offset : result->max_offset;
}

void
rmq_mock_broker_fetch (RmqMockBroker *self, const RmqFetchWish *wish, RmqFetchResult *result)
{
  const GPtrArray *queue = rmq_message_store_get_queue (&self->store, wish->topic, wish->queue_id);
  *result = (RmqFetchResult){ .max_offset = queue != NULL ? queue->len : 0 };
  if (rmq_consumer_offset_manager_take_reset (&self->offsets, wish->group, wish->topic,
                                              wish->queue_id, &result->next_begin_offset))
    result->status = RMQ_FETCH_OFFSET_RESET;
  else if (result->max_offset == 0)
    result->status = RMQ_FETCH_NO_MESSAGE_IN_QUEUE;
  else if (wish->offset < result->min_offset)
    {
      result->status = RMQ_FETCH_OFFSET_TOO_SMALL;
      result->next_begin_offset = result->min_offset;
    }
  else if (wish->offset == result->max_offset)
    {
      result->status = RMQ_FETCH_OFFSET_OVERFLOW_ONE;
      result->next_begin_offset = wish->offset;
    }
  else if (wish->offset > result->max_offset)
    {
      result->status = RMQ_FETCH_OFFSET_OVERFLOW_BADLY;
      result->next_begin_offset = after_overflow (self, result);
    }
  else
    scan (self, wish, queue, result);
}

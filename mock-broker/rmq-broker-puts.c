/* SPDX-License-Identifier: Apache-2.0 */

/* The one way into a broker's log, whoever writes: producers, the clock of delayed messages, the
 * end of a transaction. Limits, stamps, the event, and who wants to know. On the broker's loop,
 * owner only. */

#include "rmq-mock-broker-private.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-mock-events.h"

static gsize
measure_properties (const RmqStoredMessage *draft)
{
  gsize size = rmq_properties_measure (draft->properties);
  return size > 0 && draft->last_separator ? size + 1 : size;
}

RmqPutStatus
rmq_mock_broker_check_put (const RmqMockBroker *self, const char *topic,
                           const RmqStoredMessage *draft)
{
  gsize body = g_bytes_get_size (draft->body);
  gsize properties = measure_properties (draft);
  gsize record = RMQ_RECORD_FIXED_BYTES + body + strlen (topic) + properties;
  gboolean is_too_large =
      (self->profile->send->limits_record ? record : body) > (gsize)self->config.max_message_size;
  if (rmq_broker_config_is_slave (&self->config))
    return RMQ_PUT_SERVICE_NOT_AVAILABLE;
  if (strlen (topic) > RMQ_TOPIC_LENGTH_MAX || properties > RMQ_STORE_PROPERTIES_MAX_BYTES
      || is_too_large)
    return RMQ_PUT_MESSAGE_ILLEGAL;
  return rmq_message_store_is_full (&self->store, draft->body) ? RMQ_PUT_SERVICE_NOT_AVAILABLE
                                                               : RMQ_PUT_OK;
}

/* "BROKER TOPIC", kept for the next put: most go where the last one went. */
static const char *
name_place (RmqMockBroker *self, const char *topic)
{
  const char *name = rmq_mock_server_get_name (self->server);
  if (self->last_place == NULL || strcmp (self->last_place + strlen (name) + 1, topic) != 0)
    {
      g_free (self->last_place);
      self->last_place = g_strconcat (name, " ", topic, NULL);
    }
  return self->last_place;
}

static void
emit_stored (RmqMockBroker *self, RmqStoredMessage *stored)
{
  const char *uniq_key = rmq_properties_get (stored->properties, RMQ_PROPERTY_UNIQ_KEY);
  stored->stored_ev =
      RMQ_EMIT (rmq_mock_server_get_env (self->server), &rmq_event_stored,
                name_place (self, stored->topic), stored->queue_id, stored->queue_offset,
                self->store.log->len - 1, uniq_key != NULL ? (gint64)rmq_hash_text (uniq_key) : 0);
}

RmqStoredMessage *
rmq_mock_broker_put (RmqMockBroker *self, const char *topic, const RmqStoredMessage *draft,
                     RmqPutStatus *status)
{
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  RmqStoredMessage message = *draft;
  message.body = g_bytes_ref (draft->body);
  message.store_ms = rmq_env_wall (env);
  message.store_us = rmq_env_now (env);
  message.properties_size = measure_properties (draft);
  *status = rmq_mock_broker_check_put (self, topic, draft);
  if (*status == RMQ_PUT_OK)
    {
      RmqStoredMessage *stored =
          rmq_message_store_put (&self->store, &message, topic, self->address);
      emit_stored (self, stored);
      rmq_schedule_stored (&self->schedule, stored);
      rmq_transactions_stored (&self->transactions, stored);
      rmq_pull_request_hold_arrived (&self->pulls, stored);
      rmq_ha_service_stored (&self->ha_service);
      return stored;
    }
  g_bytes_unref (message.body);
  rmq_properties_free (message.properties);
  g_ref_string_release (message.born_host);
  return NULL;
}

const RmqStoredMessage *
rmq_mock_broker_find_at (const RmqMockBroker *self, gint64 physical_offset)
{
  guint low = 0, high = self->store.log->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const RmqStoredMessage *message = g_ptr_array_index (self->store.log, middle);
      if (message->physical_offset == physical_offset)
        return message;
      if (message->physical_offset < physical_offset)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

gint
rmq_mock_broker_get_put_code (const RmqMockBroker *self, gboolean waits)
{
  if (!waits)
    return RMQ_RESPONSE_SUCCESS;
  if (rmq_ha_service_lacks_slave (&self->ha_service))
    return RMQ_RESPONSE_SLAVE_NOT_AVAILABLE;
  return rmq_broker_config_flushes_late (&self->config) ? RMQ_RESPONSE_FLUSH_DISK_TIMEOUT
                                                        : RMQ_RESPONSE_SUCCESS;
}

/* ---- topics made on the way ---------------------------------------------- */

void
rmq_mock_broker_announce_topic (RmqMockBroker *self, const RmqTopicConfig *topic)
{
  g_autofree char *text =
      g_strdup_printf ("%s %s", rmq_mock_server_get_name (self->server), topic->topic_name);
  RMQ_EMIT (rmq_mock_server_get_env (self->server), &rmq_event_topic_created, text,
            topic->write_queue_nums);
  if (self->profile->send->registers_one_topic)
    rmq_mock_broker_register_topic (self, topic);
  else
    rmq_mock_broker_register_all (self, TRUE);
}

const RmqTopicConfig *
rmq_mock_broker_ensure_topic_config (RmqMockBroker *self, const RmqTopicConfig *config)
{
  const RmqTopicConfig *there = rmq_topic_config_manager_get (self->topics, config->topic_name);
  if (there != NULL)
    return there;
  rmq_topic_config_manager_put (self->topics, config, RMQ_TOPIC_CREATED,
                                rmq_mock_broker_now_ms (self));
  there = rmq_topic_config_manager_get (self->topics, config->topic_name);
  rmq_mock_broker_announce_topic (self, there);
  return there;
}

const RmqTopicConfig *
rmq_mock_broker_ensure_topic (RmqMockBroker *self, const char *topic, gint queue_nums, gint perm)
{
  RmqTopicConfig config = {
    .topic_name = (char *)topic,
    .read_queue_nums = queue_nums,
    .write_queue_nums = queue_nums,
    .perm = perm,
  };
  return rmq_mock_broker_ensure_topic_config (self, &config);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of one message that passed the checks: the properties a broker adds, and where it
 * goes: into its topic, to the half messages, to those that wait for their time. On the broker's
 * loop, owner only. */

#include "rmq-send-private.h"

#include <string.h>

#include "rmq-schedule-message-service.h"
#include "rmq-transactions.h"

RmqStoredMessage *
rmq_send_put (RmqSend *send, const char *topic, const RmqStoredMessage *draft)
{
  RmqStoredMessage message = *draft;
  message.reconsume_times = send->header.reconsume_times;
  message.born_ms = send->header.born_timestamp_ms;
  message.born_host = g_ref_string_acquire (rmq_connection_get_user_data (send->connection));
  RmqPutStatus status;
  RmqStoredMessage *stored = rmq_mock_broker_put (send->broker, topic, &message, &status);
  rmq_send_refuse_put (send, status);
  return stored;
}

/* ---- properties ---------------------------------------------------------- */

static void
add_uniq_key (RmqSend *send)
{
  RmqMockBroker *broker = send->broker;
  RmqEnv *env = rmq_mock_server_get_env (broker->server);
  const char *given = rmq_properties_get (send->properties, RMQ_PROPERTY_UNIQ_KEY);
  if (!send->profile->makes_uniq_key || send->header.batch || send->is_reply || given != NULL)
    return;
  char key[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&broker->uniq_keys, rmq_env_wall (env), rmq_env_get_utc_offset_s (env),
                           key);
  rmq_properties_set (send->properties, RMQ_PROPERTY_UNIQ_KEY, key);
}

void
rmq_send_add_properties (RmqSend *send)
{
  const RmqSendProfile *profile = send->profile;
  const RmqBrokerConfig *config = &send->broker->config;
  if (profile->makes_uniq_key)
    rmq_properties_remove (send->properties, "POP_CK");
  add_uniq_key (send);
  if (profile->adds_cluster && !send->is_reply)
    rmq_properties_set (send->properties, "CLUSTER", send->broker->cluster);
  if (profile->adds_trace)
    {
      rmq_properties_set (send->properties, "MSG_REGION", config->region_id);
      rmq_properties_set (send->properties, "TRACE_ON", config->trace_on ? "true" : "false");
    }
  if (send->dead_letter != NULL && profile->resets_delay)
    rmq_properties_set (send->properties, RMQ_PROPERTY_DELAY, "-1");
}

/* Properties that a broker takes over as they came end as they came. */
static gboolean
ends_in_separator (const RmqSend *send)
{
  const char *text = send->header.properties;
  if (!send->profile->keeps_text)
    return send->profile->last_separator;
  return text != NULL && g_str_has_suffix (text, "\002");
}

/* ---- where it goes ------------------------------------------------------- */

/* A retry that waits is no half message any more, whatever its properties say. */
static gboolean
becomes_half (const RmqSend *send)
{
  if (!rmq_transactions_is_half (send->properties))
    return FALSE;
  return !send->profile->has_timer || send->header.reconsume_times == 0
         || rmq_schedule_get_level (send->properties) == 0;
}

static const char *
route (RmqSend *send, RmqStoredMessage *draft, const char *topic)
{
  if (becomes_half (send))
    return rmq_transactions_prepare (&send->broker->transactions, draft, topic);
  const char *redirected = topic;
  if (!rmq_send_refuse_put (send,
                            rmq_schedule_redirect (&send->broker->schedule, draft, &redirected)))
    return NULL;
  if (redirected == topic && send->profile->drops_wait)
    { /* a delayed message and a batch keep it */
      rmq_properties_remove (draft->properties, RMQ_PROPERTY_WAIT);
    }
  return redirected;
}

RmqRemotingCommand *
rmq_send_store_single (RmqSend *send, GBytes *body)
{
  rmq_send_add_properties (send);
  RmqStoredMessage draft = {
    .queue_id = send->dead_letter != NULL ? 0 : send->queue_id,
    .flag = send->header.flag,
    .sys_flag = send->header.sys_flag,
    .body = body,
    .properties = send->properties,
    .last_separator = ends_in_separator (send),
  };
  const char *topic =
      route (send, &draft, send->dead_letter != NULL ? send->dead_letter : send->topic->topic_name);
  if (topic == NULL)
    return NULL;
  send->properties = NULL;
  RmqStoredMessage *stored = rmq_send_put (send, topic, &draft);
  if (stored == NULL)
    return NULL;
  char id[RMQ_OFFSET_MSG_ID_SIZE_MAX];
  rmq_offset_msg_id_make (&send->broker->ids, stored->physical_offset, id);
  return rmq_send_new_success (send, id, stored->queue_offset, stored);
}

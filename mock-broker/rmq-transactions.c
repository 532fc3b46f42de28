/* SPDX-License-Identifier: Apache-2.0 */

/* Half messages and the rounds of questions about them (TransactionalMessageServiceImpl). One round
 * walks the half messages in order: those with a marker are settled, those asked too often or too
 * old are given up, the first that is too young ends the round; any other is stored once more at
 * the end, so that it has a new offset, and a producer of its group is asked. On the broker's loop,
 * owner only. */

#include "rmq-transactions.h"

#include <stdlib.h>
#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-message-record.h"
#include "rmq-mock-broker-private.h"
#include "rmq-topic-route-data.h"
#include "rmq-transaction-headers.h"

#define FILE_RESERVED_MS (72 * G_GINT64_CONSTANT (3600) * 1000)
#define MARKERS_MAX_BYTES 4096

#define PROPERTY_TRANSACTION "TRAN_MSG"
#define PROPERTY_PRODUCER_GROUP "PGROUP"
#define PROPERTY_CHECK_TIMES "TRANSACTION_CHECK_TIMES"
#define PROPERTY_IMMUNITY "CHECK_IMMUNITY_TIME_IN_SECONDS"
#define PROPERTY_PREPARED_OFFSET "TRAN_PREPARED_QUEUE_OFFSET"
#define PROPERTY_TRANSACTION_ID "__transactionId__"

static RmqEnv *
get_env (const RmqTransactions *self)
{
  return rmq_mock_server_get_env (self->broker->server);
}

void
rmq_transactions_init (RmqTransactions *self, RmqMockBroker *broker)
{
  *self = (RmqTransactions){
    .broker = broker,
    .half = g_ptr_array_new (),
    .ended = g_hash_table_new (NULL, NULL),
    .unwritten = g_string_new (NULL),
  };
}

void
rmq_transactions_clear (RmqTransactions *self)
{
  rmq_transactions_halt (self);
  g_ptr_array_unref (self->half);
  g_hash_table_unref (self->ended);
  g_string_free (self->unwritten, TRUE);
}

/* ---- half messages ------------------------------------------------------- */

gboolean
rmq_transactions_is_half (const RmqProperties *properties)
{
  const char *transaction = rmq_properties_get (properties, PROPERTY_TRANSACTION);
  return transaction != NULL && g_ascii_strcasecmp (transaction, "true") == 0;
}

static void
ensure_topics (RmqTransactions *self)
{
  static const char *const topics[] = { RMQ_HALF_TOPIC, RMQ_OP_HALF_TOPIC };
  for (guint i = 0; i < G_N_ELEMENTS (topics); i++)
    rmq_mock_broker_ensure_topic (self->broker, topics[i], 1, RMQ_PERM_READ | RMQ_PERM_WRITE);
}

static gboolean
has_topics (RmqTransactions *self)
{
  return rmq_topic_config_manager_get (self->broker->topics, RMQ_OP_HALF_TOPIC) != NULL;
}

const char *
rmq_transactions_prepare (RmqTransactions *self, RmqStoredMessage *draft, const char *topic)
{
  const RmqSendProfile *profile = self->broker->profile->send;
  const char *key = rmq_properties_get (draft->properties, RMQ_PROPERTY_UNIQ_KEY);
  if (profile->adds_transaction_id && key != NULL)
    {
      g_autofree char *copy = g_strdup (key);
      rmq_properties_set (draft->properties, PROPERTY_TRANSACTION_ID, copy);
    }
  rmq_schedule_remember_place (draft, topic);
  draft->last_separator = profile->last_separator;
  draft->sys_flag &= ~RMQ_SYS_FLAG_TRANSACTION_MASK;
  draft->queue_id = 0;
  ensure_topics (self);
  return RMQ_HALF_TOPIC;
}

/* A message that is in the store already, to be stored again. Takes properties. */
static RmqStoredMessage
draft_again (const RmqTransactions *self, const RmqStoredMessage *message,
             RmqProperties *properties)
{
  return (RmqStoredMessage){
    .queue_id = message->queue_id,
    .body = message->body,
    .flag = message->flag,
    .sys_flag = message->sys_flag,
    .properties = properties,
    .last_separator = self->broker->profile->send->last_separator,
    .reconsume_times = message->reconsume_times,
    .born_ms = message->born_ms,
    .born_host = g_ref_string_acquire (message->born_host),
  };
}

/* ---- markers ------------------------------------------------------------- */

static void
put_marker (RmqTransactions *self, const char *text)
{
  RmqMockBroker *broker = self->broker;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  RmqStoredMessage draft = {
    .body = body,
    .properties = rmq_properties_new (),
    .last_separator = broker->profile->send->last_separator,
    .born_ms = rmq_env_wall (get_env (self)),
    .born_host = g_ref_string_new (broker->address),
  };
  rmq_properties_set (draft.properties, RMQ_PROPERTY_TAGS, "d");
  RmqPutStatus status;
  rmq_mock_broker_put (broker, RMQ_OP_HALF_TOPIC, &draft, &status);
}

/* "3,17," or "3": the half messages with these offsets have ended. */
static void
read_marker (RmqTransactions *self, const RmqStoredMessage *marker)
{
  gsize size;
  const char *data = g_bytes_get_data (marker->body, &size);
  g_autofree char *text = g_strndup (data, size);
  g_auto (GStrv) offsets = g_strsplit (text, ",", -1);
  for (char **offset = offsets; *offset != NULL; offset++)
    if (**offset != '\0')
      g_hash_table_add (self->ended, GUINT_TO_POINTER ((guint)atoi (*offset)));
}

static void
write_markers (gpointer data)
{
  RmqTransactions *self = data;
  rmq_env_timer_stop (get_env (self), &self->marker_timer);
  g_autofree char *text = g_strdup (self->unwritten->str);
  g_string_truncate (self->unwritten, 0);
  put_marker (self, text);
}

void
rmq_transactions_end (RmqTransactions *self, gint64 queue_offset)
{
  gint64 delay_us = self->broker->profile->send->marker_delay_us;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, queue_offset);
  if (delay_us == 0)
    {
      put_marker (self, text);
      return;
    }
  gboolean is_first = self->unwritten->len == 0;
  g_string_append_printf (self->unwritten, "%s,", text);
  if (self->unwritten->len >= MARKERS_MAX_BYTES)
    write_markers (self);
  else if (is_first)
    rmq_env_timer_start (get_env (self), &self->marker_timer,
                         rmq_env_now (get_env (self)) + delay_us, write_markers, self);
}

/* ---- one half message in a round ----------------------------------------- */

static gint
get_check_times (const RmqStoredMessage *message)
{
  const char *times = rmq_properties_get (message->properties, PROPERTY_CHECK_TIMES);
  return times != NULL ? atoi (times) : 0;
}

static gboolean
is_given_up (const RmqTransactions *self, const RmqStoredMessage *message)
{
  gint64 age_ms = rmq_env_wall (get_env (self)) - message->born_ms;
  return get_check_times (message) >= self->broker->config.transaction_check_max
         || age_ms > FILE_RESERVED_MS;
}

static void
give_up (RmqTransactions *self, const RmqStoredMessage *message)
{
  RmqMockBroker *broker = self->broker;
  if (!broker->profile->send->has_check_max_topic)
    return;
  rmq_mock_broker_ensure_topic (broker, RMQ_CHECK_MAX_TOPIC, 1, RMQ_PERM_READ | RMQ_PERM_WRITE);
  RmqStoredMessage draft = draft_again (self, message, rmq_properties_copy (message->properties));
  draft.queue_id = 0;
  RmqPutStatus status;
  rmq_mock_broker_put (broker, RMQ_CHECK_MAX_TOPIC, &draft, &status);
}

/* Half messages move to the end of their queue, where they have new offsets. (nullable) */
static RmqStoredMessage *
put_back (RmqTransactions *self, const RmqStoredMessage *message, const char *property,
          gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  RmqProperties *properties = rmq_properties_copy (message->properties);
  rmq_properties_set (properties, property, text);
  RmqStoredMessage draft = draft_again (self, message, properties);
  RmqPutStatus status;
  return rmq_mock_broker_put (self->broker, RMQ_HALF_TOPIC, &draft, &status);
}

gboolean
rmq_transactions_resume (RmqTransactions *self, const RmqStoredMessage *message)
{
  return put_back (self, message, PROPERTY_CHECK_TIMES, 0) != NULL;
}

/* The record as the producer would see it delivered. */
static GBytes *
encode_for_producer (const RmqTransactions *self, const RmqStoredMessage *message)
{
  const char *topic = rmq_properties_get (message->properties, RMQ_PROPERTY_REAL_TOPIC);
  const char *queue_id = rmq_properties_get (message->properties, RMQ_PROPERTY_REAL_QUEUE_ID);
  RmqStoredMessage shown = *message;
  shown.topic = topic != NULL ? topic : message->topic;
  shown.queue_id = queue_id != NULL ? atoi (queue_id) : message->queue_id;
  shown.properties = rmq_properties_copy (message->properties);
  rmq_properties_set (shown.properties, RMQ_PROPERTY_WAIT, "false");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  rmq_stored_message_encode (&shown, self->broker->address, out);
  rmq_properties_free (shown.properties);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

static void
ask_producer (RmqTransactions *self, const RmqStoredMessage *message)
{
  RmqMockBroker *broker = self->broker;
  const char *group = rmq_properties_get (message->properties, PROPERTY_PRODUCER_GROUP);
  RmqConnection *connection =
      group != NULL ? rmq_broker_clients_next_producer (&broker->clients, group) : NULL;
  if (connection == NULL)
    {
      g_info ("%s: nobody of group %s to ask about a half message", broker->name, group);
      return;
    }
  const char *key = rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY);
  gboolean names_topic = broker->profile->send->check_names_topic;
  g_autofree char *id = rmq_offset_msg_id_encode (broker->address, message->physical_offset);
  RmqCheckTransactionStateRequestHeader header = {
    .tran_state_table_offset = message->queue_offset,
    .commit_log_offset = message->physical_offset,
    .msg_id = key,
    .transaction_id = key,
    .offset_msg_id = id,
    .topic = names_topic ? RMQ_HALF_TOPIC : NULL,
    .broker_name = names_topic ? broker->name : NULL,
  };
  g_autoptr (GBytes) body = encode_for_producer (self, message);
  g_autoptr (RmqRemotingCommand) request =
      rmq_remoting_command_new_request (RMQ_REQUEST_CHECK_TRANSACTION_STATE);
  rmq_header_encode (&rmq_check_transaction_state_request_header, RMQ_HEADER_LONG_NAMES, &header,
                     request);
  rmq_remoting_command_set_body (request, body);
  rmq_mock_server_notify (broker->server, connection, request);
}

typedef enum
{
  SETTLED,
  TOO_YOUNG, /* the round ends here */
} CheckResult;

/* A message may say itself how long it must not be asked about. */
static gint64
get_immunity_ms (const RmqTransactions *self, const RmqStoredMessage *message, gboolean *is_own)
{
  const char *text = rmq_properties_get (message->properties, PROPERTY_IMMUNITY);
  gint64 seconds;
  *is_own = text != NULL;
  return text != NULL && g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &seconds, NULL)
             ? seconds * 1000
             : self->broker->config.transaction_timeout_ms;
}

/* It waits on at the end of the queue and remembers its first offset, where its marker would be. */
static void
keep_immune (RmqTransactions *self, const RmqStoredMessage *message)
{
  const char *first = rmq_properties_get (message->properties, PROPERTY_PREPARED_OFFSET);
  gint64 offset = first != NULL ? g_ascii_strtoll (first, NULL, 10) : message->queue_offset;
  if (first == NULL || !g_hash_table_remove (self->ended, GUINT_TO_POINTER ((guint)offset)))
    put_back (self, message, PROPERTY_PREPARED_OFFSET, offset);
}

static CheckResult
check_one (RmqTransactions *self, const RmqStoredMessage *message, gint64 round_ms)
{
  if (g_hash_table_remove (self->ended, GUINT_TO_POINTER ((guint)message->queue_offset)))
    return SETTLED;
  if (is_given_up (self, message))
    {
      give_up (self, message);
      return SETTLED;
    }
  if (message->store_ms >= round_ms)
    return TOO_YOUNG;
  gboolean is_own;
  gint64 immunity_ms = get_immunity_ms (self, message, &is_own);
  gint64 age_ms = rmq_env_wall (get_env (self)) - message->born_ms;
  if (is_own && age_ms < immunity_ms)
    {
      keep_immune (self, message);
      return SETTLED;
    }
  if (age_ms >= 0 && age_ms < immunity_ms)
    return TOO_YOUNG;
  RmqStoredMessage *again =
      put_back (self, message, PROPERTY_CHECK_TIMES, get_check_times (message) + 1);
  if (again == NULL)
    return TOO_YOUNG;
  ask_producer (self, again);
  return SETTLED;
}

/* ---- rounds -------------------------------------------------------------- */

static void check_round (gpointer data);

/* A round without half messages does nothing, but that the first one makes the topics. */
static void
arm (RmqTransactions *self)
{
  if (!self->runs || (self->next == self->half->len && has_topics (self)))
    return;
  RmqEnv *env = get_env (self);
  gint64 interval_us = self->broker->config.transaction_check_interval_ms * G_TIME_SPAN_MILLISECOND;
  gint64 rounds = (rmq_env_now (env) - self->started_us) / interval_us + 1;
  rmq_env_timer_start (env, &self->check_timer, self->started_us + rounds * interval_us,
                       check_round, self);
}

static void
check_round (gpointer data)
{
  RmqTransactions *self = data;
  ensure_topics (self);
  gint64 round_ms = rmq_env_wall (get_env (self));
  while (self->next < self->half->len
         && check_one (self, g_ptr_array_index (self->half, self->next), round_ms) == SETTLED)
    self->next++;
  arm (self);
}

void
rmq_transactions_stored (RmqTransactions *self, RmqStoredMessage *stored)
{
  if (g_str_equal (stored->topic, RMQ_OP_HALF_TOPIC))
    read_marker (self, stored);
  if (!g_str_equal (stored->topic, RMQ_HALF_TOPIC) || stored->queue_id != 0)
    return;
  g_ptr_array_add (self->half, stored);
  if (self->next + 1 == self->half->len)
    arm (self);
}

/* ---- life ---------------------------------------------------------------- */

void
rmq_transactions_start (RmqTransactions *self)
{
  if (rmq_broker_config_is_slave (&self->broker->config))
    return;
  self->runs = TRUE;
  self->started_us = rmq_env_now (get_env (self));
  arm (self);
}

void
rmq_transactions_halt (RmqTransactions *self)
{
  if (!self->runs)
    return;
  self->runs = FALSE;
  g_string_truncate (self->unwritten, 0);
  rmq_env_timer_stop (get_env (self), &self->check_timer);
  rmq_env_timer_stop (get_env (self), &self->marker_timer);
}

void
rmq_transactions_forget (RmqTransactions *self)
{
  g_ptr_array_set_size (self->half, 0);
  g_hash_table_remove_all (self->ended);
  g_string_truncate (self->unwritten, 0);
  self->next = 0;
  if (!self->runs)
    return;
  rmq_env_timer_stop (get_env (self), &self->check_timer);
  rmq_env_timer_stop (get_env (self), &self->marker_timer);
}

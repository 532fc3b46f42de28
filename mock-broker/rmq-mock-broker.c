/* SPDX-License-Identifier: Apache-2.0 */

/* A broker in memory: its life, its registrations, its processor table. Mirrors BrokerController.
 * The store and the topic table belong to the broker and outlive its host, as a disk does;
 * connections, clients and timers are one start's. Runs on the host's loop, owner only; no outage
 * is known here but that a hung broker stops registering. */

#include "rmq-mock-broker-private.h"

#include <arpa/inet.h>
#include <string.h>

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-consumer-processors.h"
#include "rmq-headers.h"
#include "rmq-pull-processor.h"

#define FIRST_TICK_US (10 * G_TIME_SPAN_SECOND)
#define REGISTER_PERIOD_US (30 * G_TIME_SPAN_SECOND)
#define UNIQ_KEY_CLASS_LOADER 0x5ffd2b27 /* of the Java that frames were recorded from */
#define CLIENT_SCAN_PERIOD_US (10 * G_TIME_SPAN_SECOND)

/* ---- registration -------------------------------------------------------- */

static void
register_tick (gpointer data)
{
  RmqMockBroker *self = data;
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  self->next_register_us += REGISTER_PERIOD_US;
  rmq_env_timer_start (env, &self->register_timer, self->next_register_us, register_tick, self);
  rmq_mock_broker_register_all (self, FALSE);
}

static void
say_goodbye (gpointer data)
{
  RmqMockBroker *self = data;
  RmqUnregisterBrokerRequestHeader header = {
    .broker_name = self->name,
    .broker_addr = self->advertised,
    .cluster_name = self->cluster,
    .broker_id = self->id,
  };
  rmq_broker_outer_api_unregister_all (self->outer_api, &header);
}

/* ---- clients ------------------------------------------------------------- */

static void
scan_client_channels (gpointer data)
{
  RmqMockBroker *self = data;
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  self->next_client_scan_us += CLIENT_SCAN_PERIOD_US;
  rmq_env_timer_start (env, &self->client_scan_timer, self->next_client_scan_us,
                       scan_client_channels, self);
  rmq_mock_broker_drop_silent_clients (self);
}

static void
disconnected (gpointer mock, RmqConnection *connection)
{
  RmqMockBroker *self = mock;
  rmq_ha_service_connection_ended (&self->ha_service, connection);
  rmq_pull_request_hold_connection_ended (&self->pulls, connection);
  rmq_mock_broker_client_gone (self, connection);
}

static const RmqProcessor processors[] = {
  { RMQ_REQUEST_SEND_MESSAGE, rmq_mock_broker_send_message, "a message, header with long names" },
  { RMQ_REQUEST_PULL_MESSAGE, rmq_mock_broker_pull_message, "messages of a queue" },
  { RMQ_REQUEST_QUERY_MESSAGE, rmq_mock_broker_query_message, "messages by key" },
  { RMQ_REQUEST_QUERY_CONSUMER_OFFSET, rmq_mock_broker_query_consumer_offset,
    "how far a group has come" },
  { RMQ_REQUEST_UPDATE_CONSUMER_OFFSET, rmq_mock_broker_update_consumer_offset,
    "a group says how far it has come" },
  { RMQ_REQUEST_SEARCH_OFFSET_BY_TIMESTAMP, rmq_mock_broker_search_offset,
    "the queue offset at a time" },
  { RMQ_REQUEST_GET_MAX_OFFSET, rmq_mock_broker_get_max, "the end of a queue" },
  { RMQ_REQUEST_GET_MIN_OFFSET, rmq_mock_broker_get_min, "the beginning of a queue" },
  { RMQ_REQUEST_GET_EARLIEST_MSG_STORETIME, rmq_mock_broker_get_earliest,
    "when a queue's first message was stored" },
  { RMQ_REQUEST_VIEW_MESSAGE_BY_ID, rmq_mock_broker_view_message,
    "one message by its place in the log" },
  { RMQ_REQUEST_HEART_BEAT, rmq_mock_broker_heart_beat, "a client says which groups it has" },
  { RMQ_REQUEST_UNREGISTER_CLIENT, rmq_mock_broker_unregister_client,
    "a client takes a group back" },
  { RMQ_REQUEST_CONSUMER_SEND_MSG_BACK, rmq_mock_broker_send_back,
    "a consumer wants a message again, later" },
  { RMQ_REQUEST_END_TRANSACTION, rmq_mock_broker_end_transaction,
    "a half message is committed or rolled back" },
  { RMQ_REQUEST_GET_CONSUMER_LIST_BY_GROUP, rmq_mock_broker_get_consumer_list,
    "the members of a group" },
  { RMQ_REQUEST_LOCK_BATCH_MQ, rmq_mock_broker_lock_batch,
    "queues are locked for an orderly consumer" },
  { RMQ_REQUEST_UNLOCK_BATCH_MQ, rmq_mock_broker_unlock_batch, "and unlocked" },
  { RMQ_REQUEST_CHECK_CLIENT_CONFIG, rmq_mock_broker_check_client_config,
    "a consumer asks whether its filter compiles" },
  { RMQ_REQUEST_GET_ALL_CONSUMER_OFFSET, rmq_mock_broker_get_all_consumer_offset,
    "a slave asks for the offsets" },
  { RMQ_REQUEST_SEND_MESSAGE_V2, rmq_mock_broker_send_message,
    "a message, header with one-letter names" },
  { RMQ_REQUEST_SEND_BATCH_MESSAGE, rmq_mock_broker_send_message, "a batch of messages" },
  { RMQ_REQUEST_SEND_REPLY_MESSAGE, rmq_mock_broker_send_reply,
    "the answer of a request-reply pair" },
  { RMQ_REQUEST_SEND_REPLY_MESSAGE_V2, rmq_mock_broker_send_reply,
    "the same, header with one-letter names" },
  { RMQ_REQUEST_LITE_PULL_MESSAGE, rmq_mock_broker_pull_message, "messages of a queue, as 5.x asks",
    .since = RMQ_VERSION_5_3_3 },
  { RMQ_REQUEST_UPDATE_AND_CREATE_TOPIC, rmq_mock_broker_create_topic,
    "an operator makes or changes a topic" },
  { RMQ_REQUEST_GET_ALL_TOPIC_CONFIG, rmq_mock_broker_get_all_topics, "the topic table" },
  { RMQ_REQUEST_UPDATE_BROKER_CONFIG, rmq_mock_broker_update_config, "changes the configuration" },
  { RMQ_REQUEST_GET_BROKER_CONFIG, rmq_mock_broker_get_config, "asks for the configuration" },
  { RMQ_REQUEST_GET_BROKER_RUNTIME_INFO, rmq_mock_broker_get_runtime_info,
    "figures of the running broker" },
  { RMQ_REQUEST_UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, rmq_mock_broker_create_group,
    "an operator makes or changes a group" },
  { RMQ_REQUEST_GET_ALL_SUBSCRIPTIONGROUP_CONFIG, rmq_mock_broker_get_all_groups, "all groups" },
  { RMQ_REQUEST_GET_TOPIC_STATS_INFO, rmq_mock_broker_get_topic_stats,
    "offsets of a topic's queues" },
  { RMQ_REQUEST_GET_CONSUMER_CONNECTION_LIST, rmq_mock_broker_get_consumer_connections,
    "the connections of a consumer group" },
  { RMQ_REQUEST_GET_PRODUCER_CONNECTION_LIST, rmq_mock_broker_get_producer_connections,
    "the connections of a producer group" },
  { RMQ_REQUEST_DELETE_SUBSCRIPTIONGROUP, rmq_mock_broker_delete_group,
    "an operator deletes a group" },
  { RMQ_REQUEST_GET_CONSUME_STATS, rmq_mock_broker_get_consume_stats, "how far behind a group is" },
  { RMQ_REQUEST_DELETE_TOPIC_IN_BROKER, rmq_mock_broker_delete_topic,
    "an operator deletes a topic" },
  { RMQ_REQUEST_INVOKE_BROKER_TO_RESET_OFFSET, rmq_mock_broker_reset_offset,
    "sends a group back in time" },
  { RMQ_REQUEST_QUERY_TOPIC_CONSUME_BY_WHO, rmq_mock_broker_get_groups_of_topic,
    "which groups read a topic" },
  { RMQ_REQUEST_GET_SYSTEM_TOPIC_LIST_FROM_BROKER, rmq_mock_broker_get_system_topics,
    "the system's topics" },
  { RMQ_REQUEST_GET_CONSUMER_RUNNING_INFO, rmq_mock_broker_ask_consumer,
    "asks a consumer for its figures" },
  { RMQ_REQUEST_CONSUME_MESSAGE_DIRECTLY, rmq_mock_broker_ask_consumer,
    "has a consumer take one message" },
  { RMQ_REQUEST_VIEW_BROKER_STATS_DATA, rmq_mock_broker_get_stats, "statistics of a topic" },
  { RMQ_REQUEST_GET_ALL_DELAY_OFFSET, rmq_mock_broker_get_all_delay_offset,
    "how far delayed messages have come" },
  { RMQ_REQUEST_QUERY_CONSUME_TIME_SPAN, rmq_mock_broker_query_time_span,
    "how old the messages of a topic's queues are" },
  { RMQ_REQUEST_CLEAN_EXPIRED_CONSUMEQUEUE, rmq_mock_broker_clean, "nothing is ever expired here" },
  { RMQ_REQUEST_QUERY_CORRECTION_OFFSET, rmq_mock_broker_query_correction,
    "the least offset of all groups" },
  { RMQ_REQUEST_CLONE_GROUP_OFFSET, rmq_mock_broker_clone_offsets,
    "a group's offsets for another group" },
  { RMQ_REQUEST_CLEAN_UNUSED_TOPIC, rmq_mock_broker_clean, "a deleted topic has no queues here" },
  { RMQ_REQUEST_RESUME_CHECK_HALF_MESSAGE, rmq_mock_broker_resume_check,
    "a half message that was given up is asked about anew", .since = RMQ_VERSION_4_9_7 },
  { RMQ_REQUEST_GET_ALL_PRODUCER_INFO, rmq_mock_broker_get_all_producers, "all producers",
    .since = RMQ_VERSION_4_9_7 },
};

const RmqProcessor *
rmq_mock_broker_get_processors (guint *n_processors)
{
  *n_processors = G_N_ELEMENTS (processors);
  return processors;
}

/* ---- making and ending --------------------------------------------------- */

static char **
split_addresses (const char *namesrv)
{
  g_auto (GStrv) parts = g_strsplit (namesrv != NULL ? namesrv : "", ";", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (char **part = parts; *part != NULL; part++)
    if (*g_strstrip (*part) != '\0')
      g_strv_builder_add (builder, *part);
  return g_strv_builder_end (builder);
}

static void
configure (RmqMockBroker *self, const RmqMockBrokerOptions *options)
{
  rmq_broker_config_init (&self->config, self->profile);
  self->config.auto_create_topic = !options->no_auto_create;
  for (const char *const *pair = options->settings; pair != NULL && *pair != NULL; pair++)
    {
      g_auto (GStrv) parts = g_strsplit (*pair, "=", 2);
      gboolean is_set = rmq_broker_config_set (&self->config, parts[0], parts[1], NULL);
      g_assert (is_set);
    }
  if (options->id > 0) /* whatever its master's settings say */
    rmq_broker_config_set (&self->config, "brokerRole", "SLAVE", NULL);
}

RmqMockBroker *
rmq_mock_broker_new (const RmqMockBrokerOptions *options)
{
  g_assert (options->name != NULL);
  RmqMockBroker *self = g_new0 (RmqMockBroker, 1);
  self->name = g_strdup (options->name);
  self->cluster = g_strdup (options->cluster != NULL ? options->cluster : "DefaultCluster");
  self->id = options->id;
  self->advertise = g_strdup (options->advertise);
  self->namesrv_addrs = split_addresses (options->namesrv);
  self->profile = options->profile != NULL ? options->profile : rmq_mock_profile_find (NULL);
  configure (self, options);
  RmqMockServerClass klass = {
    .profile = self->profile,
    .processors = processors,
    .n_processors = G_N_ELEMENTS (processors),
    .answers_unknown_codes = self->profile->broker_answers_unknown_codes,
    .disconnected = disconnected,
    .invent = rmq_mock_broker_invent_answer,
  };
  g_autofree char *member_name = rmq_broker_member_name (self->name, self->id);
  self->server = rmq_mock_server_new (member_name, &klass, self);
  self->topics = rmq_topic_config_manager_new (
      self->cluster, self->name, self->config.auto_create_topic, self->profile->version);
  rmq_message_store_init (&self->store);
  rmq_subscription_group_manager_init (&self->groups, self->profile->consumer->modern_groups);
  rmq_broker_clients_init (&self->clients);
  rmq_consumer_manager_init (&self->consumers);
  rmq_consumer_offset_manager_init (&self->offsets);
  rmq_pull_request_hold_init (&self->pulls, self);
  rmq_rebalance_lock_manager_init (&self->locks);
  rmq_schedule_init (&self->schedule, self);
  rmq_transactions_init (&self->transactions, self);
  rmq_ha_service_init (&self->ha_service, self);
  rmq_ha_client_init (&self->ha_client, self, options->master);
  rmq_slave_synchronize_init (&self->slave_synchronize, self);
  return self;
}

/* What clients said ends with their connections. */
static void
forget_clients (RmqMockBroker *self)
{
  g_ptr_array_set_size (self->clients.channels, 0);
  g_ptr_array_set_size (self->consumers.groups, 0);
  g_ptr_array_set_size (self->locks.locks, 0);
  rmq_pull_request_hold_halt (&self->pulls);
  rmq_ha_service_halt (&self->ha_service);
}

/* Whatever belongs to one start and is no part of the server. */
static void
forget_start (RmqMockBroker *self)
{
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  if (env != NULL)
    {
      rmq_env_timer_stop (env, &self->register_timer);
      rmq_env_timer_stop (env, &self->client_scan_timer);
      rmq_env_timer_stop (env, &self->goodbye_timer);
    }
  rmq_schedule_halt (&self->schedule, FALSE);
  rmq_transactions_halt (&self->transactions);
  rmq_slave_synchronize_halt (&self->slave_synchronize);
  rmq_ha_client_halt (&self->ha_client);
  g_clear_pointer (&self->outer_api, rmq_broker_outer_api_free);
  forget_clients (self);
}

void
rmq_mock_broker_free (RmqMockBroker *self)
{
  if (self == NULL)
    return;
  forget_start (self);
  rmq_mock_server_stop (self->server); /* ends what still waits for an answer */
  rmq_schedule_clear (&self->schedule);
  rmq_transactions_clear (&self->transactions);
  rmq_pull_request_hold_clear (&self->pulls);
  rmq_ha_client_clear (&self->ha_client);
  rmq_ha_service_clear (&self->ha_service);
  rmq_mock_server_free (self->server);
  rmq_topic_config_manager_free (self->topics);
  rmq_message_store_clear (&self->store);
  rmq_subscription_group_manager_clear (&self->groups);
  rmq_broker_clients_clear (&self->clients);
  rmq_consumer_manager_clear (&self->consumers);
  rmq_consumer_offset_manager_clear (&self->offsets);
  rmq_rebalance_lock_manager_clear (&self->locks);
  rmq_broker_config_clear (&self->config);
  g_strfreev (self->namesrv_addrs);
  g_free (self->advertise);
  g_free (self->address);
  g_free (self->advertised);
  g_free (self->ha_address);
  g_free (self->last_place);
  g_free (self->cluster);
  g_free (self->name);
  g_free (self);
}

void
rmq_mock_broker_set_settled_func (RmqMockBroker *self, RmqEnvFunc func, gpointer data)
{
  self->settled = func;
  self->settled_data = data;
}

static gboolean
is_ip (const char *host)
{
  struct in_addr address;
  return host != NULL && inet_pton (AF_INET, host, &address) == 1;
}

/* Clients must be able to connect to what a route says: the wildcard is no address. The store's own
 * is an IP address in any case, ids of messages hold it. */
static void
advertise (RmqMockBroker *self, RmqEnv *env)
{
  const char *bound = rmq_mock_server_get_address (self->server);
  const char *colon = strrchr (bound, ':');
  const char *own = rmq_env_get_host_address (env);
  g_assert (colon != NULL);
  gboolean is_wildcard = g_str_has_prefix (bound, "0.0.0.0:") && own != NULL;
  g_autofree char *ip = is_ip (self->advertise) ? g_strdup (self->advertise)
                        : is_wildcard           ? g_strdup (own)
                                                : g_strndup (bound, (gsize)(colon - bound));
  const char *host = self->advertise != NULL ? self->advertise : ip;
  gint64 port = g_ascii_strtoll (colon + 1, NULL, 10);
  g_free (self->address);
  g_free (self->advertised);
  g_free (self->ha_address);
  self->address = g_strdup_printf ("%s:%d", ip, (gint)port);
  rmq_offset_msg_id_init (&self->ids, self->address);
  self->advertised = g_strdup_printf ("%s:%d", host, (gint)port);
  self->ha_address = g_strdup_printf ("%s:%d", host, (gint)port + 1);
}

gboolean
rmq_mock_broker_start (RmqMockBroker *self, RmqEnv *env, const char *listen, GError **error)
{
  g_assert (!rmq_mock_server_is_running (self->server));
  forget_start (self); /* a goodbye under way is cut short */
  if (!rmq_mock_server_start (self->server, env, listen, error))
    return FALSE;
  advertise (self, env);
  self->boot_ms = rmq_env_wall (env);
  if (self->config_version.timestamp_ms == 0)
    self->config_version.timestamp_ms = self->boot_ms;
  rmq_env_random_stream (env, "broker queue", &self->queue_stream);
  const char *ip = rmq_env_get_host_address (env);
  rmq_uniq_key_maker_init (&self->uniq_keys, ip != NULL ? ip : "127.0.0.1",
                           (guint16)rmq_env_get_pid (env), UNIQ_KEY_CLASS_LOADER);
  rmq_schedule_start (&self->schedule);
  rmq_transactions_start (&self->transactions);
  rmq_pull_request_hold_start (&self->pulls);
  rmq_ha_client_start (&self->ha_client);
  rmq_slave_synchronize_start (&self->slave_synchronize);
  rmq_topic_config_manager_begin (self->topics, rmq_env_wall (env));
  RmqBrokerOuterApiOptions options = {
    .broker = self->name,
    .version = self->profile->version,
    .namesrv_addrs = self->namesrv_addrs,
    .settled = self->settled,
    .settled_data = self->settled_data,
  };
  self->outer_api = rmq_broker_outer_api_new (env, &options);
  rmq_mock_broker_register_all (self, FALSE);
  self->next_register_us = rmq_env_now (env) + FIRST_TICK_US;
  rmq_env_timer_start (env, &self->register_timer, self->next_register_us, register_tick, self);
  self->next_client_scan_us = rmq_env_now (env) + CLIENT_SCAN_PERIOD_US;
  rmq_env_timer_start (env, &self->client_scan_timer, self->next_client_scan_us,
                       scan_client_channels, self);
  return TRUE;
}

void
rmq_mock_broker_stop (RmqMockBroker *self)
{
  if (!rmq_mock_server_is_running (self->server))
    return;
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  rmq_env_timer_stop (env, &self->register_timer);
  rmq_env_timer_stop (env, &self->client_scan_timer);
  forget_clients (self);
  rmq_schedule_halt (&self->schedule, FALSE);
  rmq_transactions_halt (&self->transactions);
  rmq_slave_synchronize_halt (&self->slave_synchronize);
  rmq_ha_client_halt (&self->ha_client);
  if (self->profile->unregister_delay_us == 0)
    say_goodbye (self);
  rmq_mock_server_stop (self->server);
  if (self->profile->unregister_delay_us == 0)
    return;
  rmq_env_timer_start (env, &self->goodbye_timer,
                       rmq_env_now (env) + self->profile->unregister_delay_us, say_goodbye, self);
}

void
rmq_mock_broker_kill (RmqMockBroker *self, RmqCloseHow how)
{
  rmq_schedule_halt (&self->schedule, TRUE);
  rmq_mock_server_kill (self->server, how);
  forget_start (self);
}

/* ---- topics and store ---------------------------------------------------- */

gint64
rmq_mock_broker_now_ms (const RmqMockBroker *self)
{
  RmqEnv *env = rmq_mock_server_get_env (self->server);
  return env != NULL ? rmq_env_wall (env) : 0;
}

void
rmq_mock_broker_add_topic (RmqMockBroker *self, const char *topic, gint write_queue_nums,
                           gint read_queue_nums, gint perm)
{
  RmqTopicConfig config = {
    .topic_name = (char *)topic,
    .write_queue_nums = write_queue_nums,
    .read_queue_nums = read_queue_nums,
    .perm = perm,
  };
  rmq_topic_config_manager_put (self->topics, &config, RMQ_TOPIC_DECLARED,
                                rmq_mock_broker_now_ms (self));
  rmq_mock_broker_register_all (self, FALSE);
}

static void
forget_messages (RmqMockBroker *self)
{
  rmq_schedule_forget (&self->schedule);
  rmq_transactions_forget (&self->transactions);
  rmq_consumer_offset_manager_forget (&self->offsets);
  rmq_message_store_forget (&self->store);
}

void
rmq_mock_broker_forget_store (RmqMockBroker *self)
{
  forget_messages (self);
  rmq_subscription_group_manager_forget (&self->groups);
  rmq_topic_config_manager_forget (self->topics, RMQ_TOPIC_CREATED, rmq_mock_broker_now_ms (self));
}

void
rmq_mock_broker_reset (RmqMockBroker *self)
{
  rmq_mock_server_heal (self->server);
  rmq_mock_server_forget_requests (self->server);
  forget_messages (self);
  rmq_subscription_group_manager_forget (&self->groups);
  rmq_topic_config_manager_forget (self->topics, RMQ_TOPIC_DECLARED, rmq_mock_broker_now_ms (self));
  rmq_mock_broker_register_all (self, FALSE);
}

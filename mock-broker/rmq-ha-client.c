/* SPDX-License-Identifier: Apache-2.0 */

/* How a slave's log grows: it goes on where it ends, with the master's record that begins there. No
 * cursor is kept: a slave that starts empty copies from the beginning, and one whose master started
 * empty waits, for ever if need be, until that log reaches its own end at a record's border. Runs
 * on the slave's timers, so that a paused slave copies nothing; owner only. It is never told of by
 * clients and never stores a message of its own. */

#include "rmq-mock-broker-private.h"

#include "rmq-mock-events.h"

#define TICK_PERIOD_US (5 * G_TIME_SPAN_SECOND) /* reports, and tries to connect */
/* A master that waits for copies wakes its connections, any other looks all 100 ms. */
#define SYNC_LAG_US (1 * G_TIME_SPAN_MILLISECOND)
#define ASYNC_PERIOD_US (100 * G_TIME_SPAN_MILLISECOND)

static RmqEnv *
get_env (const RmqHaClient *self)
{
  return rmq_mock_server_get_env (self->broker->server);
}

void
rmq_ha_client_follow (RmqHaClient *self, RmqMockBroker *master)
{
  if (self->master != NULL)
    g_ptr_array_remove (self->master->ha_service.slaves, self->broker);
  self->master = master;
  if (master != NULL)
    g_ptr_array_add (master->ha_service.slaves, self->broker);
}

void
rmq_ha_client_init (RmqHaClient *self, RmqMockBroker *broker, RmqMockBroker *master)
{
  self->broker = broker;
  rmq_ha_client_follow (self, master);
}

void
rmq_ha_client_clear (RmqHaClient *self)
{
  rmq_ha_client_halt (self);
  rmq_ha_client_follow (self, NULL);
}

/* ---- copying ------------------------------------------------------------- */

/* A topic that was deleted at the master begins anew, here too. */
static void
begin_anew (RmqMessageStore *store, const RmqStoredMessage *message)
{
  gint64 next = rmq_message_store_get_max_offset (store, message->topic, message->queue_id);
  if (rmq_stored_message_is_queued (message) && message->queue_offset < next)
    rmq_message_store_drop_topic (store, message->topic);
}

static void
copy (RmqHaClient *self, const RmqStoredMessage *message)
{
  RmqMockBroker *slave = self->broker;
  RmqStoredMessage draft = *message;
  draft.body = g_bytes_ref (message->body);
  draft.properties = rmq_properties_copy (message->properties);
  draft.born_host = g_ref_string_acquire (message->born_host);
  begin_anew (&slave->store, message);
  RmqStoredMessage *stored =
      rmq_message_store_put (&slave->store, &draft, message->topic, self->master->address);
  g_autofree char *text = g_strconcat (rmq_mock_broker_get_name (slave), " ", stored->topic, NULL);
  stored->stored_ev = RMQ_EMIT (get_env (self), &rmq_event_replicated, text, stored->queue_id,
                                stored->queue_offset, slave->store.log->len - 1);
  if (slave->profile->pull->slave_wakes)
    rmq_pull_request_hold_arrived (&slave->pulls, stored);
}

/* (nullable): there is none yet */
static const RmqStoredMessage *
find_next (const RmqHaClient *self)
{
  return rmq_mock_broker_find_at (self->master, self->broker->store.next_physical_offset);
}

static void
fetch (gpointer data)
{
  RmqHaClient *self = data;
  const RmqStoredMessage *message;
  self->is_coming = FALSE;
  self->heard_us = rmq_env_now (get_env (self));
  if (rmq_mock_server_get_state (self->master->server, RMQ_SERVER_PAUSE))
    {
      rmq_ha_client_fetch_soon (self);
      return;
    }
  while ((message = find_next (self)) != NULL)
    copy (self, message);
  rmq_ha_service_acked (&self->master->ha_service);
}

static gint64
get_fetch_us (const RmqHaClient *self)
{
  gint64 now_us = rmq_env_now (get_env (self));
  gboolean is_paused = rmq_mock_server_get_state (self->master->server, RMQ_SERVER_PAUSE);
  if (rmq_broker_config_is_sync_master (&self->master->config) && !is_paused)
    return now_us + SYNC_LAG_US;
  gint64 n_periods = (now_us - self->connected_us) / ASYNC_PERIOD_US;
  return self->connected_us + (n_periods + 1) * ASYNC_PERIOD_US;
}

void
rmq_ha_client_fetch_soon (RmqHaClient *self)
{
  if (!self->is_connected || self->is_coming || !rmq_broker_config_is_slave (&self->broker->config)
      || find_next (self) == NULL)
    return;
  self->is_coming = TRUE;
  rmq_env_timer_start (get_env (self), &self->fetch_timer, get_fetch_us (self), fetch, self);
}

/* ---- the connection ------------------------------------------------------ */

static void
connect_master (RmqHaClient *self)
{
  if (!rmq_mock_server_is_running (self->master->server))
    return;
  self->is_connected = TRUE;
  self->connected_us = rmq_env_now (get_env (self));
  RMQ_EMIT (get_env (self), &rmq_event_ha_connection, rmq_mock_broker_get_name (self->broker), 1);
}

static void
tick (gpointer data)
{
  RmqHaClient *self = data;
  gint64 now_us = rmq_env_now (get_env (self));
  if (self->master == NULL)
    return;
  if (!self->is_connected)
    connect_master (self);
  self->heard_us = now_us;
  rmq_ha_client_fetch_soon (self);
  rmq_env_timer_start (get_env (self), &self->tick_timer, now_us + TICK_PERIOD_US, tick, self);
}

void
rmq_ha_client_start (RmqHaClient *self)
{
  if (self->master == NULL)
    return;
  gint64 now_us = rmq_env_now (get_env (self));
  gint64 first_us =
      self->has_started ? TICK_PERIOD_US : 0; /* it has no address to go to at first */
  self->has_started = TRUE;
  rmq_env_timer_start (get_env (self), &self->tick_timer, now_us + first_us, tick, self);
}

/* Its master sees it go; its own end says enough of itself. */
void
rmq_ha_client_halt (RmqHaClient *self)
{
  RmqEnv *env = get_env (self);
  self->is_connected = FALSE;
  self->is_coming = FALSE;
  if (env == NULL)
    return;
  rmq_env_timer_stop (env, &self->tick_timer);
  rmq_env_timer_stop (env, &self->fetch_timer);
}

void
rmq_ha_client_lost_master (RmqHaClient *self)
{
  if (!self->is_connected)
    return;
  self->is_connected = FALSE;
  self->is_coming = FALSE;
  rmq_env_timer_stop (get_env (self), &self->fetch_timer);
  RMQ_EMIT (get_env (self), &rmq_event_ha_connection, rmq_mock_broker_get_name (self->broker), 0);
}

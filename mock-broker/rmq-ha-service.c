/* SPDX-License-Identifier: Apache-2.0 */

/* What a master knows of its slaves: whether one is usable, how far they are, and the answers that
 * wait for them. Mirrors DefaultHAService, GroupTransferService and CommitLog#handleHA. A slave
 * that goes away fails nobody who waits: only its copy or the time ends that. On the master's loop,
 * owner only; it copies nothing itself. */

#include "rmq-mock-broker-private.h"

#include "rmq-codes-private.h"

#define HOUSEKEEPING_US (20 * G_TIME_SPAN_SECOND) /* a silent slave's connection is closed */
#define FALL_BEHIND_MAX_BYTES (256 << 20)         /* haSlaveFallbehindMax */

typedef struct
{
  RmqHaService *service;
  RmqHeldRequest *held; /* (nullable): answered */
  RmqRemotingCommand *response;
  gint64 end_offset; /* of the log, that a slave must have come to */
  RmqTimer timer;
} Waiting;

static RmqEnv *
get_env (const RmqHaService *self)
{
  return rmq_mock_server_get_env (self->broker->server);
}

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;
  rmq_env_timer_stop (get_env (waiting->service), &waiting->timer);
  g_clear_pointer (&waiting->held, rmq_held_request_free);
  rmq_remoting_command_unref (waiting->response);
  g_free (waiting);
}

void
rmq_ha_service_init (RmqHaService *self, RmqMockBroker *broker)
{
  self->broker = broker;
  self->slaves = g_ptr_array_new ();
  self->waiting = g_ptr_array_new_with_free_func (waiting_free);
}

void
rmq_ha_service_halt (RmqHaService *self)
{
  for (guint i = 0; i < self->slaves->len; i++)
    rmq_ha_client_lost_master (&((RmqMockBroker *)g_ptr_array_index (self->slaves, i))->ha_client);
  g_ptr_array_set_size (self->waiting, 0);
}

void
rmq_ha_service_clear (RmqHaService *self)
{
  rmq_ha_service_halt (self);
  while (self->slaves->len > 0)
    rmq_ha_client_follow (&((RmqMockBroker *)g_ptr_array_index (self->slaves, 0))->ha_client, NULL);
  g_clear_pointer (&self->slaves, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
}

/* ---- how far slaves are -------------------------------------------------- */

static gboolean
is_connected (const RmqHaService *self, const RmqMockBroker *slave)
{
  return slave->ha_client.is_connected
         && rmq_env_now (get_env (self)) - slave->ha_client.heard_us <= HOUSEKEEPING_US;
}

static gboolean
has_usable_slave (const RmqHaService *self)
{
  for (guint i = 0; i < self->slaves->len; i++)
    {
      const RmqMockBroker *slave = g_ptr_array_index (self->slaves, i);
      gint64 behind = self->broker->store.next_physical_offset - slave->store.next_physical_offset;
      if (is_connected (self, slave) && behind < FALL_BEHIND_MAX_BYTES)
        return TRUE;
    }
  return FALSE;
}

/* How many slaves an answer waits for; 0: none. */
static gint64
get_n_wanted (const RmqHaService *self)
{
  const RmqBrokerConfig *config = &self->broker->config;
  if (!rmq_broker_config_is_sync_master (config))
    return 0;
  return self->broker->profile->send->counts_replicas ? config->in_sync_replicas - 1 : 1;
}

static gboolean
is_copied (const RmqHaService *self, gint64 end_offset)
{
  gint64 n = 0;
  for (guint i = 0; i < self->slaves->len; i++)
    {
      const RmqMockBroker *slave = g_ptr_array_index (self->slaves, i);
      n += is_connected (self, slave) && slave->store.next_physical_offset >= end_offset;
    }
  return n >= get_n_wanted (self);
}

gboolean
rmq_ha_service_lacks_slave (const RmqHaService *self)
{
  return get_n_wanted (self) > 0 && !self->broker->profile->send->counts_replicas
         && !has_usable_slave (self);
}

gboolean
rmq_ha_service_must_wait (const RmqHaService *self)
{
  return !rmq_ha_service_lacks_slave (self)
         && !is_copied (self, self->broker->store.next_physical_offset);
}

void
rmq_ha_service_stored (RmqHaService *self)
{
  for (guint i = 0; i < self->slaves->len; i++)
    rmq_ha_client_fetch_soon (&((RmqMockBroker *)g_ptr_array_index (self->slaves, i))->ha_client);
}

/* ---- answers that wait --------------------------------------------------- */

static void
answer (Waiting *waiting, gboolean in_time)
{
  if (!in_time)
    rmq_remoting_command_set_code (waiting->response, RMQ_RESPONSE_FLUSH_SLAVE_TIMEOUT);
  RmqHeldRequest *held = g_steal_pointer (&waiting->held);
  rmq_held_request_answer (held, waiting->response);
}

static void
timed_out (gpointer data)
{
  Waiting *waiting = data;
  guint index;
  RmqHaService *self = waiting->service;
  gboolean found = g_ptr_array_find (self->waiting, waiting, &index);
  g_assert (found);
  g_ptr_array_steal_index (self->waiting, index);
  answer (waiting, FALSE);
  waiting_free (waiting);
}

void
rmq_ha_service_acked (RmqHaService *self)
{
  while (self->waiting->len > 0
         && is_copied (self, ((Waiting *)g_ptr_array_index (self->waiting, 0))->end_offset))
    {
      Waiting *waiting = g_ptr_array_steal_index (self->waiting, 0);
      answer (waiting, TRUE);
      waiting_free (waiting);
    }
}

void
rmq_ha_service_hold (RmqHaService *self, RmqConnection *connection, RmqRemotingCommand *request,
                     RmqRemotingCommand *response)
{
  const RmqBrokerConfig *config = &self->broker->config;
  gint64 timeout_ms = self->broker->profile->send->flush_timeout_for_slave
                          ? config->sync_flush_timeout_ms
                          : config->slave_timeout_ms;
  Waiting *waiting = g_new0 (Waiting, 1);
  waiting->service = self;
  waiting->held = rmq_mock_server_hold (self->broker->server, connection, request);
  waiting->response = response;
  waiting->end_offset = self->broker->store.next_physical_offset;
  g_ptr_array_add (self->waiting, waiting);
  rmq_env_timer_start (get_env (self), &waiting->timer,
                       rmq_env_now (get_env (self)) + timeout_ms * G_TIME_SPAN_MILLISECOND,
                       timed_out, waiting);
}

void
rmq_ha_service_connection_ended (RmqHaService *self, RmqConnection *connection)
{
  for (guint i = self->waiting->len; i > 0; i--)
    {
      Waiting *waiting = g_ptr_array_index (self->waiting, i - 1);
      if (rmq_held_request_get_connection (waiting->held) == connection)
        g_ptr_array_remove_index (self->waiting, i - 1);
    }
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "slave", RMQ_CELL_TEXT, NULL, "name of the slave", "-" },
  { "connected", RMQ_CELL_BOOL, NULL, "whether it copies; a slave silent for 20 s doesn't",
    "HAService#connectionList" },
  { "ackOffset", RMQ_CELL_BYTES, NULL, "how far in the log it has come",
    "HAConnection#slaveAckOffset" },
  { "behind", RMQ_CELL_BYTES, NULL, "how much of the log it has still to copy", "-" },
  { "waiting", RMQ_CELL_INT, "answers", "of the master, to sends, that wait for a copy",
    "GroupTransferService#requestsRead" },
};
static const RmqTableSchema schema = {
  "connectionList",
  "Slaves of a broker",
  "Who copies this broker's log, and how far each has come.",
  "HAService#connectionList",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_ha_service_fill_snapshot (const RmqHaService *self, const char *owner, RmqSnapshot *snapshot)
{
  if (self->slaves->len == 0)
    return;
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->slaves->len; i++)
    {
      RmqMockBroker *slave = g_ptr_array_index (self->slaves, i);
      gint64 has = slave->store.next_physical_offset;
      rmq_table_begin_row (table);
      rmq_table_add_text (table, rmq_mock_broker_get_name (slave));
      rmq_table_add_number (table, get_env (self) != NULL && is_connected (self, slave));
      rmq_table_add_number (table, has);
      rmq_table_add_number (table, self->broker->store.next_physical_offset - has);
      rmq_table_add_number (table, self->waiting->len);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The client's connections by address. Owns them; runs on the loop. Whoever wants an address while
 * it is being connected shares the attempt. It decides what an end of a connection does to the
 * calls that wait on it (failFast), and must never call them back while it still lists the
 * connection as open. Mirrors NettyRemotingClient#createChannel and #closeChannel. */

#include "rmq-channel-table.h"

#include <string.h>

#include "rmq-error-private.h"

#define CONNECT_TIMEOUT_US (3 * G_TIME_SPAN_SECOND)

struct _RmqChannelTable
{
  RmqEnv *env;
  const RmqProfile *profile;
  RmqResponseTable *responses;
  RmqChannelTableFuncs funcs;
  gpointer data;
  GPtrArray *channels; /* of RmqChannel, in order of first use */
};

static void
channel_free (gpointer data)
{
  RmqChannel *channel = data;
  for (GList *l; (l = g_queue_pop_head_link (&channel->waits)) != NULL;)
    ((RmqChannelWait *)l->data)->channel = NULL;
  if (channel->connection != NULL)
    {
      rmq_connection_close (channel->connection, RMQ_CLOSE_FIN);
      g_clear_pointer (&channel->connection, rmq_connection_unref);
    }
  g_free (channel->last_error);
  g_free (channel->address);
  g_free (channel);
}

RmqChannelTable *
rmq_channel_table_new (RmqEnv *env, const RmqProfile *profile, RmqResponseTable *responses,
                       const RmqChannelTableFuncs *funcs, gpointer data)
{
  RmqChannelTable *table = g_new0 (RmqChannelTable, 1);
  table->env = env;
  table->profile = profile;
  table->responses = responses;
  table->funcs = *funcs;
  table->data = data;
  table->channels = g_ptr_array_new_with_free_func (channel_free);
  return table;
}

void
rmq_channel_table_free (RmqChannelTable *table)
{
  if (table == NULL)
    return;
  for (guint i = 0; i < table->channels->len; i++)
    {
      RmqChannel *channel = table->channels->pdata[i];
      if (channel->state == RMQ_CHANNEL_OPEN)
        RMQ_EMIT (table->env, &rmq_event_channel_close, channel->address,
                  (gint64)rmq_connection_get_id (channel->connection), RMQ_CHANNEL_END_SHUTDOWN, 0,
                  0);
    }
  g_ptr_array_unref (table->channels);
  g_free (table);
}

static RmqChannel *
find_channel (RmqChannelTable *table, const char *address)
{
  for (guint i = 0; i < table->channels->len; i++)
    {
      RmqChannel *channel = table->channels->pdata[i];
      if (strcmp (channel->address, address) == 0)
        return channel;
    }
  return NULL;
}

static void
set_state (RmqChannel *channel, RmqChannelState state)
{
  channel->state = state;
  channel->since_us = rmq_env_now (channel->table->env);
}

/* Drops the connection; the row stays until the address is wanted again. */
static void
drop_connection (RmqChannel *channel, const char *why)
{
  g_clear_pointer (&channel->connection, rmq_connection_unref);
  g_free (channel->last_error);
  channel->last_error = g_strdup (why);
  set_state (channel, RMQ_CHANNEL_DEAD);
}

/* ---- waiting ------------------------------------------------------------- */

static GError *
closed_again (const RmqChannel *channel)
{
  return g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CONNECT,
                      "connect to %s failed: closed again", channel->address);
}

/* Only those who waited for this attempt: what they do may start the next one. */
static void
finish_waits (RmqChannel *channel, const GError *error)
{
  guint64 connect = channel->connects;
  RmqChannelWait *wait;
  while ((wait = g_queue_peek_head (&channel->waits)) != NULL && wait->connect == connect)
    {
      g_queue_unlink (&channel->waits, &wait->link);
      wait->channel = NULL;
      gboolean is_up = error == NULL && channel->state == RMQ_CHANNEL_OPEN;
      g_autoptr (GError) broken = !is_up && error == NULL ? closed_again (channel) : NULL;
      wait->func (is_up ? channel->connection : NULL, broken != NULL ? broken : error, wait->data);
    }
}

void
rmq_channel_wait_cancel (RmqChannelWait *wait)
{
  if (wait->channel == NULL)
    return;
  g_queue_unlink (&wait->channel->waits, &wait->link);
  wait->channel = NULL;
}

/* ---- what a connection says ---------------------------------------------- */

static void
connection_connected (RmqConnection *connection, gpointer data)
{
  RmqChannel *channel = data;
  RmqChannelTable *table = channel->table;
  gint64 took_us = rmq_env_now (table->env) - channel->since_us;
  set_state (channel, RMQ_CHANNEL_OPEN);
  RMQ_EMIT (table->env, &rmq_event_channel_open, channel->address,
            (gint64)rmq_connection_get_id (connection), took_us);
  finish_waits (channel, NULL);
  if (channel->state == RMQ_CHANNEL_OPEN)
    table->funcs.opened (channel->address, table->data);
}

static void
connection_command (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  RmqChannel *channel = data;
  channel->table->funcs.command (connection, command, channel->table->data);
}

static void
connect_failed (RmqChannel *channel, const GError *reason)
{
  gint64 took_us = rmq_env_now (channel->table->env) - channel->since_us;
  g_autofree char *text = g_strdup_printf ("%s: %s", channel->address, reason->message);
  RMQ_EMIT (channel->table->env, &rmq_event_channel_refused, text, took_us);
  drop_connection (channel, reason->message);
  finish_waits (channel, reason);
}

typedef struct
{
  const char *address;
  guint n;
} Count;

static void
count_call (const RmqResponseEntry *entry, gpointer data)
{
  Count *count = data;
  count->n += strcmp (entry->address, count->address) == 0;
}

static guint
count_calls (RmqChannelTable *table, const char *address)
{
  Count count = { .address = address };
  rmq_response_table_foreach (table->responses, count_call, &count);
  return count.n;
}

/* The connection has ended or is being closed: fails its calls (failFast), or leaves them waiting.
 */
static void
end_channel (RmqChannel *channel, RmqChannelEnd why, gboolean fails, const char *text)
{
  RmqChannelTable *table = channel->table;
  g_autoptr (RmqConnection) connection = rmq_connection_ref (channel->connection);
  g_autofree char *address = g_strdup (channel->address);
  drop_connection (channel, text);
  gint64 calls = count_calls (table, address);
  RMQ_EMIT (table->env, &rmq_event_channel_close, address,
            (gint64)rmq_connection_get_id (connection), why, fails ? calls : 0, fails ? 0 : calls);
  if (!fails)
    return;
  RmqErrorDetails details = { .broker_addr = address, .outcome_unknown = TRUE };
  g_autoptr (GError) error =
      rmq_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_SEND_REQUEST, &details,
                     "send request to <%s> failed: %s", address, text);
  rmq_response_table_fail (table->responses, connection, error);
}

static RmqChannelEnd
end_of (const GError *reason)
{
  if (g_error_matches (reason, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_IDLE))
    return RMQ_CHANNEL_END_IDLE;
  if (g_error_matches (reason, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME))
    return RMQ_CHANNEL_END_BAD_FRAME;
  return RMQ_CHANNEL_END_RESET;
}

static void
connection_closed (RmqConnection *connection, const GError *reason, gpointer data)
{
  RmqChannel *channel = data;
  if (channel->state == RMQ_CHANNEL_CONNECTING)
    connect_failed (channel, reason);
  else
    end_channel (channel, end_of (reason), TRUE, reason->message);
}

/* The peer closed. 4.x drops its end too and tells nobody: calls wait for their timeout. */
static void
connection_fin (RmqConnection *connection, gpointer data)
{
  RmqChannel *channel = data;
  gboolean fails =
      rmq_profile_get_choice (channel->table->profile, RMQ_ROW_PEER_FIN) == RMQ_PEER_FIN_FAILS;
  rmq_connection_close (connection, RMQ_CLOSE_FIN);
  end_channel (channel, RMQ_CHANNEL_END_PEER_FIN, fails, "the peer closed the connection");
}

static const RmqConnectionFuncs connection_funcs = {
  .connected = connection_connected,
  .command = connection_command,
  .fin = connection_fin,
  .closed = connection_closed,
};

/* ---- use ----------------------------------------------------------------- */

static void
start_connecting (RmqChannel *channel)
{
  set_state (channel, RMQ_CHANNEL_CONNECTING);
  channel->connects++;
  channel->connection = rmq_connection_connect (channel->table->env, channel->address,
                                                CONNECT_TIMEOUT_US, &connection_funcs, channel);
}

void
rmq_channel_table_get (RmqChannelTable *table, const char *address, RmqChannelWait *wait,
                       RmqChannelFunc func, gpointer data)
{
  g_assert (wait->channel == NULL);
  RmqChannel *channel = find_channel (table, address);
  if (channel != NULL && channel->state == RMQ_CHANNEL_OPEN)
    {
      func (channel->connection, NULL, data);
      return;
    }
  if (channel == NULL)
    {
      channel = g_new0 (RmqChannel, 1);
      channel->table = table;
      channel->address = g_strdup (address);
      channel->state = RMQ_CHANNEL_DEAD;
      g_ptr_array_add (table->channels, channel);
    }
  if (channel->state == RMQ_CHANNEL_DEAD)
    start_connecting (channel);
  *wait = (RmqChannelWait){
    .channel = channel, .connect = channel->connects, .func = func, .data = data, .link.data = wait
  };
  g_queue_push_tail_link (&channel->waits, &wait->link);
}

gboolean
rmq_channel_table_is_open (RmqChannelTable *table, const char *address)
{
  RmqChannel *channel = find_channel (table, address);
  return channel != NULL && channel->state == RMQ_CHANNEL_OPEN;
}

static const char *
end_text (RmqChannelEnd why)
{
  return why == RMQ_CHANNEL_END_TIMEOUT   ? "this side closed it after a call timed out"
         : why == RMQ_CHANNEL_END_DROPPED ? "its name server left the list"
                                          : "writing failed";
}

void
rmq_channel_table_close (RmqChannelTable *table, RmqConnection *connection, RmqChannelEnd why)
{
  for (guint i = 0; i < table->channels->len; i++)
    {
      RmqChannel *channel = table->channels->pdata[i];
      if (channel->connection != connection || channel->state != RMQ_CHANNEL_OPEN)
        continue;
      rmq_connection_close (connection, RMQ_CLOSE_FIN);
      end_channel (channel, why, TRUE, end_text (why));
      return;
    }
}

void
rmq_channel_table_close_address (RmqChannelTable *table, const char *address, RmqChannelEnd why)
{
  RmqChannel *channel = find_channel (table, address);
  if (channel != NULL && channel->state == RMQ_CHANNEL_OPEN)
    rmq_channel_table_close (table, channel->connection, why);
}

guint
rmq_channel_table_get_size (RmqChannelTable *table)
{
  return table->channels->len;
}

const RmqChannel *
rmq_channel_table_get_channel (RmqChannelTable *table, guint index)
{
  g_assert (index < table->channels->len);
  return table->channels->pdata[index];
}

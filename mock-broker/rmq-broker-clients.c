/* SPDX-License-Identifier: Apache-2.0 */

/* Who is there: clients by group, from their heartbeats. Rows hold a reference to their connection
 * but never close it. On the broker's loop, owner only. Nothing in a send depends on it: a broker
 * stores messages of producers it never heard of. */

#include "rmq-broker-clients.h"

static void
channel_free (gpointer data)
{
  RmqClientChannel *channel = data;
  rmq_connection_unref (channel->connection);
  g_free (channel->group);
  g_free (channel->client_id);
  g_free (channel);
}

void
rmq_broker_clients_init (RmqBrokerClients *clients)
{
  clients->channels = g_ptr_array_new_with_free_func (channel_free);
}

void
rmq_broker_clients_clear (RmqBrokerClients *clients)
{
  g_clear_pointer (&clients->channels, g_ptr_array_unref);
}

static RmqClientChannel *
channel_at (const RmqBrokerClients *clients, guint index)
{
  return g_ptr_array_index (clients->channels, index);
}

static gboolean
is_of (const RmqClientChannel *channel, const char *group, gboolean is_consumer)
{
  return channel->is_consumer == is_consumer && g_str_equal (channel->group, group);
}

/* G_MAXUINT: there is none. */
static guint
find_channel (const RmqBrokerClients *clients, RmqConnection *connection, const char *group,
              gboolean is_consumer)
{
  for (guint i = 0; i < clients->channels->len; i++)
    if (channel_at (clients, i)->connection == connection
        && is_of (channel_at (clients, i), group, is_consumer))
      return i;
  return G_MAXUINT;
}

gboolean
rmq_broker_clients_register (RmqBrokerClients *clients, const RmqClientChannel *seen)
{
  guint index = find_channel (clients, seen->connection, seen->group, seen->is_consumer);
  gboolean is_new = index == G_MAXUINT;
  RmqClientChannel *channel = is_new ? g_new0 (RmqClientChannel, 1) : channel_at (clients, index);
  if (is_new)
    {
      channel->group = g_strdup (seen->group);
      channel->is_consumer = seen->is_consumer;
      channel->connection = rmq_connection_ref (seen->connection);
      g_ptr_array_add (clients->channels, channel);
    }
  g_free (channel->client_id);
  channel->client_id = g_strdup (seen->client_id);
  channel->language = seen->language;
  channel->version = seen->version;
  channel->last_update_us = seen->last_update_us;
  return is_new;
}

void
rmq_broker_clients_unregister (RmqBrokerClients *clients, RmqConnection *connection,
                               const char *group, gboolean is_consumer)
{
  guint index = find_channel (clients, connection, group, is_consumer);
  if (index != G_MAXUINT)
    g_ptr_array_remove_index (clients->channels, index);
}

GPtrArray *
rmq_broker_clients_list (const RmqBrokerClients *clients, const char *group, gboolean is_consumer)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < clients->channels->len; i++)
    if (is_of (channel_at (clients, i), group, is_consumer))
      g_ptr_array_add (list, channel_at (clients, i));
  return list;
}

GPtrArray *
rmq_broker_clients_list_groups (const RmqBrokerClients *clients, RmqConnection *connection)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < clients->channels->len; i++)
    {
      const RmqClientChannel *channel = channel_at (clients, i);
      if (channel->connection == connection && channel->is_consumer)
        g_ptr_array_add (groups, g_strdup (channel->group));
    }
  return groups;
}

void
rmq_broker_clients_connection_ended (RmqBrokerClients *clients, RmqConnection *connection)
{
  for (guint i = clients->channels->len; i > 0; i--)
    if (channel_at (clients, i - 1)->connection == connection)
      g_ptr_array_remove_index (clients->channels, i - 1);
}

RmqConnection *
rmq_broker_clients_find_inactive (const RmqBrokerClients *clients, gint64 now_us)
{
  for (guint i = 0; i < clients->channels->len; i++)
    {
      const RmqClientChannel *channel = channel_at (clients, i);
      if (now_us - channel->last_update_us > RMQ_CLIENT_CHANNEL_EXPIRED_US)
        return channel->connection;
    }
  return NULL;
}

RmqConnection *
rmq_broker_clients_next_producer (RmqBrokerClients *clients, const char *group)
{
  g_autoptr (GPtrArray) connections = g_ptr_array_new ();
  for (guint i = 0; i < clients->channels->len; i++)
    if (is_of (channel_at (clients, i), group, FALSE))
      g_ptr_array_add (connections, channel_at (clients, i)->connection);
  return connections->len > 0 ? g_ptr_array_index (connections, clients->turn++ % connections->len)
                              : NULL;
}

RmqConnection *
rmq_broker_clients_find (const RmqBrokerClients *clients, const char *client_id)
{
  for (guint i = 0; i < clients->channels->len; i++)
    if (g_strcmp0 (channel_at (clients, i)->client_id, client_id) == 0)
      return channel_at (clients, i)->connection;
  return NULL;
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "group", RMQ_CELL_TEXT, NULL, "producer or consumer group", "groupChannelTable key" },
  { "role", RMQ_CELL_TEXT, NULL, "producer or consumer",
    "ProducerManager or ConsumerManager, whichever holds the row" },
  { "clientId", RMQ_CELL_TEXT, NULL, "ip@instance, as the client calls itself",
    "ClientChannelInfo#clientId" },
  { "remoteAddr", RMQ_CELL_TEXT, NULL, "the client's end of the connection",
    "ClientChannelInfo#channel" },
  { "language", RMQ_CELL_INT, NULL, "code of the client's language", "ClientChannelInfo#language" },
  { "version", RMQ_CELL_INT, NULL, "ordinal of the client's version", "ClientChannelInfo#version" },
  { "lastUpdateTimestamp", RMQ_CELL_MOMENT_US, NULL,
    "its last heartbeat; after 120 s of silence it is dropped",
    "ClientChannelInfo#lastUpdateTimestamp" },
};
static const RmqTableSchema schema = {
  "groupChannelTable",
  "Clients of a broker",
  "Which clients said by heartbeat that they belong to which group. A row goes when its connection "
  "ends.",
  "ProducerManager#groupChannelTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_broker_clients_fill_snapshot (const RmqBrokerClients *clients, const char *owner,
                                  RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < clients->channels->len; i++)
    {
      const RmqClientChannel *channel = channel_at (clients, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, channel->group);
      rmq_table_add_text (table, channel->is_consumer ? "consumer" : "producer");
      rmq_table_add_text (table, channel->client_id);
      rmq_table_add_text (table, rmq_connection_get_peer_address (channel->connection));
      rmq_table_add_number (table, channel->language);
      rmq_table_add_number (table, channel->version);
      rmq_table_add_number (table, channel->last_update_us);
    }
}

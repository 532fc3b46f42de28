/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of a client's half of the wire: connections, calls that wait for an answer, permits.
 * Runs on the loop, only reads. */

#include "rmq-client-tables.h"

#include <string.h>

#include "rmq-codes-private.h"

static const RmqColumn channel_columns[] = {
  { "address", RMQ_CELL_TEXT, NULL, "as configured or routed",
    "NettyRemotingClient#channelTables key" },
  { "role", RMQ_CELL_TEXT, NULL, "ns: a name server; broker: any other", "-" },
  { "state", RMQ_CELL_TEXT, NULL,
    "connecting, active (TCP is up, no proof of life), or dead until its next use",
    "ChannelWrapper#isOK" },
  { "inFlight", RMQ_CELL_INT, "requests", "requests to this address that wait for an answer", "-" },
  { "since", RMQ_CELL_MOMENT_US, NULL, "when it took its state", "-" },
  { "lastActive", RMQ_CELL_MOMENT_US, NULL,
    "when bytes last moved; after 120 s without, it is closed; -1: not up", "IdleStateHandler" },
  { "sent", RMQ_CELL_BYTES, NULL, "bytes sent over this connection", "-" },
  { "received", RMQ_CELL_BYTES, NULL, "bytes received over this connection", "-" },
  { "outbox", RMQ_CELL_BYTES, NULL, "bytes that the peer has not taken yet",
    "ChannelOutboundBuffer#totalPendingWriteBytes" },
  { "connects", RMQ_CELL_INT, "connects", "attempts to connect so far", "-" },
  { "lastError", RMQ_CELL_TEXT, NULL, "why it last ended or was refused; absent: never", "-" },
};
const RmqTableSchema rmq_channel_tables_schema = {
  .id = "channelTables",
  .title = "Channels",
  .help = "One TCP connection an address, opened at first use and shared by all who send there.",
  .java = "NettyRemotingClient#channelTables",
  .columns = channel_columns,
  .n_columns = G_N_ELEMENTS (channel_columns),
};

static const RmqColumn response_columns[] = {
  { "opaque", RMQ_CELL_INT, NULL, "number that pairs an answer with its request",
    "NettyRemotingAbstract#responseTable key" },
  { "code", RMQ_CELL_TEXT, NULL, "request code", "RemotingCommand#code" },
  { "address", RMQ_CELL_TEXT, NULL, "where it was sent", "ResponseFuture#processChannel" },
  { "age", RMQ_CELL_SPAN_US, NULL, "time since the call began", "ResponseFuture#beginTimestamp" },
  { "timeLeft", RMQ_CELL_SPAN_US, NULL,
    "timeout minus age; below 0 an async call waits for the next scan",
    "ResponseFuture#timeoutMillis" },
  { "timeout", RMQ_CELL_SPAN_US, NULL, "budget of this attempt", "ResponseFuture#timeoutMillis" },
  { "mode", RMQ_CELL_TEXT, NULL, "sync: somebody waits; async: a callback does",
    "ResponseFuture#invokeCallback" },
  { "attempt", RMQ_CELL_INT, NULL, "which attempt of its send, from 1; 0: no send", "-" },
  { "message", RMQ_CELL_INT, NULL, "serial of the message; 0: none", "-" },
};
const RmqTableSchema rmq_response_table_schema = {
  .id = "responseTable",
  .title = "In flight",
  .help =
      "Requests that were written and wait for their answer. An answer whose number is not here "
      "is dropped.",
  .java = "NettyRemotingAbstract#responseTable",
  .columns = response_columns,
  .n_columns = G_N_ELEMENTS (response_columns),
};

static const RmqColumn permit_columns[] = {
  { "permit", RMQ_CELL_TEXT, NULL, "what it allows", "-" },
  { "available", RMQ_CELL_INT, "permits", "free ones, of 65535; at 0 new calls wait",
    "Semaphore#availablePermits" },
};
const RmqTableSchema rmq_permits_schema = {
  .id = "permits",
  .title = "Permits",
  .help = "How many more asynchronous and oneway calls may be under way.",
  .java = "NettyRemotingAbstract#semaphoreAsync, #semaphoreOneway",
  .columns = permit_columns,
  .n_columns = G_N_ELEMENTS (permit_columns),
};

/* ---- responseTable ------------------------------------------------------- */

typedef struct
{
  RmqTable *table;
  gint64 now_us;
} Fill;

static void
add_response (const RmqResponseEntry *entry, gpointer data)
{
  Fill *fill = data;
  gint64 age_us = fill->now_us - entry->begin_us;
  const char *name = rmq_request_code_get_name (entry->code);
  g_autofree char *code =
      g_strdup_printf ("%d%s%s", entry->code, name != NULL ? " " : "", name != NULL ? name : "");
  rmq_table_begin_row (fill->table);
  rmq_table_add_number (fill->table, entry->opaque);
  rmq_table_add_text (fill->table, code);
  rmq_table_add_text (fill->table, entry->address);
  rmq_table_add_number (fill->table, age_us);
  rmq_table_add_number (fill->table, entry->timeout_us - age_us);
  rmq_table_add_number (fill->table, entry->timeout_us);
  rmq_table_add_text (fill->table, entry->is_async ? "async" : "sync");
  rmq_table_add_number (fill->table, entry->attempt);
  rmq_table_add_number (fill->table, (gint64)entry->message);
}

/* ---- channelTables ------------------------------------------------------- */

typedef struct
{
  const char *address;
  gint64 n;
} Count;

static void
count_response (const RmqResponseEntry *entry, gpointer data)
{
  Count *count = data;
  count->n += strcmp (entry->address, count->address) == 0;
}

static const char *
state_text (RmqChannelState state)
{
  static const char *const texts[] = {
    [RMQ_CHANNEL_CONNECTING] = "connecting",
    [RMQ_CHANNEL_OPEN] = "active",
    [RMQ_CHANNEL_DEAD] = "dead (until next use)",
  };
  return texts[state];
}

static void
add_channel (RmqClientInstance *instance, RmqTable *table, const RmqChannel *channel)
{
  RmqConnection *open = channel->state == RMQ_CHANNEL_OPEN ? channel->connection : NULL;
  gboolean is_ns = rmq_namesrv_chooser_has (rmq_remoting_client_get_namesrv (instance->remoting),
                                            channel->address);
  Count count = { .address = channel->address };
  rmq_response_table_foreach (rmq_remoting_client_get_responses (instance->remoting),
                              count_response, &count);
  rmq_table_begin_row (table);
  rmq_table_add_text (table, channel->address);
  rmq_table_add_text (table, is_ns ? "ns" : "broker");
  rmq_table_add_text (table, state_text (channel->state));
  rmq_table_add_number (table, count.n);
  rmq_table_add_number (table, channel->since_us);
  rmq_table_add_number (table, open != NULL ? rmq_connection_get_last_io_us (open) : -1);
  rmq_table_add_number (table, open != NULL ? (gint64)rmq_connection_get_bytes_sent (open) : 0);
  rmq_table_add_number (table, open != NULL ? (gint64)rmq_connection_get_bytes_received (open) : 0);
  rmq_table_add_number (table, open != NULL ? (gint64)rmq_connection_get_outbox_size (open) : 0);
  rmq_table_add_number (table, (gint64)channel->connects);
  rmq_table_add_text (table, channel->last_error);
}

static void
add_permit (RmqTable *table, const char *what, guint available)
{
  rmq_table_begin_row (table);
  rmq_table_add_text (table, what);
  rmq_table_add_number (table, available);
}

void
rmq_remoting_tables_fill (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  RmqRemotingClient *remoting = instance->remoting;
  RmqChannelTable *channels = rmq_remoting_client_get_channels (remoting);
  RmqTable *table =
      rmq_snapshot_add_table (snapshot, &rmq_channel_tables_schema, instance->client_id);
  for (guint i = 0; i < rmq_channel_table_get_size (channels); i++)
    add_channel (instance, table, rmq_channel_table_get_channel (channels, i));
  Fill fill = { .table = rmq_snapshot_add_table (snapshot, &rmq_response_table_schema,
                                                 instance->client_id),
                .now_us = rmq_env_now (instance->env) };
  rmq_response_table_foreach (rmq_remoting_client_get_responses (remoting), add_response, &fill);
  table = rmq_snapshot_add_table (snapshot, &rmq_permits_schema, instance->client_id);
  add_permit (table, "async", rmq_remoting_client_get_async_permits (remoting));
  add_permit (table, "oneway", rmq_remoting_client_get_oneway_permits (remoting));
}

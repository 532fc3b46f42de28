/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-connection.h"
#include "rmq-producer-events.h"
#include "rmq-profile.h"
#include "rmq-response-table.h"

G_BEGIN_DECLS

/* NettyRemotingClient#channelTables: address → connection, made at first use and shared by all who
 * want it meanwhile. Owner only. */

typedef enum
{
  RMQ_CHANNEL_CONNECTING,
  RMQ_CHANNEL_OPEN,
  RMQ_CHANNEL_DEAD, /* stays in the table until somebody wants the address again */
} RmqChannelState;

typedef struct
{
  char *address;
  RmqChannelState state;
  RmqConnection *connection; /* (nullable): dead */
  GQueue waits;              /* of RmqChannelWait */
  gint64 since_us;           /* when it took its state */
  guint64 connects;          /* attempts to connect so far; the last one's number */
  char *last_error;          /* (nullable) */
  struct _RmqChannelTable *table;
} RmqChannel;

typedef struct _RmqChannelTable RmqChannelTable;

/* connection NULL with error set: RMQ_REMOTING_ERROR_CONNECT. */
typedef void (*RmqChannelFunc) (RmqConnection *connection, const GError *error, gpointer data);

/* Somebody who waits for a connection; embedded in its owner, zero-initialised before first use. */
typedef struct
{
  RmqChannel *channel; /* (nullable): not waiting */
  guint64 connect;     /* which of its attempts it waits for */
  RmqChannelFunc func;
  gpointer data;
  GList link;
} RmqChannelWait;

typedef struct
{
  void (*command) (RmqConnection *connection, RmqRemotingCommand *command, gpointer data);
  void (*opened) (const char *address, gpointer data);
} RmqChannelTableFuncs;

RmqChannelTable *rmq_channel_table_new (RmqEnv *env, const RmqProfile *profile,
                                        RmqResponseTable *responses,
                                        const RmqChannelTableFuncs *funcs, gpointer data);
void rmq_channel_table_free (RmqChannelTable *table); /* nullable; closes all, fails nothing */
/* func runs at once if the address is connected; else when that is decided. */
void rmq_channel_table_get (RmqChannelTable *table, const char *address, RmqChannelWait *wait,
                            RmqChannelFunc func, gpointer data);
void rmq_channel_wait_cancel (RmqChannelWait *wait);
gboolean rmq_channel_table_is_open (RmqChannelTable *table, const char *address);
/* This side closes: what waits for an answer on the connection fails at once with
 * RMQ_REMOTING_ERROR_SEND_REQUEST. A connection that is gone already: nothing. */
void rmq_channel_table_close (RmqChannelTable *table, RmqConnection *connection, RmqChannelEnd why);
void rmq_channel_table_close_address (RmqChannelTable *table, const char *address,
                                      RmqChannelEnd why);
guint rmq_channel_table_get_size (RmqChannelTable *table);
const RmqChannel *rmq_channel_table_get_channel (RmqChannelTable *table, guint index);

G_END_DECLS

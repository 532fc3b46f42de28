/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-frame-reader.h"
#include "rmq-remoting-command.h"

G_BEGIN_DECLS

/* A link that carries RemotingCommands: frames in both directions, idle close, one end. Both halves
 * of the wire use it. Owner only. */

typedef struct _RmqConnection RmqConnection;

typedef enum
{
  RMQ_CONNECTION_CONNECTING,
  RMQ_CONNECTION_OPEN,
  RMQ_CONNECTION_HALF_CLOSED, /* the peer's FIN came */
  RMQ_CONNECTION_CLOSED,
} RmqConnectionState;

typedef struct
{
  /* a link made by connect is up; not called for accepted links */
  void (*connected) (RmqConnection *connection, gpointer data);
  void (*command) (RmqConnection *connection, RmqRemotingCommand *command, gpointer data);
  /* the peer's FIN; the connection stays half closed until rmq_connection_close() (nullable:
   * closes) */
  void (*fin) (RmqConnection *connection, gpointer data);
  /* refused, timed out, reset, bad frame, idle; never after
   * rmq_connection_close(). reason: RMQ_REMOTING_ERROR. */
  void (*closed) (RmqConnection *connection, const GError *reason, gpointer data);
} RmqConnectionFuncs;

RmqConnection *rmq_connection_connect (RmqEnv *env, const char *address, gint64 timeout_us,
                                       const RmqConnectionFuncs *funcs, gpointer data);
RmqConnection *rmq_connection_accept (RmqEnv *env, RmqLink *link, const RmqConnectionFuncs *funcs,
                                      gpointer data);
RmqConnection *rmq_connection_ref (RmqConnection *connection);
void rmq_connection_unref (RmqConnection *connection);

/* FALSE: not open, or the outbox is full; nothing was queued. */
gboolean rmq_connection_send (RmqConnection *connection, RmqRemotingCommand *command);
/* Raw bytes, as an outage that corrupts frames needs them. */
gboolean rmq_connection_send_raw (RmqConnection *connection, GBytes *bytes);
void rmq_connection_close (RmqConnection *connection, RmqCloseHow how); /* idempotent, silent */
void rmq_connection_set_reading (RmqConnection *connection, gboolean on);
/* No byte either way for so long: closed. 0 = never. Default 120 s. */
void rmq_connection_set_idle_timeout (RmqConnection *connection, gint64 timeout_us);

RmqConnectionState rmq_connection_get_state (RmqConnection *connection);
guint64 rmq_connection_get_id (RmqConnection *connection);          /* unique in its world's log */
const char *rmq_connection_get_address (RmqConnection *connection); /* as dialled, or the peer's */
const char *rmq_connection_get_peer_address (RmqConnection *connection);
const char *rmq_connection_get_local_address (RmqConnection *connection);
gint64 rmq_connection_get_last_io_us (RmqConnection *connection);
guint64 rmq_connection_get_bytes_sent (RmqConnection *connection);
guint64 rmq_connection_get_bytes_received (RmqConnection *connection);
gsize rmq_connection_get_outbox_size (RmqConnection *connection);
gpointer rmq_connection_get_user_data (RmqConnection *connection);
void rmq_connection_set_user_data (RmqConnection *connection, gpointer user_data,
                                   GDestroyNotify destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqConnection, rmq_connection_unref)

G_END_DECLS

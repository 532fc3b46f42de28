/* SPDX-License-Identifier: Apache-2.0 */

/* A link that carries RemotingCommands. Owns the link, the frame reader and the idle timer; both
 * halves of the wire, client and mocks, stand on it. Runs on the loop, owner only. It never decides
 * what an end means: it says once how the link ended and keeps silent after rmq_connection_close().
 */

#include "rmq-connection.h"

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-wire-events.h"

#define READ_CHUNK_BYTES 16384
/* What one peer's bytes may take of a turn; a flood leaves room for the others. */
#define TURN_CHUNKS_MAX 64
#define TELL_HELD_US G_TIME_SPAN_SECOND
#define IDLE_TIMEOUT_US (120 * G_TIME_SPAN_SECOND)

struct _RmqConnection
{
  gatomicrefcount refs;
  RmqEnv *env;
  RmqLink *link; /* (nullable): closed */
  RmqConnectionFuncs funcs;
  gpointer data;
  RmqConnectionState state;
  guint64 id;
  char *address;
  char *peer_address;
  char *local_address;
  RmqFrameReader reader;
  GByteArray *head; /* scratch: the head being sent */
  RmqTimer idle_timer;
  gint64 idle_timeout_us;
  gint64 last_io_us;
  guint64 bytes_sent;
  guint64 bytes_received;
  gboolean is_served; /* accepted: a peer that doesn't read what it asked for may ask no more */
  gboolean held_back; /* so it is */
  gboolean is_deaf;   /* told not to read */
  RmqTimer held_timer;
  gpointer user_data;
  GDestroyNotify user_data_destroy;
};

const RmqEventKind rmq_event_frame_out = {
  .name = "FRAME_OUT",
  .part = RMQ_HASH_WIRE,
  .hot = TRUE,
  .field_names = { "connection", "code", "opaque", "flag", "bytes" },
  .help = "a frame was handed to the transport; text: the address dialled or the peer's"
};
const RmqEventKind rmq_event_frame_in = {
  .name = "FRAME_IN",
  .part = RMQ_HASH_WIRE,
  .hot = TRUE,
  .field_names = { "connection", "code", "opaque", "flag", "bytes" },
  .help = "a whole frame arrived; text: the address dialled or the peer's"
};
const RmqEventKind rmq_event_bad_frame = {
  .name = "BAD_FRAME",
  .part = RMQ_HASH_WIRE,
  .field_names = { "connection" },
  .help = "bytes that are no frame arrived and the connection was closed; text: peer and reason"
};

static void link_event (RmqLink *link, RmqLinkEvent event, gpointer data);

static RmqConnection *
connection_new (RmqEnv *env, const RmqConnectionFuncs *funcs, gpointer data)
{
  g_assert (rmq_env_is_owner (env));
  g_assert (funcs->command != NULL);
  g_assert (funcs->closed != NULL);
  RmqConnection *self = g_new0 (RmqConnection, 1);
  g_atomic_ref_count_init (&self->refs);
  self->env = rmq_env_ref (env);
  self->funcs = *funcs;
  self->data = data;
  self->id = rmq_event_log_next_serial (rmq_env_get_log (env));
  self->head = g_byte_array_new ();
  self->idle_timeout_us = IDLE_TIMEOUT_US;
  self->last_io_us = rmq_env_now (env);
  rmq_frame_reader_init (&self->reader);
  return self;
}

RmqConnection *
rmq_connection_ref (RmqConnection *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
rmq_connection_unref (RmqConnection *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  rmq_connection_close (self, RMQ_CLOSE_FIN);
  rmq_connection_set_user_data (self, NULL, NULL);
  rmq_frame_reader_clear (&self->reader);
  g_byte_array_unref (self->head);
  g_free (self->address);
  g_free (self->peer_address);
  g_free (self->local_address);
  rmq_env_unref (self->env);
  g_free (self);
}

/* ---- ends ---------------------------------------------------------------- */

void
rmq_connection_close (RmqConnection *self, RmqCloseHow how)
{
  if (self->state == RMQ_CONNECTION_CLOSED)
    return;
  self->state = RMQ_CONNECTION_CLOSED;
  rmq_env_timer_stop (self->env, &self->idle_timer);
  rmq_env_timer_stop (self->env, &self->held_timer);
  rmq_link_close (g_steal_pointer (&self->link), how);
}

static void
end_with (RmqConnection *self, GError *reason)
{
  g_autoptr (GError) owned = reason;
  g_autoptr (RmqConnection) alive G_GNUC_UNUSED = rmq_connection_ref (self);
  rmq_connection_close (self, RMQ_CLOSE_FIN);
  self->funcs.closed (self, owned, self->data);
}

static void
idle_check (gpointer data)
{
  RmqConnection *self = data;
  gint64 due_us = self->last_io_us + self->idle_timeout_us;
  if (rmq_env_now (self->env) < due_us)
    rmq_env_timer_start (self->env, &self->idle_timer, due_us, idle_check, self);
  else
    end_with (self, g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_IDLE,
                                 "connection with %s was idle for %" G_GINT64_FORMAT " s",
                                 self->address, self->idle_timeout_us / G_TIME_SPAN_SECOND));
}

void
rmq_connection_set_idle_timeout (RmqConnection *self, gint64 timeout_us)
{
  g_assert (timeout_us >= 0);
  self->idle_timeout_us = timeout_us;
  rmq_env_timer_stop (self->env, &self->idle_timer);
  gboolean is_up = self->state == RMQ_CONNECTION_OPEN || self->state == RMQ_CONNECTION_HALF_CLOSED;
  if (is_up && timeout_us > 0)
    rmq_env_timer_start (self->env, &self->idle_timer, self->last_io_us + timeout_us, idle_check,
                         self);
}

/* ---- receiving ----------------------------------------------------------- */

static void
emit_frame (RmqConnection *self, const RmqEventKind *kind, const RmqRemotingCommand *command,
            gsize size_bytes)
{
  RMQ_EMIT (self->env, kind, self->address, (gint64)self->id,
            rmq_remoting_command_get_code (command), rmq_remoting_command_get_opaque (command),
            rmq_remoting_command_get_flag (command), (gint64)size_bytes);
}

static void
bad_frame (RmqConnection *self, GError *error)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", self->address, error->message);
  RMQ_EMIT (self->env, &rmq_event_bad_frame, text, (gint64)self->id);
  g_info ("closing the connection with %s", text);
  end_with (self, error);
}

static gboolean
may_read (const RmqConnection *self)
{
  return self->state == RMQ_CONNECTION_OPEN && !self->held_back;
}

static void
deliver_commands (RmqConnection *self)
{
  while (may_read (self))
    {
      GError *error = NULL;
      guint64 offset = self->reader.offset;
      g_autoptr (RmqRemotingCommand) command = rmq_frame_reader_next (&self->reader, &error);
      if (error != NULL)
        bad_frame (self, error);
      if (command == NULL)
        return;
      emit_frame (self, &rmq_event_frame_in, command, self->reader.offset - offset);
      self->funcs.command (self, command, self->data);
    }
}

static void
read_all (RmqConnection *self)
{
  guint8 buffer[READ_CHUNK_BYTES];
  gsize n = 0;
  guint n_chunks = 0;
  while (may_read (self) && n_chunks++ < TURN_CHUNKS_MAX
         && (n = rmq_link_read (self->link, buffer, sizeof buffer)) > 0)
    {
      self->last_io_us = rmq_env_now (self->env);
      self->bytes_received += n;
      rmq_frame_reader_feed (&self->reader, buffer, n);
      deliver_commands (self);
      rmq_frame_reader_keep_fed (&self->reader); /* if it was held back: buffer goes */
    }
  if (may_read (self) && !self->is_deaf && n > 0)
    { /* whatever is left is told anew */
      rmq_link_set_reading (self->link, FALSE);
      rmq_link_set_reading (self->link, TRUE);
    }
}

/* For a moment anybody may have much to read. */
static void
tell_held (gpointer data)
{
  RmqConnection *self = data;
  g_info ("%s does not read: %" G_GSIZE_FORMAT " bytes wait for it, more than %u; nothing is read "
          "from it until it does",
          self->address, rmq_link_get_outbox_size (self->link), RMQ_LINK_OUTBOX_HIGH_WATER_BYTES);
}

/* What waits for a peer is bounded by what it reads: beyond the mark nothing more is read from it,
 * so nothing more is answered. Only where the peer asks: if both sides did this, both could wait.
 */
static void
hold_back (RmqConnection *self)
{
  if (!self->is_served || self->held_back
      || rmq_link_get_outbox_size (self->link) <= RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    return;
  self->held_back = TRUE;
  rmq_link_set_reading (self->link, FALSE);
  rmq_env_timer_start (self->env, &self->held_timer, rmq_env_now (self->env) + TELL_HELD_US,
                       tell_held, self);
}

static void
go_on (RmqConnection *self)
{
  if (!self->held_back)
    return;
  self->held_back = FALSE;
  rmq_env_timer_stop (self->env, &self->held_timer);
  rmq_link_set_reading (self->link, !self->is_deaf);
  deliver_commands (self);
}

/* ---- the link's events --------------------------------------------------- */

static void
link_is_up (RmqConnection *self)
{
  self->state = RMQ_CONNECTION_OPEN;
  self->last_io_us = rmq_env_now (self->env);
  self->peer_address = g_strdup (rmq_link_get_peer_address (self->link));
  self->local_address = g_strdup (rmq_link_get_local_address (self->link));
  rmq_connection_set_idle_timeout (self, self->idle_timeout_us);
}

static void
connected (RmqConnection *self)
{
  link_is_up (self);
  if (self->funcs.connected != NULL)
    self->funcs.connected (self, self->data);
}

static void
peer_fin (RmqConnection *self)
{
  self->state = RMQ_CONNECTION_HALF_CLOSED;
  if (self->funcs.fin != NULL)
    self->funcs.fin (self, self->data);
  else
    end_with (self, g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_PEER_CLOSED,
                                 "%s closed the connection", self->address));
}

/* Java's words: "connect to ADDR failed", so that a log can be searched for them. */
static void
connect_failed (RmqConnection *self, const char *why)
{
  end_with (self, g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CONNECT,
                               "connect to %s failed: %s", self->address, why));
}

static void
peer_reset (RmqConnection *self)
{
  end_with (self, g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_PEER_CLOSED,
                               "%s reset the connection", self->address));
}

static void
link_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  RmqConnection *self = data;
  g_autoptr (RmqConnection) alive G_GNUC_UNUSED = rmq_connection_ref (self);
  switch (event)
    {
    case RMQ_LINK_CONNECTED:
      connected (self);
      break;
    case RMQ_LINK_READABLE:
      read_all (self);
      break;
    case RMQ_LINK_FIN:
      peer_fin (self);
      break;
    case RMQ_LINK_REFUSED:
      connect_failed (self, "refused");
      break;
    case RMQ_LINK_CONNECT_TIMEOUT:
      connect_failed (self, "no answer in time");
      break;
    case RMQ_LINK_RESET:
      peer_reset (self);
      break;
    case RMQ_LINK_WRITABLE:
      go_on (self);
      break;
    }
}

RmqConnection *
rmq_connection_connect (RmqEnv *env, const char *address, gint64 timeout_us,
                        const RmqConnectionFuncs *funcs, gpointer data)
{
  RmqConnection *self = connection_new (env, funcs, data);
  self->state = RMQ_CONNECTION_CONNECTING;
  self->address = g_strdup (address);
  self->link = rmq_env_connect (env, address, timeout_us, link_event, self);
  return self;
}

RmqConnection *
rmq_connection_accept (RmqEnv *env, RmqLink *link, const RmqConnectionFuncs *funcs, gpointer data)
{
  RmqConnection *self = connection_new (env, funcs, data);
  self->link = link;
  self->is_served = TRUE;
  self->address = g_strdup (rmq_link_get_peer_address (link));
  link_is_up (self);
  rmq_link_set_func (link, link_event, self);
  return self;
}

/* ---- sending ------------------------------------------------------------- */

gboolean
rmq_connection_send (RmqConnection *self, RmqRemotingCommand *command)
{
  g_assert (rmq_env_is_owner (self->env));
  if (self->state != RMQ_CONNECTION_OPEN)
    return FALSE;
  GBytes *body = rmq_remoting_command_get_body (command);
  g_byte_array_set_size (self->head, 0);
  rmq_remoting_command_encode_head (command, self->head);
  if (!rmq_link_write (self->link, self->head->data, self->head->len, body))
    return FALSE;
  gsize size = self->head->len + (body != NULL ? g_bytes_get_size (body) : 0);
  self->bytes_sent += size;
  self->last_io_us = rmq_env_now (self->env);
  emit_frame (self, &rmq_event_frame_out, command, size);
  hold_back (self);
  return TRUE;
}

gboolean
rmq_connection_send_raw (RmqConnection *self, GBytes *bytes)
{
  if (self->state != RMQ_CONNECTION_OPEN || !rmq_link_write (self->link, NULL, 0, bytes))
    return FALSE;
  self->bytes_sent += g_bytes_get_size (bytes);
  self->last_io_us = rmq_env_now (self->env);
  return TRUE;
}

void
rmq_connection_set_reading (RmqConnection *self, gboolean on)
{
  self->is_deaf = !on;
  if (self->link != NULL)
    rmq_link_set_reading (self->link, on && !self->held_back);
}

/* ---- looking ------------------------------------------------------------- */

RmqConnectionState
rmq_connection_get_state (RmqConnection *self)
{
  return self->state;
}

guint64
rmq_connection_get_id (RmqConnection *self)
{
  return self->id;
}

const char *
rmq_connection_get_address (RmqConnection *self)
{
  return self->address;
}

const char *
rmq_connection_get_peer_address (RmqConnection *self)
{
  return self->peer_address;
}

const char *
rmq_connection_get_local_address (RmqConnection *self)
{
  return self->local_address;
}

gint64
rmq_connection_get_last_io_us (RmqConnection *self)
{
  return self->last_io_us;
}

guint64
rmq_connection_get_bytes_sent (RmqConnection *self)
{
  return self->bytes_sent;
}

guint64
rmq_connection_get_bytes_received (RmqConnection *self)
{
  return self->bytes_received;
}

gsize
rmq_connection_get_outbox_size (RmqConnection *self)
{
  return self->link != NULL ? rmq_link_get_outbox_size (self->link) : 0;
}

gpointer
rmq_connection_get_user_data (RmqConnection *self)
{
  return self->user_data;
}

void
rmq_connection_set_user_data (RmqConnection *self, gpointer user_data, GDestroyNotify destroy)
{
  gpointer old = self->user_data;
  GDestroyNotify old_destroy = self->user_data_destroy;
  self->user_data = user_data;
  self->user_data_destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* One call after the other over shared connections. Owns the response table, the channel table,
 * the name server chooser and the permits; runs on the loop. A call goes
 *
 *   begin → connection (address, or a name server is chosen) → hooks → time check → permit → write
 *         → answer | timeout | connection ended → done
 *
 * and may end at each arrow. Must never block, and never call done twice. Mirrors
 * NettyRemotingClient#invokeSync, #invokeAsync, #invokeOneway and NettyRemotingAbstract. */

#include "rmq-remoting-client.h"

#include "rmq-codes-private.h"
#include "rmq-error-private.h"

#define SCAN_SLACK_US G_TIME_SPAN_SECOND
/* row close-on-timeout guarded: InvokeCallback's MIN_CLOSE_TIMEOUT_MILLIS */
#define MIN_CLOSE_TIMEOUT_US (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  const char *name; /* as Java's exception texts call it */
  guint available;
  GQueue waiting; /* of RmqInvocation */
  gboolean handing_out;
} Permits;

struct _RmqRemotingClient
{
  RmqEnv *env;
  RmqProfile profile; /* a copy: rows are fixed when the instance is made */
  const RmqWireForm *form;
  RmqRemotingClientFuncs funcs;
  gpointer data;
  RmqResponseTable *responses;
  RmqChannelTable *channels;
  RmqNamesrvChooser *namesrv;
  RmqRpcHook hook;
  RmqSerializeType serialize_type;
  Permits async_permits;
  Permits oneway_permits;
  GQueue invocations; /* of RmqInvocation: all under way, in order of begin */
};

/* ---- ending a call ------------------------------------------------------- */

static Permits *
permits_of (RmqInvocation *self)
{
  return self->mode == RMQ_INVOKE_ASYNC ? &self->client->async_permits
                                        : &self->client->oneway_permits;
}

static void permit_acquired (RmqInvocation *self);

static void
release_permit (RmqInvocation *self)
{
  if (!self->holds_permit)
    return;
  self->holds_permit = FALSE;
  Permits *permits = permits_of (self);
  permits->available++;
  if (permits->handing_out) /* whoever hands out looks again */
    return;
  permits->handing_out = TRUE;
  RmqInvocation *next;
  while (permits->available > 0 && (next = g_queue_pop_head (&permits->waiting)) != NULL)
    {
      permits->available--;
      next->waits_for_permit = FALSE;
      permit_acquired (next);
    }
  permits->handing_out = FALSE;
}

/* Leaves every list; nothing calls the invocation back afterwards. */
static void
detach (RmqInvocation *self)
{
  RmqRemotingClient *client = self->client;
  rmq_env_timer_stop (client->env, &self->timer);
  rmq_channel_wait_cancel (&self->channel_wait);
  rmq_namesrv_choice_cancel (&self->choice);
  if (self->waits_for_permit)
    g_queue_remove (&permits_of (self)->waiting, self);
  self->waits_for_permit = FALSE;
  if (self->in_table)
    rmq_response_table_remove (client->responses, self->opaque);
  self->in_table = FALSE;
  g_queue_unlink (&client->invocations, &self->link);
}

static void
forget (RmqInvocation *self)
{
  g_clear_pointer (&self->connection, rmq_connection_unref);
  g_clear_pointer (&self->command, rmq_remoting_command_unref);
  self->client = NULL;
}

static void
end (RmqInvocation *self, RmqRemotingCommand *response, const GError *error)
{
  g_assert (self->client != NULL);
  detach (self);
  release_permit (self);
  const RmqInvocationFuncs *funcs = self->funcs;
  gpointer data = self->data;
  forget (self);
  funcs->done (response, error, data);
}

static void
fail (RmqInvocation *self, RmqRemotingError code, gboolean unknown, const char *text)
{
  RmqErrorDetails details = { .broker_addr = self->address, .outcome_unknown = unknown };
  g_autoptr (GError) error = rmq_error_new (RMQ_REMOTING_ERROR, (gint)code, &details, "%s", text);
  end (self, NULL, error);
}

void
rmq_invocation_cancel (RmqInvocation *self)
{
  if (self->client == NULL)
    return;
  detach (self);
  release_permit (self);
  forget (self);
}

void
rmq_invocation_clear (RmqInvocation *self)
{
  rmq_invocation_cancel (self);
}

const char *
rmq_invocation_waits_for (const RmqInvocation *self)
{
  return self->client == NULL     ? NULL
         : self->in_table         ? "answer"
         : self->waits_for_permit ? "permit"
                                  : "connection";
}

static gint64
left_us (RmqInvocation *self)
{
  return self->begin_us + self->timeout_us - rmq_env_now (self->client->env);
}

static const char *
target (RmqInvocation *self)
{
  return self->address != NULL ? self->address : "null";
}

/* ---- timeouts ------------------------------------------------------------ */

/* A sync caller gives up. In Java this closes the connection under everybody who waits on it. */
static void
close_after_timeout (RmqInvocation *self)
{
  gint choice = rmq_profile_get_choice (&self->client->profile, RMQ_ROW_CLOSE_ON_TIMEOUT);
  gint64 left = self->left_at_write_us;
  gboolean had_time = left > MIN_CLOSE_TIMEOUT_US || left > self->timeout_us / 4;
  if (choice == RMQ_CLOSE_ON_TIMEOUT_ON || (choice == RMQ_CLOSE_ON_TIMEOUT_GUARDED && had_time))
    rmq_channel_table_close (self->client->channels, self->connection, RMQ_CHANNEL_END_TIMEOUT);
}

static void
time_is_over (gpointer data)
{
  RmqInvocation *self = data;
  RmqRemotingClient *client = self->client;
  rmq_response_table_remove (client->responses, self->opaque);
  self->in_table = FALSE;
  g_autofree char *text = g_strdup_printf (
      "wait response on the channel <%s> timeout, %" G_GINT64_FORMAT "(ms)",
      rmq_connection_get_address (self->connection), self->left_at_write_us / 1000);
  if (self->mode == RMQ_INVOKE_SYNC)
    close_after_timeout (self);
  fail (self, RMQ_REMOTING_ERROR_TIMEOUT, TRUE, text);
}

static void
out_of_time_before_writing (RmqInvocation *self)
{
  g_autofree char *text =
      g_strdup_printf ("%s call the addr[%s] timeout",
                       self->mode == RMQ_INVOKE_SYNC ? "invokeSync" : "invokeAsync", target (self));
  if (self->mode != RMQ_INVOKE_SYNC)
    {
      fail (self, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST, FALSE, text);
      return;
    }
  self->left_at_write_us = 0;
  close_after_timeout (self);
  fail (self, RMQ_REMOTING_ERROR_TIMEOUT, FALSE, text);
}

/* ---- writing ------------------------------------------------------------- */

static void
answered (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  RmqInvocation *self = data;
  const RmqRpcHook *hook = &self->client->hook;
  self->in_table = FALSE;
  if (response != NULL && hook->after != NULL && self->command != NULL)
    hook->after (self->address, self->command, response, hook->data);
  end (self, response, error);
}

static void
add_to_table (RmqInvocation *self)
{
  RmqResponseEntry entry = {
    .opaque = self->opaque,
    .code = rmq_remoting_command_get_code (self->command),
    .begin_us = self->begin_us,
    .timeout_us = self->timeout_us,
    .is_async = self->mode == RMQ_INVOKE_ASYNC,
    .message = self->tag,
    .attempt = self->attempt,
  };
  rmq_response_table_add (self->client->responses, &entry, self->connection, answered, self);
  self->in_table = TRUE;
}

static void
write_failed (RmqInvocation *self)
{
  g_autofree char *text = g_strdup_printf ("send request to <%s> failed",
                                           rmq_connection_get_address (self->connection));
  if (self->in_table)
    rmq_response_table_remove (self->client->responses, self->opaque);
  self->in_table = FALSE;
  rmq_channel_table_close (self->client->channels, self->connection, RMQ_CHANNEL_END_SEND);
  fail (self, RMQ_REMOTING_ERROR_SEND_REQUEST, FALSE, text);
}

static void
write_request (RmqInvocation *self)
{
  RmqRemotingClient *client = self->client;
  self->left_at_write_us = left_us (self);
  if (self->mode != RMQ_INVOKE_ONEWAY)
    add_to_table (self);
  if (!rmq_connection_send (self->connection, self->command))
    {
      write_failed (self);
      return;
    }
  if (client->hook.after == NULL) /* nobody looks at it again */
    g_clear_pointer (&self->command, rmq_remoting_command_unref);
  gboolean exact =
      self->mode == RMQ_INVOKE_SYNC
      || rmq_profile_get_choice (&client->profile, RMQ_ROW_ASYNC_EXPIRY) == RMQ_ASYNC_EXPIRY_EXACT;
  if (self->mode != RMQ_INVOKE_ONEWAY && exact)
    rmq_env_timer_start (client->env, &self->timer, self->begin_us + self->timeout_us, time_is_over,
                         self);
  if (self->funcs->written != NULL)
    self->funcs->written (self->connection, self->data);
  if (self->mode == RMQ_INVOKE_ONEWAY)
    end (self, NULL, NULL);
}

/* ---- permits ------------------------------------------------------------- */

static void
permit_acquired (RmqInvocation *self)
{
  rmq_env_timer_stop (self->client->env, &self->timer);
  self->holds_permit = TRUE;
  write_request (self);
}

static void
no_permit (gpointer data)
{
  RmqInvocation *self = data;
  Permits *permits = permits_of (self);
  g_queue_remove (&permits->waiting, self);
  self->waits_for_permit = FALSE;
  g_autofree char *text = g_strdup_printf ("%s tryAcquire semaphore timeout, %" G_GINT64_FORMAT
                                           "ms, waiting calls: %u, permits left: %u",
                                           permits->name, self->timeout_us / 1000,
                                           permits->waiting.length, permits->available);
  fail (self, RMQ_REMOTING_ERROR_TIMEOUT, FALSE, text);
}

static void
take_permit (RmqInvocation *self)
{
  Permits *permits = permits_of (self);
  if (permits->available > 0)
    {
      permits->available--;
      permit_acquired (self);
      return;
    }
  if (left_us (self) <= 0)
    {
      g_autofree char *text = g_strdup_printf ("%s invoke too fast", permits->name);
      fail (self, RMQ_REMOTING_ERROR_TOO_MUCH_REQUEST, FALSE, text);
      return;
    }
  self->waits_for_permit = TRUE;
  g_queue_push_tail (&permits->waiting, self);
  rmq_env_timer_start (self->client->env, &self->timer, self->begin_us + self->timeout_us,
                       no_permit, self);
}

/* ---- from begin to the connection ---------------------------------------- */

static void
connection_ready (RmqConnection *connection, const GError *error, gpointer data)
{
  RmqInvocation *self = data;
  const RmqRpcHook *hook = &self->client->hook;
  if (connection == NULL)
    {
      end (self, NULL, error);
      return;
    }
  self->connection = rmq_connection_ref (connection);
  if (hook->before != NULL)
    {
      hook->before (self->address, self->command, hook->data);
      rmq_env_tick (self->client->env);
    }
  if (left_us (self) < 0 && self->mode != RMQ_INVOKE_ONEWAY)
    out_of_time_before_writing (self);
  else if (self->mode == RMQ_INVOKE_SYNC)
    write_request (self);
  else
    take_permit (self);
}

void
rmq_invocation_begin (RmqInvocation *self, RmqRemotingClient *client)
{
  g_assert (rmq_env_is_owner (client->env));
  g_assert (self->client == NULL);
  g_assert (self->funcs != NULL && self->funcs->done != NULL);
  self->client = client;
  self->link.data = self;
  self->left_at_write_us = 0;
  rmq_remoting_command_ref (self->command);
  self->opaque = client->funcs.next_opaque (client->data);
  rmq_remoting_command_set_opaque (self->command, self->opaque);
  rmq_remoting_command_set_version (self->command, client->form->version);
  rmq_remoting_command_set_language (self->command, client->form->language);
  rmq_remoting_command_set_serialize_type (self->command, client->serialize_type);
  if (self->mode == RMQ_INVOKE_ONEWAY)
    rmq_remoting_command_set_oneway (self->command);
  g_queue_push_tail_link (&client->invocations, &self->link);
  if (self->address != NULL)
    rmq_channel_table_get (client->channels, self->address, &self->channel_wait, connection_ready,
                           self);
  else
    rmq_namesrv_chooser_get (client->namesrv, &self->choice, connection_ready, self);
}

/* ---- what arrives -------------------------------------------------------- */

/* A pure producer serves nothing yet: it says so, as Java does for a code without processor. */
static void
refuse_request (RmqRemotingClient *client, RmqConnection *connection, RmqRemotingCommand *request)
{
  if (rmq_remoting_command_is_oneway (request))
    return;
  g_autofree char *remark =
      g_strdup_printf (" request type %d not supported", rmq_remoting_command_get_code (request));
  g_autoptr (RmqRemotingCommand) response =
      rmq_remoting_command_new_response (request, RMQ_RESPONSE_REQUEST_CODE_NOT_SUPPORTED, remark);
  rmq_remoting_command_set_version (response, client->form->version);
  rmq_remoting_command_set_language (response, client->form->language);
  rmq_connection_send (connection, response);
}

static void
command_arrived (RmqConnection *connection, RmqRemotingCommand *command, gpointer data)
{
  RmqRemotingClient *client = data;
  if (!rmq_remoting_command_is_response (command))
    refuse_request (client, connection, command);
  else if (!rmq_response_table_answer (client->responses, command))
    RMQ_EMIT (client->env, &rmq_event_late_response, rmq_connection_get_address (connection),
              (gint64)rmq_connection_get_id (connection), rmq_remoting_command_get_opaque (command),
              rmq_remoting_command_get_code (command));
}

static void
channel_opened (const char *address, gpointer data)
{
  RmqRemotingClient *client = data;
  client->funcs.channel_opened (address, client->data);
}

static const RmqChannelTableFuncs channel_funcs = {
  .command = command_arrived,
  .opened = channel_opened,
};

/* ---- lifetime ------------------------------------------------------------ */

RmqRemotingClient *
rmq_remoting_client_new (RmqEnv *env, const RmqProfile *profile,
                         const RmqRemotingClientFuncs *funcs, gpointer data)
{
  RmqRemotingClient *client = g_new0 (RmqRemotingClient, 1);
  client->env = env;
  client->profile = *profile;
  client->form = rmq_profile_get_wire_form (&client->profile);
  client->funcs = *funcs;
  client->data = data;
  client->responses = rmq_response_table_new (env);
  client->channels =
      rmq_channel_table_new (env, &client->profile, client->responses, &channel_funcs, client);
  client->namesrv = rmq_namesrv_chooser_new (env, &client->profile, client->channels);
  client->async_permits = (Permits){ .name = "invokeAsyncImpl", .available = RMQ_PERMITS_MAX };
  client->oneway_permits = (Permits){ .name = "invokeOnewayImpl", .available = RMQ_PERMITS_MAX };
  g_queue_init (&client->invocations);
  return client;
}

void
rmq_remoting_client_free (RmqRemotingClient *client)
{
  if (client == NULL)
    return;
  RmqInvocation *invocation;
  while ((invocation = g_queue_peek_head (&client->invocations)) != NULL)
    rmq_invocation_cancel (invocation);
  rmq_namesrv_chooser_free (client->namesrv);
  rmq_channel_table_free (client->channels);
  rmq_response_table_free (client->responses);
  g_free (client);
}

void
rmq_remoting_client_set_serialize_type (RmqRemotingClient *client, RmqSerializeType type)
{
  client->serialize_type = type;
}

void
rmq_remoting_client_set_hook (RmqRemotingClient *client, const RmqRpcHook *hook)
{
  client->hook = *hook;
}

void
rmq_remoting_client_foreach (RmqRemotingClient *client,
                             void (*func) (const RmqInvocation *invocation, gpointer data),
                             gpointer data)
{
  for (const GList *l = client->invocations.head; l != NULL; l = l->next)
    func (l->data, data);
}

guint
rmq_remoting_client_scan (RmqRemotingClient *client)
{
  return rmq_response_table_scan (client->responses, SCAN_SLACK_US);
}

RmqResponseTable *
rmq_remoting_client_get_responses (RmqRemotingClient *client)
{
  return client->responses;
}

RmqChannelTable *
rmq_remoting_client_get_channels (RmqRemotingClient *client)
{
  return client->channels;
}

RmqNamesrvChooser *
rmq_remoting_client_get_namesrv (RmqRemotingClient *client)
{
  return client->namesrv;
}

guint
rmq_remoting_client_get_async_permits (RmqRemotingClient *client)
{
  return client->async_permits.available;
}

guint
rmq_remoting_client_get_oneway_permits (RmqRemotingClient *client)
{
  return client->oneway_permits.available;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Heartbeats, goodbyes and the cleaning of brokerAddrTable. Runs on the loop; each round owns its
 * data and frees it when done. Must never wait for lockHeartbeat: a round that finds it taken is
 * skipped, as in Java. */

#include "rmq-heartbeat.h"

#include <string.h>

#include "rmq-bodies.h"
#include "rmq-broker-round.h"
#include "rmq-codes-private.h"
#include "rmq-headers.h"
#include "rmq-producer-events.h"

typedef struct
{
  RmqClientInstance *instance;
  GBytes *body; /* heartbeats */
  char *group;  /* goodbyes */
  RmqHeartbeatDone done;
  gpointer data;
} Beat;

static Beat *
beat_new (RmqClientInstance *instance, RmqHeartbeatDone done, gpointer data)
{
  Beat *beat = g_new0 (Beat, 1);
  beat->instance = instance;
  beat->done = done;
  beat->data = data;
  return beat;
}

static void
beat_free (Beat *beat)
{
  g_clear_pointer (&beat->body, g_bytes_unref);
  g_free (beat->group);
  g_free (beat);
}

/* ---- heartbeats ---------------------------------------------------------- */

static GBytes *
make_body (RmqClientInstance *instance)
{
  g_autoptr (RmqHeartbeatData) data = rmq_heartbeat_data_new (instance->client_id);
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      g_ptr_array_add (data->producer_groups, g_strdup (entry->group));
    }
  return rmq_heartbeat_data_encode (data);
}

static RmqRemotingCommand *
make_heartbeat (gpointer data)
{
  Beat *beat = data;
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_HEART_BEAT);
  rmq_remoting_command_set_body (request, beat->body);
  return request;
}

static RmqBrokerAddress *
find_address (RmqClientInstance *instance, const char *address)
{
  for (guint i = 0; i < instance->broker_addr_table->len; i++)
    {
      RmqBrokerEntry *broker = instance->broker_addr_table->pdata[i];
      for (guint j = 0; j < broker->addresses->len; j++)
        {
          RmqBrokerAddress *entry = &g_array_index (broker->addresses, RmqBrokerAddress, j);
          if (strcmp (entry->address, address) == 0)
            return entry;
        }
    }
  return NULL;
}

static void
heartbeat_answered (const char *address, RmqRemotingCommand *response, const GError *error,
                    gpointer data)
{
  Beat *beat = data;
  gboolean ok =
      response != NULL && rmq_remoting_command_get_code (response) == RMQ_RESPONSE_SUCCESS;
  gint version = ok ? rmq_remoting_command_get_version (response) : 0;
  RmqBrokerAddress *entry = find_address (beat->instance, address);
  if (ok && entry != NULL)
    entry->version = version;
  beat->instance->heartbeats += ok;
  RMQ_EMIT (beat->instance->env, &rmq_event_heartbeat, address, ok, version);
}

static void
heartbeat_round_done (gpointer data)
{
  Beat *beat = data;
  rmq_lock_release (beat->instance->lock_heartbeat);
  if (beat->done != NULL)
    beat->done (NULL, beat->data);
  beat_free (beat);
}

static const RmqBrokerRoundFuncs heartbeat_funcs = {
  .make_request = make_heartbeat,
  .answered = heartbeat_answered,
  .done = heartbeat_round_done,
};

static GPtrArray *
collect (RmqClientInstance *instance, gboolean masters_only)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < instance->broker_addr_table->len; i++)
    {
      RmqBrokerEntry *broker = instance->broker_addr_table->pdata[i];
      for (guint j = 0; j < broker->addresses->len; j++)
        {
          RmqBrokerAddress *entry = &g_array_index (broker->addresses, RmqBrokerAddress, j);
          if (!masters_only || entry->broker_id == 0)
            g_ptr_array_add (addresses, g_strdup (entry->address));
        }
    }
  return addresses;
}

static void
note_acquired (gboolean acquired, gpointer data)
{
  *(gboolean *)data = acquired;
}

static gboolean
try_lock (RmqClientInstance *instance)
{
  gboolean acquired = FALSE;
  rmq_lock_acquire (instance->lock_heartbeat, "heartbeat", 0, note_acquired, &acquired);
  return acquired;
}

static void
start_heartbeat (RmqClientInstance *instance, GPtrArray *addresses, RmqHeartbeatDone done,
                 gpointer data)
{
  Beat *beat = beat_new (instance, done, data);
  beat->body = make_body (instance);
  rmq_broker_round_start (instance, addresses, FALSE, &heartbeat_funcs, beat);
}

void
rmq_heartbeat_send_all (RmqClientInstance *instance, RmqHeartbeatDone done, gpointer data)
{
  if (try_lock (instance))
    start_heartbeat (instance, collect (instance, TRUE), done, data);
  else
    done ("lockHeartbeat is taken: another round is under way", data);
}

void
rmq_heartbeat_send_to (RmqClientInstance *instance, const char *address)
{
  RmqBrokerAddress *entry = find_address (instance, address);
  if (entry == NULL || entry->broker_id != 0 || !try_lock (instance))
    return;
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (addresses, g_strdup (address));
  start_heartbeat (instance, addresses, NULL, NULL);
}

/* ---- goodbyes ------------------------------------------------------------ */

static RmqRemotingCommand *
make_unregister (gpointer data)
{
  Beat *beat = data;
  RmqUnregisterClientRequestHeader header = { .client_id = beat->instance->client_id,
                                              .producer_group = beat->group };
  RmqRemotingCommand *request = rmq_remoting_command_new_request (RMQ_REQUEST_UNREGISTER_CLIENT);
  rmq_header_encode (&rmq_unregister_client_request_header, RMQ_HEADER_LONG_NAMES, &header,
                     request);
  return request;
}

static void
unregister_answered (const char *address, RmqRemotingCommand *response, const GError *error,
                     gpointer data)
{
  Beat *beat = data;
  gboolean ok =
      response != NULL && rmq_remoting_command_get_code (response) == RMQ_RESPONSE_SUCCESS;
  RMQ_EMIT (beat->instance->env, &rmq_event_unregister, address, ok);
}

static void
unregister_round_done (gpointer data)
{
  Beat *beat = data;
  beat->done (NULL, beat->data);
  beat_free (beat);
}

static const RmqBrokerRoundFuncs unregister_funcs = {
  .make_request = make_unregister,
  .answered = unregister_answered,
  .done = unregister_round_done,
};

void
rmq_heartbeat_unregister (RmqClientInstance *instance, const char *group, gboolean connected_only,
                          RmqHeartbeatDone done, gpointer data)
{
  RmqChannelTable *channels = rmq_remoting_client_get_channels (instance->remoting);
  GPtrArray *addresses = collect (instance, FALSE);
  for (guint i = addresses->len; connected_only && i > 0; i--)
    if (!rmq_channel_table_is_open (channels, addresses->pdata[i - 1]))
      g_ptr_array_remove_index (addresses, i - 1);
  gboolean at_once =
      rmq_profile_get_choice (&instance->profile, RMQ_ROW_UNREGISTER) == RMQ_UNREGISTER_CAPPED;
  Beat *beat = beat_new (instance, done, data);
  beat->group = g_strdup (group);
  rmq_broker_round_start (instance, addresses, at_once, &unregister_funcs, beat);
}

/* ---- cleaning ------------------------------------------------------------ */

static gboolean
route_has_address (const RmqTopicRouteData *route, const char *address)
{
  for (guint i = 0; i < route->broker_datas->len; i++)
    {
      const RmqBrokerData *broker = route->broker_datas->pdata[i];
      for (guint j = 0; j < broker->broker_addrs->len; j++)
        if (strcmp (g_array_index (broker->broker_addrs, RmqBrokerAddr, j).address, address) == 0)
          return TRUE;
    }
  return FALSE;
}

static gboolean
is_in_a_route (RmqClientInstance *instance, const char *address)
{
  for (guint i = 0; i < instance->topic_route_table->len; i++)
    {
      RmqTopicRoute *route = instance->topic_route_table->pdata[i];
      if (route->route != NULL && route_has_address (route->route, address))
        return TRUE;
    }
  return FALSE;
}

static void
clean (RmqClientInstance *instance)
{
  for (guint i = instance->broker_addr_table->len; i > 0; i--)
    {
      RmqBrokerEntry *broker = instance->broker_addr_table->pdata[i - 1];
      for (guint j = broker->addresses->len; j > 0; j--)
        if (!is_in_a_route (instance,
                            g_array_index (broker->addresses, RmqBrokerAddress, j - 1).address))
          g_array_remove_index (broker->addresses, j - 1);
      if (broker->addresses->len == 0)
        g_ptr_array_remove_index (instance->broker_addr_table, i - 1);
    }
}

static void
end_clean (Beat *beat, const char *error)
{
  beat->instance->clean = NULL;
  beat->done (error, beat->data);
  beat_free (beat);
}

static void
clean_lock_cb (gboolean acquired, gpointer data)
{
  Beat *beat = data;
  if (acquired)
    {
      clean (beat->instance);
      rmq_lock_release (beat->instance->lock_namesrv);
    }
  end_clean (beat, acquired ? NULL : "lockNamesrv was taken for 3 s");
}

void
rmq_heartbeat_clean_offline (RmqClientInstance *instance, RmqHeartbeatDone done, gpointer data)
{
  g_assert (instance->clean == NULL); /* only the task does it, one run at a time */
  Beat *beat = beat_new (instance, done, data);
  instance->clean = beat;
  rmq_lock_acquire (instance->lock_namesrv, "cleanOfflineBroker", RMQ_LOCK_TIMEOUT_US,
                    clean_lock_cb, beat);
}

void
rmq_heartbeat_cancel_clean (RmqClientInstance *instance)
{
  Beat *beat = instance->clean;
  if (beat == NULL)
    return;
  rmq_lock_cancel (instance->lock_namesrv, beat);
  end_clean (beat, "the client was shut down");
}

/* SPDX-License-Identifier: Apache-2.0 */

/* MQClientInstance: the tables that producers of one client id share, and the tasks that keep them
 * fresh. Owns the remoting client, the locks and the lanes of one client; runs on the loop. Started
 * and shut down in Java's order. Must never free itself inside one of its own calls: the end is
 * always posted. */

#include "rmq-client-instance.h"

#include <string.h>

#include "rmq-broker-round.h"
#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-heartbeat.h"
#include "rmq-namesrv-fetch.h"
#include "rmq-route-updater.h"

#define SECONDS(n) ((gint64)(n)*G_TIME_SPAN_SECOND)

typedef struct
{
  RmqClientInstanceDone done;
  gpointer data;
} Waiter;

static const char *const state_names[] = {
  [RMQ_SERVICE_CREATE_JUST] = "CREATE_JUST",
  [RMQ_SERVICE_RUNNING] = "RUNNING",
  [RMQ_SERVICE_SHUTDOWN_ALREADY] = "SHUTDOWN_ALREADY",
  [RMQ_SERVICE_START_FAILED] = "START_FAILED",
};

const char *
rmq_service_state_get_name (RmqServiceState state)
{
  return state_names[state];
}

/* ---- scheduled tasks ----------------------------------------------------- */

static void
task_done_with_error (const GError *error, gpointer data)
{
  rmq_scheduled_task_done (data, error != NULL ? error->message : NULL);
}

static void
task_done_with_text (const char *error, gpointer data)
{
  rmq_scheduled_task_done (data, error);
}

static void
fetch_name_servers (RmqScheduledTask *task, gpointer data)
{
  rmq_namesrv_fetch (data, task_done_with_error, task);
}

static void
update_routes (RmqScheduledTask *task, gpointer data)
{
  rmq_route_update_all (data, task_done_with_error, task);
}

static void
then_send_heartbeats (const char *error, gpointer data)
{
  RmqScheduledTask *task = data;
  rmq_heartbeat_send_all (task->data, task_done_with_text, task);
}

static void
clean_and_send_heartbeats (RmqScheduledTask *task, gpointer data)
{
  rmq_heartbeat_clean_offline (data, then_send_heartbeats, task);
}

static void
scan_responses (RmqScheduledTask *task, gpointer data)
{
  RmqClientInstance *instance = data;
  rmq_remoting_client_scan (instance->remoting);
  rmq_scheduled_task_done (task, NULL);
}

static const RmqScheduledTaskSpec fetch_spec = {
  "fetchNameServerAddr",
  SECONDS (10),
  SECONDS (120),
  fetch_name_servers,
  "asks the address server for the name server list",
  "MQClientInstance#startScheduledTask, MQClientAPIImpl#fetchNameServerAddr"
};

static const RmqScheduledTaskSpec sched_specs[] = {
  { "updateTopicRouteInfo", 10 * G_TIME_SPAN_MILLISECOND, SECONDS (30), update_routes,
    "asks a name server for the route of every known topic, one after the other",
    "MQClientInstance#updateTopicRouteInfoFromNameServer" },
  { "sendHeartbeatToAllBroker", SECONDS (1), SECONDS (30), clean_and_send_heartbeats,
    "forgets brokers that are in no route, then sends a heartbeat to every master",
    "MQClientInstance#cleanOfflineBroker, #sendHeartbeatToAllBrokerWithLock" },
  { "persistAllConsumerOffset", SECONDS (10), SECONDS (5), NULL,
    "would store the offsets of this client's consumers; it has none",
    "MQClientInstance#persistAllConsumerOffset" },
  { "adjustThreadPool", SECONDS (60), SECONDS (60), NULL,
    "would report that a push consumer's thread pool should grow or shrink; it has none",
    "MQClientInstance#adjustThreadPool" },
  { "samplingInSeconds", 0, SECONDS (10), NULL,
    "would sample the five consumer statistics for the minute view; it has no consumers",
    "StatsItemSet#samplingInSeconds" },
  { "samplingInMinutes", 0, SECONDS (600), NULL,
    "would sample the five consumer statistics for the hour view; it has no consumers",
    "StatsItemSet#samplingInMinutes" },
  { "samplingInHour", 0, SECONDS (3600), NULL,
    "would sample the five consumer statistics for the day view; it has no consumers",
    "StatsItemSet#samplingInHour" },
};

static const RmqScheduledTaskSpec housekeeping_specs[] = {
  { "scanResponseTable", SECONDS (3), SECONDS (1), scan_responses,
    "ends async calls that were not answered within their timeout and one second",
    "NettyRemotingAbstract#scanResponseTable" },
  { "scanExpiredRequest", SECONDS (3), SECONDS (1), NULL,
    "would end request-reply calls without a reply; none are made (4.6 and later)",
    "RequestFutureHolder#scanExpiredRequest" },
};

static const RmqScheduledTaskSpec rebalance_spec = {
  "RebalanceService",
  SECONDS (20),
  SECONDS (20),
  NULL,
  "would share the queues among consumers of a group; it has none",
  "RebalanceService#run"
};

static const RmqScheduledTaskSpec pull_spec = {
  "PullMessageService",
  -1,
  0,
  NULL,
  "would pull messages when a consumer asks for some; it waits for work that never comes",
  "PullMessageService#run"
};

static void
start_tasks (RmqClientInstance *instance)
{
  if (instance->namesrv_addr == NULL)
    rmq_schedule_add (instance->sched, &fetch_spec, instance);
  for (guint i = 0; i < G_N_ELEMENTS (sched_specs); i++)
    rmq_schedule_add (instance->sched, &sched_specs[i], instance);
}

/* ---- tables -------------------------------------------------------------- */

static RmqProducerEntry *
find_producer (RmqClientInstance *instance, const char *group)
{
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      if (strcmp (entry->group, group) == 0)
        return entry;
    }
  return NULL;
}

gboolean
rmq_client_instance_register_producer (RmqClientInstance *instance, const char *group,
                                       RmqProducer *producer)
{
  if (find_producer (instance, group) != NULL)
    return FALSE;
  RmqProducerEntry *entry = g_new (RmqProducerEntry, 1);
  *entry = (RmqProducerEntry){ .group = g_strdup (group), .producer = producer };
  instance->users += producer != NULL;
  g_ptr_array_add (instance->producer_table, entry);
  return TRUE;
}

void
rmq_client_instance_unregister_producer (RmqClientInstance *instance, const char *group)
{
  RmqProducerEntry *entry = find_producer (instance, group);
  if (entry != NULL)
    g_ptr_array_remove (instance->producer_table, entry);
}

static RmqBrokerEntry *
find_broker (RmqClientInstance *instance, const char *broker_name)
{
  for (guint i = 0; i < instance->broker_addr_table->len; i++)
    {
      RmqBrokerEntry *broker = instance->broker_addr_table->pdata[i];
      if (strcmp (broker->broker_name, broker_name) == 0)
        return broker;
    }
  return NULL;
}

const char *
rmq_client_instance_find_master (RmqClientInstance *instance, const char *broker_name)
{
  RmqBrokerEntry *broker = find_broker (instance, broker_name);
  for (guint i = 0; broker != NULL && i < broker->addresses->len; i++)
    {
      RmqBrokerAddress *address = &g_array_index (broker->addresses, RmqBrokerAddress, i);
      if (address->broker_id == 0)
        return address->address;
    }
  return NULL;
}

static void
address_clear (gpointer data)
{
  g_free (((RmqBrokerAddress *)data)->address);
}

static gint
known_version (RmqBrokerEntry *broker, const char *address)
{
  for (guint i = 0; broker->addresses != NULL && i < broker->addresses->len; i++)
    {
      RmqBrokerAddress *old = &g_array_index (broker->addresses, RmqBrokerAddress, i);
      if (strcmp (old->address, address) == 0)
        return old->version;
    }
  return 0;
}

void
rmq_client_instance_set_broker (RmqClientInstance *instance, const RmqBrokerData *data)
{
  RmqBrokerEntry *broker = find_broker (instance, data->broker_name);
  if (broker == NULL)
    {
      broker = g_new0 (RmqBrokerEntry, 1);
      broker->broker_name = g_strdup (data->broker_name);
      g_ptr_array_add (instance->broker_addr_table, broker);
    }
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (RmqBrokerAddress));
  g_array_set_clear_func (addresses, address_clear);
  for (guint i = 0; i < data->broker_addrs->len; i++)
    {
      const RmqBrokerAddr *from = &g_array_index (data->broker_addrs, RmqBrokerAddr, i);
      RmqBrokerAddress to = { .broker_id = from->broker_id,
                              .address = g_strdup (from->address),
                              .version = known_version (broker, from->address) };
      g_array_append_val (addresses, to);
    }
  g_clear_pointer (&broker->addresses, g_array_unref);
  broker->addresses = addresses;
}

RmqTopicRoute *
rmq_client_instance_find_route (RmqClientInstance *instance, const char *topic)
{
  for (guint i = 0; i < instance->topic_route_table->len; i++)
    {
      RmqTopicRoute *route = instance->topic_route_table->pdata[i];
      if (strcmp (route->topic, topic) == 0)
        return route;
    }
  return NULL;
}

/* ---- lifetime ------------------------------------------------------------ */

static void
producer_entry_free (gpointer data)
{
  g_free (((RmqProducerEntry *)data)->group);
  g_free (data);
}

static void
route_free (gpointer data)
{
  RmqTopicRoute *route = data;
  g_clear_pointer (&route->route, rmq_topic_route_data_unref);
  g_free (route->topic);
  g_free (route);
}

static void
broker_free (gpointer data)
{
  RmqBrokerEntry *broker = data;
  g_clear_pointer (&broker->addresses, g_array_unref);
  g_free (broker->broker_name);
  g_free (broker);
}

static gint32
next_opaque (gpointer data)
{
  RmqClientInstance *instance = data;
  return rmq_client_manager_next_opaque (instance->manager);
}

static void
channel_opened (const char *address, gpointer data)
{
  RmqClientInstance *instance = data;
  if (rmq_profile_get_choice (&instance->profile, RMQ_ROW_HEARTBEAT_ON_CONNECT) == RMQ_YES)
    rmq_heartbeat_send_to (instance, address);
}

static const RmqRemotingClientFuncs remoting_funcs = {
  .next_opaque = next_opaque,
  .channel_opened = channel_opened,
};

static void
make_tables (RmqClientInstance *instance)
{
  RmqEnv *env = instance->env;
  instance->producer_table = g_ptr_array_new_with_free_func (producer_entry_free);
  instance->topic_route_table = g_ptr_array_new_with_free_func (route_free);
  instance->broker_addr_table = g_ptr_array_new_with_free_func (broker_free);
  instance->start_waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_queue_init (&instance->route_updates);
  g_queue_init (&instance->broker_rounds);
  instance->lock_namesrv = rmq_lock_new (env, "lockNamesrv");
  instance->lock_heartbeat = rmq_lock_new (env, "lockHeartbeat");
  instance->sched = rmq_schedule_new (env, "sched");
  instance->housekeeping = rmq_schedule_new (env, "housekeeping");
  instance->pull = rmq_schedule_new (env, "pull");
  instance->rebalance = rmq_schedule_new (env, "rebalance");
}

RmqClientInstance *
rmq_client_instance_new (RmqClientManager *manager, const char *client_id, guint index,
                         const RmqClientConfig *config)
{
  RmqClientInstance *instance = g_new0 (RmqClientInstance, 1);
  instance->env = rmq_client_manager_get_env (manager);
  instance->manager = manager;
  instance->client_id = g_strdup (client_id);
  instance->index = index;
  instance->boot_us = rmq_env_now (instance->env);
  instance->profile = *config->profile;
  instance->namesrv_addr = g_strdup (config->namesrv_addr);
  instance->namesrv_url = rmq_namesrv_url (config->namesrv_domain);
  make_tables (instance);
  instance->remoting =
      rmq_remoting_client_new (instance->env, &instance->profile, &remoting_funcs, instance);
  rmq_remoting_client_set_hook (instance->remoting, config->hook);
  rmq_remoting_client_set_serialize_type (instance->remoting, config->serialize_type);
  if (instance->namesrv_addr != NULL)
    rmq_namesrv_chooser_update (rmq_remoting_client_get_namesrv (instance->remoting),
                                instance->namesrv_addr);
  return instance;
}

/* Stops whatever could call back, in the order in which things lean on each other. */
static void
stop_all (RmqClientInstance *instance)
{
  rmq_schedule_stop (instance->pull);
  rmq_schedule_stop (instance->sched);
  rmq_namesrv_fetch_cancel (instance);
  rmq_heartbeat_cancel_clean (instance);
  rmq_route_updates_cancel (instance);
  rmq_broker_rounds_cancel (instance);
  rmq_schedule_stop (instance->housekeeping);
  rmq_schedule_stop (instance->rebalance);
}

void
rmq_client_instance_free (RmqClientInstance *instance)
{
  stop_all (instance);
  g_clear_pointer (&instance->remoting, rmq_remoting_client_free);
  rmq_schedule_free (instance->pull);
  rmq_schedule_free (instance->sched);
  rmq_schedule_free (instance->housekeeping);
  rmq_schedule_free (instance->rebalance);
  rmq_lock_free (instance->lock_namesrv);
  rmq_lock_free (instance->lock_heartbeat);
  g_array_unref (instance->start_waiters);
  g_ptr_array_unref (instance->producer_table);
  g_ptr_array_unref (instance->topic_route_table);
  g_ptr_array_unref (instance->broker_addr_table);
  g_free (instance->shutdown); /* a killed host's */
  g_free (instance->last_fetched);
  g_free (instance->namesrv_addr);
  g_free (instance->namesrv_url);
  g_free (instance->client_id);
  g_free (instance);
}

/* ---- start --------------------------------------------------------------- */

/* MQClientInstance#start from step 2 on: transport, tasks, services, inner producer, RUNNING. */
static void
started (const GError *fetch_error, gpointer data)
{
  RmqClientInstance *instance = data;
  if (g_error_matches (fetch_error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (housekeeping_specs); i++)
    rmq_schedule_add (instance->housekeeping, &housekeeping_specs[i], instance);
  start_tasks (instance);
  rmq_schedule_add (instance->pull, &pull_spec, instance);
  rmq_schedule_add (instance->rebalance, &rebalance_spec, instance);
  rmq_client_instance_register_producer (instance, RMQ_CLIENT_INNER_PRODUCER, NULL);
  instance->state = RMQ_SERVICE_RUNNING;
  g_autoptr (GArray) waiters = g_steal_pointer (&instance->start_waiters);
  instance->start_waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  for (guint i = 0; i < waiters->len; i++)
    {
      Waiter *waiter = &g_array_index (waiters, Waiter, i);
      waiter->done (NULL, waiter->data);
    }
}

void
rmq_client_instance_start (RmqClientInstance *instance, RmqClientInstanceDone done, gpointer data)
{
  if (instance->state == RMQ_SERVICE_RUNNING)
    {
      done (NULL, data);
      return;
    }
  Waiter waiter = { .done = done, .data = data };
  g_array_append_val (instance->start_waiters, waiter);
  if (instance->state == RMQ_SERVICE_START_FAILED) /* being started: Java waits for the monitor */
    return;
  instance->state = RMQ_SERVICE_START_FAILED;
  if (instance->namesrv_addr == NULL)
    rmq_namesrv_fetch (instance, started, instance);
  else
    started (NULL, instance);
}

/* ---- shutdown ------------------------------------------------------------ */

typedef struct
{
  RmqClientInstance *instance;
  RmqClientInstanceDone done;
  gpointer data;
} Shutdown;

static void
finish_shutdown (gpointer data)
{
  Shutdown *shutdown = data;
  RmqClientInstance *instance = shutdown->instance;
  instance->shutdown = NULL;
  instance->state = RMQ_SERVICE_SHUTDOWN_ALREADY;
  rmq_client_manager_remove (instance->manager, instance);
  rmq_client_instance_free (instance);
  shutdown->done (NULL, shutdown->data);
  g_free (shutdown);
}

static void
inner_unregistered (const char *error, gpointer data)
{
  Shutdown *shutdown = data;
  if (!rmq_env_is_gone (shutdown->instance->env))
    rmq_env_post (shutdown->instance->env, finish_shutdown, shutdown);
}

void
rmq_client_instance_shutdown (RmqClientInstance *instance, RmqClientInstanceDone done,
                              gpointer data)
{
  g_assert (instance->users > 0);
  if (--instance->users > 0)
    {
      done (NULL, data);
      return;
    }
  Shutdown *shutdown = g_new (Shutdown, 1);
  *shutdown = (Shutdown){ .instance = instance, .done = done, .data = data };
  instance->shutdown = shutdown;
  instance->leaving = TRUE;
  rmq_client_instance_unregister_producer (instance, RMQ_CLIENT_INNER_PRODUCER);
  gboolean capped =
      rmq_profile_get_choice (&instance->profile, RMQ_ROW_UNREGISTER) == RMQ_UNREGISTER_CAPPED;
  rmq_heartbeat_unregister (instance, RMQ_CLIENT_INNER_PRODUCER, capped, inner_unregistered,
                            shutdown);
}

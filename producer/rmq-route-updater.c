/* SPDX-License-Identifier: Apache-2.0 */

/* Asks a name server for a topic's route and tells every producer of the instance what changed.
 * Owns the queries under way; runs on the loop, one at a time under lockNamesrv. Entries are never
 * removed on error: a deleted topic keeps its last route. */

#include "rmq-route-updater.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error-private.h"
#include "rmq-headers.h"
#include "rmq-producer-impl.h"

typedef struct
{
  RmqRouteDone done;
  gpointer data;
} Waiter;

typedef struct
{
  RmqClientInstance *instance;
  char *topic;
  char *template_topic; /* (nullable) */
  guint template_queue_nums;
  GArray *waiters; /* of Waiter */
  RmqInvocation invocation;
  gboolean waits_for_lock;
  gboolean holds_lock;
  GList link;
} RmqRouteUpdate;

static void
finish (RmqRouteUpdate *update, gboolean changed, const GError *error)
{
  RmqClientInstance *instance = update->instance;
  g_queue_unlink (&instance->route_updates, &update->link);
  if (update->holds_lock)
    rmq_lock_release (instance->lock_namesrv);
  for (guint i = 0; i < update->waiters->len; i++)
    {
      Waiter *waiter = &g_array_index (update->waiters, Waiter, i);
      waiter->done (changed, error, waiter->data);
    }
  g_array_unref (update->waiters);
  g_free (update->topic);
  g_free (update->template_topic);
  g_free (update);
}

static void
fail (RmqRouteUpdate *update, const GError *error)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", update->topic, error->message);
  RMQ_EMIT (update->instance->env, &rmq_event_route_error, text, rmq_event_domain_of (error),
            error->code);
  finish (update, FALSE, error);
}

/* ---- taking a route ------------------------------------------------------ */

static gboolean
a_producer_needs (RmqClientInstance *instance, const char *topic)
{
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      if (entry->producer != NULL
          && rmq_topic_publish_info_get_n_queues (
                 rmq_producer_find_publish_info (entry->producer, topic))
                 == 0)
        return TRUE;
    }
  return FALSE;
}

static RmqTopicRoute *
ensure_route (RmqClientInstance *instance, const char *topic)
{
  RmqTopicRoute *route = rmq_client_instance_find_route (instance, topic);
  if (route != NULL)
    return route;
  route = g_new0 (RmqTopicRoute, 1);
  route->topic = g_strdup (topic);
  g_ptr_array_add (instance->topic_route_table, route);
  return route;
}

static RmqTopicPublishInfo *
make_publish_info (RmqRouteUpdate *update, const RmqTopicRoute *entry, RmqTopicRouteData *route)
{
  RmqClientInstance *instance = update->instance;
  RmqTopicPublishInfo *info = rmq_topic_publish_info_new_from_route (update->topic, route);
  info->is_template = update->template_topic != NULL;
  info->since_us = rmq_env_now (instance->env);
  info->generation = entry->generation;
  g_autofree char *stream = g_strdup_printf ("queue walk of %s in %s, %" G_GUINT64_FORMAT,
                                             update->topic, instance->client_id, info->generation);
  rmq_env_random_stream (instance->env, stream, &info->random);
  return info;
}

static void
take_route (RmqRouteUpdate *update, RmqTopicRoute *entry, RmqTopicRouteData *route)
{
  RmqClientInstance *instance = update->instance;
  for (guint i = 0; i < route->broker_datas->len; i++)
    rmq_client_instance_set_broker (instance, route->broker_datas->pdata[i]);
  entry->generation++;
  entry->updated_us = rmq_env_now (instance->env);
  g_autoptr (RmqTopicPublishInfo) info = make_publish_info (update, entry, route);
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *producer = instance->producer_table->pdata[i];
      if (producer->producer != NULL)
        rmq_producer_set_publish_info (producer->producer, info);
    }
  g_clear_pointer (&entry->route, rmq_topic_route_data_unref);
  entry->route = rmq_topic_route_data_ref (route);
  RMQ_EMIT (instance->env, &rmq_event_route, update->topic, info->queues->len,
            route->broker_datas->len, info->is_template);
}

static void
limit_template (RmqRouteUpdate *update, RmqTopicRouteData *route)
{
  for (guint i = 0; i < route->queue_datas->len; i++)
    {
      RmqQueueData *data = route->queue_datas->pdata[i];
      gint n = MIN ((gint)update->template_queue_nums, data->read_queue_nums);
      data->read_queue_nums = n;
      data->write_queue_nums = n;
    }
}

static void
route_arrived (RmqRouteUpdate *update, RmqTopicRouteData *route)
{
  if (update->template_topic != NULL)
    limit_template (update, route);
  RmqTopicRoute *entry = ensure_route (update->instance, update->topic);
  entry->checked_us = rmq_env_now (update->instance->env);
  gboolean changed = entry->route == NULL || !rmq_topic_route_data_equal (entry->route, route)
                     || a_producer_needs (update->instance, update->topic);
  if (changed)
    take_route (update, entry, route);
  finish (update, changed, NULL);
}

/* ---- asking -------------------------------------------------------------- */

static const char *
asked_topic (const RmqRouteUpdate *update)
{
  return update->template_topic != NULL ? update->template_topic : update->topic;
}

static GError *
refused (RmqRouteUpdate *update, RmqRemotingCommand *response)
{
  g_autofree char *code = rmq_response_code_describe (rmq_remoting_command_get_code (response));
  const char *remark = rmq_remoting_command_get_remark (response);
  RmqErrorDetails details = { .remark = remark };
  return rmq_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC, &details,
                        "name server answered %s for topic %s%s%s", code, asked_topic (update),
                        remark != NULL ? ": " : "", remark != NULL ? remark : "");
}

static void
answered (RmqRemotingCommand *response, const GError *error, gpointer data)
{
  RmqRouteUpdate *update = data;
  g_autoptr (GError) failed = NULL;
  GBytes *body = response != NULL ? rmq_remoting_command_get_body (response) : NULL;
  g_autoptr (RmqTopicRouteData) route = NULL;
  if (error != NULL)
    failed = g_error_copy (error);
  else if (rmq_remoting_command_get_code (response) != RMQ_RESPONSE_SUCCESS || body == NULL)
    failed = refused (update, response);
  else
    route = rmq_topic_route_data_decode (body, &failed);
  if (route != NULL)
    route_arrived (update, route);
  else
    fail (update, failed);
}

static const RmqInvocationFuncs invocation_funcs = { .done = answered };

static void
ask (RmqRouteUpdate *update)
{
  RmqGetRouteInfoRequestHeader header = { .topic = asked_topic (update) };
  g_autoptr (RmqRemotingCommand) request =
      rmq_remoting_command_new_request (RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC);
  rmq_header_encode (&rmq_get_route_info_request_header, RMQ_HEADER_LONG_NAMES, &header, request);
  update->invocation = (RmqInvocation){
    .command = request,
    .mode = RMQ_INVOKE_SYNC,
    .begin_us = rmq_env_now (update->instance->env),
    .timeout_us = RMQ_API_TIMEOUT_US,
    .funcs = &invocation_funcs,
    .data = update,
  };
  rmq_invocation_begin (&update->invocation, update->instance->remoting);
}

static void
lock_cb (gboolean acquired, gpointer data)
{
  RmqRouteUpdate *update = data;
  update->waits_for_lock = FALSE;
  update->holds_lock = acquired;
  if (acquired)
    {
      ask (update);
      return;
    }
  g_autoptr (GError) error = g_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NAME_SERVER,
                                          "lockNamesrv was held by %s for 3 s",
                                          rmq_lock_get_holder (update->instance->lock_namesrv));
  fail (update, error);
}

static RmqRouteUpdate *
find_same (RmqClientInstance *instance, const RmqRouteQuery *query)
{
  for (GList *l = instance->route_updates.head; l != NULL; l = l->next)
    {
      RmqRouteUpdate *update = l->data;
      if (strcmp (update->topic, query->topic) == 0
          && g_strcmp0 (update->template_topic, query->template_topic) == 0)
        return update;
    }
  return NULL;
}

void
rmq_route_update (RmqClientInstance *instance, const RmqRouteQuery *query, RmqRouteDone done,
                  gpointer data)
{
  Waiter waiter = { .done = done, .data = data };
  gboolean single =
      rmq_profile_get_choice (&instance->profile, RMQ_ROW_ROUTE_LOOKUP) == RMQ_ROUTE_LOOKUP_SINGLE;
  RmqRouteUpdate *update = single ? find_same (instance, query) : NULL;
  if (update != NULL)
    {
      g_array_append_val (update->waiters, waiter);
      return;
    }
  update = g_new0 (RmqRouteUpdate, 1);
  update->instance = instance;
  update->topic = g_strdup (query->topic);
  update->template_topic = g_strdup (query->template_topic);
  update->template_queue_nums = query->template_queue_nums;
  update->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  g_array_append_val (update->waiters, waiter);
  update->link.data = update;
  g_queue_push_tail_link (&instance->route_updates, &update->link);
  update->waits_for_lock = TRUE;
  rmq_lock_acquire (instance->lock_namesrv, update->topic, RMQ_LOCK_TIMEOUT_US, lock_cb, update);
}

gboolean
rmq_route_error_aborts (RmqClientInstance *instance, const GError *error)
{
  return error != NULL && error->domain == RMQ_REMOTING_ERROR
         && rmq_profile_get_choice (&instance->profile, RMQ_ROW_NAMESRV_ERROR)
                == RMQ_NAMESRV_ERROR_ABORTS;
}

void
rmq_route_updates_cancel (RmqClientInstance *instance)
{
  g_autoptr (GError) error =
      g_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN, "the client was shut down");
  RmqRouteUpdate *update;
  while ((update = g_queue_peek_head (&instance->route_updates)) != NULL)
    {
      rmq_invocation_cancel (&update->invocation);
      if (update->waits_for_lock)
        rmq_lock_cancel (instance->lock_namesrv, update);
      update->holds_lock = FALSE; /* the lock goes with the instance; nobody is let in any more */
      finish (update, FALSE, error);
    }
}

/* ---- all topics, one after the other ------------------------------------- */

typedef struct
{
  RmqClientInstance *instance;
  GPtrArray *topics; /* of char* */
  guint next;
  gboolean stepping; /* inside step(): an answer that comes at once must not nest */
  gboolean answered;
  GError *error; /* (nullable): what ends the round */
  RmqClientInstanceDone done;
  gpointer data;
} Round;

static gboolean
has_topic (GPtrArray *topics, const char *topic)
{
  for (guint i = 0; i < topics->len; i++)
    if (strcmp (topics->pdata[i], topic) == 0)
      return TRUE;
  return FALSE;
}

static GPtrArray *
collect_topics (RmqClientInstance *instance)
{
  GPtrArray *topics = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      guint n = entry->producer != NULL ? rmq_producer_get_n_publish_infos (entry->producer) : 0;
      for (guint j = 0; j < n; j++)
        {
          const char *topic = rmq_producer_get_publish_info (entry->producer, j)->topic;
          if (!has_topic (topics, topic))
            g_ptr_array_add (topics, g_strdup (topic));
        }
    }
  return topics;
}

static void
end_round (Round *round)
{
  round->done (round->error, round->data);
  g_clear_error (&round->error);
  g_ptr_array_unref (round->topics);
  g_free (round);
}

static void round_cb (gboolean changed, const GError *error, gpointer data);

static void
step (Round *round)
{
  round->stepping = TRUE;
  while (round->error == NULL && round->next < round->topics->len)
    {
      RmqRouteQuery query = { .topic = round->topics->pdata[round->next++] };
      round->answered = FALSE;
      rmq_route_update (round->instance, &query, round_cb, round);
      if (!round->answered)
        {
          round->stepping = FALSE;
          return;
        }
    }
  end_round (round);
}

static void
round_cb (gboolean changed, const GError *error, gpointer data)
{
  Round *round = data;
  round->answered = TRUE;
  if (g_error_matches (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN)
      || rmq_route_error_aborts (round->instance, error))
    round->error = g_error_copy (error);
  if (!round->stepping)
    step (round);
}

void
rmq_route_update_all (RmqClientInstance *instance, RmqClientInstanceDone done, gpointer data)
{
  Round *round = g_new0 (Round, 1);
  round->instance = instance;
  round->topics = collect_topics (instance);
  round->done = done;
  round->data = data;
  step (round);
}

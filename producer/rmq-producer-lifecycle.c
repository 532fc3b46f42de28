/* SPDX-License-Identifier: Apache-2.0 */

/* Start and shutdown of a producer, in Java's order, as chains of things waited for on the loop,
 * and the blocking calls in front of them. Must never free what is still on the stack: the steps of
 * a shutdown that free something are posted. Mirrors DefaultMQProducerImpl#start and #shutdown. */

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-heartbeat.h"
#include "rmq-producer-impl.h"
#include "rmq-validators.h"

#define DEFAULT_INSTANCE_NAME "DEFAULT"
#define NAMESRV_ADDR_VARIABLE "NAMESRV_ADDR"
#define SERIALIZE_TYPE_VARIABLE "ROCKETMQ_SERIALIZE_TYPE"

/* ---- who the client is --------------------------------------------------- */

static gboolean
is_blank (const char *text)
{
  return text == NULL || text[strspn (text, " \t;")] == '\0';
}

/* What is configured, else the environment's; NULL: ask over HTTP. "http://x/HOST:PORT" means what
 * follows the last slash. */
static const char *
find_namesrv_addr (RmqProducer *self)
{
  const char *address = self->options.namesrv_addr;
  if (is_blank (address))
    address = rmq_env_get_variable (self->env, NAMESRV_ADDR_VARIABLE);
  if (is_blank (address))
    return NULL;
  return g_str_has_prefix (address, "http://") ? strrchr (address, '/') + 1 : address;
}

/* FALSE: the environment names an encoding of headers that there isn't. */
static gboolean
find_serialize_type (RmqProducer *self, RmqSerializeType *type, GError **error)
{
  static const char *const names[] = {
    [RMQ_SERIALIZE_JSON] = "JSON", [RMQ_SERIALIZE_ROCKETMQ] = "ROCKETMQ"
  };
  const char *text = rmq_env_get_variable (self->env, SERIALIZE_TYPE_VARIABLE);
  *type = RMQ_SERIALIZE_JSON;
  if (is_blank (text))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (text, names[i]))
      {
        *type = (RmqSerializeType)i;
        return TRUE;
      }
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               SERIALIZE_TYPE_VARIABLE " is '%s': it may be JSON or ROCKETMQ", text);
  return FALSE;
}

/* ClientConfig#changeInstanceNameToPID: only the default name changes. */
static void
fix_instance_name (RmqProducer *self)
{
  RmqProducerOptions *options = &self->options;
  if (strcmp (options->instance_name, DEFAULT_INSTANCE_NAME) != 0)
    return;
  gint choice = rmq_profile_get_choice (&options->profile, RMQ_ROW_INSTANCE_NAME);
  gint pid = rmq_env_get_pid (self->env);
  g_free (options->instance_name);
  if (choice == RMQ_INSTANCE_NAME_PID)
    options->instance_name = g_strdup_printf ("%d", pid);
  else /* nanoTime: no two readings are equal */
    options->instance_name = g_strdup_printf ("%d#%" G_GINT64_FORMAT, pid,
                                              rmq_env_now (self->env) * 1000
                                                  + rmq_client_manager_next_nano (self->manager));
}

static char *
make_client_id (RmqProducer *self)
{
  const char *address = rmq_env_get_host_address (self->env);
  gboolean is_v6 = strchr (address, ':') != NULL;
  return g_strdup_printf ("%s%s%s@%s", is_v6 ? "[" : "", address, is_v6 ? "]" : "",
                          self->options.instance_name);
}

static RmqClientInstance *
get_or_create_instance (RmqProducer *self)
{
  g_autofree char *client_id = make_client_id (self);
  RmqClientInstance *instance = rmq_client_manager_find (self->manager, client_id);
  if (instance != NULL)
    return instance; /* with the configuration and the hook of whoever made it */
  RmqClientConfig config = {
    .namesrv_addr = find_namesrv_addr (self),
    .namesrv_domain = self->options.namesrv_domain,
    .profile = &self->options.profile,
    .hook = &self->hook,
  };
  gboolean known = find_serialize_type (self, &config.serialize_type, NULL);
  g_assert (known); /* check_config() has seen it */
  instance = rmq_client_instance_new (self->manager, client_id,
                                      rmq_client_manager_next_index (self->manager), &config);
  rmq_client_manager_add (self->manager, instance);
  return instance;
}

/* ---- start --------------------------------------------------------------- */

typedef struct
{
  RmqProducer *producer;
  RmqProducerDone done;
  gpointer data;
} Start;

static void
finish_start (Start *start, const GError *error)
{
  start->producer->start = NULL;
  start->done (start->producer, error, start->data);
  g_free (start);
}

static void
first_heartbeat_sent (const char *skipped, gpointer data)
{
  finish_start (data, NULL);
}

static void
instance_started (const GError *error, gpointer data)
{
  Start *start = data;
  RmqProducer *self = start->producer;
  g_assert (error == NULL);
  rmq_producer_set_service_state (self, RMQ_SERVICE_RUNNING);
  g_object_ref (self); /* until it is shut down */
  rmq_heartbeat_send_all (self->instance, first_heartbeat_sent, start);
}

static gboolean
check_config (RmqProducer *self, GError **error)
{
  RmqSerializeType type;
  if (!rmq_validate_group (&self->options.profile, self->options.producer_group, error)
      || !find_serialize_type (self, &type, error))
    return FALSE;
  if (rmq_env_get_host_address (self->env) != NULL)
    return TRUE;
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               "this host has no usable local address to make a client id of");
  return FALSE;
}

static gboolean
join_instance (RmqProducer *self, GError **error)
{
  fix_instance_name (self);
  RmqClientInstance *instance = get_or_create_instance (self);
  if (!rmq_client_instance_register_producer (instance, self->options.producer_group, self))
    {
      rmq_producer_set_service_state (self, RMQ_SERVICE_CREATE_JUST);
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                   "the producer group %s has been created before in client %s: "
                   "choose another group, or another instance name",
                   self->options.producer_group, instance->client_id);
      return FALSE;
    }
  self->instance = instance;
  return TRUE;
}

static gboolean
prepare (RmqProducer *self, GError **error)
{
  RmqServiceState state = rmq_producer_get_service_state (self);
  if (state != RMQ_SERVICE_CREATE_JUST)
    {
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                   "the producer service state not OK, maybe started once, %s: make a new one",
                   rmq_service_state_get_name (state));
      return FALSE;
    }
  rmq_producer_set_service_state (self, RMQ_SERVICE_START_FAILED);
  if (!check_config (self, error) || !join_instance (self, error))
    return FALSE;
  if (rmq_profile_get_wire_form (&self->options.profile)->polls_template)
    rmq_producer_ensure_publish_info (self, self->options.create_topic_key);
  guint cpus = rmq_env_get_cpus (self->env);
  self->async_sender = rmq_async_sender_new (self, cpus);
  self->callback_pool = rmq_callback_pool_new (self->env, cpus);
  return TRUE;
}

void
rmq_producer_begin_start (RmqProducer *self, RmqProducerDone done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert (rmq_env_is_owner (self->env));
  if (!prepare (self, &error))
    {
      done (self, error, data);
      return;
    }
  Start *start = g_new (Start, 1);
  *start = (Start){ .producer = self, .done = done, .data = data };
  self->start = start;
  rmq_client_instance_start (self->instance, instance_started, start);
}

/* ---- shutdown ------------------------------------------------------------ */

typedef struct
{
  RmqProducerDone done;
  gpointer data;
} Waiter;

typedef struct
{
  RmqProducer *producer;
  GArray *waiters; /* of Waiter */
  gboolean unregistered;
  gboolean drained; /* no send is under way */
  gboolean posted;  /* the next step is on its way */
  RmqTimer drain_timer;
} Shutdown;

static void
end_shutdown (gpointer data)
{
  Shutdown *shutdown = data;
  RmqProducer *self = shutdown->producer;
  self->shutdown = NULL;
  rmq_producer_set_service_state (self, RMQ_SERVICE_SHUTDOWN_ALREADY);
  for (guint i = 0; i < shutdown->waiters->len; i++)
    {
      Waiter *waiter = &g_array_index (shutdown->waiters, Waiter, i);
      waiter->done (self, NULL, waiter->data);
    }
  g_array_unref (shutdown->waiters);
  g_free (shutdown);
  g_object_unref (self); /* since it was started */
}

static void
instance_left (const GError *error, gpointer data)
{
  Shutdown *shutdown = data;
  shutdown->producer->instance = NULL;
  rmq_callback_pool_close (shutdown->producer->callback_pool, end_shutdown, shutdown);
}

static void
leave_instance (gpointer data)
{
  Shutdown *shutdown = data;
  rmq_client_instance_shutdown (shutdown->producer->instance, instance_left, shutdown);
}

static void
look_for_next_step (Shutdown *shutdown)
{
  RmqProducer *self = shutdown->producer;
  shutdown->drained = g_queue_is_empty (&self->operations)
                      && rmq_async_sender_get_backlog (self->async_sender) == 0;
  if (!shutdown->unregistered || !shutdown->drained || shutdown->posted)
    return;
  shutdown->posted = TRUE;
  rmq_env_timer_stop (self->env, &shutdown->drain_timer);
  rmq_env_post (self->env, leave_instance, shutdown);
}

void
rmq_producer_operation_ended (RmqProducer *self)
{
  if (self->shutdown != NULL)
    look_for_next_step (self->shutdown);
}

static void
abort_operations (RmqProducer *self)
{
  RmqSendOperation *operation;
  rmq_async_sender_refuse_waiting (self->async_sender);
  while ((operation = g_queue_peek_head (&self->operations)) != NULL)
    rmq_send_operation_abort (operation);
}

static void
drain_is_over (gpointer data)
{
  Shutdown *shutdown = data;
  abort_operations (shutdown->producer);
  look_for_next_step (shutdown);
}

static void
group_unregistered (const char *error, gpointer data)
{
  Shutdown *shutdown = data;
  shutdown->unregistered = TRUE;
  if (!rmq_env_is_gone (shutdown->producer->env))
    look_for_next_step (shutdown);
}

static void
add_waiter (Shutdown *shutdown, RmqProducerDone done, gpointer data)
{
  Waiter waiter = { .done = done, .data = data };
  g_array_append_val (shutdown->waiters, waiter);
}

void
rmq_producer_begin_shutdown (RmqProducer *self, RmqProducerDone done, gpointer data)
{
  g_assert (rmq_env_is_owner (self->env));
  if (self->shutdown != NULL)
    {
      add_waiter (self->shutdown, done, data);
      return;
    }
  if (rmq_producer_get_service_state (self) != RMQ_SERVICE_RUNNING)
    {
      done (self, NULL, data);
      return;
    }
  Shutdown *shutdown = g_new0 (Shutdown, 1);
  shutdown->producer = self;
  shutdown->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  add_waiter (shutdown, done, data);
  self->shutdown = shutdown;
  g_atomic_int_set (&self->stopping, TRUE);
  rmq_async_sender_close (self->async_sender);
  rmq_env_timer_start (self->env, &shutdown->drain_timer,
                       rmq_env_now (self->env) + (gint64)self->options.send_msg_timeout_ms * 1000,
                       drain_is_over, shutdown);
  rmq_client_instance_unregister_producer (self->instance, self->options.producer_group);
  rmq_heartbeat_unregister (self->instance, self->options.producer_group, FALSE, group_unregistered,
                            shutdown);
}

/* ---- a killed host ------------------------------------------------------- */

static void
abandoned (gpointer data)
{
  g_object_unref (data);
}

static void
abandon_instance (RmqProducer *self)
{
  RmqClientInstance *instance = g_steal_pointer (&self->instance);
  rmq_client_instance_unregister_producer (instance, self->options.producer_group);
  if (--instance->users > 0)
    return;
  rmq_client_manager_remove (self->manager, instance);
  rmq_client_instance_free (instance);
}

void
rmq_producer_abandon (RmqProducer *self)
{
  g_assert (rmq_env_is_gone (self->env));
  RmqServiceState state = rmq_producer_get_service_state (self);
  if (self->instance == NULL)
    return;
  g_autoptr (RmqProducer) alive G_GNUC_UNUSED = g_object_ref (self);
  Shutdown *shutdown = g_steal_pointer (&self->shutdown);
  g_atomic_int_set (&self->stopping, TRUE);
  rmq_async_sender_close (self->async_sender);
  abort_operations (self);
  abandon_instance (self);
  rmq_callback_pool_close (self->callback_pool, abandoned, g_object_ref (self));
  if (shutdown != NULL)
    {
      rmq_env_timer_stop (self->env, &shutdown->drain_timer);
      g_array_unref (shutdown->waiters); /* their tasks were told that the host is gone */
    }
  g_free (shutdown);
  g_clear_pointer (&self->start, g_free);
  rmq_producer_set_service_state (self, RMQ_SERVICE_SHUTDOWN_ALREADY);
  if (state == RMQ_SERVICE_RUNNING)
    g_object_unref (self);
}

/* ---- blocking ------------------------------------------------------------ */

typedef struct
{
  RmqProducer *producer;
  RmqParker parker;
  GError *error;
} Call;

static void
call_done (RmqProducer *self, const GError *error, gpointer data)
{
  Call *call = data;
  call->error = error != NULL ? g_error_copy (error) : NULL;
  rmq_parker_wake (&call->parker);
}

static void
call_start (gpointer data)
{
  Call *call = data;
  rmq_producer_begin_start (call->producer, call_done, call);
}

static void
call_shutdown (gpointer data)
{
  Call *call = data;
  rmq_producer_begin_shutdown (call->producer, call_done, call);
}

gboolean
rmq_producer_start (RmqProducer *self, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self), FALSE);
  g_return_val_if_fail (!rmq_env_in_dispatch (self->env), FALSE);
  Call call = { .producer = self };
  rmq_parker_init (&call.parker, self->env);
  RmqWake wake = rmq_env_call (self->env, call_start, &call, &call.parker, G_MAXINT64);
  if (wake == RMQ_WAKE_HOST_GONE)
    {
      rmq_producer_abandon (self);
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN, "the host is gone");
      return FALSE;
    }
  if (call.error == NULL)
    return TRUE;
  g_propagate_error (error, call.error);
  return FALSE;
}

static void
ignore (RmqProducer *self, const GError *error, gpointer data)
{
}

static void
posted_shutdown (gpointer data)
{
  g_autoptr (RmqProducer) self = data;
  rmq_producer_begin_shutdown (self, ignore, NULL);
}

/* Whoever can't wait only begins: the loop itself, and a callback, for which it would wait. */
static gboolean
must_not_wait (RmqProducer *self)
{
  return rmq_env_in_dispatch (self->env)
         || (rmq_producer_get_service_state (self) == RMQ_SERVICE_RUNNING
             && rmq_callback_pool_is_inside (self->callback_pool));
}

void
rmq_producer_shutdown (RmqProducer *self)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self));
  if (rmq_env_is_gone (self->env))
    {
      rmq_producer_abandon (self);
      return;
    }
  if (must_not_wait (self))
    {
      rmq_env_post (self->env, posted_shutdown, g_object_ref (self));
      return;
    }
  Call call = { .producer = self };
  rmq_parker_init (&call.parker, self->env);
  RmqWake wake = rmq_env_call (self->env, call_shutdown, &call, &call.parker, G_MAXINT64);
  if (wake == RMQ_WAKE_HOST_GONE)
    rmq_producer_abandon (self);
}

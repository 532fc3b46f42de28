/* SPDX-License-Identifier: Apache-2.0 */

/* RmqProducer: identity, options, service state, topicPublishInfoTable. Options belong to the
 * application until start; the table belongs to the loop. A started producer keeps itself alive
 * until it is shut down, so that no callback ever finds it gone. Mirrors DefaultMQProducer and the
 * state of DefaultMQProducerImpl. */

#include "rmq-producer-impl.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-producer-events.h"

#define MAX_MESSAGE_SIZE_BYTES (4u << 20)
#define COMPRESS_OVER_BYTES 4096
#define SEND_TIMEOUT_MS 3000
#define DEFAULT_RETRIES 2
#define DEFAULT_QUEUE_NUMS 4
#define DEFAULT_INSTANCE_NAME "DEFAULT"

G_DEFINE_FINAL_TYPE (RmqProducer, rmq_producer, G_TYPE_OBJECT)

void
rmq_producer_options_init (RmqProducerOptions *options, const char *producer_group)
{
  *options = (RmqProducerOptions){
    .producer_group = g_strdup (producer_group),
    .instance_name = g_strdup (DEFAULT_INSTANCE_NAME),
    .create_topic_key = g_strdup (RMQ_TBW102),
    .default_topic_queue_nums = DEFAULT_QUEUE_NUMS,
    .send_msg_timeout_ms = SEND_TIMEOUT_MS,
    .retry_times_when_send_failed = DEFAULT_RETRIES,
    .retry_times_when_send_async_failed = DEFAULT_RETRIES,
    .compress_msg_body_over_howmuch = COMPRESS_OVER_BYTES,
    .max_message_size = MAX_MESSAGE_SIZE_BYTES,
  };
  gboolean known = rmq_profile_init (&options->profile, "recommended", NULL);
  g_assert (known);
}

void
rmq_producer_options_clear (RmqProducerOptions *options)
{
  g_free (options->producer_group);
  g_free (options->namesrv_addr);
  g_free (options->namesrv_domain);
  g_free (options->instance_name);
  g_free (options->create_topic_key);
}

static void
rmq_producer_finalize (GObject *object)
{
  RmqProducer *self = RMQ_PRODUCER (object);
  g_assert (g_queue_is_empty (&self->operations));
  g_clear_pointer (&self->async_sender, rmq_async_sender_free);
  g_clear_pointer (&self->callback_pool, rmq_callback_pool_free);
  g_hash_table_unref (self->publish_infos_by_topic);
  g_ptr_array_unref (self->publish_infos);
  if (self->hook_destroy != NULL)
    self->hook_destroy (self->hook.data);
  rmq_producer_options_clear (&self->options);
  g_clear_pointer (&self->manager, rmq_client_manager_unref);
  if (self->uses_process_env)
    rmq_process_env_unref (self->env);
  else
    rmq_env_unref (self->env);
  G_OBJECT_CLASS (rmq_producer_parent_class)->finalize (object);
}

static void
rmq_producer_class_init (RmqProducerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rmq_producer_finalize;
}

static void
rmq_producer_init (RmqProducer *self)
{
  self->publish_infos_by_topic = g_hash_table_new (g_str_hash, g_str_equal);
  self->publish_infos =
      g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_topic_publish_info_unref);
  g_queue_init (&self->operations);
}

static RmqProducer *
producer_new (RmqEnv *env, gboolean uses_process_env, const char *producer_group)
{
  RmqProducer *self = g_object_new (RMQ_TYPE_PRODUCER, NULL);
  self->env = env;
  self->uses_process_env = uses_process_env;
  self->manager = rmq_client_manager_ref_for (env);
  rmq_producer_options_init (&self->options, producer_group);
  return self;
}

RmqProducer *
rmq_producer_new (const char *producer_group)
{
  return producer_new (rmq_process_env_ref (), TRUE, producer_group);
}

RmqProducer *
rmq_producer_new_in (RmqEnv *env, const char *producer_group)
{
  return producer_new (rmq_env_ref (env), FALSE, producer_group);
}

/* ---- state --------------------------------------------------------------- */

RmqServiceState
rmq_producer_get_service_state (RmqProducer *self)
{
  return (RmqServiceState)g_atomic_int_get (&self->service_state);
}

void
rmq_producer_set_service_state (RmqProducer *self, RmqServiceState state)
{
  g_assert (rmq_env_is_owner (self->env) || rmq_env_is_gone (self->env));
  g_atomic_int_set (&self->service_state, (gint)state);
  const char *group = self->options.producer_group;
  g_autofree char *text = g_strdup_printf ("%s: %s", group != NULL ? group : "no group",
                                           rmq_service_state_get_name (state));
  rmq_env_emit (self->env, &rmq_event_service_state, text, NULL, 0);
}

gboolean
rmq_producer_check_running (RmqProducer *self, GError **error)
{
  RmqServiceState state = rmq_producer_get_service_state (self);
  if (state == RMQ_SERVICE_RUNNING && !g_atomic_int_get (&self->stopping))
    return TRUE;
  const char *hint = state == RMQ_SERVICE_CREATE_JUST    ? "start it first"
                     : state == RMQ_SERVICE_START_FAILED ? "its start failed; make a new one"
                                                         : "it was shut down; make a new one";
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               "the producer service state not OK, %s: %s", rmq_service_state_get_name (state),
               hint);
  return FALSE;
}

/* ---- topicPublishInfoTable ----------------------------------------------- */

RmqTopicPublishInfo *
rmq_producer_find_publish_info (RmqProducer *self, const char *topic)
{
  return g_hash_table_lookup (self->publish_infos_by_topic, topic);
}

void
rmq_producer_set_publish_info (RmqProducer *self, RmqTopicPublishInfo *info)
{
  g_assert (rmq_env_is_owner (self->env));
  rmq_topic_publish_info_ref (info);
  g_hash_table_replace (self->publish_infos_by_topic, info->topic, info);
  for (guint i = 0; i < self->publish_infos->len; i++)
    {
      RmqTopicPublishInfo *old = self->publish_infos->pdata[i];
      if (strcmp (old->topic, info->topic) != 0)
        continue;
      self->publish_infos->pdata[i] = info;
      rmq_topic_publish_info_unref (old);
      return;
    }
  g_ptr_array_add (self->publish_infos, info);
}

void
rmq_producer_ensure_publish_info (RmqProducer *self, const char *topic)
{
  if (rmq_producer_find_publish_info (self, topic) != NULL)
    return;
  g_autoptr (RmqTopicPublishInfo) empty = rmq_topic_publish_info_new (topic);
  rmq_producer_set_publish_info (self, empty);
}

guint
rmq_producer_get_n_publish_infos (RmqProducer *self)
{
  return self->publish_infos->len;
}

RmqTopicPublishInfo *
rmq_producer_get_publish_info (RmqProducer *self, guint index)
{
  return self->publish_infos->pdata[index];
}

gint
rmq_producer_get_n_queues (RmqProducer *self, const char *topic)
{
  RmqTopicPublishInfo *info = rmq_producer_find_publish_info (self, topic);
  return info != NULL ? (gint)rmq_topic_publish_info_get_n_queues (info) : -1;
}

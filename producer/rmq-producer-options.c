/* SPDX-License-Identifier: Apache-2.0 */

/* The options of a producer: one setter each, before start only, on the application's thread.
 * Mirrors the setters of DefaultMQProducer and ClientConfig. */

#include "rmq-producer-impl.h"

/* A setter after start is a mistake of the program: it would change what the loop reads. */
static gboolean
may_set (RmqProducer *self)
{
  return rmq_producer_get_service_state (self) == RMQ_SERVICE_CREATE_JUST;
}

static void
set_text (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

void
rmq_producer_set_namesrv_addr (RmqProducer *self, const char *namesrv_addr)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  set_text (&self->options.namesrv_addr, namesrv_addr);
}

void
rmq_producer_set_namesrv_domain (RmqProducer *self, const char *domain)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  set_text (&self->options.namesrv_domain, domain);
}

void
rmq_producer_set_instance_name (RmqProducer *self, const char *instance_name)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  g_return_if_fail (instance_name != NULL);
  set_text (&self->options.instance_name, instance_name);
}

void
rmq_producer_set_producer_group (RmqProducer *self, const char *producer_group)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  set_text (&self->options.producer_group, producer_group);
}

void
rmq_producer_set_send_msg_timeout_ms (RmqProducer *self, guint timeout_ms)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.send_msg_timeout_ms = timeout_ms;
}

void
rmq_producer_set_send_msg_max_timeout_per_request_ms (RmqProducer *self, guint timeout_ms)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.send_msg_max_timeout_per_request_ms = timeout_ms;
}

void
rmq_producer_set_retry_times_when_send_failed (RmqProducer *self, gint times)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.retry_times_when_send_failed = times;
}

void
rmq_producer_set_retry_times_when_send_async_failed (RmqProducer *self, gint times)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.retry_times_when_send_async_failed = times;
}

void
rmq_producer_set_retry_another_broker_when_not_store_ok (RmqProducer *self, gboolean on)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.retry_another_broker_when_not_store_ok = on;
}

void
rmq_producer_set_compress_msg_body_over_howmuch (RmqProducer *self, guint size_bytes)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.compress_msg_body_over_howmuch = size_bytes;
}

void
rmq_producer_set_max_message_size (RmqProducer *self, guint size_bytes)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.max_message_size = size_bytes;
}

void
rmq_producer_set_create_topic_key (RmqProducer *self, const char *topic)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  g_return_if_fail (topic != NULL);
  set_text (&self->options.create_topic_key, topic);
}

void
rmq_producer_set_default_topic_queue_nums (RmqProducer *self, guint n)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  self->options.default_topic_queue_nums = n;
}

gboolean
rmq_producer_set_profile (RmqProducer *self, const char *profile, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self) && may_set (self), FALSE);
  return rmq_profile_init (&self->options.profile, profile, error);
}

gboolean
rmq_producer_set_profile_row (RmqProducer *self, const char *row, const char *value, GError **error)
{
  g_return_val_if_fail (RMQ_IS_PRODUCER (self) && may_set (self), FALSE);
  return rmq_profile_set (&self->options.profile, row, value, error);
}

const RmqProfile *
rmq_producer_get_profile (RmqProducer *self)
{
  return &self->options.profile;
}

void
rmq_producer_set_rpc_hook (RmqProducer *self, RmqRpcHookBefore before, RmqRpcHookAfter after,
                           gpointer data, GDestroyNotify destroy)
{
  g_return_if_fail (RMQ_IS_PRODUCER (self) && may_set (self));
  if (self->hook_destroy != NULL)
    self->hook_destroy (self->hook.data);
  self->hook = (RmqRpcHook){ .before = before, .after = after, .data = data };
  self->hook_destroy = destroy;
}

/* ---- what a hook sees of a command --------------------------------------- */

gint
rmq_rpc_command_get_code (RmqRpcCommand *command)
{
  return rmq_remoting_command_get_code (command);
}

const char *
rmq_rpc_command_get_ext_field (RmqRpcCommand *command, const char *name)
{
  return rmq_remoting_command_get_ext (command, name);
}

void
rmq_rpc_command_add_ext_field (RmqRpcCommand *command, const char *name, const char *value)
{
  rmq_remoting_command_add_ext (command, name, value);
}

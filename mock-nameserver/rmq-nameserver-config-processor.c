/* SPDX-License-Identifier: Apache-2.0 */

/* Key-value store and settings: 100, 101, 102, 219, 318, 319 of DefaultRequestProcessor. On the
 * host's loop, owner only. */

#include "rmq-mock-nameserver-private.h"

typedef struct
{
  const char *name_space, *key, *value; /* each (nullable) */
} Words;

static Words
read_words (const RmqRemotingCommand *request)
{
  return (Words){
    .name_space = rmq_remoting_command_get_ext (request, "namespace"),
    .key = rmq_remoting_command_get_ext (request, "key"),
    .value = rmq_remoting_command_get_ext (request, "value"),
  };
}

static const char *
or_null (const char *text)
{
  return text != NULL ? text : "null";
}

RMQ_NAMESERVER_PROCESSOR (put_kv_config)
{
  RmqMockNameserver *self = mock;
  Words words = read_words (request);
  if (words.name_space != NULL && words.key != NULL)
    rmq_kv_config_manager_put (self->kv, words.name_space, words.key, words.value);
  else if (self->profile->nameserver->refuses_null_key)
    return rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, "namespace or key is null");
  return rmq_nameserver_answer (request, NULL, NULL);
}

RMQ_NAMESERVER_PROCESSOR (get_kv_config)
{
  RmqMockNameserver *self = mock;
  Words words = read_words (request);
  const char *value = rmq_kv_config_manager_get (self->kv, words.name_space, words.key);
  g_autofree char *remark = value == NULL
                                ? g_strdup_printf ("No config item, Namespace: %s Key: %s",
                                                   or_null (words.name_space), or_null (words.key))
                                : NULL;
  RmqRemotingCommand *response = rmq_remoting_command_new_response (
      request, value != NULL ? RMQ_RESPONSE_SUCCESS : RMQ_RESPONSE_QUERY_NOT_FOUND, remark);
  rmq_remoting_command_add_ext_map (response);
  if (value != NULL)
    rmq_remoting_command_add_ext (response, "value", value);
  return response;
}

RMQ_NAMESERVER_PROCESSOR (delete_kv_config)
{
  RmqMockNameserver *self = mock;
  Words words = read_words (request);
  rmq_kv_config_manager_delete (self->kv, words.name_space, words.key);
  return rmq_nameserver_answer (request, NULL, NULL);
}

RMQ_NAMESERVER_PROCESSOR (get_kvlist_by_namespace)
{
  RmqMockNameserver *self = mock;
  Words words = read_words (request);
  RmqProperties *list = rmq_kv_config_manager_list (self->kv, words.name_space);
  if (list == NULL)
    {
      g_autofree char *remark =
          g_strdup_printf ("No config item, Namespace: %s", or_null (words.name_space));
      return rmq_nameserver_refuse (request, RMQ_RESPONSE_QUERY_NOT_FOUND, remark);
    }
  g_autoptr (GBytes) body = rmq_kv_table_encode (list);
  rmq_properties_free (list);
  return rmq_nameserver_answer_body (request, body);
}

RMQ_NAMESERVER_PROCESSOR (update_config)
{
  RmqMockNameserver *self = mock;
  GBytes *body = rmq_remoting_command_get_body (request);
  if (body == NULL)
    return rmq_nameserver_answer (request, NULL, NULL);
  gsize size;
  const char *bytes = g_bytes_get_data (body, &size);
  g_autofree char *text = g_strndup (bytes, size);
  switch (rmq_nameserver_config_update (self->config, self->profile->nameserver, text))
    {
    case RMQ_CONFIG_UNREADABLE:
      return rmq_nameserver_refuse (request, RMQ_RESPONSE_SYSTEM_ERROR, "string2Properties error");
    case RMQ_CONFIG_REFUSED:
      return rmq_nameserver_refuse (request, RMQ_RESPONSE_NO_PERMISSION,
                                    self->profile->nameserver->fixed_text);
    case RMQ_CONFIG_UPDATED:
      return rmq_nameserver_answer (request, NULL, NULL);
    }
  g_assert_not_reached ();
}

RMQ_NAMESERVER_PROCESSOR (get_config)
{
  RmqMockNameserver *self = mock;
  char *text = rmq_nameserver_config_format (self->config);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));
  return rmq_nameserver_answer_body (request, body);
}

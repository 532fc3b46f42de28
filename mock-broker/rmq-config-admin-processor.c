/* SPDX-License-Identifier: Apache-2.0 */

/* A broker's configuration, read (26) and changed (25) as properties text. Names that it doesn't
 * know, and values that can't be, are passed over without a word, as in Java. A part of
 * AdminBrokerProcessor. On the broker's loop, owner only. */

#include <string.h>

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"

/* ---- 25 ------------------------------------------------------------------ */

static gboolean
names_fixed (const char *fixed, char **lines)
{
  g_auto (GStrv) names = g_strsplit (fixed != NULL ? fixed : "", ";", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *name = g_strstrip (g_strndup (*line, strcspn (*line, "=")));
      if (name[0] != '\0' && g_strv_contains ((const char *const *)names, name))
        return TRUE;
    }
  return FALSE;
}

/* TRUE: it can be seen in routes. */
static gboolean
apply_line (RmqMockBroker *self, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, "=", 2);
  if (g_strv_length (parts) != 2)
    return FALSE;
  g_strstrip (parts[0]);
  g_strstrip (parts[1]);
  return rmq_broker_config_set (&self->config, parts[0], parts[1], NULL)
         && g_str_equal (parts[0], "brokerPermission");
}

RmqRemotingCommand *
rmq_mock_broker_update_config (gpointer mock, RmqConnection *connection,
                               RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  GBytes *body = rmq_remoting_command_get_body (request);
  gsize size = body != NULL ? g_bytes_get_size (body) : 0;
  g_autofree char *text = size > 0 ? g_strndup (g_bytes_get_data (body, NULL), size) : NULL;
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  gboolean shows = FALSE;
  if (names_fixed (self->profile->consumer->fixed_settings, lines))
    return rmq_admin_answer (request, RMQ_RESPONSE_NO_PERMISSION,
                             "Can not update config in black list.");
  for (char **line = lines; *line != NULL; line++)
    shows |= apply_line (self, *line);
  if (size > 0)
    {
      self->config_version.counter++;
      self->config_version.timestamp_ms = rmq_mock_broker_now_ms (self);
    }
  if (shows)
    rmq_mock_broker_register_all (self, FALSE);
  return rmq_remoting_command_new_response (request, RMQ_RESPONSE_SUCCESS, NULL);
}

/* ---- 26 ------------------------------------------------------------------ */

static GBytes *
encode_settings (RmqMockBroker *self)
{
  guint n;
  const RmqBrokerSetting *settings = rmq_broker_settings_get (&n);
  g_autofree char *addresses = g_strjoinv (";", self->namesrv_addrs);
  const char *colon = strrchr (self->address, ':');
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *value = rmq_broker_config_get (&self->config, &settings[i]);
      g_string_append_printf (text, "%s=%s\n", settings[i].name, value);
    }
  g_string_append_printf (text, "brokerClusterName=%s\nbrokerName=%s\n", self->cluster, self->name);
  g_string_append_printf (text, "brokerId=%" G_GINT64_FORMAT "\n", self->id);
  g_string_append_printf (text, "brokerIP1=%.*s\n", (gint)(colon - self->address), self->address);
  g_string_append_printf (text, "listenPort=%s\nnamesrvAddr=%s\n", colon + 1, addresses);
  return g_string_free_to_bytes (text);
}

RmqRemotingCommand *
rmq_mock_broker_get_config (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  g_autoptr (GBytes) body = encode_settings (self);
  g_autoptr (GBytes) version =
      rmq_data_version_encode (&self->config_version, self->profile->consumer->modern_groups);
  gsize size;
  const char *data = g_bytes_get_data (version, &size);
  g_autofree char *text = g_strndup (data, size);
  RmqRemotingCommand *response = rmq_admin_answer_body (request, body);
  rmq_remoting_command_add_ext (response, "version", text);
  return response;
}

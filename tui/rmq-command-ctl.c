/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab ctl: hands lines of the scenario language to a running cluster (POST /v1/lines) and prints
 * its answer. */

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "rmq-command.h"
#include "rmq-options.h"

static SoupMessage *
request_of (const char *http, char *const *lines, GError **error)
{
  g_autofree char *text = g_strjoinv ("\n", (char **)lines);
  g_autofree char *base = g_strdup (http);
  for (gsize size = strlen (base); size > 0 && base[size - 1] == '/'; size--)
    base[size - 1] = '\0';
  g_autofree char *url =
      g_strdup_printf ("%s%s/v1/lines", g_str_has_prefix (base, "http://") ? "" : "http://", base);
  SoupMessage *message = soup_message_new ("POST", url);
  if (message == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--http wants HOST:PORT, not \"%s\"", http);
      return NULL;
    }
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "text/plain; charset=utf-8", body);
  return message;
}

/* As for a run: a failed expectation outweighs an unknown one. */
static int
status_of (const char *answer)
{
  g_autoptr (JsonNode) root = json_from_string (answer, NULL);
  JsonArray *lines = root != NULL && JSON_NODE_HOLDS_OBJECT (root)
                         ? json_object_get_array_member (json_node_get_object (root), "lines")
                         : NULL;
  int status = RMQ_EXIT_OK;
  for (guint i = 0; lines != NULL && i < json_array_get_length (lines); i++)
    {
      JsonNode *said = json_object_get_member (json_array_get_object_element (lines, i), "answer");
      if (said == NULL || !JSON_NODE_HOLDS_OBJECT (said))
        continue;
      const char *verdict = json_object_get_string_member (json_node_get_object (said), "verdict");
      if (g_strcmp0 (verdict, "failed") == 0)
        return RMQ_EXIT_FAILED;
      if (g_strcmp0 (verdict, "unknown") == 0)
        status = RMQ_EXIT_UNKNOWN;
    }
  return status;
}

static int
post (const char *http, char *const *lines)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = request_of (http, lines, &error);
  if (message == NULL)
    return rmq_options_refuse (&rmq_command_ctl, "%s", error->message);
  g_autoptr (GBytes) answer = soup_session_send_and_read (session, message, NULL, &error);
  if (answer == NULL)
    return rmq_options_refuse (&rmq_command_ctl, "no cluster answers at %s: %s", http,
                               error->message);
  gboolean ok = SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (message));
  g_autofree char *text = g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
  if (ok)
    g_print ("%s\n", g_strchomp (text));
  else
    g_printerr ("%s\n", g_strchomp (text));
  return ok ? status_of (text) : RMQ_EXIT_UNUSABLE;
}

static int
run_ctl (int argc, char **argv)
{
  g_autofree char *http = NULL;
  g_auto (GStrv) lines = NULL;
  const GOptionEntry entries[] = {
    { "http", 0, 0, G_OPTION_ARG_STRING, &http, "where the cluster's control API listens",
      "HOST:PORT" },
    { NULL },
  };
  if (!rmq_options_parse (&rmq_command_ctl, entries, argc, argv, &lines))
    return RMQ_EXIT_UNUSABLE;
  if (http == NULL)
    return rmq_options_refuse (&rmq_command_ctl,
                               "--http HOST:PORT is missing; rmqlab serve prints it");
  if (lines[0] == NULL)
    return rmq_options_refuse (&rmq_command_ctl,
                               "no line given, such as \"broker-a kill\" in quotes");
  return post (http, lines);
}

const RmqCommand rmq_command_ctl = {
  .name = "ctl",
  .arguments = "--http A LINE…",
  .help = "Hands lines of the scenario language to a running cluster.",
  .run = run_ctl,
};

/* SPDX-License-Identifier: Apache-2.0 */

/* Name server addresses over HTTP: the one file of the client that knows libsoup. Serves the real
 * world only. Each lookup runs on a thread and a main context of its own, for the loop must not
 * wait; the answer is posted back to the loop. Lookups are rare (at start, then every two minutes).
 * Mirrors TopAddressing#fetchNSAddr and HttpTinyClient. */

#include "rmq-address-lookup.h"

#include <libsoup/soup.h>

#define CLIENT_VERSION "V4_9_7"
#define BODY_MAX_BYTES 65536

typedef struct
{
  RmqEnv *env; /* owned reference */
  char *url;
  guint timeout_s;
  char *body;    /* (nullable) */
  GError *error; /* (nullable) */
  RmqLookupDone done;
  gpointer done_data;
} Lookup;

static void
deliver (gpointer data)
{
  Lookup *lookup = data;
  lookup->done (lookup->body, lookup->error, lookup->done_data);
  g_clear_error (&lookup->error);
  g_free (lookup->body);
  g_free (lookup->url);
  rmq_env_unref (lookup->env);
  g_free (lookup);
}

static void
take_answer (Lookup *lookup, SoupMessage *message, GBytes *bytes)
{
  guint status = soup_message_get_status (message);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  if (status != SOUP_STATUS_OK)
    g_set_error (&lookup->error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s answered %u %s", lookup->url,
                 status, soup_message_get_reason_phrase (message));
  else if (size > BODY_MAX_BYTES)
    g_set_error (&lookup->error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "%s answered %" G_GSIZE_FORMAT " bytes, more than %d", lookup->url, size,
                 BODY_MAX_BYTES);
  else
    lookup->body = g_strndup (text, size);
}

static void
fetch (Lookup *lookup)
{
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, lookup->url);
  if (message == NULL)
    {
      g_set_error (&lookup->error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is no URL",
                   lookup->url);
      return;
    }
  g_autoptr (SoupSession) session =
      soup_session_new_with_options ("timeout", lookup->timeout_s, NULL);
  g_autofree char *stamp = g_strdup_printf ("%" G_GINT64_FORMAT, rmq_env_wall (lookup->env));
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  soup_message_headers_append (headers, "Client-Version", CLIENT_VERSION);
  soup_message_headers_append (headers, "Metaq-Client-RequestTS", stamp);
  g_autoptr (GBytes) bytes = soup_session_send_and_read (session, message, NULL, &lookup->error);
  if (bytes != NULL)
    take_answer (lookup, message, bytes);
}

static gpointer
run (gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  fetch (lookup);
  g_main_context_pop_thread_default (context);
  rmq_env_post (lookup->env, deliver, lookup);
  return NULL;
}

static void
look_up (RmqEnv *env, const char *url, gint64 timeout_us, RmqLookupDone done, gpointer done_data,
         gpointer data)
{
  Lookup *lookup = g_new0 (Lookup, 1);
  lookup->env = rmq_env_ref (env);
  lookup->url = g_strdup (url);
  lookup->timeout_s = (guint)MAX (1, timeout_us / G_TIME_SPAN_SECOND);
  lookup->done = done;
  lookup->done_data = done_data;
  g_thread_unref (g_thread_new ("address lookup", run, lookup));
}

void
rmq_address_lookup_install (RmqEnv *env)
{
  rmq_env_set_lookup (env, look_up, NULL);
}

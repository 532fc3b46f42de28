/* SPDX-License-Identifier: Apache-2.0 */

/* Asks the address server through the env and takes its answer as the new list. Owns the query
 * under way; runs on the loop. Must not know HTTP: the env does, or says that it can't. */

#include "rmq-namesrv-fetch.h"

#include <string.h>

#include "rmq-error.h"
#include "rmq-address-lookup.h"

#define DEFAULT_DOMAIN "jmenv.tbsite.net"
#define DEFAULT_PORT ":8080"
#define SUBGROUP "nsaddr"
/* Java: 3 s to connect and 3 s to read. */
#define PATIENCE_US (2 * RMQ_API_TIMEOUT_US)

/* NULL where the lookup library isn't linked. */
extern void rmq_address_lookup_install (RmqEnv *env) __attribute__ ((weak));

/* Two owners: the instance, until it goes, and the answer, until it came. */
typedef struct
{
  RmqClientInstance *instance; /* (nullable): gone */
  RmqClientInstanceDone done;
  gpointer data;
  RmqTimer timer;
} Fetch;

char *
rmq_namesrv_url (const char *domain)
{
  const char *host = domain != NULL ? domain : DEFAULT_DOMAIN;
  const char *port = strchr (host, ':') == NULL ? DEFAULT_PORT : "";
  return g_strdup_printf ("http://%s%s/rocketmq/" SUBGROUP, host, port);
}

static void
take_list (RmqClientInstance *instance, const char *body)
{
  g_autofree char *text = g_strdup (body);
  g_strstrip (text);
  text[strcspn (text, "\r\n")] = '\0';
  if (text[0] == '\0' || g_strcmp0 (text, instance->last_fetched) == 0)
    return;
  rmq_namesrv_chooser_update (rmq_remoting_client_get_namesrv (instance->remoting), text);
  g_free (instance->last_fetched);
  instance->last_fetched = g_steal_pointer (&text);
}

/* The instance waits no longer; an answer that comes later finds nobody. */
static void
end_fetch (Fetch *fetch, const GError *error)
{
  RmqClientInstance *instance = g_steal_pointer (&fetch->instance);
  rmq_env_timer_stop (instance->env, &fetch->timer);
  instance->fetch = NULL;
  if (error != NULL)
    g_info ("address server %s: %s", instance->namesrv_url, error->message);
  fetch->done (error, fetch->data);
}

static void
fetched (const char *body, const GError *error, gpointer data)
{
  Fetch *fetch = data;
  if (fetch->instance != NULL && body != NULL)
    take_list (fetch->instance, body);
  if (fetch->instance != NULL)
    end_fetch (fetch, error);
  g_free (fetch);
}

static void
too_late (gpointer data)
{
  g_autoptr (GError) error =
      g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TIMEOUT, "no answer within %d s",
                   (int)(PATIENCE_US / G_TIME_SPAN_SECOND));
  end_fetch (data, error);
}

static gboolean
look_up (RmqClientInstance *instance, Fetch *fetch)
{
  const char *url = instance->namesrv_url;
  if (rmq_env_lookup (instance->env, url, RMQ_API_TIMEOUT_US, fetched, fetch))
    return TRUE;
  if (rmq_address_lookup_install == NULL
      || rmq_world_is_simulated (rmq_env_get_world (instance->env)))
    return FALSE;
  rmq_address_lookup_install (instance->env);
  return rmq_env_lookup (instance->env, url, RMQ_API_TIMEOUT_US, fetched, fetch);
}

void
rmq_namesrv_fetch (RmqClientInstance *instance, RmqClientInstanceDone done, gpointer data)
{
  g_assert (instance->fetch == NULL);
  Fetch *fetch = g_new0 (Fetch, 1);
  *fetch = (Fetch){ .instance = instance, .done = done, .data = data };
  instance->fetch = fetch;
  if (look_up (instance, fetch))
    {
      rmq_env_timer_start (instance->env, &fetch->timer, rmq_env_now (instance->env) + PATIENCE_US,
                           too_late, fetch);
      return;
    }
  instance->fetch = NULL;
  g_free (fetch);
  g_autoptr (GError) error =
      g_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NO_NAME_SERVER,
                   "this program can't look name servers up over HTTP (%s); set their addresses",
                   instance->namesrv_url);
  done (error, data);
}

void
rmq_namesrv_fetch_cancel (RmqClientInstance *instance)
{
  Fetch *fetch = instance->fetch;
  if (fetch == NULL)
    return;
  g_autoptr (GError) error =
      g_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_SHUT_DOWN, "the client was shut down");
  end_fetch (fetch, error);
  if (rmq_env_is_gone (instance->env)) /* no answer will come any more */
    g_free (fetch);
}

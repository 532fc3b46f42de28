/* SPDX-License-Identifier: Apache-2.0 */

/* HTTP: control API and address server, the one place of the mocks that knows libsoup. Runs on the
 * default context of the thread that made it; for each request it becomes owner of a world's loop,
 * lets a function from above fill in an answer, and gives the loop back. An answer that takes time
 * is asked for again and again, never waited for. It never touches a mock itself. */

/* soup_server_pause_message() is the name that all of 3.x have. */
#define SOUP_VERSION_MIN_REQUIRED SOUP_VERSION_3_0

#include "rmq-control-api.h"

#include <libsoup/soup.h>
#include <string.h>

#include "rmq-real-world.h"

#define VERSION RMQLAB_VERSION
#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain"
#define V1 "/v1/"
#define NSADDR "/rocketmq/nsaddr"
#define CLUSTERS V1 "clusters/"

struct _RmqControlApi
{
  RmqControlScope root; /* world NULL: not opened yet */
  SoupServer *server;
  char *address;
  char *name;       /* (nullable): beside addresses */
  GPtrArray *calls; /* of Call: those that wait for an answer */
};

/* ---- paths --------------------------------------------------------------- */

typedef struct
{
  const char *method;
  const char *path;
  gsize offset; /* of the function in RmqControlHandlers */
  gboolean has_id;
  gboolean outside;     /* not as owner of a loop */
  const char *known;    /* (nullable): parameters, "a,b"; NULL: anything goes */
  const char *required; /* (nullable): one of them */
} Path;

#define HANDLER(member) G_STRUCT_OFFSET (RmqControlHandlers, member)
static const Path paths[] = {
  { "GET", V1 "health", HANDLER (is_ready), .known = "" },
  { "GET", V1 "snapshot", HANDLER (snapshot), .known = "tables" },
  { "GET", V1 "messages", HANDLER (messages), .known = "topic,broker,queue,from,limit",
    .required = "topic" },
  { "GET", V1 "requests", HANDLER (requests), .known = "code,broker,since" },
  { "POST", V1 "lines", HANDLER (lines), .known = "" },
  { "POST", V1 "expect", HANDLER (expect), .known = "" },
  { "POST", V1 "outages", HANDLER (add_outage), .known = "" },
  { "DELETE", V1 "outages", HANDLER (end_outage), .known = "", .has_id = TRUE },
  { "GET", V1 "unsupported", HANDLER (unsupported), .known = "" },
  { "POST", V1 "reset", HANDLER (reset), .known = "" },
  { "POST", V1 "clusters", HANDLER (add_cluster), .known = "", .outside = TRUE },
  { "DELETE", V1 "clusters", HANDLER (remove_cluster), .known = "", .has_id = TRUE,
    .outside = TRUE },
  { "GET", NSADDR, HANDLER (nsaddr) },
};

static gboolean
is_health (const Path *path)
{
  return path->offset == HANDLER (is_ready);
}

static RmqControlFunc
get_handler (const RmqControlScope *scope, const Path *path)
{
  return G_STRUCT_MEMBER (RmqControlFunc, scope->handlers, path->offset);
}

static gboolean
exists (const RmqControlScope *scope, const Path *path)
{
  return is_health (path) || get_handler (scope, path) != NULL;
}

/* A client with a unit name asks for "nsaddr-UNIT". */
static gboolean
path_is (const Path *path, const char *asked)
{
  if (!g_str_has_prefix (asked, path->path))
    return FALSE;
  const char *rest = asked + strlen (path->path);
  if (path->has_id)
    return rest[0] == '/' && rest[1] != '\0' && strchr (rest + 1, '/') == NULL;
  return *rest == '\0' || (path->offset == HANDLER (nsaddr) && *rest == '-');
}

/* The row of that path and method. NULL: *methods says which there are for the path; "" if there is
 * no such path. (nullable) */
static const Path *
find_path (const RmqControlScope *scope, const char *asked, const char *method, GString *methods)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      if (!path_is (&paths[i], asked) || !exists (scope, &paths[i]))
        continue;
      if (g_str_equal (paths[i].method, method))
        return &paths[i];
      g_string_append_printf (methods, "%s%s", methods->len > 0 ? ", " : "", paths[i].method);
    }
  return NULL;
}

static char *
list_paths (const RmqControlScope *scope)
{
  GString *list = g_string_new ("there are");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (exists (scope, &paths[i]))
      g_string_append_printf (list, " %s%s", paths[i].path, paths[i].has_id ? "/ID" : "");
  return g_string_free (list, FALSE);
}

/* ---- calls --------------------------------------------------------------- */

typedef struct
{
  RmqControlApi *api;
  SoupServerMessage *message; /* borrowed until it is finished */
  char *cluster;              /* (nullable): by its id; it may end while the call waits */
  char *asked;                /* the path in its scope */
  const Path *path;           /* (nullable): none was found */
  RmqControlScope scope;
  RmqControlRequest request;
  RmqControlMemory memory;
  RmqControlAnswer answer;
  GSource *again; /* (nullable): it waits */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;
  if (call->again != NULL)
    g_source_destroy (call->again);
  g_clear_pointer (&call->again, g_source_unref);
  if (call->memory.data != NULL)
    call->memory.free (call->memory.data);
  g_clear_pointer (&call->request.query, g_hash_table_unref);
  g_free ((char *)call->request.body);
  g_free (call->cluster);
  g_free (call->asked);
  rmq_control_answer_clear (&call->answer);
  g_free (call);
}

static void
send_answer (SoupServerMessage *message, RmqControlAnswer *answer, const char *content_type)
{
  char *body = answer->message != NULL ? rmq_control_answer_describe_error (answer)
                                       : g_steal_pointer (&answer->body);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  soup_server_message_set_status (message, answer->status, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  /* libsoup keeps the socket of a client that went away while nothing was asked of it; and the C++
   * client's address lookup wants the end of the connection. */
  soup_message_headers_replace (headers, "Connection", "close");
  soup_server_message_set_response (message, answer->message != NULL ? JSON_TYPE : content_type,
                                    SOUP_MEMORY_TAKE, body, strlen (body));
}

static void
answer_health (const RmqControlScope *scope, RmqControlAnswer *answer)
{
  const RmqControlHandlers *handlers = scope->handlers;
  gboolean ready = handlers->is_ready == NULL || handlers->is_ready (handlers->data);
  answer->body =
      g_strdup_printf ("{\"ready\":%s,\"version\":\"" VERSION "\"}", ready ? "true" : "false");
}

/* As owner, but for what is outside. */
static void
answer_call (gpointer data)
{
  Call *call = data;
  const RmqControlAnswer *answer = &call->answer;
  if (is_health (call->path))
    answer_health (&call->scope, &call->answer);
  else
    get_handler (&call->scope, call->path) (&call->request, &call->answer,
                                            call->scope.handlers->data);
  g_assert ((answer->body != NULL) + (answer->message != NULL) + (answer->again_ms > 0) == 1);
}

/* FALSE: the cluster is gone, and the answer says so. */
static gboolean
find_scope (Call *call)
{
  const RmqControlScope *root = &call->api->root;
  call->scope = *root;
  if (root->world == NULL)
    {
      rmq_control_answer_fail (&call->answer, SOUP_STATUS_SERVICE_UNAVAILABLE, "not ready yet",
                               NULL);
      return FALSE;
    }
  if (call->cluster == NULL
      || (root->handlers->find_cluster != NULL
          && root->handlers->find_cluster (call->cluster, &call->scope, root->handlers->data)))
    return TRUE;
  g_autofree char *reason = g_strdup_printf ("there is no cluster \"%s\"", call->cluster);
  rmq_control_answer_fail (&call->answer, SOUP_STATUS_NOT_FOUND, reason,
                           "POST " V1 "clusters makes one");
  return FALSE;
}

static void
finish (Call *call)
{
  const gboolean is_text = call->path != NULL && g_str_equal (call->path->path, NSADDR);
  send_answer (call->message, &call->answer, is_text ? TEXT_TYPE : JSON_TYPE);
}

static gboolean
again_cb (gpointer data)
{
  Call *call = data;
  RmqControlApi *api = call->api;
  SoupServerMessage *message = call->message;
  call->answer.again_ms = 0;
  if (find_scope (call))
    rmq_real_world_run (call->scope.world, answer_call, call);
  if (call->answer.again_ms > 0)
    return G_SOURCE_CONTINUE;
  finish (call);
  g_ptr_array_remove (api->calls, call);
  soup_server_unpause_message (api->server, message);
  return G_SOURCE_REMOVE;
}

/* The client went away; a finished call isn't on the list any more. */
static void
finished_cb (SoupServerMessage *message, gpointer data)
{
  RmqControlApi *api = data;
  for (guint i = api->calls->len; i > 0; i--)
    if (((Call *)g_ptr_array_index (api->calls, i - 1))->message == message)
      g_ptr_array_remove_index (api->calls, i - 1);
}

/* Takes the call. */
static void
wait_for_answer (Call *call)
{
  RmqControlApi *api = call->api;
  call->again = g_timeout_source_new (call->answer.again_ms);
  g_source_set_static_name (call->again, "again");
  g_source_set_callback (call->again, again_cb, call, NULL);
  g_source_attach (call->again, g_main_context_get_thread_default ());
  g_ptr_array_add (api->calls, call);
  g_signal_connect (call->message, "finished", G_CALLBACK (finished_cb), api);
  soup_server_pause_message (api->server, call->message);
}

/* ---- requests ------------------------------------------------------------ */

/* HEAD is GET; libsoup leaves the body away. */
static const char *
method_of (SoupServerMessage *message)
{
  const char *method = soup_server_message_get_method (message);
  return g_str_equal (method, "HEAD") ? "GET" : method;
}

static gboolean
check_path (Call *call)
{
  g_autoptr (GString) methods = g_string_new (NULL);
  call->path = find_path (&call->scope, call->asked, method_of (call->message), methods);
  if (call->path != NULL)
    return TRUE;
  if (methods->len > 0)
    {
      rmq_control_answer_fail (&call->answer, SOUP_STATUS_METHOD_NOT_ALLOWED,
                               "the path does not take this method", methods->str);
      return FALSE;
    }
  g_autofree char *reason = g_strdup_printf ("there is no %s here", call->asked);
  g_autofree char *known = list_paths (&call->scope);
  rmq_control_answer_fail (&call->answer, SOUP_STATUS_NOT_FOUND, reason, known);
  return FALSE;
}

/* The address server has whatever name its clients were built with, and tells nobody a secret. */
static gboolean
check_caller (Call *call)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (call->message);
  const char *host = soup_message_headers_get_one (headers, "Host");
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  if (g_str_has_prefix (call->asked, NSADDR)
      || rmq_control_check_caller (host, origin, call->api->name, &call->answer))
    return TRUE;
  g_info ("HTTP: refused, %s (Host %s, Origin %s)", call->answer.message, host != NULL ? host : "-",
          origin != NULL ? origin : "-");
  return FALSE;
}

static gboolean
check_body (Call *call)
{
  SoupMessageBody *body = soup_server_message_get_request_body (call->message);
  if (body->length > RMQ_CONTROL_BODY_MAX_BYTES)
    rmq_control_answer_fail (&call->answer, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                             "the body is larger than 1 MiB", NULL);
  else if (strlen (call->request.body) != (gsize)body->length
           || !g_utf8_validate (call->request.body, -1, NULL))
    rmq_control_answer_fail (&call->answer, SOUP_STATUS_BAD_REQUEST, "the body is no UTF-8 text",
                             NULL);
  return call->answer.message == NULL;
}

static gboolean
check_query (Call *call)
{
  GUri *uri = soup_server_message_get_uri (call->message);
  call->request.query = rmq_control_query_parse (g_uri_get_query (uri), call->path->known,
                                                 call->path->required, &call->answer);
  if (call->path->has_id)
    call->request.id = call->asked + strlen (call->path->path) + 1;
  return call->request.query != NULL;
}

/* "/v1/clusters/7/v1/messages", or shorter "/v1/clusters/7/messages", is "/v1/messages" of 7. */
static void
split_cluster (Call *call, const char *asked)
{
  const char *id = asked + strlen (CLUSTERS);
  const char *rest = g_str_has_prefix (asked, CLUSTERS) ? strchr (id, '/') : NULL;
  if (rest == NULL)
    {
      call->asked = g_strdup (asked);
      return;
    }
  const gboolean whole = g_str_has_prefix (rest, V1) || g_str_has_prefix (rest, NSADDR);
  call->cluster = g_strndup (id, (gsize)(rest - id));
  call->asked = whole ? g_strdup (rest) : g_strconcat (V1, rest + 1, NULL);
}

/* The body as text; "" if it was too large to be kept. */
static char *
get_text (SoupMessageBody *body)
{
  if (!soup_message_body_get_accumulate (body))
    return g_strdup ("");
  g_autoptr (GBytes) flat = soup_message_body_flatten (body);
  return g_strndup (g_bytes_get_data (flat, NULL), g_bytes_get_size (flat));
}

static Call *
call_new (RmqControlApi *api, SoupServerMessage *message, const char *asked)
{
  Call *call = g_new0 (Call, 1);
  call->api = api;
  call->message = message;
  call->answer.status = SOUP_STATUS_OK;
  call->request.body = get_text (soup_server_message_get_request_body (message));
  call->request.memory = &call->memory;
  split_cluster (call, asked);
  return call;
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *asked, GHashTable *query,
            gpointer data)
{
  Call *call = call_new (data, message, asked);
  const gboolean ok = check_caller (call) && find_scope (call) && check_path (call)
                      && check_body (call) && check_query (call);
  if (ok && call->path->outside)
    answer_call (call);
  else if (ok)
    rmq_real_world_run (call->scope.world, answer_call, call);
  if (call->answer.again_ms > 0)
    {
      wait_for_answer (call);
      return;
    }
  finish (call);
  call_free (call);
}

/* Beyond the limit nothing is kept, only counted: request_cb() then says 413. */
static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  if (body->length > RMQ_CONTROL_BODY_MAX_BYTES)
    soup_message_body_set_accumulate (body, FALSE);
}

static void
early_cb (SoupServer *server, SoupServerMessage *message, const char *asked, GHashTable *query,
          gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  if (soup_message_headers_get_content_length (headers) <= RMQ_CONTROL_BODY_MAX_BYTES)
    {
      g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), NULL);
      return;
    }
  RmqControlAnswer answer = { 0 };
  rmq_control_answer_fail (&answer, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "the body is larger than 1 MiB", NULL);
  send_answer (message, &answer, JSON_TYPE);
  rmq_control_answer_clear (&answer);
}

/* ---- life ---------------------------------------------------------------- */

static gboolean
listen_at (SoupServer *server, const char *bind, guint port, GError **error)
{
  if (bind == NULL)
    return soup_server_listen_local (server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (bind, port);
  if (address != NULL)
    return soup_server_listen (server, address, 0, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is no address to listen on",
               bind);
  return FALSE;
}

RmqControlApi *
rmq_control_api_new (const char *bind, guint port, GError **error)
{
  g_autoptr (SoupServer) server = soup_server_new ("server-header", "rmqlab", NULL);
  if (!listen_at (server, bind, port, error))
    {
      g_prefix_error (error, "HTTP: ");
      return NULL;
    }
  RmqControlApi *self = g_new0 (RmqControlApi, 1);
  self->server = g_steal_pointer (&server);
  self->calls = g_ptr_array_new_with_free_func (call_free);
  soup_server_add_early_handler (self->server, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
  GSList *uris = soup_server_get_uris (self->server);
  self->address =
      g_strdup_printf ("%s:%d", bind != NULL ? bind : "127.0.0.1", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  return self;
}

void
rmq_control_api_set_name (RmqControlApi *self, const char *name)
{
  g_free (self->name);
  self->name = g_strdup (name);
}

void
rmq_control_api_open (RmqControlApi *self, const RmqControlScope *scope)
{
  g_assert (self->root.world == NULL);
  g_assert (!rmq_world_is_simulated (scope->world));
  self->root = *scope;
  rmq_world_ref (self->root.world);
}

void
rmq_control_api_free (RmqControlApi *self)
{
  if (self == NULL)
    return;
  g_ptr_array_set_size (self->calls, 0);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_ptr_array_unref (self->calls);
  g_clear_pointer (&self->root.world, rmq_world_unref);
  g_free (self->address);
  g_free (self->name);
  g_free (self);
}

const char *
rmq_control_api_get_address (RmqControlApi *self)
{
  return self->address;
}

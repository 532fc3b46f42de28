/* SPDX-License-Identifier: Apache-2.0 */

/* HTTP on the loopback: control API and address server, the one place of the mocks that knows
 * libsoup. Runs on the default context of the thread that made it; for each request it becomes
 * owner of the world's loop, lets a function from above fill in an answer, and gives the loop back.
 * It keeps no state of its own and never touches a mock itself. */

#include "rmq-control-api.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "rmq-real-world.h"

#define VERSION RMQLAB_VERSION
#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain"

struct _RmqControlApi
{
  RmqWorld *world;
  RmqControlHandlers handlers;
  SoupServer *server;
  char *address;
};

/* ---- paths --------------------------------------------------------------- */

typedef struct
{
  const char *method;
  const char *path;
  gsize offset; /* of the function in RmqControlHandlers */
  const char *content_type;
} Path;

#define HANDLER(member) G_STRUCT_OFFSET (RmqControlHandlers, member)
static const Path paths[] = {
  { "GET", "/v1/health", HANDLER (is_ready), JSON_TYPE },
  { "GET", "/v1/snapshot", HANDLER (snapshot), JSON_TYPE },
  { "GET", "/v1/messages", HANDLER (messages), JSON_TYPE },
  { "GET", "/v1/requests", HANDLER (requests), JSON_TYPE },
  { "POST", "/v1/lines", HANDLER (lines), JSON_TYPE },
  { "POST", "/v1/reset", HANDLER (reset), JSON_TYPE },
  { "GET", "/rocketmq/nsaddr", HANDLER (nsaddr), TEXT_TYPE },
};

static gboolean
is_health (const Path *path)
{
  return path->offset == HANDLER (is_ready);
}

static RmqControlFunc
get_handler (const RmqControlApi *self, const Path *path)
{
  return G_STRUCT_MEMBER (RmqControlFunc, &self->handlers, path->offset);
}

static gboolean
exists (const RmqControlApi *self, const Path *path)
{
  return is_health (path) || get_handler (self, path) != NULL;
}

/* A client with a unit name asks for "nsaddr-UNIT". */
static gboolean
path_is (const Path *path, const char *asked)
{
  const char *rest = asked + strlen (path->path);
  return g_str_has_prefix (asked, path->path)
         && (*rest == '\0' || (path->offset == HANDLER (nsaddr) && *rest == '-'));
}

static const Path *
find_path (const RmqControlApi *self, const char *asked)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (path_is (&paths[i], asked) && exists (self, &paths[i]))
      return &paths[i];
  return NULL;
}

static char *
list_paths (const RmqControlApi *self)
{
  GString *list = g_string_new ("there are");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (exists (self, &paths[i]))
      g_string_append_printf (list, " %s", paths[i].path);
  return g_string_free (list, FALSE);
}

/* ---- answers ------------------------------------------------------------- */

const char *
rmq_control_request_get (const RmqControlRequest *request, const char *name)
{
  return request->query != NULL ? g_hash_table_lookup (request->query, name) : NULL;
}

gboolean
rmq_control_request_get_number (const RmqControlRequest *request, const char *name, gint64 low,
                                gint64 high, gint64 *value, RmqControlAnswer *answer)
{
  const char *text = rmq_control_request_get (request, name);
  if (text == NULL || g_ascii_string_to_signed (text, 10, low, high, value, NULL))
    return TRUE;
  g_autofree char *message = g_strdup_printf ("%s=%s is no number", name, text);
  g_autofree char *hint =
      g_strdup_printf ("from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, low, high);
  rmq_control_answer_fail (answer, SOUP_STATUS_BAD_REQUEST, message, hint);
  return FALSE;
}

void
rmq_control_answer_fail (RmqControlAnswer *answer, guint status, const char *message,
                         const char *hint)
{
  g_assert (status >= 400);
  answer->status = status;
  g_free (answer->message);
  g_free (answer->hint);
  answer->message = g_strdup (message);
  answer->hint = g_strdup (hint);
}

static void
add_position (JsonBuilder *builder, const char *name, guint position)
{
  json_builder_set_member_name (builder, name);
  if (position > 0)
    json_builder_add_int_value (builder, position);
  else
    json_builder_add_null_value (builder);
}

static char *
describe_error (const RmqControlAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "message");
  json_builder_add_string_value (builder, answer->message);
  json_builder_set_member_name (builder, "hint");
  if (answer->hint != NULL)
    json_builder_add_string_value (builder, answer->hint);
  else
    json_builder_add_null_value (builder);
  add_position (builder, "line", answer->line);
  add_position (builder, "column", answer->column);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
send_answer (SoupServerMessage *message, RmqControlAnswer *answer, const char *content_type)
{
  char *body = answer->message != NULL ? describe_error (answer) : g_steal_pointer (&answer->body);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  soup_server_message_set_status (message, answer->status, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  /* libsoup keeps the socket of a client that went away while nothing was asked of it; and the C++
   * client's address lookup wants the end of the connection. */
  soup_message_headers_replace (headers, "Connection", "close");
  soup_server_message_set_response (message, answer->message != NULL ? JSON_TYPE : content_type,
                                    SOUP_MEMORY_TAKE, body, strlen (body));
  g_free (answer->body);
  g_free (answer->message);
  g_free (answer->hint);
}

/* ---- requests ------------------------------------------------------------ */

typedef struct
{
  RmqControlApi *api;
  const Path *path;
  RmqControlRequest request;
  RmqControlAnswer answer;
} Call;

static void
answer_health (const RmqControlApi *self, RmqControlAnswer *answer)
{
  gboolean ready = self->handlers.is_ready == NULL || self->handlers.is_ready (self->handlers.data);
  answer->body =
      g_strdup_printf ("{\"ready\":%s,\"version\":\"" VERSION "\"}", ready ? "true" : "false");
}

/* As owner. */
static void
answer_call (gpointer data)
{
  Call *call = data;
  if (is_health (call->path))
    answer_health (call->api, &call->answer);
  else
    get_handler (call->api, call->path) (&call->request, &call->answer, call->api->handlers.data);
  g_assert ((call->answer.body != NULL) != (call->answer.message != NULL));
}

static void
check_request (Call *call, SoupServerMessage *message, const char *asked)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  if (call->path == NULL)
    {
      g_autofree char *reason = g_strdup_printf ("there is no %s here", asked);
      g_autofree char *known = list_paths (call->api);
      rmq_control_answer_fail (&call->answer, SOUP_STATUS_NOT_FOUND, reason, known);
    }
  else if (!g_str_equal (soup_server_message_get_method (message), call->path->method))
    rmq_control_answer_fail (&call->answer, SOUP_STATUS_METHOD_NOT_ALLOWED,
                             "the path does not take this method", call->path->method);
  else if (body->length > RMQ_CONTROL_BODY_MAX_BYTES)
    rmq_control_answer_fail (&call->answer, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE,
                             "the body is larger than 1 MiB", NULL);
  else if (strlen (call->request.body) != (gsize)body->length
           || !g_utf8_validate (call->request.body, -1, NULL))
    rmq_control_answer_fail (&call->answer, SOUP_STATUS_BAD_REQUEST, "the body is no UTF-8 text",
                             NULL);
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

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *asked, GHashTable *query,
            gpointer data)
{
  Call call = { .api = data, .answer = { .status = SOUP_STATUS_OK } };
  g_autofree char *text = get_text (soup_server_message_get_request_body (message));
  call.path = find_path (call.api, asked);
  call.request = (RmqControlRequest){ .query = query, .body = text };
  check_request (&call, message, asked);
  if (call.answer.message == NULL)
    rmq_real_world_run (call.api->world, answer_call, &call);
  send_answer (message, &call.answer, call.path != NULL ? call.path->content_type : JSON_TYPE);
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
}

/* ---- life ---------------------------------------------------------------- */

RmqControlApi *
rmq_control_api_new (RmqWorld *world, guint port, const RmqControlHandlers *handlers,
                     GError **error)
{
  g_assert (!rmq_world_is_simulated (world));
  g_autoptr (SoupServer) server = soup_server_new ("server-header", "rmqlab", NULL);
  if (!soup_server_listen_local (server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;
  RmqControlApi *self = g_new0 (RmqControlApi, 1);
  self->world = rmq_world_ref (world);
  self->handlers = *handlers;
  self->server = g_steal_pointer (&server);
  soup_server_add_early_handler (self->server, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
  GSList *uris = soup_server_get_uris (self->server);
  self->address = g_strdup_printf ("127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  return self;
}

void
rmq_control_api_free (RmqControlApi *self)
{
  if (self == NULL)
    return;
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  rmq_world_unref (self->world);
  g_free (self->address);
  g_free (self);
}

const char *
rmq_control_api_get_address (RmqControlApi *self)
{
  return self->address;
}

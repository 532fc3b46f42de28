/* SPDX-License-Identifier: Apache-2.0 */

/* rmqlab send: a producer for the shell, on the public library alone, in the real world. One JSON
 * line per message on standard output, in order of completion. */

#include <gio/gunixinputstream.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "rmq-command.h"
#include "rmq-options.h"
#include "rmq-program-options.h"
#include "rmq-json-members.h"
#include "rmq/rmq.h"

#define IN_FLIGHT_MAX 512
#define TIMEOUT_NOT_GIVEN G_MININT
#define SIZE_MAX_BYTES (64 << 20)

typedef enum
{
  MODE_SYNC,
  MODE_ASYNC,
  MODE_ONEWAY,
} Mode;

static const char *const mode_names[] = { "sync", "async", "oneway", NULL };

typedef struct
{
  char *namesrv;
  char *topic;
  char *group;
  int count;
  int size_bytes;
  char *mode_name;
  Mode mode;
  char *tag;
  char *key;
  char **properties;
  char *select_by;
  char *queue_name;
  int timeout_ms;
  gboolean from_stdin;
  RmqMessageQueue *queue;
} Options;

typedef struct
{
  const Options *options;
  RmqProducer *producer;
  GAsyncQueue *done; /* of Outcome, pushed by callbacks */
  guint in_flight;
  gboolean all_ok;
} Session;

typedef struct
{
  Session *session;
  guint number;
  RmqMessage *message;
  char *line;
  gboolean ok;
} Outcome;

/* ---- one line of output -------------------------------------------------- */

static void
add_flag (JsonBuilder *json, const char *name, gboolean flag)
{
  json_builder_set_member_name (json, name);
  json_builder_add_boolean_value (json, flag);
}

static void
add_result (JsonBuilder *json, RmqSendResult *result)
{
  RmqMessageQueue *queue = rmq_send_result_get_message_queue (result);
  rmq_json_add_text (json, "status",
                     rmq_send_status_get_name (rmq_send_result_get_status (result)));
  rmq_json_add_text (json, "msgId", rmq_send_result_get_msg_id (result));
  rmq_json_add_text (json, "offsetMsgId", rmq_send_result_get_offset_msg_id (result));
  rmq_json_add_text (json, "broker", rmq_message_queue_get_broker_name (queue));
  rmq_json_add_number (json, "queueId", rmq_message_queue_get_queue_id (queue));
  rmq_json_add_number (json, "queueOffset", rmq_send_result_get_queue_offset (result));
  rmq_json_add_number (json, "attempts", rmq_send_result_get_attempts (result));
}

static void
add_error (JsonBuilder *json, RmqMessage *message, const GError *error)
{
  rmq_json_add_text (json, "msgId", rmq_message_get_msg_id (message));
  json_builder_set_member_name (json, "error");
  json_builder_begin_object (json);
  rmq_json_add_text (json, "domain", g_quark_to_string (error->domain));
  rmq_json_add_number (json, "code", error->code);
  rmq_json_add_text (json, "message", error->message);
  rmq_json_add_text (json, "remark", rmq_error_get_remark (error));
  rmq_json_add_text (json, "broker", rmq_error_get_broker_name (error));
  rmq_json_add_number (json, "attempts", rmq_error_get_attempts (error));
  add_flag (json, "retriable", rmq_error_is_retriable (error));
  add_flag (json, "outcomeUnknown", rmq_error_is_outcome_unknown (error));
  json_builder_end_object (json);
}

/* result and error NULL: a oneway that was handed over. */
static void
set_line (Outcome *outcome, RmqSendResult *result, const GError *error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  rmq_json_add_number (json, "n", outcome->number);
  if (error != NULL)
    add_error (json, outcome->message, error);
  else if (result != NULL)
    add_result (json, result);
  else
    rmq_json_add_text (json, "msgId", rmq_message_get_msg_id (outcome->message));
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  outcome->line = json_to_string (root, FALSE);
  outcome->ok =
      error == NULL && (result == NULL || rmq_send_result_get_status (result) == RMQ_SEND_OK);
}

static void
outcome_free (Outcome *outcome)
{
  rmq_message_unref (outcome->message);
  g_free (outcome->line);
  g_free (outcome);
}

static void
report (Session *session, Outcome *outcome)
{
  g_print ("%s\n", outcome->line);
  session->all_ok = session->all_ok && outcome->ok;
  outcome_free (outcome);
}

/* ---- sending ------------------------------------------------------------- */

/* SelectMessageQueueByHash: Java's String#hashCode of the key, then |hash % n|. */
static guint
select_by_key (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message, gpointer data)
{
  const char *key = data;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (key, -1, NULL, NULL, NULL);
  guint32 hash = 0;
  for (const gunichar2 *unit = units; unit != NULL && *unit != 0; unit++)
    hash = 31 * hash + *unit;
  return (guint)ABS ((gint32)hash % (gint32)n_queues);
}

static void
send_done (RmqSendResult *result, const GError *error, gpointer data)
{
  Outcome *outcome = data;
  set_line (outcome, result, error);
  g_async_queue_push (outcome->session->done, outcome);
}

static RmqMessageQueueSelector
selector_of (const Options *options)
{
  return options->select_by != NULL ? select_by_key : NULL;
}

static RmqSendResult *
send_sync (Session *session, RmqMessage *message, GError **error)
{
  const Options *options = session->options;
  RmqMessageQueueSelector selector = selector_of (options);
  guint timeout_ms = (guint)options->timeout_ms;
  if (options->queue != NULL)
    return rmq_producer_send_to_queue (session->producer, message, options->queue, timeout_ms,
                                       error);
  if (selector != NULL)
    return rmq_producer_send_by_selector (session->producer, message, selector, options->key,
                                          timeout_ms, error);
  return rmq_producer_send (session->producer, message, timeout_ms, error);
}

static gboolean
send_oneway (Session *session, RmqMessage *message, GError **error)
{
  const Options *options = session->options;
  RmqMessageQueueSelector selector = selector_of (options);
  if (options->queue != NULL)
    return rmq_producer_send_oneway_to_queue (session->producer, message, options->queue, error);
  if (selector != NULL)
    return rmq_producer_send_oneway_by_selector (session->producer, message, selector, options->key,
                                                 error);
  return rmq_producer_send_oneway (session->producer, message, error);
}

static gboolean
send_async (Session *session, Outcome *outcome, GError **error)
{
  const Options *options = session->options;
  RmqMessageQueueSelector selector = selector_of (options);
  guint timeout_ms = (guint)options->timeout_ms;
  if (options->queue != NULL)
    return rmq_producer_send_to_queue_with_callback (
        session->producer, outcome->message, options->queue, timeout_ms, send_done, outcome, error);
  if (selector != NULL)
    return rmq_producer_send_by_selector_with_callback (session->producer, outcome->message,
                                                        selector, options->key, timeout_ms,
                                                        send_done, outcome, error);
  return rmq_producer_send_with_callback (session->producer, outcome->message, timeout_ms,
                                          send_done, outcome, error);
}

static void
send_one (Session *session, guint number, RmqMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSendResult) result = NULL;
  Outcome *outcome = g_new0 (Outcome, 1);
  outcome->session = session;
  outcome->number = number;
  outcome->message = rmq_message_ref (message);
  switch (session->options->mode)
    {
    case MODE_SYNC:
      result = send_sync (session, message, &error);
      break;
    case MODE_ONEWAY:
      send_oneway (session, message, &error);
      break;
    case MODE_ASYNC:
      if (send_async (session, outcome, &error))
        {
          session->in_flight++;
          return;
        }
      break;
    }
  set_line (outcome, result, error);
  report (session, outcome);
}

static void
report_completed (Session *session, guint in_flight_max)
{
  while (session->in_flight > in_flight_max)
    {
      report (session, g_async_queue_pop (session->done));
      session->in_flight--;
    }
}

/* ---- messages ------------------------------------------------------------ */

/* "message N", filled or cut to the size that was asked for. */
static GBytes *
body_of (const Options *options, guint number)
{
  char text[32];
  gsize length = (gsize)g_snprintf (text, sizeof text, "message %u", number);
  gsize size = options->size_bytes >= 0 ? (gsize)options->size_bytes : length;
  char *body = g_malloc (size + 1);
  memset (body, '.', size);
  memcpy (body, text, MIN (length, size));
  return g_bytes_new_take (body, size);
}

static RmqMessage *
message_of (const Options *options, GBytes *body, GError **error)
{
  g_autoptr (RmqMessage) message = rmq_message_new (options->topic, body);
  if (options->tag != NULL)
    rmq_message_set_tags (message, options->tag);
  if (options->key != NULL)
    rmq_message_set_keys (message, options->key);
  for (guint i = 0; options->properties != NULL && options->properties[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (options->properties[i], "=", 2);
      if (!rmq_message_put_user_property (message, pair[0], pair[1], error))
        return NULL;
    }
  return g_steal_pointer (&message);
}

static void
send_body (Session *session, guint number, GBytes *body)
{
  g_autoptr (RmqMessage) message = message_of (session->options, body, NULL);
  g_assert (message != NULL); /* the options were tried before */
  send_one (session, number, message);
  report_completed (session, IN_FLIGHT_MAX - 1);
}

static void
send_lines (Session *session)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  gsize length;
  char *line;
  for (guint n = 1; (line = g_data_input_stream_read_line (lines, &length, NULL, NULL)) != NULL;
       n++)
    {
      g_autoptr (GBytes) body = g_bytes_new_take (line, length);
      send_body (session, n, body);
    }
}

static void
send_counted (Session *session)
{
  for (guint n = 1; n <= (guint)session->options->count; n++)
    {
      g_autoptr (GBytes) body = body_of (session->options, n);
      send_body (session, n, body);
    }
}

static int
send_all (const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqProducer) producer = rmq_producer_new (options->group);
  if (options->namesrv != NULL)
    rmq_producer_set_namesrv_addr (producer, options->namesrv);
  if (!rmq_producer_start (producer, &error))
    return rmq_options_refuse (&rmq_command_send, "the producer did not start: %s", error->message);
  Session session = { .options = options, .producer = producer, .all_ok = TRUE };
  session.done = g_async_queue_new ();
  if (options->from_stdin)
    send_lines (&session);
  else
    send_counted (&session);
  report_completed (&session, 0);
  rmq_producer_shutdown (producer);
  g_async_queue_unref (session.done);
  return session.all_ok ? RMQ_EXIT_OK : RMQ_EXIT_FAILED;
}

/* ---- options ------------------------------------------------------------- */

static gboolean
read_mode (Options *options)
{
  for (guint i = 0; mode_names[i] != NULL; i++)
    if (options->mode_name == NULL || g_str_equal (options->mode_name, mode_names[i]))
      {
        options->mode = (Mode)i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_queue (Options *options)
{
  if (options->queue_name == NULL)
    return TRUE;
  const char *colon = strrchr (options->queue_name, ':');
  guint64 id;
  if (colon == NULL || colon == options->queue_name
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXINT, &id, NULL))
    return FALSE;
  g_autofree char *broker = g_strndup (options->queue_name, (gsize)(colon - options->queue_name));
  options->queue = rmq_message_queue_new (options->topic, broker, (gint)id);
  return TRUE;
}

static gboolean
properties_are_pairs (const Options *options)
{
  for (guint i = 0; options->properties != NULL && options->properties[i] != NULL; i++)
    if (strchr (options->properties[i], '=') == NULL)
      return FALSE;
  return TRUE;
}

/* What is wrong with the options, or NULL. */
static const char *
check (Options *options)
{
  if (options->topic == NULL)
    return "--topic is missing";
  if (options->namesrv == NULL && g_getenv ("NAMESRV_ADDR") == NULL)
    return "--namesrv HOST:PORT is missing, and NAMESRV_ADDR is not set";
  g_autofree char *no_address = rmq_program_options_find_no_address (options->namesrv);
  if (no_address != NULL)
    return "--namesrv wants HOST:PORT, or several parted by \";\"";
  if (options->count < 1)
    return "--count wants a number from 1";
  if (options->size_bytes < -1 || options->size_bytes > SIZE_MAX_BYTES)
    return "--size wants 0 to 67108864 bytes";
  if (options->timeout_ms == TIMEOUT_NOT_GIVEN)
    options->timeout_ms = 0; /* the producer's own */
  else if (options->timeout_ms < 1)
    return "--timeout wants milliseconds, from 1";
  if (!read_mode (options))
    return "--mode wants sync, async or oneway";
  if (options->select_by != NULL && !g_str_equal (options->select_by, "key"))
    return "--select-by knows only key";
  if (options->select_by != NULL && options->key == NULL)
    return "--select-by key needs --key";
  if (options->select_by != NULL && options->queue_name != NULL)
    return "--select-by and --queue exclude each other";
  if (!read_queue (options))
    return "--queue wants BROKER:ID, such as broker-a:0";
  if (!properties_are_pairs (options))
    return "--property wants NAME=VALUE";
  return NULL;
}

static void
options_clear (Options *options)
{
  g_free (options->namesrv);
  g_free (options->topic);
  g_free (options->group);
  g_free (options->mode_name);
  g_free (options->tag);
  g_free (options->key);
  g_strfreev (options->properties);
  g_free (options->select_by);
  g_free (options->queue_name);
  g_clear_pointer (&options->queue, rmq_message_queue_unref);
}

static int
check_and_send (Options *options)
{
  g_autoptr (GError) error = NULL;
  const char *wrong = check (options);
  if (wrong != NULL)
    return rmq_options_refuse (&rmq_command_send, "%s", wrong);
  g_autoptr (GBytes) body = g_bytes_new_static ("", 0);
  g_autoptr (RmqMessage) probe = message_of (options, body, &error);
  if (probe == NULL)
    return rmq_options_refuse (&rmq_command_send, "--property: %s", error->message);
  return send_all (options);
}

static int
run_send (int argc, char **argv)
{
  Options options = { .count = 1, .size_bytes = -1, .timeout_ms = TIMEOUT_NOT_GIVEN };
  const GOptionEntry entries[] = {
    { "namesrv", 0, 0, G_OPTION_ARG_STRING, &options.namesrv, "name servers", "HOST:PORT[;…]" },
    { "topic", 0, 0, G_OPTION_ARG_STRING, &options.topic, "topic to send to", "T" },
    { "group", 0, 0, G_OPTION_ARG_STRING, &options.group, "producer group", "G" },
    { "count", 0, 0, G_OPTION_ARG_INT, &options.count, "how many messages (1)", "N" },
    { "size", 0, 0, G_OPTION_ARG_INT, &options.size_bytes, "body size in bytes", "B" },
    { "mode", 0, 0, G_OPTION_ARG_STRING, &options.mode_name, "how to send (sync)",
      "sync|async|oneway" },
    { "tag", 0, 0, G_OPTION_ARG_STRING, &options.tag, "tag of each message", "S" },
    { "key", 0, 0, G_OPTION_ARG_STRING, &options.key, "key of each message", "S" },
    { "property", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.properties, "user property", "K=V" },
    { "select-by", 0, 0, G_OPTION_ARG_STRING, &options.select_by,
      "choose the queue by the key's hash, as SelectMessageQueueByHash does", "key" },
    { "queue", 0, 0, G_OPTION_ARG_STRING, &options.queue_name, "send to this queue", "BROKER:ID" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options.timeout_ms,
      "budget of a send (the producer's own)", "MS" },
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &options.from_stdin, "one message per input line", NULL },
    { NULL },
  };
  int status = RMQ_EXIT_UNUSABLE;
  if (rmq_options_parse (&rmq_command_send, entries, argc, argv, NULL))
    {
      if (options.group == NULL)
        options.group = g_strdup ("PG_RMQLAB");
      status = check_and_send (&options);
    }
  options_clear (&options);
  return status;
}

const RmqCommand rmq_command_send = {
  .name = "send",
  .arguments = "--namesrv A --topic T",
  .help = "Sends messages from the shell and prints one JSON line for each.",
  .run = run_send,
};

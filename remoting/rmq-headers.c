/* SPDX-License-Identifier: Apache-2.0 */

/* Typed headers: one row per field, one encoder, one decoder. Pure. Rows stand in the order Java's
 * hash map gives its own fields, so that a header of ours can be laid beside a recorded one; the
 * letters of V2 come out in alphabetical order, as Java's do.
 */

#include "rmq-headers.h"

#include "rmq-error.h"
#include "rmq-remoting-command-private.h"

#define ALWAYS (-1)
#define NEEDED TRUE
#define MAY_MISS FALSE

#define FIELD(name, letter, kind, needed, type, member, presence)                                  \
  {                                                                                                \
    name, sizeof name - 1, letter, RMQ_FIELD_##kind, needed, G_STRUCT_OFFSET (type, member),       \
        presence                                                                                   \
  }
#define TABLE(symbol, type, rows)                                                                  \
  const RmqHeaderTable symbol = { #type, rows, G_N_ELEMENTS (rows), sizeof (type) }

typedef RmqSendMessageRequestHeader Send;
static const RmqHeaderField send_fields[] = {
  FIELD ("queueId", "e", INT, NEEDED, Send, queue_id, ALWAYS),
  FIELD ("flag", "h", INT, NEEDED, Send, flag, ALWAYS),
  FIELD ("sysFlag", "f", INT, NEEDED, Send, sys_flag, ALWAYS),
  FIELD ("reconsumeTimes", "j", INT, MAY_MISS, Send, reconsume_times, ALWAYS),
  FIELD ("batch", "m", BOOL, MAY_MISS, Send, batch, ALWAYS),
  FIELD ("unitMode", "k", BOOL, MAY_MISS, Send, unit_mode, ALWAYS),
  FIELD ("maxReconsumeTimes", "l", INT, MAY_MISS, Send, max_reconsume_times,
         G_STRUCT_OFFSET (Send, has_max_reconsume_times)),
  FIELD ("defaultTopic", "c", STRING, NEEDED, Send, default_topic, ALWAYS),
  FIELD ("defaultTopicQueueNums", "d", INT, NEEDED, Send, default_topic_queue_nums, ALWAYS),
  FIELD ("producerGroup", "a", STRING, NEEDED, Send, producer_group, ALWAYS),
  FIELD ("bname", "n", STRING, MAY_MISS, Send, broker_name, ALWAYS),
  FIELD ("topic", "b", STRING, NEEDED, Send, topic, ALWAYS),
  FIELD ("bornTimestamp", "g", LONG, NEEDED, Send, born_timestamp_ms, ALWAYS),
  FIELD ("properties", "i", STRING, MAY_MISS, Send, properties, ALWAYS),
};
TABLE (rmq_send_message_request_header, RmqSendMessageRequestHeader, send_fields);

typedef RmqSendMessageResponseHeader SendAnswer;
static const RmqHeaderField send_answer_fields[] = {
  FIELD ("queueId", NULL, INT, NEEDED, SendAnswer, queue_id, ALWAYS),
  FIELD ("transactionId", NULL, STRING, MAY_MISS, SendAnswer, transaction_id, ALWAYS),
  FIELD ("msgId", NULL, STRING, NEEDED, SendAnswer, msg_id, ALWAYS),
  FIELD ("queueOffset", NULL, LONG, NEEDED, SendAnswer, queue_offset, ALWAYS),
};
TABLE (rmq_send_message_response_header, RmqSendMessageResponseHeader, send_answer_fields);

static const RmqHeaderField get_route_fields[] = {
  FIELD ("topic", NULL, STRING, NEEDED, RmqGetRouteInfoRequestHeader, topic, ALWAYS),
};
TABLE (rmq_get_route_info_request_header, RmqGetRouteInfoRequestHeader, get_route_fields);

typedef RmqUnregisterClientRequestHeader UnregisterClient;
static const RmqHeaderField unregister_client_fields[] = {
  FIELD ("producerGroup", NULL, STRING, MAY_MISS, UnregisterClient, producer_group, ALWAYS),
  FIELD ("clientID", NULL, STRING, NEEDED, UnregisterClient, client_id, ALWAYS),
  FIELD ("consumerGroup", NULL, STRING, MAY_MISS, UnregisterClient, consumer_group, ALWAYS),
};
TABLE (rmq_unregister_client_request_header, RmqUnregisterClientRequestHeader,
       unregister_client_fields);

typedef RmqRegisterBrokerRequestHeader Register;
static const RmqHeaderField register_fields[] = {
  FIELD ("brokerId", NULL, LONG, NEEDED, Register, broker_id, ALWAYS),
  FIELD ("bodyCrc32", NULL, INT, MAY_MISS, Register, body_crc32,
         G_STRUCT_OFFSET (Register, has_body_crc32)),
  FIELD ("clusterName", NULL, STRING, NEEDED, Register, cluster_name, ALWAYS),
  FIELD ("brokerAddr", NULL, STRING, NEEDED, Register, broker_addr, ALWAYS),
  FIELD ("haServerAddr", NULL, STRING, NEEDED, Register, ha_server_addr, ALWAYS),
  FIELD ("compressed", NULL, BOOL, MAY_MISS, Register, compressed, ALWAYS),
  FIELD ("brokerName", NULL, STRING, NEEDED, Register, broker_name, ALWAYS),
  FIELD ("enableActingMaster", NULL, BOOL, MAY_MISS, Register, enable_acting_master,
         G_STRUCT_OFFSET (Register, has_enable_acting_master)),
  FIELD ("heartbeatTimeoutMillis", NULL, LONG, MAY_MISS, Register, heartbeat_timeout_ms,
         G_STRUCT_OFFSET (Register, has_heartbeat_timeout)),
};
TABLE (rmq_register_broker_request_header, RmqRegisterBrokerRequestHeader, register_fields);

typedef RmqRegisterBrokerResponseHeader RegisterAnswer;
static const RmqHeaderField register_answer_fields[] = {
  FIELD ("haServerAddr", NULL, STRING, MAY_MISS, RegisterAnswer, ha_server_addr, ALWAYS),
  FIELD ("masterAddr", NULL, STRING, MAY_MISS, RegisterAnswer, master_addr, ALWAYS),
};
TABLE (rmq_register_broker_response_header, RmqRegisterBrokerResponseHeader,
       register_answer_fields);

typedef RmqUnregisterBrokerRequestHeader Unregister;
static const RmqHeaderField unregister_fields[] = {
  FIELD ("brokerId", NULL, LONG, NEEDED, Unregister, broker_id, ALWAYS),
  FIELD ("clusterName", NULL, STRING, NEEDED, Unregister, cluster_name, ALWAYS),
  FIELD ("brokerAddr", NULL, STRING, NEEDED, Unregister, broker_addr, ALWAYS),
  FIELD ("brokerName", NULL, STRING, NEEDED, Unregister, broker_name, ALWAYS),
};
TABLE (rmq_unregister_broker_request_header, RmqUnregisterBrokerRequestHeader, unregister_fields);

/* ---- encoding ------------------------------------------------------------ */

#define MEMBER(header, type, offset) G_STRUCT_MEMBER (type, header, offset)

#define N_LETTERS ('z' - 'a' + 1)

static RmqTextPair
keep_text (RmqRemotingCommand *command, const char *text)
{
  gsize size = strlen (text);
  return (RmqTextPair){ .value = rmq_text_arena_keep (&command->texts, text, size),
                        .value_size = size };
}

static RmqTextPair
keep_number (RmqRemotingCommand *command, gint64 value)
{
  gsize size =
      rmq_decimal_format (rmq_text_arena_reserve (&command->texts, RMQ_DECIMAL_SIZE_MAX), value);
  return (RmqTextPair){ .value = rmq_text_arena_take (&command->texts, size), .value_size = size };
}

/* A field without its name; no value: there is none to send. */
static RmqTextPair
encode_value (const RmqHeaderField *field, gconstpointer header, RmqRemotingCommand *command)
{
  static const RmqTextPair truths[] = { { .value = "false", .value_size = 5 },
                                        { .value = "true", .value_size = 4 } };
  const char *text;
  switch (field->kind)
    {
    case RMQ_FIELD_STRING:
      text = MEMBER (header, const char *, field->offset);
      return text != NULL ? keep_text (command, text) : (RmqTextPair){ 0 };
    case RMQ_FIELD_INT:
      return keep_number (command, MEMBER (header, gint32, field->offset));
    case RMQ_FIELD_LONG:
      return keep_number (command, MEMBER (header, gint64, field->offset));
    case RMQ_FIELD_BOOL:
      return truths[MEMBER (header, gboolean, field->offset) != FALSE];
    }
  g_assert_not_reached ();
}

static void
encode_field (const RmqHeaderField *field, gboolean by_letter, gconstpointer header,
              RmqRemotingCommand *command)
{
  if (field->presence != ALWAYS && !MEMBER (header, gboolean, field->presence))
    return;
  RmqTextPair ext = encode_value (field, header, command);
  ext.name = by_letter ? field->letter : field->name;
  ext.name_size = by_letter ? 1 : field->name_size;
  if (ext.value != NULL)
    rmq_remoting_command_push_ext (command, ext);
}

/* Letters: by alphabet, wherever the row stands. */
static void
encode_by_letter (const RmqHeaderTable *table, gconstpointer header, RmqRemotingCommand *command)
{
  const RmqHeaderField *by_letter[N_LETTERS] = { NULL };
  for (guint i = 0; i < table->n_fields; i++)
    if (table->fields[i].letter != NULL)
      by_letter[table->fields[i].letter[0] - 'a'] = &table->fields[i];
  for (guint i = 0; i < G_N_ELEMENTS (by_letter); i++)
    if (by_letter[i] != NULL)
      encode_field (by_letter[i], TRUE, header, command);
}

void
rmq_header_encode (const RmqHeaderTable *table, RmqHeaderSpelling spelling, gconstpointer header,
                   RmqRemotingCommand *command)
{
  rmq_remoting_command_add_ext_map (command);
  if (spelling == RMQ_HEADER_LETTERS)
    encode_by_letter (table, header, command);
  else
    for (guint i = 0; i < table->n_fields; i++)
      encode_field (&table->fields[i], FALSE, header, command);
}

/* ---- decoding ------------------------------------------------------------ */

static gboolean
decode_number (const RmqHeaderField *field, const char *text, gpointer header)
{
  gboolean is_int = field->kind == RMQ_FIELD_INT;
  gint64 value = 0;
  if (!rmq_decimal_parse (text, is_int ? G_MININT32 : G_MININT64, is_int ? G_MAXINT32 : G_MAXINT64,
                          &value))
    return FALSE;
  if (is_int)
    MEMBER (header, gint32, field->offset) = (gint32)value;
  else
    MEMBER (header, gint64, field->offset) = value;
  return TRUE;
}

static gboolean
decode_value (const RmqHeaderField *field, const char *text, gpointer header)
{
  switch (field->kind)
    {
    case RMQ_FIELD_STRING:
      MEMBER (header, const char *, field->offset) = text;
      return TRUE;
    case RMQ_FIELD_BOOL:
      MEMBER (header, gboolean, field->offset) =
          (text[0] | 0x20) == 't' && g_ascii_strcasecmp (text, "true") == 0;
      return TRUE;
    case RMQ_FIELD_INT:
    case RMQ_FIELD_LONG:
      return decode_number (field, text, header);
    }
  g_assert_not_reached ();
}

/* The values whose names are single letters; of equal ones the last counts. */
static void
collect_letters (const RmqRemotingCommand *command, const char *by_letter[N_LETTERS])
{
  for (const RmqTextPair *ext = command->ext; ext < command->ext + command->n_ext; ext++)
    if (ext->name_size == 1 && g_ascii_islower (ext->name[0]))
      by_letter[ext->name[0] - 'a'] = ext->value;
}

static const char * /* (nullable) */
find_value (const RmqRemotingCommand *command, const RmqHeaderField *field)
{
  const RmqTextPair *ext = rmq_remoting_command_find_ext (command, field->name, field->name_size);
  return ext != NULL ? ext->value : NULL;
}

/* (nullable): what is wrong with the field. */
static const char *
decode_field (const RmqHeaderField *field, const char *text, gpointer header)
{
  if (text == NULL)
    return field->required ? "is missing" : NULL;
  if (!decode_value (field, text, header))
    return "is no number, or out of range";
  if (field->presence != ALWAYS)
    MEMBER (header, gboolean, field->presence) = TRUE;
  return NULL;
}

gboolean
rmq_header_decode (const RmqHeaderTable *table, RmqHeaderSpelling spelling,
                   const RmqRemotingCommand *command, gpointer header, GError **error)
{
  gboolean is_good = TRUE;
  const char *by_letter[N_LETTERS] = { NULL };
  memset (header, 0, table->size);
  if (spelling == RMQ_HEADER_LETTERS)
    collect_letters (command, by_letter);
  for (guint i = 0; i < table->n_fields; i++)
    {
      const RmqHeaderField *field = &table->fields[i];
      gboolean is_letter = spelling == RMQ_HEADER_LETTERS && field->letter != NULL;
      const char *name = is_letter ? field->letter : field->name;
      const char *text = is_letter ? by_letter[name[0] - 'a'] : find_value (command, field);
      const char *reason = decode_field (field, text, header);
      if (reason != NULL && is_good)
        g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME, "%s: field %s %s%s%s",
                     table->name, name, reason, text != NULL ? ": " : "", text != NULL ? text : "");
      is_good = is_good && reason == NULL;
    }
  return is_good;
}

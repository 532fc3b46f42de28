/* SPDX-License-Identifier: Apache-2.0 */

/* The codec against recorded frames, in both directions. The subject of each case is a folder of
 * tests/vectors, that is a version of Apache's own peers, or another client. */

#include "rmq-bodies.h"
#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-frame-reader.h"
#include "rmq-message-codec.h"
#include "vector.h"

typedef void (*VectorFunc) (const Vector *vector, RmqRemotingCommand *request);

/* Runs over a folder's vectors; code 0: all. */
static void
for_each (const char *folder, const char *prefix, gint code, VectorFunc func)
{
  guint n = 0;
  g_auto (GStrv) names = vector_list (folder, prefix);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (Vector) vector = vector_load (names[i]);
      g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
      if (code != 0 && code != rmq_remoting_command_get_code (request))
        continue;
      g_test_message ("%s", vector->name);
      func (vector, request);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
}

/* ---- frames -------------------------------------------------------------- */

static void
assert_written_again (GBytes *frame, const char *name)
{
  g_autoptr (RmqRemotingCommand) command = vector_decode (frame);
  g_autoptr (GBytes) written = vector_encode (command);
  vector_assert_equal (written, frame, name);
}

static void
check_written_again (const Vector *vector, RmqRemotingCommand *request)
{
  assert_written_again (vector->request, vector->name);
  if (vector->response != NULL)
    assert_written_again (vector->response, vector->name);
}

static void
test_written_again (gconstpointer folder)
{
  for_each (folder, "", 0, check_written_again);
}

static void
assert_same_command (const RmqRemotingCommand *a, const RmqRemotingCommand *b)
{
  g_assert_cmpint (rmq_remoting_command_get_code (a), ==, rmq_remoting_command_get_code (b));
  g_assert_cmpint (rmq_remoting_command_get_language (a), ==,
                   rmq_remoting_command_get_language (b));
  g_assert_cmpint (rmq_remoting_command_get_version (a), ==, rmq_remoting_command_get_version (b));
  g_assert_cmpint (rmq_remoting_command_get_opaque (a), ==, rmq_remoting_command_get_opaque (b));
  g_assert_cmpint (rmq_remoting_command_get_flag (a), ==, rmq_remoting_command_get_flag (b));
  g_assert_cmpuint (rmq_remoting_command_get_n_ext (a), ==, rmq_remoting_command_get_n_ext (b));
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (a); i++)
    {
      const char *names[2], *values[2];
      rmq_remoting_command_get_ext_at (a, i, &names[0], &values[0]);
      rmq_remoting_command_get_ext_at (b, i, &names[1], &values[1]);
      g_assert_cmpstr (names[0], ==, names[1]);
      g_assert_cmpstr (values[0], ==, values[1]);
    }
}

/* Encoding in each form and decoding gives the same command; remarks of no length are null in one.
 */
static void
assert_survives_both_encodings (GBytes *frame)
{
  for (gint type = RMQ_SERIALIZE_JSON; type <= RMQ_SERIALIZE_ROCKETMQ; type++)
    {
      g_autoptr (RmqRemotingCommand) command = vector_decode (frame);
      rmq_remoting_command_set_serialize_type (command, (RmqSerializeType)type);
      g_autoptr (GBytes) written = vector_encode (command);
      g_autoptr (RmqRemotingCommand) again = vector_decode (written);
      assert_same_command (command, again);
      g_assert_cmpint (rmq_remoting_command_get_serialize_type (again), ==, type);
    }
}

static void
check_both_encodings (const Vector *vector, RmqRemotingCommand *request)
{
  assert_survives_both_encodings (vector->request);
  if (vector->response != NULL)
    assert_survives_both_encodings (vector->response);
}

static void
test_both_encodings (gconstpointer folder)
{
  for_each (folder, "", 0, check_both_encodings);
}

static void
check_answer (const Vector *vector, RmqRemotingCommand *request)
{
  g_assert_false (rmq_remoting_command_is_response (request));
  g_assert_cmpint (g_str_has_suffix (vector->name, "oneway"), ==,
                   rmq_remoting_command_is_oneway (request)
                       && rmq_remoting_command_get_code (request) == RMQ_REQUEST_SEND_MESSAGE_V2);
  if (vector->response == NULL)
    return;
  g_autoptr (RmqRemotingCommand) response = vector_decode (vector->response);
  g_assert_true (rmq_remoting_command_is_response (response));
  g_assert_cmpint (rmq_remoting_command_get_opaque (response), ==,
                   rmq_remoting_command_get_opaque (request));
  g_assert_cmpint (rmq_remoting_command_get_language (response), ==, RMQ_LANGUAGE_JAVA);
}

static void
test_answers (gconstpointer folder)
{
  for_each (folder, "", 0, check_answer);
}

/* ---- typed headers ------------------------------------------------------- */

static const struct
{
  gint code;
  const RmqHeaderTable *table;
  RmqHeaderSpelling spelling;
} request_tables[] = {
  { RMQ_REQUEST_SEND_MESSAGE, &rmq_send_message_request_header, RMQ_HEADER_LONG_NAMES },
  { RMQ_REQUEST_SEND_MESSAGE_V2, &rmq_send_message_request_header, RMQ_HEADER_LETTERS },
  { RMQ_REQUEST_SEND_BATCH_MESSAGE, &rmq_send_message_request_header, RMQ_HEADER_LETTERS },
  { RMQ_REQUEST_GET_ROUTEINFO_BY_TOPIC, &rmq_get_route_info_request_header, RMQ_HEADER_LONG_NAMES },
  { RMQ_REQUEST_UNREGISTER_CLIENT, &rmq_unregister_client_request_header, RMQ_HEADER_LONG_NAMES },
  { RMQ_REQUEST_REGISTER_BROKER, &rmq_register_broker_request_header, RMQ_HEADER_LONG_NAMES },
  { RMQ_REQUEST_UNREGISTER_BROKER, &rmq_unregister_broker_request_header, RMQ_HEADER_LONG_NAMES },
};

/* What a fresh header writes; fields this project doesn't know are left out of the comparison. */
static void
assert_header_again (RmqRemotingCommand *command, const RmqHeaderTable *table,
                     RmqHeaderSpelling spelling)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *header = g_malloc (table->size);
  g_assert_true (rmq_header_decode (table, spelling, command, header, &error));
  g_assert_no_error (error);
  g_autoptr (RmqRemotingCommand) fresh = rmq_remoting_command_new_request (0);
  rmq_header_encode (table, spelling, header, fresh);
  for (guint i = 0; i < table->n_fields; i++)
    {
      const RmqHeaderField *field = &table->fields[i];
      gboolean by_letter = spelling == RMQ_HEADER_LETTERS && field->letter != NULL;
      const char *name = by_letter ? field->letter : field->name;
      const char *recorded = rmq_remoting_command_get_ext (command, name);
      if (recorded != NULL)
        g_assert_cmpstr (rmq_remoting_command_get_ext (fresh, name), ==, recorded);
    }
}

static void
check_request_header (const Vector *vector, RmqRemotingCommand *request)
{
  for (guint i = 0; i < G_N_ELEMENTS (request_tables); i++)
    if (request_tables[i].code == rmq_remoting_command_get_code (request)
        && !g_str_has_suffix (vector->name, "send-fields-missing"))
      assert_header_again (request, request_tables[i].table, request_tables[i].spelling);
}

static void
test_request_headers (gconstpointer folder)
{
  for_each (folder, "", 0, check_request_header);
}

/* A command of our own, from the typed header alone, is Java's frame. */
static void
assert_same_frame (const Vector *vector, RmqRemotingCommand *recorded, const RmqHeaderTable *table,
                   RmqHeaderSpelling spelling)
{
  g_autofree guint8 *header = g_malloc (table->size);
  g_assert_true (rmq_header_decode (table, spelling, recorded, header, NULL));
  g_autoptr (RmqRemotingCommand) ours =
      rmq_remoting_command_new_request (rmq_remoting_command_get_code (recorded));
  rmq_remoting_command_set_opaque (ours, rmq_remoting_command_get_opaque (recorded));
  rmq_remoting_command_set_version (ours, rmq_remoting_command_get_version (recorded));
  rmq_remoting_command_set_serialize_type (ours,
                                           rmq_remoting_command_get_serialize_type (recorded));
  if (rmq_remoting_command_is_oneway (recorded))
    rmq_remoting_command_set_oneway (ours);
  rmq_header_encode (table, spelling, header, ours);
  rmq_remoting_command_set_body (ours, rmq_remoting_command_get_body (recorded));
  g_autoptr (GBytes) written = vector_encode (ours);
  vector_assert_equal (written, vector->request, vector->name);
}

/* Not ours to make: a field only 5.3 brokers have, fields left out by hand, and a hash map of 4.5.1
 * that is smaller by bname and so in another order. */
static gboolean
is_strange (const Vector *vector, const RmqRemotingCommand *request)
{
  return rmq_remoting_command_get_ext (request, "enableActingMaster") != NULL
         || g_str_has_suffix (vector->name, "send-fields-missing")
         || strcmp (vector->name, "4.5.1/send-v1-10") == 0;
}

static void
check_same_frame (const Vector *vector, RmqRemotingCommand *request)
{
  for (guint i = 0; i < G_N_ELEMENTS (request_tables); i++)
    if (request_tables[i].code == rmq_remoting_command_get_code (request)
        && !is_strange (vector, request))
      assert_same_frame (vector, request, request_tables[i].table, request_tables[i].spelling);
}

static void
test_same_frames (gconstpointer folder)
{
  for_each (folder, "", 0, check_same_frame);
}

static void
check_missing_field (const Vector *vector, RmqRemotingCommand *request)
{
  RmqSendMessageRequestHeader header;
  g_autoptr (GError) error = NULL;
  g_assert_false (rmq_header_decode (&rmq_send_message_request_header, RMQ_HEADER_LETTERS, request,
                                     &header, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, "RmqSendMessageRequestHeader: field e is missing");
  g_assert_cmpstr (header.producer_group, ==, "PG_RAW");
  g_assert_nonnull (header.topic);
}

static void
test_missing_field (gconstpointer folder)
{
  for_each (folder, "send-fields-missing", RMQ_REQUEST_SEND_MESSAGE_V2, check_missing_field);
}

/* The comma list of a batch has an id per message. */
static void
assert_offset_msg_ids (const char *ids)
{
  g_auto (GStrv) list = g_strsplit (ids, ",", -1);
  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *address = NULL;
      gint64 offset = -1;
      g_autoptr (GError) error = NULL;
      g_assert_true (rmq_offset_msg_id_decode (list[i], &address, &offset, &error));
      g_assert_no_error (error);
      g_assert_true (g_str_has_prefix (address, "127.0.0.1:18"));
      g_autofree char *again = rmq_offset_msg_id_encode (address, offset);
      g_assert_cmpstr (again, ==, list[i]);
    }
}

static void
check_send_answer (const Vector *vector, RmqRemotingCommand *request)
{
  if (vector->response == NULL)
    return;
  g_autoptr (RmqRemotingCommand) response = vector_decode (vector->response);
  RmqSendMessageResponseHeader header;
  g_autoptr (GError) error = NULL;
  gboolean is_whole = rmq_header_decode (&rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES,
                                         response, &header, &error);
  g_assert_cmpint (is_whole, ==, rmq_remoting_command_get_code (response) == RMQ_RESPONSE_SUCCESS);
  if (!is_whole)
    return;
  assert_header_again (response, &rmq_send_message_response_header, RMQ_HEADER_LONG_NAMES);
  assert_offset_msg_ids (header.msg_id);
  g_assert_cmpstr (rmq_remoting_command_get_ext (response, "MSG_REGION"), ==, "DefaultRegion");
}

static void
test_send_answers (gconstpointer folder)
{
  for_each (folder, "", RMQ_REQUEST_SEND_MESSAGE_V2, check_send_answer);
}

static void
check_register_answer (const Vector *vector, RmqRemotingCommand *request)
{
  g_autoptr (RmqRemotingCommand) response = vector_decode (vector->response);
  RmqRegisterBrokerResponseHeader header;
  g_assert_true (rmq_header_decode (&rmq_register_broker_response_header, RMQ_HEADER_LONG_NAMES,
                                    response, &header, NULL));
  g_assert_true (g_str_has_prefix (header.master_addr, "127.0.0.1:"));
  g_assert_true (g_str_has_prefix (header.ha_server_addr, "127.0.0.1:"));
  assert_header_again (response, &rmq_register_broker_response_header, RMQ_HEADER_LONG_NAMES);
}

static void
test_register_answer (gconstpointer folder)
{
  for_each (folder, "register-broker-slave", RMQ_REQUEST_REGISTER_BROKER, check_register_answer);
}

/* ---- coverage ------------------------------------------------------------ */

static void
note_code (const Vector *vector, RmqRemotingCommand *request)
{
  gint code = rmq_remoting_command_get_code (request);
  g_assert_cmpint (rmq_request_code_get_name (code) != NULL, ==, code != 9999);
}

/* Codes that only tools and consumers use have no frames of a recorded client: Apache's servers
 * were asked by the probes' own encoder instead, and what they asked in turn was noted. A kind of
 * probe is "NAME: broker CODE …", a server's own request "request CODE, …". */
static void
assert_vector_or_probe (const char *folder, gint code, const char *probes)
{
  g_autofree char *pattern =
      g_strdup_printf (": (broker|nameserver) %d\\b|: request %d,", code, code);
  if (!g_regex_match_simple (pattern, probes, 0, 0))
    for_each (folder, "", code, note_code);
}

static void
append_file (GString *text, const char *name)
{
  g_autofree char *path = g_build_filename (VECTORS_DIR, "..", "conformance", name, NULL);
  g_autofree char *content = NULL;
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_string_append (text, content);
}

static void
test_no_missing_vector (gconstpointer folder)
{
  g_autoptr (GString) probes = g_string_new (NULL);
  append_file (probes, "kinds.txt");
  append_file (probes, "expected/4.9.7/admin.txt");
  append_file (probes, "expected/4.9.7/reply.txt");
#define ROW(name, number, help) assert_vector_or_probe (folder, number, probes->str);
  RMQ_REQUEST_CODES (ROW)
#undef ROW
  for_each (folder, "", 0, note_code);
}

static const struct
{
  const char *claim;
  void (*test) (gconstpointer folder);
  const char *folders;
} cases[] = {
  { "frames/are-written-again-byte-for-byte", test_written_again, "4.5.1 4.9.7 5.3.3" },
  { "frames/survive-both-encodings", test_both_encodings, "4.5.1 4.9.7 5.3.3 go node" },
  { "frames/answers-echo-the-opaque", test_answers, "4.5.1 4.9.7 5.3.3 go node" },
  { "headers/requests-are-read-and-written", test_request_headers, "4.5.1 4.9.7 5.3.3 go node" },
  { "headers/a-request-of-ours-is-javas-frame", test_same_frames, "4.5.1 4.9.7 5.3.3" },
  { "headers/a-missing-field-is-named", test_missing_field, "4.5.1 4.9.7 5.3.3" },
  { "headers/send-answers-hold-readable-ids", test_send_answers, "4.5.1 4.9.7 5.3.3 node" },
  { "headers/a-slave-learns-its-master", test_register_answer, "4.5.1 4.9.7 5.3.3" },
  { "codes/every-request-code-has-a-vector-or-a-probe", test_no_missing_vector,
    "4.5.1 4.9.7 5.3.3" },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) folders = g_strsplit (cases[i].folders, " ", -1);
      for (guint j = 0; folders[j] != NULL; j++)
        {
          g_autofree char *path = g_strdup_printf ("/remoting/%s/%s", cases[i].claim, folders[j]);
          g_test_add_data_func_full (path, g_strdup (folders[j]), cases[i].test, g_free);
        }
    }
  return g_test_run ();
}

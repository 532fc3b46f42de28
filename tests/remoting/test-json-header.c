/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON header: what is read (each row of Java's own tolerance), what is refused and with which
 * words, what is written. */

#include "rmq-error.h"
#include "rmq-remoting-command.h"
#include "vector.h"

/* The frame around a header, without the length word. */
static GBytes *
frame_of (const char *header, gsize size)
{
  GByteArray *out = g_byte_array_new ();
  guint8 second[4] = { RMQ_SERIALIZE_JSON, (guint8)(size >> 16), (guint8)(size >> 8),
                       (guint8)size };
  g_byte_array_append (out, second, sizeof second);
  g_byte_array_append (out, (const guint8 *)header, (guint)size);
  return g_byte_array_free_to_bytes (out);
}

static RmqRemotingCommand *
decode (const char *header, GError **error)
{
  g_autoptr (GBytes) frame = frame_of (header, strlen (header));
  return rmq_remoting_command_decode (frame, error);
}

static char *
encode (const RmqRemotingCommand *command)
{
  g_autoptr (GBytes) frame = vector_encode (command);
  gsize size;
  const char *data = g_bytes_get_data (frame, &size);
  return g_strndup (data + 8, size - 8);
}

/* ---- what Java reads ----------------------------------------------------- */

/* Each header is read, and written again as Java would write the same command. */
typedef struct
{
  const char *claim;
  const char *header;
  const char *again;
} Tolerance;

#define REST                                                                                       \
  "\"flag\":0,\"language\":\"JAVA\",\"opaque\":7,\"serializeTypeCurrentRPC\":\"JSON\","            \
  "\"version\":0}"
#define PLAIN "{\"code\":105," REST
#define EXT(fields) "{\"code\":105,\"extFields\":{" fields "}," REST

static const Tolerance tolerances[] = {
  { "any-order-of-keys", "{\"opaque\":7,\"code\":105}", PLAIN },
  { "space-around-tokens", " {\n\t\"code\" : 105 ,\r\n\"opaque\" :7 } \n", PLAIN },
  { "a-newline-after-the-brace", "{\"code\":105,\"opaque\":7}\n", PLAIN },
  { "unknown-keys", "{\"x\":1,\"code\":105,\"y\":\"}\",\"opaque\":7}", PLAIN },
  { "unknown-keys-of-any-nesting",
    "{\"x\":{\"a\":[{\"b\":[\"]\",{}]},null]},\"code\":105,\"opaque\":7}", PLAIN },
  { "unknown-keys-with-object-keys", "{\"x\":{{\"q\":1}:5},\"code\":105,\"opaque\":7}", PLAIN },
  { "numbers-in-ext-fields", "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":0,\"b\":-12}}",
    EXT ("\"a\":\"0\",\"b\":\"-12\"") },
  { "booleans-in-ext-fields", "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":false,\"b\":true}}",
    EXT ("\"a\":\"false\",\"b\":\"true\"") },
  { "null-in-ext-fields-is-absent",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":null,\"b\":\"x\"}}", EXT ("\"b\":\"x\"") },
  { "objects-in-ext-fields-are-text",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":{\"b\":[1]},\"c\":[2]}}",
    EXT ("\"a\":\"{\\\"b\\\":[1]}\",\"c\":\"[2]\"") },
  { "empty-ext-fields", "{\"code\":105,\"opaque\":7,\"extFields\":{}}", EXT ("") },
  { "null-ext-fields", "{\"code\":105,\"opaque\":7,\"extFields\":null}", PLAIN },
  { "numbers-as-strings", "{\"code\":\"105\",\"opaque\":\"7\"}", PLAIN },
  { "numbers-with-a-fraction-of-zero", "{\"code\":105.0,\"opaque\":7.}", PLAIN },
  { "an-empty-string-for-zero", "{\"code\":105,\"opaque\":7,\"flag\":\"\"}", PLAIN },
  { "null-numbers", "{\"code\":105,\"opaque\":7,\"flag\":null,\"version\":null}", PLAIN },
  { "null-remark", "{\"code\":105,\"opaque\":7,\"remark\":null}", PLAIN },
  { "single-quotes", "{'code':105,'opaque':7,'language':'JAVA'}", PLAIN },
  { "keys-without-quotes", "{code:105,opaque:7}", PLAIN },
  { "a-trailing-comma", "{\"code\":105,\"opaque\":7,}", PLAIN },
  { "a-trailing-comma-in-ext-fields", "{\"code\":105,\"extFields\":{\"a\":\"1\",},\"opaque\":7}",
    EXT ("\"a\":\"1\"") },
  { "block-comments", "/* a */{/**/\"code\"/* b */:105,\"opaque\":/* } */7}/* c */", PLAIN },
  { "line-comments", "{\"code\":105,// }\n\"opaque\":7}// end", PLAIN },
  { "keys-in-any-case", "{\"Code\":105,\"OPAQUE\":7,\"EXTFIELDS\":{\"a\":\"1\"}}",
    EXT ("\"a\":\"1\"") },
  { "a-body-key", "{\"code\":105,\"opaque\":7,\"body\":\"aGVsbG8=\"}", PLAIN },
  { "the-serialize-type-of-somebody-else",
    "{\"code\":105,\"opaque\":7,\"serializeTypeCurrentRPC\":\"ROCKETMQ\"}", PLAIN },
  { "language-as-an-ordinal", "{\"code\":105,\"opaque\":7,\"language\":0}", PLAIN },
  { "the-last-of-equal-keys", "{\"code\":1,\"code\":105,\"opaque\":7}", PLAIN },
  { "unicode-escapes",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":\"\\u00e4\\u4E2D\\ud83d\\ude00\\x41\"}}",
    EXT ("\"a\":\"\u00e4\u4e2d\U0001f600A\"") },
  { "half-a-surrogate-pair-as-a-question-mark",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":\"\\ud83dx\"}}", EXT ("\"a\":\"?x\"") },
  { "nul-escapes-as-question-marks",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":\"x\\u0000y\\0\"}}", EXT ("\"a\":\"x?y?\"") },
  { "bytes-that-are-no-utf-8-as-question-marks",
    "{\"code\":105,\"opaque\":7,\"extFields\":{\"a\":\"\xff\xc3\"}}", EXT ("\"a\":\"??\"") },
};

static void
test_tolerance (gconstpointer data)
{
  const Tolerance *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRemotingCommand) command = decode (row->header, &error);
  g_assert_no_error (error);
  g_autofree char *again = encode (command);
  g_assert_cmpstr (again, ==, row->again);
}

static void
test_defaults (void)
{
  g_autoptr (RmqRemotingCommand) command = decode ("{}", NULL);
  g_assert_nonnull (command);
  g_assert_cmpint (rmq_remoting_command_get_code (command), ==, 0);
  g_assert_cmpint (rmq_remoting_command_get_language (command), ==, RMQ_LANGUAGE_JAVA);
  g_assert_cmpint (rmq_remoting_command_get_version (command), ==, 0);
  g_assert_cmpint (rmq_remoting_command_get_flag (command), ==, 0);
  g_assert_cmpint (rmq_remoting_command_get_opaque (command), ==, 0);
  g_assert_false (rmq_remoting_command_has_opaque (command));
  g_assert_false (rmq_remoting_command_has_ext (command));
  g_assert_null (rmq_remoting_command_get_ext (command, "topic"));
  g_assert_null (rmq_remoting_command_get_remark (command));
  g_assert_null (rmq_remoting_command_get_body (command));
}

static void
test_unknown_language (void)
{
  const char *headers[] = { "{\"language\":\"KLINGON\"}", "{\"language\":null}",
                            "{\"language\":\"\"}" };
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr (RmqRemotingCommand) command = decode (headers[i], NULL);
      g_assert_nonnull (command);
      g_assert_cmpint (rmq_remoting_command_get_language (command), ==, RMQ_LANGUAGE_UNKNOWN);
      g_autofree char *again = encode (command);
      g_assert_null (strstr (again, "language"));
    }
}

static void
test_last_ext_counts (void)
{
  g_autoptr (RmqRemotingCommand) command =
      decode ("{\"extFields\":{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\"}}", NULL);
  const char *name, *value;
  g_assert_cmpstr (rmq_remoting_command_get_ext (command, "a"), ==, "3");
  g_assert_cmpuint (rmq_remoting_command_get_n_ext (command), ==, 3);
  rmq_remoting_command_get_ext_at (command, 0, &name, &value);
  g_assert_cmpstr (name, ==, "a");
  g_assert_cmpstr (value, ==, "1");
}

static void
test_raw_nul (void)
{
  static const char header[] = "{\"opaque\":1,\"extFields\":{\"a\":\"x\0y\"}}";
  g_autoptr (GBytes) frame = frame_of (header, sizeof header - 1);
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_decode (frame, NULL);
  g_assert_cmpstr (rmq_remoting_command_get_ext (command, "a"), ==, "x?y");
}

static void
test_many_ext_fields (void)
{
  g_autoptr (RmqRemotingCommand) command = rmq_remoting_command_new_request (1);
  for (gint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%d", i);
      rmq_remoting_command_add_ext_int (command, name, i);
    }
  g_autoptr (GBytes) frame = vector_encode (command);
  g_autoptr (RmqRemotingCommand) again = vector_decode (frame);
  g_assert_cmpuint (rmq_remoting_command_get_n_ext (again), ==, 1000);
  g_assert_cmpstr (rmq_remoting_command_get_ext (again, "name-999"), ==, "999");
}

/* ---- what is refused ----------------------------------------------------- */

typedef struct
{
  const char *claim;
  const char *header;
  const char *message;
} Refusal;

static const Refusal refusals[] = {
  { "an-empty-header", "", "JSON header: an object is needed at byte 0" },
  { "a-header-that-is-no-object", "[1]", "JSON header: an object is needed at byte 0" },
  { "a-header-that-ends-early", "{\"code\":1",
    "JSON header: a comma or the closing bracket is needed at byte 9" },
  { "text-after-the-brace", "{\"code\":1} x",
    "JSON header: text after the closing brace at byte 11" },
  { "an-opaque-of-2-to-the-31", "{\"opaque\":2147483648}",
    "JSON header: not an integer, or out of range at byte 10" },
  { "a-code-that-is-no-number", "{\"code\":\"abc\"}",
    "JSON header: not an integer, or out of range at byte 8" },
  { "a-code-with-a-fraction", "{\"code\":1.5}",
    "JSON header: not an integer, or out of range at byte 8" },
  { "an-ordinal-beyond-the-languages", "{\"language\":99}",
    "JSON header: not an integer, or out of range at byte 12" },
  { "a-word-that-is-no-value", "{\"code\":abc}", "JSON header: an unknown word at byte 8" },
  { "a-string-that-does-not-end", "{\"code\":1,\"remark\":\"abc}",
    "JSON header: a string that doesn't end at byte 19" },
  { "an-unknown-escape", "{\"remark\":\"\\q\"}", "JSON header: an unknown escape at byte 13" },
  { "a-cut-unicode-escape", "{\"remark\":\"\\u12\"}", "JSON header: an unknown escape at byte 13" },
  { "a-missing-comma", "{\"code\":1 \"flag\":2}",
    "JSON header: a comma or the closing bracket is needed at byte 10" },
  { "a-missing-colon", "{\"code\" 1}", "JSON header: a colon is needed at byte 8" },
  { "ext-fields-that-are-no-object", "{\"extFields\":\"x\"}",
    "JSON header: extFields is no object at byte 16" },
  { "a-bracket-of-the-wrong-kind", "{\"x\":[1}",
    "JSON header: a closing bracket of the wrong kind at byte 7" },
  { "a-comment-that-does-not-end", "{/* ", "JSON header: a comment that doesn't end at byte 1" },
  { "a-slash-alone", "{/", "JSON header: a slash that begins no comment at byte 1" },
  { "a-control-character-outside-strings", "{\001:1}",
    "JSON header: an unexpected character at byte 1" },
};

static void
test_refusal (gconstpointer data)
{
  const Refusal *row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRemotingCommand) command = decode (row->header, &error);
  g_assert_null (command);
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, row->message);
}

static char *
nested (guint depth)
{
  GString *text = g_string_new ("{\"x\":");
  for (guint i = 0; i < depth; i++)
    g_string_append_c (text, i % 2 == 0 ? '[' : '{');
  for (guint i = depth; i > 0; i--)
    g_string_append_c (text, i % 2 == 1 ? ']' : '}');
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static void
test_depth_limit (void)
{
  g_autofree char *good = nested (64);
  g_autofree char *bad = nested (65);
  g_autofree char *terrible = nested (1000000);
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqRemotingCommand) read = decode (good, &error);
  g_assert_no_error (error);
  g_assert_nonnull (read);
  g_assert_null (decode (bad, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
  g_assert_cmpstr (error->message, ==, "JSON header: values are nested deeper than 64 at byte 69");
  g_clear_error (&error);
  g_assert_null (decode (terrible, &error));
  g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
}

/* ---- what is written ----------------------------------------------------- */

static void
test_keys_in_javas_order (void)
{
  g_autoptr (RmqRemotingCommand) request = rmq_remoting_command_new_request (105);
  rmq_remoting_command_add_ext (request, "topic", "T");
  rmq_remoting_command_set_opaque (request, 7);
  rmq_remoting_command_set_version (request, 315);
  g_autofree char *text = encode (request);
  g_assert_cmpstr (text, ==,
                   "{\"code\":105,\"extFields\":{\"topic\":\"T\"},\"flag\":0,\"language\":\"JAVA\","
                   "\"opaque\":7,\"serializeTypeCurrentRPC\":\"JSON\",\"version\":315}");
}

static void
test_response_echoes (void)
{
  g_autoptr (RmqRemotingCommand) request = rmq_remoting_command_new_request (105);
  rmq_remoting_command_set_opaque (request, -5);
  g_autoptr (RmqRemotingCommand) response = rmq_remoting_command_new_response (request, 17, "");
  rmq_remoting_command_add_ext_map (response);
  g_autofree char *text = encode (response);
  g_assert_cmpstr (text, ==,
                   "{\"code\":17,\"extFields\":{},\"flag\":1,\"language\":\"JAVA\",\"opaque\":-5,"
                   "\"remark\":\"\",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":0}");
}

static void
test_escapes (void)
{
  g_autoptr (RmqRemotingCommand) request = rmq_remoting_command_new_request (0);
  rmq_remoting_command_add_ext (request, "a", "\"\\\b\t\n\f\r\v\001\037\177/<\u00e4\u4e2d");
  rmq_remoting_command_add_ext (request, "b", "\xc2\x85\u00a0\u2028\u2029\U0001f600");
  g_autofree char *text = encode (request);
  const char *expected = "{\"code\":0,\"extFields\":{\"a\":\"\\\"\\\\\\b\\t\\n\\f\\r\\u000B\\u0001"
                         "\\u001F\\u007F/<\u00e4\u4e2d\",\"b\":\"\\u0085\u00a0\\u2028\\u2029"
                         "\U0001f600\"},\"flag\"";
  g_assert_true (g_str_has_prefix (text, expected));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tolerances); i++)
    {
      g_autofree char *path =
          g_strconcat ("/remoting/json-header/accepts-", tolerances[i].claim, NULL);
      g_test_add_data_func (path, &tolerances[i], test_tolerance);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path =
          g_strconcat ("/remoting/json-header/refuses-", refusals[i].claim, NULL);
      g_test_add_data_func (path, &refusals[i], test_refusal);
    }
#define CASE(claim, func) g_test_add_func ("/remoting/json-header/" claim, func)
  CASE ("what-is-missing-has-a-default", test_defaults);
  CASE ("an-unknown-language-is-left-out", test_unknown_language);
  CASE ("the-last-of-equal-ext-fields-counts", test_last_ext_counts);
  CASE ("a-raw-nul-ends-no-string", test_raw_nul);
  CASE ("a-thousand-ext-fields-fit", test_many_ext_fields);
  CASE ("nesting-has-a-limit", test_depth_limit);
  CASE ("keys-stand-in-javas-order", test_keys_in_javas_order);
  CASE ("a-response-echoes-its-request", test_response_echoes);
  CASE ("escapes-are-fastjsons", test_escapes);
  return g_test_run ();
}

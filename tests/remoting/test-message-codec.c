/* SPDX-License-Identifier: Apache-2.0 */

/* What travels inside a message: properties, batch, ids, compression. */

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-message-codec.h"
#include "vector.h"

/* ---- properties ---------------------------------------------------------- */

static void
assert_decoded (const char *text, const char *again)
{
  RmqProperties *properties = rmq_properties_decode (text);
  g_autofree char *encoded = rmq_properties_encode (properties, TRUE);
  g_assert_cmpstr (encoded, ==, again);
  rmq_properties_free (properties);
}

static void
test_properties_read (void)
{
  assert_decoded ("TAGS\1A\2KEYS\1k1 k2\2", "TAGS\1A\2KEYS\1k1 k2\2");
  assert_decoded ("TAGS\1A\2KEYS\1k1 k2", "TAGS\1A\2KEYS\1k1 k2\2");
  assert_decoded ("a\1b\1c\2", "a\1b\1c\2");
  assert_decoded ("a\1"
                  "1\2b\1"
                  "2\2a\1"
                  "3",
                  "a\1"
                  "3\2b\1"
                  "2\2");
  assert_decoded ("\2\2a\1\2\1b\2c\2d\1e\2", "d\1e\2");
  assert_decoded ("", "");
  assert_decoded (NULL, "");
}

static void
test_properties_change (void)
{
  RmqProperties *properties = rmq_properties_new ();
  g_autofree char *none = rmq_properties_encode (properties, FALSE);
  g_assert_cmpstr (none, ==, "");
  rmq_properties_set (properties, "a", "1");
  rmq_properties_set (properties, "ab", "2");
  rmq_properties_set (properties, "a", "3");
  g_assert_cmpuint (rmq_properties_get_n (properties), ==, 2);
  g_autofree char *text = rmq_properties_encode (properties, FALSE);
  g_assert_cmpstr (text, ==,
                   "a\1"
                   "3\2ab\1"
                   "2");
  rmq_properties_remove (properties, "a");
  rmq_properties_remove (properties, "nothing");
  g_assert_null (rmq_properties_get (properties, "a"));
  g_assert_cmpstr (rmq_properties_get (properties, "ab"), ==, "2");
  rmq_properties_free (properties);
}

/* More and longer ones than a message usually has, each set several times. */
static void
test_properties_many (void)
{
  RmqProperties *properties = rmq_properties_new ();
  static const char *const values[] = { "short", "", "a longer value", "long", "x" };
  for (guint round = 0; round < G_N_ELEMENTS (values); round++)
    for (guint i = 0; i < 100; i++)
      {
        g_autofree char *name = g_strdup_printf ("name%u", i);
        g_autofree char *value = g_strdup_printf ("%s%u", values[round], i);
        rmq_properties_set (properties, name, value);
        g_assert_cmpstr (rmq_properties_get (properties, name), ==, value);
      }
  g_assert_cmpuint (rmq_properties_get_n (properties), ==, 100);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *expected = g_strdup_printf ("name%u=x%u", i, i);
      const char *name, *value;
      rmq_properties_get_at (properties, i, &name, &value);
      g_autofree char *found = g_strdup_printf ("%s=%s", name, value);
      g_assert_cmpstr (found, ==, expected);
    }
  rmq_properties_free (properties);
}

/* 4.9.7 leaves the last separator out, the others write it. */
static void
test_properties_recorded (gconstpointer version)
{
  g_autofree char *name = g_strconcat (version, "/send-v2-tags-keys-properties", NULL);
  g_autoptr (Vector) vector = vector_load (name);
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  const char *text = rmq_remoting_command_get_ext (request, "i");
  RmqProperties *properties = rmq_properties_decode (text);
  g_autofree char *again = rmq_properties_encode (properties, strcmp (version, "4.9.7") != 0);
  g_assert_cmpstr (again, ==, text);
  g_assert_nonnull (rmq_properties_get (properties, RMQ_PROPERTY_KEYS));
  g_assert_nonnull (rmq_properties_get (properties, RMQ_PROPERTY_TAGS));
  g_assert_cmpstr (rmq_properties_get (properties, RMQ_PROPERTY_WAIT), ==, "true");
  rmq_properties_free (properties);
}

/* ---- batch --------------------------------------------------------------- */

static void
test_batch_recorded (gconstpointer version)
{
  g_autofree char *name = g_strconcat (version, "/send-batch-320", NULL);
  g_autoptr (Vector) vector = vector_load (name);
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  GBytes *body = rmq_remoting_command_get_body (request);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) messages = rmq_batch_decode (body, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (messages->len, ==, 3);
  GByteArray *out = g_byte_array_new ();
  for (guint i = 0; i < messages->len; i++)
    {
      RmqBatchMessage *message = &g_array_index (messages, RmqBatchMessage, i);
      g_autofree char *text =
          rmq_properties_encode (message->properties, strcmp (version, "4.9.7") != 0);
      g_assert_nonnull (rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY));
      rmq_batch_encode (out, message->flag, message->body, text);
    }
  g_autoptr (GBytes) again = g_byte_array_free_to_bytes (out);
  vector_assert_equal (again, body, name);
}

/* Go's batch members have no properties. */
static void
test_batch_go (void)
{
  g_autoptr (Vector) vector = vector_load ("go/send-320-to-broker-batch");
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  g_autoptr (GArray) messages = rmq_batch_decode (rmq_remoting_command_get_body (request), NULL);
  g_assert_cmpuint (messages->len, ==, 2);
  RmqBatchMessage *first = &g_array_index (messages, RmqBatchMessage, 0);
  g_assert_cmpuint (rmq_properties_get_n (first->properties), ==, 0);
}

static void
test_batch_example (void)
{
  static const guint8 expected[] = { 0, 0, 0,   0x1f, 0,   0,   0, 0,   0, 0,   0,
                                     0, 0, 0,   0,    0,   0,   0, 0,   2, 'h', 'i',
                                     0, 7, 'T', 'A',  'G', 'S', 1, 'A', 2 };
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) body = g_bytes_new_static ("hi", 2);
  rmq_batch_encode (out, 0, body, "TAGS\1A\2");
  g_assert_cmpmem (out->data, out->len, expected, sizeof expected);
}

static void
test_batch_cuts (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  rmq_batch_encode (out, 7, body, "TAGS\1A\2");
  rmq_batch_encode (out, 8, body, NULL);
  guint first_size = out->data[3];
  for (guint size = 1; size < out->len; size++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) cut = g_bytes_new (out->data, size);
      g_autoptr (GArray) messages = rmq_batch_decode (cut, &error);
      g_assert_cmpint (messages != NULL, ==, size == first_size);
      if (messages == NULL)
        g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
    }
}

/* ---- ids ----------------------------------------------------------------- */

static void
assert_offset_id (const char *address, gint64 offset, const char *id)
{
  g_autofree char *encoded = rmq_offset_msg_id_encode (address, offset);
  g_autofree char *decoded = NULL;
  gint64 position = 0;
  g_autoptr (GError) error = NULL;
  g_assert_cmpstr (encoded, ==, id);
  g_assert_true (rmq_offset_msg_id_decode (id, &decoded, &position, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (decoded, ==, address);
  g_assert_cmpint (position, ==, offset);
}

static void
test_offset_ids (void)
{
  assert_offset_id ("127.0.0.1:10911", 4096, "7F00000100002A9F0000000000001000");
  assert_offset_id ("127.0.0.1:18211", 2367, "7F00000100004723000000000000093F");
  assert_offset_id ("255.255.255.255:65535", G_MAXINT64, "FFFFFFFF0000FFFF7FFFFFFFFFFFFFFF");
  assert_offset_id ("[fd00::2]:10911", 1,
                    "FD00000000000000000000000000000200002A9F0000000000000001");
}

static void
test_bad_offset_ids (void)
{
  static const char *const ids[] = { "",
                                     "0",
                                     "0A010203",
                                     "7F00000100002A9F000000000000100",
                                     "7F00000100002A9F000000000000100G",
                                     "7F000001FFFFFFFF0000000000001000",
                                     "7F00000100002A9F00000000000010000" };
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *address = NULL;
      gint64 offset;
      g_autoptr (GError) error = NULL;
      g_assert_false (rmq_offset_msg_id_decode (ids[i], &address, &offset, &error));
      g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
      g_assert_nonnull (strstr (error->message, ids[i]));
      g_assert_null (address);
    }
}

static void
test_address_that_is_no_literal (void)
{
  g_autofree char *host = rmq_offset_msg_id_encode ("broker.example:10911", 1);
  g_autofree char *bare = rmq_offset_msg_id_encode ("127.0.0.1", 1);
  g_assert_cmpstr (host, ==, "0000000000002A9F0000000000000001");
  g_assert_cmpstr (bare, ==, "7F000001000000000000000000000001");
}

/* Month start 2026-11-01 UTC. */
#define NOVEMBER_MS G_GINT64_CONSTANT (1793491200000)
#define DECEMBER_MS (NOVEMBER_MS + G_GINT64_CONSTANT (30) * 86400 * 1000)

static void
test_uniq_key_example (void)
{
  RmqUniqKeyMaker maker;
  rmq_uniq_key_maker_init (&maker, "10.1.2.3", 4660, 0x18B4AAC2);
  maker.counter = 7;
  char key[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&maker, NOVEMBER_MS + 1000000, 0, key);
  g_assert_cmpstr (key, ==, "0A010203123418B4AAC2000F42400007");
  char next[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&maker, NOVEMBER_MS + 1000000, 0, next);
  g_assert_cmpstr (next, ==, "0A010203123418B4AAC2000F42400008");
}

/* The key in send-v2-plain of 4.9.7, a millisecond before the born time in its header. */
static void
test_uniq_key_recorded (void)
{
  RmqUniqKeyMaker maker;
  g_autoptr (Vector) vector = vector_load ("4.9.7/send-v2-plain");
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  RmqProperties *properties = rmq_properties_decode (rmq_remoting_command_get_ext (request, "i"));
  gint64 born_ms = g_ascii_strtoll (rmq_remoting_command_get_ext (request, "g"), NULL, 10);
  rmq_uniq_key_maker_init (&maker, "fd00::2", 0x472E, 0x5FFD2B27);
  char key[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&maker, born_ms - 1, 0, key);
  g_assert_cmpstr (key, ==, rmq_properties_get (properties, RMQ_PROPERTY_UNIQ_KEY));
  rmq_properties_free (properties);
}

static void
test_uniq_key_month (void)
{
  static const struct
  {
    gint64 wall_ms;
    gint utc_offset_s;
    const char *since;
  } rows[] = {
    { DECEMBER_MS - 1, 0, "9A7EC7FF" },
    { DECEMBER_MS, 0, "00000000" },
    { DECEMBER_MS + 5, 0, "00000005" },
    { DECEMBER_MS - 7, 0, "00000000" }, /* stepped back */
  };
  RmqUniqKeyMaker maker, east;
  rmq_uniq_key_maker_init (&maker, "1.1.1.1", 0, 0);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      char key[RMQ_UNIQ_KEY_SIZE_MAX];
      rmq_uniq_key_maker_next (&maker, rows[i].wall_ms, rows[i].utc_offset_s, key);
      g_assert_true (strncmp (key + 20, rows[i].since, 8) == 0);
    }
  rmq_uniq_key_maker_init (&east, "1.1.1.1", 0, 0);
  char key[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&east, DECEMBER_MS - 3600 * 1000 + 9, 3600, key);
  g_assert_true (strncmp (key + 20, "00000009", 8) == 0);
}

static void
test_uniq_key_counter_wraps (void)
{
  RmqUniqKeyMaker maker;
  rmq_uniq_key_maker_init (&maker, "1.1.1.1", 0, 0);
  maker.counter = 65535;
  char last[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&maker, NOVEMBER_MS, 0, last);
  char first[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&maker, NOVEMBER_MS, 0, first);
  g_assert_cmpstr (last + 28, ==, "FFFF");
  g_assert_cmpstr (first + 28, ==, "0000");
}

/* ---- compression --------------------------------------------------------- */

static void
test_compressed_recorded (gconstpointer version)
{
  g_autofree char *name = g_strconcat (version, "/send-v2-compressed", NULL);
  g_autoptr (Vector) vector = vector_load (name);
  g_autoptr (RmqRemotingCommand) request = vector_decode (vector->request);
  GBytes *packed = rmq_remoting_command_get_body (request);
  gint64 sys_flag = g_ascii_strtoll (rmq_remoting_command_get_ext (request, "f"), NULL, 10);
  gint64 type = strcmp (version, "4.5.1") != 0 ? RMQ_SYS_FLAG_COMPRESSION_ZLIB : 0;
  g_assert_cmpint (sys_flag, ==, RMQ_SYS_FLAG_COMPRESSED | type);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) plain = rmq_zlib_decompress (packed, 6000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (plain), ==, 6000);
  g_autoptr (GBytes) again = rmq_zlib_compress (plain, 5);
  g_autoptr (GBytes) twice = rmq_zlib_decompress (again, 6000, &error);
  g_assert_no_error (error);
  vector_assert_equal (twice, plain, name);
}

static void
test_zlib_refusals (void)
{
  g_autofree guint8 *zeros = g_malloc0 (100000);
  g_autoptr (GBytes) plain = g_bytes_new (zeros, 100000);
  g_autoptr (GBytes) packed = rmq_zlib_compress (plain, 9);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (packed, 0, g_bytes_get_size (packed) - 1);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  const struct
  {
    GBytes *data;
    gsize limit;
    const char *reason;
  } rows[] = { { packed, 99999, "it exceeds the limit" },
               { cut, 100000, "it ends too early" },
               { none, 100, "it ends too early" },
               { plain, 100, "it is no zlib stream" } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (rmq_zlib_decompress (rows[i].data, rows[i].limit, &error));
      g_assert_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME);
      g_assert_nonnull (strstr (error->message, rows[i].reason));
    }
  g_autoptr (GBytes) whole = rmq_zlib_decompress (packed, 100000, NULL);
  g_assert_true (g_bytes_equal (whole, plain));
}

static void
add_versioned (const char *claim, GTestDataFunc func)
{
  static const char *const versions[] = { "4.5.1", "4.9.7", "5.3.3" };
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/remoting/%s/%s", claim, versions[i]);
      g_test_add_data_func (path, versions[i], func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_versioned ("properties/are-written-as-recorded", test_properties_recorded);
  add_versioned ("batch/is-written-as-recorded", test_batch_recorded);
  add_versioned ("zlib/a-recorded-body-has-6000-bytes", test_compressed_recorded);
#define CASE(claim, func) g_test_add_func ("/remoting/" claim, func)
  CASE ("properties/odd-parts-are-dropped", test_properties_read);
  CASE ("properties/setting-again-keeps-the-place", test_properties_change);
  CASE ("properties/any-number-and-length-is-kept", test_properties_many);
  CASE ("batch/members-of-go-have-no-properties", test_batch_go);
  CASE ("batch/the-worked-example-holds", test_batch_example);
  CASE ("batch/every-cut-inside-a-message-is-refused", test_batch_cuts);
  CASE ("offset-id/holds-address-and-position", test_offset_ids);
  CASE ("offset-id/what-is-none-is-refused", test_bad_offset_ids);
  CASE ("offset-id/a-name-counts-as-no-address", test_address_that_is_no_literal);
  CASE ("uniq-key/the-worked-example-holds", test_uniq_key_example);
  CASE ("uniq-key/a-recorded-one-is-made-again/4.9.7", test_uniq_key_recorded);
  CASE ("uniq-key/months-begin-in-local-time", test_uniq_key_month);
  CASE ("uniq-key/the-counter-wraps", test_uniq_key_counter_wraps);
  CASE ("zlib/refusals-say-why", test_zlib_refusals);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A broker's registration, plain; and the same bytes as what a compressed one unpacks to. */

#include "fuzz.h"
#include "rmq-bodies.h"

static void
assert_stable (const RmqRegisterBrokerBody *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = rmq_register_broker_body_encode (body);
  g_autoptr (RmqRegisterBrokerBody) again = rmq_register_broker_body_decode (first, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) second = rmq_register_broker_body_encode (again);
  g_assert_true (g_bytes_equal (first, second));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (RmqRegisterBrokerBody) plain = rmq_register_broker_body_decode (bytes, &error);
  g_assert_cmpint (plain == NULL, ==, error != NULL);
  g_clear_error (&error);
  if (plain != NULL)
    assert_stable (plain);
  g_autoptr (GBytes) packed = rmq_zlib_compress (bytes, 1);
  g_autoptr (RmqRegisterBrokerBody) unpacked =
      rmq_register_broker_body_decode_compressed (packed, &error);
  g_assert_cmpint (unpacked == NULL, ==, error != NULL);
  if (unpacked != NULL)
    assert_stable (unpacked);
  return 0;
}

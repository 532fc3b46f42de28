/* SPDX-License-Identifier: Apache-2.0 */

/* A heartbeat, as producers and consumers of any language send it. */

#include "fuzz.h"
#include "rmq-bodies.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (RmqHeartbeatData) read = rmq_heartbeat_data_decode (body, &error);
  g_assert_cmpint (read == NULL, ==, error != NULL);
  if (read == NULL)
    return 0;
  g_autoptr (GBytes) written = rmq_heartbeat_data_encode (read);
  g_autoptr (RmqHeartbeatData) again = rmq_heartbeat_data_decode (written, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->client_id, ==, again->client_id);
  g_assert_cmpuint (read->producer_groups->len, ==, again->producer_groups->len);
  g_assert_cmpuint (read->consumer_groups->len, ==, again->consumer_groups->len);
  return 0;
}

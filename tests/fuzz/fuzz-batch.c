/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a batch: records whose sizes may lie. */

#include <string.h>

#include "fuzz.h"
#include "rmq-message-codec.h"

#define PROPERTIES_SIZE_MAX 32767 /* senders refuse more */

/* (nullable): there are properties no sender would write. */
static GBytes *
encode (const GArray *messages)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  for (guint i = 0; i < messages->len; i++)
    {
      const RmqBatchMessage *message = &g_array_index (messages, RmqBatchMessage, i);
      g_autofree char *properties = rmq_properties_encode (message->properties, TRUE);
      if (strlen (properties) > PROPERTIES_SIZE_MAX)
        return NULL;
      rmq_batch_encode (out, message->flag, message->body, properties);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (GArray) read = rmq_batch_decode (body, &error);
  g_assert_cmpint (read == NULL, ==, error != NULL);
  if (read == NULL)
    return 0;
  g_autoptr (GBytes) first = encode (read);
  if (first == NULL)
    return 0;
  g_autoptr (GArray) again = rmq_batch_decode (first, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) second = encode (again);
  g_assert_true (g_bytes_equal (first, second));
  return 0;
}

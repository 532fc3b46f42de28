/* SPDX-License-Identifier: Apache-2.0 */

/* An offsetMsgId: what could be read is written in the same digits, upper case. */

#include "fuzz.h"
#include "rmq-message-codec.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *id = g_strndup ((const char *)data, size);
  g_autofree char *address = NULL;
  gint64 offset;
  g_autoptr (GError) error = NULL;
  gboolean is_good = rmq_offset_msg_id_decode (id, &address, &offset, &error);
  g_assert_cmpint (is_good, ==, error == NULL);
  if (!is_good)
    return 0;
  g_autofree char *again = rmq_offset_msg_id_encode (address, offset);
  g_autofree char *upper = g_ascii_strup (id, -1);
  g_assert_cmpstr (again, ==, upper);
  return 0;
}

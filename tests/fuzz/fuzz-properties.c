/* SPDX-License-Identifier: Apache-2.0 */

/* A message's properties: any text is read, odd parts are dropped. */

#include "fuzz.h"
#include "rmq-message-codec.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  RmqProperties *read = rmq_properties_decode (text);
  g_autofree char *whole = rmq_properties_encode (read, TRUE);
  g_autofree char *cut = rmq_properties_encode (read, FALSE);
  RmqProperties *again = rmq_properties_decode (cut);
  g_autofree char *twice = rmq_properties_encode (again, TRUE);
  g_assert_cmpstr (whole, ==, twice);
  rmq_properties_free (again);
  rmq_properties_free (read);
  return 0;
}

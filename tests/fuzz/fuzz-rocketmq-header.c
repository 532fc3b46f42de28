/* SPDX-License-Identifier: Apache-2.0 */

/* A header in the ROCKETMQ encoding. */

#include "fuzz-header.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  fuzz_header (RMQ_SERIALIZE_ROCKETMQ, data, size);
  return 0;
}

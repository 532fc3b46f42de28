/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-remoting-command.h"

/* data is a header in the encoding; the command around it is read, written, read and written again.
 */
void fuzz_header (RmqSerializeType type, const guint8 *data, gsize size);

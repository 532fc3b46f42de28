/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-codec.h"

G_BEGIN_DECLS

/* A copy in the order in which a HashMap of Java, made for so many buckets (a power of two), hands
 * them out. (transfer full) */
RmqProperties *rmq_java_map_order (const RmqProperties *properties, guint buckets);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-producer-impl.h"
#include "rmq-table-watch.h"

G_BEGIN_DECLS

/* What the files of RmqTableWatch share. */

struct _RmqTableWatch
{
  RmqProducer *producer;
  GPtrArray *seen;       /* of what was seen of each topic: rmq-table-watch.c */
  gint64 last_paused_us; /* when the host was last seen paused; G_MININT64: never */
};

G_END_DECLS

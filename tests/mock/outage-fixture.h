/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "broker-fixture.h"

/* What the tests of outages share. */

/* For every send; "broker-a drop all send responses" is its line. */
RmqOutageRule new_rule (RmqOutageKind kind, RmqOutagePoint point);
/* One send to Orders; TRUE: an answer came. */
gboolean send_one (Fixture *f, gint queue_id, const char *properties);

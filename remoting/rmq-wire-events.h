/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-event.h"

G_BEGIN_DECLS

/* Fields of the two: connection id, code, opaque, flag (bit 0 response, bit 1 oneway), bytes of the
 * whole frame; text: the address. */
extern const RmqEventKind rmq_event_frame_out;
extern const RmqEventKind rmq_event_frame_in;
/* Field: connection id; text: "peer: reason". */
extern const RmqEventKind rmq_event_bad_frame;

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-run.h"

G_BEGIN_DECLS

/* The events of a run as text, a line each, so that two runs can be laid side by side:
 *
 *     # rmqlab events 1
 *     # scenario broker-a-dies 1f0c6a…      its name; a number that stands for its statements
 *     # profile -                           of the producers, if it was chosen
 *     # seed 7
 *     12 0.105334 P wire FRAME_OUT code=310 …   moment, second, host, sub-hash, event
 *     # end 5120 events, hash …             only if the run was seen to its end */

#define RMQ_EVENT_TEXT_N_HEAD 4
#define RMQ_EVENT_TEXT_MAGIC "# rmqlab events 1"
#define RMQ_EVENT_TEXT_END "# end "

/* One of the head's lines. (transfer full) */
char *rmq_event_text_head (RmqRun *run, guint index);
/* Does a line of a log say the same of its run? A scenario may go by another name. */
gboolean rmq_event_text_head_matches (const char *wanted, const char *line, gsize size);
/* Without the end of the line. Owner of the loop. */
void rmq_event_text_append (RmqRun *run, const RmqEvent *event, GString *out);
/* The last line; NULL: the run was not seen to its end. Owner of the loop. (transfer full) */
char *rmq_event_text_end (RmqRun *run);
/* What rmq_event_text_append() writes. (transfer full) */
GRegex *rmq_event_text_pattern (void);
/* Every event that counts for the run's hash, those that were before included; told inside emit,
 * as owner. Returns the listener. */
guint rmq_event_text_listen (RmqRun *run, RmqEventFunc func, gpointer data);

G_END_DECLS

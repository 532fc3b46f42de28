/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-cluster-private.h"
#include "rmq-reader.h"

G_BEGIN_DECLS

/* What the files of verbs share, and their forms, which rmq-statements-verbs.c lists. */

extern const RmqArgument rmq_verb_no_arguments[];
/* A check: what happens in a moment has no "for". */
gboolean rmq_verb_check_no_end (RmqReader *reader, gpointer statement);

/* rmq-statements-hosts.c */
extern const RmqStatementForm rmq_form_host_kill, rmq_form_host_pause, rmq_form_host_resume;
extern const RmqStatementForm rmq_form_clock_jump, rmq_form_starts, rmq_form_shuts_down;

/* rmq-statements-requests.c */
extern const RmqStatementForm rmq_form_drop, rmq_form_delay, rmq_form_answer;
extern const RmqStatementForm rmq_form_close, rmq_form_reset;
extern const RmqStatementForm rmq_form_duplicate, rmq_form_swap, rmq_form_shift_opaque;
extern const RmqStatementForm rmq_form_corrupt, rmq_form_hold, rmq_form_release;

G_END_DECLS

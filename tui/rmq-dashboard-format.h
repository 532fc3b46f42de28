/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-canvas.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* How numbers are shown: short, never cut, always with their unit. All (transfer full). */
char *rmq_format_span (gint64 us);                /* 650us 2.1ms 602ms 2.34s 15.0s 3m05 2h10 4d03 */
char *rmq_format_count (gint64 n);                /* 99999 123k 4.5M */
char *rmq_format_bytes (gint64 n);                /* 999B 12.3K 1.2M */
char *rmq_format_clock (gint64 us);               /* 1:42.350, 1:00:00.000 */
char *rmq_format_rate (gint64 millis_per_s);      /* thousandths per second: 0.0/s 36.0/s 12.3k/s */
char *rmq_format_heading (const char *column_id); /* brokerName → BROKER NAME */

/* A number that the dashboard's own tables don't have: shown as "-". */
#define RMQ_NUMBER_ABSENT G_MININT64

/* What a column does with its cells, beyond their type. */
typedef enum
{
  RMQ_SHOW_PLAIN,
  RMQ_SHOW_STATE,   /* a word with a role */
  RMQ_SHOW_AGO,     /* a moment, as the time since */
  RMQ_SHOW_UNTIL,   /* a moment, as the time until */
  RMQ_SHOW_LEFT,    /* a span that counts down: negative is bad */
  RMQ_SHOW_SHARE,   /* a percentage with a bar */
  RMQ_SHOW_MARK,    /* a gap's mark: nothing if empty */
  RMQ_SHOW_ADDRESS, /* an address, as the name of its broker if that is known */
} RmqCellShow;

/* Text of a cell at the moment now_us; *role is set for states, else left alone. (transfer full) */
char *rmq_format_cell (const RmqColumn *column, const RmqCell *cell, RmqCellShow show,
                       gint64 now_us, RmqRole *role);
gboolean rmq_format_is_number (const RmqColumn *column, RmqCellShow show); /* right-aligned */
RmqRole rmq_format_state_role (const char *word);

G_END_DECLS

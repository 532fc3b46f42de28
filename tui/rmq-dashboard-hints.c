/* SPDX-License-Identifier: Apache-2.0 */

/* Looks of the tables: heads, widths, which columns go first where cells are scarce. Constants
 * only; a table or column without a row here is shown all the same. */

#include "rmq-dashboard-hints.h"

static const RmqTableHint hints[] = {
  { "flow",
    "no broker yet",
    { { "gap", "", RMQ_SHOW_MARK },
      { "brokerName", "BROKER", RMQ_SHOW_PLAIN, 16 },
      { "truth", "TRUTH", RMQ_SHOW_STATE, 16 },
      { "believes", "CLIENT BELIEVES", RMQ_SHOW_STATE },
      { "share", "SHARE OF PICKS 5s", RMQ_SHOW_SHARE },
      { "inFlight", "INFLT", RMQ_SHOW_PLAIN, 0, 3 },
      { "oks", "OK/s", RMQ_SHOW_PLAIN, 0, 4 },
      { "took", "TOOK", RMQ_SHOW_PLAIN, 0, 5 } } },
  { "queueFlow",
    "no queue known yet: the first send asks for the route",
    { { "queue", "QUEUE", RMQ_SHOW_PLAIN },
      { "topic", "TOPIC", RMQ_SHOW_PLAIN, 0, 5 },
      { "picks", "PICKS 5s", RMQ_SHOW_PLAIN },
      { "share", "SHARE", RMQ_SHOW_SHARE },
      { "timesFair", "OF FAIR SHARE", RMQ_SHOW_PLAIN, 0, 4 } } },
  { "events",
    "nothing happened yet",
    { { "ev", "EV", RMQ_SHOW_PLAIN },
      { "time", "TIME", RMQ_SHOW_PLAIN },
      { "kind", "KIND", RMQ_SHOW_PLAIN, 14 },
      { "who", "WHO", RMQ_SHOW_PLAIN, 12, 3 },
      { "text", "TEXT", RMQ_SHOW_PLAIN, 28 },
      { "cause", "CAUSE", RMQ_SHOW_PLAIN, 0, 5 },
      { "meaning", "MEANING", RMQ_SHOW_PLAIN, 20, 9 } } },
};

static const RmqTableHint no_table_hint = { NULL };
static const RmqColumnHint no_column_hint = { .id = NULL, .drop = G_MAXUINT8 };

const RmqTableHint *
rmq_table_hint_find (const char *table_id)
{
  for (guint i = 0; i < G_N_ELEMENTS (hints); i++)
    if (g_str_equal (hints[i].table_id, table_id))
      return &hints[i];
  return &no_table_hint;
}

const RmqColumnHint *
rmq_column_hint_find (const RmqTableHint *hint, const char *column_id)
{
  for (guint i = 0; i < RMQ_HINT_COLUMNS_MAX && hint->columns[i].id != NULL; i++)
    if (g_str_equal (hint->columns[i].id, column_id))
      return &hint->columns[i];
  return &no_column_hint;
}

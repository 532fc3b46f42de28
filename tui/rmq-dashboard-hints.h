/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-format.h"

G_BEGIN_DECLS

/* What the dashboard adds to a table's declaration: nothing but looks. Columns are shown in the
 * order of their hints, then those without one. */

typedef struct
{
  const char *id;
  const char *head; /* (nullable): made from the id */
  RmqCellShow show;
  guint8 width_max; /* 0: the default */
  guint8 drop;      /* where cells are scarce, the highest goes first */
} RmqColumnHint;

#define RMQ_HINT_COLUMNS_MAX 20

typedef struct
{
  const char *table_id;
  const char *empty; /* why there may be no row */
  RmqColumnHint columns[RMQ_HINT_COLUMNS_MAX];
} RmqTableHint;

/* Never NULL: an unknown table has an empty hint. */
const RmqTableHint *rmq_table_hint_find (const char *table_id);
/* Never NULL: an unknown column is the first to drop. */
const RmqColumnHint *rmq_column_hint_find (const RmqTableHint *hint, const char *column_id);

G_END_DECLS

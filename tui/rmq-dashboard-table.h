/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-canvas.h"
#include "rmq-dashboard-model.h"

G_BEGIN_DECLS

/* Any table of a snapshot as rows on a canvas: order, sort, selection, columns that fit. */

typedef struct
{
  const RmqTable *table;
  guint row;
} RmqDashboardRow;

/* The rows of some tables as they are shown, one table after the other, each sorted if asked. */
typedef struct
{
  GPtrArray *tables; /* of const RmqTable, those without rows included */
  GArray *rows;      /* of RmqDashboardRow */
} RmqDashboardRows;

/* A name is a table's id or, where two sides hold a table of the same id, its Java field
 * ("MQClientInstance#brokerAddrTable"). */
gboolean rmq_dashboard_table_is (const RmqTableSchema *schema, const char *name);

/* names: (nullable), NULL after the last. */
RmqDashboardRows *rmq_dashboard_rows_new (const RmqDashboardModel *model, const char *const *names);
void rmq_dashboard_rows_add (RmqDashboardRows *rows, const RmqDashboardModel *model,
                             const RmqTable *table);
void rmq_dashboard_rows_free (RmqDashboardRows *rows);
const RmqDashboardRow *rmq_dashboard_rows_get (const RmqDashboardRows *rows, guint index);
/* What names a row while others come and go. (transfer full) */
char *rmq_dashboard_row_get_key (const RmqDashboardRow *row);
gint rmq_dashboard_rows_find (const RmqDashboardRows *rows, const char *key); /* -1: gone */

/* (nullable): the name of something that the client made for itself, and every learner asks about.
 */
gboolean rmq_dashboard_is_internal (const char *name);

/* The column at a place of the display order; place is clamped. */
guint rmq_dashboard_column_at (const RmqTableSchema *schema, guint place);
/* (transfer full) */
char *rmq_dashboard_column_heading (const RmqTableSchema *schema, guint column);

/* selected: index of the row that is marked and kept in sight; -1: none. */
void rmq_dashboard_draw_rows (const RmqDashboardModel *model, RmqCanvas *canvas,
                              const RmqArea *area, const RmqDashboardRows *rows, gint selected);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqDashboardRows, rmq_dashboard_rows_free)

G_END_DECLS

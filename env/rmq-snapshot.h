/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Generic snapshots: named tables of typed cells. A table's columns are declared once, beside the
 * code that fills them; JSON, dashboard, help and docs derive from the declaration. A filled
 * snapshot is immutable and shared by reference. */

typedef enum
{
  RMQ_CELL_TEXT,
  RMQ_CELL_INT, /* a count or a number without unit */
  RMQ_CELL_BOOL,
  RMQ_CELL_SPAN_US,   /* a duration */
  RMQ_CELL_MOMENT_US, /* a point on the world's monotonic clock; -1 = never */
  RMQ_CELL_BYTES,     /* a size */
} RmqCellType;

typedef struct
{
  const char *id; /* "brokerName": as in JSON */
  RmqCellType type;
  const char *unit; /* (nullable): what a plain number counts */
  const char *help; /* one line of meaning */
  const char *java; /* the Java field it mirrors, or "-" with help saying why there is none */
} RmqColumn;

typedef struct
{
  const char *id;    /* "topicPublishInfoTable" */
  const char *title; /* for people */
  const char *help;  /* what this table is, one or two sentences */
  const char *java;  /* "DefaultMQProducerImpl#topicPublishInfoTable", or "-" */
  const RmqColumn *columns;
  guint n_columns;
} RmqTableSchema;

typedef struct
{
  gint64 number;
  char *text; /* (nullable); TEXT cells only, NULL = absent */
} RmqCell;

typedef struct _RmqTable RmqTable;
typedef struct _RmqSnapshot RmqSnapshot;

/* Building: rows are added cell by cell, in the order of the columns. */
RmqSnapshot *rmq_snapshot_new (guint64 ev, gint64 at_us);
RmqTable *rmq_snapshot_add_table (RmqSnapshot *snapshot, const RmqTableSchema *schema,
                                  const char *owner);
void rmq_table_begin_row (RmqTable *table);
void rmq_table_add_text (RmqTable *table, const char *text); /* (nullable), copied */
void rmq_table_add_number (RmqTable *table, gint64 number);  /* any type but TEXT */

RmqSnapshot *rmq_snapshot_ref (RmqSnapshot *snapshot);
void rmq_snapshot_unref (RmqSnapshot *snapshot);
guint64 rmq_snapshot_get_ev (const RmqSnapshot *snapshot);
gint64 rmq_snapshot_get_at_us (const RmqSnapshot *snapshot);
guint rmq_snapshot_get_n_tables (const RmqSnapshot *snapshot);
const RmqTable *rmq_snapshot_get_table (const RmqSnapshot *snapshot, guint index);
/* owner NULL: the first of that id. (nullable) */
const RmqTable *rmq_snapshot_find_table (const RmqSnapshot *snapshot, const char *id,
                                         const char *owner);

const RmqTableSchema *rmq_table_get_schema (const RmqTable *table);
const char *rmq_table_get_owner (const RmqTable *table); /* host or client the rows belong to */
guint rmq_table_get_n_rows (const RmqTable *table);
const RmqCell *rmq_table_get_cell (const RmqTable *table, guint row, guint column);
gint rmq_table_schema_find_column (const RmqTableSchema *schema, const char *id); /* -1: none */

/* {"asOf":{"ev":…,"atUs":…},"tables":{"ID":[{"owner":…,"rows":[{…}]}]}}; only: comma-separated ids,
 * NULL = all. (transfer full) */
char *rmq_snapshot_to_json (const RmqSnapshot *snapshot, const char *only);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqSnapshot, rmq_snapshot_unref)

G_END_DECLS

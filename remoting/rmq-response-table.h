/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-connection.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* NettyRemotingAbstract#responseTable: opaque → future. Client and mocks (for their own requests)
 * have one each. Owner only. */

typedef struct _RmqResponseTable RmqResponseTable;
typedef struct _RmqResponseFuture RmqResponseFuture;

/* Exactly once per future. response: NULL with error set. */
typedef void (*RmqResponseFunc) (RmqRemotingCommand *response, const GError *error, gpointer data);

typedef struct
{
  gint32 opaque;
  gint code;
  gint64 begin_us;
  gint64 timeout_us;
  gboolean is_async;   /* expires by the scan, at begin + timeout + slack */
  const char *address; /* the connection's */
  guint64 message;     /* obs_tag: serial of the message, 0 = none */
  guint attempt;
} RmqResponseEntry;

RmqResponseTable *rmq_response_table_new (RmqEnv *env);
void rmq_response_table_free (RmqResponseTable *table); /* must be empty or is failed first */
/* Aborts on an opaque that is outstanding (invariant I2). entry is copied. */
void rmq_response_table_add (RmqResponseTable *table, const RmqResponseEntry *entry,
                             RmqConnection *connection, RmqResponseFunc func, gpointer data);
/* FALSE: nobody waits for it (late answer); the caller drops it. */
gboolean rmq_response_table_answer (RmqResponseTable *table, RmqRemotingCommand *response);
/* Takes the entry out without completing it. FALSE: not there. */
gboolean rmq_response_table_remove (RmqResponseTable *table, gint32 opaque);
/* Fails every entry of the connection at once. connection NULL: all. */
void rmq_response_table_fail (RmqResponseTable *table, RmqConnection *connection,
                              const GError *error);
/* NettyRemotingAbstract#scanResponseTable: ends async entries with begin + timeout + slack ≤ now;
 * returns how many. */
guint rmq_response_table_scan (RmqResponseTable *table, gint64 slack_us);
guint rmq_response_table_get_size (RmqResponseTable *table);
guint64 rmq_response_table_get_n_unmatched (RmqResponseTable *table);
/* Entries in order of adding; func must not change the table. */
void rmq_response_table_foreach (RmqResponseTable *table,
                                 void (*func) (const RmqResponseEntry *entry, gpointer data),
                                 gpointer data);

G_END_DECLS

/* SPDX-License-Identifier: Apache-2.0 */

/* The response table: requests that were written and wait for their answer, by opaque. Both halves
 * have one. Owner only. It keeps no time: the scan is called by whoever has the schedule, and a
 * sync waiter ends its own entry. Entries are taken out before their function runs, so that it may
 * use the table. Opaques count up, so their low bits spread them evenly. */

#include "rmq-response-table.h"

#include "rmq-error-private.h"

#define BUCKETS_MIN 64

struct _RmqResponseFuture
{
  RmqResponseFuture *next; /* in its bucket */
  RmqResponseEntry entry;  /* its address is the connection's */
  RmqConnection *connection;
  RmqResponseFunc func;
  gpointer data;
  GList link; /* in `futures`, by order of adding */
};

struct _RmqResponseTable
{
  RmqEnv *env;
  RmqResponseFuture **buckets; /* by opaque */
  guint n_buckets;             /* a power of two; never fewer than futures */
  GQueue futures;              /* in order of adding: the order in which they are ended */
  guint64 n_unmatched;
};

RmqResponseTable *
rmq_response_table_new (RmqEnv *env)
{
  RmqResponseTable *table = g_new0 (RmqResponseTable, 1);
  table->env = env;
  table->n_buckets = BUCKETS_MIN;
  table->buckets = g_new0 (RmqResponseFuture *, table->n_buckets);
  g_queue_init (&table->futures);
  return table;
}

void
rmq_response_table_free (RmqResponseTable *table)
{
  if (table == NULL)
    return;
  if (table->futures.length > 0)
    {
      g_autoptr (GError) error =
          g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CLOSED, "the client was shut down");
      rmq_response_table_fail (table, NULL, error);
    }
  g_free (table->buckets);
  g_free (table);
}

/* Where the future of the opaque is, or would be. */
static RmqResponseFuture **
place_of (RmqResponseTable *table, gint32 opaque)
{
  RmqResponseFuture **place = &table->buckets[(guint32)opaque & (table->n_buckets - 1)];
  while (*place != NULL && (*place)->entry.opaque != opaque)
    place = &(*place)->next;
  return place;
}

static void
grow (RmqResponseTable *table)
{
  table->n_buckets *= 2;
  g_free (table->buckets);
  table->buckets = g_new0 (RmqResponseFuture *, table->n_buckets);
  for (GList *l = table->futures.head; l != NULL; l = l->next)
    {
      RmqResponseFuture *future = l->data;
      future->next = NULL;
      *place_of (table, future->entry.opaque) = future;
    }
}

void
rmq_response_table_add (RmqResponseTable *table, const RmqResponseEntry *entry,
                        RmqConnection *connection, RmqResponseFunc func, gpointer data)
{
  g_assert (func != NULL);
  if (table->futures.length == table->n_buckets)
    grow (table);
  RmqResponseFuture **place = place_of (table, entry->opaque);
  g_assert (*place == NULL);
  RmqResponseFuture *future = g_new (RmqResponseFuture, 1);
  *future = (RmqResponseFuture){ .entry = *entry,
                                 .connection = rmq_connection_ref (connection),
                                 .func = func,
                                 .data = data,
                                 .link.data = future };
  future->entry.address = rmq_connection_get_address (connection);
  *place = future;
  g_queue_push_tail_link (&table->futures, &future->link);
}

/* (nullable): nobody waits for it */
static RmqResponseFuture *
take_out (RmqResponseTable *table, gint32 opaque)
{
  RmqResponseFuture **place = place_of (table, opaque);
  RmqResponseFuture *future = *place;
  if (future == NULL)
    return NULL;
  *place = future->next;
  g_queue_unlink (&table->futures, &future->link);
  return future;
}

static void
future_free (RmqResponseFuture *future)
{
  rmq_connection_unref (future->connection);
  g_free (future);
}

static void
complete (RmqResponseFuture *future, RmqRemotingCommand *response, const GError *error)
{
  future->func (response, error, future->data);
  future_free (future);
}

gboolean
rmq_response_table_answer (RmqResponseTable *table, RmqRemotingCommand *response)
{
  RmqResponseFuture *future = take_out (table, rmq_remoting_command_get_opaque (response));
  if (future == NULL)
    {
      table->n_unmatched++;
      return FALSE;
    }
  complete (future, response, NULL);
  return TRUE;
}

gboolean
rmq_response_table_remove (RmqResponseTable *table, gint32 opaque)
{
  RmqResponseFuture *future = take_out (table, opaque);
  if (future == NULL)
    return FALSE;
  future_free (future);
  return TRUE;
}

typedef gboolean (*FutureMatch) (const RmqResponseFuture *future, gconstpointer what);

/* Takes all matching futures out first: what their functions add is not touched. */
static void
take_matching (RmqResponseTable *table, FutureMatch matches, gconstpointer what, GQueue *taken)
{
  g_queue_init (taken);
  for (GList *l = table->futures.head, *next; l != NULL; l = next)
    {
      next = l->next;
      if (!matches (l->data, what))
        continue;
      take_out (table, ((RmqResponseFuture *)l->data)->entry.opaque);
      g_queue_push_tail_link (taken, l);
    }
}

static gboolean
is_of_connection (const RmqResponseFuture *future, gconstpointer connection)
{
  return connection == NULL || future->connection == connection;
}

void
rmq_response_table_fail (RmqResponseTable *table, RmqConnection *connection, const GError *error)
{
  g_assert (error != NULL);
  GQueue taken;
  take_matching (table, is_of_connection, connection, &taken);
  for (GList *l; (l = g_queue_pop_head_link (&taken)) != NULL;)
    complete (l->data, NULL, error);
}

static gboolean
is_expired (const RmqResponseFuture *future, gconstpointer latest_due_us)
{
  return future->entry.is_async
         && future->entry.begin_us + future->entry.timeout_us <= *(const gint64 *)latest_due_us;
}

static GError *
timeout_error (const RmqResponseFuture *future)
{
  RmqErrorDetails details = { .broker_addr = future->entry.address, .outcome_unknown = TRUE };
  return rmq_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TIMEOUT, &details,
                        "wait response on the channel <%s> timeout, %" G_GINT64_FORMAT "(ms)",
                        future->entry.address, future->entry.timeout_us / 1000);
}

guint
rmq_response_table_scan (RmqResponseTable *table, gint64 slack_us)
{
  gint64 latest_due_us = rmq_env_now (table->env) - slack_us;
  GQueue taken;
  take_matching (table, is_expired, &latest_due_us, &taken);
  guint n = taken.length;
  for (GList *l; (l = g_queue_pop_head_link (&taken)) != NULL;)
    {
      g_autoptr (GError) error = timeout_error (l->data);
      complete (l->data, NULL, error);
    }
  return n;
}

guint
rmq_response_table_get_size (RmqResponseTable *table)
{
  return table->futures.length;
}

guint64
rmq_response_table_get_n_unmatched (RmqResponseTable *table)
{
  return table->n_unmatched;
}

void
rmq_response_table_foreach (RmqResponseTable *table,
                            void (*func) (const RmqResponseEntry *entry, gpointer data),
                            gpointer data)
{
  for (GList *l = table->futures.head; l != NULL; l = l->next)
    func (&((RmqResponseFuture *)l->data)->entry, data);
}

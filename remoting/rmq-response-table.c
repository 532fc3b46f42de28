/* SPDX-License-Identifier: Apache-2.0 */

/* The response table: requests that were written and wait for their answer, by opaque. Both halves
 * have one. Owner only. It keeps no time: the scan is called by whoever has the schedule, and a
 * sync waiter ends its own entry. Entries are taken out before their function runs, so that it may
 * use the table. */

#include "rmq-response-table.h"

#include "rmq-error.h"

struct _RmqResponseFuture
{
  RmqResponseEntry entry;
  char *address;
  RmqConnection *connection; /* only compared; never followed */
  RmqResponseFunc func;
  gpointer data;
  GList link; /* in `futures`, by order of adding */
};

struct _RmqResponseTable
{
  RmqEnv *env;
  GHashTable *by_opaque; /* opaque → RmqResponseFuture; looked up, never iterated */
  GQueue futures;        /* the same, in order of adding: the order in which they are ended */
  guint64 n_unmatched;
};

RmqResponseTable *
rmq_response_table_new (RmqEnv *env)
{
  RmqResponseTable *table = g_new0 (RmqResponseTable, 1);
  table->env = env;
  table->by_opaque = g_hash_table_new (NULL, NULL);
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
  g_hash_table_unref (table->by_opaque);
  g_free (table);
}

void
rmq_response_table_add (RmqResponseTable *table, const RmqResponseEntry *entry,
                        RmqConnection *connection, RmqResponseFunc func, gpointer data)
{
  g_assert (func != NULL);
  g_assert (!g_hash_table_contains (table->by_opaque, GINT_TO_POINTER (entry->opaque)));
  RmqResponseFuture *future = g_new0 (RmqResponseFuture, 1);
  future->entry = *entry;
  future->address = g_strdup (entry->address);
  future->entry.address = future->address;
  future->connection = connection;
  future->func = func;
  future->data = data;
  future->link.data = future;
  g_hash_table_insert (table->by_opaque, GINT_TO_POINTER (entry->opaque), future);
  g_queue_push_tail_link (&table->futures, &future->link);
}

static void
take_out (RmqResponseTable *table, RmqResponseFuture *future)
{
  g_hash_table_remove (table->by_opaque, GINT_TO_POINTER (future->entry.opaque));
  g_queue_unlink (&table->futures, &future->link);
}

static void
complete (RmqResponseFuture *future, RmqRemotingCommand *response, const GError *error)
{
  future->func (response, error, future->data);
  g_free (future->address);
  g_free (future);
}

gboolean
rmq_response_table_answer (RmqResponseTable *table, RmqRemotingCommand *response)
{
  gint32 opaque = rmq_remoting_command_get_opaque (response);
  RmqResponseFuture *future = g_hash_table_lookup (table->by_opaque, GINT_TO_POINTER (opaque));
  if (future == NULL)
    {
      table->n_unmatched++;
      return FALSE;
    }
  take_out (table, future);
  complete (future, response, NULL);
  return TRUE;
}

gboolean
rmq_response_table_remove (RmqResponseTable *table, gint32 opaque)
{
  RmqResponseFuture *future = g_hash_table_lookup (table->by_opaque, GINT_TO_POINTER (opaque));
  if (future == NULL)
    return FALSE;
  take_out (table, future);
  g_free (future->address);
  g_free (future);
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
      take_out (table, l->data);
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
  RmqErrorDetails details = { .broker_addr = future->address, .outcome_unknown = TRUE };
  return rmq_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TIMEOUT, &details,
                        "wait response on the channel <%s> timeout, %" G_GINT64_FORMAT "(ms)",
                        future->address, future->entry.timeout_us / 1000);
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

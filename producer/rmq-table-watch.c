/* SPDX-License-Identifier: Apache-2.0 */

/* The invariants of every run as looks at live tables, a row each. Runs on the loop, between two
 * events, in builds and tests that ask for it; must never change a table nor ask for its own time
 * or chance, since a run that is watched is the same run. */

#include "rmq-table-watch-private.h"

#include <string.h>

#include "rmq-send-operation-private.h"

/* After its timeout a call is ended by the scan, at the latest: I3. */
#define FORGOTTEN_US (5 * G_USEC_PER_SEC)
/* The tick that a send may take beyond its budget; async: until two scans later. I8. */
#define TICK_SYNC_US (1 * G_USEC_PER_SEC)
#define TICK_ASYNC_US (3 * G_USEC_PER_SEC)

/* One look of one invariant. */
typedef struct
{
  RmqTableWatch *watch;
  RmqProducer *producer;
  RmqClientInstance *instance;
  gint64 now_us;
  GString *rows; /* what breaks it; empty: it holds */
} Look;

static void breach (Look *look, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
breach (Look *look, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  if (look->rows->len > 0)
    g_string_append (look->rows, "; ");
  g_string_append_vprintf (look->rows, format, arguments);
  va_end (arguments);
}

/* ---- I2, I3: responseTable and permits ------------------------------------ */

static void
collect_entry (const RmqResponseEntry *entry, gpointer data)
{
  g_array_append_val ((GArray *)data, *entry);
}

/* (transfer full): of RmqResponseEntry */
static GArray *
collect_entries (const Look *look)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (RmqResponseEntry));
  rmq_response_table_foreach (rmq_remoting_client_get_responses (look->instance->remoting),
                              collect_entry, entries);
  return entries;
}

static gint
compare_opaques (gconstpointer a, gconstpointer b)
{
  const RmqResponseEntry *left = a, *right = b;
  return (left->opaque > right->opaque) - (left->opaque < right->opaque);
}

static void
breach_by_entry (Look *look, const RmqResponseEntry *entry, const char *why)
{
  breach (look, "responseTable opaque %d, code %d, %s, age %" G_GINT64_FORMAT " us: %s",
          entry->opaque, entry->code, entry->address, look->now_us - entry->begin_us, why);
}

typedef struct
{
  guint n_waiting;         /* in responseTable */
  guint n_async, n_oneway; /* hold a permit */
} Calls;

static void
count_call (const RmqInvocation *invocation, gpointer data)
{
  Calls *calls = data;
  calls->n_waiting += invocation->in_table;
  calls->n_async += invocation->holds_permit && invocation->mode == RMQ_INVOKE_ASYNC;
  calls->n_oneway += invocation->holds_permit && invocation->mode == RMQ_INVOKE_ONEWAY;
}

static Calls
count_calls (const Look *look)
{
  Calls calls = { 0 };
  rmq_remoting_client_foreach (look->instance->remoting, count_call, &calls);
  return calls;
}

static void
look_at_opaques (Look *look)
{
  g_autoptr (GArray) entries = collect_entries (look);
  const guint n_waiting = count_calls (look).n_waiting;
  g_array_sort (entries, compare_opaques);
  for (guint i = 1; i < entries->len; i++)
    {
      const RmqResponseEntry *pair = &g_array_index (entries, RmqResponseEntry, i - 1);
      if (pair[0].opaque == pair[1].opaque)
        {
          breach_by_entry (look, &pair[0], "its opaque is another's too");
          breach_by_entry (look, &pair[1], "its opaque is another's too");
        }
    }
  if (entries->len != n_waiting)
    breach (look, "responseTable has %u rows for %u calls that wait", entries->len, n_waiting);
}

/* Of a call or send: the moment from which on nothing excuses it. What was due while its host was
 * paused is late from the end of that pause on. */
static gint64
due_us (const Look *look, gint64 begin_us, gint64 timeout_us, gint64 tick_us)
{
  return MAX (begin_us + timeout_us, look->watch->last_paused_us) + tick_us;
}

static void
breach_by_permits (Look *look, const char *kind, guint available, guint held)
{
  if (available + held != RMQ_PERMITS_MAX)
    breach (look, "permits %s: %u available and %u held are not %u", kind, available, held,
            RMQ_PERMITS_MAX);
}

static void
look_at_ages_and_permits (Look *look)
{
  RmqRemotingClient *remoting = look->instance->remoting;
  g_autoptr (GArray) entries = collect_entries (look);
  const Calls calls = count_calls (look);
  for (guint i = 0; i < entries->len; i++)
    {
      const RmqResponseEntry *entry = &g_array_index (entries, RmqResponseEntry, i);
      if (look->now_us > due_us (look, entry->begin_us, entry->timeout_us, FORGOTTEN_US))
        breach_by_entry (look, entry, "forgotten");
    }
  breach_by_permits (look, "async", rmq_remoting_client_get_async_permits (remoting),
                     calls.n_async);
  breach_by_permits (look, "oneway", rmq_remoting_client_get_oneway_permits (remoting),
                     calls.n_oneway);
}

/* ---- I7, I9: queue lists -------------------------------------------------- */

/* A topic's queue list as last seen. */
typedef struct
{
  char *topic;
  const RmqTopicPublishInfo *info; /* compared, never followed */
  guint64 generation;
  guint n_queues;
  gboolean ordered; /* by orderTopicConf */
  guint64 in_order; /* of its queues in their order */
  guint64 as_set;   /* of the same queues in any order */
} Seen;

static void
free_seen (gpointer data)
{
  Seen *seen = data;
  g_free (seen->topic);
  g_free (seen);
}

static guint64
queue_digest (RmqMessageQueue *queue)
{
  guint64 state = rmq_hash_text (rmq_message_queue_get_broker_name (queue))
                  + (guint64)rmq_message_queue_get_queue_id (queue);
  return rmq_splitmix64 (&state);
}

static Seen
see (const RmqTopicPublishInfo *info)
{
  Seen seen = { .info = info,
                .generation = info->generation,
                .n_queues = info->queues->len,
                .ordered = info->order_topic };
  for (guint i = 0; i < info->queues->len; i++)
    {
      const guint64 digest = queue_digest (g_array_index (info->queues, RmqPublishQueue, i).queue);
      seen.as_set += digest;
      seen.in_order = (seen.in_order ^ digest) * G_GUINT64_CONSTANT (0x9fb21c651e98df25);
    }
  return seen;
}

/* (nullable): not seen before */
static Seen *
find_seen (RmqTableWatch *watch, const char *topic)
{
  for (guint i = 0; i < watch->seen->len; i++)
    {
      Seen *seen = g_ptr_array_index (watch->seen, i);
      if (strcmp (seen->topic, topic) == 0)
        return seen;
    }
  return NULL;
}

static void
breach_by_list (Look *look, const RmqTopicPublishInfo *info, const char *why)
{
  g_autoptr (GString) queues = g_string_new (NULL);
  for (guint i = 0; i < info->queues->len; i++)
    {
      RmqMessageQueue *queue = g_array_index (info->queues, RmqPublishQueue, i).queue;
      g_string_append_printf (queues, " %s:%d", rmq_message_queue_get_broker_name (queue),
                              rmq_message_queue_get_queue_id (queue));
    }
  breach (look, "topicPublishInfoTable %s, generation %" G_GUINT64_FORMAT ": %s; messageQueues:%s",
          info->topic, info->generation, why, queues->str);
}

/* A selector that takes hash % n finds each key where it was. */
static void
look_at_places (Look *look)
{
  for (guint i = 0; i < look->producer->publish_infos->len; i++)
    {
      const RmqTopicPublishInfo *info = g_ptr_array_index (look->producer->publish_infos, i);
      const Seen *before = find_seen (look->watch, info->topic);
      const Seen now = see (info);
      if (before != NULL && before->info != info && !before->ordered && !now.ordered
          && before->n_queues == now.n_queues && before->as_set == now.as_set
          && before->in_order != now.in_order)
        breach_by_list (look, info, "the same queues in another order");
    }
}

static gboolean
lists_agree (const RmqTopicPublishInfo *info)
{
  if (info->list->len != info->queues->len)
    return FALSE;
  for (guint i = 0; i < info->list->len; i++)
    if (g_ptr_array_index (info->list, i) != g_array_index (info->queues, RmqPublishQueue, i).queue)
      return FALSE;
  return TRUE;
}

static void
look_at_lists (Look *look)
{
  for (guint i = 0; i < look->producer->publish_infos->len; i++)
    {
      const RmqTopicPublishInfo *info = g_ptr_array_index (look->producer->publish_infos, i);
      const Seen *before = find_seen (look->watch, info->topic);
      const Seen now = see (info);
      if (before != NULL && before->info == info && before->generation == info->generation
          && before->in_order != now.in_order)
        breach_by_list (look, info, "changed after publication");
      else if (!lists_agree (info))
        breach_by_list (look, info, "selectors get another list");
    }
}

static void
remember_lists (RmqTableWatch *watch)
{
  for (guint i = 0; i < watch->producer->publish_infos->len; i++)
    {
      const RmqTopicPublishInfo *info = g_ptr_array_index (watch->producer->publish_infos, i);
      Seen *seen = find_seen (watch, info->topic);
      char *topic = seen != NULL ? seen->topic : g_strdup (info->topic);
      if (seen == NULL)
        {
          seen = g_new (Seen, 1);
          g_ptr_array_add (watch->seen, seen);
        }
      *seen = see (info);
      seen->topic = topic;
    }
}

/* ---- I8, I12: sends under way --------------------------------------------- */

static void
breach_by_send (Look *look, const RmqSendOperation *op, const char *why)
{
  breach (look,
          "send %" G_GUINT64_FORMAT " to %s, attempt %u at %s:%d, begun %" G_GINT64_FORMAT
          " us ago, timeout %" G_GINT64_FORMAT " us: %s",
          op->tag, op->topic, op->attempts,
          op->chosen != NULL ? rmq_message_queue_get_broker_name (op->chosen) : "-",
          op->chosen != NULL ? rmq_message_queue_get_queue_id (op->chosen) : -1,
          look->now_us - op->begin_us, op->timeout_us, why);
}

/* The route lookup before the first attempt has its own time. */
static void
look_at_budgets (Look *look)
{
  for (const GList *l = look->producer->operations.head; l != NULL; l = l->next)
    {
      const RmqSendOperation *op = l->data;
      const gint64 tick_us = op->mode == RMQ_SEND_ASYNC ? TICK_ASYNC_US : TICK_SYNC_US;
      if (op->attempts > 0 && look->now_us > due_us (look, op->begin_us, op->timeout_us, tick_us))
        breach_by_send (look, op, "outlives its budget");
    }
}

/* The row async-retry-queue keeps the first queue's id on another broker. */
static gboolean
keeps_queue_id (const RmqSendOperation *op)
{
  return op->retries > 0
         && rmq_profile_get_choice (&op->producer->options.profile, RMQ_ROW_ASYNC_RETRY_QUEUE)
                == RMQ_ASYNC_RETRY_QUEUE_KEPT;
}

static void
look_at_queue_ids (Look *look)
{
  for (const GList *l = look->producer->operations.head; l != NULL; l = l->next)
    {
      const RmqSendOperation *op = l->data;
      if (op->info != NULL && op->chosen != NULL && op->queue == NULL && !keeps_queue_id (op)
          && rmq_topic_publish_info_find (op->info, op->chosen) < 0)
        breach_by_send (look, op, "the route has no such queue");
    }
}

/* ---- the table ------------------------------------------------------------ */

static const struct
{
  const char *invariant;
  void (*look) (Look *look);
} looks[] = {
  { "I2 in responseTable opaques are distinct, each is of a call that waits", look_at_opaques },
  { "I3 responseTable forgets nothing, permits are free or held", look_at_ages_and_permits },
  { "I7 queues that stay keep their places", look_at_places },
  { "I8 no send under way outlives its budget", look_at_budgets },
  { "I9 a published queue list does not change", look_at_lists },
  { "I12 each attempt goes to a queue of the route it holds", look_at_queue_ids },
};

RmqTableWatch *
rmq_table_watch_new (RmqProducer *producer)
{
  RmqTableWatch *watch = g_new0 (RmqTableWatch, 1);
  watch->producer = producer;
  watch->last_paused_us = G_MININT64;
  watch->seen = g_ptr_array_new_with_free_func (free_seen);
  return watch;
}

void
rmq_table_watch_free (RmqTableWatch *watch)
{
  g_ptr_array_unref (watch->seen);
  g_free (watch);
}

void
rmq_table_watch_look (RmqTableWatch *watch, RmqBreachFunc func, gpointer data)
{
  RmqProducer *producer = watch->producer;
  if (producer->instance == NULL)
    return;
  g_assert (rmq_env_is_owner (producer->env));
  g_autoptr (GString) rows = g_string_new (NULL);
  Look look = { .watch = watch,
                .producer = producer,
                .instance = producer->instance,
                .now_us = rmq_env_now (producer->env),
                .rows = rows };
  if (rmq_env_is_paused (producer->env))
    watch->last_paused_us = look.now_us;
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_string_truncate (rows, 0);
      looks[i].look (&look);
      if (rows->len > 0)
        func (looks[i].invariant, rows->str, data);
    }
  remember_lists (watch);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Pulls that found nothing and may wait. A message wakes those it is for; every 5 s from the
 * broker's start all are looked at, and those answered whose time is over. On the broker's loop,
 * owner only. It reads no message: who is woken pulls once more, and must not wait again. */

#include "rmq-pull-request-hold.h"

#include "rmq-mock-broker-private.h"
#include "rmq-pull-processor.h"

#define CHECK_PERIOD_US (5 * G_TIME_SPAN_SECOND)
#define DISPATCH_LAG_US G_TIME_SPAN_MILLISECOND /* from the log to the queue */

typedef struct
{
  RmqHeldRequest *request; /* (nullable): handed over */
  char *group;
  char *topic;
  gint queue_id;
  gint64 offset;
  RmqPullFilter filter;
  gint64 suspended_us;
  gint64 timeout_us;
  gboolean woken;
} Pull;

static void
pull_free (gpointer data)
{
  Pull *pull = data;
  g_clear_pointer (&pull->request, rmq_held_request_free);
  rmq_pull_filter_clear (&pull->filter);
  g_free (pull->group);
  g_free (pull->topic);
  g_free (pull);
}

static RmqEnv *
get_env (const RmqPullRequestHold *self)
{
  return rmq_mock_server_get_env (self->broker->server);
}

void
rmq_pull_request_hold_init (RmqPullRequestHold *self, RmqMockBroker *broker)
{
  *self = (RmqPullRequestHold){
    .broker = broker,
    .held = g_ptr_array_new_with_free_func (pull_free),
  };
}

void
rmq_pull_request_hold_clear (RmqPullRequestHold *self)
{
  rmq_pull_request_hold_halt (self);
  g_clear_pointer (&self->held, g_ptr_array_unref);
}

void
rmq_pull_request_hold_start (RmqPullRequestHold *self)
{
  self->started_us = rmq_env_now (get_env (self));
}

void
rmq_pull_request_hold_halt (RmqPullRequestHold *self)
{
  RmqEnv *env = get_env (self);
  if (env == NULL)
    return;
  rmq_env_timer_stop (env, &self->check_timer);
  rmq_env_timer_stop (env, &self->wake_timer);
  g_ptr_array_set_size (self->held, 0);
}

/* ---- waking -------------------------------------------------------------- */

static void
wake (gpointer data)
{
  RmqPullRequestHold *self = data;
  g_autoptr (GPtrArray) woken = g_ptr_array_new_with_free_func (pull_free);
  for (guint i = 0; i < self->held->len;)
    {
      Pull *pull = g_ptr_array_index (self->held, i);
      if (pull->woken)
        g_ptr_array_add (woken, g_ptr_array_steal_index (self->held, i));
      else
        i++;
    }
  for (guint i = 0; i < woken->len; i++)
    {
      Pull *pull = g_ptr_array_index (woken, i);
      rmq_mock_broker_pull_again (self->broker, g_steal_pointer (&pull->request));
    }
}

static void arm_check (RmqPullRequestHold *self);

static void
check (gpointer data)
{
  RmqPullRequestHold *self = data;
  gint64 now_us = rmq_env_now (get_env (self));
  for (guint i = 0; i < self->held->len; i++)
    {
      Pull *pull = g_ptr_array_index (self->held, i);
      gint64 newest =
          rmq_message_store_get_max_offset (&self->broker->store, pull->topic, pull->queue_id);
      pull->woken |= newest > pull->offset || now_us - pull->suspended_us >= pull->timeout_us;
    }
  wake (self);
  if (self->held->len > 0)
    arm_check (self);
}

/* On the grid that began with the broker. */
static void
arm_check (RmqPullRequestHold *self)
{
  RmqEnv *env = get_env (self);
  gint64 n_periods = (rmq_env_now (env) - self->started_us) / CHECK_PERIOD_US;
  rmq_env_timer_start (env, &self->check_timer,
                       self->started_us + (n_periods + 1) * CHECK_PERIOD_US, check, self);
}

gboolean
rmq_pull_request_hold_has_room (RmqPullRequestHold *self)
{
  gboolean was_full = self->is_full;
  self->is_full = self->held->len >= RMQ_HELD_PULLS_MAX;
  if (self->is_full && !was_full)
    g_info ("%s: %d pulls wait; more are answered at once", self->broker->name, RMQ_HELD_PULLS_MAX);
  return !self->is_full;
}

void
rmq_pull_request_hold_add (RmqPullRequestHold *self, RmqHeldRequest *request,
                           const RmqPullWish *wish)
{
  g_assert (self->held->len < RMQ_HELD_PULLS_MAX);
  Pull *pull = g_new0 (Pull, 1);
  pull->request = request;
  pull->group = g_strdup (wish->group);
  pull->topic = g_strdup (wish->topic);
  pull->queue_id = wish->queue_id;
  pull->offset = wish->offset;
  pull->suspended_us = rmq_env_now (get_env (self));
  pull->timeout_us = CLAMP (wish->timeout_ms, 0, G_MAXINT32) * G_TIME_SPAN_MILLISECOND;
  rmq_pull_filter_copy (&pull->filter, &wish->filter);
  g_ptr_array_add (self->held, pull);
  if (self->held->len == 1)
    arm_check (self);
}

void
rmq_pull_request_hold_arrived (RmqPullRequestHold *self, const RmqStoredMessage *stored)
{
  gboolean any = FALSE;
  for (guint i = 0; i < self->held->len; i++)
    {
      Pull *pull = g_ptr_array_index (self->held, i);
      if (pull->woken || pull->queue_id != stored->queue_id || stored->queue_offset < pull->offset
          || !g_str_equal (pull->topic, stored->topic)
          || !rmq_pull_filter_matches (&pull->filter, stored->tags_code))
        continue;
      pull->woken = any = TRUE;
    }
  RmqEnv *env = get_env (self);
  if (any)
    rmq_env_timer_start (env, &self->wake_timer, rmq_env_now (env) + DISPATCH_LAG_US, wake, self);
}

void
rmq_pull_request_hold_connection_ended (RmqPullRequestHold *self, RmqConnection *connection)
{
  for (guint i = self->held->len; i > 0; i--)
    {
      Pull *pull = g_ptr_array_index (self->held, i - 1);
      if (rmq_held_request_get_connection (pull->request) == connection)
        g_ptr_array_remove_index (self->held, i - 1);
    }
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "group", RMQ_CELL_TEXT, NULL, "consumer group that pulls",
    "PullMessageRequestHeader#consumerGroup" },
  { "topic", RMQ_CELL_TEXT, NULL, "name of the topic", "pullRequestTable key" },
  { "queueId", RMQ_CELL_INT, NULL, "number of the queue, from 0", "pullRequestTable key" },
  { "offset", RMQ_CELL_INT, "messages", "the message it waits for",
    "PullRequest#pullFromThisOffset" },
  { "suspended", RMQ_CELL_MOMENT_US, NULL, "when it began to wait",
    "PullRequest#suspendTimestamp" },
  { "timeout", RMQ_CELL_SPAN_US, NULL, "how long it may wait, until the next look all 5 s",
    "PullRequest#timeoutMillis" },
};
static const RmqTableSchema schema = {
  "pullRequestTable",
  "Held pulls",
  "Pulls that found nothing and wait for a message.",
  "PullRequestHoldService#pullRequestTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_pull_request_hold_fill_snapshot (const RmqPullRequestHold *self, const char *owner,
                                     RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->held->len; i++)
    {
      const Pull *pull = g_ptr_array_index (self->held, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, pull->group);
      rmq_table_add_text (table, pull->topic);
      rmq_table_add_number (table, pull->queue_id);
      rmq_table_add_number (table, pull->offset);
      rmq_table_add_number (table, pull->suspended_us);
      rmq_table_add_number (table, pull->timeout_us);
    }
}

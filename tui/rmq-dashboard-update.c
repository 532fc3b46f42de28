/* SPDX-License-Identifier: Apache-2.0 */

/* update (model, message): the only way the dashboard's data changes. A tick replaces what is seen,
 * keeps what rates of the last seconds need, and holds the selection on its row; a key runs its
 * row's action. */

#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

static void
append_event (GArray *tail, const RmqDashboardEvent *event)
{
  g_array_append_val (tail, *event);
  if (tail->len >= 2 * RMQ_EVENT_TAIL_MAX)
    g_array_remove_range (tail, 0, tail->len - RMQ_EVENT_TAIL_MAX);
}

static void
take_events (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  for (guint i = 0; i < msg->n_events; i++)
    {
      const RmqDashboardEvent *event = &msg->events[i];
      append_event (model->all, event);
      rmq_dashboard_samples_add (model->samples, &event->event);
      if (event->event.kind->hot)
        model->n_hot++;
      else
        append_event (model->rare, event);
    }
  model->n_missed += msg->n_missed;
}

/* The first of the past is the newest that is at least a window old. */
static void
keep_past (RmqDashboardModel *model)
{
  GPtrArray *past = model->past;
  gint64 now = rmq_snapshot_get_at_us (model->snapshot);
  if (past->len == 0
      || now - rmq_snapshot_get_at_us (g_ptr_array_index (past, past->len - 1))
             >= RMQ_WINDOW_US / 10)
    g_ptr_array_add (past, rmq_snapshot_ref (model->snapshot));
  while (past->len > 1
         && rmq_snapshot_get_at_us (g_ptr_array_index (past, 1)) <= now - RMQ_WINDOW_US)
    g_ptr_array_remove_index (past, 0);
}

static void
hold_selection (RmqDashboardModel *model)
{
  g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (model);
  gint found = model->row_key != NULL ? rmq_dashboard_rows_find (rows, model->row_key) : -1;
  if (found >= 0)
    model->row = (guint)found;
  else
    model->row = MIN (model->row, MAX (rows->rows->len, 1) - 1);
}

static RmqDashboardEffect
take_tick (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  gboolean frozen = model->paused && model->badge == RMQ_BADGE_TCP;
  gboolean same = msg->snapshot == model->snapshot && msg->n_events == 0
                  && msg->now_us == model->now_us && msg->reached == model->reached;
  take_events (model, msg);
  if (frozen || same)
    return RMQ_EFFECT_NONE;
  g_assert (msg->snapshot != NULL);
  rmq_snapshot_ref (msg->snapshot);
  rmq_snapshot_unref (model->snapshot);
  model->snapshot = msg->snapshot;
  model->now_us = msg->now_us;
  model->ev = msg->ev;
  model->reached = msg->reached;
  keep_past (model);
  rmq_dashboard_samples_trim (model->samples, model->now_us);
  model->generation++;
  return RMQ_EFFECT_NONE;
}

static RmqDashboardEffect
take_key (RmqDashboardModel *model, guint32 key)
{
  const RmqDashboardKey *found;
  model->generation++;
  if (model->prompt.open)
    {
      found = rmq_dashboard_key_find (rmq_dashboard_prompt_keys, rmq_dashboard_n_prompt_keys, key);
      if (found == NULL)
        return rmq_dashboard_prompt_type (model, key);
      return rmq_dashboard_key_run (model, found, key);
    }
  found = rmq_dashboard_key_find (rmq_dashboard_keys, rmq_dashboard_n_keys, key);
  return found != NULL ? rmq_dashboard_key_run (model, found, key) : RMQ_EFFECT_NONE;
}

static RmqDashboardEffect
take_size (RmqDashboardModel *model, guint width, guint height)
{
  model->generation++;
  model->width = width;
  model->height = height;
  return RMQ_EFFECT_NONE;
}

static RmqDashboardEffect
take_report (RmqDashboardModel *model, const char *text)
{
  model->generation++;
  model->over = TRUE;
  g_free (model->report);
  model->report = g_strdup (text);
  model->page = RMQ_PAGE_REPORT;
  model->scroll = 0;
  return RMQ_EFFECT_NONE;
}

static RmqDashboardEffect
dispatch (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  switch (msg->kind)
    {
    case RMQ_MSG_KEY:
      return take_key (model, msg->key);
    case RMQ_MSG_TICK:
      return take_tick (model, msg);
    case RMQ_MSG_RESIZE:
      return take_size (model, msg->width, msg->height);
    case RMQ_MSG_ANSWER:
      model->generation++;
      rmq_dashboard_prompt_take_answer (model, msg);
      return RMQ_EFFECT_NONE;
    case RMQ_MSG_REPORT:
      return take_report (model, msg->text);
    }
  g_assert_not_reached ();
}

RmqDashboardEffect
rmq_dashboard_update (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  guint64 before = model->generation;
  RmqDashboardEffect effect = dispatch (model, msg);
  if (model->generation == before)
    return effect;
  rmq_snapshot_unref (model->derived);
  model->derived = rmq_dashboard_derive (model);
  hold_selection (model);
  return effect;
}

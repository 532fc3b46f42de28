/* SPDX-License-Identifier: Apache-2.0 */

/* update (model, message): the only way the dashboard's data changes. A tick replaces what is seen,
 * keeps what rates of the last seconds need, and holds the selection on its row; a key runs its
 * row's action. */

#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-view.h"

static void
append_event (GArray *tail, const RmqDashboardEvent *event, guint max)
{
  g_array_append_val (tail, *event);
  if (tail->len >= 2 * max)
    g_array_remove_range (tail, 0, tail->len - max);
}

static void
take_events (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  for (guint i = 0; i < msg->n_events; i++)
    {
      const RmqDashboardEvent *event = &msg->events[i];
      append_event (model->all, event, RMQ_EVENT_TAIL_MAX);
      rmq_dashboard_samples_add (model->samples, &event->event);
      if (event->event.kind->hot)
        model->n_hot++;
      else
        append_event (model->rare, event, RMQ_RARE_EVENTS_MAX);
    }
  model->n_missed += msg->n_missed;
}

/* The first of the past is the newest that is at least a window old. A simulated run is seen at the
 * very start of each slot, so that what the window shows hangs on no frame. */
static void
keep_past (RmqDashboardModel *model)
{
  GPtrArray *past = model->past;
  const gint64 now_us = rmq_snapshot_get_at_us (model->snapshot) - model->zero_us;
  gint64 last_us = -RMQ_SLOT_US;
  if (past->len > 0)
    last_us = rmq_snapshot_get_at_us (g_ptr_array_index (past, past->len - 1)) - model->zero_us;
  if (now_us / RMQ_SLOT_US > last_us / RMQ_SLOT_US)
    g_ptr_array_add (past, rmq_snapshot_ref (model->snapshot));
  while (past->len > 1
         && rmq_snapshot_get_at_us (g_ptr_array_index (past, 1)) - model->zero_us
                <= now_us - RMQ_WINDOW_US)
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

/* Nothing new is let in. */
static gboolean
is_frozen (const RmqDashboardModel *model)
{
  return model->present != NULL || (model->paused && model->badge == RMQ_BADGE_TCP);
}

static void
see (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  g_assert (msg->snapshot != NULL);
  rmq_snapshot_ref (msg->snapshot);
  rmq_snapshot_unref (model->snapshot);
  model->snapshot = msg->snapshot;
  model->now_us = msg->now_us;
  model->ev = msg->ev;
  model->n_lines = msg->n_lines;
  keep_past (model);
  rmq_dashboard_samples_trim (model->samples, model->now_us);
  rmq_snapshot_unref (model->flows);
  model->flows = rmq_dashboard_derive_flows (model);
  model->health = rmq_dashboard_measure_health (model);
}

static RmqDashboardEffect
take_tick (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  gboolean same = msg->snapshot == model->snapshot && msg->n_events == 0 && !model->stale
                  && msg->now_us == model->now_us && msg->reached == model->reached;
  take_events (model, msg);
  if (is_frozen (model) || same)
    return RMQ_EFFECT_NONE;
  see (model, msg);
  model->reached = msg->reached;
  model->stale = FALSE;
  model->generation++;
  return RMQ_EFFECT_NONE;
}

/* No redraw: a tick follows. */
static RmqDashboardEffect
take_moment (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  take_events (model, msg);
  if (is_frozen (model))
    return RMQ_EFFECT_NONE;
  see (model, msg);
  if (msg->remember)
    rmq_dashboard_model_remember (model);
  model->stale = TRUE;
  return RMQ_EFFECT_NONE;
}

static RmqDashboardEffect
take_look (RmqDashboardModel *model, const RmqDashboardMoment *moment)
{
  model->generation++;
  if (moment != NULL)
    rmq_dashboard_model_look (model, moment);
  else
    rmq_dashboard_model_return (model);
  return RMQ_EFFECT_NONE;
}

/* Events and samples were the old run's, whose log goes: those of the new one follow with a tick.
 */
static RmqDashboardEffect
branch_off (RmqDashboardModel *model)
{
  model->generation++;
  rmq_dashboard_moments_forget_after (&model->moments, model->ev);
  g_clear_pointer (&model->present, rmq_dashboard_moment_free);
  g_array_set_size (model->rare, 0);
  g_array_set_size (model->all, 0);
  g_array_set_size (model->samples, 0);
  g_ptr_array_set_size (model->past, 0);
  model->n_hot = 0;
  model->over = FALSE;
  g_clear_pointer (&model->report, g_free);
  if (model->page == RMQ_PAGE_REPORT)
    model->page = RMQ_PAGE_TABLES;
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
    case RMQ_MSG_MOMENT:
      return take_moment (model, msg);
    case RMQ_MSG_LOOK:
      return take_look (model, msg->moment);
    case RMQ_MSG_BRANCH:
      return branch_off (model);
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
  model->derived = model->snapshot != NULL ? rmq_dashboard_derive_log (model) : NULL;
  hold_selection (model);
  return effect;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Looking back: which moment is shown in place of the present, and the keys that choose it. The run
 * stays where it is; a moment that isn't remembered is asked of the loop, which has it from a run
 * once more. Plain data only. */

#include "rmq-dashboard-keys.h"

#include <string.h>

/* Shares what the model holds. */
static RmqDashboardMoment
what_is_seen (const RmqDashboardModel *model)
{
  return (RmqDashboardMoment){ .ev = model->ev,
                               .n_lines = model->n_lines,
                               .now_us = model->now_us,
                               .n_hot = model->n_hot,
                               .snapshot = model->snapshot,
                               .flows = model->flows,
                               .health = model->health };
}

void
rmq_dashboard_model_remember (RmqDashboardModel *model)
{
  const RmqDashboardMoment seen = what_is_seen (model);
  rmq_dashboard_moments_add (&model->moments, &seen);
}

static void
show (RmqDashboardModel *model, const RmqDashboardMoment *moment)
{
  rmq_snapshot_ref (moment->snapshot);
  rmq_snapshot_ref (moment->flows);
  rmq_snapshot_unref (model->snapshot);
  rmq_snapshot_unref (model->flows);
  model->snapshot = moment->snapshot;
  model->flows = moment->flows;
  model->health = moment->health;
  model->now_us = moment->now_us;
  model->n_hot = moment->n_hot;
  model->n_lines = moment->n_lines;
  model->ev = moment->ev;
}

void
rmq_dashboard_model_look (RmqDashboardModel *model, const RmqDashboardMoment *moment)
{
  if (model->present == NULL)
    {
      const RmqDashboardMoment seen = what_is_seen (model);
      model->present = rmq_dashboard_moment_copy (&seen);
    }
  show (model, moment);
}

void
rmq_dashboard_model_return (RmqDashboardModel *model)
{
  if (model->present == NULL)
    return;
  show (model, model->present);
  g_clear_pointer (&model->present, rmq_dashboard_moment_free);
}

/* ---- keys ---------------------------------------------------------------- */

static RmqDashboardEffect
say (RmqDashboardModel *model, char *text)
{
  g_free (model->prompt.answer);
  model->prompt.answer = text;
  model->prompt.is_error = FALSE;
  model->prompt.error_column = 0;
  return RMQ_EFFECT_NONE;
}

/* A remembered moment, else one for which the loop has to see. */
static RmqDashboardEffect
look_at (RmqDashboardModel *model, guint64 ev)
{
  const RmqDashboardMoment *moment = rmq_dashboard_moments_find (&model->moments, ev);
  model->target_ev = ev;
  if (moment == NULL)
    return RMQ_EFFECT_LOOK;
  rmq_dashboard_model_look (model, moment);
  return RMQ_EFFECT_NONE;
}

/* Over TCP there is only what is remembered. */
static RmqDashboardEffect
look_at_remembered (RmqDashboardModel *model, const RmqDashboardMoment *moment)
{
  if (moment == NULL || (model->present != NULL && moment->ev >= model->present->ev))
    rmq_dashboard_model_return (model);
  else
    rmq_dashboard_model_look (model, moment);
  return RMQ_EFFECT_NONE;
}

/* Number of the last notable event before ev; 0: none is known. */
static guint64
notable_before (const RmqDashboardModel *model, guint64 ev)
{
  for (guint i = model->rare->len; i > 0; i--)
    {
      const RmqEvent *event = &g_array_index (model->rare, RmqDashboardEvent, i - 1).event;
      if (event->ev < ev)
        return event->ev;
    }
  return 0;
}

/* 0: none up to the present. */
static guint64
notable_after (const RmqDashboardModel *model, guint64 ev)
{
  guint64 found = 0;
  for (guint i = model->rare->len; i > 0; i--)
    {
      const RmqEvent *event = &g_array_index (model->rare, RmqDashboardEvent, i - 1).event;
      if (event->ev <= ev)
        break;
      found = event->ev;
    }
  return found;
}

RmqDashboardEffect
rmq_dashboard_act_look_back (RmqDashboardModel *model, gint unused)
{
  model->page = RMQ_PAGE_TABLES;
  g_clear_pointer (&model->prompt.answer, g_free);
  if (model->badge == RMQ_BADGE_TCP)
    {
      const RmqDashboardMoment *before = rmq_dashboard_moments_before (&model->moments, model->ev);
      return before != NULL ? look_at_remembered (model, before)
                            : say (model, g_strdup ("nothing earlier is remembered"));
    }
  const guint64 ev = notable_before (model, model->ev);
  if (ev <= model->zero_ev)
    return say (model, g_strdup ("nothing notable happened before"));
  model->paused = TRUE;
  return look_at (model, ev);
}

RmqDashboardEffect
rmq_dashboard_act_step (RmqDashboardModel *model, gint unused)
{
  if (model->badge == RMQ_BADGE_LAB)
    model->paused = TRUE;
  if (model->present == NULL)
    return model->badge == RMQ_BADGE_LAB
               ? RMQ_EFFECT_STEP
               : say (model, g_strdup ("over TCP time goes on by itself: no steps"));
  if (model->badge == RMQ_BADGE_LAB)
    return RMQ_EFFECT_LOOK_ON;
  return look_at_remembered (model, rmq_dashboard_moments_after (&model->moments, model->ev));
}

RmqDashboardEffect
rmq_dashboard_act_notable (RmqDashboardModel *model, gint unused)
{
  if (model->badge == RMQ_BADGE_TCP)
    return rmq_dashboard_act_step (model, unused);
  model->paused = TRUE;
  if (model->present == NULL)
    return RMQ_EFFECT_NOTABLE;
  const guint64 ev = notable_after (model, model->ev);
  if (ev != 0 && ev < model->present->ev)
    return look_at (model, ev);
  rmq_dashboard_model_return (model);
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_act_open_goto (RmqDashboardModel *model, gint unused)
{
  rmq_dashboard_prompt_open (model, 0);
  for (const char *p = "goto ev:"; *p != '\0'; p++)
    rmq_dashboard_prompt_type (model, (guint32)*p);
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_goto (RmqDashboardModel *model, guint64 ev)
{
  const guint64 present = model->present != NULL ? model->present->ev : model->ev;
  model->page = RMQ_PAGE_TABLES;
  if (model->badge == RMQ_BADGE_LAB)
    model->paused = TRUE;
  if (ev == present)
    {
      rmq_dashboard_model_return (model);
      return RMQ_EFFECT_NONE;
    }
  if (model->badge == RMQ_BADGE_TCP)
    {
      const RmqDashboardMoment *moment = rmq_dashboard_moments_before (&model->moments, ev + 1);
      return ev < present && moment != NULL
                 ? look_at_remembered (model, moment)
                 : say (model, g_strdup ("over TCP only what is remembered can be looked at"));
    }
  if (ev < present)
    return ev > model->zero_ev
               ? look_at (model, ev)
               : say (model, g_strdup_printf ("the scenario begins after ev %" G_GUINT64_FORMAT,
                                              model->zero_ev));
  rmq_dashboard_model_return (model);
  model->target_ev = ev;
  return RMQ_EFFECT_GOTO;
}

gboolean
rmq_dashboard_run_goto (RmqDashboardModel *model, const char *command, RmqDashboardEffect *effect)
{
  guint64 ev = 0;
  if (!g_str_has_prefix (command, "goto ev:")
      || !g_ascii_string_to_unsigned (command + strlen ("goto ev:"), 10, 1, G_MAXINT64, &ev, NULL))
    return FALSE;
  *effect = rmq_dashboard_goto (model, ev);
  return TRUE;
}

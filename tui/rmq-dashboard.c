/* SPDX-License-Identifier: Apache-2.0 */

/* The loop of the dashboard: keys, signals and a frame timer on a context of its own, in the thread
 * that made the run. A simulated run is driven from here, by the wall clock times the speed; a real
 * one goes on by itself in its world's thread, so that a terminal that stops reading never stops a
 * client. Draws only when the model moved, at most twenty times a second. */

#include "rmq-dashboard.h"

#include <glib-unix.h>
#include <signal.h>

#include "rmq-dashboard-curses.h"
#include "rmq-dashboard-feed.h"
#include "rmq-dashboard-keys.h"
#include "rmq-dashboard-log.h"
#include "rmq-dashboard-view.h"

#define FRAME_MS 50
#define REDRAW_US (FRAME_MS * 900) /* a little less than a frame, so that none is skipped */
#define REAL_TICK_US 250000        /* four snapshots a second disturb nobody */
#define WORK_US 8000               /* of a frame, spent on simulating */
#define SLICES 16 /* of a frame's simulated time: how often the work is looked at */
#define ELAPSED_MAX_US                                                                             \
  (4 * FRAME_MS * 1000) /* after a stop of the process nothing is made up for */

typedef struct
{
  RmqDashboardFeed feed;
  RmqScreen *screen;
  GMainContext *context;
  GMainLoop *loop;
  GPtrArray *sources; /* of GSource, attached */
  gint64 frame_at_us; /* wall clock of the last frame */
  gint64 tick_at_us;  /* of the last look at the run */
  gint64 drawn_at_us;
  guint64 drawn; /* generation on the screen */
} Dashboard;

/* ---- pacing -------------------------------------------------------------- */

/* Drives the run to its time, or as far as a frame's work gets; returns the speed that was reached
 * in hundredths, 0 if all that was due was done. */
static guint
drive (Dashboard *self, gint64 elapsed_us)
{
  RmqRun *run = self->feed.run;
  gint64 start = rmq_run_get_now_us (run);
  gint64 due = elapsed_us * rmq_dashboard_speeds[self->feed.model->speed] / 100;
  gint64 stop_working = g_get_monotonic_time () + WORK_US;
  for (gint slice = 1; slice <= SLICES; slice++)
    {
      rmq_dashboard_feed_drive (&self->feed, start + due * slice / SLICES);
      if (rmq_run_is_over (run))
        return 0;
      if (slice < SLICES && g_get_monotonic_time () > stop_working)
        return (guint)(due * slice / SLICES * 100 / MAX (elapsed_us, 1));
    }
  return 0;
}

static void
draw (Dashboard *self)
{
  RmqDashboardModel *model = self->feed.model;
  gint64 now = g_get_monotonic_time ();
  if (self->drawn == model->generation || now - self->drawn_at_us < REDRAW_US)
    return;
  self->drawn = model->generation;
  self->drawn_at_us = now;
  g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (model, model->width, model->height);
  rmq_screen_blit (self->screen, canvas);
}

static void
look (Dashboard *self, guint reached)
{
  self->tick_at_us = g_get_monotonic_time ();
  rmq_dashboard_feed_tick (&self->feed, reached);
  rmq_dashboard_feed_judge (&self->feed);
}

static gboolean
frame_cb (gpointer data)
{
  Dashboard *self = data;
  RmqDashboardModel *model = self->feed.model;
  gint64 now = g_get_monotonic_time ();
  gint64 elapsed = MIN (now - self->frame_at_us, ELAPSED_MAX_US);
  self->frame_at_us = now;
  if (model->badge == RMQ_BADGE_LAB)
    look (self, model->paused || model->over ? 0 : drive (self, elapsed));
  else if (now - self->tick_at_us >= REAL_TICK_US)
    look (self, 0);
  draw (self);
  return G_SOURCE_CONTINUE;
}

/* ---- what the user asks for ---------------------------------------------- */

static void
take_size (Dashboard *self)
{
  RmqDashboardMsg msg = { .kind = RMQ_MSG_RESIZE };
  rmq_screen_get_size (self->screen, &msg.width, &msg.height);
  rmq_dashboard_update (self->feed.model, &msg);
}

static void
act (Dashboard *self, RmqDashboardEffect effect)
{
  switch (effect)
    {
    case RMQ_EFFECT_NONE:
      break;
    case RMQ_EFFECT_QUIT:
      g_main_loop_quit (self->loop);
      break;
    case RMQ_EFFECT_STEP:
      rmq_dashboard_feed_step (&self->feed);
      look (self, 0);
      break;
    case RMQ_EFFECT_NOTABLE:
      rmq_dashboard_feed_drive_to_notable (&self->feed);
      look (self, 0);
      break;
    case RMQ_EFFECT_GOTO:
      rmq_dashboard_feed_drive_to (&self->feed, self->feed.model->target_ev);
      look (self, 0);
      break;
    case RMQ_EFFECT_LOOK:
      rmq_dashboard_feed_look (&self->feed);
      break;
    case RMQ_EFFECT_LOOK_ON:
      rmq_dashboard_feed_look_on (&self->feed);
      break;
    case RMQ_EFFECT_EXECUTE:
      rmq_dashboard_feed_execute (&self->feed);
      look (self, 0);
      break;
    case RMQ_EFFECT_REPAINT:
      rmq_screen_repaint (self->screen);
      break;
    case RMQ_EFFECT_SUSPEND:
      rmq_screen_suspend (self->screen);
      take_size (self);
      self->frame_at_us = g_get_monotonic_time ();
      break;
    }
}

static void
press (Dashboard *self, guint32 key)
{
  RmqDashboardMsg msg = { .kind = RMQ_MSG_KEY, .key = key };
  act (self, rmq_dashboard_update (self->feed.model, &msg));
}

static gboolean
input_cb (gint fd, GIOCondition condition, gpointer data)
{
  Dashboard *self = data;
  for (guint32 key = rmq_screen_read_key (self->screen);
       key != RMQ_KEY_NONE && g_main_loop_is_running (self->loop);
       key = rmq_screen_read_key (self->screen))
    press (self, key);
  draw (self);
  /* A terminal that is gone is readable for ever. */
  if ((condition & (G_IO_HUP | G_IO_ERR)) != 0)
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
ended_cb (gpointer data)
{
  press (data, RMQ_KEY_SIGNAL);
  return G_SOURCE_CONTINUE;
}

static gboolean
resized_cb (gpointer data)
{
  Dashboard *self = data;
  rmq_screen_resize (self->screen);
  rmq_screen_repaint (self->screen);
  take_size (self);
  draw (self);
  return G_SOURCE_CONTINUE;
}

/* ---- life ---------------------------------------------------------------- */

static void
add_source (Dashboard *self, GSource *source, const char *name, GSourceFunc func)
{
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
  g_ptr_array_add (self->sources, source);
}

/* Before the screen: curses leaves signals alone that have a handler. */
static void
add_signals (Dashboard *self)
{
  static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    add_source (self, g_unix_signal_source_new (ends[i]), "dashboard-end", ended_cb);
  add_source (self, g_unix_signal_source_new (SIGWINCH), "dashboard-resize", resized_cb);
}

static void
add_input_and_frames (Dashboard *self)
{
  GSource *input =
      g_unix_fd_source_new (rmq_screen_get_input (self->screen), G_IO_IN | G_IO_HUP | G_IO_ERR);
  add_source (self, input, "dashboard-input", G_SOURCE_FUNC (input_cb));
  add_source (self, g_timeout_source_new (FRAME_MS), "dashboard-frame", frame_cb);
}

static void
source_free (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
show (Dashboard *self, const RmqDashboardOptions *options)
{
  rmq_dashboard_log_begin ();
  add_input_and_frames (self);
  self->feed.model->ascii = options->ascii || !rmq_screen_is_utf8 (self->screen);
  self->frame_at_us = g_get_monotonic_time ();
  take_size (self);
  look (self, 0);
  if (options->goto_ev > 0)
    act (self, rmq_dashboard_goto (self->feed.model, options->goto_ev));
  frame_cb (self);
  g_main_loop_run (self->loop);
  rmq_dashboard_log_end ();
  rmq_screen_close (self->screen);
}

gboolean
rmq_dashboard_is_possible (void)
{
  return rmq_screen_is_possible ();
}

gboolean
rmq_dashboard_run (RmqRun **run, const RmqDashboardOptions *options, GError **error)
{
  Dashboard self = { .drawn = 0 };
  rmq_dashboard_feed_init (&self.feed, g_steal_pointer (run));
  self.context = g_main_context_new ();
  self.loop = g_main_loop_new (self.context, FALSE);
  self.sources = g_ptr_array_new_with_free_func (source_free);
  add_signals (&self);
  self.screen = rmq_screen_open (error);
  gboolean opened = self.screen != NULL;
  if (opened)
    show (&self, options);
  g_ptr_array_unref (self.sources);
  g_main_loop_unref (self.loop);
  g_main_context_unref (self.context);
  *run = rmq_dashboard_feed_clear (&self.feed);
  return opened;
}

char *
rmq_dashboard_render_once (RmqRun *run, const char *tab, guint width, guint height, gboolean ascii)
{
  RmqDashboardFeed feed;
  char *text = NULL;
  rmq_dashboard_feed_init (&feed, run);
  feed.model->ascii = ascii;
  rmq_dashboard_feed_tick (&feed, 0);
  if (tab == NULL || rmq_dashboard_show_view (feed.model, tab))
    {
      rmq_dashboard_update (
          feed.model,
          &(RmqDashboardMsg){ .kind = RMQ_MSG_RESIZE, .width = width, .height = height });
      g_autoptr (RmqCanvas) canvas = rmq_dashboard_render (feed.model, width, height);
      text = rmq_canvas_to_text (canvas);
    }
  rmq_dashboard_feed_clear (&feed);
  return text;
}

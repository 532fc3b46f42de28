/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-model.h"

G_BEGIN_DECLS

/* Keys are numbers: a character's code point, or one of these above all of them. */
enum
{
  RMQ_KEY_NONE = 0,
  RMQ_KEY_CTRL_C = 3,
  RMQ_KEY_TAB = 9,
  RMQ_KEY_CTRL_L = 12,
  RMQ_KEY_ENTER = 13,
  RMQ_KEY_CTRL_U = 21,
  RMQ_KEY_CTRL_Z = 26,
  RMQ_KEY_ESCAPE = 27,
  RMQ_KEY_UP = 0x110000,
  RMQ_KEY_DOWN,
  RMQ_KEY_LEFT,
  RMQ_KEY_RIGHT,
  RMQ_KEY_HOME,
  RMQ_KEY_END,
  RMQ_KEY_PAGE_UP,
  RMQ_KEY_PAGE_DOWN,
  RMQ_KEY_BACK_TAB,
  RMQ_KEY_BACKSPACE,
  RMQ_KEY_DELETE,
  RMQ_KEY_SIGNAL, /* asked to end from outside */
};

typedef RmqDashboardEffect (*RmqDashboardAction) (RmqDashboardModel *model, gint argument);

/* A key is one row; the bottom bar, the '?' page and the table in README.md are made from the rows.
 */
typedef struct
{
  guint32 keys[9]; /* 0 after the last */
  const char *shown;
  const char *command; /* (nullable): the same at the prompt */
  const char *label;   /* (nullable): key and word in the bottom bar */
  const char *help;
  RmqDashboardAction act;
  gint argument; /* 0: the key itself */
} RmqDashboardKey;

extern const RmqDashboardKey rmq_dashboard_keys[];
extern const guint rmq_dashboard_n_keys;
extern const RmqDashboardKey rmq_dashboard_prompt_keys[]; /* while the prompt is open */
extern const guint rmq_dashboard_n_prompt_keys;

/* The row of a key among n; NULL: unbound. */
const RmqDashboardKey *rmq_dashboard_key_find (const RmqDashboardKey *keys, guint n, guint32 key);
RmqDashboardEffect rmq_dashboard_key_run (RmqDashboardModel *model, const RmqDashboardKey *row,
                                          guint32 key);
/* A table in Markdown, as README.md holds it. (transfer full) */
char *rmq_dashboard_keys_to_markdown (void);

/* Runs what a key or a tab of that name would; FALSE: there is none. */
gboolean rmq_dashboard_run_command (RmqDashboardModel *model, const char *command,
                                    RmqDashboardEffect *effect);

/* ---- what keys do (rmq-dashboard-actions.c, -past.c, -prompt.c) ---------- */

RmqDashboardEffect rmq_dashboard_act_quit (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_pause (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_step (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_notable (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_look_back (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_open_goto (RmqDashboardModel *model, gint unused);
/* Back to look, ahead to be there. */
RmqDashboardEffect rmq_dashboard_goto (RmqDashboardModel *model, guint64 ev);
/* "goto ev:N"; FALSE: it isn't one. */
gboolean rmq_dashboard_run_goto (RmqDashboardModel *model, const char *command,
                                 RmqDashboardEffect *effect);
RmqDashboardEffect rmq_dashboard_act_speed (RmqDashboardModel *model, gint direction);
RmqDashboardEffect rmq_dashboard_act_normal_speed (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_tab (RmqDashboardModel *model, gint key);
RmqDashboardEffect rmq_dashboard_act_next_tab (RmqDashboardModel *model, gint direction);
RmqDashboardEffect rmq_dashboard_act_row (RmqDashboardModel *model, gint by);
RmqDashboardEffect rmq_dashboard_act_column (RmqDashboardModel *model, gint by);
RmqDashboardEffect rmq_dashboard_act_sort (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_hot (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_page (RmqDashboardModel *model, gint page);
RmqDashboardEffect rmq_dashboard_act_back (RmqDashboardModel *model, gint unused);
/* FALSE: no tab has that id. */
gboolean rmq_dashboard_show_view (RmqDashboardModel *model, const char *id);
RmqDashboardEffect rmq_dashboard_act_repaint (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_act_suspend (RmqDashboardModel *model, gint unused);

RmqDashboardEffect rmq_dashboard_prompt_open (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_prompt_close (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_prompt_submit (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_prompt_complete (RmqDashboardModel *model, gint unused);
RmqDashboardEffect rmq_dashboard_prompt_recall (RmqDashboardModel *model, gint direction);
RmqDashboardEffect rmq_dashboard_prompt_move (RmqDashboardModel *model, gint by);
RmqDashboardEffect rmq_dashboard_prompt_erase (RmqDashboardModel *model, gint by);
RmqDashboardEffect rmq_dashboard_prompt_clear (RmqDashboardModel *model, gint unused);
/* A key that no row names. */
RmqDashboardEffect rmq_dashboard_prompt_type (RmqDashboardModel *model, guint32 key);
void rmq_dashboard_prompt_take_answer (RmqDashboardModel *model, const RmqDashboardMsg *msg);

G_END_DECLS

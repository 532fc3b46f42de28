/* SPDX-License-Identifier: Apache-2.0 */

/* The key map: the only place that knows which key does what. */

#include "rmq-dashboard-keys.h"

#define MOVE_FAR 10000 /* to the end, whatever the size */
#define MOVE_PAGE 10

#define KEY(shown, command, label, help, act, argument, ...)                                       \
  {                                                                                                \
    { __VA_ARGS__ }, shown, command, label, help, act, argument                                    \
  }

const RmqDashboardKey rmq_dashboard_keys[] = {
  KEY ("Space", "pause", "Space pause", "pause and go on; over TCP it freezes the view only",
       rmq_dashboard_act_pause, 0, ' '),
  KEY ("s", "step", "s step", "run one event, then pause; in the past: look at it",
       rmq_dashboard_act_step, 0, 's'),
  KEY ("S", "notable", NULL, "to the next notable event, not a hot one, then pause",
       rmq_dashboard_act_notable, 0, 'S'),
  KEY ("b", "back", "b back", "look back at the moment of the notable event before",
       rmq_dashboard_act_look_back, 0, 'b'),
  KEY ("t", "goto ev:N", NULL, "to the number of an event: back to look, ahead to run",
       rmq_dashboard_act_open_goto, 0, 't'),
  KEY ("[", "slower", "[ ] speed", "slower", rmq_dashboard_act_speed, -1, '['),
  KEY ("]", "faster", NULL, "faster", rmq_dashboard_act_speed, +1, ']'),
  KEY ("=", "x1", NULL, "as fast as the clock", rmq_dashboard_act_normal_speed, 0, '='),
  KEY (":", NULL, ": line", "type a line of the scenario language, or a command of this page",
       rmq_dashboard_prompt_open, 0, ':'),
  KEY ("e", "explain", "e explain", "explain the selected field", rmq_dashboard_act_page,
       RMQ_PAGE_EXPLAIN, 'e'),
  KEY ("1 - 8", NULL, NULL, "a tab; at the prompt its name", rmq_dashboard_act_tab, 0, '1', '2',
       '3', '4', '5', '6', '7', '8'),
  KEY ("Tab", NULL, NULL, "next tab", rmq_dashboard_act_next_tab, +1, RMQ_KEY_TAB),
  KEY ("S-Tab", NULL, NULL, "tab before", rmq_dashboard_act_next_tab, -1, RMQ_KEY_BACK_TAB),
  KEY ("Up k", NULL, NULL, "row up", rmq_dashboard_act_row, -1, RMQ_KEY_UP, 'k'),
  KEY ("Down j", NULL, NULL, "row down", rmq_dashboard_act_row, +1, RMQ_KEY_DOWN, 'j'),
  KEY ("Left h", NULL, NULL, "field to the left", rmq_dashboard_act_column, -1, RMQ_KEY_LEFT, 'h'),
  KEY ("Right l", NULL, NULL, "field to the right; hidden ones come into sight",
       rmq_dashboard_act_column, +1, RMQ_KEY_RIGHT, 'l'),
  KEY ("PgUp", NULL, NULL, "ten rows up", rmq_dashboard_act_row, -MOVE_PAGE, RMQ_KEY_PAGE_UP),
  KEY ("PgDn", NULL, NULL, "ten rows down", rmq_dashboard_act_row, +MOVE_PAGE, RMQ_KEY_PAGE_DOWN),
  KEY ("Home g", NULL, NULL, "first row", rmq_dashboard_act_row, -MOVE_FAR, RMQ_KEY_HOME, 'g'),
  KEY ("End G", NULL, NULL, "last row", rmq_dashboard_act_row, +MOVE_FAR, RMQ_KEY_END, 'G'),
  KEY ("o", "sort", NULL, "sort by the selected field: up, down, not at all",
       rmq_dashboard_act_sort, 0, 'o'),
  KEY ("H", "hot", NULL, "show hot events too: each send, pick and frame", rmq_dashboard_act_hot, 0,
       'H'),
  KEY ("v", "verdict", NULL, "the verdict, once the run is over", rmq_dashboard_act_page,
       RMQ_PAGE_REPORT, 'v'),
  KEY ("?", "help", "? keys", "this page", rmq_dashboard_act_page, RMQ_PAGE_HELP, '?'),
  KEY ("Esc", NULL, NULL, "leave a page, the past or the prompt", rmq_dashboard_act_back, 0,
       RMQ_KEY_ESCAPE),
  KEY ("^L", "repaint", NULL, "repaint the screen", rmq_dashboard_act_repaint, 0, RMQ_KEY_CTRL_L),
  KEY ("^Z", "suspend", NULL, "suspend; fg comes back", rmq_dashboard_act_suspend, 0,
       RMQ_KEY_CTRL_Z),
  KEY ("q ^C", "quit", "q quit", "quit", rmq_dashboard_act_quit, 0, 'q', RMQ_KEY_CTRL_C,
       RMQ_KEY_SIGNAL),
};
const guint rmq_dashboard_n_keys = G_N_ELEMENTS (rmq_dashboard_keys);

const RmqDashboardKey rmq_dashboard_prompt_keys[] = {
  KEY ("Enter", NULL, "Enter run", "run the line", rmq_dashboard_prompt_submit, 0, RMQ_KEY_ENTER),
  KEY ("Tab", NULL, "Tab complete", "complete the word", rmq_dashboard_prompt_complete, 0,
       RMQ_KEY_TAB),
  KEY ("Up", NULL, "Up earlier lines", "the line before", rmq_dashboard_prompt_recall, -1,
       RMQ_KEY_UP),
  KEY ("Down", NULL, NULL, "the line after", rmq_dashboard_prompt_recall, +1, RMQ_KEY_DOWN),
  KEY ("Left", NULL, NULL, "left", rmq_dashboard_prompt_move, -1, RMQ_KEY_LEFT),
  KEY ("Right", NULL, NULL, "right", rmq_dashboard_prompt_move, +1, RMQ_KEY_RIGHT),
  KEY ("Home", NULL, NULL, "to the start", rmq_dashboard_prompt_move, -MOVE_FAR, RMQ_KEY_HOME),
  KEY ("End", NULL, NULL, "to the end", rmq_dashboard_prompt_move, +MOVE_FAR, RMQ_KEY_END),
  KEY ("Backspace", NULL, NULL, "erase to the left", rmq_dashboard_prompt_erase, -1,
       RMQ_KEY_BACKSPACE),
  KEY ("Delete", NULL, NULL, "erase", rmq_dashboard_prompt_erase, +1, RMQ_KEY_DELETE),
  KEY ("^U", NULL, "^U clear", "erase the line", rmq_dashboard_prompt_clear, 0, RMQ_KEY_CTRL_U),
  KEY ("Esc", NULL, "Esc leave", "leave the prompt", rmq_dashboard_prompt_close, 0, RMQ_KEY_ESCAPE,
       RMQ_KEY_CTRL_C),
  KEY ("^L", NULL, NULL, "repaint", rmq_dashboard_act_repaint, 0, RMQ_KEY_CTRL_L),
  KEY ("^Z", NULL, NULL, "suspend", rmq_dashboard_act_suspend, 0, RMQ_KEY_CTRL_Z),
  KEY ("TERM", NULL, NULL, "quit", rmq_dashboard_act_quit, 0, RMQ_KEY_SIGNAL),
};
const guint rmq_dashboard_n_prompt_keys = G_N_ELEMENTS (rmq_dashboard_prompt_keys);

const RmqDashboardKey *
rmq_dashboard_key_find (const RmqDashboardKey *keys, guint n, guint32 key)
{
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < G_N_ELEMENTS (keys[i].keys) && keys[i].keys[k] != RMQ_KEY_NONE; k++)
      if (keys[i].keys[k] == key)
        return &keys[i];
  return NULL;
}

RmqDashboardEffect
rmq_dashboard_key_run (RmqDashboardModel *model, const RmqDashboardKey *row, guint32 key)
{
  return row->act (model, row->argument != 0 ? row->argument : (gint)key);
}

gboolean
rmq_dashboard_run_command (RmqDashboardModel *model, const char *command,
                           RmqDashboardEffect *effect)
{
  *effect = RMQ_EFFECT_NONE;
  if (rmq_dashboard_run_goto (model, command, effect))
    return TRUE;
  for (guint i = 0; i < rmq_dashboard_n_keys; i++)
    if (g_strcmp0 (rmq_dashboard_keys[i].command, command) == 0)
      {
        *effect = rmq_dashboard_key_run (model, &rmq_dashboard_keys[i], RMQ_KEY_NONE);
        return TRUE;
      }
  return rmq_dashboard_show_view (model, command);
}

char *
rmq_dashboard_keys_to_markdown (void)
{
  GString *out = g_string_new ("| key | does |\n|---|---|\n");
  for (guint i = 0; i < rmq_dashboard_n_keys; i++)
    g_string_append_printf (out, "| `%s` | %s |\n", rmq_dashboard_keys[i].shown,
                            rmq_dashboard_keys[i].help);
  return g_string_free (out, FALSE);
}

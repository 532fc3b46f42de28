/* SPDX-License-Identifier: Apache-2.0 */

/* The ':' prompt as data: a line being written, its history, the answer to the last one. What a
 * line means is the scenario language's business; here it is handed on as it is, unless it is the
 * name of a key's action. */

#include "rmq-dashboard-keys.h"

#include <string.h>

static RmqDashboardEffect
set_text (RmqDashboardPrompt *prompt, const char *text)
{
  g_string_assign (prompt->text, text);
  prompt->cursor = prompt->text->len;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_prompt_open (RmqDashboardModel *model, gint unused)
{
  model->prompt.open = TRUE;
  model->prompt.recall = model->prompt.history->len;
  g_clear_pointer (&model->prompt.answer, g_free);
  model->prompt.error_column = 0;
  return set_text (&model->prompt, "");
}

RmqDashboardEffect
rmq_dashboard_prompt_close (RmqDashboardModel *model, gint unused)
{
  model->prompt.open = FALSE;
  return set_text (&model->prompt, "");
}

static void
remember (RmqDashboardPrompt *prompt, const char *line)
{
  GPtrArray *history = prompt->history;
  if (history->len > 0 && g_str_equal (g_ptr_array_index (history, history->len - 1), line))
    return;
  if (history->len >= RMQ_HISTORY_MAX)
    g_ptr_array_remove_index (history, 0);
  g_ptr_array_add (history, g_strdup (line));
}

RmqDashboardEffect
rmq_dashboard_prompt_submit (RmqDashboardModel *model, gint unused)
{
  g_autofree char *line = g_strstrip (g_strdup (model->prompt.text->str));
  rmq_dashboard_prompt_close (model, 0);
  if (line[0] == '\0')
    return RMQ_EFFECT_NONE;
  remember (&model->prompt, line);
  RmqDashboardEffect effect;
  if (rmq_dashboard_run_command (model, line, &effect))
    return effect;
  g_free (model->submitted);
  model->submitted = g_steal_pointer (&line);
  return RMQ_EFFECT_EXECUTE;
}

RmqDashboardEffect
rmq_dashboard_prompt_recall (RmqDashboardModel *model, gint direction)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  gint last = (gint)prompt->history->len;
  prompt->recall = (guint)CLAMP ((gint)prompt->recall + direction, 0, last);
  if (prompt->recall == prompt->history->len)
    return set_text (prompt, "");
  return set_text (prompt, g_ptr_array_index (prompt->history, prompt->recall));
}

RmqDashboardEffect
rmq_dashboard_prompt_move (RmqDashboardModel *model, gint by)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  const char *text = prompt->text->str;
  glong at = g_utf8_pointer_to_offset (text, text + prompt->cursor);
  glong length = g_utf8_strlen (text, -1);
  prompt->cursor = (gsize)(g_utf8_offset_to_pointer (text, CLAMP (at + by, 0, length)) - text);
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_prompt_erase (RmqDashboardModel *model, gint by)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  gsize before = prompt->cursor;
  rmq_dashboard_prompt_move (model, by);
  gsize start = MIN (before, prompt->cursor);
  g_string_erase (prompt->text, (gssize)start, (gssize)(MAX (before, prompt->cursor) - start));
  prompt->cursor = start;
  return RMQ_EFFECT_NONE;
}

RmqDashboardEffect
rmq_dashboard_prompt_clear (RmqDashboardModel *model, gint unused)
{
  return set_text (&model->prompt, "");
}

RmqDashboardEffect
rmq_dashboard_prompt_type (RmqDashboardModel *model, guint32 key)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  gboolean is_text = key < RMQ_KEY_UP && g_unichar_validate (key) && g_unichar_isprint (key);
  if (!is_text || g_utf8_strlen (prompt->text->str, -1) >= RMQ_PROMPT_MAX_CHARS)
    return RMQ_EFFECT_NONE;
  gsize before = prompt->text->len;
  g_string_insert_unichar (prompt->text, (gssize)prompt->cursor, key);
  prompt->cursor += prompt->text->len - before;
  return RMQ_EFFECT_NONE;
}

/* ---- completion ---------------------------------------------------------- */

/* The longest start that all of them share. */
static char *
share_start (char *const *offers)
{
  char *common = g_strdup (offers[0]);
  for (guint i = 1; offers[i] != NULL; i++)
    {
      gsize same = 0;
      while (common[same] != '\0' && common[same] == offers[i][same])
        same++;
      common[same] = '\0';
    }
  return common;
}

/* Goes on as far as there is one way. */
RmqDashboardEffect
rmq_dashboard_prompt_complete (RmqDashboardModel *model, gint unused)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  g_autofree char *before = g_strndup (prompt->text->str, prompt->cursor);
  const char *blank = strrchr (before, ' ');
  const gsize typed = strlen (blank != NULL ? blank + 1 : before);
  g_auto (GStrv) offers =
      model->complete != NULL ? model->complete (before, model->complete_data) : NULL;
  if (offers == NULL || offers[0] == NULL)
    return RMQ_EFFECT_NONE;
  g_autofree char *common = share_start (offers);
  g_string_insert (prompt->text, (gssize)prompt->cursor, common + typed);
  prompt->cursor += strlen (common) - typed;
  return RMQ_EFFECT_NONE;
}

void
rmq_dashboard_prompt_take_answer (RmqDashboardModel *model, const RmqDashboardMsg *msg)
{
  RmqDashboardPrompt *prompt = &model->prompt;
  g_free (prompt->answer);
  prompt->answer = g_strdup (msg->text);
  prompt->is_error = msg->is_error;
  prompt->error_column = msg->error_column;
  g_free (prompt->asked);
  prompt->asked = NULL;
  if (prompt->history->len > 0)
    prompt->asked = g_strdup (g_ptr_array_index (prompt->history, prompt->history->len - 1));
}

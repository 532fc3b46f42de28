/* SPDX-License-Identifier: Apache-2.0 */

/* Outages of a whole mock: refusing, hung, paused, down, its connections ended. Each is a state
 * with the line that asked for it, so that reports can name it. Owner only, from outside the host's
 * own dispatch where the host may be killed by it. */

#include "rmq-mock-server-private.h"

typedef struct
{
  const char *up;   /* describe_state() while it holds */
  const char *verb; /* of the language */
} StateWords;

static const StateWords state_words[] = {
  [RMQ_SERVER_REFUSE] = { "refuses", "refuse" },
  [RMQ_SERVER_IGNORES_CONNECTS] = { "deaf", "ignore connects" },
  [RMQ_SERVER_READS_NOTHING] = { "reads not", "reads nothing" },
  [RMQ_SERVER_IGNORES_REGISTRATION] = { "unlisted", "ignores registration" },
  [RMQ_SERVER_HANG] = { "hangs", "hang" },
  [RMQ_SERVER_PAUSE] = { "paused", "pause" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (state_words) == RMQ_N_SERVER_STATES);

/* Over the array backwards: bytes that waited may end a connection. */
static void
set_reading (RmqMockServer *self, gboolean on)
{
  for (guint i = self->connections->len; i > 0; i--)
    if (i <= self->connections->len)
      rmq_connection_set_reading (g_ptr_array_index (self->connections, i - 1), on);
}

static void
apply_state (RmqMockServer *self, RmqServerState state, gboolean on)
{
  switch (state)
    {
    case RMQ_SERVER_REFUSE:
      rmq_listener_set_accepting (self->listener, !on);
      break;
    case RMQ_SERVER_IGNORES_CONNECTS:
      rmq_listener_set_ignoring (self->listener, on);
      break;
    case RMQ_SERVER_READS_NOTHING:
      set_reading (self, !on);
      break;
    case RMQ_SERVER_PAUSE:
      (on ? rmq_env_pause : rmq_env_resume) (self->env);
      break;
    case RMQ_SERVER_IGNORES_REGISTRATION: /* each registration asks */
    case RMQ_SERVER_HANG:                 /* and each request */
    case RMQ_N_SERVER_STATES:
      break;
    }
}

static void
enter_state (RmqMockServer *self, RmqServerState state, const char *line)
{
  self->state_lines[state] = line != NULL
                                 ? g_strdup (line)
                                 : g_strdup_printf ("%s %s", self->name, state_words[state].verb);
  RMQ_EMIT (self->env, &rmq_event_outage_on, self->state_lines[state], RMQ_NO_RULE);
}

static void
leave_state (RmqMockServer *self, RmqServerState state)
{
  RMQ_EMIT (self->env, &rmq_event_outage_off, self->state_lines[state], RMQ_NO_RULE);
  g_clear_pointer (&self->state_lines[state], g_free);
}

gboolean
rmq_mock_server_set_state (RmqMockServer *self, RmqServerState state, gboolean on, const char *line)
{
  g_assert (state < RMQ_N_SERVER_STATES);
  gboolean was_on = self->state_lines[state] != NULL;
  if (was_on == on || !self->running)
    return FALSE;
  if (on)
    enter_state (self, state, line);
  else
    leave_state (self, state);
  apply_state (self, state, on);
  return TRUE;
}

gboolean
rmq_mock_server_get_state (RmqMockServer *self, RmqServerState state)
{
  return self->state_lines[state] != NULL;
}

guint
rmq_mock_server_clear_states (RmqMockServer *self, gboolean apply)
{
  guint n = 0;
  for (guint state = 0; state < RMQ_N_SERVER_STATES; state++)
    if (self->state_lines[state] != NULL)
      {
        leave_state (self, state);
        if (apply)
          apply_state (self, state, FALSE);
        n++;
      }
  return n;
}

guint
rmq_mock_server_heal (RmqMockServer *self)
{
  return rmq_outage_table_heal (self->outages) + rmq_mock_server_clear_states (self, TRUE)
         + rmq_mock_server_release (self);
}

const char *
rmq_mock_server_describe_state (RmqMockServer *self)
{
  if (!self->running)
    return "down";
  for (guint state = RMQ_N_SERVER_STATES; state > 0; state--)
    if (self->state_lines[state - 1] != NULL)
      return state_words[state - 1].up;
  return "up";
}

void
rmq_mock_server_close_all (RmqMockServer *self, RmqCloseHow how, const char *line)
{
  if (!self->running)
    return;
  RMQ_EMIT (self->env, &rmq_event_outage_on, line, RMQ_NO_RULE);
  while (self->connections->len > 0)
    rmq_mock_server_end_connection (self, g_ptr_array_index (self->connections, 0), how);
  RMQ_EMIT (self->env, &rmq_event_outage_off, line, RMQ_NO_RULE);
}

void
rmq_mock_server_note_down (RmqMockServer *self, const char *line)
{
  if (!self->running || self->down_line != NULL)
    return;
  self->down_line = g_strdup (line);
  RMQ_EMIT (self->env, &rmq_event_outage_on, line, RMQ_NO_RULE);
}

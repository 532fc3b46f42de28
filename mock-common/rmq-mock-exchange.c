/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of a request that an outage touched: executed or not, answered now, later, falsely
 * or never; and of one that its processor holds. Owns the answers that wait for their time. Runs on
 * the host's loop, owner only; it works at the edge and never looks into a store. */

#include "rmq-mock-server-private.h"

#include "rmq-codes-private.h"

typedef struct
{
  RmqMockExchange exchange;
  RmqRemotingCommand *response; /* (nullable) */
  RmqLateness lateness;
  RmqTimer timer;
} LateAnswer;

/* How long an answer waits for another one to overtake it. */
#define OVERTAKEN_MAX_US G_TIME_SPAN_SECOND

struct _RmqHeldRequest
{
  RmqMockExchange exchange;
  gboolean is_touched; /* by exchange.rule */
};

/* own copies of everything */
static void
exchange_copy (RmqMockExchange *to, const RmqMockExchange *from)
{
  *to = *from;
  rmq_connection_ref (to->connection);
  rmq_remoting_command_ref (to->request);
  rmq_outage_rule_copy (&to->rule, &from->rule);
  to->executed = NULL;
}

static void
exchange_clear (RmqMockExchange *exchange)
{
  g_clear_pointer (&exchange->executed, rmq_remoting_command_unref);
  rmq_outage_rule_clear (&exchange->rule);
  rmq_remoting_command_unref (exchange->request);
  rmq_connection_unref (exchange->connection);
}

void
rmq_late_answer_free (gpointer data)
{
  LateAnswer *late = data;
  RmqMockExchange *exchange = &late->exchange;
  rmq_env_timer_stop (exchange->server->env, &late->timer);
  g_clear_pointer (&late->response, rmq_remoting_command_unref);
  exchange_clear (exchange);
  g_free (late);
}

RmqRemotingCommand *
rmq_mock_exchange_take_executed (RmqMockExchange *exchange)
{
  return g_steal_pointer (&exchange->executed);
}

void
rmq_mock_exchange_answer (RmqMockExchange *exchange, RmqRemotingCommand *response)
{
  rmq_mock_server_answer (exchange->server, exchange->connection, exchange->request,
                          exchange->sequence, response);
}

gboolean
rmq_answer_is_stored (gint code)
{
  return code == RMQ_RESPONSE_SUCCESS || code == RMQ_RESPONSE_FLUSH_DISK_TIMEOUT
         || code == RMQ_RESPONSE_SLAVE_NOT_AVAILABLE || code == RMQ_RESPONSE_FLUSH_SLAVE_TIMEOUT;
}

/* Another code over what was really done: the header fields are the real ones. */
static RmqRemotingCommand *
recode (RmqMockExchange *exchange, RmqRemotingCommand *executed)
{
  RmqRemotingCommand *response = rmq_remoting_command_new_response (
      exchange->request, exchange->rule.answer_code, exchange->rule.remark);
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (executed); i++)
    {
      const char *name, *value;
      rmq_remoting_command_get_ext_at (executed, i, &name, &value);
      rmq_remoting_command_add_ext (response, name, value);
    }
  rmq_remoting_command_set_body (response, rmq_remoting_command_get_body (executed));
  return response;
}

RmqRemotingCommand *
rmq_mock_exchange_invent (RmqMockExchange *exchange, RmqRemotingCommand *executed)
{
  RmqMockServer *self = exchange->server;
  const RmqOutageRule *rule = &exchange->rule;
  if (executed != NULL && rmq_answer_is_stored (rule->answer_code))
    return recode (exchange, executed);
  if (self->klass.invent != NULL)
    return self->klass.invent (self->mock, exchange->request, rule->answer_code, rule->remark);
  return rmq_remoting_command_new_response (exchange->request, rule->answer_code, rule->remark);
}

static void
late_answer_due (gpointer data)
{
  LateAnswer *late = data;
  RmqMockExchange *exchange = &late->exchange;
  RmqMockServer *self = exchange->server;
  late->lateness = RMQ_LATE_TIME; /* it waits for nothing else any more */
  if (exchange->rule.point == RMQ_OUTAGE_BEFORE_STORE)
    late->response =
        rmq_mock_server_execute (self, exchange->connection, exchange->request, exchange->sequence);
  rmq_mock_exchange_answer (exchange, late->response);
  g_ptr_array_remove (self->late, late);
}

void
rmq_mock_exchange_later (RmqMockExchange *exchange, RmqRemotingCommand *response,
                         RmqLateness lateness)
{
  RmqMockServer *self = exchange->server;
  LateAnswer *late = g_new0 (LateAnswer, 1);
  exchange_copy (&late->exchange, exchange);
  late->response = response;
  late->lateness = lateness;
  g_ptr_array_add (self->late, late);
  if (lateness == RMQ_LATE_RELEASE)
    return;
  const gint64 delay_us = lateness == RMQ_LATE_TIME ? exchange->delay_us : OVERTAKEN_MAX_US;
  rmq_env_timer_start (self->env, &late->timer, rmq_env_now (self->env) + delay_us, late_answer_due,
                       late);
}

/* (nullable): none waits for that. connection (nullable): any. */
static LateAnswer *
find_late (const RmqMockServer *self, RmqLateness lateness, const RmqConnection *connection)
{
  for (guint i = 0; i < self->late->len; i++)
    {
      LateAnswer *late = g_ptr_array_index (self->late, i);
      if (late->lateness == lateness
          && (connection == NULL || late->exchange.connection == connection))
        return late;
    }
  return NULL;
}

gboolean
rmq_mock_exchange_has_overtaken (const RmqMockExchange *exchange)
{
  return find_late (exchange->server, RMQ_LATE_OVERTAKER, exchange->connection) != NULL;
}

void
rmq_mock_server_let_overtaken_go (RmqMockServer *self, RmqConnection *connection)
{
  LateAnswer *late = find_late (self, RMQ_LATE_OVERTAKER, connection);
  if (late == NULL)
    return;
  late->lateness = RMQ_LATE_TIME; /* it is its own turn now, nobody overtakes it again */
  rmq_env_timer_start (self->env, &late->timer, rmq_env_now (self->env), late_answer_due, late);
}

guint
rmq_mock_server_release (RmqMockServer *self)
{
  guint n = 0;
  LateAnswer *late;
  while ((late = find_late (self, RMQ_LATE_RELEASE, NULL)) != NULL)
    {
      late_answer_due (late);
      n++;
    }
  return n;
}

GByteArray *
rmq_mock_exchange_encode (RmqMockExchange *exchange, RmqRemotingCommand *response)
{
  GByteArray *frame = g_byte_array_new ();
  rmq_mock_server_dress_answer (exchange->server, response);
  rmq_remoting_command_encode_head (response, frame);
  GBytes *body = rmq_remoting_command_get_body (response);
  gsize size = 0;
  const guint8 *bytes = body != NULL ? g_bytes_get_data (body, &size) : NULL;
  if (size > 0)
    g_byte_array_append (frame, bytes, (guint)size);
  return frame;
}

static void
emit_hit (RmqMockServer *self, const char *line, guint64 rule, const RmqRequestRecord *record)
{
  RMQ_EMIT (self->env, &rmq_event_outage_hit, line, (gint64)rule, (gint64)record->connection,
            record->code, record->opaque, (gint64)record->sequence);
}

/* FALSE: the processor holds the request, and the rule waits for its answer. */
static gboolean
execute_first (RmqMockExchange *exchange)
{
  RmqMockServer *self = exchange->server;
  if (exchange->rule.point == RMQ_OUTAGE_BEFORE_STORE)
    return TRUE;
  exchange->executed =
      rmq_mock_server_execute (self, exchange->connection, exchange->request, exchange->sequence);
  if (self->held == NULL)
    return TRUE;
  exchange_clear (&self->held->exchange);
  exchange_copy (&self->held->exchange, exchange);
  self->held->is_touched = TRUE;
  return FALSE;
}

static void
touch_by_rule (RmqMockServer *self, const RmqOutage *outage, RmqConnection *connection,
               RmqRequestRecord *record)
{
  RmqMockExchange wanted = {
    .server = self,
    .connection = connection,
    .request = record->command,
    .sequence = record->sequence,
    .rule = *outage->rule,
    .delay_us = outage->delay_us,
  };
  RmqMockExchange exchange;
  exchange_copy (&exchange, &wanted);
  record->outage = g_strdup (outage->rule->line);
  emit_hit (self, outage->rule->line, outage->id, record);
  if (execute_first (&exchange))
    rmq_outage_act_get (exchange.rule.kind)->act (&exchange);
  rmq_outage_table_settle (self->outages);
  exchange_clear (&exchange);
}

gboolean
rmq_mock_server_touch (RmqMockServer *self, RmqConnection *connection, RmqRequestRecord *record)
{
  const char *hang_line = self->state_lines[RMQ_SERVER_HANG];
  if (hang_line != NULL)
    {
      record->outage = g_strdup (hang_line);
      emit_hit (self, hang_line, RMQ_NO_RULE, record);
      return TRUE;
    }
  const RmqOutage *outage = rmq_outage_table_take (self->outages, record->command);
  if (outage == NULL)
    return FALSE;
  touch_by_rule (self, outage, connection, record);
  return TRUE;
}

guint
rmq_mock_server_count_pushes (RmqMockServer *self, RmqConnection *connection,
                              const RmqRemotingCommand *request)
{
  const RmqOutage *outage = rmq_outage_table_take (self->outages, request);
  if (outage == NULL)
    return 1;
  const guint times = outage->rule->kind == RMQ_OUTAGE_DUPLICATE ? 2 : 0;
  RMQ_EMIT (self->env, &rmq_event_outage_hit, outage->rule->line, (gint64)outage->id,
            (gint64)rmq_connection_get_id (connection), rmq_remoting_command_get_code (request),
            rmq_remoting_command_get_opaque (request), 0);
  rmq_outage_table_settle (self->outages);
  return times;
}

/* ---- requests that a processor answers later ------------------------------ */

RmqHeldRequest *
rmq_mock_server_hold (RmqMockServer *self, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockExchange exchange = {
    .server = self,
    .connection = connection,
    .request = request,
    .sequence = self->executing,
  };
  RmqHeldRequest *held = g_new0 (RmqHeldRequest, 1);
  exchange_copy (&held->exchange, &exchange);
  self->held = held;
  return held;
}

RmqConnection *
rmq_held_request_get_connection (const RmqHeldRequest *held)
{
  return held->exchange.connection;
}

RmqRemotingCommand *
rmq_held_request_get_request (const RmqHeldRequest *held)
{
  return held->exchange.request;
}

void
rmq_held_request_free (RmqHeldRequest *held)
{
  RmqMockServer *self = held->exchange.server;
  if (self->held == held)
    self->held = NULL;
  exchange_clear (&held->exchange);
  g_free (held);
}

void
rmq_held_request_answer (RmqHeldRequest *held, RmqRemotingCommand *response)
{
  RmqMockExchange *exchange = &held->exchange;
  if (held->is_touched && response != NULL)
    {
      exchange->executed = rmq_remoting_command_ref (response);
      rmq_outage_act_get (exchange->rule.kind)->act (exchange);
    }
  else
    rmq_mock_exchange_answer (exchange, response);
  rmq_held_request_free (held);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What arrived at a mock, as GET /v1/requests tells it. Reads only; owner only. */

#include "rmq-codes-private.h"
#include "rmq-mock-server.h"
#include "rmq-json-members.h"

static void
add_ext_fields (JsonBuilder *builder, const RmqRemotingCommand *command)
{
  json_builder_set_member_name (builder, "extFields");
  json_builder_begin_object (builder);
  for (guint i = 0; i < rmq_remoting_command_get_n_ext (command); i++)
    {
      const char *name, *value;
      rmq_remoting_command_get_ext_at (command, i, &name, &value);
      rmq_json_add_text (builder, name, value);
    }
  json_builder_end_object (builder);
}

static void
add_outcome (JsonBuilder *builder, const RmqRequestRecord *record)
{
  json_builder_set_member_name (builder, "answer");
  if (record->answer_code >= 0)
    json_builder_add_int_value (builder, record->answer_code);
  else
    json_builder_add_null_value (builder);
  rmq_json_add_text (builder, "outage", record->outage);
}

static void
add_request (JsonBuilder *builder, const char *server, const RmqRequestRecord *record)
{
  const RmqRemotingCommand *command = record->command;
  GBytes *body = rmq_remoting_command_get_body (command);
  json_builder_begin_object (builder);
  rmq_json_add_text (builder, "broker", server);
  rmq_json_add_number (builder, "sequence", (gint64)record->sequence);
  rmq_json_add_number (builder, "atUs", record->at_us);
  rmq_json_add_text (builder, "peer", record->peer);
  rmq_json_add_number (builder, "connection", (gint64)record->connection);
  rmq_json_add_number (builder, "code", record->code);
  rmq_json_add_text (builder, "name", rmq_request_code_get_name (record->code));
  rmq_json_add_number (builder, "opaque", record->opaque);
  rmq_json_add_number (builder, "flag", rmq_remoting_command_get_flag (command));
  rmq_json_add_number (builder, "version", rmq_remoting_command_get_version (command));
  rmq_json_add_number (builder, "bodySize", body != NULL ? (gint64)g_bytes_get_size (body) : 0);
  add_ext_fields (builder, command);
  add_outcome (builder, record);
  json_builder_end_object (builder);
}

void
rmq_mock_server_add_requests_json (RmqMockServer *server, const RmqRequestQuery *query,
                                   JsonBuilder *builder)
{
  const RmqRequestLog *log = rmq_mock_server_get_requests (server);
  for (guint64 i = MAX (log->first, query->since + 1); i <= log->last; i++)
    {
      const RmqRequestRecord *record = rmq_request_log_get (log, i);
      if (query->code < 0 || query->code == record->code)
        add_request (builder, rmq_mock_server_get_name (server), record);
    }
}

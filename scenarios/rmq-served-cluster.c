/* SPDX-License-Identifier: Apache-2.0 */

/* A served cluster: a run without producers of its own, and what the control API says of it. The
 * answers are called as owner of the run's loop; the rest is used by the thread that answers HTTP,
 * from outside the world. */

#include "rmq-served-cluster.h"

#include "rmq-messages-answer.h"
#include "rmq-mocks-unsupported.h"
#include "rmq-requests-answer.h"
#include "rmq-snapshot-answer.h"

/* ---- answers ------------------------------------------------------------- */

static void
answer_snapshot (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServedCluster *self = data;
  g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot_on_loop (self->run);
  rmq_snapshot_answer (snapshot, request, answer);
}

static GPtrArray *
list_servers (RmqServedCluster *self, gboolean only_brokers)
{
  GPtrArray *list = g_ptr_array_new ();
  for (guint i = 0; i < rmq_mock_cluster_get_n_servers (self->run->cluster); i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self->run->cluster, i);
      if (!only_brokers)
        g_ptr_array_add (list, server->server);
      else if (server->broker != NULL)
        g_ptr_array_add (list, server->broker);
    }
  return list;
}

static void
answer_messages (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  g_autoptr (GPtrArray) brokers = list_servers (data, TRUE);
  rmq_mock_brokers_answer_messages ((RmqMockBroker *const *)brokers->pdata, brokers->len, request,
                                    answer);
}

static void
answer_requests (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  g_autoptr (GPtrArray) servers = list_servers (data, FALSE);
  rmq_mock_servers_answer_requests ((RmqMockServer *const *)servers->pdata, servers->len, request,
                                    answer);
}

static void
add_line (const RmqLineResult *result, gpointer data)
{
  JsonBuilder *builder = data;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "line");
  json_builder_add_string_value (builder, result->statement->text);
  json_builder_set_member_name (builder, "answer");
  if (result->finding != NULL)
    rmq_finding_add_json (result->finding, builder);
  else
    json_builder_add_string_value (builder, result->answer);
  json_builder_end_object (builder);
}

void
rmq_served_refuse (const RmqDiagnostics *diagnostics, RmqControlAnswer *answer)
{
  const RmqDiagnostic *first = rmq_diagnostics_get (diagnostics, 0);
  g_autofree char *hint = first->suggestion != NULL
                              ? g_strdup_printf ("did you mean \"%s\"?", first->suggestion)
                              : NULL;
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, first->message, hint);
  answer->line = first->line;
  answer->column = first->column;
}

static void
answer_lines (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServedCluster *self = data;
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "lines");
  json_builder_begin_array (builder);
  if (!rmq_run_execute_on_loop (self->run, request->body, diagnostics, add_line, builder))
    {
      rmq_served_refuse (diagnostics, answer);
      return;
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (answer, builder);
}

static void
add_feature (const RmqKnownFeature *feature, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "server");
  json_builder_add_string_value (builder, rmq_server_role_get_name (feature->role));
  json_builder_set_member_name (builder, "code");
  if (feature->code != RMQ_NO_CODE)
    json_builder_add_int_value (builder, feature->code);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, feature->name);
  json_builder_set_member_name (builder, "help");
  json_builder_add_string_value (builder, feature->help);
  json_builder_end_object (builder);
}

static void
answer_unsupported (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  g_autoptr (GPtrArray) list = rmq_mocks_list_unsupported ();
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "unsupported");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    add_feature (g_ptr_array_index (list, i), builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (answer, builder);
}

static void
answer_reset (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServedCluster *self = data;
  rmq_run_reset (self->run);
  g_ptr_array_set_size (self->outages, 0);
  answer->body = g_strdup ("{}");
}

static void
answer_nsaddr (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServedCluster *self = data;
  answer->body = g_strdup_printf ("%s\n", self->namesrv_addr);
}

/* ---- lifetime ------------------------------------------------------------ */

RmqServedCluster *
rmq_served_cluster_new (const char *id, RmqScenario *scenario, const RmqRunOptions *options,
                        GError **error)
{
  RmqRun *run = rmq_run_new (scenario, options, error);
  if (run == NULL)
    return NULL;
  RmqServedCluster *self = g_new0 (RmqServedCluster, 1);
  self->id = g_strdup (id);
  self->run = run;
  self->namesrv_addr = rmq_mock_cluster_advertise_namesrv (run->cluster);
  self->outages = g_ptr_array_new ();
  self->handlers = (RmqControlHandlers){
    .snapshot = answer_snapshot,
    .messages = answer_messages,
    .requests = answer_requests,
    .lines = answer_lines,
    .expect = rmq_served_answer_expect,
    .add_outage = rmq_served_answer_add_outage,
    .end_outage = rmq_served_answer_end_outage,
    .unsupported = answer_unsupported,
    .reset = answer_reset,
    .nsaddr = answer_nsaddr,
    .data = self,
  };
  self->scope = (RmqControlScope){ .world = run->world, .handlers = &self->handlers };
  return self;
}

void
rmq_served_cluster_free (RmqServedCluster *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->outages);
  rmq_run_free (self->run);
  g_free (self->namesrv_addr);
  g_free (self->id);
  g_free (self);
}

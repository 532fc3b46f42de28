/* SPDX-License-Identifier: Apache-2.0 */

/* A served cluster: a run without producers of its own, and the functions that the control API
 * calls as owner of the loop. Options become lines of the language, so that what is served is
 * declared in one way. */

#include "rmq-serve.h"

#include <string.h>

#include "rmq-control-api.h"
#include "rmq-messages-answer.h"
#include "rmq-requests-answer.h"
#include "rmq-run-private.h"

#define DEFAULT_QUEUES "4"

struct _RmqServe
{
  RmqRun *run;
  RmqControlApi *api;
  char *namesrv_addr;
};

/* ---- answers ------------------------------------------------------------- */

static void
answer_snapshot (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = data;
  g_autoptr (RmqSnapshot) snapshot = rmq_run_snapshot_on_loop (self->run);
  answer->body = rmq_snapshot_to_json (snapshot, rmq_control_request_get (request, "tables"));
}

static GPtrArray *
list_servers (RmqServe *self, gboolean only_brokers)
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

static void
refuse_lines (const RmqDiagnostics *diagnostics, RmqControlAnswer *answer)
{
  const RmqDiagnostic *first = rmq_diagnostics_get (diagnostics, 0);
  g_autofree char *hint = first->suggestion != NULL
                              ? g_strdup_printf ("did you mean \"%s\"?", first->suggestion)
                              : NULL;
  rmq_control_answer_fail (answer, 400, first->message, hint);
  answer->line = first->line;
  answer->column = first->column;
}

static void
answer_lines (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = data;
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "lines");
  json_builder_begin_array (builder);
  if (!rmq_run_execute_on_loop (self->run, request->body, diagnostics, add_line, builder))
    {
      refuse_lines (diagnostics, answer);
      return;
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  answer->body = json_to_string (root, FALSE);
}

static void
answer_reset (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = data;
  rmq_run_reset (self->run);
  answer->body = g_strdup ("{}");
}

static void
answer_nsaddr (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = data;
  answer->body = g_strdup_printf ("%s\n", self->namesrv_addr);
}

/* ---- what is served ------------------------------------------------------ */

static gboolean fail_options (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail_options (GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
  return FALSE;
}

/* The names a scenario declares must be served. */
static gboolean
check_servers (RmqScenario *scenario, guint kind, gboolean broker, guint n, GError **error)
{
  g_autoptr (GPtrArray) declared = rmq_names_list (rmq_scenario_get_names (scenario), kind);
  for (guint i = 0; g_ptr_array_index (declared, i) != NULL; i++)
    {
      gboolean served = FALSE;
      for (guint j = 0; j < n && !served; j++)
        {
          g_autofree char *name = rmq_mock_cluster_default_name (broker, j);
          served = g_str_equal (name, g_ptr_array_index (declared, i));
        }
      if (!served)
        return fail_options (error, "the scenario's %s is not served: %s",
                             (const char *)g_ptr_array_index (declared, i),
                             broker ? "--brokers N serves broker-a, broker-b, …"
                                    : "--nameservers N serves ns1, ns2, …");
    }
  return TRUE;
}

/* Lines for the servers that the scenario doesn't declare itself. */
static void
declare_servers (GString *text, RmqScenario *scenario, gboolean broker,
                 const RmqServeOptions *options)
{
  for (guint i = 0; i < (broker ? options->n_brokers : options->n_nameservers); i++)
    {
      g_autofree char *name = rmq_mock_cluster_default_name (broker, i);
      if (rmq_names_find (rmq_scenario_get_names (scenario), name, RMQ_NAME_SERVER) != NULL)
        continue;
      g_string_append_printf (text, "%s %s%s", broker ? "broker" : "nameserver", name,
                              broker && options->no_auto_create ? " no-auto-create" : "");
      if (options->profile != NULL)
        g_string_append_printf (text, " profile %s", options->profile);
      g_string_append_c (text, '\n');
    }
}

static void
declare_topics (GString *text, const RmqServeOptions *options)
{
  for (guint i = 0; options->topics != NULL && options->topics[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options->topics[i], ":", 2);
      g_string_append_printf (text, "topic \"%s\" queues %s on", parts[0],
                              parts[1] != NULL ? parts[1] : DEFAULT_QUEUES);
      for (guint b = 0; b < options->n_brokers; b++)
        {
          g_autofree char *name = rmq_mock_cluster_default_name (TRUE, b);
          g_string_append_printf (text, " %s", name);
        }
      g_string_append_c (text, '\n');
    }
}

/* FALSE: error says with all positions what is wrong. */
static gboolean
take_diagnostics (const RmqDiagnostics *diagnostics, GError **error)
{
  if (diagnostics->n_errors == 0)
    return TRUE;
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  return fail_options (error, "%s", g_strchomp (text));
}

/* The options' own lines; name servers of a scenario come first, so their ports are its. */
static gboolean
add_options (RmqScenario *scenario, const RmqServeOptions *options, GError **error)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("options");
  g_autoptr (GString) text = g_string_new (NULL);
  if (!check_servers (scenario, RMQ_NAME_NAMESERVER, FALSE, options->n_nameservers, error)
      || !check_servers (scenario, RMQ_NAME_BROKER, TRUE, options->n_brokers, error))
    return FALSE;
  declare_servers (text, scenario, FALSE, options);
  declare_servers (text, scenario, TRUE, options);
  declare_topics (text, options);
  rmq_scenario_add_text (scenario, text->str, diagnostics);
  return take_diagnostics (diagnostics, error);
}

static RmqScenario *
load (const RmqServeOptions *options, GError **error)
{
  if (options->scenario == NULL)
    return rmq_scenario_new ("serve");
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (options->scenario);
  g_autoptr (RmqScenario) scenario = rmq_scenario_load (options->scenario, diagnostics);
  return take_diagnostics (diagnostics, error) ? g_steal_pointer (&scenario) : NULL;
}

/* ---- lifetime ------------------------------------------------------------ */

static gboolean
start (RmqServe *self, RmqScenario *scenario, const RmqServeOptions *options, GError **error)
{
  const RmqRunOptions run_options = { .real = TRUE,
                                      .serve = TRUE,
                                      .namesrv_ports = options->namesrv_ports,
                                      .n_namesrv_ports = options->n_namesrv_ports };
  self->run = rmq_run_new (scenario, &run_options, error);
  if (self->run == NULL)
    return FALSE;
  self->namesrv_addr = rmq_mock_cluster_join_namesrv (self->run->cluster, NULL);
  const RmqControlHandlers handlers = { .snapshot = answer_snapshot,
                                        .messages = answer_messages,
                                        .requests = answer_requests,
                                        .lines = answer_lines,
                                        .reset = answer_reset,
                                        .nsaddr = answer_nsaddr,
                                        .data = self };
  self->api = rmq_control_api_new (self->run->world, options->http_port, &handlers, error);
  return self->api != NULL;
}

RmqServe *
rmq_serve_new (const RmqServeOptions *options, GError **error)
{
  g_autoptr (RmqScenario) scenario = load (options, error);
  if (scenario == NULL || !add_options (scenario, options, error))
    return NULL;
  g_autoptr (RmqServe) self = g_new0 (RmqServe, 1);
  return start (self, scenario, options, error) ? g_steal_pointer (&self) : NULL;
}

void
rmq_serve_free (RmqServe *self)
{
  if (self == NULL)
    return;
  rmq_control_api_free (self->api);
  rmq_run_free (self->run);
  g_free (self->namesrv_addr);
  g_free (self);
}

const char *
rmq_serve_get_namesrv_addr (RmqServe *self)
{
  return self->namesrv_addr;
}

const char *
rmq_serve_get_http_addr (RmqServe *self)
{
  return rmq_control_api_get_address (self->api);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* What `rmqlab serve` serves: the cluster that its options describe, and the clusters that clients
 * make for themselves over HTTP. Options become lines of the language, so that what is served is
 * declared in one way. Used by the thread that answers HTTP, from outside every world. */

#include "rmq-serve.h"

#include <string.h>

#include "rmq-control-api.h"
#include "rmq-mock-profile.h"
#include "rmq-served-cluster.h"
#include "rmq-topic-config-manager.h"

#define DEFAULT_QUEUES "4"
#define QUEUES_MAX 1024
#define CLUSTERS_MAX 1000

struct _RmqServe
{
  RmqControlApi *api;
  RmqServedCluster *own;
  GPtrArray *clusters; /* of RmqServedCluster: those made over HTTP */
  guint64 last_id;
  char *bind, *advertise; /* (nullable): of all */
};

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

static gboolean
check_topics (const RmqServeOptions *options, GError **error)
{
  for (guint i = 0; options->topics != NULL && options->topics[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options->topics[i], ":", 2);
      const char *complaint = rmq_topic_name_complain (parts[0]);
      guint64 queues;
      if (complaint != NULL)
        return fail_options (error, "topic \"%s\" is no name: %s", parts[0], complaint);
      if (parts[1] != NULL
          && !g_ascii_string_to_unsigned (parts[1], 10, 1, QUEUES_MAX, &queues, NULL))
        return fail_options (error, "topic \"%s\": QUEUES is a number from 1 to %d",
                             options->topics[i], QUEUES_MAX);
    }
  return TRUE;
}

static gboolean
check_options (const RmqServeOptions *options, GError **error)
{
  if (rmq_mock_profile_find (options->profile) == NULL)
    {
      g_autofree char *known = rmq_mock_profile_join_names ();
      return fail_options (error, "profile \"%s\" is none of %s", options->profile, known);
    }
  if (options->n_brokers == 0 && options->topics != NULL && options->topics[0] != NULL)
    return fail_options (error, "a topic needs a broker to be on");
  return check_topics (options, error);
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
  if (!check_options (options, error)
      || !check_servers (scenario, RMQ_NAME_NAMESERVER, FALSE, options->n_nameservers, error)
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

/* (transfer full) */
static RmqServedCluster *
start (RmqServe *self, const char *id, const RmqServeOptions *options, GError **error)
{
  g_autoptr (RmqScenario) scenario = load (options, error);
  if (scenario == NULL || !add_options (scenario, options, error))
    return NULL;
  const RmqRunOptions run_options = { .real = TRUE,
                                      .serve = TRUE,
                                      .namesrv_ports = options->namesrv_ports,
                                      .n_namesrv_ports = options->n_namesrv_ports,
                                      .bind = self->bind,
                                      .advertise = self->advertise };
  return rmq_served_cluster_new (id, scenario, &run_options, error);
}

/* ---- clusters over HTTP -------------------------------------------------- */

typedef struct
{
  gint64 nameservers, brokers;
  char **topics;
  char *profile;
} Members;

static const RmqControlMember members[] = {
  { "nameservers", RMQ_CONTROL_NUMBER, G_STRUCT_OFFSET (Members, nameservers), 1,
    RMQ_CLUSTER_SERVERS_MAX },
  { "brokers", RMQ_CONTROL_NUMBER, G_STRUCT_OFFSET (Members, brokers), 0, RMQ_CLUSTER_SERVERS_MAX },
  { "topics", RMQ_CONTROL_TEXTS, G_STRUCT_OFFSET (Members, topics) },
  { "profile", RMQ_CONTROL_TEXT, G_STRUCT_OFFSET (Members, profile) },
};

static gint
find_cluster (RmqServe *self, const char *id)
{
  for (guint i = 0; i < self->clusters->len; i++)
    if (g_str_equal (((RmqServedCluster *)g_ptr_array_index (self->clusters, i))->id, id))
      return (gint)i;
  return -1;
}

static gboolean
find_scope (const char *id, RmqControlScope *scope, gpointer data)
{
  RmqServe *self = ((RmqServedCluster *)data)->owner;
  const gint i = find_cluster (self, id);
  if (i >= 0)
    *scope = ((RmqServedCluster *)g_ptr_array_index (self->clusters, (guint)i))->scope;
  return i >= 0;
}

static void
tell_cluster (const RmqServedCluster *cluster, RmqControlAnswer *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_string_value (builder, cluster->id);
  json_builder_set_member_name (builder, "namesrv");
  json_builder_add_string_value (builder, cluster->namesrv_addr);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (answer, builder);
}

static void
make_cluster (RmqServe *self, const RmqServeOptions *options, RmqControlAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, self->last_id + 1);
  RmqServedCluster *cluster = start (self, id, options, &error);
  if (cluster == NULL)
    {
      const gboolean is_theirs = error->domain == G_OPTION_ERROR;
      rmq_control_answer_fail (answer, is_theirs ? RMQ_CONTROL_BAD_REQUEST : 500, error->message,
                               NULL);
      return;
    }
  self->last_id++;
  g_ptr_array_add (self->clusters, cluster);
  tell_cluster (cluster, answer);
}

static void
answer_add_cluster (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = ((RmqServedCluster *)data)->owner;
  Members read = { .nameservers = 1, .brokers = 1 };
  if (self->clusters->len >= CLUSTERS_MAX)
    rmq_control_answer_fail (answer, 503, "there are too many clusters",
                             "DELETE /v1/clusters/ID ends one");
  else if (rmq_control_request_read (request, members, G_N_ELEMENTS (members), &read, answer))
    make_cluster (self,
                  &(RmqServeOptions){ .n_nameservers = (guint)read.nameservers,
                                      .n_brokers = (guint)read.brokers,
                                      .topics = read.topics,
                                      .profile = read.profile },
                  answer);
  g_strfreev (read.topics);
  g_free (read.profile);
}

static void
answer_remove_cluster (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServe *self = ((RmqServedCluster *)data)->owner;
  const gint i = find_cluster (self, request->id);
  if (i < 0)
    {
      g_autofree char *message = g_strdup_printf ("there is no cluster \"%s\"", request->id);
      rmq_control_answer_fail (answer, RMQ_CONTROL_NOT_FOUND, message, NULL);
      return;
    }
  g_ptr_array_remove_index (self->clusters, (guint)i);
  answer->body = g_strdup ("{}");
}

/* ---- lifetime ------------------------------------------------------------ */

static void
free_cluster (gpointer data)
{
  rmq_served_cluster_free (data);
}

static gboolean
serve (RmqServe *self, const RmqServeOptions *options, GError **error)
{
  /* what may be taken by others is had first */
  self->api = rmq_control_api_new (options->bind, options->http_port, error);
  if (self->api != NULL)
    rmq_control_api_set_name (self->api, options->advertise);
  self->own = self->api != NULL ? start (self, "", options, error) : NULL;
  if (self->own == NULL)
    return FALSE;
  self->own->owner = self;
  self->own->handlers.add_cluster = answer_add_cluster;
  self->own->handlers.remove_cluster = answer_remove_cluster;
  self->own->handlers.find_cluster = find_scope;
  rmq_control_api_open (self->api, &self->own->scope);
  return TRUE;
}

RmqServe *
rmq_serve_new (const RmqServeOptions *options, GError **error)
{
  g_autoptr (RmqServe) self = g_new0 (RmqServe, 1);
  self->clusters = g_ptr_array_new_with_free_func (free_cluster);
  self->bind = g_strdup (options->bind);
  self->advertise = g_strdup (options->advertise);
  return serve (self, options, error) ? g_steal_pointer (&self) : NULL;
}

void
rmq_serve_free (RmqServe *self)
{
  if (self == NULL)
    return;
  rmq_control_api_free (self->api);
  g_ptr_array_unref (self->clusters);
  rmq_served_cluster_free (self->own);
  g_free (self->bind);
  g_free (self->advertise);
  g_free (self);
}

const char *
rmq_serve_get_namesrv_addr (RmqServe *self)
{
  return self->own->namesrv_addr;
}

const char *
rmq_serve_get_http_addr (RmqServe *self)
{
  return rmq_control_api_get_address (self->api);
}

static void
end_run (gpointer data)
{
  rmq_run_end (data);
}

RmqReport *
rmq_serve_judge (RmqServe *self)
{
  rmq_run_call (self->own->run, end_run, self->own->run);
  return rmq_run_judge (self->own->run);
}

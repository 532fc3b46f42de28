/* SPDX-License-Identifier: Apache-2.0 */

/* RmqMockCluster as others' tests see it: over TCP, from any thread. Each function goes to the
 * loop and calls what rmq-mock-cluster.c offers there. Must not be used inside dispatch. */

#include "rmq-mock-cluster-object.h"

#include "rmq-error.h"
#include "rmq-real-world.h"
#include "rmq-scenario-private.h"

#define READ_WRITE 6

G_DEFINE_FINAL_TYPE (RmqMockCluster, rmq_mock_cluster, G_TYPE_OBJECT)

typedef struct
{
  char *name;
  guint queues;
} EarlyTopic;

static void
free_topic (gpointer data)
{
  g_free (((EarlyTopic *)data)->name);
  g_free (data);
}

/* What a public function takes to the loop and back. */
typedef struct
{
  RmqMockCluster *cluster;
  const char *text; /* broker, topic, line */
  guint n;
  gboolean ok;
  GError *error;
} Call;

/* ---- lifetime ------------------------------------------------------------ */

static void
free_server (gpointer data)
{
  RmqClusterServer *server = data;
  g_clear_pointer (&server->env, rmq_env_unref);
  g_free (server->name);
  g_free (server->listen);
  g_free (server->broker_name);
  g_free (server->cluster);
  g_strfreev (server->nameservers);
  g_strfreev (server->settings);
  g_free (server);
}

static void
free_mocks (gpointer data)
{
  RmqMockCluster *self = data;
  for (guint i = self->servers->len; i > 0; i--)
    {
      RmqClusterServer *server = rmq_mock_cluster_get_server (self, i - 1);
      g_clear_pointer (&server->broker, rmq_mock_broker_free);
      g_clear_pointer (&server->nameserver, rmq_mock_nameserver_free);
      server->server = NULL;
    }
}

static void
rmq_mock_cluster_finalize (GObject *object)
{
  RmqMockCluster *self = RMQ_MOCK_CLUSTER (object);
  rmq_mock_cluster_call (self, free_mocks, self);
  g_ptr_array_unref (self->servers);
  if (self->shares_world)
    rmq_real_world_unshare (self->world);
  rmq_world_unref (self->world);
  g_clear_pointer (&self->topics, g_ptr_array_unref);
  g_free (self->bind);
  g_free (self->advertise);
  g_free (self->namesrv_addr);
  G_OBJECT_CLASS (rmq_mock_cluster_parent_class)->finalize (object);
}

static void
rmq_mock_cluster_class_init (RmqMockClusterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = rmq_mock_cluster_finalize;
}

static void
rmq_mock_cluster_init (RmqMockCluster *self)
{
  self->servers = g_ptr_array_new_with_free_func (free_server);
}

RmqMockCluster *
rmq_mock_cluster_new_in (RmqWorld *world)
{
  RmqMockCluster *self = g_object_new (RMQ_TYPE_MOCK_CLUSTER, NULL);
  self->world = rmq_world_ref (world);
  return self;
}

RmqMockCluster *
rmq_mock_cluster_new (guint n_nameservers, guint n_brokers)
{
  g_return_val_if_fail (n_nameservers > 0 && n_nameservers <= RMQ_CLUSTER_SERVERS_MAX, NULL);
  g_return_val_if_fail (n_brokers <= RMQ_CLUSTER_SERVERS_MAX, NULL);
  RmqMockCluster *self = rmq_mock_cluster_new_in (rmq_real_world_share ());
  self->shares_world = TRUE;
  self->topics = g_ptr_array_new_with_free_func (free_topic);
  rmq_mock_cluster_add_default_servers (self, n_nameservers, n_brokers);
  return self;
}

char *
rmq_mock_cluster_default_name (gboolean broker, guint index)
{
  return broker ? g_strdup_printf ("broker-%c", 'a' + (char)index)
                : g_strdup_printf ("ns%u", index + 1);
}

void
rmq_mock_cluster_add_default_servers (RmqMockCluster *self, guint n_nameservers, guint n_brokers)
{
  for (guint i = 0; i < n_nameservers; i++)
    {
      g_autofree char *name = rmq_mock_cluster_default_name (FALSE, i);
      rmq_mock_cluster_add_nameserver (self, name, NULL);
    }
  for (guint i = 0; i < n_brokers; i++)
    {
      g_autofree char *name = rmq_mock_cluster_default_name (TRUE, i);
      rmq_mock_cluster_add_broker (self, &(RmqClusterBrokerSpec){ .name = name });
    }
}

/* ---- start and stop ------------------------------------------------------ */

static void
put_topic (RmqMockCluster *self, const char *topic, guint queues)
{
  rmq_mock_cluster_add_topic_on (self, &(RmqClusterTopicSpec){ .name = topic,
                                                               .write_queues = (gint)queues,
                                                               .read_queues = (gint)queues,
                                                               .perm = READ_WRITE });
}

static void
start_on_loop (gpointer data)
{
  Call *call = data;
  RmqMockCluster *self = call->cluster;
  call->ok = rmq_mock_cluster_start_all (self, &call->error);
  for (guint i = 0; call->ok && i < self->topics->len; i++)
    {
      const EarlyTopic *topic = g_ptr_array_index (self->topics, i);
      put_topic (self, topic->name, topic->queues);
    }
  g_free (self->namesrv_addr);
  self->namesrv_addr = rmq_mock_cluster_join_namesrv (self, NULL);
}

gboolean
rmq_mock_cluster_start (RmqMockCluster *self, GError **error)
{
  g_return_val_if_fail (RMQ_IS_MOCK_CLUSTER (self), FALSE);
  Call call = { .cluster = self };
  rmq_mock_cluster_call (self, start_on_loop, &call);
  if (call.ok && !rmq_mock_cluster_wait_routed (self))
    g_set_error (&call.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 "a broker could not register at a name server");
  if (call.error == NULL)
    return TRUE;
  g_propagate_error (error, call.error);
  return FALSE;
}

static void
stop_on_loop (gpointer data)
{
  RmqMockCluster *self = data;
  for (guint i = self->servers->len; i > 0; i--)
    rmq_mock_cluster_stop_server (self, rmq_mock_cluster_get_server (self, i - 1),
                                  "the cluster is stopped");
}

void
rmq_mock_cluster_stop (RmqMockCluster *self)
{
  g_return_if_fail (RMQ_IS_MOCK_CLUSTER (self));
  rmq_mock_cluster_call (self, stop_on_loop, self);
}

const char *
rmq_mock_cluster_get_namesrv_addr (RmqMockCluster *self)
{
  g_return_val_if_fail (RMQ_IS_MOCK_CLUSTER (self), NULL);
  return self->namesrv_addr != NULL ? self->namesrv_addr : "";
}

/* ---- topics, messages ---------------------------------------------------- */

static void
add_topic_on_loop (gpointer data)
{
  Call *call = data;
  EarlyTopic *topic = g_new (EarlyTopic, 1);
  topic->name = g_strdup (call->text);
  topic->queues = call->n;
  g_ptr_array_add (call->cluster->topics, topic);
  put_topic (call->cluster, call->text, call->n); /* on those that exist already */
}

void
rmq_mock_cluster_add_topic (RmqMockCluster *self, const char *topic, guint queues)
{
  g_return_if_fail (RMQ_IS_MOCK_CLUSTER (self));
  g_return_if_fail (topic != NULL);
  g_return_if_fail (queues > 0);
  Call call = { .cluster = self, .text = topic, .n = queues };
  rmq_mock_cluster_call (self, add_topic_on_loop, &call);
}

static void
count_on_loop (gpointer data)
{
  Call *call = data;
  for (guint i = 0; i < call->cluster->servers->len; i++)
    {
      RmqMockBroker *broker = rmq_mock_cluster_get_server (call->cluster, i)->broker;
      for (guint m = 0; broker != NULL && rmq_mock_broker_get_id (broker) == 0
                        && m < rmq_mock_broker_get_n_messages (broker);
           m++)
        call->n += call->text == NULL
                   || g_str_equal (rmq_mock_broker_get_message (broker, m)->topic, call->text);
    }
}

guint
rmq_mock_cluster_count_messages (RmqMockCluster *self, const char *topic)
{
  g_return_val_if_fail (RMQ_IS_MOCK_CLUSTER (self), 0);
  Call call = { .cluster = self, .text = topic };
  rmq_mock_cluster_call (self, count_on_loop, &call);
  return call.n;
}

/* ---- what happens to servers --------------------------------------------- */

/* A scenario that knows this cluster's names, for reading a line against. */
static RmqScenario *
describe_names (RmqMockCluster *self)
{
  const RmqNameKind broker_kinds[] = { RMQ_NAME_BROKER, RMQ_NAME_SLAVE };
  RmqScenario *scenario = rmq_scenario_new ("-");
  for (guint i = 0; i < self->servers->len; i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (self, i);
      rmq_scenario_declare (scenario, server->name,
                            server->is_broker ? broker_kinds[server->id > 0] : RMQ_NAME_NAMESERVER);
    }
  return scenario;
}

typedef struct
{
  Call call;
  const RmqTimedStatement *statement;
  GString *answer;
} Act;

static void
act_on_loop (gpointer data)
{
  Act *act = data;
  for (guint i = 0; act->statement->targets[i] != NULL; i++)
    act->statement->base.form->act (act->call.cluster, act->statement->targets[i], act->statement,
                                    act->answer);
}

static gboolean
execute_verb (RmqMockCluster *self, RmqScenario *scenario, GError **error)
{
  const guint n = rmq_scenario_get_n_statements (scenario);
  const RmqStatement *statement = n > 0 ? rmq_scenario_get_statement (scenario, n - 1) : NULL;
  const RmqTimedStatement *timed = (const RmqTimedStatement *)statement;
  if (statement == NULL || statement->form->act == NULL || timed->at_us >= 0
      || (timed->for_us >= 0 && statement->form->end != NULL))
    {
      g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                   "only a target and its verb are taken here, without \"at\" and \"for\"");
      return FALSE;
    }
  Act act = { .call = { .cluster = self }, .statement = timed, .answer = g_string_new (NULL) };
  rmq_mock_cluster_call (self, act_on_loop, &act);
  if (act.answer->len > 0)
    g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE, "%s", act.answer->str);
  gboolean ok = act.answer->len == 0;
  g_string_free (act.answer, TRUE);
  return ok;
}

gboolean
rmq_mock_cluster_execute (RmqMockCluster *self, const char *line, GError **error)
{
  g_return_val_if_fail (RMQ_IS_MOCK_CLUSTER (self), FALSE);
  g_return_val_if_fail (line != NULL, FALSE);
  g_autoptr (RmqScenario) scenario = describe_names (self);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  if (rmq_scenario_add_text (scenario, line, diagnostics))
    return execute_verb (self, scenario, error);
  g_autofree char *text = rmq_diagnostics_format (diagnostics);
  g_set_error_literal (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE, g_strchomp (text));
  return FALSE;
}

static gboolean
execute_on_broker (RmqMockCluster *self, const char *broker, const char *verb, GError **error)
{
  g_autofree char *line = g_strdup_printf ("%s %s", broker, verb);
  return rmq_mock_cluster_execute (self, line, error);
}

gboolean
rmq_mock_cluster_start_broker (RmqMockCluster *self, const char *broker, GError **error)
{
  return execute_on_broker (self, broker, "start", error);
}

gboolean
rmq_mock_cluster_stop_broker (RmqMockCluster *self, const char *broker, GError **error)
{
  return execute_on_broker (self, broker, "stop", error);
}

gboolean
rmq_mock_cluster_kill_broker (RmqMockCluster *self, const char *broker, GError **error)
{
  return execute_on_broker (self, broker, "kill", error);
}

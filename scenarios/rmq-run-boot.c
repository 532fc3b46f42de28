/* SPDX-License-Identifier: Apache-2.0 */

/* What a run sets up before time 0: the scenario's servers and topics, its producers. Used by the
 * thread that makes the run, from outside the world; servers are started as owner of the loop. What
 * can't be had is an error, and the run is freed as it stands. */

#include "rmq-run-private.h"

#include <unistd.h>

#include "rmq-run-clocks.h"
#include "rmq-sim-world.h"

#define PROFILE "4.9"
#define LOOPBACK "127.0.0.1"

static void
add_server (RmqRun *run, const RmqStatement *statement)
{
  if (statement->form == &rmq_form_nameserver)
    {
      const RmqNameserverStatement *nameserver = (const RmqNameserverStatement *)statement;
      const RmqMockProfile *profile =
          rmq_mock_profile_find (rmq_mock_statement_get_profile (nameserver->profile));
      for (guint i = 0; nameserver->names[i] != NULL; i++)
        {
          const guint n = rmq_mock_cluster_get_n_servers (run->cluster);
          RmqClusterServer *server =
              rmq_mock_cluster_add_nameserver (run->cluster, nameserver->names[i], profile);
          if (n < run->options.n_namesrv_ports)
            server->port = run->options.namesrv_ports[n];
        }
    }
  if (statement->form == &rmq_form_broker)
    {
      const RmqBrokerStatement *broker = (const RmqBrokerStatement *)statement;
      const RmqMockProfile *profile =
          rmq_mock_profile_find (rmq_mock_statement_get_profile (broker->profile));
      for (guint i = 0; broker->names[i] != NULL; i++)
        {
          for (gint64 id = 0; id <= broker->slaves; id++)
            rmq_mock_cluster_add_broker (
                run->cluster, &(RmqClusterBrokerSpec){ .name = broker->names[i],
                                                       .id = id,
                                                       .cluster = broker->cluster,
                                                       .nameservers = broker->nameservers,
                                                       .no_auto_create = broker->no_auto_create,
                                                       .settings = broker->settings,
                                                       .profile = profile });
          rmq_evidence_add_broker (run->evidence, broker->names[i]);
        }
    }
}

typedef struct
{
  RmqRun *run;
  GError *error;
} Boot;

static void
boot_servers (gpointer data)
{
  Boot *boot = data;
  RmqRun *run = boot->run;
  const guint n = rmq_scenario_get_n_statements (run->scenario);
  for (guint i = 0; i < n; i++)
    add_server (run, rmq_scenario_get_statement (run->scenario, i));
  if (!rmq_mock_cluster_start_all (run->cluster, &boot->error))
    return;
  for (guint i = 0; i < n; i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (statement->form == &rmq_form_topic)
        rmq_run_do (run, statement, NULL);
    }
}

RmqEnv *
rmq_run_add_host (RmqRun *run, const char *name)
{
  const gboolean simulated = rmq_world_is_simulated (run->world);
  return rmq_world_add_host (run->world,
                             &(RmqHostSpec){ .name = name,
                                             .address = simulated ? NULL : LOOPBACK,
                                             .pid = simulated ? 0 : getpid (),
                                             .cpus = simulated ? 0 : g_get_num_processors () });
}

static void
set_options (RmqRun *run, RmqProducer *producer, const RmqProducerStatement *statement)
{
  g_autofree char *namesrv =
      run->options.namesrv != NULL
          ? g_strdup (run->options.namesrv)
          : rmq_mock_cluster_join_namesrv (run->cluster, statement->nameservers);
  gboolean known = rmq_producer_set_profile (
      producer, run->options.profile != NULL ? run->options.profile : PROFILE, NULL);
  g_assert (known);
  rmq_producer_set_namesrv_addr (producer, namesrv);
  if (statement->instance != NULL)
    rmq_producer_set_instance_name (producer, statement->instance);
  if (statement->timeout_us >= 0)
    rmq_producer_set_send_msg_timeout_ms (producer, (guint)(statement->timeout_us / 1000));
  if (statement->retries >= 0)
    rmq_producer_set_retry_times_when_send_failed (producer, (gint)statement->retries);
  if (statement->async_retries >= 0)
    rmq_producer_set_retry_times_when_send_async_failed (producer, (gint)statement->async_retries);
}

static gboolean
start_producer (RmqRun *run, const RmqProducerStatement *statement, const char *name,
                GError **error)
{
  RmqRunProducer *producer = g_new0 (RmqRunProducer, 1);
  producer->name = g_strdup (name);
  producer->env = rmq_run_add_host (run, name);
  producer->producer = rmq_producer_new_in (producer->env, statement->group);
  set_options (run, producer->producer, statement);
  run->evidence->sends_stray |=
      rmq_profile_get_choice (rmq_producer_get_profile (producer->producer), RMQ_ROW_NULL_ADDRESS)
      == RMQ_NULL_ADDRESS_NAME_SERVER;
  g_ptr_array_add (run->producers, producer);
  return rmq_producer_start (producer->producer, error);
}

static gboolean
start_producers (RmqRun *run, GError **error)
{
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      const RmqProducerStatement *producer = (const RmqProducerStatement *)statement;
      if (statement->form != &rmq_form_producer)
        continue;
      for (guint n = 0; producer->names[n] != NULL; n++)
        if (!start_producer (run, producer, producer->names[n], error))
          {
            g_prefix_error (error, "producer %s: ", producer->names[n]);
            return FALSE;
          }
    }
  return TRUE;
}

/* Somebody else's cluster: it is as it is. */
static gboolean
boot_clients_alone (RmqRun *run, GError **error)
{
  g_ptr_array_add (run->notices,
                   g_strdup_printf ("the cluster at %s is somebody else's: outages and topics were "
                                    "left out, what it holds isn't judged",
                                    run->options.namesrv));
  return start_producers (run, error);
}

gboolean
rmq_run_boot (RmqRun *run, GError **error)
{
  Boot boot = { .run = run };
  if (run->options.real && run->journal->len > 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "\"at ev:…\" is a moment of a simulated run: over TCP events have no such "
                   "numbers");
      return FALSE;
    }
  if (run->options.namesrv != NULL)
    return boot_clients_alone (run, error);
  rmq_run_call (run, boot_servers, &boot);
  if (boot.error != NULL)
    {
      g_propagate_error (error, boot.error);
      return FALSE;
    }
  if (!rmq_mock_cluster_wait_routed (run->cluster))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "not every broker could be routed");
      return FALSE;
    }
  if (rmq_world_is_simulated (run->world))
    rmq_sim_world_run_until (run->world, RMQ_RUN_HEAD_START_US);
  return run->options.serve || start_producers (run, error);
}

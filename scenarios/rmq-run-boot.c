/* SPDX-License-Identifier: Apache-2.0 */

/* What a run sets up before time 0: the scenario's servers and topics, its producers. Used by the
 * thread that makes the run, from outside the world; servers are started as owner of the loop. What
 * can't be had is an error, and the run is freed as it stands. */

#include "rmq-run-private.h"

#include "rmq-run-clocks.h"
#include "rmq-sim-world.h"

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

/* Somebody else's cluster: it is as it is. */
static gboolean
boot_clients_alone (RmqRun *run, GError **error)
{
  g_ptr_array_add (run->notices,
                   g_strdup_printf ("the cluster at %s is somebody else's: outages and topics were "
                                    "left out, what it holds isn't judged",
                                    run->options.namesrv));
  return rmq_run_start_producers (run, error);
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
  return run->options.serve || rmq_run_start_producers (run, error);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A run's life: world, cluster and producers up to time 0, driving it, its end. The run itself is
 * used from outside the world by one thread; what happens in it (timeline, workloads) stands in
 * rmq-run-timeline.c and rmq-run-workload.c and runs as owner of the loop. */

#include "rmq-run-private.h"

#include <unistd.h>

#include "rmq-real-world.h"
#include "rmq-run-clocks.h"
#include "rmq-sim-world.h"

#define DEFAULT_SEED 1
#define PROFILE "4.9"
#define LOOPBACK "127.0.0.1"
#define LOG_CAPACITY 65536 /* what the dashboard can show */

/* ---- before time 0 ------------------------------------------------------- */

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
          rmq_mock_cluster_add_broker (
              run->cluster, &(RmqClusterBrokerSpec){ .name = broker->names[i],
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

static RmqEnv *
add_host (RmqRun *run, const char *name)
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
  producer->env = add_host (run, name);
  producer->producer = rmq_producer_new_in (producer->env, statement->group);
  set_options (run, producer->producer, statement);
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

/* ---- time 0 -------------------------------------------------------------- */

static void
stop_at (gpointer data)
{
  rmq_run_end (data);
}

/* What is done at time 0 or waits for its time from then on. */
static gboolean
is_timed (RmqRun *run, const RmqStatement *statement)
{
  if (statement->form == &rmq_form_rows)
    return ((const RmqExpectation *)statement)->at_us >= 0;
  if (statement->form->group == RMQ_FORM_VERB)
    return run->options.namesrv == NULL;
  return statement->form->group == RMQ_FORM_WORKLOAD && !run->options.serve;
}

/* The first event of the scenario proper: nothing happens between the producers' start and it. */
static void
begin (gpointer data)
{
  RmqRun *run = data;
  const gint64 stop_us = rmq_scenario_get_stop_at_us (run->scenario);
  run->zero_us = rmq_env_now (run->script);
  run->evidence->zero_us = run->zero_us;
  run->n_declared = rmq_scenario_get_n_statements (run->scenario);
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (is_timed (run, statement))
        rmq_run_do (run, statement, NULL);
    }
  if (stop_us != G_MAXINT64)
    rmq_env_timer_start (run->script, &run->stop_timer, run->zero_us + stop_us, stop_at, run);
  rmq_run_look_for_end (run);
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

static gboolean
boot (RmqRun *run, GError **error)
{
  Boot boot = { .run = run };
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

static void
ended_cb (RmqWorkloadRecord *workload, gpointer data)
{
  rmq_run_look_for_end (data);
}

static void
free_producer (gpointer data)
{
  RmqRunProducer *producer = data;
  g_assert (producer->producer == NULL);
  rmq_env_unref (producer->env);
  g_free (producer->name);
  g_free (producer);
}

static RmqRun *
new_run (RmqScenario *scenario, const RmqRunOptions *options)
{
  RmqRun *run = g_new0 (RmqRun, 1);
  run->scenario = rmq_scenario_ref (scenario);
  run->options = *options;
  run->seed = DEFAULT_SEED;
  if (options->has_seed)
    run->seed = options->seed;
  else
    rmq_scenario_get_seed (scenario, &run->seed);
  run->world = options->real ? rmq_real_world_new ()
                             : rmq_sim_world_new (&(RmqSimOptions){ .seed = run->seed });
  rmq_event_log_set_capacity (rmq_world_get_log (run->world), LOG_CAPACITY);
  run->cluster = rmq_mock_cluster_new_in (run->world);
  rmq_mock_cluster_set_place (run->cluster, options->bind, options->advertise);
  run->script = add_host (run, "script");
  run->tasks = options->real ? add_host (run, "workloads") : NULL;
  run->evidence = rmq_evidence_new (rmq_world_get_log (run->world));
  run->evidence->get_uniq = rmq_run_get_uniq;
  run->evidence->get_uniq_data = run;
  run->evidence->foreign = options->serve;
  run->evidence->blind = options->namesrv != NULL;
  run->evidence->ended = ended_cb;
  run->evidence->ended_data = run;
  run->producers = g_ptr_array_new_with_free_func (free_producer);
  run->workloads = g_ptr_array_new_with_free_func (rmq_run_workload_free);
  run->actions = g_ptr_array_new_with_free_func (g_free);
  run->notices = g_ptr_array_new_with_free_func (g_free);
  run->typed = g_ptr_array_new_with_free_func (g_free);
  return run;
}

RmqRun *
rmq_run_new (RmqScenario *scenario, const RmqRunOptions *options, GError **error)
{
  RmqRun *run = new_run (scenario, options);
  if (!boot (run, error))
    {
      rmq_run_free (run);
      return NULL;
    }
  rmq_run_call (run, begin, run);
  return run;
}

/* ---- the end ------------------------------------------------------------- */

/* Tasks come home by their ordinary error paths. */
static void
cancel (gpointer data)
{
  RmqRun *run = data;
  run->cancelled = TRUE;
  rmq_env_timer_stop (run->script, &run->end_timer);
  rmq_env_timer_stop (run->script, &run->stop_timer);
  for (guint i = 0; i < run->actions->len; i++)
    {
      RmqRunAction *action = g_ptr_array_index (run->actions, i);
      rmq_env_timer_stop (run->script, &action->timer);
    }
  if (run->tasks != NULL)
    rmq_env_kill (run->tasks, RMQ_CLOSE_FIN);
  for (guint i = 0; run->tasks == NULL && i < run->producers->len; i++)
    {
      RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      rmq_env_kill (producer->env, RMQ_CLOSE_FIN);
    }
}

typedef struct
{
  RmqRun *run;
  RmqParker parker;
} Wait;

static void
await_tasks (gpointer data)
{
  Wait *wait = data;
  cancel (wait->run);
  wait->run->task_waiter = &wait->parker;
  if (wait->run->n_tasks == 0)
    rmq_parker_wake (&wait->parker);
}

/* A producer outlives its last reference until its callback lanes have come home. */
static void
producer_gone (gpointer data, GObject *where_it_was)
{
  RmqRun *run = data;
  g_atomic_int_dec_and_test (&run->n_producers_left);
  if (run->task_waiter != NULL && rmq_env_is_owner (run->script))
    rmq_parker_wake (run->task_waiter);
}

static void
await_producers (gpointer data)
{
  Wait *wait = data;
  wait->run->task_waiter = &wait->parker;
  if (g_atomic_int_get (&wait->run->n_producers_left) == 0)
    rmq_parker_wake (&wait->parker);
}

static void
forget_task_waiter (gpointer data)
{
  ((RmqRun *)data)->task_waiter = NULL;
}

static void
wait_for (RmqRun *run, RmqEnvFunc begin_waiting)
{
  Wait wait = { .run = run };
  rmq_parker_init (&wait.parker, run->script);
  rmq_env_call (run->script, begin_waiting, &wait, &wait.parker, G_MAXINT64);
  rmq_run_call (run, forget_task_waiter, run);
}

/* No task uses them any more. */
static void
let_producers_go (RmqRun *run)
{
  for (guint i = 0; i < run->producers->len; i++)
    {
      RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      g_atomic_int_inc (&run->n_producers_left);
      g_object_weak_ref (G_OBJECT (producer->producer), producer_gone, run);
      rmq_producer_shutdown (producer->producer);
      g_clear_object (&producer->producer);
    }
  while (g_atomic_int_get (&run->n_producers_left) > 0)
    wait_for (run, await_producers);
}

void
rmq_run_free (RmqRun *run)
{
  if (run == NULL)
    return;
  wait_for (run, await_tasks);
  let_producers_go (run);
  g_ptr_array_unref (run->producers);
  g_ptr_array_unref (run->workloads);
  g_ptr_array_unref (run->actions);
  g_ptr_array_unref (run->notices);
  g_ptr_array_unref (run->typed);
  g_object_unref (run->cluster);
  rmq_evidence_free (run->evidence);
  g_clear_pointer (&run->tasks, rmq_env_unref);
  rmq_env_unref (run->script);
  rmq_world_unref (run->world);
  rmq_scenario_unref (run->scenario);
  g_free (run);
}

/* ---- driving ------------------------------------------------------------- */

gboolean
rmq_run_step (RmqRun *run)
{
  g_assert (rmq_world_is_simulated (run->world));
  return rmq_sim_world_step (run->world) && !run->over;
}

static void
await_end (gpointer data)
{
  Wait *wait = data;
  wait->run->end_waiter = &wait->parker;
  if (wait->run->over)
    rmq_parker_wake (&wait->parker);
}

static void
forget_waiter (gpointer data)
{
  ((RmqRun *)data)->end_waiter = NULL;
}

static void
wait_until (RmqRun *run, gint64 at_us)
{
  Wait wait = { .run = run };
  rmq_parker_init (&wait.parker, run->script);
  rmq_env_park_idle (run->script, await_end, &wait, &wait.parker, at_us);
  rmq_run_call (run, forget_waiter, run);
}

void
rmq_run_run_until (RmqRun *run, gint64 at_us)
{
  const gint64 limit_us = at_us == G_MAXINT64 ? G_MAXINT64 : rmq_run_to_world (run, at_us);
  if (!rmq_world_is_simulated (run->world))
    {
      wait_until (run, limit_us);
      return;
    }
  while (!run->over && rmq_sim_world_peek (run->world) <= limit_us
         && rmq_sim_world_step (run->world))
    continue;
  if (!run->over && limit_us != G_MAXINT64)
    rmq_sim_world_run_until (run->world, limit_us);
}

/* ---- asking -------------------------------------------------------------- */

static void
read_over (gpointer data)
{
  gpointer *pair = data;
  *(gboolean *)pair[1] = ((RmqRun *)pair[0])->over;
}

gboolean
rmq_run_is_over (RmqRun *run)
{
  gboolean over = FALSE;
  gpointer pair[] = { run, &over };
  rmq_run_call (run, read_over, pair);
  return over;
}

gboolean
rmq_run_is_real (RmqRun *run)
{
  return run->options.real;
}

guint64
rmq_run_get_seed (RmqRun *run)
{
  return run->seed;
}

RmqScenario *
rmq_run_get_scenario (RmqRun *run)
{
  return run->scenario;
}

gint64
rmq_run_get_zero_us (RmqRun *run)
{
  return run->zero_us;
}

gint64
rmq_run_get_now_us (RmqRun *run)
{
  return rmq_env_now (run->script) - run->zero_us;
}

guint64
rmq_run_get_ev (RmqRun *run)
{
  return rmq_event_log_get_ev (rmq_world_get_log (run->world));
}

RmqEventLog *
rmq_run_get_log (RmqRun *run)
{
  return rmq_world_get_log (run->world);
}

void
rmq_run_call (RmqRun *run, RmqEnvFunc func, gpointer data)
{
  rmq_mock_cluster_call (run->cluster, func, data);
}

gint64
rmq_run_to_world (RmqRun *run, gint64 at_us)
{
  return run->zero_us + at_us;
}

RmqRunProducer *
rmq_run_find_producer (RmqRun *run, const char *name)
{
  for (guint i = 0; i < run->producers->len; i++)
    {
      RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      if (g_str_equal (producer->name, name))
        return producer;
    }
  return NULL;
}

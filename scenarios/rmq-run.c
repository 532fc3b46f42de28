/* SPDX-License-Identifier: Apache-2.0 */

/* A run's life: its world, driving it, its end. The run is used from outside the world by one
 * thread; what there is at time 0 stands in rmq-run-boot.c, what happens then (timeline, workloads)
 * in rmq-run-timeline.c and rmq-run-workload.c, and runs as owner of the loop. */

#include "rmq-run-private.h"

#include "rmq-real-world.h"

#define DEFAULT_SEED 1
#define LOG_CAPACITY 65536 /* what the dashboard can show */
#ifdef RMQ_PARANOID
#define ALWAYS_WATCH TRUE
#else
#define ALWAYS_WATCH FALSE
#endif

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
  if (statement->form->play != NULL)
    return !run->options.serve;
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
  run->event_us = run->zero_us;
  run->zero_ev = rmq_run_get_ev (run);
  run->evidence->zero_us = run->zero_us;
  run->declared = rmq_scenario_mark (run->scenario);
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      if (is_timed (run, statement))
        rmq_run_do (run, statement, NULL);
    }
  if (stop_us != G_MAXINT64)
    rmq_env_timer_start (run->script, &run->stop_timer, run->zero_us + stop_us, stop_at, run);
  rmq_run_look_for_end (run);
  rmq_run_watch (run);
}

/* ---- the start ------------------------------------------------------------ */

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
  const RmqSimOptions simulated = { .seed = run->seed, .tasks = options->tasks };
  run->world = options->real ? rmq_real_world_new () : rmq_sim_world_new (&simulated);
  rmq_event_log_set_capacity (rmq_world_get_log (run->world), LOG_CAPACITY);
  run->cluster = rmq_mock_cluster_new_in (run->world);
  rmq_mock_cluster_set_place (run->cluster, options->bind, options->advertise);
  run->script = rmq_run_add_host (run, "script");
  run->tasks = options->real ? rmq_run_add_host (run, "workloads") : NULL;
  run->evidence = rmq_evidence_new (rmq_world_get_log (run->world));
  run->evidence->get_uniq = rmq_run_get_uniq;
  run->evidence->get_uniq_data = run;
  run->evidence->foreign = options->serve;
  run->evidence->blind = options->namesrv != NULL;
  run->evidence->ended = ended_cb;
  run->evidence->ended_data = run;
  run->producers = g_ptr_array_new_with_free_func (free_producer);
  if (!options->real && (options->watch_tables || ALWAYS_WATCH))
    run->watch = rmq_run_watch_new (run);
  run->probes = g_ptr_array_new_with_free_func (rmq_run_probe_free);
  run->past = g_ptr_array_new_with_free_func (rmq_run_past_producer_free);
  run->workloads = g_ptr_array_new_with_free_func (rmq_run_workload_free);
  run->actions = g_ptr_array_new_with_free_func (g_free);
  run->notices = g_ptr_array_new_with_free_func (g_free);
  run->journal = g_ptr_array_new_with_free_func (rmq_run_line_free);
  rmq_run_take_journal (run);
  return run;
}

RmqRun *
rmq_run_new (RmqScenario *scenario, const RmqRunOptions *options, GError **error)
{
  RmqRun *run = new_run (scenario, options);
  if (!rmq_run_boot (run, error))
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
  rmq_env_timer_stop (run->script, &run->watch_timer);
  rmq_env_timer_stop (run->script, &run->liveness_timer);
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

static void
let_all_go (RmqRun *run, GPtrArray *producers)
{
  for (guint i = 0; i < producers->len; i++)
    {
      RmqRunProducer *producer = g_ptr_array_index (producers, i);
      g_atomic_int_inc (&run->n_producers_left);
      g_object_weak_ref (G_OBJECT (producer->producer), producer_gone, run);
      rmq_producer_shutdown (producer->producer);
      g_clear_object (&producer->producer);
    }
}

/* No task uses them any more. */
static void
let_producers_go (RmqRun *run)
{
  let_all_go (run, run->producers);
  let_all_go (run, run->past);
  while (g_atomic_int_get (&run->n_producers_left) > 0)
    wait_for (run, await_producers);
}

void
rmq_run_free (RmqRun *run)
{
  if (run == NULL)
    return;
  if (run->watch != NULL)
    rmq_run_watch_close_producers (run->watch);
  wait_for (run, await_tasks);
  let_producers_go (run);
  rmq_run_watch_free (run->watch);
  g_ptr_array_unref (run->producers);
  g_ptr_array_unref (run->past);
  g_ptr_array_unref (run->probes);
  g_ptr_array_unref (run->workloads);
  g_ptr_array_unref (run->actions);
  g_ptr_array_unref (run->notices);
  g_ptr_array_unref (run->journal);
  g_object_unref (run->cluster);
  rmq_evidence_free (run->evidence);
  rmq_report_unref (run->verdicts);
  g_clear_pointer (&run->tasks, rmq_env_unref);
  rmq_env_unref (run->script);
  rmq_world_unref (run->world);
  rmq_scenario_unref (run->scenario);
  g_free (run);
}

/* ---- driving ------------------------------------------------------------- */

gboolean
rmq_run_advance (RmqRun *run, gint64 limit_us)
{
  if (run->over)
    rmq_run_judge_on_loop (run);
  if (rmq_run_has_line_due (run, limit_us))
    {
      rmq_run_give_next_line (run);
      return TRUE;
    }
  if (!rmq_sim_world_step_until (run->world, limit_us))
    return FALSE;
  run->event_us = rmq_sim_world_now (run->world);
  rmq_run_look_for_deadlock (run);
  return TRUE;
}

gboolean
rmq_run_step (RmqRun *run)
{
  g_assert (rmq_world_is_simulated (run->world));
  return rmq_run_advance (run, G_MAXINT64) && !run->over;
}

gboolean
rmq_run_step_until (RmqRun *run, gint64 at_us)
{
  const gint64 limit_us = at_us == G_MAXINT64 ? G_MAXINT64 : rmq_run_to_world (run, at_us);
  return !run->over && rmq_run_advance (run, limit_us);
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
  while (rmq_run_step_until (run, at_us))
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
rmq_run_get_zero_ev (RmqRun *run)
{
  return run->zero_ev;
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

/* SPDX-License-Identifier: Apache-2.0 */

/* The hosts and producers of a run: making them as the scenario says, starting and ending them
 * while it runs. A producer that ended is never started again: another one takes its place, as a
 * program that starts again would have it. Lines act as owner; what blocks is a task of its own. */

#include "rmq-run-private.h"

#include <unistd.h>

#include "rmq-mock-events.h"
#include "rmq-producer-settings.h"
#include "rmq-run-verbs.h"
#include "rmq-sim-world.h"

#define PROFILE "4.9"
#define LOOPBACK "127.0.0.1"

/* ---- hosts --------------------------------------------------------------- */

/* (nullable): no such line. */
static const RmqHostStatement *
find_host_statement (RmqRun *run, const char *name)
{
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqHostStatement *host =
          (const RmqHostStatement *)rmq_scenario_get_statement (run->scenario, i);
      if (host->base.form == &rmq_form_host
          && g_strv_contains ((const char *const *)host->names, name))
        return host;
    }
  return NULL;
}

/* statement (nullable): as the world chooses. */
static RmqEnv *
add_host (RmqRun *run, const char *name, const RmqHostStatement *statement)
{
  static const RmqHostStatement plain = { 0 };
  const gboolean simulated = rmq_world_is_simulated (run->world);
  const RmqHostStatement *host = statement != NULL ? statement : &plain;
  return rmq_world_add_host (
      run->world, &(RmqHostSpec){ .name = name,
                                  .address = simulated ? host->address : LOOPBACK,
                                  .pid = simulated ? (gint)host->pid : getpid (),
                                  .cpus = simulated ? (guint)host->cpus : g_get_num_processors (),
                                  .variables = (const char *const *)host->variables });
}

RmqEnv *
rmq_run_add_host (RmqRun *run, const char *name)
{
  return add_host (run, name, NULL);
}

/* A reference: the host of a producer that lives, else a new one. */
static RmqEnv *
take_host (RmqRun *run, const RmqProducerStatement *statement, const char *producer)
{
  const char *name = statement->host != NULL ? statement->host : producer;
  for (guint i = 0; i < run->producers->len; i++)
    {
      const RmqRunProducer *other = g_ptr_array_index (run->producers, i);
      if (g_str_equal (rmq_env_get_host_name (other->env), name) && !rmq_env_is_gone (other->env))
        return rmq_env_ref (other->env);
    }
  return add_host (run, name, find_host_statement (run, name));
}

RmqEnv *
rmq_run_find_host (RmqRun *run, const char *name)
{
  for (guint i = 0; i < run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      if (g_str_equal (producer->name, name)
          || g_str_equal (rmq_env_get_host_name (producer->env), name))
        return producer->env;
    }
  const RmqClusterServer *server = rmq_mock_cluster_find (run->cluster, name);
  return server != NULL ? server->env : NULL;
}

/* ---- producers ----------------------------------------------------------- */

/* The scenario's own lines first, then what the command line says. */
static void
set_profile (RmqRun *run, RmqProducer *producer)
{
  const char *profile = PROFILE;
  const RmqStatement *line = rmq_scenario_find (run->scenario, &rmq_form_profile);
  if (line != NULL)
    profile = ((const RmqProfileStatement *)line)->value;
  if (run->options.profile != NULL)
    profile = run->options.profile;
  gboolean known = rmq_producer_set_profile (producer, profile, NULL);
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqProfileStatement *set =
          (const RmqProfileStatement *)rmq_scenario_get_statement (run->scenario, i);
      if (set->base.form == &rmq_form_set)
        known = rmq_producer_set_profile_row (producer, set->row, set->value, NULL) && known;
    }
  g_assert (known);
}

static void
set_options (RmqRun *run, RmqProducer *producer, const RmqProducerStatement *statement)
{
  g_autofree char *namesrv =
      run->options.namesrv != NULL
          ? g_strdup (run->options.namesrv)
          : rmq_mock_cluster_join_namesrv (run->cluster, statement->nameservers);
  set_profile (run, producer);
  rmq_producer_set_namesrv_addr (producer, namesrv);
  if (statement->instance != NULL)
    rmq_producer_set_instance_name (producer, statement->instance);
  if (statement->timeout_us >= 0)
    rmq_producer_set_send_msg_timeout_ms (producer, (guint)(statement->timeout_us / 1000));
  if (statement->retries >= 0)
    rmq_producer_set_retry_times_when_send_failed (producer, (gint)statement->retries);
  if (statement->async_retries >= 0)
    rmq_producer_set_retry_times_when_send_async_failed (producer, (gint)statement->async_retries);
  for (guint i = 0; statement->options != NULL && statement->options[i] != NULL; i++)
    rmq_producer_setting_apply (producer, statement->options[i]);
}

static RmqProducer *
make_producer (RmqRun *run, const RmqRunProducer *producer)
{
  RmqProducer *made = rmq_producer_new_in (producer->env, producer->statement->group);
  set_options (run, made, producer->statement);
  run->evidence->sends_stray |=
      rmq_profile_get_choice (rmq_producer_get_profile (made), RMQ_ROW_NULL_ADDRESS)
      == RMQ_NULL_ADDRESS_NAME_SERVER;
  return made;
}

static gboolean
add_producer (RmqRun *run, const RmqProducerStatement *statement, const char *name, GError **error)
{
  RmqRunProducer *producer = g_new0 (RmqRunProducer, 1);
  producer->name = g_strdup (name);
  producer->statement = statement;
  producer->env = take_host (run, statement, name);
  producer->producer = make_producer (run, producer);
  g_ptr_array_add (run->producers, producer);
  producer->is_used = !statement->idle;
  return statement->idle || rmq_producer_start (producer->producer, error);
}

gboolean
rmq_run_start_producers (RmqRun *run, GError **error)
{
  for (guint i = 0; i < rmq_scenario_get_n_statements (run->scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (run->scenario, i);
      const RmqProducerStatement *producer = (const RmqProducerStatement *)statement;
      if (statement->form != &rmq_form_producer)
        continue;
      for (guint n = 0; producer->names[n] != NULL; n++)
        if (!add_producer (run, producer, producer->names[n], error))
          {
            g_prefix_error (error, "producer %s: ", producer->names[n]);
            return FALSE;
          }
    }
  return TRUE;
}

void
rmq_run_past_producer_free (gpointer data)
{
  RmqRunProducer *past = data;
  g_assert (past->producer == NULL);
  rmq_env_unref (past->env);
  g_free (past);
}

/* What the old one still has under way ends with it; it is let go with the run. */
static void
renew_producer (RmqRun *run, RmqRunProducer *producer)
{
  RmqRunProducer *past = g_new0 (RmqRunProducer, 1);
  past->producer = producer->producer;
  past->env = producer->env;
  g_ptr_array_add (run->past, past);
  producer->env = rmq_env_is_gone (past->env) ? take_host (run, producer->statement, producer->name)
                                              : rmq_env_ref (past->env);
  g_atomic_pointer_set (&producer->producer, make_producer (run, producer));
}

/* ---- starting and ending, in a task each --------------------------------- */

typedef struct
{
  RmqRun *run;
  RmqProducer *producer;
  const RmqStatement *statement;
  GError *error;
} Change;

static void
start (gpointer data)
{
  Change *change = data;
  rmq_producer_start (change->producer, &change->error);
}

static void
shut_down (gpointer data)
{
  Change *change = data;
  rmq_producer_shutdown (change->producer);
}

static void
changed (gpointer data)
{
  Change *change = data;
  RmqRun *run = change->run;
  if (change->error != NULL && !run->cancelled)
    g_ptr_array_add (run->notices, g_strdup_printf ("line %u: %s", change->statement->line,
                                                    change->error->message));
  g_clear_error (&change->error);
  g_object_unref (change->producer);
  g_free (change);
  rmq_run_task_done (run);
}

static void
change_producer (RmqRun *run, RmqRunProducer *producer, const RmqTimedStatement *statement,
                 RmqEnvFunc func)
{
  Change *change = g_new0 (Change, 1);
  change->run = run;
  change->producer = g_object_ref (producer->producer);
  change->statement = &statement->base;
  run->n_tasks++;
  rmq_env_task (run->tasks != NULL ? run->tasks : producer->env, statement->base.form->word, func,
                changed, change);
}

void
rmq_run_play_starts (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                     GString *answer)
{
  RmqRunProducer *producer = rmq_run_find_producer (run, target);
  const gboolean is_gone = rmq_env_is_gone (producer->env);
  if (producer->is_used && !producer->is_down && !is_gone)
    {
      g_string_append_printf (answer, "%s runs already", target);
      return;
    }
  if (producer->is_used)
    renew_producer (run, producer);
  producer->is_used = TRUE;
  producer->is_down = FALSE;
  change_producer (run, producer, statement, start);
}

void
rmq_run_play_shuts_down (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                         GString *answer)
{
  RmqRunProducer *producer = rmq_run_find_producer (run, target);
  if (!producer->is_used || producer->is_down || rmq_env_is_gone (producer->env))
    {
      g_string_append_printf (answer, "%s is down already", target);
      return;
    }
  producer->is_down = TRUE;
  change_producer (run, producer, statement, shut_down);
}

/* ---- what happens to a host ---------------------------------------------- */

void
rmq_run_play_kill (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                   GString *answer)
{
  RmqEnv *env = rmq_run_find_host (run, target);
  if (env == NULL || rmq_env_is_gone (env))
    {
      g_string_append_printf (answer, "%s is down already", target);
      return;
    }
  for (guint i = 0; i < run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (run->producers, i);
      if (producer->env == env)
        rmq_evidence_cut_short (run->evidence, producer->name);
    }
  rmq_env_kill (env, RMQ_CLOSE_FIN);
  rmq_run_look_for_end (run);
}

void
rmq_run_play_pause (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                    GString *answer)
{
  RmqEnv *env = rmq_run_find_host (run, target);
  if (env == NULL || rmq_env_is_gone (env) || rmq_env_is_paused (env))
    {
      g_string_append_printf (answer, "%s %s already", target,
                              env != NULL && rmq_env_is_paused (env) ? "pauses" : "is down");
      return;
    }
  RMQ_EMIT (run->script, &rmq_event_outage_on, statement->base.text, 0);
  rmq_env_pause (env);
}

void
rmq_run_play_resume (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                     GString *answer)
{
  RmqEnv *env = rmq_run_find_host (run, target);
  if (env == NULL || !rmq_env_is_paused (env))
    {
      g_string_append_printf (answer, "%s does not pause", target);
      return;
    }
  rmq_env_resume (env);
  RMQ_EMIT (run->script, &rmq_event_outage_off, statement->base.text, 0);
}

void
rmq_run_play_clock_jump (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                         GString *answer)
{
  RmqEnv *env = rmq_run_find_host (run, target);
  if (env == NULL)
    g_string_append_printf (answer, "nobody lives on %s", target);
  else
    rmq_sim_env_jump_wall (env, ((const RmqHostVerbStatement *)statement)->jump_us / 1000);
}

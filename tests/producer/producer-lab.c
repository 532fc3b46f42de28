/* SPDX-License-Identifier: Apache-2.0 */

/* What the tests of the producer share: a simulated cluster of real mocks and a host of producers.
 */

#include "producer-lab.h"

#define NAMESRV_PORT 9876
#define BROKER_PORT 10911

static void
keep_event (const RmqEvent *event, gpointer data)
{
  Lab *lab = data;
  g_array_append_val (lab->events, *event);
}

static void
start_nameserver (Lab *lab)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqEnv) env = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = "ns1" });
  g_autofree char *listen = g_strdup_printf ("%s:%d", rmq_env_get_host_address (env), NAMESRV_PORT);
  lab->nameserver = rmq_mock_nameserver_new ("ns1", NULL);
  g_assert_true (rmq_mock_nameserver_start (lab->nameserver, env, listen, &error));
  g_assert_no_error (error);
}

static void
start_broker (Lab *lab, guint index)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("broker-%c", 'a' + (char)index);
  g_autoptr (RmqEnv) env = rmq_world_add_host (lab->world, &(RmqHostSpec){ .name = name });
  g_autofree char *listen = g_strdup_printf ("%s:%d", rmq_env_get_host_address (env), BROKER_PORT);
  RmqMockBrokerOptions options = { .name = name,
                                   .namesrv = rmq_mock_nameserver_get_address (lab->nameserver) };
  RmqMockBroker *broker = rmq_mock_broker_new (&options);
  g_ptr_array_add (lab->brokers, broker);
  g_assert_true (rmq_mock_broker_start (broker, env, listen, &error));
  g_assert_no_error (error);
}

Lab *
lab_new_with (const RmqSimOptions *options, guint n_brokers)
{
  Lab *lab = g_new0 (Lab, 1);
  lab->world = rmq_sim_world_new (options);
  lab->events = g_array_new (FALSE, FALSE, sizeof (RmqEvent));
  lab->brokers = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_mock_broker_free);
  rmq_event_log_add_listener (rmq_world_get_log (lab->world), keep_event, lab);
  start_nameserver (lab);
  for (guint i = 0; i < n_brokers; i++)
    start_broker (lab, i);
  lab->host = rmq_world_add_host (
      lab->world, &(RmqHostSpec){ .name = "app", .address = "10.9.0.1", .pid = 4242, .cpus = 2 });
  lab_run_for (lab, G_TIME_SPAN_SECOND);
  return lab;
}

Lab *
lab_new (guint n_brokers)
{
  return lab_new_with (&(RmqSimOptions){ .seed = 1, .exact = TRUE }, n_brokers);
}

void
lab_free (Lab *lab)
{
  g_ptr_array_unref (lab->brokers);
  rmq_mock_nameserver_free (lab->nameserver);
  rmq_env_unref (lab->host);
  rmq_world_unref (lab->world);
  g_array_unref (lab->events);
  g_free (lab);
}

void
lab_add_topic (Lab *lab, const char *topic, gint queues)
{
  for (guint i = 0; i < lab->brokers->len; i++)
    rmq_mock_broker_add_topic (lab->brokers->pdata[i], topic, queues, queues, 6);
  lab_run_for (lab, G_TIME_SPAN_SECOND);
}

void
lab_run_for (Lab *lab, gint64 span_us)
{
  rmq_sim_world_run_until (lab->world, rmq_sim_world_now (lab->world) + span_us);
}

/* ---- tasks and producers ------------------------------------------------- */

typedef struct
{
  RmqEnvFunc func;
  gpointer data;
  gboolean done;
} Task;

static void
run_task (gpointer data)
{
  Task *task = data;
  task->func (task->data);
}

static void
task_done (gpointer data)
{
  ((Task *)data)->done = TRUE;
}

void
lab_run_task (Lab *lab, RmqEnvFunc func, gpointer data)
{
  Task task = { .func = func, .data = data };
  rmq_env_task (lab->host, "test", run_task, task_done, &task);
  while (!task.done)
    g_assert_true (rmq_sim_world_step (lab->world));
}

RmqProducer *
lab_new_producer (Lab *lab, const char *group, const char *profile)
{
  g_autoptr (GError) error = NULL;
  RmqProducer *producer = rmq_producer_new_in (lab->host, group);
  rmq_producer_set_namesrv_addr (producer, rmq_mock_nameserver_get_address (lab->nameserver));
  g_assert_true (rmq_producer_set_profile (producer, profile, &error));
  g_assert_no_error (error);
  return producer;
}

static void
start (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (rmq_producer_start (data, &error));
  g_assert_no_error (error);
}

RmqProducer *
lab_start_producer (Lab *lab, const char *group, const char *profile)
{
  RmqProducer *producer = lab_new_producer (lab, group, profile);
  lab_run_task (lab, start, producer);
  return producer;
}

static void
shut_down (gpointer data)
{
  rmq_producer_shutdown (data);
}

void
lab_shutdown (Lab *lab, RmqProducer *producer)
{
  lab_run_task (lab, shut_down, producer);
  g_assert_finalize_object (producer);
}

/* ---- sends --------------------------------------------------------------- */

RmqMessage *
new_message (const char *topic, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  return rmq_message_new (topic, bytes);
}

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
  const RmqSendRequest *request;
  Outcome outcome;
} Send;

static void
send_blocking (gpointer data)
{
  Send *send = data;
  gint64 begin_us = rmq_env_now (send->lab->host);
  send->outcome.result =
      rmq_producer_send_full (send->producer, send->request, &send->outcome.error);
  send->outcome.took_us = rmq_env_now (send->lab->host) - begin_us;
}

Outcome
lab_send (Lab *lab, RmqProducer *producer, const RmqSendRequest *request)
{
  Send send = { .lab = lab, .producer = producer, .request = request };
  lab_run_task (lab, send_blocking, &send);
  return send.outcome;
}

Outcome
lab_send_text (Lab *lab, RmqProducer *producer, const char *topic, const char *body)
{
  g_autoptr (RmqMessage) message = new_message (topic, body);
  RmqSendRequest request = { .message = message };
  return lab_send (lab, producer, &request);
}

void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->result, rmq_send_result_unref);
  g_clear_error (&outcome->error);
}

static void
async_done (RmqSendResult *result, const GError *error, gpointer data)
{
  Outcome *outcome = data;
  outcome->callbacks++;
  outcome->result = result != NULL ? rmq_send_result_ref (result) : NULL;
  outcome->error = error != NULL ? g_error_copy (error) : NULL;
}

void
lab_send_async (Lab *lab, RmqProducer *producer, RmqMessage *message, guint timeout_ms,
                Outcome *outcome)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (
      rmq_producer_send_with_callback (producer, message, timeout_ms, async_done, outcome, &error));
  g_assert_no_error (error);
}

/* ---- servers and events -------------------------------------------------- */

RmqMockBroker *
lab_broker (Lab *lab, guint index)
{
  return lab->brokers->pdata[index];
}

void
lab_outage (Lab *lab, guint broker, RmqOutageKind kind, RmqOutagePoint point, guint n, gint code)
{
  RmqOutageRule rule = {
    .kind = kind,
    .point = point,
    .amount = n == 0 ? RMQ_AMOUNT_ALL : RMQ_AMOUNT_NEXT,
    .n = n,
    .answer_code = code,
    .request_kind = (char *)"send",
    .queue_id = -1,
    .until_us = G_MAXINT64,
    .line = (char *)"test",
  };
  RmqMockServer *server = rmq_mock_broker_get_server (lab_broker (lab, broker));
  rmq_outage_table_add (rmq_mock_server_get_outages (server), &rule);
}

guint
lab_n_stored (Lab *lab)
{
  guint n = 0;
  for (guint i = 0; i < lab->brokers->len; i++)
    n += rmq_mock_broker_get_n_messages (lab->brokers->pdata[i]);
  return n;
}

void
lab_kill_broker (Lab *lab, guint index, RmqCloseHow how)
{
  rmq_env_kill (rmq_mock_server_get_env (rmq_mock_broker_get_server (lab_broker (lab, index))),
                how);
}

guint
lab_count_events (Lab *lab, const RmqEventKind *kind)
{
  guint n = 0;
  for (guint i = 0; i < lab->events->len; i++)
    n += g_array_index (lab->events, RmqEvent, i).kind == kind;
  return n;
}

const RmqEvent *
lab_get_event (Lab *lab, const RmqEventKind *kind, guint n)
{
  for (guint i = 0; i < lab->events->len; i++)
    {
      const RmqEvent *event = &g_array_index (lab->events, RmqEvent, i);
      if (event->kind == kind && n-- == 0)
        return event;
    }
  return NULL;
}

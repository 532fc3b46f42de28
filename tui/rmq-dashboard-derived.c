/* SPDX-License-Identifier: Apache-2.0 */

/* The dashboard's own tables: brokers as they are beside what the client believes, what each queue
 * got, the event log as rows. Joined from tables by name, so a world that publishes fewer of them
 * shows less and never fails. Pure functions of the model. */

#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-format.h"
#include "rmq-dashboard-table.h"

#include <string.h>

static const RmqColumn flow_columns[] = {
  { "gap", RMQ_CELL_TEXT, NULL,
    "'!' where truth and belief differ: the client would pick a broker that can't answer, or "
    "avoids "
    "one that could.",
    "-" },
  { "brokerName", RMQ_CELL_TEXT, NULL, "Name of the broker, as producers see it.",
    "BrokerData#brokerName" },
  { "truth", RMQ_CELL_TEXT, NULL, "What the mock cluster really does. No client can see this.",
    "-" },
  { "believes", RMQ_CELL_TEXT, NULL,
    "What the producer acts on: usable while the topic's queue list holds queues of the broker.",
    "TopicPublishInfo#messageQueueList" },
  { "share", RMQ_CELL_INT, "%", "Share of the queue picks of the last 5 s.", "-" },
  { "inFlight", RMQ_CELL_INT, "requests", "Requests to the broker that wait for their answer.",
    "NettyRemotingAbstract#responseTable" },
  { "oks", RMQ_CELL_INT, "1/1000 per s", "Sends that ended OK there, over the last 5 s.", "-" },
  { "took", RMQ_CELL_SPAN_US, NULL,
    "Median time of the sends that ended OK there in the last 5 s, retries included.", "-" },
};

const RmqTableSchema rmq_flow_schema = {
  .id = "flow",
  .title = "Flow",
  .help =
      "Each broker as it is, beside what the client believes of it. Almost every failure is a gap "
      "between the two that has not been noticed yet.",
  .java = "-",
  .columns = flow_columns,
  .n_columns = G_N_ELEMENTS (flow_columns),
};

static const RmqColumn queue_flow_columns[] = {
  { "queue", RMQ_CELL_TEXT, NULL, "Broker and queue id of a message queue the client may write.",
    "MessageQueue" },
  { "topic", RMQ_CELL_TEXT, NULL, "Topic of the queue.", "MessageQueue#topic" },
  { "picks", RMQ_CELL_INT, "picks", "How often the queue was picked in the last 5 s.",
    "MQFaultStrategy#selectOneMessageQueue" },
  { "share", RMQ_CELL_INT, "%", "Share of the picks of the last 5 s.", "-" },
  { "timesFair", RMQ_CELL_INT, "%",
    "Picks divided by an even share of all queues: 100% is fair. All skipped picks land on the "
    "next "
    "usable queue.",
    "-" },
};

const RmqTableSchema rmq_queue_flow_schema = {
  .id = "queueFlow",
  .title = "Queues",
  .help =
      "Which message queues the sends of the last 5 s went to. Round robin gives each the same; "
      "a retry that avoids a broker does not.",
  .java = "-",
  .columns = queue_flow_columns,
  .n_columns = G_N_ELEMENTS (queue_flow_columns),
};

static const RmqColumn event_columns[] = {
  [RMQ_EVENT_LOG_EV] = { "ev", RMQ_CELL_INT, NULL,
                         "Number of the moment: the address of what happened, the same in logs.",
                         "-" },
  [RMQ_EVENT_LOG_TIME] = { "time", RMQ_CELL_TEXT, NULL, "When, since the start of the clock.",
                           "-" },
  [RMQ_EVENT_LOG_KIND] = { "kind", RMQ_CELL_TEXT, NULL, "What kind of thing happened.", "-" },
  [RMQ_EVENT_LOG_WHO] = { "who", RMQ_CELL_TEXT, NULL, "The process it happened in.", "-" },
  [RMQ_EVENT_LOG_TEXT] = { "text", RMQ_CELL_TEXT, NULL, "What it was about.", "-" },
  [RMQ_EVENT_LOG_CAUSE] = { "cause", RMQ_CELL_INT, NULL,
                            "Number of the moment that caused it; '-' if none is known.", "-" },
  [RMQ_EVENT_LOG_MEANING] = { "meaning", RMQ_CELL_TEXT, NULL, "What events of this kind mean.",
                              "-" },
};

const RmqTableSchema rmq_event_log_schema = {
  .id = "events",
  .title = "Event log",
  .help = "What happened, newest first. Events tell the story; tables never depend on them.",
  .java = "-",
  .columns = event_columns,
  .n_columns = G_N_ELEMENTS (event_columns),
};

/* ---- reading tables by name ---------------------------------------------- */

/* Calls func for each row of every owner's table of that name. */
typedef void (*RowFunc) (const RmqTable *table, guint row, gpointer data);

static void
for_each_row (const RmqSnapshot *snapshot, const char *name, RowFunc func, gpointer data)
{
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (snapshot, i);
      if (!rmq_dashboard_table_is (rmq_table_get_schema (table), name))
        continue;
      for (guint row = 0; row < rmq_table_get_n_rows (table); row++)
        func (table, row, data);
    }
}

/* ---- flow ---------------------------------------------------------------- */

typedef struct
{
  const char *name;
  char *truth;          /* (nullable): nobody tells, as of somebody else's cluster */
  gboolean is_up;       /* as far as anybody tells */
  GPtrArray *addresses; /* of const char* */
  guint n_queues;       /* that the client may pick */
  gint in_flight;
} Broker;

static void
broker_free (gpointer data)
{
  Broker *broker = data;
  g_ptr_array_unref (broker->addresses);
  g_free (broker->truth);
  g_free (broker);
}

static Broker *
get_broker (GPtrArray *brokers, const char *name)
{
  for (guint i = 0; i < brokers->len; i++)
    {
      Broker *broker = g_ptr_array_index (brokers, i);
      if (g_str_equal (broker->name, name))
        return broker;
    }
  Broker *broker = g_new0 (Broker, 1);
  broker->name = name;
  broker->is_up = TRUE;
  broker->addresses = g_ptr_array_new ();
  g_ptr_array_add (brokers, broker);
  return broker;
}

static void
take_truth (const RmqTable *table, guint row, gpointer brokers)
{
  const char *name = rmq_dashboard_get_text (table, row, "broker");
  const char *state = rmq_dashboard_get_text (table, row, "state");
  gint64 outages = rmq_dashboard_get_number (table, row, "outages");
  if (name == NULL || state == NULL || rmq_dashboard_get_number (table, row, "brokerId") > 0)
    return; /* producers send to masters only */
  Broker *broker = get_broker (brokers, name);
  g_free (broker->truth);
  broker->is_up = g_str_equal (state, "UP");
  broker->truth = outages <= 0 ? g_strdup (state)
                               : g_strdup_printf ("%s, %d outage%s", state, (gint)outages,
                                                  outages > 1 ? "s" : "");
}

static void
take_address (const RmqTable *table, guint row, gpointer brokers)
{
  const char *name = rmq_dashboard_get_text (table, row, "brokerName");
  const char *address = rmq_dashboard_get_text (table, row, "address");
  if (name != NULL && address != NULL)
    g_ptr_array_add (get_broker (brokers, name)->addresses, (gpointer)address);
}

static void
take_queue (const RmqTable *table, guint row, gpointer brokers)
{
  const char *name = rmq_dashboard_get_text (table, row, "brokerName");
  if (name != NULL)
    get_broker (brokers, name)->n_queues++;
}

static void
take_request (const RmqTable *table, guint row, gpointer data)
{
  GPtrArray *brokers = data;
  const char *address = rmq_dashboard_get_text (table, row, "address");
  for (guint i = 0; address != NULL && i < brokers->len; i++)
    {
      Broker *broker = g_ptr_array_index (brokers, i);
      if (g_ptr_array_find_with_equal_func (broker->addresses, address, g_str_equal, NULL))
        {
          broker->in_flight++;
          return;
        }
    }
}

static gint
compare_brokers (gconstpointer a, gconstpointer b)
{
  const Broker *x = *(Broker *const *)a, *y = *(Broker *const *)b;
  return g_strcmp0 (x->name, y->name);
}

static const char *
describe_belief (const Broker *broker, guint all_queues)
{
  gboolean is_up = broker->is_up;
  if (all_queues == 0)
    return "no route yet";
  if (broker->n_queues > 0)
    return is_up ? "usable" : "usable <-STALE";
  return is_up ? "unlisted <-STALE" : "unlisted";
}

static void
add_flow_row (const RmqDashboardModel *model, RmqTable *table, const Broker *broker,
              guint all_queues)
{
  RmqDashboardTraffic traffic = rmq_dashboard_get_traffic (model, broker->name);
  gboolean gap = all_queues > 0 && broker->is_up != (broker->n_queues > 0);
  gint64 share = traffic.all_picks > 0 ? traffic.picks * 100 / traffic.all_picks : 0;
  rmq_table_begin_row (table);
  rmq_table_add_text (table, gap ? "!" : "");
  rmq_table_add_text (table, broker->name);
  rmq_table_add_text (table, broker->truth);
  rmq_table_add_text (table, describe_belief (broker, all_queues));
  rmq_table_add_number (table, share);
  rmq_table_add_number (table, broker->in_flight);
  rmq_table_add_number (table, traffic.oks_per_s);
  rmq_table_add_number (table, traffic.p50_us >= 0 ? traffic.p50_us : RMQ_NUMBER_ABSENT);
}

static void
add_flow (const RmqDashboardModel *model, RmqSnapshot *derived)
{
  g_autoptr (GPtrArray) brokers = g_ptr_array_new_with_free_func (broker_free);
  for_each_row (model->snapshot, "truth", take_truth, brokers);
  for_each_row (model->snapshot, "MQClientInstance#brokerAddrTable", take_address, brokers);
  for_each_row (model->snapshot, "messageQueues", take_queue, brokers);
  for_each_row (model->snapshot, "responseTable", take_request, brokers);
  g_ptr_array_sort (brokers, compare_brokers);
  RmqTable *table = rmq_snapshot_add_table (derived, &rmq_flow_schema, NULL);
  guint all_queues = 0;
  for (guint i = 0; i < brokers->len; i++)
    all_queues += ((const Broker *)g_ptr_array_index (brokers, i))->n_queues;
  for (guint i = 0; i < brokers->len; i++)
    add_flow_row (model, table, g_ptr_array_index (brokers, i), all_queues);
}

/* ---- queues -------------------------------------------------------------- */

typedef struct
{
  const RmqTable *table;
  guint row;
  gint64 picks; /* in the window */
} Queue;

typedef struct
{
  const RmqSnapshot *past; /* (nullable): all picks are of the window */
  GArray *queues;          /* of Queue */
} QueueFlow;

static gboolean
is_same_queue (const RmqTable *a, guint row_a, const RmqTable *b, guint row_b)
{
  return g_strcmp0 (rmq_table_get_owner (a), rmq_table_get_owner (b)) == 0
         && g_strcmp0 (rmq_dashboard_get_text (a, row_a, "topic"),
                       rmq_dashboard_get_text (b, row_b, "topic"))
                == 0
         && g_strcmp0 (rmq_dashboard_get_text (a, row_a, "brokerName"),
                       rmq_dashboard_get_text (b, row_b, "brokerName"))
                == 0
         && rmq_dashboard_get_number (a, row_a, "queueId")
                == rmq_dashboard_get_number (b, row_b, "queueId");
}

typedef struct
{
  const Queue *queue;
  gint64 picks;
} Then;

static void
take_then (const RmqTable *table, guint row, gpointer data)
{
  Then *then = data;
  if (is_same_queue (table, row, then->queue->table, then->queue->row))
    then->picks = rmq_dashboard_get_number (table, row, "picks");
}

/* A counter that fell began anew with a changed route. */
static void
take_picks (const RmqTable *table, guint row, gpointer data)
{
  QueueFlow *flow = data;
  Queue queue = { .table = table, .row = row };
  Then then = { .queue = &queue };
  gint64 now = rmq_dashboard_get_number (table, row, "picks");
  if (flow->past != NULL)
    for_each_row (flow->past, "messageQueues", take_then, &then);
  queue.picks = now >= then.picks ? now - then.picks : now;
  g_array_append_val (flow->queues, queue);
}

/* Queues of the same topic of the same producer share what is sent to it. */
static gboolean
share_a_topic (const Queue *a, const Queue *b)
{
  return g_strcmp0 (rmq_table_get_owner (a->table), rmq_table_get_owner (b->table)) == 0
         && g_strcmp0 (rmq_dashboard_get_text (a->table, a->row, "topic"),
                       rmq_dashboard_get_text (b->table, b->row, "topic"))
                == 0;
}

/* A topic nobody sent to in the window has nothing to show. */
static void
add_queue_flow_row (RmqTable *table, const GArray *queues, const Queue *queue)
{
  gint64 all = 0, n = 0;
  for (guint i = 0; i < queues->len; i++)
    {
      const Queue *other = &g_array_index (queues, Queue, i);
      if (!share_a_topic (queue, other))
        continue;
      all += other->picks;
      n++;
    }
  if (all == 0)
    return;
  g_autofree char *name =
      g_strdup_printf ("%s:%d", rmq_dashboard_get_text (queue->table, queue->row, "brokerName"),
                       (gint)rmq_dashboard_get_number (queue->table, queue->row, "queueId"));
  rmq_table_begin_row (table);
  rmq_table_add_text (table, name);
  rmq_table_add_text (table, rmq_dashboard_get_text (queue->table, queue->row, "topic"));
  rmq_table_add_number (table, queue->picks);
  rmq_table_add_number (table, queue->picks * 100 / all);
  rmq_table_add_number (table, queue->picks * 100 * n / all);
}

static void
add_queue_flow (const RmqDashboardModel *model, RmqSnapshot *derived)
{
  g_autoptr (GArray) queues = g_array_new (FALSE, FALSE, sizeof (Queue));
  QueueFlow flow = { .queues = queues };
  if (model->past->len > 0 && g_ptr_array_index (model->past, 0) != model->snapshot)
    flow.past = g_ptr_array_index (model->past, 0);
  RmqTable *table = rmq_snapshot_add_table (derived, &rmq_queue_flow_schema, NULL);
  for_each_row (model->snapshot, "messageQueues", take_picks, &flow);
  for (guint i = 0; i < queues->len; i++)
    add_queue_flow_row (table, queues, &g_array_index (queues, Queue, i));
}

/* ---- events -------------------------------------------------------------- */

#define EVENT_ROWS_MAX 300

/* Named fields and text, without the kind. */
static char *
format_event_text (const RmqEvent *event)
{
  g_autofree char *whole = rmq_event_format (event);
  const char *rest = whole + strlen (event->kind->name);
  gsize own = strlen (event->text);
  gsize length = strlen (rest);
  /* The text first: fields are detail. */
  g_autofree char *fields = g_strndup (rest, own > 0 ? length - own - 1 : length);
  return g_strconcat (event->text, own > 0 ? fields : g_strchug (fields), NULL);
}

static void
add_event_row (const RmqDashboardModel *model, RmqTable *table, const RmqDashboardEvent *record)
{
  const RmqEvent *event = &record->event;
  g_autofree char *time = rmq_format_clock (event->at_us - model->zero_us);
  g_autofree char *text = format_event_text (event);
  rmq_table_begin_row (table);
  rmq_table_add_number (table, (gint64)event->ev);
  rmq_table_add_text (table, time);
  rmq_table_add_text (table, event->kind->name);
  rmq_table_add_text (table, record->host);
  rmq_table_add_text (table, text);
  rmq_table_add_number (table, record->cause_ev > 0 ? (gint64)record->cause_ev : RMQ_NUMBER_ABSENT);
  rmq_table_add_text (table, event->kind->help);
}

static void
add_events (const RmqDashboardModel *model, RmqSnapshot *derived)
{
  RmqTable *table = rmq_snapshot_add_table (derived, &rmq_event_log_schema, NULL);
  const GArray *tail = model->show_hot ? model->all : model->rare;
  guint n = 0;
  for (guint i = tail->len; i > 0 && n < EVENT_ROWS_MAX; i--)
    {
      const RmqDashboardEvent *record = &g_array_index (tail, RmqDashboardEvent, i - 1);
      if (record->event.ev > model->ev)
        continue; /* the view is frozen, or of the past */
      add_event_row (model, table, record);
      n++;
    }
}

RmqSnapshot *
rmq_dashboard_derive_flows (const RmqDashboardModel *model)
{
  RmqSnapshot *flows = rmq_snapshot_new (model->ev, model->now_us);
  add_flow (model, flows);
  add_queue_flow (model, flows);
  return flows;
}

RmqSnapshot *
rmq_dashboard_derive_log (const RmqDashboardModel *model)
{
  RmqSnapshot *log = rmq_snapshot_new (model->ev, model->now_us);
  add_events (model, log);
  return log;
}

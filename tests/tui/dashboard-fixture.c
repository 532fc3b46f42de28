/* SPDX-License-Identifier: Apache-2.0 */

/* The hand-made moment that stored screens and update tests share. No clock, no world. */

#include "dashboard-fixture.h"

#define MS G_GINT64_CONSTANT (1000)
#define SECOND G_GINT64_CONSTANT (1000000)
#define NOW (6350 * MS)

#define SCHEMA(symbol, table_id, table_title, ...)                                                 \
  static const RmqColumn symbol##_columns[] = { __VA_ARGS__ };                                     \
  static const RmqTableSchema symbol##_schema = { .id = table_id,                                  \
                                                  .title = table_title,                            \
                                                  .help = "What the table " table_id " is.",       \
                                                  .java = "Class#" table_id,                       \
                                                  .columns = symbol##_columns,                     \
                                                  .n_columns = G_N_ELEMENTS (symbol##_columns) };
#define COLUMN(id, type, unit)                                                                     \
  {                                                                                                \
    id, RMQ_CELL_##type, unit, "What " id " means.", "Class#" id                                   \
  }

SCHEMA (truth, "truth", "Truth", COLUMN ("broker", TEXT, NULL), COLUMN ("state", TEXT, NULL))
SCHEMA (factory, "factoryTable", "Clients", COLUMN ("clientId", TEXT, NULL),
        COLUMN ("serviceState", TEXT, NULL), COLUMN ("namesrvAddrChoosed", TEXT, NULL),
        COLUMN ("bootTime", MOMENT_US, NULL))
SCHEMA (producer, "producerTable", "Producers", COLUMN ("group", TEXT, NULL),
        COLUMN ("serviceState", TEXT, NULL), COLUMN ("sendMsgTimeout", INT, "ms"),
        COLUMN ("topics", INT, "topics"))
SCHEMA (broker_addr, "brokerAddrTable", "Addresses", COLUMN ("brokerName", TEXT, NULL),
        COLUMN ("brokerId", INT, NULL), COLUMN ("address", TEXT, NULL))
SCHEMA (publish_info, "topicPublishInfoTable", "Topics", COLUMN ("topic", TEXT, NULL),
        COLUMN ("haveTopicRouterInfo", BOOL, NULL), COLUMN ("queues", INT, "queues"),
        COLUMN ("sendWhichQueue", INT, NULL), COLUMN ("lastPick", TEXT, NULL),
        COLUMN ("routeSince", MOMENT_US, NULL))
SCHEMA (queues, "messageQueues", "Queues", COLUMN ("topic", TEXT, NULL),
        COLUMN ("brokerName", TEXT, NULL), COLUMN ("queueId", INT, NULL),
        COLUMN ("picks", INT, "picks"), COLUMN ("lastPick", MOMENT_US, NULL))
SCHEMA (channels, "channelTables", "Channels", COLUMN ("address", TEXT, NULL),
        COLUMN ("state", TEXT, NULL), COLUMN ("inFlight", INT, "requests"),
        COLUMN ("lastActive", MOMENT_US, NULL), COLUMN ("outbox", BYTES, NULL))
SCHEMA (responses, "responseTable", "In flight", COLUMN ("opaque", INT, NULL),
        COLUMN ("code", TEXT, NULL), COLUMN ("address", TEXT, NULL), COLUMN ("age", SPAN_US, NULL),
        COLUMN ("timeLeft", SPAN_US, NULL), COLUMN ("mode", TEXT, NULL))
SCHEMA (tasks, "scheduledTasks", "Scheduled tasks", COLUMN ("task", TEXT, NULL),
        COLUMN ("lane", TEXT, NULL), COLUMN ("period", SPAN_US, NULL),
        COLUMN ("lastRun", MOMENT_US, NULL), COLUMN ("nextRun", MOMENT_US, NULL),
        COLUMN ("runs", INT, "runs"))
SCHEMA (lanes, "lanes", "Lanes", COLUMN ("lane", TEXT, NULL), COLUMN ("current", TEXT, NULL),
        COLUMN ("backlog", INT, "items"))
SCHEMA (live, "brokerLiveTable", "Live brokers", COLUMN ("address", TEXT, NULL),
        COLUMN ("lastUpdate", MOMENT_US, NULL))

static void
add_cell (RmqTable *table, const RmqColumn *column, const char *text)
{
  if (column->type == RMQ_CELL_TEXT)
    rmq_table_add_text (table, g_str_equal (text, "~") ? NULL : text);
  else
    rmq_table_add_number (table, g_ascii_strtoll (text, NULL, 10));
}

RmqTable *
dashboard_fixture_add_table (RmqSnapshot *snapshot, const RmqTableSchema *schema, const char *owner,
                             const char *rows)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, schema, owner);
  g_auto (GStrv) lines = g_strsplit (rows, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i], "|", -1);
      g_assert_cmpuint (g_strv_length (cells), ==, schema->n_columns);
      rmq_table_begin_row (table);
      for (guint c = 0; c < schema->n_columns; c++)
        add_cell (table, &schema->columns[c], cells[c]);
    }
  return table;
}

static void
add_client_tables (RmqSnapshot *snapshot)
{
  const char *id = "10.0.0.5@4242";
  dashboard_fixture_add_table (snapshot, &factory_schema, "P",
                               "10.0.0.5@4242#98765|RUNNING|10.0.0.9:9876|0\n");
  dashboard_fixture_add_table (snapshot, &producer_schema, id,
                               "PG_ORDER|RUNNING|3000|1\nCLIENT_INNER_PRODUCER|RUNNING|3000|0\n");
  dashboard_fixture_add_table (snapshot, &broker_addr_schema, id,
                               "broker-a|0|10.0.0.1:10911\nbroker-b|0|10.0.0.2:10911\n");
  dashboard_fixture_add_table (snapshot, &publish_info_schema, id,
                               "Orders|1|8|3399|broker-b:2|250000\nTBW102|0|0|0|~|-1\n");
  dashboard_fixture_add_table (snapshot, &queues_schema, id,
                               "Orders|broker-a|0|12|4800000\nOrders|broker-a|1|11|4900000\n"
                               "Orders|broker-a|2|11|5000000\nOrders|broker-a|3|11|4700000\n"
                               "Orders|broker-b|0|15|6100000\nOrders|broker-b|1|15|6200000\n"
                               "Orders|broker-b|2|16|6300000\nOrders|broker-b|3|15|6000000\n");
  dashboard_fixture_add_table (snapshot, &channels_schema, id,
                               "10.0.0.9:9876|active|0|250000|0\n"
                               "10.0.0.1:10911|dead (until next use)|1|5050000|0\n"
                               "10.0.0.2:10911|active|2|6300000|1536\n");
  dashboard_fixture_add_table (snapshot, &responses_schema, id,
                               "3601|310 SEND_V2|10.0.0.1:10911|1344000|1656000|sync\n"
                               "3602|310 SEND_V2|10.0.0.2:10911|2100|2997900|sync\n"
                               "3590|310 SEND_V2|10.0.0.2:10911|3344000|-344000|async\n");
  dashboard_fixture_add_table (snapshot, &tasks_schema, id,
                               "updateTopicRouteInfo|sched|30000000|10000|30010000|1\n"
                               "cleanOffline+heartbeat|sched|30000000|1000000|31000000|1\n"
                               "scanResponseTable|housekeeping|1000000|6003000|7003000|4\n"
                               "PullMessageService|pull|0|-1|-1|0\n");
  dashboard_fixture_add_table (snapshot, &lanes_schema, id,
                               "sched|~|0\ncallback 1|user callback|3\n");
}

RmqSnapshot *
dashboard_fixture_make_snapshot (gint64 at_us)
{
  RmqSnapshot *snapshot = rmq_snapshot_new (48325, at_us);
  dashboard_fixture_add_table (snapshot, &truth_schema, NULL, "broker-a|KILLED\nbroker-b|UP\n");
  add_client_tables (snapshot);
  dashboard_fixture_add_table (snapshot, &live_schema, "ns1", "10.0.0.2:10911|6000000\n");
  return snapshot;
}

/* ---- events ---------------------------------------------------------------------------------- */

static const RmqEventKind send_kind = { "SEND", RMQ_HASH_CLIENT, TRUE, { "tag" }, "a send" };
static const RmqEventKind pick_kind = { "PICK", RMQ_HASH_CLIENT, TRUE, { "tag" }, "a choice" };
static const RmqEventKind ok_kind = {
  "SEND_OK", RMQ_HASH_CLIENT, TRUE, { "tag", "took_us" }, "the send ended, stored"
};
static const RmqEventKind retry_kind = {
  "RETRY", RMQ_HASH_CLIENT, FALSE, { "tag", "attempt" }, "another attempt follows"
};
static const RmqEventKind outage_kind = {
  "OUTAGE_ON", RMQ_HASH_BROKER, FALSE, { "rule" }, "an outage began"
};
static const RmqEventKind refused_kind = {
  "CHANNEL_REFUSED", RMQ_HASH_CLIENT, FALSE, { "took_us" }, "a connect failed"
};

static void
emit (RmqEventLog *log, gint64 at_us, guint16 host, const RmqEventKind *kind, const char *text,
      gint64 first, gint64 second)
{
  const gint64 fields[] = { first, second };
  guint n_fields = kind->field_names[0] == NULL ? 0 : kind->field_names[1] == NULL ? 1 : 2;
  rmq_event_log_begin_moment (log, rmq_event_log_get_last_id (log) / 2);
  rmq_event_log_emit (log, at_us, host, kind, text, fields, n_fields);
}

static void
fill_log (RmqEventLog *log)
{
  static const char *const queues[] = { "broker-b:0", "broker-b:1", "broker-b:2", "broker-b:3",
                                        "broker-a:0" };
  rmq_event_log_add_host (log, "P");
  rmq_event_log_add_host (log, "broker-a");
  for (guint i = 0; i < 50; i++)
    {
      gint64 at = 1400 * MS + i * 100 * MS;
      emit (log, at, 0, &send_kind, "Orders", i, 0);
      emit (log, at, 0, &pick_kind, queues[i % G_N_ELEMENTS (queues)], i, 0);
      if (i == 36)
        emit (log, 5050 * MS, 1, &outage_kind, "broker-a kill", 0, 0);
      if (i > 36 && i % 5 == 4)
        {
          emit (log, at + 300, 0, &refused_kind, "10.0.0.1:10911: refused", 210, 0);
          emit (log, at + 400, 0, &retry_kind, "broker-a", i, 2);
        }
      emit (log, at + 2100 + i * 10, 0, &ok_kind, "broker-b", i, 2100 + i * 10);
    }
}

/* (transfer full) */
static GArray *
read_log (RmqEventLog *log)
{
  GArray *events = g_array_new (FALSE, FALSE, sizeof (RmqDashboardEvent));
  for (guint64 id = 1; id <= rmq_event_log_get_last_id (log); id++)
    {
      RmqDashboardEvent event = { .event = *rmq_event_log_get (log, id) };
      const RmqEvent *cause = rmq_event_log_get (log, event.event.cause);
      event.cause_ev = cause != NULL ? cause->ev : 0;
      event.host = rmq_event_log_get_host_name (log, event.event.host);
      g_array_append_val (events, event);
    }
  return events;
}

void
dashboard_fixture_set_up (DashboardFixture *fixture, gconstpointer unused)
{
  fixture->log = rmq_event_log_new ();
  fill_log (fixture->log);
  fixture->model = rmq_dashboard_model_new ("broker-a-dies", RMQ_BADGE_LAB, 42);
  fixture->model->ascii = TRUE;
  g_autoptr (RmqSnapshot) snapshot = dashboard_fixture_make_snapshot (NOW);
  g_autoptr (GArray) events = read_log (fixture->log);
  RmqDashboardMsg msg = { .kind = RMQ_MSG_TICK,
                          .snapshot = snapshot,
                          .events = (const RmqDashboardEvent *)(gconstpointer)events->data,
                          .n_events = events->len,
                          .now_us = NOW,
                          .ev = 48325 };
  rmq_dashboard_update (fixture->model, &msg);
}

void
dashboard_fixture_tear_down (DashboardFixture *fixture, gconstpointer unused)
{
  rmq_dashboard_model_free (fixture->model);
  rmq_event_log_free (fixture->log);
}

RmqDashboardEffect
dashboard_fixture_press (RmqDashboardModel *model, guint32 key)
{
  return rmq_dashboard_update (model, &(RmqDashboardMsg){ .kind = RMQ_MSG_KEY, .key = key });
}

RmqDashboardEffect
dashboard_fixture_type (RmqDashboardModel *model, const char *keys)
{
  RmqDashboardEffect effect = RMQ_EFFECT_NONE;
  for (const char *p = keys; *p != '\0'; p = g_utf8_next_char (p))
    effect = dashboard_fixture_press (model, g_utf8_get_char (p));
  return effect;
}

void
dashboard_fixture_tick (RmqDashboardModel *model, RmqSnapshot *snapshot, gint64 now_us)
{
  rmq_dashboard_update (model, &(RmqDashboardMsg){ .kind = RMQ_MSG_TICK,
                                                   .snapshot = snapshot,
                                                   .now_us = now_us,
                                                   .ev = model->ev + 1 });
}

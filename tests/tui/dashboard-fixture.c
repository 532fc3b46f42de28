/* SPDX-License-Identifier: Apache-2.0 */

/* The hand-made moment that stored screens and update tests share. No clock, no world. */

#include "dashboard-fixture.h"
#include "rmq-client-tables.h"

#define MS G_GINT64_CONSTANT (1000)
#define SECOND G_GINT64_CONSTANT (1000000)
#define NOW (6350 * MS)
#define CLIENT "10.0.0.5@4242#98765"

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

SCHEMA (truth, "truth", "Brokers as they are", COLUMN ("broker", TEXT, NULL),
        COLUMN ("address", TEXT, NULL), COLUMN ("state", TEXT, NULL),
        COLUMN ("outages", INT, "rules"))
SCHEMA (live, "brokerLiveTable", "Live brokers", COLUMN ("brokerAddr", TEXT, NULL),
        COLUMN ("lastUpdateTimestamp", MOMENT_US, NULL))
SCHEMA (ns_broker_addr, "brokerAddrTable", "Brokers", COLUMN ("brokerName", TEXT, NULL),
        COLUMN ("brokerAddr", TEXT, NULL))

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
add_tables_of_knowledge (RmqSnapshot *snapshot)
{
  dashboard_fixture_add_table (snapshot, &rmq_factory_table_schema, "P",
                               "10.0.0.5@4242#98765|0|RUNNING|10.0.0.9:9876|10.0.0.9:9876|2|4|0\n");
  dashboard_fixture_add_table (snapshot, &rmq_producer_table_schema, CLIENT,
                               "PG_ORDER|RUNNING|3000|2|2|2|1|0\n"
                               "CLIENT_INNER_PRODUCER|RUNNING|0|0|0|0|0|0\n");
  dashboard_fixture_add_table (
      snapshot, &rmq_topic_route_table_schema, CLIENT,
      "Orders|broker-a 4/4 perm 6; broker-b 4/4 perm 6|broker-a 0=10.0.0.1:10911; broker-b "
      "0=10.0.0.2:10911|~|10300|10300|1\n");
  dashboard_fixture_add_table (snapshot, &rmq_broker_addr_table_schema, CLIENT,
                               "broker-a|0|10.0.0.1:10911|401\nbroker-b|0|10.0.0.2:10911|401\n");
  dashboard_fixture_add_table (snapshot, &rmq_topic_publish_info_table_schema, CLIENT,
                               "Orders|1|8|0|0|3399|2|broker-b:2|250000|1\n"
                               "TBW102|0|0|0|0|-1|0|~|-1|0\n");
  dashboard_fixture_add_table (snapshot, &rmq_message_queues_schema, CLIENT,
                               "Orders|0|broker-a|0|12|4800000\nOrders|1|broker-a|1|11|4900000\n"
                               "Orders|2|broker-a|2|11|5000000\nOrders|3|broker-a|3|11|4700000\n"
                               "Orders|4|broker-b|0|15|6100000\nOrders|5|broker-b|1|15|6200000\n"
                               "Orders|6|broker-b|2|16|6300000\nOrders|7|broker-b|3|15|6000000\n");
}

static void
add_tables_of_the_wire (RmqSnapshot *snapshot)
{
  dashboard_fixture_add_table (
      snapshot, &rmq_channel_tables_schema, CLIENT,
      "10.0.0.9:9876|ns|active|0|10000|250000|512|2048|0|1|~\n"
      "10.0.0.1:10911|broker|dead (until next use)|1|5050000|-1|0|0|0|14|refused\n"
      "10.0.0.2:10911|broker|active|2|11000|6300000|24576|9216|1536|1|~\n");
  dashboard_fixture_add_table (
      snapshot, &rmq_response_table_schema, CLIENT,
      "3601|310 SEND_MESSAGE_V2|10.0.0.1:10911|1344000|1656000|3000000|sync|1|3565\n"
      "3602|310 SEND_MESSAGE_V2|10.0.0.2:10911|2100|2997900|3000000|sync|1|3566\n"
      "3590|310 SEND_MESSAGE_V2|10.0.0.2:10911|3344000|-344000|3000000|async|2|3551\n"
      "3603|105 GET_ROUTEINFO_BY_TOPIC|10.0.0.9:9876|1000|2999000|3000000|sync|0|0\n");
  dashboard_fixture_add_table (snapshot, &rmq_permits_schema, CLIENT,
                               "async|65534\noneway|65535\n");
}

static void
add_tables_of_time (RmqSnapshot *snapshot)
{
  dashboard_fixture_add_table (
      snapshot, &rmq_scheduled_tasks_schema, CLIENT,
      "updateTopicRouteInfo|sched|10000|30000000|10300|1200|300|1|0|0|30010000|0|~|asks routes\n"
      "cleanOfflineBroker+sendHeartbeat|sched|1000000|30000000|1000200|3000|200|1|0|0|31000000|0|~|"
      "heartbeats\n"
      "scanResponseTable|housekeeping|3000000|1000000|6003000|40|3000|4|0|0|7000000|0|~|ends "
      "calls\n"
      "PullMessageService|pull|-1|0|-1|-1|-1|0|0|0|-1|0|~|pulls for consumers\n");
  dashboard_fixture_add_table (snapshot, &rmq_lanes_schema, CLIENT,
                               "sched|~|~|0\nhousekeeping|~|~|0\ncallback 1|user callback|~|3\n");
  dashboard_fixture_add_table (snapshot, &rmq_locks_schema, CLIENT,
                               "lockNamesrv|~|0\nlockHeartbeat|~|0\n");
}

RmqSnapshot *
dashboard_fixture_make_snapshot (gint64 at_us)
{
  RmqSnapshot *snapshot = rmq_snapshot_new (48325, at_us);
  add_tables_of_knowledge (snapshot);
  add_tables_of_the_wire (snapshot);
  add_tables_of_time (snapshot);
  dashboard_fixture_add_table (snapshot, &ns_broker_addr_schema, "ns1",
                               "broker-b|10.0.0.2:10911\n");
  dashboard_fixture_add_table (snapshot, &live_schema, "ns1", "10.0.0.2:10911|6000000\n");
  dashboard_fixture_add_table (snapshot, &truth_schema, "script",
                               "broker-a|10.0.0.1:10911|DOWN|0\n"
                               "broker-b|10.0.0.2:10911|UP|1\n");
  return snapshot;
}

/* ---- events -------------------------------------------------------------- */

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

/* broker-a's own events are its outages. */
static void
emit (RmqEventLog *log, gint64 at_us, const RmqEventKind *kind, const char *text, gint64 first,
      gint64 second)
{
  const gint64 fields[] = { first, second };
  guint16 host = kind == &outage_kind;
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
      emit (log, at, &send_kind, "Orders", i, 0);
      emit (log, at, &pick_kind, queues[i % G_N_ELEMENTS (queues)], i, 0);
      if (i == 36)
        emit (log, 5050 * MS, &outage_kind, "broker-a kill", 0, 0);
      if (i > 36 && i % 5 == 4)
        {
          emit (log, at + 300, &refused_kind, "10.0.0.1:10911: refused", 210, 0);
          emit (log, at + 400, &retry_kind, "broker-a", i, 2);
        }
      emit (log, at + 2100 + i * 10, &ok_kind, "broker-b", i, 2100 + i * 10);
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

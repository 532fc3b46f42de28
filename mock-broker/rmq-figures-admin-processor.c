/* SPDX-License-Identifier: Apache-2.0 */

/* Figures of a running broker: runtime info (28), whose names tools and dashboards know, and
 * statistics by topic (315). What a broker in memory has no use for stands there as an idle one's.
 * A part of AdminBrokerProcessor and BrokerStatsManager. On the broker's loop, owner only. */

#include "rmq-admin-processors.h"
#include "rmq-codes-private.h"
#include "rmq-json-body-private.h"

/* ---- 28 ------------------------------------------------------------------ */

typedef char *(*FigureFunc) (RmqMockBroker *self); /* (transfer full) */

typedef struct
{
  const char *name;
  const char *value; /* (nullable): func says it */
  FigureFunc func;
  gint since; /* first version that has it; 0: all */
  gint until; /* first version that has it no more; 0: none */
} Figure;

static char *
number_text (gint64 number)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, number);
}

static char *
get_version (RmqMockBroker *self)
{
  return number_text (self->profile->version);
}

static char *
get_version_name (RmqMockBroker *self)
{
  return g_strdup (self->profile->consumer->version_name);
}

static char *
get_boot_time (RmqMockBroker *self)
{
  return number_text (self->boot_ms);
}

static char *
get_run_time (RmqMockBroker *self)
{
  gint64 s = (rmq_mock_broker_now_ms (self) - self->boot_ms) / 1000;
  return g_strdup_printf ("[ %d days, %d hours, %d minutes, %d seconds ]", (gint)(s / 86400),
                          (gint)(s / 3600 % 24), (gint)(s / 60 % 60), (gint)(s % 60));
}

static char *
get_log_end (RmqMockBroker *self)
{
  return number_text (self->store.next_physical_offset);
}

static char *
get_n_messages (RmqMockBroker *self)
{
  return number_text (self->store.log->len);
}

static char *
get_mean_size (RmqMockBroker *self)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  gdouble n = MAX (self->store.log->len, 1);
  return g_strdup (
      g_ascii_formatd (text, sizeof text, "%.1f", (gdouble)self->store.next_physical_offset / n));
}

static char *
get_first_time (RmqMockBroker *self)
{
  const RmqStoredMessage *first =
      self->store.log->len > 0 ? g_ptr_array_index (self->store.log, 0) : NULL;
  return number_text (first != NULL ? first->store_ms : -1);
}

static char *
get_opening_time (RmqMockBroker *self)
{
  return number_text (self->config.accept_sends_from_ms);
}

#define SINCE_4_9 .since = RMQ_VERSION_4_9_4
#define SINCE_5_3 .since = RMQ_VERSION_5_3_3
#define ONE_THREE_SPACES "  "

static const Figure figures[] = {
  { "EndTransactionQueueSize", "0" },
  { "EndTransactionThreadPoolQueueCapacity", "100000" },
  { "ackThreadPoolQueueCapacity", "100000", SINCE_5_3 },
  { "ackThreadPoolQueueHeadWaitTimeMills", "0", SINCE_5_3 },
  { "ackThreadPoolQueueSize", "0", SINCE_5_3 },
  { "bootTimestamp", NULL, get_boot_time },
  { "brokerActive", "true", SINCE_5_3 },
  { "brokerVersion", NULL, get_version },
  { "brokerVersionDesc", NULL, get_version_name },
  { "commitLogDirCapacity", "Total : 1.0 GiB, Free : 1.0 GiB." },
  { "commitLogDiskRatio", "0.01" },
  { "commitLogMaxOffset", NULL, get_log_end },
  { "commitLogMinOffset", "0" },
  { "consumeQueueDiskRatio", "0.01" },
  { "dispatchBehindBytes", "0" },
  { "dispatchMaxBuffer", "0" },
  { "earliestMessageTimeStamp", NULL, get_first_time },
  { "getFoundTps", ONE_THREE_SPACES },
  { "getMessageEntireTimeMax", "0" },
  { "getMissTps", ONE_THREE_SPACES },
  { "getTotalTps", "0.0 0.0 0.0" },
  { "getTransferedTps", ONE_THREE_SPACES, .until = RMQ_VERSION_5_3_3 },
  { "getTransferredTps", ONE_THREE_SPACES, SINCE_5_3 },
  { "litePullThreadPoolQueueCapacity", "100000", SINCE_5_3 },
  { "litePullThreadPoolQueueHeadWaitTimeMills", "0", SINCE_5_3 },
  { "litePullThreadPoolQueueSize", "0", SINCE_5_3 },
  { "msgGetTotalTodayMorning", "0" },
  { "msgGetTotalTodayNow", "0" },
  { "msgGetTotalYesterdayMorning", "0" },
  { "msgPutTotalTodayMorning", "0" },
  { "msgPutTotalTodayNow", NULL, get_n_messages },
  { "msgPutTotalYesterdayMorning", "0" },
  { "pageCacheLockTimeMills", "0" },
  { "pullThreadPoolQueueCapacity", "100000" },
  { "pullThreadPoolQueueHeadWaitTimeMills", "0" },
  { "pullThreadPoolQueueSize", "0" },
  { "putLatency99", "0.00", SINCE_4_9 },
  { "putLatency999", "0.00", SINCE_4_9 },
  { "putMessageAverageSize", NULL, get_mean_size },
  { "putMessageDistributeTime", "null" },
  { "putMessageEntireTimeMax", "0" },
  { "putMessageFailedTimes", "0", SINCE_4_9 },
  { "putMessageSizeTotal", NULL, get_log_end },
  { "putMessageTimesTotal", NULL, get_n_messages },
  { "putTps", ONE_THREE_SPACES },
  { "queryThreadPoolQueueCapacity", "20000" },
  { "queryThreadPoolQueueHeadWaitTimeMills", "0" },
  { "queryThreadPoolQueueSize", "0" },
  { "remainHowManyDataToFlush", "0 B" },
  { "remainTransientStoreBufferNumbs", "2147483647" },
  { "runtime", NULL, get_run_time },
  { "sendThreadPoolQueueCapacity", "10000" },
  { "sendThreadPoolQueueHeadWaitTimeMills", "0" },
  { "sendThreadPoolQueueSize", "0" },
  { "startAcceptSendRequestTimeStamp", NULL, get_opening_time },
  { "timerCongestNum", "0", SINCE_5_3 },
  { "timerDequeueTps", "0.0", SINCE_5_3 },
  { "timerEnqueueTps", "0.0", SINCE_5_3 },
  { "timerOffsetBehind", "0", SINCE_5_3 },
  { "timerReadBehind", "0", SINCE_5_3 },
};

RmqRemotingCommand *
rmq_mock_broker_get_runtime_info (gpointer mock, RmqConnection *connection,
                                  RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  gint version = self->profile->version;
  RmqProperties *table = rmq_properties_new ();
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      const Figure *figure = &figures[i];
      if (version < figure->since || (figure->until != 0 && version >= figure->until))
        continue;
      g_autofree char *value =
          figure->func != NULL ? figure->func (self) : g_strdup (figure->value);
      rmq_properties_set (table, figure->name, value);
    }
  g_autoptr (GBytes) body = rmq_kv_table_encode (table);
  rmq_properties_free (table);
  return rmq_admin_answer_body (request, body);
}

/* ---- 315 ----------------------------------------------------------------- */

#define MINUTE_MS 60000

typedef struct
{
  const char *name;
  gint64 span_ms;
} Span;

static const Span spans[] = {
  { "statsDay", 24 * 60 * MINUTE_MS },
  { "statsHour", 60 * MINUTE_MS },
  { "statsMinute", MINUTE_MS },
};

/* Messages of the topic, or their bytes, stored since then. */
static gint64
sum_since (RmqMockBroker *self, const char *topic, gint64 since_ms, gboolean bytes)
{
  gint64 sum = 0;
  for (guint i = 0; i < self->store.log->len; i++)
    {
      const RmqStoredMessage *message = g_ptr_array_index (self->store.log, i);
      if (message->store_ms >= since_ms && g_str_equal (message->topic, topic))
        sum += bytes ? (gint64)g_bytes_get_size (message->body) : 1;
    }
  return sum;
}

static void
put_span (RmqMockBroker *self, const char *topic, const Span *span, gboolean bytes,
          RmqJsonWriter *out)
{
  char tps[G_ASCII_DTOSTR_BUF_SIZE], each[G_ASCII_DTOSTR_BUF_SIZE];
  gint64 since_ms = rmq_mock_broker_now_ms (self) - span->span_ms;
  gint64 sum = sum_since (self, topic, since_ms, bytes);
  gint64 n = sum_since (self, topic, since_ms, FALSE);
  g_ascii_formatd (tps, sizeof tps, "%.4f", (gdouble)sum * 1000 / (gdouble)span->span_ms);
  g_ascii_formatd (each, sizeof each, "%.2f", n > 0 ? (gdouble)sum / (gdouble)n : 0.0);
  rmq_json_put_string (out, span->name);
  rmq_json_put (out, ":{\"avgpt\":");
  rmq_json_put (out, each);
  rmq_json_put_int_member (out, ",\"sum\":", sum);
  rmq_json_put (out, ",\"tps\":");
  rmq_json_put (out, tps);
  rmq_json_put (out, "}");
}

RmqRemotingCommand *
rmq_mock_broker_get_stats (gpointer mock, RmqConnection *connection, RmqRemotingCommand *request)
{
  RmqMockBroker *self = mock;
  const char *name = rmq_remoting_command_get_ext (request, "statsName");
  const char *key = rmq_remoting_command_get_ext (request, "statsKey");
  gboolean bytes = g_strcmp0 (name, "TOPIC_PUT_SIZE") == 0;
  if (!(bytes || g_strcmp0 (name, "TOPIC_PUT_NUMS") == 0) || key == NULL
      || sum_since (self, key, 0, FALSE) == 0)
    return rmq_admin_answer (request, RMQ_RESPONSE_SYSTEM_ERROR, "The stats <%s> <%s> not exist",
                             name != NULL ? name : "null", key != NULL ? key : "null");
  RmqJsonWriter writer, *out = &writer;
  rmq_json_body_begin (out);
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      rmq_json_put (out, i > 0 ? "," : "{");
      put_span (self, key, &spans[i], bytes, out);
    }
  rmq_json_put (out, "}");
  g_autoptr (GBytes) body = rmq_json_body_end (out);
  return rmq_admin_answer_body (request, body);
}

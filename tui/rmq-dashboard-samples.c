/* SPDX-License-Identifier: Apache-2.0 */

/* Rates and latencies of the last seconds, from the events of sends. Events may be lost (then a
 * rate is too low and the title says so); tables never come from here. Pure but for the array it
 * keeps. */

#include "rmq-dashboard-derived.h"

#include <string.h>

/* The kinds that are kept, by name: this file knows the client's words, not its code. */
static const char *const kept_kinds[] = { "SEND",    "PICK",        "RETRY",
                                          "SEND_OK", "SEND_ONEWAY", "SEND_ERROR" };

static gint64
find_field (const RmqEvent *event, const char *name)
{
  for (guint i = 0; i < event->n_fields && event->kind->field_names[i] != NULL; i++)
    if (g_str_equal (event->kind->field_names[i], name))
      return event->fields[i];
  return -1;
}

void
rmq_dashboard_samples_add (GArray *samples, const RmqEvent *event)
{
  gboolean kept = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (kept_kinds) && !kept; i++)
    kept = g_str_equal (event->kind->name, kept_kinds[i]);
  if (!kept)
    return;
  RmqDashboardSample sample = { .kind = event->kind,
                                .text = event->text,
                                .at_us = event->at_us,
                                .took_us = find_field (event, "took_us") };
  g_array_append_val (samples, sample);
  if (samples->len >= 2 * RMQ_SAMPLES_MAX)
    g_array_remove_range (samples, 0, samples->len - RMQ_SAMPLES_MAX);
}

void
rmq_dashboard_samples_trim (GArray *samples, gint64 now_us)
{
  guint old = 0;
  while (old < samples->len
         && g_array_index (samples, RmqDashboardSample, old).at_us <= now_us - RMQ_WINDOW_US)
    old++;
  if (old > 0)
    g_array_remove_range (samples, 0, old);
}

static gint
compare_spans (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

static gint64
percentile (GArray *spans, guint percent)
{
  if (spans->len == 0)
    return -1;
  g_array_sort (spans, compare_spans);
  return g_array_index (spans, gint64, (spans->len - 1) * percent / 100);
}

/* n in what the window has seen so far, as thousandths per second. */
static gint64
per_second (const RmqDashboardModel *model, guint n)
{
  gint64 window = RMQ_WINDOW_US;
  if (model->samples->len >= RMQ_SAMPLES_MAX)
    window = model->now_us - g_array_index (model->samples, RmqDashboardSample, 0).at_us;
  else
    window = MIN (window, model->now_us - model->zero_us);
  return n * G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC / MAX (window, G_USEC_PER_SEC / 2);
}

static gint
count_rows (const RmqSnapshot *snapshot, const char *table_id)
{
  gint n = -1;
  for (guint i = 0; snapshot != NULL && i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const RmqTable *table = rmq_snapshot_get_table (snapshot, i);
      if (g_str_equal (rmq_table_get_schema (table)->id, table_id))
        n = MAX (n, 0) + (gint)rmq_table_get_n_rows (table);
    }
  return n;
}

RmqDashboardHealth
rmq_dashboard_measure_health (const RmqDashboardModel *model)
{
  guint sends = 0, oks = 0, fails = 0, retries = 0;
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < model->samples->len; i++)
    {
      const RmqDashboardSample *sample = &g_array_index (model->samples, RmqDashboardSample, i);
      const char *name = sample->kind->name;
      sends += g_str_equal (name, "SEND");
      retries += g_str_equal (name, "RETRY");
      fails += g_str_equal (name, "SEND_ERROR");
      oks += g_str_equal (name, "SEND_OK") || g_str_equal (name, "SEND_ONEWAY");
      if (sample->took_us >= 0)
        g_array_append_val (spans, sample->took_us);
    }
  return (RmqDashboardHealth){ .sends = per_second (model, sends),
                               .oks = per_second (model, oks),
                               .fails = per_second (model, fails),
                               .retries = per_second (model, retries),
                               .p50_us = percentile (spans, 50),
                               .p99_us = percentile (spans, 99),
                               .in_flight = count_rows (model->snapshot, "responseTable") };
}

/* PICK's text is "BROKER:QUEUE", SEND_OK's the broker's name. */
static gboolean
is_about (const char *text, const char *broker)
{
  gsize length = strlen (broker);
  return strncmp (text, broker, length) == 0 && (text[length] == ':' || text[length] == '\0');
}

RmqDashboardTraffic
rmq_dashboard_get_traffic (const RmqDashboardModel *model, const char *broker)
{
  RmqDashboardTraffic traffic = { 0 };
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < model->samples->len; i++)
    {
      const RmqDashboardSample *sample = &g_array_index (model->samples, RmqDashboardSample, i);
      gboolean about = is_about (sample->text, broker);
      if (g_str_equal (sample->kind->name, "PICK"))
        {
          traffic.all_picks++;
          traffic.picks += about;
        }
      else if (about && g_str_equal (sample->kind->name, "SEND_OK"))
        {
          traffic.oks++;
          g_array_append_val (spans, sample->took_us);
        }
    }
  traffic.oks_per_s = per_second (model, traffic.oks);
  traffic.p50_us = percentile (spans, 50);
  return traffic;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Deadlocks: a run in which nothing can happen any more. Timers re-arm for ever, so an empty heap
 * is no sign of it; what is: work is left, nothing is planned, nobody sleeps until a time to come,
 * and no send has begun or ended for longer than any of a client's waits lasts. Looked for between
 * events, so that looking is none. Owner. */

#include "rmq-run-private.h"

#include "rmq-sim-world.h"

/* Longer than every wait of a client: idle close, poll, isolation by one failure. */
#define STUCK_US (150 * G_USEC_PER_SEC)
#define LOOK_AGAIN_US (10 * G_USEC_PER_SEC)

const RmqEventKind rmq_event_deadlock = { .name = "DEADLOCK",
                                          .part = RMQ_HASH_VERDICT,
                                          .field_names = { "sinceUs", "waiting" },
                                          .help = "nothing can happen any more; text: who waits" };

/* ---- is it one? ---------------------------------------------------------- */

static gboolean
is_left (const RmqWorkloadRecord *record)
{
  return !record->is_cut && !record->is_probe && record->n_ended < record->count;
}

/* The longest budget of a send that is under way. */
static gint64
longest_wait (const RmqEvidence *evidence)
{
  gint64 longest_us = 0;
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *record = rmq_evidence_get_workload (evidence, i);
      for (guint j = 0; is_left (record) && j < record->count; j++)
        if (record->sends[j].fate == RMQ_FATE_PENDING)
          longest_us = MAX (longest_us, record->sends[j].timeout_us);
    }
  return longest_us;
}

/* When the last of the tasks that still have something to send wants to go on; -1: none is left. */
static gint64
last_wake (RmqRun *run)
{
  gint64 last_us = -1;
  for (guint i = 0; i < run->workloads->len; i++)
    {
      const RmqRunWorkload *workload = g_ptr_array_index (run->workloads, i);
      if (is_left (workload->record))
        last_us = MAX (last_us, workload->wakes_us);
    }
  return last_us;
}

/* Until when something may still happen by itself; G_MAXINT64: it may, that is all one can say. */
static gint64
hope_until (RmqRun *run)
{
  const gint64 wake_us = last_wake (run);
  if (run->over || run->cancelled || run->options.serve || run->n_waiting > 0 || wake_us < 0)
    return G_MAXINT64;
  const gint64 active_us = MAX (MAX (run->evidence->last_activity_us, run->zero_us), wake_us);
  return active_us + STUCK_US + longest_wait (run->evidence);
}

/* ---- who waits? ---------------------------------------------------------- */

static void tell (RmqRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (RmqRun *run, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (run->notices, g_strdup_printf ("deadlock: %s", text));
  run->n_stuck++;
}

static double
seconds (const RmqRun *run, gint64 at_us)
{
  return (double)(at_us - run->zero_us) / G_USEC_PER_SEC;
}

static void
tell_task (const RmqSimParked *parked, gpointer data)
{
  RmqRun *run = data;
  if (parked->idle)
    return;
  tell (run, "%s: task \"%s\" waits since %.3fs, %s%s", parked->host, parked->task,
        seconds (run, parked->since_us),
        parked->deadline_us == G_MAXINT64 ? "until somebody wakes it" : "for a time that came",
        parked->is_paused ? "; its host is paused" : "");
}

static void
tell_send (RmqRun *run, const RmqSendRecord *send)
{
  g_autofree char *name = rmq_evidence_name_send (run->evidence, send);
  const RmqWorkloadRecord *record = rmq_evidence_get_workload (run->evidence, send->workload);
  tell (run, "%s: send %s to %s is under way since %.3fs, %u attempts", record->producer, name,
        record->topic, seconds (run, send->start_us), send->n_attempts);
}

static void
tell_sends (RmqRun *run)
{
  for (guint i = 0; i < run->evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *record = rmq_evidence_get_workload (run->evidence, i);
      for (guint j = 0; is_left (record) && j < record->count; j++)
        if (record->sends[j].fate == RMQ_FATE_PENDING)
          tell_send (run, &record->sends[j]);
    }
}

/* A row of one of the client's tables in words: "lane sched, current …, waitsFor …". */
static void
tell_row (RmqRun *run, const char *producer, const RmqTable *table, guint row)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < schema->n_columns; i++)
    {
      const RmqCell *cell = rmq_table_get_cell (table, row, i);
      const RmqColumn *column = &schema->columns[i];
      if (column->type == RMQ_CELL_TEXT && cell->text == NULL)
        continue;
      g_string_append_printf (text, "%s%s ", i > 0 ? ", " : "", column->id);
      if (column->type == RMQ_CELL_TEXT)
        g_string_append (text, cell->text);
      else if (column->type == RMQ_CELL_SPAN_US)
        g_string_append_printf (text, "%.3fs", (double)cell->number / G_USEC_PER_SEC);
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT, cell->number);
    }
  tell (run, "%s: %s: %s", producer, schema->title, text->str);
}

/* The tables that say who waits, and the column that is there if somebody does (NULL: any row). */
static const struct
{
  const char *table, *column;
} waits[] = { { "lanes", "current" }, { "locks", "holder" }, { "responseTable", NULL } };

static void
tell_tables (RmqRun *run, const RmqRunProducer *producer)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, rmq_env_now (run->script));
  rmq_producer_fill_snapshot (producer->producer, snapshot);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      const RmqTable *table = rmq_snapshot_find_table (snapshot, waits[i].table, NULL);
      for (guint row = 0; table != NULL && row < rmq_table_get_n_rows (table); row++)
        if (waits[i].column == NULL
            || rmq_table_get_cell (table, row,
                                   (guint)rmq_table_schema_find_column (
                                       rmq_table_get_schema (table), waits[i].column))
                       ->text
                   != NULL)
          tell_row (run, producer->name, table, row);
    }
}

static void
tell_servers (RmqRun *run)
{
  for (guint i = 0; i < rmq_mock_cluster_get_n_servers (run->cluster); i++)
    {
      const RmqClusterServer *server = rmq_mock_cluster_get_server (run->cluster, i);
      const char *state = rmq_mock_server_describe_state (server->server);
      if (!g_str_equal (state, "up"))
        tell (run, "%s: %s", server->name, state);
    }
}

static void
end_stuck (RmqRun *run)
{
  const gint64 since_us = MAX (run->evidence->last_activity_us, run->zero_us);
  run->n_stuck = 0;
  if (rmq_world_is_simulated (run->world))
    rmq_sim_world_foreach_parked (run->world, tell_task, run);
  tell_sends (run);
  for (guint i = 0; i < run->producers->len; i++)
    tell_tables (run, g_ptr_array_index (run->producers, i));
  tell_servers (run);
  RMQ_EMIT (run->script, &rmq_event_deadlock, "run", since_us - run->zero_us, run->n_stuck);
  rmq_run_end (run);
}

void
rmq_run_look_for_deadlock (RmqRun *run)
{
  const gint64 now_us = rmq_env_now (run->script);
  if (now_us < run->look_us)
    return;
  const gint64 until_us = hope_until (run);
  run->look_us = until_us == G_MAXINT64 ? now_us + LOOK_AGAIN_US : until_us;
  if (until_us <= now_us)
    end_stuck (run);
}

static void
look (gpointer data)
{
  RmqRun *run = data;
  rmq_run_look_for_deadlock (run);
  if (!run->over)
    rmq_run_watch (run);
}

void
rmq_run_watch (RmqRun *run)
{
  if (run->options.real)
    rmq_env_timer_start (run->script, &run->watch_timer, rmq_env_now (run->script) + LOOK_AGAIN_US,
                         look, run);
}

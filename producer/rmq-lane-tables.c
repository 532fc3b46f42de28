/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of a client's time: scheduled tasks, the lanes they and others run on, the logical
 * locks they wait for. Runs on the loop, only reads. */

#include "rmq-client-tables.h"

static const RmqColumn task_columns[] = {
  { "task", RMQ_CELL_TEXT, NULL, "name of the task", "-" },
  { "lane", RMQ_CELL_TEXT, NULL, "lane it runs on; one slow task delays the others of its lane",
    "MQClientInstance#scheduledExecutorService" },
  { "firstDelay", RMQ_CELL_SPAN_US, NULL, "time from start to the first run; -1: waits for work",
    "scheduleAtFixedRate initialDelay" },
  { "period", RMQ_CELL_SPAN_US, NULL, "time from due run to due run; 0: none",
    "scheduleAtFixedRate period" },
  { "lastRun", RMQ_CELL_MOMENT_US, NULL, "when it last started; -1: never", "-" },
  { "took", RMQ_CELL_SPAN_US, NULL, "how long the last run took", "-" },
  { "late", RMQ_CELL_SPAN_US, NULL, "start minus due of the last run", "-" },
  { "runs", RMQ_CELL_INT, "runs", "how often it ran", "-" },
  { "missed", RMQ_CELL_INT, "runs", "runs that began a whole period late or more", "-" },
  { "failed", RMQ_CELL_INT, "runs", "runs that ended with an error", "-" },
  { "nextRun", RMQ_CELL_MOMENT_US, NULL, "when it is due next; -1: not planned",
    "ScheduledFutureTask#time" },
  { "running", RMQ_CELL_BOOL, NULL, "it is running now", "-" },
  { "lastError", RMQ_CELL_TEXT, NULL, "why a run last failed; absent: never", "-" },
  { "does", RMQ_CELL_TEXT, NULL, "what it does, or would do if there were consumers", "-" },
};
const RmqTableSchema rmq_scheduled_tasks_schema = {
  .id = "scheduledTasks",
  .title = "Scheduled tasks",
  .help = "The schedule itself. Fixed rate: runs missed while a lane was busy follow back to back.",
  .java = "MQClientInstance#startScheduledTask",
  .columns = task_columns,
  .n_columns = G_N_ELEMENTS (task_columns),
};

static const RmqColumn lane_columns[] = {
  { "lane", RMQ_CELL_TEXT, NULL, "where Java has a thread or a single-threaded pool",
    "Thread#name" },
  { "current", RMQ_CELL_TEXT, NULL, "what it is doing; absent: nothing", "-" },
  { "waitsFor", RMQ_CELL_TEXT, NULL, "what its current work waits for; absent: nothing", "-" },
  { "backlog", RMQ_CELL_INT, "items", "what waits for this lane", "BlockingQueue#size" },
};
const RmqTableSchema rmq_lanes_schema = {
  .id = "lanes",
  .title = "Lanes",
  .help =
      "Queues of work done one after the other, as one of Java's threads would. Work that waits "
      "stops its lane and nothing else.",
  .java = "-",
  .columns = lane_columns,
  .n_columns = G_N_ELEMENTS (lane_columns),
};

static const RmqColumn lock_columns[] = {
  { "lock", RMQ_CELL_TEXT, NULL, "one of Java's locks whose waits can be felt", "-" },
  { "holder", RMQ_CELL_TEXT, NULL, "who has it; absent: it is free", "ReentrantLock#getOwner" },
  { "waiters", RMQ_CELL_INT, "waiters", "how many wait for it, in order, 3 s at most",
    "ReentrantLock#getQueueLength" },
};
const RmqTableSchema rmq_locks_schema = {
  .id = "locks",
  .title = "Locks",
  .help = "lockNamesrv admits one route query at a time, lockHeartbeat one round of heartbeats, "
          "lockNamesrvChannel one choice of a name server.",
  .java = "MQClientInstance#lockNamesrv, #lockHeartbeat; NettyRemotingClient#namesrvChannelLock",
  .columns = lock_columns,
  .n_columns = G_N_ELEMENTS (lock_columns),
};

static void
add_tasks (RmqTable *table, RmqSchedule *schedule)
{
  for (guint i = 0; i < rmq_schedule_get_n_tasks (schedule); i++)
    {
      const RmqScheduledTask *task = rmq_schedule_get_task (schedule, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, task->spec.name);
      rmq_table_add_text (table, rmq_lane_get_name (rmq_schedule_get_lane (schedule)));
      rmq_table_add_number (table, task->spec.first_delay_us);
      rmq_table_add_number (table, task->spec.period_us);
      rmq_table_add_number (table, task->last_run_us);
      rmq_table_add_number (table, task->last_took_us);
      rmq_table_add_number (table, task->last_late_us);
      rmq_table_add_number (table, (gint64)task->runs);
      rmq_table_add_number (table, (gint64)task->missed);
      rmq_table_add_number (table, (gint64)task->failed);
      rmq_table_add_number (table, task->next_run_us);
      rmq_table_add_number (table, task->running);
      rmq_table_add_text (table, task->last_error);
      rmq_table_add_text (table, task->spec.help);
    }
}

static void
add_lane (RmqTable *table, RmqLane *lane)
{
  rmq_table_begin_row (table);
  rmq_table_add_text (table, rmq_lane_get_name (lane));
  rmq_table_add_text (table, rmq_lane_get_current (lane));
  rmq_table_add_text (table, rmq_lane_get_waits_for (lane));
  rmq_table_add_number (table, rmq_lane_get_backlog (lane));
}

static void
add_lock (RmqTable *table, RmqLock *lock)
{
  rmq_table_begin_row (table);
  rmq_table_add_text (table, rmq_lock_get_name (lock));
  rmq_table_add_text (table, rmq_lock_get_holder (lock));
  rmq_table_add_number (table, rmq_lock_get_n_waiters (lock));
}

static void
add_producer_lanes (RmqTable *table, RmqProducer *producer)
{
  for (guint i = 0; i < rmq_async_sender_get_n_lanes (producer->async_sender); i++)
    add_lane (table, rmq_async_sender_get_lane (producer->async_sender, i));
  for (guint i = 0; i < rmq_callback_pool_get_n_lanes (producer->callback_pool); i++)
    {
      guint backlog = rmq_callback_pool_get_backlog (producer->callback_pool, i);
      rmq_table_begin_row (table);
      rmq_table_add_text (table, rmq_callback_pool_get_lane_name (producer->callback_pool, i));
      rmq_table_add_text (table, backlog > 0 ? "user callback" : NULL);
      rmq_table_add_text (table, NULL);
      rmq_table_add_number (table, backlog);
    }
}

void
rmq_lane_tables_fill (RmqClientInstance *instance, RmqSnapshot *snapshot)
{
  RmqSchedule *const schedules[] = { instance->sched, instance->housekeeping, instance->pull,
                                     instance->rebalance };
  RmqTable *tasks =
      rmq_snapshot_add_table (snapshot, &rmq_scheduled_tasks_schema, instance->client_id);
  RmqTable *lanes = rmq_snapshot_add_table (snapshot, &rmq_lanes_schema, instance->client_id);
  for (guint i = 0; i < G_N_ELEMENTS (schedules); i++)
    {
      add_tasks (tasks, schedules[i]);
      add_lane (lanes, rmq_schedule_get_lane (schedules[i]));
    }
  for (guint i = 0; i < instance->producer_table->len; i++)
    {
      RmqProducerEntry *entry = instance->producer_table->pdata[i];
      if (entry->producer != NULL)
        add_producer_lanes (lanes, entry->producer);
    }
  RmqTable *locks = rmq_snapshot_add_table (snapshot, &rmq_locks_schema, instance->client_id);
  add_lock (locks, instance->lock_namesrv);
  add_lock (locks, instance->lock_heartbeat);
  add_lock (locks,
            rmq_namesrv_chooser_get_lock (rmq_remoting_client_get_namesrv (instance->remoting)));
}

/* SPDX-License-Identifier: Apache-2.0 */

/* Each invariant of live tables: it holds while a producer works and fails, and a look tells when a
 * table is meddled with. What was meddled with is put right again, so that the producer can end. */

#include "producer-lab.h"

#include "rmq-send-operation-private.h"
#include "rmq-table-watch.h"

#define SECOND G_TIME_SPAN_SECOND

typedef struct
{
  Lab *lab;
  RmqProducer *producer;
  RmqTableWatch *watch;
  GString *breaches; /* "I2 …: rows" a line */
  Outcome outcome;
} Fixture;

static void
note_breach (const char *invariant, const char *rows, gpointer data)
{
  g_string_append_printf (((Fixture *)data)->breaches, "%s: %s\n", invariant, rows);
}

static void
look (Fixture *f)
{
  g_string_truncate (f->breaches, 0);
  rmq_table_watch_look (f->watch, note_breach, f);
}

static void
after_event (gpointer data)
{
  Fixture *f = data;
  rmq_table_watch_look (f->watch, note_breach, f);
}

/* With the route known, and a call to broker 0 under way that it does not answer. */
static void
set_up (Fixture *f, gconstpointer profile)
{
  f->lab = lab_new (2);
  f->breaches = g_string_new (NULL);
  lab_add_topic (f->lab, "Orders", 2);
  f->producer = lab_start_producer (f->lab, "PG", profile);
  f->watch = rmq_table_watch_new (f->producer);
  lab_run_for (f->lab, 2 * SECOND);
  for (guint i = 0; i < 4; i++)
    {
      Outcome outcome = lab_send_text (f->lab, f->producer, "Orders", "warm");
      g_assert_no_error (outcome.error);
      outcome_clear (&outcome);
    }
  for (guint i = 0; i < 2; i++)
    lab_outage (f->lab, i, RMQ_OUTAGE_DROP, RMQ_OUTAGE_BEFORE_STORE, 0, 0);
  g_autoptr (RmqMessage) message = new_message ("Orders", "x");
  lab_send_async (f->lab, f->producer, message, 3000, &f->outcome);
  lab_run_for (f->lab, SECOND / 10);
  look (f);
  g_assert_cmpstr (f->breaches->str, ==, "");
  g_assert_cmpuint (f->producer->operations.length, ==, 1);
}

static void
tear_down (Fixture *f, gconstpointer profile)
{
  look (f);
  lab_shutdown (f->lab, f->producer);
  rmq_table_watch_free (f->watch);
  outcome_clear (&f->outcome);
  g_string_free (f->breaches, TRUE);
  lab_free (f->lab);
}

static void
assert_breach (Fixture *f, const char *invariant, const char *rows)
{
  g_autofree char *pattern = g_strdup_printf ("%s *: *%s*\n", invariant, rows);
  look (f);
  if (!g_pattern_match_simple (pattern, f->breaches->str))
    g_error ("expected %s, got %s", pattern, f->breaches->str);
}

static void
assert_clean (Fixture *f)
{
  look (f);
  g_assert_cmpstr (f->breaches->str, ==, "");
}

/* ---- what there is to meddle with ----------------------------------------- */

static void
take_entry (const RmqResponseEntry *entry, gpointer data)
{
  *(RmqResponseEntry **)data = (RmqResponseEntry *)entry;
}

static RmqResponseEntry *
the_entry (Fixture *f)
{
  RmqResponseEntry *entry = NULL;
  rmq_response_table_foreach (rmq_remoting_client_get_responses (f->producer->instance->remoting),
                              take_entry, &entry);
  g_assert_nonnull (entry);
  return entry;
}

static RmqSendOperation *
the_send (Fixture *f)
{
  return g_queue_peek_head (&f->producer->operations);
}

static RmqTopicPublishInfo *
the_topic (Fixture *f)
{
  return rmq_producer_find_publish_info (f->producer, "Orders");
}

/* ---- it holds -------------------------------------------------------------- */

static void
test_holds (Fixture *f, gconstpointer profile)
{
  rmq_sim_world_set_after_event (f->lab->world, after_event, f);
  lab_run_for (f->lab, 10 * SECOND);
  lab_kill_broker (f->lab, 0, RMQ_CLOSE_RST);
  for (guint i = 0; i < 6; i++)
    {
      Outcome outcome = lab_send_text (f->lab, f->producer, "Orders", "into the dark");
      g_assert_nonnull (outcome.error);
      outcome_clear (&outcome);
    }
  lab_run_for (f->lab, 60 * SECOND);
  rmq_sim_world_set_after_event (f->lab->world, NULL, NULL);
  g_assert_cmpstr (f->breaches->str, ==, "");
}

/* Whatever was due meanwhile is excused. */
static void
test_paused (Fixture *f, gconstpointer profile)
{
  rmq_env_pause (f->lab->host);
  rmq_sim_world_set_after_event (f->lab->world, after_event, f);
  lab_run_for (f->lab, 60 * SECOND);
  rmq_env_resume (f->lab->host);
  lab_run_for (f->lab, 10 * SECOND);
  rmq_sim_world_set_after_event (f->lab->world, NULL, NULL);
  g_assert_cmpstr (f->breaches->str, ==, "");
  g_assert_cmpuint (f->outcome.callbacks, ==, 1);
}

/* ---- it does not ------------------------------------------------------------ */

static void
test_opaques (Fixture *f, gconstpointer profile)
{
  Outcome second = { 0 };
  RmqResponseEntry *first = the_entry (f);
  g_autoptr (RmqMessage) message = new_message ("Orders", "y");
  lab_send_async (f->lab, f->producer, message, 3000, &second);
  lab_run_for (f->lab, SECOND / 10);
  RmqResponseEntry *entry = the_entry (f);
  const gint32 opaque = entry->opaque;
  g_assert_true (entry != first);
  assert_clean (f);
  entry->opaque = first->opaque;
  assert_breach (f, "I2", "responseTable opaque *, code 310, *another's too; responseTable opaque");
  entry->opaque = opaque;
  the_send (f)->invocation.in_table = FALSE;
  assert_breach (f, "I2", "2 rows for 1 calls");
  the_send (f)->invocation.in_table = TRUE;
  assert_clean (f);
  lab_run_for (f->lab, 20 * SECOND);
  outcome_clear (&second);
}

static void
test_forgotten (Fixture *f, gconstpointer profile)
{
  const gint64 begin_us = the_entry (f)->begin_us;
  the_entry (f)->begin_us -= 8 * SECOND;
  assert_breach (f, "I3", "responseTable opaque *: forgotten");
  the_entry (f)->begin_us = begin_us;
  assert_clean (f);
}

static void
test_permits (Fixture *f, gconstpointer profile)
{
  the_send (f)->invocation.holds_permit = FALSE;
  assert_breach (f, "I3", "permits async: 65534 available and 0 held are not 65535");
  the_send (f)->invocation.holds_permit = TRUE;
  assert_clean (f);
}

static void
swap_brokers (RmqQueueData *a, RmqQueueData *b)
{
  const RmqQueueData first = *a;
  *a = *b;
  *b = first;
}

/* A route that says the same in another order gives the same list; a list that does not is told. */
static void
test_places (Fixture *f, gconstpointer profile)
{
  RmqTopicRoute *route = rmq_client_instance_find_route (f->producer->instance, "Orders");
  g_autoptr (RmqTopicRouteData) other = rmq_topic_route_data_copy (route->route);
  swap_brokers (g_ptr_array_index (other->queue_datas, 0),
                g_ptr_array_index (other->queue_datas, 1));
  g_autoptr (RmqTopicPublishInfo) same = rmq_topic_publish_info_new_from_route ("Orders", other);
  rmq_producer_set_publish_info (f->producer, same);
  assert_clean (f);
  g_autoptr (RmqTopicPublishInfo) moved = rmq_topic_publish_info_new_from_route ("Orders", other);
  const RmqPublishQueue first = g_array_index (moved->queues, RmqPublishQueue, 0);
  g_array_index (moved->queues, RmqPublishQueue, 0) =
      g_array_index (moved->queues, RmqPublishQueue, 3);
  g_array_index (moved->queues, RmqPublishQueue, 3) = first;
  g_ptr_array_index (moved->list, 0) = g_array_index (moved->queues, RmqPublishQueue, 0).queue;
  g_ptr_array_index (moved->list, 3) = first.queue;
  rmq_producer_set_publish_info (f->producer, moved);
  assert_breach (f, "I7",
                 "topicPublishInfoTable Orders, generation *another order; messageQueues:");
}

static void
test_published (Fixture *f, gconstpointer profile)
{
  RmqPublishQueue *queue = &g_array_index (the_topic (f)->queues, RmqPublishQueue, 1);
  RmqMessageQueue *before = queue->queue;
  g_autoptr (RmqMessageQueue) other = rmq_message_queue_new ("Orders", "elsewhere", 7);
  queue->queue = other;
  g_ptr_array_index (the_topic (f)->list, 1) = other;
  assert_breach (f, "I9", "topicPublishInfoTable Orders, *changed after publication*elsewhere:7");
  queue->queue = before;
  g_ptr_array_index (the_topic (f)->list, 1) = before;
  look (f);
  assert_clean (f);
  g_ptr_array_index (the_topic (f)->list, 1) = other;
  assert_breach (f, "I9", "selectors get another list");
  g_ptr_array_index (the_topic (f)->list, 1) = before;
}

static void
test_budget (Fixture *f, gconstpointer profile)
{
  the_send (f)->begin_us -= 7 * SECOND;
  assert_breach (f, "I8", "send 0 to Orders, attempt 1 at *: outlives its budget");
  the_send (f)->begin_us += 7 * SECOND;
  assert_clean (f);
}

static void
test_queue_id (Fixture *f, gconstpointer profile)
{
  RmqSendOperation *op = the_send (f);
  RmqMessageQueue *before = op->chosen;
  g_autoptr (RmqMessageQueue) other =
      rmq_message_queue_new ("Orders", rmq_message_queue_get_broker_name (before), 99);
  op->chosen = other;
  assert_breach (f, "I12", "attempt 1 at *:99, *: the route has no such queue");
  op->retries = 1; /* the row async-retry-queue */
  assert_clean (f);
  op->retries = 0;
  op->chosen = before;
}

/* ---- snapshots --------------------------------------------------------------- */

static void
compare (Fixture *f, const RmqSnapshot *snapshot)
{
  g_string_truncate (f->breaches, 0);
  rmq_table_watch_compare (f->watch, snapshot, note_breach, f);
}

static void
assert_told (Fixture *f, const RmqSnapshot *snapshot, const char *rows)
{
  g_autofree char *pattern = g_strdup_printf ("a snapshot says what the tables hold: %s*\n", rows);
  compare (f, snapshot);
  if (!g_pattern_match_simple (pattern, f->breaches->str))
    g_error ("expected %s, got %s", pattern, f->breaches->str);
}

static void
test_snapshot (Fixture *f, gconstpointer profile)
{
  RmqClientInstance *instance = f->producer->instance;
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  rmq_producer_fill_snapshot (f->producer, snapshot);
  compare (f, snapshot);
  g_assert_cmpstr (f->breaches->str, ==, "");
  RmqResponseEntry *entry = the_entry (f);
  entry->attempt++;
  assert_told (f, snapshot, "responseTable row 0: the snapshot says \"* 1\", *holds \"* 2\"");
  entry->attempt--;
  RmqTopicRoute *route = rmq_client_instance_find_route (instance, "Orders");
  route->generation++;
  assert_told (f, snapshot, "topicRouteTable row ");
  route->generation--;
  the_topic (f)->generation++;
  assert_told (f, snapshot, "topicPublishInfoTable row ");
  the_topic (f)->generation--;
  g_array_index (the_topic (f)->queues, RmqPublishQueue, 2).picks++;
  assert_told (f, snapshot, "messageQueues row ");
  g_array_index (the_topic (f)->queues, RmqPublishQueue, 2).picks--;
  RmqBrokerEntry *broker = g_ptr_array_index (instance->broker_addr_table, 1);
  g_array_index (broker->addresses, RmqBrokerAddress, 0).broker_id++;
  assert_told (f, snapshot, "brokerAddrTable row 1");
  g_array_index (broker->addresses, RmqBrokerAddress, 0).broker_id--;
  RmqChannelTable *channels = rmq_remoting_client_get_channels (instance->remoting);
  RmqChannel *channel = (RmqChannel *)rmq_channel_table_get_channel (channels, 0);
  channel->connects++;
  assert_told (f, snapshot, "channelTables row 0");
  channel->connects--;
  compare (f, snapshot);
  g_assert_cmpstr (f->breaches->str, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add ("/producer/table-watch/4.9/" path, Fixture, "4.9", set_up, func, tear_down)
  ADD ("all-holds-through-failures", test_holds);
  ADD ("a-pause-excuses-what-was-due", test_paused);
  ADD ("I2-opaques-are-distinct-and-of-calls", test_opaques);
  ADD ("I3-nothing-is-forgotten", test_forgotten);
  ADD ("I3-permits-are-free-or-held", test_permits);
  ADD ("I7-queues-keep-their-places", test_places);
  ADD ("I8-no-send-outlives-its-budget", test_budget);
  ADD ("I9-published-lists-stay", test_published);
  ADD ("I12-the-queue-is-the-routes", test_queue_id);
  ADD ("a-snapshot-says-what-the-tables-hold", test_snapshot);
  return g_test_run ();
}

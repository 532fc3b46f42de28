/* SPDX-License-Identifier: Apache-2.0 */

/* From a route to a queue list, and the walk over it. No world is needed. */

#include "rmq-topic-publish-info.h"

static void
add_broker (RmqTopicRouteData *route, const char *name, gint queues, gint perm, gint64 id)
{
  rmq_topic_route_data_add_queue_data (route, name, queues, queues, perm);
  RmqBrokerData *broker = rmq_topic_route_data_add_broker_data (route, "C", name);
  rmq_broker_data_set_addr (broker, id, "10.0.0.1:10911");
}

/* b: 2 queues with a master; a: 2; c: 4 with only a slave; d: not writable. */
static RmqTopicRouteData *
make_route (void)
{
  RmqTopicRouteData *route = rmq_topic_route_data_new ();
  add_broker (route, "b", 2, 6, 0);
  add_broker (route, "a", 2, 6, 0);
  add_broker (route, "c", 4, 6, 1);
  add_broker (route, "d", 2, 4, 0);
  return route;
}

static char *
describe (const RmqTopicPublishInfo *info)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < info->queues->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            g_array_index (info->queues, RmqPublishQueue, i).label);
  return g_string_free (text, FALSE);
}

static void
test_list (void)
{
  g_autoptr (RmqTopicRouteData) route = make_route ();
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new_from_route ("T", route);
  g_autofree char *text = describe (info);
  g_assert_cmpstr (text, ==, "a:0 a:1 b:0 b:1");
  g_assert_true (info->have_topic_router_info);
}

static void
test_order_conf (void)
{
  g_autoptr (RmqTopicRouteData) route = make_route ();
  route->order_topic_conf = g_strdup ("b:1;a:2;broken;c:x");
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new_from_route ("T", route);
  g_autofree char *text = describe (info);
  g_assert_cmpstr (text, ==, "b:0 a:0 a:1");
  g_assert_true (info->order_topic);
}

/* The labels of n picks of one task, the first of them with the given counter as last value. */
static char *
walk (RmqQueueChoice choice, guint32 counter, const char *avoid, guint n)
{
  g_autoptr (RmqTopicRouteData) route = make_route ();
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new_from_route ("T", route);
  GString *text = g_string_new (NULL);
  RmqPickCounter start = { .task = 1, .counter = counter };
  g_array_append_val (info->counters, start);
  for (guint i = 0; i < n; i++)
    {
      RmqPick pick;
      g_assert_true (rmq_topic_publish_info_pick (info, choice, 1, avoid, 0, &pick));
      g_string_append_printf (text, "%s%s+%u", i > 0 ? " " : "", pick.label, pick.skipped);
    }
  return g_string_free (text, FALSE);
}

static void
test_round_robin (void)
{
  g_autofree char *text = walk (RMQ_QUEUE_CHOICE_4_9, 3, NULL, 5);
  g_assert_cmpstr (text, ==, "a:0+0 a:1+0 b:0+0 b:1+0 a:0+0");
}

static void
test_avoid_4_5_1 (void)
{
  /* One step a pick: the first queue of b takes every skip of a. */
  g_autofree char *text = walk (RMQ_QUEUE_CHOICE_4_5_1, 3, "a", 4);
  g_assert_cmpstr (text, ==, "b:0+2 b:0+1 b:0+0 b:1+0");
}

static void
test_avoid_4_9 (void)
{
  g_autofree char *text = walk (RMQ_QUEUE_CHOICE_4_9, 3, "a", 4);
  g_assert_cmpstr (text, ==, "b:0+2 b:1+0 b:0+2 b:1+0");
}

static void
test_single_broker (void)
{
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_new ();
  add_broker (route, "a", 2, 6, 0);
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new_from_route ("T", route);
  RmqPick first, second;
  g_assert_true (rmq_topic_publish_info_pick (info, RMQ_QUEUE_CHOICE_5_3, 1, NULL, 0, &first));
  g_assert_true (rmq_topic_publish_info_pick (info, RMQ_QUEUE_CHOICE_5_3, 1, "a", 0, &second));
  g_assert_cmpuint (first.position, !=, second.position);
}

static void
test_overflow (void)
{
  g_autofree char *text = walk (RMQ_QUEUE_CHOICE_4_9, 0x7FFFFFFE, NULL, 3);
  g_assert_cmpstr (text, ==, "b:1+0 a:0+0 a:1+0"); /* 7FFFFFFF mod 4 = 3, then from 0 again */
}

static void
test_tasks (void)
{
  g_autoptr (RmqTopicRouteData) route = make_route ();
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new_from_route ("T", route);
  rmq_random_init (&info->random, 1, "test");
  for (guint64 task = 1; task <= 1000; task++)
    {
      RmqPick pick;
      g_assert_true (
          rmq_topic_publish_info_pick (info, RMQ_QUEUE_CHOICE_4_9, task, NULL, 0, &pick));
    }
  g_assert_cmpuint (info->counters->len, ==, 256); /* the oldest were forgotten */
}

static void
test_empty (void)
{
  RmqPick pick;
  g_autoptr (RmqTopicPublishInfo) info = rmq_topic_publish_info_new ("T");
  g_assert_false (rmq_topic_publish_info_pick (info, RMQ_QUEUE_CHOICE_4_9, 1, NULL, 0, &pick));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/publish-info/writable-queues-of-masters-by-broker-name", test_list);
  g_test_add_func ("/producer/publish-info/order-conf-keeps-its-order", test_order_conf);
  g_test_add_func ("/producer/publish-info/walks-broker-after-broker", test_round_robin);
  g_test_add_func ("/producer/publish-info/4.5.1/avoidance-costs-one-step", test_avoid_4_5_1);
  g_test_add_func ("/producer/publish-info/4.9/avoidance-costs-a-step-a-probe", test_avoid_4_9);
  g_test_add_func ("/producer/publish-info/a-single-broker-is-tried-again", test_single_broker);
  g_test_add_func ("/producer/publish-info/the-counter-overflows-to-the-start", test_overflow);
  g_test_add_func ("/producer/publish-info/counters-of-old-tasks-are-forgotten", test_tasks);
  g_test_add_func ("/producer/publish-info/an-empty-list-gives-nothing", test_empty);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a route answer: what could be read is the same after writing and reading in each
 * form. */

#include "fuzz.h"
#include "rmq-bodies.h"
#include "rmq-topic-route-data.h"

static const RmqRouteForm forms[] = {
  { .topic_syn_flag = TRUE },
  { .quoted_keys = TRUE },
  { .quoted_keys = TRUE, .acting_master = TRUE },
};

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autoptr (RmqTopicRouteData) route = rmq_topic_route_data_decode (body, &error);
  g_assert_cmpint (route == NULL, ==, error != NULL);
  if (route == NULL)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GBytes) written = rmq_topic_route_data_encode (route, &forms[i]);
      g_autoptr (RmqTopicRouteData) again = rmq_topic_route_data_decode (written, &error);
      g_assert_no_error (error);
      g_assert_true (rmq_topic_route_data_equal (route, again));
      g_autoptr (GBytes) cluster =
          rmq_cluster_info_encode (route->broker_datas, route->broker_datas, &forms[i]);
      g_assert_nonnull (cluster);
    }
  g_autoptr (RmqTopicRouteData) copy = rmq_topic_route_data_copy (route);
  g_assert_true (rmq_topic_route_data_equal (route, copy));
  return 0;
}

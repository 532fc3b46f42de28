/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/messages: reads the query, collects from each broker. As owner of the loop. */

#include "rmq-messages-answer.h"

#include "rmq-messages-json.h"

static gboolean
check_name (RmqMockBroker *const *brokers, guint n_brokers, const RmqControlRequest *request,
            RmqControlAnswer *answer)
{
  g_autofree const char **names = g_new0 (const char *, n_brokers + 1);
  for (guint i = 0; i < n_brokers; i++)
    names[i] = rmq_mock_broker_get_name (brokers[i]);
  return rmq_control_request_check_word (request, "broker", names, answer);
}

void
rmq_mock_brokers_answer_messages (RmqMockBroker *const *brokers, guint n_brokers,
                                  const RmqControlRequest *request, RmqControlAnswer *answer)
{
  gint64 queue = -1;
  gint64 from = 0;
  gint64 limit = RMQ_MESSAGE_QUERY_LIMIT;
  if (!rmq_control_request_get_number (request, "queue", 0, G_MAXINT, &queue, answer)
      || !rmq_control_request_get_number (request, "from", 0, G_MAXINT64, &from, answer)
      || !rmq_control_request_get_number (request, "limit", 0, G_MAXINT, &limit, answer)
      || !check_name (brokers, n_brokers, request, answer))
    return;
  RmqMessageQuery query = {
    .topic = rmq_control_request_get (request, "topic"),
    .broker = rmq_control_request_get (request, "broker"),
    .queue = (gint)queue,
    .from = from,
    .limit = (guint)limit,
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  rmq_mock_brokers_add_messages_json (brokers, n_brokers, &query, builder);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (answer, builder);
}

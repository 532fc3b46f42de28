/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/messages: reads the query, collects from each broker. As owner of the loop. */

#include "rmq-messages-answer.h"

#include "rmq-messages-json.h"

void
rmq_mock_brokers_answer_messages (RmqMockBroker *const *brokers, guint n_brokers,
                                  const RmqControlRequest *request, RmqControlAnswer *answer)
{
  gint64 queue = -1;
  gint64 from = 0;
  gint64 limit = RMQ_MESSAGE_QUERY_LIMIT;
  if (!rmq_control_request_get_number (request, "queue", 0, G_MAXINT, &queue, answer)
      || !rmq_control_request_get_number (request, "from", 0, G_MAXINT64, &from, answer)
      || !rmq_control_request_get_number (request, "limit", 0, G_MAXINT, &limit, answer))
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
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  answer->body = json_to_string (root, FALSE);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/requests: reads the query, collects from each mock. As owner of the loop. */

#include "rmq-requests-answer.h"

static void
collect (RmqMockServer *const *servers, guint n_servers, const char *name,
         const RmqRequestQuery *query, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "requests");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_servers; i++)
    if (name == NULL || g_str_equal (name, rmq_mock_server_get_name (servers[i])))
      rmq_mock_server_add_requests_json (servers[i], query, builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static gboolean
check_name (RmqMockServer *const *servers, guint n_servers, const RmqControlRequest *request,
            RmqControlAnswer *answer)
{
  g_autofree const char **names = g_new0 (const char *, n_servers + 1);
  for (guint i = 0; i < n_servers; i++)
    names[i] = rmq_mock_server_get_name (servers[i]);
  return rmq_control_request_check_word (request, "broker", names, answer);
}

void
rmq_mock_servers_answer_requests (RmqMockServer *const *servers, guint n_servers,
                                  const RmqControlRequest *request, RmqControlAnswer *answer)
{
  gint64 code = -1;
  gint64 since = 0;
  if (!rmq_control_request_get_number (request, "code", 0, G_MAXINT, &code, answer)
      || !rmq_control_request_get_number (request, "since", 0, G_MAXINT64 - 1, &since, answer)
      || !check_name (servers, n_servers, request, answer))
    return;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  RmqRequestQuery query = { .code = (gint)code, .since = (guint64)since };
  collect (servers, n_servers, rmq_control_request_get (request, "broker"), &query, builder);
  rmq_control_answer_take_json (answer, builder);
}

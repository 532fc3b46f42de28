/* SPDX-License-Identifier: Apache-2.0 */

/* Requests to the control API of a served cluster, in a simulated world, without HTTP around them:
 * "NAME?QUERY", a line end, the body. Each has an answer: JSON, or an error with a status. */

#include <string.h>

#include "fuzz.h"
#include "rmq-served-cluster.h"

#define AGAIN_MAX 100

typedef struct
{
  const char *name;
  gsize offset;
} Path;

#define PATH(member)                                                                               \
  {                                                                                                \
#member, G_STRUCT_OFFSET(RmqControlHandlers, member)                                           \
  }

static const Path paths[] = {
  PATH (snapshot),   PATH (messages),   PATH (requests), PATH (lines),  PATH (expect),
  PATH (add_outage), PATH (end_outage), PATH (reset),    PATH (nsaddr), PATH (unsupported),
};

typedef struct
{
  RmqControlFunc func;
  gpointer data;
  RmqControlRequest request;
  RmqControlAnswer answer;
} Call;

static void
call_on_loop (gpointer data)
{
  Call *call = data;
  call->func (&call->request, &call->answer, call->data);
}

static RmqServedCluster *
new_cluster (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("fuzz.scn");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new ("fuzz.scn");
  g_assert_true (rmq_scenario_add_text (
      scenario, "nameserver ns1\nbroker broker-a\ntopic Orders queues 4 on broker-a\n",
      diagnostics));
  RmqServedCluster *cluster = rmq_served_cluster_new (
      "", scenario, &(RmqRunOptions){ .serve = TRUE, .has_seed = TRUE, .seed = 1 }, &error);
  g_assert_no_error (error);
  return cluster;
}

static RmqControlFunc
find_func (const RmqControlHandlers *handlers, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (strcmp (paths[i].name, name) == 0)
      return *(RmqControlFunc *)((const char *)handlers + paths[i].offset);
  return NULL;
}

static void
check_answer (const RmqControlAnswer *answer)
{
  g_assert_cmpuint (answer->status, >=, 200);
  if (answer->message == NULL)
    {
      g_assert_true (answer->body != NULL || answer->again_ms > 0);
      return;
    }
  g_assert_cmpuint (answer->status, >=, 400);
  g_autofree char *text = rmq_control_answer_describe_error (answer);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_nonnull (root);
}

static void
ask (RmqServedCluster *cluster, RmqControlFunc func, char *query, const char *body)
{
  RmqControlMemory memory = { 0 };
  Call call = { .func = func, .data = cluster, .answer = { .status = 200 } };
  g_autoptr (GHashTable) pairs = rmq_control_query_parse (query, NULL, NULL, &call.answer);
  call.request = (RmqControlRequest){ .query = pairs, .body = body, .memory = &memory };
  call.request.id = pairs != NULL ? g_hash_table_lookup (pairs, "id") : NULL;
  for (guint i = 0; pairs != NULL && i < AGAIN_MAX; i++)
    {
      call.answer.again_ms = 0;
      rmq_run_call (cluster->run, call_on_loop, &call);
      if (call.answer.again_ms == 0)
        break;
      rmq_run_run_until (cluster->run, rmq_run_get_now_us (cluster->run)
                                           + call.answer.again_ms * G_TIME_SPAN_MILLISECOND);
    }
  check_answer (&call.answer);
  rmq_control_answer_clear (&call.answer);
  if (memory.data != NULL)
    memory.free (memory.data);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  char *body = strchr (text, '\n');
  if (body == NULL)
    return 0;
  *body++ = '\0';
  char *query = strchr (text, '?');
  if (query != NULL)
    *query++ = '\0';
  RmqServedCluster *cluster = new_cluster ();
  RmqControlFunc func = find_func (&cluster->handlers, text);
  if (func != NULL)
    ask (cluster, func, query, body);
  rmq_run_run_until (cluster->run, rmq_run_get_now_us (cluster->run) + G_TIME_SPAN_SECOND);
  rmq_served_cluster_free (cluster);
  return 0;
}

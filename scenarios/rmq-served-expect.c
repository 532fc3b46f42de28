/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/expect: a claim is judged now and then until it holds or its time is over; meanwhile
 * what came closest is kept. Called as owner of the run's loop, never waits itself. */

#include "rmq-served-cluster.h"

#include <string.h>

#include "rmq-grammar.h"

#define WITHIN_DEFAULT "5s"
#define WITHIN_MAX_US (10 * 60 * G_USEC_PER_SEC)
#define LOOK_PERIOD_US (10 * 1000)

/* A claim that is waited for. */
typedef struct
{
  RmqScenario *scenario; /* holds the claim alone */
  const RmqExpectation *claim;
  gint64 began_us, until_us; /* the world's clock */
  char *nearest;             /* (nullable): evidence of what came closest */
  gint64 nearest_off;
  gint64 nearest_us; /* after began_us */
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *self = data;
  rmq_scenario_unref (self->scenario);
  g_free (self->nearest);
  g_free (self);
}

/* ---- reading ------------------------------------------------------------- */

typedef struct
{
  char *expect;
  char *within;
} Members;

static const RmqControlMember members[] = {
  { "expect", RMQ_CONTROL_TEXT, G_STRUCT_OFFSET (Members, expect) },
  { "within", RMQ_CONTROL_TEXT, G_STRUCT_OFFSET (Members, within) },
};

/* "duplicates = 0" for short. (transfer full) */
static char *
complete_line (const char *text)
{
  const gsize size = strcspn (text, " \t");
  for (guint i = 0; rmq_expect_words[i] != NULL; i++)
    if (strlen (rmq_expect_words[i]) == size && strncmp (rmq_expect_words[i], text, size) == 0)
      return g_strdup (text);
  return g_strdup_printf ("%s %s", rmq_expect_words[RMQ_EXPECT], text);
}

/* The claim in a scenario of its own, which knows the names of the run's. NULL: the answer says
 * what is wrong. */
static RmqScenario *
read_claim (RmqServedCluster *cluster, const char *text, RmqControlAnswer *answer)
{
  g_autofree char *line = complete_line (text);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new_alike (cluster->run->scenario);
  if (!rmq_scenario_add_text (scenario, line, diagnostics))
    {
      rmq_served_refuse (diagnostics, answer);
      return NULL;
    }
  if (rmq_scenario_get_n_statements (scenario) == 1
      && rmq_scenario_get_statement (scenario, 0)->form->group == RMQ_FORM_EXPECTATION)
    return g_steal_pointer (&scenario);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, "\"expect\" is not one expectation",
                           "{\"expect\":\"duplicates = 0\",\"within\":\"5s\"}");
  return NULL;
}

static gboolean
read_within (const char *text, gint64 *within_us, RmqControlAnswer *answer)
{
  if (rmq_parse_duration (text, within_us) && *within_us <= WITHIN_MAX_US)
    return TRUE;
  g_autofree char *message = g_strdup_printf ("\"within\" is no duration: \"%s\"", text);
  rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, message, "100ms, 5s, 2m; 10m at most");
  return FALSE;
}

static Waiting *
begin (RmqServedCluster *cluster, const Members *read, RmqControlAnswer *answer)
{
  gint64 within_us = 0;
  if (read->expect == NULL)
    {
      rmq_control_answer_fail (answer, RMQ_CONTROL_BAD_REQUEST, "\"expect\" is missing",
                               "{\"expect\":\"duplicates = 0\",\"within\":\"5s\"}");
      return NULL;
    }
  if (!read_within (read->within != NULL ? read->within : WITHIN_DEFAULT, &within_us, answer))
    return NULL;
  RmqScenario *scenario = read_claim (cluster, read->expect, answer);
  if (scenario == NULL)
    return NULL;
  Waiting *self = g_new0 (Waiting, 1);
  self->scenario = scenario;
  self->claim = (const RmqExpectation *)rmq_scenario_get_statement (scenario, 0);
  self->began_us = rmq_env_now (cluster->run->script);
  self->until_us = self->began_us + within_us;
  return self;
}

static Waiting *
read_request (RmqServedCluster *cluster, const RmqControlRequest *request, RmqControlAnswer *answer)
{
  Members read = { 0 };
  Waiting *self = rmq_control_request_read (request, members, G_N_ELEMENTS (members), &read, answer)
                      ? begin (cluster, &read, answer)
                      : NULL;
  g_free (read.expect);
  g_free (read.within);
  return self;
}

/* ---- judging ------------------------------------------------------------- */

/* A number that was off by less; anything rather than nothing. */
static void
keep_nearest (Waiting *self, const RmqFinding *finding, gint64 now_us)
{
  const gboolean is_number = finding->off >= 0;
  const gboolean is_nearer =
      self->nearest == NULL
      || (is_number && (self->nearest_off < 0 || finding->off < self->nearest_off))
      || (!is_number && self->nearest_off < 0 && !g_str_equal (self->nearest, finding->evidence));
  if (!is_nearer)
    return;
  g_free (self->nearest);
  self->nearest = g_strdup (finding->evidence);
  self->nearest_off = finding->off;
  self->nearest_us = now_us - self->began_us;
}

static void
add_ms (JsonBuilder *builder, const char *name, gint64 us)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, us / 1000);
}

static void
add_nearest (const Waiting *self, gboolean missed, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "nearestMiss");
  if (!missed || self->nearest == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "evidence");
  json_builder_add_string_value (builder, self->nearest);
  json_builder_set_member_name (builder, "off");
  if (self->nearest_off >= 0)
    json_builder_add_int_value (builder, self->nearest_off);
  else
    json_builder_add_null_value (builder);
  add_ms (builder, "afterMs", self->nearest_us);
  json_builder_end_object (builder);
}

static void
tell (const Waiting *self, const RmqFinding *finding, gint64 now_us, RmqControlAnswer *answer)
{
  const gboolean missed =
      finding->verdict == RMQ_VERDICT_FAILED || finding->verdict == RMQ_VERDICT_UNKNOWN;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  rmq_finding_add_members (finding, builder);
  add_nearest (self, missed, builder);
  add_ms (builder, "waitedMs", now_us - self->began_us);
  json_builder_end_object (builder);
  rmq_control_answer_take_json (answer, builder);
}

void
rmq_served_answer_expect (const RmqControlRequest *request, RmqControlAnswer *answer, gpointer data)
{
  RmqServedCluster *cluster = data;
  if (request->memory->data == NULL)
    *request->memory = (RmqControlMemory){ read_request (cluster, request, answer), waiting_free };
  Waiting *self = request->memory->data;
  if (self == NULL)
    return;
  const gint64 now_us = rmq_env_now (cluster->run->script);
  const RmqFinding finding = rmq_run_judge_claim (cluster->run, self->claim);
  const gboolean holds = finding.verdict == RMQ_VERDICT_OK || finding.verdict == RMQ_VERDICT_NOTED;
  keep_nearest (self, &finding, now_us);
  if (holds || now_us >= self->until_us)
    tell (self, &finding, now_us, answer);
  else
    answer->again_ms = (guint)(CLAMP (self->until_us - now_us, 1000, LOOK_PERIOD_US) / 1000);
  g_free (finding.claim);
  g_free (finding.evidence);
}

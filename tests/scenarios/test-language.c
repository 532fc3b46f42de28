/* SPDX-License-Identifier: Apache-2.0 */

/* The line language: every form reads its own example, every mistake is told with its place. */

#include <string.h>

#include "rmq-explain.h"
#include "rmq-lint.h"
#include "rmq-run-clocks.h"
#include "rmq-scenario-private.h"

static char *
read_text (const char *text, RmqScenario **scenario)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("a.scn");
  g_autoptr (RmqScenario) read = rmq_scenario_new ("a.scn");
  rmq_scenario_add_text (read, text, diagnostics);
  if (scenario != NULL)
    *scenario = rmq_scenario_ref (read);
  return rmq_diagnostics_format (diagnostics);
}

/* ---- the table of forms -------------------------------------------------- */

static void
test_examples (void)
{
  for (RmqFormGroup group = 0; group < RMQ_N_FORM_GROUPS; group++)
    for (const RmqStatementForm *const *form = rmq_grammar_get_forms (group); *form != NULL; form++)
      {
        g_autoptr (RmqScenario) scenario = NULL;
        g_autofree char *text =
            g_strdup_printf ("%s%s\n", rmq_grammar_example_preamble, (*form)->example);
        g_autofree char *errors = read_text (text, &scenario);
        g_assert_cmpstr (errors, ==, "");
        guint n = rmq_scenario_get_n_statements (scenario);
        g_assert_true (rmq_scenario_get_statement (scenario, n - 1)->form == *form);
        g_assert_cmpstr ((*form)->help, !=, NULL);
      }
}

static void
test_reference (void)
{
  g_autofree char *page = rmq_grammar_write_reference ();
  g_assert_nonnull (strstr (page, "topic T queues N [read N] [perm rw\\|r\\|w] on B…"));
  g_assert_nonnull (strstr (page, "[at D] [for D] B drop [AMOUNT] [WHAT]"));
  for (RmqFormGroup group = 0; group < RMQ_N_FORM_GROUPS; group++)
    for (const RmqStatementForm *const *form = rmq_grammar_get_forms (group); *form != NULL; form++)
      g_assert_nonnull (strstr (page, (*form)->word));
}

/* Everything that is said is words of the file or of the table. */
static void
test_explain (void)
{
  g_autoptr (RmqScenario) scenario = NULL;
  g_autofree char *errors =
      read_text ("scenario \"a story\"\nstop at 60s\nnameserver ns1\nbroker broker-a cluster C\n"
                 "topic Orders queues 4 on broker-a\nproducer P group G retries 1 idle\n"
                 "at 9s for 2s broker-a hang\nat 5.05s broker-a kill\nat 6s P starts\n"
                 "P sends 8 orders to Orders select by id keys 2 every 1s as o\n"
                 "expect-fail no loss\nexpect duplicates = 0\nnote duplicates = 0\n",
                 &scenario);
  g_assert_cmpstr (errors, ==, "");
  g_autofree char *text = rmq_explain (scenario);
  static const char *const parts[] = {
    "a story\n\nBefore time 0 there are:\n  name server ns1\n  broker broker-a of cluster C\n"
    "  topic Orders with 4 queues on each of broker-a\n"
    "  producer P of group G, retries it 1 times, idle\n\nThen it happens:\n",
    "  0s         P sends 8 orders to Orders, sync, one every 1s, each to the queue that id "
    "chooses, "
    "with 2 keys: messages o1, o2, …\n  5.05s      broker-a kill: what a kernel does",
    "\n  6s         P starts: ",
    "\n  9s         broker-a hang: ",
    "\n  11s        what line 7 began ends: broker-a hang\n  60s        the run stops",
    "\n  must not hold no loss: every send",
    "\n  must hold     duplicates = 0: a message",
    "\n  is reported   duplicates = 0\n",
  };
  const char *at = text;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const char *found = strstr (at, parts[i]);
      if (found == NULL)
        g_error ("\"%s\" is not in its place in\n%s", parts[i], text);
      at = found;
    }
}

/* RMQ_UPDATE_DOCS=1 writes the page anew. */
static void
test_page (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = rmq_grammar_write_reference ();
  g_autofree char *path =
      g_build_filename (RMQLAB_TEST_SCENARIOS, "..", "docs", "scenario-language.md", NULL);
  g_autofree char *stored = NULL;
  if (g_getenv ("RMQ_UPDATE_DOCS") != NULL)
    g_file_set_contents (path, page, -1, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &stored, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (stored, ==, page);
}

/* ---- values -------------------------------------------------------------- */

static void
test_durations (void)
{
  static const struct
  {
    const char *text;
    gint64 us; /* -1: none */
  } cases[] = { { "20us", 20 },       { "100ms", 100000 },   { "3s", 3000000 }, { "2m", 120000000 },
                { "5.05s", 5050000 }, { "0.5ms", 500 },      { "0s", 0 },       { "3", -1 },
                { "s", -1 },          { "-1s", -1 },         { "3 s", -1 },     { "1.s", 1000000 },
                { "3h", -1 },         { "99999999999s", -1 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 us = -1;
      g_assert_cmpint (rmq_parse_duration (cases[i].text, &us), ==, cases[i].us >= 0);
      if (cases[i].us >= 0)
        g_assert_cmpint (us, ==, cases[i].us);
    }
}

static void
test_values (void)
{
  g_autoptr (RmqScenario) scenario = NULL;
  g_autofree char *text =
      g_strconcat (rmq_grammar_example_preamble,
                   "at 1s for 2s broker-a drop 30% of heartbeat requests of Orders key k1 from P\n"
                   "P sends 5 bills to Orders oneway size 4KiB to queue broker-a:3 as b\n"
                   "expect result = ERROR(TIMEOUT) where message b3 key 2 from 1s until 2s\n",
                   NULL);
  g_autofree char *errors = read_text (text, &scenario);
  g_assert_cmpstr (errors, ==, "");
  const RmqRequestStatement *drop = (gconstpointer)rmq_scenario_get_statement (scenario, 5);
  g_assert_cmpint (drop->timed.at_us, ==, 1000000);
  g_assert_cmpint (drop->timed.for_us, ==, 2000000);
  g_assert_cmpint (drop->amount.n, ==, 30);
  g_assert_cmpstr (drop->what.request_kind, ==, "heartbeat");
  g_assert_true (drop->what.requests);
  g_assert_cmpstr (drop->key, ==, "k1");
  const RmqSendsStatement *sends = (gconstpointer)rmq_scenario_get_statement (scenario, 6);
  g_assert_cmpint (sends->size_bytes, ==, 4096);
  g_assert_cmpint (sends->queue.id, ==, 3);
  g_assert_cmpstr (sends->queue.broker, ==, "broker-a");
  const RmqExpectation *claim = (gconstpointer)rmq_scenario_get_statement (scenario, 7);
  g_assert_true (claim->result.transport);
  g_assert_cmpint (claim->message.number, ==, 3);
  g_assert_cmpint (claim->key, ==, 2);
  g_assert_cmpint (claim->until_us, ==, 2000000);
}

static void
test_spread (void)
{
  g_autoptr (RmqScenario) scenario = NULL;
  g_autofree char *errors =
      read_text ("broker b[1..3]\nnameserver ${NOWHERE_SET:-ns9}\n", &scenario);
  g_assert_cmpstr (errors, ==, "");
  const RmqBrokerStatement *brokers = (gconstpointer)rmq_scenario_get_statement (scenario, 0);
  g_assert_cmpuint (g_strv_length (brokers->names), ==, 3);
  g_assert_cmpstr (brokers->names[2], ==, "b3");
  const RmqNameserverStatement *ns = (gconstpointer)rmq_scenario_get_statement (scenario, 1);
  g_assert_cmpstr (ns->names[0], ==, "ns9");
}

static void
test_slaves (void)
{
  g_autoptr (RmqScenario) scenario = NULL;
  g_autofree char *errors = read_text ("nameserver ns1\n"
                                       "broker b[1..2] slaves 2 set brokerRole SYNC_MASTER\n"
                                       "at 1s b2:2 kill\n",
                                       &scenario);
  g_assert_cmpstr (errors, ==, "");
  const RmqTimedStatement *kill = (gconstpointer)rmq_scenario_get_statement (scenario, 2);
  g_assert_cmpstr (kill->targets[0], ==, "b2:2");
  g_auto (GStrv) offers = rmq_scenario_complete (scenario, "b2:1 ki");
  g_assert_cmpstr (offers[0], ==, "kill");
}

/* ---- mistakes ------------------------------------------------------------ */

/* A line after the preamble (6 lines on), and how its complaint begins and what it suggests. */
static const struct
{
  const char *line;
  const char *complaint;
  const char *suggestion; /* (nullable) */
} mistakes[] = {
  { "broker-a kil", "6:10: error: unknown verb \"kil\"", "kill" },
  { "at 5 broker-a kill", "6:4: error: \"5\" is no duration", NULL },
  { "broker-c kill", "6:1: error: no broker or name server \"broker-c\"", "broker-a" },
  { "topik X queues 4 on broker-a", "6:1: error: unknown statement \"topik\"", "topic" },
  { "topic X queus 4 on broker-a", "6:9: error: \"queus\" is not expected here", "queues" },
  { "topic X on broker-a", "6:20: error: \"queues N\" is missing", NULL },
  { "topic X queues 0 on broker-a", "6:16: error: 0 is out of range", NULL },
  { "topic X queues 4 on broker-a perm rx", "6:35: error: \"rx\" is none of rw|r|w", NULL },
  { "broker broker-a", "6:8: error: \"broker-a\" is declared already, in line 2", NULL },
  { "broker c slaves 9", "6:17: error: 9 is out of range (0 to 8)", NULL },
  { "broker c slaves 1 set brokerRole SLAVE", "6:10: error: a broker whose role is SLAVE has no",
    NULL },
  { "broker-a:1 kill", "6:1: error: no broker or name server \"broker-a:1\"", "broker-a" },
  { "broker c slaves 1\nc:2 kill", "7:1: error: no broker or name server \"c:2\"", "c:1" },
  { "broker c slaves 1\ntopic X queues 4 on c:1", "7:21: error: \"c:1\" is no name", NULL },
  { "broker seed", "6:8: error: \"seed\" begins a statement", NULL },
  { "P sends 8 events to Orders every 1s", NULL, NULL },
  { "P sends 8 events to Orders asink as x", "6:28: error: \"asink\" is not expected", NULL },
  { "P sends 8 events to Orders as e", "6:28: error: messages \"e\" are sent in line 5", NULL },
  { "P sends 8 events to Orders as e1", "6:28: error: \"e1\" ends in a digit", NULL },
  { "P sends many events to Orders", "6:9: error: \"many\" is no number", NULL },
  { "broker-a sends 8 events to Orders as x", "6:1: error: no producer \"broker-a\"", NULL },
  { "broker-a drop next 0 send responses", "6:20: error: 0 is out of range", NULL },
  { "broker-a drop next x send responses", "6:15: error: an amount is expected", NULL },
  { "broker-a drop 130% of send responses", "6:15: error: 130% is out of range", NULL },
  { "seed 1\nseed 2", "7:1: error: \"seed\" stands in line 6 already", NULL },
  { "expect rows in brokerAdrTable of P = 1", "6:16: error: no table of a producer",
    "brokerAddrTable" },
  { "broker-a drop before store", "6:15: error: \"before store\" goes with requests",
    "after store" },
  { "broker-a answer SYSTEM_BUZY", "6:17: error: \"SYSTEM_BUZY\" is no response code",
    "SYSTEM_BUSY" },
  { "for 3s broker-a close", "6:1: error: this happens in a moment", NULL },
  { "expect no lossage", "6:11: error: unknown claim \"no lossage\"", "no loss" },
  { "expect no los", "6:11: error: unknown claim \"no los\"", "no loss" },
  { "expect duplicates 0", "6:19: error: \"0\" is no comparison", NULL },
  { "expect duplicates = 0 where message f", "6:37: error: no workload as \"f\"", NULL },
  { "expect duplicates = 0 from 3s", "6:30: error: a window has both ends", NULL },
  { "expect sends to broker-a = 0 from 3s until 4s until 5s", "6:47: error: \"until\" is given",
    NULL },
  { "scenario \"open", "6:10: error: a quote is not closed", NULL },
  { "seed ${NOWHERE_SET}", "6:6: error: ${NOWHERE_SET} has no value", NULL },
  { "seed \xff", "6:6: error: not valid UTF-8", NULL },
  { "at ev:7 broker-a kill", NULL, NULL },
  { "at ev:7+250us expect no loss", NULL, NULL },
  { "at ev:0 broker-a kill", "6:4: error: a moment is ev:N or ev:N+D", NULL },
  { "at ev:7+2 broker-a kill", "6:4: error: a moment is ev:N or ev:N+D", NULL },
  { "at ev:7", "6:8: error: a line is expected", NULL },
  { "at ev:7 broker-a kil", "6:18: error: unknown verb \"kil\"", "kill" },
  { "at ev:7 seed 8", "6:9: error: this can't be given while a run is under way", NULL },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("%s%s\n", rmq_grammar_example_preamble, mistakes[i].line);
      g_autofree char *errors = read_text (text, NULL);
      if (mistakes[i].complaint == NULL)
        {
          g_assert_cmpstr (errors, ==, "");
          continue;
        }
      g_autofree char *expected = g_strdup_printf ("a.scn:%s", mistakes[i].complaint);
      if (!g_str_has_prefix (errors, expected))
        g_error ("for \"%s\" expected %s\ngot %s", mistakes[i].line, expected, errors);
      g_autofree char *question = g_strdup_printf ("did you mean \"%s\"?", mistakes[i].suggestion);
      if (mistakes[i].suggestion != NULL && strstr (errors, question) == NULL)
        g_error ("for \"%s\" expected %s\ngot %s", mistakes[i].line, question, errors);
    }
}

static void
test_caret (void)
{
  g_autofree char *errors = read_text ("# first\n  seed x\n", NULL);
  g_assert_cmpstr (errors, ==,
                   "a.scn:2:8: error: \"x\" is no number\n"
                   "  seed x\n"
                   "       ^\n");
}

static void
test_all_errors (void)
{
  g_autofree char *errors = read_text ("sed 1\nseed x\n\nbroker\n", NULL);
  g_assert_nonnull (strstr (errors, "a.scn:1:1: error"));
  g_assert_nonnull (strstr (errors, "a.scn:2:6: error"));
  g_assert_nonnull (strstr (errors, "a.scn:4:7: error"));
}

/* What a wrong line was to declare is known all the same. */
static void
test_no_errors_follow (void)
{
  g_autofree char *text = g_strconcat (rmq_grammar_example_preamble,
                                       "P sends 8 x to Orders asink as b\n"
                                       "expect failed = 0 where message b3\n",
                                       NULL);
  g_autofree char *errors = read_text (text, NULL);
  g_assert_nonnull (strstr (errors, "a.scn:6:23: error: \"asink\" is not expected"));
  g_assert_null (strstr (errors, "a.scn:7:"));
}

static void
test_all_or_none (void)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("-");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new ("-");
  g_assert_true (rmq_scenario_add_text (scenario, "nameserver ns1", diagnostics));
  g_assert_false (rmq_scenario_add_text (scenario, "broker b1\nbroker", diagnostics));
  g_assert_cmpuint (rmq_scenario_get_n_statements (scenario), ==, 1);
  g_assert_true (rmq_scenario_add_text (scenario, "broker b1", diagnostics));
}

static void
test_no_workload (void)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("a.scn");
  g_autoptr (RmqScenario) scenario = rmq_scenario_load ("/dev/null", diagnostics);
  g_assert_false (rmq_scenario_require_workload (scenario, diagnostics));
  g_autofree char *errors = rmq_diagnostics_format (diagnostics);
  g_assert_true (g_str_has_prefix (errors, "a.scn:1:1: error: "));
}

static void
test_unknown_file (void)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("broker-a-dyes");
  g_autoptr (RmqScenario) scenario = rmq_scenario_load ("broker-a-dyes", diagnostics);
  g_assert_cmpuint (diagnostics->n_errors, ==, 1);
  g_assert_cmpstr (rmq_diagnostics_get (diagnostics, 0)->suggestion, ==, "broker-a-dies");
  g_assert_cmpuint (rmq_scenario_get_n_statements (scenario), ==, 0);
}

/* Every prefix of a line is read without harm. */
static void
test_any_prefix (void)
{
  static const char line[] =
      "at 5s for 3s broker-a answer SYSTEM_BUSY \"x y\" 30% of send requests of T queue 3 key k "
      "from P after store";
  for (gsize size = 0; size < sizeof line; size++)
    {
      g_autofree char *part = g_strndup (line, size);
      g_autofree char *text = g_strconcat (rmq_grammar_example_preamble, part, NULL);
      g_autofree char *errors = read_text (text, NULL);
      if (size > 0 && size < strlen ("at 5s for 3s broker-a answer"))
        g_assert_cmpstr (errors, !=, "");
    }
}

/* ---- completion ---------------------------------------------------------- */

static const struct
{
  const char *text;
  const char *offers; /* parted by blanks; all of them (nullable) */
} completions[] = {
  { "no", "note" },
  { "at", "at" },
  { "at 5s ", "P at broker-a broker-b for ns1" },
  { "at 5s for ", "" },
  { "broker-a ki", "kill" },
  { "at 5s broker-a re", "reads refuse release reset restart resume" },
  { "P ", "clock kill pause resume sends shuts starts" },
  { "P sends 5 x to Orders sel", "select" },
  { "P sends 5 x to Orders select ", NULL }, /* "by" among others */
  { "expect or", "order" },
  { "expect order p", "per" },
  { "expect order per key in Orders as s", "stored" },
  { "expect sends to br", "broker-a broker-b" },
  { "expect no loss wh", "where" },
  { "topic T queues 4 on br", "broker-a broker-b" },
  { "nonsense ", "" },
};

static void
test_completion (void)
{
  g_autoptr (RmqScenario) scenario = NULL;
  g_autofree char *errors = read_text (rmq_grammar_example_preamble, &scenario);
  g_assert_cmpstr (errors, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (completions); i++)
    {
      g_auto (GStrv) offers = rmq_scenario_complete (scenario, completions[i].text);
      g_autofree char *joined = g_strjoinv (" ", offers);
      g_test_message ("%s: %s", completions[i].text, joined);
      if (completions[i].offers == NULL)
        g_assert_true (g_strv_contains ((const char *const *)offers, "by"));
      else
        g_assert_cmpstr (joined, ==, completions[i].offers);
    }
}

/* ---- lint ---------------------------------------------------------------- */

static const struct
{
  const char *lines;
  const char *warning;
} warnings[] = {
  { "stop at 5s\nat 6s broker-a kill\n", "the run stops before this happens" },
  { "at 3s broker-a start\n", "broker-a is up by then" },
  { "at 3s broker-a kill\nat 4s broker-a kill\n", "broker-a is down by then" },
  { "at 30.03s broker-a kill\n", "within 50 ms of a timer (the client's route poll)" },
  { "P sends 400 x to Orders every 100.03ms as x\n", "starts within 5 ms of a timer" },
  { "broker-a drop 30% of route requests\n", "broker-a never gets route requests" },
  { "producer Q group G retries 2\nQ sends 3 x to Orders oneway every 1s as x\n",
    "these sends are never retried" },
  { "P sends 3 x to Orders select by id keys 2 every 1s as x\nexpect retries = 0 where message x\n",
    "these sends are never retried" },
  { "expect failed = 0 from 3s until 3s\n", "the window is empty" },
  { "expect failed = 0 from 300s until 400s\n", "the run ends before that" },
  { "expect failed >= 0\n", "nothing can violate this" },
  { "expect recovered within 3s\n", "there is no outage to recover from" },
  { "topic X queues 4 on broker-a\nP sends 3 x to X to queue broker-a:4 every 1s as x\n",
    "X has 4 queues on broker-a, from 0: queue 4 is refused" },
};

static void
test_lint (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (warnings); i++)
    {
      g_autoptr (RmqScenario) scenario = NULL;
      g_autofree char *text = g_strconcat (rmq_grammar_example_preamble, warnings[i].lines, NULL);
      g_autofree char *errors = read_text (text, &scenario);
      g_assert_cmpstr (errors, ==, "");
      g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("a.scn");
      rmq_lint (scenario, diagnostics);
      g_autofree char *found = rmq_diagnostics_format (diagnostics);
      if (strstr (found, warnings[i].warning) == NULL)
        g_error ("for \"%s\" expected %s, got \"%s\"", warnings[i].lines, warnings[i].warning,
                 found);
      g_assert_cmpuint (rmq_diagnostics_get_n (diagnostics), ==, 1);
    }
}

static void
test_shipped_are_clean (void)
{
  g_auto (GStrv) names = rmq_scenario_list_shipped ();
  g_assert_true (g_strv_contains ((const char *const *)names, "broker-a-dies"));
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (names[i]);
      g_autoptr (RmqScenario) scenario = rmq_scenario_load (names[i], diagnostics);
      rmq_lint (scenario, diagnostics);
      rmq_scenario_require_workload (scenario, diagnostics);
      g_autofree char *found = rmq_diagnostics_format (diagnostics);
      g_assert_cmpstr (found, ==, "");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenarios/language/a-scenario-is-told-in-words-in-order", test_explain);
  g_test_add_func ("/scenarios/language/every-form-reads-its-example", test_examples);
  g_test_add_func ("/scenarios/language/the-reference-names-every-form", test_reference);
  g_test_add_func ("/scenarios/language/the-page-in-docs-is-the-reference", test_page);
  g_test_add_func ("/scenarios/language/a-duration-has-a-unit", test_durations);
  g_test_add_func ("/scenarios/language/arguments-become-values", test_values);
  g_test_add_func ("/scenarios/language/a-range-is-many-names", test_spread);
  g_test_add_func ("/scenarios/language/a-broker-declares-its-slaves", test_slaves);
  g_test_add_func ("/scenarios/language/a-mistake-has-a-place-and-a-suggestion", test_mistakes);
  g_test_add_func ("/scenarios/language/the-caret-stands-below", test_caret);
  g_test_add_func ("/scenarios/language/all-errors-are-told", test_all_errors);
  g_test_add_func ("/scenarios/language/a-wrong-line-makes-no-others-wrong", test_no_errors_follow);
  g_test_add_func ("/scenarios/language/a-text-is-taken-whole-or-not", test_all_or_none);
  g_test_add_func ("/scenarios/language/a-run-needs-a-workload", test_no_workload);
  g_test_add_func ("/scenarios/language/an-unknown-file-has-a-suggestion", test_unknown_file);
  g_test_add_func ("/scenarios/language/any-prefix-is-read-without-harm", test_any_prefix);
  g_test_add_func ("/scenarios/language/completion-offers-what-may-follow", test_completion);
  g_test_add_func ("/scenarios/lint/each-rule-warns", test_lint);
  g_test_add_func ("/scenarios/lint/shipped-scenarios-are-clean", test_shipped_are_clean);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */

/* JUnit's XML, the dialect that Jenkins, GitLab and GitHub's reporters read: testsuites, testsuite,
 * testcase, one failure or error each, system-out. Pure. Says the same of the same runs, so no time
 * of day and no host stand in it. */

#include "rmq-junit.h"

typedef struct
{
  char *name;
  GString *cases;
  guint n_tests, n_failures, n_errors;
  gint64 took_us;
} Suite;

struct _RmqJunit
{
  GPtrArray *suites; /* of Suite */
};

static void
free_suite (gpointer data)
{
  Suite *suite = data;
  g_string_free (suite->cases, TRUE);
  g_free (suite->name);
  g_free (suite);
}

RmqJunit *
rmq_junit_new (void)
{
  RmqJunit *junit = g_new0 (RmqJunit, 1);
  junit->suites = g_ptr_array_new_with_free_func (free_suite);
  return junit;
}

void
rmq_junit_free (RmqJunit *junit)
{
  if (junit == NULL)
    return;
  g_ptr_array_unref (junit->suites);
  g_free (junit);
}

/* ---- text ---------------------------------------------------------------- */

/* Characters that XML has no way to write become U+FFFD. */
static gboolean
is_writable (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F)
         || (c > 0x9F && c != 0xFFFE && c != 0xFFFF);
}

static void
append_text (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GString) writable = g_string_new (NULL);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      const gunichar c = g_utf8_get_char (at);
      g_string_append_unichar (writable, is_writable (c) ? c : 0xFFFD);
    }
  g_autofree char *escaped = g_markup_escape_text (writable->str, (gssize)writable->len);
  g_string_append (out, escaped);
}

/* Attributes keep line breaks only as references. */
static void
append_attribute (GString *out, const char *name, const char *value)
{
  g_autoptr (GString) text = g_string_new (NULL);
  append_text (text, value);
  g_string_replace (text, "\n", "&#10;", 0);
  g_string_replace (text, "\r", "&#13;", 0);
  g_string_replace (text, "\t", "&#9;", 0);
  g_string_append_printf (out, " %s=\"%s\"", name, text->str);
}

static void
append_time (GString *out, gint64 took_us)
{
  g_string_append_printf (out, " time=\"%" G_GINT64_FORMAT ".%06d\"", took_us / G_USEC_PER_SEC,
                          (int)(took_us % G_USEC_PER_SEC));
}

/* ---- tests --------------------------------------------------------------- */

static void
append_finding (GString *out, const RmqFinding *finding)
{
  append_text (out, rmq_verdict_get_name (finding->verdict));
  g_string_append (out, ": ");
  append_text (out, finding->claim);
  g_string_append (out, ": ");
  append_text (out, finding->evidence);
  if (finding->ev != 0)
    g_string_append_printf (out, "   ev %" G_GUINT64_FORMAT, finding->ev);
  g_string_append_c (out, '\n');
}

static gboolean
passes (const RmqFinding *finding)
{
  return finding->verdict == RMQ_VERDICT_OK || finding->verdict == RMQ_VERDICT_NOTED;
}

/* What there is to say of a test that doesn't pass. */
static void
append_problem (Suite *suite, gboolean failed, const char *message, const char *details,
                const RmqReport *report)
{
  GString *out = suite->cases;
  const char *element = failed ? "failure" : "error";
  g_autofree char *replay = rmq_report_make_replay (report);
  suite->n_failures += failed;
  suite->n_errors += !failed;
  g_string_append_printf (out, ">\n      <%s", element);
  append_attribute (out, "type", failed ? "failed" : "unknown");
  append_attribute (out, "message", message);
  g_string_append_printf (out, ">%sreplay: ", details);
  append_text (out, replay);
  g_string_append_printf (out, "</%s>\n    </testcase>\n", element);
}

static void
begin_test (Suite *suite, const char *name, const RmqReport *report, gint64 took_us)
{
  suite->n_tests++;
  suite->took_us += took_us;
  g_string_append (suite->cases, "    <testcase");
  append_attribute (suite->cases, "classname", report->scenario);
  append_attribute (suite->cases, "name", name);
  append_time (suite->cases, took_us);
}

static Suite *
add_suite (RmqJunit *junit, const char *name)
{
  Suite *suite = g_new0 (Suite, 1);
  suite->name = g_strdup (name);
  suite->cases = g_string_new (NULL);
  g_ptr_array_add (junit->suites, suite);
  return suite;
}

static void
add_claim (Suite *suite, const RmqFinding *finding, const RmqReport *report, gint64 took_us)
{
  g_autofree char *message = g_strdup_printf ("%s: %s", finding->claim, finding->evidence);
  g_autoptr (GString) details = g_string_new (NULL);
  append_finding (details, finding);
  begin_test (suite, finding->claim, report, took_us);
  if (passes (finding))
    g_string_append (suite->cases, "/>\n");
  else
    append_problem (suite, finding->verdict == RMQ_VERDICT_FAILED, message, details->str, report);
}

/* A run that was quit has told of no claim that it failed: that is a test too. */
static void
add_end (Suite *suite, const RmqReport *report)
{
  begin_test (suite, "the run comes to its end", report, 0);
  append_problem (suite, FALSE, "quit before its end", "", report);
}

void
rmq_junit_add_claims (RmqJunit *junit, const RmqReport *report)
{
  Suite *suite = add_suite (junit, report->scenario);
  for (guint i = 0; i < report->findings->len; i++)
    add_claim (suite, g_ptr_array_index (report->findings, i), report,
               i == 0 ? report->took_us : 0);
  if (!report->complete)
    add_end (suite, report);
}

void
rmq_junit_add_run (RmqJunit *junit, const RmqReport *report)
{
  Suite *suite =
      junit->suites->len > 0 ? g_ptr_array_index (junit->suites, junit->suites->len - 1) : NULL;
  if (suite == NULL || !g_str_equal (suite->name, report->scenario))
    suite = add_suite (junit, report->scenario);
  g_autofree char *name = g_strdup_printf ("seed %" G_GUINT64_FORMAT, report->seed);
  g_autoptr (GString) details = g_string_new (NULL);
  const RmqFinding *first = NULL;
  for (guint i = 0; i < report->findings->len; i++)
    {
      const RmqFinding *finding = g_ptr_array_index (report->findings, i);
      if (passes (finding))
        continue;
      append_finding (details, finding);
      if (first == NULL
          || (first->verdict != RMQ_VERDICT_FAILED && finding->verdict == RMQ_VERDICT_FAILED))
        first = finding;
    }
  begin_test (suite, name, report, report->took_us);
  const gint status = rmq_report_get_status (report);
  g_autofree char *message = first != NULL
                                 ? g_strdup_printf ("%s: %s", first->claim, first->evidence)
                                 : g_strdup ("cut off before its end");
  if (status == 0)
    g_string_append (suite->cases, "/>\n");
  else
    append_problem (suite, status == 1, message, details->str, report);
}

/* ---- the document -------------------------------------------------------- */

static void
append_counts (GString *out, const Suite *suite)
{
  g_string_append_printf (out, " tests=\"%u\" failures=\"%u\" errors=\"%u\"", suite->n_tests,
                          suite->n_failures, suite->n_errors);
  append_time (out, suite->took_us);
}

char *
rmq_junit_format (RmqJunit *junit)
{
  Suite sum = { 0 };
  GString *out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
  for (guint i = 0; i < junit->suites->len; i++)
    {
      const Suite *suite = g_ptr_array_index (junit->suites, i);
      sum.n_tests += suite->n_tests;
      sum.n_failures += suite->n_failures;
      sum.n_errors += suite->n_errors;
      sum.took_us += suite->took_us;
    }
  append_attribute (out, "name", "rmqlab");
  append_counts (out, &sum);
  g_string_append (out, ">\n");
  for (guint i = 0; i < junit->suites->len; i++)
    {
      const Suite *suite = g_ptr_array_index (junit->suites, i);
      g_string_append (out, "  <testsuite");
      append_attribute (out, "name", suite->name);
      append_counts (out, suite);
      g_string_append_printf (out, ">\n%s  </testsuite>\n", suite->cases->str);
    }
  g_string_append (out, "</testsuites>\n");
  return g_string_free (out, FALSE);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A scenario's text: read, warned about, completed. Every error has a place in the text. */

#include <string.h>

#include "fuzz.h"
#include "rmq-lint.h"

static guint
count_lines (const char *text)
{
  guint n = 1;
  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new ("fuzz.scn");
  g_autoptr (RmqScenario) scenario = rmq_scenario_new ("fuzz.scn");
  if (rmq_scenario_add_text (scenario, text, diagnostics))
    rmq_lint (scenario, diagnostics);
  else
    g_assert_cmpuint (diagnostics->n_errors, >, 0);
  guint n_lines = count_lines (text);
  for (guint i = 0; i < rmq_diagnostics_get_n (diagnostics); i++)
    {
      const RmqDiagnostic *diagnostic = rmq_diagnostics_get (diagnostics, i);
      g_assert_cmpuint (diagnostic->line, >, 0);
      g_assert_cmpuint (diagnostic->line, <=, n_lines);
      g_assert_nonnull (diagnostic->message);
    }
  const char *last_line = strrchr (text, '\n');
  g_auto (GStrv) words = rmq_scenario_complete (scenario, last_line != NULL ? last_line + 1 : text);
  g_assert_nonnull (words);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* A scenario in words: what there is, what happens when, what is claimed. All words come from the
 * table of forms: "says", where a form has it, with the arguments as written; else its help. Pure.
 *
 *   says: "topic {T}[, {perm}]"   {NAME}: the argument with that keyword, else shown so;
 *                                 {NAME:else}; […]: left out where an argument in it isn't given
 */

#include "rmq-explain.h"

#include <string.h>

#include "rmq-scenario-private.h"

#define TIME_WIDTH 10

/* ---- templates ----------------------------------------------------------- */

/* (nullable): not given. */
static const char *
find_said (const RmqStatement *statement, const char *name, gsize size)
{
  const RmqArgument *rows = statement->form->arguments;
  for (guint i = 0; rows[i].keyword != NULL || rows[i].shown != NULL; i++)
    {
      const char *known = rows[i].keyword != NULL ? rows[i].keyword : rows[i].shown;
      if (strlen (known) == size && strncmp (known, name, size) == 0)
        return statement->said[i];
    }
  return NULL;
}

/* One "{…}" at *at, which is moved behind it. FALSE: it is not given. */
static gboolean
append_argument (GString *out, const RmqStatement *statement, const char **at)
{
  const char *name = *at + 1;
  const char *end = strchr (name, '}');
  g_assert (end != NULL);
  const char *bar = memchr (name, ':', (gsize)(end - name));
  const char *said = find_said (statement, name, (gsize)((bar != NULL ? bar : end) - name));
  *at = end + 1;
  if (said != NULL)
    g_string_append (out, said);
  else if (bar != NULL)
    g_string_append_len (out, bar + 1, end - bar - 1);
  return said != NULL || bar != NULL;
}

/* Up to the end of the text or the "]" that ends this part. FALSE: something in it is not given. */
static gboolean
append_part (GString *out, const RmqStatement *statement, const char **at)
{
  gboolean all = TRUE;
  while (**at != '\0' && **at != ']' && **at != '[')
    if (**at == '{')
      all = append_argument (out, statement, at) && all;
    else
      g_string_append_c (out, *(*at)++);
  return all;
}

static void
append_says (GString *out, const RmqStatement *statement)
{
  const char *at = statement->form->says;
  while (*at != '\0')
    {
      const gboolean is_optional = *at == '[';
      const gsize before = out->len;
      at += is_optional;
      if (!append_part (out, statement, &at) && is_optional)
        g_string_truncate (out, before);
      at += is_optional && *at == ']';
    }
}

/* ---- what there is ------------------------------------------------------- */

static void
append_setup (GString *out, RmqScenario *scenario)
{
  const char *title = rmq_scenario_get_title (scenario);
  if (title != NULL)
    g_string_append_printf (out, "%s\n\n", title);
  g_string_append (out, "Before time 0 there are:\n");
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      if (statement->form->group > RMQ_FORM_ACTOR || statement->form->says == NULL)
        continue;
      g_string_append (out, "  ");
      append_says (out, statement);
      g_string_append_c (out, '\n');
    }
}

/* ---- what happens -------------------------------------------------------- */

typedef struct
{
  gint64 at_us;
  const RmqTimedStatement *statement;
  gboolean is_end;
} Moment;

static gint
compare_moments (gconstpointer a, gconstpointer b)
{
  const Moment *one = a, *other = b;
  if (one->at_us != other->at_us)
    return one->at_us < other->at_us ? -1 : 1;
  return (gint)one->statement->base.serial - (gint)other->statement->base.serial;
}

static void
add_moment (GArray *moments, const RmqTimedStatement *statement, gint64 at_us, gboolean is_end)
{
  const Moment moment = { .at_us = at_us, .statement = statement, .is_end = is_end };
  g_array_append_val (moments, moment);
}

static GArray *
list_moments (RmqScenario *scenario)
{
  GArray *moments = g_array_new (FALSE, FALSE, sizeof (Moment));
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqTimedStatement *timed =
          (const RmqTimedStatement *)rmq_scenario_get_statement (scenario, i);
      if (timed->base.form->targets == 0)
        continue;
      const gint64 at_us = MAX (timed->at_us, 0);
      add_moment (moments, timed, at_us, FALSE);
      if (timed->for_us >= 0 && rmq_form_lasts (timed->base.form))
        add_moment (moments, timed, at_us + timed->for_us, TRUE);
    }
  g_array_sort (moments, compare_moments);
  return moments;
}

/* "5.05s" (transfer full) */
static char *
format_time (gint64 at_us)
{
  char *digits = g_strdup_printf ("%" G_GINT64_FORMAT ".%06d", at_us / G_USEC_PER_SEC,
                                  (gint)(at_us % G_USEC_PER_SEC));
  gsize size = strlen (digits);
  while (digits[size - 1] == '0')
    size--;
  size -= digits[size - 1] == '.';
  g_strlcpy (digits + size, "s", 2);
  return digits;
}

static void
append_time (GString *out, gint64 at_us)
{
  g_autofree char *time = format_time (at_us);
  g_string_append_printf (out, "  %-*s ", TIME_WIDTH, time);
}

/* The line behind "at D for D". */
static const char *
skip_times (const RmqTimedStatement *statement)
{
  return strstr (statement->base.text, statement->targets[0]);
}

/* What a form means is said once. */
static void
append_help (GString *out, const RmqStatementForm *form, GPtrArray *told)
{
  if (!g_ptr_array_find (told, form, NULL))
    g_string_append_printf (out, ": %s", form->help);
  g_ptr_array_add (told, (gpointer)form);
  g_string_append_c (out, '\n');
}

static void
append_moment (GString *out, const Moment *moment, GPtrArray *told)
{
  const RmqStatement *statement = &moment->statement->base;
  append_time (out, moment->at_us);
  if (moment->is_end)
    g_string_append_printf (out, "what line %u began ends: %s\n", statement->line,
                            skip_times (moment->statement));
  else if (statement->form->says != NULL)
    {
      g_autofree char *targets = g_strjoinv (" ", moment->statement->targets);
      g_string_append_printf (out, "%s ", targets);
      append_says (out, statement);
      g_string_append_c (out, '\n');
    }
  else
    g_string_append_printf (out, "%s: %s\n", skip_times (moment->statement), statement->form->help);
}

static void
append_moments (GString *out, RmqScenario *scenario)
{
  g_autoptr (GArray) moments = list_moments (scenario);
  g_autoptr (GPtrArray) told = g_ptr_array_new ();
  const gint64 stop_us = rmq_scenario_get_stop_at_us (scenario);
  g_string_append (out, "\nThen it happens:\n");
  for (guint i = 0; i < moments->len; i++)
    append_moment (out, &g_array_index (moments, Moment, i), told);
  if (stop_us != G_MAXINT64)
    {
      append_time (out, stop_us);
      g_string_append (out, "the run stops, whatever is still under way\n");
    }
  g_autofree char *settle = format_time (rmq_scenario_get_settle_us (scenario));
  g_string_append_printf (out, "  It ends %s after everything was sent and nothing is planned.\n",
                          settle);
}

/* ---- what is claimed ----------------------------------------------------- */

static void
append_claims (GString *out, RmqScenario *scenario)
{
  g_autoptr (GPtrArray) told = g_ptr_array_new ();
  static const char *const modes[] = { "must hold", "must not hold", "is reported" };
  gboolean any = FALSE;
  for (guint i = 0; i < rmq_scenario_get_n_statements (scenario); i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      if (statement->form->group != RMQ_FORM_EXPECTATION)
        continue;
      const RmqExpectMode mode = ((const RmqExpectation *)statement)->mode;
      const char *claim = statement->text + strlen (rmq_expect_words[mode]);
      if (!any)
        g_string_append (out, "\nAfterwards it is judged:\n");
      any = TRUE;
      g_string_append_printf (out, "  %-14s%s", modes[mode], claim + strspn (claim, " \t"));
      append_help (out, statement->form, told);
    }
}

char *
rmq_explain (RmqScenario *scenario)
{
  GString *out = g_string_new (NULL);
  append_setup (out, scenario);
  append_moments (out, scenario);
  append_claims (out, scenario);
  return g_string_free (out, FALSE);
}

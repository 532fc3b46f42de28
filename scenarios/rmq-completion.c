/* SPDX-License-Identifier: Apache-2.0 */

/* Completion at the prompt: what may follow the words of a line so far, from the table of forms and
 * the names a scenario knows. Pure; a line that is wrong already just gets fewer offers. */

#include "rmq-scenario-private.h"

#include <string.h>

typedef struct
{
  const RmqNames *names;
  char **words; /* complete ones */
  guint n_words;
  guint at; /* index of the first that was not looked at yet */
  const char *partial;
  GPtrArray *offers; /* of char */
} Completion;

static void
offer (Completion *self, const char *word, gsize size)
{
  g_autofree char *text = g_strndup (word, size);
  if (g_str_has_prefix (text, self->partial)
      && !g_ptr_array_find_with_equal_func (self->offers, text, g_str_equal, NULL))
    g_ptr_array_add (self->offers, g_steal_pointer (&text));
}

/* "order per key" after "order": offers "per". TRUE: all of its words are there already. */
static gboolean
follow (Completion *self, const char *phrase)
{
  guint at = self->at;
  for (const char *part = phrase; *part != '\0'; at++)
    {
      const gsize size = strcspn (part, " ");
      if (at == self->n_words)
        {
          offer (self, part, size);
          return FALSE;
        }
      if (strlen (self->words[at]) != size || strncmp (self->words[at], part, size) != 0)
        return FALSE;
      part += size + (part[size] == ' ');
    }
  return TRUE;
}

static guint
count_words (const char *phrase)
{
  guint n = 1;
  for (; *phrase != '\0'; phrase++)
    n += *phrase == ' ';
  return n;
}

static void
offer_names (Completion *self, guint kinds)
{
  g_autoptr (GPtrArray) names = rmq_names_list (self->names, kinds);
  for (guint i = 0; g_ptr_array_index (names, i) != NULL; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      offer (self, name, strlen (name));
    }
}

/* A keyword of two words is offered as far as the line hasn't it: "select", then "by". */
static void
offer_keyword (Completion *self, const char *keyword)
{
  const guint n = count_words (keyword);
  for (guint known = MIN (n - 1, self->n_words); known > 0; known--)
    {
      self->at = self->n_words - known;
      const guint before = self->offers->len;
      follow (self, keyword);
      if (self->offers->len > before)
        break;
    }
  self->at = self->n_words;
  follow (self, keyword);
}

static void
offer_arguments (Completion *self, const RmqArgument *rows)
{
  for (; rows->keyword != NULL || rows->shown != NULL; rows++)
    {
      if (rows->keyword != NULL)
        offer_keyword (self, rows->keyword);
      offer_names (self, rows->names);
      if (rows->type != RMQ_ARGUMENT_CHOICE)
        continue;
      g_auto (GStrv) choices = g_strsplit (rows->shown, "|", -1);
      for (guint i = 0; choices[i] != NULL; i++)
        offer (self, choices[i], strlen (choices[i]));
    }
}

/* The form of the group whose words are there; of the others the next word is offered. (nullable)
 */
static const RmqStatementForm *
follow_group (Completion *self, RmqFormGroup group, guint targets)
{
  for (const RmqStatementForm *const *form = rmq_grammar_get_forms (group); *form != NULL; form++)
    if ((targets == 0 || ((*form)->targets & targets) != 0) && follow (self, (*form)->word))
      return *form;
  return NULL;
}

static void
complete_expectation (Completion *self)
{
  self->at = 1;
  const RmqStatementForm *form = follow_group (self, RMQ_FORM_EXPECTATION, 0);
  if (form == NULL)
    return;
  offer_arguments (self, form->arguments);
  offer_keyword (self, "where");
  offer_arguments (self, rmq_where_arguments);
  offer_arguments (self, rmq_window_arguments);
}

static void
complete_target (Completion *self)
{
  const guint kinds[] = { RMQ_NAME_BROKER, RMQ_NAME_SLAVE, RMQ_NAME_NAMESERVER, RMQ_NAME_PRODUCER,
                          RMQ_NAME_HOST };
  guint kind = 0;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (rmq_names_find (self->names, self->words[self->at], kinds[i]) != NULL)
      kind |= kinds[i];
  self->at++;
  const RmqStatementForm *form = kind != 0 ? follow_group (self, RMQ_FORM_VERB, kind) : NULL;
  if (form == NULL && kind != 0)
    form = follow_group (self, RMQ_FORM_WORKLOAD, kind);
  if (form != NULL)
    offer_arguments (self, form->arguments);
}

/* Passes over "at D" and "for D". FALSE: a duration is to be typed. */
static gboolean
pass_prefix (Completion *self)
{
  while (
      self->at < self->n_words
      && (g_str_equal (self->words[self->at], "at") || g_str_equal (self->words[self->at], "for")))
    self->at += 2;
  return self->at <= self->n_words;
}

static void
complete_first (Completion *self)
{
  if (self->at == 0)
    {
      for (guint i = 0; rmq_expect_words[i] != NULL; i++)
        offer (self, rmq_expect_words[i], strlen (rmq_expect_words[i]));
      follow_group (self, RMQ_FORM_SETUP, 0);
      follow_group (self, RMQ_FORM_ACTOR, 0);
    }
  offer_arguments (self, rmq_timed_arguments);
  offer_names (self, RMQ_NAME_SERVER | RMQ_NAME_PRODUCER | RMQ_NAME_HOST);
}

static void
complete (Completion *self)
{
  if (!pass_prefix (self))
    return;
  if (self->at == self->n_words)
    {
      complete_first (self);
      return;
    }
  if (g_strv_contains (rmq_expect_words, self->words[0]))
    {
      complete_expectation (self);
      return;
    }
  const RmqStatementForm *form = follow_group (self, RMQ_FORM_SETUP, 0);
  if (form == NULL)
    form = follow_group (self, RMQ_FORM_ACTOR, 0);
  if (form != NULL)
    offer_arguments (self, form->arguments);
  else
    complete_target (self);
}

static gint
compare_offers (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

char **
rmq_scenario_complete (RmqScenario *scenario, const char *text)
{
  g_auto (GStrv) all = g_strsplit_set (text, " \t", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  const guint n = g_strv_length (all);
  for (guint i = 0; i + 1 < n; i++)
    if (all[i][0] != '\0')
      g_ptr_array_add (words, all[i]);
  Completion self = { .names = rmq_scenario_get_names (scenario),
                      .words = (char **)words->pdata,
                      .n_words = words->len,
                      .partial = n > 0 ? all[n - 1] : "",
                      .offers = g_ptr_array_new () };
  complete (&self);
  g_ptr_array_sort (self.offers, compare_offers);
  g_ptr_array_add (self.offers, NULL);
  return (char **)g_ptr_array_free (self.offers, FALSE);
}

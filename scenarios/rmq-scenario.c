/* SPDX-License-Identifier: Apache-2.0 */

/* A scenario as read, and where scenarios are found: a path, RMQLAB_SCENARIO_PATH, the source tree
 * it was built from, the installed folder. Reads files and the environment; one thread. */

#include "rmq-scenario-private.h"

#include <string.h>

#define FILE_MAX_BYTES (1 << 20)
#define SUFFIX ".scn"

struct _RmqScenario
{
  gatomicrefcount refs;
  char *name;
  GPtrArray *statements; /* of RmqStatement */
  RmqNames names;
};

RmqScenario *
rmq_scenario_new (const char *name)
{
  RmqScenario *scenario = g_new0 (RmqScenario, 1);
  g_atomic_ref_count_init (&scenario->refs);
  scenario->name = g_strdup (name);
  scenario->statements = g_ptr_array_new_with_free_func ((GDestroyNotify)rmq_statement_free);
  rmq_names_init (&scenario->names);
  return scenario;
}

RmqScenario *
rmq_scenario_ref (RmqScenario *scenario)
{
  g_atomic_ref_count_inc (&scenario->refs);
  return scenario;
}

void
rmq_scenario_unref (RmqScenario *scenario)
{
  if (!g_atomic_ref_count_dec (&scenario->refs))
    return;
  g_ptr_array_unref (scenario->statements);
  rmq_names_clear (&scenario->names);
  g_free (scenario->name);
  g_free (scenario);
}

RmqScenarioMark
rmq_scenario_mark (RmqScenario *scenario)
{
  return (RmqScenarioMark){ scenario->statements->len, scenario->names.items->len };
}

void
rmq_scenario_rollback (RmqScenario *scenario, const RmqScenarioMark *mark)
{
  g_ptr_array_set_size (scenario->statements, mark->n_statements);
  rmq_names_truncate (&scenario->names, mark->n_names);
}

static void
check_once (RmqScenario *scenario, const RmqStatement *statement, RmqDiagnostics *diagnostics)
{
  const RmqStatement *first =
      statement->form->once ? rmq_scenario_find (scenario, statement->form) : NULL;
  if (first != NULL)
    rmq_statement_complain (
        statement, diagnostics, FALSE,
        g_strdup_printf ("\"%s\" stands in line %u already", statement->form->word, first->line));
}

static void
add_line (RmqScenario *scenario, const char *text, guint line, RmqDiagnostics *diagnostics)
{
  RmqStatement *statement = rmq_reader_read_line (diagnostics, &scenario->names, text, line);
  if (statement == NULL)
    return;
  check_once (scenario, statement, diagnostics);
  g_ptr_array_add (scenario->statements, statement);
  statement->serial = scenario->statements->len;
}

gboolean
rmq_scenario_add_text (RmqScenario *scenario, const char *text, RmqDiagnostics *diagnostics)
{
  const guint n_errors = diagnostics->n_errors;
  const RmqScenarioMark before = rmq_scenario_mark (scenario);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    add_line (scenario, lines[i], i + 1, diagnostics);
  if (diagnostics->n_errors == n_errors)
    return TRUE;
  rmq_scenario_rollback (scenario, &before);
  return FALSE;
}

/* ---- finding ------------------------------------------------------------- */

/* Folders with shipped scenarios, in order of preference. */
static char **
list_folders (void)
{
  GStrvBuilder *folders = g_strv_builder_new ();
  const char *variable = g_getenv ("RMQLAB_SCENARIO_PATH");
  if (variable != NULL)
    {
      g_auto (GStrv) named = g_strsplit (variable, G_SEARCHPATH_SEPARATOR_S, -1);
      g_strv_builder_addv (folders, (const char **)named);
    }
  g_strv_builder_add (folders, RMQLAB_SOURCE_SCENARIOS);
  g_strv_builder_add (folders, RMQLAB_INSTALLED_SCENARIOS);
  char **list = g_strv_builder_end (folders);
  g_strv_builder_unref (folders);
  return list;
}

/* A name without a slash is a file here, else a shipped scenario. (nullable) */
static char *
find_file (const char *name)
{
  if (strchr (name, G_DIR_SEPARATOR) != NULL || g_file_test (name, G_FILE_TEST_IS_REGULAR))
    return g_strdup (name);
  g_auto (GStrv) folders = list_folders ();
  g_autofree char *file =
      g_str_has_suffix (name, SUFFIX) ? g_strdup (name) : g_strconcat (name, SUFFIX, NULL);
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], file, NULL);
      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
list_folder (const char *path, GPtrArray *names)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *entry;
  while (folder != NULL && (entry = g_dir_read_name (folder)) != NULL)
    {
      if (!g_str_has_suffix (entry, SUFFIX))
        continue;
      char *name = g_strndup (entry, strlen (entry) - strlen (SUFFIX));
      if (g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_free (name);
      else
        g_ptr_array_add (names, name);
    }
}

char **
rmq_scenario_list_shipped (void)
{
  GPtrArray *names = g_ptr_array_new ();
  g_auto (GStrv) folders = list_folders ();
  for (guint i = 0; folders[i] != NULL; i++)
    list_folder (folders[i], names);
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **)g_ptr_array_free (names, FALSE);
}

static char *
read_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  if (!g_file_get_contents (path, &text, &size, error))
    return NULL;
  if (size > FILE_MAX_BYTES || memchr (text, '\0', size) != NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   size > FILE_MAX_BYTES ? "it is over %d bytes"
                                         : "it is no text (%d bytes at most)",
                   FILE_MAX_BYTES);
      return NULL;
    }
  return g_steal_pointer (&text);
}

RmqScenario *
rmq_scenario_load (const char *name, RmqDiagnostics *diagnostics)
{
  static const RmqDiagnostic start = { .line = 1, .column = 1 };
  RmqScenario *scenario = rmq_scenario_new (name);
  g_autofree char *path = find_file (name);
  if (path == NULL)
    {
      g_auto (GStrv) shipped = rmq_scenario_list_shipped ();
      g_autofree char *list = g_strjoinv (", ", shipped);
      rmq_diagnostics_add (
          diagnostics, &start,
          g_strdup_printf ("no such file, and no shipped scenario of that name (%s)", list),
          rmq_nearest_word (name, (const char *const *)shipped));
      return scenario;
    }
  g_autoptr (GError) error = NULL;
  g_autofree char *text = read_file (path, &error);
  if (text == NULL)
    rmq_diagnostics_add (diagnostics, &start, g_strdup (error->message), NULL);
  else
    rmq_scenario_add_text (scenario, text, diagnostics);
  return scenario;
}

/* ---- what is in it ------------------------------------------------------- */

const char *
rmq_scenario_get_name (RmqScenario *scenario)
{
  return scenario->name;
}

guint
rmq_scenario_get_n_statements (RmqScenario *scenario)
{
  return scenario->statements->len;
}

const RmqStatement *
rmq_scenario_get_statement (RmqScenario *scenario, guint index)
{
  g_assert (index < scenario->statements->len);
  return g_ptr_array_index (scenario->statements, index);
}

const RmqStatement *
rmq_scenario_find (RmqScenario *scenario, const RmqStatementForm *form)
{
  for (guint i = 0; i < scenario->statements->len; i++)
    {
      const RmqStatement *statement = rmq_scenario_get_statement (scenario, i);
      if (statement->form == form)
        return statement;
    }
  return NULL;
}

const RmqNames *
rmq_scenario_get_names (RmqScenario *scenario)
{
  return &scenario->names;
}

RmqScenario *
rmq_scenario_new_alike (RmqScenario *other)
{
  RmqScenario *scenario = rmq_scenario_new (other->name);
  for (guint i = 0; i < other->names.items->len; i++)
    {
      const RmqName *name = &g_array_index (other->names.items, RmqName, i);
      rmq_names_add (&scenario->names, name->name, name->kind, name->line);
    }
  return scenario;
}

void
rmq_scenario_forget_lines (RmqScenario *scenario, guint from)
{
  for (guint i = from; i < scenario->statements->len; i++)
    ((RmqStatement *)g_ptr_array_index (scenario->statements, i))->line = 0;
}

/* Texts are read again, as the environment's values stand in them. */
RmqScenario *
rmq_scenario_take_declared (RmqScenario *other, guint n)
{
  g_autoptr (RmqDiagnostics) diagnostics = rmq_diagnostics_new (other->name);
  RmqScenario *scenario = rmq_scenario_new (other->name);
  for (guint i = 0; i < n; i++)
    {
      const RmqStatement *old = rmq_scenario_get_statement (other, i);
      if (old->given.ev == 0)
        add_line (scenario, old->text, old->line, diagnostics);
    }
  g_assert (diagnostics->n_errors == 0);
  return scenario;
}

void
rmq_scenario_declare (RmqScenario *scenario, const char *name, RmqNameKind kind)
{
  rmq_names_add (&scenario->names, name, kind, 0);
}

const char *
rmq_scenario_get_title (RmqScenario *scenario)
{
  const RmqStatement *statement = rmq_scenario_find (scenario, &rmq_form_scenario);
  return statement != NULL ? ((const RmqTitleStatement *)statement)->title : NULL;
}

gboolean
rmq_scenario_get_seed (RmqScenario *scenario, guint64 *seed)
{
  const RmqStatement *statement = rmq_scenario_find (scenario, &rmq_form_seed);
  if (statement != NULL)
    *seed = ((const RmqValueStatement *)statement)->value;
  return statement != NULL;
}

gint64
rmq_scenario_get_stop_at_us (RmqScenario *scenario)
{
  const RmqStatement *statement = rmq_scenario_find (scenario, &rmq_form_stop);
  return statement != NULL ? ((const RmqValueStatement *)statement)->value : G_MAXINT64;
}

gint64
rmq_scenario_get_settle_us (RmqScenario *scenario)
{
  const RmqStatement *statement = rmq_scenario_find (scenario, &rmq_form_settle);
  return statement != NULL ? ((const RmqValueStatement *)statement)->value : RMQ_SETTLE_DEFAULT_US;
}

gboolean
rmq_scenario_require_workload (RmqScenario *scenario, RmqDiagnostics *diagnostics)
{
  static const RmqDiagnostic start = { .line = 1, .column = 1 };
  if (rmq_scenario_find (scenario, &rmq_form_sends) != NULL)
    return TRUE;
  rmq_diagnostics_add (
      diagnostics, &start,
      g_strdup ("there is no workload: a line \"P sends N WORD to T\" is needed to run it"), NULL);
  return FALSE;
}

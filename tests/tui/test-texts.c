/* SPDX-License-Identifier: Apache-2.0 */

/* Every field that can be selected can be explained: its words exist, and fit where they are shown.
 */

#include "dashboard-fixture.h"
#include "rmq-client-tables.h"
#include "rmq-dashboard-derived.h"
#include "rmq-dashboard-hints.h"

#include <string.h>

static const RmqTableSchema *const schemas[] = {
  &rmq_flow_schema,
  &rmq_queue_flow_schema,
  &rmq_event_log_schema,
  &rmq_factory_table_schema,
  &rmq_producer_table_schema,
  &rmq_topic_route_table_schema,
  &rmq_broker_addr_table_schema,
  &rmq_topic_publish_info_table_schema,
  &rmq_message_queues_schema,
  &rmq_channel_tables_schema,
  &rmq_response_table_schema,
  &rmq_permits_schema,
  &rmq_scheduled_tasks_schema,
  &rmq_lanes_schema,
  &rmq_locks_schema,
};

static void
assert_words (const char *words, const char *of, guint width, guint height)
{
  g_autoptr (RmqCanvas) canvas = rmq_canvas_new (width, height, TRUE);
  if (words == NULL || words[0] == '\0')
    g_error ("%s has no text", of);
  g_auto (GStrv) lines = rmq_canvas_wrap (canvas, words, (gint)width);
  if (g_strv_length (lines) > height)
    g_error ("the text of %s takes more than %ux%u", of, width, height);
}

static void
every_column_has_its_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      const RmqTableSchema *schema = schemas[i];
      assert_words (schema->help, schema->id, 76, 6);
      assert_words (schema->title, schema->id, 30, 1);
      assert_words (schema->java, schema->id, 76, 2);
      for (guint c = 0; c < schema->n_columns; c++)
        {
          g_autofree char *of = g_strdup_printf ("%s.%s", schema->id, schema->columns[c].id);
          assert_words (schema->columns[c].help, of, 76, 3);
          assert_words (schema->columns[c].java, of, 76, 1);
        }
    }
}

static void
ids_are_unique (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      for (guint k = 0; k < i; k++)
        g_assert_cmpstr (schemas[i]->id, !=, schemas[k]->id);
      for (guint c = 0; c < schemas[i]->n_columns; c++)
        g_assert_cmpint (rmq_table_schema_find_column (schemas[i], schemas[i]->columns[c].id), ==,
                         (gint)c);
    }
}

/* A hint of a column that was renamed would silently do nothing. */
static void
every_hint_has_its_column (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      const RmqTableHint *hint = rmq_table_hint_find (schemas[i]->id);
      g_assert_cmpstr (hint->table_id, ==, schemas[i]->id);
      if (g_str_equal (schemas[i]->id, "brokerAddrTable"))
        continue; /* shared with the name server's table of that id */
      for (guint c = 0; c < RMQ_HINT_COLUMNS_MAX && hint->columns[c].id != NULL; c++)
        g_assert_cmpint (rmq_table_schema_find_column (schemas[i], hint->columns[c].id), >=, 0);
      g_assert_cmpuint (rmq_dashboard_column_at (schemas[i], G_MAXUINT), <, schemas[i]->n_columns);
    }
}

static void
every_client_table_has_its_tab (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      gboolean shown = FALSE;
      for (guint v = 0; v < rmq_dashboard_n_views; v++)
        for (guint t = 0; rmq_dashboard_views[v].tables[t] != NULL; t++)
          shown |= rmq_dashboard_table_is (schemas[i], rmq_dashboard_views[v].tables[t]);
      if (!shown)
        g_error ("no tab shows %s", schemas[i]->id);
    }
}

/* Walks to every field of every tab: each has an explain line and a sheet. */
static void
every_field_can_be_explained (DashboardFixture *fixture, gconstpointer unused)
{
  for (guint v = 0; v < rmq_dashboard_n_views; v++)
    {
      dashboard_fixture_press (fixture->model, rmq_dashboard_views[v].key);
      g_autoptr (RmqDashboardRows) rows = rmq_dashboard_view_get_rows (fixture->model);
      for (guint row = 0; row < rows->rows->len; row++)
        {
          const RmqTable *table = rmq_dashboard_rows_get (rows, row)->table;
          const RmqTableSchema *schema = rmq_table_get_schema (table);
          fixture->model->row = row;
          for (guint c = 0; c < schema->n_columns; c++)
            {
              const RmqColumn *column = &schema->columns[rmq_dashboard_column_at (schema, c)];
              fixture->model->column = c;
              fixture->model->page = RMQ_PAGE_EXPLAIN;
              g_autoptr (RmqCanvas) sheet = rmq_dashboard_render (fixture->model, 140, 45);
              g_autofree char *text = rmq_canvas_to_text (sheet);
              g_autofree char *name = g_strdup_printf ("(%s.%s)", schema->id, column->id);
              g_assert_nonnull (strstr (text, name));
            }
        }
    }
}

/* README.md may hold the keys between two marks; then they are these. */
static void
the_readme_lists_the_keys (void)
{
  static const char *const begins = "<!-- keys -->\n", *const ends = "<!-- /keys -->";
  g_autofree char *path = g_build_filename (SOURCE_ROOT, "README.md", NULL);
  g_autofree char *readme = NULL;
  g_file_get_contents (path, &readme, NULL, NULL);
  char *begin = readme != NULL ? strstr (readme, begins) : NULL;
  char *end = begin != NULL ? strstr (begin, ends) : NULL;
  if (end == NULL)
    {
      g_test_skip ("README.md has no place for the keys");
      return;
    }
  begin += strlen (begins);
  g_autofree char *table = rmq_dashboard_keys_to_markdown ();
  g_autofree char *before = g_strndup (readme, (gsize)(begin - readme));
  g_autofree char *wanted = g_strconcat (before, table, end, NULL);
  if (g_getenv ("RMQ_UPDATE_SCREENS") != NULL)
    g_assert_true (g_file_set_contents (path, wanted, -1, NULL));
  else
    g_assert_cmpstr (readme, ==, wanted);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tui/texts/every-column-has-its-words", every_column_has_its_words);
  g_test_add_func ("/tui/texts/ids-are-unique", ids_are_unique);
  g_test_add_func ("/tui/texts/every-hint-has-its-column", every_hint_has_its_column);
  g_test_add_func ("/tui/texts/every-client-table-has-its-tab", every_client_table_has_its_tab);
  g_test_add_func ("/tui/texts/the-readme-lists-the-keys", the_readme_lists_the_keys);
  g_test_add ("/tui/texts/every-field-can-be-explained", DashboardFixture, NULL,
              dashboard_fixture_set_up, every_field_can_be_explained, dashboard_fixture_tear_down);
  return g_test_run ();
}

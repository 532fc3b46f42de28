/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON of a snapshot: whatever texts and numbers a table holds, a JSON reader gets them back. A
 * row is a number's eight bytes and a text up to the next zero. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "fuzz.h"
#include "rmq-snapshot.h"

#define ROWS_MAX 64

static const RmqColumn columns[] = {
  { .id = "text", .type = RMQ_CELL_TEXT, .help = "any", .java = "-" },
  { .id = "number", .type = RMQ_CELL_INT, .help = "any", .java = "-" },
};
static const RmqTableSchema schema = {
  .id = "table",
  .title = "table",
  .help = "any",
  .java = "-",
  .columns = columns,
  .n_columns = G_N_ELEMENTS (columns),
};

static void
fill (RmqTable *table, const guint8 *data, gsize size)
{
  while (size > sizeof (gint64) && rmq_table_get_n_rows (table) < ROWS_MAX)
    {
      gint64 number;
      memcpy (&number, data, sizeof number);
      data += sizeof number;
      size -= sizeof number;
      g_autofree char *raw = g_strndup ((const char *)data, size);
      g_autofree char *text = g_utf8_make_valid (raw, -1);
      gsize used = MIN (size, strlen (raw) + 1);
      data += used;
      size -= used;
      rmq_table_begin_row (table);
      rmq_table_add_text (table, text);
      rmq_table_add_number (table, number);
    }
}

static JsonArray *
get_rows (JsonNode *root)
{
  JsonObject *tables = json_object_get_object_member (json_node_get_object (root), "tables");
  JsonArray *owners = json_object_get_array_member (tables, "table");
  JsonObject *owner = json_array_get_object_element (owners, 0);
  g_assert_cmpstr (json_object_get_string_member (owner, "owner"), ==, "host");
  return json_object_get_array_member (owner, "rows");
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (1, 2);
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, "host");
  fill (table, data, size);
  g_autofree char *text = rmq_snapshot_to_json (snapshot, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  g_assert_no_error (error);
  JsonArray *rows = get_rows (root);
  g_assert_cmpuint (json_array_get_length (rows), ==, rmq_table_get_n_rows (table));
  for (guint i = 0; i < rmq_table_get_n_rows (table); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_assert_cmpstr (json_object_get_string_member (row, "text"), ==,
                       rmq_table_get_cell (table, i, 0)->text);
      g_assert_cmpint (json_object_get_int_member (row, "number"), ==,
                       rmq_table_get_cell (table, i, 1)->number);
    }
  return 0;
}

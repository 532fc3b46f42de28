/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/snapshot: reads the query, checks the tables' names against those that are there. Pure.
 */

#include "rmq-snapshot-answer.h"

static gboolean
check_tables (const RmqSnapshot *snapshot, const char *only, RmqControlAnswer *answer)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < rmq_snapshot_get_n_tables (snapshot); i++)
    {
      const char *id = rmq_table_get_schema (rmq_snapshot_get_table (snapshot, i))->id;
      if (!g_ptr_array_find_with_equal_func (known, id, g_str_equal, NULL))
        g_ptr_array_add (known, (gpointer)id);
    }
  g_ptr_array_add (known, NULL);
  g_auto (GStrv) wanted = g_strsplit (only, ",", -1);
  for (guint i = 0; wanted[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *)known->pdata, wanted[i]))
      {
        rmq_control_answer_fail_word (answer, "table", wanted[i],
                                      (const char *const *)known->pdata);
        return FALSE;
      }
  return TRUE;
}

void
rmq_snapshot_answer (const RmqSnapshot *snapshot, const RmqControlRequest *request,
                     RmqControlAnswer *answer)
{
  const char *only = rmq_control_request_get (request, "tables");
  if (only == NULL || check_tables (snapshot, only, answer))
    answer->body = rmq_snapshot_to_json (snapshot, only);
}

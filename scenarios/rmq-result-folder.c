/* SPDX-License-Identifier: Apache-2.0 */

/* The result folder of a run. Reads the evidence as owner of the loop, writes files outside of it;
 * judges nothing. */

#include "rmq-result-folder.h"

#include <json-glib/json-glib.h>

#include "rmq-junit.h"
#include "rmq-message-diagram.h"
#include "rmq-result-page.h"
#include "rmq-run-private.h"
#include "rmq-json-members.h"

static const char *const outcomes[] = {
  [RMQ_FATE_NOT_STARTED] = "NOT_STARTED",
  [RMQ_FATE_PENDING] = "PENDING",
  [RMQ_FATE_STORED] = "STORED",
  [RMQ_FATE_WRITTEN] = "WRITTEN",
  [RMQ_FATE_ERROR] = "ERROR",
};

static void
add_fate (JsonBuilder *builder, const RmqSendRecord *send)
{
  rmq_json_add_text (builder, "outcome", outcomes[send->fate]);
  if (send->fate == RMQ_FATE_STORED)
    {
      rmq_json_add_number (builder, "status", send->status);
      rmq_json_add_text (builder, "broker", send->text);
      rmq_json_add_number (builder, "queue", send->queue_id);
      rmq_json_add_number (builder, "offset", send->queue_offset);
    }
  if (send->fate == RMQ_FATE_ERROR)
    {
      rmq_json_add_number (builder, "code", send->code);
      rmq_json_add_text (builder, "error", send->text);
      json_builder_set_member_name (builder, "unknown");
      json_builder_add_boolean_value (builder, send->unknown);
    }
}

static void
add_send (JsonBuilder *builder, const RmqEvidence *evidence, const RmqWorkloadRecord *workload,
          const RmqSendRecord *send)
{
  g_autofree char *name = g_strdup_printf ("%s%u", workload->label, send->number);
  json_builder_begin_object (builder);
  rmq_json_add_text (builder, "send", name);
  if (send->key >= 0)
    rmq_json_add_number (builder, "key", send->key);
  rmq_json_add_number (builder, "startUs", send->start_us - evidence->zero_us);
  if (send->fate != RMQ_FATE_PENDING)
    rmq_json_add_number (builder, "tookUs", send->end_us - send->start_us);
  rmq_json_add_number (builder, "attempts", send->n_attempts);
  if (!evidence->blind)
    rmq_json_add_number (builder, "copies", send->n_copies);
  add_fate (builder, send);
  json_builder_end_object (builder);
}

static void
append_line (GString *lines, const RmqEvidence *evidence, const RmqWorkloadRecord *workload,
             const RmqSendRecord *send)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  add_send (builder, evidence, workload, send);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  g_string_append (lines, text);
  g_string_append_c (lines, '\n');
}

typedef struct
{
  RmqRun *run;
  GString *lines;
} Sends;

static void
collect_sends (gpointer data)
{
  Sends *sends = data;
  const RmqEvidence *evidence = sends->run->evidence;
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      for (guint j = 0; j < workload->count; j++)
        if (workload->sends[j].fate != RMQ_FATE_NOT_STARTED)
          append_line (sends->lines, evidence, workload, &workload->sends[j]);
    }
}

static gboolean
write_file (const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  return g_file_set_contents (path, text, -1, error);
}

/* The parts of the page. */
typedef struct
{
  RmqRun *run;
  const RmqReport *report;
  char *diagram, *page;
} Page;

static void
make_page (gpointer data)
{
  Page *page = data;
  page->diagram = rmq_message_diagram_format (page->run->evidence);
  page->page = rmq_result_page_format (page->run->evidence, page->report, page->diagram);
}

static gboolean
write_page (RmqRun *run, const RmqReport *report, const char *folder, GError **error)
{
  Page page = { .run = run, .report = report };
  rmq_run_call (run, make_page, &page);
  gboolean written = write_file (folder, "report.html", page.page, error)
                     && write_file (folder, "messages.svg", page.diagram, error);
  g_free (page.page);
  g_free (page.diagram);
  return written;
}

gboolean
rmq_result_folder_open (const char *folder, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  return g_file_test (folder, G_FILE_TEST_IS_DIR)
         || g_file_make_directory_with_parents (file, NULL, error);
}

gboolean
rmq_result_folder_write (RmqRun *run, const RmqReport *report, const char *folder, GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autofree char *json = rmq_report_to_json (report);
  g_autofree char *text = rmq_report_format (report);
  g_autoptr (RmqJunit) junit = rmq_junit_new ();
  rmq_junit_add_claims (junit, report);
  g_autofree char *xml = rmq_junit_format (junit);
  Sends sends = { run, lines };
  rmq_run_call (run, collect_sends, &sends);
  return write_file (folder, "report.json", json, error)
         && write_file (folder, "report.txt", text, error)
         && write_file (folder, "junit.xml", xml, error)
         && write_file (folder, "sends.ndjson", lines->str, error)
         && write_page (run, report, folder, error);
}

/* SPDX-License-Identifier: Apache-2.0 */

/* The page of a run. Every text goes through rmq_markup_append(); nothing is fetched and no script
 * runs. Owner of the loop, since it reads the evidence; judges nothing, writes no file. */

#include "rmq-result-page.h"

#include "rmq-message-diagram.h"

#define N_SLOTS 96
#define CHART_WIDTH 960
#define CHART_HEIGHT 220
#define PLOT_TOP 14
#define PLOT_HEIGHT 160
#define BAND_Y 178

static const char head[] = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                           "<meta name=\"color-scheme\" content=\"light dark\">"
                           "<link rel=\"icon\" href=\"data:,\">";

static const char style[] =
    "<style>:root{--f:#1b2330;--d:#5d6878;--bg:#f5f7fa;--card:#fff;--line:#dde3ea;--ok:#0b7a75;"
    "--bad:#c2362b;--unk:#8a5a00;--soft:#eef1f5}"
    "@media(prefers-color-scheme:dark){:root{--f:#e6ebf2;--d:#9aa6b6;--bg:#0d1117;--card:#12161d;"
    "--line:#2a323e;--ok:#4cc9c0;--bad:#ff8577;--unk:#f2b552;--soft:#1a202a}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--f);"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:1060px;margin:0 auto;padding:24px 16px 64px}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}"
    "h2{font-size:1.05rem;margin:32px 0 10px}.sub{color:var(--d);margin:0;overflow-wrap:anywhere}"
    ".verdict{display:flex;flex-wrap:wrap;gap:8px 20px;align-items:baseline;border-left:6px solid;"
    "background:var(--card);border-radius:8px;padding:16px 20px;margin:18px 0;"
    "box-shadow:0 1px 3px #0002}.verdict b{font-size:1.6rem}"
    ".ok{color:var(--ok)}.failed{color:var(--bad)}.unknown{color:var(--unk)}.noted{color:var(--d)}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:4px 16px}"
    ".claim{display:grid;grid-template-columns:5.5rem 1fr;gap:2px 12px;padding:10px 0;"
    "border-top:1px solid var(--line)}.claim:first-child{border-top:0}"
    ".claim .w{font-weight:600}.claim code{font:600 .92rem/1.5 ui-monospace,monospace;"
    "overflow-wrap:anywhere}.claim p{grid-column:2;margin:0;color:var(--d);overflow-wrap:anywhere}"
    ".scroll{overflow-x:auto;padding:8px 0}svg{display:block}"
    ".chart{width:100%;min-width:620px;height:auto}.chart text{font:12px system-ui,sans-serif;"
    "fill:var(--d)}.b-ok{fill:var(--ok)}.b-bad{fill:var(--bad)}.b-again{fill:var(--unk)}"
    ".band{fill:var(--bad);opacity:.12}.bar{fill:var(--bad);opacity:.75}.axis{stroke:var(--line)}"
    ".key{display:inline-block;margin-right:18px;color:var(--d);font-size:.9rem}"
    ".key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:6px}"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}td,th{text-align:left;"
    "padding:7px 14px 7px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}"
    "tr:first-child th{border-top:0}th{color:var(--d);font-weight:500}"
    "pre{background:var(--soft);border-radius:8px;padding:14px 16px;margin:0;white-space:pre-wrap;"
    "overflow-wrap:anywhere;font:.9rem/1.5 ui-monospace,monospace}</style>";

/* ---- time ---------------------------------------------------------------- */

static void
append_time (GString *out, gint64 us)
{
  g_string_append_printf (out, "%s%" G_GINT64_FORMAT ".%03d s", us < 0 ? "-" : "",
                          ABS (us) / G_USEC_PER_SEC, (gint)(ABS (us) % G_USEC_PER_SEC / 1000));
}

/* ---- verdict ------------------------------------------------------------- */

static void
append_verdict (GString *out, const RmqReport *report)
{
  const gint status = rmq_report_get_status (report);
  const char *class = status == 0 ? "ok" : status == 1 ? "failed" : "unknown";
  const char *word = status == 0 ? "Passed" : status == 1 ? "Failed" : "Undecided";
  g_string_append (out, "<header><h1>");
  rmq_markup_append (out, report->title != NULL ? report->title : report->scenario);
  g_string_append (out, "</h1><p class=\"sub\">");
  rmq_markup_append (out, report->scenario);
  if (!report->real)
    g_string_append_printf (out, " · seed %" G_GUINT64_FORMAT, report->seed);
  else
    g_string_append (out, " · over TCP");
  g_string_append_printf (out, " · %" G_GUINT64_FORMAT " events · ", report->n_events);
  append_time (out, report->took_us);
  g_string_append_printf (out,
                          "</p></header><section id=\"verdict\" class=\"verdict %s\" "
                          "style=\"border-color:currentColor\"><b>%s</b>"
                          "<span>%u ok</span><span>%u failed</span><span>%u unknown</span>",
                          class, word, report->counts[RMQ_VERDICT_OK],
                          report->counts[RMQ_VERDICT_FAILED], report->counts[RMQ_VERDICT_UNKNOWN]);
  if (!report->complete)
    g_string_append (out, "<span>quit before its end</span>");
  g_string_append (out, "</section>");
}

static void
append_finding (GString *out, const RmqFinding *finding)
{
  const char *word = rmq_verdict_get_name (finding->verdict);
  g_string_append_printf (out, "<div class=\"claim\"><span class=\"w %s\">%s</span><code>", word,
                          word);
  rmq_markup_append (out, finding->claim);
  g_string_append (out, "</code><p>");
  rmq_markup_append (out, finding->evidence);
  if (finding->ev != 0)
    g_string_append_printf (out, " · ev %" G_GUINT64_FORMAT, finding->ev);
  g_string_append (out, "</p></div>");
}

/* What failed first, then what is not known, then the rest. */
static void
append_findings (GString *out, const RmqReport *report)
{
  static const RmqVerdict order[] = { RMQ_VERDICT_FAILED, RMQ_VERDICT_UNKNOWN, RMQ_VERDICT_OK,
                                      RMQ_VERDICT_NOTED };
  g_string_append (out, "<h2>What was claimed</h2><section id=\"claims\" class=\"card\">");
  for (guint v = 0; v < G_N_ELEMENTS (order); v++)
    for (guint i = 0; i < report->findings->len; i++)
      {
        const RmqFinding *finding = g_ptr_array_index (report->findings, i);
        if (finding->verdict == order[v])
          append_finding (out, finding);
      }
  g_string_append (out, "</section>");
}

/* ---- sends over time ----------------------------------------------------- */

typedef struct
{
  guint oks, errors, again;
} Slot;

typedef struct
{
  const RmqEvidence *evidence;
  gint64 took_us;
  Slot slots[N_SLOTS];
  guint most;
} Chart;

static guint
slot_of (const Chart *chart, gint64 at_us)
{
  const gint64 us = at_us - chart->evidence->zero_us;
  return (guint)CLAMP (us * N_SLOTS / MAX (chart->took_us, 1), 0, N_SLOTS - 1);
}

static void
count (Chart *chart)
{
  const RmqEvidence *evidence = chart->evidence;
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      for (guint k = 0; k < workload->count; k++)
        {
          const RmqSendRecord *send = &workload->sends[k];
          Slot *slot = &chart->slots[slot_of (chart, send->end_us)];
          slot->oks += send->fate == RMQ_FATE_STORED || send->fate == RMQ_FATE_WRITTEN;
          slot->errors += send->fate == RMQ_FATE_ERROR;
          if (send->n_attempts > 1)
            chart->slots[slot_of (chart, send->start_us)].again += send->n_attempts - 1;
        }
    }
  for (guint i = 0; i < N_SLOTS; i++)
    {
      const Slot *slot = &chart->slots[i];
      chart->most = MAX (chart->most, slot->oks + slot->errors + slot->again);
    }
}

static gint
x_of (const Chart *chart, gint64 us)
{
  return (gint)(CLAMP (us, 0, chart->took_us) * CHART_WIDTH / MAX (chart->took_us, 1));
}

/* Upwards from y; returns where the next part begins. */
static gint
append_bar (GString *out, const Chart *chart, guint index, const char *class, gint y, guint n)
{
  const gint width = CHART_WIDTH / N_SLOTS;
  const gint height = (gint)((gint64)n * PLOT_HEIGHT / MAX (chart->most, 1));
  if (n == 0)
    return y;
  g_string_append_printf (out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
                          class, (gint)index * width + 1, y - MAX (height, 1), width - 2,
                          MAX (height, 1));
  return y - MAX (height, 1);
}

static void
append_bands (GString *out, const Chart *chart)
{
  const RmqEvidence *evidence = chart->evidence;
  for (guint i = 0; i < evidence->outages->len; i++)
    {
      const RmqOutageRecord *outage = &g_array_index (evidence->outages, RmqOutageRecord, i);
      const gint64 until =
          outage->until_us >= 0 ? outage->until_us - evidence->zero_us : chart->took_us;
      const gint from = x_of (chart, outage->from_us - evidence->zero_us);
      const gint width = MAX (x_of (chart, until) - from, 2);
      g_string_append_printf (out,
                              "<rect class=\"band\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>"
                              "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"5\">"
                              "<title>",
                              from, PLOT_TOP, width, PLOT_HEIGHT, from, BAND_Y, width);
      rmq_markup_append (out, outage->text);
      g_string_append (out, "</title></rect>");
    }
}

static void
append_chart (GString *out, const RmqEvidence *evidence, const RmqReport *report)
{
  Chart chart = { .evidence = evidence, .took_us = report->took_us };
  const gint ground = PLOT_TOP + PLOT_HEIGHT;
  count (&chart);
  g_string_append_printf (out,
                          "<h2>Sends over time</h2><section id=\"chart\" class=\"card\">"
                          "<div class=\"scroll\"><svg class=\"chart\" viewBox=\"0 0 %d %d\" "
                          "role=\"img\" aria-label=\"sends, errors and retries over time\">",
                          CHART_WIDTH, CHART_HEIGHT);
  append_bands (out, &chart);
  for (guint i = 0; i < N_SLOTS; i++)
    {
      const Slot *slot = &chart.slots[i];
      gint y = append_bar (out, &chart, i, "b-ok", ground, slot->oks);
      y = append_bar (out, &chart, i, "b-again", y, slot->again);
      append_bar (out, &chart, i, "b-bad", y, slot->errors);
    }
  g_string_append_printf (out, "<path class=\"axis\" d=\"M0 %dH%d\"/>", ground, CHART_WIDTH);
  for (guint i = 0; i <= 4; i++)
    {
      g_string_append_printf (out, "<text x=\"%u\" y=\"%d\" text-anchor=\"%s\">",
                              i * CHART_WIDTH / 4, CHART_HEIGHT - 12,
                              i == 0   ? "start"
                              : i == 4 ? "end"
                                       : "middle");
      append_time (out, chart.took_us * i / 4);
      g_string_append (out, "</text>");
    }
  g_string_append_printf (
      out,
      "</svg></div><p><span class=\"key\"><i style=\"background:var(--ok)\"></i>"
      "sends ended OK</span><span class=\"key\">"
      "<i style=\"background:var(--unk)\"></i>attempts once more</span>"
      "<span class=\"key\"><i style=\"background:var(--bad)\"></i>sends failed; "
      "shaded: an outage</span><span class=\"key\">highest bar: %u</span></p>"
      "</section>",
      chart.most);
}

/* ---- outages, what clients knew ------------------------------------------ */

static void
append_outages (GString *out, const RmqEvidence *evidence)
{
  if (evidence->outages->len == 0)
    return;
  g_string_append (out, "<h2>Outages</h2><section id=\"outages\" class=\"card\"><table><tr><th>from"
                        "</th><th>until</th><th>at</th><th>line</th></tr>");
  for (guint i = 0; i < evidence->outages->len; i++)
    {
      const RmqOutageRecord *outage = &g_array_index (evidence->outages, RmqOutageRecord, i);
      g_string_append (out, "<tr><td>");
      append_time (out, outage->from_us - evidence->zero_us);
      g_string_append (out, "</td><td>");
      if (outage->until_us >= 0)
        append_time (out, outage->until_us - evidence->zero_us);
      else
        g_string_append (out, "the end");
      g_string_append (out, "</td><td>");
      rmq_markup_append (out, outage->host);
      g_string_append (out, "</td><td>");
      rmq_markup_append (out, outage->text);
      g_string_append (out, "</td></tr>");
    }
  g_string_append (out, "</table></section>");
}

static void
append_pictures (GString *out, const RmqEvidence *evidence)
{
  if (evidence->pictures->len == 0)
    return;
  g_string_append (out, "<h2>What clients knew of topics</h2><section id=\"routes\" class=\"card\">"
                        "<table><tr><th>from</th><th>client</th><th>topic</th>"
                        "<th>queues to write</th></tr>");
  for (guint i = 0; i < evidence->pictures->len; i++)
    {
      const RmqPictureRecord *picture = &g_array_index (evidence->pictures, RmqPictureRecord, i);
      g_string_append (out, "<tr><td>");
      append_time (out, picture->at_us - evidence->zero_us);
      g_string_append (out, "</td><td>");
      rmq_markup_append (out, picture->producer);
      g_string_append (out, "</td><td>");
      rmq_markup_append (out, picture->topic);
      g_string_append_printf (out, "</td><td>%" G_GINT64_FORMAT "</td></tr>", picture->queues);
    }
  g_string_append (out, "</table></section>");
}

static void
append_replay (GString *out, const RmqReport *report)
{
  g_autofree char *replay = rmq_report_make_replay (report);
  g_string_append (out, "<h2>The same run again</h2><pre id=\"replay\">");
  rmq_markup_append (out, replay);
  if (report->hashes[0] != NULL)
    g_string_append_printf (out, "\nhash %s", report->hashes[0]);
  g_string_append (out, "</pre>");
}

/* ---- the whole ----------------------------------------------------------- */

char *
rmq_result_page_format (const RmqEvidence *evidence, const RmqReport *report, const char *diagram)
{
  GString *out = g_string_new (head);
  g_string_append (out, "<title>");
  rmq_markup_append (out, report->title != NULL ? report->title : report->scenario);
  g_string_append_printf (out, "</title>%s</head><body><main>", style);
  append_verdict (out, report);
  append_findings (out, report);
  append_chart (out, evidence, report);
  append_outages (out, evidence);
  append_pictures (out, evidence);
  g_string_append_printf (out,
                          "<h2>Messages</h2><section id=\"messages\" class=\"card\">"
                          "<div class=\"scroll\">%s</div></section>",
                          diagram);
  append_replay (out, report);
  g_string_append (out, "</main></body></html>\n");
  return g_string_free (out, FALSE);
}

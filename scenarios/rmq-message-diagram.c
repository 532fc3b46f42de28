/* SPDX-License-Identifier: Apache-2.0 */

/* The message diagram: notable moments of a run as rows, in order of time, drawn between lanes.
 * Owner of the loop, since it reads the evidence; judges nothing, writes no file. */

#include "rmq-message-diagram.h"

#include <string.h>

#define MESSAGES_MAX 24 /* beyond, what is left out is counted */
#define FIRST_MESSAGES 3
#define ROWS_MAX 160
#define LANE_WIDTH 210
#define LEFT 96
#define TOP 64
#define ROW_HEIGHT 30

typedef enum
{
  ROW_ATTEMPT, /* from producer to broker */
  ROW_LOST,    /* the same, never on the wire */
  ROW_STORED,  /* at the broker */
  ROW_OK,      /* from broker to producer */
  ROW_ERROR,   /* at the producer */
  ROW_PICTURE, /* from the name servers to the producer */
  ROW_OUTAGE,  /* at a server, begins */
  ROW_HEALED,  /* ends */
} RowKind;

/* Class in the style sheet, mark at the head of the arrow. */
static const struct
{
  const char *name;
  gboolean is_arrow;
} kinds[] = {
  [ROW_ATTEMPT] = { "try", TRUE },    [ROW_LOST] = { "lost", TRUE },
  [ROW_STORED] = { "stored", FALSE }, [ROW_OK] = { "ok", TRUE },
  [ROW_ERROR] = { "error", FALSE },   [ROW_PICTURE] = { "picture", TRUE },
  [ROW_OUTAGE] = { "outage", FALSE }, [ROW_HEALED] = { "healed", FALSE },
};

typedef struct
{
  gint64 at_us;
  guint order; /* of equal times, the order in which they were found */
  RowKind kind;
  guint from, to;
  char *text;
} Row;

typedef struct
{
  const RmqEvidence *evidence;
  GPtrArray *lanes;  /* of const char*; the first is the name servers' */
  GPtrArray *chosen; /* of const RmqSendRecord */
  GArray *rows;      /* of Row */
  guint n_notable;
} Diagram;

void
rmq_markup_append (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);
      if (c == '<')
        g_string_append (out, "&lt;");
      else if (c == '>')
        g_string_append (out, "&gt;");
      else if (c == '&')
        g_string_append (out, "&amp;");
      else if (c == '"')
        g_string_append (out, "&quot;");
      else if (c == '\n' || (g_unichar_isprint (c) && c != 0xFFFE && c != 0xFFFF))
        g_string_append_unichar (out, c);
      else
        g_string_append (out, "\xef\xbf\xbd");
    }
}

/* ---- what is shown ------------------------------------------------------- */

static guint
find_lane (Diagram *self, const char *name)
{
  for (guint i = 0; i < self->lanes->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->lanes, i), name) == 0)
      return i;
  g_ptr_array_add (self->lanes, (gpointer)name);
  return self->lanes->len - 1;
}

static void
add_lanes (Diagram *self)
{
  g_ptr_array_add (self->lanes, (gpointer) "name servers");
  for (guint i = 0; i < self->evidence->workloads->len; i++)
    find_lane (self, rmq_evidence_get_workload (self->evidence, i)->producer);
  for (guint i = 0; i < self->evidence->brokers->len; i++)
    find_lane (self, ((RmqBrokerRecord *)g_ptr_array_index (self->evidence->brokers, i))->name);
}

static gboolean
is_notable (const RmqSendRecord *send)
{
  return send->fate == RMQ_FATE_ERROR || send->n_attempts > 1 || send->n_copies > 1;
}

/* The first of all, then what went another way than it should. */
static void
choose (Diagram *self)
{
  const guint n_workloads = MAX (self->evidence->workloads->len, 1);
  const guint share = MAX (MESSAGES_MAX / n_workloads, FIRST_MESSAGES + 1);
  for (guint i = 0; i < self->evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (self->evidence, i);
      guint n_plain = 0, n_chosen = 0;
      for (guint k = 0; k < workload->count; k++)
        {
          const RmqSendRecord *send = &workload->sends[k];
          const gboolean notable = send->fate != RMQ_FATE_NOT_STARTED && is_notable (send);
          const gboolean first = send->fate != RMQ_FATE_NOT_STARTED && n_plain < FIRST_MESSAGES;
          n_plain += first;
          self->n_notable += notable;
          if ((!notable && !first) || n_chosen == share)
            continue;
          g_ptr_array_add (self->chosen, (gpointer)send);
          n_chosen++;
        }
    }
}

/* Takes text. */
static void
add_row (Diagram *self, RowKind kind, gint64 at_us, guint from, guint to, char *text)
{
  Row row = { at_us, self->rows->len, kind, from, to, text };
  g_array_append_val (self->rows, row);
}

static gboolean
is_chosen (const Diagram *self, const RmqSendRecord *send)
{
  return send != NULL && g_ptr_array_find (self->chosen, send, NULL);
}

static const char *
producer_of (const Diagram *self, const RmqSendRecord *send)
{
  return rmq_evidence_get_workload (self->evidence, send->workload)->producer;
}

static void
add_ends (Diagram *self)
{
  for (guint i = 0; i < self->chosen->len; i++)
    {
      const RmqSendRecord *send = g_ptr_array_index (self->chosen, i);
      const guint lane = find_lane (self, producer_of (self, send));
      g_autofree char *name = rmq_evidence_name_send (self->evidence, send);
      if (send->fate == RMQ_FATE_STORED)
        add_row (self, ROW_OK, send->end_us, find_lane (self, send->text), lane,
                 g_strdup_printf ("%s SEND_OK", name));
      else if (send->fate == RMQ_FATE_ERROR)
        add_row (self, ROW_ERROR, send->end_us, lane, lane,
                 g_strdup_printf ("%s: %s", name, send->text));
    }
}

static void
add_traffic (Diagram *self)
{
  const RmqEvidence *evidence = self->evidence;
  for (guint i = 0; i < evidence->attempts->len; i++)
    {
      const RmqAttemptRecord *attempt = &g_array_index (evidence->attempts, RmqAttemptRecord, i);
      if (is_chosen (self, attempt->send))
        add_row (self, attempt->sent ? ROW_ATTEMPT : ROW_LOST, attempt->at_us,
                 find_lane (self, producer_of (self, attempt->send)),
                 find_lane (self, attempt->broker),
                 rmq_evidence_name_send (evidence, attempt->send));
    }
  for (guint i = 0; i < evidence->copies->len; i++)
    {
      const RmqCopyRecord *copy = &g_array_index (evidence->copies, RmqCopyRecord, i);
      const guint lane = find_lane (self, copy->broker);
      g_autofree char *name =
          is_chosen (self, copy->send) ? rmq_evidence_name_send (evidence, copy->send) : NULL;
      if (name != NULL)
        add_row (self, ROW_STORED, copy->at_us, lane, lane,
                 g_strdup_printf ("%s stored in queue %" G_GINT64_FORMAT, name, copy->queue_id));
    }
}

static void
add_circumstances (Diagram *self)
{
  const RmqEvidence *evidence = self->evidence;
  for (guint i = 0; i < evidence->pictures->len; i++)
    {
      const RmqPictureRecord *picture = &g_array_index (evidence->pictures, RmqPictureRecord, i);
      add_row (self, ROW_PICTURE, picture->at_us, 0, find_lane (self, picture->producer),
               g_strdup_printf ("route of %s: %" G_GINT64_FORMAT " queues", picture->topic,
                                picture->queues));
    }
  for (guint i = 0; i < evidence->outages->len; i++)
    {
      const RmqOutageRecord *outage = &g_array_index (evidence->outages, RmqOutageRecord, i);
      const guint lane = find_lane (self, outage->host);
      add_row (self, ROW_OUTAGE, outage->from_us, lane, lane, g_strdup (outage->text));
      if (outage->until_us >= 0)
        add_row (self, ROW_HEALED, outage->until_us, lane, lane, g_strdup ("over"));
    }
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *x = a, *y = b;
  if (x->at_us != y->at_us)
    return x->at_us < y->at_us ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* ---- drawing ------------------------------------------------------------- */

static const char head[] =
    "<style>"
    ".md{--f:#1b2330;--d:#6b7686;--l:#c9d1dc;--bg:#fff;--ok:#0b7a75;--bad:#c2362b;--warn:#b46a00;"
    "--try:#2f5fd0}"
    "@media(prefers-color-scheme:dark){.md{--f:#e6ebf2;--d:#97a3b4;--l:#3a4454;--bg:#12161d;"
    "--ok:#4cc9c0;--bad:#ff8577;--warn:#f2b552;--try:#8fb0ff}}"
    ".md text{font:13px system-ui,sans-serif;fill:var(--f)}"
    ".md .t{fill:var(--d);font-variant-numeric:tabular-nums}.md .h{font-weight:600}"
    ".md .lane{stroke:var(--l);stroke-dasharray:2 4}.md .bg{fill:var(--bg)}"
    ".md .a{stroke-width:1.6;fill:none}.md .try{stroke:var(--try)}.md .ok{stroke:var(--ok)}"
    ".md .lost{stroke:var(--bad);stroke-dasharray:5 4}.md .picture{stroke:var(--d)}"
    ".md .dot.stored{fill:var(--ok)}.md .dot.error,.md .dot.outage{fill:var(--bad)}"
    ".md .dot.healed{fill:var(--ok)}.md text.error,.md text.outage,.md text.lost{fill:var(--bad)}"
    ".md .tag{stroke:var(--bg);stroke-width:4;paint-order:stroke}"
    "</style>";

static gint
lane_x (guint lane)
{
  return LEFT + (gint)lane * LANE_WIDTH + LANE_WIDTH / 2;
}

/* Cut where the next lane's would begin; the whole is its tooltip. */
static void
draw_text (GString *out, gint x, gint y, const char *anchor, const char *class, const char *text)
{
  const glong max = 34;
  g_autofree char *cut =
      g_utf8_strlen (text, -1) > max ? g_utf8_substring (text, 0, max - 1) : NULL;
  g_string_append_printf (out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" class=\"tag %s\">", x, y,
                          anchor, class);
  rmq_markup_append (out, cut != NULL ? cut : text);
  if (cut != NULL)
    {
      g_string_append (out, "…<title>");
      rmq_markup_append (out, text);
      g_string_append (out, "</title>");
    }
  g_string_append (out, "</text>");
}

static void
draw_arrow (GString *out, const Row *row, gint y)
{
  const gint from = lane_x (row->from), to = lane_x (row->to);
  const gint way = to >= from ? 1 : -1;
  const char *class = kinds[row->kind].name;
  const gint end = row->kind == ROW_LOST ? to - way * 46 : to;
  g_string_append_printf (out, "<path class=\"a %s\" d=\"M%d %dH%d", class, from, y, end);
  if (row->kind == ROW_LOST)
    g_string_append_printf (out, "m-5 -5l10 10m0 -10l-10 10\"/>");
  else
    g_string_append_printf (out, "m%d -4l%d 4l%d 4\"/>", -way * 7, way * 7, -way * 7);
  draw_text (out, (from + to) / 2, y - 5, "middle", class, row->text);
}

static void
draw_row (const Diagram *self, GString *out, const Row *row, guint index)
{
  const gint y = TOP + (gint)index * ROW_HEIGHT + ROW_HEIGHT;
  const gint64 us = row->at_us - self->evidence->zero_us;
  g_string_append_printf (
      out,
      "<text class=\"t\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s%" G_GINT64_FORMAT
      ".%03d s</text>",
      LEFT - 8, y + 4, us < 0 ? "-" : "", ABS (us) / G_USEC_PER_SEC,
      (gint)(ABS (us) % G_USEC_PER_SEC / 1000));
  if (kinds[row->kind].is_arrow && row->from != row->to)
    {
      draw_arrow (out, row, y);
      return;
    }
  g_string_append_printf (out, "<circle class=\"dot %s\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
                          kinds[row->kind].name, lane_x (row->from), y);
  const gboolean last = row->from + 1 == self->lanes->len;
  draw_text (out, lane_x (row->from) + (last ? -9 : 9), y + 4, last ? "end" : "start",
             kinds[row->kind].name, row->text);
}

static void
draw_lanes (const Diagram *self, GString *out, gint height)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      g_string_append_printf (out, "<path class=\"lane\" d=\"M%d %dV%d\"/>", lane_x (i), TOP - 18,
                              height - 30);
      draw_text (out, lane_x (i), TOP - 28, "middle", "h", g_ptr_array_index (self->lanes, i));
    }
}

static char *
draw (const Diagram *self)
{
  const guint n = MIN (self->rows->len, ROWS_MAX);
  const gint width = LEFT + (gint)self->lanes->len * LANE_WIDTH;
  const gint height = TOP + (gint)n * ROW_HEIGHT + 60;
  GString *out = g_string_new (NULL);
  g_string_append_printf (out,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"md\" width=\"%d\" "
                          "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
                          "aria-label=\"message diagram\">%s"
                          "<rect class=\"bg\" width=\"%d\" height=\"%d\"/>",
                          width, height, width, height, head, width, height);
  draw_lanes (self, out, height);
  for (guint i = 0; i < n; i++)
    draw_row (self, out, &g_array_index (self->rows, Row, i), i);
  g_string_append_printf (
      out,
      "<text class=\"t\" x=\"%d\" y=\"%d\">%u messages shown, %u went another way "
      "than straight%s</text></svg>\n",
      LEFT, height - 10, self->chosen->len, self->n_notable,
      n < self->rows->len ? "; later rows are left out" : "");
  return g_string_free (out, FALSE);
}

static void
clear_row (gpointer data)
{
  g_free (((Row *)data)->text);
}

char *
rmq_message_diagram_format (const RmqEvidence *evidence)
{
  g_autoptr (GPtrArray) lanes = g_ptr_array_new ();
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (rows, clear_row);
  Diagram self = { .evidence = evidence, .lanes = lanes, .chosen = chosen, .rows = rows };
  add_lanes (&self);
  choose (&self);
  add_traffic (&self);
  add_ends (&self);
  add_circumstances (&self);
  g_array_sort (rows, compare_rows);
  return draw (&self);
}

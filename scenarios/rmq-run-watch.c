/* SPDX-License-Identifier: Apache-2.0 */

/* Looks at the tables of all producers after each event of a simulated run, and now and then at a
 * snapshot beside them. Runs as owner of the loop, between two events; must leave the run as it is:
 * what it finds enters the report, never the event log. */

#include "rmq-run-private.h"
#include "rmq-table-watch.h"

/* A snapshot costs a hundred looks. */
#define SNAPSHOT_EVERY 64

typedef struct
{
  RmqProducer *producer; /* compared only */
  RmqTableWatch *tables;
} Watched;

struct _RmqRunWatch
{
  RmqRun *run;
  GArray *watched;     /* of Watched, in the order of the run's producers */
  GPtrArray *breaches; /* of RmqFinding: the first of each invariant */
  guint64 n_looks;
  guint64 n_snapshots;
};

static void
clear_watched (gpointer data)
{
  rmq_table_watch_free (((Watched *)data)->tables);
}

static void
free_breach (gpointer data)
{
  RmqFinding *breach = data;
  g_free (breach->claim);
  g_free (breach->evidence);
  g_free (breach);
}

/* ---- looking --------------------------------------------------------------- */

static void
note_breach (const char *invariant, const char *rows, gpointer data)
{
  RmqRunWatch *watch = data;
  RmqEventLog *log = rmq_run_get_log (watch->run);
  const RmqEvent *event = rmq_event_log_get (log, rmq_event_log_get_last_id (log));
  for (guint i = 0; i < watch->breaches->len; i++)
    if (g_str_equal (((RmqFinding *)g_ptr_array_index (watch->breaches, i))->claim, invariant))
      return;
  g_autofree char *after = event != NULL ? rmq_event_format (event) : g_strdup ("the start");
  RmqFinding *breach = g_new0 (RmqFinding, 1);
  breach->verdict = RMQ_VERDICT_FAILED;
  breach->kind = "invariant";
  breach->claim = g_strdup (invariant);
  breach->evidence = g_strdup_printf ("after %s: %s", after, rows);
  breach->ev = rmq_run_get_ev (watch->run);
  g_ptr_array_add (watch->breaches, breach);
}

/* A producer may have been replaced by another of its name. */
static RmqTableWatch *
watch_of (RmqRunWatch *watch, guint index, RmqProducer *producer)
{
  if (index == watch->watched->len)
    {
      const Watched fresh = { producer, rmq_table_watch_new (producer) };
      g_array_append_val (watch->watched, fresh);
    }
  Watched *watched = &g_array_index (watch->watched, Watched, index);
  if (watched->producer != producer)
    {
      rmq_table_watch_free (watched->tables);
      *watched = (Watched){ producer, rmq_table_watch_new (producer) };
    }
  return watched->tables;
}

static void
look_at (RmqRunWatch *watch, guint index, RmqProducer *producer)
{
  RmqTableWatch *tables = watch_of (watch, index, producer);
  rmq_table_watch_look (tables, note_breach, watch);
  if (watch->n_looks % SNAPSHOT_EVERY != 0)
    return;
  g_autoptr (RmqSnapshot) snapshot = rmq_snapshot_new (0, 0);
  watch->n_snapshots++;
  rmq_producer_fill_snapshot (producer, snapshot);
  rmq_table_watch_compare (tables, snapshot, note_breach, watch);
}

static void
look (gpointer data)
{
  RmqRunWatch *watch = data;
  watch->n_looks++;
  for (guint i = 0; i < watch->run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (watch->run->producers, i);
      if (producer->producer != NULL && !rmq_env_is_gone (producer->env))
        look_at (watch, i, producer->producer);
    }
}

/* ---- life ------------------------------------------------------------------ */

RmqRunWatch *
rmq_run_watch_new (RmqRun *run)
{
  RmqRunWatch *watch = g_new0 (RmqRunWatch, 1);
  watch->run = run;
  watch->watched = g_array_new (FALSE, FALSE, sizeof (Watched));
  g_array_set_clear_func (watch->watched, clear_watched);
  watch->breaches = g_ptr_array_new_with_free_func (free_breach);
  rmq_sim_world_set_after_event (run->world, look, watch);
  return watch;
}

void
rmq_run_watch_free (RmqRunWatch *watch)
{
  if (watch == NULL)
    return;
  rmq_sim_world_set_after_event (watch->run->world, NULL, NULL);
  g_array_unref (watch->watched);
  g_ptr_array_unref (watch->breaches);
  g_free (watch);
}

void
rmq_run_watch_report (const RmqRunWatch *watch, RmqReport *report)
{
  for (guint i = 0; i < watch->breaches->len; i++)
    {
      RmqFinding finding = *(RmqFinding *)g_ptr_array_index (watch->breaches, i);
      finding.claim = g_strdup (finding.claim);
      finding.evidence = g_strdup (finding.evidence);
      rmq_report_add (report, &finding);
    }
  g_ptr_array_add (report->notices,
                   g_strdup_printf ("tables were looked at after each of %" G_GUINT64_FORMAT
                                    " events, and beside %" G_GUINT64_FORMAT " snapshots",
                                    watch->n_looks, watch->n_snapshots));
}

/* The report has been written, so this is told otherwise. */
void
rmq_run_watch_close_producers (RmqRunWatch *watch)
{
  if (!watch->run->over || watch->run->n_tasks > 0)
    return;
  for (guint i = 0; i < watch->run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (watch->run->producers, i);
      rmq_producer_shutdown (producer->producer);
    }
  for (guint i = 0; i < watch->run->producers->len; i++)
    {
      const RmqRunProducer *producer = g_ptr_array_index (watch->run->producers, i);
      g_autofree char *rest = rmq_sim_host_describe_rest (producer->env);
      if (rest != NULL)
        g_error ("I11 a closed producer leaves nothing: host %s still has %s", producer->name,
                 rest);
    }
}

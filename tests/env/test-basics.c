/* SPDX-License-Identifier: Apache-2.0 */

/* What both worlds share and no world is needed for: chance, the timer heap, the event log and its
 * hash, snapshots. */

#include <json-glib/json-glib.h>

#include "rmq-event.h"
#include "rmq-random.h"
#include "rmq-snapshot.h"
#include "rmq-timer-heap.h"

/* ---- chance -------------------------------------------------------------- */

static void
equal_seeds_and_names_agree (void)
{
  RmqRandom a, b;
  rmq_random_init (&a, 7, "latency");
  rmq_random_init (&b, 7, "latency");
  for (guint i = 0; i < 100; i++)
    g_assert_cmpuint (rmq_random_next (&a), ==, rmq_random_next (&b));
}

static void
neighbours_share_nothing (void)
{
  RmqRandom streams[4];
  rmq_random_init (&streams[0], 7, "latency");
  rmq_random_init (&streams[1], 8, "latency");
  rmq_random_init (&streams[2], 7, "latencz");
  rmq_random_init (&streams[3], 7, "");
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    for (guint j = i + 1; j < G_N_ELEMENTS (streams); j++)
      {
        RmqRandom a = streams[i], b = streams[j];
        guint equal = 0;
        for (guint n = 0; n < 64; n++)
          equal += rmq_random_below (&a, 256) == rmq_random_below (&b, 256);
        g_assert_cmpuint (equal, <, 8);
      }
}

static void
bounds_are_kept_and_reached (void)
{
  RmqRandom random;
  rmq_random_init (&random, 1, "bounds");
  gboolean seen[7] = { FALSE };
  for (guint i = 0; i < 1000; i++)
    {
      gint64 value = rmq_random_between (&random, -3, 3);
      g_assert_cmpint (value, >=, -3);
      g_assert_cmpint (value, <=, 3);
      seen[value + 3] = TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (seen); i++)
    g_assert_true (seen[i]);
  g_assert_cmpint (rmq_random_between (&random, 5, 5), ==, 5);
}

/* ---- timer heap ---------------------------------------------------------- */

static void
any_mix_of_inserts_and_removals_pops_in_order (void)
{
  enum
  {
    N = 300
  };
  RmqTimerHeap heap = { 0 };
  RmqTimer timers[N] = { 0 };
  for (guint round = 0; round < 2000; round++)
    {
      RmqTimer *timer = &timers[g_test_rand_int_range (0, N)];
      if (g_test_rand_int_range (0, 3) == 0)
        rmq_timer_heap_remove (&heap, timer);
      else
        rmq_timer_heap_insert (&heap, timer, g_test_rand_int_range (0, 50));
    }
  gint64 last_at = -1;
  guint64 last_sequence = 0;
  for (RmqTimer *timer; (timer = rmq_timer_heap_pop (&heap)) != NULL;)
    {
      g_assert_false (rmq_timer_is_armed (timer));
      g_assert_cmpint (timer->at_us, >=, last_at);
      if (timer->at_us == last_at)
        g_assert_cmpuint (timer->sequence, >, last_sequence);
      last_at = timer->at_us;
      last_sequence = timer->sequence;
    }
  for (guint i = 0; i < N; i++)
    g_assert_false (rmq_timer_is_armed (&timers[i]));
  rmq_timer_heap_clear (&heap);
}

/* ---- event log ----------------------------------------------------------- */

static const RmqEventKind kind_a = { .name = "A",
                                     .part = RMQ_HASH_CLIENT,
                                     .field_names = { "x", "y" } };
static const char *const colours[] = { "red", "green", NULL };
static const RmqEventKind kind_named = { .name = "NAMED",
                                         .part = RMQ_HASH_CLIENT,
                                         .field_names = { "x", "colour" },
                                         .nicks = { [1] = colours } };
static const RmqEventKind kind_b = { .name = "B", .part = RMQ_HASH_BROKER };
static const RmqEventKind kind_unhashed = { .name = "SEEN", .part = RMQ_HASH_NONE };

static RmqEventLog *
log_with (gint64 x, const char *text)
{
  RmqEventLog *log = rmq_event_log_new ();
  rmq_event_log_add_host (log, "h");
  gint64 fields[] = { x, 2 };
  rmq_event_log_emit (log, 10, 0, &kind_a, text, fields, 2);
  return log;
}

static gboolean
hashes_agree (RmqEventLog *a, RmqEventLog *b, RmqHashPart part)
{
  g_autofree char *hash_a = rmq_event_log_get_hash (a, part);
  g_autofree char *hash_b = rmq_event_log_get_hash (b, part);
  return g_str_equal (hash_a, hash_b);
}

static void
every_field_is_in_the_hash (void)
{
  RmqEventLog *same = log_with (1, "t"), *again = log_with (1, "t");
  RmqEventLog *other_field = log_with (2, "t"), *other_text = log_with (1, "u");
  g_assert_true (hashes_agree (same, again, RMQ_HASH_NONE));
  g_assert_false (hashes_agree (same, other_field, RMQ_HASH_NONE));
  g_assert_false (hashes_agree (same, other_text, RMQ_HASH_NONE));
  rmq_event_log_free (same);
  rmq_event_log_free (again);
  rmq_event_log_free (other_field);
  rmq_event_log_free (other_text);
}

static void
a_part_hears_its_own_kinds_only (void)
{
  RmqEventLog *a = log_with (1, "t"), *b = log_with (1, "t");
  rmq_event_log_emit (b, 11, 0, &kind_unhashed, "not part of the run's identity", NULL, 0);
  g_assert_true (hashes_agree (a, b, RMQ_HASH_NONE));
  rmq_event_log_emit (b, 11, 0, &kind_b, NULL, NULL, 0);
  g_assert_true (hashes_agree (a, b, RMQ_HASH_CLIENT));
  g_assert_false (hashes_agree (a, b, RMQ_HASH_BROKER));
  g_assert_false (hashes_agree (a, b, RMQ_HASH_NONE));
  rmq_event_log_free (a);
  rmq_event_log_free (b);
}

static void
old_records_are_forgotten_ids_stay (void)
{
  RmqEventLog *log = rmq_event_log_new ();
  rmq_event_log_set_capacity (log, 4);
  rmq_event_log_add_host (log, "h");
  for (gint64 i = 1; i <= 10; i++)
    rmq_event_log_emit (log, i, 0, &kind_a, NULL, &i, 1);
  g_assert_cmpuint (rmq_event_log_get_last_id (log), ==, 10);
  g_assert_cmpuint (rmq_event_log_get_first_id (log), ==, 7);
  g_assert_null (rmq_event_log_get (log, 6));
  g_assert_null (rmq_event_log_get (log, 11));
  g_assert_cmpint (rmq_event_log_get (log, 7)->fields[0], ==, 7);
  g_assert_cmpint (rmq_event_log_get (log, 10)->fields[0], ==, 10);
  rmq_event_log_free (log);
}

static void
a_text_lives_as_long_as_its_record (void)
{
  RmqEventLog *log = rmq_event_log_new ();
  rmq_event_log_set_capacity (log, 2);
  rmq_event_log_add_host (log, "h");
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %u", i);
      guint64 id = rmq_event_log_emit (log, i, 0, &kind_a, text, NULL, 0);
      const RmqEvent *before = rmq_event_log_get (log, id - 1);
      g_assert_cmpstr (rmq_event_log_get (log, id)->text, ==, text);
      /* The text of the record that makes room for this one. */
      if (before != NULL)
        rmq_event_log_emit (log, i, 0, &kind_a, before->text, NULL, 0);
    }
  rmq_event_log_free (log);
}

static void
count_event (const RmqEvent *event, gpointer data)
{
  g_assert_cmpuint (event->cause, ==, 5);
  ++*(guint *)data;
}

static void
listeners_hear_at_once_with_the_cause (void)
{
  RmqEventLog *log = rmq_event_log_new ();
  rmq_event_log_add_host (log, "h");
  guint heard = 0;
  guint id = rmq_event_log_add_listener (log, count_event, &heard);
  rmq_event_log_begin_moment (log, 5);
  rmq_event_log_emit (log, 1, 0, &kind_a, NULL, NULL, 0);
  g_assert_cmpuint (heard, ==, 1);
  rmq_event_log_remove_listener (log, id);
  rmq_event_log_emit (log, 1, 0, &kind_a, NULL, NULL, 0);
  g_assert_cmpuint (heard, ==, 1);
  g_assert_cmpuint (rmq_event_log_get_ev (log), ==, 1);
  rmq_event_log_free (log);
}

static void
a_record_reads_as_a_line (void)
{
  RmqEventLog *log = log_with (1, "to broker-a");
  g_autofree char *line = rmq_event_format (rmq_event_log_get (log, 1));
  g_assert_cmpstr (line, ==, "A x=1 y=2 to broker-a");
  rmq_event_log_free (log);
}

static void
a_value_with_a_name_reads_as_its_name (void)
{
  RmqEventLog *log = rmq_event_log_new ();
  rmq_event_log_add_host (log, "h");
  const gint64 known[] = { 1, 1 }, unknown[] = { 1, 2 };
  rmq_event_log_emit (log, 1, 0, &kind_named, NULL, known, 2);
  rmq_event_log_emit (log, 1, 0, &kind_named, NULL, unknown, 2);
  g_autofree char *named = rmq_event_format (rmq_event_log_get (log, 1));
  g_autofree char *number = rmq_event_format (rmq_event_log_get (log, 2));
  g_assert_cmpstr (named, ==, "NAMED x=1 colour=green");
  g_assert_cmpstr (number, ==, "NAMED x=1 colour=2");
  rmq_event_log_free (log);
}

/* ---- snapshots ----------------------------------------------------------- */

static const RmqColumn columns[] = {
  { "name", RMQ_CELL_TEXT, NULL, "who", "-" },
  { "up", RMQ_CELL_BOOL, NULL, "whether", "-" },
  { "size", RMQ_CELL_BYTES, NULL, "how much", "-" },
};
static const RmqTableSchema schema = { "things", "Things", "some things",
                                       "-",      columns,  G_N_ELEMENTS (columns) };
static const RmqTableSchema other_schema = { "others", "Others", "other things",
                                             "-",      columns,  G_N_ELEMENTS (columns) };

static RmqSnapshot *
example_snapshot (void)
{
  RmqSnapshot *snapshot = rmq_snapshot_new (42, 1000);
  rmq_snapshot_add_table (snapshot, &other_schema, "h1");
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, "h1");
  rmq_table_begin_row (table);
  rmq_table_add_text (table, "a \"quoted\" one");
  rmq_table_add_number (table, TRUE);
  rmq_table_add_number (table, 1 << 20);
  table = rmq_snapshot_add_table (snapshot, &schema, "h2");
  rmq_table_begin_row (table);
  rmq_table_add_text (table, NULL);
  rmq_table_add_number (table, FALSE);
  rmq_table_add_number (table, 0);
  return snapshot;
}

static void
tables_are_found_by_id_and_owner (void)
{
  g_autoptr (RmqSnapshot) snapshot = example_snapshot ();
  const RmqTable *first = rmq_snapshot_find_table (snapshot, "things", NULL);
  g_assert_cmpstr (rmq_table_get_owner (first), ==, "h1");
  const RmqTable *second = rmq_snapshot_find_table (snapshot, "things", "h2");
  g_assert_null (rmq_table_get_cell (second, 0, 0)->text);
  g_assert_null (rmq_snapshot_find_table (snapshot, "nothing", NULL));
  g_assert_cmpint (rmq_table_schema_find_column (&schema, "size"), ==, 2);
  g_assert_cmpint (rmq_table_schema_find_column (&schema, "weight"), ==, -1);
}

static void
json_says_what_the_cells_say (void)
{
  g_autoptr (RmqSnapshot) snapshot = example_snapshot ();
  g_autofree char *text = rmq_snapshot_to_json (snapshot, "things");
  g_assert_cmpstr (text, ==,
                   "{\"asOf\":{\"ev\":42,\"atUs\":1000},\"tables\":{\"things\":["
                   "{\"owner\":\"h1\",\"rows\":[{\"name\":\"a \\\"quoted\\\" one\",\"up\":true,"
                   "\"size\":1048576}]},"
                   "{\"owner\":\"h2\",\"rows\":[{\"name\":null,\"up\":false,\"size\":0}]}]}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/random/equal-seeds-and-names-agree", equal_seeds_and_names_agree);
  g_test_add_func ("/env/random/neighbours-share-nothing", neighbours_share_nothing);
  g_test_add_func ("/env/random/bounds-are-kept-and-reached", bounds_are_kept_and_reached);
  g_test_add_func ("/env/timer-heap/any-mix-of-inserts-and-removals-pops-in-order",
                   any_mix_of_inserts_and_removals_pops_in_order);
  g_test_add_func ("/env/event-log/every-field-is-in-the-hash", every_field_is_in_the_hash);
  g_test_add_func ("/env/event-log/a-part-hears-its-own-kinds-only",
                   a_part_hears_its_own_kinds_only);
  g_test_add_func ("/env/event-log/old-records-are-forgotten-ids-stay",
                   old_records_are_forgotten_ids_stay);
  g_test_add_func ("/env/event-log/a-text-lives-as-long-as-its-record",
                   a_text_lives_as_long_as_its_record);
  g_test_add_func ("/env/event-log/listeners-hear-at-once-with-the-cause",
                   listeners_hear_at_once_with_the_cause);
  g_test_add_func ("/env/event-log/a-record-reads-as-a-line", a_record_reads_as_a_line);
  g_test_add_func ("/env/event-log/a-value-with-a-name-reads-as-its-name",
                   a_value_with_a_name_reads_as_its_name);
  g_test_add_func ("/env/snapshot/tables-are-found-by-id-and-owner",
                   tables_are_found_by_id_and_owner);
  g_test_add_func ("/env/snapshot/json-says-what-the-cells-say", json_says_what_the_cells_say);
  return g_test_run ();
}

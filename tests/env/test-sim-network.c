/* SPDX-License-Identifier: Apache-2.0 */

/* The simulated network beyond what both worlds promise: addresses, ports, connects nobody answers,
 * splitting and merging, and kernels that go on while their host is paused. */

#include <gio/gio.h>
#include <string.h>

#include "rmq-sim-world.h"

typedef struct
{
  RmqWorld *world;
  RmqEnv *a, *b;
  RmqListener *listener;
  RmqLink *client, *server;               /* (nullable) */
  GString *client_events, *server_events; /* a letter per event, R included */
  GString *received;                      /* by the server */
} Fixture;

static void
note_event (GString *events, RmqLinkEvent event)
{
  g_string_append_c (events, "CXTRWF!"[event]);
}

static void
client_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  note_event (((Fixture *)data)->client_events, event);
}

static void
server_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  Fixture *f = data;
  guint8 buffer[4096];
  gsize n_read;
  note_event (f->server_events, event);
  while ((n_read = rmq_link_read (link, buffer, sizeof buffer)) > 0)
    g_string_append_len (f->received, (const char *)buffer, (gssize)n_read);
}

static void
accepted (RmqListener *listener, RmqLink *link, gpointer data)
{
  Fixture *f = data;
  f->server = link;
  rmq_link_set_func (link, server_event, f);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->world = rmq_sim_world_new (&(RmqSimOptions){ .seed = 11 });
  f->a = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "a" });
  f->b = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "b" });
  f->listener = rmq_env_listen (f->b, "0.0.0.0:9876", accepted, f, NULL);
  f->client_events = g_string_new (NULL);
  f->server_events = g_string_new (NULL);
  f->received = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  rmq_link_close (f->client, RMQ_CLOSE_FIN);
  rmq_link_close (f->server, RMQ_CLOSE_FIN);
  rmq_listener_close (f->listener);
  g_string_free (f->client_events, TRUE);
  g_string_free (f->server_events, TRUE);
  g_string_free (f->received, TRUE);
  rmq_env_unref (f->a);
  rmq_env_unref (f->b);
  rmq_world_unref (f->world);
}

static void
connect_to (Fixture *f, const char *address)
{
  g_assert_null (f->client);
  f->client = rmq_env_connect (f->a, address, 3 * G_USEC_PER_SEC, client_event, f);
}

static void
pass_ms (Fixture *f, gint64 ms)
{
  rmq_sim_world_run_until (f->world, rmq_sim_world_now (f->world) + ms * 1000);
}

static void
join (Fixture *f)
{
  connect_to (f, "10.0.0.2:9876");
  pass_ms (f, 1);
  g_assert_cmpstr (f->client_events->str, ==, "C");
  g_assert_nonnull (f->server);
}

static void
say (RmqLink *link, const char *text)
{
  g_assert_true (rmq_link_write (link, (const guint8 *)text, strlen (text), NULL));
}

/* ---- addresses ----------------------------------------------------------- */

static void
expect_listen_error (RmqEnv *env, const char *address, GIOErrorEnum code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rmq_env_listen (env, address, accepted, NULL, &error));
  g_assert_error (error, G_IO_ERROR, (gint)code);
}

static void
addresses_are_the_hosts_own (Fixture *f, gconstpointer unused)
{
  g_assert_cmpstr (rmq_env_get_host_address (f->a), ==, "10.0.0.1");
  g_assert_cmpstr (rmq_listener_get_address (f->listener), ==, "10.0.0.2:9876");
  RmqListener *first = rmq_env_listen (f->a, "localhost:0", accepted, f, NULL);
  RmqListener *second = rmq_env_listen (f->a, ":0", accepted, f, NULL);
  g_assert_cmpstr (rmq_listener_get_address (first), ==, "10.0.0.1:40000");
  g_assert_cmpstr (rmq_listener_get_address (second), ==, "10.0.0.1:40001");
  rmq_listener_close (first);
  rmq_listener_close (second);
}

static void
bad_addresses_are_errors (Fixture *f, gconstpointer unused)
{
  expect_listen_error (f->b, "10.0.0.2:9876", G_IO_ERROR_ADDRESS_IN_USE);
  expect_listen_error (f->b, "10.0.0.2", G_IO_ERROR_INVALID_ARGUMENT);
  expect_listen_error (f->b, "10.0.0.2:65536", G_IO_ERROR_INVALID_ARGUMENT);
  rmq_env_kill (f->b, RMQ_CLOSE_FIN);
  expect_listen_error (f->b, "10.0.0.2:1", G_IO_ERROR_CLOSED);
}

static void
nobody_there_is_refused (Fixture *f, gconstpointer address)
{
  connect_to (f, address);
  g_assert_cmpstr (f->client_events->str, ==, "");
  pass_ms (f, 1);
  g_assert_cmpstr (f->client_events->str, ==, "X");
  g_assert_false (rmq_link_write (f->client, (const guint8 *)"x", 1, NULL));
}

/* ---- connects nobody answers --------------------------------------------- */

static void
ignored_connects_time_out (Fixture *f, gconstpointer unused)
{
  rmq_listener_set_ignoring (f->listener, TRUE);
  connect_to (f, "10.0.0.2:9876");
  pass_ms (f, 2999);
  g_assert_cmpstr (f->client_events->str, ==, "");
  pass_ms (f, 3);
  g_assert_cmpstr (f->client_events->str, ==, "T");
  rmq_listener_set_ignoring (f->listener, FALSE);
  pass_ms (f, 60000);
  g_assert_null (f->server);
}

static void
a_syn_is_sent_again (Fixture *f, gconstpointer unused)
{
  rmq_listener_set_ignoring (f->listener, TRUE);
  connect_to (f, "10.0.0.2:9876");
  pass_ms (f, 500);
  rmq_listener_set_ignoring (f->listener, FALSE);
  pass_ms (f, 400);
  g_assert_cmpstr (f->client_events->str, ==, "");
  pass_ms (f, 200);
  g_assert_cmpstr (f->client_events->str, ==, "C");
}

static void
an_abandoned_connect_leaves_no_trace (Fixture *f, gconstpointer unused)
{
  rmq_env_pause (f->b);
  connect_to (f, "10.0.0.2:9876");
  rmq_sim_world_step (f->world);
  rmq_link_close (g_steal_pointer (&f->client), RMQ_CLOSE_FIN);
  pass_ms (f, 1);
  rmq_env_resume (f->b);
  pass_ms (f, 1);
  g_assert_null (f->server);
}

/* ---- bytes --------------------------------------------------------------- */

#define N_WRITES 400

static void
chunks_split_and_merge (Fixture *f, gconstpointer unused)
{
  guint n_split = 0, n_merged = 0;
  join (f);
  for (guint i = 0; i < N_WRITES; i++)
    {
      g_string_truncate (f->server_events, 0);
      say (f->client, "first.");
      say (f->client, "second.");
      pass_ms (f, 1);
      n_split += f->server_events->len > 2;
      n_merged += f->server_events->len == 1;
    }
  g_assert_cmpuint (n_split, >, N_WRITES / 20);
  g_assert_cmpuint (n_merged, >, N_WRITES / 20);
  g_assert_cmpuint (n_split + n_merged, <, N_WRITES);
  g_assert_cmpuint (f->received->len, ==, N_WRITES * strlen ("first.second."));
}

static void
the_window_holds_back_what_is_unread (Fixture *f, gconstpointer unused)
{
  gsize size = 600 * 1024;
  g_autoptr (GBytes) body = g_bytes_new_take (g_malloc0 (size), size);
  join (f);
  rmq_link_set_reading (f->server, FALSE);
  g_assert_true (rmq_link_write (f->client, NULL, 0, body));
  pass_ms (f, 10);
  g_assert_cmpuint (rmq_link_get_outbox_size (f->client), ==, size - 256 * 1024);
  rmq_link_set_reading (f->server, TRUE);
  pass_ms (f, 10);
  g_assert_cmpuint (rmq_link_get_outbox_size (f->client), ==, 0);
  g_assert_cmpuint (f->received->len, ==, size);
}

/* ---- pauses and kernels -------------------------------------------------- */

static void
a_paused_host_reads_what_the_dead_sent (Fixture *f, gconstpointer unused)
{
  join (f);
  rmq_env_pause (f->b);
  say (f->client, "last words");
  rmq_link_close (g_steal_pointer (&f->client), RMQ_CLOSE_FIN);
  pass_ms (f, 5000);
  g_assert_cmpstr (f->server_events->str, ==, "");
  rmq_env_resume (f->b);
  pass_ms (f, 1);
  g_assert_cmpstr (f->received->str, ==, "last words");
  g_assert_true (g_str_has_suffix (f->server_events->str, "F"));
}

static void
a_reset_discards_what_was_unread (Fixture *f, gconstpointer unused)
{
  join (f);
  rmq_env_pause (f->b);
  say (f->client, "never mind");
  rmq_link_close (g_steal_pointer (&f->client), RMQ_CLOSE_RST);
  pass_ms (f, 5);
  rmq_env_resume (f->b);
  pass_ms (f, 1);
  g_assert_cmpstr (f->server_events->str, ==, "!");
  g_assert_cmpuint (f->received->len, ==, 0);
}

static void
a_host_killed_in_its_pause_resets_the_unread (Fixture *f, gconstpointer unused)
{
  join (f);
  rmq_env_pause (f->b);
  say (f->client, "hello?");
  pass_ms (f, 5);
  rmq_env_kill (f->b, RMQ_CLOSE_FIN);
  pass_ms (f, 1);
  g_assert_cmpstr (f->client_events->str, ==, "C!");
}

static void
a_new_host_takes_the_dead_ones_place (Fixture *f, gconstpointer unused)
{
  join (f);
  rmq_env_kill (f->b, RMQ_CLOSE_FIN);
  g_autoptr (RmqEnv) heir =
      rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "b", .address = "10.0.0.2" });
  RmqListener *listener = rmq_env_listen (heir, "10.0.0.2:9876", accepted, f, NULL);
  g_assert_nonnull (listener);
  rmq_link_close (g_steal_pointer (&f->client), RMQ_CLOSE_FIN);
  rmq_link_close (g_steal_pointer (&f->server), RMQ_CLOSE_FIN);
  g_string_truncate (f->client_events, 0);
  join (f);
  rmq_listener_close (listener);
  pass_ms (f, 1);
}

static void
handles_outlive_their_host (Fixture *f, gconstpointer unused)
{
  guint8 byte = 0;
  join (f);
  say (f->client, "x");
  g_clear_pointer (&f->b, rmq_env_unref);
  f->b = rmq_world_add_host (f->world, &(RmqHostSpec){ .name = "other" });
  g_assert_cmpuint (rmq_link_read (f->server, &byte, 1), ==, 0);
  g_assert_false (rmq_link_write (f->server, &byte, 1, NULL));
  rmq_link_set_reading (f->server, FALSE);
  rmq_link_shutdown_write (f->server);
  rmq_listener_set_accepting (f->listener, FALSE);
  g_assert_cmpstr (rmq_link_get_peer_address (f->server), ==,
                   rmq_link_get_local_address (f->client));
  pass_ms (f, 1);
  /* "x" was on its way when the socket closed. */
  g_assert_cmpstr (f->client_events->str, ==, "CF!");
}

#define ADD(path, data, func) g_test_add ("/env/sim/" path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("address/is-the-hosts-own", NULL, addresses_are_the_hosts_own);
  ADD ("address/bad-ones-are-errors", NULL, bad_addresses_are_errors);
  ADD ("connect/no-listener-is-refused", "10.0.0.2:1", nobody_there_is_refused);
  ADD ("connect/no-host-is-refused", "10.9.9.9:9876", nobody_there_is_refused);
  ADD ("connect/no-address-is-refused", "nonsense", nobody_there_is_refused);
  ADD ("connect/ignored-ones-time-out", NULL, ignored_connects_time_out);
  ADD ("connect/a-syn-is-sent-again", NULL, a_syn_is_sent_again);
  ADD ("connect/an-abandoned-one-leaves-no-trace", NULL, an_abandoned_connect_leaves_no_trace);
  ADD ("bytes/split-and-merge", NULL, chunks_split_and_merge);
  ADD ("bytes/the-window-holds-back-what-is-unread", NULL, the_window_holds_back_what_is_unread);
  ADD ("host/paused-reads-what-the-dead-sent", NULL, a_paused_host_reads_what_the_dead_sent);
  ADD ("host/a-reset-discards-what-was-unread", NULL, a_reset_discards_what_was_unread);
  ADD ("host/killed-in-its-pause-resets-the-unread", NULL,
       a_host_killed_in_its_pause_resets_the_unread);
  ADD ("host/a-new-one-takes-the-dead-ones-place", NULL, a_new_host_takes_the_dead_ones_place);
  ADD ("host/handles-outlive-it", NULL, handles_outlive_their_host);
  return g_test_run ();
}

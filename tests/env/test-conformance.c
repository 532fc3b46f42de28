/* SPDX-License-Identifier: Apache-2.0 */

/* What the seam promises, asked of both worlds by one suite: "test-env-conformance sim"
 * ("… sim-threads": with the other kind of tasks) and "… real". A test says what happens and which
 * state must be reached; how long that takes is the world's affair. */

#include <string.h>

#include "conformance-lab.h"

/* ---- connecting ---------------------------------------------------------- */

static void
compare_addresses (Lab *lab)
{
  g_assert_cmpstr (rmq_link_get_peer_address (lab->client.link), ==,
                   rmq_listener_get_address (lab->listener));
  g_assert_cmpstr (rmq_link_get_local_address (lab->server.link), ==,
                   rmq_listener_get_address (lab->listener));
  g_assert_cmpstr (rmq_link_get_local_address (lab->client.link), ==,
                   rmq_link_get_peer_address (lab->server.link));
}

static void
both_ends_know_each_other (Lab *lab)
{
  lab_join (lab);
  lab_do (lab, compare_addresses);
}

static void
stop_accepting_and_connect (Lab *lab)
{
  rmq_listener_set_accepting (lab->listener, FALSE);
  lab_connect (lab);
}

static gboolean
client_is_refused (Lab *lab)
{
  return end_has (&lab->client, "X");
}

static gboolean
client_was_refused_then_connected (Lab *lab)
{
  return end_has (&lab->client, "XC") && lab->server.link != NULL;
}

static void
accept_again_and_connect (Lab *lab)
{
  rmq_link_close (lab->client.link, RMQ_CLOSE_FIN);
  rmq_listener_set_accepting (lab->listener, TRUE);
  lab_connect (lab);
}

static void
a_listener_may_refuse_for_a_while (Lab *lab)
{
  g_autofree char *address = g_strdup (rmq_listener_get_address (lab->listener));
  lab_wait (lab, stop_accepting_and_connect, client_is_refused);
  lab_wait (lab, accept_again_and_connect, client_was_refused_then_connected);
  g_assert_cmpstr (rmq_listener_get_address (lab->listener), ==, address);
}

static void
connect_after_listener_closed (Lab *lab)
{
  lab_connect (lab);
  rmq_listener_close (g_steal_pointer (&lab->listener));
}

static gboolean
client_failed (Lab *lab)
{
  return client_is_refused (lab) || end_has (&lab->client, "C!");
}

/* The kernel may have taken the connection before the listener went: then it is reset. */
static void
a_closed_listener_serves_nobody (Lab *lab)
{
  lab_wait (lab, connect_after_listener_closed, client_failed);
  g_assert_null (lab->server.link);
}

/* ---- endings ------------------------------------------------------------- */

static void
client_says_bye_and_closes (Lab *lab)
{
  lab_send (&lab->client, "bye");
  rmq_link_close (g_steal_pointer (&lab->client.link), RMQ_CLOSE_FIN);
}

static gboolean
server_got_fin (Lab *lab)
{
  return end_has (&lab->server, "F");
}

static gboolean
server_got_fin_and_reset (Lab *lab)
{
  return end_has (&lab->server, "F!");
}

static void
server_answers (Lab *lab)
{
  lab_send (&lab->server, "answer");
}

static void
pending_bytes_leave_before_the_fin (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, client_says_bye_and_closes, server_got_fin);
  g_assert_true (end_got (&lab->server, "bye"));
}

static void
writing_to_a_closed_peer_is_reset (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, client_says_bye_and_closes, server_got_fin);
  lab_wait (lab, server_answers, server_got_fin_and_reset);
  g_assert_false (rmq_link_write (lab->server.link, (const guint8 *)"x", 1, NULL));
}

static void
server_stops_reading_client_sends (Lab *lab)
{
  rmq_link_set_reading (lab->server.link, FALSE);
  lab_send (&lab->client, "unread");
}

static void
server_closes (Lab *lab)
{
  rmq_link_close (g_steal_pointer (&lab->server.link), RMQ_CLOSE_FIN);
}

static void
server_closes_hard (Lab *lab)
{
  rmq_link_close (g_steal_pointer (&lab->server.link), RMQ_CLOSE_RST);
}

static gboolean
client_got_fin (Lab *lab)
{
  return end_has (&lab->client, "CF");
}

static gboolean
client_got_reset (Lab *lab)
{
  return end_has (&lab->client, "C!");
}

static void
closing_over_unread_bytes_resets (Lab *lab)
{
  lab_join (lab);
  lab_do (lab, server_stops_reading_client_sends);
  lab_pass_ms (lab, 30);
  lab_wait (lab, server_closes, client_got_reset);
}

static void
a_hard_close_resets (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, server_closes_hard, client_got_reset);
}

static void
client_asks_and_shuts_down (Lab *lab)
{
  lab_send (&lab->client, "question");
  rmq_link_shutdown_write (lab->client.link);
  g_assert_false (rmq_link_write (lab->client.link, (const guint8 *)"x", 1, NULL));
}

static void
server_answers_and_closes (Lab *lab)
{
  server_answers (lab);
  server_closes (lab);
}

static void
a_half_closed_link_still_reads (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, client_asks_and_shuts_down, server_got_fin);
  g_assert_true (end_got (&lab->server, "question"));
  lab_wait (lab, server_answers_and_closes, client_got_fin);
  g_assert_true (end_got (&lab->client, "answer"));
}

/* ---- bytes --------------------------------------------------------------- */

#define STREAM_BYTES (1u << 20)

static guint8
stream_byte (gsize position)
{
  return (guint8)(position * 131 + position / 251);
}

/* Heads and bodies of all sizes, together STREAM_BYTES. */
static void
client_sends_stream (Lab *lab)
{
  g_autofree guint8 *stream = g_malloc (STREAM_BYTES);
  for (gsize i = 0; i < STREAM_BYTES; i++)
    stream[i] = stream_byte (i);
  for (gsize at = 0, n = 0; at < STREAM_BYTES; n++)
    {
      gsize head_size = MIN (n % 97, STREAM_BYTES - at);
      gsize body_size = MIN (n * n % 9973, STREAM_BYTES - at - head_size);
      g_autoptr (GBytes) body = g_bytes_new (stream + at + head_size, body_size);
      g_assert_true (
          rmq_link_write (lab->client.link, stream + at, head_size, n % 3 > 0 ? body : NULL));
      at += head_size + (n % 3 > 0 ? body_size : 0);
    }
}

static gboolean
server_has_stream (Lab *lab)
{
  return lab->server.bytes->len == STREAM_BYTES;
}

static void
bytes_keep_their_order (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, client_sends_stream, server_has_stream);
  for (gsize i = 0; i < STREAM_BYTES; i++)
    g_assert_cmpuint (lab->server.bytes->data[i], ==, stream_byte (i));
}

#define CHUNK_BYTES (256u * 1024)

static void
client_fills_its_outbox (Lab *lab)
{
  g_autoptr (GBytes) chunk = g_bytes_new_take (g_malloc0 (CHUNK_BYTES), CHUNK_BYTES);
  rmq_link_set_reading (lab->server.link, FALSE);
  while (rmq_link_get_outbox_size (lab->client.link) <= RMQ_LINK_OUTBOX_HIGH_WATER_BYTES)
    g_assert_true (rmq_link_write (lab->client.link, NULL, 0, chunk));
}

static void
client_writes_too_much (Lab *lab)
{
  gsize before = rmq_link_get_outbox_size (lab->client.link);
  g_autoptr (GBytes) huge =
      g_bytes_new_take (g_malloc (RMQ_LINK_OUTBOX_MAX_BYTES), RMQ_LINK_OUTBOX_MAX_BYTES);
  g_assert_false (rmq_link_write (lab->client.link, NULL, 0, huge));
  g_assert_cmpuint (rmq_link_get_outbox_size (lab->client.link), <=, before);
}

static void
server_reads_again (Lab *lab)
{
  rmq_link_set_reading (lab->server.link, TRUE);
}

static gboolean
client_is_writable (Lab *lab)
{
  return end_has (&lab->client, "CW");
}

static void
a_slow_reader_fills_the_outbox (Lab *lab)
{
  lab_join (lab);
  lab_do (lab, client_fills_its_outbox);
  lab_pass_ms (lab, 30);
  lab_do (lab, client_writes_too_much);
  g_assert_true (end_has (&lab->client, "C"));
  lab_wait (lab, server_reads_again, client_is_writable);
  g_assert_cmpuint (rmq_link_get_outbox_size (lab->client.link), <,
                    RMQ_LINK_OUTBOX_HIGH_WATER_BYTES);
}

static gboolean
server_got_unread (Lab *lab)
{
  return end_got (&lab->server, "unread") && server_got_fin (lab);
}

static void
server_stops_reading_client_ends (Lab *lab)
{
  server_stops_reading_client_sends (lab);
  rmq_link_shutdown_write (lab->client.link);
}

static void
bytes_and_fin_wait_for_the_reader (Lab *lab)
{
  lab_join (lab);
  lab_do (lab, server_stops_reading_client_ends);
  lab_pass_ms (lab, 30);
  g_assert_true (end_got (&lab->server, ""));
  g_assert_true (end_has (&lab->server, ""));
  lab_wait (lab, server_reads_again, server_got_unread);
}

/* ---- from outside -------------------------------------------------------- */

static void
kill_b (Lab *lab)
{
  rmq_env_kill (lab->b, RMQ_CLOSE_FIN);
}

static void
kill_b_hard (Lab *lab)
{
  rmq_env_kill (lab->b, RMQ_CLOSE_RST);
}

static void
reconnect (Lab *lab)
{
  rmq_link_close (lab->client.link, RMQ_CLOSE_FIN);
  g_string_truncate (lab->client.events, 0);
  lab_connect (lab);
}

static void
a_killed_host_says_fin_and_refuses (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, kill_b, client_got_fin);
  g_assert_true (end_has (&lab->server, ""));
  g_assert_false (rmq_link_write (lab->server.link, (const guint8 *)"x", 1, NULL));
  lab_wait (lab, reconnect, client_is_refused);
  g_assert_true (rmq_env_is_gone (lab->b));
}

static void
a_host_killed_over_unread_bytes_resets (Lab *lab)
{
  lab_join (lab);
  lab_do (lab, server_stops_reading_client_sends);
  lab_pass_ms (lab, 30);
  lab_wait (lab, kill_b, client_got_reset);
}

static void
a_host_killed_hard_resets (Lab *lab)
{
  lab_join (lab);
  lab_wait (lab, kill_b_hard, client_got_reset);
}

static void
pause_b_and_connect (Lab *lab)
{
  rmq_env_pause (lab->b);
  lab_connect (lab);
}

static gboolean
client_is_connected (Lab *lab)
{
  return end_has (&lab->client, "C");
}

static void
client_sends_backlog (Lab *lab)
{
  lab_send (&lab->client, "backlog");
}

static void
resume_b (Lab *lab)
{
  rmq_env_resume (lab->b);
}

static gboolean
server_got_backlog (Lab *lab)
{
  return end_got (&lab->server, "backlog");
}

static void
a_paused_host_accepts_and_buffers (Lab *lab)
{
  lab_wait (lab, pause_b_and_connect, client_is_connected);
  lab_do (lab, client_sends_backlog);
  lab_pass_ms (lab, 30);
  g_assert_null (lab->server.link);
  lab_wait (lab, resume_b, server_got_backlog);
}

void lab_add_time_tests (void);

int
main (int argc, char **argv)
{
  lab_init (argc, argv);
  lab_add_test ("connect/both-ends-know-each-other", both_ends_know_each_other);
  lab_add_test ("connect/a-listener-may-refuse-for-a-while", a_listener_may_refuse_for_a_while);
  lab_add_test ("connect/a-closed-listener-serves-nobody", a_closed_listener_serves_nobody);
  lab_add_test ("close/pending-bytes-leave-before-the-fin", pending_bytes_leave_before_the_fin);
  lab_add_test ("close/writing-to-a-closed-peer-is-reset", writing_to_a_closed_peer_is_reset);
  lab_add_test ("close/closing-over-unread-bytes-resets", closing_over_unread_bytes_resets);
  lab_add_test ("close/a-hard-close-resets", a_hard_close_resets);
  lab_add_test ("close/a-half-closed-link-still-reads", a_half_closed_link_still_reads);
  lab_add_test ("bytes/keep-their-order", bytes_keep_their_order);
  lab_add_test ("bytes/a-slow-reader-fills-the-outbox", a_slow_reader_fills_the_outbox);
  lab_add_test ("bytes/and-fin-wait-for-the-reader", bytes_and_fin_wait_for_the_reader);
  lab_add_test ("host/killed-says-fin-and-refuses", a_killed_host_says_fin_and_refuses);
  lab_add_test ("host/killed-over-unread-bytes-resets", a_host_killed_over_unread_bytes_resets);
  lab_add_test ("host/killed-hard-resets", a_host_killed_hard_resets);
  lab_add_test ("host/paused-accepts-and-buffers", a_paused_host_accepts_and_buffers);
  lab_add_time_tests ();
  return g_test_run ();
}

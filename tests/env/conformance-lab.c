/* SPDX-License-Identifier: Apache-2.0 */

/* The laboratory of the conformance suite. Owns the world, its hosts and one pair of ends; the main
 * thread waits in rmq_env_call(), everything else runs as owner of the loop. */

#include "conformance-lab.h"

#include <string.h>

#include "rmq-real-world.h"
#include "rmq-sim-world.h"

/* The simulated world is asked with this many seeds. */
#define N_SEEDS 20
#define PATIENCE_US (10 * G_USEC_PER_SEC)

static const char *world_name;
static gboolean simulated;
static RmqSimTasks tasks;

void
lab_init (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  world_name = argv[1];
  simulated = !g_str_equal (world_name, "real");
  tasks = g_str_equal (world_name, "sim-threads") ? RMQ_SIM_THREADS : RMQ_SIM_FIBERS;
  g_assert_true (!simulated || g_str_has_prefix (world_name, "sim"));
}

gboolean
lab_is_simulated (void)
{
  return simulated;
}

/* ---- making things happen ------------------------------------------------ */

typedef struct
{
  Lab *lab;
  LabFunc func; /* (nullable) */
  RmqParker parker;
} Call;

static void
do_and_return (gpointer data)
{
  Call *call = data;
  call->func (call->lab);
  rmq_parker_wake (&call->parker);
}

void
lab_do (Lab *lab, LabFunc func)
{
  Call call = { .lab = lab, .func = func };
  rmq_parker_init (&call.parker, lab->a);
  RmqWake wake = rmq_env_call (lab->a, do_and_return, &call, &call.parker, G_MAXINT64);
  g_assert_cmpint (wake, ==, RMQ_WAKE_WOKEN);
}

void
lab_check (Lab *lab)
{
  if (lab->parker != NULL && lab->reached (lab))
    rmq_parker_wake (g_steal_pointer (&lab->parker));
}

static void
do_and_wait (gpointer data)
{
  Call *call = data;
  call->lab->parker = &call->parker;
  if (call->func != NULL)
    call->func (call->lab);
  lab_check (call->lab);
}

void
lab_wait (Lab *lab, LabFunc func, gboolean (*reached) (Lab *lab))
{
  Call call = { .lab = lab, .func = func };
  gint64 deadline_us = rmq_env_now (lab->a) + PATIENCE_US;
  lab->reached = reached;
  rmq_parker_init (&call.parker, lab->a);
  RmqWake wake = rmq_env_call (lab->a, do_and_wait, &call, &call.parker, deadline_us);
  g_assert_cmpint (wake, ==, RMQ_WAKE_WOKEN);
}

void
lab_pass_ms (Lab *lab, gint64 ms)
{
  g_assert_true (rmq_env_sleep_until (lab->a, rmq_env_now (lab->a) + ms * 1000));
}

/* ---- ends ---------------------------------------------------------------- */

static void
end_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  static const char letters[] = {
    [RMQ_LINK_CONNECTED] = 'C', [RMQ_LINK_REFUSED] = 'X', [RMQ_LINK_CONNECT_TIMEOUT] = 'T',
    [RMQ_LINK_WRITABLE] = 'W',  [RMQ_LINK_FIN] = 'F',     [RMQ_LINK_RESET] = '!',
  };
  End *end = data;
  guint8 buffer[5000];
  gsize n_read;
  g_assert_true (rmq_env_in_dispatch (end->lab->a));
  g_assert_true (rmq_env_is_owner (end->lab->a));
  if (event != RMQ_LINK_READABLE)
    g_string_append_c (end->events, letters[event]);
  else
    while ((n_read = rmq_link_read (link, buffer, sizeof buffer)) > 0)
      g_byte_array_append (end->bytes, buffer, (guint)n_read);
  lab_check (end->lab);
}

static void
accepted (RmqListener *listener, RmqLink *link, gpointer data)
{
  Lab *lab = data;
  g_assert_null (lab->server.link);
  lab->server.link = link;
  rmq_link_set_func (link, end_event, &lab->server);
  lab_check (lab);
}

void
lab_connect (Lab *lab)
{
  lab->client.link = rmq_env_connect (lab->a, rmq_listener_get_address (lab->listener),
                                      5 * G_USEC_PER_SEC, end_event, &lab->client);
  g_assert_nonnull (lab->client.link);
}

static gboolean
is_joined (Lab *lab)
{
  return lab->server.link != NULL && end_has (&lab->client, "C");
}

void
lab_join (Lab *lab)
{
  lab_wait (lab, lab_connect, is_joined);
}

void
lab_send (End *end, const char *text)
{
  g_assert_true (rmq_link_write (end->link, (const guint8 *)text, strlen (text), NULL));
}

gboolean
end_has (const End *end, const char *events)
{
  return g_str_equal (end->events->str, events);
}

gboolean
end_got (const End *end, const char *text)
{
  guint size = end->bytes->len;
  return size == strlen (text) && (size == 0 || memcmp (end->bytes->data, text, size) == 0);
}

/* ---- set up, tear down --------------------------------------------------- */

static void
end_init (End *end, Lab *lab)
{
  end->lab = lab;
  end->events = g_string_new (NULL);
  end->bytes = g_byte_array_new ();
}

static void
end_clear (End *end)
{
  g_string_free (end->events, TRUE);
  g_byte_array_unref (end->bytes);
}

static void
listen_on_b (Lab *lab)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_strconcat (rmq_env_get_host_address (lab->b), ":0", NULL);
  lab->listener = rmq_env_listen (lab->b, address, accepted, lab, &error);
  g_assert_no_error (error);
}

static void
close_all (Lab *lab)
{
  rmq_link_close (lab->client.link, RMQ_CLOSE_FIN);
  rmq_link_close (lab->server.link, RMQ_CLOSE_FIN);
  rmq_listener_close (lab->listener);
}

static void
run_once (LabFunc func, guint64 seed)
{
  Lab lab = { 0 };
  RmqHostSpec a = { .name = "a", .address = simulated ? NULL : "127.0.0.1" };
  RmqHostSpec b = { .name = "b", .address = simulated ? NULL : "127.0.0.1" };
  RmqSimOptions options = { .seed = seed, .tasks = tasks };
  lab.world = simulated ? rmq_sim_world_new (&options) : rmq_real_world_new ();
  lab.a = rmq_world_add_host (lab.world, &a);
  lab.b = rmq_world_add_host (lab.world, &b);
  lab.story = g_string_new (NULL);
  end_init (&lab.client, &lab);
  end_init (&lab.server, &lab);
  lab_do (&lab, listen_on_b);
  func (&lab);
  lab_do (&lab, close_all);
  end_clear (&lab.client);
  end_clear (&lab.server);
  g_string_free (lab.story, TRUE);
  rmq_env_unref (lab.a);
  rmq_env_unref (lab.b);
  rmq_world_unref (lab.world);
}

static void
run_test (gconstpointer data)
{
  guint n_seeds = simulated ? N_SEEDS : 1;
  for (guint64 seed = 1; seed <= n_seeds; seed++)
    run_once (*(const LabFunc *)data, seed);
}

void
lab_add_test (const char *path, LabFunc func)
{
  g_autofree char *full = g_strdup_printf ("/env/%s/%s", world_name, path);
  LabFunc *boxed = g_new (LabFunc, 1);
  *boxed = func;
  g_test_add_data_func_full (full, boxed, run_test, g_free);
}

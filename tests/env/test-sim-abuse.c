/* SPDX-License-Identifier: Apache-2.0 */

/* The simulated network under random abuse: links are opened, written, half-closed, closed and
 * reset, readers stop and go on, hosts are paused, resumed, killed and replaced, in any order.
 * Whatever happens, bytes arrive in order, a FIN comes after the last of them, nothing comes after
 * a last event, and nothing leaks. */

#include "rmq-sim-world.h"

#define N_HOSTS 3
#define N_LINKS_MAX 40
#define N_SEEDS 150
#define N_ACTIONS 400

typedef struct _Abuse Abuse;

/* One direction: byte i of it is stream_byte (i). Both ends of a connection find theirs by its
 * addresses. */
typedef struct
{
  char *from, *to;
  gsize n_written, n_read;
  gboolean has_fin; /* the writer ended in an orderly way */
} Stream;

typedef struct
{
  Abuse *abuse;
  RmqLink *link; /* (nullable): closed */
  Stream *out, *in;
  gboolean is_over; /* had its last event */
  gboolean reading;
} User;

struct _Abuse
{
  RmqWorld *world;
  RmqRandom random;
  RmqEnv *hosts[N_HOSTS];
  RmqListener *listeners[N_HOSTS];
  GPtrArray *users;   /* of User */
  GPtrArray *streams; /* of Stream */
  guint64 n_bytes, n_fins, n_resets;
};

static guint
dice (Abuse *abuse, guint n)
{
  return (guint)rmq_random_below (&abuse->random, n);
}

static guint8
stream_byte (gsize position)
{
  return (guint8)(position * 7 + position / 256);
}

static void
stream_free (gpointer data)
{
  Stream *stream = data;
  g_free (stream->from);
  g_free (stream->to);
  g_free (stream);
}

/* Ports are never used twice within a run: each listener and each connect takes the host's next. */
static Stream *
find_stream (Abuse *abuse, const char *from, const char *to)
{
  for (guint i = 0; i < abuse->streams->len; i++)
    {
      Stream *stream = g_ptr_array_index (abuse->streams, i);
      if (g_str_equal (stream->from, from) && g_str_equal (stream->to, to))
        return stream;
    }
  Stream *stream = g_new0 (Stream, 1);
  stream->from = g_strdup (from);
  stream->to = g_strdup (to);
  g_ptr_array_add (abuse->streams, stream);
  return stream;
}

/* ---- what users see ------------------------------------------------------ */

static void
user_close (User *user, RmqCloseHow how)
{
  if (user->link == NULL)
    return;
  rmq_link_close (g_steal_pointer (&user->link), how);
}

static void
user_read (User *user)
{
  guint8 buffer[700];
  gsize size = 1 + dice (user->abuse, sizeof buffer);
  gsize n_read;
  while ((n_read = rmq_link_read (user->link, buffer, size)) > 0)
    for (gsize i = 0; i < n_read; i++)
      g_assert_cmpuint (buffer[i], ==, stream_byte (user->in->n_read++));
  g_assert_cmpuint (user->in->n_read, <=, user->in->n_written);
}

static void
user_event (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  User *user = data;
  g_assert_true (user->link == link);
  g_assert_false (user->is_over);
  user->is_over =
      event == RMQ_LINK_REFUSED || event == RMQ_LINK_CONNECT_TIMEOUT || event == RMQ_LINK_RESET;
  user->abuse->n_resets += event == RMQ_LINK_RESET;
  if (event == RMQ_LINK_READABLE)
    {
      g_assert_true (user->reading);
      user_read (user);
    }
  if (event == RMQ_LINK_FIN)
    {
      g_assert_true (user->in->has_fin);
      g_assert_cmpuint (user->in->n_read, ==, user->in->n_written);
      user->abuse->n_fins++;
    }
  if (dice (user->abuse, 40) == 0)
    user_close (user, RMQ_CLOSE_RST);
}

static User *
add_user (Abuse *abuse, RmqLink *link)
{
  User *user = g_new0 (User, 1);
  user->abuse = abuse;
  user->link = link;
  user->reading = TRUE;
  user->out =
      find_stream (abuse, rmq_link_get_local_address (link), rmq_link_get_peer_address (link));
  user->in =
      find_stream (abuse, rmq_link_get_peer_address (link), rmq_link_get_local_address (link));
  g_ptr_array_add (abuse->users, user);
  rmq_link_set_func (link, user_event, user);
  return user;
}

static void
accepted (RmqListener *listener, RmqLink *link, gpointer data)
{
  add_user (data, link);
}

static void
never_called (RmqLink *link, RmqLinkEvent event, gpointer data)
{
  g_assert_not_reached ();
}

/* ---- what is done to them ------------------------------------------------ */

static User *
any_user (Abuse *abuse)
{
  if (abuse->users->len == 0)
    return NULL;
  User *user = g_ptr_array_index (abuse->users, dice (abuse, abuse->users->len));
  return user->link != NULL ? user : NULL;
}

static void
do_connect (Abuse *abuse)
{
  RmqEnv *env = abuse->hosts[dice (abuse, N_HOSTS)];
  RmqListener *listener = abuse->listeners[dice (abuse, N_HOSTS)];
  if (abuse->users->len >= N_LINKS_MAX)
    return;
  add_user (abuse,
            rmq_env_connect (env, rmq_listener_get_address (listener), 2000, never_called, NULL));
}

static void
do_write (Abuse *abuse)
{
  User *user = any_user (abuse);
  gsize size = dice (abuse, dice (abuse, 4) == 0 ? 400000 : 200);
  if (user == NULL)
    return;
  g_autofree guint8 *bytes = g_malloc (size + 1);
  for (gsize i = 0; i < size; i++)
    bytes[i] = stream_byte (user->out->n_written + i);
  if (rmq_link_write (user->link, bytes, size, NULL))
    {
      user->out->n_written += size;
      user->abuse->n_bytes += size;
    }
}

static void
do_shutdown_write (Abuse *abuse)
{
  User *user = any_user (abuse);
  if (user == NULL)
    return;
  user->out->has_fin = TRUE;
  rmq_link_shutdown_write (user->link);
}

static void
do_set_reading (Abuse *abuse)
{
  User *user = any_user (abuse);
  if (user == NULL)
    return;
  user->reading = !user->reading;
  rmq_link_set_reading (user->link, user->reading);
}

static void
do_close (Abuse *abuse)
{
  User *user = any_user (abuse);
  if (user == NULL)
    return;
  user->out->has_fin = TRUE;
  user_close (user, dice (abuse, 3) == 0 ? RMQ_CLOSE_RST : RMQ_CLOSE_FIN);
}

static void
do_pause (Abuse *abuse)
{
  rmq_env_pause (abuse->hosts[dice (abuse, N_HOSTS)]);
}

static void
do_resume (Abuse *abuse)
{
  rmq_env_resume (abuse->hosts[dice (abuse, N_HOSTS)]);
}

static void
start_host (Abuse *abuse, guint index)
{
  static const char *const names[N_HOSTS] = { "a", "b", "c" };
  abuse->hosts[index] = rmq_world_add_host (abuse->world, &(RmqHostSpec){ .name = names[index] });
  abuse->listeners[index] = rmq_env_listen (abuse->hosts[index], ":0", accepted, abuse, NULL);
  g_assert_nonnull (abuse->listeners[index]);
}

static void
stop_host (Abuse *abuse, guint index)
{
  if (dice (abuse, 2) == 0)
    rmq_env_kill (abuse->hosts[index], dice (abuse, 2) == 0 ? RMQ_CLOSE_RST : RMQ_CLOSE_FIN);
  rmq_env_unref (abuse->hosts[index]);
  rmq_listener_close (abuse->listeners[index]);
}

static void
do_kill (Abuse *abuse)
{
  guint index = dice (abuse, N_HOSTS);
  if (dice (abuse, 4) > 0)
    return;
  for (guint i = 0; i < abuse->users->len; i++)
    ((User *)g_ptr_array_index (abuse->users, i))->out->has_fin = TRUE;
  stop_host (abuse, index);
  start_host (abuse, index);
}

static void
do_change_accepting (Abuse *abuse)
{
  RmqListener *listener = abuse->listeners[dice (abuse, N_HOSTS)];
  rmq_listener_set_accepting (listener, dice (abuse, 4) > 0);
  rmq_listener_set_ignoring (listener, dice (abuse, 4) == 0);
}

static void
do_pass_time (Abuse *abuse)
{
  rmq_sim_world_run_until (abuse->world, rmq_sim_world_now (abuse->world) + dice (abuse, 400));
}

static void
abuse_once (guint64 seed, guint64 *n_bytes, guint64 *n_fins, guint64 *n_resets)
{
  static void (*const actions[]) (Abuse * abuse) = {
    do_connect,     do_connect, do_write, do_write,  do_write, do_shutdown_write,
    do_set_reading, do_close,   do_pause, do_resume, do_kill,  do_change_accepting
  };
  Abuse abuse = { .world = rmq_sim_world_new (&(RmqSimOptions){ .seed = seed }) };
  rmq_random_init (&abuse.random, seed, "abuse");
  abuse.users = g_ptr_array_new_with_free_func (g_free);
  abuse.streams = g_ptr_array_new_with_free_func (stream_free);
  for (guint i = 0; i < N_HOSTS; i++)
    start_host (&abuse, i);
  for (guint i = 0; i < N_ACTIONS; i++)
    {
      actions[dice (&abuse, G_N_ELEMENTS (actions))](&abuse);
      do_pass_time (&abuse);
    }
  for (guint i = 0; i < abuse.users->len; i++)
    user_close (g_ptr_array_index (abuse.users, i), RMQ_CLOSE_FIN);
  for (guint i = 0; i < N_HOSTS; i++)
    stop_host (&abuse, i);
  *n_bytes += abuse.n_bytes;
  *n_fins += abuse.n_fins;
  *n_resets += abuse.n_resets;
  rmq_world_unref (abuse.world);
  g_ptr_array_unref (abuse.users);
  g_ptr_array_unref (abuse.streams);
}

static void
whatever_happens_bytes_keep_their_order (void)
{
  guint64 n_bytes = 0, n_fins = 0, n_resets = 0;
  for (guint64 seed = 1; seed <= N_SEEDS; seed++)
    abuse_once (seed, &n_bytes, &n_fins, &n_resets);
  g_assert_cmpuint (n_bytes, >, N_SEEDS * 10000);
  g_assert_cmpuint (n_fins, >, N_SEEDS);
  g_assert_cmpuint (n_resets, >, N_SEEDS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/env/sim/abuse/whatever-happens-bytes-keep-their-order",
                   whatever_happens_bytes_keep_their_order);
  return g_test_run ();
}

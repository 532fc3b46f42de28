/* SPDX-License-Identifier: Apache-2.0 */

/* The name server list and who of it is asked. Owns the list, the cursor and the selection lock;
 * runs on the loop. It stays with a server while its connection is open, and only then looks at the
 * next; one caller looks, the others wait for the lock. Must never connect to a second server while
 * a first attempt of the same choice is undecided. */

#include "rmq-namesrv-chooser.h"

#include <string.h>

#include "rmq-error.h"

#define LOCK_TIMEOUT_US (3 * G_TIME_SPAN_SECOND)
#define CURSOR_START_MAX 999

struct _RmqNamesrvChooser
{
  RmqEnv *env;
  const RmqProfile *profile;
  RmqChannelTable *channels;
  GPtrArray *addresses; /* of char*, shuffled: namesrvAddrList */
  char *chosen;         /* (nullable): namesrvAddrChoosed */
  guint32 cursor;       /* namesrvIndex */
  RmqRandom random;
  RmqLock *lock;  /* lockNamesrvChannel */
  GQueue choices; /* of RmqNamesrvChoice: all that are under way */
};

RmqNamesrvChooser *
rmq_namesrv_chooser_new (RmqEnv *env, const RmqProfile *profile, RmqChannelTable *channels)
{
  RmqNamesrvChooser *chooser = g_new0 (RmqNamesrvChooser, 1);
  chooser->env = env;
  chooser->profile = profile;
  chooser->channels = channels;
  chooser->addresses = g_ptr_array_new_with_free_func (g_free);
  rmq_env_random_stream (env, "name server choice", &chooser->random);
  chooser->cursor = (guint32)rmq_random_below (&chooser->random, CURSOR_START_MAX);
  chooser->lock = rmq_lock_new (env, "lockNamesrvChannel");
  g_queue_init (&chooser->choices);
  return chooser;
}

void
rmq_namesrv_chooser_free (RmqNamesrvChooser *chooser)
{
  if (chooser == NULL)
    return;
  g_assert (g_queue_is_empty (&chooser->choices));
  rmq_lock_free (chooser->lock);
  g_ptr_array_unref (chooser->addresses);
  g_free (chooser->chosen);
  g_free (chooser);
}

/* ---- the list ------------------------------------------------------------ */

gboolean
rmq_namesrv_chooser_has (RmqNamesrvChooser *chooser, const char *address)
{
  for (guint i = 0; i < chooser->addresses->len; i++)
    if (strcmp (chooser->addresses->pdata[i], address) == 0)
      return TRUE;
  return FALSE;
}

static GPtrArray *
split (const char *addresses)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = g_strsplit (addresses, ";", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *address = g_strstrip (parts[i]);
      if (address[0] != '\0')
        g_ptr_array_add (list, g_strdup (address));
    }
  return list;
}

static gboolean
differs (RmqNamesrvChooser *chooser, GPtrArray *list)
{
  if (list->len != chooser->addresses->len)
    return TRUE;
  for (guint i = 0; i < list->len; i++)
    if (!rmq_namesrv_chooser_has (chooser, list->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
shuffle (RmqNamesrvChooser *chooser, GPtrArray *list)
{
  for (guint i = list->len; i > 1; i--)
    {
      guint j = (guint)rmq_random_below (&chooser->random, i);
      gpointer swapped = list->pdata[i - 1];
      list->pdata[i - 1] = list->pdata[j];
      list->pdata[j] = swapped;
    }
}

static void
forget_removed (RmqNamesrvChooser *chooser)
{
  gint choice = rmq_profile_get_choice (chooser->profile, RMQ_ROW_NAMESRV_CHOICE);
  if (chooser->chosen == NULL || choice == RMQ_NAMESRV_CHOICE_KEEPS
      || rmq_namesrv_chooser_has (chooser, chooser->chosen))
    return;
  g_autofree char *removed = g_steal_pointer (&chooser->chosen);
  if (choice == RMQ_NAMESRV_CHOICE_DROPS_AND_CLOSES)
    rmq_channel_table_close_address (chooser->channels, removed, RMQ_CHANNEL_END_DROPPED);
}

void
rmq_namesrv_chooser_update (RmqNamesrvChooser *chooser, const char *addresses)
{
  g_autoptr (GPtrArray) list = split (addresses);
  if (list->len == 0 || !differs (chooser, list))
    return;
  shuffle (chooser, list);
  g_ptr_array_unref (chooser->addresses);
  chooser->addresses = g_steal_pointer (&list);
  g_autofree char *text = rmq_namesrv_chooser_format (chooser);
  RMQ_EMIT (chooser->env, &rmq_event_namesrv_list, text, (gint64)chooser->addresses->len);
  forget_removed (chooser);
}

char *
rmq_namesrv_chooser_format (RmqNamesrvChooser *chooser)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < chooser->addresses->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ";" : "",
                            (const char *)chooser->addresses->pdata[i]);
  return g_string_free (text, FALSE);
}

/* ---- choosing ------------------------------------------------------------ */

static void
finish (RmqNamesrvChoice *choice, RmqConnection *connection, const GError *error)
{
  RmqNamesrvChooser *chooser = choice->chooser;
  g_queue_unlink (&chooser->choices, &choice->link);
  choice->chooser = NULL;
  gboolean held_lock = choice->holds_lock;
  choice->holds_lock = FALSE;
  choice->func (connection, error, choice->data);
  if (held_lock)
    rmq_lock_release (chooser->lock);
}

static void
fail (RmqNamesrvChoice *choice, const char *why)
{
  g_autofree char *list = rmq_namesrv_chooser_format (choice->chooser);
  g_autoptr (GError) error = g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_CONNECT,
                                          "connect to name server [%s] failed: %s", list, why);
  finish (choice, NULL, error);
}

static void try_next (RmqNamesrvChoice *choice);

static void
connected_cb (RmqConnection *connection, const GError *error, gpointer data)
{
  RmqNamesrvChoice *choice = data;
  if (connection != NULL)
    finish (choice, connection, NULL);
  else if (choice->tries_left > 0)
    try_next (choice);
  else
    fail (choice, error->message);
}

/* A connect is decided by an event, never inside the call, so this does not nest. */
static void
try_next (RmqNamesrvChoice *choice)
{
  RmqNamesrvChooser *chooser = choice->chooser;
  choice->tries_left--;
  guint index = (++chooser->cursor & 0x7FFFFFFF) % chooser->addresses->len;
  g_free (chooser->chosen);
  chooser->chosen = g_strdup (chooser->addresses->pdata[index]);
  RMQ_EMIT (chooser->env, &rmq_event_namesrv_chosen, chooser->chosen, (gint64)index);
  rmq_channel_table_get (chooser->channels, chooser->chosen, &choice->wait, connected_cb, choice);
}

static gboolean
chosen_is_open (RmqNamesrvChooser *chooser)
{
  return chooser->chosen != NULL && rmq_channel_table_is_open (chooser->channels, chooser->chosen);
}

static void
lock_cb (gboolean acquired, gpointer data)
{
  RmqNamesrvChoice *choice = data;
  RmqNamesrvChooser *chooser = choice->chooser;
  choice->queued = FALSE;
  choice->holds_lock = acquired;
  gboolean one = rmq_profile_get_choice (chooser->profile, RMQ_ROW_NAMESRV_PER_CALL)
                 == RMQ_NAMESRV_PER_CALL_ONE;
  choice->tries_left = one ? 1 : chooser->addresses->len;
  if (!acquired)
    fail (choice, "another caller was choosing for 3 s");
  else if (chosen_is_open (chooser))
    rmq_channel_table_get (chooser->channels, chooser->chosen, &choice->wait, connected_cb, choice);
  else
    try_next (choice);
}

void
rmq_namesrv_chooser_get (RmqNamesrvChooser *chooser, RmqNamesrvChoice *choice, RmqChannelFunc func,
                         gpointer data)
{
  g_assert (choice->chooser == NULL);
  *choice = (RmqNamesrvChoice){
    .chooser = chooser, .func = func, .data = data, .tries_left = 0, .link.data = choice
  };
  g_queue_push_tail_link (&chooser->choices, &choice->link);
  if (chooser->addresses->len == 0)
    fail (choice, "no address is known");
  else if (chosen_is_open (chooser))
    rmq_channel_table_get (chooser->channels, chooser->chosen, &choice->wait, connected_cb, choice);
  else
    {
      choice->queued = TRUE;
      rmq_lock_acquire (chooser->lock, "choice", LOCK_TIMEOUT_US, lock_cb, choice);
    }
}

void
rmq_namesrv_choice_cancel (RmqNamesrvChoice *choice)
{
  RmqNamesrvChooser *chooser = choice->chooser;
  if (chooser == NULL)
    return;
  rmq_channel_wait_cancel (&choice->wait);
  if (choice->queued)
    rmq_lock_cancel (chooser->lock, choice);
  g_queue_unlink (&chooser->choices, &choice->link);
  choice->chooser = NULL;
  if (choice->holds_lock)
    rmq_lock_release (chooser->lock);
}

guint
rmq_namesrv_chooser_get_size (RmqNamesrvChooser *chooser)
{
  return chooser->addresses->len;
}

const char *
rmq_namesrv_chooser_get_address (RmqNamesrvChooser *chooser, guint index)
{
  return chooser->addresses->pdata[index];
}

const char *
rmq_namesrv_chooser_get_chosen (RmqNamesrvChooser *chooser)
{
  return chooser->chosen;
}

RmqLock *
rmq_namesrv_chooser_get_lock (RmqNamesrvChooser *chooser)
{
  return chooser->lock;
}

/* SPDX-License-Identifier: Apache-2.0 */

/* MQClientManager: the factoryTable of each host, and the process's own host. The mutex guards only
 * the two lists of what exists; the tables inside belong to the host's loop. Must never hold the
 * mutex while it calls anything that may wait. */

#include "rmq-client-manager.h"

#include <pthread.h>
#include <string.h>

#include "rmq-client-instance.h"
#include "rmq-message-codec.h"
#include "rmq-real-world.h"

struct _RmqClientManager
{
  RmqEnv *env;
  guint refs;               /* guarded by the mutex */
  GPtrArray *factory_table; /* of RmqClientInstance, in order of creation */
  guint next_index;
  gint32 next_opaque;
  guint next_nano;
  RmqUniqKeyMaker uniq_keys; /* never changed after init: each use works on a copy */
  gint uniq_counter;         /* atomic */
};

/* pthread's, since GLib's own is invisible to the thread sanitizer. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static GPtrArray *managers; /* of RmqClientManager, one a host */
static RmqEnv *process_env; /* (nullable) */
static guint process_env_users;

static RmqClientManager *
manager_new (RmqEnv *env)
{
  RmqClientManager *manager = g_new0 (RmqClientManager, 1);
  manager->env = env;
  manager->factory_table = g_ptr_array_new ();
  RmqRandom random;
  rmq_env_random_stream (env, "unique ids", &random);
  const char *address = rmq_env_get_host_address (env);
  rmq_uniq_key_maker_init (&manager->uniq_keys, address != NULL ? address : "127.0.0.1",
                           (guint16)rmq_env_get_pid (env), (guint32)rmq_random_next (&random));
  /* Months are computed once here, not for each copy. */
  RmqUniqKeyMaker primed = manager->uniq_keys;
  char key[RMQ_UNIQ_KEY_SIZE_MAX];
  rmq_uniq_key_maker_next (&primed, rmq_env_wall (env), rmq_env_get_utc_offset_s (env), key);
  manager->uniq_keys.start_ms = primed.start_ms;
  manager->uniq_keys.next_start_ms = primed.next_start_ms;
  return manager;
}

static RmqClientManager *
find_manager (RmqEnv *env)
{
  for (guint i = 0; managers != NULL && i < managers->len; i++)
    {
      RmqClientManager *manager = managers->pdata[i];
      if (manager->env == env)
        return manager;
    }
  return NULL;
}

RmqClientManager *
rmq_client_manager_ref_for (RmqEnv *env)
{
  pthread_mutex_lock (&mutex);
  RmqClientManager *manager = find_manager (env);
  if (manager == NULL)
    {
      if (managers == NULL)
        managers = g_ptr_array_new ();
      manager = manager_new (env);
      g_ptr_array_add (managers, manager);
    }
  manager->refs++;
  pthread_mutex_unlock (&mutex);
  return manager;
}

void
rmq_client_manager_unref (RmqClientManager *manager)
{
  if (manager == NULL)
    return;
  pthread_mutex_lock (&mutex);
  gboolean last = --manager->refs == 0;
  if (last)
    {
      g_ptr_array_remove (managers, manager);
      if (managers->len == 0)
        g_clear_pointer (&managers, g_ptr_array_unref);
    }
  pthread_mutex_unlock (&mutex);
  if (!last)
    return;
  g_assert (manager->factory_table->len == 0);
  g_ptr_array_unref (manager->factory_table);
  g_free (manager);
}

RmqEnv *
rmq_client_manager_get_env (RmqClientManager *manager)
{
  return manager->env;
}

/* ---- the process's own host ---------------------------------------------- */

static void
release_env (RmqEnv *env)
{
  RmqWorld *world = rmq_env_get_world (env);
  rmq_env_unref (env);
  rmq_real_world_unshare (world);
}

/* Two threads may make one at a time: the second one's is given back. */
RmqEnv *
rmq_process_env_ref (void)
{
  RmqEnv *fresh = NULL;
  pthread_mutex_lock (&mutex);
  if (process_env == NULL)
    {
      pthread_mutex_unlock (&mutex);
      fresh = rmq_real_world_add_local_host (rmq_real_world_share ());
      pthread_mutex_lock (&mutex);
      if (process_env == NULL)
        process_env = g_steal_pointer (&fresh);
    }
  process_env_users++;
  RmqEnv *env = process_env;
  pthread_mutex_unlock (&mutex);
  if (fresh != NULL)
    release_env (fresh);
  return env;
}

void
rmq_process_env_unref (RmqEnv *env)
{
  /* The loop can't end itself: what is given back in there stays for the next who asks. */
  gboolean in_loop = rmq_env_in_dispatch (env);
  pthread_mutex_lock (&mutex);
  g_assert (env == process_env && process_env_users > 0);
  gboolean last = --process_env_users == 0 && !in_loop;
  if (last)
    process_env = NULL;
  pthread_mutex_unlock (&mutex);
  if (last)
    release_env (env);
}

/* ---- numbers ------------------------------------------------------------- */

void
rmq_client_manager_next_uniq_key (RmqClientManager *manager, char key[RMQ_UNIQ_KEY_SIZE_MAX])
{
  RmqUniqKeyMaker maker = manager->uniq_keys;
  maker.counter = (guint16)g_atomic_int_add (&manager->uniq_counter, 1);
  rmq_uniq_key_maker_next (&maker, rmq_env_wall (manager->env),
                           rmq_env_get_utc_offset_s (manager->env), key);
}

gint32
rmq_client_manager_next_opaque (RmqClientManager *manager)
{
  gint32 opaque = manager->next_opaque;
  manager->next_opaque = opaque == G_MAXINT32 ? G_MININT32 : opaque + 1;
  return opaque;
}

gint
rmq_client_manager_next_nano (RmqClientManager *manager)
{
  return (gint)(manager->next_nano++ % 1000);
}

guint
rmq_client_manager_next_index (RmqClientManager *manager)
{
  return manager->next_index++;
}

/* ---- factoryTable -------------------------------------------------------- */

void
rmq_client_manager_add (RmqClientManager *manager, RmqClientInstance *instance)
{
  g_assert (rmq_env_is_owner (manager->env));
  g_ptr_array_add (manager->factory_table, instance);
}

void
rmq_client_manager_remove (RmqClientManager *manager, RmqClientInstance *instance)
{
  gboolean removed = g_ptr_array_remove (manager->factory_table, instance);
  g_assert (removed);
}

RmqClientInstance *
rmq_client_manager_find (RmqClientManager *manager, const char *client_id)
{
  for (guint i = 0; i < manager->factory_table->len; i++)
    {
      RmqClientInstance *instance = manager->factory_table->pdata[i];
      if (!instance->leaving && strcmp (instance->client_id, client_id) == 0)
        return instance;
    }
  return NULL;
}

guint
rmq_client_manager_get_size (RmqClientManager *manager)
{
  return manager->factory_table->len;
}

RmqClientInstance *
rmq_client_manager_get_instance (RmqClientManager *manager, guint index)
{
  return manager->factory_table->pdata[index];
}
